"""What a direction is made of: its vectors and numbers, checked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_finite, real_array
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["check_alike", "check_number", "check_vector"]


def check_vector(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """Take a vector of finite numbers, as a copy in float64."""
    array = np.array(real_array(values, what), np.float64)
    if not array.ndim:
        raise LatentValueError(f"{what} is one number; expected an array of latent_shape.")
    check_finite(array, what)
    return array


def check_alike(
    values: ArrayLike, what: str, name: str, vector: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Take another vector of a direction, of the shape of its first."""
    array = check_vector(values, f"the {what} of {brief(name)}")
    if array.shape != vector.shape:
        shapes = f"{array.shape}, its vector {vector.shape}"
        raise LatentValueError(
            f"the {what} of {brief(name)} has shape {shapes}; expected one shape."
        )
    return array


def check_number(value: Any, what: str, name: str) -> float:
    """Take a finite number."""
    try:
        number = math.nan if isinstance(value, (str, bytes, bool)) else float(value)
    except Exception:  # an object's own `__float__` may raise anything
        number = math.nan
    if not math.isfinite(number):
        told = f"{what} of {brief(name)} is {brief(value)}"
        raise LatentValueError(f"{told}; expected finite numbers.")
    return number
