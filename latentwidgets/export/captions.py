"""Words under pictures."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from latentwidgets.common.items import check_ordered
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["caption_texts", "captioned", "fitted", "letters_of"]

# The size of letters, as a share of the picture's width, and at least so many pixels.
SHARE, LEAST = 1 / 16, 9
# No letter that can be read is narrower than this share of its size.
NARROWEST = 1 / 8


def caption_texts(
    captions: Any, times: NDArray[np.float64], words: Sequence[str]
) -> list[str] | None:
    """Say what is written under each frame.

    Parameters
    ----------
    captions : bool or iterable of str
        True for the frame's own words; texts are spread over the way.
    times : ndarray
        Where on the way each frame is, from 0 to 1.
    words : sequence of str
        What each frame's own words are.

    Returns
    -------
    list of str or None
        None where nothing is.

    Raises
    ------
    LatentTypeError, LatentValueError
        If captions are something else.

    Examples
    --------
    >>> caption_texts(["a", "b"], np.array([0.0, 0.4, 0.6, 1.0]), [""] * 4)
    ['a', 'a', 'b', 'b']
    """
    if isinstance(captions, (bool, np.bool_)):
        return list(words) if captions else None
    texts = check_ordered(captions, "captions are", "True, False, or texts")
    for text in texts:
        if not isinstance(text, str):
            raise LatentTypeError(f"captions hold {brief(text)}; expected texts.")
    if not texts:
        raise LatentValueError("captions are empty; pass False for none.")
    last = len(texts) - 1
    return [texts[min(last, int(t * len(texts)))] for t in times]


def letters_of(size: int) -> PIL.ImageFont.FreeTypeFont:
    """Give letters of so many pixels; they include Greek ones, as in "+1.5 σ"."""
    import matplotlib as mpl

    return PIL.ImageFont.truetype(f"{mpl.get_data_path()}/fonts/ttf/DejaVuSans.ttf", size)


def fitted(text: str, font: PIL.ImageFont.FreeTypeFont, width: float) -> str:
    """Give as much of a text as fits into one line, with "…" where it is cut.

    Parameters
    ----------
    text : str
        However long; each run of spaces and line ends counts as one space.
    font : PIL.ImageFont.FreeTypeFont
        What it is written in.
    width : float
        In pixels.

    Returns
    -------
    str
        Empty where not even one letter fits.

    Examples
    --------
    >>> fitted("a very long name", letters_of(12), 60)
    'a very l…'
    """
    line = " ".join(text.split())
    # To measure a text takes as long as it is, and no line has room for so many letters.
    most = min(len(line), max(0, int(width / font.size / NARROWEST)))
    if most == len(line) and font.getlength(line) <= width:
        return line
    kept = bisect_right(range(most), width, key=lambda n: font.getlength(f"{line[:n]}…")) - 1
    return "" if kept < 0 else f"{line[:kept]}…"


def captioned(
    pictures: Sequence[PIL.Image.Image], texts: Sequence[str] | None
) -> list[PIL.Image.Image]:
    """Write texts under pictures, in black on white; what is too long is cut.

    Parameters
    ----------
    pictures : sequence of PIL.Image.Image
        The pictures.
    texts : sequence of str or None
        One each; None leaves the pictures as they are.

    Returns
    -------
    list of PIL.Image.Image
        Higher by the strip that the text stands in.

    Examples
    --------
    >>> captioned([PIL.Image.new("L", (160, 80))], ["seven"])[0].size
    (160, 98)
    """
    if texts is None:
        return list(pictures)
    found = []
    for picture, text in zip(pictures, texts, strict=True):
        letters = max(LEAST, round(picture.width * SHARE))
        font = letters_of(letters)
        line = fitted(text, font, picture.width - letters)
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        strip = round(1.8 * letters)
        whole = PIL.Image.new(mode, (picture.width, picture.height + strip), "white")
        whole.paste(picture.convert(mode), (0, 0))
        middle = picture.width / 2, picture.height + strip / 2
        PIL.ImageDraw.Draw(whole).text(middle, line, fill="black", font=font, anchor="mm")
        found.append(whole)
    return found
