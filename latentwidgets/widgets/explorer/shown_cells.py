"""What the grid of an explorer shows: some latents, the selected ones, or the oddest first."""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.nearest import Nearest
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.grids import cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from latentwidgets.routes.grid import Grid
    from latentwidgets.widgets.latent_grid import LatentGrid
    from latentwidgets.widgets.links import Link

__all__ = ["ShownCells", "neighbour_distances"]

# The grid holds a copy of its latents: so many numbers at most.
MOST_NUMBERS = 2**24
NEIGHBOURS = 10
# So many of the oddest say how far they are from their neighbours.
MOST_SAID = 1000
# Between these shares of all latents a distance is usual.
USUAL = (0.05, 0.95)
# What is usual spans at least so many steps of the last digit that is written.
STEPS = 20
# Of more latents, neighbours are looked for in a sample of so many.
MOST_SEARCHED = 5000
SOME, ODDEST, SELECTED, ODDEST_SELECTED = "some", "oddest", "selected", "oddest selected"
# The same latents, the oddest first: of some, of all.
ODDER = {SOME: ODDEST, SELECTED: ODDEST_SELECTED}


class ShownCells:
    """Chooses what a grid shows, and says what there is to choose.

    Parameters
    ----------
    grid : LatentGrid
        The grid, which shows some of the latents.
    latents : ndarray
        All there are, ``(n, *latent_shape)``.
    links : iterable of Link
        Of the grid: a latent that it shows first is not one that the person went to.
    tell : callable
        ``tell(state)`` is called with what the page offers: pairs of value and words ("choices"),
        the value of what is shown ("at"), empty for what somebody else has set, whether that is the
        oddest first ("odd"), and the value of the same in the other order ("other").
    seed : int
        For the sample in which neighbours are looked for.
    """

    def __init__(
        self,
        grid: LatentGrid,
        latents: NDArray[np.float32],
        links: Iterable[Link],
        tell: Callable[[dict[str, Any]], None],
        *,
        seed: int = 0,
    ) -> None:
        self._grid, self._latents, self._links, self._tell = grid, latents, tuple(links), tell
        self._seed = seed
        self._rows: NDArray[np.int64] = np.empty(0, np.int64)
        self._distances: NDArray[np.float64] | None = None
        self._made: dict[str, Grid] = {SOME: grid.grid}
        self._latest = SOME  # of what was shown
        grid.observe(self._follow, "grid")
        self._follow()

    def select(self, rows: NDArray[np.int64]) -> None:
        """Show what is selected; what the grid began with, where nothing is."""
        self._rows = rows
        for name in (SELECTED, ODDEST_SELECTED):
            self._made.pop(name, None)
        if len(rows):
            self.show(SELECTED)
        elif self._at() == "":
            self.show(SOME)
        self._follow()  # the grid may show the same cells as before, under another name

    def show(self, name: str) -> None:
        """Show one of the choices.

        Raises
        ------
        LatentValueError
            If there is no such choice now.
        """
        if name not in self._choices(odd=name in ODDER.values()):
            raise LatentValueError(f"The grid cannot show {brief(name)} now.")
        grid = self._made.get(name)
        if grid is None:
            grid = self._made[name] = self._make(name)
        self._latest = name
        with ExitStack() as still:
            for link in self._links:
                still.enter_context(link.still())
            self._grid.grid = grid
        self._follow()

    def close(self) -> None:
        """Let go of the grid and of the latents."""
        self._grid.unobserve(self._follow, "grid")
        self._made, self._latents, self._distances = {}, self._latents[:0], None

    def _make(self, name: str) -> Grid:
        rows = np.arange(len(self._latents)) if name == ODDEST else self._rows
        notes: list[str] = []
        asides: list[str] = []
        about = ""
        if name in (ODDEST, ODDEST_SELECTED) and len(self._latents) > 1:
            if self._distances is None:
                self._distances = neighbour_distances(self._latents, seed=self._seed)
            rows = rows[np.argsort(-self._distances[rows], kind="stable")]
            digits = _digits(self._distances)
            asides = [f"{gap:.{digits}f} away" for gap in self._distances[rows[:MOST_SAID]]]
            notes.append("Farthest from their neighbours first")
            about = _about(self._distances, len(rows))
        most = max(1, MOST_NUMBERS // self._latents[0].size)
        if len(rows) > most:
            notes.append(f"{most:,} of {len(rows):,}")
        columns = self._made[SOME].columns.count
        if asides:  # words need wider cells
            columns = max(1, columns * 4 // 5)
        made = cells(self._latents[rows[:most]], columns=columns)
        # There may be no room for as many cells.
        told = tuple(asides[: made.count])
        return replace(made, note=", ".join(notes), asides=told, about_asides=about)

    def _choices(self, *, odd: bool) -> dict[str, str]:
        some, count, selected = self._made[SOME].count, len(self._latents), len(self._rows)
        found = {SOME: f"all {count:,}" if odd or some == count else f"{some:,} of {count:,}"}
        if selected:
            found[SELECTED] = f"{selected:,} selected"
        return {ODDER[name]: words for name, words in found.items()} if odd else found

    def _at(self) -> str:
        shown = self._grid.grid
        # What history puts back has the same cells, and may be another object. Two of the choices
        # may have the same cells too: then it is the one that was shown last.
        same = [name for name, grid in self._made.items() if grid.digest == shown.digest]
        return self._latest if self._latest in same else next(iter(same), "")

    def _follow(self, _change: Any = None) -> None:
        at = self._at()
        odd = at in ODDER.values()
        other = {**ODDER, **{odder: name for name, odder in ODDER.items()}}.get(at, ODDEST)
        choices = self._choices(odd=odd)
        offered = choices if at else {**choices, "": "other cells"}
        state = {"choices": [list(one) for one in offered.items()], "at": at}
        self._tell({**state, "odd": odd, "other": other})


def _about(distances: NDArray[np.float64], shown: int) -> str:
    """Say what is told of cells, and which distances are usual."""
    digits, count = _digits(distances), len(distances)
    low, high = (f"{gap:.{digits}f}" for gap in np.quantile(distances, USUAL))
    where = "Under each" if shown <= MOST_SAID else f"Under the first {MOST_SAID:,}"
    sample = f" of a sample of {MOST_SEARCHED:,}" if count > MOST_SEARCHED else ""
    nearest = min(NEIGHBOURS, min(count, MOST_SEARCHED) - 1)
    return (
        f"{where}: mean distance to its {nearest} nearest{sample}; "
        f"90 % of latents have {low} to {high}."
    )


def _digits(distances: NDArray[np.float64]) -> int:
    """Say how many decimals tell usual distances apart; of high dimensions all are much alike."""
    low, high = np.quantile(distances, USUAL)
    spread = high - low or high
    return max(0, math.ceil(-math.log10(spread / STEPS))) if spread > 0 else 0


def neighbour_distances(latents: NDArray[np.float32], *, seed: int = 0) -> NDArray[np.float64]:
    """Say how far each latent is from those around it.

    Parameters
    ----------
    latents : ndarray
        ``(n, *latent_shape)``.
    seed : int
        For the sample in which neighbours are looked for, where there are more than 5,000 latents.

    Returns
    -------
    ndarray
        The mean distance to the ten nearest other latents, or to all where there are fewer:
        float64 ``(n,)``.

    Examples
    --------
    >>> neighbour_distances(np.array([[0.0], [1.0], [5.0]], np.float32)).tolist()
    [3.0, 2.5, 4.5]
    """
    rows = latents.reshape(len(latents), -1)
    searched = np.arange(len(rows))
    if len(rows) > MOST_SEARCHED:
        searched = np.random.default_rng(seed).choice(len(rows), MOST_SEARCHED, replace=False)
    count = min(NEIGHBOURS, len(searched) - 1)
    if count < 1:
        return np.zeros(len(rows))
    gaps = np.asarray(Nearest(rows[searched])(rows, count + 1)[1], np.float64)
    own = np.zeros(len(rows), bool)
    own[searched] = True  # each of these is the nearest to itself
    return np.asarray(np.where(own, gaps[:, 1:].mean(axis=1), gaps[:, :-1].mean(axis=1)))
