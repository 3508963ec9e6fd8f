"""The LatentExplorer in a real JupyterLab: parts inside one widget, and steps over all of them."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.editor_view import CARRIED, SPACE, EditorView
from tests.browser.grid_view import CELLS, GridView
from tests.browser.notebook import BrowserPage

EXPLORER = """e = lw.explore(
    space, cells(8, 8).reshape(-1, 3), directions=found, parts=["grid", "editor", "path"]
)
e"""


def parts_of(notebook: BrowserPage) -> tuple[GridView, EditorView]:
    """Give views of the parts: their pictures are in one place, outside of them."""
    grid, editor = GridView(notebook), EditorView(notebook)
    looks = notebook.page.locator(".lw-looks")
    editor.canvas = looks.locator(".lw-frames .lw-picture:not(.lw-before)")
    editor.before = looks.locator(".lw-before")
    editor.canvas.wait_for(state="attached")
    return grid, editor


def wait_for_base(editor: EditorView, *numbers: float) -> None:
    """Wait until the picture of the sliders is that of a cell."""
    editor.page.wait_for_function(
        f"([canvas, numbers]) => ({CARRIED})(canvas)"
        ".every((number, i) => Math.abs(number - numbers[i]) < 2e-4)",
        arg=[editor.canvas.element_handle(), list(numbers)],
    )


def test_cells_become_base_and_path_and_all_of_it_is_undone(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACE + CELLS, EXPLORER])
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    grid, editor = parts_of(notebook)
    grid.wait_cells(*range(32))
    editor.wait_exact()
    grid.cell(21).dblclick()
    page.wait_for_function(
        "(canvas) => canvas.dataset.lwExact === 'true' && Number(canvas.dataset.lwSeq) > 0",
        arg=editor.canvas.element_handle(),
    )
    assert list(editor.shown) == [pytest.approx(0.02, abs=2e-4), pytest.approx(0.05, abs=2e-4)]
    page.wait_for_timeout(1000)  # a pause: what comes now is another step
    editor.slider("x").press("PageUp")
    editor.wait_exact(x=1)
    assert editor.shown[0] == pytest.approx(1.02, abs=2e-4)
    page.wait_for_timeout(1000)
    page.keyboard.press("Control+z")
    editor.wait_exact(x=0)
    assert editor.shown[0] == pytest.approx(0.02, abs=2e-4)
    page.keyboard.press("Control+Shift+z")
    editor.wait_exact(x=1)
    grid.cell(3).click()
    wait_for_base(editor, 1.0, 0.03)
    grid.cell(12).click(modifiers=["Control"])
    anchors = [pytest.approx([0, 0.03]), pytest.approx([0.01, 0.04])]
    notebook.wait_value("e.path.anchors[:, :2].tolist()", anchors)
    assert notebook.console_errors == []


@pytest.mark.slow
def test_keys_work_after_a_click_on_anything(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACE + CELLS, EXPLORER])
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    grid, editor = parts_of(notebook)
    root = page.locator(".lw-latent-explorer")
    undo = root.get_by_role("button", name="Undo")
    keep = root.get_by_role("button", name="Bookmark", exact=True)
    grid.wait_cells(*range(32))
    editor.wait_exact()
    assert undo.is_disabled()
    grid.cell(9).click()
    wait_for_base(editor, 0.01, 0.01)
    undo.click()  # the last step: the button is disabled under the mouse
    wait_for_base(editor, 0.0, 0.0)
    page.keyboard.press("Control+Shift+z")
    wait_for_base(editor, 0.01, 0.01)
    keep.click()
    mark = root.get_by_role("button", name="bookmark 1", exact=True)
    mark.wait_for()
    page.keyboard.press("Control+z")
    wait_for_base(editor, 0.0, 0.0)
    mark.click()
    wait_for_base(editor, 0.01, 0.01)
    assert mark.evaluate("(button) => button === document.activeElement")
    page.keyboard.press("Control+z")
    wait_for_base(editor, 0.0, 0.0)
    root.get_by_role("button", name="×").click()  # it is gone, and with it the focus
    mark.wait_for(state="detached")
    page.keyboard.press("Control+Shift+z")
    wait_for_base(editor, 0.01, 0.01)
    page.wait_for_timeout(1000)  # a pause: what comes now is another step
    grid.cell(18).click()
    wait_for_base(editor, 0.02, 0.02)
    editor.canvas.click()  # which takes no focus of its own
    page.keyboard.press("Control+z")
    wait_for_base(editor, 0.01, 0.01)
    assert notebook.console_errors == []


def test_parts_stand_in_two_columns_or_one_at_a_time_under_tabs(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([SPACE + CELLS, EXPLORER], own_page=True)
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    grid, editor = parts_of(notebook)
    root = page.locator(".lw-latent-explorer")
    overflow = "(root) => root.scrollWidth > root.clientWidth"
    for width, layout in ((1400, "columns"), (800, "tabs")):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(
            "([root, layout]) => root.dataset.lwLayout === layout",
            arg=[root.element_handle(), layout],
        )
        assert not root.evaluate(overflow), layout
        # The picture of the current latent is in sight with what moves it.
        boxes = [one.bounding_box() for one in (editor.canvas, editor.slider("z"))]
        (top, slider) = (box["y"] for box in boxes if box)
        assert 0 < slider - top < 700, layout
        assert grid.root.is_visible() == (layout == "columns")
    root.get_by_role("tab", name="Grid").click()
    grid.wait_cells(0)
    grid.cell(9).click()
    wait_for_base(editor, 0.01, 0.01)
    assert not editor.root.is_visible()
    assert notebook.console_errors == []


@pytest.mark.slow
def test_bookmarks_are_kept_by_name_and_opened(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACE + CELLS, EXPLORER])
    notebook.run(0)
    notebook.run(1)
    _, editor = parts_of(notebook)
    root = notebook.page.locator(".lw-latent-explorer")
    editor.wait_exact()
    notebook.execute("e.editor.value = {'y': 1.5}; e.history.bookmark('<b>bold</b>')")
    mark = root.locator(".lw-bookmark button").first
    mark.wait_for()
    assert mark.inner_text() == "<b>bold</b>"
    notebook.execute("e.editor.value = {}")
    editor.wait_exact(y=0)
    mark.click()
    editor.wait_exact(y=1.5)
    root.get_by_role("button", name="Undo").click()
    editor.wait_exact(y=0)
    root.locator(".lw-bookmark button").last.click()
    notebook.page.wait_for_function("() => !document.querySelector('.lw-bookmark')")
    assert notebook.console_errors == []
