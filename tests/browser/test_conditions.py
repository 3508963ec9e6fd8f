"""Conditions in the page: a menu and a slider that change the picture, like any other control."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator

from tests.browser.conftest import OpenNotebook
from tests.browser.notebook import Notebook
from tests.models import models_missing

ROOT = Path(__file__).parents[2]

# Pictures whose colour is the first number of the latent, the class and the sharpness.
SPACE = """
import numpy as np
import latentwidgets as lw

def decode(latents, y, sharpness):
    colours = np.stack([latents[:, 0] * 100, y * 50, sharpness * 100], axis=-1).round()
    return np.broadcast_to(colours[:, None, None].astype(np.uint8), (len(y), 8, 8, 3))

given = {"class": ["owl", "mug", "bee", "ant"], "sharpness": (1.0, 0.0, 2.0)}
space = lw.as_space(decode, latent_shape=2, conditions=given)
x, y = lw.Direction("x", [1.0, 0.0]), lw.Direction("y", [0.0, 1.0])
base = np.array([0.5, 0.0], np.float32)
"""
WIDGETS = {
    "interpolator": "w = lw.Interpolator(space, [base, base + 1], method='lerp')\nw",
    "direction-editor": "w = lw.DirectionEditor(space, base, [x, y])\nw",
    "latent-grid": "w = lw.LatentGrid(space, np.repeat(base[None], 9, 0))\nw",
    "latent-map": "w = lw.LatentMap(space, np.stack([base, base + 1, base]))\nw",
}

# Resolves once the exact picture is on the canvas, and carries these colours.
CARRIES = """([canvas, colours]) => canvas.dataset.lwExact === 'true'
    && JSON.stringify([...canvas.getContext('2d').getImageData(4, 4, 1, 1).data].slice(0, 3))
        === JSON.stringify(colours)"""
CELL = """([canvas, colours]) => JSON.stringify(
    [...canvas.getContext('2d').getImageData(12, 12, 1, 1).data].slice(0, 3)
) === JSON.stringify(colours)"""


class ConditionsView:
    """A widget with its conditions."""

    def __init__(self, notebook: Notebook, kind: str) -> None:
        self.notebook = notebook
        self.root: Locator = notebook.page.locator(f".lw-{kind}").first
        self.root.wait_for()
        self.group = self.root.get_by_role("group", name="Conditions")
        self.menu = self.group.get_by_label("class")
        self.slider = self.group.get_by_role("slider", name="sharpness")
        self.picture = self.root.locator("canvas.lw-picture").first

    def wait_colours(self, *colours: int) -> None:
        """Wait until the exact picture that carries these is shown."""
        handle = self.picture.element_handle()
        self.notebook.page.wait_for_function(CARRIES, arg=[handle, colours], timeout=20_000)

    def wait_cell(self, *colours: int) -> None:
        """Wait until the first cell of a grid carries these."""
        handle = self.root.locator(".lw-mosaic canvas").first.element_handle()
        self.notebook.page.wait_for_function(CELL, arg=[handle, colours], timeout=20_000)

    def wait_kernel(self, conditions: dict[str, Any]) -> None:
        """Wait until the kernel knows these conditions."""
        self.notebook.wait_value("w.conditions", conditions)


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=[pytest.mark.slow] * (kind != "direction-editor"))
        for kind in WIDGETS
    ],
)
def test_a_menu_and_a_slider_change_the_picture(kind: str, open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACE, WIDGETS[kind]])
    notebook.run(0)
    notebook.run(1)
    view = ConditionsView(notebook, kind)
    view.wait_colours(50, 0, 100)
    view.menu.select_option(label="bee")
    view.wait_colours(50, 100, 100)
    view.menu.focus()
    notebook.page.keyboard.press("ArrowDown")
    view.wait_colours(50, 150, 100)
    view.slider.focus()
    notebook.page.keyboard.press("End")
    view.wait_colours(50, 150, 200)
    notebook.page.keyboard.press("PageDown")
    view.wait_colours(50, 150, 180)
    if kind == "latent-grid":
        view.wait_cell(50, 150, 180)
    assert view.slider.get_attribute("aria-valuetext") == "sharpness 1.8"
    box = view.slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    notebook.page.mouse.move(box["x"] + 8 + 0.9 * (box["width"] - 16), middle)
    notebook.page.mouse.down()
    for step in range(10):
        share = 0.9 - 0.09 * step
        notebook.page.mouse.move(box["x"] + 8 + share * (box["width"] - 16), middle)
    notebook.page.mouse.move(box["x"], middle)
    notebook.page.mouse.up()
    view.wait_colours(50, 150, 0)
    view.slider.dblclick(position={"x": 8, "y": box["height"] / 2})
    view.wait_colours(50, 150, 100)
    view.wait_kernel({"class": "ant", "sharpness": 1.0})
    number = view.group.get_by_role("spinbutton")
    number.fill("99")
    number.press("Enter")
    alert = view.root.get_by_role("alert").filter(has_text="sharpness goes from 0 to 2, not to 99.")
    alert.wait_for()
    assert number.input_value() == "1.00"
    view.wait_kernel({"class": "ant", "sharpness": 1.0})
    number.fill("0.7")
    number.press("Enter")
    view.wait_colours(50, 150, 70)
    alert.wait_for(state="hidden")
    notebook.execute("w.conditions = {'class': 'mug', 'sharpness': 0.5}")
    view.wait_colours(50, 50, 50)
    assert view.menu.evaluate("(menu) => menu.selectedOptions[0].text") == "mug"
    assert notebook.console_errors == []


def test_the_page_tells_why_the_kernel_refused(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACE, WIDGETS["interpolator"]])
    notebook.run(0)
    notebook.run(1)
    view = ConditionsView(notebook, "interpolator")
    view.wait_colours(50, 0, 100)
    notebook.execute("w.set_state({'conditions': {'class': 'bea'}})")
    alert = view.root.get_by_role("alert")
    alert.wait_for()
    assert "Did you mean 'bee'" in alert.inner_text()
    view.menu.select_option(label="bee")
    view.wait_colours(50, 100, 100)
    alert.wait_for(state="hidden")


@pytest.mark.slow
def test_strips_follow_a_condition(open_notebook: OpenNotebook) -> None:
    """Along the slider in hand frames are decoded ahead; so are choices while nothing moves."""
    notebook = open_notebook([SPACE, WIDGETS["interpolator"]])
    notebook.run(0)
    notebook.run(1)
    view = ConditionsView(notebook, "interpolator")
    view.wait_colours(50, 0, 100)
    view.slider.focus()
    buffer = view.group.locator(".lw-buffer")
    notebook.page.wait_for_function(
        "(buffer) => Number(buffer.dataset.lwFrames) >= 65",
        arg=buffer.element_handle(),
        timeout=20_000,
    )


SKETCHES = """
import sys
sys.path.insert(0, {root!r})
import latentwidgets as lw
from tests.models import load_sketches
space, model = load_sketches()
w = lw.Interpolator(space, space.sample(2), conditions={{"class": "mug"}})
w
"""


@pytest.mark.slow
@pytest.mark.skipif(bool(models_missing), reason=models_missing)
def test_the_menu_of_a_real_model_changes_the_picture(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SKETCHES.format(root=str(ROOT))])
    notebook.run(0)
    view = ConditionsView(notebook, "interpolator")
    seen = []
    for name in ("mug", "pants", "light_bulb"):
        view.menu.select_option(label=name)
        notebook.page.wait_for_function(
            """([root, name]) => root.querySelector('.lw-picture').dataset.lwExact === 'true'
                && root.querySelector('.lw-picture').ariaLabel.endsWith(name)""",
            arg=[view.root.element_handle(), name],
        )
        painted = notebook.pixels()[..., 0].astype(int)
        code = f"print(space.decode(w.latent[None], {{'class': {name!r}}}).tolist())"
        expected = np.array(json.loads(notebook.execute(code).text))[0, :, :, 0]
        assert np.abs(painted - expected).max() <= 1
        seen.append(painted)
    assert np.abs(seen[0] - seen[1]).max() > 100
    assert notebook.console_errors == []


@pytest.mark.slow
def test_a_picture_of_another_choice_is_called_so(open_notebook: OpenNotebook) -> None:
    broken = SPACE.replace(
        "    colours =",
        "    if (y == 1).any():\n        raise RuntimeError('no mugs')\n    colours =",
    )
    notebook = open_notebook(
        [broken, WIDGETS["interpolator"], "lw.LatentGrid.table(space, [base], 'class')"]
    )
    notebook.run(0)
    notebook.run(1)
    view = ConditionsView(notebook, "interpolator")
    view.wait_colours(50, 0, 100)
    view.menu.select_option(label="mug")
    alert = view.root.get_by_role("alert")
    alert.get_by_text("class mug, sharpness 1: ").wait_for()
    assert "no mugs" in alert.inner_text()
    status = view.root.locator(".lw-status")
    status.get_by_text("last good picture: t = 0.000, owl").wait_for()
    view.menu.select_option(label="bee")
    view.wait_colours(50, 100, 100)
    notebook.run(2)
    failed = notebook.page.locator(".lw-latent-grid .lw-failed")
    failed.wait_for()
    assert failed.get_attribute("aria-label") == "latent 0, mug"
    assert "latent 0, mug, sharpness 1: " in (failed.get_attribute("title") or "")
    assert "no mugs" in (failed.get_attribute("title") or "")
