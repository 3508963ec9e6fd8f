"""Directions from two groups of latents: differences of their means, and paired contrasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import check_one_of, check_seed, check_whole, real_array
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.common.progress import progress
from latentwidgets.common.wording import brief
from latentwidgets.directions.chance import (
    check_bootstraps,
    check_shuffles,
    corrected_p_values,
    shuffle_labels,
)
from latentwidgets.directions.circular import CircularDoubts, found_by, labelled_by, step_doubt
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.endings import EndingDoubts, pairs_doubt
from latentwidgets.directions.evidence import Evidence, joined
from latentwidgets.directions.labels import Attribute, Unusable
from latentwidgets.directions.linear import auc
from latentwidgets.directions.means import bootstrap_cosines, mean_differences
from latentwidgets.directions.samples import Data, fingerprint, refuse_latents
from latentwidgets.directions.scoring import (
    CHANCE_P,
    Scores,
    balanced_accuracies,
    cosine,
    evidence_of,
    resampled,
    splits_of,
    warning_for,
)
from latentwidgets.directions.usable_labels import tell_left_out, usable_attributes
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.latents import repeated

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


__all__ = ["contrast_directions", "difference_directions"]

# How a contrast makes one direction of many differences.
CONTRASTS = ("mean", "component")


@checked_keywords
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
) -> Directions:
    """Find the directions that lead from the mean of one group of latents to that of another.

    Groups must come from something else than the latents themselves. Clusters of the latents, and
    selections by where they lie, can always be told apart in them: their score says nothing.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(n, *latent_shape)``.
    labels : mapping, DataFrame, Series or array_like, optional
        Which latents are in the group, as `probe_directions` takes labels: binary ones, or
        classes, each of which is compared with all others. Columns and classes that cannot be used
        are left out, and one warning names all of them.
    other : array_like, optional
        In place of labels, the second group, ``(m, *latent_shape)``: the direction leads from
        `other` to `latents`.
    name : str, optional
        What to call the direction, where the labels have no name of their own. If None, "label",
        or "difference" where there are two groups.
    kind, folds, shuffles, bootstraps, seed
        As `probe_directions` takes them.

    Returns
    -------
    Directions
        One for each binary label and one for each class, with its evidence. Its readout measures
        how far a latent is past the middle between the two means, in latent units.

    Raises
    ------
    LatentTypeError, LatentValueError
        If latents cannot be used, or no column of labels can.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> here, there = rng.normal(size=(50, 3)), rng.normal(size=(50, 3)) + [0, 4, 0]
    >>> found = difference_directions(there, other=here, name="up")
    >>> int(found["up"].vector.argmax()), found["up"].evidence.score > 0.9
    (1, True)
    """
    if name is not None and not isinstance(name, str):
        raise LatentTypeError(f"name is {brief(name)}; expected a text.")
    if (labels is None) == (other is None):
        raise LatentValueError(
            "expected labels, or other=..., one of the two. Say which latents are compared."
        )
    refuse_latents(latents, labels)
    ends = EndingDoubts(latents) if other is None else EndingDoubts(latents, other)
    if other is not None:
        first = Data(latents, varied=False)
        second = Data(other, "other latents", varied=False)
        if first.latent_shape != second.latent_shape:
            raise LatentValueError(
                f"latents have shape {first.latent_shape}, the other ones {second.latent_shape}; "
                "expected one shape."
            )
        labels = {name or "difference": np.arange(len(first) + len(second)) < len(first)}
        latents = np.concatenate(
            [real_array(latents, "latents"), real_array(other, "other latents")]
        )
    elif name is not None:
        labels = _named(labels, name)
    data = Data(latents)
    folds = check_whole(folds, "folds", least=2)
    attributes, left_out = usable_attributes(
        labels, len(data), kind, lambda one: _no_groups(one) or one.too_few(folds)
    )
    shuffles = check_shuffles(shuffles)
    bootstraps = check_bootstraps(bootstraps)
    seed = check_seed(seed)
    with one_blas_thread(data.rows.size):
        scored = [
            (
                *_scores(data.rows, attribute, folds, shuffles, seed),
                bootstrap_cosines(data.rows[attribute.rows], attribute.values, bootstraps, seed),
            )
            for attribute in progress(attributes, "differences")
        ]
    p_values: list[float | None] = [None] * len(attributes)
    if shuffles:
        p_values[:] = corrected_p_values([with_shuffled for _, with_shuffled, _ in scored])
    about = data.provenance(
        "difference",
        labels=fingerprint(*(one.values for one in attributes), *(one.rows for one in attributes)),
        kind=kind,
        folds=folds,
        shuffles=shuffles,
        bootstraps=bootstraps,
        seed=seed,
    )
    found = []
    doubts = CircularDoubts(data.rows)
    for attribute, (scores, with_shuffled, cosines), p_value in zip(
        attributes, scored, p_values, strict=True
    ):
        with one_blas_thread(data.rows.size):
            step, middle = mean_differences(
                data.rows[attribute.rows], attribute.values[:, None].astype(np.float64)
            )
        unit = step[:, 0] / (np.linalg.norm(step) or 1.0)
        try:
            found.append(
                data.direction(
                    attribute.name,
                    unit,
                    offset=-float(middle[:, 0] @ unit),
                    method="difference",
                    evidence=evidence_of(
                        attribute,
                        scores,
                        with_shuffled,
                        p_value,
                        cosines,
                        joined(doubts.of(attribute), ends.of(attribute)),
                    ),
                    provenance=found_by(about, labelled_by(data, attribute)),
                )
            )
        except LatentValueError as error:
            if len(attributes) == 1:
                raise
            left_out.append(error.clause)
    if not found:
        raise LatentValueError(f"no label can be used: {'; '.join(left_out)}.")
    tell_left_out(left_out)
    return Directions(found)


@checked_keywords
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
) -> Directions:
    """Find the direction that leads from one latent of each pair to the other.

    Parameters
    ----------
    before, after : array_like
        Real and finite, ``(n, *latent_shape)`` each: row i of one is paired with row i of the
        other.
    name : str
        What to call the direction.
    method : {"mean", "component"}
        "mean" takes the mean of the differences, "component" their first principal component. It
        is not centred: that would take away what all pairs have in common.
    shuffles : int
        How often pairs are turned round at random for the p-value: 99 times or more, or 0 for none.
    bootstraps, folds, seed
        As `probe_directions` takes them.

    Returns
    -------
    Directions
        One direction. Its score is the share of held-out pairs whose second latent lies further
        along it than the first. Its limits are -3 and 3 sigma at least: two are from one to the
        other of a pair.

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
    check_one_of(method, "method", CONTRASTS)
    first = Data(before, "latents before", varied=False)
    second = Data(after, "latents after", varied=False)
    if first.rows.shape != second.rows.shape or first.latent_shape != second.latent_shape:
        line = ""
        if len(first) == len(second):
            line = repeated((len(first), *first.latent_shape), second.latent_shape, "before")
            line += repeated((len(second), *second.latent_shape), first.latent_shape, "after")
        raise LatentValueError(
            f"there are {len(first)} latents of shape {first.latent_shape} before and "
            f"{len(second)} of {second.latent_shape} after; expected pairs.{line}"
        )
    if len(first) < check_whole(folds, "folds", least=2):
        raise LatentValueError(
            f"there are {len(first)} pairs; {folds} folds need {folds}. Pass more, or a smaller "
            "folds=, at least 2."
        )
    steps = second.rows.astype(np.float64) - first.rows + (second.shift - first.shift)
    splits = splits_of(np.arange(len(steps)), folds, check_seed(seed))
    # By chance, a pair would point either way equally often. Each column of signs turns some pairs
    # round; the first turns none.
    rng = np.random.default_rng(seed)
    signs = rng.choice([-1.0, 1.0], (len(steps), 1 + check_shuffles(shuffles)))
    signs[:, 0] = 1
    bootstraps = check_bootstraps(bootstraps)
    with one_blas_thread(steps.size):
        shares = [_shares_in_order(steps, signs, *split, method) for split in splits]
        found = _common_step(steps, method)
        cosines = [
            cosine(found, _common_step(steps[sample], method))
            for sample in progress(
                resampled(np.zeros(len(steps)), bootstraps, seed), "contrast", total=bootstraps
            )
        ]
    scores = np.stack(shares, axis=1)
    means = np.mean(scores, axis=1)
    chance = p_value = None
    if shuffles:
        chance, [p_value] = float(means[1:].mean()), corrected_p_values([means])
    stability = float(np.mean(cosines)) if cosines else None
    beaten = p_value is None or p_value <= CHANCE_P
    both = Data(np.concatenate([real_array(before, "latents"), real_array(after, "latents")]))
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
            p_value=p_value,
            stability=stability,
            fewest=len(steps),
            what="pairs",
            shuffled="pairs turned at random",
        ),
    )
    doubts = step_doubt(steps, first), pairs_doubt(before, after)
    evidence = replace(evidence, warning=joined(*doubts, evidence.warning))
    moved = both.direction(
        name, found, method=f"contrast {method}", evidence=evidence, provenance=about, paired=True
    )
    return Directions([moved])


