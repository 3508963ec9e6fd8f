"""A still picture of a map, for viewers that cannot run it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.errors import LatentValueError
from latentwidgets.frames import to_png

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.widgets.map.coloring import Coloring

__all__ = ["thumbnail"]

# Points are this wide at most in a picture of so many pixels, and narrower where there are many.
WIDEST, USUAL = 5, 420
# A picture has so many pixels each way at most.
LARGEST = 4096


def thumbnail(places: NDArray[np.float32], coloring: Coloring, side: int) -> bytes:
    """Draw points as squares on a transparent ground.

    Parameters
    ----------
    places : ndarray, shape (n, 2)
        Where they are, in [-1, 1].
    coloring : Coloring
        Their colours.
    side : int
        Width and height of the picture, in pixels, 4,096 at most.

    Returns
    -------
    bytes
        A PNG.

    Raises
    ------
    LatentValueError
        If it would be larger.
    """
    if side > LARGEST:
        raise LatentValueError(
            f"the map would be {side:,} pixels wide; expected {LARGEST:,} at most. Choose less."
        )
    palette = np.array(
        [[int(color[i : i + 2], 16) for i in (1, 3, 5)] + [255] for color in coloring.colors],
        np.uint8,
    )
    picture = np.zeros((side, side, 4), np.uint8)
    wide = int(np.clip(WIDEST + 2 - np.log10(len(places)), 1, WIDEST))
    wide = max(1, round(wide * side / USUAL)) if side > USUAL else min(wide, side)
    columns, rows = ((places * [1, -1] + 1) / 2 * (side - wide)).round().astype(np.intp).T
    for down in range(wide):
        for across in range(wide):
            picture[rows + down, columns + across] = palette[coloring.codes]
    return to_png(picture)
