"""Outputs that are read already to frames: encoding, tiles, plots. Knows no kind of output."""

from __future__ import annotations

from .encode import as_png, image_frame, to_pil, to_png
from .frame import BARE, Frame, Quality
from .tiles import grid, lay_out

__all__ = [
    "BARE",
    "Frame",
    "Quality",
    "as_png",
    "grid",
    "image_frame",
    "lay_out",
    "to_pil",
    "to_png",
]
