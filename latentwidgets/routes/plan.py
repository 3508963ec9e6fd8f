"""`Plan`: a route as numbers, which a page can follow. Twin: js/src/decode_in_page/routes.js."""

from __future__ import annotations

import time
from functools import singledispatch
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from latentwidgets.common.wanted import UnwantedError, never
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.cells_as_numbers import cells_of, conditions_of_cells
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.embedding import TITLES
from latentwidgets.routes.grid import Grid
from latentwidgets.routes.map_plane import MapPlane
from latentwidgets.routes.path import Path
from latentwidgets.routes.segments import arcs
from latentwidgets.space.conditions import NONE
from latentwidgets.space.locks import ModelLock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from latentwidgets.routes.route import Route
    from latentwidgets.space.conditions import Conditions

__all__ = ["Plan", "completed", "outlined", "plan_of"]

# Routes of more numbers than this together are not sent to a page.
MOST_NUMBERS = 2**20
# At so many places between its points a map is compared with what the page would make of them: as
# far out as so many times half its width, which is as far as the page goes. What differs is less
# than CLOSE of what a number changes by over its width, and rounding, so many parts of a number.
COMPARED, CLOSE, AROUND = 64, 1e-6, 3
ROUNDING = 8 * float(np.finfo(np.float32).eps)
# An inverse that takes longer for all these places together, in seconds, is not judged. A call has
# as many of them as take about so long: a person may have to wait for it.
SLOW_SECONDS, CALL_SECONDS = 1.0, 0.05
# Where a piece that is a cubic is looked at, to find its coefficients.
PLACES = np.array([0.0, 1 / 3, 2 / 3, 1.0])


class Plan(NamedTuple):
    """What a page needs to follow a route.

    Attributes
    ----------
    form : str
        "edit"; of a grid "cells", "slerp corners" or "gaussian corners"; "map"; or how the latents
        of one piece of a path are made of its rows: "cubic", "slerp", "nlerp" or "gaussian".
    shown : int
        How many latents there are at each position.
    closed : bool
        Whether a path leads back to its beginning.
    arrays : mapping of str to ndarray
        Float64, but rows of cells and maps float32, as latents are.

        Of an edit ``points (shown, size)``, ``starts (shown, k)`` and ``moves (k, size)``. Of
        cells ``rows (count, size)``, row by row, and ``numbers (1, 2)``: how many columns, and 1
        where between four cells lies their mean, weighted by how near they are, else 0. Of corners
        ``rows (5, size)``: the four less a mean, and the mean; and the same numbers. Where the
        cells of a grid have conditions of their own, ``conditions`` and ``mixed`` too: see
        `conditions_of_cells`. Of a map
        ``rows (n, size)``; ``plane (3, size)``: the latent in the middle, and what half the width
        adds to it along x and along y, empty where there is no inverse; and ``numbers (1, 4)``: x
        and y of the middle, half the width, and how many times that far out, along x and along y,
        the plane is known. Of a path ``rows (pieces, r, size)``,
        ``numbers (pieces, q)``, and ``timing (2, m)``, which is empty where the path has none.
    """

    form: str
    shown: int
    closed: bool
    arrays: Mapping[str, NDArray[Any]]


def plan_of(route: Route | Any, conditions: Conditions = NONE) -> Plan:
    """Write a route as numbers.

    Parameters
    ----------
    route : Route
        What to follow, without the coordinates of conditions.
    conditions : Conditions
        Those of the decoder, of which a route may set some itself.

    Raises
    ------
    LatentValueError
        If a page cannot follow it.

    Examples
    --------
    >>> rows = plan_of(Path([[0.0, 1.0], [2.0, 1.0]], "lerp")).arrays["rows"]
    >>> (rows[0].round(6) + 0.0).tolist()
    [[0.0, 1.0], [2.0, 0.0], [0.0, 0.0], [0.0, 0.0]]
    """
    return completed(outlined(route, conditions), route)


