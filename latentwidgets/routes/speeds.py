"""How fast the output changes along a way through latents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_whole
from latentwidgets.common.progress import progress
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.routes.distances import Distance, distance_of
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]

__all__ = ["Speeds", "check_path", "even_timing", "speeds_along", "spread_of"]

# The output is taken to change at least at this share of the mean speed: a timing has to rise.
SLOWEST = 1e-3
# So many outputs are held at a time, so that large pictures fit in memory.
BLOCK = 16
# A distance that is so many times what the speeds at both ends promise is a jump between them.
JUMP = 2.0


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


def speeds_along(
    space: Any,
    path: Any,
    t: Float64,
    distance: Distance,
    conditions: Mapping[str, Any] | None = None,
) -> Speeds:
    """Measure how fast the output changes along a path.

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

    Returns
    -------
    Speeds
        What was found.

    Raises
    ------
    DecodeError
        If the decoder raises, or returns NaN or infinity.
    """
    latents = space.check(path(t), "latents of the path")
    velocities = path.velocity(t)
    scale = spread_of(path.anchors)
    under = space.conditions.settled(conditions)
    speeds, steps = [], []
    first: NDArray[np.float32] = np.empty(0, np.float32)
    row = first
    for start in progress(range(0, len(t), BLOCK), "speeds"):
        some = slice(start, start + BLOCK)
        outputs = finite_numbers(space, latents[some], under)
        changes = changes_of(space, latents[some], velocities[some], scale, under)
        speeds.append(distance.speeds(outputs, changes))
        if start == 0:
            first, row = outputs[:1], outputs
        else:  # with the last of the block before, so that no step between blocks is left out
            row = np.concatenate([row[-1:], outputs])
        if len(row) > 1:
            steps.append(distance.between(row[:-1], row[1:]))
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
    rows = []
    for latent, velocity in zip(latents, velocities, strict=True):
        length = float(np.linalg.norm(velocity))
        along = velocity / length if length > 0 else np.zeros_like(velocity)
        if length == 0:  # of which no derivative is taken
            along.flat[0] = 1.0
        change, _ = space.derivative(latent, along[np.newaxis], scale=scale, conditions=conditions)
        rows.append(length * change[0].astype(np.float64))
    found = np.stack(rows)
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
    segments = len(path.marks) - 1 + path.closed
    places = np.linspace(0.0, 1.0, n * segments + 1)
    # Segments may meet at an angle: the speed just before a mark is not that just after it.
    found = speeds_along(space, path, places, how, conditions)
    lengths = found.lengths
    before = np.arange(1, segments) * n
    if len(before):
        at = np.array([0.0, *places[before] - 1e-6 / places.size])
        ends = speeds_along(space, path, at, how, conditions).speeds[1:]
        smooth = ~found.jumps[before - 1]
        lengths[before - 1] += smooth * (ends - found.speeds[before]) / (2 * n * segments)
    total = lengths.sum()
    if not total > 0:
        raise LatentValueError(
            "the output does not change along the path, so that no speed is constant. Take other "
            "anchors, or look at what the space decodes of them."
        )
    lengths = np.maximum(lengths, SLOWEST * total / len(lengths))
    rising = np.concatenate([[0.0], np.cumsum(lengths)])
    timing: Float64 = np.stack([rising / rising[-1], places])
    return timing
