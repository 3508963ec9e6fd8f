"""Texts: how a decoder's outputs are read as such, and how they are drawn."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.errors import DecodeError, LatentTypeError
from latentwidgets.frames.frame import Frame
from latentwidgets.frames.ink import ink
from latentwidgets.frames.plot import Plotter
from latentwidgets.kinds.shared.kind import Kind
from latentwidgets.kinds.shared.objects import ObjectReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from latentwidgets.frames.frame import Quality
    from latentwidgets.frames.tiles import Tiling
    from latentwidgets.kinds.reading.arrays import Outputs

__all__ = ["KIND", "TextFramer", "TextReader", "holds_texts"]


class TextReader(ObjectReader):
    """Reads the outputs of one decoder as texts.

    Examples
    --------
    >>> TextReader().read(("a", "b"), 2, lambda: [])
    ['a', 'b']
    """

    def __init__(self) -> None:
        super().__init__("text")

    def read(self, raw: Any, count: int, probe: Callable[[], Iterable[Outputs]]) -> list[str]:
        """Check that a batch is a list with one text for each latent: see `Reader.read`."""
        texts = super().read(raw, count, probe)
        for i, text in enumerate(texts):
            if not isinstance(text, str):
                raise DecodeError(
                    f"decode returned a list whose entry {i} is a {type(text).__name__}; expected "
                    "a str for each latent. Return str(...) of it, or '' where there is nothing."
                )
        return [str(text) for text in texts]  # an array of NumPy holds a class of texts of its own

    def take(self, given: Any) -> NDArray[Any]:
        """Take a list of texts that are to be encoded."""
        texts = super().take(given)
        if not all(isinstance(text, str) for text in texts):
            raise LatentTypeError("encode got a list with entries that are no str; expected texts.")
        return texts


def holds_texts(raw: object) -> bool:
    """Tell whether a decoder returned texts, or meant to.

    One text in a list is enough: a list with another entry beside it is refused later, by a message
    that names this entry.

    Examples
    --------
    >>> [holds_texts(raw) for raw in ([None, "a"], np.array(["a"]), [], np.zeros(3), "a")]
    [True, True, False, False, False]
    """
    if isinstance(raw, np.ndarray):
        return raw.dtype.kind == "U" or (raw.dtype == object and holds_texts(raw.ravel().tolist()))
    return isinstance(raw, (list, tuple)) and any(isinstance(one, str) for one in raw)


# The sizes of letters in points. Texts are drawn in the largest in which all of them fit. Those
# that do not fit in the smallest are cut.
SIZES = (18, 14, 11, 9, 7.5, 6, 5)
# How wide a letter is and how high a line, as shares of the size: rather more than most are.
LETTER = (0.58, 1.25)
# How far from the edge of its tile a text starts, as a share of the width.
MARGIN = 0.03


class TextFramer(Plotter):
    """Draws texts. A frame is a JSON list, of one text or of several that are shown together.

    Examples
    --------
    >>> from latentwidgets.frames import Quality
    >>> TextFramer().frame(["<b>"], (0.5,), Quality.LOSSLESS).data
    b'["<b>"]'
    """

    aspect = 1.5
    inches = 1.2

    def frame(self, outputs: Sequence[str], at: tuple[float, ...], _quality: Quality) -> Frame:
        """Encode the texts shown at some coordinates."""
        data = json.dumps(list(outputs)).encode()
        return Frame(at, data, "application/json", lossless=True)

    def outputs(self, frame: Frame) -> list[str]:
        """Read the texts of a frame."""
        texts: list[str] = json.loads(frame.data)
        return texts

    def draw(self, axes: Any, outputs: Sequence[str], tiling: Tiling, *, points: float) -> None:
        """Draw the texts, all in letters of one size."""
        size, broken = _fitted(outputs, points * (1 - 2 * MARGIN), points / self.aspect)
        inset = MARGIN * tiling.width
        for lines, (left, top) in zip(broken, tiling.corners, strict=True):
            axes.text(
                *(left + inset, top + inset, "\n".join(lines)),
                fontsize=size,
                va="top",
                linespacing=1.1,
                parse_math=False,  # a dollar sign is no mark of a formula
                color=ink(axes),
            )


def _fitted(texts: Sequence[str], width: float, height: float) -> tuple[float, list[list[str]]]:
    """Find the largest size of letters in which all texts fit, and break them into lines for it.

    Width and height are those of the place for one text, in points.
    """
    broken: list[list[str]] = []
    for size in SIZES:
        across = max(1, int(width / (LETTER[0] * size)))
        down = max(1, int(height / (LETTER[1] * size)))
        broken = [_broken(text, across) for text in texts]
        if all(len(lines) <= down for lines in broken):
            return size, broken
    return size, [lines if len(lines) <= down else [*lines[: down - 1], "…"] for lines in broken]


def _broken(text: str, across: int) -> list[str]:
    """Break a text into lines of at most so many letters."""
    return [
        line for paragraph in text.splitlines() for line in textwrap.wrap(paragraph, across) or [""]
    ]


KIND = Kind(
    name="text",
    make_reader=lambda _name, _options: TextReader(),
    make_framer=lambda _sample_rate, _value_range: TextFramer(),
    painter="kind_text.js",
    continues_prompt=True,
    recognises=holds_texts,
)
