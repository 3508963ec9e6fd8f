"""Conditions along the rows or columns of a grid."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.routes.grid import Axis, Grid
from latentwidgets.routes.grid_latents import RowByRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from latentwidgets.routes.grid import Latents
    from latentwidgets.routes.route import Coordinates
    from latentwidgets.space.condition import Condition

__all__ = ["Said", "Setting", "setting_of", "wrapped"]

# Choices of one latent stand in so many columns, wide enough for their names.
COLUMNS = 8


@dataclass(frozen=True)
class Setting:
    """What a condition is along an axis.

    Attributes
    ----------
    name : str
        Of the condition.
    values : tuple
        One a row or column.
    by_number : bool
        Whether it is a number, which there is more of between two rows or columns.
    axis : Axis
        What the rows or columns are called.
    choices : int
        How many choices the condition has; 0 where it is a number.
    start : int
        The row or column of the default, or of what is nearest to it.
    """

    name: str
    values: tuple[Any, ...]
    by_number: bool
    axis: Axis
    choices: int = 0
    start: int = 0

    @property
    def note(self) -> str:
        """Say so where there are more choices than rows or columns; empty where not."""
        some = len(self.values)
        which = "the first " if isinstance(self.values[0], str) else ""
        return f"{self.name}: {which}{some} of {self.choices}" if some < self.choices else ""

    def part(self, first: int, end: int) -> Setting:
        """Take some of its values."""
        return replace(self, values=self.values[first:end])

    def at(self, place: float) -> Any:
        """Give the value at a place along the axis; beyond the last there is the last."""
        last = len(self.values) - 1
        if not self.by_number:
            return self.values[min(last, round(place))]
        return float(np.interp(place, range(last + 1), self.values))

    def said(self, column: int) -> str:
        """Say the value at a column, without the condition's name; of the last one beyond it."""
        return self.axis.names[min(column, len(self.values) - 1)]

    def words(self, place: float) -> str:
        """Say what it is there."""
        value = self.at(place)
        return value if isinstance(value, str) else f"{self.name} {value:.4g}".replace("-", "−")


def setting_of(
    name: str,
    conditions: Mapping[str, Condition],
    count: int | None = None,
    *,
    up: bool = False,
    what: str = "axis",
) -> Setting:
    """Lay a condition along an axis.

    Parameters
    ----------
    name : str
        Of the condition.
    conditions : mapping of str to Condition
        Those there are.
    count : int, optional
        How many rows or columns: a number goes in as many even steps, whole numbers are spread
        evenly, of names the first are taken; see `Condition.even`. All choices if None.
    up : bool
        Whether the first row is the last value, as where a value grows upwards.
    what : str
        What it was passed as, for messages.

    Returns
    -------
    Setting
        What it is along the axis.

    Raises
    ------
    LatentTypeError, LatentValueError
        If there is no such condition.

    Examples
    --------
    >>> from latentwidgets.space.conditions import conditions_of
    >>> setting_of("sharpness", conditions_of({"sharpness": (1.0, 0.0, 2.0)}), 5).values
    (0.0, 0.5, 1.0, 1.5, 2.0)
    """
    if not isinstance(name, str):
        raise LatentTypeError(
            f"{what} is a {type(name).__name__}; expected one Direction, such as found[0] or "
            "found['smile'], or the name of a condition."
        )
    if name not in conditions:
        known = hint(name, list(conditions)) if conditions else "This space has no conditions."
        raise LatentValueError(
            f"{what} is {brief(name)}, which is no condition of this space. {known}"
        )
    one = conditions[name]
    by_number = one.choices is None
    values = one.even(len(one.choices) if count is None and one.choices else count or 2)
    values = values[::-1] if up else values
    start = 0
    if one.default in values:
        start = values.index(one.default)
    elif not isinstance(values[0], str):
        start = int(np.abs(np.array(values) - one.default).argmin())
    names = tuple(value if isinstance(value, str) else f"{value:.4g}" for value in values)
    ticks = tuple(map(float, values)) if by_number else ()
    noun = "" if isinstance(values[0], str) else name
    axis = Axis(len(values), title=name, names=names, ticks=ticks, signed=False, noun=noun)
    return Setting(name, tuple(values), by_number, axis, len(one.choices or ()), start)


@dataclass(frozen=True)
class Said:
    """What a grid says of conditions at its places.

    Attributes
    ----------
    rows, columns : Setting or None
        What lies along the rows, and along the columns.
    along : mapping of int to Setting
        What lies along the columns of some rows alone.
    """

    rows: Setting | None = None
    columns: Setting | None = None
    along: tuple[tuple[int, Setting], ...] = ()

    @property
    def sets(self) -> tuple[str, ...]:
        """The conditions that are set everywhere."""
        return tuple(one.name for one in (self.rows, self.columns) if one is not None)

    def __call__(self, positions: Sequence[Coordinates]) -> dict[str, list[Any]]:
        """Give a value for each position; None where nothing is said."""
        found: dict[str, list[Any]] = {}
        if self.rows is not None:
            found[self.rows.name] = [self.rows.at(row) for row, _ in positions]
        if self.columns is not None:
            found[self.columns.name] = [self.columns.at(column) for _, column in positions]
        for number, one in self.along:
            values = found.setdefault(one.name, [None] * len(positions))
            for i, (row, column) in enumerate(positions):
                if round(row) == number:
                    values[i] = one.at(column)
        return found


def wrapped(base: Latents, along: Setting, note: str) -> Grid:
    """Lay the values of a condition into several rows, each cell with its name.

    Parameters
    ----------
    base : ndarray of float32, shape (1, *latent_shape)
        The latent of all cells.
    along : Setting
        What the condition is in each, row by row.
    note : str
        What the cells show.

    Returns
    -------
    Grid
        The cells.

    Examples
    --------
    >>> from latentwidgets.space.conditions import conditions_of
    >>> along = setting_of("class", conditions_of({"class": [f"c{i}" for i in range(20)]}))
    >>> grid = wrapped(np.zeros((1, 2), np.float32), along, "class")
    >>> grid.rows.count, grid.count, grid.words((1, 0))
    (3, 20, 'c8')
    """
    count = len(along.values)
    rows = math.ceil(count / COLUMNS)
    parts = tuple((i, along.part(i * COLUMNS, (i + 1) * COLUMNS)) for i in range(rows))
    return Grid(
        Axis(rows),
        Axis(COLUMNS),
        RowByRow(np.repeat(base, count, axis=0), COLUMNS),
        count,
        says={divmod(i, COLUMNS): along.words(i) for i in range(count)},
        note=note,
        conditions_at=Said(along=parts),
        sets=(along.name,),
        start=divmod(along.start, COLUMNS),
    )
