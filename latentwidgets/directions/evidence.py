"""How far to believe a probe: held-out scores, what shuffled labels score, and stability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.directions.linear import chosen, fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Splits = Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]

__all__ = [
    "Scores",
    "corrected",
    "cosine",
    "held_out",
    "resampled",
    "shuffled_scores",
    "splits_of",
    "warning_for",
]

# Ridge of the least-squares probe, a sample, on standardised latents.
SHRINK = 0.1
# Columns of shuffled labels that are scored at a time.
BLOCK = 64
# When to warn.
CHANCE_P = 0.01
FEW = 20
UNSTABLE = 0.5


@dataclass(frozen=True)
class Scores:
    """Scores of one probe on data that it was not fitted to.

    Attributes
    ----------
    score, spread : float
        Mean and standard deviation over the folds.
    auc : float or None
        Where there are two classes.
    choice : int
        The estimator chosen in most folds.
    """

    score: float
    spread: float
    auc: float | None
    choice: int


def splits_of(values: NDArray[Any], folds: int, seed: int) -> Splits:
    """Split samples into folds, stratified where there are two classes."""
    from sklearn.model_selection import KFold, StratifiedKFold

    cls = StratifiedKFold if values.dtype == np.bool_ else KFold
    return list(cls(folds, shuffle=True, random_state=seed).split(values, values))


def held_out(
    estimators: list[Any],
    rows: NDArray[np.floating],
    values: NDArray[Any],
    splits: Splits,
    seed: int,
) -> Scores:
    """Score on every fold a probe that was chosen and fitted without it.

    Returns
    -------
    Scores
        Balanced accuracy and area under the ROC curve, or R².
    """
    from sklearn.metrics import balanced_accuracy_score, r2_score, roc_auc_score

    binary = values.dtype == np.bool_
    scores, areas, choices = [], [], []
    for fit, judge in splits:
        choice = chosen(estimators, rows[fit], values[fit], seed)
        measured = fitted(estimators[choice], rows[fit], values[fit])(rows[judge])
        choices.append(choice)
        if binary:
            scores.append(balanced_accuracy_score(values[judge], measured > 0))
            areas.append(roc_auc_score(values[judge], measured))
        else:
            scores.append(r2_score(values[judge], measured))
    return Scores(
        float(np.mean(scores)),
        float(np.std(scores)),
        float(np.mean(areas)) if binary else None,
        int(np.bincount(choices).argmax()),
    )


def shuffled_scores(
    rows: NDArray[np.floating], values: NDArray[Any], splits: Splits, times: int, seed: int
) -> NDArray[np.float64]:
    """Score a least-squares probe on the labels, and on the labels shuffled many times.

    For two classes the least-squares probe is the linear discriminant. Its fits to all the
    shuffled labels share one factorisation, so that hundreds cost about as much as a few.

    Returns
    -------
    ndarray
        ``(1 + times,)``: first the score of the labels as they are.
    """
    rng = np.random.default_rng(seed)
    labels = np.empty((len(values), 1 + times), rows.dtype)
    labels[:, 0] = values
    for column in range(1, 1 + times):
        labels[:, column] = rng.permutation(values)
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale[scale == 0] = 1
    standard = (rows - mean) / scale
    score = _balanced_accuracies if values.dtype == np.bool_ else _r_squared
    return np.mean([score(standard, labels, *split) for split in splits], axis=0)


def _solved(rows: NDArray[np.floating], targets: NDArray[np.floating]) -> NDArray[np.floating]:
    """Solve ridge regressions of centred rows that share their matrix."""
    n, size = rows.shape
    ridge = rows.dtype.type(SHRINK * n)
    if size <= n:
        gram = rows.T @ rows
        gram.flat[:: size + 1] += ridge
        return np.asarray(np.linalg.solve(gram, rows.T @ targets))
    gram = rows @ rows.T
    gram.flat[:: n + 1] += ridge
    return np.asarray(rows.T @ np.linalg.solve(gram, targets))


def _balanced_accuracies(
    rows: NDArray[np.floating],
    labels: NDArray[np.floating],
    fit: NDArray[np.intp],
    judge: NDArray[np.intp],
) -> NDArray[np.float64]:
    known, asked = labels[fit], labels[judge]
    yes = np.maximum(known.sum(axis=0), 1)
    no = np.maximum(len(fit) - yes, 1)
    mean = rows[fit].mean(axis=0)
    # Each class counts as much as the other, however many it has.
    weights = _solved(rows[fit] - mean, known / yes - (1 - known) / no)
    there = (rows[fit] - mean) @ weights
    middle = ((there * known).sum(axis=0) / yes + (there * (1 - known)).sum(axis=0) / no) / 2
    said = (rows[judge] - mean) @ weights > middle
    positives = np.maximum(asked.sum(axis=0), 1)
    negatives = np.maximum(len(judge) - asked.sum(axis=0), 1)
    right = (said * asked).sum(axis=0) / positives + (~said * (1 - asked)).sum(axis=0) / negatives
    return np.asarray(right / 2, np.float64)


def _r_squared(
    rows: NDArray[np.floating],
    labels: NDArray[np.floating],
    fit: NDArray[np.intp],
    judge: NDArray[np.intp],
) -> NDArray[np.float64]:
    mean, level = rows[fit].mean(axis=0), labels[fit].mean(axis=0)
    weights = _solved(rows[fit] - mean, labels[fit] - level)
    missed = labels[judge] - level - (rows[judge] - mean) @ weights
    varied = labels[judge] - labels[judge].mean(axis=0)
    return np.asarray(1 - (missed**2).sum(axis=0) / (varied**2).sum(axis=0), np.float64)


def corrected(shuffled: Sequence[NDArray[np.float64]]) -> list[float]:
    """Turn scores of labels and of shuffled labels into p-values, for several attributes at once.

    Parameters
    ----------
    shuffled : sequence of ndarray
        What `shuffled_scores` gave for each attribute.

    Returns
    -------
    list of float
        How often the best of all attributes, shuffled, does as well as this one does.

    References
    ----------
    Westfall & Young 1993, "Resampling-based multiple testing": the maximum over the tests, each
    in standard deviations from its own mean.
    """
    table = np.stack(shuffled)
    nulls = table[:, 1:]
    scale = np.maximum(nulls.std(axis=1, keepdims=True), 1e-12)
    standard = (table - nulls.mean(axis=1, keepdims=True)) / scale
    best = standard[:, 1:].max(axis=0)
    return [float((1 + (best >= one).sum()) / (1 + len(best))) for one in standard[:, 0]]


def resampled(values: NDArray[Any], times: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """Draw bootstrap samples: rows with replacement, from each class as many as it has."""
    rng = np.random.default_rng(seed)
    groups = [np.arange(len(values))]
    if values.dtype == np.bool_:
        groups = [np.flatnonzero(values), np.flatnonzero(~values)]
    for _ in range(times):
        yield np.concatenate([rng.choice(group, len(group)) for group in groups])


def cosine(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """Give the cosine of the angle between two vectors; 0 where one is zero."""
    norms = float(np.linalg.norm(a)) * float(np.linalg.norm(b))
    return float(a @ b) / norms if norms else 0.0


def warning_for(
    *,
    score: float | None = None,
    chance: float | None = None,
    p_value: float | None = None,
    stability: float | None = None,
    fewest: int | None = None,
    what: str = "samples",
    text: Callable[[float], str] = "{:.2f}".format,
) -> str | None:
    """Say in plain words why not to believe a direction, or None."""
    doubts = []
    if p_value is not None and p_value > CHANCE_P and score is not None and chance is not None:
        doubts.append(f"scores {text(score)}, and shuffled labels {text(chance)}: within chance")
    if fewest is not None and fewest < FEW:
        doubts.append(f"rests on only {fewest} {what}")
    if stability is not None and stability < UNSTABLE:
        doubts.append(f"changes from sample to sample (stability {text(stability)})")
    if not doubts:
        return None
    sentence = "; ".join(doubts)
    return sentence[0].upper() + sentence[1:] + "."
