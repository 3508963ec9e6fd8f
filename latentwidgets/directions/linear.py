"""Linear readouts: weights and an offset that measure an attribute of a latent.

They are fitted to standardised latents, each number of which has mean 0 and standard deviation 1,
and then rewritten so that they apply to latents as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.directions.labels import Unusable
from latentwidgets.directions.logistic import logistic
from latentwidgets.errors import LatentTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from latentwidgets.directions.labels import Attribute

__all__ = [
    "Readout",
    "auc",
    "auc_of_ranks",
    "centre_and_scale",
    "choose_penalty",
    "fit_readouts",
    "mean_ranks",
    "misfit",
    "pattern",
    "ridge_weights",
]

# Penalties of the squared weights to choose from, the strongest first. They stand beside the mean
# loss of a sample: 1 / (C n) for scikit-learn's logistic regression, alpha / n for its ridge.
PENALTIES = (1.0, 0.1, 0.01, 0.001, 0.0001)
# The choice is made by cross-validation with so many folds.
INNER_FOLDS = 3
# Fewer samples of a class than this are too few for it, and the strongest penalty is taken.
FEWEST = 8


@dataclass(frozen=True)
class Readout:
    """What measures latents: ``latents @ weights + offset``.

    Attributes
    ----------
    weights : ndarray
        float64 ``(latent_size,)``.
    offset : float
        What is added.
    """

    weights: NDArray[np.float64]
    offset: float

    def __call__(self, rows: NDArray[np.floating]) -> NDArray[np.float64]:
        """Measure flat latents, ``(n, latent_size)``: float64 ``(n,)``."""
        measured = rows @ self.weights.astype(rows.dtype)
        return np.asarray(measured, np.float64) + self.offset


def misfit(estimator: Any, attribute: Attribute) -> Unusable | None:
    """Say that an estimator cannot be fitted to an attribute; None where it can."""
    from sklearn.base import is_classifier

    if estimator is None or attribute.is_binary or not is_classifier(estimator):
        return None
    return Unusable(
        f"is continuous, and {type(estimator).__name__} tells classes",
        'Pass a regressor, such as Ridge(), or kind="classes".',
    )


@one_blas_thread()
def fit_readouts(
    rows: NDArray[np.floating],
    values: NDArray[Any],
    *,
    estimator: Any = None,
    penalties: Sequence[float] = PENALTIES,
) -> list[Readout]:
    """Fit one readout for each of several penalties.

    Parameters
    ----------
    rows : ndarray
        Flat latents, ``(n, latent_size)``, float32 or float64. They need not be standardised.
    values : ndarray
        Labels, ``(n,)``: a logistic regression is fitted to bool, a ridge regression to float64.
    estimator : scikit-learn estimator, optional
        What to fit instead of these, with the options that it has.
    penalties : sequence of float
        Of the squared weights, beside the mean loss of a sample; strong ones first. They do not
        count where there is an estimator.

    Returns
    -------
    list of Readout
        One for each penalty; or the one of the estimator.

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
        pairs = [(found[:, 0], level) for found in ridge_weights(standard, targets, penalties)]
    readouts = []
    for coefficients, intercept in pairs:
        weights = coefficients.astype(np.float64) / scale
        readouts.append(Readout(weights, float(intercept - mean @ weights)))
    return readouts


def _estimated(
    estimator: Any, rows: NDArray[np.floating], values: NDArray[Any]
) -> tuple[NDArray[np.floating], float]:
    """Fit a copy of somebody's estimator; give its weights and its intercept."""
    from sklearn.base import clone, is_classifier

    if values.dtype == np.bool_ and not is_classifier(estimator):
        values = np.where(values, 1.0, -1.0)  # a regressor's 0 then lies between the classes
    model = clone(estimator).fit(rows, values)
    coefficients = getattr(model, "coef_", None)
    if coefficients is None or np.size(coefficients) != rows.shape[1]:
        raise LatentTypeError(
            f"{type(estimator).__name__} has no coef_ of one weight a number after fitting. Pass a "
            "linear estimator, such as LogisticRegression(), LinearSVC() or Ridge()."
        )
    return np.ravel(coefficients), float(np.ravel(getattr(model, "intercept_", 0.0))[0])


