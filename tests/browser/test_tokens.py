"""Coloured tokens in a real JupyterLab: pointed at, walked through by keys, light, dark, narrow."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import SCREENSHOTS, OpenNotebook
from tests.browser.editor_view import EditorView
from tests.browser.notebook import Notebook
from tests.browser.view import View

MARKUP = "<img src=x onerror='window.lwRan = 1'>"
SPACE = f"""
import numpy as np
import latentwidgets as lw

WORDS = "One day a small fox walked into the forest . It rained , and the fox felt happy .".split()

def write(z):
    return [
        lw.Tokens(
            [(word if i == 0 or word in ".," else " " + word, 2 * float(np.sin(i + 3 * x)))
             for i, word in enumerate(WORDS)] + [(" {MARKUP}", None)],
            label="projection on happy, in sigmas",
        )
        for x in z[:, 0]
    ]

space = lw.LatentSpace(write, 2)
ends = [[0.0, 0.0], [1.0, 0.0]]
found = lw.Directions([lw.Direction("mood", [1.0, 0.0])])
"""
WALK = "w = lw.Interpolator(space, ends, method='lerp')\nw"
EDIT = """
def text(z):
    moods = ["sad" if x > 0 else "happy" for x in z[:, 0]]
    return [f"One day a fox walked. It felt {mood} and went home." for mood in moods]

plain = lw.LatentSpace(text, 2)
[unsteered] = plain.decode([ends[0]])
marked = lw.LatentSpace(lambda z: [lw.token_changes(t, unsteered) for t in plain.decode(z)], 2)
w = lw.DirectionEditor(marked, ends[0], found, value={"mood": 1.0})
w
"""


def show(open_notebook: OpenNotebook, widget: str, **options: Any) -> Notebook:
    notebook = open_notebook([SPACE, widget], **options)
    notebook.run(0)
    notebook.run(1)
    return notebook


def contrast(page: Any, token: Locator) -> float:
    """The contrast of a token's letters with what is behind them, as it is painted."""
    colours = token.evaluate(
        """(token) => {
            const canvas = document.createElement('canvas').getContext('2d');
            const paint = (colour) => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); };
            const read = () => [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
            const style = getComputedStyle(token);
            paint(style.backgroundColor);
            const behind = read();
            paint(style.color);
            return [behind, read()];
        }"""
    )

    def luminance(colour: list[int]) -> float:
        parts = np.array(colour) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted(luminance(colour) for colour in colours)
    return (high + 0.05) / (low + 0.05)


def test_numbers_are_said_to_a_pointer_and_to_keys(open_notebook: OpenNotebook) -> None:
    notebook = show(open_notebook, WALK)
    view = View(notebook)
    view.wait_exact(0)
    tokens = view.canvas.locator(".lw-token")
    said = view.canvas.locator(".lw-token-said")
    assert view.canvas.locator(".lw-letters").text_content() == (
        "One day a small fox walked into the forest. It rained, and the fox felt happy. " + MARKUP
    )
    assert view.root.locator("img").count() == 0
    assert said.inner_text() == "projection on happy, in sigmas"
    tokens.nth(1).hover()
    expect(said).to_have_text(f"day: {2 * np.sin(1):.2f}")
    view.root.locator(".lw-slider").first.hover()
    expect(said).to_have_text("projection on happy, in sigmas")
    # One stop of the Tab key; arrows go from there, and JupyterLab does nothing of its own.
    tokens.first.focus()
    notebook.page.keyboard.press("ArrowRight")
    notebook.page.keyboard.press("ArrowRight")
    assert tokens.nth(2).evaluate("(token) => token === document.activeElement")
    expect(said).to_have_text(f"a: {2 * np.sin(2):.2f}")
    notebook.page.keyboard.press("End")
    expect(said).to_have_text(f"{MARKUP}: no number")
    notebook.page.keyboard.press("Tab")
    expect(said).to_have_text("projection on happy, in sigmas")
    snapshot = view.canvas.aria_snapshot()
    assert "walked" in snapshot
    assert notebook.page.evaluate("window.lwRan") is None
    assert notebook.console_errors == []


