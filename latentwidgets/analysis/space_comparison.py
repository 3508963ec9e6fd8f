"""`compare_spaces`: how alike two models see the same items, and which items they see otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.intervals import bootstrap_interval
from latentwidgets.analysis.kernel_alignment import LONG, Alignment
from latentwidgets.analysis.paired_spaces import paired_paths
from latentwidgets.analysis.probe_reports import probe_report
from latentwidgets.analysis.spaces_compared import SpaceComparison
from latentwidgets.common.attributes import has
from latentwidgets.common.checks import check_seed, check_text, check_whole
from latentwidgets.common.items import check_ordered
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.nearest import Nearest
from latentwidgets.common.progress import progress
from latentwidgets.directions.columns import columns_in
from latentwidgets.directions.samples import Data
from latentwidgets.directions.usable_labels import tell_left_out
from latentwidgets.errors import LatentTypeError, LatentValueError, LatentWidgetsError
from latentwidgets.space.as_space import as_space, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from latentwidgets.analysis.probe_reports import ProbeReport

__all__ = ["compare_spaces"]

# Of more items so many are drawn at random; fewer where latents are long.
MOST, MOST_OF_LONG = 10_000, 2000
FEWEST = 10
# Chance is that of so many random pairings of the items; an interval that of so many halves.
SHUFFLES, HALVES = 200, 200


@checked_keywords
def compare_spaces(
    a: Any,
    b: Any,
    *,
    items: Any = None,
    labels: object = None,
    k: int = 10,
    paths: int = 2,
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> SpaceComparison:
    """Say how alike two models see the same items, and which items they see otherwise.

    Parameters
    ----------
    a, b : LatentSpace, object or array_like
        Two spaces that encode (or what `as_space` takes), with `items`; or the latents of the same
        items in the same order, ``(n, *latent_shape)`` each, of any two shapes.
    items : sequence, optional
        What both spaces encode.
    labels : mapping, DataFrame, Series or array_like, optional
        Labels of the items, which both spaces are probed for, as `probe_report` takes them.
    k : int
        How many neighbours are compared.
    paths : int
        Between how many random pairs of items the straight path is measured in both spaces, as
        `smoothness` does; none where latents are given, or outputs are no numbers.
    names : sequence of str, optional
        What to call the two; "a" and "b", or the names of the spaces, if None.
    seed : int
        For all that is drawn. Of more than 10,000 items so many are; where latents have more than
        128 numbers, 2,000.

    Returns
    -------
    SpaceComparison
        Alignment, neighbours that are the same, and probes side by side, each beside chance; and
        which items changed their neighbours. In a notebook a click on one opens what both spaces
        decode of it; ``found.show(item)`` gives it for any.

    Raises
    ------
    LatentTypeError, LatentValueError
        If there are not the same items in both, a space has no encoder, or an argument cannot be
        used.

    Notes
    -----
    Alignment is of the whole: it is led by the directions in which latents vary most. Neighbours
    are of the detail.

    References
    ----------
    Kornblith et al. 2019, "Similarity of neural network representations revisited" (arXiv
    1905.00414); Nguyen et al. 2021, "Do wide and deep networks learn the same things?" (arXiv
    2010.15327), debiased.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> latents = rng.normal(size=(200, 5))
    >>> turned = latents @ np.linalg.qr(rng.normal(size=(5, 5)))[0]
    >>> found = compare_spaces(latents, turned)
    >>> round(found.cka, 3), round(found.overlap, 3)
    (1.0, 1.0)
    """
    k, seed = check_whole(k, "k", least=1), check_seed(seed)
    count = check_whole(paths, "paths", least=0)
    given = _both(a, b, items)
    pair = [Data(one, f"latents of {name}") for (one, *_), name in zip(given, "ab", strict=True)]
    called = _checked_names(names, [name for _, name, _ in given])
    n = len(pair[0])
    if len(pair[1]) != n:
        raise LatentValueError(
            f"a has {n:,} latents and b has {len(pair[1]):,}; expected those of the same items, in "
            "the same order. Pass the latents of the items that are in both, or two spaces and "
            "items=..., which both encode."
        )
    rng = np.random.default_rng(seed)
    longest = max(one.rows.shape[1] for one in pair)
    kept = np.sort(rng.permutation(n)[: MOST if longest <= LONG else MOST_OF_LONG])
    if len(kept) < max(FEWEST, k + 2):
        drawn = f", of which {len(kept):,} are compared," if len(kept) < n else ""
        ways = ["more items"] * (not drawn) + [f"k={len(kept) - 2} or less"] * (len(kept) >= FEWEST)
        raise LatentValueError(
            f"there are {n:,} items{drawn} and k is {k:,}; expected at least {FEWEST} items, and "
            f"more than k + 1. Pass {', or '.join(ways)}."
        )
    probes = {} if labels is None else _probes(pair, labels, seed)
    alignment = Alignment(*(one.rows[kept].astype(np.float64) for one in pair))
    every = np.arange(len(kept))
    cka = alignment(every, every)
    chance = [
        alignment(every, rng.permutation(every)) for _ in progress(range(SHUFFLES), "shuffles")
    ]
    halves = [
        alignment(some, some)
        for some in (rng.permutation(every)[: len(every) // 2] for _ in range(HALVES))
    ]
    found = [_neighbours(one.rows[kept], k) for one in pair]
    # An item is once among the neighbours of each: what is there twice is in both.
    both = np.sort(np.concatenate(found, axis=1), axis=1)
    overlaps = np.asarray((both[:, 1:] == both[:, :-1]).sum(axis=1) / k)
    low, high = np.percentile(halves, (2.5, 97.5))
    return SpaceComparison(
        called,
        cka,
        (float(low), float(high)),
        (float(np.mean(chance)), float(np.max(chance))),
        float(overlaps.mean()),
        bootstrap_interval(overlaps, lambda some: float(some.mean()), seed),
        k / (len(kept) - 1),
        overlaps,
        kept.astype(np.int64),
        (kept[found[0]].astype(np.int64), kept[found[1]].astype(np.int64)),
        k,
        probes,  # type: ignore[arg-type]
        *_of_spaces(given, count, seed),
    )


def _probes(pair: list[Data], labels: object, seed: int) -> dict[str, tuple[ProbeReport, ...]]:
    """Probe both for each column of labels that can be used; one warning names the others."""
    unread: dict[str, LatentWidgetsError] = {}
    columns = columns_in(labels, unread)
    probes: dict[str, tuple[ProbeReport, ...]] = {}
    for name, values in columns.items():
        try:
            probes[name] = tuple(probe_report(one.rows, {name: values}, seed=seed) for one in pair)
        except LatentWidgetsError as error:
            unread[name] = error
    if not probes:
        raise next(iter(unread.values()))
    tell_left_out([error.clause for error in unread.values()])
    return probes


def _of_spaces(given: Any, count: int, seed: int) -> tuple[Any, ...]:
    """Give paths in both spaces, the spaces and their latents; nothing where one is missing."""
    spaces, latents = (given[0][2], given[1][2]), (given[0][0], given[1][0])
    if None in spaces:
        return ()
    return paired_paths(spaces, latents, count, seed), spaces, latents


def _both(a: Any, b: Any, items: Any) -> list[tuple[Any, str, Any]]:
    """Take latents of both, or encode the same items with both: latents, a name and the space."""
    items = [*items] if isinstance(items, Iterator) else items
    given = [_checked(a, items, "a"), _checked(b, items, "b")]
    found: list[tuple[Any, str, Any]] = []
    failed: list[tuple[str, str, LatentTypeError | LatentValueError]] = []
    for (latents, called, space), name in zip(given, "ab", strict=True):
        try:
            encoded = latents if space is None else space.encode(items)
            found.append((encoded, called, space))
        except (LatentTypeError, LatentValueError) as error:
            failed.append((name, called, error))
    if not failed:
        return found
    name, called, refusal = failed[0]
    if not found:  # the items themselves cannot be used
        raise refusal
    kind = LatentTypeError if isinstance(refusal, LatentTypeError) else LatentValueError
    raise kind(
        f"{name}, the space {called}, does not take these items, which the other takes: "
        f"{refusal} Spaces of different data cannot be compared; where items only look otherwise "
        "to each, pass the latents that they have in both."
    ) from refusal


def _checked(given: Any, items: Any, name: str) -> tuple[Any, str, Any]:
    """Take latents, or a space that can encode the items; say what to call either."""
    given = within(given)
    if isinstance(given, (list, tuple, Iterator)) or has(given, "__array__"):
        if items is not None:
            raise LatentValueError(
                f"{name} are latents, and there are items; expected two spaces that encode items, "
                "or the latents of both. Leave items out."
            )
        return given, name, None
    space = as_space(given)
    if items is None:
        raise LatentTypeError(
            f"{name} is the space {space.name}, and there are no items; expected the same items "
            "for both. Pass items=..., which both encode, or the latents of both."
        )
    if not space.can_encode:
        raise LatentValueError(
            f"{space.name} has no encoder; expected one, to see the same items in both. Make it "
            "with encode=..., or pass the latents that the items have in it."
        )
    return None, space.name, space


def _checked_names(names: Any, own: list[str]) -> tuple[str, str]:
    if names is None:
        return ("a", "b") if own[0] == own[1] else (own[0], own[1])
    found = [check_text(one, "names") for one in check_ordered(names, "names are", "two texts")]
    if len(found) != 2 or found[0] == found[1]:
        raise LatentValueError(f"names are {found}; expected two that differ.")
    return found[0], found[1]


def _neighbours(rows: NDArray[np.floating], k: int) -> NDArray[np.intp]:
    """Give the k nearest rows to each, without itself."""
    wide = rows.astype(np.float32)
    found, _ = Nearest(wide)(wide, k + 1)
    itself = found == np.arange(len(rows))[:, np.newaxis]
    itself[~itself.any(axis=1), -1] = True  # of many that are the same it may be none of the first
    return np.asarray(found[~itself].reshape(len(rows), k))
