"""`MapPage`: what a map shows on its page beside points and picture, and what the page answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from latentwidgets.engine.answers import refusal
from latentwidgets.widgets.base import LatentWidget
from latentwidgets.widgets.map import checks
from latentwidgets.widgets.map.groups import Groups, check_clusters, check_names, renamed
from latentwidgets.widgets.map.search import Search
from latentwidgets.widgets.traits import Checked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.analysis.found_clusters import Clusters
    from latentwidgets.widgets.map.fitting import Fitting
    from latentwidgets.widgets.map.items import Items

__all__ = ["MapPage"]


class MapPage(LatentWidget):
    """Menus, legend and search of a map: what the page is told of them, and what it sets."""

    search = Checked(checks.check_search, expected="a text", help="What is searched for.").tag(
        sync=True
    )
    clusters = Checked(
        "_check_clusters", expected="how many, or those found", help="Clusters to colour by."
    )
    cluster_names = Checked(
        "_check_names", expected="a name a cluster", take="_call_clusters", help="Their names."
    )

    _ground = anywidget.WidgetTrait().tag(sync=True)
    _frame: Any = traitlets.List(help="Middle and half width of what [-1, 1] shows.").tag(sync=True)
    _track: Any = traitlets.List(help="Points of the path.").tag(sync=True)
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
    _selected = traitlets.Int(0, help="How many are selected.").tag(sync=True)
    _picks = traitlets.Int(0, help="Selections by the page.").tag(sync=True, from_page=True)
    _searched = traitlets.Bool(False, help="Whether the search is offered.").tag(sync=True)
    _found: Any = traitlets.Dict(help="What was searched for; rows, as uint32.").tag(sync=True)
    _about: Any = traitlets.Dict(help="What is said of the projection.").tag(sync=True)
    _projections: Any = traitlets.List(help="What the projection menu offers.").tag(sync=True)
    _projection = traitlets.Unicode(help="What it is at.").tag(sync=True, from_page=True)
    _fitting = traitlets.Unicode(help="What is fitted since it was chosen.").tag(sync=True)
    _share = traitlets.Float(0.0, help="How much of that is done.").tag(sync=True)
    _cancels = traitlets.Int(0, help="Cancels by the page.").tag(sync=True, from_page=True)

    _fits: Fitting | None = None
    _items: Items | None = None
    _texts: Search | None = None
    _groups: Groups | None = None
    _seed = 0

    if TYPE_CHECKING:
        color: Any
        labels: Any
        projection: Any

        def _count(self) -> int: ...

        def _recolor(self) -> None: ...

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

    # Clusters

    def _check_clusters(self, given: Any) -> int | Clusters:
        return check_clusters(given, self._count())

    def _check_names(self, given: Any) -> tuple[str, ...]:
        return check_names(given, self.clusters)

    def _check_renamed(self, given: Any) -> Any:
        renamed(self.cluster_names, given)
        return given

    def _group(self) -> None:
        """Take the clusters there are; names that came with the map stay."""
        self._groups = Groups(self.clusters, self._seed)
        if self._route or self.cluster_names is None:
            type(self).cluster_names.put(self, self._groups.names)

    @traitlets.observe("clusters")
    def _regroup(self, _change: Any) -> None:
        if self._route:  # else `open` will
            self._group()
            self._recolor()

    def _call_clusters(self, names: tuple[str, ...]) -> None:
        type(self).cluster_names.put(self, names)
        self._recolor()

    # What the page sets

    @traitlets.observe("_color")
    def _choose_color(self, change: Any) -> None:
        """Follow the page's menu."""
        if self.color is not None:
            self._color = self.color  # until the other is taken
            self.color = change["new"]

    def _rename(self, given: Any) -> None:
        """Call a cluster as the page does."""
        type(self)._renamed.put(self, given)
        self.cluster_names = renamed(self.cluster_names, given)

    @traitlets.observe("_projection", "_cancels")
    def _choose_projection(self, change: Any) -> None:
        """Follow the page's menu, or its button that cancels what was chosen there."""
        if self._fits is not None and self.projection is not None:
            self._fits.hear(change, self.projection.name)

    def _show_fit(self, name: str, share: float) -> None:
        with self.hold_sync():
            self._fitting, self._share = name, round(share, 3)
            if not name and self.projection is not None:
                self._projection = self.projection.name

    def _refuse_fit(self, error: Exception) -> None:
        if self._renderer is not None:
            self.send(refused := refusal(error))
            self.log.warning("LatentMap could not be laid out anew: %s", refused["message"])
