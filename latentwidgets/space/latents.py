"""Checks that arrays are latents of a space: what a person passes, what an encoder returns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_finite, real_array
from latentwidgets.common.wording import repeating
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.kinds.reading.calls import finite_extent

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.kinds.reading.arrays import Outputs

__all__ = ["check_encoded", "check_latents", "one_for_each", "repeated"]


def check_latents(
    latents: ArrayLike, latent_shape: tuple[int, ...], name: str
) -> NDArray[np.float32]:
    """Check that these are latents of one shape.

    Parameters
    ----------
    latents : array_like
        ``(n, *latent_shape)``, finite, n at least 1.
    latent_shape : tuple of int
        The shape of one.
    name : str
        What to call them in messages.

    Returns
    -------
    ndarray
        The same as contiguous float32; not copied if they are that already.

    Raises
    ------
    LatentTypeError
        If they are not real numbers.
    LatentValueError
        If they have another shape, or hold NaN or infinity.

    Examples
    --------
    >>> check_latents([[1, 2], [3, 4]], (2,), "latents").dtype
    dtype('float32')
    """
    array = real_array(latents, name)
    if array.shape[1:] != latent_shape:
        raise LatentValueError(_misfit(array.shape, latent_shape, name))
    if array.dtype != np.float32:
        with np.errstate(over="ignore"):  # too large for float32: infinite, and refused
            array = array.astype(np.float32)
    check_finite(array, name)
    return np.ascontiguousarray(array)


def check_encoded(latents: Outputs, latent_shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Check that an encoder returned latents of one shape, all finite.

    Parameters
    ----------
    latents : Outputs
        ``(n, ...)``.
    latent_shape : tuple of int
        The shape of one.

    Returns
    -------
    ndarray
        float32 ``(n, *latent_shape)``.

    Raises
    ------
    DecodeError
        If they are something else.
    """
    if latents.shape[1:] != latent_shape:
        raise DecodeError(
            f"encode returned shape {latents.shape}; expected one latent per image, "
            f"{(latents.shape[0], *latent_shape)}. Pass encode=... with a function that "
            "returns that, such as the mean without the variance."
        )
    finite_extent(latents, source="encode")
    return latents.to_float32()


def _misfit(shape: tuple[int, ...], latent_shape: tuple[int, ...], name: str) -> str:
    """Say what is wrong with latents of another shape, and what to do about it."""
    mine = ", ".join(map(str, latent_shape))
    got = f"{name} have shape {shape}"
    if shape == latent_shape:
        return f"{got}: that is one latent; expected several. For one pass {name}[None]."
    if len(shape) < 2:
        way = f"Pass a batch, (n, {mine})."
    elif math.prod(shape[1:]) == math.prod(latent_shape):
        way = f"Reshape them: {name}.reshape(-1, {mine})."
    else:
        way = f"Pass (n, {mine}), or make the space with latent_shape={shape[1:]}."
    way += repeated(shape, latent_shape, name)
    return f"{got}; this space takes latents of shape {latent_shape}. {way}"


def repeated(shape: tuple[int, ...], latent_shape: tuple[int, ...], name: str) -> str:
    """Show the line that repeats latents along the axes that they lack, to append to a message.

    Empty where there is none, or latents have that shape already.

    Examples
    --------
    >>> repeated((5, 512), (18, 512), "w")
    ' To repeat it along the axes that it lacks, pass np.broadcast_to(w[:, None], (5, 18, 512)).'
    """
    if shape[1:] == latent_shape:
        return ""
    name = name if name.isidentifier() else "latents"
    if line := repeating(name, shape, (1, *latent_shape)):
        return line
    if math.prod(shape[1:]) == 1:  # repeating one number makes no latent of it
        return ""
    missing = ", None" * (1 + len(latent_shape) - len(shape))
    rows = f"{name}[:{missing}]" if missing else name
    laid = (*shape[:1], *(1,) * missing.count("None"), *shape[1:])
    return repeating(rows, laid, (*shape[:1], *latent_shape))


def one_for_each(latent: Any, count: int, latent_shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Take one latent, which is repeated, or so many; give ``(count, *latent_shape)``.

    Raises
    ------
    LatentTypeError, LatentValueError
        If these are not real numbers, have another shape, or are neither one nor as many.

    Examples
    --------
    >>> one_for_each([1.0, 2.0], 3, (2,)).shape
    (3, 2)
    """
    points = real_array(latent, "latent")
    several = points.ndim > len(latent_shape)
    points = check_latents(points if several else points[np.newaxis], latent_shape, "latents")
    if several and len(points) != count:
        raise LatentValueError(
            f"there are {len(points)} latents and {count} tangents; expected one latent, or as "
            "many as tangents. Repeat latents: np.repeat(latents, k, axis=0)."
        )
    return np.ascontiguousarray(np.broadcast_to(points, (count, *latent_shape)))
