"""Points for latents that have none: between the points of the latents nearest to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

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
    point. scikit-learn's `KNeighborsRegressor` is not used, as it is not exact there where latents
    have many numbers, takes four times as long for one latent among a million of 64 numbers, and a
    second to load.

    Attributes
    ----------
    rows : ndarray
        The latents whose points are known, flat.
    norms : ndarray
        Their squared norms, ``(n,)``.
    points : ndarray
        Their points, ``(n, 2)``.

    Examples
    --------
    >>> rows = np.array([[0.0, 0.0], [1.0, 0.0]], np.float32)
    >>> halfway = Neighbours.of(rows, np.array([[0.0, 0.0], [4.0, 0.0]]))
    >>> halfway(rows.mean(axis=0, keepdims=True)).tolist()
    [[2.0, 0.0]]
    """

    rows: Rows
    norms: NDArray[np.float64]
    points: Points

    @classmethod
    def of(cls, rows: Rows, points: Points) -> Neighbours:
        """Make one of flat latents and their points."""
        return cls(rows, np.einsum("ij,ij->i", rows, rows, dtype=np.float64), points)

    def __call__(self, queries: Rows) -> Points:
        """Give the points, ``(m, 2)``, at which to place flat latents, ``(m, latent_size)``."""
        count = min(NEIGHBOURS, len(self.rows))
        squares = (queries.astype(np.float64) ** 2).sum(1)[:, None]
        distances = self.norms - 2.0 * (queries @ self.rows.T) + squares  # squared, and rounded
        nearest = np.argpartition(distances, count - 1, axis=1)[:, :count]
        # That is exact enough to tell which are nearest, but not how near they are.
        gaps = np.linalg.norm(self.rows[nearest].astype(np.float64) - queries[:, None], axis=2)
        least = gaps.min(axis=1, keepdims=True)
        weights = np.where(least == 0, gaps == 0, 1 / np.maximum(gaps, np.finfo(float).tiny))
        weights /= weights.sum(axis=1, keepdims=True)
        return np.asarray(np.einsum("ij,ijk->ik", weights, self.points[nearest]))
