"""The LatentExplorer with its map, driven by hand: a lasso, a slider, a name, and its layout."""

from __future__ import annotations

import os
import re
import signal

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.all_widgets import set_room
from tests.browser.conftest import OpenNotebook
from tests.browser.map_view import SPACE, MapView
from tests.browser.notebook import Notebook, until, wait_still

pytest.importorskip("jscatter", reason="needs the extra map")

WIDGET = "e = lw.explore(space, latents, {'side': labels})\ne"
# Round the right half of the map.
RIGHT = [(3.0, -13.0), (23.0, -13.0), (23.0, 13.0), (3.0, 13.0)]
TOP_RIGHT = [(3.0, 1.0), (23.0, 1.0), (23.0, 13.0), (3.0, 13.0)]
FACES = """
import latentwidgets as lw
e = lw.explore(lw.demo.faces())
e
"""


def show(open_notebook: OpenNotebook, *cells: str) -> tuple[Notebook, Locator]:
    notebook = open_notebook(cells, own_page=True)
    page = notebook.page
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    page.set_viewport_size({"width": 1400, "height": 1000})
    for index in range(len(cells)):
        notebook.run(index)
    root = page.locator(".lw-latent-explorer")
    root.locator(".lw-ground[data-lw-ready='true']").wait_for(timeout=45_000)
    root.locator(".lw-looks .lw-seen canvas[data-lw-exact='true']").wait_for()
    wait_still(root)
    return notebook, root


@pytest.mark.slow
def test_a_lasso_becomes_a_slider_with_a_name_and_labels(open_notebook: OpenNotebook) -> None:
    notebook, root = show(open_notebook, SPACE, WIDGET)
    chart = MapView(notebook)
    chart.lasso(RIGHT)
    bar = root.locator(".lw-selection")
    name = bar.get_by_role("textbox")
    bar.locator("input:enabled").wait_for()
    count = notebook.value("len(e.map.selection)")
    assert 60 < count < 130, "about half of 231 points"
    expect(root.locator(".lw-shown option:checked")).to_have_text(f"{count} selected")
    assert notebook.value("(e.grid.latents[:, 0] > 0).all().item()")
    root.locator(".lw-part-editor .lw-fold").click()  # closed: a new slider opens it
    root.evaluate(SCROLLED, 200)  # what stays in sight lies over the sliders now
    name.fill("right side")
    bar.get_by_role("button", name="Make slider").click()
    row = root.locator('.lw-row[aria-label="right side"]')
    row.wait_for()
    assert "lw-new" in (row.get_attribute("class") or "")
    wait_still(row)
    within = """(row) => {
        const [a, b] = [row, row.closest('.lw-list')].map((one) => one.getBoundingClientRect());
        const { left, top, right, bottom } = row.querySelector('.lw-track').getBoundingClientRect();
        const seen = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        return a.top >= b.top - 1 && a.bottom <= b.bottom + 1 && row.contains(seen);
    }"""
    assert row.evaluate(within), "it has scrolled into view"
    before = notebook.value("e.editor.latent[0].item()")
    row.locator(".lw-slider").press("PageUp")
    notebook.wait_value("e.editor.value['right side']", 1.0)
    assert notebook.value("e.editor.latent[0].item()") > before + 1
    name.fill("far right")
    bar.get_by_role("button", name="Add label").click()
    legend = root.locator(".lw-map-legend")
    legend.get_by_text("far right").first.wait_for()
    notebook.wait_value("sum(one == 'far right' for one in [*e.map.labels.values()][-1])", count)
    assert notebook.console_errors == []


