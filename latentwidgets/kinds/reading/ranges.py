"""Value ranges of outputs: guessed, checked, rounded, and written in messages."""

from __future__ import annotations

import math
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from latentwidgets.common.warning import warn_caller
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

__all__ = [
    "NEAR_BLACK",
    "USUAL",
    "GuessWarning",
    "Range",
    "Shape",
    "check_range",
    "guess_range",
    "leaves",
    "looks_like_logits",
    "once",
    "round_out",
    "tell_apart",
    "warn_guess",
]

Range: TypeAlias = tuple[float, float]
Shape: TypeAlias = tuple[int, ...]

# The doubts that were said already, where each is to be said once.
_said: ContextVar[set[str] | None] = ContextVar("_said", default=None)
# How far outputs may leave their range where a model does not bound them by its last layer, as a
# share of the width of the range.
OVERSHOOT = 0.25
# A value below this one is taken for a sign that black is -1. A model whose black is 0 may return
# values a little below it, such as -0.5, but hardly lower.
NEAR_BLACK = -0.75
# How far nine of ten values may lie outside of a range that is still taken for theirs, as a share
# of its width.
SLACK = 0.05
# The ranges that pictures usually have.
USUAL = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
# Values below minus this one and above it are taken for logits: a sigmoid makes 0.02 and 0.98 of
# them. Pictures that were standardised have hardly such values.
LOGIT = 4.0
# About how many steps of a round number there are between the ends of a rounded range.
STEPS = 8


def round_out(low: float, high: float) -> tuple[float, float]:
    """Widen a range to round numbers.

    Parameters
    ----------
    low, high : float
        The least and the most it has to hold.

    Returns
    -------
    tuple of float
        Multiples of 1, 2, 2.5 or 5 times a power of ten.

    Examples
    --------
    >>> round_out(-0.97, 1.03), round_out(0.0, 7.9)
    ((-1.0, 1.25), (0.0, 8.0))
    """
    if high - low <= 1e-9 * max(abs(low), abs(high)):  # no steps fit between the two
        room = abs(high) / 6 or 1.0
        low, high = high - room, high + room
    rough = (high - low) / STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    steps = (factor * power for factor in (1, 2, 2.5, 5))
    step = next((step for step in steps if step >= rough), 10 * power)
    return math.floor(low / step) * step, math.ceil(high / step) * step


class GuessWarning(UserWarning):
    """The format of a decoder's outputs had to be guessed, and the guess may be wrong."""


def warn_guess(doubt: str, who: str = "") -> None:
    """Give a `GuessWarning` at the line of the person's own code that called this package.

    Parameters
    ----------
    doubt : str
        What was guessed, and how to say what is right.
    who : str
        What the model is called that it is about, if that is to be said.
    """
    said = _said.get()
    if said is None or doubt not in said:
        warn_caller(f"{who}: {doubt}" if who else doubt, GuessWarning)
    if said is not None:
        said.add(doubt)


@contextmanager
def once(said: set[str]) -> Iterator[None]:
    """Have no doubt said that was said before: these are known, and what is said now is added.

    Examples
    --------
    >>> import warnings
    >>> said: set[str] = set()
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     for name in ("decode", "another name"):
    ...         with once(said):
    ...             warn_guess("the outputs may be logits.", name)
    >>> [str(one.message) for one in caught]
    ['decode: the outputs may be logits.']
    """
    before = _said.set(said)
    try:
        yield
    finally:
        _said.reset(before)


