"""How far to believe groups of latents: silhouettes and stability, beside data without groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.analysis.clustering import grouped
from latentwidgets.analysis.intervals import bootstrap_interval, mean_intervals
from latentwidgets.common.checks import seed_after
from latentwidgets.common.parallel import one_blas_thread
from latentwidgets.common.progress import progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.analysis.clustering import Grouping

    Rows = NDArray[np.float32]
    Groups = NDArray[np.intp]
    Matrix = NDArray[np.float64]

__all__ = ["Quality", "quality_of"]

# Silhouettes are those of so many latents, of every group a part, but at least so many of each.
MOST_JUDGED, LEAST_JUDGED = 2000, 20
# Halves are taken of so many latents at most, and compared on so many.
MOST_HALVED, MOST_COMPARED = 100_000, 20_000
# So many sets of data without groups, each of as many latents as there are: of so many at most, and
# of long latents of as many as have so many numbers.
DRAWS, NUMBERS = 20, 2**22
MOST_DRAWN = {"k-means": 20_000, "gaussian-mixture": 5000, "hdbscan": 5000}


@dataclass(frozen=True)
class Quality:
    """How far to believe groups: `each` of them, and all of them together.

    Attributes
    ----------
    silhouettes, weights : ndarray
        Of some latents, and how many of all each of these stands for: ``(m,)``.
    judged : ndarray
        The groups of these.
    overlaps, chances : ndarray
        How well each group is found again in each half, and groups at random in its place,
        ``(halves, groups)``.
    agreements : ndarray
        The adjusted Rand index of each half, ``(halves,)``.
    null : ndarray
        Of data without groups silhouette and agreement, ``(draws, 2)``.
    seed : int
        For bootstraps.
    """

    silhouettes: Matrix
    weights: Matrix
    judged: Groups
    overlaps: Matrix
    chances: Matrix
    agreements: Matrix
    null: Matrix
    seed: int

    def each(self, group: int) -> tuple[float, tuple[float, float], float, float]:
        """Give silhouette and its interval, stability and its chance, of one group."""
        own = self.silhouettes[self.judged == group]
        # One latent says nothing of what others would be like.
        ends = mean_intervals(own[None], self.seed)[0] if len(own) > 1 else (np.nan, np.nan)
        return (
            float(own.mean()),
            (float(ends[0]), float(ends[1])),
            float(self.overlaps[:, group].mean()),
            float(self.chances[:, group].mean()),
        )

    def overall(
        self,
    ) -> tuple[float, tuple[float, float], tuple[float, float], float, tuple[float, float], float]:
        """Give silhouette, its interval and its chance, and of stability the same."""

        def mean(some: Matrix) -> float:
            return float(np.average(some[:, 0], weights=some[:, 1]))

        table = np.stack([self.silhouettes, self.weights], axis=1)
        return (
            mean(table),
            bootstrap_interval(table, mean, self.seed),
            (float(self.null[:, 0].mean()), float(self.null[:, 0].max())),
            float(self.agreements.mean()),
            bootstrap_interval(self.agreements, lambda some: float(some.mean()), self.seed),
            float(self.null[:, 1].mean()),
        )


def quality_of(
    rows: Rows, found: Grouping, method: str, count: int | None, *, halves: int, seed: int
) -> Quality:
    """Judge groups.

    Parameters
    ----------
    rows : ndarray
        Flat latents, ``(n, latent_size)``.
    found : Grouping
        Their groups, two or more.
    method, count, seed
        How they were found, as `grouped` takes it.
    halves : int
        How often a random half is grouped.

    Returns
    -------
    Quality
        Silhouettes, and how well groups are found again.
    """
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(seed)
    silhouettes, judged = _silhouettes(rows, found.groups, found.count, rng)
    sizes = np.bincount(found.groups[found.groups >= 0], minlength=found.count)
    weights = (sizes / np.maximum(np.bincount(judged, minlength=found.count), 1))[judged]
    compared = rng.permutation(len(rows))[:MOST_COMPARED]
    mine = found.groups[compared]
    half = min(len(rows), MOST_HALVED) // 2
    overlaps, chances, agreements = [], [], []
    for i in progress(range(halves), "halves"):
        some = rows[rng.choice(len(rows), half, replace=False)]
        again = grouped(some, method, count, seed_after(seed, i)).place(rows[compared])
        agreements.append(float(adjusted_rand_score(mine, again)))
        overlaps.append(_overlaps(mine, again, found.count))
        chances.append(_overlaps(mine, rng.permutation(again), found.count))
    null = [
        _without_groups(rows, method, count, seed_after(seed, i))
        for i in progress(range(DRAWS), "draws")
    ]
    return Quality(
        silhouettes,
        weights,
        judged,
        np.array(overlaps),
        np.array(chances),
        np.array(agreements),
        np.array(null),
        seed,
    )


@one_blas_thread()
def _silhouettes(
    rows: Rows, groups: Groups, count: int, rng: np.random.Generator
) -> tuple[Matrix, Groups]:
    """Give silhouettes of some latents of every group, and their groups."""
    from sklearn.metrics import silhouette_samples

    most = max(LEAST_JUDGED, MOST_JUDGED // count)
    few = [rng.permutation(np.flatnonzero(groups == i))[:most] for i in range(count)]
    kept = np.concatenate(few)
    found = silhouette_samples(rows[kept].astype(np.float64), groups[kept])
    return np.asarray(found), groups[kept]


def _overlaps(mine: Groups, again: Groups, count: int) -> Matrix:
    """Give the largest Jaccard index of each group with any of the others; NaN of an empty one."""
    table = np.zeros((count + 1, int(again.max()) + 2))
    np.add.at(table, (mine, again), 1)  # -1, what is in no group, comes last
    mine_sizes, again_sizes = table.sum(axis=1)[:-1, None], table.sum(axis=0)[None, :-1]
    both = table[:-1, :-1]
    if not both.shape[1]:  # nothing is in any group
        return np.zeros(count)
    either = mine_sizes + again_sizes - both
    best = (both / np.maximum(either, 1)).max(axis=1)
    return np.where(mine_sizes[:, 0] > 0, best, np.nan)


@one_blas_thread()
def _without_groups(rows: Rows, method: str, count: int | None, seed: int) -> tuple[float, float]:
    """Give silhouette and agreement where latents are normal, with the same covariance."""
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(seed)
    most = min(MOST_DRAWN[method], max(MOST_JUDGED, NUMBERS // rows.shape[1]))
    some = rows[rng.permutation(len(rows))[:most]].astype(np.float64)
    # Normal numbers times the triangle of a QR decomposition: these have the latents' covariance.
    triangle = np.linalg.qr(some - some.mean(axis=0), mode="r")
    drawn = rng.normal(size=(len(some), len(triangle))) @ triangle
    drawn = (drawn / np.sqrt(len(some))).astype(np.float32)
    found = grouped(drawn, method, count, seed)
    if found.count < 2:
        return 0.0, 0.0
    half = drawn[rng.choice(len(drawn), len(drawn) // 2, replace=False)]
    again = grouped(half, method, count, seed).place(drawn)
    silhouettes, judged = _silhouettes(drawn, found.groups, found.count, rng)
    means = [silhouettes[judged == i].mean() for i in range(found.count)]
    sizes = np.bincount(found.groups[found.groups >= 0], minlength=found.count)
    agreement = float(adjusted_rand_score(found.groups, again))
    return float(np.average(means, weights=sizes)), agreement
