"""Grids of latents: what the cells of a `LatentGrid` stand for. Nothing here draws anything.

A grid is a function from places, (row, column), to latents. Most know only whole places, the
cells; a plane and the space between four corners know every place in between too.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from latentwidgets.common.checks import check_finite, check_whole, real_array
from latentwidgets.directions import Direction, Directions
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.interpolate import lerp, slerp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Places: TypeAlias = NDArray[np.float64]
    Latents: TypeAlias = NDArray[np.float32]

__all__ = ["Axis", "Grid", "analogy", "cells", "corners", "plane", "table", "traversals"]

MOST_CELLS = 100_000
# Cells that have no order of their own stand in so many columns at most.
MOST_COLUMNS = 12
AMOUNTS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
METHODS = {"slerp": slerp, "lerp": lerp}


@dataclass(frozen=True)
class Axis:
    """The rows of a grid, or its columns.

    Attributes
    ----------
    count : int
        How many there are.
    title : str
        What changes along them.
    names : tuple of str
        Their headings; none where they are alike.
    ticks : tuple of float
        Their numbers, increasing or decreasing, where places in between have a number too.
    unit : str
        Of the ticks.
    """

    count: int
    title: str = ""
    names: tuple[str, ...] = ()
    ticks: tuple[float, ...] = ()
    unit: str = ""

    def __post_init__(self) -> None:
        if self.names and len(self.names) != self.count:
            raise LatentValueError(
                f"there are {len(self.names)} names for {self.count} rows or columns; expected "
                "one each."
            )

    def words(self, place: float) -> str:
        """Say what a place along the axis is: its name, or its number; empty where neither is."""
        if self.ticks:
            number = float(np.interp(place, range(self.count), self.ticks))
            return f"{self.title} {number:+.2f} {self.unit}".replace("-", "−").strip()
        return self.names[round(place)] if self.names else ""


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells in rows and columns, each with a latent. It never changes.

    Attributes
    ----------
    rows, columns : Axis
        What they are.
    latents_at : callable
        Takes places, float64 ``(p, 2)``, and returns latents, ``(p, *latent_shape)``.
    count : int
        How many cells; the last row need not be full.
    continuous : bool
        Whether there are latents between the cells.
    marks : dict of pair of int to str
        Cells that are special, by row and column, and what to call them.
    name : str
        The same for the same cells, on any day.
    """

    rows: Axis
    columns: Axis
    latents_at: Callable[[Places], NDArray[np.floating]]
    count: int = 0
    continuous: bool = False
    marks: dict[Any, str] = field(default_factory=dict)
    name: str = field(init=False)

    def __post_init__(self) -> None:
        count = self.count or self.rows.count * self.columns.count
        if count > MOST_CELLS:
            raise LatentValueError(
                f"there are {count:,} cells; expected {MOST_CELLS:,} at most. Pass some of them."
            )
        vars(self)["count"] = count
        digest = hashlib.blake2b(repr((self.columns.count, self.continuous)).encode())
        digest.update(self.latents().tobytes())
        vars(self)["name"] = digest.hexdigest()[:24]

    @property
    def places(self) -> NDArray[np.int64]:
        """Row and column of every cell, ``(count, 2)``, row by row."""
        return np.stack(np.divmod(np.arange(self.count), self.columns.count), axis=1)

    @property
    def start(self) -> tuple[float, float]:
        """Where a person begins: at the first special cell, such as the base, or at the first."""
        row, column = next(iter(self.marks), (0, 0))
        return float(row), float(column)

    def latents(self, places: ArrayLike | None = None) -> Latents:
        """Return the latents at some places.

        Parameters
        ----------
        places : array_like, shape (p, 2), optional
            Row and column of each, from 0; between the cells where the grid is continuous. All
            cells, row by row, if None.

        Returns
        -------
        ndarray
            float32 ``(p, *latent_shape)``.
        """
        at = np.asarray(self.places if places is None else places, np.float64)
        return np.asarray(self.latents_at(at if self.continuous else np.rint(at)), np.float32)

    def index(self, row: float, column: float) -> int:
        """Return the number of the cell nearest to a place."""
        return min(self.count - 1, round(row) * self.columns.count + round(column))

    def words(self, row: float, column: float) -> str:
        """Say where a place is."""
        said = ", ".join(filter(None, (self.rows.words(row), self.columns.words(column))))
        return self.marks.get((row, column)) or said or f"cell {self.index(row, column)}"


