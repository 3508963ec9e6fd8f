"""The clusters of a map: k-means of its latents, or those that somebody found; and their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.clustering import k_means
from latentwidgets.analysis.found_clusters import Clusters
from latentwidgets.common.checks import real_number
from latentwidgets.common.items import check_ordered
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from latentwidgets.routes.watched import Fit

__all__ = ["USUAL", "Groups", "KeptClusters", "check_clusters", "check_names", "renamed"]

LEAST, USUAL, MOST = 2, 8, 20
# Names of clusters are cut after so many letters.
MOST_LETTERS = 80
UNTESTED = "k-means, untested: lw.analysis.clusters says how far to believe clusters"


# Of latents with more numbers than this, k-means takes longer than about a third of a second: it
# took 0.25 s of 100,000 x 128 on two cores, and 0.75 s of 1,000,000 x 64.
LONG = 2**24


class KeptClusters:
    """What k-means finds in the latents of a map, by the number of clusters: once each, and kept.

    Parameters
    ----------
    latents : ndarray
        ``(n, *latent_shape)``.
    seed : int
        For k-means.
    """

    def __init__(self, latents: NDArray[np.float32], seed: int) -> None:
        self._latents, self._seed = latents, seed
        self._kept: dict[int, NDArray[np.int8]] = {}

    def takes_long(self, count: int) -> bool:
        """Say whether so many clusters are still to be found, and that takes a while."""
        return count not in self._kept and self._latents.size > LONG

    def find(self, count: int, fit: Fit | None = None) -> NDArray[np.int8]:
        """Give the cluster of each latent, ``(n,)``: 0 for the largest.

        Parameters
        ----------
        count : int
            How many clusters, 20 at most.
        fit : Fit, optional
            What watches it.

        Raises
        ------
        FitCancelledError
            If it was cancelled.
        """
        if count not in self._kept:
            found = k_means(self._latents, count, seed=self._seed, fit=fit)
            self._kept[count] = found.astype(np.int8)  # there may be one of each number
        return self._kept[count]


class Groups:
    """Clusters of latents, found when they are first wanted.

    Parameters
    ----------
    given : int or Clusters
        How many k-means is to find, or clusters that were found.
    kept : KeptClusters
        What k-means has found of these latents.

    Attributes
    ----------
    given : int or Clusters
        As above.
    names : tuple of str
        What they are called, the largest first.
    doubt : str
        Why not to believe them; empty where there is no reason.

    Examples
    --------
    >>> groups = Groups(2, KeptClusters(np.array([[0.0], [9.0], [0.1]], np.float32), seed=0))
    >>> groups.names
    ('cluster 1', 'cluster 2')
    >>> groups.call(["near", "far"])
    >>> groups.names
    ('near', 'far')
    >>> groups.which().tolist()
    [0, 1, 0]
    """

    def __init__(self, given: int | Clusters, kept: KeptClusters) -> None:
        self.given, self._kept = given, kept
        if isinstance(given, Clusters):
            self.names, self.doubt = given.names, given.warning or ""
        else:
            self.names = tuple(f"cluster {i + 1}" for i in range(given))
            self.doubt = UNTESTED

    def call(self, names: Sequence[str]) -> None:
        """Call them so; raises where it is not one name for each."""
        self.names = check_names(names, self.given)

    def are(self, given: int | Clusters) -> bool:
        """Say whether these are the clusters that somebody means."""
        return self.given is given or (isinstance(given, int) and self.given == given)

    def take_long(self) -> bool:
        """Say whether they are still to be found, and that takes a while."""
        return not isinstance(self.given, Clusters) and self._kept.takes_long(self.given)

    def which(self, fit: Fit | None = None) -> NDArray[Any]:
        """Give the cluster of each latent, 0 for the largest; -1 for what is in none.

        Parameters
        ----------
        fit : Fit, optional
            What watches how they are found.
        """
        if isinstance(self.given, Clusters):
            return self.given.labels
        return self._kept.find(self.given, fit)


def check_clusters(given: Any, count: int) -> int | Clusters:
    """Take how many clusters there are, or those that `latentwidgets.analysis.clusters` found.

    Parameters
    ----------
    given : object
        What somebody set.
    count : int
        How many latents there are.
    """
    if isinstance(given, Clusters):
        if len(given.labels) != count:
            raise LatentValueError(
                f"clusters are of {len(given.labels)} latents; the map shows {count}. Find them in "
                "the latents of the map."
            )
        return given
    number = real_number(given, "clusters", least=LEAST, most=MOST)
    if number != int(number):
        raise LatentValueError(f"clusters is {number:g}; expected a whole number.")
    return int(number)


def check_names(given: Any, clusters: int | Clusters) -> tuple[str, ...]:
    """Take names of clusters, one for each.

    Parameters
    ----------
    given : object
        What somebody set.
    clusters : int or Clusters
        As `check_clusters` gives them.

    Examples
    --------
    >>> check_names(["boots", "coats"], 2)
    ('boots', 'coats')
    """
    count = len(clusters.names) if isinstance(clusters, Clusters) else clusters
    names = check_ordered(given, "cluster_names are", f"{count} names")
    for name in names:
        if not isinstance(name, str):
            raise LatentTypeError(f"cluster_names hold {brief(name)}; expected texts.")
    if len(names) != count:
        raise LatentValueError(f"there are {len(names)} cluster_names; expected {count}.")
    return tuple(name.strip()[:MOST_LETTERS] for name in names)


def renamed(names: Sequence[str], given: Any) -> tuple[str, ...]:
    """Call one cluster as a page has said; what is empty changes nothing.

    Parameters
    ----------
    names : sequence of str
        What they were called.
    given : object
        How many the page has renamed, the cluster's number, and its name.

    Examples
    --------
    >>> renamed(["cluster 1", "cluster 2"], [1, 0, "boots"])
    ('boots', 'cluster 2')
    """
    try:
        _, code, text = given
        place = range(len(names))[code]
        name = text.strip()[:MOST_LETTERS]
    except (AttributeError, IndexError, TypeError, ValueError):
        raise LatentValueError(
            f"renamed is {brief(given)}; expected the number and name of a cluster."
        ) from None
    return tuple(name if i == place and name else one for i, one in enumerate(names))
