"""Traits for latents and numbers: validated, compared by value, with errors that help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import traitlets

from latentwidgets.common.checks import real_number
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable


class Checked(traitlets.TraitType[Any, Any]):
    """What is checked when it is set, and turned into what is kept.

    Parameters
    ----------
    check : str or callable
        Name of the widget's method that takes what is set and gives what is kept, or raises; or a
        function of the widget and what is set. It changes nothing.
    expected : str
        What it takes, for messages.
    optional : bool
        Whether None may be set too.
    take : str, optional
        For a value that follows from others, as a latent follows from a slider: name of the
        widget's method that is given a value which somebody else sets, and changes those others.
        The widget itself stores the value that follows, by `put`.
    part : str, optional
        Where the widget has, until it is closed, a part that checks and takes the value in place of
        the widget: such as "_map_parts.colors", whose methods are named after the trait.
        ``check_color`` checks `color`, unless `check` is given; ``take_color`` takes it, and where
        the part has no such method it is stored.
    always : bool
        Whether it is given the value that is there already, too.
    """

    def __init__(
        self,
        check: str | Callable[[Any, Any], Any] = "",
        *,
        expected: str,
        optional: bool = False,
        take: str = "",
        part: str = "",
        always: bool = False,
        **kwargs: Any,
    ) -> None:
        self._check, self._expected, self._optional = check, expected, optional
        self._take, self._part, self._always = take, part, always
        super().__init__(None, allow_none=True, **kwargs)

    def validate(self, obj: Any, value: Any) -> Any:
        """Let the widget check a value."""
        if callable(self._check):
            return self._check(obj, value)
        check = self._method(obj, "check", self._check)
        return value if check is None else check(value)

    def set(self, obj: Any, value: Any) -> None:
        """Set the value. None is what a widget begins and ends with; few can be set to it."""
        if value is None and not self._optional:
            msg = f"{self.name} is None; expected {self._expected}."
            raise LatentTypeError(msg)
        new = self._validate(obj, value)
        take = self._method(obj, "take", self._take)
        if take is None:
            self.put(obj, new)
        elif self._always or not _same(obj._trait_values.get(self.name), new):
            take(new)

    def _method(self, obj: Any, what: str, name: str) -> Callable[[Any], Any] | None:
        """Give a method of the widget by its name, or else its part's own; None for none."""
        if name:
            return cast("Callable[[Any], Any]", getattr(obj, name))
        if not self._part:
            return None
        found = obj
        for part in self._part.split("."):
            if (found := getattr(found, part)) is None:
                msg = f"{self.name} cannot be set: this widget is closed; make a new one."
                raise LatentValueError(msg)
        named = f"{what}_{str(self.name).lstrip('_')}"
        return cast("Callable[[Any], Any] | None", getattr(found, named, None))

    def put(self, obj: Any, new: Any) -> None:
        """Store a value that was checked; observers are told only where it is another."""
        self.swap(obj, new)()

    def swap(self, obj: Any, new: Any) -> Callable[[], object]:
        """Store a value that was checked; what this gives tells observers, once it is called."""
        old = obj._trait_values.get(self.name)
        if _same(old, new):
            return lambda: None
        obj._trait_values[self.name] = new
        return lambda: obj._notify_trait(self.name, old, new)


def swap(obj: Any, **values: Any) -> Callable[[], None]:
    """Store values of several such traits together, as `Checked.swap` does one."""
    told = [getattr(type(obj), name).swap(obj, value) for name, value in values.items()]

    def tell() -> None:
        for one in told:
            one()

    return tell


def _same(old: Any, new: Any) -> bool:
    """Say whether two values are the same, arrays number by number."""
    if isinstance(old, np.ndarray) or isinstance(new, np.ndarray):
        return old is not None and new is not None and np.array_equal(old, new)
    if isinstance(old, Mapping) and isinstance(new, Mapping) and [*old] != [*new]:
        return False  # pages know entries by their places
    try:
        return bool(old == new)
    except ValueError:  # of arrays in a mapping, which give no single answer
        return False


