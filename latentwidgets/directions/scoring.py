"""How far to believe a direction: held-out scores, stability, and what to be warned of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.directions.evidence import Evidence, joined
from latentwidgets.directions.linear import auc, choose_penalty, fit_readouts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from latentwidgets.directions.labels import Attribute

    # For each fold, the rows to fit to and the rows to test on.
    Splits = Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]

__all__ = [
    "CHANCE_P",
    "Scores",
    "balanced_accuracies",
    "cosine",
    "evidence_of",
    "held_out_scores",
    "resampled",
    "splits_of",
    "warning_for",
]

# A direction gets a warning where its p-value is larger than this,
CHANCE_P = 0.01
# where it rests on fewer samples than this,
FEW = 20
# or where its stability is below this: 0.7 is that of directions of pure noise, which bootstrap
# samples share.
UNSTABLE = 0.8


@dataclass(frozen=True)
class Scores:
    """Scores of one probe on data that it was not fitted to.

    Attributes
    ----------
    score, spread : float
        Mean and standard deviation over the folds.
    auc : float or None
        The area under the ROC curve, where there are two classes.
    penalty : float
        The one chosen in most folds; 0 where there was none to choose.
    measured : ndarray or None
        What the probe that was not fitted to it measures of each sample, ``(n,)``.
    """

    score: float
    spread: float
    auc: float | None
    penalty: float = 0.0
    measured: NDArray[np.float64] | None = None


def splits_of(values: NDArray[Any], folds: int, seed: int) -> Splits:
    """Split samples into folds, with as many of each class in every fold where labels are bool."""
    from sklearn.model_selection import KFold, StratifiedKFold

    cls = StratifiedKFold if values.dtype == np.bool_ else KFold
    return list(cls(folds, shuffle=True, random_state=seed).split(values, values))


def held_out_scores(
    rows: NDArray[np.floating], values: NDArray[Any], splits: Splits, seed: int, estimator: Any
) -> Scores:
    """Score probes on folds that they were not fitted to.

    For each fold a penalty is chosen, and a probe is fitted with it, on all other folds.

    Parameters
    ----------
    rows : ndarray
        Flat latents, ``(n, latent_size)``.
    values : ndarray
        Labels, ``(n,)``: bool for a logistic regression, float64 for a ridge regression.
    splits : sequence of tuple of ndarray
        As `splits_of` gives them.
    seed : int
        For the folds on which a penalty is chosen.
    estimator : scikit-learn estimator or None
        What to fit instead, as it is.

    Returns
    -------
    Scores
        Balanced accuracy and area under the ROC curve of bool labels, R² of others.
    """
    from sklearn.metrics import r2_score

    binary = values.dtype == np.bool_
    scores, areas, penalties = [], [], []
    every = np.full(len(values), np.nan)
    for train, test in splits:
        penalty = 0.0
        if estimator is None:
            penalty = choose_penalty(rows[train], values[train], seed)
        penalties.append(penalty)
        [readout] = fit_readouts(
            rows[train], values[train], estimator=estimator, penalties=[penalty]
        )
        labels, measured = values[test], readout(rows[test])
        every[test] = measured
        if binary:
            scores.append(balanced_accuracies(measured[:, None] > 0, labels[:, None] * 1.0)[0])
            areas.append(auc(labels, measured))
        else:
            scores.append(r2_score(labels, measured))
    return Scores(
        float(np.mean(scores)),
        float(np.std(scores)),
        float(np.mean(areas)) if binary else None,
        max(sorted(set(penalties), reverse=True), key=penalties.count),
        every,
    )


def balanced_accuracies(
    predicted: NDArray[np.bool_], labels: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Give the mean of both classes' shares of right predictions, for each column.

    Parameters
    ----------
    predicted : ndarray
        bool ``(n, columns)``.
    labels : ndarray
        0 and 1, ``(n, columns)``.

    Returns
    -------
    ndarray
        float64 ``(columns,)``.

    Examples
    --------
    >>> labels = np.array([[1.0], [1.0], [1.0], [0.0]])
    >>> balanced_accuracies(np.array([[True], [True], [True], [True]]), labels).tolist()
    [0.5]
    """
    yes = np.maximum(labels.sum(axis=0), 1)
    no = np.maximum(len(labels) - labels.sum(axis=0), 1)
    right = (predicted * labels).sum(axis=0) / yes + (~predicted * (1 - labels)).sum(axis=0) / no
    return np.asarray(right / 2, np.float64)


