"""Outputs in rows and columns with headings: a matplotlib figure for a paper, or a panel of one."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from matplotlib.figure import Figure

    from latentwidgets.frames.tiles import Tiling
    from latentwidgets.kinds.shared.kind import Framer

__all__ = ["blank", "finished", "grid_figure", "stacked"]

# The size of the letters of headings in points, and about how wide one is in inches.
FONT_POINTS = 8
LETTER_INCHES = 0.065
# How high what is written under a cell is, and the least size of its letters in points.
WRITTEN_INCHES = 0.14
LEAST_POINTS = 4
# While several figures become one: the panel that the next is drawn on, and the size of each.
_panel: ContextVar[tuple[Any, list[tuple[float, float]]] | None] = ContextVar("panel", default=None)


def blank(dpi: float | None = None) -> tuple[Any, Any]:
    """Make a figure with axes to draw on; or take the panel of one, see `stacked`."""
    import matplotlib.pyplot as plt

    panel = _panel.get()
    drawn = plt.figure(layout="constrained") if panel is None else panel[0]
    if dpi is not None:
        drawn.figure.set_dpi(dpi)
    return drawn, drawn.subplots()


def finished(drawn: Any, width: float, height: float) -> Any:
    """Give a figure that was drawn its size in inches; of a panel, see what size it has to have."""
    import matplotlib.pyplot as plt

    panel = _panel.get()
    if panel is not None and panel[0] is drawn:
        panel[1].append((width, height))
    else:
        drawn.set_size_inches(width, height)
        plt.close(drawn)  # else a notebook shows it twice: here, and where it is returned
    return drawn


def stacked(draws: Iterable[Callable[[], object]]) -> Figure:
    """Draw several figures as panels of one, one below the other.

    Parameters
    ----------
    draws : iterable of callable
        Each makes one by `blank` and `finished`, such as `grid_figure` does.

    Returns
    -------
    matplotlib.figure.Figure
        Not shown yet.
    """
    import matplotlib.pyplot as plt

    draws = [*draws]
    drawn = plt.figure(layout="constrained")
    places = drawn.add_gridspec(len(draws), 1)
    sizes: list[tuple[float, float]] = []
    before = _panel.get()
    try:
        for row, draw in enumerate(draws):
            _panel.set((drawn.add_subfigure(places[row]), sizes))
            draw()
    except BaseException:  # a decoder may raise
        plt.close(drawn)
        raise
    finally:
        _panel.set(before)
    widths, heights = zip(*sizes, strict=True)
    places.set_height_ratios(heights)
    whole: Figure = finished(drawn, max(widths), sum(heights))
    return whole


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
    says: Mapping[tuple[int, int], str] | None = None,
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
        Headings to the left and above. No names, no headings.
    row_title, column_title : str
        What changes along them.
    marks : dict of pair of int to str, optional
        The names of cells that are special, by row and column. They get a frame, and where there
        are no headings their name.
    says : dict of pair of int to str, optional
        What is written under cells, by row and column.

    Returns
    -------
    matplotlib.figure.Figure
        Not shown yet. Its text is text and its lines are lines, not pixels.
    """
    drawn, axes = blank()
    inches = framer.inches
    points = 72 * inches
    below = WRITTEN_INCHES / inches if says else 0
    tiling = framer.plot(axes, outputs, columns, points=points, below=below)
    across, down = (side * inches / tiling.width for side in tiling.size)
    down += below * inches  # also under the last row
    beside = 0.4 + LETTER_INCHES * max(map(len, row_names), default=0) if row_names else 0.1
    longest = LETTER_INCHES * max(map(len, column_names), default=0)
    upright = longest > inches  # else headings would lie over one another
    above = 0.5 if column_names or column_title or marks else 0.1
    size = across + beside, down + above + (longest if upright else 0)
    for axis, names, title, number, tile, step in (
        (axes.yaxis, row_names, row_title, tiling.rows, tiling.height, tiling.step[1]),
        (axes.xaxis, column_names, column_title, columns, tiling.width, tiling.step[0]),
    ):
        places = [i * step + tile / 2 for i in range(number if names else 0)]
        axis.set_ticks(places, [_plain(name) for name in names])
        axis.set_label_text(_plain(title))
    axes.set_anchor("NW")  # matplotlib measures headings from there
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0, labelsize=FONT_POINTS)
    axes.tick_params("x", labelrotation=90 if upright else 0)
    axes.spines[:].set_visible(False)
    for (row, column), name in (says or {}).items():
        _write(axes, tiling, row, column, name, points)
    for (row, column), name in (marks or {}).items():
        _mark(axes, tiling, row, column, "" if row_names or column_names or says else name)
    figure: Figure = finished(drawn, *size)
    return figure


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


def _write(axes: Any, tiling: Tiling, row: int, column: int, text: str, points: float) -> None:
    """Write a word under a cell that is so many points wide, in smaller letters if it is long."""
    fitting = points / len(text) / (72 * LETTER_INCHES) * FONT_POINTS
    left, top = column * tiling.step[0], row * tiling.step[1]
    axes.annotate(
        _plain(text),
        (left + tiling.width / 2, top + tiling.height),
        (0, -1),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=max(LEAST_POINTS, min(FONT_POINTS, fitting)),
    )


def _plain(text: str) -> str:
    """Keep matplotlib from taking dollar signs for the marks of a formula."""
    return text.replace("$", r"\$")
