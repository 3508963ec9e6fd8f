"""`compare_spaces`: how alike two models see the same items, and which items they see otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.intervals import bootstrap_interval
from latentwidgets.analysis.kernel_alignment import LONG, Alignment
from latentwidgets.analysis.probe_reports import ProbeReport, probe_report
from latentwidgets.analysis.tables import html_table, number, plain_data
from latentwidgets.common.checks import check_seed, check_text, check_whole
from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.nearest import Nearest
from latentwidgets.common.progress import progress
from latentwidgets.directions.columns import columns_in
from latentwidgets.directions.samples import Data
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["SpaceComparison", "compare_spaces"]

# Of more items so many are drawn at random; fewer where latents are long.
MOST, MOST_OF_LONG = 10_000, 2000
FEWEST = 10
# Chance is that of so many random pairings of the items; an interval that of so many halves.
SHUFFLES, HALVES = 200, 200
MOST_SHOWN = 10


@dataclass(frozen=True, eq=False)
class SpaceComparison:
    """How alike two spaces are for the same items. What `compare_spaces` returns.

    Attributes
    ----------
    names : tuple of str
        What the two spaces are called.
    cka : float
        Debiased linear centred kernel alignment: 1 where one is the other but for rotation and
        scale, 0 where they have nothing to do with each other.
    cka_interval : tuple of float
        Where 95 % of random halves of the items have it, which vary as much as samples of all do.
    cka_chance : tuple of float
        The mean, and the largest, where items are paired at random, 200 times.
    overlap : float
        The mean share of an item's k nearest neighbours that are the same in both.
    overlap_interval : tuple of float
        Where 95 % of bootstrap samples of the items have it.
    overlap_chance : float
        What it is where neighbours are random.
    overlaps : ndarray
        That share of each item, ``(m,)``.
    items : ndarray
        Which items these are, int64 ``(m,)``: all of them, or those that were drawn.
    neighbours : tuple of ndarray
        In each space, the neighbours of each as numbers of items, int64 ``(m, k)``.
    k : int
        How many neighbours.
    probes : mapping of str to tuple of ProbeReport
        For each label the report of each space, of the same parts of the items.
    """

    names: tuple[str, str]
    cka: float
    cka_interval: tuple[float, float]
    cka_chance: tuple[float, float]
    overlap: float
    overlap_interval: tuple[float, float]
    overlap_chance: float
    overlaps: NDArray[np.float64]
    items: NDArray[np.int64]
    neighbours: tuple[NDArray[np.int64], NDArray[np.int64]] = field(repr=False)
    k: int
    probes: dict[str, tuple[ProbeReport, ProbeReport]]

    @property
    def changed(self) -> NDArray[np.int64]:
        """The items by number, those first whose neighbours differ most between the spaces."""
        return self.items[np.argsort(self.overlaps, kind="stable")]

    @property
    def warning(self) -> str | None:
        """In plain words, why not to believe the comparison; None where there is no reason."""
        if self.cka > self.cka_chance[1]:
            return None
        return (
            f"The two are no more alike than items paired at random ({number(self.cka, 3)}, at "
            f"random up to {number(self.cka_chance[1], 3)}): are the items in the same order?"
        )

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        return {**plain_data(self), "changed": self.changed.tolist(), "warning": self.warning}

    def plot(self) -> Figure:
        """Draw how many items keep how many neighbours, and the scores of the probes.

        Returns
        -------
        matplotlib.figure.Figure
            Closed, so that a notebook shows it once.
        """
        import matplotlib.pyplot as plt
        from matplotlib.patches import Patch

        across = 1 + bool(self.probes)
        figure, axes = plt.subplots(
            *(1, across), figsize=(4.6 * across, 3), squeeze=False, layout="constrained"
        )
        first = axes[0, 0]
        kept = np.bincount(np.rint(self.overlaps * self.k).astype(int), minlength=self.k + 1)
        first.bar(np.arange(self.k + 1), kept, width=0.8)
        chance = self.overlap_chance * self.k
        first.axvline(chance, color="0.3", linestyle=":")
        first.set(xlabel=f"of {self.k} neighbours, the same", ylabel="items")
        first.set_title(f"CKA {number(self.cka)}; dotted: chance", fontsize="small", loc="left")
        names = [name.replace("$", r"\$") for name in self.names]
        rows = self._probed()
        for place, (_, pair) in enumerate(rows):
            for i, one in enumerate(pair):
                where = place + 0.36 * (i - 0.5)
                low, high = (abs(end - one.score) for end in one.interval)
                axes[0, 1].bar(where, one.score, 0.34, color=f"C{i}", yerr=[[low], [high]])
                ends = [where - 0.17, where + 0.17]
                axes[0, 1].plot(ends, [one.chance] * 2, color="0.2", linestyle=":")
        if rows:
            axes[0, 1].set_xticks(
                range(len(rows)),
                [name.replace("$", r"\$").replace(", ", "\n") for name, _ in rows],
                fontsize="x-small",
            )
            axes[0, 1].set_ylabel("held-out score")
            handles = [Patch(color=f"C{i}") for i in (0, 1)]
            above: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 2}
            axes[0, 1].legend(handles, names, frameon=False, fontsize="small", **above)
        for one in axes.flat:
            one.spines[["top", "right"]].set_visible(False)
        plt.close(figure)
        return figure

    def _probed(self) -> list[tuple[str, tuple[Any, Any]]]:
        """Give the probes side by side, by the label and what probes it."""
        return [
            (f"{label}, {first.name}", (first, second))
            for label, (a, b) in self.probes.items()
            for first, second in zip(a.probes, b.probes, strict=True)
        ]

    def _repr_html_(self) -> str:
        def span(ends: tuple[float, float]) -> str:
            return "{} to {}".format(*(number(end, 3) for end in ends))

        rows = [
            [
                "CKA",
                number(self.cka, 3),
                span(self.cka_interval),
                f"{number(self.cka_chance[0], 3)}, at most {number(self.cka_chance[1], 3)}",
            ],
            [
                f"same of {self.k} neighbours",
                number(self.overlap, 3),
                span(self.overlap_interval),
                number(self.overlap_chance, 3),
            ],
        ]
        for name, pair in self._probed():
            for space, one in zip(self.names, pair, strict=True):
                what = f"{name}: {space}"
                rows.append([what, number(one.score, 3), span(one.interval), number(one.chance, 3)])
        most = ", ".join(map(str, self.changed[:MOST_SHOWN].tolist()))
        notes = [
            f"{self.names[0]} and {self.names[1]}, for {len(self.items):,} items. Items whose "
            f"neighbours changed most: {most}.",
            self.warning and f"⚠ {self.warning}",
        ]
        return html_table(["", "score", "95 %", "chance"], rows, notes=notes)


@checked_keywords
def compare_spaces(
    a: Any,
    b: Any,
    *,
    items: Any = None,
    labels: object = None,
    k: int = 10,
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
    names : sequence of str, optional
        What to call the two; "a" and "b", or the names of the spaces, if None.
    seed : int
        For all that is drawn. Of more than 10,000 items so many are; where latents have more than
        128 numbers, 2,000.

    Returns
    -------
    SpaceComparison
        Alignment, neighbours that are the same, and probes side by side, each beside chance; and
        which items changed their neighbours.

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
    given = (_latents_of(a, items, "a"), _latents_of(b, items, "b"))
    pair = [Data(one, name) for (one, _), name in zip(given, "ab", strict=True)]
    called = _checked_names(names, [name for _, name in given])
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
        raise LatentValueError(
            f"there are {n:,} items{drawn} and k is {k:,}; expected at least {FEWEST} items, and "
            f"more than k + 1. Pass {'' if drawn else 'more items, or '}a smaller k."
        )
    probes = {}
    if labels is not None:
        probes = {
            name: tuple(probe_report(one.rows, {name: values}, seed=seed) for one in pair)
            for name, values in columns_in(labels).items()
        }
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
    )


def _latents_of(given: Any, items: Any, name: str) -> tuple[Any, str]:
    """Take latents, or encode items; and say what to call them."""
    if isinstance(given, (list, tuple)) or hasattr(given, "__array__"):
        if items is not None:
            raise LatentValueError(
                f"{name} are latents, and there are items; expected two spaces that encode items, "
                "or the latents of both. Leave items out."
            )
        return given, name
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
    return space.encode(items), space.name


def _checked_names(names: Any, own: list[str]) -> tuple[str, str]:
    if names is None:
        return ("a", "b") if own[0] == own[1] else (own[0], own[1])
    found = [check_text(one, "names") for one in check_items(names, "names are", "two texts")]
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
