"""Checks of arguments: each names what it got, what it takes, and the way out."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.attributes import attribute, has
from latentwidgets.common.pictures import plain_colours
from latentwidgets.common.wording import brief, listed, near_miss, said
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "amounts_in",
    "as_float",
    "check_alone",
    "check_container",
    "check_controls",
    "check_finite",
    "check_flag",
    "check_function",
    "check_layer",
    "check_one_of",
    "check_positive",
    "check_seed",
    "check_sizes",
    "check_text",
    "check_whole",
    "detached",
    "plain_array",
    "real_array",
    "real_number",
    "seed_after",
    "to_float32",
    "way_to_numbers",
]

# The largest number that scikit-learn takes for a seed.
LARGEST_SEED = 2**32 - 1
# More random ones would tell no more, and take for ever.
MOST_CONTROLS = 10_000
# The largest number that NumPy counts with.
LARGEST_WHOLE = 2**63 - 1
# An array of more numbers than this fits into no memory.
MOST_NUMBERS = 2**40
# What a unit is called that is none, by pint and by astropy.
UNITLESS = ("", "1", "dimensionless")


def real_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """Make an array of real numbers, with at least one row and nothing empty."""
    if type(values) is not np.ndarray:  # which holds nothing beside its numbers
        check_alone(values, name)
        check_container(values, name)
    try:
        array = plain_array(values)
    except Exception as error:  # an object's own `__array__` may raise anything
        words = said(error).rstrip(".")
        raise LatentTypeError(
            f"{name} are no array: {words}. Pass NumPy arrays; a torch tensor becomes one with "
            "tensor.detach().cpu().float().numpy()."
        ) from error
    if array.dtype.kind not in "biuf":
        many = has(values, "__iter__") and not isinstance(values, str)
        got = f"a {type(values).__name__}" if many else brief(values)
        got = f"an array of {array.dtype}" if array.ndim else got
        way = way_to_numbers(values, array, name)
        raise LatentTypeError(f"{name} are {got}; expected real numbers.{way}")
    if not array.ndim or not array.size:
        raise LatentValueError(
            f"{name} have shape {array.shape}; expected at least one row, and at least one number "
            "in each. Pass a batch, (n, ...)."
        )
    return array


def check_alone(values: Any, name: str) -> None:
    """Refuse what has the numbers among others: a demo has latents, a direction its vector."""
    held = [one for one in ("latents", "vector") if has(values, one)]
    if held and not has(values, "__array__"):
        own = name if has(values, name) else held[0]
        raise LatentTypeError(
            f"{name} are a {type(values).__name__}, which holds more than that; expected an array",
            way=f"Pass its attribute, .{own}.",
        )


def way_to_numbers(values: Any, array: NDArray[Any], name: str) -> str:
    """Say what to do about what NumPy makes no real numbers of, to append to a message.

    Examples
    --------
    >>> rows = ([i, i + 1] for i in range(3))
    >>> way_to_numbers(rows, np.asarray(rows), "latents")
    ' NumPy does not look into a generator: pass np.stack([*latents]).'
    """
    parts = name if name.isidentifier() else "it"
    entries = [*array.flat] if array.ndim and array.dtype == object else []
    if array.dtype.kind == "U" or (entries and all(isinstance(one, str) for one in entries)):
        if _counts(array):
            return f" These are texts of numbers: pass np.asarray({parts}, dtype=np.float32)."
        return " Encode texts first: space.encode(texts), with the LatentSpace of their model."
    if array.dtype != object:
        return ""
    if not array.ndim and has(values, "__iter__"):
        parts = f"{parts}.values()" if isinstance(values, Mapping) else parts
        return f" NumPy does not look into a {type(values).__name__}: pass np.stack([*{parts}])."
    others = [one for one in entries if not isinstance(one, (numbers.Real, np.bool_, Decimal))]
    if not others:
        counts = bool(entries) and _counts(array)
        return f" Pass np.asarray({parts}).astype(np.float32)." if counts else ""
    shapes = [_row_shape(one) for one in entries]
    if any(shapes):
        if () in shapes:
            alone = brief(entries[shapes.index(())])
            return f" Among the rows is {alone}: leave it out, or give a row in its place."
        if len({*shapes}) > 1:
            first, other = [*dict.fromkeys(shapes)][:2]
            return f" Among the rows are shapes {first} and {other}: give rows of one shape."
        if array.ndim == 1:
            return f" Each is a row of its own: pass np.stack([*{parts}])."
        return f" Each entry is an array: pass np.array(np.asarray({parts}).tolist())."
    return f" Among them is {brief(others[0])}: leave it out, or give a number in its place."


def _counts(array: NDArray[Any]) -> bool:
    """Say whether NumPy makes numbers of what an array holds."""
    try:
        array.astype(np.float64)
    except Exception:  # an object of the person's own may raise anything
        return False
    return True


def _row_shape(one: Any) -> tuple[int, ...]:
    """Give the shape of an entry of an array of objects; an empty one where it has none."""
    try:
        return tuple(np.shape(one))
    except Exception:  # ragged rows, or an object's own `__array__`, which may raise anything
        return ()


def detached(values: Any, name: str) -> Any:
    """Take a tensor off its device and its gradients; all else stays.

    Raises
    ------
    LatentTypeError
        If it holds no numbers, as a tensor on the device "meta".
    """
    if not has(values, "detach"):
        return values
    try:
        return values.detach().cpu()
    except Exception as error:
        raise LatentTypeError(
            f"{name} cannot be read: {said(error).rstrip('.')}",
            way="Pass a tensor that holds numbers.",
        ) from error


def plain_array(values: Any) -> NDArray[Any]:
    """Make an array of what is given; missing numbers of pandas' nullable columns become NaN.

    pandas itself makes objects of such columns, and of columns of several types.

    Raises
    ------
    RuntimeError, TypeError, ValueError
        Where NumPy raises them.
    """
    if type(values) is np.ndarray:
        return values
    array = np.asarray(plain_colours(values))
    if array.dtype != object or not has(values, "to_numpy"):
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
            if one is np.ma.masked or has(one, "__array__"):
                check_container(one, name)
        return
    mask = attribute(values, "mask")
    if isinstance(mask, (np.ndarray, np.bool_)) and mask.any():
        masked = np.atleast_1d(mask)
        rows = np.flatnonzero(masked.reshape(len(masked), -1).any(axis=1))
        way = "Fill what is masked, such as with x.filled(0)."
        if masked.ndim > 1:
            way = "Leave masked rows out first, x[~np.ma.getmaskarray(x).any(axis=1)]."
            if masked.ndim > 2:
                way = "Leave out what is masked first."
        raise LatentValueError(
            f"{listed(rows)} of {len(masked)} of {_the(name)} {'is' if len(rows) == 1 else 'are'} "
            "masked; expected all to count",
            way=way,
        )
    if has(values, "columns") or has(values, "index"):
        return  # a table, whose columns or rows may have these names
    unit = attribute(values, "units") or attribute(values, "unit")
    # Dates of pandas have a `unit` too: their resolution.
    numbers = attribute(attribute(values, "dtype"), "kind", "f") in [*"biufc"]
    if unit is not None and numbers and has(values, "__array__") and str(unit) not in UNITLESS:
        raise LatentTypeError(
            f"{name} are in {unit}; expected plain numbers, since results come without units",
            way="Pass their numbers alone, x.magnitude (pint) or x.value (astropy).",
        )


def _the(name: str) -> str:
    return name if name.startswith("the ") else f"the {name}"


def check_finite(array: NDArray[Any], name: str) -> None:
    """Refuse NaN and infinity, and say in which rows they are."""
    finite = np.isfinite(array)
    if not finite.all():
        rows = np.flatnonzero(~finite.reshape(len(array), -1).all(axis=1))
        raise LatentValueError(
            f"there is NaN or infinity in {listed(rows)} of {len(array)} of {_the(name)}; expected "
            "finite float32 numbers",
            way="Leave those out, or find out where they come from.",
        )


def amounts_in(given: Any, name: str = "amounts") -> NDArray[Any]:
    """Take one finite number, or a row of them."""
    one = np.isscalar(given) or attribute(given, "ndim", 1) == 0
    array = real_array([given] if one else given, name)
    check_finite(array, name)
    return array


def to_float32(array: NDArray[Any], name: str) -> NDArray[np.float32]:
    """Make float32 of real numbers; refuse NaN, infinity, and what float32 cannot hold."""
    with np.errstate(over="ignore"):  # too large for float32: infinite, and refused
        made = array.astype(np.float32, copy=False)
    check_finite(made, name)
    return made


def check_function(function: object, name: str) -> None:
    """Refuse what cannot be called."""
    if not callable(function):
        raise LatentTypeError(f"{name} is a {type(function).__name__}; expected a function.")


def check_text(value: object, name: str) -> str:
    """Take a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise LatentTypeError(f"{name} is {brief(value)}; expected a text.")
    return str(value)


