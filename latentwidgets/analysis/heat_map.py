"""A heat map with a number in each cell: orange above 0 and blue below it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.tables import number
from latentwidgets.frames.ink import DARK
from latentwidgets.kinds.tokens import colour_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["confusion_cells", "heat_map"]

# The height of a cell in inches, of the letters in points, and how many cells have their number.
HIGH, POINTS, MOST_WRITTEN = 0.3, 7, 400
# Names of so few letters stand upright under a column. Of a title so many fit into an inch.
UPRIGHT, LETTERS = 3, 15
# So many classes have their counts in a table of what is taken for what.
MOST_CLASSES = 12


def heat_map(
    numbers: NDArray[np.float64],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    title: str,
    wide: float = 0.36,
    digits: int = 1,
    bold: NDArray[np.bool_] | None = None,
    most: float | None = None,
) -> Figure:
    """Draw numbers as coloured cells.

    Parameters
    ----------
    numbers : ndarray
        ``(rows, columns)``; a cell of NaN stays white and empty.
    rows, columns : sequence of str
        Their names.
    title : str
        What the numbers are.
    wide : float
        The width of a cell in inches.
    digits : int
        So many decimals are written, where there are few cells.
    bold : ndarray of bool, optional
        Whose numbers are written in bold.
    most : float, optional
        Where the colours end, both ways where some numbers are below 0; None for the number that is
        farthest from 0.

    Returns
    -------
    matplotlib.figure.Figure
        Closed, so that a notebook shows it once.
    """
    import matplotlib.pyplot as plt
    from matplotlib.colors import LinearSegmentedColormap

    most = most or float(np.nan_to_num(np.abs(numbers)).max(initial=0.0)) or 1.0
    least = -1 if (numbers < 0).any() else 0
    steps = np.linspace(least, 1, 65)
    colours = LinearSegmentedColormap.from_list("cells", [colour_of(x, (-1, 1)) for x in steps])
    height, width = numbers.shape
    across = 1.6 + wide * max(width, 8 * 0.36 / wide)
    lines = textwrap.wrap(title, int(LETTERS * across))
    high = 1.2 + HIGH * height + 0.15 * (len(lines) - 1)
    figure, axes = plt.subplots(figsize=(across, high), layout="constrained")
    axes.set_facecolor("white")
    picture = axes.imshow(numbers, cmap=colours, vmin=least * most, vmax=most, aspect="auto")
    plain: dict[str, Any] = {"parse_math": False, "fontsize": POINTS + 1}
    slanted: dict[str, Any] = {"rotation": 60, "ha": "right", "rotation_mode": "anchor"}
    short = max(map(len, columns), default=0) <= UPRIGHT
    axes.set_xticks(range(width), columns, **plain, **({} if short else slanted))
    axes.set_yticks(range(height), rows, **plain)
    axes.tick_params(length=0)
    figure.suptitle("\n".join(lines), x=0.01, ha="left", fontsize=POINTS + 1)
    axes.spines[:].set_visible(False)
    if numbers.size <= MOST_WRITTEN:
        for row, column in np.ndindex(numbers.shape):
            axes.text(
                *(column, row, number(float(numbers[row, column]), digits)),
                ha="center",
                va="center",
                fontsize=POINTS - 1,
                color=DARK,
                fontweight="bold" if bold is not None and bold[row, column] else "normal",
            )
    bar = figure.colorbar(picture, ax=axes, pad=0.01, aspect=10)
    bar.ax.tick_params(labelsize=POINTS)
    bar.outline.set_visible(False)
    plt.close(figure)
    return figure


def confusion_cells(axes: Axes, counts: NDArray[np.int64], names: Sequence[str]) -> None:
    """Draw how many of each class, a row, are taken for each class, a column.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Where.
    counts : ndarray
        ``(classes, classes)``. Shades are shares of a row.
    names : sequence of str
        Of the classes.
    """
    shares = counts / counts.sum(axis=1, keepdims=True)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    upright = max(map(len, names)) <= UPRIGHT
    small: dict[str, Any] = {"fontsize": "x-small"}
    axes.set_xticks(range(len(names)), names, rotation=0 if upright else 90, **small)
    axes.set_yticks(range(len(names)), names, **small)
    if len(names) > MOST_CLASSES:
        return
    for row, column in np.ndindex(shares.shape):
        colour = "white" if shares[row, column] > 0.5 else DARK
        text = f"{counts[row, column]:,}"
        axes.text(*(column, row, text), ha="center", va="center", fontsize=6, color=colour)
