"""Clusters of latents: which latents lie together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import check_seed, check_whole, real_array, to_float32
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["k_means"]

# Of more latents than this, a random sample of so many is what the centres are fitted to.
MOST_FITTED = 100_000


def k_means(latents: ArrayLike, count: int, *, seed: int = 0) -> NDArray[np.intp]:
    """Group latents into clusters by k-means.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(n, *latent_shape)``, n at least 1.
    count : int
        How many clusters; where there are fewer latents than that, one for each.
    seed : int
        For where the search for centres starts, and for the sample of 100,000 that they are fitted
        to where there are more latents.

    Returns
    -------
    ndarray of int, shape (n,)
        The cluster of each latent: 0 for the largest cluster, 1 for the next largest and so on.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents, the count or the seed cannot be used.

    References
    ----------
    Sculley 2010, "Web-scale k-means clustering", WWW; by scikit-learn's `MiniBatchKMeans`.

    Examples
    --------
    >>> k_means([[0.0, 0.1], [5.0, 5.0], [0.1, 0.0], [0.0, 0.0], [5.1, 5.0]], 2).tolist()
    [0, 1, 0, 0, 1]
    """
    from sklearn.cluster import MiniBatchKMeans

    array = real_array(latents, "latents")
    if array.ndim < 2:
        raise LatentValueError(
            f"latents have shape {array.shape}; expected one or more: (n, *latent_shape)."
        )
    # Far from 0, or for very large numbers, the squares by which scikit-learn tells distances would
    # be mostly rounding, or overflow.
    rows = to_float32(array, "latents").reshape(len(array), -1).astype(np.float64)
    rows -= rows.mean(axis=0)
    rows = (rows / (np.abs(rows).max() or 1.0)).astype(np.float32)
    count = check_whole(count, "count", least=1)
    seed = check_seed(seed)
    sample = rows
    if len(rows) > MOST_FITTED:
        sample = rows[np.random.default_rng(seed).permutation(len(rows))[:MOST_FITTED]]
    model = MiniBatchKMeans(min(count, len(rows)), random_state=seed, n_init=3)
    found = model.fit(sample).predict(rows)
    by_size = np.argsort(-np.bincount(found, minlength=model.n_clusters), kind="stable")
    places: NDArray[np.intp] = np.argsort(by_size)
    labels: NDArray[np.intp] = places[found]
    return labels
