"""`ProjectionChoice`: which projection lays a map out, and which one is on its way."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.map_plane import MapPlane
from latentwidgets.widgets.map.fitted_projections import FittedProjections
from latentwidgets.widgets.map.fitting import Work

if TYPE_CHECKING:
    from threading import RLock

    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.routes.projection import Projection
    from latentwidgets.widgets.map.fitting import Fitting
    from latentwidgets.widgets.map.host import Host

__all__ = ["ProjectionChoice"]


class ProjectionChoice:
    """Which projection lays a map out, which one is on its way, and what the page's menu is at.

    One that takes long is fitted in the background; until then the map stays as it is.

    Parameters
    ----------
    latents : ndarray of float32, shape (n, *latent_shape)
        What is laid out.
    seed : int
        For t-SNE and UMAP.
    fits : Fitting
        What fits in the background.
    lock : RLock
        Held as the menu is set.
    host : Host
        Lays all that is drawn out.
    """

    def __init__(
        self, latents: NDArray[np.float32], seed: int, fits: Fitting, lock: RLock, host: Host
    ) -> None:
        self._fitted = FittedProjections(latents, seed)
        self._fits, self._lock, self._host = fits, lock, host
        self._menu = ""

    def check_projection(self, given: Any) -> Projection | str:
        """Take a projection as `project` does; of one that takes long, its name on an open map."""
        later = self._shown() is not None and self._fitted.takes_long(given)
        return str(given) if later else self._fitted.fit(given)

    def take_projection(self, given: Projection | str) -> None:
        """Have the map show a projection; one that is given by its name as soon as it is fitted."""
        if isinstance(given, str):
            self._want(given)
            return
        if (shown := self._host.plane()) is None:  # it will be, as the map opens
            self._host.store(projection=given)()
            return
        self._fits.forget("projection")
        if given is not shown.projection:
            self._host.lay_out(MapPlane.of(shown.data, given))

    def choose(self, name: str) -> None:
        """Have the map show what the page has chosen; what is not on its menu is refused."""
        if name == self._menu:
            return
        if name in (names := [one for one, _ in self._fitted.choices()]):
            self._want(name)
        else:
            self.tell_menu()
            self._host.refuse(LatentValueError(f"projection is {brief(name)}. {hint(name, names)}"))

    def tell_menu(self, **state: Any) -> None:
        """Set the page's menu to what is wanted, which is no choice of the page's; and tell more.

        Parameters
        ----------
        **state
            As of `Host.tell_pages`.
        """
        with self._lock:
            if (now := self._shown()) is not None:
                self._menu = self._fits.wanted("projection") or now.name
                self._host.tell_pages(**state, projection=self._menu)

    def tell_plane(self, plane: MapPlane, **about: Any) -> None:
        """Tell pages where a plane lies, what is said of it, and what their menus offer with it.

        Parameters
        ----------
        plane : MapPlane
            What the map shows.
        **about
            What else is said of it.
        """
        self._fitted.keep(plane.projection)
        self._host.tell_pages(
            projections=self._fitted.choices(),
            frame=[*plane.center.tolist(), plane.half],
            about={**self._fitted.about(plane), **about},
        )
        self.tell_menu()

    def _shown(self) -> Projection | None:
        return None if (plane := self._host.plane()) is None else plane.projection

    def _want(self, name: str) -> None:
        """Want a projection, which may take long to fit."""
        if (now := self._shown()) is None:
            return
        if name == now.name:
            self._fits.forget("projection")
            self.tell_menu()
            return
        work = Work(
            "projection",
            name,
            name,
            make=partial(self._fitted.fit_and_keep, name),
            take=self.take_projection,
            keep=True,
        )
        if (kept := self._fitted.kept(name)) is not None:
            self._fits.take(work, kept)
        else:
            self._fits.begin(work)
