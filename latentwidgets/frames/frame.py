"""The frame: one picture as shown, with the coordinates it belongs to."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

# The mime type of pixels that are not compressed, but for the width, which follows. Of each pixel
# there are four bytes, red, green, blue and opacity; pixels come row by row.
BARE = "image/x-rgba;width="


class Quality(enum.Enum):
    """How a frame is encoded: what it may lose, and what it may cost.

    STRIP frames are shown while the thumb of a slider moves: large ones are compressed with loss.
    LOSSLESS frames hold every pixel, and are compressed unless they are tiny. RAW frames hold every
    pixel and are never compressed, for when the page is so near the kernel that compressing takes
    longer than it saves.
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
        How it is encoded. Images: "image/png", "image/jpeg" or "image/webp"; or
        "image/x-rgba;width=64" for pixels that are not compressed, four bytes each and 64 in a row.
        Outputs that are no images: what the framer of their kind says.
    lossless : bool
        Whether the bytes hold every pixel as it was decoded. A frame is exact only if it is
        lossless, and decoded for the very coordinates that the person is at. Drafts never are.
    draft : int
        Which of the decoder's drafts it shows, counted from 1; 0 where it is no draft.
    """

    at: tuple[float, ...]
    data: bytes
    mime: str
    lossless: bool
    draft: int = 0

    def as_draft(self, number: int) -> Frame:
        """Return the frame of the same bytes that says which draft they show."""
        return replace(self, lossless=False, draft=number)

    def is_worse_than(self, other: Frame) -> bool:
        """Tell whether another frame of the same coordinates is to be kept in its place."""
        return self.draft != 0 and (other.draft == 0 or other.draft > self.draft)
