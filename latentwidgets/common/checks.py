"""Checks of arguments: each names what it got, what it takes, and the way out."""

from __future__ import annotations

import difflib
import inspect
import math
import numbers
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "check_finite",
    "check_function",
    "check_positive",
    "check_sizes",
    "check_whole",
    "hint",
    "listed",
    "real_array",
    "real_number",
    "refuse_unknown",
]


def real_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """Make an array of real numbers, with at least one row and nothing empty."""
    try:
        array = np.asarray(values)
    except (RuntimeError, TypeError, ValueError) as error:
        raise LatentTypeError(
            f"{name} are no array: {str(error).rstrip('.')}. Pass NumPy arrays; a torch "
            "tensor becomes one with tensor.detach().cpu().float().numpy()."
        ) from error
    if array.dtype.kind not in "biuf":
        raise LatentTypeError(f"{name} are an array of {array.dtype}; expected real numbers.")
    if not array.ndim or not array.size:
        raise LatentValueError(
            f"{name} have shape {array.shape}; expected at least one row, and at least one number "
            "in each. Pass a batch, (n, ...)."
        )
    return array


def check_finite(array: NDArray[Any], name: str) -> None:
    """Refuse NaN and infinity, and say in which rows they are."""
    finite = np.isfinite(array)
    if not finite.all():
        rows = np.flatnonzero(~finite.reshape(len(array), -1).all(axis=1))
        raise LatentValueError(
            f"there is NaN or infinity in {listed(rows)} of {len(array)} of the {name}; expected "
            "finite float32 numbers. Leave those out, or find out where they come from."
        )


def listed(rows: NDArray[np.intp]) -> str:
    """Name rows in words, five at most.

    Examples
    --------
    >>> listed(np.arange(7))
    'rows 0, 1, 2, 3, 4 and 2 more'
    """
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(map(str, rows[:5]))}{more}"


def check_function(function: object, name: str) -> None:
    """Refuse what cannot be called."""
    if not callable(function):
        raise LatentTypeError(f"{name} is a {type(function).__name__}; expected a function.")


def check_whole(value: object, name: str, *, least: int) -> int:
    """Take a whole number that is at least `least`."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise LatentTypeError(f"{name} is {value!r}; expected a whole number.")
    if value < least:
        raise LatentValueError(f"{name} is {value}; expected at least {least}.")
    return int(value)


def check_positive(value: object, name: str) -> float:
    """Take a finite number above 0."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise LatentTypeError(f"{name} is {value!r}; expected a number above 0.")
    number = float(value)
    if not 0 < number < math.inf:
        raise LatentValueError(f"{name} is {value}; expected a finite number above 0.")
    return number


def real_number(value: Any, name: str, *, least: float, most: float) -> float:
    """Take a finite number within bounds; neither a bool nor NaN passes for one."""
    expected = f"a number from {least:g} to {most:g}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        msg = f"{name} is {value!r}; expected {expected}."
        raise LatentTypeError(msg)
    try:
        number = float(value)
    except OverflowError:  # a whole number too large for a float
        number = math.inf
    if not math.isfinite(number) or not least <= number <= most:
        msg = f"{name} is {number:g}; expected {expected}."
        raise LatentValueError(msg)
    return number + 0.0  # no -0.0: the page writes it as 0


def check_sizes(
    sizes: object, name: str, *, axes: tuple[int, ...] | None = None
) -> tuple[int, ...]:
    """Take a shape: positive whole numbers, as many as `axes` allows; one may stand alone.

    Examples
    --------
    >>> check_sizes(512, "latent_shape")
    (512,)
    """
    given = sizes if isinstance(sizes, (tuple, list)) else (sizes,)
    whole = [isinstance(size, numbers.Integral) and not isinstance(size, bool) for size in given]
    if not all(whole):
        raise LatentTypeError(f"{name} is {sizes!r}; expected whole numbers, such as (28, 28).")
    shape = tuple(int(size) for size in given)
    if min(shape, default=0) < 1 or (axes is not None and len(shape) not in axes):
        count = "" if axes is None else " or ".join(map(str, axes)) + " "
        raise LatentValueError(f"{name} is {sizes!r}; expected {count}positive whole numbers.")
    return shape


def refuse_unknown(options: dict[str, Any], function: Callable[..., object]) -> None:
    """Refuse options for which a function has only its last parameter, with the near miss."""
    known = list(inspect.signature(function).parameters)[:-1] if options else []
    name = next((name for name in options if name not in known), None)
    if name is not None:
        raise LatentTypeError(f"{function.__name__} has no option {name!r}. {hint(name, known)}")


def hint(name: object, known: Sequence[str]) -> str:
    """Say which name was meant, or which there are, eight at most.

    Examples
    --------
    >>> hint("smlie", ["smile", "age"]), hint("hat", ["smile", "age"])
    ("Did you mean 'smile'?", "There are 'smile', 'age'.")
    """
    near = difflib.get_close_matches(str(name), known, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    more = f" and {len(known) - 8} more" if len(known) > 8 else ""
    return f"There are {', '.join(map(repr, known[:8]))}{more}."
