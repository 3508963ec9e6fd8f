"""The latents that an explorer begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.space.inputs import latents_from

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["all_latents", "some_of"]

# How many there are without data, and how many of the data the grid shows.
SAMPLES = 64


def all_latents(
    space: LatentSpace, data: Any, conditions: Mapping[str, Any] | None, seed: int
) -> NDArray[np.float32]:
    """Take the data as latents, or encode them; without data, sample the prior.

    Parameters
    ----------
    space : LatentSpace
        The space.
    data : array_like or None
        What `latents_from` takes.
    conditions : mapping of str to value or None
        Under which data that are no latents are encoded.
    seed : int
        For the samples.

    Returns
    -------
    ndarray
        float32 ``(n, *latent_shape)``.
    """
    if data is None:
        return space.sample(SAMPLES, seed=seed)
    return latents_from(space, data, "data", conditions=conditions)


def some_of(latents: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Choose latents to begin with; of few, all.

    Parameters
    ----------
    latents : ndarray
        ``(n, *latent_shape)``.
    seed : int
        For which are chosen.

    Returns
    -------
    ndarray
        64 of them at most, in the same order.

    Examples
    --------
    >>> some_of(np.zeros((100, 2), np.float32), 0).shape
    (64, 2)
    """
    if len(latents) <= SAMPLES:
        return latents
    rows = np.random.default_rng(seed).choice(len(latents), SAMPLES, replace=False)
    return latents[np.sort(rows)]
