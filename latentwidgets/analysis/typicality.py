"""`Typicality`: whether a latent lies where the model knows what it does."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.exceptions import NotFittedError

from latentwidgets.analysis.typicality_report import TypicalityReport, report_of
from latentwidgets.analysis.typicality_tests import (
    FEWEST,
    LARGEST_COVARIANCE,
    Calibration,
    FittedTests,
)
from latentwidgets.common.attributes import attribute, has
from latentwidgets.common.checks import (
    check_seed,
    check_sizes,
    check_whole,
    real_array,
    real_number,
    seed_after,
)
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.pieces import outcome
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.as_space import within
from latentwidgets.space.latent_source import LatentSource
from latentwidgets.space.latents import check_latents
from latentwidgets.space.priors import NormalPrior, prior_of, sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.common.pieces import Pieces, Steps

__all__ = ["Typicality", "UnfittedTypicalityError", "typicality_steps"]

# Of the ordinary latents of all tests at most so many numbers are kept.
MOST_NUMBERS = 2**26


class UnfittedTypicalityError(LatentValueError, NotFittedError):  # type: ignore[misc]
    """A `Typicality` that was neither fitted nor given a prior."""


class Typicality(OutlierMixin, BaseEstimator):  # type: ignore[misc]
    """Tells whether latents are typical: of those it was fitted to, or of a prior.

    Several tests look at each latent: its norm, its Mahalanobis distance, the mean distance to
    its nearest neighbours, and for a normal prior whether its entries are independent. A latent is
    called atypical where it is rarer in any of them than nearly all ordinary latents are.

    Parameters
    ----------
    prior : NormalPrior, LatentSpace or callable, optional
        What ordinary latents are drawn from, in place of latents to fit to: a prior, or a space
        for its prior, such as `latentwidgets.demo.digits` holds.
    around_zero : bool, optional
        Whether zero is ordinary whatever the latents are, as in the space of a language model,
        where it is the model unsteered: no latent is then too near the middle. If None, as the
        space says that is the prior; False without one.
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
    out. The covariance of data is shrunk by as much as Ledoit and Wolf say, with each number in
    units of its own standard deviation. Of latents of more than 2,048 numbers the distance is left
    out too: there nothing may see that a number has left what it hardly ever leaves. Whiteness is
    the test of the cumulative periodogram, and needs eight entries. Norms and Mahalanobis distances
    are from the mean, and rare where they are small, too. With `around_zero` they are from zero and
    rare only where they are large, a distance to neighbours is at most that to zero, of the
    ordinary latents as well, and whiteness is left out. A latent that is among those it was fitted
    to is compared with all others.

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
        around_zero: bool | None = None,
        neighbours: int = 5,
        level: float = 0.05,
        most: int = 10_000,
        seed: int = 0,
    ) -> None:
        self.prior = prior
        self.around_zero = around_zero
        self.neighbours = neighbours
        self.level = level
        self.most = most
        self.seed = seed

    def _checked(self) -> tuple[int, float, int, int]:
        """Check the numbers, all but the prior, in order.

        Not before they are used: scikit-learn clones and searches by parameters as they are.
        """
        return (
            check_whole(self.neighbours, "neighbours", least=1),
            real_number(self.level, "level", least=0, most=1),
            check_whole(self.most, "most", least=FEWEST),
            check_seed(self.seed),
        )

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
        return outcome(self._steps(latents))

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
        level = self._checked()[1]
        given = check_latents(latents, self.latent_shape_, "latents")
        values = self._tests(given.reshape(len(given), -1))
        return report_of(TypicalityReport, self._calibration, values, level)

    def score_samples(self, latents: ArrayLike) -> NDArray[np.float64]:
        """Give the p-value of each latent: the higher, the more typical, ``(n,)``."""
        return self.report(latents).p_values

    def predict(self, latents: ArrayLike) -> NDArray[np.int64]:
        """Give 1 for each typical latent and -1 for each atypical one, ``(n,)``."""
        return np.where(self.report(latents).typical, 1, -1)

    def _steps(
        self,
        latents: ArrayLike | None,
        pieces: Pieces | None = None,
        largest: int = LARGEST_COVARIANCE,
        at_once: int = MOST_NUMBERS,
    ) -> Steps[Typicality]:
        """Learn step by step what is ordinary; of a prior at most so many are drawn at once."""
        neighbours, _, most, seed = self._checked()
        if (latents is None) == (self.prior is None):
            given = "neither latents nor" if latents is None else "both latents and"
            raise LatentValueError(
                f"fit got {given} a prior; expected one of them: "
                "Typicality().fit(latents), or Typicality(prior=...).fit()."
            )
        normal, passed = None, None
        if latents is None:
            found = []
            for some in self._drawn(most, seed, at_once):
                found.append(some)
                yield
            drawn = np.concatenate(found)
            prior = within(self.prior)
            normal = getattr(prior, "normal_prior", prior)
            normal = normal if isinstance(normal, NormalPrior) else None
        else:
            drawn = real_array(latents, "latents")
            if drawn.ndim < 2:
                raise LatentValueError(
                    f"latents have shape {drawn.shape}; expected several: (n, *latent_shape)."
                )
            drawn = check_latents(drawn, drawn.shape[1:], "latents")
            passed, kept = len(drawn), min(most, _room(drawn[0].size))
            if passed > kept:
                drawn = drawn[np.random.default_rng(seed).permutation(len(drawn))[:kept]]
        rows = np.ascontiguousarray(drawn.reshape(len(drawn), -1))
        tests = yield from FittedTests.steps(
            rows,
            drawn.shape[1:],
            neighbours,
            normal,
            around_zero=self._is_around_zero(),
            pieces=pieces,
            largest=largest,
            ways=_ways(passed, len(rows), neighbours, most, _room(rows.shape[1])),
        )
        self._tests = tests
        self._calibration = Calibration(tests.held_out, around_zero=tests.around_zero)
        self.latent_shape_ = drawn.shape[1:]
        self.n_reference_ = len(drawn)
        self.tests_ = tuple(self._tests.held_out)
        return self

    def _is_around_zero(self) -> bool:
        given = self.around_zero
        if given is None:
            return bool(getattr(within(self.prior), "is_zero_unchanged", False))
        if not isinstance(given, (bool, np.bool_)):
            raise LatentTypeError(f"around_zero is {brief(given)}; expected True, False or None.")
        return bool(given)

    def _drawn(self, most: int, seed: int, at_once: int) -> Iterator[NDArray[np.float32]]:
        """Draw ordinary latents from the prior, some at a time, each time with another seed."""
        prior = within(self.prior)
        draw: Callable[..., NDArray[np.float32]]
        if isinstance(prior, LatentSource):
            shape, draw = prior.latent_shape, prior.sample
        elif isinstance(attribute(prior, "latent_shape"), tuple) and has(prior, "sample"):
            shape = check_sizes(prior.latent_shape, "prior.latent_shape")

            def sampled(count: int, seed: int) -> NDArray[np.float32]:
                return check_latents(prior.sample(count, seed=seed), shape, "samples of the prior")

            draw = sampled
        elif callable(prior):
            first = np.asarray(prior_of(prior, ())(np.random.default_rng(seed), 1))
            shape = first.shape[1:]
            draw = partial(sample, prior, shape)
        else:
            raise LatentTypeError(
                f"prior is {brief(prior)}; expected a space, or a function of a generator and a "
                "number such as lw.NormalPrior(np.ones(512))."
            )
        count = min(most, _room(int(np.prod(shape)) or 1))
        for number, start in enumerate(range(0, count, at_once)):
            yield draw(min(at_once, count - start), seed=seed_after(seed, number))


