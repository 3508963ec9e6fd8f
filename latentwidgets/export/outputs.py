"""What is decoded for a file: few outputs at a time, so that others come to their turn between."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from latentwidgets.common.progress import progress
from latentwidgets.common.wanted import check_wanted
from latentwidgets.space.locks import called_by_person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from latentwidgets.engine import Renderer
    from latentwidgets.engine.shown import Shown
    from latentwidgets.routes.route import Coordinates

__all__ = ["outputs_at"]

# So many are decoded at a time, so that the work can be stopped between.
BATCH = 16
# While a page waits for the file, no more than take about this long: a thumb may move meanwhile.
PIECE_SECONDS = 0.1


def outputs_at(renderer: Renderer, shown: Shown, places: Sequence[Coordinates]) -> Iterator[Any]:
    """Decode what a route has at some places, one output or several for each.

    Parameters
    ----------
    renderer : Renderer
        Of the space.
    shown : Shown
        The route, as it was shown when the file was asked for.
    places : sequence of tuple of float
        Coordinates, with those of conditions.

    Yields
    ------
    object
        What `Renderer.outputs` gives of each place.

    Raises
    ------
    StaleError
        If a page waits for it, and another route is shown by now.
    UnwantedError
        If the page does not wait for it any more.
    DecodeError
        If the decoder raises.
    """
    piece = 1  # twice as many as long as they are in time: many may take as long as one
    with progress(total=len(places), what="frames") as bar:
        done = 0
        while done < len(places):
            check_wanted()
            count = BATCH
            if not called_by_person():
                renderer.route(shown.name)  # raises where nobody waits for it any more
                count = piece
            begun = time.perf_counter()
            found = renderer.outputs(shown.route, places[done : done + count])
            in_time = time.perf_counter() - begun <= PIECE_SECONDS
            piece = min(2 * piece, BATCH) if in_time else max(1, piece // 2)
            done += len(found)
            bar.update(len(found))
            yield from found
