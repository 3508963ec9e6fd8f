"""Grids for a purpose: cells as they are, traversals, tables, planes."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import amounts_in, check_whole
from latentwidgets.common.items import check_items, check_ordered
from latentwidgets.common.wording import brief, repeating
from latentwidgets.directions import Direction, Directions
from latentwidgets.directions.layered import line_between
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.routes.condition_axes import Said, Setting, setting_of, wrapped
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.grid import Axis, Grid
from latentwidgets.routes.grid_latents import Plane, RowByRow, Table
from latentwidgets.space.conditions import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from numpy.typing import NDArray

    from latentwidgets.routes.grid import Latents
    from latentwidgets.space.conditions import Conditions

__all__ = ["cells", "plane", "table", "traversals"]

# Cells that have no order of their own stand in so many columns at most.
MOST_COLUMNS = 12
# More whole numbers than these are spread evenly; of a condition of fewer each has its column.
MOST_NUMBERS = 24
# How far directions move where nobody says: in sigmas, a column each.
AMOUNTS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)


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
    names = _headings(column_names, "column_names")
    if columns is None:
        columns = len(names) or min(MOST_COLUMNS, math.ceil(math.sqrt(count)))
    across = min(check_whole(columns, "columns", least=1), count)
    down = Axis(math.ceil(count / across), names=_headings(row_names, "row_names"))

    return Grid(down, Axis(across, names=names), RowByRow(latents, across), count)


def traversals(
    base: Latents,
    directions: Iterable[Direction | str],
    *,
    amounts: Iterable[float] = AMOUNTS,
    conditions: Conditions = NONE,
) -> Grid:
    """Make a row for each direction, along which the base moves.

    Parameters
    ----------
    base : ndarray of float32, shape latent_shape
        Where the rows meet.
    directions : Directions, or iterable of Direction or str
        A row each. The name of a condition makes a row of it, with as many values as there are
        columns, the last again where there are fewer; see `Condition.even`. Then each cell says
        what it is, since columns are not the same in all rows.
    amounts : iterable of float
        A column each, in sigmas; usually with 0 in the middle.
    conditions : Conditions
        Those of the space.

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
    rows = (
        [directions]
        if isinstance(directions, (Direction, str))
        else (check_items(directions, "directions are", "directions, or names of conditions"))
    )
    columns = _amounts(amounts)
    along = {
        row: setting_of(one, conditions, columns.count, what="a row")
        for row, one in enumerate(rows)
        if not isinstance(one, Direction)
    }
    moves = [one for one in rows if isinstance(one, Direction)]
    names = tuple(one.name if isinstance(one, Direction) else one for one in rows)
    if moves or not rows:
        _check_fits(base, Directions(moves))
    steps = np.array(columns.ticks)
    level = np.repeat(base[np.newaxis], len(steps), 0)
    moved = np.stack(
        [one.move(level, steps) if isinstance(one, Direction) else level for one in rows]
    )
    middle = np.flatnonzero(steps == 0).tolist()
    marks = {
        (row, column): "base" for row in range(len(rows)) if row not in along for column in middle
    }
    down, latents_at = Axis(len(rows), names=names), Table(moved)
    if not along:
        return Grid(down, columns, latents_at, marks=marks)
    says = {
        (row, column): along[row].said(column) if row in along else name
        for row in range(len(rows))
        for column, name in enumerate(columns.names)
    }
    more = _said(Said(along=tuple(along.items())), *along.values())
    return Grid(down, replace(columns, names=()), latents_at, marks=marks, says=says, **more)


