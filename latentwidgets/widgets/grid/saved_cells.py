"""The cells of a grid for where no kernel runs: in one picture, and one by one."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.export.picture import Still, small_picture
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
        How long the first of them may take.
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
    outputs = renderer.decode_for(seconds, route, positions[:first], fewest=columns)
    if first <= len(outputs) < min(count, MOST_TILES):
        more = positions[first:MOST_TILES]
        outputs += renderer.decode_for(SOON_SECONDS, route, more, fewest=columns)
    drawn = count if len(outputs) == count else len(outputs) // columns * columns
    if drawn == 0:
        return None
    picture = renderer.framer().picture(joined(outputs[:drawn]), columns)
    width = min(picture.width, cell_size * columns)
    words = f"{name}, {drawn:,} of {count:,} cells"
    return Still(as_png(picture), width, words, pixelated=not renderer.painter)


def first_cells(
    renderer: Renderer, positions: Sequence[Coordinates], at: Coordinates
) -> list[dict[str, Any]]:
    """Give the first cells as JSON, as far as they are decoded or soon are, but for one."""
    held: dict[Coordinates, Frame] = {}
    gather(renderer, positions[:FIRST_CELLS], held, perf_counter() + SOON_SECONDS)
    return [small_picture(renderer, frame) for place, frame in held.items() if place != at]


def joined(outputs: Sequence[Any]) -> Any:
    """Make one batch of many."""
    if isinstance(outputs[0], np.ndarray):
        return np.concatenate(outputs)
    return [one for batch in outputs for one in batch]
