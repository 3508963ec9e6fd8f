"""Texts to frames: as text, for the page to show as text."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from .frame import Frame, Quality
from .image import as_png
from .layout import grid
from .plot import DPI, WIDTH, plot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

__all__ = ["TextFramer"]

ASPECT = 1.5
# Sizes of letters in points: the largest in which a text fits, else the last, and it is cut.
SIZES = (18, 14, 11, 8)


class TextFramer:
    """Makes frames of texts: a JSON list, of one text or of several that are shown together.

    Examples
    --------
    >>> TextFramer().frame(["<b>"], (0.5,), Quality.LOSSLESS).data
    b'["<b>"]'
    """

    painter = "kind_text.js"

    def frame(self, outputs: Sequence[str], at: tuple[float, ...], _quality: Quality) -> Frame:
        """Encode the texts shown at some coordinates."""
        data = json.dumps(list(outputs)).encode()
        return Frame(at, data, "application/json", lossless=True)

    def picture(self, outputs: Sequence[str]) -> Image.Image:
        """Draw the texts."""
        width = WIDTH / grid(len(outputs))[1]

        def draw(axes: Any, text: str) -> None:
            size, lines = _fitted(text, width)
            axes.set_axis_off()
            # Dollar signs are dollar signs.
            axes.text(0.02, 0.98, lines, fontsize=size, va="top", parse_math=False, color="#1f2328")

        return plot(outputs, draw, aspect=ASPECT)

    def png(self, frame: Frame) -> bytes:
        """Draw the texts of a frame."""
        return as_png(self.picture(json.loads(frame.data)))


def _fitted(text: str, width: float) -> tuple[int, str]:
    """Break a text into lines, in the largest letters in which it fits."""
    for size in SIZES:
        pixels = size * DPI / 72
        across, down = int(width * 0.9 / (0.6 * pixels)), int(width / ASPECT * 0.9 / (1.3 * pixels))
        lines = [
            line
            for paragraph in text.splitlines()
            for line in textwrap.wrap(paragraph, max(across, 1)) or [""]
        ]
        if len(lines) <= down:
            return size, "\n".join(lines)
    return SIZES[-1], "\n".join([*lines[: max(down - 1, 0)], "…"])
