"""Outputs to frames: one picture as shown, encoded to bytes. One module a kind of output."""

from __future__ import annotations

from .figure import grid_figure, grid_picture
from .frame import BARE, Frame, Quality
from .framer import Framer, framer_for
from .image import as_png, image_frame, to_pil, to_png
from .layout import grid, lay_out

__all__ = [
    "BARE",
    "Frame",
    "Framer",
    "Quality",
    "as_png",
    "framer_for",
    "grid",
    "grid_figure",
    "grid_picture",
    "image_frame",
    "lay_out",
    "to_pil",
    "to_png",
]
