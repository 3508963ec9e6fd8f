"""JupyterLab whose server does not load our extension: all works, and the code comes once."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator

from tests.browser import editor_view
from tests.browser.conftest import OpenNotebook
from tests.browser.editor_view import EditorView
from tests.browser.grid_view import CELLS, GridView
from tests.browser.map_view import MapView
from tests.browser.notebook import Notebook
from tests.browser.test_code import BUNDLES, Received, reloaded
from tests.browser.test_in_the_page import TORCH, show, wait_made_here, wait_page
from tests.browser.view import View
from tests.runtime import need_runtime

pytest.importorskip("jscatter", reason="needs the extra map")

# One of each, by what sends its code.
WIDGETS = {
    "interpolator": "lw.Interpolator(space, [[0.0, 0.0, 0.0], [1.0, 0.5, 0.0]], method='lerp')",
    "direction_editor": "lw.DirectionEditor(space, [0.1, 0.2, 0.3], found)",
    "latent_grid": "lw.LatentGrid(space, cells(2, 3))",
    "latent_map": "lw.LatentMap(space, cells(4, 8).reshape(-1, 3))",
    "latent_explorer": "lw.explore(space, cells(4, 8).reshape(-1, 3), directions=found)",
}
assert {*BUNDLES} <= WIDGETS.keys()


def see(canvas: Locator, *numbers: float) -> None:
    """See that the halves of a picture carry these numbers of its latent."""
    carried: Any = canvas.evaluate(editor_view.CARRIED)
    assert carried == [pytest.approx(number, abs=2e-4) for number in numbers]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_widget_works_and_the_code_is_sent_once(open_without_extension: OpenNotebook) -> None:
    notebook: Notebook = open_without_extension([editor_view.SPACE + CELLS, *WIDGETS.values()])
    received = Received(notebook, [*WIDGETS])
    reloaded(notebook)
    for index in (0, *range(1, len(WIDGETS) + 1), *range(1, len(WIDGETS) + 1)):
        notebook.run(index)

    path = View(notebook)
    path.wait_exact(0.0)
    see(path.canvas, 0, 0)
    path.slider.press("End")
    path.wait_exact(1.0)
    see(path.canvas, 1, 0.5)

    editor = EditorView(notebook)
    editor.wait_exact(x=0)
    see(editor.canvas, 0.1, 0.2)
    editor.slider("x").press("PageUp")
    editor.wait_exact(x=1)
    see(editor.canvas, 1.1, 0.2)

    grid = GridView(notebook)
    grid.wait_cells(*range(6))
    assert list(grid.carried(5)) == [pytest.approx(one, abs=2e-4) for one in (0.01, 0.02)]
    grid.cell(4).click()
    grid.wait_exact(1, 1)
    see(grid.loupe, 0.01, 0.01)

    chart = MapView(notebook)
    chart.canvas.scroll_into_view_if_needed()
    chart.wait_exact(0)
    see(chart.canvas, 0, 0)
    chart.root.locator(".lw-number").press("ArrowUp")
    chart.wait_exact(1)
    see(chart.canvas, 0, 0.01)

    parts = EditorView(notebook, 1)
    parts.slider("x").scroll_into_view_if_needed()
    parts.slider("x").press("PageUp")
    parts.wait_exact(x=1)
    see(parts.canvas, 1, 0)
    assert dict(received.bundles) == dict.fromkeys(WIDGETS, 1)
    assert notebook.console_errors == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_decodes_in_the_page_comes_from_the_kernel(
    open_without_extension: OpenNotebook,
) -> None:
    need_runtime()
    fetched: list[int] = []
    notebook = show(open_without_extension, TORCH, "lw.Interpolator(space, latents[:3])", use=False)
    notebook.page.on(
        "response",
        lambda one: fetched.append(one.status) if "/latentwidgets/runtime/" in one.url else None,
    )
    View(notebook).slider.press("ArrowRight")
    wait_page(notebook)
    notebook.execute("w.value = 0.4321")
    View(notebook).wait_exact(0.4321)
    wait_made_here(notebook)
    assert fetched, "the page asks the server first"
    assert {*fetched} == {404}, "this server has the extension"
