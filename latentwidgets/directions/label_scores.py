"""`score_directions`: how well directions read a label that they were not found by."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_seed, real_array
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief
from latentwidgets.directions.chance import check_shuffles, corrected_p_values
from latentwidgets.directions.circular import CircularDoubts, fitted_doubt
from latentwidgets.directions.direction import Direction
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.evidence import effect_doubt, is_share, joined, without_effect
from latentwidgets.directions.labels import attributes_in
from latentwidgets.directions.layered import line_between
from latentwidgets.directions.linear import auc_of_ranks, mean_ranks
from latentwidgets.directions.samples import Data, fingerprint
from latentwidgets.directions.scoring import CHANCE_P, warning_for
from latentwidgets.errors import LatentValueError
from latentwidgets.space.latents import repeated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.directions.labels import Attribute

__all__ = ["score_directions"]


@checked_keywords
def score_directions(
    directions: Direction | Iterable[Direction],
    latents: ArrayLike,
    labels: object,
    *,
    kind: str | Mapping[str, str] | None = None,
    shuffles: int = 199,
    seed: int = 0,
) -> Directions:
    """Score directions as they are on a label that they were not found by.

    Nothing is fitted. It is for directions whose own score would be circular, such as those of a
    selection, or that have none, such as components; on another label of the same latents, or on
    latents that were not there when they were found.

    Parameters
    ----------
    directions : Direction or iterable of Direction
        What to score.
    latents : array_like
        Real and finite, ``(n, *latent_shape)``.
    labels : mapping, DataFrame, Series or array_like
        One label, as `probe_directions` takes it: binary or continuous.
    kind, seed
        As `probe_directions` takes them.
    shuffles : int
        How often the label is shuffled for the p-value: 99 times or more, or 0 for none.

    Returns
    -------
    Directions
        The same, with other evidence: for a binary label the area under the ROC curve of what each
        measures, for amounts Pearson's correlation with it. Either way round counts: an area of 0.1
        says as much as one of 0.9. Effect and stability stay as they are.

    Raises
    ------
    LatentTypeError, LatentValueError
        If latents or labels cannot be used, or the label makes several attributes.

    Examples
    --------
    >>> from latentwidgets.directions.components import pca_directions
    >>> rng = np.random.default_rng(0)
    >>> smiling = rng.uniform(size=400) < 0.5
    >>> latents = rng.normal(size=(400, 8)) + 4 * smiling[:, None] * np.eye(8)[3]
    >>> found = score_directions(pca_directions(latents, 2), latents, {"smile": smiling})
    >>> found[0].evidence.score_name, found[0].evidence.score > 0.9, found[1].evidence.score > 0.9
    ('AUC of smile', True, False)
    """
    given = Directions(directions)
    data = Data(latents)
    if data.latent_shape != given.latent_shape:
        raise LatentValueError(
            f"latents have shape {data.latent_shape}; the directions measure latents of shape "
            f"{given.latent_shape}. Pass latents of the space that they were found in."
            f"{line_between('direction', given.latent_shape, data.latent_shape)}"
            f"{repeated((len(data), *data.latent_shape), given.latent_shape, 'latents')}"
        )
    attributes = attributes_in(labels, len(data), kind)
    if len(attributes) != 1:
        names = ", ".join(brief(one.name) for one in attributes[:4])
        raise LatentValueError(
            f"the labels make {len(attributes)} attributes, {names}...; expected one. Pass one at "
            "a time, such as labels == value for a class."
        )
    [attribute] = attributes
    shuffles, seed = check_shuffles(shuffles), check_seed(seed)
    measured = data.rows[attribute.rows] @ given.readouts.T.astype(data.rows.dtype)
    rng = np.random.default_rng(seed)
    # The same shuffled labels for all directions, so that their p-values can be corrected together.
    orders = [np.arange(len(measured))]
    orders += [rng.permutation(len(measured)) for _ in range(shuffles)]
    scores = [_scores(column.astype(np.float64), attribute, orders) for column in measured.T]
    middle = 0.5 if attribute.is_binary else 0.0
    p_values: list[float | None] = [None] * len(given)
    if shuffles:
        p_values[:] = corrected_p_values([np.abs(one - middle) for one in scores])
    name = f"{'AUC of' if attribute.is_binary else 'correlation with'} {attribute.name}"
    about = {
        "labels": fingerprint(attribute.values, attribute.rows),
        "data": data.fingerprint,
        "shuffles": shuffles,
        "seed": seed,
    }
    doubt = CircularDoubts(data.rows).of(attribute)
    rows = real_array(latents, "latents")
    doubts = [fitted_doubt(one, rows, data, attribute) or doubt for one in given]
    return Directions(
        _scored(one, score, p_value, name, attribute, about, said)
        for one, score, p_value, said in zip(given, scores, p_values, doubts, strict=True)
    )


def _scores(
    measured: NDArray[np.float64], attribute: Attribute, orders: list[NDArray[np.intp]]
) -> NDArray[np.float64]:
    """Score what was measured on the labels in each of several orders."""
    values = attribute.values
    if attribute.is_binary:
        ranks = mean_ranks(measured)
        return np.array([auc_of_ranks(values[order], ranks) for order in orders])
    spread = float(measured.std()) * float(values.std())
    centred, level = measured - measured.mean(), values - values.mean()
    return np.array([centred @ level[order] for order in orders]) / (len(values) * spread or np.inf)


def _scored(
    one: Direction,
    scores: NDArray[np.float64],
    p_value: float | None,
    name: str,
    attribute: Attribute,
    about: dict[str, Any],
    doubt: str | None,
) -> Direction:
    """Give a direction the evidence of these scores: of the labels, then of shuffled ones."""
    before = one.evidence
    chance = float(scores[1:].mean()) if len(scores) > 1 else None
    # Where no readout was scored before, the doubts are of the vector: they hold on.
    unscored = before.score is None or is_share(before)
    kept = without_effect(before).warning if unscored else None
    beaten = p_value is None or p_value <= CHANCE_P
    warning = warning_for(
        float(scores[0]),
        chance=None if beaten else chance,
        p_value=p_value,
        stability=before.stability,
        fewest=attribute.counts[attribute.rarest],
        what=attribute.rarest,
    )
    found: dict[str, Any] = {
        "score": float(scores[0]),
        "score_name": name,
        "chance": chance,
        "p_value": p_value,
        "counts": attribute.counts,
        "warning": joined(doubt, kept, warning, effect_doubt(before)),
        "spread": None,
        "auc": None,
    }
    return one.replace(
        evidence=replace(before, **found), provenance={**one.provenance, "scored": about}
    )
