"""Ways to group latents: which of them lie together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_seed, check_whole, real_array, to_float32
from latentwidgets.common.nearest import Nearest
from latentwidgets.common.parallel import one_thread
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Rows = NDArray[np.float32]
    Groups = NDArray[np.intp]

__all__ = ["CLUSTERINGS", "Grouping", "flat_rows", "grouped", "k_means"]

CLUSTERINGS = ("k-means", "gaussian-mixture", "hdbscan")
# Of more latents than this, a random sample of so many is what is grouped; the others are placed.
MOST_FITTED = {"k-means": 100_000, "gaussian-mixture": 50_000, "hdbscan": 10_000}
# HDBSCAN calls a cluster what has this share of latents, and at least so many.
LEAST_SHARE, LEAST = 0.01, 5


@dataclass(frozen=True)
class Grouping:
    """Latents in groups.

    Attributes
    ----------
    groups : ndarray
        The group of each, ``(n,)``: 0 for the largest, 1 for the next largest and so on; -1 for
        what is in none.
    count : int
        How many groups there are.
    place : callable
        Takes flat latents and gives the groups that they would be in.
    """

    groups: Groups
    count: int
    place: Callable[[Rows], Groups]


def k_means(latents: ArrayLike, count: int, *, seed: int = 0) -> Groups:
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
    rows = flat_rows(latents)
    count = check_whole(count, "count", least=1)
    return grouped(rows, "k-means", min(count, len(rows)), check_seed(seed)).groups


def flat_rows(latents: ArrayLike) -> Rows:
    """Check latents, and give them flat, centred, and in a unit in which none is large.

    Far from 0, or for very large numbers, the squares by which scikit-learn tells distances would
    be mostly rounding, or overflow.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(n, *latent_shape)``.

    Returns
    -------
    ndarray
        float32 ``(n, latent_size)``.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they cannot be used.

    Examples
    --------
    >>> flat_rows([[1e9, 0.0], [3e9, 0.0]]).tolist()
    [[-1.0, 0.0], [1.0, 0.0]]
    """
    array = real_array(latents, "latents")
    if array.ndim < 2:
        raise LatentValueError(
            f"latents have shape {array.shape}; expected one or more: (n, *latent_shape)."
        )
    rows = to_float32(array, "latents").reshape(len(array), -1).astype(np.float64)
    rows -= rows.mean(axis=0)
    return (rows / (np.abs(rows).max() or 1.0)).astype(np.float32)


def grouped(rows: Rows, method: str, count: int | None, seed: int) -> Grouping:
    """Group flat latents.

    Parameters
    ----------
    rows : ndarray
        As `flat_rows` gives them, ``(n, latent_size)``.
    method : str
        One of `CLUSTERINGS`.
    count : int or None
        How many groups, n at most; HDBSCAN finds out by itself.
    seed : int
        For where the search starts, and for the sample that is grouped where there are very many.

    Returns
    -------
    Grouping
        The groups, and what places others in them.

    References
    ----------
    Sculley 2010, "Web-scale k-means clustering", WWW; Campello et al. 2013, "Density-based
    clustering based on hierarchical density estimates", PAKDD. By scikit-learn.
    """
    sample = rows
    most = MOST_FITTED[method]
    if len(rows) > most:
        sample = rows[np.random.default_rng(seed).permutation(len(rows))[:most]]
    find: Callable[[Rows], Any]
    if method == "k-means":
        from sklearn.cluster import MiniBatchKMeans

        # Each of its many short steps ends with the slowest thread: on a busy machine, several
        # threads take far longer than one.
        with one_thread():
            means = MiniBatchKMeans(count, random_state=seed, n_init=3).fit(sample)
        find = partial(_nearest_mean, means)
    elif method == "gaussian-mixture":
        from sklearn.mixture import GaussianMixture

        # In a unit in which what is added to every variance is small beside it.
        scale = float(sample.std()) or 1.0
        model = GaussianMixture(count, random_state=seed).fit(sample.astype(np.float64) / scale)
        find = partial(_mixed, model, scale)
    else:
        from sklearn.cluster import HDBSCAN

        least = max(LEAST, round(LEAST_SHARE * len(sample)))
        dense = HDBSCAN(min_cluster_size=least, copy=True).fit(sample).labels_
        find = partial(_as_nearest, Nearest(sample), dense)
        if sample is rows:
            return _ordered(dense, find)
    return _ordered(find(rows), find)


def _ordered(found: Groups, find: Callable[[Rows], Groups]) -> Grouping:
    """Give groups numbers from the largest down; those that nothing is in get none."""
    kinds, sizes = np.unique(found[found >= 0], return_counts=True)
    by_size = kinds[np.argsort(-sizes, kind="stable")]
    # The last place stands for -1, what is in no group, and for groups that nothing was in.
    places = np.full((int(kinds.max()) if len(kinds) else 0) + 2, -1)
    places[by_size] = np.arange(len(by_size))
    return Grouping(places[found], len(by_size), partial(_placed, find, places))


def _placed(find: Callable[[Rows], Groups], places: Groups, rows: Rows) -> Groups:
    found = find(rows)
    return np.asarray(places[np.where(found < len(places) - 1, found, -1)])


def _nearest_mean(model: Any, rows: Rows) -> Groups:
    with one_thread():
        return np.asarray(model.predict(rows))


def _mixed(model: Any, scale: float, rows: Rows) -> Groups:
    return np.asarray(model.predict(rows.astype(np.float64) / scale))


def _as_nearest(nearest: Nearest, groups: Groups, rows: Rows) -> Groups:
    return np.asarray(groups[nearest(rows, 1)[0][:, 0]])
