"""Where the latents of a grid come from: small functions of places, float64 ``(p, 2)``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.routes.segments import lerp, slerp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.routes.edit import Edit
    from latentwidgets.routes.grid import Axis, Latents, Places

__all__ = ["BETWEEN_CORNERS", "Corners", "Plane", "RowByRow", "Table"]

# How to go between two corners.
BETWEEN_CORNERS = {"slerp": slerp, "lerp": lerp}


@dataclass(frozen=True, eq=False)
class RowByRow:
    """Latents that fill rows of so many columns, one after another."""

    latents: Latents
    columns: int

    def __call__(self, places: Places) -> Latents:
        """Return the latents at some places."""
        rows, columns = places.astype(int).T
        found: Latents = self.latents[rows * self.columns + columns]
        return found


@dataclass(frozen=True, eq=False)
class Table:
    """Latents that lie as the cells do, ``(rows, columns, *latent_shape)``."""

    latents: Latents

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


@dataclass(frozen=True, eq=False)
class Corners:
    """What lies between four latents: along the upper and lower edge first, then between them."""

    latents: Latents
    method: str
    count: int

    def __call__(self, places: Places) -> NDArray[np.floating]:
        """Return the latents at some places."""
        between = partial(BETWEEN_CORNERS[self.method], latent_ndim=self.latents.ndim - 1)
        found = np.empty((len(places), *self.latents.shape[1:]))
        for i, (down, across) in enumerate(places / (self.count - 1)):
            top = between(self.latents[0], self.latents[1], across)
            bottom = between(self.latents[2], self.latents[3], across)
            found[i] = between(top, bottom, down)
        return found