def outlined(route: Route | Any, conditions: Conditions = NONE) -> Plan:
    """Write as much of a route as costs little: of a map all but its plane.

    Raises
    ------
    LatentValueError
        If it is known by then that a page cannot follow it.

    Examples
    --------
    >>> outlined(Path([[0.0, 1.0], [2.0, 1.0]], "lerp")).form
    'cubic'
    """
    plan = _written(route)
    if isinstance(route, Grid):
        arrays = {**plan.arrays, **conditions_of_cells(route, conditions)}
        plan = Plan(plan.form, plan.shown, plan.closed, arrays)
    elif conditions and getattr(route, "conditions_at", None) is not None:
        raise LatentValueError("it sets conditions by itself, which only the kernel can.")
    _check_size(sum(one.size for one in plan.arrays.values()), "what it is made of has")
    return plan


def completed(plan: Plan, route: Route | Any, unwanted: Callable[[], bool] = never) -> Plan:
    """Add the plane of a map, for which the inverse of its projection is called.

    Parameters
    ----------
    plan : Plan
        What `outlined` gave.
    route : Route
        Of what.
    unwanted : callable
        Says whether nobody wants it any more; asked between calls.

    Raises
    ------
    LatentValueError
        If the inverse is not linear, or takes too long to find that out.
    UnwantedError
        If nobody wants it any more.

    Examples
    --------
    >>> path = Path([[0.0, 1.0], [2.0, 1.0]], "lerp")
    >>> completed(outlined(path), path).form
    'cubic'
    """
    if not isinstance(route, MapPlane) or route.projection.to_latents is None:
        return plan
    arrays = {**plan.arrays, "plane": _plane(route, unwanted)}
    return Plan(plan.form, plan.shown, plan.closed, arrays)


@singledispatch
def _written(route: Route | Any) -> Plan:
    """Write a route as numbers, however many."""
    raise LatentValueError(
        "where this widget leads is only known to the kernel. Paths, edits, grids and maps can be "
        "followed in the page."
    )


@_written.register
def _edit(route: Edit) -> Plan:
    """Write the latents that are edited down, and what each amount adds."""
    points = route.bases.reshape(len(route.starts), -1).astype(np.float64)
    arrays = {"points": points, "starts": route.starts, "moves": route.moves}
    return Plan("edit", len(points), False, arrays)


@_written.register
def _path(route: Path) -> Plan:
    """Write the pieces of a path down, and when it is at their ends."""
    _check_size(route.anchors.size, "its anchors have")
    form, rows, numbers = _pieces(route.timed(None))
    timing = np.empty((2, 0)) if route.timing is None else route.timing
    arrays = {"rows": rows, "numbers": numbers, "timing": timing}
    return Plan(form, 1, route.closed, arrays)


def _check_size(count: int, what: str) -> None:
    if count > MOST_NUMBERS:
        raise LatentValueError(
            f"{what} {count:,} numbers; a page is sent {MOST_NUMBERS:,} at most."
        )


@_written.register
def _cells(grid: Grid) -> Plan:
    """Write the latents of a grid down, if what lies between them follows from them."""
    found = cells_of(grid)
    _check_size(found.rows.size, "its cells have")
    numbers = np.array([[grid.columns.count, grid.continuous]], np.float64)
    return Plan(found.form, 1, False, {"rows": found.rows, "numbers": numbers})


@_written.register
def _map(route: MapPlane) -> Plan:
    """Write the latents of a map down; its plane is still empty.

    Where an inverse is not linear, the points themselves stay with the kernel too: of two places
    that look alike, one would be here at once and the other in seconds.
    """
    _check_size(route.data.size, "its points have")
    projection = route.projection
    if projection.to_latents is not None and projection.name in TITLES:
        raise _unknown(route, "is not linear")
    rows = route.data.reshape(len(route.data), -1)
    numbers = np.array([[*route.center, route.half, AROUND]])
    plane = np.empty((0, rows.shape[1]))
    return Plan("map", 1, False, {"rows": rows, "plane": plane, "numbers": numbers})


