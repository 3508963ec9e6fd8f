"""What a person does with an Interpolator in a page, and what they see."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from playwright.sync_api import Locator

from tests.browser.notebook import BrowserPage

# A space whose pictures carry the latent's first number, exactly, in their colours.
SPACE = """
import time
import numpy as np
import latentwidgets as lw

class Decoder:
    seconds = 0.0
    fault = None
    decoded = 0
    def __call__(self, latents):
        self.decoded += len(latents)
        time.sleep(self.seconds * len(latents))
        if self.fault is not None:
            raise RuntimeError(self.fault)
        value = np.round(latents[:, 0].astype(float) * 60000).astype(int)
        colours = np.stack([value // 256, value % 256, value * 0 + 128], axis=-1)
        return np.broadcast_to(colours[:, None, None].astype(np.uint8), (len(value), 16, 16, 3))

decoder = Decoder()
space = lw.LatentSpace(decoder, 1)
"""
WIDGET = "w = lw.Interpolator(space, [[0.0], [0.5], [1.0]], method='lerp')\nw"

# Resolves once a picture decoded for exactly this value, or for where the thumb is, is shown.
EXACT = """([canvas, slider, value]) => canvas.dataset.lwExact === 'true'
    && Math.abs(Number(canvas.dataset.lwValue) - (value ?? Number(slider.value))) < 1e-9"""


class View:
    """One view of an Interpolator."""

    def __init__(self, notebook: BrowserPage, index: int = 0) -> None:
        self.page = notebook.page
        self.root: Locator = notebook.page.locator(".lw-root").nth(index)
        self.root.wait_for()
        self.canvas = self.root.locator(".lw-picture")  # of other kinds than images no canvas
        self.slider = self.root.locator(".lw-slider").first

    def wait_exact(self, value: float | None = None, *, seconds: float = 20) -> None:
        """Wait until the picture for exactly this value (or for where the thumb is) is shown."""
        handles = [self.canvas.element_handle(), self.slider.element_handle()]
        self.page.wait_for_function(EXACT, arg=[*handles, value], timeout=seconds * 1000)

    def wait_strip(self, count: int = 65, *, seconds: float = 60) -> None:
        """Wait until as many frames have been decoded ahead."""
        track = self.root.locator(".lw-track").first.element_handle()
        self.page.wait_for_function(
            "([track, count]) => Number(track.dataset.lwStrip) >= count",
            arg=[track, count],
            timeout=seconds * 1000,
        )

    @property
    def value(self) -> float:
        """Where the thumb is."""
        return float(self.slider.input_value())

    @property
    def shown(self) -> float:
        """The value that the painted pixels carry."""
        red, green = self.canvas.evaluate(
            "(canvas) => [...canvas.getContext('2d').getImageData(8, 8, 1, 1).data].slice(0, 2)"
        )
        return float(red * 256 + green) / 60000

    def pixels(self) -> np.ndarray[Any, Any]:
        """Read the whole picture: uint8 ``(height, width, 4)``."""
        flat = self.canvas.evaluate(
            """(canvas) => {
                const { width, height } = canvas;
                const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
                return JSON.stringify([height, width, [...data]]);
            }"""
        )
        height, width, data = json.loads(flat)
        return np.array(data, np.uint8).reshape(height, width, 4)

    def at(self, t: float) -> tuple[float, float]:
        """Where on the page the thumb's centre is for t."""
        box = self.slider.bounding_box()
        assert box is not None
        return box["x"] + 8 + t * (box["width"] - 16), box["y"] + box["height"] / 2

    def drag(self, start: float, stop: float, *, steps: int = 20, drop: bool = True) -> list[float]:
        """Drag the thumb with the mouse, and give the values that were painted on the way."""
        self.slider.scroll_into_view_if_needed()
        mouse = self.page.mouse
        mouse.move(*self.at(start))
        mouse.down()
        seen = []
        for i in range(1, steps + 1):
            mouse.move(*self.at(start + (stop - start) * i / steps))
            seen.append(self.shown)
        if drop:
            mouse.up()
        return seen