@pytest.mark.slow
def test_tokens_shown_by_themselves_say_their_numbers_to_keys(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACE, "write(np.zeros((1, 2)))[0]"])
    notebook.run(0)
    notebook.run(1)
    output = notebook.output(1)
    number = output.locator("details b").nth(1)
    assert not number.is_visible()
    output.locator("summary").focus()
    notebook.page.keyboard.press("Enter")
    number.wait_for()
    assert number.inner_text() == f"{2 * np.sin(1):.2f}"
    assert "no number" in output.locator("details").inner_text()
    assert output.locator("img").count() == 0


@pytest.mark.slow
def test_the_focus_stays_while_the_thumb_moves(open_notebook: OpenNotebook) -> None:
    notebook = show(open_notebook, WALK)
    view = View(notebook)
    view.wait_exact(0)
    token = view.canvas.locator(".lw-token").nth(1)
    # A cell that runs takes the focus; what it began goes on behind it.
    notebook.execute(
        "import threading; threading.Timer(2, lambda: setattr(w, 'value', 0.5)).start()"
    )
    token.focus()
    view.wait_exact(0.5)
    assert token.evaluate("(token) => token === document.activeElement")
    assert view.canvas.locator(".lw-token-said").inner_text() == f"day: {2 * np.sin(2.5):.3g}"


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_tokens_can_be_read_in_every_theme_and_width(
    open_notebook: OpenNotebook, theme: Any
) -> None:
    notebook = show(open_notebook, WALK, own_page=True)
    notebook.set_theme(theme)
    view = View(notebook)
    view.wait_exact(0)
    tokens = view.canvas.locator(".lw-token")
    seen = {tokens.nth(i).evaluate("(t) => getComputedStyle(t).backgroundColor") for i in range(20)}
    assert len(seen) > 15
    assert min(contrast(notebook.page, tokens.nth(i)) for i in range(20)) >= 4.5
    for width in (800, 400):
        view.root.evaluate(f"(root) => {{ root.parentElement.style.width = '{width}px'; }}")
        view.root.scroll_into_view_if_needed()
        tokens.nth(5).hover()
        path = SCREENSHOTS / f"tokens-{theme}-{width}.png"
        path.parent.mkdir(exist_ok=True)
        view.root.screenshot(path=path)
        # Nothing is wider than its place, and the scale is seen whole.
        tile = view.canvas.locator(".lw-tile")
        assert tile.evaluate("(tile) => tile.scrollWidth <= tile.clientWidth")
        scale, place = view.canvas.locator(".lw-token-scale").bounding_box(), tile.bounding_box()
        assert scale is not None
        assert place is not None
        assert scale["y"] + scale["height"] <= place["y"] + place["height"] + 1
        assert re.fullmatch(
            r"walked: −?\d\.\d+", view.canvas.locator(".lw-token-said").inner_text()
        )


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_steered_and_unsteered_stand_side_by_side(open_notebook: OpenNotebook, theme: Any) -> None:
    notebook = show(open_notebook, EDIT, own_page=True)
    notebook.set_theme(theme)
    view = EditorView(notebook)
    view.wait_exact()
    view.root.get_by_label("View").select_option("side by side")
    notebook.page.wait_for_function(
        "(one) => one.dataset.lwExact === 'true'", arg=view.before.element_handle()
    )
    full = "(token) => token.style.getPropertyValue('--lw-share') === '70.0%'"
    changed = [
        [token.text_content() for token in side.locator(".lw-token").all() if token.evaluate(full)]
        for side in (view.before, view.canvas)
    ]
    assert changed == [[], [" sad"]]
    (SCREENSHOTS).mkdir(exist_ok=True)
    view.root.screenshot(path=SCREENSHOTS / f"tokens-beside-{theme}.png")
    assert notebook.console_errors == []