def cells(
    latents: Latents,
    *,
    columns: int | None = None,
    row_names: Iterable[str] = (),
    column_names: Iterable[str] = (),
) -> Grid:
    """Make a grid of latents as they are.

    Parameters
    ----------
    latents : ndarray of float32, shape (n, *latent_shape)
        One for each cell, row by row.
    columns : int, optional
        How many columns; as many as rows if None, but at most 12.
    row_names, column_names : iterable of str
        Headings.

    Returns
    -------
    Grid
        The cells.

    Examples
    --------
    >>> grid = cells(np.zeros((10, 2), np.float32))
    >>> grid.rows.count, grid.columns.count, grid.count
    (3, 4, 10)
    """
    count = len(latents)
    names = tuple(map(str, column_names))
    if columns is None:
        columns = len(names) or min(MOST_COLUMNS, math.ceil(math.sqrt(count)))
    across = min(check_whole(columns, "columns", least=1), count)
    down = Axis(math.ceil(count / across), names=tuple(map(str, row_names)))

    def latents_at(places: Places) -> Latents:
        rows, columns = places.astype(int).T
        found: Latents = latents[rows * across + columns]
        return found

    return Grid(down, Axis(across, names=names), latents_at, count)


def traversals(
    base: Latents, directions: Iterable[Direction], *, amounts: Iterable[float] = AMOUNTS
) -> Grid:
    """Make a row for each direction, along which the base moves.

    Parameters
    ----------
    base : ndarray of float32, shape latent_shape
        Where the rows meet.
    directions : Directions, or iterable of Direction
        A row each.
    amounts : iterable of float
        A column each, in sigmas; usually with 0 in the middle.

    Returns
    -------
    Grid
        The cells.

    Examples
    --------
    >>> grid = traversals(np.zeros(2, np.float32), [Direction("smile", [1.0, 0.0])])
    >>> grid.latents()[:, 0].tolist()
    [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
    """
    rows = _directions(directions)
    columns = _amounts(amounts)
    _check_fits(base, rows)
    steps = np.array(columns.ticks)
    moved = np.stack([one.move(np.repeat(base[np.newaxis], len(steps), 0), steps) for one in rows])
    middle = np.flatnonzero(steps == 0).tolist()
    marks = {(row, column): "base" for row in range(len(rows)) for column in middle}
    return Grid(Axis(len(rows), names=rows.names), columns, _among(moved), marks=marks)


def table(
    bases: Latents,
    direction: Direction,
    *,
    amounts: Iterable[float] = AMOUNTS,
    names: Iterable[str] = (),
) -> Grid:
    """Make a row for each base, all moved along one direction.

    Parameters
    ----------
    bases : ndarray of float32, shape (n, *latent_shape)
        A row each.
    direction : Direction
        What to move along.
    amounts : iterable of float
        A column each, in sigmas.
    names : iterable of str
        Of the bases; numbers if there are none.

    Returns
    -------
    Grid
        The cells.

    Examples
    --------
    >>> grid = table(np.zeros((5, 2), np.float32), Direction("smile", [1.0, 0.0]))
    >>> grid.rows.count, grid.columns.title
    (5, 'smile')
    """
    only = _each(direction=direction)
    columns = _amounts(amounts, only.names[0])
    _check_fits(bases[0], only)
    moved = np.stack([direction.move(bases, amount) for amount in columns.ticks], axis=1)
    down = Axis(len(bases), names=tuple(map(str, names)) or tuple(map(str, range(len(bases)))))
    return Grid(down, columns, _among(moved))


def plane(base: Latents, a: Direction, b: Direction, *, amounts: Iterable[float] = AMOUNTS) -> Grid:
    """Span a plane by two directions: `a` goes to the right, `b` goes up.

    Parameters
    ----------
    base : ndarray of float32, shape latent_shape
        The middle.
    a, b : Direction
        What to move along.
    amounts : iterable of float
        Where the cells are along each, in sigmas, increasing.

    Returns
    -------
    Grid
        Continuous.

    Examples
    --------
    >>> a, b = Direction("a", [1.0, 0.0]), Direction("b", [0.0, 1.0])
    >>> grid = plane(np.zeros(2, np.float32), a, b)
    >>> grid.latents([[0, 6], [3, 3.5]]).tolist()
    [[3.0, 3.0], [0.5, 0.0]]
    """
    both = _each(a=a, b=b)
    _check_fits(base, both)
    columns = _amounts(amounts, a.name)
    ticks = np.array(columns.ticks)
    if len(ticks) < 2 or (np.diff(ticks) <= 0).any():
        raise LatentValueError(f"amounts are {columns.ticks}; expected two or more that increase.")
    rows = _amounts(columns.ticks[::-1], b.name)
    edit = Edit(base, both)

    def latents_at(places: Places) -> Latents:
        row, column = places.T
        numbers = range(len(ticks))
        return edit.latents(
            np.stack([np.interp(column, numbers, ticks), np.interp(row, numbers, ticks[::-1])], 1)
        )

    marks = {(len(ticks) - 1 - i, i): "base" for i in np.flatnonzero(ticks == 0).tolist()}
    return Grid(rows, columns, latents_at, continuous=True, marks=marks)


