"""The clusters of a map: k-means of its latents, or those that somebody found; and their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.clustering import k_means
from latentwidgets.analysis.found_clusters import Clusters
from latentwidgets.common.checks import real_number
from latentwidgets.common.items import check_items
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Groups", "check_clusters", "check_names", "renamed"]

LEAST, MOST = 2, 20
# Names of clusters are cut after so many letters.
MOST_LETTERS = 80
UNTESTED = "k-means, untested: lw.analysis.clusters says how far to believe clusters"


class Groups:
    """Clusters of latents, found when they are first wanted.

    Parameters
    ----------
    given : int or Clusters
        How many k-means is to find, or clusters that were found.
    seed : int
        For k-means.

    Attributes
    ----------
    names : tuple of str
        What they are called, the largest first; can be set.
    doubt : str
        Why not to believe them; empty where there is no reason.

    Examples
    --------
    >>> groups = Groups(2, seed=0)
    >>> groups.names
    ('cluster 1', 'cluster 2')
    >>> groups.of(np.array([[0.0], [9.0], [0.1]], np.float32)).tolist()
    [0, 1, 0]
    """

    def __init__(self, given: int | Clusters, seed: int) -> None:
        self._given, self._seed = given, seed
        self._which: NDArray[np.int64] | None = None
        if isinstance(given, Clusters):
            self.names, self.doubt = given.names, given.warning or ""
            self._which = given.labels
        else:
            self.names = tuple(f"cluster {i + 1}" for i in range(given))
            self.doubt = UNTESTED

    def of(self, latents: NDArray[np.float32]) -> NDArray[np.int64]:
        """Give the cluster of each latent, 0 for the largest; -1 for what is in none.

        Parameters
        ----------
        latents : ndarray
            ``(n, *latent_shape)``, always the same.
        """
        if self._which is None:
            assert not isinstance(self._given, Clusters)
            flat = latents.reshape(len(latents), -1)
            self._which = k_means(flat, self._given, seed=self._seed).astype(np.int64)
        return self._which


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
    names = check_items(given, "cluster_names are", f"{count} names")
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
