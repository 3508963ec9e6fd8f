"""`clusters`: groups of latents, how far to believe them, and what they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.cluster_names import (
    MOST_WORDS,
    ClusterName,
    names_of,
    tags_of,
    words_of,
)
from latentwidgets.analysis.cluster_quality import quality_of
from latentwidgets.analysis.clustering import CLUSTERINGS, flat_rows, grouped
from latentwidgets.analysis.results import Result, TableResult
from latentwidgets.analysis.tables import Table, estimate, number, plain_data
from latentwidgets.common.checks import check_one_of, check_seed, check_whole, real_array
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError
from latentwidgets.frames.ink import ink
from latentwidgets.kinds.shared.figure import grid_figure
from latentwidgets.kinds.shared.table import framer_for
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latents import check_latents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.analysis.clustering import Grouping

__all__ = ["Cluster", "Clusters", "clusters"]

# How many clusters there are where nobody says.
COUNT = 8
# A cluster that half of the latents find again so badly is none to rely on (Hennig 2007).
UNSTABLE = 0.6


@dataclass(frozen=True)
class Cluster(Result):
    """One group of latents.

    Attributes
    ----------
    name : str
        What is proposed to call it: labels or words that are more frequent in it than elsewhere,
        else its number.
    named_by : tuple of ClusterName
        These, with how frequent they are in it and elsewhere.
    size : int
        How many latents are in it.
    exemplars : tuple of int
        The latents in it that are nearest to its mean, by number, the nearest first.
    silhouette : float
        The mean silhouette of its latents.
    silhouette_interval : tuple of float
        Where 95 % of bootstrap samples have it; NaN of a single latent.
    stability : float
        How well it is found again where half of the latents are grouped: the largest Jaccard index
        with any of the clusters of these, on average. Below 0.6 it is not to be relied on.
    stability_chance : float
        The same for groups of the same sizes at random.
    """

    name: str
    named_by: tuple[ClusterName, ...]
    size: int
    exemplars: tuple[int, ...]
    silhouette: float
    silhouette_interval: tuple[float, float]
    stability: float
    stability_chance: float


@dataclass(frozen=True, repr=False, eq=False)
class Clusters(TableResult):
    """Groups of latents. What `clusters` returns.

    Attributes
    ----------
    clusters : tuple of Cluster
        From the largest down.
    labels : ndarray
        The cluster of each latent, int64 ``(n,)``: 0 for the largest; -1 for what is in none.
    method : str
        How they were found.
    silhouette : float
        The mean silhouette: from -1 to 1, where 1 is groups that are small beside their distances.
    silhouette_interval : tuple of float
        Where 95 % of bootstrap samples of the latents have it.
    silhouette_chance : tuple of float
        The mean, and the largest, that the same method gives for 20 draws from a normal
        distribution with the latents' mean and covariance, which has no clusters. Each draw is of
        as many latents as there are, but of 20,000 at most (5,000 where the method is not
        "k-means"), and of fewer that are very long.
    stability : float
        How well all are found again where half of the latents are grouped: the mean adjusted Rand
        index, which is 0 for groups at random and 1 for the same groups.
    stability_interval : tuple of float
        Where 95 % of bootstrap samples of these halves have it.
    stability_chance : float
        The mean of it for those 20 draws.
    """

    clusters: tuple[Cluster, ...]
    labels: NDArray[np.int64] = field(repr=False)
    method: str
    silhouette: float
    silhouette_interval: tuple[float, float]
    silhouette_chance: tuple[float, float]
    stability: float
    stability_interval: tuple[float, float]
    stability_chance: float
    # The latents of the exemplars, (clusters, columns, *latent_shape).
    _shown: NDArray[np.float32] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the clusters."""
        return tuple(one.name for one in self.clusters)

    @property
    def unassigned(self) -> int:
        """How many latents are in no cluster."""
        return int((self.labels < 0).sum())

    @property
    def warning(self) -> str | None:
        """In plain words, why not to believe the clusters; None where there is no reason."""
        doubts = []
        if self.silhouette <= self.silhouette_chance[1]:
            doubts.append(
                f"their silhouette is {number(self.silhouette)}, and one of 20 sets of latents "
                f"without clusters has {number(self.silhouette_chance[1])}"
            )
        shaky = [one.name for one in self.clusters if one.stability < UNSTABLE]
        if shaky:
            named = ", ".join(map(brief, shaky[:5])) + ", …" * (len(shaky) > 5)
            doubts.append(f"half of the latents do not give {named} again")
        if not doubts:
            return None
        sentence = "; ".join(doubts)
        return f"{sentence[0].upper()}{sentence[1:]}."

    def grid(self, space: Any, *, conditions: Mapping[str, Any] | None = None) -> Figure:
        """Decode the exemplars of every cluster: a row for each.

        Parameters
        ----------
        space : LatentSpace or object
            What decodes, or anything that `as_space` takes.
        conditions : mapping of str to value, optional
            Under which, one value each.

        Returns
        -------
        matplotlib.figure.Figure
            The nearest to the mean of its cluster first. A cluster that has fewer exemplars than
            others shows them again. Closed, so that a notebook shows it once.

        Raises
        ------
        LatentTypeError, LatentValueError
            If the latents are none of this space.
        DecodeError
            If the decoder raises.
        """
        space = as_space(space)
        columns = self._shown.shape[1]
        outputs = space.decode(np.concatenate(self._shown), conditions)
        framer = framer_for(
            space.kind, sample_rate=space.sample_rate, value_range=space.value_range
        )
        names = [f"{one.name} ({one.size:,})" for one in self.clusters]
        return grid_figure(framer, outputs, columns, row_names=names)

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        return {**plain_data(self), "labels": self.labels.tolist(), "warning": self.warning}

    def plot(self) -> Figure:
        """Draw the silhouette and the stability of each cluster, with chance as dotted lines.

        Returns
        -------
        matplotlib.figure.Figure
            Closed, so that a notebook shows it once.
        """
        import matplotlib.pyplot as plt

        places = np.arange(len(self.clusters))[::-1]
        figure, axes = plt.subplots(
            *(1, 2), figsize=(8, 1.2 + 0.28 * len(places)), sharey=True, layout="constrained"
        )
        bars: dict[str, Any] = {"color": "C0", "height": 0.6, "alpha": 0.55}
        axes[0].barh(places, [one.silhouette for one in self.clusters], **bars)
        axes[0].axvline(self.silhouette_chance[0], color=ink(axes[0]), linestyle=":")
        axes[1].barh(places, [one.stability for one in self.clusters], **bars)
        for place, one in zip(places, self.clusters, strict=True):
            ends = place - 0.3, place + 0.3
            axes[1].plot([one.stability_chance] * 2, ends, color=ink(axes[1]), linestyle=":")
        names = [f"{one.name} ({one.size:,})".replace("$", r"\$") for one in self.clusters]
        axes[0].set_yticks(places, names)
        axes[0].set_xlabel("mean silhouette")
        axes[1].set(xlabel="stability (Jaccard)", xlim=(0, 1))
        axes[0].set_title("dotted: chance", fontsize="small", loc="left")
        for one in axes:
            one.spines[["top", "right"]].set_visible(False)
        plt.close(figure)
        return figure

    def _table(self) -> Table:
        rows = [
            [
                one.name,
                "; ".join(
                    f"{by.text}: {by.share:.0%}, elsewhere {by.elsewhere:.0%}, "
                    f"chance {by.chance:.0%}"
                    for by in one.named_by
                ),
                f"{one.size:,}",
                estimate(one.silhouette, one.silhouette_interval),
                number(one.stability),
                number(one.stability_chance),
                ", ".join(map(str, one.exemplars[:5])),
            ]
            for one in self.clusters
        ]
        chance, most = (number(one) for one in self.silhouette_chance)
        intervals = [
            "{} to {}".format(*map(number, one))
            for one in (self.silhouette_interval, self.stability_interval)
        ]
        notes = [
            f"{len(self.labels):,} latents, by {self.method}"
            + (f"; {self.unassigned:,} are in no cluster." if self.unassigned else "."),
            f"Silhouette {number(self.silhouette)} (95 %: {intervals[0]}); latents without "
            f"clusters have {chance}, and at most {most}. Found again in halves of the latents: "
            f"adjusted Rand index {number(self.stability)} (95 %: {intervals[1]}); latents without "
            f"clusters have {number(self.stability_chance)}.",
            self.warning and f"⚠ {self.warning}",
        ]
        head = ["cluster", "named by", "latents", "silhouette", "stability", "chance", "exemplars"]
        return Table(head, rows, texts=2, notes=notes)


