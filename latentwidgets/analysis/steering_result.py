"""`SteeringCurve`: what steering does and what it costs, by layer, strength and steered tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.tables import html_table, number, plain_data
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

__all__ = ["BestSteering", "SteeringCurve", "SteeringSetting"]

Interval = tuple[float, float] | None
# A result of fewer prompts than this gets a warning.
FEW = 20


@dataclass(frozen=True)
class SteeringSetting:
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
        The mean effect.
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
    repetition : float
        Damage: the mean share of runs of three tokens that came before in the text.
    unread : float
        The share of prompts whose effect could not be read (NaN), such as where nothing is written.
    damaged : bool
        Whether perplexity, repetition or divergence is beyond its limit.
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
    repetition: float
    unread: float
    damaged: bool
    example: str


@dataclass(frozen=True)
class BestSteering:
    """The setting that changes the effect most without damage.

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
        four on the fifth. None for fewer than five prompts.
    held_out_interval : tuple of float or None
        Of that, 95 % of bootstrap samples.
    """

    setting: SteeringSetting
    strength_interval: Interval
    agreement: float | None
    held_out: float | None
    held_out_interval: Interval

    def __str__(self) -> str:
        one = self.setting
        words = f"layer {one.layer}, tokens {one.steer!r}, strength {one.strength:g} sigma"
        if self.strength_interval is not None:
            words += " (95 %: {:g} to {:g})".format(*self.strength_interval)
        words += f": change {number(one.change)}"
        if self.held_out is not None:
            words += f"; on prompts that it was not chosen on, {number(self.held_out)}"
            if self.held_out_interval is not None:
                words += " (95 %: {} to {})".format(*map(number, self.held_out_interval))
        return words

    def _repr_html_(self) -> str:
        return f"<div>Best without damage: {escape(str(self))}.</div>"


@dataclass(frozen=True)
class SteeringCurve:
    """What steering does and what it costs. What `steering_curve` returns.

    Attributes
    ----------
    direction, effect : str
        The names of what was steered along, and of what was measured.
    settings : tuple of SteeringSetting
        One for each layer, choice of tokens and strength.
    unsteered : SteeringSetting
        The model as it is.
    plain_prompt : SteeringSetting or None
        The model as it is where the prompt asks for it in words. Its damage is measured against the
        prompt without these words.
    best : BestSteering or None
        None where no setting changes the effect as its strength says without damage; `no_best`
        says why.
    limits : mapping of str to float
        Where damage begins.
    prompts : int
        How many prompts there were.
    steps : mapping of int to ndarray
        What one sigma adds at each layer, ``(width,)``.
    conditions : mapping
        Other conditions of the space under which it was measured, such as "temperature".
    """

    direction: str
    effect: str
    settings: tuple[SteeringSetting, ...]
    unsteered: SteeringSetting
    plain_prompt: SteeringSetting | None
    best: BestSteering | None
    limits: Mapping[str, float]
    prompts: int
    steps: Mapping[int, NDArray[np.float64]] = field(repr=False, compare=False)
    conditions: Mapping[str, Any] = field(repr=False)

    @property
    def layers(self) -> tuple[int, ...]:
        """The layers."""
        return tuple(dict.fromkeys(one.layer for one in self.settings if one.layer is not None))

    @property
    def steer(self) -> tuple[str, ...]:
        """The choices of steered tokens."""
        return tuple(dict.fromkeys(one.steer for one in self.settings))

    @property
    def strengths(self) -> tuple[float, ...]:
        """The strengths, from the lowest to the highest."""
        return tuple(sorted({one.strength for one in self.settings}))

    @property
    def warning(self) -> str | None:
        """In plain words, why not to believe the best setting; None where there is no reason."""
        doubts = []
        best = self.best
        if best is not None:
            one, held = best.setting, best.held_out_interval
            if one.chance is not None and abs(one.change) <= 2 * one.chance:
                doubts.append(
                    f"changes {self.effect} by {number(one.change)}, and random directions of the "
                    f"same norm by {number(one.chance)}: hardly more than chance"
                )
            if held is not None and held[0] <= 0 <= held[1]:
                doubts.append("may change nothing on prompts that it was not chosen on")
        if self.prompts < FEW:
            doubts.append(f"rests on only {self.prompts} prompt{'s' * (self.prompts > 1)}")
        if not doubts:
            return None
        sentence = "; ".join(doubts)
        return f"{sentence[0].upper()}{sentence[1:]}."

    @property
    def no_best(self) -> str | None:
        """In plain words, why there is no best setting, and what to do; None where there is one."""
        if self.best is not None:
            return None
        sound = [one for one in self.settings if not one.damaged and np.isfinite(one.change)]
        if not sound:
            return "Every setting that was measured does damage. Measure smaller strengths."
        towards = 1 if max(self.strengths) > 0 else -1
        verbs = ("raises", "lowers") if towards > 0 else ("lowers", "raises")
        sign = "positive" if towards > 0 else "negative"
        words = f"No undamaged setting of {sign} strength {verbs[0]} {brief(self.effect)}"
        most = max(sound, key=lambda one: one.change * towards)
        way, verb = "pass the direction the other way round: direction.flipped()", verbs[0]
        if most.change * towards <= 0:
            most = min(sound, key=lambda one: one.change * towards)
            way = "where that is wanted, pass as effect what is then more"
            verb = verbs[1]
        if not most.change:
            return f"{words}, nor lowers it. Measure other strengths or layers."
        strength = f"{most.strength:+g}".replace("-", "−")
        return (
            f"{words}; {strength} sigma at layer {most.layer}, tokens {most.steer!r}, "
            f"{verb} it by {number(abs(most.change))}: {way}."
        )

    def at(self, layer: int, steer: str | None = None) -> tuple[SteeringSetting, ...]:
        """Give the settings of one layer and choice of tokens, from the lowest strength up."""
        wanted = self.steer[0] if steer is None else steer
        if layer not in self.layers or wanted not in self.steer:
            raise LatentValueError(
                f"layer {layer!r} with steer={wanted!r} was not measured; expected one of layers "
                f"{list(self.layers)} and of {list(self.steer)}."
            )
        found = [one for one in self.settings if (one.layer, one.steer) == (layer, wanted)]
        return tuple(sorted(found, key=lambda one: one.strength))

    def range_without_damage(self, layer: int, steer: str | None = None) -> tuple[float, float]:
        """Give the lowest and the highest strength up to which nothing measured is damaged.

        Parameters
        ----------
        layer : int
            The layer.
        steer : str, optional
            Which tokens; the first that were measured if None.

        Returns
        -------
        tuple of float
            0 where the smallest strength on that side does damage already.

        Raises
        ------
        LatentValueError
            If that was not measured.
        """
        found = self.at(layer, steer)
        ends = []
        for sign in (-1, 1):
            end = 0.0
            for one in found[::sign]:
                if one.strength * sign > 0:
                    if one.damaged:
                        break
                    end = one.strength
            ends.append(end)
        return ends[0], ends[1]

    def to_dict(self) -> dict[str, Any]:
        """Give all numbers as JSON can hold them."""
        return {
            "direction": self.direction,
            "effect": self.effect,
            "prompts": self.prompts,
            "conditions": dict(self.conditions),
            "limits": plain_data(self.limits),
            "settings": plain_data(self.settings),
            "unsteered": plain_data(self.unsteered),
            "plain_prompt": plain_data(self.plain_prompt),
            "warning": self.warning,
            "best": plain_data(self.best),
        }

    def plot(self) -> Figure:
        """Draw the change of the effect, and below it every kind of damage, over strength.

        Returns
        -------
        matplotlib.figure.Figure
            A column for each choice of tokens, a line for each layer. Settings that do damage are
            hollow. Closed, so that a notebook shows it once.
        """
        from latentwidgets.analysis.steering_plot import plot

        return plot(self)

    def _repr_html_(self) -> str:
        rows, marked = [], None
        shown = [self.unsteered, *filter(None, [self.plain_prompt]), *self.settings]
        for place, one in enumerate(shown):
            if self.best is not None and one is self.best.setting:
                marked = place
            what = "unsteered" if one is self.unsteered else "plain prompt"
            spread = "" if one.interval is None else "{} to {}".format(*map(number, one.interval))
            rows.append(
                [
                    what if one.layer is None else str(one.layer),
                    one.steer,
                    "" if one.layer is None else f"{one.strength:g}".replace("-", "−"),
                    "" if one.layer is None else number(one.relative),
                    number(one.effect),
                    "" if one is self.unsteered else number(one.change),
                    spread,
                    number(one.chance),
                    "" if one is self.unsteered else f"{one.wrong_way:.0%}",
                    "" if one.wrong_way_chance is None else f"{one.wrong_way_chance:.0%}",
                    number(one.divergence),
                    number(one.perplexity, 1),
                    f"{one.repetition:.0%}",
                    "damaged" if one.damaged else "",
                    one.example if len(one.example) < 60 else f"{one.example[:57]}...",
                ]
            )
        head = ["layer", "tokens", "strength", "of stream", "effect", "change", "95 %", "chance"]
        head += ["wrong way", "chance", "divergence", "perplexity", "repetition", "", "text"]
        return html_table(head, rows, texts=2, notes=self._notes(), marked=marked)

    def _notes(self) -> list[str | None]:
        limits = ", ".join(f"{name} {number(one)}" for name, one in self.limits.items())
        best = self.best
        return [
            f"Steered along {self.direction}; effect: {self.effect}, mean over {self.prompts:,} "
            f"prompts. Damage is more than {limits}.",
            self.no_best or f"Best without damage: {best}.",
            self.warning and f"⚠ {self.warning}",
        ]
