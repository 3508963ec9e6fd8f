"""Linear readouts: fitted on standardised latents, mapped back to latent units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.errors import LatentTypeError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.directions.labels import Question

__all__ = [
    "Readout",
    "candidates",
    "centre_and_scale",
    "check_fits",
    "chosen",
    "fitted",
    "pattern",
]

# Weights of the penalty to choose from, a sample, the strongest first. Latents are standardised.
PENALTIES = (1.0, 0.1, 0.01, 0.001, 0.0001)
# Folds that the choice is judged on.
INNER_FOLDS = 3
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


def check_fits(estimator: Any, question: Question) -> None:
    """Refuse an estimator that tells classes for a label of amounts."""
    from sklearn.base import is_classifier

    if estimator is not None and not question.is_binary and is_classifier(estimator):
        raise LatentTypeError(
            f"labels {question.name!r} are continuous, and {type(estimator).__name__} tells "
            'classes. Pass a regressor, such as Ridge(), or kind="classes".'
        )


def fitted(estimator: Any, rows: NDArray[np.floating], values: NDArray[Any]) -> Readout:
    """Fit an estimator to standardised latents, and map what it found back to latent units.

    Raises
    ------
    LatentTypeError
        If it is no linear estimator.
    """
    from sklearn.base import clone, is_classifier

    mean, scale = centre_and_scale(rows)
    standard = (rows - mean.astype(rows.dtype)) / scale.astype(rows.dtype)
    if values.dtype == np.bool_ and not is_classifier(estimator):
        values = np.where(values, 1.0, -1.0)  # so that 0 lies between the classes
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
    """Choose the estimator that does best in cross-validation.

    Returns
    -------
    int
        Its index; of equals the first.
    """
    fewest = len(values) if values.dtype != np.bool_ else min(values.sum(), (~values).sum())
    if len(estimators) == 1 or fewest < FEWEST:
        return 0
    from sklearn.metrics import r2_score, roc_auc_score
    from sklearn.model_selection import KFold, StratifiedKFold

    binary = values.dtype == np.bool_
    score = roc_auc_score if binary else r2_score
    splits = (StratifiedKFold if binary else KFold)(INNER_FOLDS, shuffle=True, random_state=seed)
    scores = [
        [
            score(values[judge], fitted(estimator, rows[fit], values[fit])(rows[judge]))
            for estimator in estimators
        ]
        for fit, judge in splits.split(rows, values)
    ]
    return int(np.argmax(np.mean(scores, axis=0)))


def centre_and_scale(
    rows: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give mean and standard deviation of every column; infinity for one that does not vary.

    What is divided by it then is 0, and so is the weight of that column.
    """
    mean = rows.mean(axis=0, dtype=np.float64)
    scale = rows.std(axis=0, dtype=np.float64)
    scale[scale == 0] = np.inf
    return mean, scale


def pattern(rows: NDArray[np.floating], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the covariance of the latents times the weights, without making the covariance.

    References
    ----------
    Haufe et al. 2014, "On the interpretation of weight vectors of linear models in multivariate
    neuroimaging", NeuroImage 87.
    """
    measured = rows @ weights.astype(rows.dtype)
    measured = measured - measured.mean(dtype=np.float64).astype(rows.dtype)
    # `Data` keeps rows near 0, so that this is no sum of large numbers.
    return np.asarray(measured @ rows, np.float64) / (len(rows) - 1)
