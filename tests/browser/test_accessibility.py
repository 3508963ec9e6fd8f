"""Every widget in a real JupyterLab, light and dark: axe finds nothing against WCAG 2.1 AA."""

from __future__ import annotations

import pytest

from tests.browser.all_widgets import CELLS, SPACES, open_panels, roots, set_room, show_all
from tests.browser.conftest import OpenNotebook
from tests.browser.judge import Judge

pytest.importorskip("jscatter", reason="needs the extra map")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_widget_violates_wcag_in_any_state(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACES, *CELLS.values()], own_page=True)
    page = notebook.page
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    show_all(notebook)
    judge = Judge(notebook)
    set_room(notebook, 1200)
    judge.look("at rest")
    open_panels(notebook)
    every = roots(notebook)
    explorer = every["explorer"]
    explorer.locator(".lw-part-path .lw-fold").click()
    notebook.execute("e.map.selection = range(20)")
    explorer.get_by_role("button", name="Compare…").click()
    explorer.get_by_role("button", name="Forget A").wait_for()
    every["editor"].get_by_role("searchbox").fill("no such name")
    every["editor"].locator(".lw-none").wait_for()
    judge.look("opened")
    set_room(notebook, 420)
    judge.look("narrow")
    for tab in explorer.get_by_role("tab").all():
        tab.click()
        judge.look(f"narrow, {tab.inner_text()}", ".lw-latent-explorer")
    assert not judge.found, judge.report()
