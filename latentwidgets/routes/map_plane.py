"""`MapPlane`: the plane that a map lays latents out on, as a route from its points to latents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, TypeAlias

import numpy as np

from latentwidgets.routes.route import StaleError, digest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from latentwidgets.routes.projection import Projection
    from latentwidgets.routes.route import Bounds, Coordinates

__all__ = ["FARTHEST_POINT", "GROUND", "MapPlane", "Spot"]

# Where a person is: x and y on the plane; and before them the row of a latent, or what else lies
# there: GROUND for what the projection's inverse gives, less for a latent that was set.
Spot: TypeAlias = tuple[float, float, float]
GROUND = -1
# Nothing on a map lies further out than this.
FARTHEST_POINT = 1e30
# Room around the points, as a share of their extent.
MARGIN = 0.06


@dataclass(frozen=True, eq=False)
class MapPlane:
    """Latents on their plane, fitted into a square.

    Attributes
    ----------
    data : ndarray of float32, shape (n, *latent_shape)
        The latents that are laid out.
    projection : Projection
        How they are laid out.
    center : ndarray of float64, shape (2,)
        The middle of the square that all points lie in.
    half : float
        Half its width.
    digest : str
        The same for the same points, on any day.
    here : tuple of spot and latent, optional
        Where the person is: of the latents that were set, the only one that is known; and what an
        inverse, which may take seconds, has found already.
    """

    data: NDArray[np.float32]
    projection: Projection
    center: NDArray[np.float64]
    half: float
    digest: str
    here: tuple[Spot, NDArray[np.float32]] | None = None
    takes_empty: ClassVar[bool] = False
    bounds: ClassVar[Bounds] = ((-FARTHEST_POINT, FARTHEST_POINT),) * 3

    @classmethod
    def of(cls, data: NDArray[np.float32], projection: Projection) -> MapPlane:
        """Fit the points into a square, without stretching them."""
        low, high = projection.points.min(axis=0), projection.points.max(axis=0)
        half = float((high - low).max()) / 2 * (1 + MARGIN)
        digest = digest_of(projection.points, projection.name)
        return cls(data, projection, (low + high) / 2, half or 1.0, digest)

    def to_row(self, row: int) -> MapPlane:
        """Give the same plane with the person at one of its latents."""
        return replace(self, here=(self.spot(row), self.data[row]))

    def to_spot(self, spot: Spot) -> MapPlane:
        """Give the same plane with the person at a latent's row, or at a point."""
        row, x, y = spot
        return self.to_row(int(row)) if 0 <= row < len(self.data) else self.to_point(x, y)

    def to_point(self, x: float, y: float) -> MapPlane:
        """Give the same plane with the person at a point, where the inverse finds a latent."""
        return replace(self, here=((float(GROUND), x, y), self.projection.invert([[x, y]])[0]))

    def to_latent(self, latent: NDArray[np.float32], number: int) -> MapPlane:
        """Give the same plane with the person at a latent that was set, the number-th of these."""
        x, y = self.projection.place(latent[np.newaxis])[0].tolist()
        return replace(self, here=((float(GROUND - number), x, y), latent))

    def following(self, before: MapPlane, number: int) -> MapPlane:
        """Give the same plane with the person at the latent where they were on another plane."""
        if before.here is None:
            return self
        (row, *_), latent = before.here
        return self.to_row(int(row)) if row >= 0 else self.to_latent(latent, number)

    def places(self) -> NDArray[np.float32]:
        """Say where the points lie in the square, from -1 to 1."""
        return ((self.projection.points - self.center) / self.half).astype(np.float32)

    def spot(self, row: int) -> Spot:
        """Say where a latent lies, to the bit as the page computes it from what it was sent."""
        place = ((self.projection.points[row] - self.center) / self.half).astype(np.float32)
        x, y = place.astype(np.float64) * self.half + self.center
        return float(row), float(x), float(y)

    def latents(self, spots: Sequence[Coordinates]) -> NDArray[np.float32]:
        """Return the latent at each spot: float32 ``(p, *latent_shape)``."""
        return np.stack([self._latent(spot) for spot in spots])

    def some(self, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Give a few spots of all, ``(count, 3)``: of latents, and one between where there are."""
        spots = [self.spot(int(row)) for row in rng.integers(len(self.data), size=count)]
        if self.projection.to_latents is not None:
            x, y = self.center + self.half * rng.uniform(-1, 1, 2)
            spots[-1] = float(GROUND), float(x), float(y)
        return np.array(spots)

    def words(self, at: Coordinates) -> str:
        """Say which latent lies at a spot, or where it is."""
        return f"latent {at[0]:.0f}" if at[0] >= 0 else f"({at[1]:.4g}, {at[2]:.4g})"

    def _latent(self, spot: Coordinates) -> NDArray[np.float32]:
        row, x, y = spot
        if 0 <= row < len(self.data):
            found: NDArray[np.float32] = self.data[int(row)]
            return found
        if self.here is not None and self.here[0] == spot:
            return self.here[1]
        if row != GROUND:
            raise StaleError("a latent that was set is not known any more.")
        [found] = self.projection.invert([[x, y]])
        return found
