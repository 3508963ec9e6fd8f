"""`ColorChoice`: what the points of a map are coloured by."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from latentwidgets.errors import LatentValueError
from latentwidgets.widgets.map import checks
from latentwidgets.widgets.map.fitting import Work
from latentwidgets.widgets.map.groups import (
    USUAL,
    Groups,
    KeptClusters,
    check_clusters,
    check_names,
    renamed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from threading import RLock

    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.analysis.found_clusters import Clusters
    from latentwidgets.routes.map_plane import MapPlane
    from latentwidgets.widgets.map.fitting import Fitting
    from latentwidgets.widgets.map.host import Host
    from latentwidgets.widgets.map.points import Points

    Columns = Mapping[str, NDArray[Any]]

__all__ = ["ColorChoice"]


class Turn(NamedTuple):
    """What to paint, numbered in the order in which it was wanted: the last is seen."""

    number: int
    plane: MapPlane
    values: Columns
    by: str
    groups: Groups


class ColorChoice:
    """What the points of a map are coloured by: what is wanted, and what is drawn until then.

    Three things are wanted together and change in one step: what to colour by, the clusters, and
    their names. Clusters of much data are found in the background; until then the points keep the
    colours that they had.

    Parameters
    ----------
    latents : ndarray of float32, shape (n, *latent_shape)
        What the points stand for.
    seed : int
        For k-means.
    points : Points
        What draws them.
    fits : Fitting
        What finds clusters in the background.
    lock : RLock
        Held whenever one of the three changes, and while points are painted; never while colours
        are found, nor as observers are told.
    host : Host
        Has the labels and the plane, and keeps what is wanted.
    """

    def __init__(
        self,
        latents: NDArray[np.float32],
        seed: int,
        points: Points,
        fits: Fitting,
        lock: RLock,
        host: Host,
    ) -> None:
        self._count, self._kept = len(latents), KeptClusters(latents, seed)
        self._points, self._fits, self._lock, self._host = points, fits, lock, host
        self._given: Columns = {}  # values to colour by, by name
        self._color: str | None = None  # until somebody has chosen, or the map opens
        self._groups = Groups(USUAL, self._kept)
        # What to go back to where clusters are not found: what was last wanted and there at once.
        self._settled: tuple[str, Groups] | None = None
        self._turns = self._painted = 0
        self._menu = ""  # what the page's menu is at

    # What can be set: these check, and change nothing.

    def check_color(self, given: Any) -> str | Columns:
        """Take what to colour by: a name, or values as one new column."""
        return checks.check_color(given, self._host.labels(), self._given, self._count)

    def check_clusters(self, given: Any) -> int | Clusters:
        """Take how many clusters there are, or those that somebody found."""
        return check_clusters(given, self._count)

    def check_cluster_names(self, given: Any) -> tuple[str, ...]:
        """Take a name for each of the clusters that are wanted."""
        return check_names(given, self._groups.given)

    def check_renamed(self, given: Any) -> Any:
        """Take how a page calls one of the clusters in the legend."""
        renamed(self._named().names, given)
        return given

    # What is wanted

    def take_color(self, color: str | Columns) -> None:
        """Colour by a name, or by values that it is to know by theirs."""

        def choose() -> tuple[str, Groups]:
            if isinstance(color, str):
                return self._known(color), self._groups
            self._given = color
            return next(iter(color)), self._groups

        self._want(choose)

    def take_clusters(self, given: int | Clusters) -> None:
        """Want so many clusters, or these; those that are drawn still keep their names."""

        def choose() -> tuple[str | None, Groups]:
            if self._settled is not None and self._settled[1].are(given):
                return self._color, self._settled[1]
            return self._color, Groups(given, self._kept)

        self._want(choose)

    def take_cluster_names(self, names: tuple[str, ...]) -> None:
        """Call the clusters that are wanted so; others may be wanted since names were checked."""

        def choose() -> tuple[str | None, Groups]:
            self._groups.call(names)
            return self._color, self._groups

        self._want(choose)

    def take_renamed(self, given: Any) -> None:
        """Call a cluster in the legend as a page does; others may be on their way."""

        def choose() -> tuple[str | None, Groups]:
            drawn = self._named()
            drawn.call(renamed(drawn.names, given))
            return self._color, self._groups

        self._want(choose, _renamed=given)

    def choose(self, name: str) -> None:
        """Colour by what a page has chosen; what is not on its menu is refused."""
        if name == self._menu:
            return
        self._host.tell_pages(color=self._menu)  # until the other is taken
        try:
            if (color := self._known(name)) != self._color:
                self.take_color(color)
        except LatentValueError as error:  # which would keep others from hearing of their message
            self._host.refuse(error)

    def settle(self) -> None:
        """Colour by the first label or the density where nothing is wanted, or it is gone."""

        def choose() -> tuple[str, Groups] | None:
            return None if self._color in self._names() else (self._usual(), self._groups)

        self._want(choose)

    # What is drawn

    def recolor(self) -> None:
        """Paint the points in the colours that are wanted; until these are found, as before."""
        with self._lock:
            turn = self._turn()
        self._paint(turn)

    # Inside

    def _names(self) -> list[str]:
        return checks.color_names(self._host.labels(), self._given)

    def _usual(self) -> str:
        return self._known("label" if self._host.labels() else "density")

    def _known(self, name: str) -> str:
        return str(self.check_color(name))

    def _want(self, choose: Callable[[], tuple[str | None, Groups] | None], **more: Any) -> None:
        """Colour by what is chosen, with these clusters, in one step; then observers are told.

        What takes long is on its way by then, so that they can wait for it.
        """
        turn: Turn | None = None
        try:
            with ExitStack() as then, self._lock:
                if (chosen := choose()) is None:
                    return
                self._color, self._groups = chosen
                notify = self._host.store(
                    color=self._color,
                    clusters=self._groups.given,
                    cluster_names=self._groups.names,
                    **more,
                )
                then.callback(notify)  # without the lock, and though nothing may be begun
                turn = self._turn()
        finally:
            self._paint(turn)  # though an observer raises

    def _turn(self) -> Turn | None:
        """Say what to paint as things are now, the lock held; None where nothing is shown."""
        if (plane := self._host.plane()) is None:  # `open` will
            return None
        self._turns += 1  # who comes last knows best what is wanted
        values = {**self._host.labels(), **self._given}
        return Turn(self._turns, plane, values, *self._to_draw(values))

    def _paint(self, turn: Turn | None) -> None:
        """Paint the points, unless others were wanted meanwhile, and painted."""
        if turn is None:
            return
        coloring = self._points.color(turn.plane, turn.by, turn.values, turn.groups)
        with self._lock:
            plane = self._host.plane()  # the colours may have taken seconds
            if plane is None or turn.number < self._painted:
                return
            self._painted = turn.number
            self._points.paint(plane, coloring)
            state = {"legend": coloring.legend, "colors": self._names()}
            if (menu := self._color or "") != self._menu:  # else a page may be choosing another
                self._menu = state["color"] = menu
            self._host.tell_pages(**state, ground=self._points.widget)

    def _to_draw(self, values: Columns) -> tuple[str, Groups]:
        """Give what to colour by: what is wanted, or until that is found what was before."""
        color, groups = self._color or self._usual(), self._groups
        if color in values or color != "cluster" or not groups.take_long():
            self._fits.forget("color")
            self._settled = color, groups
            return self._settled
        before, of = self._settled or ("", groups)
        if before not in (*values, "cluster", "density"):  # there is none, or it is gone
            before = self._usual()
        self._settled = before, of
        self._fits.begin(
            Work(
                "color",
                f"k-means ({groups.given} clusters)",
                groups,
                make=groups.which,
                take=lambda _found: self.recolor(),
                give_up=partial(self._go_back, groups),
            )
        )
        return before, of

    def _go_back(self, groups: Groups) -> None:
        """Want what was before, as some clusters are not found; unless it is others by now."""

        def choose() -> tuple[str, Groups] | None:
            wanted = self._groups is groups and self._color == "cluster"
            return self._settled if wanted and self._host.plane() is not None else None

        self._want(choose)

    def _named(self) -> Groups:
        """Give the clusters whose names the legend shows."""
        drawn = self._points.coloring
        return self._groups if drawn is None or drawn.groups is None else drawn.groups
