"""Logistic regression for many penalties: scikit-learn's, without what each call of it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = ["logistic"]

# When the search ends, as in scikit-learn: the largest slope, and the least change of the loss.
SLOPE, CHANGE = 1e-4, 64 * float(np.finfo(np.float64).eps)
MOST_STEPS = 1000


def logistic(
    rows: NDArray[np.floating], values: NDArray[np.bool_], penalties: Sequence[float]
) -> Iterator[tuple[NDArray[np.float64], float]]:
    """Fit logistic regressions to two classes that count the same, however many each has.

    Parameters
    ----------
    rows : ndarray
        Standardised latents, ``(n, latent_size)``.
    values : ndarray
        bool ``(n,)``, some of each.
    penalties : sequence of float
        Of the squared weights, a sample. Strong ones first: each fit begins where the one before
        it ended.

    Yields
    ------
    weights : ndarray
        float64 ``(latent_size,)``.
    intercept : float
        It is not penalised.

    Examples
    --------
    >>> rows = np.array([[-1.0, 0.3], [-2.0, -0.3], [1.0, 0.3], [2.0, -0.3]])
    >>> weights, intercept = next(logistic(rows, np.array([False, False, True, True]), [0.1]))
    >>> weights.round(2).tolist(), abs(round(intercept, 2))
    ([1.46, 0.0], 0.0)
    """
    from scipy.optimize import minimize

    parts = np.where(values, 0.5 / values.sum(), 0.5 / (~values).sum())
    targets = values.astype(np.float64)
    found = np.zeros(rows.shape[1] + 1)

    def loss(given: NDArray[np.float64], penalty: float) -> tuple[float, NDArray[np.float64]]:
        """Give the mean loss and its slope, at weights and intercept."""
        weights = given[:-1]
        odds = (rows @ weights.astype(rows.dtype)).astype(np.float64) + given[-1]
        small = np.exp(-np.abs(odds))  # so that nothing overflows
        losses = np.maximum(odds, 0) + np.log1p(small) - targets * odds
        misses = parts * (np.where(odds >= 0, 1.0, small) / (1 + small) - targets)
        slope = misses.astype(rows.dtype) @ rows + penalty * weights
        total = parts @ losses + penalty / 2 * (weights @ weights)
        return float(total), np.append(slope, misses.sum())

    options = {"gtol": SLOPE, "ftol": CHANGE, "maxiter": MOST_STEPS}
    for penalty in penalties:
        found = minimize(
            loss, found, args=(penalty,), jac=True, method="L-BFGS-B", options=options
        ).x
        yield found[:-1], float(found[-1])
