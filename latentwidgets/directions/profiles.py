"""Profiles: how strongly a direction acts at each layer, from 0 to 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_finite, real_array
from latentwidgets.common.wording import brief, hint
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["flat_weights", "profile_of", "runs"]


def profile_of(given: Any, layers: Sequence[str], name: str) -> tuple[float, ...]:
    """Read a profile.

    Parameters
    ----------
    given : array_like, range, str or iterable of str
        One number from 0 to 1 for each layer; or those layers at which a direction acts, the
        others being left alone: a range of their numbers, or their names.
    layers : sequence of str
        The names of all layers, in order.
    name : str
        Of the direction, for messages.

    Returns
    -------
    tuple of float
        One number for each layer.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it is none of these, or names a layer that does not exist.

    Examples
    --------
    >>> profile_of(range(1, 3), ["a", "b", "c"], "age"), profile_of("c", ["a", "b", "c"], "age")
    ((0.0, 1.0, 1.0), (0.0, 0.0, 1.0))
    """
    what, count = f"the profile of {brief(name)}", len(layers)
    if isinstance(given, range):
        if given and not (min(given) >= 0 and max(given) < count):
            raise LatentValueError(
                f"{what} is {given}; expected numbers of layers, from 0 to {count - 1}."
            )
        return tuple(float(i in given) for i in range(count))
    if isinstance(given, str):
        given = [given]
    if isinstance(given, Mapping) or not (isinstance(given, Iterable) or hasattr(given, "shape")):
        raise LatentTypeError(
            f"{what} is {brief(given)}; expected {count} numbers from 0 to 1, one a layer, or a "
            f"range of layers, such as range({count // 2}, {count})."
        )
    values = given if hasattr(given, "shape") else list(given)
    if isinstance(values, list) and values and all(isinstance(one, str) for one in values):
        for one in values:
            if one not in layers:
                raise LatentValueError(f"{what} names a layer {brief(one)}. {hint(one, layers)}")
        return tuple(float(layer in values) for layer in layers)
    numbers = real_array(values, what)
    if numbers.shape != (count,):
        raise LatentValueError(
            f"{what} has shape {numbers.shape}; expected {count} numbers from 0 to 1, one a layer. "
            f"To act at some layers only, pass a range of their numbers, "
            f"range({count // 2}, {count})."
        )
    check_finite(numbers, what)
    if numbers.min() < 0 or numbers.max() > 1:
        raise LatentValueError(
            f"{what} reaches from {numbers.min():g} to {numbers.max():g}; expected numbers from 0, "
            "not at all, to 1, as found. A larger amount moves further."
        )
    return tuple(float(number) + 0.0 for number in numbers)  # no -0.0: the page writes it as 0


def flat_weights(profile: Sequence[float], size: int) -> NDArray[np.float64]:
    """Give the weight of every number of a latent of `size` numbers, layer by layer.

    Examples
    --------
    >>> flat_weights([1.0, 0.5], 4).tolist()
    [1.0, 1.0, 0.5, 0.5]
    """
    return np.repeat(np.asarray(profile, np.float64), size // len(profile))


def runs(profile: Sequence[float]) -> str:
    """Write at which layers something acts.

    Examples
    --------
    >>> runs([0, 1, 1, 1, 0, 0.5]), runs([0, 0])
    ('layers 1-3, 5', 'no layer')
    """
    acting = [i for i, weight in enumerate(profile) if weight]
    starts = [i for i in acting if i - 1 not in acting]
    ends = [i for i in acting if i + 1 not in acting]
    parts = [f"{a}" if a == b else f"{a}-{b}" for a, b in zip(starts, ends, strict=True)]
    if not parts:
        return "no layer"
    return f"layer{'s' * (len(acting) > 1)} {', '.join(parts)}"
