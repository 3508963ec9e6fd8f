"""Directions from two groups of latents: differences of their means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import check_seed, check_whole, real_array
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
from latentwidgets.directions.circular import CircularDoubts, found_by, labelled_by
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.endings import EndingDoubts
from latentwidgets.directions.evidence import joined
from latentwidgets.directions.labels import Attribute, Unusable
from latentwidgets.directions.linear import auc
from latentwidgets.directions.means import bootstrap_cosines, mean_differences
from latentwidgets.directions.samples import EQUAL_MEANS, Data, fingerprint, refuse_latents
from latentwidgets.directions.scoring import (
    Scores,
    balanced_accuracies,
    evidence_of,
    splits_of,
)
from latentwidgets.directions.usable_labels import tell_left_out, usable_attributes
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


__all__ = ["difference_directions"]


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
        Real and finite, ``(n, *latent_shape)``. Of texts pass the array that ``encode`` gave, as it
        is: of that alone it is known in which token each text ends, and doubted where these tokens
        tell the groups apart.
    labels : mapping, DataFrame, Series or array_like, optional
        Which latents are in the group, as `probe_directions` takes labels: binary ones, or
        classes, each of which is compared with all others. Columns and classes that cannot be used
        are left out, and one warning names all of them.
    other : array_like, optional
        In place of labels, the second group, ``(m, *latent_shape)``, as `latents`: the direction
        leads from `other` to `latents`.
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
                    if_zero=EQUAL_MEANS,
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
