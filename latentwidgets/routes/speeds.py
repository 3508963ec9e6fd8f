"""How fast the output changes along a way through latents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from latentwidgets.common.checks import check_whole
from latentwidgets.common.pieces import Pieces, Steps, finish
from latentwidgets.directions.layered import anchors_between
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.routes.distances import Distance, distance_of
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]

__all__ = [
    "Even",
    "Speeds",
    "UnchangingError",
    "changes_of",
    "check_path",
    "even_steps",
    "even_timing",
    "finite_numbers",
    "speed_steps",
    "speeds_along",
    "spread_of",
]

# The output is taken to change at least at this share of the mean speed: a timing has to rise.
SLOWEST = 1e-3
# So often places are chosen where outputs are compared for an even speed. On a decoder of faces,
# with 128 places, the largest of 128 steps is 1.37, 1.09 and 1.03 times the mean after 1, 2 and 3.
PASSES = 3
# A distance that is so many times what the speeds at both ends promise is a jump between them.
JUMP = 2.0


class UnchangingError(LatentValueError):
    """The output does not change along a path: no speed of it is constant."""


@dataclass(frozen=True)
class Speeds:
    """How fast the output changes along a way.

    Attributes
    ----------
    t : ndarray
        Where, ``(n + 1,)``, rising.
    speeds : ndarray
        How fast, per unit of t.
    steps : ndarray
        How far the outputs at neighbouring t are from each other, ``(n,)``.
    chord : float
        How far the output at the end is from that at the start.
    """

    t: Float64
    speeds: Float64
    steps: Float64
    chord: float

    @property
    def promised(self) -> Float64:
        """The length between neighbouring t, as the speeds say it, ``(n,)``."""
        gaps = np.diff(self.t)
        promised: Float64 = gaps * (self.speeds[1:] + self.speeds[:-1]) / 2
        return promised

    @property
    def jumps(self) -> NDArray[np.bool_]:
        """Between which neighbours the output goes further than any speed says, ``(n,)``."""
        floor = SLOWEST * self.steps.sum()
        found: NDArray[np.bool_] = self.steps > JUMP * self.promised + floor
        return found

    @property
    def lengths(self) -> Float64:
        """The length between neighbouring t, ``(n,)``.

        It is the distance where the speeds miss a jump, and where one speed is of a peak so narrow,
        or of a jump just there, that it does not stand for what is between neighbours.
        """
        narrow = self.promised > JUMP * self.steps + SLOWEST * self.steps.sum()
        return np.where(self.jumps | narrow, self.steps, self.promised)

    @property
    def error(self) -> float:
        """By how much the whole length changes if every second speed is left out.

        Where speeds change smoothly, that is three times the error of the length.
        """
        lengths, by_speeds = self.lengths, self.lengths == self.promised
        last = len(self.t) - 1
        ends = [*range(2, last, 2), last]  # of an odd number of parts, one is looked at twice
        change = sum(
            (self.t[i] - self.t[i - 2]) * (self.speeds[i] + self.speeds[i - 2]) / 2
            - lengths[i - 2 : i].sum()
            for i in ends
            if by_speeds[i - 2 : i].all()
        )
        return abs(float(change))


class Even(NamedTuple):
    """A timing of a path at which the output has an even speed.

    Attributes
    ----------
    timing : ndarray
        As `latentwidgets.Path` takes it.
    length : float
        How long the way of the output is.
    """

    timing: Float64
    length: float


def speeds_along(
    space: Any,
    path: Any,
    t: Float64,
    distance: Distance,
    conditions: Mapping[str, Any] | None = None,
) -> Speeds:
    """Measure how fast the output changes along a path. See `speed_steps`."""
    return finish(speed_steps(space, path, t, distance, conditions, Pieces()), "speeds")


def speed_steps(
    space: Any,
    path: Any,
    t: Float64,
    distance: Distance,
    conditions: Mapping[str, Any] | None,
    pieces: Pieces,
) -> Steps[Speeds]:
    """Measure how fast the output changes along a path, piece by piece.

    The speed is what `LatentSpace.derivative` says, and no difference of pictures.

    Parameters
    ----------
    space : LatentSpace
        What decodes.
    path : Path
        What leads through latents.
    t : ndarray
        Where, rising, at least two.
    distance : Distance
        How outputs are compared.
    conditions : mapping of str to value, optional
        Under which is decoded, one value each.
    pieces : Pieces
        How much is measured at a time.

    Returns
    -------
    Speeds
        What was found, at the end.

    Raises
    ------
    DecodeError
        If the decoder raises, or returns NaN or infinity.
    """
    scale = spread_of(path.anchors)
    under = space.conditions.settled(conditions)

    def measure(latents: NDArray[np.float32], velocities: Float64) -> tuple[Any, Float64]:
        outputs = finite_numbers(space, latents, under)
        changes = changes_of(space, latents, velocities, scale, under)
        return outputs, distance.speeds(outputs, changes)

    latents = space.check(path(t), "latents of the path")
    speeds: list[Float64] = []
    steps: list[Float64] = []
    first: NDArray[np.float32] = np.empty(0, np.float32)
    row = first
    for outputs, some in pieces.over("speeds", measure, latents, path.velocity(t)):
        if not speeds:
            first, row = outputs[:1], outputs
        else:  # with the last of the piece before, so that no step between pieces is left out
            row = np.concatenate([row[-1:], outputs])
        speeds.append(some)
        if len(row) > 1:
            steps.append(distance.between(row[:-1], row[1:]))
        yield
    chord = float(distance.between(first, row[-1:])[0])
    return Speeds(t, np.concatenate(speeds), np.concatenate(steps), chord)


def finite_numbers(
    space: Any, latents: NDArray[np.float32], conditions: Mapping[str, Any]
) -> NDArray[np.float32]:
    """Decode to the model's numbers, and refuse NaN and infinity."""
    outputs: NDArray[np.float32] = space.decode(latents, conditions, raw=True)
    if not np.isfinite(outputs).all():
        raise DecodeError(
            f"{space.name} decodes NaN or infinity from latents of norm "
            f"{np.linalg.norm(latents, axis=None) / len(latents) ** 0.5:.3g}; expected finite "
            "numbers. Keep to latents that it knows."
        )
    return outputs


