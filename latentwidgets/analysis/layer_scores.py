"""`layer_scores`: at which layer of a model something can be read, judged on held-out texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.results import Result, TableResult
from latentwidgets.analysis.tables import Table, number, plain
from latentwidgets.common.checks import check_one_of, check_seed, check_whole
from latentwidgets.common.items import check_ordered
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.progress import progress
from latentwidgets.common.wording import brief, hint
from latentwidgets.directions.chance import check_shuffles, corrected_p_values, shuffled_scores
from latentwidgets.directions.endings import EndingDoubts
from latentwidgets.directions.samples import Data
from latentwidgets.directions.scoring import (
    CHANCE_P,
    balanced_accuracies,
    held_out_scores,
    resampled,
    splits_of,
)
from latentwidgets.directions.usable_labels import tell_left_out, usable_attributes
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.as_space import within
from latentwidgets.space.latent_space import LatentSpace

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from latentwidgets.directions.labels import Attribute

__all__ = ["LayerScore", "LayerScores", "layer_scores"]

POOLS = ("last", "mean")
# So many layers are named under a plot.
MOST_NAMED = 16
# Intervals hold so much of the bootstrap samples, in percent, and so many are drawn.
INTERVAL = (2.5, 97.5)
BOOTSTRAPS = 500


@dataclass(frozen=True)
class LayerScore(Result):
    """How well one label can be read at one layer.

    Attributes
    ----------
    label, layer : str
        Which.
    score : float
        On texts that the probe was not fitted to: balanced accuracy, or R² of amounts.
    interval : tuple of float
        Where 95 % of bootstrap samples of the held-out texts score.
    chance : float or None
        The mean score of shuffled labels.
    p_value : float or None
        How often shuffled labels score as well at their best layer, for any label.
    """

    label: str
    layer: str
    score: float
    interval: tuple[float, float]
    chance: float | None
    p_value: float | None


@dataclass(frozen=True, repr=False)
class LayerScores(TableResult):
    """How well labels can be read at each layer. What `layer_scores` returns.

    Attributes
    ----------
    scores : tuple of LayerScore
        One for each label and each layer.
    score_names : mapping of str to str
        Of each label what its score is.
    pool : str
        Which states were read.
    texts : int
        How many texts there were.
    warning : str or None
        Of which labels the end of a text alone is a sign, so that a probe may read no more than it.
    """

    scores: tuple[LayerScore, ...]
    score_names: Mapping[str, str]
    pool: str
    texts: int
    warning: str | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels."""
        return tuple(self.score_names)

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers."""
        return tuple(dict.fromkeys(one.layer for one in self.scores))

    @property
    def best(self) -> dict[str, LayerScore]:
        """Of each label its score at its best layer, which is a little too good: it was chosen.

        A label of two texts is called by its own name too: "mood" for "mood: sad".
        """
        return _ByLabel(
            {label: max(self.of(label), key=lambda one: one.score) for label in self.labels}
        )

    def of(self, label: str) -> tuple[LayerScore, ...]:
        """Give the scores of one label, layer by layer."""
        label = _meant(label, self.labels)
        check_one_of(label, "label", self.labels)
        return tuple(one for one in self.scores if one.label == label)

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        return {
            "pool": self.pool,
            "texts": self.texts,
            "warning": self.warning,
            "score_names": dict(self.score_names),
            "scores": [
                {
                    "label": one.label,
                    "layer": one.layer,
                    "score": plain(one.score),
                    "interval": [*map(plain, one.interval)],
                    "chance": one.chance,
                    "p_value": one.p_value,
                }
                for one in self.scores
            ],
        }

    def plot(self) -> Figure:
        """Draw scores over layers with their intervals, and chance as a dotted line.

        Returns
        -------
        matplotlib.figure.Figure
            Closed, so that a notebook shows it once.
        """
        import matplotlib.pyplot as plt

        count = len(self.labels)
        size = (7.5, max(3.4, 0.9 + 0.2 * count))
        figure, axes = plt.subplots(figsize=size, layout="constrained")
        places, colours = np.arange(len(self.layers)), len(plt.rcParams["axes.prop_cycle"])
        for i, label in enumerate(self.labels):
            found = self.of(label)
            name = label.replace("$", r"\$")
            scores = np.array([one.score for one in found])
            low, high = np.array([one.interval for one in found]).T
            style = ("-", "--", "-.")[i // colours % 3]
            [line] = axes.plot(
                places, scores, style, marker="o", color=f"C{i % colours}", label=name, markersize=4
            )
            shade: dict[str, Any] = {"color": line.get_color(), "linewidth": 0}
            axes.fill_between(places, low, high, alpha=0.15 / max(1, count / 4), **shade)
            chance = [np.nan if one.chance is None else one.chance for one in found]
            axes.plot(places, chance, ":", color=line.get_color(), linewidth=1)
        # Of many layers only some are named: all of their names would lie on each other.
        every = -(-len(places) // MOST_NAMED)
        axes.set_xticks(places[::every], self.layers[::every])
        axes.set(xlabel="layer", ylabel="\n".join(dict.fromkeys(self.score_names.values())))
        axes.spines[["top", "right"]].set_visible(False)
        # Beside the drawing, where it covers no line.
        figure.legend(
            loc="outside right upper", frameon=False, title="dotted: chance", fontsize="small"
        )
        plt.close(figure)
        return figure

    def _table(self) -> Table:
        several = len(self.labels) > 1
        best = {*self.best.values()}
        rows = [
            [one.label] * several
            + [
                one.layer + " (best)" * (one in best),
                number(one.score, 3),
                f"{number(one.interval[0])} to {number(one.interval[1])}",
                number(one.chance, 3),
                number(one.p_value, 3),
            ]
            for one in self.scores
        ]
        head = ["label"] * several + ["layer", "score", "95 %", "chance", "p"]
        names = ", ".join(dict.fromkeys(self.score_names.values()))
        doubted = [one.label for one in best if one.p_value is not None and one.p_value > CHANCE_P]
        notes = [
            f"Held-out {names} of {self.texts:,} texts, of their "
            f"{'last' if self.pool == 'last' else 'mean'} states. The best layer was chosen among "
            f"{len(self.layers)}: judge it on other texts.",
            f"Within chance at every layer, p above {CHANCE_P:g}: {', '.join(sorted(doubted))}."
            if doubted
            else None,
            self.warning and f"⚠ {self.warning}",
        ]
        return Table(head, rows, texts=1 + several, notes=notes)


class _ByLabel(dict[str, LayerScore]):
    """Scores by label, which a label's own name finds too."""

    def __missing__(self, label: Any) -> LayerScore:
        meant = _meant(label, tuple(self))
        if meant not in self:
            raise KeyError(f"no label is called {brief(label)}. {hint(label, [*self])}")
        return self[meant]