def _no_groups(attribute: Attribute) -> Unusable | None:
    """Say that an attribute has no groups to compare; None where it has."""
    if attribute.is_binary:
        return None
    return Unusable(
        "is continuous; a difference is between groups",
        'Pass kind="classes", or use probe_directions.',
    )


def _named(labels: object, name: str) -> object:
    """Give labels a name; refuse that where they have names of their own."""
    named = isinstance(labels, Mapping) or hasattr(labels, "columns")
    if named or getattr(labels, "name", None) or getattr(labels, "ndim", 1) != 1:
        raise LatentValueError(
            f"name is {brief(name)}, and the labels have names of their own. Leave name out, or "
            "rename what is found: directions.rename({old: new})."
        )
    return {name: labels}


def _scores(
    rows: NDArray[np.floating], attribute: Attribute, folds: int, shuffles: int, seed: int
) -> tuple[Scores, NDArray[np.float64]]:
    """Score differences of means on folds that they were not taken from.

    Returns
    -------
    scores : Scores
        Those of the labels.
    with_shuffled : ndarray
        Balanced accuracies of the labels and of shuffled labels, ``(1 + shuffles,)``; empty where
        there are no shuffles.
    """
    rows, values = rows[attribute.rows], attribute.values
    own, areas = [], []
    for train, test in splits_of(values, folds, seed):
        measured, accuracies = _tested(rows, values[:, None].astype(np.float64), train, test)
        own.append(float(accuracies[0]))
        areas.append(auc(values[test], measured[:, 0]))
    scores = Scores(float(np.mean(own)), float(np.std(own)), float(np.mean(areas)))
    if not shuffles:
        return scores, np.empty(0)
    rng = np.random.default_rng(seed)
    rows, values, splits, labels = shuffle_labels(rows, values, folds, shuffles, rng)
    return scores, np.mean([_tested(rows, labels, *split)[1] for split in splits], axis=0)


