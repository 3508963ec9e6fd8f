"""How the latents of a map lie: projections, each fitted once, on a thread where a page waits."""

from __future__ import annotations

import importlib.util
import threading
from typing import TYPE_CHECKING, Any

from latentwidgets.routes.projection import METHODS, Projection, project

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.routes.map_plane import MapPlane

    # Is given the name that was asked for, and what was fitted or why not.
    Done = Callable[[str, Projection | Exception], None]

__all__ = ["FittedProjections"]

TITLES = {"pca": "PCA", "tsne": "t-SNE", "umap": "UMAP", "points": "points as given"}


class FittedProjections:
    """The projections of some latents.

    Parameters
    ----------
    latents : ndarray of float32, shape (n, *latent_shape)
        The latents.
    seed : int
        As `project` takes it.
    """

    def __init__(self, latents: NDArray[np.float32], seed: int) -> None:
        self._latents, self._seed = latents, seed
        self._kept: dict[str, Projection] = {}
        self._fitting: set[str] = set()

    def fit(self, how: Any) -> Projection:
        """Give a projection; one that was kept is not fitted again."""
        kept = self._kept.get(how) if isinstance(how, str) else None
        return kept or project(self._latents, how, seed=self._seed)

    def keep(self, projection: Projection) -> None:
        """Keep a projection for when its name is asked for; it replaces one of that name."""
        self._kept[projection.name] = projection

    def fit_aside(self, name: str, done: Done) -> None:
        """Fit a projection on a thread of its own and keep it; give at once what was kept."""
        if kept := self._kept.get(name):
            done(name, kept)
        elif name not in self._fitting:
            self._fitting.add(name)
            threading.Thread(
                target=self._fit_now,
                args=(name, done),
                name="latentwidgets-projection",
                daemon=True,
            ).start()

    def _fit_now(self, name: str, done: Done) -> None:
        found: Projection | Exception
        try:
            found = self.fit(name)
            self.keep(found)
        except Exception as error:
            found = error
        self._fitting.discard(name)
        done(name, found)

    def about(self, plane: MapPlane) -> dict[str, Any]:
        """Say what a page shows of how latents lie."""
        projection = plane.projection
        return {
            "count": len(plane.data),
            "name": title_of(projection.name),
            "axes": list(projection.axes),
            "note": projection.note,
            "stuck": projection.inverse_error,
            "near": projection.near,
        }

    def choices(self) -> list[tuple[str, str]]:
        """Give name and title of each there is to choose from."""
        umap = importlib.util.find_spec("umap")
        names = [name for name in METHODS if name != "umap" or umap]
        return [(name, title_of(name)) for name in dict.fromkeys([*names, *self._kept])]


def title_of(name: str) -> str:
    """Write the name of a projection for people.

    Examples
    --------
    >>> title_of("tsne"), title_of("FastICA")
    ('t-SNE', 'FastICA')
    """
    return TITLES.get(name, name)
