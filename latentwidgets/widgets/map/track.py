"""`Track`: the path on a map, and the line that is drawn for it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from latentwidgets.widgets.map.checks import still_open

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from threading import RLock

    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.routes.projection import Projection
    from latentwidgets.widgets.map.host import Host

    Latents = NDArray[np.float32]

__all__ = ["Track"]


class Track:
    """The path on a map, and the line that is drawn for it: where its latents lie.

    Parameters
    ----------
    lock : RLock
        Held as the line changes together with what it follows from; never while latents are placed.
    host : Host
        Has the path and the projection, and keeps them.
    """

    def __init__(self, lock: RLock, host: Host) -> None:
        self._lock, self._host = lock, host

    def take_path(self, path: Latents) -> None:
        """Draw a line through latents, all of which must have a place on the map."""
        with self._drawn(lambda: (path, still_open(self._host.projection()))):
            notify = self._host.store(path=path)
        notify()

    def on(self, projection: Projection) -> AbstractContextManager[None]:
        """Have the line drawn on a projection, which is shown in the block, the lock held."""
        return self._drawn(lambda: (still_open(self._host.path()), projection))

    @contextmanager
    def _drawn(self, wanted: Callable[[], tuple[Latents, Projection]]) -> Iterator[None]:
        """Have a path drawn on a projection, both of which are stored with the line."""
        while True:
            path, projection = wanted()
            track = projection.place(path).tolist()
            with self._lock:
                now = wanted()
                if now[0] is path and now[1] is projection:  # else others were wanted meanwhile
                    yield
                    self._host.tell_pages(track=track)
                    return
