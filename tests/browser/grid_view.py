"""What a person does with a LatentGrid in a page, and what they see."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator

from tests.browser.editor_view import CARRIED
from tests.browser.notebook import BrowserPage, wait_repaints

# Cells whose first two numbers are their row and their column, in hundredths.
CELLS = """
def cells(rows, columns):
    row, column = np.indices((rows, columns)) / 100
    return np.stack([row, column, row * 0], axis=-1).astype(np.float32)
"""

# What the middle of a half of a cell carries, on the canvas that it shares with its neighbours.
CELL_CARRIED = """(box) => {
    const { left, top, width, height } = box.getBoundingClientRect();
    return [0.25, 0.75].map((share) => {
        const x = left + share * width;
        for (const canvas of box.parentElement.querySelectorAll('canvas')) {
            const place = canvas.getBoundingClientRect();
            if (x < place.left || x >= place.right) continue;
            const [across, down] = [x - place.left, top + height / 2 - place.top];
            const scale = canvas.width / place.width;
            const context = canvas.getContext('2d');
            const [red, green] = context.getImageData(across * scale, down * scale, 1, 1).data;
            return (red * 256 + green) / 6000 - 5;
        }
        throw new Error('no canvas shows this cell');
    });
}"""


class GridView:
    """One view of a LatentGrid."""

    def __init__(self, notebook: BrowserPage, index: int = 0) -> None:
        self.page = notebook.page
        self.root: Locator = notebook.page.locator(".lw-latent-grid").nth(index)
        self.root.wait_for()
        self.sheet = self.root.locator(".lw-sheet")
        self.loupe = self.root.locator("canvas.lw-picture")
        self.point = self.root.locator(".lw-point")

    def cell(self, index: int) -> Locator:
        """Give a cell; it is on the page only near what is in sight."""
        return self.root.locator(f'.lw-box[data-lw-index="{index}"]')

    def wait_cells(self, *indices: int, seconds: float = 30) -> None:
        """Wait until cells are painted."""
        self.page.wait_for_function(
            """([root, indices]) => indices.every((index) => {
                const box = root.querySelector(`[data-lw-index="${index}"]`);
                return box && !box.classList.contains('lw-blank');
            })""",
            arg=[self.root.element_handle(), list(indices)],
            timeout=seconds * 1000,
        )

    def carried(self, index: int) -> tuple[float, float]:
        """The first two numbers of the latent that a cell's pixels carry."""
        first, second = self.cell(index).evaluate(CELL_CARRIED)
        return first, second

    @property
    def shown(self) -> tuple[float, float]:
        """The first two numbers that the large picture's pixels carry."""
        first, second = self.loupe.evaluate(CARRIED)
        return first, second

    def wait_exact(self, *at: float, within: float = 1e-6, seconds: float = 20) -> None:
        """Wait until the large picture is the exact one of a place, or of any."""
        wait_repaints(self.page)
        self.page.wait_for_function(
            """([canvas, at, within]) => {
                const value = JSON.parse(canvas.dataset.lwValue ?? '[]');
                return canvas.dataset.lwExact === 'true'
                    && at.every((x, i) => Math.abs(value[i] - x) < within);
            }""",
            arg=[self.loupe.element_handle(), list(at), within],
            timeout=seconds * 1000,
        )

    @property
    def value(self) -> list[float]:
        """The place that the large picture was decoded for."""
        place: list[float] = json.loads(self.loupe.get_attribute("data-lw-value") or "[]")
        return place

    def chosen(self) -> list[int]:
        """The cells on the page that show as chosen."""
        indices: list[int] = self.root.locator('.lw-box[aria-selected="true"]').evaluate_all(
            "(boxes) => boxes.map((box) => Number(box.dataset.lwIndex))"
        )
        return sorted(indices)

    def middle(self, index: int) -> tuple[float, float]:
        """Where on the page the middle of a cell is."""
        self.cell(index).scroll_into_view_if_needed()
        box = self.cell(index).bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def scroll(self, top: float) -> Any:
        """Scroll the cells."""
        return self.sheet.evaluate("(sheet, top) => { sheet.scrollTop = top; }", top)
