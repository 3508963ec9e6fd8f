"""The LatentGrid in a real JupyterLab: driven by hand, judged by its pixels."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.editor_view import SPACE
from tests.browser.grid_view import CELLS, GridView
from tests.browser.notebook import Notebook

GRID = "w = lw.LatentGrid(space, cells(5, 8))\nw"
PLANE = (
    "w = lw.LatentGrid.plane(space, [0, 0, 0], lw.Direction('a', [0, 1, 0]),"
    " lw.Direction('b', [1, 0, 0]))\nw"
)


def show(open_notebook: OpenNotebook, widget: str = GRID) -> tuple[Notebook, GridView]:
    notebook = open_notebook([SPACE + CELLS, widget])
    notebook.run(0)
    notebook.run(1)
    return notebook, GridView(notebook)


def carries(row: float, column: float) -> tuple[Any, Any]:
    """What the pixels of a cell should carry."""
    return pytest.approx(row / 100, abs=2e-4), pytest.approx(column / 100, abs=2e-4)


def test_every_cell_shows_its_own_latent(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    view.wait_cells(*range(40))
    for index in range(40):
        assert view.carried(index) == carries(*divmod(index, 8))
    assert notebook.console_errors == []


def test_only_what_comes_near_the_view_is_decoded(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook, "w = lw.LatentGrid(space, cells(125, 16))\nw")
    view.wait_cells(*range(100))
    view.page.wait_for_timeout(1000)
    before = notebook.value("decoder.decoded")
    assert before < 700
    view.scroll(1e6)
    view.wait_cells(1999)
    assert view.carried(1999) == carries(124, 15)
    view.page.wait_for_timeout(1000)
    assert notebook.value("decoder.decoded") < before + 700
    view.scroll(0)
    view.wait_cells(0, 100)
    assert view.carried(100) == carries(6, 4)


@pytest.mark.slow
def test_cells_are_chosen_by_mouse(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    view.cell(9).click()
    assert view.chosen() == [9]
    view.cell(20).click(modifiers=["Control"])
    assert view.chosen() == [9, 20]
    view.cell(9).click(modifiers=["Control"])
    assert view.chosen() == [20]
    view.cell(10).click()
    view.cell(19).click(modifiers=["Shift"])
    assert view.chosen() == [10, 11, 18, 19]
    notebook.wait_value("[w.selected, *w.selection]", [19, 10, 11, 18, 19])
    notebook.execute("w.selection = [0, 7]")
    view.page.wait_for_selector(".lw-box[data-lw-index='0'][aria-selected='true']")
    assert view.chosen() == [0, 7]


def test_cells_are_chosen_by_keys(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    view.cell(9).click()
    keyboard = view.page.keyboard
    for key in ("ArrowRight", "ArrowDown"):
        keyboard.press(key)
    assert view.chosen() == [18]
    keyboard.press("Shift+ArrowRight")
    assert view.chosen() == [18, 19]
    keyboard.press("Control+End")
    keyboard.press("Space")
    assert view.chosen() == [18, 19, 39]
    keyboard.press("Enter")
    view.wait_exact(4, 7)
    assert view.shown == carries(4, 7)
    keyboard.press("Control+a")
    assert len(view.chosen()) == 40
    keyboard.press("Escape")
    assert view.chosen() == []
    notebook.wait_value("[w.value, w.selection, w.selected]", [[4.0, 7.0], [], None])
    assert notebook.console_errors == []


@pytest.mark.slow
def test_pointing_at_a_cell_enlarges_it_and_a_double_click_hands_it_on(
    open_notebook: OpenNotebook,
) -> None:
    notebook, view = show(open_notebook)
    view.wait_cells(0, 21)
    view.wait_exact(0, 0)
    view.cell(21).hover()
    view.wait_exact(2, 5)
    assert view.shown == carries(2, 5)
    view.page.mouse.move(5, 5)
    view.wait_exact(0, 0)
    assert view.shown == carries(0, 0)
    view.cell(21).dblclick()
    view.page.mouse.move(5, 5)
    view.wait_exact(2, 5)
    notebook.wait_value("w.latent[:2].tolist()", pytest.approx([0.02, 0.05]))


def test_a_plane_has_pictures_between_its_cells(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook, PLANE)
    view.wait_cells(*range(49))
    mouse = view.page.mouse
    mouse.move(*view.middle(24))
    mouse.down()
    x, y = view.middle(24)
    pitch = view.middle(25)[0] - x
    seen = []
    for i in range(1, 31):
        mouse.move(x + 2 * i, y - i)
        seen.append(view.shown)
    mouse.up()
    mouse.move(5, 5)
    view.wait_exact()
    row, column = view.value
    assert row == pytest.approx(3 - 30 / pitch, abs=0.05)
    assert column == pytest.approx(3 + 60 / pitch, abs=0.05)
    assert view.shown == carries(100 * (3 - row), 100 * (column - 3))
    assert len(set(seen)) > 1, "the picture did not follow the pointer"
    notebook.wait_value("list(w.value)", pytest.approx([row, column]))
    latent = notebook.value("w.latent.tolist()")
    assert latent[:2] == pytest.approx([3 - row, column - 3], abs=1e-6)
    assert view.chosen() == [], "a drag is no click"
    box = view.point.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x - 30, y - 400, steps=8)
    assert view.page.evaluate("() => getSelection().toString()") == "", "no text is selected"
    view.page.mouse.move(x, y, steps=4)
    view.page.mouse.up()
    view.point.focus()
    view.page.keyboard.press("ArrowUp")
    view.page.keyboard.press("Shift+ArrowRight")
    view.wait_exact(row - 0.1, column + 0.01, within=2e-3)
    assert "b +" in (view.point.get_attribute("aria-valuetext") or "")


@pytest.mark.slow
def test_headings_are_text(open_notebook: OpenNotebook) -> None:
    name = "<img src=x onerror=alert(1)>"
    widget = f"w = lw.LatentGrid(space, cells(2, 2), row_names=['{name}', 'b'])\nw"
    _, view = show(open_notebook, widget)
    assert view.root.locator(".lw-gridrow .lw-rowhead").first.inner_text() == name
    assert view.root.locator("img").count() == 0
    view.cell(1).hover()
    assert name in view.root.locator(".lw-caption").inner_text()


def test_an_error_is_shown_and_what_is_there_stays(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook, "w = lw.LatentGrid(space, cells(125, 16))\nw")
    view.wait_cells(*range(64))
    view.page.wait_for_timeout(500)
    notebook.execute("decoder.fault = 'out of ideas'")
    view.scroll(1e6)
    alert = view.root.locator(".lw-alert")
    alert.wait_for()
    assert "out of ideas" in alert.inner_text()
    notebook.execute("decoder.fault = None")
    view.scroll(0)
    view.wait_cells(0)
    assert view.carried(0) == carries(0, 0)
    view.scroll(1e6)
    view.wait_cells(1999)
    assert view.carried(1999) == carries(124, 15)


@pytest.mark.slow
def test_two_views_stay_in_step_and_follow_python(open_notebook: OpenNotebook) -> None:
    notebook, first = show(open_notebook)
    notebook.execute("w")
    second = GridView(notebook, 1)
    second.wait_cells(*range(40))
    second.cell(3).click()
    assert first.chosen() == [3]
    first.cell(12).dblclick()
    first.page.mouse.move(5, 5)
    second.wait_exact(1, 4)
    notebook.execute("w.latents = cells(3, 4).reshape(-1, 3) + 1")
    for view in (first, second):
        view.page.wait_for_function(
            "(root) => root.querySelectorAll('.lw-box').length == 12",
            arg=view.root.element_handle(),
        )
        view.wait_cells(*range(12))
        view.wait_exact(0, 0)
        assert view.chosen() == []
        assert view.carried(11) == carries(102, 103)
    assert notebook.console_errors == []


@pytest.mark.slow
def test_it_fits_where_there_is_little_room(open_notebook: OpenNotebook) -> None:
    _, view = show(open_notebook, PLANE)
    view.wait_cells(*range(49))
    view.root.evaluate("(root) => { root.parentElement.style.width = '400px'; }")
    view.page.wait_for_function(
        "(sheet) => sheet.clientWidth < 420 && sheet.scrollWidth <= sheet.clientWidth",
        arg=view.sheet.element_handle(),
    )


@pytest.mark.slow
def test_cells_grow_and_shrink(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    view.wait_cells(*range(40))
    for size in (120, 30):
        view.root.get_by_label("Size").fill(str(size))
        view.page.wait_for_function(
            "([cell, size]) => cell.clientWidth === size",
            arg=[view.cell(9).element_handle(), size],
        )
        view.wait_cells(0, 9)
        assert view.carried(9) == carries(1, 1)
        view.page.wait_for_timeout(300)
        notebook.wait_value("w.cell_size", size)
    assert notebook.console_errors == []


@pytest.mark.slow
def test_cells_that_memory_gave_up_come_back_at_another_size(open_notebook: OpenNotebook) -> None:
    # A megabyte holds 1,024 of these pictures, and 1,200 are in sight.
    widget = "w = lw.LatentGrid(space, cells(60, 20), cell_size=24, height=1000, frame_memory=1)\nw"
    _, view = show(open_notebook, widget)
    view.wait_cells(*range(100))
    view.page.wait_for_timeout(1500)
    view.root.get_by_label("Size").fill("40")
    view.wait_cells(*range(100))
    assert view.carried(21) == carries(1, 1)
    assert view.cell(21).get_attribute("data-lw-exact") == "true"
