"""Traits for latents and numbers: validated, compared by value, with errors that help."""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable


class Array(traitlets.TraitType[Any, Any]):
    """A read-only NumPy array that the widget checks and that is compared by value.

    Parameters
    ----------
    check : str
        Name of the widget's method that turns what is set into an array or raises.
    """

    def __init__(self, check: str, **kwargs: Any) -> None:
        self._check = check
        super().__init__(None, allow_none=True, **kwargs)

    def validate(self, obj: Any, value: Any) -> Any:
        """Check a value, and keep a copy that nobody else can change."""
        checker: Callable[[Any], Any] = getattr(obj, self._check)
        array = np.array(checker(value))
        array.flags.writeable = False
        return array

    def set(self, obj: Any, value: Any) -> None:
        """Set the value; observers are told only where a number changed."""
        if value is None:
            msg = f"{self.name} is None; expected an array of numbers."
            raise LatentTypeError(msg)
        new: Any = self._validate(obj, value)
        old = obj._trait_values.get(self.name)
        if old is not None and np.array_equal(old, new):
            return
        obj._trait_values[self.name] = new
        obj._notify_trait(self.name, old, new)


class Number(traitlets.TraitType[float, Any]):
    """A finite number within bounds; neither a bool nor NaN passes for one."""

    def __init__(self, default: float, *, least: float, most: float, **kwargs: Any) -> None:
        self._least, self._most = least, most
        super().__init__(default, **kwargs)

    def validate(self, obj: Any, value: Any) -> float:
        """Check that the value is a finite number within the bounds."""
        expected = f"a number from {self._least:g} to {self._most:g}"
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
            msg = f"{self.name} is {value!r}; expected {expected}."
            raise LatentTypeError(msg)
        number = float(value)
        if not math.isfinite(number) or not self._least <= number <= self._most:
            msg = f"{self.name} is {number:g}; expected {expected}."
            raise LatentValueError(msg)
        return number


class Count(Number):
    """A whole number within bounds."""

    def validate(self, obj: Any, value: Any) -> int:
        """Check that the value is a whole number within the bounds."""
        number = super().validate(obj, value)
        if number != int(number):
            msg = f"{self.name} is {number:g}; expected a whole number."
            raise LatentValueError(msg)
        return int(number)


class Flag(traitlets.TraitType[bool, Any]):
    """True or False; nothing else passes for one."""

    def validate(self, obj: Any, value: Any) -> bool:
        """Check that the value is True or False."""
        if not isinstance(value, (bool, np.bool_)):
            msg = f"{self.name} is {value!r}; expected True or False."
            raise LatentTypeError(msg)
        return bool(value)


class Choice(traitlets.TraitType[str, Any]):
    """One of a few words."""

    def __init__(self, choices: tuple[str, ...], default: str, **kwargs: Any) -> None:
        self._choices = choices
        super().__init__(default, **kwargs)

    def validate(self, obj: Any, value: Any) -> str:
        """Check that the value is one of the words."""
        if value not in self._choices:
            words = ", ".join(f'"{choice}"' for choice in self._choices)
            msg = f"{self.name} is {value!r}; expected one of {words}."
            raise LatentValueError(msg)
        return str(value)