def corners(
    latents: Latents, *, n: int = 7, method: str = "slerp", names: Sequence[str] = "ABCD"
) -> Grid:
    """Fill the space between four latents.

    Parameters
    ----------
    latents : ndarray of float32, shape (4, *latent_shape)
        Top left, top right, bottom left, bottom right.
    n : int
        How many rows and columns.
    method : {"slerp", "lerp"}
        How to go between two; "lerp" is bilinear. Along the rows first, then between them.
    names : sequence of str
        What to call the four.

    Returns
    -------
    Grid
        Continuous.

    Examples
    --------
    >>> four = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    >>> corners(four, method="lerp").latents([[3, 3]]).tolist()
    [[0.5, 0.5]]
    """
    if len(latents) != 4:
        raise LatentValueError(f"there are {len(latents)} latents; expected one for each corner.")
    if method not in METHODS:
        words = " or ".join(map(repr, METHODS))
        raise LatentValueError(f"method is {method!r}; expected {words}.")
    count = check_whole(n, "n", least=2)
    between = METHODS[method]
    dims = latents.ndim - 1

    def latents_at(places: Places) -> NDArray[np.floating]:
        found = np.empty((len(places), *latents.shape[1:]))
        for i, (down, across) in enumerate(places / (count - 1)):
            top = between(latents[0], latents[1], across, latent_ndim=dims)
            bottom = between(latents[2], latents[3], across, latent_ndim=dims)
            found[i] = between(top, bottom, down, latent_ndim=dims)
        return found

    last = count - 1
    where = ((0, 0), (0, last), (last, 0), (last, last))
    ticks = tuple(float(i / last) for i in range(count))
    return Grid(
        Axis(count, title="down", ticks=ticks),
        Axis(count, title="across", ticks=ticks),
        latents_at,
        continuous=True,
        marks=dict(zip(where, names, strict=True)),
    )


def analogy(a: Latents, b: Latents, c: Latents, *, n: int = 5) -> Grid:
    """Fill the space between a, b, c and what is to c as b is to a: ``c + b - a``.

    Parameters
    ----------
    a, b, c : ndarray of float32, shape latent_shape
        Top left, top right, bottom left.
    n : int
        How many rows and columns; 2 for the four alone.

    Returns
    -------
    Grid
        Continuous.

    References
    ----------
    White 2016, "Sampling generative networks" (arXiv 1609.04468), calls it a J-diagram.

    Examples
    --------
    >>> a, b, c = np.float32([[0, 0], [1, 0], [0, 1]])
    >>> analogy(a, b, c, n=2).latents()[-1].tolist()
    [1.0, 1.0]
    """
    four = np.stack([a, b, c, c + b - a])
    return corners(four, n=n, method="lerp", names=("a", "b", "c", "c + b − a"))


def _among(latents: Latents) -> Callable[[Places], Latents]:
    """Look cells up in latents that lie as the cells do, ``(rows, columns, *latent_shape)``."""

    def latents_at(places: Places) -> Latents:
        rows, columns = places.astype(int).T
        found: Latents = latents[rows, columns]
        return found

    return latents_at


def _amounts(amounts: Iterable[float], title: str = "") -> Axis:
    given = real_array(np.atleast_1d(np.asarray(amounts)), "amounts")
    if given.ndim != 1:
        raise LatentValueError(f"amounts have shape {given.shape}; expected a row of numbers.")
    check_finite(given, "amounts")
    ticks = tuple(map(float, given))
    names = tuple(f"{tick:+g} σ".replace("-", "−") if tick else "0" for tick in ticks)
    return Axis(len(ticks), title=title, names=names, ticks=ticks, unit="σ")


def _directions(given: Iterable[Direction]) -> Directions:
    if isinstance(given, Direction):
        given = [given]
    return given if isinstance(given, Directions) else Directions(given)


def _each(**given: Direction) -> Directions:
    """Take one direction a parameter."""
    for name, direction in given.items():
        if not isinstance(direction, Direction):
            raise LatentTypeError(
                f"{name} is a {type(direction).__name__}; expected one Direction. Of several pass "
                "one, such as found[0] or found['smile']."
            )
        if sum(direction is other for other in given.values()) > 1:
            raise LatentValueError(
                f"{' and '.join(given)} are the same direction, {direction.name!r}; expected two."
            )
    return Directions(given.values())


def _check_fits(base: Latents, directions: Directions) -> None:
    if directions.latent_shape != base.shape:
        raise LatentValueError(
            f"directions move latents of shape {directions.latent_shape}; the base has shape "
            f"{base.shape}. Find them in latents of this space."
        )
