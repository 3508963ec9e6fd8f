"""`Saved`: what the output of a cell keeps of a widget, for where no kernel runs."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

from latentwidgets.export.picture import side_by_side
from latentwidgets.widgets.code import static
from latentwidgets.widgets.guarded import Guarded
from latentwidgets.widgets.traits import Count

if TYPE_CHECKING:
    from latentwidgets.export.picture import Still
    from latentwidgets.export.saved_output import MovingPage

__all__ = ["Saved"]

# Puts the page in the place of the picture.
OPENER = static("saved_output.js").strip()
# A picture may take half of all bytes where there are so many, or else less; for HTML, where it is
# there again, it loses something where it takes more than this share.
SHARES, ROOMY, SHARE_OF_HTML = (0.5, 0.33, 0.2), 400_000, 8
# What stands around a page and is not counted with it.
AROUND = 1000
CAPTION = "font-size: 12px; opacity: 0.75; margin: 4px 0"


class Saved(Guarded):
    """A widget whose output can be seen without a kernel: a picture, and a page that moves.

    A subclass gives both; they are made as its output is.
    """

    saved_bytes = Count(
        1_000_000,
        least=0,
        most=2**30,
        help="How many bytes an output holds at most for where no kernel runs; 0 for none.",
    )

    def _stills(self) -> list[Still]:
        """Give pictures of all that is shown, which stand side by side; or none."""
        return []

    def _moving(self, _most: int) -> MovingPage | None:
        """Give a page that moves, of at most so many bytes; None where there can be none."""
        return None

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle: tuple[dict[str, Any], dict[str, Any]] | None
        bundle = super()._repr_mimebundle_(**kwargs)
        most = int(self.saved_bytes)
        stills = [] if bundle is None or most == 0 else self._stills()
        fitting = _fitting(side_by_side(stills), most) if stills else None
        if bundle is None or fitting is None:
            return bundle
        still, image, words, left = fitting
        page = self._moving(left - len(OPENER) - AROUND)
        return still.added_to(bundle, _written(image, words, page))


def _fitting(whole: Still, most: int) -> tuple[Still, str, str, int] | None:
    """Give a picture, the same as HTML, what is said of it, and how many bytes are left.

    None where it has no room.
    """
    for share in SHARES if most >= ROOMY else SHARES[1:]:
        still = whole.within(int(most * share))
        if still is not None:
            image, lossy = still.image(most // SHARE_OF_HTML)
            words = f"{still.words}, compressed" if lossy else still.words
            left = most - len(image) - len(_written("", words, None)) - still.letters
            if left >= 0:
                return still, image, words, left
    return None


def _written(image: str, words: str, page: MovingPage | None) -> str:
    """Write a picture, what is to be known of it, and what puts a page in its place."""
    about = f"{words}, as saved. Run the cell to move it."
    if page is not None:
        about = f"{words}. {page.words} are saved here, for where scripts may run."
    figure = (
        f'<figure style="margin: 0">{image}<figcaption style="{CAPTION}">{html.escape(about)}'
        "</figcaption></figure>"
    )
    if page is None:
        return figure
    held = f'data-lw-page="{page.packed}" data-lw-frames="{html.escape(page.frames)}"'
    return f"{figure}<script {held}>{OPENER}</script>"
