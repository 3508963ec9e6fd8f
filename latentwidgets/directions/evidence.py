"""`Evidence`: how far to believe a direction."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real

from latentwidgets.common.checks import as_float, check_whole
from latentwidgets.common.frozen_dict import frozen
from latentwidgets.common.keywords import checked_options
from latentwidgets.common.wording import brief, short
from latentwidgets.errors import LatentTypeError, LatentValueError

__all__ = [
    "Evidence",
    "effect_doubt",
    "is_share",
    "joined",
    "score_text",
    "turned",
    "without_claims_on_the_vector",
    "without_effect",
]


# The fields that hold a number.
NUMBERS = (
    *("score", "spread", "auc", "chance", "p_value", "stability"),
    *("effect", "effect_chance", "effect_margin"),
)
# What numbers can be at all: these whatever was scored,
RANGES = {
    "spread": (0.0, math.inf),
    "auc": (0.0, 1.0),
    "p_value": (0.0, 1.0),
    "stability": (-1.0, 1.0),
    "effect_chance": (0.0, math.inf),
    "effect_margin": (0.0, math.inf),
}
# and score and chance by the name of the score, where it is one of this package,
SCORE_RANGES = {
    "balanced accuracy": (0.0, 1.0),
    "pairs in order": (0.0, 1.0),
    "share of variance": (0.0, 1.0),
    "share of squared singular values": (0.0, 1.0),
    "R²": (-math.inf, 1.0),
}
# or begins as these do, which name the label.
SCORES_WITH = {"AUC of ": (0.0, 1.0), "correlation with ": (-1.0, 1.0)}
# By so much rounding may lead out of a range.
ROUNDING = 1e-6


@checked_options
@dataclass(frozen=True, repr=False)
class Evidence:
    """How far to believe a direction; None where a number does not apply.

    Attributes
    ----------
    score : float or None
        What `score_name` says. Of a direction found by labels or pairs it is measured on data that
        the direction was not fitted to.
    score_name : str or None
        "balanced accuracy", "R²", "pairs in order", "share of variance" and the like.
    spread : float or None
        Standard deviation of the score over the folds of the cross-validation.
    auc : float or None
        Area under the ROC curve on held-out data, where there are two classes.
    chance : float or None
        The mean score where labels are shuffled: that of a difference of means, or, for a probe,
        that of a least-squares probe. For a contrast, the mean score where pairs are turned round
        at random.
    p_value : float or None
        How often such a chance score is as good, corrected for the number of attributes. It is
        never less than 1 / (shuffles + 1): with 199 shuffles, 0.005, shown as "≤ 0.005".
    stability : float or None
        Mean cosine between the direction and those found in bootstrap samples of the data. Pure
        noise has about 0.7, since the samples share it.
    counts : mapping of str to int, or None
        How many samples there were, by class where there are classes. Read-only.
    effect : float or None
        What moving does, in the units that `effect_name` says: what the decoded output reads per
        sigma, or how many sigmas lead from one selection to the other. It is no score: nothing is
        predicted.
    effect_name : str or None
        "x per sigma", "sigmas between the selections" and the like.
    effect_chance : float or None
        How much random directions do: the root mean square of their effects.
    effect_margin : float or None
        The margin of error of the effect: half the width of its 95 % confidence interval, over the
        latents or the seeds that it was measured with.
    warning : str or None
        In plain words, why not to believe the direction.

    Raises
    ------
    LatentTypeError, LatentValueError
        If a number, a text or a mapping is expected and something else is given, or a number is
        not finite, or none that there can be, such as a p-value of 2.

    Examples
    --------
    >>> Evidence(0.93, score_name="balanced accuracy", chance=0.5).score
    0.93
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
    effect: float | None = None
    effect_name: str | None = None
    effect_chance: float | None = None
    effect_margin: float | None = None

    def __post_init__(self) -> None:
        for name in NUMBERS:
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, Real)):
                raise LatentTypeError(f"{name} is {brief(value)}; expected a number or None.")
            if value is not None and not math.isfinite(as_float(value)):
                raise LatentValueError(
                    f"{name} is {brief(value)}; expected a finite number or None."
                )
        for name in ("score_name", "warning", "effect_name"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise LatentTypeError(f"{name} is {brief(value)}; expected a text or None.")
        self._check_ranges()
        if self.counts is not None and not isinstance(self.counts, Mapping):
            raise LatentTypeError(
                f"counts are {brief(self.counts)}; expected counts by name, or None."
            )
        for name, count in (self.counts or {}).items():
            check_whole(count, f"the count of {brief(name)}", least=0)
        object.__setattr__(self, "counts", frozen(self.counts))

    def _check_ranges(self) -> None:
        """Refuse numbers that there cannot be."""
        ranges, name = dict(RANGES), self.score_name or ""
        scored = SCORE_RANGES.get(name)
        scored = next((SCORES_WITH[one] for one in SCORES_WITH if name.startswith(one)), scored)
        if scored is not None:
            ranges |= {"score": scored, "chance": scored}
        for name, (low, high) in ranges.items():
            value = getattr(self, name)
            if value is None or low - ROUNDING <= value <= high + ROUNDING:
                continue
            within = f"a number from {low:g} to {high:g}"
            if math.isinf(high):
                within = f"a number of at least {low:g}"
            elif math.isinf(low):
                within = f"a number of at most {high:g}"
            of = f", of {brief(self.score_name)}," if name in ("score", "chance") else ""
            raise LatentValueError(f"{name}{of} is {brief(value)}; expected {within}, or None.")

    def __repr__(self) -> str:
        known = {name: value for name, value in vars(self).items() if value is not None}
        return f"Evidence({', '.join(f'{name}={brief(value)}' for name, value in known.items())})"


def score_text(evidence: Evidence) -> str:
    """Write the score of some evidence, with its name and spread, for people to read.

    Examples
    --------
    >>> score_text(Evidence(0.93, score_name="balanced accuracy", spread=0.02))
    'balanced accuracy 0.930 ± 0.020'
    """
    spread = "" if evidence.spread is None else f" ± {evidence.spread:.3f}"
    return f"{short(evidence.score_name or 'score')} {evidence.score:.3f}{spread}"


def effect_doubt(evidence: Evidence) -> str | None:
    """Say that an effect is hardly more than chance, or may be none; None where neither is known.

    Examples
    --------
    >>> effect_doubt(Evidence(effect=0.1, effect_name="width per sigma", effect_chance=2.0))
    'Moves width hardly more than random directions do.'
    >>> effect_doubt(Evidence(effect=5.0, effect_name="width per sigma", effect_margin=6.0))
    'What it does to width is not told apart from nothing.'
    """
    effect, chance, margin = evidence.effect, evidence.effect_chance, evidence.effect_margin
    if effect is None:
        return None
    name = (evidence.effect_name or "it").removesuffix(" per sigma")
    if chance is not None and abs(effect) <= 2 * chance:
        return f"Moves {name} hardly more than random directions do."
    if margin is not None and abs(effect) <= margin:
        return f"What it does to {name} is not told apart from nothing."
    return None


def without_effect(evidence: Evidence) -> Evidence:
    """Leave out the effect, and what its doubt adds to the warning."""
    warning = evidence.warning
    if warning is not None and (doubt := effect_doubt(evidence)) is not None:
        warning = warning.replace(doubt, "").strip() or None
    none = {"effect": None, "effect_name": None, "effect_chance": None, "effect_margin": None}
    return replace(evidence, **none, warning=warning)


def joined(*doubts: str | None) -> str | None:
    """Make one warning of several, each said once; None where there is none.

    Examples
    --------
    >>> joined("Rests on only 5 samples.", None, "Rests on only 5 samples. And more.")
    'Rests on only 5 samples. And more.'
    """
    said: list[str] = []
    for doubt in filter(None, doubts):
        said = [one for one in said if one not in doubt]
        if not any(doubt in one for one in said):
            said.append(doubt)
    return " ".join(said) or None


def without_claims_on_the_vector(evidence: Evidence) -> Evidence:
    """Leave out what is true of a vector alone, for a direction whose vector was changed.

    Scores of readouts stay.

    Examples
    --------
    >>> found = Evidence(0.9, score_name="share of variance", stability=0.9, counts={"samples": 5})
    >>> left = without_claims_on_the_vector(found)
    >>> left.score, left.stability, left.counts
    (None, None, {'samples': 5})
    """
    left = replace(without_effect(evidence), stability=None)
    return replace(left, score=None, score_name=None) if is_share(left) else left


def is_share(evidence: Evidence) -> bool:
    """Say whether the score is a share of something that the vector explains, not a readout's."""
    return (evidence.score_name or "").startswith("share")


def turned(evidence: Evidence) -> Evidence:
    """Give the evidence for the same direction the other way round.

    Examples
    --------
    >>> turned(Evidence(effect=2.0, effect_name="x per sigma")).effect
    -2.0
    """
    return evidence if evidence.effect is None else replace(evidence, effect=-evidence.effect)
