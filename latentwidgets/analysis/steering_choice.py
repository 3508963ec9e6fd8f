"""Which of several settings of steering is best: chosen on some prompts, judged on others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Measured", "best_of", "interval_of", "means"]

INTERVAL = (2.5, 97.5)
# Damage is called where so many bootstrap samples are beyond its limit: where the interval is.
SURE = 0.975
# Prompts are held out in so many folds, and not at all where there are fewer prompts than that.
FOLDS = 5
# Kinds of damage that are measured again on prompts that a setting was not chosen on.
HELD_DAMAGE = ("divergence", "surprise", "repetition")


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of each prompt, in each setting.

    Attributes
    ----------
    change : ndarray
        By how much the effect changed, ``(prompts, settings)``; NaN where it could not be read.
    damage : mapping of str to ndarray
        Of each kind of damage the amounts, ``(prompts, settings)``.
    unsteered : mapping of str to ndarray
        Of each kind the amounts of the model as it is, after the same prompts and by the same
        seeds, ``(prompts,)``.
    slack : mapping of str to float
        Of some kinds, by how much more than unsteered is damage, on average.
    least : mapping of str to ndarray
        Of some of these, amounts ``(prompts,)`` whose mean is no damage, however little there is
        unsteered.
    limits : mapping of str to float
        Of kinds of damage, amounts that a person gave in place of these.
    wanted : ndarray
        bool ``(settings,)``: which can be the best.
    opposite : ndarray or None
        int ``(settings,)``: the number of the setting of the negative strength, where the best is
        to work both ways.
    draws : ndarray or None
        How often each prompt is in each bootstrap sample, ``(samples, prompts)``: what is beyond a
        limit in fewer than 97.5 % of them may be so by chance.
    """

    change: NDArray[np.float64]
    damage: Mapping[str, NDArray[np.float64]]
    unsteered: Mapping[str, NDArray[np.float64]]
    slack: Mapping[str, float]
    wanted: NDArray[np.bool_]
    least: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    opposite: NDArray[np.intp] | None = None
    draws: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.change)

    @cached_property
    def compared(self) -> NDArray[np.float64]:
        """The changes that are compared: with a negative, of prompts that are known in both."""
        if self.opposite is None:
            return self.change
        known = np.isfinite(self.change)
        return np.where(known & known[:, self.opposite], self.change, np.nan)

    def beside(self, damage: Mapping[str, NDArray[np.float64]]) -> Measured:
        """Give what was measured of the same prompts in another way, to be judged by the same.

        Parameters
        ----------
        damage : mapping of str to ndarray
            ``(prompts, settings)`` each.
        """
        count = next(iter(damage.values())).shape[1]
        return replace(
            self,
            change=np.zeros((len(self), count)),
            damage=damage,
            wanted=np.zeros(count, bool),
            opposite=None,
        )

    def limits_of(self, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Give where damage begins, for prompts of these weights ``(samples, prompts)``."""
        found = {}
        for name, slack in self.slack.items():
            found[name] = means(self.unsteered[name][:, None], weights) + slack
            if name in self.least:
                found[name] = np.fmax(found[name], means(self.least[name][:, None], weights))
        given = {name: np.full((len(weights), 1), one) for name, one in self.limits.items()}
        return {**found, **given}

    def damaged(self, weights: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which settings do damage: bool ``(samples, settings)``."""
        found = np.zeros((len(weights), self.change.shape[1]), bool)
        for name, limit in self.limits_of(weights).items():
            amount = means(self.damage[name], weights)
            found |= ~(amount <= limit + 1e-9)  # NaN is no amount that is known to be small
        return found

    @cached_property
    def sure(self) -> dict[str, NDArray[np.bool_]]:
        """Say of each kind which settings go beyond its limit by more than error, ``(settings,)``.

        The mean is beyond it, and so are 97.5 % of bootstrap samples of the prompts, each with its
        own limit. Without samples, the mean alone says. NaN is no amount that is known to be small.
        """
        whole = np.ones((1, len(self)))
        found = {}
        for name, limit in self.limits_of(whole).items():
            found[name] = ~(means(self.damage[name], whole)[0] <= limit[0] + 1e-9)
        if self.draws is not None and len(self.draws):
            for name, limit in self.limits_of(self.draws).items():
                beyond = ~(means(self.damage[name], self.draws) <= limit + 1e-9)
                found[name] &= beyond.mean(axis=0) >= SURE
        return found

    def works(self, change: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which settings raise the effect, and lower it at the negative where both are asked.

        Where no text of a sample has less of the effect than unsteered, there is nothing that the
        negative could lower.

        Parameters
        ----------
        change : ndarray
            ``(samples, settings)``.
        weights : ndarray
            ``(samples, prompts)``.
        """
        if self.opposite is None:
            return change > 0
        lowered = (self.change < 0).any(axis=1)
        nothing = ~(weights[:, lowered] > 0).any(axis=1, keepdims=True)
        other = change[:, self.opposite]
        return (change > 0) & ((other < 0) | (nothing & (other <= 0)))

    def chosen(
        self, weights: NDArray[np.float64], among: NDArray[np.bool_] | None = None
    ) -> NDArray[np.intp]:
        """Choose the setting that changes most without damage, for each sample: -1 for none."""
        change, damaged = means(self.compared, weights), self.damaged(weights)
        works, worth = self.works(change, weights), change
        if self.opposite is not None:
            worth = change - change[:, self.opposite]
            damaged = damaged | damaged[:, self.opposite]
        allowed = self.wanted if among is None else self.wanted & among
        worth = np.where(allowed & ~damaged & works, worth, -np.inf)
        best = worth.argmax(axis=1)
        return np.where(np.isfinite(worth.max(axis=1)), best, -1)


def means(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give weighted means over prompts, of those that are known.

    Parameters
    ----------
    values : ndarray
        ``(prompts, settings)``, with NaN.
    weights : ndarray
        ``(samples, prompts)``.

    Returns
    -------
    ndarray
        ``(samples, settings)``; NaN where none is known.

    Examples
    --------
    >>> means(np.array([[1.0], [3.0], [np.nan]]), np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 1.0]]))
    array([[2.],
           [3.]])
    """
    known = np.isfinite(values)
    total = weights @ np.where(known, values, 0.0)
    with np.errstate(invalid="ignore"):
        return np.asarray(total / (weights @ known.astype(np.float64)))


def best_of(
    measured: Measured, strengths: NDArray[np.float64], groups: NDArray[np.intp], draws: Any
) -> dict[str, Any] | None:
    """Choose the best setting, and say how far to believe it.

    Parameters
    ----------
    measured : Measured
        The settings.
    strengths : ndarray
        ``(settings,)``.
    groups : ndarray
        int ``(settings,)``: settings that differ in strength alone have one number.
    draws : ndarray
        How often each prompt is in each bootstrap sample, ``(samples, prompts)``.

    Returns
    -------
    dict or None
        "setting", its number, and "opposite", that of the negative strength where the best works
        both ways; "interval" of the strength in its group; "agreement", the share of samples that
        choose this group. On prompts that it was not chosen on: "held_out", the change;
        "held_out_surprise" and other damage; with "held_out_opposite" in front the same
        of the negative strength; and "held_out_contrast", by how much the two changes differ. The
        intervals of changes end in "_interval". What was not measured is left out. None where no
        setting changes anything without damage.
    """
    n = len(measured)
    setting = int(measured.chosen(np.ones((1, n)))[0])
    if setting < 0:
        return None
    found: dict[str, Any] = {"setting": setting}
    if measured.opposite is not None:
        found["opposite"] = int(measured.opposite[setting])
    if not len(draws):
        return found
    mine = groups == groups[setting]
    picked = measured.chosen(draws, mine)
    if (picked >= 0).any():
        low, high = np.percentile(strengths[picked[picked >= 0]], INTERVAL)
        found["interval"] = (float(low), float(high))
    picked = measured.chosen(draws)
    found["agreement"] = float(np.mean((picked >= 0) & mine[picked]))
    if n >= FOLDS:
        found.update(_held_out(measured, draws))
    return found


def _held_out(measured: Measured, draws: NDArray[np.float64]) -> dict[str, Any]:
    """Measure what is best of four folds of the prompts on the fifth."""
    n, settings = measured.change.shape
    folds = np.arange(n) % FOLDS
    # Of each prompt, the setting that was chosen without it; -1, the model as it is, for none.
    without = np.array([folds != fold for fold in range(FOLDS)], np.float64)
    picked = measured.chosen(without)[folds]
    ways = {"held_out": np.arange(settings)}
    if measured.opposite is not None:
        ways["held_out_opposite"] = measured.opposite
    found: dict[str, Any] = {}

    def read(values: NDArray[np.float64], numbers: NDArray[np.intp], nothing: Any) -> Any:
        return np.where(picked >= 0, values[np.arange(n), numbers[picked]], nothing)

    changes = {way: read(measured.change, numbers, 0.0) for way, numbers in ways.items()}
    if measured.opposite is not None:
        changes["held_out_contrast"] = changes["held_out"] - changes["held_out_opposite"]
    for name, one in changes.items():
        if np.isfinite(one).any():
            found[name] = float(np.nanmean(one))
        found[f"{name}_interval"] = interval_of(one[:, None], draws)[0]
    for way, numbers in ways.items():
        for kind in HELD_DAMAGE:
            one = read(measured.damage[kind], numbers, measured.unsteered[kind])
            if np.isfinite(one).any():
                found[f"{way}_{kind}"] = float(np.nanmean(one))
    return found


def interval_of(
    values: NDArray[np.float64], draws: NDArray[np.float64]
) -> list[tuple[float, float] | None]:
    """Give the interval of the mean of each column; None where there are no samples."""
    if not len(draws):
        return [None] * values.shape[1]
    drawn = means(values, draws)
    found: list[tuple[float, float] | None] = []
    for column in drawn.T:
        known = column[np.isfinite(column)]
        low, high = np.percentile(known, INTERVAL) if len(known) else (np.nan, np.nan)
        found.append((float(low), float(high)) if len(known) else None)
    return found
