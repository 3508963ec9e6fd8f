"""The frame: one picture as shown, with the coordinates it belongs to."""

from __future__ import annotations

import enum
from dataclasses import dataclass

# How bare pixels are called: red, green, blue and opacity of each, row by row.
BARE = "image/x-rgba;width="


class Quality(enum.Enum):
    """How a frame is encoded: what it may lose, and what it may cost.

    STRIP frames stand in while the thumb moves: large ones are compressed with loss. LOSSLESS
    ones hold every pixel, and are compressed unless they are tiny. RAW ones do too, and are
    never compressed: for a link so fast that compressing costs more than it saves.
    """

    STRIP = "strip"
    LOSSLESS = "lossless"
    RAW = "raw"


@dataclass(frozen=True)
class Frame:
    """One picture, encoded.

    Attributes
    ----------
    at : tuple of float
        The coordinates it was decoded for.
    data : bytes
        The encoded picture.
    mime : str
        How it is encoded: "image/png", "image/jpeg" or "image/webp"; "image/x-rgba;width=64" for
        bare pixels, four bytes each, 64 a row; for outputs that are no images as their framer
        says.
    lossless : bool
        Whether the bytes hold every pixel as it was decoded. Only a lossless frame can be
        exact; whether it is depends on the coordinates the person is at.
    """

    at: tuple[float, ...]
    data: bytes
    mime: str
    lossless: bool
