"""An editor whose latents have layers, in a real JupyterLab: cells painted by mouse and keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenNotebook
from tests.browser.editor_view import EditorView
from tests.browser.notebook import Notebook

# Pictures of six bands, one a layer: each is as bright as its layer's first number says.
SPACE = """
import numpy as np
import latentwidgets as lw

def decode(latents):
    bands = np.round(latents[:, :, 0] * 40 + 128).clip(0, 255).astype(np.uint8)
    pictures = np.repeat(np.repeat(bands[:, :, None], 4, axis=1), 16, axis=2)
    pictures[:, :4] = pictures[:, :4] // 2 + 64  # the first layer changes half as much
    return pictures

space = lw.as_space(decode, latent_shape=(6, 2), layers=True)
age = lw.Direction("age", [1.0, 0.0])  # of one layer
w = lw.DirectionEditor(space, np.zeros((6, 2)), [age], value={"age": 2.0})
w
"""
MIDDLES = """(canvas) => [...Array(6).keys()].map(
    (i) => canvas.getContext('2d').getImageData(8, 4 * i + 2, 1, 1).data[0])"""
# What a band shows where its layer is moved by 2 sigma, and where it is not.
ON, OFF = 208, 128
# Resolves once the painted picture is this.
SHOWN = f"""([canvas, bands]) => canvas.dataset.lwExact === 'true'
    && JSON.stringify(({MIDDLES})(canvas)) === JSON.stringify(bands)"""


def show(open_notebook: OpenNotebook) -> tuple[Notebook, EditorView, Locator]:
    notebook = open_notebook([SPACE])
    notebook.run(0)
    view = EditorView(notebook)
    view.wait_exact()
    return notebook, view, view.row("age").locator(".lw-layer")


def wait_bands(view: EditorView, acting: set[int]) -> None:
    """Wait until the picture shows that just these layers are moved."""
    bands = [ON if i in acting else OFF for i in range(6)]
    bands[0] = bands[0] // 2 + 64
    handle = view.canvas.element_handle()
    view.page.wait_for_function(SHOWN, arg=[handle, bands], timeout=20_000)


def centre(cell: Locator) -> tuple[float, float]:
    box = cell.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.slow
def test_painting_with_the_mouse_changes_the_picture(open_notebook: OpenNotebook) -> None:
    notebook, view, cells = show(open_notebook)
    runs = view.row("age").locator(".lw-runs")
    wait_bands(view, {0, 1, 2, 3, 4, 5})
    assert runs.inner_text() == "all"
    mouse = view.page.mouse
    mouse.move(*centre(cells.nth(1)))
    mouse.down()
    mouse.move(*centre(cells.nth(3)), steps=4)
    wait_bands(view, {0, 4, 5})  # while the button is still down
    mouse.up()
    expect(runs).to_have_text("0, 4–5")
    notebook.wait_value("w.profiles", {"age": [1, 0, 0, 0, 1, 1]})
    cells.nth(2).click()
    wait_bands(view, {0, 2, 4, 5})
    runs.click()
    wait_bands(view, {0, 1, 2, 3, 4, 5})
    notebook.wait_value("w.profiles", {})
    view.drag("age", 2, 0)
    view.wait_exact()
    assert view.amount("age") == pytest.approx(0, abs=0.1)
    assert notebook.console_errors == []


@pytest.mark.slow
def test_painting_with_keys_changes_the_picture(open_notebook: OpenNotebook) -> None:
    notebook, view, cells = show(open_notebook)
    before = notebook.page.locator(".jp-Notebook .jp-Cell").count()
    cells.first.focus()
    keys = view.page.keyboard
    keys.press(" ")
    wait_bands(view, {1, 2, 3, 4, 5})
    keys.press("Shift+ArrowRight")
    keys.press("Shift+ArrowRight")
    wait_bands(view, {3, 4, 5})
    keys.press("End")
    keys.press("Enter")
    wait_bands(view, {3, 4})
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == before, "it took a key"
    assert cells.nth(5).get_attribute("aria-checked") == "false"
    notebook.wait_value("w.profiles", {"age": [0, 0, 0, 1, 1, 0]})
    notebook.execute("w.profiles = {'age': range(2)}")
    wait_bands(view, {0, 1})
    expect(view.row("age").locator(".lw-runs")).to_have_text("0–1")
    notebook.execute("w.profiles = {'age': [0, 0, 0, 0, 0, 0.5]}")
    view.page.wait_for_function(
        "(cell) => cell.getAttribute('aria-checked') === 'mixed'",
        arg=cells.nth(5).element_handle(),
    )


@pytest.mark.slow
def test_where_does_it_act_fills_the_cells(open_notebook: OpenNotebook) -> None:
    notebook, view, cells = show(open_notebook)
    button = view.root.get_by_role("button", name="Where does it act?")
    assert cells.nth(3).evaluate("(cell) => cell.style.getPropertyValue('--lw-effect')") == "0"
    button.click()
    view.row("age").locator(".lw-layers.lw-known").wait_for()
    shares = cells.evaluate_all(
        "(cells) => cells.map((cell) => Number(cell.style.getPropertyValue('--lw-effect')))"
    )
    # In whole levels, of which a difference sees few.
    assert shares == pytest.approx([0.5, 1, 1, 1, 1, 1], abs=0.12)
    assert f"{round(100 * shares[0])} % as much" in (cells.first.get_attribute("title") or "")
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    view.row("age").locator(".lw-layers:not(.lw-known)").wait_for()
    assert notebook.console_errors == []


@pytest.mark.slow
def test_what_it_knows_is_asked_again_after_a_change_from_python(
    open_notebook: OpenNotebook,
) -> None:
    notebook, view, _ = show(open_notebook)
    view.root.get_by_role("button", name="Where does it act?").click()
    layers = view.row("age").locator(".lw-layers")
    view.row("age").locator(".lw-layers.lw-known").wait_for()
    assert "per σ" in view.root.locator(".lw-legend").inner_text()
    # Changes that come while an answer is on its way, or out of sight, too.
    notebook.execute("import time\nfor i in range(8):\n    w.value = {'age': i}; time.sleep(0.1)")
    notebook.execute("w.base = np.ones((6, 2)); w.hold = ['age']")
    view.root.scroll_into_view_if_needed()
    view.page.wait_for_timeout(1000)
    view.page.wait_for_function(
        "(layers) => layers.matches('.lw-known:not(.lw-old)')",
        arg=layers.element_handle(),
        timeout=60_000,
    )


@pytest.mark.slow
def test_other_widgets_on_the_page_change_no_layers(open_notebook: OpenNotebook) -> None:
    notebook, _, cells = show(open_notebook)
    before = cells.first.bounding_box()
    notebook.execute("lw.Interpolator(space, np.stack([w.base, w.base + 1]), method='lerp')")
    notebook.page.locator(".lw-filmstrip .lw-cell").first.wait_for()
    notebook.execute("lw.LatentGrid(space, [w.base])")
    notebook.page.locator(".lw-latent-grid").wait_for()
    after = cells.first.bounding_box()
    assert before is not None
    assert after is not None
    assert (after["width"], after["height"]) == (before["width"], before["height"])
