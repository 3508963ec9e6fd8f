"""A picture of a widget, for where there is no kernel: a saved notebook, an e-mail, a printer."""

from __future__ import annotations

import base64
import html
import io
from typing import TYPE_CHECKING, Any, NamedTuple

import PIL.Image

from latentwidgets.common.checks import check_whole
from latentwidgets.errors import LatentValueError
from latentwidgets.frames import BARE, Quality
from latentwidgets.frames.encode import WEBP_SIDE, as_png

if TYPE_CHECKING:
    from collections.abc import Sequence

    from latentwidgets.engine import Renderer
    from latentwidgets.engine.shown import Shown
    from latentwidgets.frames import Frame
    from latentwidgets.routes.route import Coordinates

__all__ = [
    "Still",
    "base64_of",
    "first_picture",
    "height_at",
    "side_by_side",
    "sized",
    "still_of",
    "told",
]

# A picture is at most so wide and so high, in pixels.
WIDEST = 16_384
# A picture is not made smaller than this each way, in pixels.
LEAST = 8
# Pictures stand side by side as far as this, in pixels, and so far from each other.
ACROSS, BETWEEN = 1000, 16


def base64_of(data: bytes) -> str:
    """Write bytes as text."""
    return base64.b64encode(data).decode("ascii")


def letters_of(data: bytes) -> int:
    """Say how long bytes are in base64."""
    return 4 * -(-len(data) // 3)


def height_at(picture: PIL.Image.Image, width: int) -> int:
    """Give how high a picture is at another width, in whole pixels."""
    return max(1, round(width * picture.height / picture.width))


def sized(picture: PIL.Image.Image, size: int | None, *, squares: bool) -> PIL.Image.Image:
    """Give a picture another width; the height follows.

    Parameters
    ----------
    picture : PIL.Image.Image
        In any mode that has grey, RGB or RGBA pixels.
    size : int or None
        How wide, in pixels; None leaves the picture as it is.
    squares : bool
        Whether its pixels are to be seen as squares where it is enlarged.

    Raises
    ------
    LatentTypeError, LatentValueError
        If `size` is no whole number from 1 to 16,384, or the picture would be higher than that.

    Examples
    --------
    >>> sized(PIL.Image.new("RGB", (8, 4)), 300, squares=True).size
    (300, 150)
    """
    if size is None:
        return picture
    width = check_whole(size, "size", least=1, most=WIDEST)
    height = height_at(picture, width)
    if height > WIDEST:
        raise LatentValueError(
            f"size is {width}: the picture would be {height:,} pixels high; expected at most "
            f"{WIDEST:,}. Pass a smaller size."
        )
    if not squares or width <= picture.width:
        return picture.resize((width, height), PIL.Image.Resampling.LANCZOS)
    # First to larger squares of one size: of pixels alone, some would be wider than others.
    times = -(-width // picture.width)
    whole = (times * picture.width, times * picture.height)
    squared = picture.resize(whole, PIL.Image.Resampling.NEAREST)
    return squared.resize((width, height), PIL.Image.Resampling.BOX)


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
    lossy : bool
        Whether it was made smaller to save room.
    file : bytes
        The picture with what goes along, such as its recipe; empty for the picture alone.
    """

    png: bytes
    width: int
    words: str
    pixelated: bool = False
    lossy: bool = False
    file: bytes = b""

    @property
    def letters(self) -> int:
        """How long its file is in base64."""
        return letters_of(self.file or self.png)

    def with_file(self, file: bytes) -> Still:
        """Give the same picture as another file, with what goes along."""
        return self._replace(file=file)

    def within(self, most: int) -> Still | None:
        """Give a picture of at most so many letters in base64: a smaller one if need be.

        Returns
        -------
        Still or None
            None where even a picture that shows nothing any more has more.
        """
        if self.letters <= most:
            return self
        with PIL.Image.open(io.BytesIO(self.png)) as picture:
            picture.load()
        share = 0.7 * most / len(self.png)
        for _ in range(8):
            size = [int(side * share**0.5) for side in picture.size]
            if min(size) < LEAST:
                return None
            png = as_png(picture.resize((size[0], size[1]), PIL.Image.Resampling.BOX))
            smaller = Still(png, self.width, self.words, lossy=True)
            if smaller.letters <= most:
                return smaller
            share *= 0.6
        return None

    def added_to(
        self, bundle: tuple[dict[str, Any], dict[str, Any]], page: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Put the picture beside the widget: viewers that cannot run the widget show it.

        Parameters
        ----------
        bundle : tuple of dict
            Data and metadata by MIME type, as IPython takes them.
        page : str
            What viewers of HTML show.

        Returns
        -------
        tuple of dict
            The same with ``image/png`` and ``text/html``.
        """
        data, metadata = bundle
        return (
            {**data, "image/png": base64_of(self.file or self.png), "text/html": page},
            {**metadata, "image/png": {"width": self.width}},
        )

    def image(self, most: int) -> tuple[str, bool]:
        """Write the picture as HTML: as a smaller file with loss where it has more letters.

        Returns
        -------
        tuple of str and bool
            The HTML, and whether it shows less than was drawn.
        """
        mime, data = "image/png", self.png
        if letters_of(data) > most:
            mime, data = _with_loss(data)
        lossy = self.lossy or data is not self.png
        if data is self.png and self.file:
            data = self.file
        style = "max-width: 100%; height: auto"
        style += "; image-rendering: pixelated" if self.pixelated else ""
        image = (
            f'<img src="data:{mime};base64,{base64_of(data)}" width="{self.width}" '
            f'style="{style}" alt="{html.escape(self.words)}">'
        )
        return image, lossy


def side_by_side(stills: Sequence[Still]) -> Still:
    """Put pictures into one, as wide as each is shown, from left to right and then below.

    Parameters
    ----------
    stills : sequence of Still
        One, which stays as it is, or more; what each says is said of the whole.

    Examples
    --------
    >>> one = Still(as_png(PIL.Image.new("L", (8, 4))), 400, "")
    >>> whole = side_by_side([one, one, one])
    >>> PIL.Image.open(io.BytesIO(whole.png)).size
    (816, 416)
    """
    if len(stills) == 1:
        return stills[0]
    places, pictures, left, top, below = [], [], 0, 0, 0
    for still in stills:
        with PIL.Image.open(io.BytesIO(still.png)) as one:
            picture = sized(one, still.width, squares=still.pixelated).convert("RGBA")
        if left and left + picture.width > ACROSS:
            left, top = 0, below + BETWEEN
        places.append((left, top))
        pictures.append(picture)
        left += picture.width + BETWEEN
        below = max(below, top + picture.height)
    width = max(x + one.width for (x, _), one in zip(places, pictures, strict=True))
    whole = PIL.Image.new("RGBA", (width, below))
    for place, picture in zip(places, pictures, strict=True):
        whole.paste(picture, place)
    return Still(as_png(whole), width, "; ".join(dict.fromkeys(still.words for still in stills)))


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
    frame = None if renderer.shown is None else _exact(renderer, renderer.shown, at)
    return None if frame is None else told(renderer, frame)


def told(renderer: Renderer, frame: Frame) -> dict[str, Any]:
    """Give a frame of what is shown as JSON, as a page takes it; it loses nothing here."""
    shown = renderer.shown
    assert shown is not None
    mime, data = frame.mime, frame.data
    if mime.startswith(BARE):  # which a page paints at once, but this is also saved to files
        mime, data = "image/png", renderer.framer().png(frame)
    about = {"at": frame.at, "route": shown.name, "mime": mime, "data": base64_of(data)}
    return about if frame.lossless else {**about, "lossless": False}


def still_of(
    renderer: Renderer, shown: Shown, at: Coordinates, *, name: str, width: int
) -> Still | None:
    """Draw the picture at some coordinates, for where there is no kernel.

    Parameters
    ----------
    renderer, at
        As of `first_picture`.
    shown : Shown
        The route that they are of.
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
    StaleError
        If another route is shown by now.
    """
    frame = _exact(renderer, shown, at)
    if frame is None:
        return None
    words = f"{name} at {shown.route.words(at)}"
    png = renderer.framer().png(frame)
    return Still(png, width, words, pixelated=not renderer.painter)


def _with_loss(png: bytes) -> tuple[str, bytes]:
    """Give a picture with fewer bytes, soon; as it is where it is too large for that."""
    buffer = io.BytesIO()
    with PIL.Image.open(io.BytesIO(png)) as picture:
        if picture.mode in ("L", "RGB"):
            picture.save(buffer, "JPEG", quality=90, subsampling=0)
            return "image/jpeg", buffer.getvalue()
        if max(picture.size) > WEBP_SIDE:
            return "image/png", png
        picture.save(buffer, "WEBP", quality=85, method=0)
        return "image/webp", buffer.getvalue()


def _exact(renderer: Renderer, shown: Shown, at: Coordinates) -> Frame | None:
    """Draw the exact frame; None where nothing is drawn."""
    if not renderer.draws:
        return None
    [frame] = renderer.draw(shown.name, [at], Quality.LOSSLESS).frames
    return frame
