"""How conditions are passed to a function: by keyword where it names them, else by position."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from inspect import Parameter
    from typing import Any

__all__ = ["LastWay", "Passing", "passing"]

# What networks of diffusion models call the time or step that they are asked for.
TIMES = {"t", "time", "timestep", "timesteps", "sigma", "noise_level"}


@dataclass(frozen=True)
class Passing:
    """Which conditions a function is passed by position, and which by the name of a parameter.

    Attributes
    ----------
    by_position : tuple of str
        Conditions, in the order of the function's parameters.
    by_name : tuple of pair of str
        Conditions, and the names of their parameters.
    """

    by_position: tuple[str, ...] = ()
    by_name: tuple[tuple[str, str], ...] = ()

    def call(self, function: Callable[..., Any], *first: Any, values: Mapping[str, Any]) -> Any:
        """Call the function: first latents or images, then its conditions."""
        return function(
            *first,
            *(values[name] for name in self.by_position),
            **{parameter: values[name] for name, parameter in self.by_name},
        )


class LastWay:
    """How a function was passed its conditions last: found again for another function, or others.

    A copy begins anew, since some functions, such as those of TorchScript, cannot be copied.

    Examples
    --------
    >>> LastWay().find(lambda z, y: z, ["class"])
    Passing(by_position=('class',), by_name=())
    """

    def __init__(self) -> None:
        self._found: tuple[tuple[Any, ...], Passing] | None = None

    def __reduce__(self) -> tuple[type[LastWay], tuple[()]]:
        return LastWay, ()

    def find(
        self, function: Callable[..., Any], names: Iterable[str], what: str = "decode"
    ) -> Passing:
        """Find the way, as `passing` does."""
        names = tuple(names)
        key = function, names
        if self._found is None or self._found[0] != key:
            self._found = key, passing(function, names, what=what)
        return self._found[1]


def _turned(parameters: list[inspect.Parameter], names: list[str]) -> str:
    """Write a function that takes latents or images first, and calls one that does not."""
    given = [one.name for one in parameters if one.default is one.empty or one.name in names]
    given = [name for name in given if name.isidentifier()]
    before = [name for name in given if name not in names]
    after = [name for name in given if name in names]
    return f"lambda {', '.join(before + after)}: f({', '.join(given)})"


def passing(
    function: Callable[..., Any],
    names: Iterable[str],
    *,
    what: str = "decode",
    first: int = 1,
    every: bool = True,
) -> Passing:
    """Find out how to pass conditions to a function.

    By keyword if it has a parameter of that name; else to its required parameters, in order; else
    by keyword if it takes ``**``; else to its optional parameters, in order.

    Parameters
    ----------
    function : callable
        A decoder, an encoder or a derivative.
    names : iterable of str
        The conditions, in order.
    what : str
        What to call the function in messages.
    first : int
        How many parameters come before the conditions: those for latents or images.
    every : bool
        Whether it must take all conditions. An encoder gets those that it names or needs.

    Returns
    -------
    Passing
        The way to call it.

    Raises
    ------
    LatentValueError
        If the function needs more than there is, or does not take all.

    Examples
    --------
    >>> def decode(z, y, *, sharpness=1.0): ...
    >>> passing(decode, ["class", "sharpness"])
    Passing(by_position=('class',), by_name=(('sharpness', 'sharpness'),))
    """
    names = list(names)
    parameters = _parameters(function)
    if parameters is None:
        return Passing(tuple(names) if every else ())
    kinds = {one.kind for one in parameters}
    leading = [one.name for one in parameters[:first] if one.name in names]
    if leading:
        raise LatentValueError(
            f"{what} takes {brief(leading[0])} first, where latents or images are passed. Pass a "
            f"function f in which they come first, in its place: {_turned(parameters, names)}."
        )
    takes_any = inspect.Parameter.VAR_KEYWORD in kinds
    takes_more = inspect.Parameter.VAR_POSITIONAL in kinds
    rest = [one for one in parameters if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]
    rest = [one for i, one in enumerate(rest) if i >= first or one.kind is one.KEYWORD_ONLY]
    named = {one.name for one in rest if one.kind is not one.POSITIONAL_ONLY}
    by_name = {name: name for name in names if name in named}
    left = [name for name in names if name not in named]
    by_position: list[str] = []
    missing: list[str] = []
    in_a_row = True  # whether no parameter so far was left out, or passed by name
    for one in rest:
        needed = one.default is one.empty
        if one.name in by_name:
            in_a_row = False
        elif one.kind is not one.KEYWORD_ONLY and left and (needed or (every and not takes_any)):
            name = left.pop(0)
            if in_a_row:
                by_position.append(name)
            else:
                by_name[name] = one.name
        else:
            in_a_row = False
            missing += [one.name] * needed
    if missing:
        raise LatentValueError(_what_is_missing(what, missing, by_name.keys() | {*by_position}))
    if takes_any:
        by_name |= {name: name for name in left}
    elif left and every and takes_more and in_a_row:
        by_position += left
    elif left and every:
        takes = ", ".join(one.name for one in parameters)
        raise LatentValueError(
            f"{what} takes no {' and no '.join(map(brief, left))}: its parameters are ({takes}). "
            "Leave that condition out, or give the decoder a parameter of that name."
        )
    return Passing(tuple(by_position), tuple(by_name.items()))


def _parameters(function: Callable[..., Any]) -> list[Parameter] | None:
    """List the parameters of a function; None where nobody knows them, as of some in C."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def _what_is_missing(what: str, missing: list[str], known: Iterable[str]) -> str:
    words = " and ".join(map(brief, missing))
    steps = ""
    if any(name in TIMES for name in missing):
        steps = (
            " If it takes steps from noise to pictures, as a diffusion model does: "
            'lw.as_space(lw.adapters.Sampler(model, shape, predicts="noise", schedule=betas)).'
        )
    beside = " and ".join(["latents", *map(brief, sorted(known))])
    example = ", ".join(f'"{name}": names' for name in missing)
    numbers = ", ".join(f'"{name}": (default, low, high)' for name in missing)
    return (
        f"{what} needs {words} beside {beside}. Say what it may be: conditions={{{example}}} with "
        f"a list of names or a range of whole numbers, or conditions={{{numbers}}} for a number."
        f"{steps}"
    )
