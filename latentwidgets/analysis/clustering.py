"""Ways to group latents: which of them lie together."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_seed, check_whole, real_array, to_float32
from latentwidgets.common.nearest import Nearest
from latentwidgets.common.parallel import one_thread
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.routes.watched import Fit

    Rows = NDArray[np.float32]
    Groups = NDArray[np.intp]

__all__ = ["CLUSTERINGS", "Grouping", "flat_rows", "grouped", "k_means"]

CLUSTERINGS = ("k-means", "gaussian-mixture", "hdbscan")
# Of more latents than this, a random sample of so many is what is grouped; the others are placed.
MOST_FITTED = {"k-means": 100_000, "gaussian-mixture": 50_000, "hdbscan": 10_000}
# HDBSCAN calls a cluster what has this share of latents, and at least so many.
LEAST_SHARE, LEAST = 0.01, 5
# Latents are centred, and placed, in parts of about so many numbers each.
PART_SIZE = 2**22
# What share of k-means is done when they are centred, and when the centres of clusters are found.
CENTRED, FOUND = 0.4, 0.8
# How many latents each step of k-means looks at, and how often it looks at each at most.
BATCH, EPOCHS = 1024, 100
STEP = "_kmeans.py:_mini_batch_step"  # what scikit-learn calls once a step


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


def k_means(latents: ArrayLike, count: int, *, seed: int = 0, fit: Fit | None = None) -> Groups:
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
    fit : Fit, optional
        What watches it. The search for centres ends once it finds none better, so that the share
        of it that is done may jump.

    Returns
    -------
    ndarray of int, shape (n,)
        The cluster of each latent: 0 for the largest cluster, 1 for the next largest and so on.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents, the count or the seed cannot be used.
    FitCancelledError
        If it was cancelled.

    References
    ----------
    Sculley 2010, "Web-scale k-means clustering", WWW; by scikit-learn's `MiniBatchKMeans`.

    Examples
    --------
    >>> k_means([[0.0, 0.1], [5.0, 5.0], [0.1, 0.0], [0.0, 0.0], [5.1, 5.0]], 2).tolist()
    [0, 1, 0, 0, 1]
    """
    rows = flat_rows(latents, fit)
    count = check_whole(count, "count", least=1)
    return grouped(rows, "k-means", min(count, len(rows)), check_seed(seed), fit).groups


def flat_rows(latents: ArrayLike, fit: Fit | None = None) -> Rows:
    """Check latents, and give them flat, centred, and in a unit in which none is large.

    Far from 0, or for very large numbers, the squares by which scikit-learn tells distances would
    be mostly rounding, or overflow.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(n, *latent_shape)``.
    fit : Fit, optional
        What watches it.

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
    given = to_float32(array, "latents").reshape(len(array), -1)
    centre, peak = np.zeros(given.shape[1]), 0.0
    for part in _parts(given, fit, 0.0, CENTRED / 3):
        centre += given[part].astype(np.float64).sum(axis=0)
    centre /= len(given)
    for part in _parts(given, fit, CENTRED / 3, 2 * CENTRED / 3):
        peak = max(peak, float(np.abs(given[part] - centre).max()))
    rows = np.empty_like(given)
    for part in _parts(given, fit, 2 * CENTRED / 3, CENTRED):
        rows[part] = (given[part] - centre) / (peak or 1.0)
    return rows


def _parts(rows: Rows, fit: Fit | None, start: float, end: float) -> Iterator[slice]:
    """Go through rows in parts, which takes a fit from one share done to another."""
    size = max(1, PART_SIZE // (rows.shape[1] or 1))
    for i in range(0, len(rows), size):
        yield slice(i, i + size)
        if fit is not None:
            fit.reach(start + (end - start) * min(1.0, (i + size) / len(rows)))


def grouped(
    rows: Rows, method: str, count: int | None, seed: int, fit: Fit | None = None
) -> Grouping:
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
    fit : Fit, optional
        What watches k-means; the others say nothing of how far they are.

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

        means = MiniBatchKMeans(
            count,
            random_state=seed,
            n_init=3,
            batch_size=BATCH,
            max_iter=EPOCHS,
            compute_labels=False,
        )
        steps = {STEP: EPOCHS * len(sample) // BATCH}
        # Each of its many short steps ends with the slowest thread: on a busy machine, several
        # threads take far longer than one.
        beside = fit is not None  # which is on a thread of its own
        with (
            one_thread(beside=beside),
            nullcontext() if fit is None else fit.counting(steps, FOUND),
        ):
            means.fit(sample)
        find = partial(_nearest_mean, means)
        return _ordered(_nearest_mean(means, rows, fit), find)
    if method == "gaussian-mixture":
        from sklearn.mixture import GaussianMixture

        # In a unit in which what is added to every variance is small beside it.
        scale = float(sample.std()) or 1.0
        with one_thread(sample.size):
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


def _nearest_mean(model: Any, rows: Rows, fit: Fit | None = None) -> Groups:
    with one_thread(beside=fit is not None):
        parts = [model.predict(rows[part]) for part in _parts(rows, fit, FOUND, 1.0)]
    return np.concatenate(parts)


def _mixed(model: Any, scale: float, rows: Rows) -> Groups:
    with one_thread():
        return np.asarray(model.predict(rows.astype(np.float64) / scale))


def _as_nearest(nearest: Nearest, groups: Groups, rows: Rows) -> Groups:
    return np.asarray(groups[nearest(rows, 1)[0][:, 0]])
