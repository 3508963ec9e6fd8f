"""Curves to frames: their points, and the range that all of them are drawn in."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from .frame import Frame, Quality
from .image import as_png
from .plot import plot

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

__all__ = ["CurveFramer"]

ASPECT = 1.5
# What goes before the points: how many curves, channels, points, nothing; the range.
HEADER = struct.Struct("<4I2d")


class CurveFramer:
    """Makes frames of curves: float32 ``(curves, channels, points)`` behind a header.

    Parameters
    ----------
    limits : tuple of float
        The values at the bottom and at the top, as they are now. The page draws all curves in the
        widest range that came with any.
    """

    painter = "kind_curve.js"

    def __init__(self, limits: tuple[float, float]) -> None:
        self._limits = limits

    def frame(
        self, outputs: NDArray[np.float32], at: tuple[float, ...], _quality: Quality
    ) -> Frame:
        """Encode the curves shown at some coordinates."""
        header = HEADER.pack(*outputs.shape, 0, *self._limits)
        data = header + outputs.astype("<f4").tobytes()
        return Frame(at, data, "application/octet-stream", lossless=True)

    def picture(self, outputs: NDArray[np.float32]) -> Image.Image:
        """Draw the curves."""
        low, high = self._limits

        def draw(axes: Any, curve: NDArray[np.float32]) -> None:
            axes.plot(curve.T, linewidth=1.2)
            axes.set_ylim(low, high)
            axes.set_xlim(0, curve.shape[1] - 1)
            axes.tick_params(labelsize=7)
            if low < 0 < high:
                axes.axhline(0, color="0.7", linewidth=0.6, zorder=0)

        return plot(outputs, draw, aspect=ASPECT)

    def png(self, frame: Frame) -> bytes:
        """Draw the curves of a frame."""
        shape = HEADER.unpack_from(frame.data)[:3]
        points = np.frombuffer(frame.data, "<f4", offset=HEADER.size)
        return as_png(self.picture(points.reshape(shape)))
