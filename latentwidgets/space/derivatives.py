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

    Run = Callable[..., Any]

__all__ = ["central_differences", "changes_along", "confirmed"]

# Half the distance between the two points of a difference: about the cube root of float32's
# rounding, and for outputs in whole levels far enough that they change at all.
STEP, LEVELS_STEP = 5e-3, 0.1


def changes_along(
    moves: NDArray[np.float32],
    points: NDArray[np.float32],
    *,
    derivative: Callable[[NDArray[np.float32], NDArray[np.float32]], Any] | None,
    numbers: Callable[[NDArray[np.float32]], Outputs],
    run: Run,
    scale: float,
) -> tuple[NDArray[np.float32], str]:
    """Say how a decoder's output changes along moves, each at its own latent.

    Parameters
    ----------
    moves : ndarray
        Along which unit vectors, ``(k, *latent_shape)``.
    points : ndarray
        Where, ``(k, *latent_shape)``. Those of one latent stand together.
    derivative : callable or None
        Takes some of the points and their moves; None where the decoder cannot say.
    numbers : callable
        Decodes latents to outputs that are numbers.
    run : callable
        Calls a function with some rows at a time, and joins what it returns: see `Batches.run`.
    scale : float
        How far latents spread: the standard deviation of their numbers.

    Returns
    -------
    changes : ndarray
        float32 ``(k, ...)``, per unit of move.
    how : str
        "forward mode", or "central differences" where the decoder cannot say, or at any latent says
        something that differences contradict: these take its place there.

    Raises
    ------
    DecodeError
        If the decoder raises or returns something else.
    """
    levels: bool | None = None

    def decode(latents: NDArray[np.float32]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = run(lambda some: numbers(some).to_float32(), latents)
        return found

    def differences(
        latents: NDArray[np.float32], tangents: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        nonlocal levels
        if levels is None:
            [levels] = run(lambda some: [numbers(some).dtype_range is not None], points[:1])
        return central_differences(decode, latents, tangents, scale=scale, levels=levels)

    if derivative is not None:

        def change(
            tangents: NDArray[np.float32], beside: dict[str, NDArray[np.float32]]
        ) -> NDArray[np.float32]:
            outputs = call_model(
                lambda some: derivative(beside["points"], some), tangents, source="derivative"
            )
            return outputs.to_float32()

        # Some operations of torch have no forward mode, or a wrong one.
        with suppress(DecodeError):
            changes: NDArray[np.float32] = run(change, moves, {"points": points})
            wrong = ~confirmed(changes, moves, points, differences)
            if not wrong.any():
                return changes, "forward mode"
            if not wrong.all():
                changes[wrong] = differences(points[wrong], moves[wrong])
                return changes, "central differences"
    return differences(points, moves), "central differences"


def central_differences(
    decode: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    latents: NDArray[np.float32],
    tangents: NDArray[np.float32],
    *,
    scale: float = 1.0,
    levels: bool = False,
) -> NDArray[np.float32]:
    """Take differences of a decoder's outputs around latents.

    Parameters
    ----------
    decode : callable
        Takes latents, and returns float32 outputs, one row for each.
    latents : ndarray
        Where, ``(k, *latent_shape)``.
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
    >>> central_differences(square, np.float32([[3.0]]), np.float32([[1.0]])).round(2).tolist()
    [[6.0]]
    """
    size = LEVELS_STEP if levels else STEP
    # In a latent of large numbers a small step would be lost in rounding.
    squares = np.square(latents.reshape(len(latents), -1), dtype=np.float64)
    lengths = np.sqrt(squares.mean(axis=1))
    with np.errstate(over="ignore", invalid="ignore"):
        steps = (size * np.maximum(scale, 0.1 * lengths)).astype(np.float32)
        moved = _across(steps, tangents) * tangents
        ends = latents + moved, latents - moved
    if not (steps > np.finfo(np.float32).tiny).all() or not np.isfinite(ends).all():
        raise LatentValueError(
            f"scale is {scale:g}; float32 cannot hold a step of {size:g} times that. Pass the "
            "standard deviation of the latents' numbers."
        )
    ahead, behind = map(decode, ends)
    return np.asarray((ahead - behind) / _across(2 * steps, ahead), np.float32)


def confirmed(
    changes: NDArray[np.float32],
    tangents: NDArray[np.float32],
    points: NDArray[np.float32],
    differences: Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]],
) -> NDArray[np.bool_]:
    """Tell where differences along one mixture of a latent's tangents agree roughly.

    Parameters
    ----------
    changes : ndarray
        The derivatives, ``(k, ...)``.
    tangents : ndarray
        What they are along, ``(k, *latent_shape)``.
    points : ndarray
        Where, ``(k, *latent_shape)``. Those of one latent stand together.
    differences : callable
        Takes latents and a unit vector for each, and returns differences along these.

    Returns
    -------
    ndarray
        bool ``(k,)``, the same for all tangents of a latent.

    Examples
    --------
    >>> tangents, points = np.eye(2, dtype=np.float32), np.zeros((2, 2), np.float32)
    >>> slope = lambda _, moves: 5 * moves[:, 1:]
    >>> confirmed(np.float32([[0], [5]]), tangents, points, slope).tolist()
    [True, True]
    >>> confirmed(np.float32([[0], [0]]), tangents, points, slope).tolist()
    [False, False]
    """
    others = (points[1:] != points[:-1]).any(axis=tuple(range(1, points.ndim)))
    starts = np.flatnonzero(np.concatenate([[True], others]))
    counts = np.diff([*starts, len(points)])
    mixtures, claimed = [], []
    for start, count in zip(starts, counts, strict=True):
        weights, some = np.linspace(1, 2, count, dtype=np.float32), slice(start, start + count)
        mixture = np.tensordot(weights, tangents[some], 1)
        norm = np.linalg.norm(mixture) or np.float32(1)
        mixtures.append(mixture / norm)
        claimed.append(np.tensordot(weights, changes[some], 1).ravel() / norm)
    seen = differences(points[starts], np.stack(mixtures)).reshape(len(starts), -1)
    off, *lengths = (np.linalg.norm(one, axis=1) for one in (claimed - seen, claimed, seen))
    return np.repeat(off <= 0.5 * np.maximum(*lengths), counts)


def _across(numbers: NDArray[np.float32], rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give one number a row such a shape that it meets all numbers of the row."""
    return numbers.reshape(-1, *[1] * (rows.ndim - 1))
