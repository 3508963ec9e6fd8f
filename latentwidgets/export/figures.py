"""A path, an edit or one output as a matplotlib figure, for a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_whole
from latentwidgets.export.exported.table import exported
from latentwidgets.kinds.shared.figure import grid_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from latentwidgets.engine import Renderer
    from latentwidgets.engine.shown import Shown
    from latentwidgets.routes.route import Coordinates

__all__ = ["route_figure"]


def route_figure(renderer: Renderer, shown: Shown, at: Coordinates, columns: int = 2) -> Figure:
    """Draw a path from end to end, an edit beside its base, or what is at one place.

    Parameters
    ----------
    renderer : Renderer
        Of the space.
    shown : Shown
        The route.
    at : tuple of float
        The coordinates of all controls.
    columns : int
        How many places of a path, from 2 to 64.

    Returns
    -------
    matplotlib.figure.Figure
        Not shown yet.

    Raises
    ------
    LatentTypeError, LatentValueError
        If `columns` cannot be used.
    DecodeError
        If the decoder raises.
    """
    count, own = check_whole(columns, "columns", least=2, most=64), len(shown.own.bounds)
    places, names, title = exported(shown.own).stops(at[:own], count)
    decoded = renderer.outputs(shown.route, [(*one, *at[own:]) for one in places])
    rows: list[Any] = [one for together in zip(*decoded, strict=True) for one in together]
    outputs = np.stack(rows) if isinstance(rows[0], np.ndarray) else rows
    return grid_figure(
        renderer.framer(), outputs, len(places), column_names=names, column_title=title
    )
