"""What a saved page shows: the places whose frames it holds, and what its controls know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.common.checks import check_whole
from latentwidgets.errors import LatentValueError
from latentwidgets.export.exported.route import MOST_FRAMES, Asked
from latentwidgets.export.exported.table import exported

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from latentwidgets.export.exported.route import Recording
    from latentwidgets.routes.route import Coordinates, Route

__all__ = ["recording_of"]


def recording_of(
    route: Route,
    at: Coordinates,
    state: Mapping[str, Any],
    *,
    conditions: Mapping[str, Any],
    positions: int | None,
    directions: str | Iterable[str] | None,
) -> Recording:
    """Say which frames a page is to hold.

    Parameters
    ----------
    route : Route
        That of the widget's own controls: a path, an edit or a grid.
    at : tuple of float
        Where these are.
    state : mapping of str to object
        The widget's traits, which may be of a later moment: where the controls are, and under which
        conditions, the page has of `at` and `conditions`.
    conditions : mapping of str to object
        What frames are decoded under.
    positions, directions
        As of `Interpolator.save_html`.

    Raises
    ------
    LatentTypeError, LatentValueError
        If something cannot be used, or there would be too many frames.
    """
    if positions is not None:
        positions = check_whole(positions, "positions", least=2, most=1025)
    found = exported(route).recording(Asked(at, state, positions, directions))
    if len(found.places) > MOST_FRAMES:
        raise LatentValueError(
            f"the page would hold {len(found.places):,} pictures; expected {MOST_FRAMES:,} at "
            "most. Take fewer positions, directions or cells."
        )
    found.state["conditions"] = dict(conditions)
    return found
