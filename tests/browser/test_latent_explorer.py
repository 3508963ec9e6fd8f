"""The LatentExplorer in a real JupyterLab: parts inside one widget, and steps over all of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.editor_view import SPACE, EditorView
from tests.browser.grid_view import CELLS, GridView
from tests.browser.notebook import Notebook

EXPLORER = """e = lw.explore(
    space, cells(8, 8).reshape(-1, 3), directions=found, parts=["grid", "editor", "path"]
)
e"""


def python(notebook: Notebook, expression: str) -> Any:
    return json.loads(notebook.execute(f"import json; print(json.dumps({expression}))").text)


def test_cells_become_base_and_path_and_all_of_it_is_undone(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACE + CELLS, EXPLORER])
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    grid, editor = GridView(notebook), EditorView(notebook)
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
    grid.cell(12).click(modifiers=["Control"])
    anchors = python(notebook, "e.path.anchors[:, :2].tolist()")
    assert anchors == [pytest.approx([0, 0.03]), pytest.approx([0.01, 0.04])]
    assert notebook.console_errors == []


def test_bookmarks_are_kept_by_name_and_opened(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACE + CELLS, EXPLORER])
    notebook.run(0)
    notebook.run(1)
    editor = EditorView(notebook)
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
