"""What a person takes away from a widget, and brings back: recipes, pictures, films and pages.

These are methods of `LatentWidget`: each is written for what a widget shows, whichever it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from latentwidgets.common.checks import check_flag
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.whole_files import write_whole
from latentwidgets.engine.messages import FILMS
from latentwidgets.errors import LatentValueError
from latentwidgets.export.animation import Film
from latentwidgets.export.figures import route_figure
from latentwidgets.export.files import PAGES, PICTURES, dropped, form_of, packed, save_picture
from latentwidgets.export.replaying import check_same_space
from latentwidgets.widgets.brought_back import part_of
from latentwidgets.widgets.code import page_code_in
from latentwidgets.widgets.snapshot import settled, shown_by

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    import PIL.Image
    from matplotlib.figure import Figure

    from latentwidgets.engine import Hooks
    from latentwidgets.engine.messages import FileMessage
    from latentwidgets.export.recipe import Recipe
    from latentwidgets.routes.route import Route
    from latentwidgets.widgets.snapshot import Snapshot

__all__ = [
    "apply",
    "figure",
    "image",
    "kept_file",
    "recipe",
    "recipe_to_save",
    "save_animation",
    "save_html",
    "save_image",
    "take",
]


class AnyLatentWidget(Protocol):
    """What these methods ask of a widget."""

    def image(self, size: int | None = None) -> PIL.Image.Image:
        """Return the picture at the current coordinates."""

    def recipe(self) -> Recipe:
        """Write down how the latent is made that is shown now."""

    def apply(self, recipe: Recipe) -> None:
        """Bring back what a recipe says."""

    def hold_sync(self) -> AbstractContextManager[None]:
        """Have one message carry what is set until the block ends."""

    def _snapshot(self) -> Snapshot | None:
        """Give what is shown now; None once the widget is closed."""

    def _settle(self) -> None:
        """Have that shown which is still being looked for."""

    def _hooks(self) -> Hooks:
        """Give what only some widgets say and do."""

    def _put(self, state: dict[str, Any], route: Route | None = None) -> None:
        """Set traits in this order; where they bring a route back, of that route."""


def recipe(self: AnyLatentWidget) -> Recipe:
    """Write down how the latent is made that is shown now.

    Returns
    -------
    Recipe
        The space's fingerprint, the route and the coordinates: what `apply` brings back, and
        `latentwidgets.replay` makes the same latent of.

    Raises
    ------
    LatentValueError
        If the widget is closed.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> grid = lw.LatentGrid.samples(lw.demo.digits().space, 4)
    >>> recipe = grid.recipe()
    >>> grid.value = (1, 1)
    >>> grid.apply(recipe)
    >>> grid.value
    (0.0, 0.0)
    """
    return shown_by(self).recipe()


@checked_keywords
def apply(self: AnyLatentWidget, recipe: Recipe, *, allow: str | Iterable[str] = ()) -> None:
    """Bring back what a recipe says: the route, the coordinates, the conditions.

    Parameters
    ----------
    recipe : Recipe
        Of a widget like this one, or of an explorer that has one as a part. Of another, hand on
        the latent alone: ``widget.latent = lw.replay(recipe, space)``.
    allow : str or iterable of str
        In what the space may differ; see `latentwidgets.replay`.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it is for another space or another widget. Then all stays as it is.
    """
    snapshot = shown_by(self)
    check_same_space(recipe, snapshot.renderer.decoder, allow)
    part, state = part_of(recipe, snapshot)
    before = {name: getattr(self, name) for name in state}
    with self.hold_sync():
        try:
            self._put(state, part.route)
        except Exception:
            self._put(before)
            raise


def image(self: AnyLatentWidget, size: int | None = None) -> PIL.Image.Image:
    """Return the picture at the current coordinates, decoded for these; of a grid, all cells.

    Parameters
    ----------
    size : int, optional
        Its width in pixels; the height follows. Where images are enlarged, their pixels become
        squares, or with `smooth` they are smoothed, as on the page. If None, images have the
        pixels of the decoder.

    Returns
    -------
    PIL.Image.Image
        In mode "L", "RGB" or "RGBA". Texts, tokens, curves and sounds are drawn.

    Raises
    ------
    LatentTypeError, LatentValueError
        If `size` cannot be used, or a grid has more than 10,000 cells.
    DecodeError
        If the decoder raises or returns something else than before.
    """
    return shown_by(self).image(size)


def figure(self: AnyLatentWidget) -> Figure:
    """Draw what is shown, for a paper: an edit beside its base.

    Returns
    -------
    matplotlib.figure.Figure
        Ready for ``savefig``; text in it stays text, and lines stay lines.

    Raises
    ------
    DecodeError
        If the decoder raises.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> found = lw.pca_directions(digits.latents, 2)
    >>> editor = lw.DirectionEditor(digits, digits.latents[0], found, value={"PC 1": 2})
    >>> [one.get_text() for one in editor.figure().axes[0].get_xticklabels()]
    ['base', 'PC 1 +2 σ']
    """
    snapshot = shown_by(self)
    return route_figure(snapshot.renderer, snapshot.shown, snapshot.at)


def save_image(
    self: AnyLatentWidget, path: str | bytes | os.PathLike[str], size: int | None = None
) -> None:
    """Save the picture at the current coordinates, with its recipe.

    Parameters
    ----------
    path : path-like
        Ends in .png or .webp; both are lossless. An older file stays until this one is whole.
        A recipe of more than 32 MB, as of a grid of very many latents, is left out of it.
    size : int, optional
        As of `image`.

    Raises
    ------
    LatentTypeError, LatentValueError
        If `size` cannot be used, or the file cannot be written.
    DecodeError
        If the decoder raises.

    See Also
    --------
    latentwidgets.load : reads the recipe again.
    """
    form_of(path, PICTURES)  # before anything is decoded
    snapshot = shown_by(self)
    drawn = snapshot.image(size) if _is_ours(self.image, image) else self.image(size)
    save_picture(drawn, path, recipe_to_save(self, snapshot))


@checked_keywords
def save_animation(
    self: AnyLatentWidget,
    path: str | bytes | os.PathLike[str],
    *,
    seconds: float = 3.0,
    fps: float = 20.0,
    easing: str = "smooth",
    back: bool = True,
    loop: bool = True,
    size: int | None = None,
    captions: bool | Iterable[str] = False,
    along: str | None = None,
) -> None:
    """Save a film along the path that is shown, or of the edit as it is made.

    Parameters
    ----------
    path, seconds, fps, easing, back, loop, size, captions, along
        As of `latentwidgets.save_animation`. An edit moves from the base to where it is now;
        or along one direction, from limit to limit, the others as they are now.

    Raises
    ------
    LatentTypeError, LatentValueError
        If something cannot be used, or there is no way to go, as on a grid or a map.
    MissingExtraError
        If an MP4 is asked for and imageio-ffmpeg is not installed.
    DecodeError
        If the decoder raises.

    Examples
    --------
    >>> import tempfile, pathlib, latentwidgets as lw
    >>> digits = lw.demo.digits()
    >>> found = lw.pca_directions(digits.latents, 2)
    >>> editor = lw.DirectionEditor(digits.space, digits.latents[0], found)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "pc1.webp"
    ...     editor.save_animation(file, along="PC 1", seconds=0.5)
    ...     lw.load(file) == editor.recipe()
    True
    """
    snapshot = shown_by(self)
    film = Film(path, seconds, fps, easing, back, loop, size, captions).checked()
    write_whole(path, snapshot.film(film, along, recipe_to_save(self, snapshot))[0])


@checked_keywords
def save_html(
    self: AnyLatentWidget,
    path: str | bytes | os.PathLike[str],
    *,
    positions: int | None = None,
    directions: str | Iterable[str] | None = None,
    live: bool = False,
) -> None:
    """Save a page that moves without a kernel: one file, to be opened from disk or mailed.

    It looks as the widget does, and holds the picture of every place where its controls can
    be: positions of a path, cells of a grid, of an editor all that some directions do together.
    Let go of, a control goes to the nearest of these; a key moves it to the next. Nothing is
    shown in between; unless the page is live, see below.

    Parameters
    ----------
    path : path-like
        Ends in .html. An older file stays until this one is whole.
    positions : int, optional
        How many positions of each slider, from 2 to 1025: 33 if None; of two directions 9 each,
        of three 5. Where the controls are now, and where clicks lead, comes to these.
    directions : str or iterable of str, optional
        Of an editor, which directions can be moved, three at most. If None, the first two of
        those that are moved now, or the first two of all. The others stay as they are, and are
        not on the page, unless that is live; nothing is held still there.
    live : bool
        Whether the decoder goes along, and decodes in the page as it does in a notebook (see
        `run`): then every place has its exact picture, all directions move, and so do conditions.
        The page begins with the pictures that are saved in it, and goes on alone once it decodes
        some places as the kernel did, to 1 of 255 levels; else it stays with them, and says why.
        A torch module brings what runs it, 5 MB. At most `page_memory` MB go, and 256, also with
        ``run="kernel"``. Who has the file has the decoder. Tried in Chromium only.

    Raises
    ------
    LatentTypeError, LatentValueError
        If something cannot be used, there would be more than 4,096 pictures or 128 MB of them,
        the file cannot be written, or the widget is a map.
    DecodeError
        If the decoder raises.

    Warns
    -----
    UserWarning
        If the decoder of a live page has to stay in the kernel, with the reason; the page says it
        too, and is one of pictures.

    See Also
    --------
    latentwidgets.load : reads the recipe again.

    Examples
    --------
    >>> import tempfile, pathlib, latentwidgets as lw
    >>> widget = lw.Interpolator(lw.demo.digits(), value=0.5)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "digits.html"
    ...     widget.save_html(file, positions=17)
    ...     lw.load(file) == widget.recipe()
    True

    Of a linear model, live:

    >>> from sklearn.datasets import load_digits
    >>> from sklearn.decomposition import PCA
    >>> images = load_digits().data
    >>> space = lw.as_space(PCA(10).fit(images), value_range=(0, 16))
    >>> grid = lw.LatentGrid(space, space.encode(images[:12]), columns=4)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     grid.save_html(pathlib.Path(folder) / "grid.html", live=True)
    """
    form_of(path, PAGES)  # before anything is decoded
    most = self._hooks().most_bytes() if check_flag(live, "live") else None
    snapshot = settled(self)
    recipe = recipe_to_save(self, snapshot)
    write_whole(path, snapshot.page(*page_code_in(self), recipe, positions, directions, most))


def kept_file(self: AnyLatentWidget, asked: FileMessage) -> tuple[bytes, tuple[int, int] | None]:
    """Make the file that a page asks for, with its recipe.

    Parameters
    ----------
    asked : FileMessage
        Which, and of which place.

    Returns
    -------
    data : bytes
        All of it.
    size : tuple of int or None
        Width and height of a picture or a film in pixels.

    Raises
    ------
    StaleError
        If another route is shown than the page asks about, or the widget is closed meanwhile.
    LatentValueError
        If there is no such file of what is shown.
    DecodeError
        If the decoder raises.
    """
    now = settled(self) if asked.form == "page" else shown_by(self)
    snapshot = now.where(asked)
    recipe, size = recipe_to_save(self, snapshot), None
    if asked.form == "page":
        data = snapshot.page(*page_code_in(self), recipe)
    elif asked.form in FILMS:
        film = Film(f"film.{asked.form}", asked.seconds, size=asked.width, captions=asked.captions)
        data, size = snapshot.film(film.checked(), asked.along, recipe)
    elif asked.form == "picture":
        drawn = snapshot.image(asked.width)
        data, size = packed(drawn, "PNG", recipe), drawn.size
    else:
        raise LatentValueError("there is no map here to save.")
    snapshot.check_shown()
    return data, size


def take(self: AnyLatentWidget, data: str) -> None:
    """Bring back what a file says that was dropped on the page: bytes in base64."""
    self.apply(dropped(data))


def recipe_to_save(widget: AnyLatentWidget, snapshot: Snapshot) -> Recipe:
    """Give the recipe to save: of the moment of all that is saved, or what a subclass writes."""
    return snapshot.recipe() if _is_ours(widget.recipe, recipe) else widget.recipe()


def _is_ours(method: Callable[..., object], function: Callable[..., object]) -> bool:
    """Tell whether a widget's method is a function from here, and not a subclass's own."""
    return getattr(method, "__func__", None) is function
