"""`Snapshot`: what a widget shows at one moment, of which all that leaves it is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from latentwidgets.common.progress import progress
from latentwidgets.common.warning import warn_caller
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.export.animation import film_of
from latentwidgets.export.code import code_of
from latentwidgets.export.exported.route import Asked, Recording
from latentwidgets.export.exported.table import recording_of, way_along
from latentwidgets.export.live_page import decoder_for_page, live_traits, why_not_now
from latentwidgets.export.picture import sized
from latentwidgets.export.recipe import Recipe, recipe_of
from latentwidgets.export.saved_page import contents_of, page_of
from latentwidgets.routes.route import StaleError
from latentwidgets.widgets.code import DECODES, LIVE_CODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import PIL.Image

    from latentwidgets.engine import Renderer
    from latentwidgets.engine.messages import FileMessage
    from latentwidgets.engine.shown import Shown
    from latentwidgets.export.animation import Film
    from latentwidgets.export.saved_page import Contents
    from latentwidgets.routes.route import Coordinates

__all__ = ["CLOSED", "Snapshot", "settled", "shown_by"]

CLOSED = "this widget is closed; make a new one to show its space again."


@dataclass(frozen=True)
class Snapshot:
    """What a widget shows at one moment.

    All that is made of it stays that of this moment, whatever is shown later. What makes its
    frames is the widget's own, and so is the model, which may be trained on, and the widget's
    traits, which a page is made of.

    Attributes
    ----------
    renderer : Renderer
        Makes its frames; shared with the widget, which may have it show another route.
    shown : Shown
        The route that is shown.
    controls : tuple of float
        Where the widget's own controls are.
    conditions : mapping of str to object
        The values of conditions, by name.
    draw : callable
        ``draw(at)`` gives the picture at some coordinates of the route that is shown, in its own
        pixels.
    smooth : bool
        Whether images that are enlarged are smoothed.
    width : int
        How wide the picture is on the page, in CSS pixels.
    name : str
        What the widget is called, such as "Interpolator".
    """

    renderer: Renderer
    shown: Shown
    controls: Coordinates
    conditions: Mapping[str, Any]
    draw: Callable[[Coordinates], PIL.Image.Image]
    smooth: bool
    width: int
    name: str

    @property
    def at(self) -> Coordinates:
        """Where all controls are: the widget's own, and those of conditions."""
        return self.shown.place(self.controls, self.conditions)

    @property
    def squares(self) -> bool:
        """Whether pixels become squares where the picture is enlarged."""
        return not (self.renderer.painter or self.smooth)

    @property
    def title(self) -> str:
        """What a page of it is called."""
        return f"{self.name} of {self.renderer.space.name}"

    def recipe(self) -> Recipe:
        """Write down how the latent is made."""
        return recipe_of(self.renderer.decoder, self.shown.route, self.at)

    def image(self, size: int | None = None) -> PIL.Image.Image:
        """Draw it, so many pixels wide; None for the pixels of the decoder."""
        return sized(self.draw(self.at), size, squares=self.squares)

    def code(self, at: Coordinates) -> str:
        """Write a cell that makes the latent at the coordinates of all controls."""
        space = self.renderer.decoder
        return code_of(self.shown.route, at, None if space is None else space.name)

    def film(self, film: Film, along: str | None, recipe: Recipe) -> tuple[bytes, tuple[int, int]]:
        """Make a film along the path, or of the edit; give its width and height as well."""
        way = way_along(self.shown.own, self.controls, along)

        def place(t: float) -> Coordinates:
            return self.shown.place(way(t), self.conditions)

        return film_of(self.renderer, self.shown, place, film, recipe, squares=self.squares)

    def page(
        self,
        state: Mapping[str, Any],
        front_end: tuple[str, str, str, str],
        recipe: Recipe,
        positions: int | None = None,
        directions: str | Iterable[str] | None = None,
        live: int | None = None,
    ) -> bytes:
        """Make a page that moves without a kernel, of the widget's traits and what shows them.

        With `live`, the decoder goes along if it has no more bytes than that.
        """
        pictures = self.recording(state, positions, directions)
        write = partial(
            page_of,
            self.renderer,
            self.shown,
            conditions=self.conditions,
            state=state,
            title=self.title,
            recipe=recipe,
        )
        if live is None:
            return write(pictures, front_end=front_end)
        space, page = self.renderer.space, b""
        try:
            with progress(what="exporting the decoder", delay=0):
                decoder = decoder_for_page(space, self.shown, self.at, live)
        except (LatentValueError, DecodeError) as error:
            why = str(error)
        else:
            decodes = (*front_end[:2], LIVE_CODE, front_end[3])
            recording = self._live(Asked(self.controls, state, positions, directions, live=True))
            page = write(recording, front_end=decodes, decoder=decoder)
            why = why_not_now(space, decoder, live)
        if not why:
            return page
        warn_caller(f"this page holds pictures, but no decoder that makes others: {why}")
        return write(pictures, front_end=front_end, why=why)

    def recording(
        self,
        state: Mapping[str, Any],
        positions: int | None = None,
        directions: str | Iterable[str] | None = None,
    ) -> Recording:
        """Say which frames a page is to hold; as `page`."""
        asked = Asked(self.controls, state, positions, directions)
        return recording_of(self.shown.own, asked, conditions=self.conditions)

    def contents(
        self, state: Mapping[str, Any], recording: Recording, beside: Iterable[Contents]
    ) -> Contents:
        """Decode these frames, for a page that shows more than this widget."""
        return contents_of(
            self.renderer, self.shown, recording, self.conditions, state=state, beside=beside
        )

    def _live(self, asked: Asked) -> Recording:
        """Say which frames a page is to hold that decodes: its conditions can be moved too."""
        found = recording_of(self.shown.own, asked, conditions=self.conditions)
        shown = [self.shown.place(at, self.conditions) for at in found.shown]
        changed = {**found.state, **live_traits(asked.state, DECODES)}
        return Recording(found.places, shown, changed, found.words)

    def where(self, asked: FileMessage) -> Snapshot:
        """Give what is shown at the place of which a page speaks: it may be ahead of the kernel.

        Raises
        ------
        StaleError
            If another route is shown than the page asks about.
        """
        if self.shown.name != asked.route:
            raise StaleError("the page asks about what is no longer shown.")
        own = len(self.shown.own.bounds)
        free = zip(self.shown.conditions.items(), asked.at[own:], strict=True)
        values = {name: one.value_at(x) for (name, one), x in free}
        return replace(self, controls=asked.at[:own], conditions={**self.conditions, **values})

    def check_shown(self) -> None:
        """Refuse what was made of it, where nobody waits for that any more.

        Raises
        ------
        StaleError
            If another route is shown by now, or the widget is closed.
        """
        if self.renderer.shown is not self.shown:
            raise StaleError("another route is shown by now.")


class Shows(Protocol):
    """A widget that may be closed."""

    def _settle(self) -> None:
        """Have that shown which is still being looked for."""

    def _snapshot(self) -> Snapshot | None:
        """Give what is shown now; None once the widget is closed."""


def shown_by(widget: Shows) -> Snapshot:
    """Give what a widget shows now, which a closed one does not."""
    snapshot = widget._snapshot()
    if snapshot is None:
        raise LatentValueError(CLOSED)
    return snapshot


def settled(widget: Shows) -> Snapshot:
    """Give what a widget shows once that is found which it is to show."""
    widget._settle()
    return shown_by(widget)