def _meant(label: Any, known: tuple[str, ...]) -> Any:
    """Give the one label of a name that is made of this one and a value, else what was given."""
    if not isinstance(label, str):
        return label
    made = [one for one in known if one.startswith(f"{label}: ")]
    return made[0] if label not in known and len(made) == 1 else label


@checked_keywords
def layer_scores(
    space: Any,
    texts: Any,
    labels: object,
    *,
    pool: str = "last",
    kind: str | Mapping[str, str] | None = None,
    folds: int = 5,
    shuffles: int = 199,
    seed: int = 0,
) -> LayerScores:
    """Judge every layer of a language model: how well labels of texts can be read there.

    At each layer a linear probe is fitted, as by `probe_directions`, and scored on texts that it
    was not fitted to. All layers are read at once.

    Parameters
    ----------
    space : LatentSpace
        A space of a language model, at whichever layer; or any space that encodes and whose latents
        have layers.
    texts : list
        What it encodes: texts, or chats.
    labels : mapping, DataFrame, Series or array_like
        One label a text, as `probe_directions` takes them.
    pool : {"last", "mean"}
        Which states are read: that of the last token, or the mean of all.
    kind, folds, shuffles, seed
        As `probe_directions` takes them.

    Returns
    -------
    LayerScores
        With a score for each label and layer, its interval and its chance level; ``plot()`` draws
        the curve.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the space has no layers or no encoder, or texts or labels cannot be used.

    Notes
    -----
    P-values are corrected for the number of labels and of layers. An interval is of the texts
    alone, over bootstrap samples of what was measured of them held out; that probes would be others
    for other texts is not in it.

    References
    ----------
    Alain & Bengio 2016, "Understanding intermediate layers using linear classifier probes"
    (arXiv 1610.01644).

    Examples
    --------
    >>> from latentwidgets.space.latent_space import LatentSpace
    >>> def encode(items):  # layer 1 has what layer 0 has not
    ...     numbers = np.array([[len(item), item.count("a")] for item in items], np.float32)
    ...     return numbers[:, :, np.newaxis] + np.zeros((1, 1, 2), np.float32)
    >>> space = LatentSpace(lambda z: ["x"] * len(z), (2, 2), encode, kind="text", layers=True)
    >>> texts = ["ba" * (i % 2) + "bb" * (1 - i % 2) + "c" * (i % 7) for i in range(60)]
    >>> found = layer_scores(space, texts, {"a": ["a" in text for text in texts]})
    >>> found.best["a"].layer, found.best["a"].score
    ('1', 1.0)
    """
    check_one_of(pool, "pool", POOLS)
    items = check_ordered(texts, "texts are", "a list of texts")
    folds = check_whole(folds, "folds", least=2)
    shuffles, seed = check_shuffles(shuffles), check_seed(seed)
    attributes, left_out = usable_attributes(
        labels, len(items), kind, lambda one: one.too_few(folds)
    )
    names, latents = _states(space, items, pool)
    found, tables = [], []
    for i in progress(range(len(names)), "layers"):
        rows = Data(latents[:, i]).rows
        for attribute in attributes:
            score, table = _judged(rows, attribute, folds, shuffles, seed)
            found.append((attribute, names[i], score))
            tables.append(table)
    p_values: list[float | None] = [None] * len(found)
    if shuffles:
        p_values[:] = corrected_p_values(tables)
    scores = [
        LayerScore(
            attribute.name,
            layer,
            score[0],
            (score[1], score[2]),
            float(table[1:].mean()) if shuffles else None,
            p_value,
        )
        for (attribute, layer, score), table, p_value in zip(found, tables, p_values, strict=True)
    ]
    tell_left_out(left_out)
    order = [one.name for one in attributes]
    kinds = {one.name: "balanced accuracy" if one.is_binary else "R²" for one in attributes}
    return LayerScores(
        tuple(sorted(scores, key=lambda one: order.index(one.label))),
        kinds,
        pool,
        len(items),
        EndingDoubts(latents).of_all(attributes),
    )