def _tested(
    rows: NDArray[np.floating],
    labels: NDArray[np.floating],
    train: NDArray[np.intp],
    test: NDArray[np.intp],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure test latents with the differences of the training latents.

    Returns
    -------
    measured : ndarray
        ``(test latents, columns of labels)``; above 0 where a latent is past the middle.
    accuracies : ndarray
        Balanced accuracies, ``(columns,)``.
    """
    step, middle = mean_differences(rows[train], labels[train])
    measured = rows[test] @ step - (middle * step).sum(axis=0)
    return measured, balanced_accuracies(measured > 0, labels[test])


def _common_step(steps: NDArray[np.float64], method: str) -> NDArray[np.float64]:
    """Give what the differences of pairs have in common, pointing the way their mean does."""
    mean = steps.mean(axis=0)
    if method == "mean":
        return np.asarray(mean)
    first = np.linalg.svd(steps, full_matrices=False)[2][0]
    return np.asarray(first * (1.0 if first @ mean >= 0 else -1.0))


def _shares_in_order(
    steps: NDArray[np.float64],
    signs: NDArray[np.float64],
    train: NDArray[np.intp],
    test: NDArray[np.intp],
    method: str,
) -> NDArray[np.float64]:
    """Give the share of test pairs in order, for each column of signs that turn pairs round."""
    means = signs[train].T @ steps[train]
    if method == "component":  # turning pairs round changes only the component's sign
        first = _common_step(steps[train], method)
        means = np.where(means @ first >= 0, 1.0, -1.0)[:, np.newaxis] * first
    return np.asarray((signs[test] * (steps[test] @ means.T) > 0).mean(axis=0))