def check_whole(value: object, name: str, *, least: int, most: int = LARGEST_WHOLE) -> int:
    """Take a whole number that is at least `least`, and at most `most`."""
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise LatentTypeError(f"{name} is {brief(value)}; expected a whole number.")
    if value < least:
        raise LatentValueError(f"{name} is {brief(value)}; expected at least {least}.")
    if int(value) > most:
        raise LatentValueError(f"{name} is {brief(value)}; expected at most {most:,}.")
    return int(value)


def check_layer(value: object, name: str, count: int) -> int:
    """Take the number of a layer, of so many; one below 0 is refused, which may mean the last."""
    told = f"{name} is {brief(value)}; layers are counted from 0, and the last is {count - 1}."
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        raise LatentTypeError(told, way="Pass a whole number.")
    if not 0 <= int(value) < count:
        raise LatentValueError(told)
    return int(value)


def check_flag(value: object, name: str) -> bool:
    """Take True or False, or 1 or 0 for them."""
    if not isinstance(value, (bool, np.bool_, numbers.Integral)) or value not in (0, 1):
        raise LatentTypeError(f"{name} is {brief(value)}; expected True or False.")
    return bool(value)


def check_seed(seed: object) -> int:
    """Take a seed: a whole number from 0 to 2**32 - 1, as scikit-learn takes it."""
    return check_whole(seed, "seed", least=0, most=LARGEST_SEED)


