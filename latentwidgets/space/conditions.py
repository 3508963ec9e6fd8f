"""`Conditions`: all that a decoder takes beside the latent, by name."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import as_float
from latentwidgets.common.frozen_dict import Frozen
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.condition import (
    FORMS,
    Condition,
    checked_choices,
    is_number,
    with_way_without,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["NONE", "Conditions", "conditions_of"]

# Arguments of functions in Python may have any name but that of the latents themselves.
TAKEN = "latents"


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
        given : mapping of str to float, str or int, or None
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
        if given is None:
            given = {}
        self._check_names(given)
        return {
            name: _taken(name, one, given[name], one.check) if name in given else one.default
            for name, one in self.items()
        }

    def each(self, given: Any) -> tuple[str | None, list[dict[str, Any]]]:
        """Check values as `settled` does, where one condition may have several.

        Parameters
        ----------
        given : mapping of str to value or sequence of values, or None
            One value of each condition, but of one of them as many as there shall be.

        Returns
        -------
        name : str or None
            The condition that has several values; None where none has.
        settled : list of dict
            For each of its values a value of every condition, in order.

        Raises
        ------
        LatentTypeError, LatentValueError
            If a name or a value cannot be used, two conditions have several values, or one has a
            value twice.

        Examples
        --------
        >>> found = conditions_of({"class": ["owl", "mug"], "seed": range(100)})
        >>> found.each({"seed": [3, 7]})
        ('seed', [{'class': 'owl', 'seed': 3}, {'class': 'owl', 'seed': 7}])
        """
        if given is None:
            given = {}
        self._check_names(given)
        listed = {name: _listed(value) for name, value in given.items()}
        several = [name for name, values in listed.items() if isinstance(values, list)]
        if not several:
            return None, [self.settled(given)]
        if len(several) > 1:
            raise LatentValueError(
                f"conditions give several values of {' and of '.join(map(brief, several))}; "
                "expected several of one condition, and one value of each other. Measure the "
                "others one by one."
            )
        [name] = several
        found = [self.settled({**given, name: value}) for value in listed[name]]
        if not found:
            raise LatentValueError(f"conditions[{brief(name)}] is empty; expected a value or more.")
        values = [one[name] for one in found]
        for i, value in enumerate(values):
            if value in values[:i]:
                raise LatentValueError(
                    f"conditions[{brief(name)}] has {brief(value)} twice; expected each value once."
                )
        return name, found

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
            if not isinstance(values, list):
                number = _taken(name, one, values, one.number)
                found[name] = np.full(count, number, one.dtype)
                continue
            if len(values) != count:
                raise LatentValueError(
                    f"conditions[{brief(name)}] has {len(values)} values for {count} latents; "
                    "expected one for all, or one for each."
                )
            checked = [_taken(name, one, value, one.number) for value in values]
            found[name] = np.array(checked, one.dtype)
        return found

    def _check_names(self, given: Any) -> None:
        if not isinstance(given, Mapping):
            raise LatentTypeError(
                f"conditions are {brief(given)}; expected values by name, such as "
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
    return Conditions({name: _with_way_out(name, one, found) for name, one in found.items()})


NONE = Conditions()


def _with_way_out(name: str, one: Condition, others: Mapping[str, Condition]) -> Condition:
    """Have a condition say where it is ignored, if the other that decides it can be set so."""
    if one.ignored_where is None:
        return one
    other, value = one.ignored_where
    way, setting = "", others.get(other)
    if setting is not None and (setting.choices is None or value in setting.choices):
        plain = _plain(value)
        way = f'{other.capitalize()} {plain} draws without a {name}: {{"{other}": {plain}}}.'
    if setting is not None and setting.choices is None:
        low, high = setting.bounds
        if not low <= value <= high:
            wider = ", ".join(map(_plain, (setting.default, min(low, value), max(high, value))))
            end = f"begins at {_plain(low)}" if low > value else f"ends at {_plain(high)}"
            way += f' Here it {end}: make the space with conditions={{"{other}": ({wider})}}.'
    return with_way_without(one, way)


def _plain(number: float) -> str:
    """Write a number with all of its digits, a whole one without a point."""
    return brief(int(number) if number == int(number) else float(number))


def _condition(given: Any) -> Condition:
    if isinstance(given, Condition):
        return given
    if isinstance(given, tuple) and given and all(map(is_number, given)):
        if len(given) != 3:
            raise LatentValueError(f"it is {brief(given)}; {FORMS}.")
        return Condition(*given)
    return Condition(choices=checked_choices(given))


def _taken(name: str, one: Condition, value: Any, take: Callable[[Any, str], Any]) -> Any:
    """Take a value; of a number beyond the ends it says how to make these wider."""
    try:
        return take(value, f"conditions[{brief(name)}]")
    except LatentValueError as error:
        if one.choices is not None or not is_number(value) or not abs(as_float(value)) < np.inf:
            raise
        wider = f"({one.default:g}, {min(one.low, value):g}, {max(one.high, value):g})"
        raise LatentValueError(
            f"{error} Where the decoder takes more, make the space with wider ends: "
            f"conditions={{{brief(name)}: {wider}}}."
        ) from error


def _listed(value: Any) -> Any:
    """Make a list of an array, a tensor or a sequence; leave one value as it is."""
    if isinstance(value, (str, bytes, numbers.Number)):
        return value
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, (list, tuple, range)) else value
