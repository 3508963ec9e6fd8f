"""LatentMap: where the latents lie, which of them a person means, and what lies between."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

import anywidget
import numpy as np
import traitlets
from typing_extensions import Unpack

from latentwidgets.common.checks import check_seed
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.engine import ordinary_of
from latentwidgets.engine.answers import refusal
from latentwidgets.routes.map_plane import MapPlane
from latentwidgets.widgets.code import HELP_OF_MAPS, static
from latentwidgets.widgets.map import checks, figures, legend
from latentwidgets.widgets.map.given import WHERE, shown_in, start_in
from latentwidgets.widgets.map.groups import USUAL
from latentwidgets.widgets.map.host import Host
from latentwidgets.widgets.map.items import Items
from latentwidgets.widgets.map.renderer import MapRenderer
from latentwidgets.widgets.map.selection import direction_between
from latentwidgets.widgets.map.thumbnail import thumbnail
from latentwidgets.widgets.paged import Paged
from latentwidgets.widgets.trait_types import MapTraits
from latentwidgets.widgets.traits import Array, Checked, Count, Row, swap

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from latentwidgets.engine import Hooks
    from latentwidgets.engine.messages import FileMessage
    from latentwidgets.export.picture import Still
    from latentwidgets.routes.route import Coordinates
    from latentwidgets.widgets.map.fitting import Fitting
    from latentwidgets.widgets.map.parts import MapParts
    from latentwidgets.widgets.snapshot import Snapshot


class LatentMap(Paged):
    """A map of latents: point at one to see it, draw round some to select them.

    Parameters
    ----------
    space : LatentSpace, object or None
        What decodes, or anything that `as_space` takes. Without one nothing is decoded: items and
        labels are shown.
    latents : array_like, optional
        ``(n, *latent_shape)``, n at least 2; or images, if the space encodes, under `conditions`.
        If None, the space's data, and their labels, such as `latentwidgets.demo.digits` holds.
    labels : mapping, DataFrame, Series or array_like, optional
        One or several labels a latent, by name; NaN and None where one is missing.
    projection : {"pca", "tsne", "umap"}, array_like, transformer or Projection
        As `latentwidgets.routes.projection.project` takes it. t-SNE and UMAP take long: the map
        opens with PCA, and changes once they are fitted; see `fitting`.
    items : sequence, optional
        What the latents stand for, shown in place of their decodes: texts or images.
    color : str or array_like, optional
        "label" (the first one), the name of a label, "cluster", "density", or numbers or texts,
        one a latent. The first label if there is one, else the density. Of more than 16,777,216
        numbers, latents times latent size, clusters are found in the background; see `fitting`.
        Until then the map, its legend, `figure` and what is saved stay as they were, though `color`
        and `clusters` say what is wanted; where it is cancelled or fails, these go back.
    seed : int
        For t-SNE, UMAP and clusters.
    **traits
        Other traits: `clusters`, `cluster_names`, `search`, `index`, `value`, `latent`, `path`,
        `selection`, `height` of the map and `size` of the picture (CSS pixels), `conditions`,
        `frame_memory` (MB), `smooth`, `saved_bytes`, `layout`; `run`, `page_memory`,
        `page_gpu` as of `Interpolator`, and `runs_in` to be read.

    Attributes
    ----------
    value : tuple of float
        The point of the map where the person is, in the projection's own units.
    latent : ndarray of float32, shape latent_shape
        What that stands for: the latent that was clicked, or the projection's inverse there. One
        that is set is kept as it is, and `value` says where it lies.
    index : int or None
        Which latent it is; None where it is none of them.
    hovered : int or None
        Which latent the mouse is over.
    selection : ndarray of int64
        Which latents are selected, in order; empty for none. Rows or a mask can be set.
    path : ndarray of float32, shape (m, *latent_shape)
        Latents that a line is drawn through, with a ring at each of at most 30; empty for none.
    clusters : int or Clusters
        How many k-means finds, 8 unless you say otherwise, or what
        `latentwidgets.analysis.clusters` found in these latents: what "cluster" colours by.
    cluster_names : tuple of str
        What these are called, the largest first; they can also be renamed in the legend.
    search : str
        A part of the texts that are looked for: of items, and of labels that are texts. The page
        offers to type one where items are texts, or a label has more than 20 different ones; of
        fewer, the legend selects each.
    found : ndarray of int64
        Which latents have such texts, in order.
    labels, projection, color
        As above; all can be set and observed.

    Raises
    ------
    MissingExtraError
        If jupyter-scatter is not installed.
    LatentTypeError, LatentValueError
        If one of these cannot be used; the message says what was expected.
    DecodeError
        If the decoder fails on the first picture.

    Notes
    -----
    Drawn by jupyter-scatter (Lekschas & Manz 2024, Journal of Open Source Software 9).

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> chart = lw.LatentMap(digits.space, digits.latents, digits.labels)
    >>> chart.index = 5
    >>> bool((chart.latent == digits.latents[5]).all())
    True
    """

    _esm = static("latent_map.js")
    _css = static("latent_map.css")
    _help_file = HELP_OF_MAPS

    # Where the person is: four ways to say it, of which any can be set, and which change together.
    value = Checked(part="_map_parts.position", expected="a point (x, y)", help="Where on the map.")
    latent = Array(checks.check_latent, part="_map_parts.position", help="The latent there.")
    index = Row("_count", part="_map_parts.position", help="Which latent it is, or None.")
    _spot = Checked(part="_map_parts.position", expected="[row, x, y]", help="Row or none; point.")
    _spot.tag(sync=True, from_page=True)
    _said: Any = traitlets.Dict(help="What is known of the latent there.").tag(sync=True)
    hovered = Row("_count", help="Which latent the mouse is over, or None.").tag(sync=True)

    # How latents are laid out.
    projection = Checked(
        part="_map_parts.projections", expected="its name, or points", always=True, help="Layout."
    )
    path = Array(checks.check_path, part="_map_parts.track", help="What a line is drawn through.")
    _frame: Any = traitlets.List(help="Middle and half width of what [-1, 1] shows.").tag(sync=True)
    _track: Any = traitlets.List(help="Points of the path.").tag(sync=True)
    _about: Any = traitlets.Dict(help="What is said of the projection.").tag(sync=True)
    _projections: Any = traitlets.List(help="What the projection menu offers.").tag(sync=True)
    _projection = traitlets.Unicode(help="What it is at.").tag(sync=True, from_page=True)
    _fitting = traitlets.Unicode(help="What is fitted since it was chosen.").tag(sync=True)
    _fit = traitlets.Int(0, help="The number of that, among all that were begun.").tag(sync=True)
    _share = traitlets.Float(0.0, help="How much of that is done.").tag(sync=True)
    _cancels = traitlets.Int(0, help="Which fit the page cancels.").tag(sync=True, from_page=True)

    # What is known of them, and their colours.
    labels = Checked(part="_map_parts.facts", expected="labels, or {}", help="Labels by name.")
    color = Checked(part="_map_parts.colors", expected="a label's name, or values", help="Colours.")
    clusters = Checked(
        part="_map_parts.colors", expected="how many, or those found", help="Clusters."
    )
    cluster_names = Checked(part="_map_parts.colors", expected="a name a cluster", help="Names.")
    _renamed = Checked(part="_map_parts.colors", expected="[count, cluster, name]", help="A name.")
    _renamed.tag(sync=True, from_page=True)
    _ground = anywidget.WidgetTrait().tag(sync=True)
    _legend: Any = traitlets.Dict(help="What the colours mean.").tag(sync=True)
    _colors: Any = traitlets.List(help="What the colour menu offers.").tag(sync=True)
    _color = traitlets.Unicode(help="What it is at.").tag(sync=True, from_page=True)

    # Which of them are meant.
    selection = Array(checks.check_selection, help="Rows of the latents that are selected.")
    search = Checked(part="_map_parts.search", expected="a text", help="A part.").tag(sync=True)
    _selected = traitlets.Int(0, help="How many are selected.").tag(sync=True)
    _picks = traitlets.Int(0, help="Selections by the page.").tag(sync=True, from_page=True)
    _searched = traitlets.Bool(False, help="Whether the search is offered.").tag(sync=True)
    _found: Any = traitlets.Dict(help="What was searched for; rows, as uint32.").tag(sync=True)

    size = Count(192, least=32, most=4096, help="Width of the picture, in pixels.").tag(sync=True)
    height = Count(420, least=120, most=4096, help="Of the map, in CSS pixels.").tag(sync=True)

    _coordinates, _leads = "_spot", WHERE
    _lets_go = (
        *(*WHERE, "projection", "path", "labels", "color", "clusters", "_ground"),
        *("_latents", "_map_parts"),
    )
    _latents: NDArray[np.float32] = np.empty((0, 1), np.float32)
    _map_parts: MapParts | None = None  # as it is once the map is closed

    @checked_keywords
    def __init__(
        self,
        space: Any,
        latents: Any = None,
        labels: Any = None,
        *,
        projection: Any = "pca",
        items: Any = None,
        color: Any = None,
        seed: int = 0,
        **traits: Unpack[MapTraits],
    ) -> None:
        # Here alone: without jupyter-scatter it raises `MissingExtraError`, and `import` must not.
        from latentwidgets.widgets.map.parts import MapParts

        given: dict[str, Any] = {**traits}
        projection, self._start = start_in(given, projection)
        space, latents, labels = shown_in(space, latents, labels, given.get("conditions"))
        items = Items.of(items, len(latents))
        host = Host(
            labels=lambda: {} if self.labels is None else self.labels,
            plane=self._plane,
            projection=lambda: self.projection,
            path=lambda: self.path,
            searched=lambda: self.search or "",
            store=self._store,
            tell_pages=self._tell_pages,
            be_at=self._be_at,
            lay_out=self._lay_out,
            refuse=self._refuse_chosen,
            select=partial(setattr, self, "selection"),
        )
        self._latents, self._map_parts = latents, MapParts(latents, items, check_seed(seed), host)
        # In this order: each is checked against those before it.
        usual = {"clusters": USUAL, "search": "", "selection": (), "path": ()}
        super().__init__(
            MapRenderer(space, items),
            ordinary_of(space, latents, labels),
            labels={} if labels is None else labels,
            projection=projection,
            **{**usual, **({} if color is None else {"color": color}), **given},
        )

    def open(self) -> None:
        """Lay the map out, in its colours, go to where it starts, then open."""
        (parts := self._own_parts()).colors.settle()
        self._show_plane(MapPlane.of(self._latents, self.projection))
        parts.colors.recolor()
        for name, value in self._start.items():
            setattr(self, name, value)
        self._follow_points()
        super().open()

    def close(self) -> None:
        """Take the widget off the page and let go of decoder, latents and frames."""
        if self._map_parts is not None:
            self._map_parts.close()
        super().close()

    # What a person calls

    direction_between = direction_between
    figure = figures.figure

    @property
    def latents(self) -> NDArray[np.float32]:
        """The latents that are shown, ``(n, *latent_shape)``; read-only."""
        return self._latents

    @property
    def found(self) -> NDArray[np.int64]:
        """Rows of the latents whose texts hold what `search` is; all items and labels count."""
        return self._own_parts().search.rows

    @property
    def fitting(self) -> Fitting:
        """What takes long and is on its way: `wait` for it, or `cancel` it.

        That is t-SNE, UMAP, or k-means of more than 16 million numbers.
        """
        return self._own_parts().fits

    def _contents(self) -> list[str]:
        return [f"{self._count():,} latents"]

    def _count(self) -> int:
        return len(self._latents)

    def _own_parts(self) -> MapParts:
        return checks.still_open(self._map_parts)

    def _stills(self, now: Snapshot | None = None, *, decoded: bool = True) -> list[Still]:
        """Give a picture of the map, with what its colours mean, and one of what is decoded."""
        if self._map_parts is None or (coloring := self._map_parts.points.coloring) is None:
            return []
        chart = legend.still_of_map(self._own_route(), coloring, self)
        return [chart, *(super()._stills(now) if decoded else [])]

    def _kept_file(self, asked: FileMessage) -> tuple[bytes, tuple[int, int] | None]:
        """Draw the map itself where that is wanted."""
        coloring = self._own_parts().points.coloring
        if asked.form != "map" or coloring is None:
            return super()._kept_file(asked)
        side = asked.width or int(self.height)
        return thumbnail(self._own_route().places(), coloring, side), (side, side)

    def _at(self) -> Coordinates:
        return tuple(self._spot)

    def _hooks(self) -> Hooks:
        return self._own_parts().hooks(super()._hooks())

    # What its parts ask of it: see `Host`

    def _plane(self) -> MapPlane | None:
        shown = None if (renderer := self._renderer) is None else renderer.shown
        return None if shown is None else cast("MapPlane", shown.own)

    def _store(self, **values: Any) -> Callable[[], None]:
        notify = swap(self, **values)
        if self._renderer is None:  # `close` lets go of that first: what came before goes with it
            for name in values:
                self._trait_values.pop(name, None)
        self._open_renderer()
        return notify

    def _tell_pages(self, **state: Any) -> None:
        with self.hold_sync():
            for name, value in state.items():
                setattr(self, f"_{name}", value)

    def _be_at(self, plane: MapPlane) -> bool:
        """Be somewhere, in one step, if it is a place of the map as it lies now; see `Host`."""
        labels, parts = self.labels, self._own_parts()
        said = parts.facts.here(plane)  # which a person's own items may say: without the lock
        with self.hold_sync(), self.hold_trait_notifications(), parts.lock:
            if plane.projection is not self._own_route().projection or labels is not self.labels:
                return False
            self._stand(plane, said)
        return True

    def _stand(self, plane: MapPlane, said: Any = None) -> None:
        """Show a plane, and where the person is on it, if they are anywhere yet."""
        self._show(plane)
        if plane.here is not None:
            spot, latent = plane.here
            index = int(spot[0]) if spot[0] >= 0 else None
            self._store(_spot=spot, value=spot[1:], index=index)()
            type(self).latent.store(self, latent)
            self._said = said

    def _lay_out(self, plane: MapPlane) -> None:
        """Lay latents out anew: all that is drawn must have a place there before any changes."""
        parts = self._own_parts()
        with self.hold_sync(), self.hold_trait_notifications():
            with parts.laid_out(plane) as (plane, said):
                self._open_renderer().forget()  # what the inverse finds may be other than before
                self._show_plane(plane, said)
            parts.colors.recolor()  # which may take long: without the lock

    def _show_plane(self, plane: MapPlane, said: Any = None) -> None:
        with self.hold_sync():
            self._store(projection=plane.projection)()
            self._stand(plane, said)
            self._own_parts().projections.tell_plane(plane, draws=self._open_renderer().draws)

    def _refuse_chosen(self, error: Exception) -> None:
        if self._renderer is not None:
            self.send(refused := refusal(error))
            self.log.warning("LatentMap could not show what was chosen: %s", refused["message"])

    # What it follows

    @traitlets.observe("_projection")
    def _choose_projection(self, change: Any) -> None:
        self._own_parts().projections.choose(change["new"])

    @traitlets.observe("_color")
    def _choose_color(self, change: Any) -> None:
        self._own_parts().colors.choose(change["new"])

    @traitlets.observe("_cancels")
    def _cancel_fit(self, change: Any) -> None:
        self._own_parts().fits.hear(change["new"])

    @traitlets.observe("labels")
    def _follow_labels(self, _change: Any) -> None:
        if self._plane() is None:  # `open` will
            return
        (parts := self._own_parts()).colors.settle()
        # The page must not see old labels with the new name of the route.
        with self.hold_sync(), self.hold_trait_notifications():
            with parts.labelled() as (plane, said):
                self._open_renderer().forget()  # what is said beside each picture is said anew
                self._stand(plane, said)
            parts.colors.recolor()

    @traitlets.observe("search", "labels")
    def _look_for(self, _change: Any) -> None:
        """Find texts anew: others are searched, or for something else."""
        with self.hold_sync():
            self._own_parts().search.look()
            if self._searched:
                self._load("search")

    @traitlets.observe("height", "selection")
    def _follow_points(self, _change: Any = None) -> None:
        self._selected = len(self.selection)
        if self._map_parts is not None:
            self._map_parts.points.follow(int(self.height), self.selection)
