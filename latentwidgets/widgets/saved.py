"""`Saved`: what is kept of a widget for where no kernel runs."""

from __future__ import annotations

import html
from functools import partial
from typing import TYPE_CHECKING, Any

import anywidget

from latentwidgets.adapters.weights import weights_bytes
from latentwidgets.errors import DecodeError
from latentwidgets.export.files import noted
from latentwidgets.export.picture import Still, first_picture, side_by_side, still_of
from latentwidgets.export.saved_output import NO_ROOM, MovingPage, can_move, moving_page
from latentwidgets.widgets.code import page_code_in, static
from latentwidgets.widgets.saving import recipe_to_save
from latentwidgets.widgets.traits import Count

if TYPE_CHECKING:
    from collections.abc import Callable

    from latentwidgets.export.recipe import Recipe
    from latentwidgets.widgets.snapshot import Snapshot

__all__ = ["Saved", "picture_now"]

# Puts the page in the place of the picture.
OPENER = static("saved_output.js").strip()
# A picture may take half of all bytes where there are so many, or else less; for HTML, where it is
# there again, it loses something where it takes more than this share.
SHARES, ROOMY, SHARE_OF_HTML = (0.5, 0.33, 0.2), 400_000, 8
# A recipe goes along with the picture where there may be so many bytes, of which it takes no larger
# share than this; and where no more bytes of weights are to be read: a cell waits for its output.
ROOM_FOR_RECIPE, SHARE_OF_RECIPE, MOST_WEIGHTS = 100_000, 8, 2**26
# What stands around a page, and is not counted with it, takes less where its words are few.
AROUND = 400
# Why there is no page, and the way out.
SOUGHT = "what it would show is still being looked for. Show the widget again once that is found"
FAILED = "the decoder failed for its pictures: the log says how. Mend it, and show the widget again"
NOT_DRAWN = "%s could not decode its picture"
NOT_WRITTEN = "%s could not write its recipe"
CAPTION = "font-size: 12px; opacity: 0.75; margin: 4px 0"


