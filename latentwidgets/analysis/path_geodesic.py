"""`geodesic`: the shortest way between two latents, measured in what is decoded."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.geodesic_search import KNOTS, PLACES, Ordinary, Search
from latentwidgets.analysis.path_smoothness import chance_words, drawn, spread
from latentwidgets.analysis.results import TableResult
from latentwidgets.analysis.tables import Table, estimate, number, plain_data
from latentwidgets.common.checks import check_controls, check_seed, check_whole, real_number
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.pieces import Pieces, finish
from latentwidgets.common.progress import progress
from latentwidgets.errors import LatentValueError
from latentwidgets.frames.ink import ink
from latentwidgets.routes.distances import distance_of
from latentwidgets.routes.path import Path
from latentwidgets.routes.speeds import UnchangingError, even_steps
from latentwidgets.space.as_space import as_space
from latentwidgets.space.inputs import one_latent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from latentwidgets.common.pieces import Steps

__all__ = ["Geodesic", "geodesic", "geodesic_path_steps", "geodesic_steps"]

# So many rows are decoded at a time, so that outputs of large pictures fit in memory.
BLOCK = 64
DATA_WEIGHT, MOST_STEPS = 0.1, 20
# The timing of a way that has none of its own.
UNTIMED = np.array([[0.0, 1.0], [0.0, 1.0]])


@dataclass(frozen=True, repr=False)
class Geodesic(TableResult):
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
    length_interval, lerp_interval, slerp_interval : tuple of float or None
        Where these lengths lie but for the places at which they were measured: as far as each
        changes with twice as many, to both sides of what it then is.
    chance_length, chance_saving : tuple of float or None
        The least, the median and the largest length and `saving` of geodesics between samples of
        the prior, which are as far from each other as a and b, or as far as samples are.
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
    length_interval: tuple[float, float] | None = None
    lerp_interval: tuple[float, float] | None = None
    slerp_interval: tuple[float, float] | None = None
    chance_length: tuple[float, ...] | None = None
    chance_saving: tuple[float, ...] | None = None

    @property
    def saving(self) -> float:
        """How much shorter it is than the shorter of lerp and slerp, as a share of that."""
        shorter = min(self.lerp_length, self.slerp_length)
        return 1 - self.length / shorter if shorter > 0 else 0.0

    @property
    def saving_interval(self) -> tuple[float, float] | None:
        """Where the saving lies as far as these intervals tell; None without them."""
        if not (self.length_interval and self.lerp_interval and self.slerp_interval):
            return None
        low, high = map(min, self.lerp_interval, self.slerp_interval)
        return 1 - self.length_interval[1] / low, 1 - self.length_interval[0] / high

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        numbers = {**vars(self), "saving": self.saving, "saving_interval": self.saving_interval}
        path = numbers.pop("path")
        bends = None if path.bends is None else path.bends[0]
        way = {"method": path.method, "anchors": path.anchors, "bends": bends}
        return dict(plain_data({**numbers, **way}))

    def plot(self) -> Figure:
        """Draw the three lengths.

        Returns
        -------
        matplotlib.figure.Figure
            Whiskers go from the least to the largest of geodesics between samples of the
            prior, where there are any. Closed, so that a notebook shows it once.
        """
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(5, 1.8), layout="constrained")
        lengths = self.slerp_length, self.lerp_length, self.length
        axes.barh(
            ["slerp", "lerp", "geodesic"], lengths, color=["0.5", "0.5", "tab:blue"], alpha=0.55
        )
        if self.chance_length is not None:
            low, _, high = self.chance_length
            axes.plot([low, high], [2, 2], "|-", color=ink(axes), linewidth=1.5)
            axes.set_title("whiskers: between samples of the prior", fontsize="small", loc="left")
        axes.set_xlabel("length of the output's way")
        axes.spines[["top", "right"]].set_visible(False)
        plt.close(figure)
        return figure

    def _table(self) -> Table:
        lengths = (
            ("geodesic", self.length, self.length_interval, self.objective),
            ("lerp", self.lerp_length, self.lerp_interval, self.lerp_objective),
            ("slerp", self.slerp_length, self.slerp_interval, self.slerp_objective),
        )
        rows = [
            [name, estimate(length, interval, 3), number(objective, 3)]
            for name, length, interval, objective in lengths
        ]
        more = "longer" if self.saving < 0 else "shorter"
        note = f"{abs(self.saving):.1%} {more} than the shorter of lerp and slerp"
        if self.saving_interval is not None:
            low, high = self.saving_interval
            note += f" (by how exact the lengths are, {low:.2%} to {high:.2%})"
        chance = "What geodesics between samples of the prior save is told with controls=8."
        if self.chance_length is not None and self.chance_saving is not None:
            least, middle, most = self.chance_saving
            chance = (
                f"Between samples of the prior geodesics save {middle:.1%} ({least:.1%} to "
                f"{most:.1%}), and have a length of {chance_words(self.chance_length)}. They are "
                "as far from each other as both ends, where samples are that far."
            )
        notes = [f"{note}.".replace("-", "−"), chance.replace("-", "−")]
        return Table(["path", "length", "objective"], rows, notes=notes)


@checked_keywords
def geodesic(
    space: Any,
    a: Any,
    b: Any,
    *,
    data_weight: float = DATA_WEIGHT,
    within: Any = None,
    most_steps: int = MOST_STEPS,
    controls: int = 0,
    conditions: Mapping[str, Any] | None = None,
    seed: int = 0,
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
    controls : int
        For how many pairs of samples of the prior the same is done, 10,000 at most; each takes as
        long. They are as far from each other as a and b where samples are that far; pairs between
        which the output does not change are left out.
    conditions : mapping of str to value, optional
        Under which is decoded, one value each. Those that are left out have their default.
    seed : int
        For these samples; a and b are not among them.

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
    decoder. The path is a spline through 7 latents beside both ends, its `bends`; or lerp or slerp,
    where the search found nothing better. Norms are those of latents standardised by the mean and
    the scale of the prior; where it is not normal, by those of 512 samples.

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
    controls, seed = check_controls(controls), check_seed(seed)
    search = partial(
        geodesic_steps,
        space,
        weight=weight,
        within=within,
        most_steps=most_steps,
        under=under,
        pieces=Pieces(most=BLOCK),
        ordinary=Ordinary.of(space),
    )
    found = _with_intervals(space, finish(search(np.stack(ends)), "geodesic"), under)
    if controls == 0:
        return found
    pairs = drawn(space, np.stack(ends), controls, seed)
    others = []
    for pair in progress(pairs, "geodesics of the prior"):
        with suppress(UnchangingError):
            others.append(finish(search(pair), "geodesic"))
    if not others:
        return found
    return replace(
        found,
        chance_length=spread(one.length for one in others),
        chance_saving=spread(one.saving for one in others),
    )


def _with_intervals(space: Any, found: Geodesic, under: dict[str, Any]) -> Geodesic:
    """Measure lengths at twice as many places, and say by that how exact they are."""
    how, ends = distance_of(space, "l2", None), found.path.anchors

    def interval(path: Path, length: float) -> tuple[float, float]:
        steps = even_steps(space, path, how, 2 * PLACES, under, Pieces(most=BLOCK))
        twice = finish(steps, "lengths").length
        return twice - abs(twice - length), twice + abs(twice - length)

    return replace(
        found,
        length_interval=interval(found.path.timed(None), found.length),
        lerp_interval=interval(Path(ends, "lerp"), found.lerp_length),
        slerp_interval=interval(Path(ends, "slerp"), found.slerp_length),
    )


def geodesic_steps(
    space: Any,
    ends: Any,
    *,
    weight: float,
    within: Any,
    most_steps: int,
    under: dict[str, Any],
    pieces: Pieces,
    ordinary: Ordinary,
) -> Steps[Geodesic]:
    """Find a geodesic piece by piece, as `geodesic` does."""
    search = Search(space, np.asarray(ends, np.float64), weight, under, within, pieces, ordinary)
    known = {}
    for method in ("lerp", "slerp"):
        known[method] = yield from search.judged(Path(search.ends, method))
    search.unit = min(length for length, _, _ in known.values())
    scores = {name: search.objective(*one[:2]) for name, one in known.items()}
    start = min(scores, key=lambda name: scores[name])
    best, length, objective = known[start][2], known[start][0], scores[start]
    bent, steps = yield from search.run(best, most_steps)
    new_length, new_strain, path = yield from search.judged(bent)
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


def geodesic_path_steps(
    space: Any,
    anchors: NDArray[Any],
    *,
    closed: bool = False,
    weight: float = DATA_WEIGHT,
    within: Any = None,
    conditions: Mapping[str, Any] | None = None,
    pieces: Pieces,
) -> Steps[tuple[Path, tuple[Geodesic, ...]]]:
    """Lead a path through anchors, from each to the next by a geodesic, piece by piece.

    Parameters
    ----------
    space : LatentSpace
        What decodes.
    anchors : ndarray
        ``(m, *latent_shape)``. Two in a row that are the same stay as they are.
    closed : bool
        Whether a last segment leads back to the first.
    weight, within, conditions
        As of `geodesic`.
    pieces : Pieces
        How much is decoded at a time.

    Returns
    -------
    path : Path
        Of the method "geodesic"; each segment takes the same share of t, and has an even speed.
    parts : tuple of Geodesic
        What was found of each segment whose ends are not the same.
    """
    search = partial(
        geodesic_steps,
        space,
        weight=weight,
        within=within,
        most_steps=MOST_STEPS,
        under=space.conditions.settled(conditions),
        pieces=pieces,
        ordinary=Ordinary.of(space),
    )
    ring = np.concatenate([anchors, anchors[:1]]) if closed else anchors
    parts, bends, timings = [], [], []
    for pair in pairwise(ring):
        path, ends = Path(np.stack(pair), "lerp"), np.stack(pair)
        if not np.array_equal(*pair):
            found = yield from search(ends)
            parts.append(found)
            path = found.path
        # Of lerp or slerp, where nothing better was found, a spline through latents of it.
        way = path.timed(None)(np.linspace(0, 1, KNOTS + 2)[1:-1])
        bends.append(way if path.bends is None else path.bends[0])
        timings.append(UNTIMED if path.timing is None else path.timing)
    # One after another; where they meet both say the same.
    shares = [(i + one[:, min(i, 1) :]) / len(timings) for i, one in enumerate(timings)]
    path = Path(
        anchors,
        "geodesic",
        closed=closed,
        space=space,
        timing=np.concatenate(shares, axis=1),
        bends=np.stack(bends),
    )
    return path, tuple(parts)
