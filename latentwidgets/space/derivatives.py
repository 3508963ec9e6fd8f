"""How a decoder's output changes along moves: by differences, for decoders that cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["central_differences", "confirmed"]

# Half the distance between the two points of a difference: about the cube root of float32's
# rounding, and for outputs in whole levels far enough that they change at all.
STEP, LEVELS_STEP = 5e-3, 0.1


def central_differences(
    decode: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    latent: NDArray[np.float32],
    tangents: NDArray[np.float32],
    *,
    scale: float = 1.0,
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
    scale : float
        How far latents spread: the standard deviation of their numbers.
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
    step = np.float32(size * max(scale, 0.1 * float(np.sqrt(np.mean(latent**2)))))
    ahead, behind = decode(latent + step * tangents), decode(latent - step * tangents)
    return np.asarray((ahead - behind) / (2 * step), np.float32)


def confirmed(
    changes: NDArray[np.float32],
    tangents: NDArray[np.float32],
    differences: Callable[[NDArray[np.float32]], NDArray[np.float32]],
) -> bool:
    """Tell whether differences along one mixture of the tangents agree with derivatives roughly.

    Parameters
    ----------
    changes : ndarray
        The derivatives, ``(k, ...)``.
    tangents : ndarray
        What they are along, ``(k, *latent_shape)``.
    differences : callable
        Takes one unit vector, ``(1, *latent_shape)``, and returns differences along it.

    Examples
    --------
    >>> tangents = np.eye(2, dtype=np.float32)
    >>> confirmed(np.float32([[0], [5]]), tangents, lambda move: 5 * move[:, 1:])
    True
    >>> confirmed(np.float32([[0], [0]]), tangents, lambda move: 5 * move[:, 1:])
    False
    """
    weights = np.linspace(1, 2, len(tangents), dtype=np.float32)
    mixture = np.tensordot(weights, tangents, 1)
    norm = np.linalg.norm(mixture) or np.float32(1)
    claimed = np.tensordot(weights, changes, 1) / norm
    seen = differences(mixture[np.newaxis] / norm)[0]
    lengths = np.linalg.norm(claimed), np.linalg.norm(seen)
    return bool(np.linalg.norm(claimed - seen) <= 0.5 * max(lengths))
