"""LatentMap: where the latents lie, which of them a person means, and what lies between."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets
from typing_extensions import Unpack

from latentwidgets.common.checks import check_seed
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief, hint
from latentwidgets.engine.answers import refusal
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.map_plane import MapPlane
from latentwidgets.space.as_space import as_space
from latentwidgets.space.held import held_by
from latentwidgets.space.inputs import latents_from
from latentwidgets.widgets.code import static
from latentwidgets.widgets.map import checks, figures, legend
from latentwidgets.widgets.map.fitted_projections import FittedProjections
from latentwidgets.widgets.map.fitting import Fitting, Work
from latentwidgets.widgets.map.labelled_points import LabelledPoints
from latentwidgets.widgets.map.selection import direction_between
from latentwidgets.widgets.map.thumbnail import thumbnail
from latentwidgets.widgets.trait_types import MapTraits
from latentwidgets.widgets.traits import Array, Checked, Count, Row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.engine import Hooks
    from latentwidgets.engine.messages import PictureMessage
    from latentwidgets.export.picture import Still
    from latentwidgets.routes.map_plane import Spot
    from latentwidgets.routes.projection import Projection
    from latentwidgets.routes.route import Coordinates


class LatentMap(LabelledPoints):
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
        `frame_memory` (MB), `smooth`, `saved_bytes`, `layout`; `run`, `page_memory` as of
        `Interpolator`, and `runs_in` to be read.

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

    # Where the person is: four ways to say it, of which any can be set, and which change together.
    value = Checked(
        checks.check_point, expected="a point (x, y)", take="_go_to_point", help="Where on the map."
    )
    latent = Array(checks.check_latent, take="_go_to_latent", help="The latent at `value`.")
    index = Row("_count", take="_go_to_row", help="Which latent it is, or None.")
    _spot = Checked(
        "_check_spot", expected="[row, x, y]", take="_go_to_spot", help="Row, or what else; point."
    ).tag(sync=True, from_page=True)
    hovered = Row("_count", help="Which latent the mouse is over, or None.").tag(sync=True)
    projection = Checked(
        "_check_projection", expected="its name, or points", take="_lay_out", always=True
    )
    path = Array(checks.check_path, take="_draw_path", help="Latents that a line is drawn through.")
    size = Count(192, least=32, most=4096, help="Width of the picture, in pixels.").tag(sync=True)

    _frame: Any = traitlets.List(help="Middle and half width of what [-1, 1] shows.").tag(sync=True)
    _track: Any = traitlets.List(help="Points of the path.").tag(sync=True)
    _about: Any = traitlets.Dict(help="What is said of the projection.").tag(sync=True)
    _projections: Any = traitlets.List(help="What the projection menu offers.").tag(sync=True)
    _projection = traitlets.Unicode(help="What it is at.").tag(sync=True, from_page=True)
    _fitting = traitlets.Unicode(help="What is fitted since it was chosen.").tag(sync=True)
    _fit = traitlets.Int(0, help="The number of that, among all that were begun.").tag(sync=True)
    _share = traitlets.Float(0.0, help="How much of that is done.").tag(sync=True)
    _cancels = traitlets.Int(0, help="Which fit the page cancels.").tag(sync=True, from_page=True)

    _coordinates, _leads = "_spot", checks.WHERE
    _lets_go = (
        *LabelledPoints._lets_go,
        *(*checks.WHERE, "projection", "path", "_fitted"),
    )
    _fitted: FittedProjections | None = None
    _told_projection = ""  # what the menu was told that it is at

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
        given: dict[str, Any] = {**traits}
        projection, self._start = checks.start_in(given, projection)
        seed = check_seed(seed)
        if latents is None:
            held = held_by(space)
            latents, labels = held.rows("latents"), held.labels if labels is None else labels
        if space is not None:
            space = as_space(space)
            latents = latents_from(space, latents, "latents", conditions=given.get("conditions"))
        latents = checks.read_only(latents)
        self._fitted = FittedProjections(latents, seed)
        self._turn, self._sets = (
            threading.RLock(),
            count(1),
        )  # of latents that are none of the map's
        self._fits = Fitting(self._show_fit, self._turn)
        how = {"items": items, "color": color, "seed": seed, "projection": projection, "path": ()}
        super().__init__(space, latents, labels, **{**how, **given})

    def _begin(self) -> None:
        """Lay the map out, and go to where it starts."""
        self._show_plane(MapPlane.of(self._latents, self.projection))
        for name, value in self._start.items():
            setattr(self, name, value)

    def close(self) -> None:
        """Take the widget off the page and let go of decoder, latents and frames."""
        if self._points is not None:
            self._fits.close()
        super().close()

    # What a person calls

    direction_between = direction_between
    figure = figures.figure

    @property
    def fitting(self) -> Fitting:
        """What takes long and is on its way: `wait` for it, or `cancel` it.

        That is t-SNE, UMAP, or k-means of more than 16 million numbers.
        """
        checks.still_open(self._fitted)
        return self._fits

    def _contents(self) -> list[str]:
        return [f"{self._count():,} latents"]

    def _at(self) -> Coordinates:
        return tuple(self._spot)

    def _hooks(self) -> Hooks:
        return replace(super()._hooks(), visit=self._go_to_row)

    def _stills(self, *, decoded: bool = True) -> list[Still]:
        """Give a picture of the map, with what its colours mean, and one of what is decoded."""
        if self._points is None or self._points.coloring is None:
            return []
        words = f"LatentMap of {self._count():,} latents"
        chart = legend.still_of_map(self._own_route(), self._points.coloring, self, words)
        return [chart, *(super()._stills() if decoded else [])]

    def _kept_picture(self, asked: PictureMessage) -> tuple[bytes, tuple[int, int]]:
        """Draw the map itself where that is wanted."""
        points = checks.still_open(self._points)
        if not asked.of_map or points.coloring is None:
            return super()._kept_picture(asked)
        side = asked.width or int(self.height)
        return thumbnail(self._own_route().places(), points.coloring, side), (side, side)

    # What can be set: these check, and change nothing.

    def _check_projection(self, given: Any) -> Projection | str:
        fitted = checks.still_open(self._fitted)
        shown = self._renderer is not None and self._renderer.shown is not None
        return given if shown and fitted.takes_long(given) else fitted.fit(given)

    def _check_spot(self, given: Any) -> Spot:
        return checks.check_spot(given, self._trait_values.get("_spot"))

    def _go_to_row(self, row: int | None) -> None:
        if row is not None:  # which would not say where else to go
            self._go(self._own_route().to_row(row))

    def _go_to_point(self, point: tuple[float, float]) -> None:
        self._go(self._own_route().to_point(*point))

    def _go_to_latent(self, latent: NDArray[np.float32]) -> None:
        self._go(self._own_route().to_latent(latent, next(self._sets)))

    def _go_to_spot(self, spot: Spot) -> None:
        self._go(self._own_route().to_spot(spot))

    def _go(self, plane: MapPlane) -> None:
        """Go somewhere: value, latent and index say where, and others hear of them together."""
        while plane.here is not None and not self._be_at(plane.here, plane):
            # While a latent was found, all was laid out anew.
            plane = self._own_route().following(plane, next(self._sets))

    def _be_at(self, here: tuple[Spot, NDArray[np.float32]], plane: MapPlane) -> bool:
        """Show where somebody is, in one step; unless the latents lie otherwise now."""
        spot, latent = here
        checks.check_spot(spot, spot)  # before anything changes
        with self.hold_sync(), self.hold_trait_notifications(), self._turn:
            if plane.projection is not self._own_route().projection:
                return False
            self._show(plane)
            self._store(_spot=spot, value=spot[1:], index=int(spot[0]) if spot[0] >= 0 else None)
            type(self).latent.store(self, latent)
            self._said = self._said_about(spot)
        return True

    def _store(self, **values: Any) -> None:
        """Store values of traits that follow from one another."""
        for name, value in values.items():
            getattr(type(self), name).put(self, value)

    def _lay_out(self, projection: Projection | str) -> None:
        """Lay latents out anew: all that is drawn must have a place there before any changes."""
        if isinstance(projection, str):  # it takes long: meanwhile, the map stays as it is
            self._choose(projection)
            return
        if self._renderer is None or self._renderer.shown is None:  # `open` shows it
            self._store(projection=projection)
            return
        self._fits.forget("projection")
        if projection is self.projection:
            return
        track = projection.place(self.path)
        plane = MapPlane.of(self._latents, projection)
        plane = plane.following(self._own_route(), next(self._sets))
        self._open_renderer().forget()  # what the inverse finds may be other than before
        with self.hold_sync(), self.hold_trait_notifications():
            self._show_plane(plane)
            self._track = track.tolist()
            self._go(plane)

    def _show_plane(self, plane: MapPlane) -> None:
        fitted = checks.still_open(self._fitted)
        fitted.keep(plane.projection)
        with self.hold_sync():
            with self._turn:  # who goes somewhere meanwhile does so in the one or the other
                self._store(projection=plane.projection)
                self._show(plane)
            self._projections = fitted.choices()
            self._tell_projection()
            self._frame = [*plane.center.tolist(), plane.half]
            self._about = {**fitted.about(plane), "draws": self._open_renderer().draws}
            self._recolor()

    @traitlets.observe("_projection")
    def _choose_projection(self, change: Any) -> None:
        """Follow the page's menu; what is not on it is refused at once."""
        name, fitted = change["new"], self._fitted
        if name == self._told_projection or fitted is None:
            return
        if name in (names := [one for one, _ in fitted.choices()]):
            self._choose(name)
        else:
            self._tell_projection()
            self._refuse_fit(LatentValueError(f"projection is {brief(name)}. {hint(name, names)}"))

    def _choose(self, name: str) -> None:
        """Want a projection, which may take long to fit."""
        fitted = self._fitted
        if fitted is None or self.projection is None:
            return
        if name == self.projection.name:
            self._fits.forget("projection")
            self._tell_projection()
            return
        work = Work(
            "projection",
            name,
            name,
            make=partial(fitted.fit_and_keep, name),
            take=partial(setattr, self, "projection"),
            give_up=self._refuse_fit,
            keep=True,
        )
        if (kept := fitted.kept(name)) is not None:
            self._fits.take(work, kept)
        else:
            self._fits.begin(work)

    @traitlets.observe("_cancels")
    def _cancel_fit(self, change: Any) -> None:
        """Follow the page's button."""
        self._fits.hear(change["new"])

    def _show_fit(self, number: int, name: str, share: float) -> None:
        if self.projection is None:  # it is not open yet, or no more
            return
        with self.hold_sync():
            self._fit, self._fitting, self._share = number, name, round(share, 3)
            self._tell_projection()

    def _tell_projection(self) -> None:
        """Set the page's menu to what is wanted: that is no choice of the page's."""
        with self._turn:
            self._told_projection = self._fits.wanted("projection") or self.projection.name
            self._projection = self._told_projection

    def _refuse_fit(self, error: Exception | None) -> None:
        """Say why something was not fitted; None where a person has cancelled it."""
        if self._renderer is not None and error is not None:
            self.send(refused := refusal(error))
            self.log.warning("LatentMap could not show what was chosen: %s", refused["message"])

    def _draw_path(self, path: NDArray[np.float32]) -> None:
        self._track = self.projection.place(path).tolist()
        self._store(path=path)