def _plane(route: MapPlane, unwanted: Callable[[], bool]) -> NDArray[np.float64]:
    """Give the plane that the inverse of a projection gives points of."""
    ends = AROUND * np.array([(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)])
    some = np.random.default_rng(0).uniform(-AROUND, AROUND, (COMPARED, 2))
    true = _inverses(route, np.concatenate([[(0.0, 0.0)], ends, some]), unwanted)
    right, left, up, down = true[1:5]
    # From one end to the other: where latents are large, what is between two near ones is rounding.
    plane = np.stack(
        [true[1:5].mean(axis=0), *(np.stack([right - left, up - down]) / (2 * AROUND))]
    )
    made = plane[0] + np.concatenate([[(0.0, 0.0)], ends, some]) @ plane[1:]
    off, spread = np.abs(made - true).max(axis=0), 2 * np.abs(plane[1:]).sum(axis=0)
    if (off <= CLOSE * spread + ROUNDING * np.abs(true).max(axis=0)).all():
        return plane
    raise _unknown(route, "is not linear")


def _inverses(
    route: MapPlane, places: NDArray[np.float64], unwanted: Callable[[], bool]
) -> NDArray[np.float64]:
    """Give what lies at places of the square that the points are in, from -1 to 1.

    A few are asked for at a time: a click in between waits for no more than one call.
    """
    projection, spent, count = route.projection, 0.0, 1
    lock, found = ModelLock(projection.models), list[Any]()

    def timed(some: NDArray[np.float64]) -> float:
        start = time.monotonic()
        found.extend(projection.invert(some * route.half + route.center))
        return time.monotonic() - start

    while len(found) < len(places):
        if unwanted():
            raise UnwantedError
        some = places[len(found) : len(found) + count]
        took = lock.run(timed, some)  # without the wait for it
        spent += took
        if spent > SLOW_SECONDS:
            raise _unknown(route, f"takes too long: {spent:.1f} s for {len(found)} of its places")
        count = max(1, int(CALL_SECONDS * len(some) / max(took, 1e-9)))
    return np.stack(found).reshape(len(places), -1).astype(np.float64)


def _unknown(route: MapPlane, why: str) -> LatentValueError:
    name = route.projection.name
    return LatentValueError(
        "what lies between its points is only known to the kernel: the inverse of "
        f"{TITLES.get(name, name)} {why}."
    )


def _pieces(path: Path) -> tuple[str, NDArray[np.float64], NDArray[np.float64]]:
    """Give the form of a path's pieces, the rows of each, and what numbers it has besides."""
    flat = path.anchors.reshape(len(path.anchors), -1)
    if path.closed:
        flat = np.concatenate([flat, flat[:1]])
    first, last, count = flat[:-1], flat[1:], len(flat) - 1
    if path.method in ("slerp", "nlerp") and flat.shape[1] > 1:
        found = arcs(first, last)
        numbers = np.concatenate([found.start, found.stop, found.half, found.opposite], axis=1)
        return path.method, np.stack([found.middle, found.across], axis=1), numbers
    if path.method == "gaussian":
        # Halfway all of the three have a known weight: the mean is what is left.
        middles = path((np.arange(count) + 0.5) / count).reshape(count, -1).astype(np.float64)
        root = np.sqrt(0.5)
        mean = (middles - root * (first + last)) / (1 - 2 * root)
        return "gaussian", np.stack([first - mean, last - mean, mean], axis=1), np.empty((count, 0))
    pieces = count * (1 if path.bends is None else path.bends.shape[1] + 1)
    exact = Path(
        path.anchors.astype(np.float64),
        "lerp" if path.method in ("slerp", "nlerp") else path.method,
        closed=path.closed,
        bends=path.bends,
    )
    # The last place of all is where a closed path is at its beginning again.
    places = (np.arange(pieces)[:, np.newaxis] + PLACES) / pieces
    latents = exact(places).reshape(pieces, len(PLACES), -1)
    powers = np.linalg.inv(PLACES[:, np.newaxis] ** np.arange(4))
    return "cubic", powers @ latents, np.empty((pieces, 0))
