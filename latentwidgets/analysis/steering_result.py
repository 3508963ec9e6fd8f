"""`SteeringCurve`: what steering does and what it costs, by layer, strength and steered tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.results import TableResult
from latentwidgets.analysis.steering_doubts import doubts_of, why_none
from latentwidgets.analysis.steering_setting import damage_of
from latentwidgets.analysis.tables import Table, number, plain_data
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from latentwidgets.analysis.steering_setting import BestSteering, SteeringSetting

__all__ = ["SteeringCurve"]

# A result of fewer prompts than this gets a warning.
FEW = 20
# Of a text so many letters are shown.
MOST_LETTERS = 120


@dataclass(frozen=True, repr=False)
class SteeringCurve(TableResult):
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
        None where no setting changes the effect as its strength says without damage (where it is
        to work both ways, no setting and its negative); `no_best` says why.
    limits : mapping of str to float
        Where damage begins.
    prompts : int
        How many prompts there were.
    steps : mapping of int to ndarray
        What one sigma adds at each layer, ``(width,)``.
    conditions : mapping
        Other conditions of the space under which it was measured, such as "temperature". "seed" is
        left out, since each prompt has its own.
    both_ways : bool
        Whether the best setting was to work as its negative, too.
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
    both_ways: bool = False

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
        if self.best is not None:
            doubts += doubts_of(self.best, self.settings, self.limits, self.effect)
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
        return why_none(self.settings, self.limits, self.effect, both_ways=self.both_ways)

    def at(self, layer: int, steer: str | None = None) -> tuple[SteeringSetting, ...]:
        """Give the settings of one layer and choice of tokens, from the lowest strength up."""
        wanted = self.steer[0] if steer is None else steer
        known = isinstance(layer, Integral) and not isinstance(layer, bool) and layer in self.layers
        if not known or not isinstance(wanted, str) or wanted not in self.steer:
            raise LatentValueError(
                f"layer {brief(layer)} with steer={brief(wanted)} was not measured; "
                f"expected one of layers {list(self.layers)} and of {list(self.steer)}."
            )
        found = [one for one in self.settings if (one.layer, one.steer) == (layer, wanted)]
        return tuple(sorted(found, key=lambda one: one.strength))

    def range_without_damage(self, layer: int, steer: str | None = None) -> tuple[float, float]:
        """Give the lowest and the highest strength up to which no damage is beyond its limit.

        On average: fewer prompts, which leave more open, do not widen it.

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
                    if one.damaged or damage_of(one, self.limits):
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
            "both_ways": self.both_ways,
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

    def _table(self) -> Table:
        # What is looked at first is as narrow as a cell of a notebook beside another window.
        rows = [
            [
                place,
                "" if one is self.unsteered else number(one.change),
                "" if one.interval is None else "{} to {}".format(*map(number, one.interval)),
                number(one.chance),
                _damage(one, self.limits),
            ]
            for place, one in self._placed()
        ]
        head = [self._where, "change", "95 %", "chance", "damage"]
        return Table(
            head,
            rows,
            notes=self._notes(),
            marked=self._marked,
            means="the best without damage",
            broken={4},
        )

    def _repr_html_(self) -> str:
        prices = [
            [
                place,
                number(one.effect),
                "" if one.layer is None else number(one.relative),
                "" if one is self.unsteered else f"{one.wrong_way:.0%}",
                _share(one.wrong_way_chance),
                number(one.divergence),
                number(one.divergence_chance),
                number(one.perplexity, 1),
                number(one.perplexity_chance, 1),
                f"{one.repetition:.0%}",
                _share(one.repetition_chance),
            ]
            for place, one in self._placed()
        ]
        more = [self._where, "effect", "of stream"]
        for name in ("wrong way", "divergence", "perplexity", "repetition"):
            more += [name, "chance"]
        texts = [[place, _short(one.example)] for place, one in self._placed()]
        written = Table([self._where, "text"], texts, texts=2, marked=self._marked)
        return (
            super()._repr_html_()
            + _folded("All numbers", Table(more, prices, marked=self._marked))
            + _folded("What is written after the first prompt", written)
        )

    def _shown(self) -> list[SteeringSetting]:
        return [self.unsteered, *filter(None, [self.plain_prompt]), *self.settings]

    def _placed(self) -> list[tuple[str, SteeringSetting]]:
        return [(self._place(one), one) for one in self._shown()]

    @property
    def _marked(self) -> int | None:
        """The row of the best setting."""
        return None if self.best is None else self._shown().index(self.best.setting)

    @property
    def _where(self) -> str:
        return "layer, σ" if len(self.steer) == 1 else "layer, tokens, σ"

    def _place(self, one: SteeringSetting) -> str:
        if one.layer is None:
            return "unsteered" if one is self.unsteered else "plain prompt"
        tokens = [one.steer] * (len(self.steer) > 1)
        return ", ".join([str(one.layer), *tokens, f"{one.strength:+g}".replace("-", "−")])

    def _notes(self) -> list[str | None]:
        limits = ", ".join(f"{name} {number(one)}" for name, one in self.limits.items())
        best = self.best
        return [
            f"Steered along {self.direction}; effect: {self.effect}, mean over {self.prompts:,} "
            f"prompts, unsteered {number(self.unsteered.effect) or 'not read'}. Damage is more "
            f"than {limits}.",
            self.no_best or f"Best without damage: {best}.",
            self.warning and f"⚠ {self.warning}",
        ]


def _folded(what: str, table: Table) -> str:
    return f"<details><summary>{what}</summary>{table.html()}</details>"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def _short(text: str) -> str:
    return text if len(text) < MOST_LETTERS else f"{text[: MOST_LETTERS - 3]}..."


def _damage(one: SteeringSetting, limits: Mapping[str, float]) -> str:
    """Name the damage that a setting does; "within error" where it may be none."""
    found = ", ".join(words.split()[0] for words in damage_of(one, limits))
    if one.damaged:
        return found or "damaged"
    return f"{found} (within error)" if found else ""
