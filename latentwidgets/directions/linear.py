"""Linear readouts: fitted on standardised latents, mapped back to latent units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.directions.logistic import logistic
from latentwidgets.errors import LatentTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from latentwidgets.directions.labels import Question

__all__ = [
    "Readout",
    "auc",
    "centre_and_scale",
    "check_fits",
    "chosen",
    "fitted",
    "pattern",
    "ridges",
]

# Penalties to choose from, a sample, the strongest first. Latents are standardised.
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


def check_fits(estimator: Any, question: Question) -> None:
    """Refuse an estimator that tells classes for a label of amounts."""
    from sklearn.base import is_classifier

    if estimator is not None and not question.is_binary and is_classifier(estimator):
        raise LatentTypeError(
            f"labels {question.name!r} are continuous, and {type(estimator).__name__} tells "
            'classes. Pass a regressor, such as Ridge(), or kind="classes".'
        )


def fitted(
    rows: NDArray[np.floating],
    values: NDArray[Any],
    *,
    estimator: Any = None,
    penalties: Sequence[float] = PENALTIES,
) -> list[Readout]:
    """Fit readouts to standardised latents, and map them back to latent units.

    Parameters
    ----------
    rows : ndarray
        Latents, ``(n, latent_size)``.
    values : ndarray
        bool ``(n,)`` for a logistic regression, else float64 for a ridge regression.
    estimator : scikit-learn estimator, optional
        What to fit instead, as it is.
    penalties : sequence of float
        Of the squared weights, a sample. Strong ones first.

    Returns
    -------
    list of Readout
        One for each penalty; one of an estimator.

    Raises
    ------
    LatentTypeError
        If the estimator is not linear.
    """
    mean, scale = centre_and_scale(rows)
    standard = (rows - mean.astype(rows.dtype)) / scale.astype(rows.dtype)
    if estimator is not None:
        pairs = [_estimated(estimator, standard, values)]
    elif values.dtype == np.bool_:
        pairs = list(logistic(standard, values, penalties))
    else:
        level = values.mean()
        targets = (values - level).astype(rows.dtype)[:, np.newaxis]
        pairs = [(found[:, 0], level) for found in ridges(standard, targets, penalties)]
    readouts = []
    for coefficients, intercept in pairs:
        weights = coefficients.astype(np.float64) / scale
        readouts.append(Readout(weights, float(intercept - mean @ weights)))
    return readouts


def _estimated(
    estimator: Any, rows: NDArray[np.floating], values: NDArray[Any]
) -> tuple[NDArray[np.floating], float]:
    """Fit an estimator; give its weights and intercept."""
    from sklearn.base import clone, is_classifier

    if values.dtype == np.bool_ and not is_classifier(estimator):
        values = np.where(values, 1.0, -1.0)  # so that 0 lies between the classes
    model = clone(estimator).fit(rows, values)
    coefficients = getattr(model, "coef_", None)
    if coefficients is None or np.size(coefficients) != rows.shape[1]:
        raise LatentTypeError(
            f"{type(estimator).__name__} has no coef_ of one weight a number after fitting. Pass a "
            "linear estimator, such as LogisticRegression(), LinearSVC() or Ridge()."
        )
    return np.ravel(coefficients), float(np.ravel(getattr(model, "intercept_", 0.0))[0])


def ridges(
    rows: NDArray[np.floating], targets: NDArray[np.floating], penalties: Sequence[float]
) -> Iterator[NDArray[np.floating]]:
    """Solve ridge regressions of centred rows, for every target and one penalty after another.

    All share one factorisation.
    """
    n, size = rows.shape
    if size <= n:
        stretches, basis = np.linalg.eigh(rows.T @ rows)
    else:
        stretches, left = np.linalg.eigh(rows @ rows.T)
        kept = stretches > 1e-6 * stretches[-1]
        stretches, left = stretches[kept], left[:, kept]
        basis = rows.T @ left / np.sqrt(stretches)
    seen = basis.T @ (rows.T @ targets)
    for penalty in penalties:
        yield basis @ (seen / (stretches + rows.dtype.type(penalty * n))[:, np.newaxis])


def chosen(rows: NDArray[np.floating], values: NDArray[Any], seed: int) -> float:
    """Choose the penalty that does best in cross-validation; of equals the strongest."""
    binary = values.dtype == np.bool_
    fewest = min(values.sum(), (~values).sum()) if binary else len(values)
    if fewest < FEWEST:
        return PENALTIES[0]
    from sklearn.metrics import r2_score
    from sklearn.model_selection import KFold, StratifiedKFold

    score = auc if binary else r2_score
    splits = (StratifiedKFold if binary else KFold)(INNER_FOLDS, shuffle=True, random_state=seed)
    scores = [
        [score(values[judge], readout(rows[judge])) for readout in fitted(rows[fit], values[fit])]
        for fit, judge in splits.split(values, values)
    ]
    return PENALTIES[int(np.argmax(np.mean(scores, axis=0)))]


def auc(values: NDArray[np.bool_], measured: NDArray[np.floating]) -> float:
    """Give the area under the ROC curve: how often one of the class measures more than another.

    Examples
    --------
    >>> auc(np.array([False, False, True, True]), np.array([0.1, 0.4, 0.4, 0.8]))
    0.875
    """
    _, places, counts = np.unique(measured, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2  # equals share theirs
    yes = int(values.sum())
    above = ranks[places][values].sum() - yes * (yes + 1) / 2
    return float(above / (yes * (len(values) - yes)))


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
