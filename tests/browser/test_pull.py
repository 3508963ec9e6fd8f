"""What a slider does before it is moved, and a pull at the picture, in a page."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.browser.editor_view import EditorView
from tests.browser.notebook import Notebook

# A spot that moves by 4 pixels for each unit of the first two numbers of its latent.
SPOTS = """
import numpy as np
import latentwidgets as lw

row, column = np.mgrid[:48, :48]

def spots(latents):
    x, y, bright = latents.astype(float).T[..., None, None]
    squares = (column - 24 - 4 * x) ** 2 + (row - 24 - 4 * y) ** 2
    return np.exp(-squares / 32) * (0.8 + 0.05 * bright)

data = np.random.default_rng(0).normal(size=(300, 3))
space = lw.LatentSpace(spots, 3, value_range=(0, 1), data=data)
w = lw.DirectionEditor(space, [0, 0, 0], lw.axis_directions(space, latents=data))
w
"""
# Where the middle of the light is, as shares of the canvas.
LIGHT = """(canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    let [sum, x, y] = [0, 0, 0];
    for (let i = 0; i < width * height; i++) {
        const light = data[4 * i];
        sum += light;
        x += light * (i % width + 0.5);
        y += light * (Math.floor(i / width) + 0.5);
    }
    return [x / sum / width, y / sum / height];
}"""

OpenNotebook = Callable[..., Notebook]


@pytest.mark.slow
def test_a_slider_shows_what_it_does_before_it_is_moved(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPOTS])
    notebook.run(0)
    view, page = EditorView(notebook), notebook.page
    view.wait_exact()
    preview = page.locator(".lw-preview")
    view.row("axis 1").locator(".lw-name").hover()
    preview.wait_for()
    page.wait_for_function("document.querySelectorAll('.lw-spot:not(.lw-empty)').length === 7")
    middles = np.array(preview.locator("canvas").evaluate_all(f"all => all.map({LIGHT})"))
    assert (np.diff(middles[:, 1]) > 0.03).all(), "the second axis moves the spot down only"
    assert np.ptp(middles[:, 0]) < 0.01
    # What stands above the slider leaves it free, and goes as the mouse does.
    box, name = preview.bounding_box(), view.row("axis 1").locator(".lw-name").bounding_box()
    assert box is not None
    assert name is not None
    assert box["y"] + box["height"] <= name["y"]
    view.drag("axis 1", 0, 1, steps=4)
    assert preview.count() == 0
    view.wait_exact()
    # The keys show it too, until Escape.
    page.keyboard.press("ArrowRight")
    view.slider("axis 2").focus()
    preview.wait_for()
    page.keyboard.press("Escape")
    preview.wait_for(state="detached")


def test_what_is_grabbed_in_the_picture_follows_the_mouse(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPOTS])
    notebook.run(0)
    view, page = EditorView(notebook), notebook.page
    view.wait_exact()
    said = page.locator(".lw-pull-said")
    box = view.canvas.bounding_box()
    assert box is not None

    def place(x: float, y: float) -> tuple[float, float]:
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def pull(way: tuple[float, float], words: str) -> None:
        page.mouse.move(*place(0.51, 0.51))
        page.mouse.down()
        for part in np.linspace(0, 1, 8):
            page.mouse.move(*place(0.51 + part * way[0], 0.51 + part * way[1]))
        page.mouse.up()
        page.locator(".lw-pulled").wait_for(state="detached")
        assert words in said.inner_text()

    pull_button = page.get_by_role("button", name="Pull", exact=True)
    page.mouse.move(*place(0.51, 0.51))
    page.mouse.down()
    page.mouse.move(*place(0.7, 0.51))
    page.mouse.up()
    assert view.value() == {"axis 0": 0, "axis 1": 0, "axis 2": 0}, "it is off by default"
    pull_button.click()
    said.get_by_text("Press on the picture").wait_for()
    pull((0.12, -0.08), "It followed")
    view.wait_exact()
    moved = np.array(view.canvas.evaluate(LIGHT)) - 0.51
    assert np.abs(moved - [0.12, -0.08]).max() < 0.025, "0.5 of 48 pixels, and the light's middle"
    amounts = view.value()
    assert abs(amounts["axis 2"]) < 0.2, "how bright it is is no part of it"
    assert amounts["axis 0"] > 1
    notebook.wait_value("w.value['axis 0'] > 1", True)
    view.canvas.focus()
    # Escape takes it back; far out, it says why it stays behind.
    page.keyboard.press("Escape")
    view.wait_exact(**{"axis 0": 0, "axis 1": 0})
    pull((0.45, 0), "a slider ends here")
    view.wait_exact()
    assert 0.1 < view.canvas.evaluate(LIGHT)[0] - 0.51 < 0.35
