"""`Edit`: what amounts along directions make of latents."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.directions.directions import Directions, canceller

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Edit"]

# What is left of a move beside those held still is rounding where it is shorter than this.
NOTHING_LEFT = 1e-6


class Edit:
    """Moves latents along directions, all at once: affine in the amounts.

    Parameters
    ----------
    bases : ndarray of float32, shape latent_shape or (n, *latent_shape)
        What is edited.
    directions : Directions
        What to move along.
    hold : sequence of str
        Directions to hold still: what the others do is changed so that the readouts of these do
        not. Their own amounts still count.
    absolute : bool
        Whether an amount replaces the coordinate that a latent has along a direction, in place of
        being added to it.

    Attributes
    ----------
    bases, directions, hold, absolute
        As given; `hold` in the order of the directions.
    origin : ndarray of float64, shape (k,)
        The amounts at which the first of the bases is left as it is.
    stuck : tuple of str
        Directions of which nothing is left beside those held still.
    gains : ndarray of float64, shape (k, k)
        How much the reading of each direction (rows) changes with the amount of each (columns).
    constants : ndarray of float64, shape (n, k)
        What each base would read at amounts of 0.
    name : str
        The same for the same bases, moves and mode, on any day.

    Raises
    ------
    LatentValueError
        If those to hold still cannot be told apart.

    Examples
    --------
    >>> from latentwidgets.directions import Direction
    >>> found = Directions([Direction("x", [1.0, 0.0]), Direction("y", [1.0, 1.0], sigma=2.0)])
    >>> edit = Edit(np.zeros(2, np.float32), found, hold=["x"])
    >>> edit.latents([[0.0, 1.0]]).round(3)
    array([[0.   , 1.414]], dtype=float32)
    """

    def __init__(
        self,
        bases: NDArray[np.float32],
        directions: Directions,
        hold: Sequence[str] = (),
        *,
        absolute: bool = False,
    ) -> None:
        self.bases, self.directions, self.absolute = bases, directions, absolute
        self.hold = tuple(name for name in directions.names if name in hold)
        points = bases.reshape(-1, *directions.latent_shape)
        self._points = points.reshape(len(points), -1).astype(np.float64)
        self._moves, self.stuck = _moves(directions, self.hold)
        own = np.stack([one.coordinate(points) for one in directions], axis=1)
        self._start = own if absolute else np.zeros_like(own)
        self.origin: NDArray[np.float64] = self._start[0]
        sigmas = np.array([one.readout_sigma for one in directions])
        self.gains: NDArray[np.float64] = (
            directions.readouts @ self._moves.T / sigmas[:, np.newaxis]
        )
        own_readings = [one.measure(points, standardized=True) for one in directions]
        self.constants = np.stack(own_readings, axis=1) - self._start @ self.gains.T
        self.name = self._digest()

    def latents(self, amounts: ArrayLike) -> NDArray[np.float32]:
        """Edit every base by each of some amounts.

        Parameters
        ----------
        amounts : array_like, shape (p, k)
            In sigmas, one for each direction.

        Returns
        -------
        ndarray
            float32 ``(p, *bases.shape)``.
        """
        steps = np.asarray(amounts, np.float64)[:, np.newaxis] - self._start
        edited: NDArray[np.float32] = (self._points + steps @ self._moves).astype(np.float32)
        return edited.reshape(len(steps), *self.bases.shape)

    def readings(self, amounts: ArrayLike) -> NDArray[np.float64]:
        """Say what the readouts measure after an edit.

        Parameters
        ----------
        amounts : array_like, shape (k,)
            In sigmas, one for each direction.

        Returns
        -------
        ndarray
            float64 ``(n, k)``, in standard deviations from the mean of the data.
        """
        readings: NDArray[np.float64] = self.constants + self.gains @ np.asarray(
            amounts, np.float64
        )
        return readings

    def _digest(self) -> str:
        digest = hashlib.blake2b(digest_size=12)
        for array in (self.bases, self._moves, self._start):
            digest.update(f"{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def _moves(
    directions: Directions, hold: tuple[str, ...]
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Give what one sigma of each direction adds to a latent, and which add nothing."""
    sigmas = np.array([one.sigma for one in directions])
    moves = directions.matrix * sigmas[:, np.newaxis]
    free = np.array([one.name not in hold for one in directions])
    if not hold or not free.any():
        return moves, ()
    cancel = canceller(Directions(directions[name] for name in hold))
    left = cancel(moves[free])
    nothing = np.linalg.norm(left, axis=1) < NOTHING_LEFT * sigmas[free]
    left[nothing] = 0
    moves[free] = left
    names = np.array(directions.names)[free][nothing]
    return moves, tuple(str(name) for name in names)
