"""The projections of the latents of a map: each is fitted once, and kept."""

from __future__ import annotations

import importlib.util
import threading
from typing import TYPE_CHECKING, Any

from latentwidgets.common.progress import without_bars
from latentwidgets.routes.projection import PROJECTIONS, Projection, project
from latentwidgets.routes.watched import Fit

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.routes.map_plane import MapPlane

    # Takes the name of the projection, and the projection or the error that fitting it raised.
    Done = Callable[[str, Projection | Exception], None]

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
        self._fitting: dict[str, Fit] = {}

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

    def kept(self, name: str) -> bool:
        """Say whether a projection of this name is kept."""
        return name in self._kept

    def keep(self, projection: Projection) -> None:
        """Keep a projection under its name, in place of one that had that name."""
        self._kept[projection.name] = projection

    def fit_in_background(
        self, name: str, done: Done, follow: Callable[[str, float], object]
    ) -> None:
        """Fit a projection on a thread of its own, and keep it.

        Parameters
        ----------
        name : str
            Its name.
        done : callable
            ``done(name, projection)``, or ``done(name, error)`` where it cannot be fitted. It is
            called on that thread; before this returns where the projection is kept already, and not
            at all where a thread is fitting it already: that one calls its own.
        follow : callable
            ``follow(name, share)`` is called on that thread as it gets on.
        """
        if kept := self._kept.get(name):
            done(name, kept)
        elif name not in self._fitting:
            fit = self._fitting[name] = Fit(lambda share: follow(name, share))
            threading.Thread(
                target=self._work,
                args=(name, done, fit),
                name="latentwidgets-projection",
                daemon=True,
            ).start()

    def cancel(self, name: str = "") -> None:
        """Stop fitting a projection; all that are fitted, without a name."""
        for one, fit in list(self._fitting.items()):
            if name in ("", one):
                fit.cancel()
                # It may take a moment to end: chosen again meanwhile, it begins anew.
                self._fitting.pop(one, None)

    def _work(self, name: str, done: Done, fit: Fit) -> None:
        found: Projection | Exception
        try:
            with without_bars():  # the map shows how far it is
                found = self.fit(name, fit)
            fit.check()
            self.keep(found)
        except Exception as error:
            found = error
        if fit.cancelled:
            return
        self._fitting.pop(name, None)
        done(name, found)

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
