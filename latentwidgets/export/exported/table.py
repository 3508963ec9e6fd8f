"""How routes are exported: the one table by their class, and what is asked of it."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch
from typing import TYPE_CHECKING, Any

from latentwidgets.common.checks import check_whole
from latentwidgets.errors import LatentValueError
from latentwidgets.export.exported.edit import ExportedEdit
from latentwidgets.export.exported.grid import ExportedGrid
from latentwidgets.export.exported.path import ExportedPath
from latentwidgets.export.exported.route import MOST_FRAMES, ExportedRoute
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.grid import Grid
from latentwidgets.routes.path import Path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from latentwidgets.export.exported.route import Asked, Recording
    from latentwidgets.routes.route import Coordinates, Route

__all__ = ["check_count", "exported", "recording_of", "way_along"]


@singledispatch
def exported(route: Route) -> ExportedRoute[Any]:
    """Give a route as it is exported.

    Parameters
    ----------
    route : Route
        From the coordinates of a widget's own controls. Of any other than those registered below,
        as of a map, there is its picture, its latent, and no more.

    Examples
    --------
    >>> exported(Path([[0.0], [1.0]])).way((0.3,), None)(0.75)
    (0.75,)
    """
    return ExportedRoute(route)


exported.register(Path, ExportedPath)
exported.register(Edit, ExportedEdit)
exported.register(Grid, ExportedGrid)


def way_along(route: Route, at: Coordinates, along: str | None) -> Callable[[float], Coordinates]:
    """Say which coordinates a film goes through: a function of its place, from 0 to 1.

    Parameters
    ----------
    route : Route
        A path, or an edit.
    at : tuple of float
        Where on it a person is.
    along : str or None
        As of `latentwidgets.save_animation`.

    Raises
    ------
    LatentValueError
        If there is no way to go.

    Examples
    --------
    >>> way_along(Path([[0.0], [1.0]]), (0.3,), None)(0.75)
    (0.75,)
    """
    found = exported(route)
    if along is not None and not found.takes_directions:
        raise LatentValueError("along is for edits, which have directions; leave it out.")
    return found.way(at, along)


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
    check_count(len(found.places))
    found.state["conditions"] = dict(conditions)
    return found


def check_count(count: int, of_each: str = "") -> None:
    """Refuse a page of so many pictures, where these are too many.

    Of each part of it there may be words, such as "4,000 of the grid, 200 of the path".

    Raises
    ------
    LatentValueError
        If they are.
    """
    if count > MOST_FRAMES:
        raise LatentValueError(
            f"the page would hold {count:,} pictures; expected {MOST_FRAMES:,} at most. Take "
            f"fewer positions, directions or cells.{of_each and f' There are {of_each}.'}"
        )
