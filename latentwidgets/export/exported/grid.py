"""What pages show of a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.errors import LatentValueError
from latentwidgets.export.exported.route import MOST_FRAMES, ExportedRoute, Recording
from latentwidgets.routes.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from latentwidgets.export.exported.route import Asked

__all__ = ["ExportedGrid"]


class ExportedGrid(ExportedRoute[Grid]):
    """A grid as it is exported: all of its cells."""

    has_pages = True

    def recording(self, asked: Asked) -> Recording:
        """Take every cell."""
        if asked.positions is not None:
            raise LatentValueError(
                "positions is for sliders; a page of a grid holds all of its cells. Leave it out."
            )
        places = [(float(row), float(column)) for row, column in self.route.places.tolist()]
        changed: dict[str, Any] = {"selection": [], "value": [float(one) for one in asked.at]}
        return Recording(places, places, changed, f"all {len(places)} cells")

    def choices(self, asked: Asked) -> Iterator[Asked]:
        """Take every cell, where these are few enough for a page."""
        return iter([asked] if self.route.count <= MOST_FRAMES else [])
