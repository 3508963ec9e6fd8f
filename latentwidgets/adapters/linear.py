"""Decoders of which only calls are known, as matrices: those that are linear."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.pace import Pace
from latentwidgets.common.wanted import UnwantedError
from latentwidgets.errors import LatentValueError
from latentwidgets.space.portable import Linear, too_large

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from latentwidgets.space.portable import Wish

__all__ = ["as_matrix"]

# No linear model takes longer than this for one output.
SLOW_SECONDS = 1.0
# After about so many seconds of decoding, whatever else waits for the model goes first.
TURN_SECONDS = 0.03
# A model counts as linear where the latents of a space, and so many times these, are decoded as a
# matrix decodes them, but for a share of the largest output.
TIMES, SLACK = (1.0, -1.0, 3.0, -3.0), 1e-5


def as_matrix(name: str, decode: Callable[[NDArray[np.float32]], Any], wish: Wish) -> Linear:
    """Find the matrix that decodes as a function does, in many short calls.

    Parameters
    ----------
    name : str
        What to call the model in messages.
    decode : callable
        Takes latents, float32 ``(n, size)``, and gives ``(n, ...)``.
    wish : Wish
        What is wanted.

    Raises
    ------
    LatentValueError
        If it is not linear, as far as the latents of the space and three times these show, or if
        the matrix is too large.
    UnwantedError
        If nobody wants it any more.
    """
    samples = wish.samples.reshape(len(wish.samples), -1)
    size = samples.shape[1]

    def outputs(rows: NDArray[np.float32]) -> NDArray[np.float64]:
        if wish.unwanted():
            raise UnwantedError
        found = np.asarray(decode(rows), np.float64).reshape(len(rows), -1)
        if not np.isfinite(found).all():
            raise LatentValueError("it decodes ordinary latents to NaN or infinity.")
        return found

    start = time.monotonic()
    offset = outputs(np.zeros((1, size), np.float32))[0]
    seconds = time.monotonic() - start
    if seconds > SLOW_SECONDS:
        raise LatentValueError(
            f"{name} takes {seconds:.1f} s for one output, and counts as not linear. {CAN}"
        )
    if (size + 1) * offset.size * 4 > wish.most_bytes:
        raise LatentValueError(too_large((size + 1) * offset.size * 4, wish.most_bytes))
    # First a few outputs of one line, which most that is not linear does not have on a line.
    along = [outputs((times * samples[:1]).astype(np.float32))[0] for times in TIMES]
    for times, output in zip(TIMES, along, strict=True):
        _check(name, output, offset + times * (along[0] - offset), np.abs(along).max())
    # One axis of the latents at a time, as far as the latents themselves reach.
    reach = np.abs(samples).max(axis=0)
    reach[reach == 0] = 1
    weights = np.empty((size, offset.size))
    pace, done = Pace(TURN_SECONDS), 0
    while done < size:
        rows = np.zeros((min(pace.size, size - done), size), np.float32)
        places = np.arange(done, done + len(rows))
        rows[np.arange(len(rows)), places] = reach[places]
        start = time.monotonic()
        found = outputs(rows)
        pace.took(len(rows), time.monotonic() - start)
        weights[places] = (found - offset) / reach[places, np.newaxis]
        done += len(rows)
    for times in TIMES:
        rows = (times * samples).astype(np.float32)
        found = outputs(rows)
        _check(name, found, rows.astype(np.float64) @ weights + offset, np.abs(found).max())
    return Linear(weights.astype(np.float32), offset.astype(np.float32))


def _check(
    name: str, found: NDArray[np.float64], expected: NDArray[np.float64], largest: float
) -> None:
    if not np.abs(found - expected).max() <= SLACK * largest:
        raise LatentValueError(f"{name} is not linear. {CAN}")


# Said where a decoder must stay in the kernel: which of its library can run in the page.
CAN = "Of scikit-learn only linear models run in the page, such as PCA, NMF and FastICA."
