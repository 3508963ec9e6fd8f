"""The widgets in other front ends than JupyterLab: dragged with the mouse, judged by pixels."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.browser import editor_view, map_view, view
from tests.browser.conftest import OpenMarimo, OpenNotebook
from tests.browser.editor_view import EditorView
from tests.browser.grid_view import CELLS, GridView
from tests.browser.map_view import MapView
from tests.browser.notebook import BrowserPage
from tests.browser.view import View

EXPLORER = """e = lw.explore(
    space, cells(4, 8).reshape(-1, 3), directions=found, parts=["grid", "editor"]
)
e"""
MAP = "e = lw.explore(space, latents, labels, parts=['map', 'editor'])\ne"
# In marimo, a widget that other cells follow, and a cell that does.
REACTIVE = "w = mo.ui.anywidget(lw.Interpolator(space, [[0.0], [1.0]], method='lerp'))\nw"
READER = "mo.md(f'latent {w.latent[0]:.6f}')"
# Notebook 7.6 says this of itself, on an empty page.
NOTEBOOKS_OWN = "Cannot read properties of undefined (reading 'schema')"


def drag_the_interpolator(page: BrowserPage) -> None:
    shown = View(page)
    shown.wait_exact()
    shown.wait_strip()
    seen = shown.drag(0.0, 0.9, steps=40)
    assert len(set(seen)) > 20, "the picture did not follow the thumb"
    assert seen == sorted(seen), "a picture from before came back"
    shown.wait_exact(shown.value)
    assert shown.value == pytest.approx(0.9, abs=0.02)
    assert shown.shown == pytest.approx(shown.value, abs=1e-4)


def take_a_cell_and_drag_a_direction(page: BrowserPage) -> None:
    grid, editor = GridView(page), EditorView(page)
    grid.wait_cells(*range(32))
    editor.wait_exact()
    assert list(grid.carried(21)) == [pytest.approx(0.02, abs=2e-4), pytest.approx(0.05, abs=2e-4)]
    grid.cell(21).dblclick()
    wait_for_colours(editor, 0.02, 0.05)
    explorer = page.page.locator(".lw-latent-explorer")
    explorer.get_by_role("button", name="Bookmark", exact=True).click()
    editor.wait_strip("x", 5)
    seen = [first for first, _ in editor.drag("x", 0.0, 2.0, steps=30)]
    assert len(set(seen)) >= 4, "the picture did not follow the thumb"
    assert seen == sorted(seen), "a picture from before came back"
    amount = editor.amount("x")
    editor.wait_exact(x=amount)
    assert amount == pytest.approx(2, abs=0.1)
    assert list(editor.shown) == [
        pytest.approx(0.02 + amount, abs=2e-4),
        pytest.approx(0.05, abs=2e-4),
    ]
    explorer.get_by_role("button", name="bookmark 1", exact=True).click()
    wait_for_colours(editor, 0.02, 0.05)
    assert editor.amount("x") == 0


def errors(notebook: BrowserPage) -> list[str]:
    """What the console says of the widgets."""
    return [error for error in notebook.console_errors if error != NOTEBOOKS_OWN]


def wait_for_colours(editor: EditorView, *numbers: float) -> None:
    """Wait until the picture's pixels carry these numbers."""
    editor.page.wait_for_function(
        f"([canvas, numbers]) => ({editor_view.CARRIED})(canvas)"
        ".every((number, i) => Math.abs(number - numbers[i]) < 2e-4)",
        arg=[editor.canvas.element_handle(), list(numbers)],
    )


@pytest.mark.slow
def test_a_drag_in_notebook_7(open_in_notebook_7: OpenNotebook) -> None:
    notebook = open_in_notebook_7([view.SPACE, view.WIDGET])
    notebook.run(0)
    notebook.run(1)
    drag_the_interpolator(notebook)
    moved = notebook.page.locator(".lw-slider")
    moved.press("Home")  # Notebook 7 takes arrows for itself: for whatever has the focus
    for key, value in (("ArrowRight", 0.01), ("ArrowUp", 0.02), ("ArrowLeft", 0.01)):
        moved.press(key)
        assert float(moved.input_value()) == pytest.approx(value), key
    assert errors(notebook) == []


@pytest.mark.slow
def test_the_explorer_in_notebook_7(open_in_notebook_7: OpenNotebook) -> None:
    notebook = open_in_notebook_7([editor_view.SPACE + CELLS, EXPLORER])
    notebook.run(0)
    notebook.run(1)
    take_a_cell_and_drag_a_direction(notebook)
    assert errors(notebook) == []


@pytest.mark.slow
def test_a_drag_in_marimo_runs_the_cells_that_use_it(open_in_marimo: OpenMarimo) -> None:
    page = open_in_marimo(["import marimo as mo", view.SPACE, REACTIVE, READER])
    drag_the_interpolator(page)
    value = View(page).value
    page.page.get_by_text(f"latent {value:.6f}").wait_for()
    assert page.console_errors == []


@pytest.mark.slow
def test_the_explorer_in_a_marimo_app(open_in_marimo: OpenMarimo) -> None:
    page = open_in_marimo([editor_view.SPACE + CELLS, EXPLORER], mode="run")
    take_a_cell_and_drag_a_direction(page)
    assert page.console_errors == []


@pytest.mark.slow
def test_a_lasso_in_marimo_makes_a_slider(open_in_marimo: OpenMarimo) -> None:
    page = open_in_marimo([map_view.SPACE, MAP])
    chart, editor = MapView(page), EditorView(page)
    chart.lasso([(-9, -5), (-3, -5), (-3, 5), (-9, 5)])
    page.page.get_by_role("button", name="Make slider").click()
    editor.row("selection").wait_for()
    editor.canvas.scroll_into_view_if_needed()  # what nobody sees is not decoded
    editor.wait_exact(selection=0)
    first, _ = editor.shown
    editor.slider("selection").press("PageUp")
    editor.wait_exact(selection=1)
    assert abs(editor.shown[0] - first) > 0.1, "the slider moved nothing"
    assert page.console_errors == []


@pytest.mark.slow
def test_a_lasso_in_marimo_runs_the_cells_that_use_it(open_in_marimo: OpenMarimo) -> None:
    chart = "chart = mo.ui.anywidget(lw.LatentMap(space, latents, labels))\nchart"
    reader = "mo.md(f'rows {chart.selection.tolist()[:2]}')"
    page = open_in_marimo(["import marimo as mo", map_view.SPACE, chart, reader])
    shown = MapView(page)
    page.page.get_by_text("rows []", exact=True).wait_for()
    for left in (-10, -4):  # as many points each time
        shown.lasso([(left + 1, -5), (left + 7, -5), (left + 7, 5), (left + 1, 5)])
        first = 3 * 21 + (left + 20) // 2 + 1
        page.page.get_by_text(f"rows [{first}, {first + 1}]", exact=True).wait_for()
    assert page.console_errors == []


@pytest.mark.slow
def test_colours_follow_the_theme_of_marimo(open_in_marimo: OpenMarimo) -> None:
    page = open_in_marimo([view.SPACE, view.WIDGET], mode="run")
    root = View(page).root.element_handle()
    themes: list[tuple[Literal["light", "dark"], bool]] = [("light", False), ("dark", True)]
    for theme, bright in themes:
        page.page.emulate_media(color_scheme=theme)
        page.page.wait_for_function(
            """([root, bright]) =>
                /^rgb[(]2[0-9]{2}, 2/.test(getComputedStyle(root).color) === bright""",
            arg=[root, bright],
        )