def resampled(values: NDArray[Any], times: int, seed: int) -> Iterator[NDArray[np.intp]]:
    """Draw bootstrap samples: rows with replacement, as many of each class as there are.

    Parameters
    ----------
    values : ndarray
        Labels, ``(n,)``. Those that are not bool are of one class.
    times : int
        How many samples.
    seed : int
        For drawing.

    Yields
    ------
    ndarray
        The indices of a sample, ``(n,)``.
    """
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
    attribute: Attribute,
    scores: Scores,
    with_shuffled: NDArray[np.float64],
    p_value: float | None,
    cosines: Sequence[float],
    doubt: str | None = None,
) -> Evidence:
    """Make the evidence for the direction of one attribute.

    Parameters
    ----------
    attribute : Attribute
        What the direction was found for.
    scores : Scores
        Its scores on data that it was not fitted to.
    with_shuffled : ndarray
        What `chance.shuffled_scores` gave: the score of the labels, then those of shuffled labels.
    p_value : float or None
        What `corrected_p_values` made of it.
    cosines : sequence of float
        Between the direction and those found in bootstrap samples.
    doubt : str, optional
        What else speaks against it, in words.

    Returns
    -------
    Evidence
        With a warning where there is a reason not to believe the direction.
    """
    chance = float(with_shuffled[1:].mean()) if len(with_shuffled) > 1 else None
    stability = float(np.mean(cosines)) if len(cosines) else None
    beaten = p_value is None or p_value <= CHANCE_P
    rarest = attribute.rarest
    return Evidence(
        score=scores.score,
        score_name="balanced accuracy" if attribute.is_binary else "R²",
        spread=scores.spread,
        auc=scores.auc,
        chance=chance,
        p_value=p_value,
        stability=stability,
        counts=attribute.counts,
        warning=joined(
            doubt,
            warning_for(
                scores.score,
                chance=None if beaten else chance,
                p_value=p_value,
                stability=stability,
                fewest=attribute.counts[rarest],
                what=rarest,
            ),
        ),
    )


def warning_for(
    score: float | None = None,
    *,
    chance: float | None = None,
    p_value: float | None = None,
    stability: float | None,
    fewest: int,
    what: str,
    shuffled: str = "shuffled labels",
) -> str | None:
    """Say in plain words why not to believe a direction; None where there is no reason.

    Parameters
    ----------
    score : float or None
        On data that it was not fitted to; None where nothing is scored.
    chance : float or None
        What shuffled labels score, where the score is not beyond that.
    p_value : float or None
        How often they score as well.
    stability : float or None
        Mean cosine to the directions found in bootstrap samples.
    fewest : int
        How many samples there are of the rarest class, or in all where there are no classes.
    what : str
        What these are called, such as "positive" or "samples".
    shuffled : str
        What scores by chance.
    """
    doubts = []
    if score is not None and chance is not None:
        mine, theirs = round(score, 2) + 0.0, round(chance, 2) + 0.0  # never "-0.00"
        limit = "" if p_value is None else f" (p = {p_value:.2g}; beyond chance is {CHANCE_P:g})"
        doubts.append(f"scores {mine:.2f}, and {shuffled} {theirs:.2f} on average: within chance")
        doubts[-1] += limit
    if fewest < FEW:
        doubts.append(f"rests on only {fewest} {what}")
    if stability is not None and stability < UNSTABLE:
        doubts.append(f"changes from sample to sample (stability {stability:.2f})")
    if not doubts:
        return None
    sentence = "; ".join(doubts)
    return sentence[0].upper() + sentence[1:] + "."
