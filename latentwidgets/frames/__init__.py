"""Outputs to frames: one picture as shown, encoded to bytes. One module a kind of output."""

from __future__ import annotations

from .figure import grid_figure
from .frame import BARE, Frame, Quality
from .framer import Framer, framer_for
from .image import image_frame, to_pil, to_png
from .layout import grid, lay_out, stacked

__all__ = [
    "BARE",
    "Frame",
    "Framer",
    "Quality",
    "framer_for",
    "grid",
    "grid_figure",
    "image_frame",
    "lay_out",
    "stacked",
    "to_pil",
    "to_png",
]
