"""`smoothness`: how evenly the output changes along a path."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.results import TableResult
from latentwidgets.analysis.tables import Table, estimate, number, plain_data
from latentwidgets.common.checks import check_controls, check_seed, check_whole
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.progress import progress
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.reading.ranges import GuessWarning
from latentwidgets.routes.distances import Distance, distance_of
from latentwidgets.routes.gaussian import combined, quarter_turn
from latentwidgets.routes.path import Path
from latentwidgets.routes.speeds import Speeds, check_path, speeds_along
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = [
    "Smoothness",
    "abrupt_places",
    "chance_words",
    "check_moving",
    "drawn",
    "measured",
    "smoothness",
    "spread",
    "with_chance",
    "without_guesses",
]

# A change is abrupt where the speed is more than so many times the mean.
ABRUPT = 2.0
# Latents are one where no number of them differs by more than this share of itself.
ROUNDING = 1e-6
# Sets the seeds of these samples apart from those that a person draws with the same seed.
OWN_STREAM = b"paths of the prior"
# So many samples more than are needed are drawn, for some to be as far from each other as wanted;
# fewer where these have more numbers than that.
MORE_SAMPLES, MOST_NUMBERS = 512, 2**24
# On the way from one to the next so many places are looked at.
PLACES_BETWEEN = 17


@dataclass(frozen=True, repr=False)
class Smoothness(TableResult):
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
    length_interval : tuple of float
        Where it lies but for the places at which it was measured: as far to both sides as it
        changes if every second is left out. Take a larger n to make it narrow.
    chord : float
        How far the output at the end is from that at the start.
    length_over_chord : float
        1 for a way that goes straight; NaN where both ends are the same.
    peak : float
        The largest length between two neighbouring t over the mean: 1 at a constant speed.
    abrupt : tuple of float
        The t where the speed is more than twice the mean, or the output jumps.
    chance_length, chance_chord, chance_length_over_chord, chance_peak : tuple of float or None
        The least, the median and the largest of the same of such paths between samples of the
        prior, which are as far from each other as the anchors, or as far as samples are: near ones
        are joined by shorter and straighter ways.
    """

    distance: str
    t: tuple[float, ...]
    speeds: tuple[float, ...]
    length: float
    length_interval: tuple[float, float]
    chord: float
    length_over_chord: float
    peak: float
    abrupt: tuple[float, ...]
    chance_length: tuple[float, ...] | None = None
    chance_chord: tuple[float, ...] | None = None
    chance_length_over_chord: tuple[float, ...] | None = None
    chance_peak: tuple[float, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        return dict(plain_data(self))

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
        said = "dotted: the mean" + "; red: abrupt" * bool(len(self.abrupt))
        axes.set_title(said, fontsize="small", loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        plt.close(figure)
        return figure

    def _table(self) -> Table:
        rows = [
            [
                "length",
                estimate(self.length, self.length_interval, 3),
                chance_words(self.chance_length),
            ],
            ["chord", number(self.chord, 3), chance_words(self.chance_chord)],
            [
                "length / chord",
                number(self.length_over_chord, 3),
                chance_words(self.chance_length_over_chord),
            ],
            ["largest / mean speed", number(self.peak, 3), chance_words(self.chance_peak)],
        ]
        where = ", ".join(f"{place:.3g}" for place in self.abrupt) or "nowhere"
        brackets = f"In brackets: what the length may be, measured at {len(self.t)} places only"
        if self.chance_length is not None:
            brackets += "; and of such paths the least and the largest, beside their median"
        return Table(
            ["", "path", "such paths between samples of the prior"],
            rows,
            notes=[f"{self.distance}. Abrupt changes: {where}.", f"{brackets}."],
        )


def chance_words(found: tuple[float, ...] | None) -> str:
    """Write the median, and in brackets the least and the largest; nothing where there is none."""
    if found is None or not np.isfinite(found).all():
        return ""
    return "{1} ({0} to {2})".format(*(number(one) for one in found))


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
        How many paths between samples of the prior are measured likewise, 10,000 at most; 0
        for none. They have as many anchors as the path, which are as far from each other where
        samples are that far, and the same method (of a geodesic "slerp"), but no timing. Where the
        prior draws one latent only, their length is 0, and what is divided by it NaN.
    conditions : mapping of str to value, optional
        Under which is decoded, one value each. Those that are left out have their default.
    seed : int
        For these samples. They are others than ``space.sample(n, seed=seed)`` gives, so that the
        path's own anchors are not among them.

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

    SSIM is that of the paper: a Gaussian window of 1.5 pixels within the picture, on each channel.
    ``skimage.metrics.structural_similarity`` takes a uniform window of 7 pixels unless it is told
    ``gaussian_weights=True, sigma=1.5, use_sample_covariance=False``. LPIPS is that of its authors'
    package with AlexNet; programs that take VGG give other numbers.

    References
    ----------
    Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity",
    IEEE Trans. Image Proc. 13; Zhang et al. 2018, "The unreasonable effectiveness of deep features
    as a perceptual metric" (arXiv 1801.03924).

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
    n, controls = check_whole(n, "n", least=2), check_controls(controls)
    seed = check_seed(seed)
    how = distance_of(space, distance, features, conditions)
    check_moving(path, n)
    found = measured(space, path, how, n, conditions)
    if controls == 0:
        return found
    method = "slerp" if path.method == "geodesic" else path.method
    make = partial(Path, method=method, closed=path.closed, space=space)
    others = [
        measured(space, without_guesses(make, anchors), how, n, conditions)
        for anchors in progress(drawn(space, path.anchors, controls, seed), "paths of the prior")
    ]
    return with_chance(found, others)


def check_moving(path: Any, n: int) -> None:
    """Refuse a path that stays where it is: what rounding makes of it is no speed.

    Of paths between samples of the prior this is not asked: a person does not choose them.
    """
    _check_parts(path, n)
    latents = _flat(path(np.linspace(0.0, 1.0, n + 1)))
    if (np.abs(latents - latents[0]) <= ROUNDING * np.abs(latents)).all():
        raise LatentValueError(
            "the path stays at one latent, so that nothing changes along it. Take anchors that "
            "differ."
        )


def without_guesses(make: Callable[..., Any], *given: Any) -> Any:
    """Make a path for chance: a warning about its anchors says nothing of the person's own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GuessWarning)
        return make(*given)


def drawn(
    space: Any, anchors: Any, controls: int, seed: int, *, most: int = MORE_SAMPLES
) -> NDArray[np.float32]:
    """Draw anchors for so many paths, as many each as there are, ``(controls, m, *latent_shape)``.

    They are chosen among `most` samples more than are needed.

    Each is a sample of the prior, or where none is as near to the one before it as the anchors are
    to each other, lies on the way to one. A path's own anchors may well be ``space.sample(m)``:
    with the same seed the path would be among those that say what chance does.
    """
    own = int(np.random.SeedSequence([seed, *OWN_STREAM]).generate_state(1)[0])
    gaps = np.linalg.norm(np.diff(_flat(anchors), axis=0), axis=1)
    more = min(most, MOST_NUMBERS // anchors[0].size)
    samples = space.sample(controls * len(anchors) + more, seed=own)
    rows, free = _flat(samples), np.ones(len(samples), bool)
    found = np.empty((controls, *anchors.shape), np.float32)
    for one in found:
        one[0] = samples[free.argmax()]
        free[free.argmax()] = False
        for i, gap in enumerate(gaps):
            far = np.linalg.norm(rows - one[i].ravel(), axis=1)
            best = int(np.where(free, np.abs(far - gap), np.inf).argmin())
            free[best] = False
            one[i + 1] = _at_distance(space, one[i], samples[best], gap)
    return found


def _at_distance(space: Any, start: Any, end: Any, gap: float) -> NDArray[np.float32]:
    """Go from a sample towards another until it is so far away, on a way that looks like samples.

    The nearest of many samples may be further than that; a line would leave a normal prior.
    """
    prior, t = space.normal_prior, np.linspace(0, 1, PLACES_BETWEEN)

    def way(t: NDArray[np.float64]) -> NDArray[np.float64]:
        t = t.reshape(-1, *[1] * start.ndim)
        line = (1 - t) * start + t * end
        return line if prior is None else combined(quarter_turn(t), (start, end), prior.mean)

    far = np.maximum.accumulate(np.linalg.norm(_flat(way(t) - start), axis=1))
    return np.asarray(way(np.interp([gap], far, t))[0], np.float32)


def _flat(latents: Any) -> NDArray[np.float64]:
    return np.asarray(latents, np.float64).reshape(len(latents), -1)


def with_chance(found: Smoothness, others: list[Smoothness]) -> Smoothness:
    """Add what others say of chance; none say nothing."""
    if not others:
        return found
    return replace(
        found,
        chance_length=spread(one.length for one in others),
        chance_chord=spread(one.chord for one in others),
        chance_length_over_chord=spread(one.length_over_chord for one in others),
        chance_peak=spread(one.peak for one in others),
    )


def spread(numbers: Iterable[float]) -> tuple[float, ...]:
    """Give the least, the median and the largest of those that are finite; NaN if none is."""
    values = np.array([one for one in numbers if np.isfinite(one)] or [np.nan])
    return tuple(map(float, np.percentile(values, [0, 50, 100])))


def _check_parts(path: Any, n: int) -> None:
    segments = len(path.marks) - 1 + path.closed
    if segments > n:
        raise LatentValueError(
            f"n is {n}, and the path has {segments} segments; expected at least as many parts."
        )


def measured(
    space: Any, path: Any, how: Distance, n: int, conditions: Mapping[str, Any] | None
) -> Smoothness:
    """Measure one path, without chance."""
    _check_parts(path, n)
    places = np.linspace(0.0, 1.0, n + 1)
    found = speeds_along(space, path, places, how, conditions)
    length, chord = float(found.lengths.sum()), found.chord
    return Smoothness(
        distance=how.name,
        t=tuple(map(float, places)),
        speeds=tuple(map(float, found.speeds)),
        length=length,
        # No way is shorter than its chord, though what the speeds say of a few places may be.
        length_interval=(
            max(min(chord, length), length - found.error),
            max(chord, length + found.error),
        ),
        chord=chord,
        length_over_chord=length / chord if chord > 1e-9 * length else float("nan"),
        peak=float(found.lengths.max() * n / length) if length > 0 else float("nan"),
        abrupt=abrupt_places(found),
    )


def abrupt_places(found: Speeds) -> tuple[float, ...]:
    """Find where stretches of high speed, and jumps, have their peak."""
    length = found.lengths.sum()
    fast: NDArray[np.bool_] = found.jumps | (found.lengths > ABRUPT * length * np.diff(found.t))
    edges = np.flatnonzero(np.diff(np.pad(fast.astype(int), 1)))
    middles = (found.t[1:] + found.t[:-1]) / 2
    stretches = zip(edges[::2], edges[1::2], strict=True)
    return tuple(
        float(middles[start + found.lengths[start:end].argmax()]) for start, end in stretches
    )
