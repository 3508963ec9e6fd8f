"""`compare_paths`: several ways through the same anchors, measured side by side."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.geodesic_search import MOST_DIRECTIONS
from latentwidgets.analysis.path_geodesic import BLOCK, DATA_WEIGHT, geodesic_path_steps
from latentwidgets.analysis.path_smoothness import (
    chance_words,
    check_moving,
    drawn,
    measured,
    with_chance,
    without_guesses,
)
from latentwidgets.analysis.results import TableResult
from latentwidgets.analysis.tables import Table, estimate, number
from latentwidgets.common.checks import (
    check_controls,
    check_flag,
    check_seed,
    check_whole,
    real_number,
)
from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.pieces import Pieces, finish
from latentwidgets.common.progress import progress
from latentwidgets.common.wording import brief, near_miss
from latentwidgets.errors import LatentValueError
from latentwidgets.frames.ink import ink
from latentwidgets.routes.bends import METHODS
from latentwidgets.routes.distances import distance_of
from latentwidgets.routes.path import Path
from latentwidgets.routes.speeds import UnchangingError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.inputs import anchors_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from latentwidgets.analysis.path_smoothness import Smoothness

__all__ = ["PathComparison", "compare_paths"]

# What is compared where nobody says. "nlerp" goes the way of lerp on a sphere: as slerp, unevenly.
COMPARED = ("lerp", "slerp", "spline", "gaussian", "geodesic")


@dataclass(frozen=True, repr=False)
class PathComparison(TableResult):
    """Several ways through the same anchors. What `compare_paths` returns.

    Attributes
    ----------
    distance : str
        How outputs were compared.
    found : mapping of str to Smoothness
        What was measured along each, by its method, with what such paths between samples of the
        prior have: ``result["slerp"].length`` is short for ``result.found["slerp"].length``.
    paths : mapping of str to Path
        The paths, by their methods.
    left_out : mapping of str to str
        Methods that were not compared, and why.
    """

    distance: str
    found: Mapping[str, Smoothness]
    paths: Mapping[str, Path]
    left_out: Mapping[str, str]

    def __getitem__(self, method: str) -> Smoothness:
        """Give what was measured along the path of a method."""
        if method not in self.found:
            why = self.left_out.get(method, "")
            raise LatentValueError(
                f"there is no path of method {brief(method)} here{why and f': {why}'}; expected "
                f"one of {', '.join(map(repr, self.found))}.{near_miss(method, self.found)}"
            )
        return self.found[method]

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        return {
            "distance": self.distance,
            "paths": {method: one.to_dict() for method, one in self.found.items()},
            "left_out": dict(self.left_out),
        }

    def plot(self) -> Figure:
        """Draw the speed along each path, as multiples of its mean, and the lengths.

        Returns
        -------
        matplotlib.figure.Figure
            A dotted line is the mean; beside the lengths, whiskers go from the least to the
            largest of such paths between samples of the prior. Closed, so that a notebook shows it
            once.
        """
        import matplotlib.pyplot as plt

        figure, (speeds, lengths) = plt.subplots(
            1, 2, figsize=(9, 3.2), width_ratios=(2, 1), layout="constrained"
        )
        for place, (method, one) in enumerate(self.found.items()):
            colour, mean = f"C{place}", one.length or 1.0
            speeds.plot(one.t, np.array(one.speeds) / mean, color=colour, label=method)
            at = np.interp(one.abrupt, one.t, one.speeds) / mean
            speeds.plot(one.abrupt, at, "o", color=colour, markersize=5)
            lengths.barh(place, one.length, color=colour, alpha=0.55)
            if one.chance_length is not None:
                low, _, high = one.chance_length
                lengths.plot([low, high], [place, place], "|-", color=ink(lengths), linewidth=1.5)
                lengths.set_title(
                    "whiskers: between samples of the prior", fontsize="small", loc="left"
                )
        speeds.axhline(1, color="0.6", linewidth=0.8, linestyle=":")
        speeds.set(xlabel="t", ylabel="speed / its mean", ylim=(0, None))
        speeds.legend(frameon=False, fontsize="small", title="dots: abrupt")
        lengths.set_yticks(range(len(self.found)), list(self.found))
        lengths.invert_yaxis()
        lengths.set_xlabel(f"length, {self.distance}".replace("$", r"\$"))
        for axes in (speeds, lengths):
            axes.spines[["top", "right"]].set_visible(False)
        plt.close(figure)
        return figure

    def _table(self) -> Table:
        rows = [
            [
                method,
                estimate(one.length, one.length_interval, 3),
                chance_words(one.chance_length),
                number(one.length_over_chord, 3),
                chance_words(one.chance_length_over_chord),
                number(one.peak, 3),
                chance_words(one.chance_peak),
                ", ".join(f"{place:.3g}" for place in one.abrupt) or "nowhere",
            ]
            for method, one in self.found.items()
        ]
        lengths = [one.length for one in self.found.values()]
        with_chances = any(one.chance_length is not None for one in self.found.values())
        head = ["path", "length", "chance", "length / chord", "chance"]
        head += ["largest / mean speed", "chance", "abrupt at t"]
        notes = [
            f"{self.distance}. In brackets after a length: what it may be, measured at some places "
            "only.",
            "Chance: the median (least to largest) of such paths between samples of the prior, the "
            "same for all, as far from each other as the anchors where samples are that far."
            if with_chances
            else None,
            *(f"Without {method}: {why}." for method, why in self.left_out.items()),
        ]
        shortest = lengths.index(min(lengths))
        return Table(head, rows, notes=notes, marked=shortest, means="the shortest")


@checked_keywords
def compare_paths(
    space: Any,
    anchors: Any,
    *,
    methods: Iterable[str] | None = None,
    closed: bool = False,
    distance: Any = "l2",
    features: Any = None,
    n: int = 64,
    data_weight: float = DATA_WEIGHT,
    within: Any = None,
    controls: int = 8,
    conditions: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> PathComparison:
    """Measure several ways through the same anchors: how long and how even the output's way is.

    Parameters
    ----------
    space, conditions
        As `smoothness` takes them.
    anchors : array_like
        Two latents or more, ``(m, *latent_shape)``; or images or texts where the space encodes.
    methods : iterable of str, optional
        Which ways, as `Path` takes them, and "geodesic". If None, "lerp", "slerp", "spline",
        "gaussian" and "geodesic", as far as the space lets them: the result names those left out.
    closed : bool
        Whether paths return to their first anchor.
    distance, features, n
        How outputs are compared, and at how many places, as `smoothness` takes them.
    data_weight, within
        Of geodesics, as `geodesic` takes them. They are the shortest in the numbers that the model
        returns, whatever the distance.
    controls : int
        How many paths of each method between samples of the prior are measured likewise, 10,000 at
        most; 0 for none. They have as many anchors, as far from each other where samples are that
        far, the same for all methods. Geodesics take the longest; those along which the output
        does not change are left out.
    seed : int
        For these samples; the anchors are not among them.

    Returns
    -------
    PathComparison
        Length, length over chord, abruptness and chance of each; ``plot()`` draws them.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, or the distance returns NaN.
    DecodeError
        If the decoder raises.

    Warns
    -----
    GuessWarning
        For "gaussian", where anchors are not as the prior draws them: see `Path`.

    Examples
    --------
    >>> from latentwidgets import LatentSpace
    >>> space = LatentSpace(lambda z: z * np.ones(8), 1, kind="curve")
    >>> found = compare_paths(space, [[0.0], [2.0]], methods=["lerp", "slerp"], controls=2)
    >>> round(found["lerp"].length_over_chord, 3), found["lerp"].abrupt
    (1.0, ())
    """
    space = as_space(space)
    closed = check_flag(closed, "closed")
    latents = anchors_from(space, anchors, conditions=conditions)
    n, controls = check_whole(n, "n", least=2), check_controls(controls)
    weight = real_number(data_weight, "data_weight", least=0.0, most=1e6)
    how = distance_of(space, distance, features, conditions)
    names, left_out = _chosen(space, methods, within)

    def path_of(method: str, through: NDArray[np.float32]) -> Path:
        if method != "geodesic":
            return Path(through, method, closed=closed, space=space)
        steps = geodesic_path_steps(
            space,
            through,
            closed=closed,
            weight=weight,
            within=within,
            conditions=conditions,
            pieces=Pieces(most=BLOCK),
        )
        return finish(steps, "geodesic")[0]

    Path(latents, "lerp", closed=closed)  # raises where no path goes through
    check_moving(Path(latents, "lerp", closed=closed), n)
    paths = {name: path_of(name, latents) for name in names}
    others: Any = drawn(space, latents, controls, check_seed(seed)) if controls else []
    found = {}
    for name in progress(names, "paths"):
        chance = []
        for one in others:
            with suppress(UnchangingError):
                path = without_guesses(path_of, name, one)
                chance.append(measured(space, path, how, n, conditions))
        found[name] = with_chance(measured(space, paths[name], how, n, conditions), chance)
    return PathComparison(how.name, found, paths, left_out)


def _chosen(space: Any, methods: Any, within: Any) -> tuple[list[str], dict[str, str]]:
    """Say which methods to compare, and which not, and why."""
    if methods is not None:
        given = check_items(methods, "methods are", "names, such as ['lerp', 'slerp']")
        for name in given:
            if not isinstance(name, str) or name not in METHODS:
                raise LatentValueError(
                    f"methods hold {brief(name)}; expected some of "
                    f"{', '.join(map(repr, METHODS))}.{near_miss(name, METHODS)}"
                )
        if not given:
            raise LatentValueError("methods are empty; expected at least one, such as ['lerp'].")
        return list(dict.fromkeys(given)), {}
    size, left_out = math.prod(space.latent_shape), {}
    if space.normal_prior is None:
        left_out["gaussian"] = "the prior of this space is not known to be normal"
    if within is None and size > MOST_DIRECTIONS:
        left_out["geodesic"] = (
            f"latents have {size} numbers; within=..., at most {MOST_DIRECTIONS} directions, says "
            "along what it may bend"
        )
    return [name for name in COMPARED if name not in left_out], left_out
