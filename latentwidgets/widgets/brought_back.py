"""What a recipe brings back: the traits of a widget that show its route."""

from __future__ import annotations

from contextlib import suppress
from functools import singledispatch
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
    from latentwidgets.export.part_records import Part
    from latentwidgets.export.recipe import Recipe
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.widgets.snapshot import Snapshot

__all__ = ["part_of", "traits_for", "traits_of"]


def part_of(recipe: Recipe, now: Snapshot) -> tuple[Part, dict[str, Any]]:
    """Say what of a recipe a widget is to show, and the traits that bring it back.

    Parameters
    ----------
    recipe : Recipe
        Of one widget, or of an explorer with several.
    now : Snapshot
        What the widget shows.

    Raises
    ------
    LatentValueError
        If nothing in it is of a widget like this one.
    """
    others = {} if recipe.states is None else recipe.states.now
    for one in others.values():
        with suppress(LatentValueError):
            return one, traits_of(now, one)
    return recipe.shown, traits_of(now, recipe.shown)


def traits_of(now: Snapshot, part: Part) -> dict[str, Any]:
    """Say which traits of a widget bring back what one like it showed, conditions last.

    Parameters
    ----------
    now : Snapshot
        What the widget shows.
    part : Part
        What it is to show.

    Raises
    ------
    LatentValueError
        If it is a route of another widget.
    """
    state = traits_for(part.route, part.at, now.shown.own, now.name)
    # What the route says of conditions itself is no value of the widget's.
    said = getattr(part.route, "conditions_at", None)
    here = {} if said is None else said([part.at])
    free = [name for name in now.conditions if here.get(name, [None]) == [None]]
    under = {name: part.conditions[name] for name in free if name in part.conditions}
    return {**state, "conditions": {**now.conditions, **under}}


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
    state = _state(route, at, own)
    if state is not None:
        return state
    raise LatentValueError(
        f"this recipe is of another widget ({brief(type(route).__name__)}), which "
        f"{kind} has no controls for. Hand on its latent alone: "
        "widget.latent = lw.replay(recipe, space)."
    )


@singledispatch
def _state(_route: Route, _at: Coordinates, _own: Route | None) -> dict[str, Any] | None:
    """Give the traits; None where the widget shows no route of this class, or of such a latent."""
    return None


@_state.register(Path)
def _(path: Path, at: Coordinates, own: Route | None) -> dict[str, Any] | None:
    if not isinstance(own, Path):
        return None
    return {
        "anchors": path.anchors,
        "closed": path.closed,
        "method": path.method,
        "even_speed": path.timing is not None,
        "value": at[0],
    }


@_state.register(Edit)
def _(edit: Edit, at: Coordinates, own: Route | None) -> dict[str, Any] | None:
    if not isinstance(own, Edit):
        return None
    return {
        "directions": edit.directions,
        "base": edit.bases,
        "mode": "absolute" if edit.absolute else "relative",
        "hold": edit.hold,
        "profiles": edit.profiles,
        "value": dict(zip(edit.directions.names, at or edit.origin, strict=True)),
    }


@_state.register(Grid)
def _(grid: Grid, at: Coordinates, own: Route | None) -> dict[str, Any] | None:
    return {"grid": grid, "value": at} if isinstance(own, Grid) else None


@_state.register(Spot)
def _(spot: Spot, at: Coordinates, own: Route | None) -> dict[str, Any] | None:
    """Say where on a map a latent is: a row, or a point, where it is the same there."""
    if not isinstance(own, MapPlane) or spot.of != "map":
        return None
    row, x, y = at
    if 0 <= row < len(own.data) and np.array_equal(own.data[int(row)], spot.latent):
        return {"index": int(row)}
    if row == GROUND and own.projection.to_latents is not None:
        [found] = own.projection.invert([[x, y]])
        if np.array_equal(found, spot.latent):
            return {"value": (x, y)}
    return {"latent": spot.latent}
