"""LatentExplorer: base, sliders, grid, path and map as linked parts of one widget."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import traitlets

from latentwidgets.directions import Directions
from latentwidgets.directions.components import pca_directions
from latentwidgets.directions.local import local_directions
from latentwidgets.directions.probes import probe_directions
from latentwidgets.errors import LatentValueError, LatentWidgetsError
from latentwidgets.models import as_space
from latentwidgets.widgets.base import static
from latentwidgets.widgets.direction_editor import DirectionEditor
from latentwidgets.widgets.history import History
from latentwidgets.widgets.inputs import latents_from
from latentwidgets.widgets.interpolator import Interpolator
from latentwidgets.widgets.latent_grid import LatentGrid
from latentwidgets.widgets.links import Link, link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.directions import Direction
    from latentwidgets.space import LatentSpace

PARTS = ("map", "grid", "editor", "path")
# What makes the state of each part, in the order in which it is put back.
STATES = {
    "map": ("selection", "index"),
    "grid": ("grid", "value", "selection"),
    "path": ("anchors", "method", "closed", "value"),
    "editor": ("directions", "base", "mode", "hold", "value"),
}
LINKED = (("grid", "editor"), ("map", "editor"), ("grid", "path"), ("map", "path"))
# Unless somebody says otherwise.
SAMPLES = 64
COLUMNS = 8
COMPONENTS = 6
ANCHORS = 3


class LatentExplorer(anywidget.AnyWidget):
    """Explore a space with all widgets at once, linked.

    A cell of the grid or a point of the map that is handed on becomes the base that the sliders
    edit; what is selected on the map becomes a slider; two or more chosen cells become the path.

    Parameters
    ----------
    space : LatentSpace or object
        The space to explore, or anything that `as_space` takes.
    data : array_like, optional
        Latents, ``(n, *latent_shape)``, or images, where the space encodes. Samples of the prior
        if None.
    labels : mapping, DataFrame, Series or array_like, optional
        Labels of the data; see `probe_directions`.
    directions : Directions or iterable of Direction, optional
        What the sliders move along. If None: principal components of the data, and what probes
        find of the labels; without data what changes the output most at the base.
    parts : iterable of {"map", "grid", "editor", "path"}, optional
        Which parts there are. All if None; the map only with data, and with jupyter-scatter.
    seed : int
        For samples, and for what is found in the data.

    Attributes
    ----------
    map, grid, editor, path : LatentMap, LatentGrid, DirectionEditor, Interpolator or None
        The parts; None where one is left out.
    history : History
        Undo, redo and bookmarks over all of them.
    space : LatentSpace
        The space.

    Raises
    ------
    LatentTypeError, LatentValueError
        If something cannot be used; the message says what was expected.
    DecodeError
        If the decoder fails.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> explorer = lw.explore(digits.space, digits.latents, parts=["grid", "editor"])
    >>> explorer.grid.value = (0, 3)
    >>> bool((explorer.editor.base == explorer.grid.latents[3]).all())
    True
    >>> explorer.history.undo()
    >>> bool((explorer.editor.base == explorer.grid.latents[0]).all())
    True
    """

    _esm = static("latent_explorer.js")
    _css = static("latent_explorer.css")

    map = anywidget.WidgetTrait().tag(sync=True)
    grid = anywidget.WidgetTrait().tag(sync=True)
    editor = anywidget.WidgetTrait().tag(sync=True)
    path = anywidget.WidgetTrait().tag(sync=True)

    _steps: Any = traitlets.Dict(help="Whether there is something to undo, to redo.").tag(sync=True)
    _bookmarks: Any = traitlets.List(help="Names of the bookmarks.").tag(sync=True)
    _note = traitlets.Unicode("", help="What is going on, or what is missing.").tag(sync=True)

    # Until all is made; a widget that could not be made is closed as well.
    _links: tuple[Link, ...] = ()
    history: Any = None

    def __init__(
        self,
        space: Any,
        data: ArrayLike | None = None,
        labels: Any = None,
        directions: Iterable[Direction] | None = None,
        *,
        parts: Iterable[str] | None = None,
        seed: int = 0,
    ) -> None:
        self.space: LatentSpace = as_space(space)
        notes: list[str] = []
        if labels is not None and data is None:
            raise LatentValueError(
                "there are labels, but no data; pass the latents they belong to."
            )
        given = data is not None
        latents = (
            latents_from(self.space, data, "data")
            if data is not None
            else self.space.sample(SAMPLES, seed=seed)
        )
        shown = _some(latents, seed)
        found = (
            _found(self.space, latents, labels, shown[0], given=given, seed=seed)
            if directions is None
            else Directions(directions)
        )
        makers: dict[str, Callable[[], Any]] = {
            "map": lambda: _map_of(self.space, latents, labels, seed),
            "grid": lambda: LatentGrid(self.space, shown, columns=COLUMNS),
            "editor": lambda: DirectionEditor(self.space, shown[0], found),
            "path": lambda: Interpolator(self.space, shown[: min(ANCHORS, len(shown))]),
        }
        made = {name: makers[name]() for name in _wanted(parts, given=given, note=notes.append)}
        super().__init__(**made, _note=" ".join(notes))
        self._links = tuple(
            link(made[first], made[second])
            for first, second in LINKED
            if first in made and second in made
        )
        order = [name for name in STATES if name in made]
        self.history = History(
            {name: made[name] for name in order},
            {name: STATES[name] for name in order},
            self._show_history,
        )
        self._show_history()
        self.on_msg(self._receive)
        if directions is None and labels is not None and "editor" in made:
            self._judge(latents, labels, seed)

    @property
    def parts(self) -> dict[str, Any]:
        """The parts there are, by name."""
        found = {name: getattr(self, name) for name in PARTS}
        return {name: part for name, part in found.items() if part is not None}

    def __repr__(self) -> str:
        return f"LatentExplorer({', '.join(map(repr, self.parts.values())) or 'closed'})"

    def close(self) -> None:
        """Take all parts off the page and let go of decoder, latents and frames."""
        for one in self._links:
            one.unlink()
        if self.history is not None:
            self.history.close()
        parts = self.parts
        super().close()
        for part in parts.values():
            part.close()
        for name in PARTS:
            self._trait_values.pop(name, None)
        self.__dict__.pop("space", None)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        part = self.grid or self.editor or self.path
        still = None if part is None else part._repr_mimebundle_()
        if bundle is None or still is None:
            return bundle
        pictures = {mime: still[0][mime] for mime in ("image/png", "text/html") if mime in still[0]}
        return {**bundle[0], **pictures}, {**bundle[1], **still[1]}

    # What the page asks

    def _receive(self, _widget: object, content: Any, _buffers: object) -> None:
        acts = {
            "undo": lambda _: self.history.undo(),
            "redo": lambda _: self.history.redo(),
            "bookmark": lambda name: self.history.bookmark(name or None),
            "open": self.history.open,
            "remove": self.history.remove,
        }
        act = acts.get(str(content.get("type"))) if isinstance(content, dict) else None
        if act is None:
            self.log.warning("LatentExplorer refused a message from the page: %s", content)
            return
        try:
            act(content.get("name"))
        except LatentWidgetsError as error:
            self._note = str(error)

    def _show_history(self) -> None:
        self._steps = {"undo": self.history.can_undo, "redo": self.history.can_redo}
        self._bookmarks = list(self.history.bookmarks)

    # Evidence takes longer than directions: it is filled in when it is there.

    def _judge(self, latents: NDArray[np.float32], labels: Any, seed: int) -> None:
        self._note = "How far to believe the probes is being measured…"
        threading.Thread(
            target=self._fill_in,
            args=(latents, labels, seed),
            name="latentwidgets-judge",
            daemon=True,
        ).start()

    def _fill_in(self, latents: NDArray[np.float32], labels: Any, seed: int) -> None:
        try:
            judged = {one.name: one for one in probe_directions(latents, labels, seed=seed)}
        except Exception as error:
            self.log.exception("LatentExplorer could not judge its directions")
            self._note = f"The probes could not be judged: {error}"
            return

        def with_evidence(directions: Directions) -> Directions:
            return Directions(judged.get(one.name, one) for one in directions)

        editor = self.editor
        if editor is not None and editor.directions is not None:
            self.history.amend("editor", "directions", with_evidence)
            self._note = ""


def explore(
    space: Any,
    data: ArrayLike | None = None,
    labels: Any = None,
    directions: Iterable[Direction] | None = None,
    *,
    parts: Iterable[str] | None = None,
    seed: int = 0,
) -> LatentExplorer:
    """Explore a space with all widgets at once, linked: see `LatentExplorer`.

    Parameters
    ----------
    space, data, labels, directions, parts, seed
        As in `LatentExplorer`.

    Returns
    -------
    LatentExplorer
        Show it by making it the last line of a cell.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> explorer = lw.explore(lw.demo.digits().space, parts=["grid", "editor"])
    >>> explorer.editor.directions.names[0]
    'local 1'
    """
    return LatentExplorer(space, data, labels, directions, parts=parts, seed=seed)


def _wanted(
    parts: Iterable[str] | None, *, given: bool, note: Callable[[str], None]
) -> tuple[str, ...]:
    """Say which parts to make, and what is missing."""
    if parts is not None:
        wanted = (parts,) if isinstance(parts, str) else tuple(parts)
        unknown = [name for name in wanted if name not in PARTS]
        if unknown or not wanted:
            names = ", ".join(map(repr, PARTS))
            raise LatentValueError(f"parts are {parts!r}; expected one or more of {names}.")
        return tuple(name for name in PARTS if name in wanted)
    if given and find_spec("jscatter") is None:
        note('Install the extra "map" to see the data on a map: pip install "latentwidgets[map]".')
        given = False
    return PARTS if given else PARTS[1:]


def _some(latents: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Choose latents to begin with; of few, all."""
    if len(latents) <= SAMPLES:
        return latents
    rows = np.random.default_rng(seed).choice(len(latents), SAMPLES, replace=False)
    return latents[np.sort(rows)]


def _found(
    space: LatentSpace,
    latents: NDArray[np.float32],
    labels: Any,
    base: NDArray[np.float32],
    *,
    given: bool,
    seed: int,
) -> Directions:
    """Find directions to begin with: quickly, so without all of the evidence."""
    if not given:
        return local_directions(space, base, latents=latents)[:COMPONENTS]
    count = min(COMPONENTS, latents[0].size, len(latents) - 1)
    found = pca_directions(latents, count, seed=seed)
    if labels is None:
        return found
    from sklearn.linear_model import Ridge

    quick = Ridge()  # one closed form a fold; what `_judge` finds takes its place
    return found + probe_directions(
        latents, labels, estimator=quick, shuffles=0, bootstraps=0, seed=seed
    )


def _map_of(space: LatentSpace, latents: NDArray[np.float32], labels: Any, seed: int) -> Any:
    from latentwidgets.widgets.latent_map import LatentMap

    return LatentMap(space, latents, labels, seed=seed)
