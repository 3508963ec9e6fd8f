"""Editors that their page decodes, in other front ends than JupyterLab."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import map_view
from tests.browser.conftest import OpenMarimo
from tests.browser.editor_view import EditorView
from tests.browser.notebook import BrowserPage
from tests.browser.test_in_the_page import IN_THE_PAGE, wait_made_here, wait_page
from tests.browser.test_map_in_the_page import SPACE
from tests.runtime import need_runtime

pytest.importorskip("jscatter", reason="needs the extra map")

FOUND = """
found = lw.Directions([lw.Direction("x", [1.0, 0.0, 0.0]), lw.Direction("y", [0.0, 1.0, 0.0])])
"""
EDITOR = "w = lw.DirectionEditor(space, [0.5, -0.5, 0.0], found)\nw"


@pytest.fixture(scope="module", autouse=True)
def onnxruntime_web() -> None:
    """Skip all where networks cannot be decoded in a page."""
    need_runtime()


def drag_a_direction(page: BrowserPage, base: tuple[float, float] = (0.5, -0.5)) -> None:
    """Drag a slider: at each step the picture is exact, and the page's own."""
    editor = EditorView(page)
    mouse, amounts = page.page.mouse, set()
    editor.drag("x", 0.0, 0.1, steps=1, drop=False)
    for step in range(1, 21):
        mouse.move(*editor.at("x", step / 10))
        amount = editor.amount("x")
        editor.wait_exact(x=amount)
        amounts.add(amount)
        shown: Any = editor.canvas.evaluate(map_view.CARRIED)
        assert shown == [
            pytest.approx(base[0] + amount, abs=0.01),
            pytest.approx(base[1], abs=0.01),
        ]
    mouse.up()
    assert len(amounts) > 10, "the thumb was not dragged"
    wait_made_here(page)


def edit_in_the_page(page: BrowserPage) -> None:
    editor = EditorView(page)
    editor.wait_exact(x=0)
    editor.slider("y").press("PageUp")
    wait_page(page)
    editor.slider("y").press("PageDown")
    editor.wait_exact(x=0, y=0)
    drag_a_direction(page)


@pytest.mark.slow
def test_an_editor_is_decoded_in_the_page_of_marimo(open_in_marimo: OpenMarimo) -> None:
    page = open_in_marimo([IN_THE_PAGE + SPACE + FOUND, EDITOR])
    edit_in_the_page(page)
    assert page.console_errors == []
