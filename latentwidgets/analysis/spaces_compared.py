"""What `compare_spaces` returns: how alike two spaces are, shown, drawn and decoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.paired_spaces import BothDecodes, PairedPath, decoded_in_both
from latentwidgets.analysis.path_smoothness import chance_words
from latentwidgets.analysis.results import TableResult
from latentwidgets.analysis.tables import Table, number, plain_data
from latentwidgets.common.checks import check_whole
from latentwidgets.errors import LatentValueError
from latentwidgets.frames.ink import ink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from latentwidgets.analysis.probe_reports import ProbeReport

__all__ = ["SpaceComparison"]

# So many items whose neighbours changed most are named; a click on each opens both decodes.
MOST_SHOWN = 10
# In a plot so many letters of what is probed fit under its bars.
LETTERS = 18


@dataclass(frozen=True, repr=False, eq=False)
class SpaceComparison(TableResult):
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
    paths : tuple of PairedPath
        Of some pairs of items the straight path in each space, and how evenly its output changes;
        none where latents were given.
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
    probes: Mapping[str, tuple[ProbeReport, ProbeReport]]
    paths: tuple[PairedPath, ...] = ()
    # Of two spaces: these, and the latents of all items in each.
    _spaces: tuple[Any, Any] | None = field(default=None, repr=False)
    _latents: tuple[Any, Any] | None = field(default=None, repr=False)

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

    def show(self, item: int) -> BothDecodes:
        """Decode one item, and its nearest neighbours, in both spaces.

        Parameters
        ----------
        item : int
            Its number, one of `items`.

        Returns
        -------
        BothDecodes
            A notebook shows it as two rows of pictures.

        Raises
        ------
        LatentTypeError, LatentValueError
            If latents were compared, which nothing decodes, or the item is not among those
            compared.
        DecodeError
            If a decoder raises.
        """
        which = check_whole(item, "item", least=0)
        if self._spaces is None or self._latents is None:
            raise LatentValueError(
                "latents were compared, which nothing decodes; expected two spaces. Compare them: "
                "compare_spaces(space_a, space_b, items=...)."
            )
        if which not in self.items:
            raise LatentValueError(
                f"item {which} is not among the {len(self.items):,} that were compared; expected "
                f"one of `items`, such as {self.changed[0]}."
            )
        return self._decoded([which])[0]

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

        rows = self._probed()
        bars: dict[str, Any] = {"alpha": 0.55}
        widths = [4.6, max(4.6, 0.6 + 1.1 * len(rows))][: 1 + bool(rows)]
        figure, axes = plt.subplots(
            *(1, len(widths)),
            figsize=(sum(widths), 3),
            width_ratios=widths,
            squeeze=False,
            layout="constrained",
        )
        first = axes[0, 0]
        kept = np.bincount(np.rint(self.overlaps * self.k).astype(int), minlength=self.k + 1)
        first.bar(np.arange(self.k + 1), kept, width=0.8, **bars)
        chance = self.overlap_chance * self.k
        first.axvline(chance, color=ink(first), linestyle=":")
        first.set(xlabel=f"of {self.k} neighbours, the same", ylabel="items")
        first.set_title(f"CKA {number(self.cka)}; dotted: chance", fontsize="small", loc="left")
        names = [name.replace("$", r"\$") for name in self.names]
        line = ink(first)
        for place, (_, pair) in enumerate(rows):
            for i, one in enumerate(pair):
                where = place + 0.36 * (i - 0.5)
                low, high = (abs(end - one.score) for end in one.interval)
                axes[0, 1].bar(
                    *(where, one.score, 0.34),
                    **(bars | {"color": f"C{i}", "ecolor": line}),
                    yerr=[[low], [high]],
                )
                ends = [where - 0.17, where + 0.17]
                axes[0, 1].plot(ends, [one.chance] * 2, color=line, linestyle=":")
        if rows:
            axes[0, 1].set_xticks(
                range(len(rows)),
                [
                    "\n".join(
                        line for one in name.split(", ") for line in wrap(one, LETTERS)
                    ).replace("$", r"\$")
                    for name, _ in rows
                ],
                fontsize="x-small",
            )
            axes[0, 1].set_ylabel("held-out score")
            handles = [Patch(color=f"C{i}", **bars) for i in (0, 1)]
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

    def _table(self) -> Table:
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
        for path in self.paths:
            for space, way in zip(self.names, path.found, strict=True):
                rows.append(
                    [
                        f"path {path.items[0]} to {path.items[1]}, largest / mean speed: {space}",
                        number(way.peak, 3),
                        "",
                        chance_words(way.chance_peak),
                    ]
                )
        most = ", ".join(map(str, self.changed[:MOST_SHOWN].tolist()))
        notes = [
            f"{self.names[0]} and {self.names[1]}, for {len(self.items):,} items. Items whose "
            f"neighbours changed most: {most}.",
            self.warning and f"⚠ {self.warning}",
        ]
        return Table(["", "score", "95 %", "chance"], rows, notes=notes)

    def _repr_html_(self) -> str:
        return super()._repr_html_() + self._openings

    def _decoded(self, items: list[int]) -> list[BothDecodes]:
        places = np.searchsorted(self.items, items)  # they are in order
        near = self.neighbours[0][places], self.neighbours[1][places]
        assert self._spaces is not None
        assert self._latents is not None
        return decoded_in_both(self._spaces, self._latents, self.names, items, near)

    @cached_property
    def _openings(self) -> str:
        """What opens both decodes of an item at a click, with no kernel behind it."""
        if self._spaces is None:
            return ""
        shares = dict(zip(self.items.tolist(), self.overlaps.tolist(), strict=True))
        found = []
        for one in self._decoded(self.changed[:MOST_SHOWN].tolist()):
            same = round(shares[one.item] * self.k)
            words = f"item {one.item}: {same} of {self.k} neighbours are the same"
            found.append(f"<details><summary>{words}</summary>{one._repr_html_()}</details>")
        return "".join(found)
