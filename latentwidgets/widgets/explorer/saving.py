"""What a person takes away from an explorer, and brings back: methods of `LatentExplorer`."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from latentwidgets.common.checks import check_flag
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.whole_files import write_whole
from latentwidgets.common.wording import said
from latentwidgets.errors import LatentValueError
from latentwidgets.export.exported.table import check_count
from latentwidgets.export.files import PAGES, form_of
from latentwidgets.export.replaying import check_same_space
from latentwidgets.export.saved_page import (
    FRAMES_WORDS,
    MOST_OPEN,
    Contents,
    PartOfPage,
    decoded_by,
    memory_for,
    under,
    written,
)
from latentwidgets.kinds.shared.figure import stacked
from latentwidgets.widgets.code import EXPLORER_CODE, page_code_in
from latentwidgets.widgets.explorer.recipes import CLOSED
from latentwidgets.widgets.snapshot import settled

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping

    from matplotlib.figure import Figure

    from latentwidgets.export.exported.route import Recording
    from latentwidgets.export.recipe import Recipe
    from latentwidgets.space.latent_space import LatentSpace
    from latentwidgets.widgets.explorer.recipes import RecipeHistory
    from latentwidgets.widgets.snapshot import Snapshot

__all__ = ["apply", "figure", "recipe", "save_html"]

# Which parts take what a person may ask of a page.
WITH_POSITIONS, WITH_DIRECTIONS = ("editor", "path"), ("editor",)
# What the headings of parts say.
CALLED = {"grid": "Grid", "editor": "Directions", "path": "Path"}
# What the page's traits hold: nothing that only a kernel could do.
WITHOUT_KERNEL: dict[str, Any] = {
    "_bookmarks": [],
    "_help": "",
    "_note": "",
    "_selection": {},
    "_shown": {},
    "_steps": {},
    "map": "",
}
APART = "The picture is that of the part which is used. The parts are not linked here."
# What follows of that for two parts, where both are there.
NOT_LED = {
    ("grid", "editor"): (
        "A cell that is chosen is shown, and the sliders still move the latent that they moved "
        "when it was saved."
    ),
    ("grid", "path"): "Cells that are chosen do not become the path, as they do in a notebook.",
}
NO_MAP = "The map is not on it: no page of a map can be saved yet."


class Explores(Protocol):
    """What these methods ask of an explorer."""

    history: RecipeHistory

    @property
    def space(self) -> LatentSpace:
        """The space that is explored."""

    @property
    def parts(self) -> dict[str, Any]:
        """The parts there are, by name."""

    def recipe(self) -> Recipe:
        """Write down what all parts show now."""

    def _say(self, about: str, what: str) -> None:
        """Say something beside the buttons."""


def recipe(self: Explores) -> Recipe:
    """Write down what all parts show now.

    Bookmarks and steps are written down by `history.recipe`.

    Returns
    -------
    Recipe
        That of the current latent, which `latentwidgets.replay` makes again, and of what each part
        shows, which `apply` brings back. Its `parts` are recipes for widgets of their own.

    Raises
    ------
    LatentValueError
        If the explorer is closed.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> explorer = lw.explore(digits, parts=["grid", "editor"])
    >>> explorer.editor.value = {"PC 1": 2}
    >>> recipe = explorer.recipe()
    >>> bool((lw.replay(recipe, digits.space) == explorer.editor.latent).all())
    True
    >>> list(recipe.parts)
    ['editor', 'grid']
    """
    return self.history.now()


@checked_keywords
def apply(self: Explores, recipe: Recipe, *, allow: str | Iterable[str] = ()) -> None:
    """Bring back what a recipe says: all parts as they were, and its bookmarks and steps.

    It is one step: undo goes back to before it, then through the steps there were, then through
    those of the recipe. Its bookmarks come beside those there are, with a number where their name
    is taken; undo leaves bookmarks alone.

    Parameters
    ----------
    recipe : Recipe
        Of an explorer; or of one widget, which the part that is like it follows.
    allow : str or iterable of str
        In what the space may differ; see `latentwidgets.replay`.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it is for another space, no part shows what it is of, or one cannot show it, such as
        points of other data that are selected, or there would be more than 200 bookmarks. Then all
        stays as it is.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> explorer = lw.explore(lw.demo.digits(), parts=["grid", "editor"])
    >>> recipe = explorer.recipe()
    >>> explorer.grid.value = (1, 1)
    >>> explorer.apply(recipe)
    >>> explorer.grid.value
    (0.0, 0.0)
    """
    check_same_space(recipe, self.space, allow)
    missing = self.history.take(recipe)
    words = f"The recipe is also of a {' and a '.join(missing)}, which is not here."
    self._say("doing", words if missing else "")


def figure(self: Explores) -> Figure:
    """Draw what all parts show, for a paper: the figure of each, one below the other.

    Returns
    -------
    matplotlib.figure.Figure
        Ready for ``savefig``; text in it stays text, and lines stay lines.

    Raises
    ------
    LatentValueError
        If the explorer is closed.
    DecodeError
        If the decoder raises.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> explorer = lw.explore(lw.demo.digits(), parts=["grid", "editor"])
    >>> len(explorer.figure().axes)
    2
    """
    if not self.parts:
        raise LatentValueError(CLOSED)
    return stacked(part.figure for part in self.parts.values())


@checked_keywords
def save_html(
    self: Explores,
    path: str | bytes | os.PathLike[str],
    *,
    positions: int | None = None,
    directions: str | Iterable[str] | None = None,
    live: bool = False,
) -> None:
    """Save a page of all parts but a map, which moves without a kernel: one file.

    It looks as the explorer does, with one picture for all parts, and each part has the pictures
    that a page of its own would have. The picture is that of the part which is used. The parts are
    not linked: what the sliders would make of another cell is not saved, so that a cell which is
    chosen is shown, and not edited.

    Parameters
    ----------
    path : path-like
        Ends in .html. An older file stays until this one is whole.
    positions : int, optional
        Of the sliders and of the path, as of `Interpolator.save_html`.
    directions : str or iterable of str, optional
        Of the sliders, as of `DirectionEditor.save_html`.
    live : bool
        An explorer's page holds pictures only: True is refused. Its parts can be saved alone with
        their decoder, as by ``explorer.editor.save_html(path, live=True)``.

    Raises
    ------
    LatentTypeError, LatentValueError
        If something cannot be used, there would be more than 4,096 pictures or 128 MB of them in
        all, the file cannot be written, there is no part but a map, or the explorer is closed.
    DecodeError
        If the decoder raises.

    See Also
    --------
    latentwidgets.load : reads the recipe again.

    Examples
    --------
    >>> import tempfile, pathlib, latentwidgets as lw
    >>> explorer = lw.explore(lw.demo.digits(), parts=["grid", "editor"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "digits.html"
    ...     explorer.save_html(file, positions=3)
    ...     lw.load(file) == explorer.recipe()
    True
    """
    form_of(path, PAGES)  # before anything is decoded
    if not self.parts:
        raise LatentValueError(CLOSED)
    shown = {}
    for name in (one for one in self.parts if one in CALLED):
        with _naming(name):
            shown[name] = settled(self.parts[name])
    if not shown:
        raise LatentValueError(
            "this explorer has a map alone, and no page of a map can be saved yet. "
            "explorer.map.save_image keeps its picture."
        )
    if check_flag(live, "live"):
        raise LatentValueError(
            "a page of an explorer cannot decode by itself yet. Leave live out; or save a part "
            f"alone: explorer.{[*shown][-1]}.save_html(path, live=True)."
        )
    asked = {"positions": (positions, WITH_POSITIONS), "directions": (directions, WITH_DIRECTIONS)}
    for argument, (value, takers) in asked.items():
        if value is not None and not any(name in shown for name in takers):
            raise LatentValueError(
                f"{argument} is for the {' and the '.join(takers)}, which this explorer does not "
                "have; leave it out."
            )
    given = {
        name: {argument: value for argument, (value, takers) in asked.items() if name in takers}
        for name in shown
    }
    write_whole(path, _page(self, shown, given, self.recipe()))


def _page(
    explorer: Explores,
    shown: Mapping[str, Snapshot],
    given: Mapping[str, Mapping[str, Any]],
    recipe: Recipe,
) -> bytes:
    """Decode what parts show, and write the page of all; `given` is what is asked of each."""
    code = {name: page_code_in(explorer.parts[name]) for name in shown}
    recordings = {}
    for name, one in shown.items():
        with _naming(name):
            recordings[name] = one.recording(code[name][0], **given[name])
    counts = {name: len(one.places) for name, one in recordings.items()}
    of_each = ", ".join(f"{count:,} of the {name}" for name, count in counts.items())
    check_count(sum(counts.values()), of_each if len(counts) > 1 else "")
    parts: dict[str, PartOfPage] = {}
    for name, one in shown.items():
        state, (js, *_) = code[name]
        beside = [part.contents for part in parts.values()]
        contents = one.contents(state, recordings[name], beside)
        parts[name] = PartOfPage(js, _sharing(contents, len(shown)))
    words = [f"{_about(shown, recordings)}; {decoded_by(explorer.space.name)}", FRAMES_WORDS]
    if len(parts) > 1:
        words += [APART, *(one for pair, one in NOT_LED.items() if parts.keys() >= {*pair})]
    if len(parts) < len(explorer.parts):
        words.append(NO_MAP)
    state, (js, css, _, page_css) = page_code_in(explorer)
    recorded = {**WITHOUT_KERNEL, **{name: name if name in parts else "" for name in CALLED}}
    # Each widget's sheet comes after that of what it stands in, as in a notebook.
    sheets = "".join([css, *(front_end[1] for _, front_end in code.values())])
    page = written(
        Contents(state, recorded, [], 0, " ".join(words)),
        front_end=(js, sheets, EXPLORER_CODE, page_css),
        title=f"LatentExplorer of {explorer.space.name}",
        recipe=recipe,
        parts=parts,
    )
    return page.encode("utf-8", "replace")  # of a name, what is no letter


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """Say of which part it is what is wrong."""
    try:
        yield
    except LatentValueError as error:
        raise LatentValueError(f"the {name} of this explorer: {said(error)}") from error


def _about(shown: Mapping[str, Snapshot], recordings: Mapping[str, Recording]) -> str:
    """Say which pictures parts have; once under which conditions, where they are the same."""
    held = {name: under(one.shown, one.conditions) for name, one in shown.items()}
    same = len(shown) > 1 and len({*held.values()}) == 1
    pictures = [
        f"{CALLED[name]}: {one.words}{'' if same else held[name]}"
        for name, one in recordings.items()
    ]
    if same and (once := held[next(iter(held))]):
        pictures.append(f"all{once.removeprefix(',')}")
    return "; ".join(pictures)


def _sharing(contents: Contents, count: int) -> Contents:
    """Let so many parts keep no more pictures open than a page of one widget does."""
    packed = sum(len(data) * 3 // 4 for _, _, data in contents.frames)  # in base64
    most = memory_for(packed, MOST_OPEN // count)
    return replace(contents, memory=min(contents.memory, most))