class Latents(np.ndarray):
    """A NumPy array that can be asked, as a whole, whether it is equal to another.

    `traitlets.link` asks ``a != b`` and wants one answer; a plain array raises there. Comparisons
    still go number by number; only where one answer is wanted, they give one. It prints as any
    array does.
    """

    def __repr__(self) -> str:
        return repr(np.asarray(self))

    def __eq__(self, other: object) -> Any:
        return self._compared(np.equal, other, all_of_them=True)

    def __ne__(self, other: object) -> Any:
        return self._compared(np.not_equal, other, all_of_them=False)

    __hash__ = None

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """Make what is computed from it plain NumPy again."""
        return array[()] if return_scalar else np.asarray(array)

    def _compared(self, compare: np.ufunc, other: Any, *, all_of_them: bool) -> Any:
        if isinstance(other, np.ndarray) and other.shape != self.shape:
            try:
                np.broadcast_shapes(self.shape, other.shape)
            except (ValueError, RuntimeError):  # the latter of more axes than NumPy broadcasts
                return not all_of_them
        verdicts = compare(np.asarray(self), np.asarray(other))
        if not isinstance(verdicts, np.ndarray):
            return verdicts
        return verdicts.view(AllOf if all_of_them else AnyOf)


class AllOf(np.ndarray):
    """Verdicts that are true together where all of them are."""

    def __bool__(self) -> bool:
        return bool(np.asarray(self).all())


class AnyOf(np.ndarray):
    """Verdicts that are true together where one of them is."""

    def __bool__(self) -> bool:
        return bool(np.asarray(self).any())


class Array(Checked):
    """A read-only NumPy array that the widget checks and that is compared by value."""

    def __init__(self, check: str | Callable[[Any, Any], Any] = "", **kwargs: Any) -> None:
        super().__init__(check, expected="an array of numbers", **kwargs)

    def validate(self, obj: Any, value: Any) -> Any:
        """Check a value, and keep a copy that nobody else can change."""
        array = np.array(super().validate(obj, value)).view(Latents)
        array.flags.writeable = False
        return array

    def store(self, obj: Any, latents: Any) -> None:
        """Store latents that the widget itself has made, as a copy that nobody can change."""
        self.put(obj, self._validate(obj, latents))


class Number(traitlets.TraitType[float, Any]):
    """A finite number within bounds; neither a bool nor NaN passes for one."""

    def __init__(self, default: float, *, least: float, most: float, **kwargs: Any) -> None:
        self._least, self._most = least, most
        super().__init__(default, **kwargs)

    def validate(self, obj: Any, value: Any) -> float:
        """Check that the value is a finite number within the bounds."""
        return real_number(value, str(self.name), least=self._least, most=self._most)


class Count(Number):
    """A whole number within bounds."""

    def validate(self, obj: Any, value: Any) -> int:
        """Check that the value is a whole number within the bounds."""
        number = super().validate(obj, value)
        if number != int(number):
            msg = f"{self.name} is {number:g}; expected a whole number."
            raise LatentValueError(msg)
        return int(number)


class Row(Checked):
    """The number of a row, below a count that the widget gives; or None.

    Parameters
    ----------
    count : str
        Name of the widget's method that says how many rows there are.
    """

    def __init__(self, count: str, **kwargs: Any) -> None:
        self._count = count
        super().__init__("", expected="a whole number", optional=True, **kwargs)

    def validate(self, obj: Any, value: Any) -> int:
        """Check that there is such a row."""
        most = getattr(obj, self._count)() - 1
        number = real_number(value, str(self.name), least=0, most=most)
        if number != int(number):
            msg = f"{self.name} is {number:g}; expected a whole number, or None."
            raise LatentValueError(msg)
        return int(number)


class Flag(traitlets.TraitType[bool, Any]):
    """True or False; nothing else passes for one."""

    def validate(self, obj: Any, value: Any) -> bool:
        """Check that the value is True or False."""
        if not isinstance(value, (bool, np.bool_)):
            msg = f"{self.name} is {brief(value)}; expected True or False."
            raise LatentTypeError(msg)
        return bool(value)


class Choice(traitlets.TraitType[str, Any]):
    """One of a few words."""

    def __init__(self, choices: tuple[str, ...], default: str, **kwargs: Any) -> None:
        self._choices = choices
        super().__init__(default, **kwargs)

    def validate(self, obj: Any, value: Any) -> str:
        """Check that the value is one of the words."""
        if not isinstance(value, str) or value not in self._choices:
            words = ", ".join(f'"{choice}"' for choice in self._choices)
            msg = f"{self.name} is {brief(value)}; expected one of {words}."
            raise LatentValueError(msg)
        return str(value)
