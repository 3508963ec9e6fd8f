"""`Typicality`: whether a latent lies where the model knows what it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.exceptions import NotFittedError

from latentwidgets.analysis.tables import html_table, number, plain_data
from latentwidgets.analysis.typicality_tests import REASONS, Calibration, FittedTests
from latentwidgets.common.checks import check_seed, check_whole, real_array, real_number
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.latents import check_latents
from latentwidgets.space.priors import NormalPrior, prior_of, sample

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Typicality", "TypicalityReport", "TypicalityTest", "UnfittedTypicalityError"]

# Of the ordinary latents of all tests at most so many numbers are kept.
MOST_NUMBERS = 2**26
# A latent is rarer than 5 % of ordinary ones only where there are so many of them.
FEWEST = 20
MOST_SHOWN = 50


class UnfittedTypicalityError(LatentValueError, NotFittedError):  # type: ignore[misc]
    """A `Typicality` that was neither fitted nor given a prior."""


@dataclass(frozen=True, eq=False)
class TypicalityTest:
    """What one test says of latents.

    Attributes
    ----------
    name : str
        "norm", "mahalanobis", "neighbours" or "whiteness".
    values : ndarray
        Its statistic, float64 ``(n,)``.
    p_values : ndarray
        How often an ordinary latent is as far out in this test, ``(n,)``.
    middle : float
        The median of ordinary latents.
    interval : tuple of float
        Where 95 % of ordinary latents lie.
    reference : ndarray
        The statistics of ordinary latents, from the smallest up.
    """

    name: str
    values: NDArray[np.float64]
    p_values: NDArray[np.float64]
    middle: float
    interval: tuple[float, float]
    reference: NDArray[np.float64] = field(repr=False)


@dataclass(frozen=True, eq=False)
class TypicalityReport:
    """Whether latents are typical. What `Typicality.report` returns.

    Attributes
    ----------
    p_values : ndarray
        How often an ordinary latent is as rare in any of the tests, ``(n,)``.
    level : float
        Below which p-value a latent is called atypical: so many ordinary ones are.
    failed : tuple of str or None
        Of each atypical latent, the test in which it is rarest; None of a typical one.
    reasons : tuple of str
        What is wrong with it, in words; empty where it is typical.
    tests : tuple of TypicalityTest
        What each test says.
    ordinary : int
        How many ordinary latents they are compared with.
    """

    p_values: NDArray[np.float64]
    level: float
    failed: tuple[str | None, ...]
    reasons: tuple[str, ...]
    tests: tuple[TypicalityTest, ...]
    ordinary: int

    @property
    def typical(self) -> NDArray[np.bool_]:
        """Which latents are typical, ``(n,)``."""
        return np.asarray(self.p_values > self.level)

    @property
    def percentiles(self) -> NDArray[np.float64]:
        """Of each latent, how many percent of ordinary ones are less rare, ``(n,)``."""
        return np.asarray(100 * (1 - self.p_values))

    @property
    def words(self) -> tuple[str, ...]:
        """Say of each latent in words where it stands."""
        return tuple(
            "typical" if why == "" else f"{self._rarer(p)}: {why}"
            for p, why in zip(self.p_values, self.reasons, strict=True)
        )

    def _rarer(self, p_value: float) -> str:
        if p_value <= 1 / (1 + self.ordinary):
            return f"rarer than any of {self.ordinary:,}"
        return f"rarer than {100 * (1 - p_value):.1f} %"

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        found: dict[str, Any] = plain_data(self)
        return {**found, "typical": self.typical.tolist()}

    def plot(self) -> Figure:
        """Draw for each test its histogram of ordinary latents, with a line for each latent.

        Returns
        -------
        matplotlib.figure.Figure
            With 50 lines at most, those of atypical latents in red. Closed, so that a notebook
            shows it once.
        """
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(
            *(1, len(self.tests)),
            figsize=(0.5 + 2.6 * len(self.tests), 2.4),
            squeeze=False,
            layout="constrained",
        )
        for one, ax in zip(self.tests, axes[0], strict=True):
            ax.hist(one.reference, bins=40, color="0.75")
            for value, typical in zip(one.values[:MOST_SHOWN], self.typical, strict=False):
                ax.axvline(value, color="C0" if typical else "C3", linewidth=1)
            ax.set(xlabel=one.name, yticks=[])
            ax.spines[["top", "right", "left"]].set_visible(False)
        plt.close(figure)
        return figure

    def _repr_html_(self) -> str:
        head = ["latent", "verdict", "p", *(one.name for one in self.tests)]
        rows = [
            [
                str(i),
                self.words[i],
                number(self.p_values[i], 4),
                *(number(one.values[i]) for one in self.tests),
            ]
            for i in range(min(len(self.p_values), MOST_SHOWN))
        ]
        spans = ", ".join(
            f"{one.name} {number(one.interval[0])} to {number(one.interval[1])}"
            for one in self.tests
        )
        left = len(self.p_values) - MOST_SHOWN
        notes = [
            f"{left:,} more latents are not shown." if left > 0 else None,
            f"{int((~self.typical).sum()):,} of {len(self.p_values):,} latents are atypical; of "
            f"ordinary latents, {self.level:.0%} would be. 95 % of {self.ordinary:,} ordinary ones "
            f"have {spans}.",
        ]
        return html_table(head, rows, texts=2, notes=notes)


class Typicality(OutlierMixin, BaseEstimator):  # type: ignore[misc]
    """Tells whether latents are typical: of those it was fitted to, or of a prior.

    Several tests look at each latent: its norm, its Mahalanobis distance, the mean distance to
    its nearest neighbours, and for a normal prior whether its entries are independent. A latent is
    called atypical where it is rarer in any of them than nearly all ordinary latents are.

    Parameters
    ----------
    prior : NormalPrior, LatentSpace or callable, optional
        What ordinary latents are drawn from, in place of latents to fit to: a prior, or a space
        for its prior.
    neighbours : int
        Over so many of the nearest the distance is averaged.
    level : float
        The share of ordinary latents that are called atypical.
    most : int
        At most so many ordinary latents are compared with; fewer where latents are very long.
    seed : int
        For the draw from the prior, or of so many of the latents.

    Attributes
    ----------
    tests_ : tuple of str
        The tests, in order.
    latent_shape_ : tuple of int
        Shape of one latent.
    n_reference_ : int
        How many ordinary latents there are.

    Raises
    ------
    LatentTypeError, LatentValueError
        From its methods, if an argument cannot be used.
    NotFittedError
        If it is asked before it was fitted, and has no prior.

    Notes
    -----
    The level is that of all tests together, by the smallest of their p-values. Where the entries of
    a normal prior have one variance, the Mahalanobis distance says what the norm says and is left
    out; of latents of more than 2,048 numbers it is left out too. The covariance of data is shrunk
    by as much as Ledoit and Wolf say. Whiteness is the test of the cumulative periodogram, and
    needs eight entries. Norms are distances from the mean.

    References
    ----------
    Nalisnick et al. 2019, "Detecting out-of-distribution inputs to deep generative models using
    typicality" (arXiv 1906.02994); Ledoit & Wolf 2004, "A well-conditioned estimator for
    large-dimensional covariance matrices".

    Examples
    --------
    >>> judge = Typicality(prior=NormalPrior(np.ones(512)), most=2000)
    >>> a, b = NormalPrior(np.ones(512))(np.random.default_rng(2), 2)
    >>> found = judge.report([a, (a + b) / 2, np.ones(512)])
    >>> found.failed
    (None, 'norm', 'whiteness')
    >>> found.words[2]
    'rarer than any of 2,000: its entries are not independent of each other'
    """

    @checked_keywords
    def __init__(
        self,
        *,
        prior: Any = None,
        neighbours: int = 5,
        level: float = 0.05,
        most: int = 10_000,
        seed: int = 0,
    ) -> None:
        self.prior = prior
        self.neighbours = neighbours
        self.level = level
        self.most = most
        self.seed = seed

    def fit(self, latents: ArrayLike | None = None, y: None = None) -> Typicality:
        """Learn what is ordinary.

        Parameters
        ----------
        latents : array_like, optional
            Ordinary latents, ``(n, *latent_shape)``, finite; to be left out where there is a prior.
        y : None
            Not used.

        Returns
        -------
        Typicality
            Itself.
        """
        neighbours = check_whole(self.neighbours, "neighbours", least=1)
        real_number(self.level, "level", least=0, most=1)
        most = check_whole(self.most, "most", least=FEWEST)
        seed = check_seed(self.seed)
        if (latents is None) == (self.prior is None):
            given = "neither latents nor" if latents is None else "both latents and"
            raise LatentValueError(
                f"fit got {given} a prior; expected one of them: "
                "Typicality().fit(latents), or Typicality(prior=...).fit()."
            )
        normal = None
        if latents is None:
            drawn = self._drawn(most, seed)
            normal = getattr(self.prior, "normal_prior", self.prior)
            normal = normal if isinstance(normal, NormalPrior) else None
        else:
            drawn = real_array(latents, "latents")
            if drawn.ndim < 2:
                raise LatentValueError(
                    f"latents have shape {drawn.shape}; expected several: (n, *latent_shape)."
                )
            drawn = check_latents(drawn, drawn.shape[1:], "latents")
            kept = min(most, max(FEWEST, MOST_NUMBERS // drawn[0].size))
            if len(drawn) > kept:
                drawn = drawn[np.random.default_rng(seed).permutation(len(drawn))[:kept]]
        self._check_reference(drawn, neighbours)
        rows = np.ascontiguousarray(drawn.reshape(len(drawn), -1))
        self._tests = FittedTests(rows, drawn.shape[1:], neighbours, normal)
        self._calibration = Calibration(self._tests.held_out)
        self.latent_shape_ = drawn.shape[1:]
        self.n_reference_ = len(drawn)
        self.tests_ = tuple(self._tests.held_out)
        return self

    def report(self, latents: ArrayLike) -> TypicalityReport:
        """Judge latents.

        Parameters
        ----------
        latents : array_like
            ``(n, *latent_shape)``, finite.

        Returns
        -------
        TypicalityReport
            For each whether it is typical, how rare it is, and which test it fails.
        """
        if not hasattr(self, "tests_"):
            if self.prior is None:
                raise UnfittedTypicalityError(
                    "this Typicality was not fitted; expected it to know what is ordinary. Call "
                    "fit(latents) first, or pass Typicality(prior=...)."
                )
            self.fit()
        level = real_number(self.level, "level", least=0, most=1)
        given = check_latents(latents, self.latent_shape_, "latents")
        values = self._tests(given.reshape(len(given), -1))
        known = self._calibration
        each = {name: known.p_values(name, one) for name, one in values.items()}
        p_values = known.together(each)
        worst = known.worst(values, each)
        high = {name: known.is_high(name, one) for name, one in values.items()}
        why = [REASONS[name][int(high[name][i])] for i, name in enumerate(worst)]
        odd = p_values <= level
        return TypicalityReport(
            p_values,
            level,
            tuple(name if is_odd else None for name, is_odd in zip(worst, odd, strict=True)),
            tuple(words if is_odd else "" for words, is_odd in zip(why, odd, strict=True)),
            tuple(self._test(name, values[name], each[name]) for name in values),
            self.n_reference_,
        )

    def score_samples(self, latents: ArrayLike) -> NDArray[np.float64]:
        """Give the p-value of each latent: the higher, the more typical, ``(n,)``."""
        return self.report(latents).p_values

    def predict(self, latents: ArrayLike) -> NDArray[np.int64]:
        """Give 1 for each typical latent and -1 for each atypical one, ``(n,)``."""
        return np.where(self.report(latents).typical, 1, -1)

    def _test(
        self, name: str, values: NDArray[np.float64], p_values: NDArray[np.float64]
    ) -> TypicalityTest:
        ordinary = self._calibration.values[name]
        low, middle, high = np.percentile(ordinary, (2.5, 50, 97.5))
        return TypicalityTest(
            name, values, p_values, float(middle), (float(low), float(high)), ordinary
        )

    def _drawn(self, most: int, seed: int) -> NDArray[np.float32]:
        """Draw ordinary latents from the prior."""
        prior = self.prior
        if hasattr(prior, "latent_shape") and hasattr(prior, "sample"):
            shape, draw = prior.latent_shape, prior.sample
        elif callable(prior):
            first = np.asarray(prior_of(prior, ())(np.random.default_rng(seed), 1))
            shape = first.shape[1:]
            draw = partial(sample, prior, shape)
        else:
            raise LatentTypeError(
                f"prior is {brief(prior)}; expected a space, or a function of a generator and a "
                "number such as lw.NormalPrior(np.ones(512))."
            )
        size = int(np.prod(shape)) or 1
        found: NDArray[np.float32] = draw(min(most, max(FEWEST, MOST_NUMBERS // size)), seed=seed)
        return found

    @staticmethod
    def _check_reference(drawn: NDArray[np.float32], neighbours: int) -> None:
        count = len(drawn)
        if count < max(FEWEST, neighbours + 2):
            raise LatentValueError(
                f"there are {count} latents and neighbours is {neighbours}; expected at least "
                f"{FEWEST} latents, and more than neighbours + 1. Fit more latents, or pass "
                "neighbours=1."
            )
        if not (drawn != drawn[0]).any():
            raise LatentValueError(
                f"all {count} latents are the same; expected some that differ. Encode different "
                "items."
            )
