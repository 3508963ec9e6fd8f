"""How a decoder's output changes along moves: as the decoder itself says, or by differences."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.kinds.reading.calls import call_model

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    from latentwidgets.kinds.reading.arrays import Outputs

    Run = Callable[[Callable[[NDArray[np.float32]], Any], NDArray[np.float32]], Any]

__all__ = ["central_differences", "changes_along", "confirmed"]

# Half the distance between the two points of a difference: about the cube root of float32's
# rounding, and for outputs in whole levels far enough that they change at all.
STEP, LEVELS_STEP = 5e-3, 0.1


def changes_along(
    moves: NDArray[np.float32],
    point: NDArray[np.float32],
    *,
    derivative: Callable[[NDArray[np.float32], NDArray[np.float32]], Any] | None,
    numbers: Callable[[NDArray[np.float32]], Outputs],
    run: Run,
    scale: float,
) -> tuple[NDArray[np.float32], str]:
    """Say how a decoder's output changes along moves, at one latent.

    Parameters
    ----------
    moves : ndarray
        Along which unit vectors, ``(k, *latent_shape)``.
    point : ndarray
        Where, ``latent_shape``.
    derivative : callable or None
        Takes the point and some of the moves; None where the decoder cannot say.
    numbers : callable
        Decodes latents to outputs that are numbers.
    run : callable
        Calls a function of latents with some of them at a time, and joins what it returns.
    scale : float
        How far latents spread: the standard deviation of their numbers.

    Returns
    -------
    changes : ndarray
        float32 ``(k, ...)``, per unit of move.
    how : str
        "forward mode", or "central differences" where the decoder cannot say, or says something
        that differences contradict.

    Raises
    ------
    DecodeError
        If the decoder raises or returns something else.
    """

    def decode(latents: NDArray[np.float32]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = run(lambda some: numbers(some).to_float32(), latents)
        return found

    def differences(tangents: NDArray[np.float32]) -> NDArray[np.float32]:
        [levels] = run(lambda some: [numbers(some).dtype_range is not None], point[np.newaxis])
        return central_differences(decode, point, tangents, scale=scale, levels=levels)

    if derivative is not None:

        def change(tangents: NDArray[np.float32]) -> NDArray[np.float32]:
            outputs = call_model(
                lambda some: derivative(point, some), tangents, source="derivative"
            )
            return outputs.to_float32()

        # Some operations of torch have no forward mode, or a wrong one.
        with suppress(DecodeError):
            changes: NDArray[np.float32] = run(change, moves)
            if confirmed(changes, moves, differences):
                return changes, "forward mode"
    return differences(moves), "central differences"


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
    length = float(np.sqrt(np.mean(np.square(latent, dtype=np.float64))))
    with np.errstate(over="ignore", invalid="ignore"):
        step = np.float32(size * max(scale, 0.1 * length))
        ends = latent + step * tangents, latent - step * tangents
    if not step > np.finfo(np.float32).tiny or not np.isfinite(ends).all():
        raise LatentValueError(
            f"scale is {scale:g}; float32 cannot hold a step of {size:g} times that. Pass the "
            "standard deviation of the latents' numbers."
        )
    ahead, behind = map(decode, ends)
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
