"""What `Typicality` says of latents: each test alone, and all of them together."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np

from latentwidgets.analysis.results import Result, TableResult
from latentwidgets.analysis.tables import Table, number, plain_data
from latentwidgets.analysis.typicality_tests import how_far_out

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from latentwidgets.analysis.typicality_tests import Calibration

__all__ = ["MOST_SHOWN", "TypicalityReport", "TypicalityTest", "report_of", "usual_of"]

# Of each test, what is said of a latent that is too low and of one that is too high.
REASONS = {
    "norm": ("too near the middle of the space", "too far from the middle of the space"),
    "mahalanobis": (
        "too near the mean for how latents vary",
        "too far from the mean for how latents vary",
    ),
    "neighbours": ("", "too far from its neighbours"),
    "whiteness": ("", "its entries are not independent of each other"),
    "reconstruction": ("", "the model does not reproduce it"),
}
# Where zero is the model as it is, these are measured from there, and only what is far is odd.
FROM_ZERO = {"norm": "too far from {}", "mahalanobis": "too far from {}, for how latents vary"}
# A table and a plot show so many latents.
MOST_SHOWN = 50

Report = TypeVar("Report", bound="TypicalityReport")


@dataclass(frozen=True, eq=False)
class TypicalityTest(Result):
    """What one test says of latents.

    Attributes
    ----------
    name : str
        "norm", "mahalanobis", "neighbours", "whiteness" or, of items, "reconstruction".
    values : ndarray
        Its statistic, float64 ``(n,)``.
    p_values : ndarray
        How often an ordinary latent is as far out in this test, ``(n,)``.
    middle : float
        The median of ordinary latents.
    interval : tuple of float
        Where 95 % of ordinary latents lie.
    reference : ndarray
        The statistics of ordinary latents, from the smallest up.
    two_sided : bool
        Whether a value that is low counts as far out, too.
    around_zero : bool
        Whether zero is ordinary, as for `latentwidgets.analysis.Typicality`.
    """

    name: str
    values: NDArray[np.float64]
    p_values: NDArray[np.float64]
    middle: float
    interval: tuple[float, float]
    reference: NDArray[np.float64] = field(repr=False)
    two_sided: bool = field(repr=False)
    around_zero: bool = field(repr=False)

    @property
    def how_far_out(self) -> NDArray[np.float64]:
        """How far from the median, ``(n,)``: 1 at the end of the interval."""
        low, high = self.interval
        return how_far_out(self.values, low, self.middle, high, two_sided=self.two_sided)


@dataclass(frozen=True, repr=False, eq=False)
class TypicalityReport(TableResult):
    """Whether latents are typical. What `Typicality.report` returns.

    Attributes
    ----------
    p_values : ndarray
        How often an ordinary latent is as rare in any of the tests, ``(n,)``.
    level : float
        Below which p-value a latent is called atypical: so many ordinary ones are.
    failed : tuple of str or None
        Of each atypical latent, the test in which it is rarest; None of a typical one.
    reasons : tuple of str
        What is wrong with it, in words; empty where it is typical.
    tests : tuple of TypicalityTest
        What each test says.
    ordinary : int
        How many ordinary latents they are compared with.
    """

    # What zero is called, where it is ordinary.
    zero: ClassVar[str] = "the unsteered model"
    # What it is a report of.
    _noun: ClassVar[str] = "latent"

    p_values: NDArray[np.float64]
    level: float
    failed: tuple[str | None, ...]
    reasons: tuple[str, ...]
    tests: tuple[TypicalityTest, ...]
    ordinary: int

    @property
    def typical(self) -> NDArray[np.bool_]:
        """Which latents are typical, ``(n,)``."""
        return np.asarray(self.p_values > self.level)

    @property
    def percentiles(self) -> NDArray[np.float64]:
        """Of each latent, how many percent of ordinary ones are less rare, ``(n,)``."""
        return np.asarray(100 * (1 - self.p_values))

    @property
    def words(self) -> tuple[str, ...]:
        """Say of each latent in words where it stands."""
        return tuple(
            "typical" if why == "" else f"{self._rarer(p)}: {why}"
            for p, why in zip(self.p_values, self.reasons, strict=True)
        )

    def _rarer(self, p_value: float) -> str:
        if p_value <= 1 / (1 + self.ordinary):
            return f"rarer than any of {self.ordinary:,}"
        return f"rarer than {math.floor(1000 * (1 - p_value)) / 10:.1f} %"

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        found: dict[str, Any] = plain_data(self)
        more = {"typical": self.typical, "percentiles": self.percentiles, "words": self.words}
        return {**found, **plain_data(more)}

    def plot(self) -> Figure:
        """Draw for each test its histogram of ordinary latents, with a line for each latent.

        Returns
        -------
        matplotlib.figure.Figure
            With 50 lines at most, those of atypical latents in red. Closed, so that a notebook
            shows it once.
        """
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(
            *(1, len(self.tests)),
            figsize=(0.5 + 2.6 * len(self.tests), 2.4),
            squeeze=False,
            layout="constrained",
        )
        for one, ax in zip(self.tests, axes[0], strict=True):
            ax.hist(one.reference, bins=40, color="0.5", alpha=0.5)
            for i in self._shown():
                ax.axvline(one.values[i], color="C0" if self.typical[i] else "C3", linewidth=1)
            ax.set(xlabel=one.name, yticks=[])
            ax.spines[["top", "right", "left"]].set_visible(False)
        said = f"grey: ordinary {self._noun}s; lines: those judged, red where atypical"
        figure.suptitle(said, x=0.01, ha="left", fontsize="small")
        plt.close(figure)
        return figure

    def _shown(self) -> Sequence[int]:
        """Give the rows that a table and a plot show, in order."""
        return range(min(len(self.p_values), MOST_SHOWN))

    def _table(self) -> Table:
        noun, words = self._noun, self.words
        rows = [
            [
                str(i),
                words[i],
                number(self.p_values[i], 4),
                *(number(one.values[i]) for one in self.tests),
            ]
            for i in self._shown()
        ]
        spans = ", ".join(f"{one.name} ({usual_of(one, number)})" for one in self.tests)
        left = len(self.p_values) - MOST_SHOWN
        notes = [
            f"{left:,} more {noun}s are not shown." if left > 0 else None,
            f"{int((~self.typical).sum()):,} of {len(self.p_values):,} {noun}s are atypical; of "
            f"ordinary {noun}s, {self.level:.0%} would be. Of {self.ordinary:,} ordinary ones: "
            f"{spans}.",
        ]
        head = [noun, "verdict", "p", *(one.name for one in self.tests)]
        return Table(head, rows, texts=2, notes=notes)


def usual_of(test: TypicalityTest, write: Callable[[float], str]) -> str:
    """Say what ordinary latents have in a test: only an upper end, where a low value is ordinary.

    Such as "95 % have 3.07 to 4.68", or "97.5 % have 4.68 or less".
    """
    low, high = map(write, test.interval)
    return f"95 % have {low} to {high}" if test.two_sided else f"97.5 % have {high} or less"


def _reason(test: TypicalityTest, i: int, zero: str) -> str:
    """Say what is wrong with a latent that a test finds rare."""
    if test.around_zero and test.name in FROM_ZERO:
        return FROM_ZERO[test.name].format(zero)
    return REASONS[test.name][int(test.values[i] > test.middle)]


def report_of(
    kind: type[Report],
    known: Calibration,
    values: Mapping[str, NDArray[np.float64]],
    level: float,
) -> Report:
    """Judge statistics by what is ordinary.

    Parameters
    ----------
    kind : type
        `TypicalityReport`, or one of its kinds.
    known : Calibration
        Of ordinary latents.
    values : mapping of str to ndarray
        For each test its statistics, ``(n,)``.
    level : float
        Below which p-value a latent is called atypical.
    """
    each = {name: known.p_values(name, one) for name, one in values.items()}
    p_values = known.together(each)
    worst = known.worst(values, each)
    odd = p_values <= level
    tests: dict[str, TypicalityTest] = {}
    for name, one in values.items():
        ordinary = known.values[name]
        low, middle, end = np.percentile(ordinary, (2.5, 50, 97.5))
        span = (float(low), float(end))
        how = name in known.two_sided, known.around_zero
        tests[name] = TypicalityTest(name, one, each[name], float(middle), span, ordinary, *how)
    why = [_reason(tests[name], i, kind.zero) for i, name in enumerate(worst)]
    return kind(
        p_values,
        level,
        tuple(name if is_odd else None for name, is_odd in zip(worst, odd, strict=True)),
        tuple(words if is_odd else "" for words, is_odd in zip(why, odd, strict=True)),
        tuple(tests.values()),
        known.count,
    )
