"""What the headings of a grid say of sizes: how much a sigma is in the space's own unit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from latentwidgets.common.wording import two_digits
from latentwidgets.directions import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from latentwidgets.routes.condition_axes import Setting
    from latentwidgets.routes.grid import Axis, Grid
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["sized", "sized_rows"]

# A size in the space's own unit, and how to write it; see `LatentSource.size_of_step`.
Size = tuple[float, str]


def sized(
    grid: Grid, space: LatentSpace, axes: Mapping[str, Direction | str], conditions: Any
) -> Grid:
    """Say on a grid how much a sigma is, of each direction that lies along its axes.

    Where it depends on the other axis, such as on the layer, its headings say it one by one. Of two
    conditions it is said how much the base is.

    Parameters
    ----------
    grid : Grid
        The cells.
    space : LatentSpace
        Its space. Where it has no unit beside sigmas, nothing is said.
    axes : mapping of str to Direction or str
        What lies along "rows" and "columns", or along one of them.
    conditions : mapping or None
        Those under which it is shown first.

    Returns
    -------
    Grid
        The same with other headings.
    """
    settings: dict[str, Setting | None] = dict.fromkeys(axes)
    if grid.conditions_at is not None:
        said: Any = grid.conditions_at
        settings = {name: getattr(said, name) for name in axes}
    steps = {_sigma_of(one): _step(one) for one in axes.values() if isinstance(one, Direction)}
    if not steps:
        steps = {"the base": grid.latents([grid.start])[0]}
    for what, step in steps.items():
        size, words = space.size_of_step(step, conditions)
        if not words or not step.any():
            continue
        note = f"{what} is {_written(size, words)}"
        # Of choices the headings are looked up one by one; of a number they are many of one kind.
        for name, setting in sorted(settings.items(), key=_numbers_last):
            if setting is None:
                continue
            found = _along(space, step, setting, conditions)
            if {*found} != {(size, words)}:
                axis: Any = _bracketed(getattr(grid, name), [size for size, _ in found])
                grid = replace(grid, **{name: axis})
                note = f"in brackets what {what} is: {_written(*found[0])}, and so on"
                break
        grid = _noted(grid, note)
    return grid


def sized_rows(
    grid: Grid, space: LatentSpace, directions: Sequence[Direction | str], conditions: Any
) -> Grid:
    """Say in the headings of rows how much a sigma of each row's direction is.

    Parameters
    ----------
    grid : Grid
        A row for each direction or condition.
    space, conditions
        As of `sized`.
    directions : sequence of Direction or str
        What the rows are.

    Returns
    -------
    Grid
        The same with other headings.
    """
    found = [
        space.size_of_step(_step(one), conditions) if isinstance(one, Direction) else (0.0, "")
        for one in directions
    ]
    first = next((i for i, (_, words) in enumerate(found) if words), None)
    if first is None:
        return grid
    rows = _bracketed(grid.rows, [size if words else None for size, words in found])
    note = f"in brackets what 1 σ is: {_written(*found[first])}, and so on"
    return _noted(replace(grid, rows=rows), note)


def _along(space: LatentSpace, step: NDArray[Any], setting: Setting, given: Any) -> list[Size]:
    """Give the size of a step at each value of a condition."""
    under = dict(given or {})
    return [space.size_of_step(step, {**under, setting.name: one}) for one in setting.values]


def _bracketed(axis: Axis, sizes: Iterable[float | None]) -> Axis:
    names = (
        name if size is None else f"{name} ({two_digits(size)})"
        for name, size in zip(axis.names, sizes, strict=True)
    )
    return replace(axis, names=tuple(names))


def _noted(grid: Grid, note: str) -> Grid:
    return replace(grid, note="; ".join(filter(None, (grid.note, note))))


def _numbers_last(item: tuple[str, Setting | None]) -> bool:
    return item[1] is not None and item[1].by_number


def _sigma_of(one: Direction) -> str:
    return f"1 σ of {one.name}"


def _step(one: Direction) -> NDArray[Any]:
    return one.vector * one.sigma


def _written(size: float, words: str) -> str:
    return words.replace("{}", two_digits(size))
