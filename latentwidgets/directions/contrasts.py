"""Directions from pairs of latents: what leads from one of each pair to the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import check_one_of, check_seed, check_whole, real_array
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.common.progress import progress
from latentwidgets.directions.chance import (
    check_bootstraps,
    check_shuffles,
    corrected_p_values,
)
from latentwidgets.directions.circular import step_doubt
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.endings import pairs_doubt
from latentwidgets.directions.evidence import Evidence, joined
from latentwidgets.directions.samples import EQUAL_MEANS, Data
from latentwidgets.directions.scoring import (
    CHANCE_P,
    cosine,
    resampled,
    splits_of,
    warning_for,
)
from latentwidgets.errors import LatentValueError
from latentwidgets.space.latents import repeated

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


__all__ = ["contrast_directions"]

# How a contrast makes one direction of many differences.
CONTRASTS = ("mean", "component")


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
        other. Of texts pass the arrays that ``encode`` gave, as they are: of these alone it is
        known in which token each text ends, and doubted where these tokens tell the sides apart.
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
        name,
        found,
        method=f"contrast {method}",
        evidence=evidence,
        provenance=about,
        paired=True,
        if_zero=EQUAL_MEANS,
    )
    return Directions([moved])


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