def table(
    bases: Latents,
    direction: Direction | str,
    *,
    amounts: Iterable[float] = AMOUNTS,
    names: Iterable[str] = (),
    conditions: Conditions = NONE,
) -> Grid:
    """Make a row for each base, all moved along one direction.

    Parameters
    ----------
    bases : ndarray of float32, shape (n, *latent_shape)
        A row each.
    direction : Direction or str
        What to move along; or the name of a condition: of choices there is a column each; a number
        goes in as many even steps as there are amounts, and so do more than 24 whole ones. Many
        choices of one latent go into several rows, and each cell says which it is.
    amounts : iterable of float
        A column each, in sigmas.
    names : iterable of str
        Of the bases; numbers if there are none.
    conditions : Conditions
        Those of the space.

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
    given = _headings(names, "names")
    numbers = tuple(map(str, range(len(bases))))
    down = Axis(len(bases), names=given or numbers, noun="" if given else "latent")
    if not isinstance(direction, Direction):
        count = None if _all_fit(direction, conditions) else _amounts(amounts).count
        across = setting_of(direction, conditions, count, what="direction")
        if len(bases) == 1 and across.axis.count > MOST_COLUMNS and count is None:
            return wrapped(bases, across, " of ".join((direction, *given)))
        still = np.repeat(bases[:, np.newaxis], across.axis.count, axis=1)
        return Grid(
            down,
            across.axis,
            Table(still),
            **_said(Said(columns=across), across),
            start=(0, across.start),
        )
    only = _each(direction=direction)
    columns = _amounts(amounts, only.names[0])
    _check_fits(bases[0], only)
    moved = np.stack([direction.move(bases, amount) for amount in columns.ticks], axis=1)
    return Grid(down, columns, Table(moved))


def plane(
    base: Latents,
    a: Direction | str,
    b: Direction | str,
    *,
    amounts: Iterable[float] = AMOUNTS,
    conditions: Conditions = NONE,
) -> Grid:
    """Span a plane by two directions: `a` goes to the right, `b` goes up.

    Parameters
    ----------
    base : ndarray of float32, shape latent_shape
        The middle.
    a, b : Direction or str
        What to move along; or the name of a condition, which takes as many values as there are
        amounts; see `Condition.even`.
    amounts : iterable of float
        Where the cells are along each, in sigmas, increasing.
    conditions : Conditions
        Those of the space.

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
    both = {"a": a, "b": b}
    if isinstance(a, str) and isinstance(b, str) and a == b:
        raise LatentValueError(f"a and b are the same condition, {brief(a)}; expected two.")
    moves = {name: one for name, one in both.items() if isinstance(one, Direction)}
    ticks = np.array(_amounts(amounts).ticks)
    if len(ticks) < 2 or (np.diff(ticks) <= 0).any():
        raise LatentValueError(
            f"amounts are {brief(ticks.tolist())}; expected two or more that increase."
        )
    settings = {
        name: setting_of(one, conditions, len(ticks), up=name == "b", what=name)
        for name, one in both.items()
        if not isinstance(one, Direction)
    }
    columns = _axis(a, ticks, settings.get("a"))
    rows = _axis(b, ticks[::-1], settings.get("b"))
    edit = None
    if moves:
        directions = _each(**moves)
        _check_fits(base, directions)
        edit = Edit(base, directions)
    zero_rows = _zeros(b, rows, settings.get("b"), conditions)
    zero_columns = _zeros(a, columns, settings.get("a"), conditions)
    marks = {(row, column): "base" for row in zero_rows for column in zero_columns}
    said = Said(settings.get("b"), settings.get("a"))
    more = _said(said, *settings.values()) if settings else {}
    if settings:
        more["start"] = _start(rows, settings.get("b")), _start(columns, settings.get("a"))
    latents_at = Plane(base, edit, tuple(moves), rows, columns)
    return Grid(rows, columns, latents_at, continuous=True, marks=marks, **more)


def _headings(names: Iterable[str], what: str) -> tuple[str, ...]:
    given = list(names) if isinstance(names, str) else names  # "abc" names three
    listed = check_ordered(given, f"{what} are", "texts, such as ['a', 'b']")
    return tuple(map(_text, listed))


def _text(one: Any) -> str:
    try:
        return str(one)
    except Exception:  # an object's own `__str__` may raise anything
        return brief(one)


def _amounts(amounts: Iterable[float], title: str = "") -> Axis:
    given = amounts_in(amounts)
    if given.ndim != 1:
        raise LatentValueError(f"amounts have shape {given.shape}; expected a row of numbers.")
    ticks = tuple(map(float, given))
    names = tuple(f"{tick:+g} σ".replace("-", "−") if tick else "0" for tick in ticks)
    return Axis(len(ticks), title=title, names=names, ticks=ticks, unit="σ")


def _axis(one: Direction | str, ticks: NDArray[np.float64], setting: Setting | None) -> Axis:
    """Describe an axis of a plane."""
    if setting is not None:
        return setting.axis
    assert isinstance(one, Direction)
    return _amounts(ticks, one.name)


def _zeros(
    one: Direction | str, axis: Axis, setting: Setting | None, conditions: Conditions
) -> list[int]:
    """Find the rows or columns where nothing is moved, and a condition is at its default."""
    if setting is None or not isinstance(one, str):
        return [i for i, tick in enumerate(axis.ticks) if tick == 0]
    return [i for i, value in enumerate(setting.values) if value == conditions[one].default]


def _start(axis: Axis, setting: Setting | None) -> int:
    """Give the row or column where a plane begins: nearest to no move, or to the default."""
    return setting.start if setting is not None else int(np.abs(axis.ticks).argmin())


def _said(said: Said, *settings: Setting) -> dict[str, Any]:
    note = ", ".join(filter(None, (one.note for one in settings)))
    return {"conditions_at": said, "sets": said.sets, "note": note}


def _all_fit(name: object, conditions: Conditions) -> bool:
    """Say whether all values of a condition have a column each: names, or few whole numbers."""
    choices = conditions[name].choices if isinstance(name, str) and name in conditions else None
    return isinstance(choices, tuple) or (choices is not None and len(choices) <= MOST_NUMBERS)


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
                f"{' and '.join(given)} are one direction, {brief(direction.name)}; expected two."
            )
    return Directions(given.values())


def _check_fits(base: Latents, directions: Directions) -> None:
    if directions.latent_shape != base.shape:
        raise LatentValueError(
            f"directions move latents of shape {directions.latent_shape}; the base has shape "
            f"{base.shape}. Find them in latents of this space."
            f"{line_between('direction', directions.latent_shape, base.shape)}"
            f"{repeating('base', base.shape, directions.latent_shape)}"
        )
