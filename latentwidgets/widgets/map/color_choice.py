"""What the points of a map may be coloured by: its labels, other values, clusters, density."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from latentwidgets.common.checks import hint
from latentwidgets.directions.labels import columns_in
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Columns = Mapping[str, NDArray[Any]]

__all__ = ["check_color", "check_labels", "color_names"]


def check_labels(given: Any, count: int) -> dict[str, NDArray[Any]]:
    """Take labels of `count` latents: columns by name, none for an empty mapping."""
    if isinstance(given, Mapping) and not given:
        return {}
    columns = columns_in(given)
    for name, values in columns.items():
        _check_length(values, count, f"labels {name!r}")
    return columns


def check_color(given: Any, count: int, labels: Columns, others: Columns) -> str | Columns:
    """Take what points are to be coloured by.

    Parameters
    ----------
    given : str or array_like
        A name, or one value a latent.
    count : int
        How many latents there are.
    labels, others : mapping
        What there is to colour by: the labels, and values that were given as a colour before.

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
        _check_length(values, count, "color values")
        # An array without a name is called "label", which stands for the first label here.
        return {"values" if name == "label" else name: values}
    names = color_names(labels, others)
    if given == "label" and given not in names and labels:
        return next(iter(labels))
    if given not in names:
        raise LatentValueError(
            f"color is {given!r}; expected one of {', '.join(map(repr, names))}, or one value a "
            f"latent. {hint(given, names)}"
        )
    return given


def color_names(labels: Columns, others: Columns) -> list[str]:
    """List what there is to colour by."""
    return list(dict.fromkeys([*labels, *others, "cluster", "density"]))


def _check_length(values: NDArray[Any], count: int, what: str) -> None:
    if values.shape != (count,):
        raise LatentValueError(
            f"{what} have shape {values.shape}; there are {count} latents. Give one a latent, NaN "
            "or None where it is missing."
        )
