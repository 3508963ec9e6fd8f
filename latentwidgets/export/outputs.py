"""What is decoded for a file: few outputs at a time, so that others come to their turn between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.common.progress import progress
from latentwidgets.space.locks import called_by_person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from latentwidgets.engine import Renderer
    from latentwidgets.routes.route import Coordinates

__all__ = ["outputs_at"]

# So many are decoded at a time, so that the work can be stopped between.
BATCH = 16
# While a page waits for the file, no more than take about this long: a thumb may move meanwhile.
PIECE_SECONDS = 0.1


def outputs_at(renderer: Renderer, places: Sequence[Coordinates]) -> Iterator[Any]:
    """Decode what is shown at some places, one output or several for each.

    Parameters
    ----------
    renderer : Renderer
        With the route that is shown.
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
    DecodeError
        If the decoder raises.
    """
    shown = renderer.shown
    assert shown is not None
    with progress(total=len(places), what="frames") as bar:
        done = 0
        while done < len(places):
            count = BATCH
            if not called_by_person():
                renderer.route(shown.name)  # raises where nobody waits for it any more
                each = renderer.quickest or PIECE_SECONDS
                count = min(BATCH, max(1, int(PIECE_SECONDS / each)))
            found = renderer.outputs(shown.route, places[done : done + count])
            done += len(found)
            bar.update(len(found))
            yield from found
