"""Keywords that a function does not take: refused, with the one that was meant."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["checked_keywords", "checked_options", "refuse_unknown"]

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def checked_keywords(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Decorate a function so that a keyword which it does not take is a `LatentTypeError`.

    The message names the keyword that was meant. Type checkers see the function as it is written.

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
    """

    @functools.wraps(function)
    def checked(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        refuse_unknown(kwargs, function)
        return function(*args, **kwargs)

    return checked


def checked_options(cls: type[Result]) -> type[Result]:
    """Decorate a class likewise, where its ``__init__`` is made by `dataclasses.dataclass`."""
    setattr(cls, "__init__", checked_keywords(cls.__init__))  # noqa: B010 (mypy knows it as final)
    return cls


def refuse_unknown(options: Iterable[str], function: Callable[..., object]) -> None:
    """Refuse options that a function or a class does not take, and say which were meant."""
    if options:
        known = [
            name for name in inspect.signature(function).parameters if name not in ("self", "cls")
        ]
        for option in options:
            if option not in known:
                name = function.__qualname__.removesuffix(".__init__")
                raise LatentTypeError(
                    f"{name} has no option {brief(option)}. {hint(option, known)}"
                )
