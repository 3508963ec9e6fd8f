"""`Edit`: what amounts along directions make of latents."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from latentwidgets.common.wording import brief
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.holding import NOTHING_LEFT, canceller
from latentwidgets.directions.profiles import flat_weights
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.route import StaleError, digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from latentwidgets.routes.route import Coordinates

__all__ = ["FARTHEST_AMOUNT", "Edit", "reach"]

# Where holding others still within the layers of a move would make it longer than this many times,
# other layers help.
MOST_GROWN = 2.0
# Amounts and changes further out than this, in sigmas, are mistakes.
FARTHEST_AMOUNT = 1000.0


class Edit:
    """Moves latents along directions, all at once: affine in the amounts.

    Parameters
    ----------
    bases : ndarray of float32, shape latent_shape or (n, *latent_shape)
        What is edited.
    directions : Directions
        What to move along.
    hold : sequence of str
        Directions to hold still: what each of the others does is changed so that the readouts of
        these do not. Their own amounts still count, and change their own readout alone of these.
    absolute : bool
        Whether an amount replaces the coordinate that a latent has along a direction, in place of
        being added to it: as long as that one is moved alone, since directions at an angle shift
        one another's coordinates.
    profiles : mapping of str to sequence of float, optional
        Of some directions, how strongly each acts at every layer, from 0 to 1; others act as they
        are. The first axis of a latent is its layers. What is held still is held within the same
        layers, as far as they let it; the coordinate that an absolute amount replaces is that of
        these layers.

    Attributes
    ----------
    bases, directions, hold, absolute, profiles
        As given; `hold` in the order of the directions.
    starts : ndarray of float64, shape (n, k)
        The amounts at which each of the bases is left as it is.
    origin : ndarray of float64, shape (k,)
        Those of the first. A direction whose amount is still there leaves all bases as they are.
    moves : ndarray of float64, shape (k, size)
        What one sigma of each adds to a latent, flat.
    left : ndarray of float64, shape (k,)
        How much of each move is left beside those held still: 0 for nothing, 1 for all of it.
    gains : ndarray of float64, shape (k, k)
        How much the reading of each direction (rows) changes with the amount of each (columns).
    readings : ndarray of float64, shape (n, k)
        What the readouts say of each base as it is, in standard deviations from the mean.
    bounds : tuple of pair of float
        The least and the most of each amount.
    ends : list of list of float
        How far the slider of each amount reaches: to the limits of its direction, and as far about
        each start that lies beyond them.
    digest : str
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

    takes_empty: ClassVar[bool] = True

    def __init__(
        self,
        bases: NDArray[np.float32],
        directions: Directions,
        hold: Sequence[str] = (),
        *,
        absolute: bool = False,
        profiles: Mapping[str, Sequence[float]] | None = None,
    ) -> None:
        self.bases, self.directions, self.absolute = bases, directions, absolute
        given = profiles or {}
        self.profiles = {name: tuple(given[name]) for name in directions.names if name in given}
        self.hold = tuple(name for name in directions.names if name in hold)
        points = bases.reshape(-1, *directions.latent_shape)
        self._points = points.reshape(len(points), -1).astype(np.float64)
        own = np.stack([one.coordinate(points) for one in directions], axis=1)
        if self.profiles:
            layered = _Layered(directions, self.profiles)
            self.moves, self.left = layered.moves(self.hold)
            layered.put_coordinates(own, self._points)
        else:
            self.moves, self.left = _moves(directions, self.hold)
        self.starts = own if absolute else np.zeros_like(own)
        self.origin: NDArray[np.float64] = self.starts[0]
        sigmas = np.array([one.readout_sigma for one in directions])
        self.gains: NDArray[np.float64] = directions.readouts @ self.moves.T / sigmas[:, np.newaxis]
        self.readings = np.stack(
            [one.measure(points, standardized=True) for one in directions], axis=1
        )
        self.bounds = tuple(map(reach, self.origin.tolist()))
        self.ends = [
            _around(one.limits, starts, within)
            for one, starts, within in zip(
                directions, self.starts.T.tolist(), self.bounds, strict=True
            )
        ]
        self.digest = digest_of(bases, self.moves, self.starts, str(absolute))

    def latents(self, amounts: Sequence[Coordinates] | NDArray[np.float64]) -> NDArray[np.float32]:
        """Edit every base by each of some amounts.

        Parameters
        ----------
        amounts : array_like, shape (p, k)
            In sigmas, one for each direction. An empty row, ``()``, stands for no edit.

        Returns
        -------
        ndarray
            float32 ``(p, *bases.shape)``.

        Raises
        ------
        StaleError
            If the amounts are not one for each direction: then they are of another edit.
        LatentValueError
            If they lead to latents that float32 cannot hold.
        """
        if any(len(row) not in (0, len(self.origin)) for row in amounts):
            raise StaleError("there is not one amount for each direction.")
        rows = [row if len(row) else self.origin for row in amounts]
        given = np.asarray(rows, np.float64)[:, np.newaxis]
        steps = np.where(given == self.origin, 0.0, given - self.starts)
        with np.errstate(over="ignore", invalid="ignore"):
            edited: NDArray[np.float32] = (self._points + steps @ self.moves).astype(np.float32)
        if not np.isfinite(edited).all():
            raise LatentValueError(
                f"amounts reach from {given.min():g} to {given.max():g} sigmas; that leads to "
                "latents that float32 cannot hold. Move less far."
            )
        return edited.reshape(len(steps), *self.bases.shape)

    def words(self, at: Coordinates) -> str:
        """Write which directions are moved, and how far."""
        named = zip(self.directions.names, at, strict=True) if at else ()
        return ", ".join(f"{name} {x:+.2g} σ" for name, x in named if x) or "no edit"


