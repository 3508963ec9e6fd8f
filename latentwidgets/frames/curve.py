"""Curves to frames: their points, and the range that all of them are drawn in."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from .frame import Frame, Quality
from .plot import Plotter, draw_lines, label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .layout import Tiling

__all__ = ["CurveFramer"]

# What goes before the points: how many curves, channels, points, nothing; the range.
HEADER = struct.Struct("<4I2d")


class CurveFramer(Plotter):
    """Makes frames of curves: float32 ``(curves, channels, points)`` behind a header.

    Parameters
    ----------
    limits : tuple of float
        The values at the bottom and at the top, as they are now. The page draws all curves in the
        widest range that came with any.
    """

    painter = "kind_curve.js"
    aspect = 1.5

    def __init__(self, limits: tuple[float, float]) -> None:
        self._limits = limits

    def frame(
        self, outputs: NDArray[np.float32], at: tuple[float, ...], _quality: Quality
    ) -> Frame:
        """Encode the curves shown at some coordinates."""
        header = HEADER.pack(*outputs.shape, 0, *self._limits)
        data = header + outputs.astype("<f4").tobytes()
        return Frame(at, data, "application/octet-stream", lossless=True)

    def outputs(self, frame: Frame) -> NDArray[np.float32]:
        """Read the curves of a frame."""
        shape = HEADER.unpack_from(frame.data)[:3]
        return np.frombuffer(frame.data, "<f4", offset=HEADER.size).reshape(shape)

    def draw(
        self, axes: Any, outputs: NDArray[np.float32], tiling: Tiling, *, points: float
    ) -> None:
        """Draw the curves."""
        draw_lines(axes, outputs, tiling, self._limits, points=points)
        if len(outputs) == 1:
            for value, y in zip(self._limits, (tiling.height, 0), strict=True):
                label(axes, f"{value:.4g}", 0, y)
