"""Outputs to frames: one picture as shown, encoded to bytes."""

from __future__ import annotations

from .frame import Frame, Quality
from .image import image_frame, to_pil, to_png

__all__ = ["Frame", "Quality", "image_frame", "to_pil", "to_png"]
