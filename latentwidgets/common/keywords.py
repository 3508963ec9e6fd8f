"""Arguments that a function does not take: refused, with the keyword that was meant."""

from __future__ import annotations

import functools
import inspect
import math
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["checked_keywords", "checked_options", "refuse_unknown"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def checked_keywords(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Decorate a function so that an argument which it does not take is a `LatentTypeError`.

    The message names the keyword that was meant: the one like it, or of what was passed by position
    the one whose turn it would be. So is one that it needs by name and does not get. Type checkers
    see the function as it is written.

    Examples
    --------
    >>> @checked_keywords
    ... def draw(*, colour="red"):
    ...     return colour
    >>> draw(colour="blue")
    'blue'
    >>> draw(color="blue")
    Traceback (most recent call last):
    latentwidgets.errors.LatentTypeError: draw has no option 'color'. Did you mean 'colour'?
    >>> draw("blue")
    Traceback (most recent call last):
    latentwidgets.errors.LatentTypeError: draw takes no argument by position, and got 1. Pass by
    name what comes after these: draw(colour=...).
    """
    most = _most_by_position(function)
    kinds = {one.kind for one in inspect.signature(function).parameters.values()}
    closed = inspect.Parameter.VAR_KEYWORD not in kinds  # a widget looks at its traits itself
    needed = _needed_by_name(function)

    @functools.wraps(function)
    def checked(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if len(args) > most:
            raise LatentTypeError(_too_many(function, args, kwargs))
        if closed:
            refuse_unknown(kwargs, function, args)
        if missing := [name for name in needed if name not in kwargs]:
            raise LatentTypeError(_lacking(function, args, missing))
        return function(*args, **kwargs)

    return checked


def checked_options(cls: type[Result]) -> type[Result]:
    """Decorate a class likewise, where its ``__init__`` is made by `dataclasses.dataclass`."""
    setattr(cls, "__init__", checked_keywords(cls.__init__))  # noqa: B010 (mypy knows it as final)
    return cls


def refuse_unknown(
    options: Iterable[str], function: Callable[..., object], args: tuple[object, ...] = ()
) -> None:
    """Refuse options that a function or a class does not take, and say which were meant."""
    if options:
        known = [
            name for name in inspect.signature(function).parameters if name not in ("self", "cls")
        ]
        for option in options:
            if option not in known:
                name = _called(function, args)
                raise LatentTypeError(
                    f"{name} has no option {brief(option)}. {hint(option, known)}"
                )


def _called(function: Callable[..., object], args: tuple[object, ...]) -> str:
    """Name a function; a method by the class of what it is called of, which a person knows."""
    name = function.__qualname__
    first = next(iter(inspect.signature(function).parameters), "")
    if args and first in ("self", "cls"):
        owner = args[0] if isinstance(args[0], type) else type(args[0])
        if hasattr(owner, function.__name__):
            name = f"{owner.__name__}.{function.__name__}"
    return name.removesuffix(".__init__")


BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _most_by_position(function: Callable[..., object]) -> float:
    """Count the arguments that may be passed by position."""
    kinds = [one.kind for one in inspect.signature(function).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return math.inf
    return sum(kind in BY_POSITION for kind in kinds)


def _needed_by_name(function: Callable[..., object]) -> list[str]:
    """Name the arguments that must be passed by name."""
    return [
        name
        for name, one in inspect.signature(function).parameters.items()
        if one.kind is inspect.Parameter.KEYWORD_ONLY and one.default is inspect.Parameter.empty
    ]


def _lacking(function: Callable[..., object], args: tuple[object, ...], missing: list[str]) -> str:
    """Say which arguments are missing, and what they can be, as the docstring has it."""
    owner = type(args[0]) if args and function.__name__ == "__init__" else function
    lines = [line.strip() for line in (owner.__doc__ or "").splitlines()]
    kinds = [line for name in missing for line in lines if line.startswith(f"{name} : ")]
    calls = " and ".join(f"{name}=..." for name in missing)
    expected = f"; expected {', '.join(kinds)}" if kinds else ""
    return f"{_called(function, args)} needs {calls}{expected}."


def _too_many(
    function: Callable[..., object], args: tuple[object, ...], given: Iterable[str]
) -> str:
    """Say by which names to pass what was passed by position."""
    parameters = inspect.signature(function).parameters
    taken = [name for name, one in parameters.items() if one.kind in BY_POSITION]
    rest = [
        name
        for name, one in parameters.items()
        if one.kind is inspect.Parameter.KEYWORD_ONLY and name not in {*given}
    ]
    more = len(args) - len(taken)
    bound = taken[:1] in (["self"], ["cls"])
    taken, count = taken[bound:], len(args) - bound
    name = _called(function, args)
    plural = "" if len(taken) == 1 else "s"
    takes = (
        f"{len(taken)} argument{plural} by position, {' and '.join(taken)}"
        if taken
        else ("no argument by position")
    )
    call = ", ".join([*taken, *(f"{one}=..." for one in rest[:more])])
    way = f" Pass by name what comes after these: {name}({call})." if rest else ""
    return f"{name} takes {takes}, and got {count}.{way}"