def ridge_weights(
    rows: NDArray[np.floating], targets: NDArray[np.floating], penalties: Sequence[float]
) -> Iterator[NDArray[np.floating]]:
    """Solve ridge regressions, for several targets and several penalties at once.

    scikit-learn's `Ridge` gives the same for one penalty. Here all share one factorisation, so
    that hundreds of targets cost about as much as a few.

    Parameters
    ----------
    rows : ndarray
        Centred, ``(n, latent_size)``.
    targets : ndarray
        One a column, ``(n, targets)``, centred, of the dtype of the rows.
    penalties : sequence of float
        Of the squared weights, beside the mean squared error of a sample.

    Yields
    ------
    ndarray
        The weights for the next penalty, ``(latent_size, targets)``.
    """
    n, size = rows.shape
    if size <= n:
        stretches, basis = np.linalg.eigh(rows.T @ rows)
    else:
        stretches, left = np.linalg.eigh(rows @ rows.T)
        kept = stretches > 1e-6 * stretches[-1]
        stretches, left = stretches[kept], left[:, kept]
        basis = rows.T @ left / np.sqrt(stretches)
    products = basis.T @ (rows.T @ targets)
    for penalty in penalties:
        yield basis @ (products / (stretches + rows.dtype.type(penalty * n))[:, np.newaxis])


def choose_penalty(rows: NDArray[np.floating], values: NDArray[Any], seed: int) -> float:
    """Choose the penalty whose readouts score best in cross-validation; of equals the strongest.

    Parameters
    ----------
    rows, values
        As `fit_readouts` takes them.
    seed : int
        For the folds.
    """
    binary = values.dtype == np.bool_
    fewest = min(values.sum(), (~values).sum()) if binary else len(values)
    if fewest < FEWEST:
        return PENALTIES[0]
    from sklearn.metrics import r2_score
    from sklearn.model_selection import KFold, StratifiedKFold

    score = auc if binary else r2_score
    splits = (StratifiedKFold if binary else KFold)(INNER_FOLDS, shuffle=True, random_state=seed)
    scores = [
        [
            score(values[test], readout(rows[test]))
            for readout in fit_readouts(rows[train], values[train])
        ]
        for train, test in splits.split(values, values)
    ]
    return PENALTIES[int(np.argmax(np.mean(scores, axis=0)))]


def auc(values: NDArray[np.bool_], measured: NDArray[np.floating]) -> float:
    """Give the area under the ROC curve: how often a positive sample measures more than a negative.

    scikit-learn's `roc_auc_score` gives the same, and takes 1.6 ms for 300 samples; this takes
    0.03 ms, and is called for every fold and penalty.

    Parameters
    ----------
    values : ndarray
        Which samples are positive: bool ``(n,)``, some of either.
    measured : ndarray
        What a readout measures of each, ``(n,)``.

    Examples
    --------
    >>> auc(np.array([False, False, True, True]), np.array([0.1, 0.4, 0.4, 0.8]))
    0.875
    """
    return auc_of_ranks(values, mean_ranks(measured))


def mean_ranks(measured: NDArray[np.floating]) -> NDArray[np.float64]:
    """Rank numbers from 1; those that are the same share their mean rank.

    Examples
    --------
    >>> mean_ranks(np.array([0.1, 0.4, 0.4, 0.8])).tolist()
    [1.0, 2.5, 2.5, 4.0]
    """
    _, places, counts = np.unique(measured, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return np.asarray(ranks[places], np.float64)


def auc_of_ranks(values: NDArray[np.bool_], ranks: NDArray[np.float64]) -> float:
    """Give what `auc` gives, of what `mean_ranks` made of the measurements."""
    yes = int(values.sum())
    above = ranks[values].sum() - yes * (yes + 1) / 2
    return float(above / (yes * (len(values) - yes)))


def centre_and_scale(
    rows: NDArray[np.floating],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give mean and standard deviation of every column: float64 ``(latent_size,)`` each.

    The standard deviation of a column that does not vary is given as infinity: divided by it, the
    column becomes 0 and gets no weight.
    """
    mean = rows.mean(axis=0, dtype=np.float64)
    scale = rows.std(axis=0, dtype=np.float64)
    scale[scale == 0] = np.inf
    return mean, scale


def pattern(rows: NDArray[np.floating], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the pattern of a readout: the covariance of the latents times its weights.

    Latents change along it as what the readout measures grows. The covariance itself, which may be
    large, is never made.

    Parameters
    ----------
    rows : ndarray
        Flat latents, ``(n, latent_size)``, with a mean near 0.
    weights : ndarray
        The readout's, float64 ``(latent_size,)``.

    Returns
    -------
    ndarray
        float64 ``(latent_size,)``.

    References
    ----------
    Haufe et al. 2014, "On the interpretation of weight vectors of linear models in multivariate
    neuroimaging", NeuroImage 87.
    """
    measured = rows @ weights.astype(rows.dtype)
    measured = measured - measured.mean(dtype=np.float64).astype(rows.dtype)
    # Rows far from 0 would make this a sum of large numbers that cancel; those of `Data` are not.
    return np.asarray(measured @ rows, np.float64) / (len(rows) - 1)