def _room(size: int) -> int:
    """Give how many latents of so many numbers are kept at most."""
    return max(FEWEST, MOST_NUMBERS // size)


def _ways(passed: int | None, kept: int, neighbours: int, most: int, room: int) -> list[str]:
    """Say what to pass so that there are enough latents; `passed` is None where they are drawn."""
    wanted = max(FEWEST, neighbours + 2)
    if wanted > room and kept >= FEWEST:
        return []  # so many are never kept
    ways = ["more ordinary ones"] if passed is not None and passed < wanted else []
    ways += [f"most={wanted} or more"] if most < wanted <= room else []
    return [" and ".join(ways)] if ways else []


def typicality_steps(
    judge: Typicality,
    latents: NDArray[np.float32] | None,
    *,
    pieces: Pieces,
    largest: int,
    at_once: int,
) -> Steps[Typicality]:
    """Fit a `Typicality`, step by step.

    Parameters
    ----------
    judge : Typicality
        What is fitted.
    latents : ndarray or None
        Ordinary latents, ``(n, *latent_shape)``; None where it has a prior.
    pieces : Pieces
        How long a step takes, where it can be cut.
    largest : int
        The covariance of latents of more numbers is left out: it cannot be cut into steps.
    at_once : int
        So many latents are drawn from a prior in one step.

    Raises
    ------
    LatentTypeError, LatentValueError
        As `Typicality.fit`.
    """
    return judge._steps(latents, pieces, largest, at_once)
