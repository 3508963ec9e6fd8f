"""`Position`: where on a map the person is."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from latentwidgets.widgets.map.checks import check_point, check_spot, still_open

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.routes.map_plane import MapPlane, Spot
    from latentwidgets.widgets.map.host import Host

__all__ = ["Position"]


class Position:
    """Where on a map the person is, which can be said in four ways.

    Parameters
    ----------
    host : Host
        Shows the plane, and the person on it.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._sets = count(1)  # of latents that are none of the map's

    def check_value(self, given: Any) -> tuple[float, float]:
        """Take a point of the map, (x, y)."""
        return check_point(given)

    def check_spot(self, given: Any) -> Spot:
        """Take where a page goes: a row of the latents and its point, or a point between them."""
        here = self._shown().here
        return check_spot(given, None if here is None else here[0])

    def take_index(self, row: int | None) -> None:
        """Go to a latent of the map; nowhere for None, which would not say where else."""
        if row is not None:
            self.go(self._shown().to_row(row))

    def take_value(self, point: tuple[float, float]) -> None:
        """Go to a point, where the projection's inverse finds a latent."""
        self.go(self._shown().to_point(*point))

    def take_latent(self, latent: NDArray[np.float32]) -> None:
        """Go to where a latent lies, which is kept as it is."""
        self.go(self._shown().to_latent(latent, next(self._sets)))

    def take_spot(self, spot: Spot) -> None:
        """Go to where a page says."""
        self.go(self._shown().to_spot(spot))

    def on(self, plane: MapPlane, before: MapPlane) -> MapPlane:
        """Give a plane with the person at the latent where they were on the one before."""
        if plane.projection is before.projection:
            return before
        return _checked(plane.following(before, next(self._sets)))

    def follow(self, before: MapPlane, plane: MapPlane) -> None:
        """Go on to where the person was before on another plane, unless they have left this one."""
        there = self.on(plane, before)
        if self._shown() is plane:
            self.go(there)

    def go(self, plane: MapPlane) -> None:
        """Go to where the person is on a plane."""
        _checked(plane)
        while not self._host.be_at(plane):
            # All was laid out anew meanwhile, or has other labels.
            plane = self.on(self._shown(), plane)

    def _shown(self) -> MapPlane:
        return still_open(self._host.plane())


def _checked(plane: MapPlane) -> MapPlane:
    """Refuse a plane where the person is too far out, before anything changes."""
    if plane.here is not None:
        check_spot(plane.here[0], plane.here[0])
    return plane
