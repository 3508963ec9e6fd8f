"""Outputs to frames: one picture as shown, encoded to bytes."""

from __future__ import annotations

from .frame import Frame
from .image import image_frame, to_pil, to_png

__all__ = ["Frame", "image_frame", "to_pil", "to_png"]
