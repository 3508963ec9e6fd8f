"""The projections of the latents of a map: each is fitted once, and kept."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from latentwidgets.routes.projection import PROJECTIONS, Projection, project

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.routes.map_plane import MapPlane
    from latentwidgets.routes.watched import Fit

__all__ = ["FittedProjections", "takes_long", "title_of"]

TITLES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "points": "points as given"}
# What the numbers beside the names of its axes are.
SHARE = "In brackets: how much of the variance of the latents lies along it"


class FittedProjections:
    """The projections of some latents, by name.

    Parameters
    ----------
    latents : ndarray of float32, shape (n, *latent_shape)
        What is projected.
    seed : int
        As `project` takes it.
    """

    def __init__(self, latents: NDArray[np.float32], seed: int) -> None:
        self._latents, self._seed = latents, seed
        self._kept: dict[str, Projection] = {}

    def takes_long(self, how: Any) -> bool:
        """Say whether fitting a projection would take a while; of one that is kept it would not."""
        return takes_long(how) and how not in self._kept

    def fit(self, how: Any, watch: Fit | None = None) -> Projection:
        """Give a projection, as `project` does; one that is kept is not fitted again.

        Parameters
        ----------
        how : str, array_like, transformer or Projection
            As `project` takes it.
        watch : Fit, optional
            What watches it.

        Raises
        ------
        LatentTypeError, LatentValueError, MissingExtraError
            If it cannot be fitted.
        """
        kept = self._kept.get(how) if isinstance(how, str) else None
        return kept or project(self._latents, how, seed=self._seed, fit=watch)

    def kept(self, name: str) -> Projection | None:
        """Give the projection of this name that is kept; None if none is."""
        return self._kept.get(name)

    def keep(self, projection: Projection) -> None:
        """Keep a projection under its name, in place of one that had that name."""
        self._kept[projection.name] = projection

    def fit_and_keep(self, name: str, watch: Fit) -> Projection:
        """Fit a projection for as long as it is not cancelled, and keep it."""
        found = self.fit(name, watch)
        watch.check()
        self.keep(found)
        return found

    def about(self, plane: MapPlane) -> dict[str, Any]:
        """Say what a page shows of where the points of a plane come from."""
        projection = plane.projection
        return {
            "count": len(plane.data),
            "name": title_of(projection.name),
            "axes": list(projection.axes),
            "measure": SHARE if projection.name == "pca" else "",
            "note": projection.note,
            "stuck": projection.inverse_error,
            "near": projection.near,
        }

    def choices(self) -> list[tuple[str, str]]:
        """Give name and title of each projection that a person can choose.

        Those that are kept are among them; UMAP is not where its package is missing.
        """
        umap = importlib.util.find_spec("umap")
        names = [name for name in PROJECTIONS if name != "umap" or umap]
        return [(name, title_of(name)) for name in dict.fromkeys([*names, *self._kept])]


def takes_long(how: Any) -> bool:
    """Say whether fitting a projection takes a while, as those of `embedding` do.

    One that cannot be fitted at all does not: `project` says why at once.

    Examples
    --------
    >>> takes_long("tsne"), takes_long("pca")
    (True, False)
    """
    if not isinstance(how, str):
        return False
    return how == "tsne" or (how == "umap" and importlib.util.find_spec("umap") is not None)


def title_of(name: str) -> str:
    """Give the title under which a person knows a projection.

    Examples
    --------
    >>> title_of("tsne"), title_of("FastICA")
    ('t-SNE', 'FastICA')
    """
    return TITLES.get(name, name)
