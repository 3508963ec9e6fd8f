"""Intervals of means, by bootstrap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["bootstrap_interval"]

# Of so many, 25 lie beyond either end of an interval of 95 %.
BOOTSTRAPS = 1000


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
