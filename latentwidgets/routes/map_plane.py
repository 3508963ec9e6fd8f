"""What a map shows and where: latents on their plane, fitted into a square."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from latentwidgets.routes.projection import Projection

__all__ = ["GROUND", "Scene", "Spot", "rows_in"]

# Where a person is: x and y on the plane; and before them the row of a latent, or what else lies
# there: GROUND for what the projection's inverse gives, less for a latent that was set.
Spot = tuple[float, float, float]
GROUND = -1
# Room around the points, as a share of their extent.
MARGIN = 0.06


@dataclass(frozen=True)
class Scene:
    """Latents on their plane, replaced as a whole: the engine's thread reads it.

    Attributes
    ----------
    line : str
        Names it to the page.
    latents : ndarray of float32, shape (n, *latent_shape)
        The latents.
    projection : Projection
        How they are laid out.
    center : ndarray of float64, shape (2,)
        The middle of the square that all points lie in.
    half : float
        Half its width.
    """

    line: str
    latents: NDArray[np.float32]
    projection: Projection
    center: NDArray[np.float64]
    half: float

    @classmethod
    def of(cls, line: str, latents: NDArray[np.float32], projection: Projection) -> Scene:
        """Fit the points into a square, without stretching them."""
        low, high = projection.points.min(axis=0), projection.points.max(axis=0)
        half = float((high - low).max()) / 2 * (1 + MARGIN)
        return cls(line, latents, projection, (low + high) / 2, half or 1.0)

    def places(self) -> NDArray[np.float32]:
        """Say where the points lie in the square, from -1 to 1."""
        return ((self.projection.points - self.center) / self.half).astype(np.float32)

    def spot(self, row: int) -> Spot:
        """Say where a latent lies, to the bit as the page computes it from what it was sent."""
        place = ((self.projection.points[row] - self.center) / self.half).astype(np.float32)
        x, y = place.astype(np.float64) * self.half + self.center
        return float(row), float(x), float(y)

    def latents_at(
        self, spots: Sequence[tuple[float, ...]], here: tuple[Spot, NDArray[np.float32]] | None
    ) -> list[NDArray[np.float32] | None]:
        """Give the latent at each spot.

        Parameters
        ----------
        spots : sequence of tuple of float
            Where.
        here : tuple of spot and latent, optional
            Where the person is: the only latent that was set and is still known.

        Returns
        -------
        list of ndarray or None
            None where a latent was set that is not known any more.
        """
        found: list[NDArray[np.float32] | None] = []
        for spot in spots:
            row, x, y = spot
            if 0 <= row < len(self.latents):
                found.append(self.latents[int(row)])
            elif here is not None and here[0] == spot:  # an inverse may take seconds
                found.append(here[1])
            else:
                found.append(self.projection.invert([[x, y]])[0] if row == GROUND else None)
        return found


def rows_in(given: Any, count: int, what: str = "selection") -> NDArray[np.int64]:
    """Take a selection, as rows in any order or as a mask; give its rows in order."""
    array = np.asarray(given)
    if array.dtype == np.bool_ and array.shape == (count,):
        return np.flatnonzero(array).astype(np.int64)
    if not array.size:
        return np.empty(0, np.int64)
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise LatentTypeError(
            f"{what} is an array of {array.dtype} of shape {array.shape}; expected rows of latents "
            f"as whole numbers, or a mask of shape ({count},)."
        )
    rows = np.unique(array).astype(np.int64)
    if rows[0] < 0 or rows[-1] >= count:
        raise LatentValueError(
            f"{what} goes from row {rows[0]} to {rows[-1]}; there are {count} latents, from row 0."
        )
    return rows
