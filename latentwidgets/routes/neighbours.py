"""Points for latents that have none: between the points of the latents nearest to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.nearest import Nearest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]  # flat latents, (n, latent_size)
    Points = NDArray[np.float64]  # (n, 2)

__all__ = ["NEIGHBOURS", "Neighbours"]

# How many nearest latents a latent is placed between.
NEIGHBOURS = 5


@dataclass(frozen=True)
class Neighbours:
    """Places a latent at the mean of the points of the latents nearest to it.

    The nearer one of these is, the more it counts; a latent that is one of them lies exactly at its
    point.

    Attributes
    ----------
    nearest : Nearest
        Finds the nearest of the latents whose points are known.
    points : ndarray
        Their points, ``(n, 2)``.

    Examples
    --------
    >>> rows = np.array([[0.0, 0.0], [1.0, 0.0]], np.float32)
    >>> halfway = Neighbours.of(rows, np.array([[0.0, 0.0], [4.0, 0.0]]))
    >>> halfway(rows.mean(axis=0, keepdims=True)).tolist()
    [[2.0, 0.0]]
    """

    nearest: Nearest
    points: Points

    @classmethod
    def of(cls, rows: Rows, points: Points) -> Neighbours:
        """Make one of flat latents and their points."""
        return cls(Nearest(rows), points)

    def __call__(self, queries: Rows) -> Points:
        """Give the points, ``(m, 2)``, at which to place flat latents, ``(m, latent_size)``."""
        nearest, gaps = self.nearest(queries, min(NEIGHBOURS, len(self.points)))
        least = gaps[:, :1]
        # Beside the nearest, so that no unit of the latents makes this overflow.
        near = least / np.where(gaps > 0, gaps, 1)
        weights = np.where(least == 0, gaps == 0, near)
        weights /= weights.sum(axis=1, keepdims=True)
        return np.asarray(np.einsum("ij,ijk->ik", weights, self.points[nearest]))
