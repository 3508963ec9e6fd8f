"""Linear readouts: fitted on standardised latents, mapped back to latent units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.errors import LatentTypeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Readout", "candidates", "chosen", "fitted", "pattern"]

# Weights of the penalty to choose from, a sample, the strongest first. Latents are standardised.
PENALTIES = (1.0, 0.1, 0.01, 0.001, 0.0001)
# The share of samples on which the choice is judged.
JUDGED = 0.25
# With fewer of a class there is nothing to judge by: the strongest penalty is taken.
FEWEST = 8


@dataclass(frozen=True)
class Readout:
    """Weights and offset, in latent units: ``latents @ weights + offset``."""

    weights: NDArray[np.float64]
    offset: float

    def __call__(self, rows: NDArray[np.floating]) -> NDArray[np.float64]:
        """Measure latents, ``(n, latent_size)``."""
        measured = rows @ self.weights.astype(rows.dtype)
        return np.asarray(measured, np.float64) + self.offset


def candidates(binary: bool, n: int) -> list[Any]:
    """Give the estimators that regularisation is chosen from, for n samples."""
    from sklearn.linear_model import LogisticRegression, Ridge

    if binary:
        return [
            LogisticRegression(C=1 / (penalty * n), class_weight="balanced", max_iter=1000)
            for penalty in PENALTIES
        ]
    return [Ridge(alpha=penalty * n) for penalty in PENALTIES]


def fitted(estimator: Any, rows: NDArray[np.floating], values: NDArray[Any]) -> Readout:
    """Fit an estimator to standardised latents, and map what it found back to latent units.

    Raises
    ------
    LatentTypeError
        If it is no linear estimator.
    """
    from sklearn.base import clone

    mean = rows.mean(axis=0, dtype=np.float64)
    scale = rows.std(axis=0, dtype=np.float64)
    scale[scale == 0] = 1.0
    standard = (rows - mean.astype(rows.dtype)) / scale.astype(rows.dtype)
    model = clone(estimator).fit(standard, values)
    coefficients = getattr(model, "coef_", None)
    if coefficients is None or np.size(coefficients) != rows.shape[1]:
        raise LatentTypeError(
            f"{type(estimator).__name__} has no coef_ of one weight a number after fitting. Pass a "
            "linear estimator, such as LogisticRegression(), LinearSVC() or Ridge()."
        )
    weights = np.asarray(coefficients, np.float64).ravel() / scale
    intercept = float(np.ravel(getattr(model, "intercept_", 0.0))[0])
    return Readout(weights, intercept - float(mean @ weights))


def chosen(
    estimators: list[Any], rows: NDArray[np.floating], values: NDArray[Any], seed: int
) -> int:
    """Choose the estimator that does best on a quarter of the samples, fitted to the others.

    Returns
    -------
    int
        Its index; of equals the first.
    """
    fewest = len(values) if values.dtype != np.bool_ else min(values.sum(), (~values).sum())
    if len(estimators) == 1 or fewest < FEWEST:
        return 0
    from sklearn.metrics import r2_score, roc_auc_score
    from sklearn.model_selection import train_test_split

    stratify = values if values.dtype == np.bool_ else None
    fit, judge = train_test_split(
        np.arange(len(rows)), test_size=JUDGED, random_state=seed, stratify=stratify
    )
    score = roc_auc_score if stratify is not None else r2_score
    scores = [
        score(values[judge], fitted(estimator, rows[fit], values[fit])(rows[judge]))
        for estimator in estimators
    ]
    return int(np.argmax(scores))


def pattern(rows: NDArray[np.floating], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the covariance of the latents times the weights, without making the covariance.

    References
    ----------
    Haufe et al. 2014, "On the interpretation of weight vectors of linear models in multivariate
    neuroimaging", NeuroImage 87.
    """
    measured = rows @ weights.astype(rows.dtype)
    measured = measured - measured.mean(dtype=np.float64).astype(rows.dtype)
    return np.asarray(measured @ rows, np.float64) / (len(rows) - 1)
