"""`probe_report`: how well a label can be read off latents, by a line and by neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.heat_map import confusion_cells
from latentwidgets.analysis.intervals import bootstrap_interval
from latentwidgets.analysis.probe_labels import ProbeLabels
from latentwidgets.analysis.results import Result, TableResult
from latentwidgets.analysis.tables import Table, number, plain_data
from latentwidgets.common.checks import check_seed, check_whole
from latentwidgets.common.items import check_items
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.parallel import one_thread
from latentwidgets.common.progress import progress
from latentwidgets.directions.samples import Data
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike, NDArray

    Rows = NDArray[np.floating]
    Split = tuple[NDArray[np.intp], NDArray[np.intp]]

__all__ = ["LearningStep", "Probe", "ProbeReport", "probe_report"]

# Of more latents so many are drawn at random.
MOST = 20_000
# How often predictions are shuffled, to see what chance gives.
SHUFFLES = 1000
# A learning curve has so many steps, from so few latents on.
STEPS, FEWEST = 6, 10


@dataclass(frozen=True)
class LearningStep(Result):
    """The held-out score of a probe that was fitted to fewer latents.

    Attributes
    ----------
    size : int
        To how many.
    score : float
        The mean over folds.
    interval : tuple of float
        Where 95 % of bootstrap samples of the held-out latents have it.
    """

    size: int
    score: float
    interval: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Probe(Result):
    """How well one kind of probe reads a label.

    Attributes
    ----------
    name : str
        "linear" or "nearest neighbours".
    score : float
        On latents that it was not fitted to: the share that is right, or R² of amounts.
    interval : tuple of float
        Where 95 % of bootstrap samples of these latents have it.
    chance : float
        The mean score of the same predictions in random order.
    p_value : float
        How often these score as well.
    balanced : float or None
        The mean over classes of the share that is right, which no majority can raise: by chance
        1 / classes. None of amounts.
    confusion : ndarray or None
        How many latents of each class, a row, are taken for each class, a column: int64
        ``(classes, classes)``; None of amounts.
    curve : tuple of LearningStep
        The score over how many latents it is fitted to.
    """

    name: str
    score: float
    interval: tuple[float, float]
    chance: float
    p_value: float
    balanced: float | None
    confusion: NDArray[np.int64] | None
    curve: tuple[LearningStep, ...]

    @property
    def confusion_by_chance(self) -> NDArray[np.float64] | None:
        """How many there would be in each cell of the confusion table by chance."""
        if self.confusion is None:
            return None
        rows, columns = (self.confusion.sum(axis=axis) for axis in (1, 0))
        return np.asarray(np.outer(rows, columns) / self.confusion.sum())


@dataclass(frozen=True, repr=False, eq=False)
class ProbeReport(TableResult):
    """How well a label can be read off latents. What `probe_report` returns.

    Attributes
    ----------
    label : str
        The label.
    score_name : str
        What scores are: "accuracy" or "R²".
    classes : tuple of str
        The classes, in order; empty for amounts.
    probes : tuple of Probe
        The linear one and the one of nearest neighbours.
    majority : float or None
        The share of the most frequent class; None for amounts.
    latents, folds, neighbours : int
        How many there were.
    warning : str or None
        Why not to believe it: the label may be made from the latents.
    """

    label: str
    score_name: str
    classes: tuple[str, ...]
    probes: tuple[Probe, ...]
    majority: float | None
    latents: int
    folds: int
    neighbours: int
    warning: str | None = None

    @property
    def linear(self) -> Probe:
        """The linear probe."""
        return self.probes[0]

    @property
    def nearest(self) -> Probe:
        """The probe of nearest neighbours."""
        return self.probes[1]

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        found: dict[str, Any] = plain_data(self)
        return found

    def plot(self) -> Figure:
        """Draw the learning curves, and of classes the confusion tables.

        Returns
        -------
        matplotlib.figure.Figure
            Closed, so that a notebook shows it once.
        """
        import matplotlib.pyplot as plt

        tables = [one for one in self.probes if one.confusion is not None]
        size, many = (4 + 3.2 * len(tables), 3.7), 1 + len(tables)
        figure, axes = plt.subplots(1, many, figsize=size, squeeze=False, layout="constrained")
        first = axes[0, 0]
        for i, one in enumerate(self.probes):
            sizes = [step.size for step in one.curve]
            scores = [step.score for step in one.curve]
            first.plot(sizes, scores, "o-", markersize=4, label=one.name)
            ends = zip(*(step.interval for step in one.curve), strict=True)
            first.fill_between(sizes, *ends, color=f"C{i}", alpha=0.15, linewidth=0)
            first.axhline(one.chance, color=f"C{i}", linestyle=":", linewidth=1)
        first.set(xscale="log", xlabel="latents fitted to", ylabel=f"held-out {self.score_name}")
        first.set_xticks(sizes, [f"{size:,}" for size in sizes], fontsize="small")
        first.minorticks_off()  # numbers beside these would lie on them
        beside: dict[str, Any] = {"loc": "outside upper left", "ncols": len(self.probes)}
        figure.legend(frameon=False, title="dotted: chance", fontsize="small", **beside)
        first.spines[["top", "right"]].set_visible(False)
        names = [name.replace("$", r"\$") for name in self.classes]
        for one, ax in zip(tables, axes[0, 1:], strict=True):
            assert one.confusion is not None
            confusion_cells(ax, one.confusion, names)
            ax.set(xlabel="taken for", ylabel=self.label.replace("$", r"\$"))
            ax.set_title(one.name, fontsize="medium")
        plt.close(figure)
        return figure

    def _table(self) -> Table:
        rows = [
            [
                one.name,
                number(one.score, 3),
                "{} to {}".format(*(number(end, 3) for end in one.interval)),
                number(one.chance, 3),
                number(one.p_value, 3),
                number(one.balanced, 3),
                ", ".join(f"{number(step.score)} of {step.size:,}" for step in one.curve),
            ]
            for one in self.probes
        ]
        most = "" if self.majority is None else f" Most frequent class: {self.majority:.1%}."
        notes = [
            *[f"⚠ {self.warning}"] * bool(self.warning),
            f"{self.label} of {self.latents:,} latents, in {self.folds} folds, each read by probes "
            f"that were fitted to the others; {self.neighbours} neighbours. Chance is the same "
            f"predictions in random order.{most}",
            *(f"Most often confused, {one.name}: {self._confused(one)}" for one in self.probes),
        ]
        head = ["probe", self.score_name, "95 %", "chance", "p", "balanced", "learning curve"]
        return Table(head, rows, notes=[one for one in notes if not one.endswith(": ")])

    def _confused(self, one: Probe) -> str:
        """Name the three kinds of mistakes that are most frequent."""
        if one.confusion is None:
            return ""
        wrong = one.confusion - np.diag(np.diag(one.confusion))
        order = np.argsort(-wrong, axis=None, kind="stable")[:3]
        pairs = [divmod(int(i), len(wrong)) for i in order]
        return ", ".join(
            f"{self.classes[row]} taken for {self.classes[column]} ({wrong[row, column]:,})"
            for row, column in pairs
            if wrong[row, column]
        )


@checked_keywords
def probe_report(
    latents: ArrayLike,
    labels: object,
    *,
    kind: str | None = None,
    neighbours: int = 5,
    folds: int = 5,
    sizes: Sequence[int] | None = None,
    seed: int = 0,
) -> ProbeReport:
    """Say how well a label can be read off latents: by a linear probe, and by nearest neighbours.

    Where neighbours read what a line does not, the label is there, and no direction says it.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(n, *latent_shape)``. Of more than 20,000 so many are drawn at random.
    labels : mapping, DataFrame, Series or array_like
        One label, as `probe_directions` takes it; NaN or None where it is missing.
    kind : {"binary", "classes", "continuous"}, optional
        What the label is, as `probe_directions` takes it.
    neighbours : int
        How many neighbours vote.
    folds : int
        In how many parts latents are split: each is read by probes that were fitted to the others.
    sizes : sequence of int, optional
        To how many latents probes are fitted in the learning curve; six numbers if None.
    seed : int
        For the parts, and for what is drawn.

    Returns
    -------
    ProbeReport
        Of each probe its score with its interval and chance, confusion table and learning curve.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, there are too few labels, or several labels are given.

    Notes
    -----
    Probes are scikit-learn's `LogisticRegression` (`Ridge` for amounts) and `KNeighborsClassifier`
    (`KNeighborsRegressor`), with the options that they come with, after `StandardScaler`. Distances
    of neighbours are those of the latents as they are. Intervals are of the held-out latents alone;
    that probes would be others for other latents is not in them.

    References
    ----------
    Alain & Bengio 2016, "Understanding intermediate layers using linear classifier probes"
    (arXiv 1610.01644); Ojala & Garriga 2010, "Permutation tests for studying classifier
    performance".

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> latents = rng.normal(size=(1000, 2))
    >>> ring = np.linalg.norm(latents, axis=1) > 1.2  # which no line can tell
    >>> found = probe_report(latents, {"ring": ring})
    >>> found.linear.balanced < 0.6, found.nearest.balanced > 0.9
    (True, True)
    """
    data = Data(latents)
    neighbours = check_whole(neighbours, "neighbours", least=1)
    folds, seed = check_whole(folds, "folds", least=2), check_seed(seed)
    label = ProbeLabels.of(labels, len(data), kind, folds, most=MOST, seed=seed)
    values, rows = label.values, data.rows[label.places]
    splits = list(label.splitter(folds, seed).split(rows, values))
    least = min(len(train) for train, _ in splits)
    if neighbours > least:
        raise LatentValueError(
            f"neighbours is {neighbours}; there are {least} latents to choose them from",
            way=f"Pass neighbours={least} or less, or label more.",
        )
    steps = _checked_sizes(sizes, neighbours, least, 2 * len(label.classes))
    probes = [
        _judged(name, model, rows, values, label, splits, steps, seed)
        for name, model in label.models(neighbours)
    ]
    return ProbeReport(
        label.name,
        "accuracy" if label.classes else "R²",
        label.classes,
        tuple(probes),
        float(np.bincount(values).max() / len(values)) if label.classes else None,
        len(rows),
        folds,
        neighbours,
        label.doubt(data),
    )


def _judged(
    name: str,
    model: Any,
    rows: Rows,
    values: NDArray[Any],
    label: ProbeLabels,
    splits: list[Split],
    steps: list[int],
    seed: int,
) -> Probe:
    predicted = _held_out(model, rows, values, splits, None)
    rng = np.random.default_rng(seed)
    mine = label.score(values, predicted)
    drawn = [label.score(rng.permutation(values), predicted) for _ in range(SHUFFLES)]
    curve = []
    for size in progress(steps, f"{name}, learning"):
        few = _held_out(model, rows, values, splits, size)
        interval = _interval(label, values, few, seed)
        curve.append(LearningStep(size, label.score(values, few), interval))
    confusion = balanced = None
    if label.classes:
        confusion = np.zeros((len(label.classes),) * 2, np.int64)
        np.add.at(confusion, (values, predicted), 1)
        balanced = float((np.diag(confusion) / confusion.sum(axis=1)).mean())
    return Probe(
        name,
        mine,
        _interval(label, values, predicted, seed),
        float(np.mean(drawn)),
        float((1 + np.sum(np.array(drawn) >= mine)) / (1 + SHUFFLES)),
        balanced,
        confusion,
        tuple(curve),
    )


@one_thread()  # at any size up to 20,000 x 512 two threads took 1 to 20 times as long on busy cores
def _held_out(
    model: Any, rows: Rows, values: NDArray[Any], splits: Sequence[Split], size: int | None
) -> NDArray[Any]:
    """Predict each part by a model fitted to the others, or to so many of these."""
    from sklearn.base import clone

    found = np.empty(len(values), values.dtype)
    for fold, (train, test) in enumerate(splits):
        few = train if size is None else np.random.default_rng(fold).permutation(train)[:size]
        if len(np.unique(values[few])) == 1:  # nothing to tell apart
            found[test] = values[few[0]]
        else:
            found[test] = clone(model).fit(rows[few], values[few]).predict(rows[test])
    return found


def _interval(
    label: ProbeLabels, values: NDArray[Any], predicted: NDArray[Any], seed: int
) -> tuple[float, float]:
    """Give where 95 % of bootstrap samples of what was predicted score."""
    if label.classes:  # the mean of what is right, which is much faster
        return bootstrap_interval(values == predicted, lambda some: float(some.mean()), seed)
    pairs = np.stack([values, predicted], axis=1)
    return bootstrap_interval(pairs, lambda some: label.score(some[:, 0], some[:, 1]), seed)


def _checked_sizes(sizes: Any, neighbours: int, most: int, enough: int) -> list[int]:
    if sizes is None:
        least = min(max(FEWEST, neighbours, enough), most)
        return sorted({int(one) for one in np.geomspace(least, most, STEPS).round()})
    found = [check_whole(one, "sizes", least=2) for one in check_items(sizes, "sizes are", "sizes")]
    if not found or max(found) > most:
        raise LatentValueError(
            f"sizes reach to {max(found, default=0)}; expected some of at most {most}, which is "
            "what is left where one part is held out",
            way="Pass smaller ones, or more folds.",
        )
    if min(found) < neighbours:
        raise LatentValueError(
            f"sizes begin at {min(found)}, and neighbours is {neighbours}; expected at least as "
            "many latents as vote",
            way=f"Pass larger sizes, or neighbours={min(found)} or less.",
        )
    return sorted({*found})