def guess_range(low: float, high: float, most: Range | None = None) -> tuple[Range, str | None]:
    """Guess which values stand for black and white, from the smallest and largest seen.

    Parameters
    ----------
    low, high : float
        The smallest and the largest value seen.
    most : tuple of float, optional
        Between which nine of ten values are: a model may leave its range in a few.

    Returns
    -------
    value_range : tuple of float
        The values of black and white.
    doubt : str or None
        What to warn about where this is an unsafe guess.

    Examples
    --------
    >>> guess_range(0.01, 0.98)
    ((0.0, 1.0), None)
    >>> guess_range(-0.97, 0.99)
    ((-1.0, 1.0), None)
    >>> guess_range(-0.03, 1.02)[0], guess_range(-1.75, 1.46, most=(-1.02, 0.9))[0]
    ((0.0, 1.0), (-1.0, 1.0))
    """
    if low >= 0 and high <= 1:
        return (0.0, 1.0), None
    if -1 <= low <= NEAR_BLACK and high <= 1:
        return (-1.0, 1.0), None
    if low >= -OVERSHOOT and high <= 1 + OVERSHOOT:
        guess = (0.0, 1.0)
    elif low >= -1 - 2 * OVERSHOOT and high <= 1 + 2 * OVERSHOOT:
        guess = (-1.0, 1.0)
    elif low >= -255 * OVERSHOOT and 100 <= high <= 255 * (1 + OVERSHOOT):
        guess = (0.0, 255.0)
    elif (usual := _held(most)) is not None:
        guess = usual
    else:
        # Where all values are equal, white is 1 above them. A value so large that adding 1 does not
        # change it takes the next number there is.
        guess = (low, high if high > low else max(low + 1.0, math.nextafter(low, math.inf)))
    (first, last), (black, white) = tell_apart(low, high), tell_apart(*guess)
    logits = guess not in USUAL and looks_like_logits(low, high)
    return guess, (
        f"outputs reach from {first} to {last}; they are shown with {black} as black and {white} "
        f"as white, and values outside are clipped. Pass value_range=({black}, {white}) to say "
        "so, or the range the model was trained on."
        + (" If these are logits, pass decode=..., with a sigmoid at its end." if logits else "")
    )


def _held(most: Range | None) -> Range | None:
    """Give the range, of 0 to 1 and -1 to 1, that most values are in."""
    for black, white in USUAL[:2]:
        slack = SLACK * (white - black)
        if most is not None and black - slack <= most[0] and most[1] <= white + slack:
            return black, white
    return None


def looks_like_logits(low: float, high: float) -> bool:
    """Tell whether values that reach so far may be what a sigmoid is still to be taken of.

    Examples
    --------
    >>> looks_like_logits(-18, 15), looks_like_logits(-2.1, 2.6)
    (True, False)
    """
    return low < -LOGIT and high > LOGIT


def leaves(extent: Range, value_range: Range) -> bool:
    """Tell whether values are outside of a range by more than a quarter of its width.

    Examples
    --------
    >>> leaves((-0.1, 1.2), (0, 1)), leaves((0, 1.3), (0, 1))
    (False, True)
    """
    low, high = value_range
    slack = OVERSHOOT * (high - low)
    return extent[0] < low - slack or extent[1] > high + slack


def tell_apart(low: float, high: float) -> tuple[str, str]:
    """Write two numbers so that a reader can tell them apart.

    Each has two digits more than are needed for that.

    Parameters
    ----------
    low, high : float
        The numbers.

    Returns
    -------
    tuple of str
        The same as text.

    Examples
    --------
    >>> tell_apart(0.123456, 1e6)
    ('0.123', '1e+06')
    >>> tell_apart(1_000_000, 1_000_000.75)
    ('1000000', '1000000.75')
    """
    needed = (n for n in range(1, 18) if f"{low:.{n}g}" != f"{high:.{n}g}")
    digits = next(needed, 1) + 2
    return f"{low:.{digits}g}", f"{high:.{digits}g}"


def check_range(value_range: str | ArrayLike, name: str = "value_range") -> Range | None:
    """Check the option `value_range`, or one like it: a pair, or None for "auto"."""
    if isinstance(value_range, str) and value_range == "auto":
        return None
    way_out = (
        f"{name} is {brief(value_range)}; expected 'auto', or the values of black and white: "
        "(0, 1), (-1, 1), or (0, 255) for uint8."
    )
    try:
        low, high = np.asarray(value_range, float).reshape(2).tolist()
    except Exception as error:  # an object's own `__array__` may raise anything
        raise LatentTypeError(way_out) from error
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise LatentValueError(way_out)
    return low, high
