"""Outputs as tiles of one picture, or with headings as a matplotlib figure for a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.frames.encode import to_pil
from latentwidgets.frames.plot import Plotter
from latentwidgets.frames.tiles import Tiling, lay_out, stacked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray
    from PIL import Image

    from latentwidgets.kinds.kind import Framer

__all__ = ["grid_figure", "grid_picture"]

# Width of a picture in inches: ten of them fill a page.
TILE_INCHES = 0.7
FONT_POINTS = 8
# About the width of a letter of a heading, in inches.
LETTER_INCHES = 0.065


def grid_picture(framer: Framer, outputs: Any, columns: int) -> Image.Image:
    """Draw outputs in rows and columns, pictures in their own pixels.

    Parameters
    ----------
    framer : Framer
        Of their kind.
    outputs : ndarray or list
        As they were decoded, one a tile, row by row.
    columns : int
        How many stand side by side.

    Returns
    -------
    PIL.Image.Image
        In mode "L", "RGB" or "RGBA".
    """
    if isinstance(framer, Plotter):
        return framer.picture(outputs, columns)
    return to_pil(lay_out(_pixels(framer, outputs), columns))


def grid_figure(
    framer: Framer,
    outputs: Any,
    columns: int,
    *,
    row_names: Sequence[str] = (),
    column_names: Sequence[str] = (),
    row_title: str = "",
    column_title: str = "",
    marks: Mapping[tuple[int, int], str] | None = None,
) -> Figure:
    """Draw outputs in rows and columns, with headings.

    Parameters
    ----------
    framer : Framer
        Of their kind.
    outputs : ndarray or list
        As they were decoded, one a tile, row by row.
    columns : int
        How many stand side by side.
    row_names, column_names : sequence of str
        Headings, to the left and above; none where empty.
    row_title, column_title : str
        What changes along them.
    marks : dict of pair of int to str, optional
        Cells that are special, by row and column: they are framed, and named where there are no
        headings.

    Returns
    -------
    matplotlib.figure.Figure
        Not shown yet. Text in it stays text, and lines stay lines.
    """
    import matplotlib.pyplot as plt

    drawn, axes = plt.subplots(layout="constrained")
    if isinstance(framer, Plotter):
        inches = framer.inches
        tiling = framer.plot(axes, outputs, columns, points=72 * inches)
    else:
        inches = TILE_INCHES
        tiling = _show(axes, _pixels(framer, outputs), columns)
    across, down = (side * inches / tiling.width for side in tiling.size)
    beside = 0.4 + LETTER_INCHES * max(map(len, row_names), default=0) if row_names else 0.1
    drawn.set_size_inches(across + beside, down + (0.5 if column_names or marks else 0.1))
    for axis, names, title, number, tile, step in (
        (axes.yaxis, row_names, row_title, tiling.rows, tiling.height, tiling.step[1]),
        (axes.xaxis, column_names, column_title, columns, tiling.width, tiling.step[0]),
    ):
        places = [i * step + tile / 2 for i in range(number if names else 0)]
        axis.set_ticks(places, [_plain(name) for name in names])
        axis.set_label_text(_plain(title))
    axes.set_anchor("NW")  # where the layout measures headings
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0, labelsize=FONT_POINTS)
    axes.spines[:].set_visible(False)
    for (row, column), name in (marks or {}).items():
        _mark(axes, tiling, row, column, "" if row_names or column_names else name)
    plt.close(drawn)  # shown once, by whoever asked for it
    return drawn


def _pixels(framer: Framer, outputs: Any) -> NDArray[np.uint8]:
    """Give a tile for each output, ``(n, height, width, channels)``."""
    if isinstance(outputs, np.ndarray):
        return outputs
    return stacked([framer.picture([one]) for one in outputs])


def _show(axes: Any, tiles: NDArray[np.uint8], columns: int) -> Tiling:
    """Show pictures, and say where they lie."""
    count, height, width, channels = tiles.shape
    tiling = Tiling(count, columns, width, height)
    picture = lay_out(tiles, columns)
    axes.imshow(
        picture[..., 0] if channels == 1 else picture,
        cmap="gray" if channels == 1 else None,
        vmin=0,
        vmax=255,
        interpolation="none",
        extent=(0, tiling.size[0], tiling.size[1], 0),
    )
    return tiling


def _mark(axes: Any, tiling: Tiling, row: int, column: int, name: str) -> None:
    """Frame a cell, and name it above or below the grid."""
    from matplotlib.patches import Rectangle

    left, top = column * tiling.step[0], row * tiling.step[1]
    frame = Rectangle((left, top), tiling.width, tiling.height, fill=False, clip_on=False)
    axes.add_patch(frame)
    if not name:
        return
    last = row == tiling.rows - 1
    axes.annotate(
        _plain(name),
        (left + tiling.width / 2, top + tiling.height if last else top),
        (0, -3 if last else 3),
        textcoords="offset points",
        ha="center",
        va="top" if last else "bottom",
        fontsize=FONT_POINTS,
    )


def _plain(text: str) -> str:
    """Keep matplotlib from reading a dollar sign as mathematics."""
    return text.replace("$", r"\$")