@checked_keywords
def clusters(
    latents: ArrayLike,
    method: str = "k-means",
    *,
    count: int | None = None,
    labels: object = None,
    texts: Any = None,
    exemplars: int = 8,
    halves: int = 20,
    seed: int = 0,
) -> Clusters:
    """Group latents, and say how far to believe the groups and what they are.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(n, *latent_shape)``.
    method : {"k-means", "gaussian-mixture", "hdbscan"}
        How. HDBSCAN leaves out what lies between groups, and finds their number by itself. Of more
        than 100,000, 50,000 or 10,000 latents a random sample is grouped and the others are placed.
    count : int, optional
        How many; 8 if None. Not for HDBSCAN.
    labels : mapping, DataFrame, Series or array_like, optional
        Labels of the latents, as `probe_directions` takes them: what clusters are named by.
    texts : iterable of str, optional
        Texts that the latents stand for, in place of labels.
    exemplars : int
        How many exemplars of each cluster are given.
    halves : int
        How often a random half of the latents is grouped, to see whether it gives the same.
    seed : int
        For all that is drawn.

    Returns
    -------
    Clusters
        With names, exemplars, silhouettes and stability, each beside chance.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, there are too few latents, all are the same, or fewer than
        two clusters are found.

    Notes
    -----
    k-means and mixtures always find the number of clusters that they are asked for. Whether there
    are any is said by the comparison with latents that have none.

    References
    ----------
    Rousseeuw 1987, "Silhouettes", Journal of Computational and Applied Mathematics 20; Tibshirani
    et al. 2001, "Estimating the number of clusters in a data set via the gap statistic": comparison
    with data without clusters; Hennig 2007, "Cluster-wise assessment of cluster stability".

    Examples
    --------
    >>> import latentwidgets as lw
    >>> rng = np.random.default_rng(0)
    >>> kinds = np.repeat(["cat", "dog"], 50)
    >>> found = lw.analysis.clusters(
    ...     rng.normal(size=(100, 4)) + 9 * (kinds == "dog")[:, None], count=2, labels=kinds
    ... )
    >>> sorted(found.names), found.warning
    (['cat', 'dog'], None)
    """
    check_one_of(method, "method", CLUSTERINGS)
    array = real_array(latents, "latents")
    rows = flat_rows(array)
    array = check_latents(array, array.shape[1:], "latents")
    n = len(rows)
    exemplars, seed = check_whole(exemplars, "exemplars", least=1), check_seed(seed)
    halves = check_whole(halves, "halves", least=2, most=1000)
    if method == "hdbscan" and count is not None:
        raise LatentValueError(
            f"count is {brief(count)}; HDBSCAN finds by itself how many there are. Leave count out."
        )
    if isinstance(count, (int, np.integer)) and count == 1:
        raise LatentValueError(
            "count is 1; expected at least 2: one cluster would hold all latents. Leave count out, "
            "or take method='hdbscan', which finds by itself how many there are."
        )
    number_of = None
    if method != "hdbscan":
        number_of = check_whole(COUNT if count is None else count, "count", least=2)
    least = 4 * (number_of or 2)
    if n < least:
        raise LatentValueError(
            f"there are {n} latents; expected at least {least}, four for each of {number_of or 2} "
            "clusters, since halves of them are grouped too. Pass more latents, or a smaller count."
        )
    if not (rows != rows[0]).any():
        raise LatentValueError(
            f"all {n} latents are the same; expected some that differ. Encode different items."
        )
    if labels is not None and texts is not None:
        raise LatentValueError("clusters got labels and texts; expected one, to name clusters by.")
    features = None if labels is None else tags_of(labels, n)
    features = features if texts is None else words_of(texts, n)
    found = grouped(rows, method, number_of, seed)
    if found.count < 2:
        raise LatentValueError(
            f"{method} finds {found.count} cluster{'s' * (found.count != 1)} in {n:,} latents; "
            "expected at least two, to compare them. The latents may have none: see what "
            "clusters(latents, 'k-means', count=2) says of chance, or group fewer numbers a "
            "latent, such as their components."
        )
    quality = quality_of(rows, found, method, number_of, halves=halves, seed=seed)
    named: list[tuple[ClusterName, ...]] = [()] * found.count
    if features is not None:
        most = 1 if texts is None else MOST_WORDS
        named = names_of(features, found.groups, found.count, most=most)
    names = _distinct([", ".join(by.text for by in one) for one in named])
    each = [
        Cluster(
            names[i],
            named[i],
            int((found.groups == i).sum()),
            _exemplars(rows, found, i, exemplars),
            *quality.each(i),
        )
        for i in range(found.count)
    ]
    columns = max(len(one.exemplars) for one in each)
    shown = np.stack([array[np.resize(one.exemplars, columns)] for one in each])
    return Clusters(tuple(each), found.groups.astype(np.int64), method, *quality.overall(), shown)


def _exemplars(
    rows: NDArray[np.float32], found: Grouping, group: int, most: int
) -> tuple[int, ...]:
    """Give the members of a group that are nearest to its mean."""
    members = np.flatnonzero(found.groups == group)
    own = rows[members].astype(np.float64)
    gaps = ((own - own.mean(axis=0)) ** 2).sum(axis=1)
    return tuple(members[np.argsort(gaps, kind="stable")[:most]].tolist())


def _distinct(names: list[str]) -> list[str]:
    """Give a number to clusters without a name, and to those with the name of a larger one."""
    found: list[str] = []
    for i, name in enumerate(names):
        again = sum(one == name or one.startswith(f"{name} (") for one in found)
        found.append(f"{name} ({again + 1})" if name and again else name or f"cluster {i + 1}")
    return found
