"""What a recipe brings back: the traits of a widget that show its route."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError
from latentwidgets.export.route_records import Spot
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.grid import Grid
from latentwidgets.routes.map_plane import GROUND, MapPlane
from latentwidgets.routes.path import Path

if TYPE_CHECKING:
    from collections.abc import Callable

    from latentwidgets.routes.route import Coordinates, Route

__all__ = ["traits_for"]


def traits_for(route: Route, at: Coordinates, own: Route | None, kind: str) -> dict[str, Any]:
    """Say which traits of a widget bring a route back, in the order in which they are set.

    Parameters
    ----------
    route : Route
        What is to be shown.
    at : tuple of float
        Where on it.
    own : Route or None
        What the widget shows now.
    kind : str
        What the widget is called.

    Raises
    ------
    LatentValueError
        If it is a route of another widget.
    """
    state = STATES.get((type(route), type(own)))
    if state is not None and not (isinstance(route, Spot) and route.of != "map"):
        return state(route, at, own)
    raise LatentValueError(
        f"this recipe is of another widget ({brief(type(route).__name__)}), which "
        f"{kind} has no controls for. Hand on its latent alone: "
        "widget.latent = lw.replay(recipe, space)."
    )


def _of_path(path: Path, at: Coordinates, _own: Path) -> dict[str, Any]:
    return {
        "anchors": path.anchors,
        "closed": path.closed,
        "method": path.method,
        "even_speed": path.timing is not None,
        "value": at[0],
    }


def _of_edit(edit: Edit, at: Coordinates, _own: Edit) -> dict[str, Any]:
    return {
        "directions": edit.directions,
        "base": edit.bases,
        "mode": "absolute" if edit.absolute else "relative",
        "hold": edit.hold,
        "profiles": edit.profiles,
        "value": dict(zip(edit.directions.names, at or edit.origin, strict=True)),
    }


def _of_grid(grid: Grid, at: Coordinates, _own: Grid) -> dict[str, Any]:
    return {"grid": grid, "value": at}


def _of_spot(spot: Spot, at: Coordinates, plane: MapPlane) -> dict[str, Any]:
    """Say where on a map a latent is: a row, or a point, where it is the same there."""
    row, x, y = at
    if 0 <= row < len(plane.data) and np.array_equal(plane.data[int(row)], spot.latent):
        return {"index": int(row)}
    if row == GROUND and plane.projection.to_latents is not None:
        [found] = plane.projection.invert([[x, y]])
        if np.array_equal(found, spot.latent):
            return {"value": (x, y)}
    return {"latent": spot.latent}


# By the class of the route, and of what the widget shows.
STATES: dict[tuple[type, type], Callable[[Any, Coordinates, Any], dict[str, Any]]] = {
    (Path, Path): _of_path,
    (Edit, Edit): _of_edit,
    (Grid, Grid): _of_grid,
    (Spot, MapPlane): _of_spot,
}
