"""The search behind `geodesic`: a spline is bent until its objective falls no more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.directions.fitting import fitted
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.distances import distance_of
from latentwidgets.routes.path import Path
from latentwidgets.routes.speeds import (
    changes_of,
    even_steps,
    finite_numbers,
    spread_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.common.pieces import Pieces, Steps

    Float64 = NDArray[np.float64]

__all__ = ["KNOTS", "MOST_DIRECTIONS", "PLACES", "Ordinary", "Search"]

# The way is a spline through so many latents beside its ends, each with so many steps before it.
# On a sphere 3 knots miss great circles by 0.015, and 5, 7 and 11 alike by 0.006; twice the steps
# change nothing.
KNOTS, STEPS = 7, 3
# Lengths are measured at so many places: as many as `Path.at_constant_speed` takes by itself.
PLACES = 128
# So many derivatives at each of 25 places are 1,600 for one step of the search.
MOST_DIRECTIONS = 64
# Damping grows tenfold so many times, by a million in all, before the search gives up; and a step
# that wins less than this share of the objective is the last.
TRIES, ENOUGH = 6, 1e-4


class Ordinary(NamedTuple):
    """The mean and the standard deviation of a space's latents, number by number.

    Attributes
    ----------
    mean, deviation : ndarray
        Flat, ``(latent_size,)``.
    """

    mean: Float64
    deviation: Float64

    @classmethod
    def of(cls, space: Any) -> Ordinary:
        """Ask the prior of a space, or where it is not normal 512 samples."""
        prior = space.normal_prior
        if prior is None:
            samples = space.sample(512).astype(np.float64).reshape(512, -1)
            mean, deviation = samples.mean(axis=0), samples.std(axis=0)
        else:
            mean, deviation = prior.mean.ravel(), prior.scale.ravel()
        return cls(mean, np.where(deviation > 0, deviation, 1.0))


class Search:
    """Bends a way between two latents.

    Parameters
    ----------
    space : LatentSpace
        The space.
    ends : ndarray
        Both latents, ``(2, *latent_shape)``.
    weight : float
        Of the data term.
    under : dict
        Conditions.
    within : Directions or None
        Along what it may bend.
    pieces : Pieces
        How much is decoded at a time.
    ordinary : Ordinary
        What norms are told by.

    Attributes
    ----------
    unit : float
        The length that others are a share of.
    """

    def __init__(
        self,
        space: Any,
        ends: Float64,
        weight: float,
        under: dict[str, Any],
        within: Any,
        pieces: Pieces,
        ordinary: Ordinary,
    ) -> None:
        self.space, self.ends, self.weight, self.under = space, ends, weight, under
        self.pieces, self.unit = pieces, 1.0
        self.how = distance_of(space, "l2", None)
        self.mean, self.deviation = ordinary
        self.size = self.mean.size
        # The standard deviation of the norm, over the root of the size, is about this.
        self.chance = 1 / math.sqrt(2 * self.size)
        self.basis = self._basis(within)
        # From latents at the knots to those at all places between: the spline is linear in them.
        unit = np.eye(KNOTS + 2)
        self.t = np.linspace(0, 1, (KNOTS + 1) * STEPS + 1)
        self.spread: Float64 = Path(unit, "spline")(self.t).astype(np.float64)

    def _basis(self, within: Any) -> Float64:
        if within is None:
            if self.size > MOST_DIRECTIONS:
                raise LatentValueError(
                    f"latents have {self.size} numbers, too many to look along each. Pass "
                    "within=..., directions along which the way may bend, such as "
                    f"pca_directions(space.sample(1000), {MOST_DIRECTIONS // 2})."
                )
            return np.eye(self.size)
        rows = np.concatenate([fitted(within, self.space).matrix, self.ends.reshape(2, -1)])
        if len(rows) > MOST_DIRECTIONS + 2:
            raise LatentValueError(
                f"within has {len(rows) - 2} directions; expected at most {MOST_DIRECTIONS}."
            )
        with one_blas_thread():
            _, stretches, found = np.linalg.svd(rows, full_matrices=False)
        basis: Float64 = found[stretches > 1e-6 * stretches[0]]
        return basis

    def judged(self, path: Path) -> Steps[tuple[float, float, Path]]:
        """Give the length of a path, how far it is from the data, and the path at even speed."""
        found = yield from even_steps(self.space, path, self.how, PLACES, self.under, self.pieces)
        even, t = path.timed(found.timing), np.linspace(0.0, 1.0, PLACES + 1)
        strain = self._strains(even(t).reshape(PLACES + 1, -1).astype(np.float64), t)[0]
        return found.length, float(np.mean(strain**2)), even

    def objective(self, length: float, strain: float) -> float:
        """Give what is made smaller."""
        return (length / self.unit) ** 2 + self.weight * strain

    def run(self, start: Path, most: int) -> Steps[tuple[Path, int]]:
        """Bend a path until its objective falls no more; say how many steps that took."""
        at = np.linspace(0, 1, KNOTS + 2)
        knots = start(at).reshape(KNOTS + 2, -1).astype(np.float64)
        energy, outputs, rows = yield from self._energy(knots)
        damping, done = 1e-3, 0
        for _ in range(most):
            gram, slope = yield from self._normal(outputs, rows)
            scale = np.trace(gram) / len(gram) or 1.0
            for _ in range(TRIES):
                move = np.linalg.solve(gram + damping * scale * np.eye(len(gram)), -slope)
                tried = knots.copy()
                tried[1:-1] += move.reshape(KNOTS, -1) @ self.basis
                found = yield from self._energy(tried)
                if found[0] < energy:
                    break
                damping *= 10
            else:
                break
            fallen = energy - found[0]
            knots, (energy, outputs, rows) = tried, found
            damping, done = max(damping / 10, 1e-6), done + 1
            if fallen < ENOUGH * energy:
                break
        bends = knots[1:-1].reshape(1, KNOTS, *self.space.latent_shape)
        return Path(self.ends, "geodesic", bends=bends), done

    def _strains(self, rows: Float64, t: Float64) -> tuple[Float64, Float64]:
        """Say how far norms are from those of the ends, in deviations; and how that changes."""
        centred = (rows - self.mean) / self.deviation
        norms = np.linalg.norm(centred, axis=1) / math.sqrt(self.size)
        first, last = (
            np.linalg.norm((one.ravel() - self.mean) / self.deviation) / math.sqrt(self.size)
            for one in self.ends
        )
        strains = (norms - (first + t * (last - first))) / self.chance
        slopes = centred / self.deviation / (np.maximum(norms, 1e-9)[:, None] * self.size)
        return strains, slopes / self.chance

    def _energy(self, knots: Float64) -> Steps[tuple[float, NDArray[np.float32], Float64]]:
        rows = self.spread @ knots
        latents = self.space.check(rows.reshape(-1, *self.space.latent_shape))
        decoded = []

        def decode(some: NDArray[np.float32]) -> NDArray[np.float32]:
            return finite_numbers(self.space, some, self.under).reshape(len(some), -1)

        for some in self.pieces.over("decode", decode, latents):
            decoded.append(some)
            yield
        outputs = np.concatenate(decoded)
        steps = np.diff(outputs.astype(np.float64), axis=0)
        strains, _ = self._strains(rows, self.t)
        energy = (len(rows) - 1) * float((steps**2).sum()) / self.unit**2
        return energy + self.weight * float(np.mean(strains**2)), outputs, rows

    def _normal(
        self, outputs: NDArray[np.float32], rows: Float64
    ) -> Steps[tuple[Float64, Float64]]:
        """Give the Gauss-Newton matrix and the gradient, over the knots and the basis."""
        count, width, shape = len(rows), len(self.basis), self.space.latent_shape
        system = _Normal(width, self.spread[:, 1:-1], (count - 1) / self.unit**2)
        steps = np.diff(outputs.astype(np.float64), axis=0)
        strains, pull = self._strains(rows, self.t)
        scale = spread_of(self.ends)

        def change(points: NDArray[np.float32], tangents: Float64) -> Float64:
            found = changes_of(self.space, points, tangents, scale, self.under)
            return found.reshape(len(found), -1)

        points = np.repeat(self.space.check(rows.reshape(-1, *shape)), width, axis=0)
        tangents = np.concatenate([self.basis.reshape(width, *shape)] * count)
        i, waiting = 0, np.zeros((0, outputs.shape[1]))
        for some in self.pieces.over("derivatives", change, points, tangents):
            waiting = np.concatenate([waiting, some])
            while len(waiting) >= width:
                here, waiting = waiting[:width], waiting[width:]
                system.add_step(i, here, steps[i - 1])
                if self.weight:
                    system.add_pull(i, strains[i], self.basis @ pull[i], self.weight / count)
                i += 1
            yield
        size = KNOTS * width
        return system.matrix.reshape(size, size), system.slope.reshape(size)


class _Normal:
    """Adds up the Gauss-Newton matrix and the gradient, place by place.

    Parameters
    ----------
    width : int
        Along how many directions each knot may move.
    inner : ndarray
        How much each knot moves each place, ``(places, knots)``.
    factor : float
        The weight of a squared step.
    """

    def __init__(self, width: int, inner: Float64, factor: float) -> None:
        self.inner, self.factor = inner, factor
        self.matrix = np.zeros((KNOTS, width, KNOTS, width))
        self.slope = np.zeros((KNOTS, width))
        self._last: Float64 | None = None

    def add_step(self, i: int, here: Float64, step: Float64) -> None:
        """Add the step to place i, whose output changes like this along each direction."""
        if self._last is not None:
            pairs = (here, self.inner[i]), (self._last, -self.inner[i - 1])
            for one, left in pairs:
                self.slope += self.factor * np.outer(left, one @ step)
                for other, right in pairs:
                    both = np.multiply.outer(np.outer(left, right), one @ other.T)
                    self.matrix += self.factor * both.transpose(0, 2, 1, 3)
        self._last = here

    def add_pull(self, i: int, strain: float, along: Float64, weight: float) -> None:
        """Add the data term of place i, which changes like this along each direction."""
        reach = np.outer(self.inner[i], along)
        self.slope += weight * strain * reach
        self.matrix += weight * np.multiply.outer(reach, reach)
