"""What the parts of an explorer show, as plain JSON values: now, in bookmarks, in steps."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from latentwidgets.common.wording import brief
from latentwidgets.export.arrays import ArrayReader, ArrayWriter, Unreadable
from latentwidgets.export.route_records import record_of_route, route_from
from latentwidgets.routes.conditioned import own_of, values_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from latentwidgets.routes.route import Coordinates, Route

__all__ = [
    "MOST_BOOKMARKS",
    "MOST_STEPS",
    "PARTS",
    "Part",
    "State",
    "States",
    "main_of",
    "part_from",
    "record_of_part",
    "record_of_states",
    "states_from",
]

# The parts of an explorer; the first that there is has the current latent.
PARTS = ("editor", "map", "grid", "path")
# Further than rounding reaches, as a share of the latent's largest number, it is another latent.
ROUNDING = 1e-4
# What there is of an explorer.
NAMES = ("bookmarks", "future", "now", "past", "routes", "shown")
# So many of the last steps are read.
MOST_STEPS = 200
# So many bookmarks there are at most: each has a button, and may hold arrays of its own.
MOST_BOOKMARKS = 200
# The first and the last number of what is selected.
MOST_ROWS = 2**40


@dataclass(frozen=True, eq=False)
class Part:
    """What one widget shows.

    Attributes
    ----------
    route : Route
        From the coordinates of its own controls to latents.
    at : tuple of float
        These coordinates.
    conditions : dict of str to value
        What is decoded under.
    latent : ndarray of float32
        The latent there, or those shown together.
    selection : ndarray of int64, optional
        Rows or cells that are selected.
    data : str
        Names the data whose rows are selected; empty where that is said by the route.
    """

    route: Route
    at: Coordinates
    conditions: dict[str, Any]
    latent: NDArray[np.float32]
    selection: NDArray[np.int64] | None = None
    data: str = ""

    @classmethod
    def of(cls, route: Route, at: Coordinates) -> Part:
        """Take a route, perhaps with conditions, at all of its coordinates.

        Raises
        ------
        StaleError, LatentValueError
            If the route makes no latent there.

        Examples
        --------
        >>> from latentwidgets.routes.path import Path
        >>> Part.of(Path([[0.0], [1.0]], "lerp"), (0.5,)).latent.tolist()
        [0.5]
        """
        own, under = own_of(route), values_at(route, at)
        place = tuple(map(float, at[: len(own.bounds)]))
        latent = np.asarray(own.latents([place])[0], np.float32)
        return cls(own, place, {name: _value(one) for name, one in under.items()}, latent)


# What every part shows, by name.
State: TypeAlias = "Mapping[str, Part]"


class States(NamedTuple):
    """What an explorer shows, and has shown.

    Attributes
    ----------
    now : dict of str to Part
        What every part shows.
    bookmarks : dict of str to dict
        The same of every bookmark, by its name.
    past, future : sequence of dict
        The same before every step that can be undone, and after every one that can be done again.
        Of both the last is the next.
    """

    now: State
    bookmarks: Mapping[str, State] = {}
    past: Sequence[State] = ()
    future: Sequence[State] = ()


def main_of(state: State) -> Part:
    """Give the part that has the current latent."""
    return state[next(name for name in PARTS if name in state)]


def record_of_part(part: Part, route: Any, arrays: ArrayWriter) -> dict[str, Any]:
    """Write what a widget shows, its route as it is given."""
    return {
        "route": route,
        "at": list(map(float, part.at)),
        "conditions": part.conditions,
        "latent": arrays.put(part.latent),
    }


def part_from(record: Mapping[str, Any], route: Route, arrays: ArrayReader) -> Part:
    """Read what `record_of_part` wrote; anything may be raised where it is damaged."""
    under = record["conditions"]
    if not isinstance(under, dict):
        raise Unreadable("its conditions are none")
    if not all(isinstance(value, (str, int, float)) for value in under.values()):
        raise Unreadable("its conditions have no values")
    at = tuple(map(float, record["at"]))
    if len(at) != len(route.bounds) and not (route.takes_empty and not at):
        raise Unreadable("its coordinates are not those of its route")
    for x, (low, high) in zip(at, route.bounds, strict=False):
        if not (math.isfinite(x) and low <= x <= high):
            raise Unreadable(f"its coordinates are out of bounds: {x:g}")
    latent = arrays.get(record["latent"])
    found = route.latents([at])[0]
    if latent.dtype != np.float32 or found.shape != latent.shape:
        raise Unreadable("its latent is none of its route")
    gap = np.abs(found.astype(np.float64) - latent).max(initial=0.0)
    if not gap <= ROUNDING * np.abs(latent).max(initial=0.0):
        raise Unreadable("its route leads to another latent than the one it holds")
    return Part(route, at, under, latent)


def record_of_states(states: States, arrays: ArrayWriter) -> dict[str, Any]:
    """Write what an explorer shows, and has shown: equal routes and equal parts once.

    Returns
    -------
    dict
        ``routes``, as of `record_of_route`; ``shown``, a list of what parts show, which refer to
        these; and ``now``, ``bookmarks``, ``past`` and ``future``, which refer to that by number.
    """
    writer = _Writer(arrays)
    return {
        "now": writer.put(states.now),
        "bookmarks": [[name, writer.put(one)] for name, one in states.bookmarks.items()],
        "past": [writer.put(one) for one in states.past],
        "future": [writer.put(one) for one in states.future],
        "routes": writer.routes.written,
        "shown": writer.shown.written,
    }


def states_from(record: Mapping[str, Any], arrays: ArrayReader) -> States:
    """Read what `record_of_states` wrote; anything may be raised where it is damaged."""
    if odd := sorted({*record} ^ {*NAMES}):
        raise Unreadable(f"its explorer has too much or too little: {brief(odd)}")
    routes = [route_from(one, arrays) for one in record["routes"]]
    shown = [_part_of(one, routes, arrays) for one in record["shown"]]

    def state(given: Mapping[str, int]) -> State:
        if not given or not all(name in PARTS for name in given):
            raise Unreadable("it has parts that no explorer has")
        if not all(type(number) is int and number >= 0 for number in given.values()):
            raise Unreadable("what its parts show has no number")
        return {name: shown[number] for name, number in given.items()}

    if len(record["bookmarks"]) > MOST_BOOKMARKS:
        raise Unreadable(f"it has more than {MOST_BOOKMARKS} bookmarks")
    if not all(isinstance(name, str) and name.strip() for name, _ in record["bookmarks"]):
        raise Unreadable("a bookmark has no name")
    if len({name for name, _ in record["bookmarks"]}) < len(record["bookmarks"]):
        raise Unreadable("two bookmarks have one name")
    bookmarks = {name: state(one) for name, one in record["bookmarks"]}
    past, future = (
        [state(one) for one in record[name][-MOST_STEPS:]] for name in ("past", "future")
    )
    return States(state(record["now"]), bookmarks, past, future)


def _part_of(record: Mapping[str, Any], routes: Sequence[Route], arrays: ArrayReader) -> Part:
    part = part_from(record, routes[record["route"]], arrays)
    if "selection" not in record:
        return part
    selection = arrays.get(record["selection"])
    if selection.dtype != np.int64 or selection.ndim != 1:
        raise Unreadable("what is selected are no rows")
    if len(selection) and not 0 <= selection.min() <= selection.max() < MOST_ROWS:
        raise Unreadable("what is selected are no rows")
    return replace(part, selection=selection, data=str(record["data"]))


class _Table:
    """Values that are plain JSON, equal ones once."""

    def __init__(self) -> None:
        self.written: list[Any] = []
        self._numbers: dict[str, int] = {}

    def put(self, value: Any) -> int:
        number = self._numbers.setdefault(json.dumps(value, sort_keys=True), len(self._numbers))
        if number == len(self.written):
            self.written.append(value)
        return number


class _Writer:
    """Writes states, each as the numbers of what its parts show."""

    def __init__(self, arrays: ArrayWriter) -> None:
        self._arrays, self.routes, self.shown = arrays, _Table(), _Table()
        # Many steps share a route, and of many directions it takes a while to write.
        self._known: dict[int, tuple[Route, int]] = {}

    def put(self, state: State) -> dict[str, int]:
        return {name: self._part(state[name]) for name in PARTS if name in state}

    def _part(self, part: Part) -> int:
        record = record_of_part(part, self._route(part), self._arrays)
        if part.selection is not None:
            record |= {"selection": self._arrays.put(part.selection), "data": part.data}
        return self.shown.put(record)

    def _route(self, part: Part) -> int:
        _, number = self._known.get(id(part.route), (None, None))
        if number is None:
            record = record_of_route(part.route, part.at, self._arrays)
            number = self.routes.put(record)
            if record["type"] != "spot":  # which is of this place alone
                self._known[id(part.route)] = part.route, number
        return number


def _value(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
