"""`Condition`: what a decoder takes beside the latent, such as a class or a strength."""

from __future__ import annotations

import copy
import math
import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from latentwidgets.common.checks import as_float, check_text, check_whole, real_number
from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_options
from latentwidgets.common.wording import brief, hint, short
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.even_steps import round_steps, spread

__all__ = [
    "FORMS",
    "MOST_CHOICES",
    "Condition",
    "checked_choices",
    "is_number",
    "with_ignored_where",
    "with_note",
    "with_way",
    "with_way_without",
]

# The most choices of one condition.
MOST_CHOICES = 10_000
# So many steps of a number are made at most.
MOST_EVEN = 100_000
# Texts by which people mean that nothing is chosen.
NOTHINGS = ("", "none", "null", "nothing", "unconditional")
FORMS = (
    "expected (default, low, high) for a number, names or a range for choices, or lw.Condition(...)"
)


@checked_options
@dataclass(frozen=True)
class Condition:
    """What a decoder takes beside the latent: a number within bounds, or one of some choices.

    Parameters
    ----------
    default : float, str or int, optional
        The value where nobody says another. Of choices a name or number; the first if None.
    low, high : float, optional
        The least and the most of a number.
    choices : sequence of str or range, optional
        Names, or whole numbers. The decoder gets the position of a name, and a number of a range
        as it is. So names are given in the order of the model's numbers: a model that does not
        declare them (``id2label``, ``classes_``) cannot tell that they are in another.
    step : float, optional
        How far an arrow key moves a number; a hundredth of its range if None.

    Attributes
    ----------
    default, low, high, choices, step
        As above; `choices` is a tuple or a range, None for a number.

    Raises
    ------
    LatentTypeError, LatentValueError
        If one of these cannot be used.

    Examples
    --------
    >>> Condition(1.0, 0.0, 2.0).default
    1.0
    >>> Condition("mug", choices=["owl", "mug"]).number("mug")
    1
    """

    default: Any = None
    low: Any = None
    high: Any = None
    choices: Any = field(default=None, kw_only=True)
    step: Any = field(default=None, kw_only=True)
    # How to have more choices, where adapters know a way.
    way: str = field(default="", init=False, repr=False, compare=False)
    # Another condition, and its value where this one is ignored, where adapters know.
    ignored_where: tuple[str, float] | None = field(
        default=None, init=False, repr=False, compare=False
    )
    # How to decode without any of the choices, beside others: `conditions_of` writes it.
    without: str = field(default="", init=False, repr=False, compare=False)
    # What a person should know of it, where adapters have something to say.
    note: str = field(default="", init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.choices is not None:
            if not (self.low is self.high is self.step is None):
                raise LatentTypeError(
                    "a condition has choices and low, high or step; expected one or the other."
                )
            choices = checked_choices(self.choices)
            settled: dict[str, Any] = {"choices": choices}
            first: Any = choices[0]
        else:
            low, high = (_bound(self.low, "low"), _bound(self.high, "high"))
            if not low < high:
                raise LatentValueError(f"low is {low:g} and high is {high:g}; expected low < high.")
            if self.default is None:
                raise LatentTypeError("a condition has no default; expected a number.")
            step = (high - low) / 100 if self.step is None else self.step
            step = real_number(step, "step", least=0, most=high - low)
            settled = {"low": low, "high": high, "step": step or (high - low) / 100}
            first = self.default
        vars(self).update(settled)
        default = first if self.default is None else self.default
        vars(self)["default"] = self.check(default, "default")

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the most coordinate; see `coordinate`."""
        if self.choices is None:
            return self.low, self.high
        return 0.0, len(self.choices) - 1.0

    def check(self, value: Any, name: str = "condition") -> Any:
        """Take a value.

        Parameters
        ----------
        value : float, str or int
            A number within the bounds; a choice by its name or number.
        name : str
            What to call it in messages.

        Returns
        -------
        float, str or int
            The number; the name of the choice; of a range the number.

        Raises
        ------
        LatentTypeError, LatentValueError
            If it is none of these.
        """
        name = short(check_text(name, "name"))
        if self.choices is None:
            return real_number(value, name, least=self.low, most=self.high)
        if isinstance(value, str):
            if isinstance(self.choices, tuple) and value in self._places:
                return str(value)
            known = list(map(str, self.choices))
            way = f"Pass the number {value}." if value in known else hint(value, known)
            if value.lower() in NOTHINGS and self.without:
                way = self.without
            raise LatentValueError(f"{name} is {brief(value)}, which is no choice. {way}")
        numbered = range(len(self.choices)) if isinstance(self.choices, tuple) else self.choices
        named = "name or " if isinstance(self.choices, tuple) else ""
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
            way = f" {self.without}" if value is None and self.without else ""
            raise LatentTypeError(
                f"{name} is {brief(value)}; expected {_span(numbered, named)}.{way}"
            )
        number = as_float(value)
        whole = int(number) if math.isfinite(number) else -1
        if whole != number or whole not in numbered:
            way = (self.way if whole > max(numbered) else "") or self.without
            way = f" {way}" if way else ""
            if number == -1:  # as of a list
                way = f" The last is {numbered[-1]}.{way}"
            raise LatentValueError(
                f"{name} is {brief(value)}; expected {_span(numbered, named)}.{way}"
            )
        return self.choices[whole] if isinstance(self.choices, tuple) else whole

    def number(self, value: Any, name: str = "condition") -> float | int:
        """Give the number that the decoder gets for a value; raises as `check` does."""
        value = self.check(value, name)
        if isinstance(self.choices, tuple):
            return self._places[value]
        return int(value) if self.choices is not None else float(value)

    def coordinate(self, value: Any) -> float:
        """Give the number that a control holds: the number itself, or the position of a choice."""
        value = self.check(value)
        if self.choices is None:
            return float(value)
        named = isinstance(self.choices, tuple)
        return float(self._places[value] if named else self.choices.index(value))

    def value_at(self, coordinate: float) -> Any:
        """Give the value at a coordinate: the other way round.

        Raises
        ------
        LatentValueError
            If there is a choice at whole numbers alone, and this is none.
        """
        low, high = self.bounds
        coordinate = real_number(coordinate, "coordinate", least=low, most=high)
        if self.choices is None:
            return coordinate
        if coordinate != round(coordinate):
            raise LatentValueError(
                f"the position of a choice is {coordinate:g}; expected a whole number."
            )
        return self.choices[round(coordinate)]

    def even(self, count: int) -> list[Any]:
        """Give values from the least to the most in even steps; of names, the first so many.

        Of numbers the steps are round where they can be and hold the default; then they may end
        before the most, or begin after the least. Of whole numbers some are spread evenly, and the
        default is one of them.

        Examples
        --------
        >>> Condition(1.0, 0.0, 10.0).even(7)
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
        >>> Condition(50, choices=range(1, 101)).even(5)
        [1, 26, 50, 75, 100]
        """
        count = check_whole(count, "count", least=1, most=MOST_EVEN)
        if isinstance(self.choices, tuple):
            return list(self.choices[:count])
        if self.choices is not None:
            return spread(self.choices, self.default, count)
        return round_steps(self.low, self.high, self.default, count)

    def words(self, name: str, value: Any) -> str:
        """Say what a value is: a name needs no more, a number is that of something."""
        value, name = self.check(value), short(check_text(name, "name"))
        return value if isinstance(value, str) else f"{name} {value:.4g}".replace("-", "−")

    @property
    def dtype(self) -> type[np.generic]:
        """What the decoder gets: float32 numbers, or int64 numbers of choices."""
        return np.float32 if self.choices is None else np.int64

    @property
    def _places(self) -> dict[str, int]:
        found = vars(self).get("_by_name")
        if found is None:
            found = vars(self)["_by_name"] = {name: i for i, name in enumerate(self.choices)}
        return found


def with_way(condition: Condition, way: str) -> Condition:
    """Give a copy of a condition that says how to have more choices, where more are asked for.

    Examples
    --------
    >>> with_way(Condition(choices=range(1, 3)), "Load a longer schedule.").way
    'Load a longer schedule.'
    """
    return _told(condition, way=way)


def with_ignored_where(condition: Condition, other: str, value: float) -> Condition:
    """Give a copy of a condition that is ignored where another one has some value.

    Examples
    --------
    >>> with_ignored_where(Condition(choices=["owl"]), "guidance", 0).ignored_where
    ('guidance', 0)
    """
    return _told(condition, ignored_where=(other, value))


def with_way_without(condition: Condition, without: str) -> Condition:
    """Give a copy of a condition that says how to decode without any of its choices.

    Examples
    --------
    >>> with_way_without(Condition(choices=["owl"]), "Pass guidance 0.").without
    'Pass guidance 0.'
    """
    return _told(condition, without=without)


def with_note(condition: Condition, note: str) -> Condition:
    """Give a copy of a condition that says something to whoever asks about its name in a widget.

    Examples
    --------
    >>> with_note(Condition(choices=range(1, 3)), "It takes long.").note
    'It takes long.'
    """
    return _told(condition, note=note)


def _told(condition: Condition, **extra: Any) -> Condition:
    """Copy a condition, with what adapters know of it."""
    told = copy.copy(condition)
    vars(told).update(extra)
    return told


def checked_choices(given: Any) -> tuple[str, ...] | range:
    """Take choices: a range, or names, none of them empty or twice there."""
    if isinstance(given, (set, frozenset)):
        raise LatentTypeError(
            f"it is {brief(given)}, which has no order; choices are numbered. Pass a list."
        )
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise LatentTypeError(f"it is {brief(given)}; {FORMS}.")
    choices = (
        given if isinstance(given, range) else tuple(check_items(given, "it is", f"{FORMS[9:]}"))
    )
    if not 0 < len(choices) <= MOST_CHOICES:
        raise LatentValueError(
            f"there are {len(choices):,} choices; expected 1 to {MOST_CHOICES:,}."
        )
    if isinstance(choices, range):
        return choices
    seen = set()
    for name in choices:
        if not isinstance(name, str):
            numbers_too = all(map(is_number, choices))
            whole = all(isinstance(one, numbers.Integral) for one in choices)
            way = " For whole numbers pass a range." if whole else ""
            if numbers_too and not whole:
                way = " A number is a tuple, (default, low, high)."
            raise LatentTypeError(f"a choice is {brief(name)}; expected names, or a range.{way}")
        if not name.strip():
            raise LatentValueError("the name of a choice is empty; expected a text.")
        if name in seen:
            raise LatentValueError(f"two choices are named {brief(name)}; expected each name once.")
        seen.add(name)
    return tuple(map(str, choices))


def _bound(value: Any, name: str) -> float:
    if value is None:
        raise LatentTypeError(f"a condition has no {name}; {FORMS}.")
    return real_number(value, name, least=-1e30, most=1e30)


def is_number(value: Any) -> bool:
    """Say whether something is a number; True and False are none."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _span(numbered: range, name: str) -> str:
    steps = f" in steps of {abs(numbered.step)}" if abs(numbered.step) > 1 else ""
    low, high = sorted((numbered[0], numbered[-1]))
    return f"a choice, by its {name}number from {low} to {high}{steps}"
