"""`MapParts`: what a map is made of, beside its traits.

Import it where a map is made: jupyter-scatter comes with the extra ``map``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.widgets.map.color_choice import ColorChoice
from latentwidgets.widgets.map.facts import Facts
from latentwidgets.widgets.map.fitting import Fitting
from latentwidgets.widgets.map.points import Points
from latentwidgets.widgets.map.position import Position
from latentwidgets.widgets.map.projection_choice import ProjectionChoice
from latentwidgets.widgets.map.search import Search

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.widgets.map.host import Host
    from latentwidgets.widgets.map.items import Items

__all__ = ["MapParts"]


class MapParts:
    """What a map is made of. Each part has a matter of its own, and asks the widget for the rest.

    Parameters
    ----------
    latents : ndarray of float32, shape (n, *latent_shape)
        What the map shows.
    items : Items or None
        What the latents stand for.
    seed : int
        For t-SNE, UMAP and k-means.
    host : Host
        The widget.

    Attributes
    ----------
    points : Points
        What draws the latents, as points.
    facts : Facts
        What is known of each.
    search : Search
        What finds texts among that.
    position : Position
        Where the person is.
    fits : Fitting
        What is fitted in the background.
    colors : ColorChoice
        What the points are coloured by.
    projections : ProjectionChoice
        What lays them out.
    """

    def __init__(
        self, latents: NDArray[np.float32], items: Items | None, seed: int, host: Host
    ) -> None:
        self.points = Points(host.select)
        self.facts = Facts(items, len(latents), host)
        self.search = Search(items)
        self.position = Position(host)
        self.fits = Fitting(self._tell_fit, host.refuse)
        self.colors = ColorChoice(latents, seed, self.points, self.fits, host)
        self.projections = ProjectionChoice(latents, seed, self.fits, host)

    def hear(self, name: str, value: Any) -> None:
        """Do what a page has chosen: from its menus, in its legend, by its button.

        Parameters
        ----------
        name : str
            The trait that the page has set.
        value : object
            What it is set to.
        """
        acts: dict[str, Callable[[Any], None]] = {
            "_projection": self.projections.choose,
            "_color": self.colors.choose,
            "_renamed": self.colors.rename,
            "_cancels": self.fits.hear,
        }
        acts[name](value)

    def close(self) -> None:
        """Take the points off the page, and stop all that is fitted."""
        self.fits.close()
        self.points.close()

    def _tell_fit(self, number: int, name: str, share: float) -> None:
        self.projections.tell(fit=number, fitting=name, share=round(share, 3))
