"""`nearest`: which latents of a data set are nearest to some others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.latent_index import NO_DATA_SET, LatentIndex
from latentwidgets.analysis.results import TableResult
from latentwidgets.analysis.tables import Table, number, plain_data
from latentwidgets.common.checks import check_whole, real_array
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.nearest import searcher
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError
from latentwidgets.space.inputs import one_or_several
from latentwidgets.space.latents import check_latents

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

__all__ = ["NearestLatents", "nearest"]

# Chance is the distance to so many latents, drawn at random.
DRAWN = 1000
MOST_SHOWN, MOST_NAMED = 50, 5


@dataclass(frozen=True, repr=False, eq=False)
class NearestLatents(TableResult):
    """Which latents are nearest to some others. What `nearest` returns.

    Attributes
    ----------
    rows : ndarray
        The nearest latents of the data set by number, int64 ``(n, k)``, the nearest first.
    distances : ndarray
        How far away they are, float64 ``(n, k)``.
    chance : ndarray
        The median distance to 1,000 latents of the data set drawn at random (to all of fewer),
        ``(n,)``: neighbours that are no nearer than that say nothing.
    metric : str
        How distances are measured.
    searched : int
        How many latents there are in the data set.
    recall : float or None
        The share of the k nearest that an index finds, as `LatentIndex.recall_of` measures it; None
        where all latents were looked at, and none is missed.
    recall_interval : tuple of float or None
        Where 95 % of bootstrap samples have it.
    """

    rows: NDArray[np.int64]
    distances: NDArray[np.float64]
    chance: NDArray[np.float64]
    metric: str
    searched: int
    recall: float | None = None
    recall_interval: tuple[float, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        found: dict[str, Any] = plain_data(self)
        return found

    def plot(self) -> Figure:
        """Draw distances over ranks, a line for each latent, with chance as a dotted line.

        Returns
        -------
        matplotlib.figure.Figure
            With 50 lines at most. Closed, so that a notebook shows it once.
        """
        import matplotlib.pyplot as plt
        from matplotlib.ticker import MaxNLocator

        figure, axes = plt.subplots(figsize=(5, 2.8), layout="constrained")
        ranks = np.arange(1, self.rows.shape[1] + 1)
        few = self.distances[:MOST_SHOWN], self.chance[:MOST_SHOWN]
        for i, (distances, chance) in enumerate(zip(*few, strict=True)):
            axes.plot(ranks, distances, "o-", color=f"C{i % 10}", markersize=3)
            axes.axhline(chance, linestyle=":", color=f"C{i % 10}", linewidth=1)
        axes.set(xlabel="neighbour", ylabel=f"{self.metric} distance".replace("$", r"\$"))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylim(bottom=min(0.0, float(self.distances.min())))
        axes.set_title("dotted: a latent at random", fontsize="small", loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        plt.close(figure)
        return figure

    def _table(self) -> Table:
        named = self.rows[:MOST_SHOWN, :MOST_NAMED]
        more = self.rows.shape[1] > MOST_NAMED
        rows = [
            [
                str(i),
                ", ".join(map(str, few)) + ", …" * more,
                number(self.distances[i, 0], 3),
                number(self.distances[i, -1], 3),
                number(self.chance[i], 3),
            ]
            for i, few in enumerate(named.tolist())
        ]
        left = len(self.rows) - MOST_SHOWN
        found = "All latents were looked at."
        if self.recall is not None and self.recall_interval is not None:
            found = "By an index, which finds {} of the nearest (95 %: {} to {}).".format(
                *(number(one, 3) for one in (self.recall, *self.recall_interval))
            )
        notes = [
            f"{left:,} more are not shown." if left > 0 else None,
            f"Of {self.searched:,} latents, by {self.metric} distance; chance is the median "
            f"distance to latents drawn at random. {found}",
        ]
        k = self.rows.shape[1]
        head = ["latent", "nearest", "distance", f"of number {k}", "chance"]
        return Table(head, rows, texts=2, notes=notes)


@checked_keywords
def nearest(
    z: ArrayLike, latents: ArrayLike | LatentIndex, *, k: int = 10, metric: Any = None
) -> NearestLatents:
    """Find the latents of a data set that are nearest to some others.

    Parameters
    ----------
    z : array_like
        One latent, ``latent_shape``, or several, ``(n, *latent_shape)``.
    latents : array_like or LatentIndex
        The data set, real and finite, ``(m, *latent_shape)``. Of a hundred thousand and more make
        a `LatentIndex` once, and pass it.
    k : int
        How many neighbours, m at most. A latent that is in the data set is its own nearest.
    metric : str or callable, optional
        "euclidean" if None, "cosine", or another metric of `sklearn.neighbors.NearestNeighbors`; of
        an index its own.

    Returns
    -------
    NearestLatents
        Rows and distances of the neighbours, beside the distance to a latent drawn at random.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, or there are fewer than k latents.

    References
    ----------
    Beyer et al. 1999, "When is nearest neighbor meaningful?", ICDT: beside chance, neighbours in
    many dimensions may be hardly nearer than any other.

    Examples
    --------
    >>> found = nearest([0.0, 0.2], [[0.0, 0.0], [3.0, 4.0], [1.0, 0.0]], k=2)
    >>> found.rows.tolist(), found.distances.round(2).tolist()
    ([[0, 2]], [[0.2, 1.02]])
    """
    count = check_whole(k, "k", least=1)
    if isinstance(latents, LatentIndex):
        if metric is not None and not (isinstance(metric, str) and metric == latents.metric):
            raise LatentValueError(
                f"metric is {brief(metric)}; the index was made for {latents.metric!r}. Leave "
                "metric out, or make another LatentIndex(latents, metric=...)."
            )
        metric, array = latents.metric, latents.latents
    else:
        metric = "euclidean" if metric is None else metric
        array = real_array(latents, "latents")
        if array.ndim < 2:
            raise LatentValueError(f"latents have shape {array.shape}; {NO_DATA_SET}")
        array = check_latents(array, array.shape[1:], "latents")
    if count > len(array):
        raise LatentValueError(
            f"k is {count}; there are only {len(array):,} latents. Pass k={len(array)} or less, "
            "or more latents."
        )
    given = one_or_several(array.shape[1:], z, "z")
    queries = np.ascontiguousarray(given.reshape(-1, array[0].size))
    rows = array.reshape(len(array), -1)
    drawn = rows
    if len(rows) > DRAWN:
        drawn = rows[np.random.default_rng(0).choice(len(rows), DRAWN, replace=False)]
    chance = np.median(searcher(drawn, metric)(queries, len(drawn))[1], axis=1)
    recall: tuple[Any, Any] = (None, None)
    if isinstance(latents, LatentIndex):
        found, distances = latents.search(given.reshape(-1, *array.shape[1:]), count)
        recall = latents.recall_of(min(count, len(rows) - 1))
    else:
        found, distances = searcher(rows, metric)(queries, count)
    return NearestLatents(
        np.asarray(found, np.int64),
        np.asarray(distances, np.float64),
        np.asarray(chance, np.float64),
        metric if isinstance(metric, str) else getattr(metric, "__name__", type(metric).__name__),
        len(rows),
        *recall,
    )
