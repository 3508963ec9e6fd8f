"""What a person does with a LatentMap in a page, and what they see."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator

from tests.browser.notebook import BrowserPage, wait_repaints, wait_still

# A space whose pictures carry the latent's first two numbers, exactly, in the colours of their
# left and right half; latents on a grid, so that PCA is the plane itself.
SPACE = """
import numpy as np
import latentwidgets as lw

class Decoder:
    fault = None
    def __call__(self, latents):
        if self.fault is not None:
            raise RuntimeError(self.fault)
        value = np.round((latents[:, :2].astype(float) + 50) * 600).astype(int).clip(0, 65535)
        colours = np.stack([value // 256, value % 256, value * 0 + 128], axis=-1).astype(np.uint8)
        return np.repeat(np.repeat(colours[:, None], 16, axis=1), 8, axis=2)

decoder = Decoder()
space = lw.LatentSpace(decoder, 3)
x, y = (one.ravel() for one in np.meshgrid(np.arange(-10, 11), np.arange(-5, 6)))
latents = np.stack([2.0 * x, 2.0 * y, 0.01 * np.cos(x * 37 + y * 11)], axis=1).astype(np.float32)
labels = np.where(x < 0, "<b>left</b>", "<script>window.lwBad = 1</script>")
"""
WIDGET = "w = lw.LatentMap(space, latents, labels)\nw"

CARRIED = """(canvas) => [4, 12].map((x) => {
    const [red, green] = canvas.getContext('2d').getImageData(x, 8, 1, 1).data;
    return (red * 256 + green) / 600 - 50;
})"""
EXACT = """([canvas, row]) => canvas.dataset.lwExact === 'true'
    && JSON.parse(canvas.dataset.lwValue)[0] === row"""


class MapView:
    """One view of a LatentMap."""

    def __init__(self, notebook: BrowserPage, index: int = 0) -> None:
        self.page = notebook.page
        self.root: Locator = notebook.page.locator(".lw-latent-map").nth(index)
        self.ground = self.root.locator(".lw-ground[data-lw-ready='true']")
        self.ground.wait_for(timeout=45_000)  # what draws it is large, and marimo is slow
        self.top = self.root.locator(".lw-map-top")
        self.root.locator(".lw-overlay[data-lw-spot]").wait_for(state="attached")
        self.canvas = self.root.locator("canvas.lw-picture")
        self.overlay = self.root.locator(".lw-overlay")
        self.note = self.root.locator(".lw-map-note")
        self.alert = self.root.locator(".lw-alert")
        self.caption = self.root.locator(".lw-caption")
        # The first points are drawn when their index is built.
        self.page.wait_for_function(
            "(box) => [...box.querySelectorAll('div')].find((one) => one.api)"
            ".api.get('isPointsDrawn') !== false",
            arg=self.ground.element_handle(),
        )

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where on the page a point of the map is."""
        self.ground.scroll_into_view_if_needed()
        left, top, place_x, place_y = self.ground.evaluate(
            """async (box, [x, y]) => {
                const { api } = [...box.querySelectorAll('div')].find((one) => one.api);
                const { left, top } = box.querySelector('.lw-overlay').getBoundingClientRect();
                return [left, top, api.get('xScale')(x), api.get('yScale')(y)];
            }""",
            self.place(x, y),
        )
        return left + place_x, top + place_y

    def place(self, x: float, y: float) -> list[float]:
        """Where a point is in the square that all points lie in: see `SPACE`."""
        half = 20 * 1.06
        return [x / half, y / half]

    def hover(self, x: float, y: float) -> None:
        """Bring the mouse to a point, from beside it."""
        wait_still(self.ground)
        to_x, to_y = self.at(x, y)
        self.page.mouse.move(to_x + 3, to_y + 40)
        self.page.mouse.move(to_x, to_y, steps=4)

    def click(self, x: float, y: float) -> None:
        """Click at a point."""
        self.hover(x, y)
        self.page.wait_for_timeout(100)
        self.page.mouse.down()
        self.page.mouse.up()

    def lasso(self, corners: list[tuple[float, float]]) -> None:
        """Draw round some points, with the mouse in lasso mode."""
        self.root.get_by_role("button", name="Lasso").click()
        path = [self.at(*corner) for corner in [*corners, corners[0]]]
        mouse = self.page.mouse
        mouse.move(*path[0])
        mouse.down()
        for x, y in path[1:]:
            mouse.move(x, y, steps=8)
            self.page.wait_for_timeout(30)
        mouse.up()

    def wait_exact(self, row: int, *, seconds: float = 20) -> None:
        """Wait until the picture of exactly this latent is shown (-1: of the ground)."""
        wait_repaints(self.page)
        handle = self.canvas.element_handle()
        self.page.wait_for_function(EXACT, arg=[handle, row], timeout=seconds * 1000)

    @property
    def shown(self) -> tuple[float, float]:
        """The first two numbers of the latent that the painted pixels carry."""
        first, second = self.canvas.evaluate(CARRIED)
        return first, second

    def drawn(self, what: str) -> Any:
        """Where the spot or the path is drawn, in CSS pixels within the ground."""
        return json.loads(self.overlay.get_attribute(f"data-lw-{what}") or "null")
