"""Texts to frames: as text, for the page to show as text."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from .frame import Frame, Quality
from .plot import Plotter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .layout import Tiling

__all__ = ["TextFramer"]

# Sizes of letters in points: the largest in which all texts fit, else the last, and some are cut.
SIZES = (18, 14, 11, 9, 7.5, 6, 5)
# Width and height of a letter by its size, generously, and how far from the edge they start.
LETTER = (0.58, 1.25)
MARGIN = 0.03


class TextFramer(Plotter):
    """Makes frames of texts: a JSON list, of one text or of several that are shown together.

    Examples
    --------
    >>> TextFramer().frame(["<b>"], (0.5,), Quality.LOSSLESS).data
    b'["<b>"]'
    """

    painter = "kind_text.js"
    aspect = 1.5
    inches = 1.2

    def frame(self, outputs: Sequence[str], at: tuple[float, ...], _quality: Quality) -> Frame:
        """Encode the texts shown at some coordinates."""
        data = json.dumps(list(outputs)).encode()
        return Frame(at, data, "application/json", lossless=True)

    def outputs(self, frame: Frame) -> list[str]:
        """Read the texts of a frame."""
        texts: list[str] = json.loads(frame.data)
        return texts

    def draw(self, axes: Any, outputs: Sequence[str], tiling: Tiling, *, points: float) -> None:
        """Draw the texts, all in letters of one size."""
        size, broken = _fitted(outputs, points * (1 - 2 * MARGIN), points / self.aspect)
        inset = MARGIN * tiling.width
        for lines, (left, top) in zip(broken, tiling.corners, strict=True):
            axes.text(
                *(left + inset, top + inset, "\n".join(lines)),
                fontsize=size,
                va="top",
                linespacing=1.1,
                parse_math=False,  # dollar signs are dollar signs
                color="#1f2328",
            )


def _fitted(texts: Sequence[str], width: float, height: float) -> tuple[float, list[list[str]]]:
    """Break texts into lines, in the largest letters in which all fit into so many points."""
    broken: list[list[str]] = []
    for size in SIZES:
        across = max(1, int(width / (LETTER[0] * size)))
        down = max(1, int(height / (LETTER[1] * size)))
        broken = [_broken(text, across) for text in texts]
        if all(len(lines) <= down for lines in broken):
            return size, broken
    return size, [lines if len(lines) <= down else [*lines[: down - 1], "…"] for lines in broken]


def _broken(text: str, across: int) -> list[str]:
    """Break a text into lines of so many letters at most."""
    return [
        line for paragraph in text.splitlines() for line in textwrap.wrap(paragraph, across) or [""]
    ]
