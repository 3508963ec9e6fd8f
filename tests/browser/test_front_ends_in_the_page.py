"""Editors and explorers that their page decodes, in other front ends than JupyterLab."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.browser import map_view
from tests.browser.conftest import OpenMarimo, OpenNotebook
from tests.browser.editor_view import EditorView
from tests.browser.map_view import MapView
from tests.browser.notebook import BrowserPage
from tests.browser.test_front_ends import errors
from tests.browser.test_in_the_page import IN_THE_PAGE, MADE_HERE, wait_made_here, wait_page
from tests.browser.test_map_in_the_page import SPACE
from tests.runtime import need_runtime

pytest.importorskip("jscatter", reason="needs the extra map")

FOUND = """
found = lw.Directions([lw.Direction("x", [1.0, 0.0, 0.0]), lw.Direction("y", [0.0, 1.0, 0.0])])
"""
EDITOR = "w = lw.DirectionEditor(space, [0.5, -0.5, 0.0], found)\nw"
EXPLORER = "w = lw.explore(space, latents, labels, directions=found, parts=['map', 'editor'])\nw"
# The picture of an explorer, whichever of its parts is used.
SHOWN = ".lw-looks canvas.lw-picture:not(.lw-before):visible"


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


def explore_in_the_page(page: BrowserPage) -> None:
    """Go to points of the map, then edit one: all of it is decoded in the page, exactly."""
    chart, editor = MapView(page), EditorView(page)
    picture = page.page.locator(SHOWN).first
    picture.wait_for()
    status = page.page.locator(".lw-latent-explorer .lw-status:visible")
    takes_over = status.and_(page.page.locator("[title*=', in the page']"))
    made = status.and_(page.page.locator(MADE_HERE))

    def wait_for_pixels(x: float, y: float) -> None:
        page.page.wait_for_function(
            f"""([canvas, wanted]) => ({map_view.CARRIED})(canvas)
                .every((number, i) => Math.abs(number - wanted[i]) < 0.01)""",
            arg=[picture.element_handle(), [x, y]],
        )

    chart.hover(4, 4)
    wait_for_pixels(4, 4)
    takes_over.first.wait_for(timeout=60_000)
    for x, y in [(8, -6), (-4, 2)]:
        chart.hover(x, y)
        wait_for_pixels(x, y)
        made.first.wait_for()
    chart.click(8, -6)
    editor.slider("x").press("PageUp")
    wait_for_pixels(8 + editor.amount("x"), -6)
    # The editor takes over by itself, a moment later: what was shown by then is the kernel's.
    end, amount = time.monotonic() + 60, 0.0
    while not made.count():
        assert time.monotonic() < end, "the page does not decode what is edited"
        page.page.wait_for_timeout(500)
        before, amount = amount, amount + 0.0371  # where nothing was decoded ahead
        editor.drag("y", before, amount, steps=2)
        wait_for_pixels(8 + editor.amount("x"), -6 + editor.amount("y"))


@pytest.mark.slow
def test_an_explorer_is_decoded_in_the_page_of_notebook_7(
    open_in_notebook_7: OpenNotebook,
) -> None:
    notebook = open_in_notebook_7([IN_THE_PAGE + SPACE + FOUND, EXPLORER])
    notebook.run(0)
    notebook.run(1)
    explore_in_the_page(notebook)
    for part in ("map", "editor"):
        notebook.wait_value(f"w.{part}.runs_in", "page")
    assert errors(notebook) == []


@pytest.mark.slow
def test_an_explorer_is_decoded_in_the_page_of_marimo(open_in_marimo: OpenMarimo) -> None:
    page = open_in_marimo([IN_THE_PAGE + SPACE + FOUND, EXPLORER])
    explore_in_the_page(page)
    assert page.console_errors == []


@pytest.mark.slow
def test_an_editor_is_decoded_in_the_page_of_marimo(open_in_marimo: OpenMarimo) -> None:
    page = open_in_marimo([IN_THE_PAGE + SPACE + FOUND, EDITOR])
    edit_in_the_page(page)
    assert page.console_errors == []
