"""Texts with a number for each token: how they are read off a decoder, and how they are drawn."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_options
from latentwidgets.common.wording import brief
from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.frames.frame import Frame, Quality
from latentwidgets.frames.ink import DARK, GREY
from latentwidgets.frames.plot import Plotter
from latentwidgets.kinds.reading.ranges import check_range, round_out
from latentwidgets.kinds.shared.kind import Kind
from latentwidgets.kinds.shared.objects import ObjectReader
from latentwidgets.kinds.text import SIZES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.frames.tiles import Tiling
    from latentwidgets.kinds.reading.arrays import Outputs
    from latentwidgets.kinds.reading.ranges import Range

__all__ = ["KIND", "TokenFramer", "TokenReader", "Tokens", "colour_of", "named", "placed_in"]

# The colours of numbers below 0 and above it, and how much of them is in the colour of the number
# that is farthest from 0; the rest is the ground. Both are as bright, and apart for whoever sees no
# red or green; on white and dark, letters keep a contrast above 4.5. The painter has the same.
BELOW, ABOVE = (0x1F, 0x78, 0xD1), (0xC2, 0x5A, 0x00)
MOST_COLOUR = 0.7


@checked_options
@dataclass(frozen=True)
class Tokens:
    """A text in pieces, with a number for each.

    What a decoder of kind "tokens" returns for a latent. The bare list of pairs will do as well.

    Parameters
    ----------
    pairs : iterable of pair of str and float
        The pieces in order, each with its number; None or NaN where it has none. The text is the
        pieces put together, so that they hold the spaces between words.
    label : str
        What the number is, in words that a reader understands, such as "surprise in bits".

    Raises
    ------
    LatentTypeError, LatentValueError
        If these are no pairs of a text and a number, or a number is infinite.

    Examples
    --------
    >>> tokens = Tokens([("The", 0.2), (" fox", 3.1), (".", None)], label="surprise in bits")
    >>> str(tokens), tokens.numbers
    ('The fox.', (0.2, 3.1, None))
    """

    pairs: tuple[tuple[str, float | None], ...]
    label: str = ""

    def __post_init__(self) -> None:
        expected = "a list of (token, number) pairs, such as [('The', 0.2), (' fox', None)]"
        given = check_items(self.pairs, "pairs is", expected)
        object.__setattr__(self, "pairs", tuple(_pair(one, i) for i, one in enumerate(given)))
        if not isinstance(self.label, str):
            raise LatentTypeError(f"label is {brief(self.label)}; expected a text.")

    @property
    def numbers(self) -> tuple[float | None, ...]:
        """The number of each piece; None where it has none."""
        return tuple(number for _, number in self.pairs)

    def __str__(self) -> str:
        return "".join(text for text, _ in self.pairs)

    def _repr_html_(self) -> str:
        """Show the text coloured as widgets do, with each piece's number as its title.

        Below it stands what the colours are; opened, by mouse or keys, it lists all numbers.
        Colours are mixed with what lies behind them, so that they fit light and dark pages.
        """
        most = max((abs(one) for one in self.numbers if one is not None), default=0.0) or 1.0
        ends = f"−{most:.3g} (blue) to {most:.3g} (orange)"
        if all((one or 0.0) >= 0 for one in self.numbers):
            ends = f"0 to {most:.3g} (orange)"
        said = f"{self.label}: {ends}" if self.label else ends
        words = "".join(_html_of(text, number, most) for text, number in self.pairs)
        listed = " ".join(
            f'<span style="display: inline-block; margin-right: 1em">{escape(named(text))} '
            f"<b>{_written(number)}</b></span>"
            for text, number in self.pairs
        )
        return (
            f'<div style="white-space: pre-wrap">{words}</div>'
            f'<div style="font-size: smaller"><details><summary>{escape(said)}; all numbers'
            f"</summary>{listed}</details></div>"
        )


def named(text: str) -> str:
    r"""Give what a piece is called where it stands alone: what cannot be seen has a sign.

    Examples
    --------
    >>> [named(text) for text in (" fox", " ", ".\n", "")]
    ['fox', '␣', '.⏎', 'no text']
    """
    return text.replace("\n", "⏎").replace("\t", "⇥").strip() or ("␣" if text else "no text")


def _written(number: float | None) -> str:
    """Write a number in words that stand alone."""
    return "no number" if number is None else f"{number:.3g}".replace("-", "−")


def _html_of(text: str, number: float | None, most: float) -> str:
    """Write one piece of a text as HTML, escaped."""
    title = _written(number)
    if not number:
        return f'<span title="{title}">{escape(text)}</span>'
    red, green, blue = ABOVE if number > 0 else BELOW
    colour = f"rgba({red}, {green}, {blue}, {MOST_COLOUR * abs(number) / most:.3f})"
    return f'<span style="background: {colour}" title="{title}">{escape(text)}</span>'


def _pair(given: Any, i: int) -> tuple[str, float | None]:
    """Check one pair."""
    what = f"entry {i} is {brief(given)}"
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != 2:
        raise LatentTypeError(
            f"{what}; expected a pair of a token, which is a text, and its number."
        )
    text, number = given
    if not isinstance(text, str):
        raise LatentTypeError(f"{what}; expected a text as its first part. Decode the token first.")
    if number is None:
        return str(text), None
    try:
        value = float(number)
    except (TypeError, ValueError) as error:
        raise LatentTypeError(f"{what}; expected a number or None as its second part.") from error
    if math.isinf(value):
        raise LatentValueError(
            f"{what}; expected a finite number. Cut it off at the largest that means something, or "
            "pass None for a token that has no number."
        )
    return str(text), None if math.isnan(value) else value


class TokenReader(ObjectReader):
    """Reads the outputs of one decoder as tokens with numbers.

    Parameters
    ----------
    value_range
        The option of `latentwidgets.LatentSpace`: the numbers at both ends of the colours. "auto"
        finds round ones around the first outputs, 0 among them, and as far to both sides where
        there are numbers below 0; later outputs widen them, and nothing narrows them, so that a
        colour means one number.

    Attributes
    ----------
    value_range : tuple of float or None
        The range as it is now; None until there are outputs.

    Examples
    --------
    >>> TokenReader("auto").read([[("a", 1.0)]], 1, lambda: [])
    [Tokens(pairs=(('a', 1.0),), label='')]
    """

    def __init__(self, value_range: str | ArrayLike) -> None:
        super().__init__("tokens")
        self.value_range: Range | None = check_range(value_range)
        self._fixed = self.value_range is not None

    def read(self, raw: Any, count: int, probe: Callable[[], Iterable[Outputs]]) -> list[Tokens]:
        """Check that a batch is a list with the tokens of each latent: see `Reader.read`."""
        given = super().read(raw, count, probe)
        outputs = [self._one(one, i) for i, one in enumerate(given)]
        if not self._fixed:
            numbers = [x for one in outputs for x in one.numbers if x is not None]
            self.value_range = _widened(
                self.value_range, min([0.0, *numbers]), max([0.0, *numbers])
            )
        return outputs

    def unchanging(self) -> TokenReader:
        """Return a copy whose range stays as it is now."""
        other = copy.copy(self)
        other._fixed = True
        return other

    def take(self, given: Any) -> NDArray[Any]:
        """Take a list of texts that are to be encoded, or of tokens, whose texts they are."""
        entries = super().take(given)
        texts = [str(one) if isinstance(one, (str, Tokens)) else None for one in entries]
        if None in texts:
            raise LatentTypeError(
                "encode got a list with entries that are neither str nor Tokens; expected texts."
            )
        return np.array(texts, object)

    def _one(self, given: Any, i: int) -> Tokens:
        if isinstance(given, Tokens):
            return given
        try:
            return Tokens(given)
        except (LatentTypeError, LatentValueError) as error:
            raise DecodeError(f"decode returned for latent {i} no tokens: {error}") from error


def _widened(now: Range | None, low: float, high: float) -> Range:
    """Widen a range so that it holds 0, what it held, and more: to as far on both sides, or above.

    Examples
    --------
    >>> _widened(None, 0.0, 3.7), _widened((0.0, 4.0), -1.0, 2.0), _widened((-4.0, 4.0), 0.0, 4.0)
    ((0.0, 4.0), (-4.0, 4.0), (-4.0, 4.0))
    """
    if now:
        if now[0] <= low and high <= now[1]:
            return now
        low, high = min(low, now[0]), max(high, now[1])
    most = round_out(0.0, max(-low, high) or 1.0)[1]
    return -most if low < 0 else 0.0, most


def holds_tokens(raw: object) -> bool:
    """Tell whether a decoder returned tokens with numbers.

    Examples
    --------
    >>> [holds_tokens(raw) for raw in ([[("a", 1)]], [Tokens([])], ["a"], [[1, 2]], [])]
    [True, True, False, False, False]
    """
    return isinstance(raw, (list, tuple)) and any(
        isinstance(one, Tokens)
        or (isinstance(one, (list, tuple)) and len(one) > 0 and _is_pair(one[0]))
        for one in raw
    )


def _is_pair(one: object) -> bool:
    return isinstance(one, (list, tuple)) and len(one) == 2 and isinstance(one[0], str)


def colour_of(number: float | None, value_range: Range) -> tuple[float, float, float]:
    """Give the colour of a number on white, each of red, green and blue from 0 to 1.

    Examples
    --------
    >>> colour_of(0.0, (-1, 1)), colour_of(None, (-1, 1))
    ((1.0, 1.0, 1.0), (1.0, 1.0, 1.0))
    """
    most = max(map(abs, value_range)) or 1.0
    share = MOST_COLOUR * min(1.0, max(-1.0, (number or 0.0) / most))
    red, green, blue = (
        1 - abs(share) * (1 - part / 255) for part in (ABOVE if share > 0 else BELOW)
    )
    return red, green, blue


# How wide a letter of DejaVu Sans Mono is and how high a line, as shares of its size.
LETTER = (0.602, 1.3)
# How far from the edge of its tile a text starts, and how much of the height the scale takes.
MARGIN, SCALE = 0.03, 0.14


class TokenFramer(Plotter):
    """Draws tokens with numbers. A frame is JSON: the range, and for each text label and pairs.

    Parameters
    ----------
    limits : tuple of float
        The numbers at the ends of the colours, as they are now.
    """

    aspect = 1.5
    inches = 1.6

    def __init__(self, limits: Range) -> None:
        self._limits = limits

    def frame(self, outputs: Sequence[Tokens], at: tuple[float, ...], _quality: Quality) -> Frame:
        """Encode the tokens shown at some coordinates."""
        texts = [{"label": one.label, "pairs": one.pairs} for one in outputs]
        data = json.dumps({"range": self._limits, "texts": texts}, separators=(",", ":")).encode()
        return Frame(at, data, "application/json", lossless=True)

    def outputs(self, frame: Frame) -> list[Tokens]:
        """Read the tokens of a frame."""
        texts = json.loads(frame.data)["texts"]
        return [Tokens(one["pairs"], label=one["label"]) for one in texts]

    def draw(self, axes: Any, outputs: Sequence[Tokens], tiling: Tiling, *, points: float) -> None:
        """Draw the texts, all in letters of one size, and the scale where there is one text."""
        from matplotlib.patches import Rectangle

        alone = len(outputs) == 1
        room = points / self.aspect * (1 - (SCALE if alone else 0) - 2 * MARGIN)
        size, lines = _fitted(outputs, points * (1 - 2 * MARGIN), room)
        unit = tiling.width / points  # of the axes, in a point
        across, height = (share * size * unit for share in LETTER)
        for placed, (left, top) in zip(lines, tiling.corners, strict=True):
            for text, number, column, line in placed:
                x = left + MARGIN * tiling.width + column * across
                y = top + MARGIN * tiling.width + line * height
                look: Any = {"color": colour_of(number, self._limits), "linewidth": 0}
                axes.add_patch(Rectangle((x, y), len(text) * across, height, **look))
                axes.text(
                    *(x, y + height / 2, text),
                    fontsize=size,
                    family="DejaVu Sans Mono",
                    va="center_baseline",
                    parse_math=False,  # a dollar sign is no mark of a formula
                    color=DARK,
                )
        if alone:
            low, high = (f"{end:.4g}".replace("-", "−") for end in self._limits)
            what = f"{outputs[0].label}: " if outputs[0].label else ""
            said = f"{what}{low}{' (blue)' * (self._limits[0] < 0)} to {high} (orange)"
            axes.text(
                *(MARGIN * tiling.width, tiling.height * (1 - MARGIN), said),
                fontsize=min(8.0, points * (1 - 2 * MARGIN) / (len(said) * LETTER[0])),
                va="bottom",
                parse_math=False,
                color=GREY,
            )


Placed = tuple[str, "float | None", int, int]


def _fitted(
    outputs: Sequence[Tokens], width: float, height: float
) -> tuple[float, list[list[Placed]]]:
    """Find the largest size of letters in which all texts fit, and place their pieces for it.

    Width and height are those of the place for one text, in points. Of each piece there is the
    text, the number, the column and the line.
    """
    for size in SIZES:
        across = max(1, int(width / (LETTER[0] * size)))
        down = max(1, int(height / (LETTER[1] * size)))
        lines = [placed_in(one.pairs, across) for one in outputs]
        if all(not some or some[-1][3] < down for some in lines):
            return size, lines
    return size, [[one for one in some if one[3] < down] for some in lines]


def placed_in(pairs: Iterable[tuple[str, float | None]], across: int) -> list[Placed]:
    r"""Place pieces in lines of so many letters, broken between pieces and within long ones.

    Examples
    --------
    >>> placed_in([("The", 1.0), (" fox", None), (".\nIt", 2.0)], 6)
    [('The', 1.0, 0, 0), ('fox', None, 0, 1), ('.', 2.0, 3, 1), ('It', 2.0, 0, 2)]
    """
    found: list[Placed] = []
    column = line = 0
    for text, number in pairs:
        for i, part in enumerate(text.split("\n")):
            if i:
                column, line = 0, line + 1
            if column and column + len(part.rstrip()) > across:
                column, line = 0, line + 1
                part = part.lstrip()
            while part:
                if column >= across:
                    column, line, part = 0, line + 1, part.lstrip()
                piece, part = part[: across - column], part[across - column :]
                found.append((piece, number, column, line))
                column += len(piece)
    return found


KIND = Kind(
    name="tokens",
    make_reader=lambda _name, options: TokenReader(options.value_range),
    make_framer=lambda _sample_rate, value_range: TokenFramer(value_range or (-1.0, 1.0)),
    painter="kind_tokens.js",
    takes=("value_range",),
    continues_prompt=True,
    recognises=holds_tokens,
)
