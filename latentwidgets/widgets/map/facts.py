"""`Facts`: what a map says of a latent beside its picture."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from latentwidgets.routes.map_plane import GROUND
from latentwidgets.widgets.map.checks import check_labels
from latentwidgets.widgets.map.items import said_of, said_of_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.engine.handed import Tell
    from latentwidgets.engine.replies import Said
    from latentwidgets.routes.map_plane import MapPlane
    from latentwidgets.routes.route import Coordinates
    from latentwidgets.widgets.map.host import Host
    from latentwidgets.widgets.map.items import Items

__all__ = ["Facts"]


class Facts:
    """What is known of the latents of a map, and said beside their pictures: labels and items.

    Parameters
    ----------
    items : Items or None
        What the latents stand for.
    count : int
        How many latents there are.
    host : Host
        Has their labels.
    """

    def __init__(self, items: Items | None, count: int, host: Host) -> None:
        self._items, self._count, self._host = items, count, host

    def check_labels(self, given: Any) -> dict[str, NDArray[Any]]:
        """Take labels by name, one value a latent; none for an empty mapping."""
        return check_labels(given, self._count)

    def at(self, spot: Coordinates) -> Said | None:
        """Say what lies at a spot; None where that is of a route that is gone."""
        if not spot:
            return None
        row = spot[0] if spot[0] < self._count else GROUND
        return said_of(row, self._host.labels(), self._items)

    def here(self, plane: MapPlane) -> Said | None:
        """Say what lies where the person is on a plane; None where they are nowhere yet."""
        return None if plane.here is None else self.at(plane.here[0])

    def of_all(self) -> Tell:
        """Give what says it of all latents, for a page that decodes by itself."""
        return partial(said_of_all, self._host.labels(), self._items, self._count)
