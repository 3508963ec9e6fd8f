"""`Leaving`: what a person takes away from a widget, and brings back: recipes and pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.whole_files import write_whole
from latentwidgets.export.animation import Film, save_film, way_along
from latentwidgets.export.code import code_of
from latentwidgets.export.figures import route_figure
from latentwidgets.export.files import PAGES, PICTURES, form_of, packed, save_picture
from latentwidgets.export.picture import first_picture, sized
from latentwidgets.export.recipe import Recipe, recipe_of
from latentwidgets.export.recordings import recording_of
from latentwidgets.export.replaying import check_same_space
from latentwidgets.export.saved_page import page_of
from latentwidgets.routes.path import Path
from latentwidgets.routes.route import StaleError
from latentwidgets.widgets.brought_back import traits_for
from latentwidgets.widgets.code import code_in, static

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

    import PIL.Image
    from matplotlib.figure import Figure

    from latentwidgets.engine import Renderer
    from latentwidgets.engine.messages import PictureMessage
    from latentwidgets.routes.route import Coordinates, Route

__all__ = ["PAGE_CODE", "Leaving", "picture_now"]

# What shows a widget where there is no kernel.
PAGE_CODE = static("saved_page.js"), static("saved_page.css")


class Leaving:
    """What leaves the notebook of a widget.

    A widget says what makes its frames and where its controls are, and draws what it shows.
    """

    _renderer: Renderer | None

    if TYPE_CHECKING:
        conditions: Any
        hold_sync: Any
        log: Any
        size: Any
        smooth: Any

        def _open_renderer(self) -> Renderer: ...
        def _at(self) -> Coordinates: ...
        def _place(self) -> Coordinates: ...
        def _own_route(self) -> Any: ...
        def _whole(self, at: Coordinates) -> PIL.Image.Image: ...

    def recipe(self) -> Recipe:
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
        renderer = self._open_renderer()
        assert renderer.shown is not None
        return recipe_of(renderer.decoder, renderer.shown.route, self._place())

    @checked_keywords
    def apply(self, recipe: Recipe, *, allow: str | Iterable[str] = ()) -> None:
        """Bring back what a recipe says: the route, the coordinates, the conditions.

        Parameters
        ----------
        recipe : Recipe
            Of a widget like this one. Of another, hand on the latent alone:
            ``widget.latent = lw.replay(recipe, space)``.
        allow : str or iterable of str
            In what the space may differ; see `latentwidgets.replay`.

        Raises
        ------
        LatentTypeError, LatentValueError
            If it is for another space or another widget. Then all stays as it is.
        """
        renderer = self._open_renderer()
        check_same_space(recipe, renderer.decoder, allow)
        route, at = recipe.route, recipe.at
        own = self._own_route()
        state = traits_for(route, at, own, type(self).__name__)
        if isinstance(own, Path):
            self._expect(route)
        said = getattr(route, "conditions_at", None)
        here = {} if said is None else said([at])
        free = [name for name in self.conditions if here.get(name, [None]) == [None]]
        under = recipe["conditions"]
        state["conditions"] = {
            **self.conditions,
            **{name: under[name] for name in free if name in under},
        }
        before = {name: getattr(self, name) for name in state}
        with self.hold_sync():
            try:
                self._put(state)
            except Exception:
                self._put(before)
                raise

    def image(self, size: int | None = None) -> PIL.Image.Image:
        """Return the picture at the current coordinates, decoded for exactly these.

        Of a grid it shows all cells.

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
        renderer = self._open_renderer()
        return sized(
            self._whole(self._place()), size, squares=not (renderer.painter or self.smooth)
        )

    def figure(self) -> Figure:
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
        return route_figure(self._open_renderer(), self._place())

    def save_image(self, path: str | bytes | os.PathLike[str], size: int | None = None) -> None:
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
        save_picture(self.image(size), path, self.recipe())

    @checked_keywords
    def save_animation(
        self,
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
        renderer = self._open_renderer()
        shown, under = renderer.shown, self.conditions
        assert shown is not None
        film = Film(path, seconds, fps, easing, back, loop, size, captions).checked()
        way = way_along(shown.own, self._at(), along)
        squares = not (renderer.painter or self.smooth)
        recipe = self.recipe()
        save_film(renderer, lambda t: shown.place(way(t), under), film, recipe, squares=squares)

    @checked_keywords
    def save_html(
        self,
        path: str | bytes | os.PathLike[str],
        *,
        positions: int | None = None,
        directions: str | Iterable[str] | None = None,
    ) -> None:
        """Save a page that moves without a kernel: one file, to be opened from disk or mailed.

        It looks as the widget does, and holds the picture of every place where its controls can
        be: positions of a path, cells of a grid, of an editor all that some directions do together.
        Let go of, a control goes to the nearest of these; a key moves it to the next. Nothing is
        shown in between.

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
            not on the page; nothing is held still there.

        Raises
        ------
        LatentTypeError, LatentValueError
            If something cannot be used, there would be more than 4,096 pictures or 128 MB of them,
            the file cannot be written, or the widget is a map.
        DecodeError
            If the decoder raises.

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
        """
        form_of(path, PAGES)  # before anything is decoded
        renderer = self._open_renderer()
        self._settle()
        recipe, shown = self.recipe(), renderer.shown
        assert shown is not None
        state = code_in(self)
        js, css = state.pop("_esm"), state.pop("_css")
        recording = recording_of(
            shown.own, self._at(), state, positions=positions, directions=directions
        )
        page = page_of(
            renderer,
            recording,
            self.conditions,
            state=state,
            front_end=(js, css, *PAGE_CODE),
            title=f"{type(self).__name__} of {renderer.space.name}",
            recipe=recipe,
        )
        write_whole(path, page)

    # What a subclass may change

    def _settle(self) -> None:
        """Have that shown which is still being looked for."""

    def _expect(self, route: Route) -> None:
        """Take notice of a route that is about to be brought back."""

    # Inside

    def _code_at(self, at: Coordinates) -> str:
        """Write a cell that makes the latent at the coordinates of all controls."""
        renderer = self._open_renderer()
        assert renderer.shown is not None
        space = renderer.decoder
        return code_of(renderer.shown.route, at, None if space is None else space.name)

    def _kept_picture(self, asked: PictureMessage) -> tuple[bytes, tuple[int, int]]:
        """Draw a picture to keep as a PNG, with its recipe; give its width and height as well."""
        renderer = self._open_renderer()
        shown = renderer.shown
        assert shown is not None
        squares = not (renderer.painter or self.smooth)
        recipe = recipe_of(renderer.space, shown.route, asked.at)
        picture = sized(self._whole(asked.at), asked.width, squares=squares)
        if renderer.shown is not shown:
            raise StaleError("another route is shown by now.")
        return packed(picture, "PNG", recipe), picture.size

    def _put(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def _first_pictures(self) -> Any:
        """Give what a page shows that has asked for nothing yet: a picture, or a list of some."""
        return self._drawn(first_picture)

    def _drawn(self, draw: Callable[[Renderer, Coordinates], Any]) -> Any:
        """Draw at the current coordinates; None where nothing can be drawn."""
        if self._renderer is None or self._renderer.shown is None:
            return None
        try:
            return draw(self._renderer, self._place())
        # A page that loads must get its state, whatever the decoder does; the error itself
        # is shown as soon as the page asks.
        except Exception:
            self.log.exception("%s could not decode its picture", type(self).__name__)
            return None


def picture_now(_value: object, widget: Leaving) -> Any:
    """Draw what a widget shows now, for a page that asks for its state."""
    return widget._first_pictures()
