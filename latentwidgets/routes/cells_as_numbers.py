"""Grids as numbers, which a page can follow: for `Plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from latentwidgets.errors import LatentValueError
from latentwidgets.routes.corner_grids import Corners, GaussianCorners

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from latentwidgets.routes.grid import Grid, Latents
    from latentwidgets.space.conditions import Conditions

    Float64 = NDArray[np.float64]

__all__ = ["Cells", "cells_of", "conditions_of_cells"]

# At so many places between cells a grid is compared with what the page would make of them. What
# differs is less than CLOSE of each number.
COMPARED, CLOSE = 64, 1e-6


class Cells(NamedTuple):
    """What the latents of a grid are made of; see `Plan`.

    Attributes
    ----------
    form : str
        "cells", "slerp corners" or "gaussian corners".
    rows : ndarray
        Latents of cells, float32 ``(count, size)``; or, float64 ``(5, size)``, of four corners less
        a mean, and the mean.
    """

    form: str
    rows: NDArray[Any]


def cells_of(grid: Grid) -> Cells:
    """Give what the latents of a grid are made of.

    Parameters
    ----------
    grid : Grid
        Of what.

    Raises
    ------
    LatentValueError
        If it has more between its cells than follows from that.

    Examples
    --------
    >>> from latentwidgets.routes.corner_grids import corners
    >>> found = cells_of(corners(np.eye(4, dtype=np.float32)))
    >>> found.form, found.rows.shape
    ('slerp corners', (5, 4))
    """
    between = grid.latents_at
    own = grid.continuous and getattr(between, "count", 0) == grid.rows.count == grid.columns.count
    if own and isinstance(between, GaussianCorners):
        return Cells("gaussian corners", _corners(between.latents, between.mean))
    # The page follows float32's great circles; those of other corners are a little others.
    if own and isinstance(between, Corners) and _is_followed(between):
        return Cells("slerp corners", _corners(between.latents, np.zeros(1)))
    latents = grid.latents()
    rows = latents.reshape(len(latents), -1).astype(np.float32)
    if grid.continuous:
        places = _some(grid)
        true = grid.latents(places).reshape(COMPARED, -1)
        if not _close(_between(rows, grid.columns.count, places), true):
            raise LatentValueError("what lies between its cells is only known to the kernel.")
    return Cells("cells", rows)


def conditions_of_cells(grid: Grid, conditions: Conditions) -> dict[str, Float64]:
    """Give the conditions that the cells of a grid have of their own.

    Parameters
    ----------
    grid : Grid
        Whose.
    conditions : Conditions
        Those of the decoder.

    Returns
    -------
    dict of str to ndarray
        ``conditions (count, k)``: the number that the decoder gets, NaN where a cell has none of
        its own. ``mixed (1, k)``: 1 where between four cells the decoder gets their mean, 0 where
        it gets the number of the nearest. Empty where no cell has any.

    Raises
    ------
    LatentValueError
        If between its cells there are others than follow from these.

    Examples
    --------
    >>> from latentwidgets.routes.grids import table
    >>> from latentwidgets.space.conditions import conditions_of
    >>> given = conditions_of({"class": ["owl", "mug"], "gain": (1.0, 0.0, 2.0)})
    >>> grid = table(np.zeros((1, 3), np.float32), "class", conditions=given)
    >>> conditions_of_cells(grid, given)["conditions"].tolist()
    [[0.0, nan], [1.0, nan]]
    """
    said = grid.conditions_at
    if said is None or not conditions:
        return {}
    found = _numbers(said(grid.places.tolist()), conditions, grid.count)
    mixed = [one.choices is None for one in conditions.values()]
    if grid.continuous:
        places, columns = _some(grid), grid.columns.count
        down, right = np.rint(places).astype(int).T
        nearest = found[np.minimum(down * columns + right, grid.count - 1)]
        made = np.where(mixed, _between(found, columns, places), nearest)
        if not _close(made, _numbers(said(places.tolist()), conditions, COMPARED)):
            raise LatentValueError(
                "under which conditions lies what is between its cells is only known to the kernel."
            )
    return {"conditions": found, "mixed": np.array([mixed], np.float64)}


def _is_followed(between: Corners) -> bool:
    return between.method == "slerp" and between.latents.dtype == np.float32


def _corners(latents: Latents, mean: Float64) -> Float64:
    flat, middle = latents.reshape(4, -1).astype(np.float64), mean.ravel()
    return np.concatenate([flat - middle, np.broadcast_to(middle, flat[:1].shape)])


def _some(grid: Grid) -> Float64:
    """Give places between the cells of a grid."""
    share = np.random.default_rng(0).uniform(size=(COMPARED, 2))
    places: Float64 = share * np.array(grid.bounds, np.float64)[:, 1]
    return places


def _numbers(said: Mapping[str, list[Any]], conditions: Conditions, count: int) -> Float64:
    """Give the numbers that the decoder gets for values of conditions; NaN for None."""
    found = np.full((count, len(conditions)), np.nan)
    for i, (name, one) in enumerate(conditions.items()):
        values = said.get(name, [None] * count)
        numbers = {value: one.number(value, name) for value in {*values} - {None}}
        found[:, i] = [numbers.get(value, np.nan) for value in values]
    return found


def _close(made: NDArray[Any], true: NDArray[Any]) -> bool:
    """Tell whether numbers are the same, but for rounding; NaN is the same as NaN."""
    off = np.abs(made - true) / np.maximum(1, np.abs(true))
    return bool(((off <= CLOSE) | (np.isnan(made) & np.isnan(true))).all())


def _between(cells: NDArray[Any], columns: int, places: Float64) -> Float64:
    """Mix the four cells around each place."""
    last = np.array([len(cells) // columns, columns]) - 1
    first = np.minimum(np.floor(places).astype(int), np.maximum(last - 1, 0))
    part = places - first
    found = np.zeros((len(places), cells.shape[1]))
    for down in (0, 1):
        for right in (0, 1):
            row, column = np.minimum(first + (down, right), last).T
            near = np.abs(part - (1 - down, 1 - right)).prod(axis=1)
            found += near[:, np.newaxis] * cells[row * columns + column]
    return found
