"""How far to believe a probe: held-out scores, what shuffled labels score, and stability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_whole
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.linear import auc, centre_and_scale, chosen, fitted, ridges
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from latentwidgets.directions.labels import Question

    Splits = Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]

__all__ = [
    "CHANCE_P",
    "Scores",
    "balanced_accuracies",
    "check_shuffles",
    "corrected",
    "cosine",
    "evidence_of",
    "held_out",
    "resampled",
    "shuffled",
    "shuffled_scores",
    "splits_of",
    "warning_for",
]

# Penalties of the least-squares probe, a sample, on standardised latents.
PENALTIES = (1.0, 0.1, 0.01, 0.0001)
# Shuffled labels are scored on so many samples at most, drawn at random.
MOST_SHUFFLED = 20_000
# With fewer shuffles than this no score is beyond chance.
FEWEST_SHUFFLES = 99
# When to warn.
CHANCE_P = 0.01
FEW = 20
# Bootstrap samples share the noise of the data: directions of pure noise have about 0.7.
UNSTABLE = 0.8


@dataclass(frozen=True)
class Scores:
    """Scores of one probe on data that it was not fitted to.

    Attributes
    ----------
    score, spread : float
        Mean and standard deviation over the folds.
    auc : float or None
        Where there are two classes.
    penalty : float
        The one chosen in most folds; 0 where there was none to choose.
    """

    score: float
    spread: float
    auc: float | None
    penalty: float = 0.0


def splits_of(values: NDArray[Any], folds: int, seed: int) -> Splits:
    """Split samples into folds, stratified where there are two classes."""
    from sklearn.model_selection import KFold, StratifiedKFold

    cls = StratifiedKFold if values.dtype == np.bool_ else KFold
    return list(cls(folds, shuffle=True, random_state=seed).split(values, values))


def held_out(
    rows: NDArray[np.floating], values: NDArray[Any], splits: Splits, seed: int, estimator: Any
) -> Scores:
    """Score on every fold a probe that was chosen and fitted without it.

    Returns
    -------
    Scores
        Balanced accuracy and area under the ROC curve, or R².
    """
    from sklearn.metrics import r2_score

    binary = values.dtype == np.bool_
    scores, areas, penalties = [], [], []
    for fit, judge in splits:
        penalty = 0.0 if estimator is not None else chosen(rows[fit], values[fit], seed)
        penalties.append(penalty)
        readout = fitted(rows[fit], values[fit], estimator=estimator, penalties=[penalty])[0]
        asked, measured = values[judge], readout(rows[judge])
        if binary:
            scores.append(balanced_accuracies(measured[:, None] > 0, asked[:, None] * 1.0)[0])
            areas.append(auc(asked, measured))
        else:
            scores.append(r2_score(asked, measured))
    return Scores(
        float(np.mean(scores)),
        float(np.std(scores)),
        float(np.mean(areas)) if binary else None,
        max(sorted(set(penalties), reverse=True), key=penalties.count),
    )


def shuffled_scores(
    rows: NDArray[np.floating], values: NDArray[Any], folds: int, times: int, seed: int
) -> NDArray[np.float64]:
    """Score a least-squares probe on the labels, and on the labels shuffled many times.

    For two classes the least-squares probe is the linear discriminant. Its fits to all the
    shuffled labels, and with all penalties, share one factorisation, so that hundreds cost about
    as much as a few.

    Returns
    -------
    ndarray
        ``(1 + times,)``: first the score of the labels as they are. Each is that of the penalty
        that is best for it. Without any times, nothing.
    """
    if not times:
        return np.empty(0)
    rng = np.random.default_rng(seed)
    rows, values, splits, labels = shuffled(rows, values, folds, times, rng)
    mean, scale = centre_and_scale(rows)
    standard = (rows - mean.astype(rows.dtype)) / scale.astype(rows.dtype)
    score = _discriminants if values.dtype == np.bool_ else _r_squared
    means = np.mean([score(standard, labels, *split) for split in splits], axis=0)
    return np.asarray(means.max(axis=0))


def shuffled(
    rows: NDArray[np.floating],
    values: NDArray[Any],
    folds: int,
    times: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.floating], NDArray[Any], Splits, NDArray[np.floating]]:
    """Shuffle labels within their folds, which leaves every fold as many of each class.

    Returns
    -------
    rows, values, splits
        As many of the samples as are needed, of each class as many as there are or half of it.
    labels : ndarray
        ``(n, 1 + times)``, of the dtype of the rows: first as they are.
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
    for _, judge in splits:
        for column in range(1, 1 + times):
            labels[judge, column] = labels[rng.permutation(judge), 0]
    return rows, values, splits, labels


def _discriminants(
    rows: NDArray[np.floating],
    labels: NDArray[np.floating],
    fit: NDArray[np.intp],
    judge: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Give balanced accuracies, ``(penalties, columns)``."""
    known = labels[fit]
    yes = np.maximum(known.sum(axis=0), 1)
    no = np.maximum(len(fit) - known.sum(axis=0), 1)
    mean = rows[fit].mean(axis=0)
    there, asked = rows[fit] - mean, rows[judge] - mean
    # Each class counts as much as the other, however many it has.
    targets = known / yes - (1 - known) / no
    middles = (there.T @ (known / yes) + there.T @ ((1 - known) / no)) / 2
    return np.stack(
        [
            balanced_accuracies(asked @ weights > (middles * weights).sum(axis=0), labels[judge])
            for weights in ridges(there, targets, PENALTIES)
        ]
    )


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
    """Give R² over the variance of all labels, ``(penalties, columns)``."""
    mean, level = rows[fit].mean(axis=0), labels[fit].mean(axis=0)
    there, asked = rows[fit] - mean, rows[judge] - mean
    varied = len(judge) * labels.var(axis=0, dtype=np.float64)
    return np.stack(
        [
            1 - ((labels[judge] - level - asked @ weights) ** 2).sum(axis=0) / varied
            for weights in ridges(there, labels[fit] - level, PENALTIES)
        ]
    )


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


def check_shuffles(shuffles: object) -> int:
    """Take none, or enough shuffles to tell chance at 1 %."""
    count = check_whole(shuffles, "shuffles", least=0)
    if 0 < count < FEWEST_SHUFFLES:
        raise LatentValueError(
            f"shuffles is {count}, too few to tell chance at 1 %. Pass at least "
            f"{FEWEST_SHUFFLES}, or 0 for none."
        )
    return count


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
    beaten = p_value is None or p_value <= CHANCE_P
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
        mine, theirs = round(score, 2) + 0.0, round(chance, 2) + 0.0  # never "-0.00"
        doubts.append(f"scores {mine:.2f}, and shuffled labels {theirs:.2f}: within chance")
    if fewest < FEW:
        doubts.append(f"rests on only {fewest} {what}")
    if stability is not None and stability < UNSTABLE:
        doubts.append(f"changes from sample to sample (stability {stability:.2f})")
    if not doubts:
        return None
    sentence = "; ".join(doubts)
    return sentence[0].upper() + sentence[1:] + "."
