"""A picture of a widget, for where there is no kernel: a saved notebook, an e-mail, a printer."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING, Any, NamedTuple

from latentwidgets.frames import BARE, Quality

if TYPE_CHECKING:
    from latentwidgets.engine import Renderer
    from latentwidgets.engine.renderer import Shown
    from latentwidgets.frames import Frame
    from latentwidgets.routes.route import Coordinates

__all__ = ["Still", "base64_of", "first_picture", "still_of"]


def base64_of(data: bytes) -> str:
    """Write bytes as text."""
    return base64.b64encode(data).decode("ascii")


class Still(NamedTuple):
    """A picture of a widget.

    Attributes
    ----------
    png : bytes
        The picture.
    width : int
        How wide to show it, in CSS pixels.
    words : str
        What it shows.
    pixelated : bool
        Whether its pixels are to be seen where it is enlarged.
    """

    png: bytes
    width: int
    words: str
    pixelated: bool = False

    def added_to(
        self, bundle: tuple[dict[str, Any], dict[str, Any]]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Put the picture beside the widget: viewers that cannot run the widget show it.

        Parameters
        ----------
        bundle : tuple of dict
            Data and metadata by MIME type, as IPython takes them.

        Returns
        -------
        tuple of dict
            The same with ``image/png`` and ``text/html``.
        """
        data, metadata = bundle
        text = base64_of(self.png)
        style = ' style="image-rendering: pixelated"' if self.pixelated else ""
        image = (
            f'<img src="data:image/png;base64,{text}" width="{self.width}"{style}'
            f' alt="{html.escape(self.words)}">'
        )
        return (
            {**data, "image/png": text, "text/html": image},
            {**metadata, "image/png": {"width": self.width}},
        )


def first_picture(renderer: Renderer, at: Coordinates) -> dict[str, Any] | None:
    """Give the frame to begin with as JSON, for a page that has asked for nothing yet.

    Parameters
    ----------
    renderer : Renderer
        What draws it.
    at : tuple of float
        Where the controls are.

    Returns
    -------
    dict or None
        None where nothing is drawn.

    Raises
    ------
    DecodeError
        If the decoder fails.
    """
    shown, frame = _exact(renderer, at)
    if shown is None or frame is None:
        return None
    mime, data = frame.mime, frame.data
    if mime.startswith(BARE):  # which a page paints at once, but this is also saved to files
        mime, data = "image/png", renderer.framer().png(frame)
    return {"at": frame.at, "route": shown.name, "mime": mime, "data": base64_of(data)}


def still_of(renderer: Renderer, at: Coordinates, *, name: str, width: int) -> Still | None:
    """Draw the picture at some coordinates, for where there is no kernel.

    Parameters
    ----------
    renderer, at
        As of `first_picture`.
    name : str
        What the widget is called.
    width : int
        How wide to show it, in CSS pixels.

    Returns
    -------
    Still or None
        None where nothing is drawn.

    Raises
    ------
    DecodeError
        If the decoder fails.
    """
    shown, frame = _exact(renderer, at)
    if shown is None or frame is None:
        return None
    words = f"{name} at {shown.route.words(at)}"
    png = renderer.framer().png(frame)
    return Still(png, width, words, pixelated=not renderer.painter)


def _exact(renderer: Renderer, at: Coordinates) -> tuple[Shown | None, Frame | None]:
    """Draw the exact frame, and say of which route; no frame where nothing is drawn."""
    shown = renderer.shown
    if shown is None or not renderer.draws:
        return shown, None
    [frame] = renderer.draw(shown.name, [at], Quality.LOSSLESS).frames
    return shown, frame
