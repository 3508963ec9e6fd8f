"""How a decoder's output changes along moves: by differences, for decoders that cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.outputs import call_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["central_differences"]

# Half the distance between the two points of a difference: about the cube root of float32's
# rounding, and for outputs in whole levels far enough that they change at all.
STEP, LEVELS_STEP = 5e-3, 0.1


def central_differences(
    decode: Callable[[NDArray[np.float32]], Any],
    latent: NDArray[np.float32],
    tangents: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Take differences of a decoder's outputs around a latent.

    Parameters
    ----------
    decode : callable
        Takes latents, and returns one array with one row for each.
    latent : ndarray
        Where, ``latent_shape``.
    tangents : ndarray
        Along which unit vectors, ``(k, *latent_shape)``.

    Returns
    -------
    ndarray
        Changes of the output per unit of move, ``(k, ...)``.

    Raises
    ------
    DecodeError
        If the decoder raises or returns something else.

    Examples
    --------
    >>> square = lambda latents: latents**2
    >>> central_differences(square, np.float32([3.0]), np.float32([[1.0]])).round(2).tolist()
    [[6.0]]
    """
    here = call_model(decode, latent[np.newaxis])
    size = LEVELS_STEP if here.dtype_range else STEP
    # In a latent of large numbers a small step would be lost in rounding.
    step = np.float32(size * max(1.0, float(np.sqrt(np.mean(latent**2)))))
    ahead = call_model(decode, latent + step * tangents).to_float32()
    behind = call_model(decode, latent - step * tangents).to_float32()
    return np.asarray((ahead - behind) / (2 * step), np.float32)
