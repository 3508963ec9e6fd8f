"""What a person does with a DirectionEditor in a page, and what they see."""

from __future__ import annotations

import json

from playwright.sync_api import Locator

from tests.browser.notebook import BrowserPage, wait_repaints

# A space whose pictures carry the latent's first two numbers, exactly, in the colours of their
# left and right half; "y" moves both of them, "z" none.
SPACE = """
import time
import numpy as np
import latentwidgets as lw
from latentwidgets.directions import Evidence

class Decoder:
    seconds = 0.0
    fault = None
    decoded = 0
    def __call__(self, latents):
        self.decoded += len(latents)
        time.sleep(self.seconds * len(latents))
        if self.fault is not None:
            raise RuntimeError(self.fault)
        value = np.round((latents[:, :2].astype(float) + 5) * 6000).astype(int).clip(0, 65535)
        colours = np.stack([value // 256, value % 256, value * 0 + 128], axis=-1).astype(np.uint8)
        return np.repeat(np.repeat(colours[:, None], 16, axis=1), 8, axis=2)

decoder = Decoder()
space = lw.LatentSpace(decoder, 3)
doubt = Evidence(0.52, "balanced accuracy", spread=0.03, warning="No better than chance.")
found = lw.Directions([
    lw.Direction("x", [1.0, 0.0, 0.0], evidence=Evidence(0.3, "share of variance")),
    lw.Direction("y", [0.6, 0.8, 0.0], readout=[0.0, 1.0, 0.0], evidence=doubt),
    lw.Direction("z", [0.0, 0.0, 1.0], sigma=0.5),
])
"""
WIDGET = "w = lw.DirectionEditor(space, [0.1, 0.2, 0.3], found)\nw"

# Resolves once a picture decoded for exactly these amounts is on the canvas.
EXACT = """([canvas, amounts]) => {
    const value = JSON.parse(canvas.dataset.lwValue ?? '{}');
    return canvas.dataset.lwExact === 'true'
        && Object.entries(amounts).every(([name, x]) => Math.abs(value[name] - x) < 1e-6);
}"""
# What the middle of a half of a canvas carries.
CARRIED = """(canvas) => [4, 12].map((x) => {
    const [red, green] = canvas.getContext('2d').getImageData(x, 8, 1, 1).data;
    return (red * 256 + green) / 6000 - 5;
})"""


class EditorView:
    """One view of a DirectionEditor."""

    def __init__(self, notebook: BrowserPage, index: int = 0) -> None:
        self.page = notebook.page
        self.root: Locator = notebook.page.locator(".lw-direction-editor").nth(index)
        self.root.wait_for()
        # An explorer has taken the picture to where all its parts show theirs.
        looks = notebook.page.locator(".lw-looks .lw-frames")
        own = self.root.locator(".lw-picture:not(.lw-before)")
        self.canvas = looks.locator(".lw-picture:not(.lw-before)").or_(own).first
        self.before = looks.locator(".lw-before").or_(self.root.locator(".lw-before")).first

    def row(self, name: str) -> Locator:
        """Give the row of a direction."""
        return self.root.locator(f'.lw-row[aria-label="{name}"]')

    def rows(self) -> list[str]:
        """Give the names of the rows that are shown, in order."""
        names: list[str] = self.root.locator(".lw-row:not([hidden])").evaluate_all(
            "(rows) => rows.map((row) => row.getAttribute('aria-label'))"
        )
        return names

    def slider(self, name: str) -> Locator:
        """Give the slider of a direction."""
        return self.row(name).locator(".lw-slider")

    def amount(self, name: str) -> float:
        """Where a thumb is."""
        return float(self.slider(name).input_value())

    def wait_exact(self, *, seconds: float = 20, **amounts: float) -> None:
        """Wait until the picture for exactly these amounts (or for any) is shown."""
        wait_repaints(self.page)
        handle = self.canvas.element_handle()
        self.page.wait_for_function(EXACT, arg=[handle, amounts], timeout=seconds * 1000)

    def wait_strip(self, name: str, count: int, *, seconds: float = 30) -> None:
        """Wait until as many frames are there along a slider."""
        buffer = self.row(name).locator(".lw-buffer").element_handle()
        self.page.wait_for_function(
            "([buffer, count]) => Number(buffer.dataset.lwFrames) >= count",
            arg=[buffer, count],
            timeout=seconds * 1000,
        )

    @property
    def shown(self) -> tuple[float, float]:
        """The first two numbers of the latent that the painted pixels carry."""
        first, second = self.canvas.evaluate(CARRIED)
        return first, second

    def readings(self, name: str) -> list[float]:
        """What the ticks of a slider say."""
        texts = (
            self.row(name)
            .locator(".lw-reading")
            .evaluate_all("(ticks) => ticks.map((tick) => tick.dataset.lwReading)")
        )
        return [float(text) for text in texts]

    def value(self) -> dict[str, float]:
        """The amounts that the picture was decoded for."""
        amounts: dict[str, float] = json.loads(self.canvas.get_attribute("data-lw-value") or "{}")
        return amounts

    def at(self, name: str, amount: float) -> tuple[float, float]:
        """Where on the page the thumb's centre is for an amount."""
        slider = self.slider(name)
        box = slider.bounding_box()
        assert box is not None
        low, high = (float(slider.get_attribute(end) or 0) for end in ("min", "max"))
        share = (amount - low) / (high - low)
        return box["x"] + 8 + share * (box["width"] - 16), box["y"] + box["height"] / 2

    def drag(
        self, name: str, start: float, stop: float, *, steps: int = 20, drop: bool = True
    ) -> list[tuple[float, float]]:
        """Drag a thumb with the mouse, and give what was painted on the way."""
        self.slider(name).scroll_into_view_if_needed()
        mouse = self.page.mouse
        mouse.move(*self.at(name, start))
        mouse.down()
        seen = []
        for i in range(1, steps + 1):
            mouse.move(*self.at(name, start + (stop - start) * i / steps))
            seen.append(self.shown)
        if drop:
            mouse.up()
        return seen
