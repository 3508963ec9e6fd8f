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
    if isinstance(route, Path) and isinstance(own, Path):
        return {
            "anchors": route.anchors,
            "closed": route.closed,
            "method": route.method,
            "even_speed": route.timing is not None,
            "value": at[0],
        }
    if isinstance(route, Edit) and isinstance(own, Edit):
        return {
            "directions": route.directions,
            "base": route.bases,
            "mode": "absolute" if route.absolute else "relative",
            "hold": route.hold,
            "profiles": route.profiles,
            "value": dict(zip(route.directions.names, at or route.origin, strict=True)),
        }
    if isinstance(route, Grid) and isinstance(own, Grid):
        return {"grid": route, "value": at}
    if isinstance(route, Spot) and route.of == "map" and isinstance(own, MapPlane):
        return _spot_state(route, at, own)
    raise LatentValueError(
        f"this recipe is of another widget ({brief(type(route).__name__)}), which "
        f"{kind} has no controls for. Hand on its latent alone: "
        "widget.latent = lw.replay(recipe, space)."
    )


def _spot_state(spot: Spot, at: Coordinates, plane: MapPlane) -> dict[str, Any]:
    """Say where on a map a latent is: a row, or a point, where it is the same there."""
    row, x, y = at
    if 0 <= row < len(plane.data) and np.array_equal(plane.data[int(row)], spot.latent):
        return {"index": int(row)}
    if row == GROUND and plane.projection.to_latents is not None:
        [found] = plane.projection.invert([[x, y]])
        if np.array_equal(found, spot.latent):
            return {"value": (x, y)}
    return {"latent": spot.latent}
