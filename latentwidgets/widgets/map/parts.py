"""`MapParts`: what a map is made of, beside its traits.

Import it where a map is made: jupyter-scatter comes with the extra ``map``.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING, Any

from latentwidgets.widgets.map.checks import still_open
from latentwidgets.widgets.map.color_choice import ColorChoice
from latentwidgets.widgets.map.facts import Facts
from latentwidgets.widgets.map.fitting import Fitting
from latentwidgets.widgets.map.in_step import in_step
from latentwidgets.widgets.map.points import Points
from latentwidgets.widgets.map.position import Position
from latentwidgets.widgets.map.projection_choice import ProjectionChoice
from latentwidgets.widgets.map.search import Search
from latentwidgets.widgets.map.track import Track

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.engine import Hooks
    from latentwidgets.engine.replies import Said
    from latentwidgets.routes.map_plane import MapPlane
    from latentwidgets.widgets.map.host import Host
    from latentwidgets.widgets.map.items import Items

__all__ = ["MapParts"]


class MapParts:
    """What a map is made of. Each part has a matter of its own, and asks the widget for the rest.

    A projection goes through several hands: `projections` takes it, and has the widget lay out all
    that is drawn (`Host.lay_out`). `laid_out` asks `position` where the person is there, `facts`
    what is said of that, and `track` for the line; in one step, the widget stores the projection,
    shows its plane with all of these, and has `projections` tell pages of it. Then it has `colors`
    paint the points anew.

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
    lock : RLock
        The one lock of the map, held whenever something that is wanted or shown changes. No
        observers are notified meanwhile, and nothing is waited for.
    points : Points
        What draws the latents, as points.
    facts : Facts
        What is known of each.
    search : Search
        What is searched for among that, and found.
    position : Position
        Where the person is.
    track : Track
        The path, and the line that is drawn for it.
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
        self._host = host
        self.points = Points(host.select)
        self.facts = Facts(items, len(latents), host)
        self.lock = RLock()
        self.search = Search(items, self.lock, host)
        self.position = Position(host)
        self.track = Track(self.lock, host)
        self.fits = Fitting(self.lock, self._report_fit, host.refuse)
        self.colors = ColorChoice(latents, seed, self.points, self.fits, self.lock, host)
        self.projections = ProjectionChoice(latents, seed, self.fits, self.lock, host)

    def hooks(self, usual: Hooks) -> Hooks:
        """Give what a map has to say where a page asks, beside what is usual."""
        visit, said, tells = self.position.take_index, self.facts.at, self.facts.of_all
        return replace(usual, visit=visit, said=said, tells=tells)

    @contextmanager
    def laid_out(self, plane: MapPlane) -> Iterator[tuple[MapPlane, Said | None]]:
        """Find where the person is on a plane, and what is said of that, and draw the line there.

        The block has the lock, to show these. A person who has gone elsewhere before is there; one
        who does not rest goes there right after, so that they hold up nothing.
        """

        def find(_: object, path: NDArray[np.float32]) -> tuple[Any, ...]:
            before = still_open(self._host.plane())
            there = self.position.on(plane, before)
            found = (there, self.facts.here(there))
            return before, found, self.track.line(path, there.projection)

        def wanted() -> tuple[Any, ...]:
            return self._host.labels(), still_open(self._host.path())

        for is_last in (False, True):
            with in_step(self.lock, wanted, find) as (before, found, track):
                latest = still_open(self._host.plane())
                if latest is not before and not is_last:
                    continue
                yield found
                self._host.tell_pages(track=track)
            if latest is not before:
                self.position.follow(latest, found[0])
            return

    def labelled(self) -> AbstractContextManager[tuple[MapPlane, Said | None]]:
        """Find what is said of where the person is; the block has the lock, to say it."""

        def find(shown: MapPlane, _: object) -> tuple[MapPlane, Said | None]:
            return shown, self.facts.here(shown)

        return in_step(self.lock, self._labelled, find)

    def close(self) -> None:
        """Take the points off the page, and stop all that is fitted."""
        self.fits.close()
        self.points.close()

    def _labelled(self) -> tuple[MapPlane, object]:
        return still_open(self._host.plane()), self._host.labels()

    def _report_fit(self, number: int, name: str, share: float) -> None:
        self.projections.tell_menu(fit=number, fitting=name, share=round(share, 3))
