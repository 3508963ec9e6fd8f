"""The one table of how routes leave the notebook, by their class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.export.exported.edit import ExportedEdit
from latentwidgets.export.exported.grid import ExportedGrid
from latentwidgets.export.exported.path import ExportedPath
from latentwidgets.export.exported.route import ExportedRoute
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.grid import Grid
from latentwidgets.routes.path import Path

if TYPE_CHECKING:
    from latentwidgets.routes.route import Route

__all__ = ["exported"]

CLASSES: dict[type, type[ExportedRoute[Any]]] = {
    Path: ExportedPath,
    Edit: ExportedEdit,
    Grid: ExportedGrid,
}


def exported(route: Route) -> ExportedRoute[Any]:
    """Give a route as it leaves the notebook.

    Parameters
    ----------
    route : Route
        From the coordinates of a widget's own controls. Of a class that is not in the table, as of
        a map, there is its picture, its latent, and no more.

    Examples
    --------
    >>> exported(Path([[0.0], [1.0]])).way((0.3,), None)(0.75)
    (0.75,)
    """
    return CLASSES.get(type(route), ExportedRoute)(route)
