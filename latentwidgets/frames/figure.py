"""Tiles with headings as a matplotlib figure, for a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .layout import lay_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

# Width of a tile in inches: ten of them fill a page.
TILE_INCHES = 0.7
FONT_POINTS = 8


def grid_figure(
    tiles: NDArray[np.uint8],
    columns: int,
    *,
    row_names: Sequence[str] = (),
    column_names: Sequence[str] = (),
    row_title: str = "",
    column_title: str = "",
) -> Figure:
    """Draw tiles in rows and columns.

    Parameters
    ----------
    tiles : ndarray of uint8, shape (n, height, width, channels)
        Row by row.
    columns : int
        How many stand side by side.
    row_names, column_names : sequence of str
        Headings, to the left and above; none where empty.
    row_title, column_title : str
        What changes along them.

    Returns
    -------
    matplotlib.figure.Figure
        Not shown yet; text in it stays text.
    """
    import matplotlib.pyplot as plt

    count, height, width, _ = tiles.shape
    rows = -(-count // columns)
    picture = lay_out(tiles, columns)
    scale = TILE_INCHES / width
    size = (picture.shape[1] * scale + 0.6, picture.shape[0] * scale + 0.5)
    drawn, axes = plt.subplots(figsize=size, layout="constrained")
    grey = picture.shape[-1] == 1
    axes.imshow(
        picture[..., 0] if grey else picture,
        cmap="gray" if grey else None,
        vmin=0,
        vmax=255,
        interpolation="none",
    )
    for axis, names, title, number, tile, whole in (
        (axes.yaxis, row_names, row_title, rows, height, picture.shape[0]),
        (axes.xaxis, column_names, column_title, columns, width, picture.shape[1]),
    ):
        step = (whole - tile) / max(1, number - 1)
        places = [i * step + tile / 2 - 0.5 for i in range(number if names else 0)]
        axis.set_ticks(places, [_plain(name) for name in names])
        axis.set_label_text(_plain(title))
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0, labelsize=FONT_POINTS)
    axes.spines[:].set_visible(False)
    plt.close(drawn)  # shown once, by whoever asked for it
    return drawn


def _plain(text: str) -> str:
    """Keep matplotlib from reading a dollar sign as mathematics."""
    return text.replace("$", r"\$")