def changes_of(
    space: Any,
    latents: NDArray[np.float32],
    velocities: NDArray[Any],
    scale: float,
    conditions: Mapping[str, Any],
) -> NDArray[np.float64]:
    """Give how outputs change where latents go at some velocities, ``(n, ...)``."""
    lengths = np.linalg.norm(velocities.reshape(len(velocities), -1), axis=1)
    across = lengths.reshape(-1, *[1] * (velocities.ndim - 1))
    along = velocities / np.where(across > 0, across, 1.0)
    along.reshape(len(along), -1)[lengths == 0, 0] = 1.0  # of which no derivative is taken
    changes, _ = space.derivative(latents, along, scale=scale, conditions=conditions)
    found: Float64 = lengths.reshape(-1, *[1] * (changes.ndim - 1)) * changes.astype(np.float64)
    if not np.isfinite(found).all():
        raise DecodeError(
            f"the derivative of {space.name} is NaN or infinite along the way; expected finite "
            "numbers. Keep to latents that it knows."
        )
    return found


def spread_of(latents: NDArray[Any]) -> float:
    """Give the standard deviation of latents' numbers; 1 of numbers that are all the same."""
    return float(np.std(latents, dtype=np.float64)) or 1.0


def check_path(space: Any, path: Any) -> None:
    """Refuse what is no path of the space's latents."""
    if not callable(path) or not hasattr(path, "velocity"):
        raise LatentValueError(
            f"path is a {type(path).__name__}; expected a Path, such as lw.Path(latents, 'slerp')."
        )
    if path.latent_shape != space.latent_shape:
        raise LatentValueError(
            f"the path leads through latents of shape {path.latent_shape}; this space's have "
            f"{space.latent_shape}. Make it of latents of this space."
            f"{anchors_between(path.latent_shape, space.latent_shape)}"
        )


