"""What one setting of steering does, and which of several is best: records of a `SteeringCurve`."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from latentwidgets.analysis.results import Result
from latentwidgets.analysis.tables import number

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BY_CHANCE", "BestSteering", "SteeringSetting", "damage_of"]

# What is told of random directions, in each setting.
BY_CHANCE = (
    "chance",
    "wrong_way_chance",
    "divergence_chance",
    "perplexity_chance",
    "repetition_chance",
)

Interval = tuple[float, float] | None


@dataclass(frozen=True)
class SteeringSetting(Result):
    """What one layer, strength and choice of steered tokens does, on average over prompts.

    Attributes
    ----------
    layer : int or None
        After which block is added; None where nothing is: the model as it is, and a plain prompt.
    steer : str
        Which tokens: "last", "generated" or "all"; "" where nothing is added.
    strength : float
        In sigmas of the direction.
    relative : float
        The norm of what is added, as a share of the median norm of the stream at the layer.
    effect : float
        The mean effect; how sure it is, and what chance does, is told of its change.
    change : float
        By how much it differs from the effect of the model as it is.
    interval : tuple of float or None
        Of the change: 95 % of bootstrap samples of the prompts.
    chance : float or None
        The root mean square of the changes that random directions of the same norm make.
    wrong_way : float
        The share of prompts whose effect changed against the sign of the strength.
    wrong_way_chance : float or None
        The same of random directions.
    divergence : float
        Damage: the mean Kullback-Leibler divergence a token, in nats, of the model as it is from
        the steered one, both reading what the steered one wrote.
    divergence_chance : float or None
        The same of random directions.
    perplexity : float
        Damage: that of the text under the model as it is; the geometric mean over prompts.
    perplexity_chance : float or None
        The same of random directions.
    repetition : float
        Damage: the mean share of runs of three tokens that came before in the text.
    repetition_chance : float or None
        The same of random directions.
    unread : float
        The share of prompts whose effect could not be read (NaN), such as where nothing is written.
    damaged : bool
        Whether perplexity, repetition or divergence is beyond its limit, on average and in 97.5 %
        of bootstrap samples of the prompts. The model as it is and a plain prompt are judged alike.
    example : str
        What is written after the first prompt.
    """

    layer: int | None
    steer: str
    strength: float
    relative: float
    effect: float
    change: float
    interval: Interval
    chance: float | None
    wrong_way: float
    wrong_way_chance: float | None
    divergence: float
    divergence_chance: float | None
    perplexity: float
    perplexity_chance: float | None
    repetition: float
    repetition_chance: float | None
    unread: float
    damaged: bool
    example: str


def damage_of(setting: SteeringSetting, limits: Mapping[str, float]) -> tuple[str, ...]:
    """Say which kinds of damage are on average beyond their limits, and by how much."""
    found = []
    for name, limit in limits.items():
        amount = getattr(setting, name)
        if not amount <= limit + 1e-9:
            written = [f"{x:.1%}" if name == "repetition" else number(x) for x in (amount, limit)]
            found.append("{} {}, limit {}".format(name, *written))
    return tuple(found)


@dataclass(frozen=True, repr=False)
class BestSteering(Result):
    """The setting that changes the effect most without damage.

    Where it is to work both ways, it raises the effect and its negative lowers it, without damage
    in either (the negative need not where no text has less of the effect than unsteered). Of these
    it is the one whose effect is farthest above that of the negative.

    Attributes
    ----------
    setting : SteeringSetting
        The setting. Its own change is a little too good, since it was chosen by it.
    strength_interval : tuple of float or None
        Which strength is best at its layer and steered tokens, in 95 % of bootstrap samples of the
        prompts.
    agreement : float or None
        The share of bootstrap samples in which this layer and these tokens are best.
    held_out : float or None
        The change on prompts that the setting was not chosen on: in five folds, the best setting of
        four on the fifth. None for fewer than five prompts, and without bootstrap samples.
    held_out_interval : tuple of float or None
        Of that, 95 % of bootstrap samples.
    held_out_divergence : float or None
        Damage on these prompts.
    held_out_perplexity, held_out_repetition : float or None
        Other damage on them.
    opposite : SteeringSetting or None
        The setting of the negative strength, where the best is to work both ways.
    held_out_opposite, held_out_opposite_interval : float and tuple of float, or None
        The same two numbers for `opposite`.
    held_out_opposite_divergence : float or None
        Damage by `opposite` on these prompts.
    held_out_opposite_perplexity, held_out_opposite_repetition : float or None
        Other damage by it.
    contrast : float or None
        By how much the effect is above that of `opposite`, mean over prompts known in both.
    contrast_chance : float or None
        The root mean square of what this is for random directions of the same norm.
    held_out_contrast, held_out_contrast_interval : float and tuple of float, or None
        The contrast on prompts that the setting was not chosen on.
    """

    setting: SteeringSetting
    strength_interval: Interval = None
    agreement: float | None = None
    held_out: float | None = None
    held_out_interval: Interval = None
    held_out_divergence: float | None = None
    held_out_perplexity: float | None = None
    held_out_repetition: float | None = None
    opposite: SteeringSetting | None = None
    held_out_opposite: float | None = None
    held_out_opposite_interval: Interval = None
    held_out_opposite_divergence: float | None = None
    held_out_opposite_perplexity: float | None = None
    held_out_opposite_repetition: float | None = None
    contrast: float | None = None
    contrast_chance: float | None = None
    held_out_contrast: float | None = None
    held_out_contrast_interval: Interval = None

    def __repr__(self) -> str:
        one = self.setting
        words = f"layer {one.layer}, tokens {one.steer!r}, strength {one.strength:g} sigma"
        if self.strength_interval is not None:
            words += " (95 %: {:g} to {:g})".format(*self.strength_interval)
        words += _said(one, self.held_out, self.held_out_interval)
        if (other := self.opposite) is not None:
            words += f". At {other.strength:g} sigma".replace("-", "−")
            words += _said(other, self.held_out_opposite, self.held_out_opposite_interval)
        return words

    def _repr_html_(self) -> str:
        return f"<div>Best without damage: {escape(str(self))}.</div>"


def _said(one: SteeringSetting, held: float | None, interval: Interval) -> str:
    """Say how much a setting changes, where it was chosen and where it was not."""
    words = f": change {number(one.change)}"
    if held is not None:
        words += f"; on prompts that it was not chosen on, {number(held)}"
        if interval is not None:
            words += " (95 %: {} to {})".format(*map(number, interval))
    return words
