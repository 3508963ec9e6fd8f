"""Routes as plain JSON values, and routes made again of them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from functools import singledispatch
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from latentwidgets.directions.directions import Directions
from latentwidgets.directions.files import ARRAYS, direction_from, record_of
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.condition_axes import Said, Setting
from latentwidgets.routes.corner_grids import Corners, GaussianCorners
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.grid import Axis, Grid
from latentwidgets.routes.grid_latents import Plane, RowByRow
from latentwidgets.routes.map_plane import MapPlane
from latentwidgets.routes.path import Path
from latentwidgets.routes.route import digest_of
from latentwidgets.space.latent_source import LatentSource
from latentwidgets.space.priors import NormalPrior

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from latentwidgets.export.arrays import ArrayReader, ArrayWriter
    from latentwidgets.routes.route import Bounds, Coordinates, Route

    Record = Mapping[str, Any]

__all__ = ["Spot", "record_of_route", "route_from"]


@dataclass(frozen=True, eq=False)
class Spot:
    """A latent as it is: a point of a map, or where a route cannot be written down.

    Attributes
    ----------
    latent : ndarray of float32
        The latent, or those shown together.
    bounds : tuple of pair of float
        The least and the most of each coordinate.
    of : str
        What it is a point of: "map", or the name of another route.
    projection : str
        How a map was laid out; empty elsewhere.
    """

    latent: NDArray[np.float32]
    bounds: Bounds
    of: str
    projection: str = ""
    takes_empty: ClassVar[bool] = True

    @property
    def digest(self) -> str:
        """The same for the same latent, on any day."""
        return digest_of(self.latent, self.of, self.projection)

    def latents(self, positions: Sequence[Coordinates], /) -> NDArray[np.float32]:
        """Return it for every position."""
        return np.stack([self.latent] * len(positions))

    def words(self, _at: Coordinates, /) -> str:
        """Say what it is."""
        return f"one latent of a {self.of}"


@singledispatch
def record_of_route(route: Any, at: Coordinates, arrays: ArrayWriter) -> dict[str, Any]:
    """Write a route as plain JSON values.

    Parameters
    ----------
    route : Route
        A path, an edit, a grid or the plane of a map. Of any other the latent alone is written.
    at : tuple of float
        Where on it a person is.
    arrays : ArrayWriter
        What its arrays are put into.

    Returns
    -------
    dict
        With "type", which says how `route_from` reads it.

    Examples
    --------
    >>> from latentwidgets.export.arrays import ArrayReader, ArrayWriter
    >>> writer = ArrayWriter()
    >>> record = record_of_route(Path([[0.0], [1.0]], "lerp"), (0.5,), writer)
    >>> record["type"], record["method"]
    ('path', 'lerp')
    >>> route_from(record, ArrayReader(writer.table)) == Path([[0.0], [1.0]], "lerp")
    True
    """
    return _spot(route, at, arrays, type(route).__name__)


def route_from(record: Record, arrays: ArrayReader) -> Route:
    """Make a route of what `record_of_route` gave; anything may be raised where that is damaged."""
    made: Route = _READERS[record["type"]](record, arrays)
    return made


def _spot(
    route: Route, at: Coordinates, arrays: ArrayWriter, of: str, projection: str = ""
) -> dict[str, Any]:
    latent = arrays.put(np.asarray(route.latents([at])[0], np.float32))
    reach = [list(pair) for pair in route.bounds]
    return {"type": "spot", "of": of, "projection": projection, "bounds": reach, "latent": latent}


def _spot_from(record: Record, arrays: ArrayReader) -> Spot:
    reach = tuple((float(low), float(high)) for low, high in record["bounds"])
    of, projection = str(record["of"]), str(record["projection"])
    return Spot(arrays.get(record["latent"]).astype(np.float32), reach, of, projection)


@record_of_route.register(Spot)
def _(route: Spot, at: Coordinates, arrays: ArrayWriter) -> dict[str, Any]:
    return _spot(route, at, arrays, route.of, route.projection)


@record_of_route.register(MapPlane)
def _(route: MapPlane, at: Coordinates, arrays: ArrayWriter) -> dict[str, Any]:
    return _spot(route, at, arrays, "map", route.projection.name)


# Paths


@record_of_route.register(Path)
def _(route: Path, _at: Coordinates, arrays: ArrayWriter) -> dict[str, Any]:
    record: dict[str, Any] = {"type": "path", "method": route.method, "closed": route.closed}
    more = {"anchors": route.anchors, "timing": route.timing, "bends": route.bends}
    if route.method == "gaussian" and route.prior is not None:  # no other depends on it
        more |= {"mean": route.prior.mean, "scale": route.prior.scale}
    return record | {name: arrays.put(one) for name, one in more.items() if one is not None}


def _path_from(record: Record, arrays: ArrayReader) -> Path:
    given = {name: arrays.get(record[name]) for name in ("timing", "bends") if name in record}
    anchors, space = arrays.get(record["anchors"]), None
    if "scale" in record:
        prior = NormalPrior(arrays.get(record["scale"]), arrays.get(record["mean"]))
        space = LatentSource(anchors.shape[1:], prior)
    return Path(anchors, record["method"], closed=record["closed"], space=space, **given)


# Edits


def _directions(directions: Directions, arrays: ArrayWriter) -> list[dict[str, Any]]:
    return [
        {**_finite(record_of(one)), **{name: arrays.put(getattr(one, name)) for name in ARRAYS}}
        for one in directions
    ]


def _finite(value: Any) -> Any:
    """Write numbers that JSON does not know as texts: what is told of a direction may hold any."""
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


def _directions_from(records: Any, arrays: ArrayReader) -> Directions:
    return Directions(
        direction_from(
            {name: value for name, value in one.items() if name not in ARRAYS},
            {name: arrays.get(one[name]) for name in ARRAYS},
        )
        for one in records
    )


@record_of_route.register(Edit)
def _(route: Edit, _at: Coordinates, arrays: ArrayWriter) -> dict[str, Any]:
    return {
        "type": "edit",
        "base": arrays.put(route.bases),
        "directions": _directions(route.directions, arrays),
        "hold": list(route.hold),
        "absolute": route.absolute,
        "profiles": {name: list(map(float, one)) for name, one in route.profiles.items()},
    }


def _edit_from(record: Record, arrays: ArrayReader) -> Edit:
    directions = _directions_from(record["directions"], arrays)
    bases = arrays.get(record["base"]).astype(np.float32)
    if bases.shape[-len(directions.latent_shape) :] != directions.latent_shape:
        raise LatentValueError("its directions are not of the shape of its base")
    absolute, profiles = bool(record["absolute"]), record["profiles"]
    return Edit(bases, directions, tuple(record["hold"]), absolute=absolute, profiles=profiles)


# Grids


@record_of_route.register(Grid)
def _(route: Grid, at: Coordinates, arrays: ArrayWriter) -> dict[str, Any]:
    source = _source(route, arrays)
    said = route.conditions_at
    if source is None or not (said is None or isinstance(said, Said)):
        return _spot(route, at, arrays, "grid")
    return {
        "type": "grid",
        "rows": asdict(route.rows),
        "columns": asdict(route.columns),
        "count": route.count,
        "continuous": route.continuous,
        "marks": [[*place, name] for place, name in route.marks.items()],
        "says": [[*place, name] for place, name in route.says.items()],
        "note": route.note,
        "start": list(route.start),
        "said": None if said is None else _said(said),
        "sets": list(route.sets),
        "latents": source,
    }


def _source(grid: Grid, arrays: ArrayWriter) -> dict[str, Any] | None:
    """Write where the latents come from; None where nobody knows what lies between cells."""
    found = grid.latents_at
    if isinstance(found, Corners):
        method = {"method": found.method, "n": found.count}
        return {"from": "corners", "corners": arrays.put(found.latents), **method}
    if isinstance(found, GaussianCorners):
        more = {"n": found.count, "mean": arrays.put(found.mean)}
        return {"from": "gaussian corners", "corners": arrays.put(found.latents), **more}
    if isinstance(found, Plane):
        edit = None if found.edit is None else record_of_route(found.edit, (), arrays)
        return {
            "from": "plane",
            "base": arrays.put(found.base),
            "edit": edit,
            "moves": list(found.moves),
        }
    return None if grid.continuous else {"from": "cells", "cells": arrays.put(grid.latents())}


def _grid_from(record: Record, arrays: ArrayReader) -> Grid:
    rows, columns = _axis(record["rows"]), _axis(record["columns"])
    source, said = record["latents"], record["said"]
    latents_at: Callable[[Any], Any]
    if source["from"] == "corners":
        latents_at = Corners(arrays.get(source["corners"]), str(source["method"]), source["n"])
    elif source["from"] == "gaussian corners":
        mean = arrays.get(source["mean"])
        latents_at = GaussianCorners(arrays.get(source["corners"]), mean, source["n"])
    elif source["from"] == "plane":
        edit = None if source["edit"] is None else _edit_from(source["edit"], arrays)
        moves = tuple(map(str, source["moves"]))
        latents_at = Plane(arrays.get(source["base"]), edit, moves, rows, columns)
    elif source["from"] == "cells":
        latents_at = RowByRow(arrays.get(source["cells"]), columns.count)
    else:
        raise LatentValueError("its latents come from nowhere that is known")
    return Grid(
        rows,
        columns,
        latents_at,
        int(record["count"]),
        continuous=bool(record["continuous"]),
        marks=_places(record["marks"]),
        says=_places(record["says"]),
        note=str(record["note"]),
        sets=tuple(map(str, record["sets"])),
        start=tuple(map(float, record["start"])),
        conditions_at=None if said is None else _said_from(said),
    )


def _places(given: Any) -> dict[tuple[int, int], str]:
    return {(int(row), int(column)): str(name) for row, column, name in given}


def _axis(given: Record) -> Axis:
    known = {one.name for one in fields(Axis)}
    plain = {name: value for name, value in given.items() if name in known}
    return Axis(**plain | {"names": tuple(given["names"]), "ticks": tuple(given["ticks"])})


def _said(said: Said) -> dict[str, Any]:
    return {
        "rows": None if said.rows is None else _setting(said.rows),
        "columns": None if said.columns is None else _setting(said.columns),
        "along": [[row, _setting(one)] for row, one in said.along],
    }


def _said_from(given: Record) -> Said:
    rows, columns = (
        None if given[name] is None else _setting_from(given[name]) for name in ("rows", "columns")
    )
    return Said(rows, columns, tuple((int(row), _setting_from(one)) for row, one in given["along"]))


def _setting(one: Setting) -> dict[str, Any]:
    values = [value if isinstance(value, (str, int)) else float(value) for value in one.values]
    return {**asdict(one), "values": values}


def _setting_from(given: Record) -> Setting:
    return Setting(**{**given, "values": tuple(given["values"]), "axis": _axis(given["axis"])})


_READERS: dict[str, Callable[[Record, ArrayReader], Any]] = {
    "path": _path_from,
    "edit": _edit_from,
    "grid": _grid_from,
    "spot": _spot_from,
}