@pytest.mark.slow
def test_a_lasso_that_is_dropped_before_the_kernel_hears_of_it_is_forgotten(
    open_notebook: OpenNotebook,
) -> None:
    notebook, root = show(open_notebook, SPACE, WIDGET)
    chart = MapView(notebook)
    bar = root.locator(".lw-selection")
    name, count = bar.get_by_role("textbox"), bar.locator(".lw-chosen-of")
    kernel = int(notebook.value("__import__('os').getpid()"))
    os.kill(kernel, signal.SIGSTOP)
    try:
        # What is selected while the first is not answered is told at once, as it is in the end.
        for corners in (RIGHT, TOP_RIGHT):
            chart.lasso(corners)
            expect(name).to_be_focused()
            expect(count).to_have_text(re.compile(r"^\d+ selected$"))
        name.press("Escape")
        notebook.page.keyboard.press("Escape")
    finally:
        os.kill(kernel, signal.SIGCONT)
    notebook.wait_value("len(e.map.selection)", 0)
    expect(count).to_have_text("")
    expect(name).to_be_disabled()
    chart.lasso(TOP_RIGHT)
    expect(bar.get_by_role("button", name="Make slider")).to_be_enabled(timeout=20_000)
    assert notebook.console_errors == []


# Top and bottom of what a lasso or a slider needs, in CSS pixels from the top of the explorer.
NEEDED = """(root) => {
    const top = root.getBoundingClientRect().top;
    const needed = ['.lw-ground', '.lw-map-legend', '.lw-selection', '.lw-looks .lw-seen canvas',
        '.lw-row .lw-slider'];
    return needed.map((one) => {
        const what = root.querySelector(one);
        if (!what.checkVisibility({ visibilityProperty: true })) throw new Error(`${one} unseen`);
        return what.getBoundingClientRect().bottom - top;
    });
}"""


# Whether nothing lies over the middle of a control.
UNCOVERED = """(one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return one === document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
}"""


# Scrolls the notebook so far past the top of the explorer. Resolves to where the picture is then,
# in CSS pixels from the top of what scrolls.
SCROLLED = """async (root, by) => {
    const box = root.closest('.jp-WindowedPanel-outer');
    const { top } = box.getBoundingClientRect();
    box.scrollTop += root.getBoundingClientRect().top - top + by;
    await new Promise((done) => setTimeout(done, 500));
    if (root.getBoundingClientRect().top - top > 2 - by) throw new Error('it did not scroll');
    const picture = root.querySelector('.lw-looks .lw-seen canvas').getBoundingClientRect();
    return [picture.top - top, picture.bottom - top];
}"""


@pytest.mark.slow
def test_what_a_lasso_or_a_slider_needs_is_in_sight_with_the_picture(
    open_notebook: OpenNotebook,
) -> None:
    notebook, root = show(open_notebook, FACES)
    notebook.page.set_viewport_size({"width": 1400, "height": 900})
    set_room(notebook, 1200)
    wait_still(root)
    assert root.get_attribute("data-lw-layout") == "columns"
    notebook.execute("e.map.selection = range(20)")
    root.locator(".lw-selection input:enabled").wait_for()
    assert max(root.evaluate(NEEDED)) <= 900
    # It stays in sight while what lies below is scrolled through.
    begin, end = root.evaluate(SCROLLED, 400)
    assert 0 <= begin < 100, "right below what does not scroll"
    assert end > begin + 200
    # Nor does it take all the room while something is opened in it: sliders are seen below it.
    looks = root.locator(".lw-looks")
    looks.locator(".lw-seen").get_by_role("button", name="Save…").click()
    looks.locator(".lw-saver:visible").wait_for()
    slider = root.locator(".lw-row .lw-slider").first
    slider.scroll_into_view_if_needed()
    slider.focus()
    wait_still(slider)
    assert slider.evaluate(UNCOVERED)
    # On a low page there is no room for both: it scrolls away.
    notebook.page.set_viewport_size({"width": 1400, "height": 768})
    wait_still(root)
    begin, _ = root.evaluate(SCROLLED, 400)
    assert begin < 0


