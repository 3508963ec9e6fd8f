"""Directions from two groups of latents: differences of their means, and paired contrasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import check_whole, refuse_unknown
from latentwidgets.common.progress import progress
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.labels import Question, questions_in
from latentwidgets.directions.linear import auc
from latentwidgets.directions.samples import Data, fingerprint
from latentwidgets.directions.scoring import (
    CHANCE_P,
    Scores,
    balanced_accuracies,
    check_shuffles,
    corrected,
    cosine,
    evidence_of,
    resampled,
    shuffled,
    splits_of,
    warning_for,
)
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


__all__ = ["contrast_directions", "difference_directions"]

METHODS = ("mean", "component")


def difference_directions(
    latents: ArrayLike,
    labels: object = None,
    *,
    other: ArrayLike | None = None,
    name: str | None = None,
    kind: str | Mapping[str, str] | None = None,
    folds: int = 5,
    shuffles: int = 199,
    bootstraps: int = 50,
    seed: int = 0,
    **unknown: object,
) -> Directions:
    """Take the difference between the means of two groups of latents.

    Parameters
    ----------
    latents : array_like
        ``(n, *latent_shape)``.
    labels : mapping, DataFrame, Series or array_like, optional
        Which latents are in the group, as `probe_directions` takes labels; binary or classes.
    other : array_like, optional
        In place of labels, a second group, ``(m, *latent_shape)``: the direction leads from it
        to `latents`.
    name : str, optional
        What to call the direction, where the labels have no name of their own. "label" if None,
        "difference" where there are two groups.
    kind, folds, shuffles, bootstraps, seed
        As of `probe_directions`.

    Returns
    -------
    Directions
        Their readouts measure how far a latent is past the middle between the means, in latent
        units.

    Raises
    ------
    LatentTypeError, LatentValueError
        If latents or labels cannot be used, or a group has fewer latents than folds.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> here, there = rng.normal(size=(50, 3)), rng.normal(size=(50, 3)) + [0, 4, 0]
    >>> found = difference_directions(there, other=here, name="up")
    >>> int(found["up"].vector.argmax()), found["up"].evidence.score > 0.9
    (1, True)
    """
    refuse_unknown(unknown, difference_directions)
    if (labels is None) == (other is None):
        raise LatentValueError(
            "expected labels, or other=..., one of the two. Say which latents are compared."
        )
    if other is not None:
        first = Data(latents, varied=False)
        second = Data(other, "other latents", varied=False)
        if first.latent_shape != second.latent_shape:
            raise LatentValueError(
                f"latents have shape {first.latent_shape}, the other ones {second.latent_shape}; "
                "expected one shape."
            )
        labels = {name or "difference": np.arange(len(first) + len(second)) < len(first)}
        latents = np.concatenate([np.asarray(latents), np.asarray(other)])
    elif name is not None:
        labels = _named(labels, name)
    data = Data(latents)
    questions = questions_in(labels, len(data), kind)
    for question in questions:
        if not question.is_binary:
            raise LatentValueError(
                f"labels {question.name!r} are continuous; a difference is between groups. Pass "
                'kind="classes", or use probe_directions.'
            )
        question.check_folds(check_whole(folds, "folds", least=2))
    shuffles = check_shuffles(shuffles)
    bootstraps = check_whole(bootstraps, "bootstraps", least=0)
    seed = check_whole(seed, "seed", least=0)
    scored = [
        (
            *_scored(data.rows, question, folds, shuffles, seed),
            _cosines(data.rows, question, bootstraps, seed),
        )
        for question in progress(questions, "differences")
    ]
    p_values: list[float | None] = [None] * len(questions)
    if shuffles:
        p_values[:] = corrected([nulls for _, nulls, _ in scored])
    about = data.provenance(
        "difference",
        labels=fingerprint(*(one.values for one in questions), *(one.rows for one in questions)),
        kind=kind,
        folds=folds,
        shuffles=shuffles,
        bootstraps=bootstraps,
        seed=seed,
    )
    found = []
    for question, (scores, nulls, cosines), p_value in zip(
        questions, scored, p_values, strict=True
    ):
        step, middle = _means(data.rows[question.rows], question.values[:, None].astype(np.float64))
        unit = step[:, 0] / (np.linalg.norm(step) or 1.0)
        found.append(
            data.direction(
                question.name,
                unit,
                offset=-float(middle[:, 0] @ unit),
                method="difference",
                evidence=evidence_of(question, scores, nulls, p_value, cosines),
                provenance=about,
            )
        )
    return Directions(found)


def contrast_directions(
    before: ArrayLike,
    after: ArrayLike,
    *,
    name: str = "contrast",
    method: str = "mean",
    shuffles: int = 199,
    bootstraps: int = 50,
    folds: int = 5,
    seed: int = 0,
    **unknown: object,
) -> Directions:
    """Find the direction that leads from one of each pair to the other.

    Parameters
    ----------
    before, after : array_like
        ``(n, *latent_shape)`` each: row i of the one belongs to row i of the other.
    name : str
        What to call the direction.
    method : {"mean", "component"}
        The mean of the differences, or their uncentred first principal component (a centred one
        would lose what all pairs have in common).
    shuffles : int
        How often pairs are turned round at random for the p-value: 99 or more, or 0 for none.
    bootstraps, folds, seed
        As of `probe_directions`.

    Returns
    -------
    Directions
        One. Score: the share of held-out pairs that it puts in order.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents cannot be used, or there are fewer pairs than folds.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> before = rng.normal(size=(40, 3))
    >>> after = before + [0, 0, 2] + 0.1 * rng.normal(size=(40, 3))
    >>> int(contrast_directions(before, after)[0].vector.argmax())
    2
    """
    refuse_unknown(unknown, contrast_directions)
    if method not in METHODS:
        raise LatentValueError(
            f"method is {method!r}; expected one of {', '.join(map(repr, METHODS))}."
        )
    first = Data(before, "latents before", varied=False)
    second = Data(after, "latents after", varied=False)
    if first.rows.shape != second.rows.shape or first.latent_shape != second.latent_shape:
        raise LatentValueError(
            f"there are {len(first)} latents of shape {first.latent_shape} before and "
            f"{len(second)} of {second.latent_shape} after; expected pairs."
        )
    if len(first) < check_whole(folds, "folds", least=2):
        raise LatentValueError(
            f"there are {len(first)} pairs; {folds} folds need {folds}. Pass more, or a smaller "
            "folds=, at least 2."
        )
    steps = second.rows.astype(np.float64) - first.rows + (second.shift - first.shift)
    splits = splits_of(np.arange(len(steps)), folds, check_whole(seed, "seed", least=0))
    # Under chance a pair is as likely to point the other way.
    rng = np.random.default_rng(seed)
    signs = rng.choice([-1.0, 1.0], (len(steps), 1 + check_shuffles(shuffles)))
    signs[:, 0] = 1
    scores = np.stack([_in_order(steps, signs, *split, method) for split in splits], axis=1)
    bootstraps = check_whole(bootstraps, "bootstraps", least=0)
    found = _main(steps, method)
    cosines = [
        cosine(found, _main(steps[sample], method))
        for sample in progress(
            resampled(np.zeros(len(steps)), bootstraps, seed), "contrast", total=bootstraps
        )
    ]
    means = np.mean(scores, axis=1)
    chance, p_value = (float(means[1:].mean()), corrected([means])[0]) if shuffles else (None, None)
    stability = float(np.mean(cosines)) if cosines else None
    beaten = p_value is None or p_value <= CHANCE_P
    both = Data(np.concatenate([np.asarray(before), np.asarray(after)]))
    about = both.provenance(
        "contrast", method=method, shuffles=shuffles, bootstraps=bootstraps, folds=folds, seed=seed
    )
    evidence = Evidence(
        score=float(means[0]),
        score_name="pairs in order",
        spread=float(np.std(scores[0])),
        chance=chance,
        p_value=p_value,
        stability=stability,
        counts={"pairs": len(steps)},
        warning=warning_for(
            float(means[0]),
            chance=None if beaten else chance,
            stability=stability,
            fewest=len(steps),
            what="pairs",
        ),
    )
    return Directions(
        [
            both.direction(
                name, found, method=f"contrast {method}", evidence=evidence, provenance=about
            )
        ]
    )


def _named(labels: object, name: str) -> object:
    """Give labels a name, unless they have one."""
    named = isinstance(labels, Mapping) or hasattr(labels, "columns")
    if named or getattr(labels, "name", None) or getattr(labels, "ndim", 1) != 1:
        raise LatentValueError(
            f"name is {name!r}, and the labels have names of their own. Leave name out, or rename "
            "what is found: directions.rename({old: new})."
        )
    return {name: labels}


def _cosines(
    rows: NDArray[np.floating], question: Question, bootstraps: int, seed: int
) -> list[float]:
    """Compare the difference with those of bootstrap samples."""
    rows, labels = rows[question.rows], question.values[:, None].astype(np.float64)
    step = _means(rows, labels)[0][:, 0]
    return [
        cosine(step, _means(rows[sample], labels[sample])[0][:, 0])
        for sample in resampled(question.values, bootstraps, seed)
    ]


def _means(
    rows: NDArray[np.floating], labels: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give difference and middle of the two means, for each column of labels."""
    yes = np.maximum(labels.sum(axis=0), 1)
    no = np.maximum((1 - labels).sum(axis=0), 1)
    above = rows.T @ (labels / yes)
    below = rows.T @ ((1 - labels) / no)
    return above - below, (above + below) / 2