def even_timing(
    space: Any,
    path: Any,
    distance: Any,
    features: Any,
    n: int,
    conditions: Mapping[str, Any] | None,
) -> Float64:
    """Find the timing with which the output changes at the same speed all along a path.

    Parameters
    ----------
    space : LatentSpace or object
        What decodes.
    path : Path
        The path, with no timing of its own.
    distance, features, n, conditions
        As of `latentwidgets.Path.at_constant_speed`.

    Returns
    -------
    ndarray
        As `latentwidgets.Path` takes it.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, or the output does not change.
    """
    space = as_space(space)
    check_path(space, path)
    n = check_whole(n, "n", least=2, most=10_000)
    how = distance_of(space, distance, features, conditions)
    return finish(even_steps(space, path, how, n, conditions, Pieces()), "speeds").timing


def even_steps(
    space: Any,
    path: Any,
    how: Distance,
    n: int,
    conditions: Mapping[str, Any] | None,
    pieces: Pieces,
) -> Steps[Even]:
    """Find such a timing piece by piece; `how` says how outputs are compared.

    The lengths are those between outputs at near places, which are chosen anew twice, such that
    these outputs are alike far from each other: a peak of speed may be narrow. Of outputs in whole
    levels, 0 to 255, whose rounding would be taken for motion, derivatives give the lengths, once.
    """
    under = space.conditions.settled(conditions)
    segments = len(path.marks) - 1 + path.closed
    marks = np.linspace(0.0, 1.0, segments + 1)
    evenly = np.linspace(0.0, 1.0, n * segments + 1)
    timing: Float64 = np.stack([evenly, evenly])
    for _ in range(PASSES):
        places = _with_marks(np.interp(evenly, *timing), marks)
        lengths, by_speeds = yield from _lengths(space, path, places, how, under, pieces)
        total = lengths.sum()
        if not total > 0:
            raise UnchangingError(
                "the output does not change along the path, so that no speed is constant. Take "
                "other anchors, or look at what the space decodes of them."
            )
        lengths = np.maximum(lengths, SLOWEST * total / len(lengths))
        rising = np.concatenate([[0.0], np.cumsum(lengths)])
        timing = np.stack([rising / rising[-1], places])
        if by_speeds:
            break
    return Even(timing, float(total))


def _with_marks(places: Float64, marks: Float64) -> Float64:
    """Put marks among places, in the place of those that are next to one."""
    gaps = np.abs(places - marks[np.searchsorted((marks[1:] + marks[:-1]) / 2, places)])
    found: Float64 = np.union1d(places[gaps > 1e-7], marks)
    return found


def _lengths(
    space: Any, path: Any, places: Float64, how: Distance, under: Any, pieces: Pieces
) -> Steps[tuple[Float64, bool]]:
    """Say how far the output goes between neighbouring places, and whether derivatives say it."""
    latents, lengths = space.check(path(places), "latents of the path"), []
    last = None

    def decode(some: NDArray[np.float32]) -> NDArray[np.float32]:
        return finite_numbers(space, some, under)

    for outputs in pieces.over("decode", decode, latents):
        if last is None and len(places) > 1 and (outputs == np.rint(outputs)).all():
            found = yield from speed_steps(space, path, places, how, under, pieces)
            return found.lengths, True
        row = outputs if last is None else np.concatenate([last, outputs])
        if len(row) > 1:
            lengths.append(how.between(row[:-1], row[1:]))
        last = outputs[-1:]
        yield
    return np.concatenate(lengths), False
