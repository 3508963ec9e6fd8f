"""How far to believe a probe: held-out scores, what shuffled labels score, and stability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.directions.direction import Evidence
from latentwidgets.directions.linear import chosen, fitted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from latentwidgets.directions.labels import Question

    Splits = Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]

__all__ = [
    "CHANCE_P",
    "MOST_SHUFFLED",
    "Scores",
    "balanced_accuracies",
    "corrected",
    "cosine",
    "evidence_of",
    "held_out",
    "resampled",
    "shuffled_scores",
    "splits_of",
    "warning_for",
]

# Ridge of the least-squares probe, a sample, on standardised latents.
SHRINK = 0.1
# Shuffled labels are scored on so many samples at most, drawn at random.
MOST_SHUFFLED = 20_000
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
    rows: NDArray[np.floating], values: NDArray[Any], folds: int, times: int, seed: int
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
    if len(rows) > MOST_SHUFFLED:
        drawn = rng.choice(len(rows), MOST_SHUFFLED, replace=False)
        rows, values = rows[drawn], values[drawn]
    labels = np.empty((len(values), 1 + times), rows.dtype)
    labels[:, 0] = values
    for column in range(1, 1 + times):
        labels[:, column] = rng.permutation(values)
    mean, scale = rows.mean(axis=0), rows.std(axis=0)
    scale[scale == 0] = 1
    standard = (rows - mean) / scale
    score = _discriminant if values.dtype == np.bool_ else _r_squared
    splits = splits_of(values, folds, seed)
    return np.asarray(np.mean([score(standard, labels, *split) for split in splits], axis=0))


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


def _discriminant(
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
    return balanced_accuracies((rows[judge] - mean) @ weights > middle, asked)


def balanced_accuracies(
    said: NDArray[np.bool_], asked: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Give the mean of the shares of both classes that are right, for each column.

    Parameters
    ----------
    said : ndarray
        bool ``(n, columns)``.
    asked : ndarray
        0 and 1, ``(n, columns)``.
    """
    yes = np.maximum(asked.sum(axis=0), 1)
    no = np.maximum(len(asked) - asked.sum(axis=0), 1)
    right = (said * asked).sum(axis=0) / yes + (~said * (1 - asked)).sum(axis=0) / no
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


def evidence_of(
    question: Question,
    scores: Scores,
    shuffled: NDArray[np.float64],
    p_value: float | None,
    cosines: Sequence[float],
) -> Evidence:
    """Put together what is known about one attribute.

    Parameters
    ----------
    question : Question
        What was asked.
    scores : Scores
        Held out.
    shuffled : ndarray
        What `shuffled_scores` gave.
    p_value : float or None
        What `corrected` made of it.
    cosines : sequence of float
        Between the direction and those of bootstrap samples.
    """
    nulls = shuffled[1:]
    chance = float(nulls.mean()) if len(nulls) else None
    stability = float(np.mean(cosines)) if len(cosines) else None
    beaten = p_value is None or p_value <= max(CHANCE_P, 1 / (1 + len(nulls)))
    rarest = question.rarest
    return Evidence(
        score=scores.score,
        score_name="balanced accuracy" if question.is_binary else "R²",
        spread=scores.spread,
        auc=scores.auc,
        chance=chance,
        p_value=p_value,
        stability=stability,
        counts=question.counts,
        warning=warning_for(
            scores.score,
            chance=None if beaten else chance,
            stability=stability,
            fewest=question.counts[rarest],
            what=rarest,
        ),
    )


def warning_for(
    score: float, *, chance: float | None, stability: float | None, fewest: int, what: str
) -> str | None:
    """Say in plain words why not to believe a direction, or None.

    Parameters
    ----------
    score : float
        Held out.
    chance : float or None
        What shuffled labels score, where the score is not beyond that.
    stability : float or None
        Mean cosine to the directions of bootstrap samples.
    fewest : int
        How many samples there are of what there is least of.
    what : str
        What that is.
    """
    doubts = []
    if chance is not None:
        doubts.append(f"scores {score:.2f}, and shuffled labels {chance:.2f}: within chance")
    if fewest < FEW:
        doubts.append(f"rests on only {fewest} {what}")
    if stability is not None and stability < UNSTABLE:
        doubts.append(f"changes from sample to sample (stability {stability:.2f})")
    if not doubts:
        return None
    sentence = "; ".join(doubts)
    return sentence[0].upper() + sentence[1:] + "."
