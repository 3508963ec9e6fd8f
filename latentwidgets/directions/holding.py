"""Hold still: take out of moves what the readouts of some directions would measure of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.wording import brief
from latentwidgets.directions.evidence import without_claims_on_the_vector
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from latentwidgets.directions.direction import Direction

__all__ = ["NOTHING_LEFT", "canceller", "remainder"]

# A unit vector of which less than this length is left, after something was taken out of it, is no
# direction any more: what is left is rounding.
NOTHING_LEFT = 1e-6


def canceller(held: Sequence[Direction], weights: NDArray[np.float64] | None = None) -> Any:
    """Make a function that changes moves so that some measurements stay as they are.

    It takes out of each move as much of the directions' own vectors as cancels what their readouts
    would measure of it.

    Parameters
    ----------
    held : Directions, or sequence of Direction
        Whose readouts are to measure the same before and after a move.
    weights : ndarray, shape (latent_size,), optional
        How much of their own vectors may be used for it, number by number: 0 for those numbers of
        a latent that are to be left alone. All if None.

    Returns
    -------
    callable
        From flat moves, float64 ``(..., latent_size)``, to moves of the same shape.

    Raises
    ------
    LatentValueError
        If a readout does not measure its own vector, or one lies in the span of the others.
    """
    readouts = np.stack([one.readout.ravel() for one in held])
    norms = np.linalg.norm(readouts, axis=1, keepdims=True)
    readouts = readouts / np.where(norms > 0, norms, 1.0)
    vectors = np.stack([one.vector.ravel() for one in held])
    if weights is not None:
        vectors = vectors * weights
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors /= np.where(lengths > 0, lengths, 1.0)
    measured = readouts @ vectors.T  # what each readout measures of each vector
    for item, own in zip(held, np.diag(measured), strict=True):
        if abs(own) < NOTHING_LEFT:
            raise LatentValueError(
                f"{brief(item.name)} cannot be held still by its own move: its readout does not "
                "see it."
            )
    if np.linalg.cond(measured) > 1 / NOTHING_LEFT:
        names = ", ".join(brief(one.name) for one in held)
        raise LatentValueError(
            f"{names} cannot all be held still: one lies in the span of the others. Leave one out."
        )

    def cancel(moves: NDArray[np.float64]) -> NDArray[np.float64]:
        for _ in range(2):  # the second pass takes out the rounding errors of the first
            moves = moves - np.linalg.solve(measured, readouts @ moves.T).T @ vectors
        return moves

    return cancel


def remainder(item: Direction, left: NDArray[np.float64], others: str, words: str) -> Direction:
    """Make the direction that is left of another after something was taken out of its vector.

    Parameters
    ----------
    item : Direction
        The other.
    left : ndarray
        What is left of its unit vector, flat.
    others : str
        What was taken out, for a message.
    words : str
        How it was changed, for its method and its provenance.
    """
    length = float(np.linalg.norm(left))
    if length < NOTHING_LEFT:
        raise LatentValueError(
            f"{brief(item.name)} lies in the span of {others}: nothing of it is left. Leave it out."
        )
    unit = left / length
    if np.abs(unit - item.vector.ravel()).max() < 1e-12:
        return item
    changed = (*item.provenance.get("changed", ()), words)
    return item.replace(
        vector=unit.reshape(item.latent_shape),
        sigma=item.sigma * length,
        method=f"{item.method}, {words}",
        evidence=without_claims_on_the_vector(item.evidence),
        provenance={**item.provenance, "changed": changed},
    )
