"""The LatentExplorer where there is little room, by hand: what is needed next is in sight."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.all_widgets import set_room
from tests.browser.conftest import OpenNotebook
from tests.browser.notebook import wait_still
from tests.browser.test_explorer_by_hand import FACES, show

pytest.importorskip("jscatter", reason="needs the extra map")

CORNERS = [(0.15, 0.15), (0.45, 0.15), (0.45, 0.5), (0.15, 0.5), (0.15, 0.15)]
# Whether all of something is in sight: in the window, cut by nothing, and nothing over it.
WHOLE = """(one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    const places = [0.02, 0.5, 0.98].flatMap((x) => [0.05, 0.5, 0.95].map((y) => [x, y]));
    return top >= 0 && bottom <= innerHeight && places.every(([x, y]) => one.contains(
        document.elementFromPoint(left + x * (right - left), top + y * (bottom - top))));
}"""
# What a notebook scrolls in, and how far it is.
SCROLL = "(root) => root.closest('.jp-WindowedPanel-outer').scrollTop"
HEIGHT = "(root) => root.closest('.jp-WindowedPanel-outer').clientHeight"


def lasso(root: Locator) -> None:
    box: Any = root.locator(".lw-ground").bounding_box()
    mouse = root.page.mouse
    for i, (x, y) in enumerate(CORNERS):
        mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=1 + 7 * (i > 0))
        if i == 0:
            mouse.down()
    mouse.up()


@pytest.mark.slow
@pytest.mark.parametrize("height", [900, 1200])
def test_what_follows_a_lasso_is_in_sight(open_notebook: OpenNotebook, height: int) -> None:
    notebook, root = show(open_notebook, FACES)
    page = notebook.page
    page.set_viewport_size({"width": 1400, "height": height})
    set_room(notebook, 420)
    root.get_by_role("tab", name="Map").click()
    ground, bar = root.locator(".lw-ground"), root.locator(".lw-selection")
    # As somebody scrolls who wants to see the map: its picture stays, and takes a third at most.
    root.evaluate(
        """(root) => {
            const box = root.closest('.jp-WindowedPanel-outer');
            const [own, around] = [root, box].map((one) => one.getBoundingClientRect().top);
            box.scrollTop += own - around + 60;
        }"""
    )
    wait_still(ground)
    picture, looks = root.locator(".lw-looks .lw-seen canvas").first, root.locator(".lw-looks")
    assert picture.evaluate(WHOLE)
    page_height = root.evaluate(HEIGHT)
    box: Any = looks.bounding_box()
    assert box["height"] <= height / 3
    assert box["y"] < height - page_height, "at the top of what scrolls"

    root.get_by_role("button", name="Lasso").click()
    scrolled = root.evaluate(SCROLL)
    lasso(root)
    name = bar.get_by_role("textbox")
    expect(name).to_be_focused()
    said = bar.locator(".lw-chosen-of")
    expect(said).to_have_text(re.compile(r"^\d+ selected$"))
    for one in (said, name, bar.get_by_role("button", name="Make slider")):
        assert one.evaluate(WHOLE), one
    assert root.evaluate(SCROLL) == scrolled, "nothing moves under the mouse"
    # The keys go back to the map: what is selected stays until they say so there.
    page.keyboard.press("Escape")
    expect(ground).to_be_focused()
    page.wait_for_timeout(500)
    expect(said).to_have_text(re.compile("selected$"))
    page.keyboard.press("Escape")
    expect(said).to_have_text("")

    page.evaluate("document.activeElement.blur()")  # as where somebody comes from another cell
    lasso(root)
    expect(name).to_be_focused()
    count = said.inner_text()
    page.keyboard.type("mine")
    page.keyboard.press("Enter")
    row = root.locator('.lw-row[aria-label="mine"]')
    row.wait_for()
    wait_still(row)
    assert row.evaluate(WHOLE)
    assert picture.evaluate(WHOLE)
    assert "lw-new" in (row.get_attribute("class") or "")
    first = root.locator(".lw-row").first
    expect(first).to_have_attribute("aria-label", "mine")
    assert count == f"{notebook.value('len(e.map.selection)')} selected"
    assert notebook.value("e.editor.directions.names[-1]") == "mine", "in Python it is the last"
    assert notebook.console_errors == []


@pytest.mark.slow
def test_labels_are_short_and_whole_lines(open_notebook: OpenNotebook) -> None:
    notebook, root = show(open_notebook, FACES)
    set_room(notebook, 420)
    known = root.locator('.lw-looks [data-lw-part="map"] .lw-known')
    for line in known.locator(".lw-map-line").all():
        name, text = line.locator("span").all()
        row = known.get_attribute("data-lw-row")
        [full] = notebook.value(
            f"[f'{{v[{row}]:.6g}}' if v.dtype.kind == 'f' else str(v[{row}])"
            f" for n, v in e.map.labels.items() if n == {name.inner_text()!r}]"
        )
        if "." not in full:
            assert text.inner_text() == full
            continue
        assert len(text.inner_text().replace("-", "").replace("0.", "").lstrip("0")) <= 3
        assert float(text.inner_text()) == pytest.approx(float(full), rel=0.01)
        assert (text.get_attribute("title") or text.inner_text()) == full
    height, line = known.evaluate(
        "(one) => [one.clientHeight, parseFloat(getComputedStyle(one).lineHeight)]"
    )
    assert height / line == pytest.approx(round(height / line), abs=0.05)
