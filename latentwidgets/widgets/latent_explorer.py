"""LatentExplorer: base, sliders, grid, path and map as linked parts of one widget."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from latentwidgets.common.checks import check_seed
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.directions import Direction, Directions
from latentwidgets.directions.axes import axes_around
from latentwidgets.engine.answers import words_of
from latentwidgets.engine.parsing import parse_explorer
from latentwidgets.errors import LatentValueError, LatentWidgetsError
from latentwidgets.export.files import dropped
from latentwidgets.space.held import Held
from latentwidgets.widgets.code import HELP_OF_MAPS, Coded, static
from latentwidgets.widgets.direction_editor import DirectionEditor
from latentwidgets.widgets.explorer.explored import explored
from latentwidgets.widgets.explorer.history import history_acts
from latentwidgets.widgets.explorer.label_probes import (
    BackgroundEvidence,
    LabelledLatents,
    components_of,
    local_or_components,
)
from latentwidgets.widgets.explorer.parts import (
    PARTS,
    SIZES,
    check_arranged,
    links_between,
    make_parts,
    wanted_parts,
)
from latentwidgets.widgets.explorer.recipes import RecipeHistory
from latentwidgets.widgets.explorer.saving import apply, figure, recipe, save_html
from latentwidgets.widgets.explorer.selected_latents import SelectedLatents
from latentwidgets.widgets.explorer.shown_cells import ShownCells
from latentwidgets.widgets.explorer.shown_latents import all_latents, some_of
from latentwidgets.widgets.guarded import Guarded
from latentwidgets.widgets.interpolator import Interpolator
from latentwidgets.widgets.latent_grid import LatentGrid
from latentwidgets.widgets.latent_map import LatentMap
from latentwidgets.widgets.saved import Saved
from latentwidgets.widgets.traits import Checked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike

    from latentwidgets.export.picture import Still
    from latentwidgets.space.latent_space import LatentSpace
    from latentwidgets.widgets.links import Link
    from latentwidgets.widgets.snapshot import Snapshot

# How many latents the path begins with.
ANCHORS = 3
UNJUDGED = "The probes could not be judged"


class LatentExplorer(Saved, Guarded, Coded):
    """Explore a space with all widgets at once, linked.

    A cell of the grid or a point of the map that is clicked becomes the base that the sliders
    edit, and so does the latent that the path is led to. What is selected on the map is what the
    grid shows, and can be made a slider; two or more chosen cells become the path.

    Parameters
    ----------
    space : LatentSpace or object
        The space to explore, or anything that `as_space` takes. Or embeddings that nothing decodes,
        as an array or a table: see `latentwidgets.widgets.explorer.embeddings.embeddings_in`.
    data : array_like, optional
        Latents, ``(n, *latent_shape)``, or images, where the space encodes, under `conditions`.
        If None, the space's own data, or the `latents` and `labels` of the object that holds it,
        such as what `latentwidgets.demo.digits` returns; samples of the prior where there are none.
        After embeddings, which are data themselves, labels may stand in this place.
    labels : mapping, DataFrame, Series or array_like, optional
        Labels of the data; see `probe_directions`.
    directions : Directions or iterable of Direction, optional
        What the sliders move along. If None: principal components of the data, and what probes
        find of the labels, their evidence filled in when it is there; without data what changes
        the output most at the base. `add_axes`, or "Add axes" on the page, adds the axes of the
        latent. Classes too rare to judge, and labels with over 20 classes, colour the map alone.
    parts : iterable of {"map", "grid", "editor", "path"}, optional
        Which parts there are. All if None; the map only with data, and with jupyter-scatter.
    conditions : mapping of str to value, optional
        Where to begin: values of the space's conditions by name.
    run : {"auto", "page", "kernel"}, optional
        Where its parts decode, as of `Interpolator`. A map that cannot go where others can is
        "auto", and the explorer says why.
    seed : int
        For samples, and for what is found in the data.

    Attributes
    ----------
    map, grid, editor, path : LatentMap, LatentGrid, DirectionEditor, Interpolator or None
        The parts; None where one is left out.
    history : RecipeHistory
        Undo, redo and bookmarks over all of them; `history.save` saves them to one file.
    space : LatentSpace
        The space.
    conditions : mapping of str to value
        As above, in all parts; can be set.

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
    _help_file = HELP_OF_MAPS

    map = anywidget.WidgetTrait().tag(sync=True)
    grid = anywidget.WidgetTrait().tag(sync=True)
    editor = anywidget.WidgetTrait().tag(sync=True)
    path = anywidget.WidgetTrait().tag(sync=True)

    _steps: Any = traitlets.Dict(help="Whether there is something to undo, to redo.").tag(sync=True)
    _bookmarks: Any = traitlets.List(help="Names of the bookmarks.").tag(sync=True)
    _selection: Any = traitlets.Dict(help="What is selected on the map.").tag(sync=True)
    _shown: Any = traitlets.Dict(help="What the grid shows, and could show.").tag(sync=True)
    _arranged = Checked(check_arranged, expected="names of parts", help="How parts are laid out.")
    _arranged.tag(sync=True, from_page=True)
    _note = traitlets.Unicode("", help="What is going on, or what is missing.").tag(sync=True)

    # None after it is closed.
    _space: LatentSpace | None = None
    # Until all is made; a widget that could not be made is closed as well.
    _links: tuple[Link, ...] = ()
    _judge: BackgroundEvidence | None = None
    _selected: SelectedLatents | None = None
    _cells: ShownCells | None = None
    history: Any = None

    @checked_keywords
    def __init__(
        self,
        space: Any,
        data: ArrayLike | None = None,
        labels: Any = None,
        directions: Iterable[Direction] | None = None,
        *,
        parts: Iterable[str] | None = None,
        conditions: Mapping[str, Any] | None = None,
        run: str | None = None,
        seed: int = 0,
    ) -> None:
        held, items, words = explored(space, data, labels)
        self._space, data, labels = held
        space, seed = self.space, check_seed(seed)
        wanted, missing = wanted_parts(parts, given=data is not None)
        missing = words + missing
        latents = all_latents(space, data, conditions, seed)
        shown = some_of(latents, seed)
        labelled = None if labels is None else LabelledLatents.of(latents, labels)
        unjudged = None
        if directions is not None:
            directions = Directions(directions)
        elif "editor" in wanted and data is None:
            found = local_or_components(space, shown[0], latents, conditions, seed)
            directions, missing = found[0], missing + found[1]
        elif "editor" in wanted:
            directions = components_of(latents, seed)
            if labelled is not None:
                if labelled.left_out:
                    missing.append(f"No sliders of these labels: {'; '.join(labelled.left_out)}.")
                unjudged = labelled.without_evidence() if labelled.labels else None
                directions += unjudged or []
        given: dict[str, Any] = {} if conditions is None else {"conditions": conditions}
        paged = given if run is None else {**given, "run": run}
        made: dict[str, Any] = {}
        tries = len(wanted) > 1 and isinstance(run, str) and run == "page"  # a map alone: refused
        mapped = {**paged, "run": "auto"} if tries else paged

        def holder() -> Held:  # of what all parts compare with: the same data, as the map has them
            rows = getattr(made.get("map"), "latents", latents)
            return held if data is None else Held(space, rows, labels)

        makers: dict[str, Callable[[], Any]] = {
            "map": lambda: LatentMap(
                space, latents, labels, items=items, seed=seed, **SIZES["map"], **mapped
            ),
            "grid": lambda: LatentGrid(holder(), shown, **SIZES["grid"], **paged),
            "editor": lambda: DirectionEditor(holder(), shown[0], directions, **paged),
            "path": lambda: Interpolator(holder(), shown[:ANCHORS], **paged),
        }
        makers = {name: makers[name] for name in wanted}
        missing += make_parts(makers, made, insists=parts is not None, in_page=tries)
        # What is said beside the buttons, by what it is about.
        self._said = {"missing": " ".join(missing)}
        super().__init__(**made, _note=self._said["missing"], **self._tools())
        self._links = links_between(made)
        tell = partial(partial, setattr, self)
        if self.grid is not None:
            self._cells = ShownCells(self.grid, latents, self._links, tell("_shown"), seed=seed)
        if self.map is not None and self.editor is not None:
            self._selected = SelectedLatents(self.map, self.editor, tell("_selection"))
        self.history = RecipeHistory(space, made, self._links, self._show_history)
        self._show_history()
        self.on_msg(self._receive)
        if self.map is not None:
            self.map.observe(self._show_selection, "selection")
        if labelled is not None and unjudged is not None:
            self._say("judging", "Testing the sliders made from labels on data held back…")
            self._judge = BackgroundEvidence(
                labelled,
                seed,
                lambda judged: self._fill_in(unjudged, judged),
                lambda error: self._say("judging", f"{UNJUDGED}: {words_of(error)}"),
            )
            self._judge.start()

    recipe, apply, figure, save_html = recipe, apply, figure, save_html

    @property
    def space(self) -> LatentSpace:
        """The space that is explored."""
        if self._space is None:
            raise LatentValueError("this explorer is closed; make a new one.")
        return self._space

    @property
    def parts(self) -> dict[str, Any]:
        """The parts there are, by name."""
        found = {name: getattr(self, name) for name in PARTS}
        return {name: part for name, part in found.items() if part is not None}

    @property
    def runs_in(self) -> dict[str, str]:
        """Where each part decodes, by its name; each as `Interpolator` says it."""
        return {name: part.runs_in for name, part in self.parts.items()}

    @property
    def conditions(self) -> Any:
        """The values of conditions, by name: the same in all parts. Set them for all at once."""
        assert self.space is not None  # which a closed explorer has none of
        return next(iter(self.parts.values())).conditions

    @conditions.setter
    def conditions(self, values: Mapping[str, Any]) -> None:
        assert self.space is not None
        for part in self.parts.values():
            part.conditions = values

    def add_axes(self) -> None:
        """Add a slider for each axis of the latent, or for the 64 that change the output most.

        Raises
        ------
        LatentValueError
            If there are no sliders, or too many axes to look along each.
        """
        editor = self.editor
        if editor is None:
            raise LatentValueError("this explorer has no editor to add axes to.")
        axes = axes_around(self.space, editor.base, editor.conditions)
        kept = editor.directions
        editor.directions = [*kept, *(one for one in axes if one.name not in kept.names)]

    def __repr__(self) -> str:
        return f"LatentExplorer({', '.join(map(repr, self.parts.values())) or 'closed'})"

    def close(self) -> None:
        """Take all parts off the page and let go of decoder, latents and frames."""
        for one in self._links:
            one.unlink()
        for held in (self._judge, self._selected, self._cells, self.history):
            if held is not None:
                held.close()
        parts = self.parts
        super().close()
        for part in parts.values():
            part.close()
        for name in PARTS:
            self._trait_values.pop(name, None)
        self._space = self._judge = self._selected = self._cells = None

    def _stills(self, now: Snapshot | None = None) -> list[Still]:
        """Give pictures of what its parts show; the picture itself once, as the page has it."""
        picture = self.editor or self.path
        shown = [] if self.map is None else self.map._stills(decoded=not picture)
        parts = [part for part in (picture, self.grid) if part is not None]
        return shown + [still for part in parts for still in part._stills()]

    # What the page asks

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        try:
            message = parse_explorer(content)
        except LatentValueError as error:
            self.log.warning("LatentExplorer refused a message from the page: %s", error)
            return
        name = message.name
        acts: dict[str, Callable[[], Any]] = {
            **history_acts(self.history, name),
            "shown": lambda: None if self._judge is None else self._judge.page_is_shown(),
            "axes": self.add_axes,
            "walk": lambda: self._walk(message.at),
            "apply": lambda: self.apply(dropped(message.data or "")),
        }
        if (shown := self._cells) is not None:
            acts["show"] = lambda: shown.show(name or "")
        if self._selected is not None:
            acts |= self._selected.acts(name or "")
        self._say("doing", "")
        try:
            acts.get(message.type, lambda: None)()
        except LatentWidgetsError as error:
            self._say("doing", words_of(error))

    def _walk(self, t: float | None) -> None:
        """Edit the latent to which the person has led the path."""
        if None not in (t, self.path, self.editor):
            latent = self.path.shown_path(t)  # its value is what its own page reports
            with self.history.continuing("path"):
                self.editor.latent = latent

    def _show_history(self) -> None:
        self._steps = {"undo": self.history.can_undo, "redo": self.history.can_redo}
        self._bookmarks = list(self.history.bookmarks)

    def _say(self, about: str, what: str) -> None:
        self._said[about] = what
        self._note = " ".join(filter(None, self._said.values()))

    def _show_selection(self, change: Any) -> None:
        if self._cells is not None:
            with self.history.continuing("map"):
                self._cells.select(change["new"])

    # Evidence takes longer than directions: it is filled in when it is there.

    def _fill_in(self, found: Directions, judged: Directions) -> None:
        """Put those with evidence in the place of those without; others are somebody else's."""
        better = {id(before): after for before, after in zip(found, judged, strict=True)}

        def with_evidence(directions: Directions) -> Directions:
            return Directions(better.get(id(one), one) for one in directions)

        self.history.amend("editor", "directions", with_evidence)
        self._say("judging", "")


@checked_keywords
def explore(
    space: Any,
    data: ArrayLike | None = None,
    labels: Any = None,
    directions: Iterable[Direction] | None = None,
    *,
    parts: Iterable[str] | None = None,
    conditions: Mapping[str, Any] | None = None,
    run: str | None = None,
    seed: int = 0,
) -> LatentExplorer:
    """Explore a space with all widgets at once, linked: see `LatentExplorer`.

    Parameters
    ----------
    space, data, labels, directions, parts, conditions, run, seed
        As in `LatentExplorer`.

    Returns
    -------
    LatentExplorer
        Show it by making it the last line of a cell.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> explorer = lw.explore(lw.demo.digits(), parts=["grid", "editor"])
    >>> explorer.editor.directions.names[0], explorer.editor.directions.names[-1]
    ('PC 1', 'label: 9')
    """
    return LatentExplorer(
        space, data, labels, directions, parts=parts, conditions=conditions, run=run, seed=seed
    )
