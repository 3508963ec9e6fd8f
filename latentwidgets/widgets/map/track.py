"""`Track`: the path on a map, and the line that is drawn for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from latentwidgets.widgets.map.checks import still_open
from latentwidgets.widgets.map.in_step import in_step

if TYPE_CHECKING:
    from threading import RLock

    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.routes.projection import Projection
    from latentwidgets.widgets.map.host import Host

__all__ = ["Track"]


class Track:
    """The path on a map, and the line that is drawn for it: where its latents lie.

    Parameters
    ----------
    lock : RLock
        Held as the line changes together with what it follows from; never while latents are placed.
    host : Host
        Has the projection, and keeps the path.
    """

    def __init__(self, lock: RLock, host: Host) -> None:
        self._lock, self._host = lock, host

    def take_path(self, path: NDArray[np.float32]) -> None:
        """Draw a line through latents, all of which must have a place on the map."""

        def line(projection: Projection) -> list[list[float]]:
            return self.line(path, projection)

        with in_step(self._lock, lambda: (still_open(self._host.projection()),), line) as track:
            notify = self._host.store(path=path)
            self._host.tell_pages(track=track)
        notify()

    def line(self, path: NDArray[np.float32], projection: Projection) -> list[list[float]]:
        """Give the line of a path on a projection: a point for each latent."""
        places: list[list[float]] = projection.place(path).tolist()
        return places
