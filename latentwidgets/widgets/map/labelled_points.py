"""`LabelledPoints`: what is known of the points of a map, and how that is shown."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import numpy as np
import traitlets

from latentwidgets.engine import ordinary_of
from latentwidgets.routes.map_plane import GROUND
from latentwidgets.widgets.map import checks
from latentwidgets.widgets.map.fitting import Work
from latentwidgets.widgets.map.groups import (
    Groups,
    KeptClusters,
    check_clusters,
    check_names,
    renamed,
)
from latentwidgets.widgets.map.items import Items, said_of, said_of_all
from latentwidgets.widgets.map.renderer import MapRenderer
from latentwidgets.widgets.map.search import Search
from latentwidgets.widgets.paged import Paged
from latentwidgets.widgets.traits import Array, Checked, Count

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from latentwidgets.analysis.found_clusters import Clusters
    from latentwidgets.engine import Hooks
    from latentwidgets.engine.handed import Tell
    from latentwidgets.engine.replies import Said
    from latentwidgets.routes.route import Coordinates
    from latentwidgets.space.latent_space import LatentSpace
    from latentwidgets.widgets.map.fitting import Fitting
    from latentwidgets.widgets.map.points import Points

__all__ = ["LabelledPoints"]


class LabelledPoints(Paged):
    """Points that stand for latents, with what is known of them: labels, clusters, items and texts.

    They are coloured by it, a legend says what the colours mean, texts are searched, and some are
    selected. Where they lie, a subclass says: `_begin` shows its first route.

    Parameters
    ----------
    space : LatentSpace or None
        What decodes, if anything.
    latents : ndarray, shape (n, *latent_shape)
        Read-only.
    labels : object or None
        As the trait takes them; None for none.
    items : Items, sequence or None
        What the latents stand for.
    color : str, array_like or None
        As the trait takes it; None for the first label, or the density.
    seed : int
        For clusters.
    **traits
        Other traits.
    """

    labels = Checked(checks.check_labels, expected="labels, {} for none", help="Labels by name.")
    color = Checked(
        "_check_color", expected="a label's name, or values", take="_color_by", help="Colours."
    )
    search = Checked(checks.check_search, expected="a text", help="What is searched for.").tag(
        sync=True
    )
    clusters = Checked(
        "_check_clusters",
        expected="how many, or those found",
        take="_group_by",
        help="Clusters to colour by.",
    )
    cluster_names = Checked(
        "_check_names", expected="a name a cluster", take="_call_clusters", help="Their names."
    )

    _ground = anywidget.WidgetTrait().tag(sync=True)
    _said: Any = traitlets.Dict(help="What is known of the latent there.").tag(sync=True)
    _legend: Any = traitlets.Dict(help="What the colours mean.").tag(sync=True)
    _colors: Any = traitlets.List(help="What the colour menu offers.").tag(sync=True)
    _color = traitlets.Unicode(help="What it is at.").tag(sync=True, from_page=True)
    _renamed = Checked(
        "_check_renamed",
        expected="the number and the name of a cluster",
        take="_rename",
        help="How many names the page gave; the last: number of the cluster, its name.",
    ).tag(sync=True, from_page=True)
    selection = Array(checks.check_selection, help="Rows of the latents that are selected.")
    height = Count(420, least=120, most=4096, help="Of the map, in CSS pixels.").tag(sync=True)

    _selected = traitlets.Int(0, help="How many are selected.").tag(sync=True)
    _picks = traitlets.Int(0, help="Selections by the page.").tag(sync=True, from_page=True)
    _searched = traitlets.Bool(False, help="Whether the search is offered.").tag(sync=True)
    _found: Any = traitlets.Dict(help="What was searched for; rows, as uint32.").tag(sync=True)

    _lets_go: ClassVar[tuple[str, ...]] = (
        *("labels", "color", "clusters", "_ground"),
        *("_latents", "_given", "_items", "_points", "_texts", "_groups", "_settled", "_kept"),
    )
    _latents: NDArray[np.float32] = np.empty((0, 1), np.float32)
    _given: Mapping[str, NDArray[Any]] = {}  # values to colour by, by name
    _points: Points | None = None
    _items: Items | None = None
    _texts: Search | None = None
    _groups: Groups | None = None
    # What to go back to where clusters are not found: what was last wanted and there at once.
    _settled: tuple[str, Groups] | None = None
    _kept: KeptClusters | None = None
    _fits: Fitting
    # Held as a thread chooses what is wanted, or paints; never as observers of a person are told.
    _turn: threading.RLock
    _turns = _painted = 0
    _told = ""  # what the colour menu was told that it is at

    def __init__(
        self,
        space: LatentSpace | None,
        latents: NDArray[np.float32],
        labels: Any,
        *,
        items: Any,
        color: Any,
        seed: int,
        **traits: Any,
    ) -> None:
        from latentwidgets.widgets.map.points import Points  # or it names the extra

        self._points = Points(partial(setattr, self, "selection"))
        self._latents, self._kept = latents, KeptClusters(latents, seed)
        known = items is None or isinstance(items, Items)
        self._items = items if known else Items(items, len(latents))
        traits |= {} if color is None else {"color": color}
        # In this order: each is checked against those before it.
        super().__init__(
            MapRenderer(space, self._items),
            ordinary_of(space, latents, labels),
            labels={} if labels is None else labels,
            **{"clusters": 8, "search": "", "selection": (), **traits},
        )

    def _begin(self) -> None:
        """Show the first route: where the points lie."""
        raise NotImplementedError

    def open(self) -> None:
        """Have all points lie somewhere, in their colours, then open."""
        self.color = self.color or ("label" if self.labels else "density")
        self._begin()
        self._follow_points()
        super().open()

    def close(self) -> None:
        """Take the widget off the page and let go of all that it shows."""
        if self._points is not None:
            self._points.close()
        super().close()

    @property
    def latents(self) -> NDArray[np.float32]:
        """The latents that are shown, ``(n, *latent_shape)``; read-only."""
        return self._latents

    @property
    def found(self) -> NDArray[np.int64]:
        """Rows of the latents whose texts hold what `search` is; all items and labels count."""
        return checks.still_open(self._texts).rows

    @traitlets.observe("search", "labels")
    def _look_for(self, change: Any) -> None:
        """Find texts anew: others are searched, or for something else."""
        anew = change["name"] == "labels"
        if self._texts is None or anew:
            self._texts = Search(self._items, self.labels or {})
        with self.hold_sync():
            # What was searched for by a line of Python has its field too, where it can be ended:
            # it stays then, as somebody may be typing in it.
            wanted = self._texts.offered or bool(self.search)
            self._searched = wanted or (self._searched and not anew)
            if self._searched:
                self._load("search")
            rows = self._texts.find(self.search or "").astype("<u4").tobytes()
            self._found = {"text": self.search, "rows": rows}

    @traitlets.observe("height", "selection")
    def _follow_points(self, _change: Any = None) -> None:
        self._selected = len(self.selection)
        if self._points is not None:
            self._points.resize(int(self.height))
            self._points.select(self.selection)

    def _count(self) -> int:
        return len(self._latents)

    # Colours

    def _check_color(self, given: Any) -> Any:
        return checks.check_color(self, given, self._given)

    @traitlets.observe("labels")
    def _follow_labels(self, _change: Any) -> None:
        if not self._route:  # `open` will
            return
        if self.color not in checks.color_names(self.labels, self._given):
            self.color = "label" if self.labels else "density"
        with self.hold_sync():  # the page must not see old labels with the new name of the route
            self._open_renderer().forget()  # what is said beside each picture is said anew
            self._show(self._own_route())
            self._said = self._said_about(self._at())
            self._recolor()

    def _color_by(self, color: str | Mapping[str, NDArray[Any]]) -> None:
        def choose() -> tuple[str, Groups]:
            if isinstance(color, str):
                return color, checks.still_open(self._groups)
            self._given = color
            return next(iter(color)), checks.still_open(self._groups)

        self._want(choose)

    def _want(self, choose: Callable[[], tuple[str, Groups] | None]) -> None:
        """Colour by what is chosen, with these clusters: in one step, which is told after it."""
        with self._turn:
            if (chosen := choose()) is None:
                return
            color, self._groups = chosen
            values = (color, self._groups.given, self._groups.names)
            names = ("color", "clusters", "cluster_names")
            tell = [
                getattr(type(self), n).swap(self, v) for n, v in zip(names, values, strict=True)
            ]
        for one in tell:
            one()
        self._recolor()

    def _recolor(self) -> None:
        if (points := self._points) is None or not self._route:
            return
        with self._turn:  # who comes last knows best what is wanted
            self._turns += 1
            turn, values = self._turns, {**self.labels, **self._given}
            by, groups = self._colors_now(values)
        coloring = points.color(self._own_route(), by, values, groups)
        with self._turn, self.hold_sync():
            if turn < self._painted:  # meanwhile others were wanted, and painted
                return
            self._painted = turn
            points.paint(self._own_route(), coloring)  # the colours may have taken seconds
            self._legend = coloring.legend
            self._colors = checks.color_names(self.labels, self._given)
            self._told = self.color
            self._color = self._told
            self._ground = points.widget

    def _colors_now(self, values: Mapping[str, NDArray[Any]]) -> tuple[str, Groups]:
        """Give what to colour by: what is wanted, or until that is found what was before."""
        groups = checks.still_open(self._groups)
        if self.color in values or self.color != "cluster" or not groups.take_long():
            self._fits.forget("color")
            self._settled = self.color, groups
            return self._settled
        before, of = self._settled or ("", groups)
        if before not in (*values, "cluster", "density"):  # there is none, or it is gone
            before = next(iter(self.labels), "density")
        self._settled = before, of
        self._fits.begin(
            Work(
                "color",
                f"k-means ({groups.given} clusters)",
                groups,
                make=groups.which,
                take=lambda _found: self._recolor(),
                give_up=partial(self._go_back, groups),
            )
        )
        return before, of

    def _go_back(self, groups: Groups, error: Exception | None) -> None:
        """Want what was before, as some clusters are not found."""
        if error is not None:
            self._refuse_fit(error)
        wanted = partial(self._still_wanted, groups)
        self._want(lambda: self._settled if wanted() else None)

    def _still_wanted(self, groups: Groups) -> bool:
        return self._groups is groups and self.color == "cluster"

    @traitlets.observe("_color")
    def _choose_color(self, change: Any) -> None:
        """Follow the page's menu."""
        if self.color is not None and change["new"] != self._told:
            self._color = self._told  # until the other is taken
            self.color = change["new"]

    # Clusters

    def _check_clusters(self, given: Any) -> int | Clusters:
        return check_clusters(given, self._count())

    def _check_names(self, given: Any) -> tuple[str, ...]:
        return check_names(given, self.clusters)

    def _check_renamed(self, given: Any) -> Any:
        renamed(self._named().names, given)
        return given

    def _group_by(self, given: int | Clusters) -> None:
        self._want(lambda: (self.color, self._groups_of(given)))

    def _groups_of(self, given: int | Clusters) -> Groups:
        """Give clusters; those that are drawn still keep their names."""
        if self._settled is not None and self._settled[1].are(given):
            return self._settled[1]
        return Groups(given, checks.still_open(self._kept))

    def _call_clusters(self, names: tuple[str, ...]) -> None:
        def choose() -> tuple[str, Groups]:
            groups = checks.still_open(self._groups)
            groups.names = names
            return self.color, groups

        self._want(choose)

    def _named(self) -> Groups:
        """Give the clusters whose names the legend shows."""
        drawn = checks.still_open(self._points).coloring
        wanted = checks.still_open(self._groups)
        return wanted if drawn is None or drawn.groups is None else drawn.groups

    def _rename(self, given: Any) -> None:
        """Call a cluster as the page does; others may be on their way."""
        type(self)._renamed.put(self, given)

        def choose() -> tuple[str, Groups]:
            groups = self._named()
            groups.names = renamed(groups.names, given)
            return self.color, checks.still_open(self._groups)

        self._want(choose)

    # What is said of a point, beside its picture and to a page that decodes by itself

    def _hooks(self) -> Hooks:
        return replace(super()._hooks(), said=self._said_about, tells=self._tells)

    def _said_about(self, at: Coordinates) -> Said | None:
        """Say with every frame what lies there: labels travel with their picture."""
        if not at:  # the route that the question was about is gone
            return None
        row = at[0] if at[0] < self._count() else GROUND
        return said_of(row, self.labels or {}, self._items)

    def _tells(self) -> Tell | None:
        return partial(said_of_all, self.labels or {}, self._items, self._count())