def reach(start: float) -> tuple[float, float]:
    """Give the least and the most that an amount may be, where it is `start` without an edit."""
    return min(-FARTHEST_AMOUNT, start), max(FARTHEST_AMOUNT, start)


def _around(
    limits: tuple[float, float], starts: Sequence[float], within: tuple[float, float]
) -> list[float]:
    """Give the ends of a slider: the limits, and as far about each start that lies beyond them."""
    low, high = limits
    outside = [x for x in starts if not low <= x <= high]
    least, most = within
    return [max(least, low + min([0.0, *outside])), min(most, high + max([0.0, *outside]))]


def _moves(
    directions: Directions, hold: tuple[str, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give what one sigma of each direction adds to a latent, and the share that is left of it."""
    sigmas = np.array([one.sigma for one in directions])
    moves = directions.matrix * sigmas[:, np.newaxis]
    shares = np.ones(len(directions))
    if not hold:
        return moves, shares
    free = np.array([one.name not in hold for one in directions])
    held = Directions(directions[name] for name in hold)
    left = canceller(held)(moves[free])
    shares[free] = np.linalg.norm(left, axis=1) / sigmas[free]
    shares[shares < NOTHING_LEFT] = 0
    moves[free] = np.where(shares[free, np.newaxis] > 0, left, 0)
    moves[~free] = _apart(held) * sigmas[~free, np.newaxis]
    return moves, shares


class _Layered:
    """Directions of which some act at some layers only.

    Parameters
    ----------
    directions : Directions
        What they are.
    profiles : mapping of str to sequence of float
        How strongly some of them act at every layer.
    """

    def __init__(self, directions: Directions, profiles: Mapping[str, Sequence[float]]) -> None:
        self._directions = directions
        size = directions.matrix.shape[1]
        self._weights = {name: flat_weights(profiles[name], size) for name in profiles}
        self._sigmas = np.array([one.sigma for one in directions])
        acting = directions.matrix.copy()
        for i, name in enumerate(directions.names):
            if name in self._weights:
                acting[i] *= self._weights[name]
        self._whole = acting * self._sigmas[:, np.newaxis]

    def moves(self, hold: tuple[str, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give what one sigma of each adds to a latent, and the share that is left of it."""
        moves, shares = self._whole.copy(), np.ones(len(self._whole))
        for i, name in enumerate(self._directions.names):
            others = [self._directions[other] for other in hold if other != name]
            length = float(np.linalg.norm(moves[i]))
            if not others or not length:
                continue
            moves[i] = self._held_still(moves[i], Directions(others), self._weights.get(name))
            if name in hold:
                continue  # its own move: how much is left of it says nothing
            shares[i] = np.linalg.norm(moves[i]) / length
            if shares[i] < NOTHING_LEFT:
                moves[i], shares[i] = 0, 0
        return moves, shares

    def put_coordinates(self, own: NDArray[np.float64], points: NDArray[np.float64]) -> None:
        """Replace the coordinates of those with a profile by those of the layers they act at."""
        for i, one in enumerate(self._directions):
            if one.name in self._weights:
                squared = float(self._whole[i] @ self._whole[i])
                along = (points - one.mean.ravel()) @ self._whole[i]
                own[:, i] = along / squared if squared else 0

    def _held_still(
        self, move: NDArray[np.float64], held: Directions, weights: NDArray[np.float64] | None
    ) -> NDArray[np.float64]:
        """Change a move so that some readouts stay: where it acts, or else wherever they act."""
        if weights is not None:
            with suppress(LatentValueError):
                left: NDArray[np.float64] = canceller(held, weights)(move[np.newaxis])[0]
                if np.linalg.norm(left) <= MOST_GROWN * np.linalg.norm(move):
                    return left
        whole: NDArray[np.float64] = canceller(held)(move[np.newaxis])[0]
        return whole


def _apart(held: Directions) -> NDArray[np.float64]:
    """Give for each direction its own vector, changed by the others' so that it alone is read."""
    inverse = np.linalg.inv(held.readouts @ held.matrix.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = (inverse / np.diag(inverse)).T
    if not np.abs(shares).max() < 1 / NOTHING_LEFT:
        raise LatentValueError(
            f"{', '.join(map(brief, held.names))} cannot all be held still: one cannot move "
            "without another. Leave one out."
        )
    return shares @ held.matrix