def _states(space: Any, items: list[Any], pool: str) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Encode texts at every layer: the names of these, and ``(n, layers, ...)``."""
    space = within(space)
    ours = isinstance(space, LatentSpace)  # a stand-in for anything can encode too
    if not (ours and space.can_encode):
        raise LatentTypeError(
            f"layer_scores got a {type(space).__name__}; expected a space with an encoder, such as "
            "that of a language model."
        )
    if hasattr(space, "stream"):
        every = space.at(layer="all")
        return every.layers, every.encode(items, pool=pool)
    if not space.layers:
        raise LatentValueError(
            f"{space.name} has no layers; expected a space of a language model, or one whose "
            "latents have layers: as_space(..., layers=True)."
        )
    if pool != "last":
        raise LatentValueError(
            f"pool is {brief(pool)}, and {space.name} has no tokens. Leave pool out."
        )
    return space.layers, space.encode(items)


def _judged(
    rows: NDArray[np.floating], attribute: Attribute, folds: int, shuffles: int, seed: int
) -> tuple[tuple[float, float, float], NDArray[np.float64]]:
    """Score one label at one layer, with the ends of its interval; and the table for chance."""
    rows, values = rows[attribute.rows], attribute.values
    if not attribute.is_binary:
        values = (values - values.mean()) / values.std()
    splits = splits_of(values, folds, seed)
    scores = held_out_scores(rows, values, splits, seed, None)
    assert scores.measured is not None
    drawn = [
        _score(values[sample], scores.measured[sample])
        for sample in resampled(values, BOOTSTRAPS, seed)
    ]
    low, high = np.percentile(drawn, INTERVAL)
    table = shuffled_scores(rows, values, folds, shuffles, seed)
    return (scores.score, float(low), float(high)), table


def _score(values: NDArray[Any], measured: NDArray[np.float64]) -> float:
    """Score what was measured of held-out samples: balanced accuracy, or R²."""
    if values.dtype == np.bool_:
        return float(balanced_accuracies(measured[:, None] > 0, values[:, None] * 1.0)[0])
    varied = float(((values - values.mean()) ** 2).sum())
    return 1 - float(((values - measured) ** 2).sum()) / varied if varied else 0.0
