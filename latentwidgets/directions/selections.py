"""The direction between two selections of latents: a definition, and no finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import check_seed
from latentwidgets.directions.chance import check_bootstraps
from latentwidgets.directions.circular import found_by, selected_by
from latentwidgets.directions.evidence import Evidence
from latentwidgets.directions.means import bootstrap_cosines, mean_differences
from latentwidgets.directions.samples import EQUAL_MEANS, Data
from latentwidgets.directions.scoring import warning_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.directions.direction import Direction

__all__ = ["direction_by_selection"]


def direction_by_selection(
    first: NDArray[np.floating],
    second: NDArray[np.floating],
    *,
    name: str,
    bootstraps: int = 50,
    seed: int = 0,
) -> Direction:
    """Find the direction between latents that were selected by where they lie.

    Whatever was selected by where it lies can be told apart by where it lies, even in pure noise:
    a score and a p-value of that would say nothing, so there are none. The evidence has the effect,
    how many sigmas lead from the mean of one selection to that of the other, and the stability.

    Parameters
    ----------
    first, second : ndarray
        The selections, ``(n, *latent_shape)`` and ``(m, *latent_shape)``.
    name : str
        What to call it.
    bootstraps, seed
        As `difference_directions` takes them.

    Returns
    -------
    Direction
        From the mean of the first to that of the second. Its readout is as of
        `difference_directions`.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents cannot be used.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(500, 3))
    >>> found = direction_by_selection(noise[noise[:, 1] < 1], noise[noise[:, 1] >= 1], name="up")
    >>> int(found.vector.argmax()), found.evidence.score, round(found.evidence.effect, 1)
    (1, None, 1.8)
    """
    bootstraps = check_bootstraps(bootstraps)
    seed = check_seed(seed)
    data = Data(np.concatenate([first, second]))
    by = selected_by(first), selected_by(second)
    values = np.arange(len(data)) >= len(first)
    step, middle = mean_differences(data.rows, values[:, None].astype(np.float64))
    length = float(np.linalg.norm(step))
    unit = step[:, 0] / (length or 1.0)
    cosines = bootstrap_cosines(data.rows, values, bootstraps, seed)
    found = data.direction(
        name,
        unit,
        offset=-float(middle[:, 0] @ unit),
        method="selection",
        evidence=Evidence(),
        provenance=found_by(
            data.provenance(
                "selection", sizes=[len(first), len(second)], bootstraps=bootstraps, seed=seed
            ),
            *by,
        ),
        if_zero=EQUAL_MEANS,
    )
    stability = float(np.mean(cosines)) if cosines else None
    sizes = {"positive": len(second), "negative": len(first)}
    rarest = min(sizes, key=lambda which: sizes[which])
    return found.replace(
        evidence=Evidence(
            stability=stability,
            counts=sizes,
            warning=warning_for(stability=stability, fewest=sizes[rarest], what=rarest),
            effect=length / found.sigma,
            effect_name="sigmas between the selections",
        )
    )
