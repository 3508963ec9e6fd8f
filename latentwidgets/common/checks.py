"""Checks of arguments: each names what it got, what it takes, and the way out."""

from __future__ import annotations

import difflib
import functools
import inspect
import math
import numbers
import reprlib
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "amounts_in",
    "brief",
    "check_container",
    "check_finite",
    "check_flag",
    "check_function",
    "check_positive",
    "check_seed",
    "check_sizes",
    "check_whole",
    "checked_keywords",
    "hint",
    "listed",
    "near_miss",
    "plain_array",
    "real_array",
    "real_number",
    "refuse_unknown",
    "repeating",
    "to_float32",
]

# The largest number that scikit-learn takes for a seed.
LARGEST_SEED = 2**32 - 1
# An array of more numbers than this fits into no memory.
MOST_NUMBERS = 2**40
# How many letters of a text a message shows, how many entries of a list, and letters of all of it.
LETTERS, ENTRIES, MOST_LETTERS = 80, 6, 160
# What a unit is called that is none, by pint and by astropy.
UNITLESS = ("", "1", "dimensionless")

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def brief(value: object) -> str:
    """Write a value for a message: short, whatever it is.

    Parameters
    ----------
    value : object
        What was given: perhaps a whole text, a long list, or an object whose ``repr`` raises.

    Returns
    -------
    str
        Its ``repr``, with what is too long left out.

    Examples
    --------
    >>> brief("slerp"), len(brief("x" * 10**6)), brief(list(range(10**6)))
    ("'slerp'", 80, '[0, 1, 2, 3, 4, 5, ...]')
    """
    try:
        text = _brief.repr(value)
    except Exception:  # a number of too many digits, or a `repr` that raises
        text = f"<{type(value).__name__}>"
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 3]}..."


_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = _brief.maxlong = LETTERS
_brief.maxlist = _brief.maxtuple = _brief.maxdict = _brief.maxset = _brief.maxfrozenset = ENTRIES


def real_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """Make an array of real numbers, with at least one row and nothing empty."""
    check_container(values, name)
    try:
        array = plain_array(values)
    except Exception as error:  # an object's own `__array__` may raise anything
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


def plain_array(values: Any) -> NDArray[Any]:
    """Make an array of what is given; missing numbers of pandas' nullable columns become NaN.

    pandas itself makes objects of such columns, and of columns of several types.

    Raises
    ------
    RuntimeError, TypeError, ValueError
        Where NumPy raises them.
    """
    array = np.asarray(values)
    if array.dtype != object or not hasattr(values, "to_numpy"):
        return array
    dtypes = getattr(values, "dtypes", None)
    columns = [dtypes] if hasattr(dtypes, "kind") else [*(() if dtypes is None else dtypes)]
    if not columns or any(getattr(one, "kind", "O") not in "biuf" for one in columns):
        return array
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))


def check_container(values: Any, name: str) -> None:
    """Refuse what NumPy would forget when it makes an array: which numbers count, and units.

    Raises
    ------
    LatentValueError
        If some are masked.
    LatentTypeError
        If they have a unit.
    """
    if isinstance(values, (list, tuple)):
        for one in values:
            if isinstance(one, np.generic):
                continue
            if one is np.ma.masked or hasattr(one, "__array__"):
                check_container(one, name)
        return
    mask = getattr(values, "mask", None)
    if isinstance(mask, (np.ndarray, np.bool_)) and mask.any():
        masked = np.atleast_1d(mask)
        rows = np.flatnonzero(masked.reshape(len(masked), -1).any(axis=1))
        where = f"{listed(rows)} of {len(masked)}"
        raise LatentValueError(
            f"{where} of the {name} {'is' if len(rows) == 1 else 'are'} masked; expected all to "
            "count. Leave masked rows out first, such as x[~np.ma.getmaskarray(x).any(axis=1)]."
        )
    if hasattr(values, "columns") or hasattr(values, "index"):
        return  # a table, whose columns or rows may have these names
    unit = getattr(values, "units", None) or getattr(values, "unit", None)
    # Dates of pandas have a `unit` too: their resolution.
    numbers = getattr(getattr(values, "dtype", None), "kind", "f") in [*"biufc"]
    if unit is not None and numbers and hasattr(values, "__array__") and str(unit) not in UNITLESS:
        raise LatentTypeError(
            f"{name} are in {unit}; expected plain numbers, since results come without units. Pass "
            "their numbers alone, x.magnitude (pint) or x.value (astropy)."
        )


def check_finite(array: NDArray[Any], name: str) -> None:
    """Refuse NaN and infinity, and say in which rows they are."""
    finite = np.isfinite(array)
    if not finite.all():
        rows = np.flatnonzero(~finite.reshape(len(array), -1).all(axis=1))
        raise LatentValueError(
            f"there is NaN or infinity in {listed(rows)} of {len(array)} of the {name}; expected "
            "finite float32 numbers. Leave those out, or find out where they come from."
        )


def amounts_in(given: Any, name: str = "amounts") -> NDArray[Any]:
    """Take one finite number, or a row of them."""
    one = np.isscalar(given) or getattr(given, "ndim", 1) == 0
    array = real_array([given] if one else given, name)
    check_finite(array, name)
    return array


