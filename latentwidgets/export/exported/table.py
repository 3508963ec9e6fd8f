"""The one table of what leaves the notebook of routes, by their class."""

from __future__ import annotations

from functools import singledispatch
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


@singledispatch
def exported(route: Route) -> ExportedRoute[Any]:
    """Give what leaves the notebook of a route.

    Parameters
    ----------
    route : Route
        From the coordinates of a widget's own controls. Of any other than those registered below,
        as of a map, there is its picture, its latent, and no more.

    Examples
    --------
    >>> exported(Path([[0.0], [1.0]])).way((0.3,), None)(0.75)
    (0.75,)
    """
    return ExportedRoute(route)


exported.register(Path, ExportedPath)
exported.register(Edit, ExportedEdit)
exported.register(Grid, ExportedGrid)
