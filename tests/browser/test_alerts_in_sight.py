"""What went wrong is said where the person looks, and moves no slider away from under a thumb."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.all_widgets import set_room
from tests.browser.conftest import OpenNotebook

SPACE = """
import numpy as np, latentwidgets as lw
digits, fails = lw.demo.digits(), []
def decode(z):
    if fails:
        raise MemoryError("Unable to allocate so many bytes for such an array. " * fails[-1])
    return digits.space.decode(z)
space = lw.LatentSpace(decode, 10, value_range=(0, 255))
axes = lw.axis_directions(space)
own = lw.LatentSpace(
    lambda z, gain: gain * decode(z), 10, value_range=(0, 255), conditions={"gain": (1.0, 0.0, 2.0)}
)
"""
CELLS = {
    "editor": "lw.DirectionEditor(space, digits.latents[0], axes)",
    "explorer": "lw.explore(space, digits.latents[:60])",
    "path": "lw.Interpolator(own, digits.latents[:3])",
    "grid": "lw.LatentGrid(own, digits.latents[:60])",
}
SLIDERS = {"path": ".lw-conditions .lw-slider", "grid": ".lw-conditions .lw-slider"}
WIDE = {
    "editor": "lw.DirectionEditor(digits, digits.latents[0], lw.axis_directions(space), size=900)",
    "path": "lw.Interpolator(digits, size=900)",
    "grid": "lw.LatentGrid(digits, digits.latents[:60], columns=30, cell_size=96, size=900)",
    "explorer": "e = lw.explore(digits); e.grid.size, e.grid.cell_size = 900, 96; e",
}
# Whether the middle of something lies within the page and under nothing else.
SEEN = """(one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return top >= 0 && bottom <= innerHeight && one.contains(above);
}"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", CELLS)
def test_a_decoder_that_fails_is_told_in_sight_of_the_slider(
    open_notebook: OpenNotebook, kind: str
) -> None:
    notebook = open_notebook([SPACE, CELLS[kind]], own_page=True)
    notebook.run(0)
    notebook.run(1)
    root = notebook.output(1).locator(".lw-root").first
    slider = root.locator(SLIDERS.get(kind, ".lw-row .lw-slider")).first
    slider.wait_for(state="attached")
    set_room(notebook, 400)
    slider.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    slider.focus()
    before = slider.bounding_box()
    notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        ".requestExecute({ code: 'fails.append(9)' }).done"
    )
    slider.press("PageUp")
    alert = root.locator(".lw-alert:visible")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text("Unable to allocate")
    assert alert.evaluate(SEEN)
    assert slider.evaluate(SEEN)
    assert slider.bounding_box() == before
    lines = alert.evaluate(
        "(one) => (one.clientHeight - 8) / parseFloat(getComputedStyle(one).lineHeight)"
    )
    assert lines == pytest.approx(6.5, abs=0.1)  # half a line says that there is more
    expect(alert).to_have_attribute("tabindex", "0")
    for _ in range(60):  # nor does it cover what is tabbed to
        notebook.page.keyboard.press("Tab")
        focused = notebook.page.locator(":focus")
        name = focused.evaluate("(one) => one.outerHTML.slice(0, 200)")
        assert focused.evaluate(SEEN), name
        if focused.evaluate("(one) => one.matches('.lw-alert')"):
            break
    if kind == "explorer":
        expect(alert.locator("xpath=ancestor::section")).to_have_attribute(
            "aria-label", "Directions"
        )


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["editor", "path", "grid"])
def test_who_tabs_through_a_widget_stops_at_no_short_alert(
    open_notebook: OpenNotebook, kind: str
) -> None:
    notebook = open_notebook([SPACE, CELLS[kind]])
    notebook.run(0)
    notebook.run(1)
    root = notebook.output(1).locator(".lw-root").first
    slider = root.locator(SLIDERS.get(kind, ".lw-row .lw-slider")).first
    slider.wait_for(state="attached")
    notebook.execute("fails.append(1)")
    slider.press("PageUp")
    alert = root.locator(".lw-alert:visible")
    expect(alert).to_contain_text("Unable to allocate")
    assert alert.evaluate("(one) => one.scrollHeight <= one.clientHeight")
    assert alert.evaluate("(one) => one.tabIndex") == -1


@pytest.mark.slow
def test_pictures_along_a_slider_do_not_cover_it(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACE, CELLS["explorer"]], own_page=True)
    notebook.run(0)
    notebook.run(1)
    root = notebook.output(1).locator(".lw-root").first
    slider = root.locator(".lw-row .lw-slider").nth(3)
    slider.wait_for(state="attached")
    set_room(notebook, 1000)
    slider.evaluate("(one) => one.scrollIntoView({ block: 'start' })")  # just below what stays
    slider.focus()
    pictures, alert = root.locator(".lw-preview"), root.locator(".lw-alert:visible")
    expect(pictures).to_be_visible()
    notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        ".requestExecute({ code: 'fails.append(9)' }).done"
    )
    slider.press("PageUp")
    expect(alert).to_contain_text("Unable to allocate")
    expect(pictures).to_be_visible()
    said, shown = alert.bounding_box(), pictures.bounding_box()
    assert said is not None
    assert shown is not None
    above, below = sorted((said, shown), key=lambda one: one["y"])
    assert above["y"] + above["height"] <= below["y"]


@pytest.mark.slow
def test_widgets_wider_than_their_room_do_not_widen_the_notebook(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([SPACE, *WIDE.values()], own_page=True)
    notebook.run(0)
    for i in range(1, len(WIDE) + 1):
        notebook.run(i)
        notebook.output(i).locator(".lw-root .lw-status").first.wait_for(state="attached")
    set_room(notebook, 400)
    widths = notebook.page.evaluate(
        """() => [...document.querySelectorAll(
            ".jp-WindowedPanel-outer, .jp-OutputArea-output, .lw-root, .lw-columns"
        )].map((one) => [one.className, one.scrollWidth - one.clientWidth])"""
    )
    assert len(widths) > len(WIDE)
    assert [one for one in widths if one[1] > 1] == []
