"""The statistics by which `Typicality` judges latents, and what they are where all is ordinary."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.nearest import Nearest
from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.common.pieces import Pieces
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from latentwidgets.common.pieces import Steps
    from latentwidgets.space.priors import NormalPrior

    Matrix = NDArray[np.float64]

__all__ = [
    "FEWEST",
    "FEWEST_FREQUENCIES",
    "LARGEST_COVARIANCE",
    "TWO_SIDED",
    "Calibration",
    "FittedTests",
    "how_far_out",
    "whiteness",
]

# What is too near the middle is odd, too, unless the middle is the model as it is.
TWO_SIDED = frozenset({"norm", "mahalanobis"})
# A latent is rarer than 5 % of ordinary ones only where there are so many of them.
FEWEST = 20
# Shorter latents have too few frequencies for a test of whiteness.
FEWEST_FREQUENCIES = 8
# The covariance of longer latents takes too much memory.
LARGEST_COVARIANCE = 2048
FOLDS = 10
# A column that varies by less than this share of its largest number, or of what other columns vary
# by, is taken to vary by so much.
UNVARIED = 1e-6
# A latent whose nearest is nearer than this share of how near neighbours are is that one itself.
ITSELF = 1e-4
# About so many numbers are transformed at once.
PART_SIZE = 2**22
# How far out a value is is told in units of the distance from the median to these percentiles.
TAILS = (1, 50, 99)


class FittedTests:
    """The statistics of latents: from a normal prior that is known, or from ordinary latents.

    Parameters
    ----------
    nearest : Nearest
        Finds the nearest ordinary latents.
    moments : _Moments
        Mean and covariance of ordinary latents.
    latent_shape : tuple of int
        The shape of one.
    neighbours : int
        Over so many nearest neighbours distances are averaged.
    prior : NormalPrior or None
        What the latents are drawn from, where that is known.
    around_zero : bool
        Whether zero is ordinary, whatever the latents are: norms and distances are from it then, in
        place of the mean; no latent is farther from its neighbours than it is from zero; and
        whether entries are independent is not tested.
    held_out : dict of str to ndarray
        For each test its statistic of every ordinary latent, ``(n,)``, as it would be of a latent
        that nothing was fitted to: without its own distance to itself, and of ten folds from the
        other nine.
    """

    def __init__(
        self,
        nearest: Nearest,
        moments: _Moments,
        latent_shape: tuple[int, ...],
        neighbours: int,
        prior: NormalPrior | None,
        around_zero: bool,
        held_out: dict[str, Matrix],
    ) -> None:
        self._nearest, self._moments, self.around_zero = nearest, moments, around_zero
        self._shape, self._count, self._prior = latent_shape, neighbours, prior
        self.held_out = held_out

    @classmethod
    def steps(
        cls,
        rows: NDArray[np.float32],
        latent_shape: tuple[int, ...],
        neighbours: int,
        prior: NormalPrior | None,
        *,
        around_zero: bool = False,
        pieces: Pieces | None = None,
        largest: int = LARGEST_COVARIANCE,
        ways: Sequence[str] = ("more ordinary ones",),
    ) -> Steps[FittedTests]:
        """Fit the tests, step by step.

        Parameters
        ----------
        rows : ndarray
            Ordinary latents, flat: float32 ``(n, size)``.
        latent_shape, neighbours, prior, around_zero
            As above; neighbours fewer than n.
        pieces : Pieces, optional
            How long a step takes where it can be cut; as long as it takes if None.
        largest : int
            The covariance of latents of more numbers is left out.
        ways : sequence of str
            What can be passed to have more of them, where there are too few.

        Raises
        ------
        LatentValueError
            If there are too few latents, or all are the same.
        """
        _check_reference(rows, neighbours, ways)
        pieces = Pieces(most=len(rows)) if pieces is None else pieces
        nearest = Nearest(rows)
        yield
        own = []
        for found in pieces.over("neighbours", partial(nearest, n=neighbours + 1), rows):
            own.append(found[1][:, 1:].mean(axis=1))
            yield
        if prior is not None:
            mean, squares = prior.mean.ravel(), prior.scale.ravel() ** 2
            if around_zero:
                mean, squares = 0 * mean, squares + mean**2
            moments = _Moments(mean, 1 / squares)
            held_out = _of_moments(rows, moments)
        else:
            order = np.random.default_rng(0).permutation(len(rows))
            held_out = {}
            for part in np.array_split(order, min(FOLDS, len(rows))):
                others = _fitted(np.delete(rows, part, axis=0), largest, around_zero)
                for name, one in _of_moments(rows[part], others).items():
                    held_out.setdefault(name, np.empty(len(rows)))[part] = one
                yield
            moments = _fitted(rows, largest, around_zero)
        made = cls(nearest, moments, latent_shape, neighbours, prior, around_zero, held_out)
        held_out["neighbours"] = made._apart(rows, np.concatenate(own))
        if made._tests_entries(rows):
            white = []
            for one in pieces.over("whiteness", made._whiteness, rows):
                white.append(one)
                yield
            held_out["whiteness"] = np.concatenate(white)
        return made

    def __call__(self, rows: NDArray[np.float32]) -> dict[str, Matrix]:
        """Give the statistics of latents: of each test ``(n,)``.

        Those of a latent that is among the ordinary ones are the held-out ones: compared with
        itself, any latent would look ordinary.
        """
        near, gaps = self._nearest(rows, self._count)
        apart = self._apart(rows, gaps.mean(axis=1))
        found = {**_of_moments(rows, self._moments), "neighbours": apart}
        if self._tests_entries(rows):
            found["whiteness"] = self._whiteness(rows)
        itself = gaps[:, 0] <= ITSELF * np.median(self.held_out["neighbours"])
        for name, values in found.items():
            values[itself] = self.held_out[name][near[itself, 0]]
        return found

    def _apart(self, rows: NDArray[np.float32], gaps: Matrix) -> Matrix:
        """Give the mean distance to neighbours; around zero, that to zero where it is less."""
        if not self.around_zero:
            return gaps
        return np.asarray(np.minimum(gaps, np.linalg.norm(rows.astype(np.float64), axis=1)))

    def _tests_entries(self, rows: NDArray[np.float32]) -> bool:
        # Latents near zero, which is ordinary then, may have entries that depend on each other.
        return (
            self._prior is not None and not self.around_zero and rows.shape[1] >= FEWEST_FREQUENCIES
        )

    def _whiteness(self, rows: NDArray[np.float32]) -> Matrix:
        assert self._prior is not None
        placed = rows.reshape(len(rows), *self._shape).astype(np.float64) - self._prior.mean
        return whiteness(placed / self._prior.scale)


def _of_moments(rows: NDArray[np.float32], moments: _Moments) -> dict[str, Matrix]:
    placed = rows.astype(np.float64) - moments.mean
    found = {"norm": np.linalg.norm(placed, axis=1)}
    precision = moments.precision
    # Of entries with one variance the Mahalanobis distance says what the norm says.
    if precision is None or (precision.ndim == 1 and np.ptp(precision) == 0):
        return found
    scaled = placed * precision if precision.ndim == 1 else placed @ precision
    squares = np.maximum((scaled * placed).sum(axis=1), 0)
    return {**found, "mahalanobis": np.sqrt(squares)}


def _check_reference(rows: NDArray[np.float32], neighbours: int, ways: Sequence[str]) -> None:
    count = len(rows)
    if count < max(FEWEST, neighbours + 2):
        fewer = [f"neighbours={count - 2} or less"] * (count >= FEWEST)
        raise LatentValueError(
            f"there are {count} latents and neighbours is {neighbours}; expected at least "
            f"{FEWEST} latents, and more than neighbours + 1. Pass {', or '.join([*ways, *fewer])}."
        )
    if not (rows != rows[0]).any():
        raise LatentValueError(
            f"all {count} latents are the same; expected some that differ. Encode different items."
        )


def whiteness(latents: Matrix) -> Matrix:
    """Say how far entries are from independent: how unevenly power lies over frequencies.

    Parameters
    ----------
    latents : ndarray
        With entries of mean 0 and one variance, ``(n, *latent_shape)``.

    Returns
    -------
    ndarray
        float64 ``(n,)``, from 0 to 1: the largest difference of the cumulative periodogram, the
        mean included, from a straight line. The norm has no part in it.

    References
    ----------
    Bartlett 1955, "An introduction to stochastic processes": the test of the cumulative
    periodogram. Of latents of several axes, frequencies are in the order of their distance from 0.

    Examples
    --------
    >>> same = np.ones((1, 64))
    >>> noise = np.random.default_rng(0).normal(size=(1, 64))
    >>> bool(whiteness(same)[0] > 0.9), bool(whiteness(noise)[0] < 0.3)
    (True, True)
    """
    shape = latents.shape[1:]
    squares = sum(np.ix_(*(np.fft.fftfreq(size) ** 2 for size in shape)))
    order = np.argsort(np.ravel(np.asarray(squares)), kind="stable")
    even = np.arange(1, len(order) + 1) / len(order)
    found = np.zeros(len(latents))
    step = max(1, PART_SIZE // len(order))
    axes = tuple(range(1, latents.ndim))
    for i in range(0, len(latents), step):
        power = np.abs(np.fft.fftn(latents[i : i + step], axes=axes)) ** 2
        rows = power.reshape(len(power), -1)[:, order]
        total = rows.sum(axis=1, keepdims=True)
        shares = np.cumsum(rows / np.where(total, total, 1), axis=1)
        found[i : i + step] = np.abs(shares - even).max(axis=1)
    return found


@dataclass(frozen=True)
class _Moments:
    """The mean of latents, and the inverse of their covariance: a diagonal, a matrix, or None."""

    mean: Matrix
    precision: Matrix | None


def _fitted(rows: NDArray[np.float32], largest: int, around_zero: bool) -> _Moments:
    if rows.shape[1] > largest:
        mean = rows.mean(axis=0, dtype=np.float64)
        return _Moments(0 * mean if around_zero else mean, None)
    from sklearn.covariance import LedoitWolf

    # Ledoit and Wolf shrink towards the mean variance of all columns, whatever their units are: so
    # the units are taken out first. A column that hardly varies has one by its size.
    exact = rows.astype(np.float64)
    spread = np.sqrt(np.square(exact).mean(axis=0)) if around_zero else exact.std(axis=0)
    units = np.maximum(spread, UNVARIED * np.maximum(np.abs(exact).max(axis=0), spread.max()))
    units[units == 0] = 1.0
    with one_blas_thread(rows.size):
        model = LedoitWolf(assume_centered=around_zero).fit(exact / units)
    return _Moments(model.location_ * units, model.precision_ / np.outer(units, units))


class Calibration:
    """What is ordinary for each test, and for the rarest of all tests together.

    Parameters
    ----------
    held_out : mapping of str to ndarray
        As `FittedTests` gives them.
    around_zero : bool
        Whether zero is ordinary, as for `FittedTests`.

    Attributes
    ----------
    around_zero
        As above.
    two_sided : frozenset of str
        The tests in which a low value counts, too.
    values : dict of str to ndarray
        Of each test, the statistics of ordinary latents from the smallest up.
    count : int
        How many ordinary latents there are.

    Notes
    -----
    The p-value of all tests together is the share of ordinary latents that have as rare a value in
    any test: the level holds for the family of tests, however they depend on each other (Westfall &
    Young 1993, "Resampling-based multiple testing").
    """

    def __init__(self, held_out: Mapping[str, Matrix], *, around_zero: bool = False) -> None:
        self.around_zero = around_zero
        self.two_sided = frozenset() if around_zero else TWO_SIDED
        self.values = {name: np.sort(values) for name, values in held_out.items()}
        self._tails = {name: np.percentile(values, TAILS) for name, values in held_out.items()}
        outs = {name: self._how_far_out(name, values) for name, values in held_out.items()}
        self._outs = {name: np.sort(values) for name, values in outs.items()}
        ranks = [_share_above(self._outs[name], outs[name], own=True) for name in outs]
        self._rarest = np.sort(np.min(ranks, axis=0))
        self.count = len(self._rarest)

    def p_values(self, name: str, values: Matrix) -> Matrix:
        """Give how often an ordinary latent is as far out in one test."""
        return _share_above(self._outs[name], self._how_far_out(name, values))

    def together(self, p_values: Mapping[str, Matrix]) -> Matrix:
        """Give how often an ordinary latent has as small a p-value in any test."""
        least = np.min([*p_values.values()], axis=0)
        # The p-values of ordinary latents have n in their denominator, those of others n + 1.
        count = np.searchsorted(self._rarest, least * (1 + 1e-9), side="right")
        return np.asarray((1 + count) / (1 + len(self._rarest)))

    def worst(self, values: Mapping[str, Matrix], p_values: Mapping[str, Matrix]) -> list[str]:
        """Name the test with the smallest p-value; of equals the one furthest out."""
        names = [*values]
        outs = np.stack([self._how_far_out(name, values[name]) for name in names])
        ranks = np.stack([p_values[name] for name in names])
        order = np.lexsort((-outs, ranks), axis=0)
        return [names[i] for i in order[0]]

    def _how_far_out(self, name: str, values: Matrix) -> Matrix:
        return how_far_out(values, *self._tails[name], two_sided=name in self.two_sided)


def how_far_out(
    values: Matrix, low: float, middle: float, high: float, *, two_sided: bool
) -> Matrix:
    """Say how far out values of a test are: 0 in the middle, 1 at an end that counts.

    Parameters
    ----------
    values : ndarray
        Its statistics, ``(n,)``.
    low, middle, high : float
        The median of ordinary ones, and the ends.
    two_sided : bool
        Whether a low value counts, too.

    Returns
    -------
    ndarray
        float64 ``(n,)``.

    Examples
    --------
    >>> how_far_out(np.array([1.0, 4.0, 8.0]), 3, 4, 6, two_sided=True).tolist()
    [3.0, 0.0, 2.0]
    >>> how_far_out(np.array([1.0, 4.0, 8.0]), 3, 4, 6, two_sided=False).tolist()
    [-1.5, 0.0, 2.0]
    """
    tiny = 1e-12 * max(abs(middle), 1e-300)
    above = (values - middle) / max(high - middle, tiny)
    if not two_sided:
        return np.asarray(above)
    return np.asarray(np.maximum(above, (middle - values) / max(middle - low, tiny)))


def _share_above(ordered: Matrix, values: Matrix, *, own: bool = False) -> Matrix:
    """Give the share of ordered values that are at least so large, one's own always among them."""
    count = len(ordered) - np.searchsorted(ordered, values, side="left")
    return np.asarray(count / len(ordered) if own else (1 + count) / (1 + len(ordered)))
