"""`smoothness`: how evenly the output changes along a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.tables import html_table, number, plain
from latentwidgets.common.checks import check_seed, check_whole
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.progress import progress
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.distances import Distance, distance_of
from latentwidgets.routes.path import Path
from latentwidgets.routes.speeds import Speeds, check_path, speeds_along
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["Smoothness", "measured", "smoothness"]

# A change is abrupt where the speed is more than so many times the mean.
ABRUPT = 2.0
Interval = tuple[float, float]


@dataclass(frozen=True)
class Smoothness:
    """How evenly the output changes along a path. What `smoothness` returns.

    Attributes
    ----------
    distance : str
        How outputs were compared.
    t : tuple of float
        Where the speed was measured.
    speeds : tuple of float
        How fast the output changes there, per unit of t.
    length : float
        How long the way of the output is.
    chord : float
        How far the output at the end is from that at the start.
    length_over_chord : float
        1 for a way that goes straight; NaN where both ends are the same.
    peak : float
        The largest length between two neighbouring t over the mean: 1 at a constant speed.
    abrupt : tuple of float
        The t where the speed is more than twice the mean, or the output jumps.
    chance_length_over_chord, chance_peak : tuple of float or None
        The least, the median and the largest of the same of paths between samples of the prior.
    """

    distance: str
    t: tuple[float, ...]
    speeds: tuple[float, ...]
    length: float
    chord: float
    length_over_chord: float
    peak: float
    abrupt: tuple[float, ...]
    chance_length_over_chord: tuple[float, ...] | None
    chance_peak: tuple[float, ...] | None

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        chances = self.chance_length_over_chord, self.chance_peak
        over, peak = (None if one is None else [*map(plain, one)] for one in chances)
        return {
            "distance": self.distance,
            "t": [*self.t],
            "speeds": [*map(plain, self.speeds)],
            "length": plain(self.length),
            "chord": plain(self.chord),
            "length_over_chord": plain(self.length_over_chord),
            "peak": plain(self.peak),
            "abrupt": [*self.abrupt],
            "chance_length_over_chord": over,
            "chance_peak": peak,
        }

    def plot(self) -> Figure:
        """Draw the speed along the path, with abrupt changes as red lines.

        Returns
        -------
        matplotlib.figure.Figure
            Closed, so that a notebook shows it once.
        """
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(figsize=(6, 2.8), layout="constrained")
        axes.plot(self.t, self.speeds)
        axes.axhline(self.length, color="0.6", linewidth=0.8, linestyle=":")
        for place in self.abrupt:
            axes.axvline(place, color="tab:red", linewidth=0.8)
        axes.set(xlabel="t", ylabel=f"speed\n{self.distance}".replace("$", r"\$"), ylim=(0, None))
        axes.spines[["top", "right"]].set_visible(False)
        plt.close(figure)
        return figure

    def _repr_html_(self) -> str:
        rows = [
            ["length", number(self.length, 3), ""],
            ["chord", number(self.chord, 3), ""],
            [
                "length / chord",
                number(self.length_over_chord, 3),
                _range(self.chance_length_over_chord),
            ],
            ["largest / mean speed", number(self.peak, 3), _range(self.chance_peak)],
        ]
        where = ", ".join(f"{place:.3g}" for place in self.abrupt) or "nowhere"
        return html_table(
            ["", "path", "between samples of the prior"],
            rows,
            notes=[f"{self.distance}. Abrupt changes: {where}."],
        )


def _range(found: tuple[float, ...] | None) -> str:
    return "" if found is None else "{1} ({0} to {2})".format(*(number(one) for one in found))


@checked_keywords
def smoothness(
    space: Any,
    path: Any,
    *,
    distance: Any = "l2",
    features: Any = None,
    n: int = 64,
    controls: int = 8,
    conditions: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Smoothness:
    """Measure how evenly the output changes along a path.

    Parameters
    ----------
    space : LatentSpace or object
        What decodes the path, or anything that `as_space` takes.
    path : Path
        The path.
    distance : {"l2", "cosine", "ssim", "lpips"} or callable
        How outputs are compared: the Euclidean distance of the numbers that the model returns; the
        distance of the same scaled to norm 1; the root of 1 - SSIM; the root of LPIPS, which needs
        the extra "lpips"; or a function of two batches, float32 ``(n, ...)`` as the model returns
        them, to n numbers of at least 0. If that grows with the square of a small difference, as a
        squared error does, its root is taken.
    features : callable, optional
        Of a batch of outputs, to ``(n, ...)``: then features are compared in place of outputs.
    n : int
        Into how many parts the path is cut; the speed is measured at the n + 1 ends of these.
    controls : int
        How many paths between two samples of the prior are measured likewise; 0 for none.
    conditions : mapping of str to value, optional
        Under which is decoded, one value each. Those that are left out have their default.
    seed : int
        For the samples. Take another than that of the path's own anchors, if these are samples
        too: else the path is among those that say what chance does.

    Returns
    -------
    Smoothness
        Speeds, lengths and abrupt changes; ``plot()`` draws the speed.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, or the distance returns NaN.
    DecodeError
        If the decoder raises.

    Notes
    -----
    The speed is what `LatentSpace.derivative` says. A decoder that jumps has no derivative there:
    where neighbouring outputs are further apart than twice what the speeds say, that distance
    counts, and the place is called abrupt.

    Examples
    --------
    >>> from latentwidgets import LatentSpace, Path
    >>> space = LatentSpace(lambda z: np.tanh(20 * z) * np.ones(4), 1, kind="curve")
    >>> found = smoothness(space, Path([[-1.0], [1.0]], "lerp"), n=101, controls=0)
    >>> round(found.length, 2), round(found.length_over_chord, 2), round(found.abrupt[0], 2)
    (4.0, 1.0, 0.5)
    """
    space = as_space(space)
    check_path(space, path)
    n, controls = check_whole(n, "n", least=2), check_whole(controls, "controls", least=0)
    seed = check_seed(seed)
    how = distance_of(space, distance, features, conditions)
    found = measured(space, path, how, n, conditions)
    if controls == 0:
        return found
    ends = space.sample(2 * controls, seed=seed).reshape(controls, 2, *space.latent_shape)
    method = path.method if path.method in ("lerp", "slerp", "nlerp") else "slerp"
    others = [
        measured(space, Path(pair, method), how, n, conditions)
        for pair in progress(ends, "paths of the prior")
    ]
    over, peak = (
        tuple(map(float, np.nanpercentile([getattr(one, name) for one in others], [0, 50, 100])))
        for name in ("length_over_chord", "peak")
    )
    made = {**vars(found), "chance_length_over_chord": over, "chance_peak": peak}
    return Smoothness(**made)


def measured(
    space: Any, path: Any, how: Distance, n: int, conditions: Mapping[str, Any] | None
) -> Smoothness:
    """Measure one path, without chance."""
    segments = len(path.marks) - 1 + path.closed
    places = np.linspace(0.0, 1.0, n + 1)
    if segments > n:
        raise LatentValueError(
            f"n is {n}, and the path has {segments} segments; expected at least as many parts."
        )
    found = speeds_along(space, path, places, how, conditions)
    length, chord = float(found.lengths.sum()), found.chord
    return Smoothness(
        distance=how.name,
        t=tuple(map(float, places)),
        speeds=tuple(map(float, found.speeds)),
        length=length,
        chord=chord,
        length_over_chord=length / chord if chord > 1e-9 * length else float("nan"),
        peak=float(found.lengths.max() * n / length) if length > 0 else float("nan"),
        abrupt=_abrupt(found, length),
        chance_length_over_chord=None,
        chance_peak=None,
    )


def _abrupt(found: Speeds, length: float) -> tuple[float, ...]:
    """Find where stretches of high speed, and jumps, have their peak."""
    fast: NDArray[np.bool_] = found.jumps | (found.lengths > ABRUPT * length * np.diff(found.t))
    edges = np.flatnonzero(np.diff(np.pad(fast.astype(int), 1)))
    middles = (found.t[1:] + found.t[:-1]) / 2
    stretches = zip(edges[::2], edges[1::2], strict=True)
    return tuple(
        float(middles[start + found.lengths[start:end].argmax()]) for start, end in stretches
    )