def check_controls(controls: object) -> int:
    """Take how many random moves or paths something is compared with; each costs as much."""
    return check_whole(controls, "controls", least=0, most=MOST_CONTROLS)


def seed_after(seed: int, number: int) -> int:
    """Give a seed's follower, for one of several draws; after the largest comes 0."""
    return (seed + number) % (LARGEST_SEED + 1)


def check_one_of(value: object, name: str, known: Iterable[str]) -> str:
    """Take one of some names."""
    known = [*known]
    if not isinstance(value, str) or value not in known:
        raise LatentValueError(
            f"{name} is {brief(value)}; expected one of {', '.join(map(repr, known))}."
            f"{near_miss(value, known)}"
        )
    return value


def check_positive(value: object, name: str) -> float:
    """Take a finite number above 0."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise LatentTypeError(f"{name} is {brief(value)}; expected a number above 0.")
    number = as_float(value)
    if not 0 < number < math.inf:
        raise LatentValueError(f"{name} is {brief(value)}; expected a finite number above 0.")
    return number


def real_number(value: Any, name: str, *, least: float, most: float) -> float:
    """Take a finite number within bounds; neither a bool nor NaN passes for one."""
    expected = f"a number from {least:g} to {most:g}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        msg = f"{name} is {brief(value)}; expected {expected}."
        raise LatentTypeError(msg)
    number = as_float(value)
    if not math.isfinite(number) or not least <= number <= most:
        msg = f"{name} is {number:g}; expected {expected}."
        raise LatentValueError(msg)
    return number + 0.0  # no -0.0: the page writes it as 0


def as_float(value: Any) -> float:
    """Make a float of a real number; infinity of one that is too large."""
    try:
        return float(value)
    except OverflowError:
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
