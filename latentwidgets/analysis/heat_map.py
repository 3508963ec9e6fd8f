"""A heat map with a number in each cell: orange above 0 and blue below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.tables import number
from latentwidgets.kinds.tokens import colour_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["heat_map"]

# The height of a cell in inches, of the letters in points, and how many cells have their number.
HIGH, POINTS, MOST_WRITTEN = 0.3, 7, 400


def heat_map(
    numbers: NDArray[np.float64],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    title: str,
    wide: float = 0.36,
    digits: int = 1,
    pale: NDArray[np.bool_] | None = None,
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
    pale : ndarray of bool, optional
        Whose numbers are written in grey.
    most : float, optional
        Where the colours end, both ways; None for the number that is farthest from 0.

    Returns
    -------
    matplotlib.figure.Figure
        Closed, so that a notebook shows it once.
    """
    import matplotlib.pyplot as plt
    from matplotlib.colors import LinearSegmentedColormap

    most = most or float(np.nan_to_num(np.abs(numbers)).max(initial=0.0)) or 1.0
    steps = np.linspace(-1, 1, 65)
    colours = LinearSegmentedColormap.from_list("cells", [colour_of(x, (-1, 1)) for x in steps])
    height, width = numbers.shape
    figure, axes = plt.subplots(
        figsize=(1.6 + wide * max(width, 8 * 0.36 / wide), 1.2 + HIGH * height),
        layout="constrained",
    )
    picture = axes.imshow(numbers, cmap=colours, vmin=-most, vmax=most, aspect="auto")
    plain: dict[str, Any] = {"parse_math": False, "fontsize": POINTS + 1}
    slanted: dict[str, Any] = {"rotation": 60, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(range(width), columns, **plain, **slanted)
    axes.set_yticks(range(height), rows, **plain)
    axes.tick_params(length=0)
    axes.set_title(title, fontsize=POINTS + 1, loc="left")
    axes.spines[:].set_visible(False)
    if numbers.size <= MOST_WRITTEN:
        for row, column in np.ndindex(numbers.shape):
            axes.text(
                *(column, row, number(float(numbers[row, column]), digits)),
                ha="center",
                va="center",
                fontsize=POINTS - 1,
                color="0.55" if pale is not None and pale[row, column] else "#1f2328",
            )
    bar = figure.colorbar(picture, ax=axes, pad=0.01, aspect=10)
    bar.ax.tick_params(labelsize=POINTS)
    bar.outline.set_visible(False)
    plt.close(figure)
    return figure