class Saved(anywidget.AnyWidget):
    """A widget that is seen without a kernel: a picture in its state, and one in its output.

    The output has a page that moves as well. A subclass says what it shows; all is drawn as its
    state, or its output, is asked for.
    """

    saved_bytes = Count(
        1_000_000,
        least=0,
        most=2**30,
        help="How many bytes an output holds at most for where no kernel runs; 0 for none.",
    )

    # What a subclass says

    def _snapshot(self) -> Snapshot | None:
        """Give what is shown now; None where nothing is, or other widgets show it."""
        return None

    def _seeks(self) -> bool:
        """Say whether something else is shown, as what is to be shown is still looked for."""
        return False

    # What is drawn of it

    def _drawn(self, draw: Callable[[Snapshot], Any], now: Snapshot | None = None) -> Any:
        """Draw what was shown at a moment, or is now; None where nothing can be drawn."""
        try:
            now = now or self._snapshot()
            return None if now is None else draw(now)
        # A page that loads must get its state, whatever the decoder does; the error itself
        # is shown as soon as the page asks.
        except Exception:
            self.log.exception(NOT_DRAWN, type(self).__name__)
            return None

    def _first_pictures(self) -> Any:
        """Give what a page shows that has asked for nothing yet: a picture, or a list of some."""
        return self._drawn(lambda now: first_picture(now.renderer, now.at))

    def _still(self, now: Snapshot) -> Still | None:
        """Give a picture for where there is no kernel."""
        return still_of(now.renderer, now.shown, now.at, name=now.name, width=now.width)

    def _stills(self, now: Snapshot | None = None) -> list[Still]:
        """Give pictures of all that was shown at a moment, or is now, side by side; or none."""

        def seen(now: Snapshot) -> Still | None:
            still = self._still(now)
            if still is None or not now.smooth:
                return still
            return Still(still.png, still.width, still.words)  # enlarged as on the page

        still: Still | None = self._drawn(seen, now)
        return [] if still is None else [still]

    def _kept_recipe(self, now: Snapshot | None) -> Recipe | None:
        """Write down what is drawn; None where that takes too long, or cannot be done."""
        widget: Any = self
        try:
            space = widget.space if now is None else now.renderer.decoder
            if space is not None and weights_bytes(space.decoder) > MOST_WEIGHTS:
                return None
            recipe: Recipe = widget.recipe() if now is None else recipe_to_save(widget, now)
        except Exception:  # the picture stays, whatever a subclass writes down
            self.log.exception(NOT_WRITTEN, type(self).__name__)
            return None
        return recipe

    def _moving(self, most: int) -> MovingPage | str:
        """Give a page that moves, of at most so many bytes, or say why there is none.

        There is nothing to say where nothing that is shown could move on a page.
        """
        page: MovingPage | str | None = self._drawn(partial(self._moving_page, most))
        return page or ""

    def _moving_page(self, most: int, now: Snapshot) -> MovingPage | str:
        if not can_move(now.renderer):
            return ""
        if self._seeks():
            return SOUGHT
        if most <= 0:
            return NO_ROOM
        state, front_end = page_code_in(self)
        shown: dict[str, Any] = {"state": state, "front_end": front_end, "title": now.title}
        try:
            return moving_page(now.renderer, now.controls, now.conditions, most=most, **shown)
        except DecodeError:
            self.log.exception(NOT_DRAWN, type(self).__name__)
            return FAILED

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle: tuple[dict[str, Any], dict[str, Any]] | None
        bundle = super()._repr_mimebundle_(**kwargs)
        most = int(self.saved_bytes)
        # Another thread may move it: picture and recipe are of the same moment.
        now: Snapshot | None = self._drawn(lambda shown: shown)
        stills = [] if bundle is None or most == 0 else self._stills(now)
        recipe = self._kept_recipe(now) if stills and most >= ROOM_FOR_RECIPE else None
        fitting = _fitting(side_by_side(stills), most, recipe) if stills else None
        if bundle is None or fitting is None:
            return bundle
        still, image, words, left = fitting
        page = self._moving(left - len(OPENER) - AROUND)
        all_written = (_written(image, words, one) for one in (page, NO_ROOM, ""))
        room = most - still.letters
        return still.added_to(bundle, next(one for one in all_written if len(one) <= room))


def _fitting(whole: Still, most: int, recipe: Recipe | None) -> tuple[Still, str, str, int] | None:
    """Give a picture, the same as HTML, what is said of it, and how many bytes are left.

    None where it has no room.
    """
    for share in SHARES if most >= ROOMY else SHARES[1:]:
        still = whole.within(int(most * share))
        if still is not None:
            still = _with_recipe(still, recipe, most // SHARE_OF_RECIPE)
            image, lossy = still.image(most // SHARE_OF_HTML)
            words = f"{still.words}, compressed" if lossy else still.words
            left = most - len(image) - len(_written("", words, "")) - still.letters
            if left >= 0:
                return still, image, words, left
    return None


def _with_recipe(still: Still, recipe: Recipe | None, most: int) -> Still:
    """Add a recipe to a picture, where that takes at most so many letters."""
    if recipe is None:
        return still
    whole = still.with_file(noted(still.png, recipe))
    return whole if whole.letters - still.letters <= most else still


def _written(image: str, words: str, page: MovingPage | str) -> str:
    """Write a picture, what is to be known of it, and what puts a page in its place, or why not."""
    about = f"{words}, as saved. Run the cell to move it."
    if isinstance(page, MovingPage):
        about = f"{words}. {page.words} are saved here, for where scripts may run."
    elif page:
        about += f" No page that moves is saved here: {page}."
    figure = (
        f'<figure class="lw-saved" style="margin: 0">{image}'
        f'<figcaption style="{CAPTION}">{html.escape(about)}</figcaption></figure>'
    )
    if isinstance(page, str):
        return figure
    held = f'data-lw-page="{page.packed}" data-lw-frames="{html.escape(page.frames)}"'
    return f"{figure}<script {held}>{OPENER}</script>"


def picture_now(_value: object, widget: Saved) -> Any:
    """Draw what a widget shows now, for a page that asks for its state."""
    return widget._first_pictures()