def to_float32(array: NDArray[Any], name: str) -> NDArray[np.float32]:
    """Make float32 of real numbers; refuse NaN, infinity, and what float32 cannot hold."""
    with np.errstate(over="ignore"):  # too large for float32: infinite, and refused
        made = array.astype(np.float32, copy=False)
    check_finite(made, name)
    return made


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


def check_whole(value: object, name: str, *, least: int, most: int | None = None) -> int:
    """Take a whole number that is at least `least`, and at most `most`."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise LatentTypeError(f"{name} is {brief(value)}; expected a whole number.")
    if value < least:
        raise LatentValueError(f"{name} is {brief(value)}; expected at least {least}.")
    if most is not None and int(value) > most:
        raise LatentValueError(f"{name} is {brief(value)}; expected at most {most:,}.")
    return int(value)


def check_flag(value: object, name: str) -> bool:
    """Take True or False, or a number that stands for one of them; an array is neither."""
    try:
        return bool(value)
    except Exception:
        raise LatentTypeError(f"{name} is {brief(value)}; expected True or False.") from None


def check_seed(seed: object) -> int:
    """Take a seed: a whole number from 0 to 2**32 - 1, as scikit-learn takes it."""
    return check_whole(seed, "seed", least=0, most=LARGEST_SEED)


def check_positive(value: object, name: str) -> float:
    """Take a finite number above 0."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise LatentTypeError(f"{name} is {brief(value)}; expected a number above 0.")
    number = _as_float(value)
    if not 0 < number < math.inf:
        raise LatentValueError(f"{name} is {brief(value)}; expected a finite number above 0.")
    return number


def real_number(value: Any, name: str, *, least: float, most: float) -> float:
    """Take a finite number within bounds; neither a bool nor NaN passes for one."""
    expected = f"a number from {least:g} to {most:g}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        msg = f"{name} is {brief(value)}; expected {expected}."
        raise LatentTypeError(msg)
    number = _as_float(value)
    if not math.isfinite(number) or not least <= number <= most:
        msg = f"{name} is {number:g}; expected {expected}."
        raise LatentValueError(msg)
    return number + 0.0  # no -0.0: the page writes it as 0


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number too large for a float
        return math.inf


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
        raise LatentTypeError(
            f"{name} is {brief(sizes)}; expected whole numbers, such as (28, 28)."
        )
    shape = tuple(int(size) for size in given)
    if min(shape, default=0) < 1 or (axes is not None and len(shape) not in axes):
        count = "" if axes is None else " or ".join(map(str, axes)) + " "
        raise LatentValueError(f"{name} is {brief(sizes)}; expected {count}positive whole numbers.")
    if math.prod(shape) > MOST_NUMBERS:
        raise LatentValueError(f"{name} is {brief(sizes)}: more numbers than any memory holds.")
    return shape


def repeating(name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """Show the line that repeats an array along the axes that it lacks, to append to a message.

    Parameters
    ----------
    name : str
        What the array is called.
    shape : tuple of int
        The shape it has.
    wanted : tuple of int
        The shape it should have.

    Returns
    -------
    str
        The line, after a space; empty where the shape does not broadcast, or is a single number.

    Examples
    --------
    >>> repeating("w", (512,), (18, 512))
    ' To repeat it along the axes that it lacks, pass np.broadcast_to(w, (18, 512)).'
    >>> repeating("w", (500,), (18, 512))
    ''
    """
    try:
        fits = np.broadcast_shapes(shape, wanted) == wanted and math.prod(shape) > 1
    except ValueError:
        fits = False
    line = f"np.broadcast_to({name}, {wanted})"
    return f" To repeat it along the axes that it lacks, pass {line}." if fits else ""


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


def refuse_unknown(options: Iterable[str], function: Callable[..., object]) -> None:
    """Refuse options that a function or a class does not take, and say which were meant."""
    if options:
        known = [name for name in inspect.signature(function).parameters if name != "self"]
        for option in options:
            if option not in known:
                name = function.__qualname__.removesuffix(".__init__")
                raise LatentTypeError(
                    f"{name} has no option {brief(option)}. {hint(option, known)}"
                )


def near_miss(name: object, known: Iterable[str], *, alike: float = 0.6) -> str:
    """Ask whether a name that is much like the given one was meant, to append to a message.

    Parameters
    ----------
    name : object
        What was given.
    known : iterable of str
        The names there are.
    alike : float
        How much alike two names must be, from 0 to 1.

    Returns
    -------
    str
        The question, after a space; empty where no name is alike.

    Examples
    --------
    >>> near_miss("smlie", ["smile", "age"]), near_miss("hat", ["smile", "age"])
    (" Did you mean 'smile'?", '')
    """
    if not isinstance(name, str) or len(name) > LETTERS:  # a whole text would take minutes
        return ""
    near = difflib.get_close_matches(name, [*known], n=1, cutoff=alike)
    return f" Did you mean {near[0]!r}?" if near else ""


def hint(name: object, known: Sequence[str]) -> str:
    """Ask whether a name that is much like the given one was meant, or say which names there are.

    Examples
    --------
    >>> hint("smlie", ["smile", "age"]), hint("hat", ["smile", "age"])
    ("Did you mean 'smile'?", "There are 'smile', 'age'.")
    """
    if question := near_miss(name, known):
        return question.lstrip()
    more = f" and {len(known) - 8} more" if len(known) > 8 else ""
    return f"There are {', '.join(map(brief, known[:8])) or 'none yet'}{more}."
