"""A diffusion model in a real JupyterLab: a walk, guidance beside seeds, the middle edited."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest

from tests.browser.conftest import SCREENSHOTS, OpenNotebook
from tests.browser.notebook import Notebook, wait_still

SETUP = """
import json
import numpy as np
import torch
import latentwidgets as lw

torch.set_num_threads(1)
demo = lw.demo.diffusion()
space = demo.space
few = {"num_inference_steps": 10}
labels = {"classes": [*"0123456789"], "null": 10}
middle = lw.as_space(demo.pipe, latent="bottleneck", arguments=few, **labels)
found = lw.pca_directions(middle.sample(32), n=2)
nothing = np.zeros(middle.latent_shape, np.float32)
"""
WIDGETS = {
    "interpolator": """walk = lw.Interpolator(space, space.sample(4), method="gaussian")
walk.conditions = {"class": "3", "guidance": 4.0, "steps": 10}
walk""",
    "latent-grid": """under = {"amounts": range(3), "conditions": {"class": "7"}}
grid = lw.LatentGrid.plane(middle, nothing, "guidance", "seed", **under)
grid""",
    "direction-editor": """edit = lw.DirectionEditor(middle, nothing, found)
edit.conditions = {"class": "3", "guidance": 2.0, "seed": 5}
edit""",
}
# What the spaces make of what the widgets say that they show.
MADE = {
    "interpolator": "space.decode(walk.latent[None], dict(walk.conditions))",
    "latent-grid": "middle.decode(grid.latent[None], dict(grid.cell_conditions))",
    "direction-editor": "middle.decode(edit.latent[None], dict(edit.conditions))",
}
OVER = """(root) => [...root.querySelectorAll('*')].filter((one) => one.checkVisibility()
    && one.getBoundingClientRect().right > root.getBoundingClientRect().right + 1)
    .map((one) => one.className)"""


def wait_drawn(notebook: Notebook, kind: str, *, seconds: float = 60) -> np.ndarray[Any, Any]:
    """Wait until a widget shows the exact picture of what it says that it shows, and give it."""
    selector = f".lw-{kind} canvas.lw-picture:not(.lw-before)"
    found = notebook.execute(f"print(json.dumps({MADE[kind]}[0, :, :, 0].tolist()))")
    wanted = np.array(json.loads(found.text))
    end, gap = time.monotonic() + seconds, 255
    while gap > 1 or notebook.page.locator(selector).first.get_attribute("data-lw-exact") != "true":
        assert time.monotonic() < end, f"{gap} levels off"
        notebook.page.wait_for_timeout(100)
        painted = notebook.pixels(selector)[..., 0].astype(int)
        gap = np.abs(painted - wanted).max()
    return painted


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_noise_guidance_and_the_middle_under_the_thumb(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SETUP, *WIDGETS.values()], own_page=True)
    page = notebook.page
    for index in range(4):
        notebook.run(index)

    # The thumb of guidance moves, and the picture of the model follows.
    pictures = [wait_drawn(notebook, "interpolator")]
    guidance = page.locator(".lw-interpolator").get_by_role("slider", name="guidance")
    for key, end in (("Home", 0.0), ("End", 8.0)):
        guidance.focus()
        page.keyboard.press(key)
        notebook.wait_value("walk.conditions['guidance']", end, seconds=60)
        pictures.append(wait_drawn(notebook, "interpolator"))
    assert min(np.abs(pictures[0] - one).max() for one in pictures[1:]) > 50

    # Of the middle a direction acts in all steps, and then in the last alone.
    row = page.locator('.lw-direction-editor .lw-row[aria-label="PC 1"]')
    row.locator(".lw-slider").focus()
    page.keyboard.press("End")
    amount = float(row.locator(".lw-slider").input_value())
    notebook.wait_value("edit.value['PC 1']", amount, seconds=60)
    everywhere = wait_drawn(notebook, "direction-editor")
    notebook.execute("edit.profiles = {'PC 1': range(7, 10)}")
    row.locator(".lw-runs", has_text="7–9").wait_for()
    assert np.abs(wait_drawn(notebook, "direction-editor") - everywhere).max() > 5

    # Each cell has its own guidance and its own seed.
    cells = page.locator(".lw-latent-grid .lw-box")
    page.wait_for_function(
        "() => !document.querySelector('.lw-latent-grid .lw-box.lw-blank')", timeout=60_000
    )
    assert cells.count() == 9
    first = wait_drawn(notebook, "latent-grid")
    notebook.execute("grid.value = (0, 2)")
    assert np.abs(wait_drawn(notebook, "latent-grid") - first).max() > 50

    SCREENSHOTS.mkdir(exist_ok=True)
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        for width in (800, 400):
            for kind in WIDGETS:
                root = page.locator(f".lw-{kind}")
                root.evaluate(f"(root) => {{ root.parentElement.style.width = '{width}px'; }}")
                root.scroll_into_view_if_needed()
                wait_still(root)
                assert root.evaluate(OVER) == [], (theme, width, kind)
                root.screenshot(path=SCREENSHOTS / f"diffusion-{kind}-{theme}-{width}.png")
    assert notebook.console_errors == []
