"""`Evidence`: how far to believe a direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real

from latentwidgets.common.frozen_dict import frozen
from latentwidgets.errors import LatentTypeError

__all__ = ["Evidence", "score_text"]


@dataclass(frozen=True)
class Evidence:
    """How far to believe a direction; None where a number does not apply.

    Attributes
    ----------
    score : float or None
        What `score_name` says, on data that the direction was not fitted to; for a component,
        its share.
    score_name : str or None
        "balanced accuracy", "R²", "pairs in order", "share of variance" and the like.
    spread : float or None
        Standard deviation of the score over the folds it was computed on.
    auc : float or None
        Area under the ROC curve, held out, where there are two classes.
    chance : float or None
        What is scored by chance, on average: by the same difference of means, or in place of a
        probe by a least-squares one, on shuffled labels; by a contrast of pairs turned round at
        random.
    p_value : float or None
        How often chance scores as well, corrected for the number of attributes. It is never
        less than 1 / (shuffles + 1), written "≤ 0.005"; more shuffles lower that.
    stability : float or None
        Mean cosine between the direction and those found in bootstrap samples of the data. Noise
        alone gives about 0.7, since the samples share it.
    counts : mapping of str to int, or None
        How many samples there were, by class where there are classes. Read-only.
    warning : str or None
        In plain words, why not to believe it.
    """

    score: float | None = None
    score_name: str | None = None
    spread: float | None = None
    auc: float | None = None
    chance: float | None = None
    p_value: float | None = None
    stability: float | None = None
    counts: Mapping[str, int] | None = None
    warning: str | None = None

    def __post_init__(self) -> None:
        for name in ("score", "spread", "auc", "chance", "p_value", "stability"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, Real)):
                raise LatentTypeError(f"{name} is {value!r}; expected a number or None.")
        for name in ("score_name", "warning"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise LatentTypeError(f"{name} is {value!r}; expected a text or None.")
        if self.counts is not None and not isinstance(self.counts, Mapping):
            raise LatentTypeError(f"counts are {self.counts!r}; expected counts by name, or None.")
        object.__setattr__(self, "counts", frozen(self.counts))


def score_text(evidence: Evidence) -> str:
    """Write the score of some evidence for people."""
    spread = "" if evidence.spread is None else f" ± {evidence.spread:.3f}"
    return f"{evidence.score_name or 'score'} {evidence.score:.3f}{spread}"
