"""`Leakage`: what moves with what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.heat_map import heat_map
from latentwidgets.analysis.results import Result, TableResult
from latentwidgets.analysis.tables import Table, number, plain_data

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["LEVEL", "Leakage", "LeakageCell"]

# Of matrices in which nothing moves anything, so many have a cell that is called moved.
LEVEL = 0.05
CHANCE = "random directions"


@dataclass(frozen=True)
class LeakageCell(Result):
    """What one direction does to one measure.

    Attributes
    ----------
    direction, measure : str
        Their names.
    effect : float
        The mean change of the measure per sigma of the direction, in standard deviations of the
        measure.
    interval : tuple of float
        Where 95 % of bootstrap samples have it.
    p_value : float
        How often chance gives any cell as much.
    chance : float or None
        The root mean square of what random directions do.
    moved : bool
        Whether it is told apart from nothing.
    """

    direction: str
    measure: str
    effect: float
    interval: tuple[float, float]
    p_value: float
    chance: float | None
    moved: bool


@dataclass(frozen=True, repr=False, eq=False)
class Leakage(TableResult):
    """What moves with what: directions down, measures across. What `leakage` returns.

    Attributes
    ----------
    directions, measures : tuple of str
        Their names.
    effects : ndarray
        The mean change of each measure per sigma of each direction, in standard deviations of the
        measure, float64 ``(directions, measures)``. NaN of a measure that is the same everywhere.
    intervals : ndarray
        Where 95 % of bootstrap samples have them, ``(directions, measures, 2)``.
    p_values : ndarray
        How often chance gives any cell as much, corrected for the number of cells,
        ``(directions, measures)``. Of a readout it is never less than the readout's own.
    chance : ndarray or None
        Of each measure the root mean square of what random directions do, ``(measures,)``.
    units : ndarray
        The standard deviation of each measure over outputs where nothing is moved, ``(measures,)``:
        what an effect of 1 is.
    count : int
        How many latents there were, or values of the condition that had several: what bootstrap
        samples are drawn from.
    warning : str or None
        In plain words, why not to believe it.
    """

    directions: tuple[str, ...]
    measures: tuple[str, ...]
    effects: NDArray[np.float64]
    intervals: NDArray[np.float64]
    p_values: NDArray[np.float64]
    chance: NDArray[np.float64] | None
    units: NDArray[np.float64]
    count: int
    warning: str | None

    @property
    def moved(self) -> NDArray[np.bool_]:
        """Which measures are moved by which directions, as told apart from nothing at 5 %."""
        return np.asarray(self.p_values <= LEVEL)

    @property
    def cells(self) -> tuple[LeakageCell, ...]:
        """All cells, row after row."""
        return tuple(self._cell(i, j) for i, j in np.ndindex(self.effects.shape))

    @property
    def leaks(self) -> tuple[LeakageCell, ...]:
        """What moves though a direction has another name, the largest effect first."""
        found = [one for one in self.cells if one.moved and one.measure != one.direction]
        return tuple(sorted(found, key=lambda one: -abs(one.effect)))

    def table(self) -> list[dict[str, Any]]:
        """Give each cell as one flat record, for `pandas.DataFrame` and the like."""
        return [
            {
                "direction": one.direction,
                "measure": one.measure,
                "effect": one.effect,
                "low": one.interval[0],
                "high": one.interval[1],
                "p_value": one.p_value,
                "chance": one.chance,
                "moved": one.moved,
            }
            for one in self.cells
        ]

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        found: dict[str, Any] = plain_data(self)
        return {**found, "moved": self.moved.tolist()}

    def plot(self) -> Figure:
        """Draw the matrix, with what random directions do below it.

        Returns
        -------
        matplotlib.figure.Figure
            A heat map, orange above 0 and blue below it. What is told apart from nothing is
            written in bold. Closed, so that a notebook shows it once.
        """
        numbers, rows, bold = self.effects, list(self.directions), self.moved
        if self.chance is not None:
            numbers = np.vstack([numbers, self.chance])
            rows.append(CHANCE)
            bold = np.vstack([bold, np.zeros((1, len(self.measures)), bool)])
        title = "standard deviations of the measure per σ of the direction; bold: told apart from 0"
        return heat_map(numbers, rows, self.measures, title=title, wide=0.6, digits=2, bold=bold)

    def _cell(self, i: int, j: int) -> LeakageCell:
        low, high = map(float, self.intervals[i, j])
        return LeakageCell(
            self.directions[i],
            self.measures[j],
            float(self.effects[i, j]),
            (low, high),
            float(self.p_values[i, j]),
            None if self.chance is None else float(self.chance[j]),
            bool(self.moved[i, j]),
        )

    def _table(self) -> Table:
        rows, width = [], len(self.measures)
        for i, name in enumerate(self.directions):
            cells = (self._cell(i, j) for j in range(width))
            rows.append([name, *(_words(one) for one in cells)])
        if self.chance is not None:
            words = (f"± {number(one)}" if np.isfinite(one) else "" for one in self.chance)
            rows.append([CHANCE, *words])
        bold = {(int(i), int(j) + 1) for i, j in np.argwhere(self.moved)}
        notes = [
            "How many of its standard deviations a measure changes per sigma of a direction, and "
            f"where 95 % of bootstrap samples of {self.count:,} have it.",
            self.warning and f"⚠ {self.warning}",
        ]
        means = f"told apart from nothing, at {LEVEL:.0%} for all cells together"
        return Table(["", *self.measures], rows, notes=notes, bold=bold, means=means)


def _words(one: LeakageCell) -> str:
    low, high = map(number, one.interval)
    return f"{number(one.effect)} ({low} to {high})" if np.isfinite(one.effect) else ""
