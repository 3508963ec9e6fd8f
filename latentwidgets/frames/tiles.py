"""Several images as the tiles of one picture: in a row, or in a few rows where there are many."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Tiling", "grid", "stacked", "tiled"]

# At most so many tiles stand side by side. More go into several rows of about the same length.
MOST_COLUMNS = 4
# How wide the gap between two tiles is, as a share of a tile's width, and its level of grey.
GAP = 1 / 32
GREY = 128
WHITE = 255


@dataclass(frozen=True)
class Tiling:
    """Where tiles lie in a picture: row by row, with narrow gaps between them.

    Attributes
    ----------
    count : int
        How many there are.
    columns : int
        How many stand side by side.
    width, height : int
        Of a tile.
    below : int
        How much room there is under each tile, beside the gap.

    Examples
    --------
    >>> tiling = Tiling(5, columns=3, width=32, height=20)
    >>> tiling.size, tiling.corners[4].tolist()
    ((98, 41), [33, 21])
    """

    count: int
    columns: int
    width: int
    height: int
    below: int = 0

    @property
    def rows(self) -> int:
        """How many rows there are; the last need not be full."""
        return math.ceil(self.count / self.columns)

    @property
    def step(self) -> tuple[int, int]:
        """How far it is from one tile to the next, across and down."""
        gap = max(1, round(self.width * GAP))
        return self.width + gap, self.height + gap + self.below

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole."""
        across, down = self.step
        return (
            self.columns * across - (across - self.width),
            self.rows * down - (down - self.height),
        )

    @property
    def corners(self) -> NDArray[np.int64]:
        """Left and top of every tile, ``(count, 2)``."""
        row, column = np.divmod(np.arange(self.count), self.columns)
        across, down = self.step
        return np.stack([column * across, row * down], axis=1)


def grid(count: int) -> tuple[int, int]:
    """Say in how many rows and columns so many tiles stand.

    Examples
    --------
    >>> [grid(count) for count in (1, 3, 5, 8, 16)]
    [(1, 1), (1, 3), (2, 3), (2, 4), (4, 4)]
    """
    rows = math.ceil(count / MOST_COLUMNS)
    return rows, math.ceil(count / rows)


def stacked(pictures: Sequence[Image.Image]) -> NDArray[np.uint8]:
    """Bring pictures to one size, the largest, and stack them.

    Parameters
    ----------
    pictures : sequence of PIL.Image.Image
        At least one.

    Returns
    -------
    ndarray of uint8, shape (n, height, width, 3)
        Each in the middle of its tile, on white.

    Examples
    --------
    >>> stacked([Image.new("RGB", (4, 3)), Image.new("L", (2, 5))]).shape
    (2, 5, 4, 3)
    """
    width = max(picture.width for picture in pictures)
    height = max(picture.height for picture in pictures)
    tiles = []
    for picture in pictures:
        tile = Image.new("RGB", (width, height), "white")
        tile.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
        tiles.append(np.asarray(tile))
    return np.stack(tiles)


def tiled(
    images: NDArray[np.uint8], columns: int | None = None, *, below: int = 0
) -> NDArray[np.uint8]:
    """Put images side by side, as the tiles of one picture.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width, channels)
        The tiles, row by row.
    columns : int, optional
        How many stand side by side; four at most if None.
    below : int
        How much white there is under each but those of the last row.

    Returns
    -------
    ndarray of uint8, shape (height, width, channels)
        One image stays as it is. Several have narrow gaps between them. Gaps, and places in the
        last row that are left over, are grey, or transparent where there are four channels; white
        if there is white under each.
    """
    count, height, width, channels = images.shape
    if count == 1:
        only: NDArray[np.uint8] = images[0]
        return only
    tiling = Tiling(count, columns or grid(count)[1], width, height, below)
    across, down = tiling.size
    ground = WHITE if below else 0 if channels == 4 else GREY
    picture: NDArray[np.uint8] = np.full((down, across, channels), ground, np.uint8)
    for image, (left, top) in zip(images, tiling.corners, strict=True):
        picture[top : top + height, left : left + width] = image
    return picture
