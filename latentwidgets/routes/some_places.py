"""`some_places`: a few places of a route, drawn at random from where its controls reach."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.grid import Grid
from latentwidgets.routes.map_plane import MapPlane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.routes.route import Route

    Places = NDArray[np.float64]

__all__ = ["some_places"]


@singledispatch
def some_places(route: Route | Any, rng: np.random.Generator, count: int) -> Places:
    """Draw a few places of a route, at each of which there is a latent.

    Parameters
    ----------
    route : Route
        Of which.
    rng : numpy.random.Generator
        What draws them.
    count : int
        How many.

    Returns
    -------
    ndarray
        Coordinates, float64 ``(count, k)``.

    Examples
    --------
    >>> from latentwidgets.routes.path import Path
    >>> some_places(Path([[0.0], [1.0]], "lerp"), np.random.default_rng(0), 3).shape
    (3, 1)
    """
    return _within(route.bounds, rng, count)


def _within(ranges: Any, rng: np.random.Generator, count: int) -> Places:
    low, high = np.array(ranges, np.float64).reshape(-1, 2).T
    return rng.uniform(low, high, (count, len(low)))


@some_places.register(Edit)
def _(route: Edit, rng: np.random.Generator, count: int) -> Places:
    return _within(route.ends, rng, count)  # amounts may be set further, and mean less there


@some_places.register(Grid)
def _(route: Grid, rng: np.random.Generator, count: int) -> Places:
    if route.continuous:
        return _within(route.bounds, rng, count)
    return route.places[rng.integers(route.count, size=count)].astype(np.float64)


@some_places.register(MapPlane)
def _(route: MapPlane, rng: np.random.Generator, count: int) -> Places:
    return route.some(rng, count)


@some_places.register(Conditioned)
def _(route: Conditioned, rng: np.random.Generator, count: int) -> Places:
    own = some_places(route.route, rng, count)
    under = [
        rng.uniform(*one.bounds, count)
        if one.choices is None
        else rng.integers(len(one.choices), size=count)
        for one in route.conditions.values()
    ]
    return np.column_stack([own, *under])
