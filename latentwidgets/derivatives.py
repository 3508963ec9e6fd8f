"""How a decoder's output changes along moves: by differences, for decoders that cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["central_differences"]

# Half the distance between the two points of a difference: about the cube root of float32's
# rounding, and for outputs in whole levels far enough that they change at all.
STEP, LEVELS_STEP = 5e-3, 0.1


def central_differences(
    decode: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    latent: NDArray[np.float32],
    tangents: NDArray[np.float32],
    *,
    levels: bool = False,
) -> NDArray[np.float32]:
    """Take differences of a decoder's outputs around a latent.

    Parameters
    ----------
    decode : callable
        Takes latents, and returns float32 outputs, one row for each.
    latent : ndarray
        Where, ``latent_shape``.
    tangents : ndarray
        Along which unit vectors, ``(k, *latent_shape)``.
    levels : bool
        Whether outputs are whole levels, 0 to 255.

    Returns
    -------
    ndarray
        Changes of the output per unit of move, ``(k, ...)``.

    Examples
    --------
    >>> square = lambda latents: latents**2
    >>> central_differences(square, np.float32([3.0]), np.float32([[1.0]])).round(2).tolist()
    [[6.0]]
    """
    size = LEVELS_STEP if levels else STEP
    # In a latent of large numbers a small step would be lost in rounding.
    step = np.float32(size * max(1.0, float(np.sqrt(np.mean(latent**2)))))
    ahead, behind = decode(latent + step * tangents), decode(latent - step * tangents)
    return np.asarray((ahead - behind) / (2 * step), np.float32)
