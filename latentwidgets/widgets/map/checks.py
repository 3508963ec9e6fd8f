"""What can be set on a map, and what is refused. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from latentwidgets.common.checks import real_number
from latentwidgets.common.items import check_ordered
from latentwidgets.common.wording import brief, near_miss
from latentwidgets.directions.columns import columns_in, readable_columns
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.map_plane import FARTHEST_POINT, GROUND
from latentwidgets.space.inputs import latents_from, one_latent
from latentwidgets.widgets.map.selection import rows_in

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.routes.map_plane import Spot

    Columns = Mapping[str, NDArray[Any]]

__all__ = [
    "check_color",
    "check_labels",
    "check_latent",
    "check_path",
    "check_point",
    "check_selection",
    "check_spot",
    "color_names",
    "still_open",
]

Part = TypeVar("Part")


class Chart(Protocol):
    """A map: latents."""

    @property
    def latents(self) -> NDArray[np.float32]:
        """The latents that are shown, ``(n, *latent_shape)``."""


def still_open(part: Part | None) -> Part:
    """Give a part of a map that it lets go of when it is closed."""
    if part is None:
        raise LatentValueError("this map is closed; make a new one.")
    return part


def check_labels(given: Any, count: int) -> dict[str, NDArray[Any]]:
    """Take labels: columns by name, one value a latent; none for an empty mapping."""
    if isinstance(given, Mapping) and not given:
        return {}
    columns = readable_columns(given)
    for name, values in columns.items():
        _check_length(count, values, f"labels {brief(name)}")
    return columns


def check_color(given: Any, labels: Columns, others: Columns, count: int) -> str | Columns:
    """Take what points are to be coloured by.

    Parameters
    ----------
    given : str or array_like
        A name, or one value a latent.
    labels : mapping of str to ndarray
        The labels of the latents, by name.
    others : mapping of str to ndarray
        Values that were given before, by name: like labels, they can be coloured by.
    count : int
        How many latents there are.

    Returns
    -------
    str or mapping
        The name, or the one new column.

    Raises
    ------
    LatentTypeError, LatentValueError
        If there is no such name, or the values are not one a latent.
    """
    if not isinstance(given, str):
        columns = columns_in(given)
        if len(columns) != 1:
            raise LatentValueError(f"color has {len(columns)} columns; expected one.")
        [(name, values)] = columns.items()
        _check_length(count, values, "color values")
        # An array without a name is called "label", which stands for the first label here.
        return {"values" if name == "label" else name: values}
    names = color_names(labels, others)
    if given == "label" and given not in names and labels:
        first: str = next(iter(labels))
        return first
    if given not in names:
        raise LatentValueError(
            f"color is {brief(given)}; expected one of {', '.join(map(brief, names))}, or one "
            f"value a latent.{near_miss(given, names)}"
        )
    return given


def color_names(labels: Columns, others: Columns) -> list[str]:
    """List what there is to colour by."""
    return list(dict.fromkeys([*labels, *others, "cluster", "density"]))


def check_selection(chart: Chart, given: Any) -> NDArray[np.int64]:
    """Take rows of latents, or a mask over all of them."""
    return rows_in(given, len(chart.latents))


def check_latent(chart: Chart, given: Any) -> NDArray[np.float32]:
    """Take one latent, as a copy that nobody else can change."""
    return one_latent(chart.latents.shape[1:], given).copy()


def check_path(chart: Chart, given: Any) -> NDArray[np.float32]:
    """Take latents that a line is drawn through; none for an empty list."""
    empty = isinstance(given, (list, tuple)) and not given
    if empty or (isinstance(given, np.ndarray) and given.size == 0):
        return chart.latents[:0]
    return latents_from(chart.latents.shape[1:], given, "path")


def check_point(given: Any) -> tuple[float, float]:
    """Take a point of the map, (x, y)."""
    x, y = _coordinates(given, "value", "a point (x, y)", count=2)
    return x, y


def check_spot(given: Any, here: Spot | None) -> Spot:
    """Take a spot: a latent's row, where the person is already, or else a point of the ground."""
    row, x, y = _coordinates(given, "spot", "a row and a point, (row, x, y)", count=3)
    return (row, x, y) if row >= 0 or (row, x, y) == here else (float(GROUND), x, y)


def _coordinates(given: Any, name: str, expected: str, *, count: int) -> list[float]:
    listed = check_ordered(given, f"{name} is", expected)
    if len(listed) != count:
        raise LatentValueError(f"{name} is {brief(given)}; expected {expected}.")
    return [real_number(one, name, least=-FARTHEST_POINT, most=FARTHEST_POINT) for one in listed]


def _check_length(count: int, values: NDArray[Any], what: str) -> None:
    if values.shape != (count,):
        raise LatentValueError(
            f"{what} have shape {values.shape}; there are {count} latents. Give one a latent, NaN "
            "or None where it is missing."
        )
