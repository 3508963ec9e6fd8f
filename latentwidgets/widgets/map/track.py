"""`Track`: the path on a map, and the line that is drawn for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.widgets.map.checks import still_open

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.widgets.map.host import Host

__all__ = ["Track"]


class Track:
    """The path on a map, and the line that is drawn for it: where its latents lie.

    Parameters
    ----------
    host : Host
        Has the path and the projection, and keeps them.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    def take_path(self, path: NDArray[Any]) -> None:
        """Draw a line through latents, all of which must have a place on the map."""
        track = still_open(self._host.projection()).place(path).tolist()
        notify = self._host.store(path=path)
        self._host.tell_pages(track=track)
        notify()
