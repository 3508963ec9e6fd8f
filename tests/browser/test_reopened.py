"""A notebook that is opened again once its kernel is gone shows what was saved of its widgets."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenNotebook
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook

# A page is saved of what is decoded in a moment; a busy machine takes longer.
WALK = """import latentwidgets as lw, numpy as np
from latentwidgets.export import saved_output
saved_output.SOON_SECONDS = saved_output.PACKING_SECONDS = 60
space = lw.LatentSpace(lambda z: np.repeat(z, 32, 1).reshape(-1, 8, 8), 2, value_range=(0, 1))
lw.Interpolator(space, [[0.1, 0.2], [0.8, 0.9]], value=0.25)"""
CELLS = [
    WALK,
    "lw.explore(space, np.eye(2)[[0, 1, 0, 1]], parts=['grid', 'editor'])",
    "import ipywidgets\nipywidgets.IntSlider()",
]
SAVE = """async () => {
    const { commands, shell } = window.jupyterapp;
    await commands.execute('docmanager:save');
    const { context, sessionContext } = shell.currentWidget;
    await sessionContext.shutdown();
    return context.path;
}"""


def check_reopened(lab: Lab, first: Notebook) -> None:
    """Run a notebook, save it, end its kernel, and look at it again."""
    for index in range(len(CELLS)):
        first.run(index)
    first.output(0).locator(".lw-status[data-lw-state='exact']").wait_for()
    path = first.page.evaluate(SAVE)
    again = lab.visit(path)
    try:
        walk, explorer, other = map(again.output, range(len(CELLS)))
        expect(other).to_contain_text("model not found", timeout=20_000)  # of others, as ever
        page = walk.frame_locator("iframe")
        page.locator("canvas.lw-picture[data-lw-exact='true']").wait_for()
        page.locator(".lw-slider").press("End")
        expect(page.locator("canvas.lw-picture")).to_have_attribute("data-lw-value", "1")
        expect(page.get_by_text("no kernel runs here")).to_have_count(1)
        for output in (walk, explorer):
            expect(output).not_to_contain_text("model not found")
            expect(output).not_to_contain_text("Loading widget")
        expect(explorer.locator("figure.lw-saved img")).to_be_visible()
        # The cell that is run again has the widget, and nothing of what was saved.
        again.run(0)
        again.output(0).locator(".lw-interpolator .lw-status[data-lw-state='exact']").wait_for()
        expect(walk.locator("iframe, figure")).to_have_count(0)
    finally:
        again.close()


def test_reopened_in_jupyterlab(open_notebook: OpenNotebook, lab: Lab) -> None:
    check_reopened(lab, open_notebook(CELLS, own_page=True))


@pytest.mark.slow
def test_reopened_in_notebook_7(open_in_notebook_7: OpenNotebook, notebook_7: Lab) -> None:
    check_reopened(notebook_7, open_in_notebook_7(CELLS))
