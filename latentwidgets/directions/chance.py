"""What is scored by chance: least-squares probes of shuffled labels, and p-values of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_whole
from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.directions.linear import centre_and_scale, ridge_weights
from latentwidgets.directions.scoring import balanced_accuracies, splits_of
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from latentwidgets.directions.scoring import Splits

__all__ = [
    "check_bootstraps",
    "check_shuffles",
    "corrected_p_values",
    "shuffle_labels",
    "shuffled_scores",
]

# Penalties of the least-squares probe that shuffled labels are scored with, as those of a readout.
CHANCE_PENALTIES = (1.0, 0.1, 0.01, 0.0001)
# Shuffled labels are scored on so many samples at most, drawn at random.
MOST_SHUFFLED = 20_000
# Nobody waits for more shuffles or bootstrap samples than this.
MOST_SAMPLES = 1_000_000
# With fewer shuffles than this no p-value can be as small as 0.01.
FEWEST_SHUFFLES = 99


def shuffled_scores(
    rows: NDArray[np.floating], values: NDArray[Any], folds: int, times: int, seed: int
) -> NDArray[np.float64]:
    """Score a least-squares probe on the labels, and on the labels shuffled many times.

    For two classes the least-squares probe is the linear discriminant. Its fits to all the
    shuffled labels, and with all penalties, share one factorisation, so that hundreds cost about
    as much as a few.

    Parameters
    ----------
    rows, values
        As `held_out_scores` takes them.
    folds : int
        The number of folds. Each is scored with a probe that was fitted to all others.
    times : int
        How often labels are shuffled.
    seed : int
        For shuffling, for the folds, and for the sample that is drawn of very many.

    Returns
    -------
    ndarray
        Balanced accuracies of bool labels, R² of others, ``(1 + times,)``: first that of the labels
        as they are. Each is the best of several penalties. Empty where `times` is 0.
    """
    if not times:
        return np.empty(0)
    rng = np.random.default_rng(seed)
    rows, values, splits, labels = shuffle_labels(rows, values, folds, times, rng)
    _, scale = centre_and_scale(rows)
    standard = rows / scale.astype(rows.dtype)  # which every fold centres for itself
    score = _discriminants if values.dtype == np.bool_ else _r_squared
    means = np.mean([score(standard, labels, *split) for split in splits], axis=0)
    return np.asarray(means.max(axis=0))


def shuffle_labels(
    rows: NDArray[np.floating],
    values: NDArray[Any],
    folds: int,
    times: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.floating], NDArray[Any], Splits, NDArray[np.floating]]:
    """Shuffle labels within their folds, so that every fold keeps as many of each class.

    Parameters
    ----------
    rows, values
        As `held_out_scores` takes them.
    folds, times
        As `shuffled_scores` takes them.
    rng : numpy.random.Generator
        What shuffles.

    Returns
    -------
    rows, values : ndarray
        The samples; of more than 20,000 that many, drawn at random, half of them of each class
        where labels are bool (fewer of a class that has fewer).
    splits : sequence of tuple of ndarray
        The folds of these.
    labels : ndarray
        ``(n, 1 + times)``, of the dtype of the rows: first as they are, then shuffled.
    """
    if len(rows) > MOST_SHUFFLED:
        groups = [np.arange(len(rows))]
        if values.dtype == np.bool_:
            groups = [np.flatnonzero(values), np.flatnonzero(~values)]
        most = MOST_SHUFFLED // len(groups)
        drawn = np.concatenate([rng.permutation(group)[:most] for group in groups])
        rows, values = rows[drawn], values[drawn]
    splits = splits_of(values, folds, int(rng.integers(2**31)))
    labels = np.repeat(values[:, np.newaxis], 1 + times, axis=1).astype(rows.dtype)
    for _, test in splits:
        for column in range(1, 1 + times):
            labels[test, column] = labels[rng.permutation(test), 0]
    return rows, values, splits, labels


@one_blas_thread()
def _discriminants(
    rows: NDArray[np.floating],
    labels: NDArray[np.floating],
    train: NDArray[np.intp],
    test: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Score linear discriminants: balanced accuracies, ``(penalties, columns of labels)``."""
    known = labels[train]
    yes = np.maximum(known.sum(axis=0), 1)
    no = np.maximum(len(train) - known.sum(axis=0), 1)
    mean = rows[train].mean(axis=0)
    fitted_to, tested_on = rows[train] - mean, rows[test] - mean
    # Each class counts as much as the other, however many samples it has.
    targets = known / yes - (1 - known) / no
    middles = (fitted_to.T @ (known / yes) + fitted_to.T @ ((1 - known) / no)) / 2
    return np.stack(
        [
            balanced_accuracies(tested_on @ weights > (middles * weights).sum(axis=0), labels[test])
            for weights in ridge_weights(fitted_to, targets, CHANCE_PENALTIES)
        ]
    )


@one_blas_thread()
def _r_squared(
    rows: NDArray[np.floating],
    labels: NDArray[np.floating],
    train: NDArray[np.intp],
    test: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Score ridge regressions: R², ``(penalties, columns of labels)``.

    It is taken relative to the variance of all labels of a column, not of those in the fold.
    """
    mean, level = rows[train].mean(axis=0), labels[train].mean(axis=0)
    fitted_to, tested_on = rows[train] - mean, rows[test] - mean
    varied = len(test) * labels.var(axis=0, dtype=np.float64)
    return np.stack(
        [
            1 - ((labels[test] - level - tested_on @ weights) ** 2).sum(axis=0) / varied
            for weights in ridge_weights(fitted_to, labels[train] - level, CHANCE_PENALTIES)
        ]
    )


def corrected_p_values(scores: Sequence[NDArray[np.float64]]) -> list[float]:
    """Give p-values of several attributes, corrected for their number.

    Parameters
    ----------
    scores : sequence of ndarray
        What `shuffled_scores` gave for each attribute, all of one length.

    Returns
    -------
    list of float
        For each attribute, how often the best score among all attributes is as good as its own
        where labels are shuffled.

    References
    ----------
    Westfall & Young 1993, "Resampling-based multiple testing": the maximum over the tests, each
    in standard deviations from its own mean.
    """
    table = np.stack(scores)
    nulls = table[:, 1:]
    scale = np.maximum(nulls.std(axis=1, keepdims=True), 1e-12)
    standard = (table - nulls.mean(axis=1, keepdims=True)) / scale
    best = standard[:, 1:].max(axis=0)
    return [float((1 + (best >= one).sum()) / (1 + len(best))) for one in standard[:, 0]]


def check_bootstraps(bootstraps: object) -> int:
    """Check the argument `bootstraps`."""
    return check_whole(bootstraps, "bootstraps", least=0, most=MOST_SAMPLES)


def check_shuffles(shuffles: object) -> int:
    """Check the argument `shuffles`: 0, or enough to tell chance at 1 %."""
    count = check_whole(shuffles, "shuffles", least=0, most=MOST_SAMPLES)
    if 0 < count < FEWEST_SHUFFLES:
        raise LatentValueError(
            f"shuffles is {count}, too few to tell chance at 1 %. Pass at least "
            f"{FEWEST_SHUFFLES}, or 0 for none."
        )
    return count
