"""The cells of a grid for where no kernel runs: in one picture, and one by one."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.kernel import patience
from latentwidgets.export.picture import Still, told
from latentwidgets.export.saved_output import SOON_SECONDS, gather
from latentwidgets.frames import as_png

if TYPE_CHECKING:
    from collections.abc import Sequence

    from latentwidgets.engine import Renderer
    from latentwidgets.frames import Frame
    from latentwidgets.routes.route import Coordinates

__all__ = ["FIRST_CELLS", "MOST_TILES", "first_cells", "joined", "picture_of_cells"]

# As many cells are decoded before the page is there, and shown where there is no kernel. Others
# are, too, where they take no longer than a moment.
FIRST_CELLS = 64
# Up to this many cells go into one picture.
MOST_TILES = 10_000
# The state of a widget goes to each page that shows it, and into files: so many letters of cells.
MOST_LETTERS = 500_000


def picture_of_cells(
    renderer: Renderer,
    name: str,
    positions: Sequence[Coordinates],
    columns: int,
    *,
    seconds: float,
    cell_size: int,
) -> Still | None:
    """Draw a grid's cells, or its first rows.

    Parameters
    ----------
    renderer : Renderer
        What draws them.
    name : str
        What the widget is called.
    positions : sequence of tuple of float
        Where the cells are, with conditions.
    columns : int
        How many stand in a row.
    seconds : float
        How long the first of them may take where somebody waits.
    cell_size : int
        How wide a cell is shown, in CSS pixels.

    Returns
    -------
    Still or None
        None where not even one row could be decoded in that time.

    Raises
    ------
    DecodeError
        If the decoder raises.
    """
    shown = renderer.shown
    assert shown is not None
    count, route = len(positions), shown.name
    first = max(1, FIRST_CELLS // columns) * columns
    outputs = renderer.decode_for(patience(seconds), route, positions[:first], fewest=columns)
    if first <= len(outputs) < min(count, MOST_TILES):
        more = positions[first:MOST_TILES]
        outputs += renderer.decode_for(patience(SOON_SECONDS), route, more, fewest=columns)
    drawn = count if len(outputs) == count else len(outputs) // columns * columns
    if drawn == 0:
        return None
    picture = renderer.framer().picture(joined(outputs[:drawn]), columns)
    width = min(picture.width, cell_size * columns)
    words = f"{name}, {drawn:,} of {count:,} cells"
    return Still(as_png(picture), width, words, pixelated=not renderer.painter)


def first_cells(
    renderer: Renderer, positions: Sequence[Coordinates], at: Coordinates, most: int
) -> list[dict[str, Any]]:
    """Give the first cells as JSON, as far as they are decoded or soon are, but for one.

    Parameters
    ----------
    renderer : Renderer
        What draws them.
    positions : sequence of tuple of float
        Where the cells are, with conditions.
    at : tuple of float
        That of the one which is left out.
    most : int
        How many letters their pictures may have in base64, taken together; 500,000 at most.

    Returns
    -------
    list of dict
        63 at most: a page keeps 64 of such pictures, with the one at `at`. They are as good as
        those that a page asks for, which it does not do where it has one.

    Raises
    ------
    DecodeError
        If the decoder raises.
    """
    held: dict[Coordinates, Frame] = {}
    until = perf_counter() + patience(SOON_SECONDS)
    gather(renderer, positions[:FIRST_CELLS], held, until)
    found: list[dict[str, Any]] = []
    left = min(most, MOST_LETTERS)
    for place, frame in held.items():
        if place == at:
            continue
        cell = told(renderer, frame)
        left -= len(cell["data"])
        if left < 0 or len(found) == FIRST_CELLS - 1:
            break
        found.append(cell)
    return found


def joined(outputs: Sequence[Any]) -> Any:
    """Make one batch of many."""
    if isinstance(outputs[0], np.ndarray):
        return np.concatenate(outputs)
    return [one for batch in outputs for one in batch]
