"""Intervals of means, by bootstrap; and how often chance gives as much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["bootstrap_interval", "mean_intervals", "sign_flip_p_values"]

# Of so many, 25 lie beyond either end of an interval of 95 %.
BOOTSTRAPS = 1000
FLIPS = 1999


def bootstrap_interval(
    values: NDArray[Any], statistic: Callable[[NDArray[Any]], float], seed: int
) -> tuple[float, float]:
    """Give where 95 % of bootstrap samples of some values have a statistic.

    Examples
    --------
    >>> low, high = bootstrap_interval(np.arange(100.0), lambda some: some.mean(), seed=0)
    >>> low < 49.5 < high
    True
    """
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(values), size=(BOOTSTRAPS, len(values)))
    found = [statistic(values[some]) for some in drawn]
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def mean_intervals(values: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Give where 95 % of bootstrap samples have the mean of each row.

    Parameters
    ----------
    values : ndarray
        ``(rows, n)``; all rows are resampled alike.
    seed : int
        What is drawn.

    Returns
    -------
    ndarray
        The lower and the upper end of each, ``(rows, 2)``.

    Examples
    --------
    >>> [(low, high)] = mean_intervals(np.arange(100.0)[None], seed=0)
    >>> bool(low < 49.5 < high)
    True
    """
    count = values.shape[1]
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), BOOTSTRAPS)
    middles = values.mean(axis=1, keepdims=True)
    # Less their mean, as numbers far from 0 would be mostly rounding.
    means = middles + (values - middles) @ drawn.T / count
    return np.asarray(np.percentile(means, [2.5, 97.5], axis=1).T)


def sign_flip_p_values(values: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Say of each row how often chance gives any row a mean as far from 0 as its own.

    Chance turns the signs of whole columns at random, which leaves what is spread evenly about 0 as
    it is. The p-values are corrected for the number of rows: of rows whose means are all 0, one is
    called other than 0 at level 5 % in 5 % of cases.

    Parameters
    ----------
    values : ndarray
        ``(rows, n)``.
    seed : int
        Which signs are turned.

    Returns
    -------
    ndarray
        ``(rows,)``, at least 1 / 2000.

    References
    ----------
    Westfall & Young 1993, "Resampling-based multiple testing": the maximum over the tests.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> sign_flip_p_values(rng.normal(size=(2, 50)) + [[0.0], [2.0]], seed=0).round(3).tolist()
    [0.539, 0.0]
    """
    count = values.shape[1]
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], (FLIPS, count))
    squares = np.square(values).mean(axis=1, keepdims=True)

    def tests(means: NDArray[np.float64]) -> NDArray[np.float64]:
        variances = np.maximum(squares - means**2, 1e-12 * squares)
        found: NDArray[np.float64] = np.abs(means) / np.sqrt(np.where(squares > 0, variances, 1.0))
        return found

    own = tests(values.mean(axis=1, keepdims=True))
    by_chance = tests(values @ signs.T / count).max(axis=0, initial=0.0)
    # Of what is as large but for rounding, both are called equal.
    as_far = by_chance >= own * (1 - 1e-9)
    return np.asarray((1 + as_far.sum(axis=1)) / (1 + FLIPS))
