"""What a saved page shows: the places whose frames it holds, and what its controls know."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from latentwidgets.common.checks import check_whole
from latentwidgets.errors import LatentValueError
from latentwidgets.export.exported.route import MOST_FRAMES
from latentwidgets.export.exported.table import exported

if TYPE_CHECKING:
    from collections.abc import Mapping

    from latentwidgets.export.exported.route import Asked, Recording
    from latentwidgets.routes.route import Route

__all__ = ["recording_of"]


def recording_of(route: Route, asked: Asked, *, conditions: Mapping[str, Any]) -> Recording:
    """Say which frames a page is to hold.

    Parameters
    ----------
    route : Route
        That of the widget's own controls: a path, an edit or a grid.
    asked : Asked
        What somebody wants on the page.
    conditions : mapping of str to object
        What frames are decoded under, whatever the widget's traits say by now.

    Raises
    ------
    LatentTypeError, LatentValueError
        If something cannot be used, or there would be too many frames.
    """
    if asked.positions is not None:
        whole = check_whole(asked.positions, "positions", least=2, most=1025)
        asked = replace(asked, positions=whole)
    own = exported(route)
    if asked.directions is not None and not own.takes_directions:
        raise LatentValueError("directions is for editors; leave it out.")
    found = own.recording(asked)
    if len(found.places) > MOST_FRAMES:
        raise LatentValueError(
            f"the page would hold {len(found.places):,} pictures; expected {MOST_FRAMES:,} at "
            "most. Take fewer positions, directions or cells."
        )
    found.state["conditions"] = dict(conditions)
    return found
