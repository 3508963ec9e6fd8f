"""Models that return several things: which array is meant, in tuples, lists, dicts and objects."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from latentwidgets.common.attributes import attribute, has
from latentwidgets.common.wording import brief

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from latentwidgets.kinds.reading.ranges import Shape

__all__ = ["Choice", "array_in", "holds_arrays", "is_array"]

# What people call the array that is meant, in objects and dicts, the likeliest first: the mean of a
# distribution comes before a draw from it.
_LATENTS = (
    *("latent_dist", "latents", "latent", "mean", "mu", "z_mean", "loc", "z", "code", "codes"),
    *("embedding", "embeddings"),
)
_OUTPUTS = (
    *("sample", "samples", "images", "image", "reconstruction", "recon", "x_recon", "recon_x"),
    *("x_hat", "output", "outputs", "out", "probs", "probabilities", "logits"),
)
_NAMES = {
    "encode": (*_LATENTS, "sample", "output", "outputs", "out"),
    "decode": (*_OUTPUTS, "mean", "mu", "loc"),
}


class Choice(NamedTuple):
    """What was chosen of what a model returned, and how it is reached from there."""

    value: Any
    how: str = ""
    # Whether something else could be meant as well.
    is_doubtful: bool = False


def is_array(value: object) -> bool:
    """Tell whether this is an array, of whatever library.

    Examples
    --------
    >>> is_array(np.zeros(3)), is_array([0.0])
    (True, False)
    """
    return has(value, "__array__") or has(value, "__array_interface__")


def holds_arrays(value: object) -> bool:
    """Tell whether this is an array, or holds one.

    Examples
    --------
    >>> holds_arrays(([np.zeros(3)], 1)), holds_arrays(["a text"])
    (True, False)
    """
    return is_array(value) or any(holds_arrays(part) for _, part in _parts(value, _NAMES["decode"]))


def array_in(
    returned: Any,
    count: int,
    *,
    source: str,
    expected: Shape | None,
    stack: Callable[[Sequence[Any]], Any],
) -> Choice:
    """Find the array that is meant in what a model returned.

    Of a tuple or a list the first counts that has one row an item, so that a loss or another
    single number is passed over; of a dict, a dataclass, a named tuple or another object the one
    of a usual name. A list with one array an item is stacked.

    Parameters
    ----------
    returned : object
        What it returned.
    count : int
        For how many items.
    source : str
        "encode", or something that returns what a decoder does.
    expected : tuple of int or None
        The shape of one of what is meant, where that is known.
    stack : callable
        Makes one array of a list of arrays.

    Returns
    -------
    Choice
        The array; `returned` itself where it holds none.

    Examples
    --------
    >>> mean, log_var = np.zeros((2, 8)), np.ones((2, 8))
    >>> array_in([mean, log_var], 2, source="encode", expected=None, stack=np.stack).how
    '[0]'
    """
    if is_array(returned):
        return Choice(returned)
    if isinstance(returned, list) and _are_batches_of_one(returned, count, expected):
        return Choice(stack(returned).reshape(count, *(expected or ())))
    if isinstance(returned, list) and _is_one_each(returned, count, source, expected):
        same = [one for one in returned if np.shape(one)[:1] == (count,)]
        return Choice(stack(returned), "", is_doubtful=len(same) == count > 1)
    names = _NAMES["encode" if source == "encode" else "decode"]
    parts = _parts(returned, names)
    arrays = [(how, part) for how, part in parts if _has_rows(part, count)]
    if source == "encode":  # a latent is no index into a codebook
        arrays = [one for one in arrays if not _is_whole(one[1])] or arrays
    # One number an item is a loss.
    arrays = [one for one in arrays if np.ndim(one[1]) > 1] or arrays
    if expected is not None:
        arrays = [one for one in arrays if np.shape(one[1])[1:] == expected] or arrays
    if not arrays or _are_losses(arrays, parts):
        return _in_a_part(returned, parts, count, source, expected, stack)
    known = [(how, part) for how, part in arrays if _name(how) in names]
    if known:
        how, part = min(known, key=lambda one: names.index(_name(one[0])))
        return Choice(part, how, is_doubtful=any(other is not part for _, other in known))
    how, part = arrays[0]
    if source == "encode":
        # Of two without names the first is the mean and the other its log variance.
        named = not how.strip("[]").isdigit()
        return Choice(part, how, is_doubtful=len(arrays) > (1 if named else 2))
    rivals = [np.shape(other) for _, other in arrays[1:] if np.ndim(other) >= np.ndim(part)]
    rivals = [shape for shape in rivals if len(shape) > 2 or shape == np.shape(part)]
    return Choice(part, how, is_doubtful=bool(rivals))


def _in_a_part(
    returned: Any,
    parts: list[tuple[str, Any]],
    count: int,
    source: str,
    expected: Shape | None,
    stack: Callable[[Sequence[Any]], Any],
) -> Choice:
    """Look into the parts themselves; where none has one row an item, take the first array."""
    names = _NAMES["encode" if source == "encode" else "decode"]
    ranks = {name: rank for rank, name in enumerate(names)}
    for how, part in sorted(parts, key=lambda one: ranks.get(_name(one[0]), len(names))):
        if not is_array(part):
            inner = array_in(part, count, source=source, expected=expected, stack=stack)
            if is_array(inner.value):
                return Choice(inner.value, how + inner.how, inner.is_doubtful)
    return next((Choice(part, how) for how, part in parts if is_array(part)), Choice(returned))


def _parts(value: object, names: Sequence[str]) -> list[tuple[str, Any]]:
    """List what something holds, with what one writes to reach it."""
    if isinstance(value, Mapping):
        return [(f"[{brief(key)}]", part) for key, part in value.items()]
    if isinstance(value, (tuple, list)):
        named = getattr(value, "_fields", None)
        if named is not None:
            return [(f".{name}", getattr(value, name)) for name in named]
        return [(f"[{i}]", part) for i, part in enumerate(value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [(f".{one.name}", getattr(value, one.name)) for one in dataclasses.fields(value)]
    # Of any other object only what has a usual name: a distribution computes some of the others.
    is_distribution = callable(attribute(value, "log_prob"))
    for name in ("mean", *names) if is_distribution else names:
        part = attribute(value, name)
        if part is not None and not callable(part):
            return [(f".{name}", part)]
    mode = attribute(value, "mode")
    if not callable(mode):
        return []
    try:
        return [(".mode()", mode())]
    except Exception:
        return []


def _is_one_each(returned: list[Any], count: int, source: str, expected: Shape | None) -> bool:
    """Tell whether a list holds one array an item, rather than several of all items."""
    if len(returned) != count or not all(map(is_array, returned)):
        return False
    shapes = {np.shape(one) for one in returned}
    if len(shapes) > 1:
        return False
    [shape] = shapes
    if expected is not None:
        return bool(shape == expected)
    if shape[:1] != (count,):
        return len(shape) > 0
    # A picture has three axes at most, so that arrays of four are batches.
    return source != "encode" and len(shape) < 4 and count > 1


def _are_batches_of_one(returned: list[Any], count: int, expected: Shape | None) -> bool:
    """Tell whether a list holds a batch of one for each item, as it did for one item alone."""
    if expected is None or len(returned) != count or not all(map(is_array, returned)):
        return False
    return all(np.shape(one) == (1, *expected) for one in returned)


def _are_losses(arrays: list[tuple[str, Any]], parts: list[tuple[str, Any]]) -> bool:
    """Tell whether arrays are one number an item, and what is meant is in another part.

    So it is where a model returns a distribution, and a loss or a divergence of each item.
    """
    if any(np.ndim(part) > 1 for _, part in arrays):
        return False
    inner = [part for _, part in parts if not is_array(part) and not isinstance(part, (str, bytes))]
    return any(callable(attribute(part, "log_prob")) or holds_arrays(part) for part in inner)


def _is_whole(part: object) -> bool:
    return "int" in str(getattr(part, "dtype", ""))


def _has_rows(part: Any, count: int) -> bool:
    return is_array(part) and tuple(np.shape(part)[:1]) == (count,)


def _name(how: str) -> str:
    """Give the name by which a part is reached: mean, of .mean and of ['mean']."""
    return how.strip(".[]'\"").lower()
