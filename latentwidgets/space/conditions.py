"""Conditions: what a decoder takes beside the latent, such as a class or a strength."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import brief, check_whole, hint, real_number
from latentwidgets.common.frozen_dict import Frozen
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NONE", "Condition", "Conditions", "conditions_of"]

# A menu offers no more.
MOST_CHOICES = 10_000
# Arguments of functions in Python may have any name but that of the latents themselves.
TAKEN = "latents"
# So many steps of a number are made at most.
MOST_EVEN = 100_000
FORMS = (
    "expected (default, low, high) for a number, names or a range for choices, or lw.Condition(...)"
)


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
        as it is.
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

    def __post_init__(self) -> None:
        if self.choices is not None:
            if self.low is not None or self.high is not None or self.step is not None:
                raise LatentTypeError(
                    "a condition has choices and low, high or step; expected one or the other."
                )
            choices = _checked_choices(self.choices)
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
        if self.choices is None:
            return real_number(value, name, least=self.low, most=self.high)
        if isinstance(value, str):
            if isinstance(self.choices, tuple) and value in self._places:
                return str(value)
            known = list(map(str, self.choices))
            raise LatentValueError(
                f"{name} is {brief(value)}, which is no choice. {hint(value, known)}"
            )
        numbered = range(len(self.choices)) if isinstance(self.choices, tuple) else self.choices
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
            raise LatentTypeError(f"{name} is {brief(value)}; expected {_span(numbered)}.")
        number = float(value)
        whole = int(number) if math.isfinite(number) else -1
        if whole != number or whole not in numbered:
            raise LatentValueError(f"{name} is {brief(value)}; expected {_span(numbered)}.")
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
        place = (
            self._places[value] if isinstance(self.choices, tuple) else self.choices.index(value)
        )
        return float(place)

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
        """Give values in even steps from the least to the most; of choices, the first so many."""
        count = check_whole(count, "count", least=1, most=MOST_EVEN)
        if self.choices is not None:
            return list(self.choices[:count])
        return [float(number) for number in np.linspace(self.low, self.high, count)]

    def words(self, name: str, value: Any) -> str:
        """Say what a value is: a name needs no more, a number is that of something."""
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


class Conditions(Frozen[Condition]):
    """The conditions of a decoder, by name; read-only.

    Examples
    --------
    >>> found = conditions_of({"class": ["owl", "mug"], "sharpness": (1.0, 0.0, 2.0)})
    >>> found.settled({"class": 1})
    {'class': 'mug', 'sharpness': 1.0}
    >>> found.arrays({"class": ["owl", "mug", 0]}, 3)["class"].tolist()
    [0, 1, 0]
    """

    _way_out = "Make a space with others: space.replace(conditions={...})."

    def settled(self, given: Any) -> dict[str, Any]:
        """Check one value of some conditions, and give those that are left out their defaults.

        Parameters
        ----------
        given : mapping of str to float, str or int
            Values by name.

        Returns
        -------
        dict
            A value of every condition, in order.

        Raises
        ------
        LatentTypeError, LatentValueError
            If a name or a value cannot be used.
        """
        self._check_names(given)
        return {
            name: one.check(given[name], f"conditions[{brief(name)}]")
            if name in given
            else one.default
            for name, one in self.items()
        }

    def arrays(self, given: Any, count: int) -> dict[str, NDArray[Any]]:
        """Give what the decoder gets for some latents: for each condition one number a latent.

        Parameters
        ----------
        given : mapping of str to value or sequence of values, or None
            One value for all latents, or one for each. Those that are left out have their default.
        count : int
            How many latents there are.

        Returns
        -------
        dict of str to ndarray
            ``(count,)`` each: float32 numbers; of choices int64.

        Raises
        ------
        LatentTypeError, LatentValueError
            If a name or a value cannot be used, or there are not as many as latents.
        """
        if given is None:
            given = {}
        self._check_names(given)
        found = {}
        for name, one in self.items():
            values = _listed(given[name]) if name in given else one.default
            what = f"conditions[{brief(name)}]"
            if not isinstance(values, list):
                number = one.number(values, what)
                found[name] = np.full(count, number, one.dtype)
                continue
            if len(values) != count:
                raise LatentValueError(
                    f"{what} has {len(values)} values for {count} latents; expected one for all, "
                    "or one for each."
                )
            checked = [one.number(value, what) for value in values]
            found[name] = np.array(checked, one.dtype)
        return found

    def _check_names(self, given: Any) -> None:
        if not isinstance(given, Mapping):
            raise LatentTypeError(
                f"conditions are {brief(str(given)[:80])}; expected values by name, such as "
                f"{{{brief(next(iter(self), 'class'))}: ...}}."
            )
        for name in given:
            if name not in self:
                if not self:
                    raise LatentValueError(
                        f"conditions name {brief(name)}; this space has none. Make it with "
                        f"conditions={{{brief(name)}: ...}}, as in as_space."
                    )
                raise LatentValueError(f"conditions name {brief(name)}. {hint(name, list(self))}")


def conditions_of(given: Any) -> Conditions:
    """Read what a person passes as conditions.

    Parameters
    ----------
    given : mapping or None
        Names to a `Condition`, ``(default, low, high)`` or choices.

    Returns
    -------
    Conditions
        In the same order.

    Raises
    ------
    LatentTypeError, LatentValueError
        If one cannot be used; it says which.
    """
    if isinstance(given, Conditions):
        return given
    if given is None:
        return NONE
    if not isinstance(given, Mapping):
        raise LatentTypeError(
            f"conditions are a {type(given).__name__}; expected a dict of names, such as "
            "{'class': ['owl', 'mug'], 'sharpness': (1.0, 0.0, 2.0)}."
        )
    found = {}
    for name, one in given.items():
        if not isinstance(name, str):
            raise LatentTypeError(f"the name of a condition is {brief(name)}; expected a text.")
        if not name.strip():
            raise LatentValueError("the name of a condition is empty; expected a text.")
        if name == TAKEN:
            raise LatentValueError(
                f"a condition is named '{TAKEN}', as what is decoded is. Call it something else."
            )
        try:
            found[name] = _condition(one)
        except (LatentTypeError, LatentValueError) as error:
            raise type(error)(f"conditions[{brief(name)}]: {error}") from error
    return Conditions(found)


NONE = Conditions()


def _condition(given: Any) -> Condition:
    if isinstance(given, Condition):
        return given
    if isinstance(given, tuple) and given and all(map(_is_number, given)):
        if len(given) != 3:
            raise LatentValueError(f"it is {brief(given)}; {FORMS}.")
        return Condition(*given)
    return Condition(choices=_checked_choices(given))


def _checked_choices(given: Any) -> tuple[str, ...] | range:
    """Take choices: a range, or names, none of them empty or twice there."""
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise LatentTypeError(f"it is {brief(given)}; {FORMS}.")
    choices = given if isinstance(given, range) else tuple(given)
    if not 0 < len(choices) <= MOST_CHOICES:
        raise LatentValueError(
            f"there are {len(choices):,} choices; expected 1 to {MOST_CHOICES:,}."
        )
    if isinstance(choices, range):
        return choices
    seen = set()
    for name in choices:
        if not isinstance(name, str):
            numbers_too = all(map(_is_number, choices))
            way = " A number is a tuple, (default, low, high)." if numbers_too else ""
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


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _span(numbered: range) -> str:
    steps = f" in steps of {abs(numbered.step)}" if abs(numbered.step) > 1 else ""
    low, high = sorted((numbered[0], numbered[-1]))
    return f"a choice, by its number from {low} to {high}{steps}"


def _listed(value: Any) -> Any:
    """Make a list of an array, a tensor or a sequence; leave one value as it is."""
    if isinstance(value, (str, bytes, numbers.Number)):
        return value
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, (list, tuple, range)) else value
