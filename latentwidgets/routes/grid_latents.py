"""Where the latents of a grid come from: small functions of places, float64 ``(p, 2)``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from latentwidgets.routes.edit import Edit
    from latentwidgets.routes.grid import Axis, Latents, Places

__all__ = ["Plane", "RowByRow", "Table"]


@dataclass(frozen=True, eq=False)
class RowByRow:
    """Latents that fill rows of so many columns, one after another."""

    latents: Latents
    columns: int

    @property
    def nbytes(self) -> int:
        """How many bytes the latents take."""
        return int(self.latents.nbytes)

    def __call__(self, places: Places) -> Latents:
        """Return the latents at some places."""
        rows, columns = places.astype(int).T
        found: Latents = self.latents[rows * self.columns + columns]
        return found


@dataclass(frozen=True, eq=False)
class Table:
    """Latents that lie as the cells do, ``(rows, columns, *latent_shape)``."""

    latents: Latents

    @property
    def nbytes(self) -> int:
        """How many bytes the latents take."""
        return int(self.latents.nbytes)

    def __call__(self, places: Places) -> Latents:
        """Return the latents at some places."""
        rows, columns = places.astype(int).T
        found: Latents = self.latents[rows, columns]
        return found


@dataclass(frozen=True, eq=False)
class Plane:
    """A base moved by two directions or one, by amounts that lie between the ticks of its axes."""

    base: Latents
    edit: Edit | None
    moves: tuple[str, ...]
    rows: Axis
    columns: Axis

    def __call__(self, places: Places) -> Latents:
        """Return the latents at some places."""
        if self.edit is None:
            still: Latents = np.repeat(self.base[np.newaxis], len(places), axis=0)
            return still
        along = {"b": (places[:, 0], self.rows), "a": (places[:, 1], self.columns)}
        amounts = []
        for name in self.moves:
            place, axis = along[name]
            amounts.append(np.interp(place, range(axis.count), axis.ticks))
        return self.edit.latents(np.stack(amounts, axis=1))