@pytest.mark.slow
def test_columns_are_dragged_and_the_explorer_fills_the_screen(
    open_notebook: OpenNotebook,
) -> None:
    notebook, root = show(open_notebook, SPACE, WIDGET)
    page = notebook.page
    first, bar = root.locator(".lw-column").first, root.get_by_role("separator")
    wide = first.evaluate("(one) => one.clientWidth")
    box = bar.bounding_box()
    assert box
    page.mouse.move(box["x"] + 6, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] - 194, box["y"] + 200, steps=5)
    page.mouse.up()

    def is_as_wide(width: float, within: float) -> None:
        assert first.evaluate("(one) => one.clientWidth") == pytest.approx(width, abs=within)

    until(lambda: is_as_wide(wide - 200, 8))
    share = float(bar.get_attribute("aria-valuenow") or 0)
    assert share < 45
    notebook.wait_value(
        "round(e._arranged.get('share', 0))", round(share)
    )  # over a reload it is there
    bar.dblclick()
    until(lambda: is_as_wide(wide, 2))

    button = root.get_by_role("button", name="Full screen")
    button.click()
    page.wait_for_function("() => document.fullscreenElement?.matches('.lw-latent-explorer')")
    expect(button).to_have_attribute("aria-pressed", "true")

    def fills() -> None:
        box, size = root.bounding_box(), page.viewport_size
        assert box
        assert size
        assert box["width"] == pytest.approx(size["width"], abs=20)
        assert not root.evaluate("(root) => root.scrollWidth > root.clientWidth")

    until(fills)
    button.click()
    page.wait_for_function("() => document.fullscreenElement === null")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert notebook.console_errors == []


# Whether the middle of something is in sight: in the window, and nothing lies over it.
SEEN = """(one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return one.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
}"""


@pytest.mark.slow
def test_rows_that_come_again_are_not_below_the_picture_that_stays(
    open_notebook: OpenNotebook,
) -> None:
    notebook, root = show(
        open_notebook, "import latentwidgets as lw\ne = lw.explore(lw.demo.digits())\ne"
    )
    root.get_by_role("button", name="Add axes").click()
    first = root.locator('.lw-row[aria-label="axis 0"]')
    first.wait_for()
    root.evaluate("(one) => one.focus({ preventScroll: true })")
    notebook.page.keyboard.press("Control+z")
    first.wait_for(state="detached")
    root.locator(".lw-list").evaluate(
        """(list) => {
            const box = list.closest('.jp-WindowedPanel-outer');
            box.scrollTop += list.getBoundingClientRect().top - 100;
        }"""
    )
    wait_still(root)
    assert not root.locator(".lw-list").evaluate(SEEN.replace("(top + bottom) / 2", "top + 20"))
    notebook.page.keyboard.press("Control+Shift+z")
    first.wait_for()
    wait_still(first)
    assert first.evaluate(SEEN)
    assert root.locator('.lw-row[aria-label="axis 3"]').evaluate(SEEN), "and with it those after it"


# How many lines of a box that scrolls can be seen.
LINES = """(one) => {
    const { lineHeight, paddingTop } = getComputedStyle(one);
    return (one.clientHeight - parseFloat(paddingTop)) / parseFloat(lineHeight);
}"""
LONG = """
sides = np.where(x < 0, "left ", "right ").astype(object) + "of the many words that it has " * 20
e = lw.explore(space, latents, {"side": sides})
e
"""


@pytest.mark.slow
def test_what_there_is_more_is_said(open_notebook: OpenNotebook) -> None:
    notebook, root = show(open_notebook, SPACE, LONG)
    known = root.locator(".lw-looks .lw-known", has_text="many words").first
    MapView(notebook).click(-4, 2)
    known.wait_for()
    notebook.execute("decoder.fault = 'one of the many words, ' * 40")
    MapView(notebook).click(8, -6)
    alert = root.locator(".lw-looks > .lw-alert")
    alert.wait_for()
    for box in (known, alert):
        expect(box).to_have_attribute("tabindex", "0")
    assert alert.evaluate(LINES) == pytest.approx(6.5, abs=0.1), "half a line says it"
    assert known.evaluate(LINES) == pytest.approx(6, abs=0.05), "whole lines"
    said = "(one) => getComputedStyle(one, '::after').content"
    hidden = known.evaluate(
        """(one) => (one.firstElementChild.offsetHeight - one.clientHeight)
            / parseFloat(getComputedStyle(one).lineHeight)"""
    )
    assert known.evaluate(said) == f'"↓ {round(hidden) + 1} more"', "and the last in sight"
    known.evaluate("(one) => { one.scrollTop = one.scrollHeight; }")
    expect(known).not_to_have_attribute("data-lw-below", re.compile(""))
    assert known.evaluate(said) == "none"
