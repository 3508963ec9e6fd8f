"""Names for clusters: the labels, or the words, that are more frequent in them than elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.results import Result
from latentwidgets.common.items import check_ordered
from latentwidgets.common.wording import brief, short
from latentwidgets.directions.columns import (
    present_in,
    readable_columns,
)
from latentwidgets.directions.labels import kind_of
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Groups = NDArray[np.intp]
    # Of each item what it has: its labels, or its words.
    Features = Sequence[frozenset[str]]

__all__ = ["ClusterName", "names_of", "tags_of", "words_of"]

# A name is proposed where chance gives one as telling less often than this, in all clusters.
LEVEL = 0.01
# Words that are in fewer texts than this tell nothing of a cluster.
FEWEST = 3
MOST_WORDS = 3


@dataclass(frozen=True)
class ClusterName(Result):
    """A label, or a word, that is more frequent in a cluster than elsewhere.

    Attributes
    ----------
    text : str
        The label or the word.
    share : float
        The share of the cluster's items that have it.
    elsewhere : float
        The share of all other items that have it.
    chance : float
        The share of all items that have it: that of a cluster of items drawn at random.
    p_value : float
        How often as many of the cluster's items would have it by chance, corrected for the number
        of labels or words and of clusters.
    """

    text: str
    share: float
    elsewhere: float
    chance: float
    p_value: float


def tags_of(labels: object, n: int) -> list[frozenset[str]]:
    """Give the labels of each latent as texts.

    Parameters
    ----------
    labels : mapping, DataFrame, Series or array_like
        As `probe_directions` takes them. Columns of amounts are left out.
    n : int
        How many latents there are.

    Returns
    -------
    list of frozenset of str
        One for each; where there are several columns, with their names.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are no labels, or all are amounts.

    Examples
    --------
    >>> [sorted(one) for one in tags_of(["cat", None, "dog"], 3)]
    [['cat'], [], ['dog']]
    """
    columns = readable_columns(labels)
    found: list[set[str]] = [set() for _ in range(n)]
    used = 0
    for name, values in columns.items():
        if values.shape != (n,):
            raise LatentValueError(
                f"labels {brief(name)} have shape {values.shape}; there are {n} latents. Give one "
                "label for each, NaN or None where it is missing."
            )
        rows, present = present_in(values)
        texts = [str(value) for value in present.tolist()]
        if present.dtype != object and kind_of(present, np.unique(present)) == "continuous":
            continue
        used += 1
        alone = len(columns) == 1
        for row, text in zip(rows.tolist(), texts, strict=True):
            found[row].add(text if alone else f"{name}: {text}")
    if not used:
        raise LatentValueError(
            "the labels are amounts; expected classes, to name clusters by. Pass such as "
            "np.where(age > 40, 'old', 'young')."
        )
    return [frozenset(one) for one in found]


def words_of(texts: Any, n: int) -> list[frozenset[str]]:
    """Give the words of each text, in small letters.

    Parameters
    ----------
    texts : iterable of str
        One for each latent; None where one is missing.
    n : int
        How many latents there are.

    Returns
    -------
    list of frozenset of str
        One for each.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are no texts, or not one for each latent.

    Examples
    --------
    >>> [sorted(one) for one in words_of(["The cat, the dog", None], 2)]
    [['cat', 'dog', 'the'], []]
    """
    items = check_ordered(texts, "texts are", "a text for each latent")
    for one in items:
        if one is not None and not isinstance(one, str):
            raise LatentTypeError(f"texts hold {brief(one)}; expected texts, None where one lacks.")
    if len(items) != n:
        raise LatentValueError(f"there are {len(items)} texts and {n} latents; expected one each.")
    words = re.compile(r"[^\W\d_][\w'’-]*")
    return [frozenset(words.findall((one or "").lower())) for one in items]


def names_of(
    features: Features, groups: Groups, count: int, *, most: int = 1
) -> list[tuple[ClusterName, ...]]:
    """Find what is more frequent in each group than elsewhere.

    Parameters
    ----------
    features : sequence of frozenset of str
        Of each item what it has.
    groups : ndarray of int
        The group of each, ``(n,)``; -1 for none.
    count : int
        How many groups there are.
    most : int
        So many for each group at most.

    Returns
    -------
    list of tuple of ClusterName
        For each group, the most telling first; none where chance would give as much.

    Notes
    -----
    The p-value is that of Fisher's exact test, times the number of tests.

    Examples
    --------
    >>> features = [frozenset(["cat" if i < 20 else "dog", "animal"]) for i in range(40)]
    >>> found = names_of(features, np.repeat([0, 1], 20), 2)
    >>> [[one.text for one in names] for names in found]
    [['cat'], ['dog']]
    """
    from scipy.stats import hypergeom

    every = Counter(feature for one in features for feature in one)
    kept = [feature for feature, number in every.items() if number >= FEWEST]
    place = {feature: i for i, feature in enumerate(kept)}
    inside = np.zeros((count, len(kept)))
    for one, group in zip(features, groups.tolist(), strict=True):
        if group >= 0:
            inside[group, [place[feature] for feature in one if feature in place]] += 1
    sizes = np.bincount(groups[groups >= 0], minlength=count)[:, np.newaxis]
    total, n = np.array([every[feature] for feature in kept], float), len(features)
    shares = inside / np.maximum(sizes, 1)
    elsewhere = (total - inside) / np.maximum(n - sizes, 1)
    # What to look at: the difference in its standard errors. The exact test of all would take long.
    overall = total / n
    spread = np.sqrt(overall * (1 - overall) * (1 / np.maximum(sizes, 1) + 1 / n)) + 1e-12
    telling = (shares - elsewhere) / spread
    found = []
    for group in range(count):
        names = []
        for i in np.argsort(-telling[group], kind="stable")[:most]:
            drawn = hypergeom(n, int(total[i]), int(sizes[group, 0]))
            p_value = min(1.0, float(drawn.sf(inside[group, i] - 1)) * inside.size)
            if p_value <= LEVEL and shares[group, i] > elsewhere[group, i]:
                name, share = short(kept[i]), float(shares[group, i])
                other, chance = float(elsewhere[group, i]), float(overall[i])
                names.append(ClusterName(name, share, other, chance, p_value))
        found.append(tuple(names))
    return found