def _scored(
    rows: NDArray[np.floating], question: Question, folds: int, shuffles: int, seed: int
) -> tuple[Scores, NDArray[np.float64]]:
    """Score the difference held out, on the labels and on the labels shuffled."""
    rows, values = rows[question.rows], question.values
    own, areas = [], []
    for fit, judge in splits_of(values, folds, seed):
        measured, right = _judged(rows, values[:, None].astype(np.float64), fit, judge)
        own.append(float(right[0]))
        areas.append(auc(values[judge], measured[:, 0]))
    scores = Scores(float(np.mean(own)), float(np.std(own)), float(np.mean(areas)))
    if not shuffles:
        return scores, np.empty(0)
    rng = np.random.default_rng(seed)
    rows, values, splits, labels = shuffled(rows, values, folds, shuffles, rng)
    return scores, np.mean([_judged(rows, labels, *split)[1] for split in splits], axis=0)


def _judged(
    rows: NDArray[np.floating],
    labels: NDArray[np.floating],
    fit: NDArray[np.intp],
    judge: NDArray[np.intp],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure held-out latents with the differences of the others; give balanced accuracies too."""
    step, middle = _means(rows[fit], labels[fit])
    measured = rows[judge] @ step - (middle * step).sum(axis=0)
    return measured, balanced_accuracies(measured > 0, labels[judge])


def _main(steps: NDArray[np.float64], method: str) -> NDArray[np.float64]:
    """Give what paired differences have in common, pointing the way most of them go."""
    mean = steps.mean(axis=0)
    if method == "mean":
        return np.asarray(mean)
    first = np.linalg.svd(steps, full_matrices=False)[2][0]
    return np.asarray(first * (1.0 if first @ mean >= 0 else -1.0))


def _in_order(
    steps: NDArray[np.float64],
    signs: NDArray[np.float64],
    fit: NDArray[np.intp],
    judge: NDArray[np.intp],
    method: str,
) -> NDArray[np.float64]:
    """Give the share of held-out pairs in order, for each column of signs that turn pairs round."""
    means = signs[fit].T @ steps[fit]
    if method == "component":  # turning pairs round leaves the component, up to its own sign
        first = _main(steps[fit], method)
        means = np.where(means @ first >= 0, 1.0, -1.0)[:, np.newaxis] * first
    return np.asarray((signs[judge] * (steps[judge] @ means.T) > 0).mean(axis=0))
