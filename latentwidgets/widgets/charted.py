"""What every map shares: latents as points that are coloured, hovered over and selected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import traitlets

from latentwidgets.common.checks import check_finite, check_whole, listed, near_miss, real_array
from latentwidgets.directions.differences import difference_directions
from latentwidgets.directions.labels import columns_in
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.map_plane import Scene, rows_in
from latentwidgets.space.inputs import latents_from
from latentwidgets.widgets.base import LatentWidget
from latentwidgets.widgets.map.coloring import Coloring, by_clusters, by_density, by_values
from latentwidgets.widgets.traits import Array, Checked, Count, Row

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.directions import Direction
    from latentwidgets.space.latent_space import LatentSpace


class Charted(LatentWidget):
    """Latents as the points of a chart. A subclass says where they lie, as its `_scene`."""

    hovered = Row("_count", help="Which latent the mouse is over, or None.").tag(sync=True)
    labels = Checked("_check_labels", expected="labels, {} for none", help="Labels by name.")
    color = Checked(
        "_check_color",
        expected="the name of a label, or one value a latent",
        help="What points are coloured by.",
    )
    clusters = Count(8, least=2, most=20, help="How many clusters there are to colour by.")
    selection = Array("_check_selection", help="Rows of the latents that are selected.")
    height = Count(420, least=120, most=4096, help="Height of the map, in CSS pixels.").tag(
        sync=True
    )

    _ground = anywidget.WidgetTrait().tag(sync=True)
    _legend: Any = traitlets.Dict(help="What the colours mean.").tag(sync=True)
    _colors: Any = traitlets.List(help="What the colour menu offers.").tag(sync=True)
    _color = traitlets.Unicode(help="What it is at.").tag(sync=True)
    _selected = traitlets.Int(0, help="How many are selected.").tag(sync=True)

    # Whether what the traits say is shown; until then it is only checked.
    _opened = False
    _latents: NDArray[np.float32] = np.empty((0, 1), np.float32)
    _seed = 0
    _scene: Scene | None = None
    _coloring: Coloring | None = None
    # The values that were last given to colour by, with their name.
    _given: Mapping[str, NDArray[Any]] = {}

    def __init__(
        self, space: LatentSpace | None, latents: Any, *, seed: Any, **traits: Any
    ) -> None:
        from latentwidgets.widgets.map import scatter  # noqa: F401 (names the extra if it is missing)

        self._seed = check_whole(seed, "seed", least=0)
        if space is not None:
            latents = latents_from(space, latents, "latents")
        # A copy, that nobody else can change.
        self._latents = real_array(latents, "latents").astype(np.float32)
        check_finite(self._latents, "latents")
        super().__init__(space, **traits)

    def close(self) -> None:
        """Take the widget off the page and let go of decoder, latents and frames."""
        super().close()
        if self._ground is not None:
            self._ground.close()
        self._scene = self._coloring = None
        self._latents, self._given = np.empty((0, 1), np.float32), {}
        # Let go of without a word: an observer expects what it is used to.
        for name in ("labels", "color", "_ground"):
            self._trait_values.pop(name, None)

    @property
    def latents(self) -> NDArray[np.float32]:
        """The latents that are shown, ``(n, *latent_shape)``; read-only."""
        view = self._latents.view()
        view.flags.writeable = False
        return view

    def direction_between(
        self,
        first: ArrayLike,
        second: ArrayLike,
        *,
        name: str = "difference",
        shuffles: int = 199,
        bootstraps: int = 50,
        seed: int = 0,
    ) -> Direction:
        """Find the direction that leads from some of the latents to others.

        Parameters
        ----------
        first, second : array_like
            Two selections: rows of latents, or a mask over all of them.
        name : str
            What to call it.
        shuffles, bootstraps, seed
            As of `difference_directions`.

        Returns
        -------
        Direction
            With its evidence: of five folds, or as many as the smaller selection fills.

        Raises
        ------
        LatentTypeError, LatentValueError
            If one of them is empty, a latent is in both, or there are too few to judge it by.
        """
        start, end = (
            rows_in(given, self._count(), f"the {what} selection")
            for what, given in (("first", first), ("second", second))
        )
        for what, rows in (("first", start), ("second", end)):
            if len(rows) < 2:
                held = "holds one latent" if len(rows) else "is empty"
                raise LatentValueError(
                    f"the {what} selection {held}; expected two or more. Select some latents first."
                )
        both = np.intersect1d(start, end)
        if len(both):
            raise LatentValueError(
                f"{listed(both)} of the latents are in both selections. Leave them out of one."
            )
        found = difference_directions(
            self._latents[end],
            other=self._latents[start],
            name=name,
            folds=max(2, min(5, len(start), len(end))),
            shuffles=shuffles,
            bootstraps=bootstraps,
            seed=seed,
        )
        return found[0]

    # What can be set

    def _check_labels(self, given: Any) -> dict[str, NDArray[Any]]:
        if isinstance(given, Mapping) and not given:
            return {}
        columns = columns_in(given)
        for name, values in columns.items():
            self._check_length(values, f"labels {name!r}")
        return columns

    def _check_length(self, values: NDArray[Any], what: str) -> None:
        if values.shape != (self._count(),):
            raise LatentValueError(
                f"{what} have shape {values.shape}; there are {self._count()} latents. Give one a "
                "latent, NaN or None where it is missing."
            )

    def _check_color(self, given: Any) -> Any:
        if isinstance(given, str):
            names = self._color_names()
            if given not in names and given == "label" and self.labels:
                return next(iter(self.labels))
            if given not in names:
                raise LatentValueError(
                    f"color is {given!r}; expected one of {', '.join(map(repr, names))}, or one "
                    f"value a latent.{near_miss(given, names)}"
                )
            return given
        columns = columns_in(given)
        if len(columns) != 1:
            raise LatentValueError(f"color has {len(columns)} columns; expected one.")
        [(name, values)] = columns.items()
        self._check_length(values, "color values")
        name = "values" if name == "label" else name  # which an array without a name is called
        self._given = {name: values}
        if name == self.color:  # other values of the same name: to traitlets nothing changed
            self._recolor()
        return name

    def _check_selection(self, given: Any) -> NDArray[np.int64]:
        return rows_in(given, self._count())

    # What follows from what

    def _count(self) -> int:
        return len(self._latents)

    def _color_names(self) -> list[str]:
        return list(dict.fromkeys([*(self.labels or {}), *self._given, "cluster", "density"]))

    @traitlets.observe("labels")
    def _follow_labels(self, _change: Any) -> None:
        if not self._opened:
            return
        if self.color not in self._color_names():
            self.color = "label" if self.labels else "density"
        self._name_line()  # what is said of a latent is said anew

    @traitlets.observe("color", "clusters")
    def _recolor(self, _change: Any = None) -> None:
        if not self._opened or self._scene is None:
            return
        color, values = self.color, {**self.labels, **self._given}
        if color in values:
            coloring = by_values(values[color])
        elif color == "density":
            coloring = by_density(self._scene.projection.points)
        else:
            rows = self._latents.reshape(self._count(), -1)
            coloring = by_clusters(rows, int(self.clusters), seed=self._seed)
        self._coloring = coloring
        with self.hold_sync():
            self._legend, self._colors = coloring.legend, self._color_names()
            self._color = color
            self._paint(self._scene, coloring)

    @traitlets.observe("_color")
    def _take_color(self, change: Any) -> None:
        """Follow the page's menu."""
        if self._opened:
            self.color = change["new"]

    def _paint(self, scene: Scene, coloring: Coloring) -> None:
        """Give the ground its points and colours; make it, the first time."""
        from latentwidgets.widgets.map.scatter import ground_of, points_of, shares_of

        points = points_of(scene.places(), coloring.codes)
        if self._ground is None:
            self._ground = ground_of(points, coloring.colors, height=int(self.height))
            self._ground.observe(self._take_selection, "selection")
            self._follow_selection()
            return
        # Where no point moved, what is known of their places is kept.
        same = np.array_equal(points[:, :2], self._ground.points[:, :2])
        with self._ground.hold_sync():
            self._ground.non_spatial_points_update = same
            self._ground.prevent_filter_reset = True
            self._ground.color = shares_of(coloring.colors)
            self._ground.points = points

    @traitlets.observe("height")
    def _follow_height(self, _change: Any) -> None:
        if self._ground is not None:
            self._ground.height = int(self.height)

    @traitlets.observe("selection")
    def _follow_selection(self, _change: Any = None) -> None:
        self._selected = len(self.selection)
        ground = self._ground
        if ground is not None and not np.array_equal(np.sort(ground.selection), self.selection):
            ground.selection = np.asarray(self.selection, np.uint32)

    def _take_selection(self, change: Any) -> None:
        rows = change["new"]
        self.selection = np.empty(0, np.int64) if rows is None else rows.astype(np.int64)
