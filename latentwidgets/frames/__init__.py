"""Making frames: pixels to bytes (`encode`), several images to one (`tiles`), drawing (`plot`).

Knows no kind of output by name. Sounds, texts and curves become bytes in their own kinds.
"""

from __future__ import annotations

from .encode import as_png, image_frame, to_pil, to_png
from .frame import BARE, Frame, Quality
from .tiles import grid, tiled

__all__ = [
    "BARE",
    "Frame",
    "Quality",
    "as_png",
    "grid",
    "image_frame",
    "tiled",
    "to_pil",
    "to_png",
]
