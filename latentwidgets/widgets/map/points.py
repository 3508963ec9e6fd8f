"""The points of a map: where they are drawn, in which colours, and which are selected.

Import it where a map is made: jupyter-scatter comes with the extra ``map``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.widgets.map.coloring import Coloring, by_density, by_groups, by_values
from latentwidgets.widgets.map.scatter import Scatter, points_of, scatter_of, shares_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from latentwidgets.routes.map_plane import MapPlane
    from latentwidgets.widgets.map.groups import Groups

__all__ = ["Points"]


class Points:
    """Draws points, and hears which of them a person selects.

    Parameters
    ----------
    on_select : callable
        ``on_select(rows)`` is called with int64 rows when a person has selected some.

    Attributes
    ----------
    widget : Scatter or None
        jupyter-scatter's widget; None until points are painted.
    coloring : Coloring or None
        Their colours.
    """

    widget: Scatter | None = None
    coloring: Coloring | None = None

    def __init__(self, on_select: Callable[[NDArray[np.int64]], object]) -> None:
        self._on_select = on_select

    def color(
        self,
        plane: MapPlane,
        by: str,
        values: Mapping[str, NDArray[Any]],
        groups: Groups,
    ) -> Coloring:
        """Choose colours for the latents of a plane.

        Parameters
        ----------
        plane : MapPlane
            The latents, and where they lie.
        by : str
            A name among the values, "cluster" or "density".
        values : mapping of str to ndarray
            One value a latent.
        groups : Groups
            The clusters.
        """
        if by in values:
            return replace(by_values(values[by]), by=by)
        if by == "density":
            return replace(by_density(plane.projection.points), by=by)
        coloring = by_groups(groups.which(), groups.names)
        legend = {**coloring.legend, "note": groups.doubt}
        return replace(coloring, legend=legend, by=by, groups=groups)

    def paint(self, plane: MapPlane, coloring: Coloring) -> None:
        """Draw the latents of a plane where they lie, in these colours."""
        self.coloring = coloring
        points = points_of(plane.places(), coloring.codes)
        if self.widget is None:
            self.widget = scatter_of(points, coloring.colors)
            self.widget.observe(self._hear, "selection")
            return
        # Where no point moved, what the page knows of their places is kept.
        same = np.array_equal(points[:, :2], self.widget.points[:, :2])
        with self.widget.hold_sync():
            self.widget.non_spatial_points_update = same
            self.widget.prevent_filter_reset = True
            self.widget.color = shares_of(coloring.colors)
            self.widget.points = points

    def follow(self, height: int, selected: NDArray[np.int64]) -> None:
        """Be as high as that, in CSS pixels, and show which points are selected."""
        if self.widget is None:
            return
        self.widget.height = height
        shown = self.widget.selection
        if shown is None or not np.array_equal(np.sort(shown), selected):
            self.widget.selection = np.asarray(selected, np.uint32)

    def close(self) -> None:
        """Take the points off the page."""
        if self.widget is not None:
            self.widget.close()

    def _hear(self, change: Any) -> None:
        rows = change["new"]
        self._on_select(np.empty(0, np.int64) if rows is None else rows.astype(np.int64))
