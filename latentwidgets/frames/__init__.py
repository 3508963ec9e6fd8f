"""Outputs to frames: one picture as shown, encoded to bytes."""

from __future__ import annotations

from .figure import grid_figure
from .frame import Frame, Quality
from .image import image_frame, to_pil, to_png
from .layout import grid, lay_out

__all__ = ["Frame", "Quality", "grid", "grid_figure", "image_frame", "lay_out", "to_pil", "to_png"]
