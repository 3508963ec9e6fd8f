"""What draws the points of a map: jupyter-scatter's widget, without toolbar, tooltip and styles.

Import it where a map is made: jupyter-scatter comes with the extra ``map``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from latentwidgets.engine.answers import words_of
from latentwidgets.errors import LatentWidgetsError, MissingExtraError
from latentwidgets.widgets.code import Coded

try:
    from jscatter.widget import JupyterScatter
except ImportError as error:
    raise MissingExtraError("map", "LatentMap") from error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Scatter", "points_of", "scatter_of", "shares_of"]

# Up to so many points are opaque, so that each is seen in its full colour. Of more the opacity
# follows how many are in view, so that none hide others.
SPARSE = 5000
# Traits of histograms, which are not shown, without a default of their own.
RANGES = [f"{name}_histogram_range" for name in ("x", "y", "color", "opacity", "size")]


class Scatter(Coded, JupyterScatter):  # type: ignore[misc, unused-ignore]
    """jupyter-scatter's widget as a part of ours."""

    # As text: a path would keep every instance, and its points, for ever.
    _esm = str(JupyterScatter._esm)
    # What it styles is not shown here, and its reset of margins and borders is for the whole page.
    _css = ""

    if TYPE_CHECKING:
        selection: Any

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page has set; a selection that is none, or of no latents, is taken back."""
        before = self.selection
        try:
            super().set_state(sync_data)
        except Exception as error:
            ours = isinstance(error, (LatentWidgetsError, traitlets.TraitError))
            if not ours and self.selection is not before:  # somebody who watches it raised
                raise
            self.log.warning("LatentMap refused what a page selected: %s", words_of(error))
            self.selection = before
            self.send_state([name for name in sync_data if name in self.keys])


def scatter_of(points: NDArray[np.float32], colors: Sequence[str]) -> Scatter:
    """Make the widget that draws points, with no choice left to its own defaults.

    Parameters
    ----------
    points : ndarray, shape (n, 4)
        As `points_of` gives them.
    colors : sequence of str
        The colours that their codes stand for.

    Returns
    -------
    Scatter
        Its traits `points`, `color`, `selection` and `mouse_mode` are the way in and out.
    """
    count = len(points)
    size = float(np.interp(np.log10(count), [2, 3, 4, 5, 6], [9, 7, 5, 3, 2]))
    options = {
        "deselectOnDblClick": False,
        "deselectOnEscape": False,
        # No point is ever near enough: it would be drawn again with all others. See picker.js.
        "pointSizeMouseDetection": -1e6,
        # What is selected stands out where all else fades: much larger, it would hide its like.
        "pointSizeSelected": 2,
        "pointOutlineWidth": 0,
        # Handing points to a worker takes longer than sorting them.
        "spatialIndexUseWorker": False,
    }
    clear, ink = [1.0, 1.0, 1.0, 0.0], [0.5, 0.5, 0.5, 1.0]
    return Scatter(
        None,
        points=points,
        selection=np.empty(0, np.uint32),
        color=shares_of(colors),
        color_by="valueA",
        color_scale="categorical",
        color_domain={},
        color_hover=ink,
        color_selected=ink,
        opacity=1.0,
        opacity_by="density" if count > SPARSE else None,
        opacity_unselected=0.15,
        size=size,
        background_color=clear,
        camera_distance=1.0,
        camera_rotation=0.0,
        camera_view=None,
        x_domain=[-1.0, 1.0],
        y_domain=[-1.0, 1.0],
        x_scale_domain=[-1.0, 1.0],
        y_scale_domain=[-1.0, 1.0],
        x_scale="linear",
        y_scale="linear",
        x_histogram=[],
        y_histogram=[],
        color_histogram=[],
        **dict.fromkeys(RANGES),
        lasso_color=[0.3, 0.6, 0.9, 1.0],
        lasso_min_delay=10,
        lasso_min_dist=3.0,
        lasso_on_long_press=True,
        lasso_type="freeform",
        connection_color=clear,
        connection_color_hover=clear,
        connection_color_selected=clear,
        connection_opacity=0.1,
        connection_size=1.0,
        reticle=False,
        reticle_color=ink,
        toolbar_buttons=[],
        tooltip_enable=False,
        tooltip_properties=[],
        tooltip_histograms=False,
        regl_scatterplot_options=options,
    )


def shares_of(colors: Sequence[str]) -> list[list[float]]:
    """Write colours such as "#ff8800" as the widget takes them: shares of 1, and opacity.

    Examples
    --------
    >>> shares_of(["#ff0000"])
    [[1.0, 0.0, 0.0, 1.0]]
    """
    return [[*(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)), 1.0] for color in colors]


def points_of(places: NDArray[np.float32], codes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Lay places in [-1, 1] and the codes of their colours out as the widget takes them."""
    points = np.zeros((len(places), 4), np.float32)
    points[:, :2] = places
    points[:, 2] = codes
    return points
