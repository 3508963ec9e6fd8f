"""`Grid`: latents in rows and columns. Nothing here draws anything.

A grid is a route from places, (row, column), to latents. Most know only whole places, the cells; a
plane and the space between four corners know every place in between too. The functions of
`latentwidgets.routes.grids` make them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np

from latentwidgets.errors import LatentValueError
from latentwidgets.routes.route import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.routes.route import Bounds, Coordinates

    Places: TypeAlias = NDArray[np.float64]
    Latents: TypeAlias = NDArray[np.float32]

__all__ = ["MOST_CELLS", "Axis", "Grid"]

MOST_CELLS = 100_000


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
    signed : bool
        Whether a tick above 0 is written with its sign.
    noun : str
        What stands before a heading where it stands alone, as before a bare number.
    """

    count: int
    title: str = ""
    names: tuple[str, ...] = ()
    ticks: tuple[float, ...] = ()
    unit: str = ""
    signed: bool = True
    noun: str = ""

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
            text = f"{number:+.2f}" if self.signed else f"{number:.4g}"
            return f"{self.title} {text} {self.unit}".replace("-", "−").strip()
        return f"{self.noun} {self.names[round(place)]}".strip() if self.names else ""


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
    says : dict of pair of int to str
        What stands on cells whose columns have no headings, by row and column: what they are.
    note : str
        What else is to be known of what the cells show, such as that there is more.
    asides : tuple of str
        What is told of the first cells beside their names, one each, such as how far each is from
        all others. Made for who looks at them now: no recipe has them.
    about_asides : str
        What the asides are.
    conditions_at : Said or None
        What the cells are decoded with beside their latents, where that differs between them.
    sets : tuple of str
        The conditions that each cell says itself.
    start : pair of float
        Where a person begins: at the first special cell, such as the base, if none is given; or at
        the first of all.
    bounds : tuple of pair of float
        The least and the most of row and column.
    digest : str
        The same for the same cells, on any day.
    """

    rows: Axis
    columns: Axis
    latents_at: Callable[[Places], NDArray[np.floating]]
    count: int = 0
    continuous: bool = False
    marks: dict[Any, str] = field(default_factory=dict)
    says: dict[Any, str] = field(default_factory=dict)
    note: str = ""
    asides: tuple[str, ...] = ()
    about_asides: str = ""
    conditions_at: Callable[[Sequence[Coordinates]], dict[str, list[Any]]] | None = None
    sets: tuple[str, ...] = ()
    start: Any = None
    digest: str = field(init=False)
    takes_empty: ClassVar[bool] = False

    def __post_init__(self) -> None:
        count = self.count or self.rows.count * self.columns.count
        if count > MOST_CELLS:
            raise LatentValueError(
                f"there are {count:,} cells; expected {MOST_CELLS:,} at most. Pass some of them."
            )
        vars(self)["count"] = count
        row, column = self.start or next(iter(self.marks), (0, 0))
        vars(self)["start"] = float(row), float(column)
        how = f"{self.columns.count} {self.continuous}"
        said = (
            () if self.conditions_at is None else (str(self.conditions_at(self.places.tolist())),)
        )
        vars(self)["digest"] = digest_of(self.latents(), how, *said)

    @property
    def bounds(self) -> Bounds:
        """The least and the most of row and column."""
        return (0.0, self.rows.count - 1.0), (0.0, self.columns.count - 1.0)

    @property
    def nbytes(self) -> int:
        """How many bytes the latents of its cells take, where it holds them."""
        return int(getattr(self.latents_at, "nbytes", 0))

    @property
    def places(self) -> NDArray[np.int64]:
        """Row and column of every cell, ``(count, 2)``, row by row."""
        return np.stack(np.divmod(np.arange(self.count), self.columns.count), axis=1)

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

    def asides_at(self) -> dict[tuple[int, int], str]:
        """Give the asides by row and column."""
        return {divmod(i, self.columns.count): one for i, one in enumerate(self.asides)}

    def words(self, at: Coordinates) -> str:
        """Say where a place, (row, column), is."""
        row, column = at
        if (row, column) in self.marks:
            return self.marks[row, column]
        own = self.says.get((row, column)) or self.columns.words(column)
        index = self.index(row, column)
        said = ", ".join(filter(None, (self.rows.words(row), own))) or f"cell {index}"
        return ", ".join((said, *self.asides[index : index + 1]))
