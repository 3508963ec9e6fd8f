"""LatentMap: where the latents lie, which of them a person means, and what lies between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from latentwidgets.common.checks import check_finite, real_array
from latentwidgets.engine import Drawn, Question
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.kinds.kind import framer_for
from latentwidgets.routes.map_plane import GROUND, Scene, Spot
from latentwidgets.routes.projection import Projection
from latentwidgets.space.as_space import as_space
from latentwidgets.widgets.base import LatentWidget, StaleLineError, static
from latentwidgets.widgets.charted import Charted
from latentwidgets.widgets.map.fitted_projections import FittedProjections, title_of
from latentwidgets.widgets.map.items import Items
from latentwidgets.widgets.map.thumbnail import still
from latentwidgets.widgets.traits import Array, Checked, Count, Row, real_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from latentwidgets.frames import Quality
    from latentwidgets.kinds.kind import Framer
    from latentwidgets.space.latent_space import LatentSpace

# Nothing on a map lies further out than this.
FARTHEST = 1e30
# The three ways to say where on the map to begin.
WHERE = ("index", "value", "latent")
# Of a text no more characters than this are shown.
MOST_TEXT = 2000


class LatentMap(Charted):
    """A map of latents: point at one to see it, draw round some to select them.

    Parameters
    ----------
    space : LatentSpace, object or None
        What decodes, or anything that `as_space` takes. Without one nothing is decoded: items and
        labels are shown.
    latents : array_like
        ``(n, *latent_shape)``, n at least 2; or images, where the space encodes.
    labels : mapping, DataFrame, Series or array_like, optional
        One or several labels a latent, by name; NaN and None where one is missing.
    projection : {"pca", "tsne", "umap"}, array_like, transformer or Projection
        As `latentwidgets.routes.projection.project` takes it.
    items : sequence, optional
        What the latents stand for, shown in place of their decodes: texts or images.
    color : str or array_like, optional
        "label" (the first one), the name of a label, "cluster", "density", or numbers or texts,
        one a latent. The first label if there is one, else the density.
    seed : int
        For t-SNE, UMAP and clusters.
    **traits
        Other traits: `clusters`, `index`, `value`, `latent`, `path`, `selection`, `height` of the
        map and `size` of the picture (CSS pixels), `frame_memory` (MB), `layout`.

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
        Latents that a line is drawn through; empty for none.
    labels, projection, color, clusters
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
    >>> zeros, ones = (np.flatnonzero(digits.labels == digit) for digit in (0, 1))
    >>> chart.direction_between(zeros, ones, name="0 to 1").name
    '0 to 1'
    """

    _esm = static("latent_map.js")
    _css = static("latent_map.css")

    value = Checked("_check_value", expected="a point (x, y)", help="Where on the map.")
    latent = Array("_check_latent", help="The latent at `value`.")
    index = Row("_count", help="Which latent it is, or None.")
    projection = Checked(
        "_check_projection", expected='"pca", "tsne", "umap" or points', help="How latents lie."
    )
    path = Array("_check_path", help="Latents that a line is drawn through.")
    size = Count(
        192, least=32, most=4096, help="Width of the picture on the page, in CSS pixels."
    ).tag(sync=True)

    _spot = Checked("_check_spot", expected="[row, x, y]", help="Row, or what else; point.").tag(
        sync=True
    )
    _frame: Any = traitlets.List(help="Middle and half width of what [-1, 1] shows.").tag(sync=True)
    _track: Any = traitlets.List(help="Points of the path.").tag(sync=True)
    _picks = traitlets.Int(0, help="How often the page has selected: news to marimo.").tag(
        sync=True
    )
    _said: Any = traitlets.Dict(help="What is known of the latent there.").tag(sync=True)
    _about: Any = traitlets.Dict(help="What is said of the projection.").tag(sync=True)
    _projections: Any = traitlets.List(help="What the projection menu offers.").tag(sync=True)
    _projection = traitlets.Unicode(help="What it is at.").tag(sync=True)
    _fitting = traitlets.Unicode(help="What is being fitted since it was chosen there.").tag(
        sync=True
    )

    _start: Mapping[str, Any] = {"index": 0}
    _items: Items | None = None
    _layouts: FittedProjections | None = None
    _lines = _sets = 0
    # Where the person is, and where they are going.
    _here: tuple[Spot, NDArray[np.float32]] | None = None
    _next: tuple[Spot, NDArray[np.float32]] | None = None
    # Where the path that was checked last lies.
    _placed: NDArray[np.float64] = np.empty((0, 2))
    _bounds = ((-FARTHEST, FARTHEST),) * 3

    def __init__(
        self,
        space: Any,
        latents: Any,
        labels: Any = None,
        *,
        projection: Any = "pca",
        items: Any = None,
        color: Any = None,
        seed: int = 0,
        **traits: Any,
    ) -> None:
        places = {name: traits.pop(name) for name in WHERE if name in traits}
        if len(places) > 1:
            raise LatentTypeError(f"{' and '.join(places)} say one thing; pass one of them.")
        self._start = places or self._start
        if items is not None:
            self._items = Items(items)
        if color is not None:
            traits["color"] = color
        # In this order: each is checked against those before it.
        super().__init__(
            None if space is None else as_space(space),
            latents,
            seed=seed,
            labels={} if labels is None else labels,
            projection=projection,
            **{"path": (), "selection": (), **traits},
        )

    def open(self) -> None:
        """Lay the map out, go to where it starts, then open."""
        if self._items is not None:
            self._items.check(self._count())
        if self.color is None:
            self.color = "label" if self.labels else "density"
        self._opened = True
        self._name_line()
        for name, place in self._start.items():
            setattr(self, name, place)
        super().open()

    def close(self) -> None:
        """Take the widget off the page and let go of decoder, latents and frames."""
        super().close()
        self._here = self._next = self._items = self._layouts = None
        self._placed = np.empty((0, 2))
        for name in ("projection", "latent", "path"):
            self._trait_values.pop(name, None)

    # What a person calls

    @property
    def space(self) -> LatentSpace:
        """The space that decodes."""
        if self._space is None and self._scene is not None:
            raise LatentValueError(
                "this map has no space, so that nothing can be decoded. Make it with one: "
                "LatentMap(space, latents)."
            )
        return super().space

    # What the base class asks

    def _contents(self) -> list[str]:
        return [f"{self._count():,} latents"]

    def _at(self) -> tuple[float, ...]:
        spot: Spot = self._spot
        return spot

    def _latents_at(self, line: str, positions: Sequence[tuple[float, ...]]) -> NDArray[np.float32]:
        scene, here = self._scene, self._here
        if scene is None or scene.line != line:
            raise StaleLineError
        found = [latent for latent in scene.latents_at(positions, here) if latent is not None]
        if len(found) < len(positions):
            raise StaleLineError
        return np.asarray(np.stack(found), np.float32)

    def _outputs(self, line: str, positions: Sequence[tuple[float, ...]]) -> list[Any]:
        items = self._items
        if items is None or not items.pictured:
            return super()._outputs(line, positions)
        latents = self._latents_at(line, positions)
        return [
            items.picture(int(row))[np.newaxis]
            if row >= 0
            else self.space.decode(latent[np.newaxis])
            for (row, _, _), latent in zip(positions, latents, strict=True)
        ]

    def _framer(self, space: LatentSpace | None) -> Framer:
        if space is None or (self._items is not None and self._items.pictured):
            return framer_for("image", sample_rate=None, limits=(0.0, 1.0))
        return super()._framer(space)

    def _draws(self) -> bool:
        """Say whether there are pictures at all."""
        return self._space is not None or (self._items is not None and self._items.pictured)

    def _draw(self, line: str, positions: Sequence[tuple[float, ...]], quality: Quality) -> Drawn:
        return super()._draw(line, positions, quality) if self._draws() else Drawn([])

    def _picture_json(self) -> dict[str, Any] | None:
        return super()._picture_json() if self._draws() else None

    def _reply(self, question: Any, content: dict[str, Any], buffers: Any = None) -> None:
        """Say with every answer what lies there: labels travel with their picture."""
        if isinstance(question, Question) and question.at:  # none where its line is gone
            content = {**content, "said": self._said_of(question.at[0])}
        super()._reply(question, content, buffers)

    def _said_of(self, row: float) -> dict[str, Any]:
        """Give what is known of a latent, as pairs of name and text."""
        found = []
        if 0 <= row < len(self._latents):
            labels = {name: values[int(row)] for name, values in (self.labels or {}).items()}
            texts = [(name, worded(value)) for name, value in labels.items()]
            item = self._items.text(int(row)) if self._items is not None else ""
            found = [*texts, *([("", item)] if item else [])]
        return {"row": row, "lines": [(name, text[:MOST_TEXT]) for name, text in found]}

    def _place(self, at: tuple[float, ...]) -> str:
        return f"latent {at[0]:.0f}" if at[0] >= 0 else f"({at[1]:.4g}, {at[2]:.4g})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        # Not the picture that the base class adds: the map itself.
        bundle = super(LatentWidget, self)._repr_mimebundle_(**kwargs)
        if bundle is None or self._scene is None or self._coloring is None:
            return bundle
        png = still(self._scene.places(), self._coloring, int(self.height))
        bundle[0]["image/png"] = png
        bundle[0]["text/html"] = (
            f'<img src="data:image/png;base64,{png}" alt="LatentMap of {self._count()} latents">'
        )
        return bundle

    # What can be set

    def _check_projection(self, given: Any) -> Projection:
        if self._layouts is None:
            self._layouts = FittedProjections(self._latents, self._seed)
        projection = self._layouts.fit(given)
        if self._opened:  # what is drawn must have a place there too, before anything changes
            projection.place(self.path)
            projection.place(self.latent[np.newaxis])
        return projection

    def _check_path(self, given: Any) -> NDArray[np.float32]:
        shape = self._latents.shape[1:]
        if hasattr(given, "__len__") and not len(given):
            self._placed = np.empty((0, 2))
            return np.empty((0, *shape), np.float32)
        path = self._fitted(real_array(given, "path"), "path")
        self._placed = self.projection.place(path)
        return path

    # A check leaves in `_next` where what it let pass leads; `_follow_place` goes there.

    def _check_latent(self, given: Any) -> NDArray[np.float32]:
        latent: NDArray[np.float32]
        [latent] = self._fitted(real_array(given, "latent")[np.newaxis], "latent")
        if self._here is None or not np.array_equal(latent, self._here[1]):
            self._next = self._set_apart(latent)
        return latent

    def _check_value(self, given: Any) -> tuple[float, float]:
        if np.shape(given) != (2,):
            raise LatentValueError(f"value is {given!r}; expected a point (x, y).")
        x, y = (real_number(one, "value", least=-FARTHEST, most=FARTHEST) for one in given)
        if self._here is None or (x, y) != self._here[0][1:]:
            self._next = self._between(x, y)
        return x, y

    def _check_spot(self, given: Any) -> Spot:
        """Take what the page sends: a latent that was clicked, or a point of the ground."""
        row, x, y = (real_number(one, "spot", least=-FARTHEST, most=FARTHEST) for one in given)
        if self._here is not None and (row, x, y) == self._here[0]:
            return self._here[0]
        self._next = self._at_row(int(row)) if 0 <= row < self._count() else self._between(x, y)
        return self._next[0]

    def _fitted(self, latents: NDArray[Any], what: str) -> NDArray[np.float32]:
        """Refuse latents that are not of this map's shape, or not finite."""
        shape = self._latents.shape[1:]
        if latents.shape[1:] != shape:
            expected = str(shape) if what == "latent" else str(("m", *shape)).replace("'", "")
            given = latents.shape[1:] if what == "latent" else latents.shape
            raise LatentValueError(f"{what} has shape {given}; expected {expected}.")
        check_finite(latents, what)
        return latents.astype(np.float32)

    # What follows from what

    def _at_row(self, row: int) -> tuple[Spot, NDArray[np.float32]]:
        """Give the place of a latent of the map, and the latent."""
        if self._scene is None:
            raise LatentValueError("this map is closed; make a new one.")
        return self._scene.spot(row), self._latents[row]

    def _between(self, x: float, y: float) -> tuple[Spot, NDArray[np.float32]]:
        """Give a point of the ground, and what the inverse finds there, or say why not."""
        spot = (float(GROUND), x, y)
        if self._next is not None and self._next[0] == spot:  # traitlets checks what is held twice
            return self._next
        return spot, self.projection.invert([[x, y]])[0]

    def _set_apart(self, latent: NDArray[np.float32]) -> tuple[Spot, NDArray[np.float32]]:
        """Give a latent that was set a place, and a number of its own."""
        x, y = self.projection.place(latent[np.newaxis])[0].tolist()
        self._sets += 1
        return (float(GROUND - self._sets), x, y), latent

    @traitlets.observe("projection")
    def _follow_projection(self, _change: Any) -> None:
        if self._opened:
            self._fitting = ""
            self._name_line()

    @traitlets.observe("_projection")
    def _take_projection(self, change: Any) -> None:
        """Follow the page's menu. While it is fitted the map stays as it is, and can be used."""
        name = change["new"]
        if not self._opened or self._layouts is None:
            return
        self._fitting = name if name != self.projection.name else ""
        if self._fitting:
            self._layouts.fit_in_background(name, self._take_fitted)

    def _take_fitted(self, name: str, found: Projection | Exception) -> None:
        """Show what was fitted for the page, unless something else was chosen meanwhile."""
        if self._scene is None or self._fitting != name:
            return
        try:
            if isinstance(found, Exception):
                raise found
            self.projection = found
        except Exception as error:
            self.log.warning("LatentMap could not be laid out anew: %s", error)
            self._projection = self.projection.name
            self.send({"of": "state", "type": "error", "message": str(error)})

    def _name_line(self) -> None:
        """Lay everything out anew."""
        self._lines += 1
        projection, layouts = self.projection, self._layouts
        if layouts is None:
            raise LatentValueError("this map is closed; make a new one.")
        layouts.keep(projection)
        self._next = None
        self._scene = scene = Scene.of(f"map {self._lines}", self._latents, projection)
        with self.hold_sync():
            self._projections = layouts.choices()
            if not self._fitting:
                self._projection = projection.name
            self._frame = [*scene.center.tolist(), scene.half]
            self._about = {
                "count": self._count(),
                "draws": self._draws(),
                "name": title_of(projection.name),
                "axes": list(projection.axes),
                "note": projection.note,
                "stuck": projection.inverse_error,
                "near": projection.near,
            }
            self._recolor()
            if self._here is not None:
                # The same latent, wherever it lies now.
                (row, *_), latent = self._here
                self._go(*(self._at_row(int(row)) if row >= 0 else self._set_apart(latent)))
            self._check_path(self.path)
            self._follow_path()
            self._line = scene.line

    def _go(self, spot: Spot, latent: NDArray[np.float32]) -> None:
        """Go somewhere: value, latent and index say where, and others hear of them together."""
        self._here = (spot, latent)
        with self.hold_sync(), self.hold_trait_notifications():
            self._spot, self.value = spot, spot[1:]
            self._said = self._said_of(spot[0])
            self.index = int(spot[0]) if spot[0] >= 0 else None
            self.latent = latent

    @traitlets.observe("index", "value", "latent", "_spot")
    def _follow_place(self, change: Any) -> None:
        if self._scene is None:
            return
        name, new = change["name"], change["new"]
        if self._here is not None:
            spot, latent = self._here
            row = int(spot[0]) if spot[0] >= 0 else None
            here: dict[str, Any] = {
                "index": row,
                "value": spot[1:],
                "_spot": spot,
                "latent": latent,
            }
            if np.array_equal(new, here[name]):
                return
            if name == "index" and new is None:  # which does not say where else to go
                self.index = row
                return
        if name == "index":
            self._next = self._at_row(new)
        if self._next is not None:
            self._go(*self._next)

    @traitlets.observe("path")
    def _follow_path(self, _change: Any = None) -> None:
        self._track = self._placed.tolist()


def worded(value: Any) -> str:
    """Write a label, without digits that nobody can tell apart.

    Examples
    --------
    >>> worded(41.017578125), worded("cat"), worded(np.int64(7))
    ('41.0176', 'cat', '7')
    """
    return f"{value:.6g}" if isinstance(value, (float, np.floating)) else str(value)
