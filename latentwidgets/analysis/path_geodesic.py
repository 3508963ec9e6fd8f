"""`geodesic`: the shortest way between two latents, measured in what is decoded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.tables import html_table, number, plain
from latentwidgets.common.checks import check_whole, real_number
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.directions.fitting import fitted
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.distances import distance_of
from latentwidgets.routes.path import Path
from latentwidgets.routes.speeds import finite_numbers, speeds_along, spread_of
from latentwidgets.space.as_space import as_space
from latentwidgets.space.inputs import one_latent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]

__all__ = ["Geodesic", "geodesic"]

# The way is a spline through so many latents beside its ends, each with so many steps before it.
# On a sphere 3 knots miss great circles by 0.015, and 5, 7 and 11 alike by 0.006; twice the steps
# change nothing.
KNOTS, STEPS = 7, 3
# Lengths are measured at so many places: as many as `Path.at_constant_speed` takes by itself.
PLACES = 64
# So many derivatives at each of 25 places are 1,600 for one step of the search.
MOST_DIRECTIONS = 64
# Damping grows tenfold so many times, by a million in all, before the search gives up; and a step
# that wins less than this share of the objective is the last.
TRIES, ENOUGH = 6, 1e-4


@dataclass(frozen=True)
class Geodesic:
    """The shortest way between two latents. What `geodesic` returns.

    Attributes
    ----------
    path : Path
        The way, at constant speed of the output.
    length, lerp_length, slerp_length : float
        How long the way of the output is, along it and along the two that are known.
    objective, lerp_objective, slerp_objective : float
        The squared length as a share of that of the shorter of the two, plus the data term.
    data_weight : float
        The weight of the data term.
    steps : int
        How many steps the search took.
    """

    path: Path
    length: float
    lerp_length: float
    slerp_length: float
    objective: float
    lerp_objective: float
    slerp_objective: float
    data_weight: float
    steps: int

    @property
    def saving(self) -> float:
        """How much shorter it is than the shorter of lerp and slerp, as a share of that."""
        shorter = min(self.lerp_length, self.slerp_length)
        return 1 - self.length / shorter if shorter > 0 else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        numbers = {name: plain(one) for name, one in vars(self).items() if name != "path"}
        return {**numbers, "saving": plain(self.saving), "anchors": self.path.anchors.tolist()}

    def plot(self) -> Figure:
        """Draw the three lengths.

        Returns
        -------
        matplotlib.figure.Figure
            Closed, so that a notebook shows it once.
        """
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(5, 1.8), layout="constrained")
        lengths = self.slerp_length, self.lerp_length, self.length
        axes.barh(["slerp", "lerp", "geodesic"], lengths, color=["0.7", "0.7", "tab:blue"])
        axes.set_xlabel("length of the output's way")
        axes.spines[["top", "right"]].set_visible(False)
        plt.close(figure)
        return figure

    def _repr_html_(self) -> str:
        rows = [
            ["geodesic", number(self.length, 3), number(self.objective, 3)],
            ["lerp", number(self.lerp_length, 3), number(self.lerp_objective, 3)],
            ["slerp", number(self.slerp_length, 3), number(self.slerp_objective, 3)],
        ]
        more = "longer" if self.saving < 0 else "shorter"
        note = f"{abs(self.saving):.1%} {more} than the shorter of lerp and slerp."
        return html_table(["path", "length", "objective"], rows, notes=[note])


@checked_keywords
def geodesic(
    space: Any,
    a: Any,
    b: Any,
    *,
    data_weight: float = 0.1,
    within: Any = None,
    most_steps: int = 20,
    conditions: Mapping[str, Any] | None = None,
) -> Geodesic:
    """Find the shortest way between two latents, measured in what is decoded, near the data.

    It begins with the shorter of lerp and slerp, and is bent by Gauss-Newton steps as long as its
    objective falls. So it is a local minimum, and never worse than either.

    Parameters
    ----------
    space : LatentSpace or object
        The space, or anything that `as_space` takes.
    a, b : array_like
        Two latents, or images or texts where the space encodes.
    data_weight : float
        The weight of the term that keeps to the data: the mean along the way of the square of how
        far the norm is from that of the ends, in standard deviations of the norm of the prior's
        latents. The other term is the squared length, as a share of that of the shorter of lerp and
        slerp. 0 leaves the term out.
    within : Direction or iterable of Direction, optional
        Along what the way may bend, where latents have more than 64 numbers: looking along each of
        them would take too long.
    most_steps : int
        The most steps; 0 chooses between lerp and slerp.
    conditions : mapping of str to value, optional
        Under which is decoded, one value each. Those that are left out have their default.

    Returns
    -------
    Geodesic
        The path and its lengths; ``plot()`` draws them.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used; if both latents, or what is decoded of them, are the same; or
        if latents have too many numbers.
    DecodeError
        If the decoder raises.

    Notes
    -----
    The metric is that of the outputs as the model returns them, pulled back to latents by the
    decoder. The path is a spline through 7 latents beside both ends. Norms are those of latents
    standardised by the mean and the scale of the prior; where it is not normal, by those of 512
    samples.

    References
    ----------
    Shao et al. 2018, "The Riemannian geometry of deep generative models" (arXiv 1711.08014);
    Arvanitidis et al. 2018, "Latent space oddity" (arXiv 1710.11379), from which the idea of the
    data term is.

    Examples
    --------
    >>> from latentwidgets import LatentSpace
    >>> def sphere(z):  # longitude and latitude
    ...     flat = np.cos(z[:, 1])
    ...     return np.stack([flat * np.cos(z[:, 0]), flat * np.sin(z[:, 0]), np.sin(z[:, 1])], 1)
    >>> space = LatentSpace(sphere, 2, kind="curve")
    >>> found = geodesic(space, [0.0, 0.8], [2.0, 0.8], data_weight=0)
    >>> start, end = sphere(np.array([[0.0, 0.8], [2.0, 0.8]]))
    >>> bool(abs(found.length - np.arccos(start @ end)) < 0.01)
    True
    """
    space = as_space(space)
    weight = real_number(data_weight, "data_weight", least=0.0, most=1e6)
    most_steps = check_whole(most_steps, "most_steps", least=0)
    under = space.conditions.settled(conditions)
    ends = [
        one_latent(space, one, name, conditions=conditions) for one, name in ((a, "a"), (b, "b"))
    ]
    if np.array_equal(ends[0], ends[1]):
        raise LatentValueError("a and b are the same latent; expected two. Take another for b.")
    search = _Search(space, np.stack(ends).astype(np.float64), weight, under, within)
    known = {method: search.judged(Path(search.ends, method)) for method in ("lerp", "slerp")}
    search.unit = min(length for length, _, _ in known.values())
    if not search.unit > 0:
        raise LatentValueError(
            "the output does not change between a and b, so that no way is shorter than another."
        )
    scores = {name: search.objective(*one[:2]) for name, one in known.items()}
    start = min(scores, key=lambda name: scores[name])
    best, length, objective = known[start][2], known[start][0], scores[start]
    bent, steps = search.run(best, most_steps)
    new_length, new_strain, path = search.judged(bent)
    if search.objective(new_length, new_strain) < objective and (weight or new_length < length):
        best, length, objective = path, new_length, search.objective(new_length, new_strain)
    return Geodesic(
        path=best,
        length=length,
        lerp_length=known["lerp"][0],
        slerp_length=known["slerp"][0],
        objective=objective,
        lerp_objective=scores["lerp"],
        slerp_objective=scores["slerp"],
        data_weight=weight,
        steps=steps,
    )


class _Search:
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
    """

    def __init__(
        self, space: Any, ends: Float64, weight: float, under: dict[str, Any], within: Any
    ) -> None:
        self.space, self.ends, self.weight, self.under = space, ends, weight, under
        self.unit = 1.0
        self.how = distance_of(space, "l2", None)
        prior = space.normal_prior
        samples = space.sample(512).astype(np.float64).reshape(512, -1)
        self.mean = samples.mean(axis=0) if prior is None else prior.mean.ravel()
        self.deviation = samples.std(axis=0) if prior is None else prior.scale.ravel()
        self.deviation = np.where(self.deviation > 0, self.deviation, 1.0)
        self.size = self.mean.size
        # The standard deviation of the norm, over the root of the size, is about this.
        self.chance = 1 / math.sqrt(2 * self.size)
        self.basis = self._basis(within)
        # From latents at the knots to those at all places between: the spline is linear in them.
        unit = np.eye(KNOTS + 2)
        self.t = np.linspace(0, 1, (KNOTS + 1) * STEPS + 1)
        self.spread = Path(unit, "spline")(self.t)

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
        _, stretches, found = np.linalg.svd(rows, full_matrices=False)
        basis: Float64 = found[stretches > 1e-6 * stretches[0]]
        return basis

    def judged(self, path: Path) -> tuple[float, float, Path]:
        """Give the length of a path, how far it is from the data, and the path at even speed."""
        even = path.at_constant_speed(self.space, conditions=self.under, n=self._n(path))
        t = np.linspace(0.0, 1.0, PLACES + 1)
        found = speeds_along(self.space, even, t, self.how, self.under)
        strain = self._strains(even(t).reshape(PLACES + 1, -1).astype(np.float64), t)[0]
        return float(found.lengths.sum()), float(np.mean(strain**2)), even

    def _n(self, path: Path) -> int:
        return PLACES if len(path.anchors) == 2 else PLACES // (KNOTS + 1)

    def objective(self, length: float, strain: float) -> float:
        """Give what is made smaller."""
        return (length / self.unit) ** 2 + self.weight * strain

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

    def _energy(self, knots: Float64) -> tuple[float, NDArray[np.float32], Float64]:
        rows = self.spread @ knots
        latents = self.space.check(rows.reshape(-1, *self.space.latent_shape))
        outputs = finite_numbers(self.space, latents, self.under).reshape(len(rows), -1)
        steps = np.diff(outputs.astype(np.float64), axis=0)
        strains, _ = self._strains(rows, self.t)
        energy = (len(rows) - 1) * float((steps**2).sum()) / self.unit**2
        return energy + self.weight * float(np.mean(strains**2)), outputs, rows

    def run(self, start: Path, most: int) -> tuple[Path, int]:
        """Bend a path until its objective falls no more."""
        at = np.linspace(0, 1, KNOTS + 2)
        knots = start(at).reshape(KNOTS + 2, -1).astype(np.float64)
        energy, outputs, rows = self._energy(knots)
        damping, done = 1e-3, 0
        for _ in range(most):
            gram, slope = self._normal(outputs, rows)
            scale = np.trace(gram) / len(gram)
            for _ in range(TRIES):
                move = np.linalg.solve(gram + damping * scale * np.eye(len(gram)), -slope)
                tried = knots.copy()
                tried[1:-1] += move.reshape(KNOTS, -1) @ self.basis
                found = self._energy(tried)
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
        return Path(knots.reshape(-1, *self.space.latent_shape), "spline"), done

    def _normal(self, outputs: NDArray[np.float32], rows: Float64) -> tuple[Float64, Float64]:
        """Give the Gauss-Newton matrix and the gradient, over the knots and the basis."""
        count, width = len(rows), len(self.basis)
        inner = self.spread[:, 1:-1]
        tangents = self.basis.reshape(width, *self.space.latent_shape)
        scale = spread_of(self.ends)
        matrix = np.zeros((KNOTS, width, KNOTS, width))
        slope = np.zeros((KNOTS, width))
        steps = np.diff(outputs.astype(np.float64), axis=0)
        _, pull = self._strains(rows, self.t)
        strains = self._strains(rows, self.t)[0]
        factor, last = (count - 1) / self.unit**2, np.zeros((width, outputs.shape[1]))
        for i in range(count):
            point = self.space.check(rows[i].reshape(1, *self.space.latent_shape))[0]
            changes = self.space.derivative(point, tangents, scale=scale, conditions=self.under)[0]
            here = changes.reshape(width, -1).astype(np.float64)
            if i:
                pairs = ((here, inner[i]), (last, -inner[i - 1]))
                for one, left in pairs:
                    slope += factor * np.outer(left, one @ steps[i - 1])
                    for other, right in pairs:
                        both = np.multiply.outer(np.outer(left, right), one @ other.T)
                        matrix += factor * both.transpose(0, 2, 1, 3)
            last = here
            if self.weight:
                along = self.basis @ pull[i]
                reach = np.outer(inner[i], along)
                slope += self.weight / count * strains[i] * reach
                matrix += self.weight / count * np.multiply.outer(reach, reach)
        size = KNOTS * width
        return matrix.reshape(size, size), slope.reshape(size)
