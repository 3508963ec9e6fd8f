"""Which of several settings of steering is best: chosen on some prompts, judged on others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Measured", "best_of", "interval_of", "means"]

INTERVAL = (2.5, 97.5)
# Prompts are held out in so many folds, and not at all where there are fewer prompts than that.
FOLDS = 5


@dataclass(frozen=True, eq=False)
class Measured:
    """What was measured of each prompt, in each setting.

    Attributes
    ----------
    change : ndarray
        By how much the effect changed, ``(prompts, settings)``; NaN where it could not be read.
    damage : mapping of str to ndarray
        Of each kind of damage the amounts, ``(prompts, settings)``.
    base : mapping of str to ndarray
        Of some kinds the amounts that are none, ``(prompts,)``: more than their mean is damage.
    slack : mapping of str to float
        How much more.
    limits : mapping of str to float
        Of kinds of damage, amounts that a person gave in place of these.
    wanted : ndarray
        bool ``(settings,)``: which can be the best.
    """

    change: NDArray[np.float64]
    damage: Mapping[str, NDArray[np.float64]]
    base: Mapping[str, NDArray[np.float64]]
    slack: Mapping[str, float]
    wanted: NDArray[np.bool_]
    limits: Mapping[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.change)

    def limits_of(self, weights: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Give where damage begins, for prompts of these weights ``(samples, prompts)``."""
        found = {name: means(one[:, None], weights) for name, one in self.base.items()}
        found = {name: one + self.slack.get(name, 0.0) for name, one in found.items()}
        given = {name: np.full((len(weights), 1), one) for name, one in self.limits.items()}
        return {**found, **given}

    def damaged(self, weights: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Say which settings do damage: bool ``(samples, settings)``."""
        found = np.zeros((len(weights), self.change.shape[1]), bool)
        for name, limit in self.limits_of(weights).items():
            amount = means(self.damage[name], weights)
            found |= ~(amount <= limit + 1e-9)  # NaN is no amount that is known to be small
        return found

    def chosen(
        self, weights: NDArray[np.float64], among: NDArray[np.bool_] | None = None
    ) -> NDArray[np.intp]:
        """Choose the setting that changes most without damage, for each sample: -1 for none."""
        change = means(self.change, weights)
        allowed = self.wanted if among is None else self.wanted & among
        change = np.where(allowed & ~self.damaged(weights) & (change > 0), change, -np.inf)
        best = change.argmax(axis=1)
        return np.where(np.isfinite(change.max(axis=1)), best, -1)


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
        "setting", its number; "interval" of the strength in its group; "agreement", the share of
        samples that choose this group; "held_out", the change on prompts that it was not chosen
        on, and "held_out_interval". None where no setting changes anything without damage.
    """
    n = len(measured)
    setting = int(measured.chosen(np.ones((1, n)))[0])
    if setting < 0:
        return None
    found: dict[str, Any] = {"setting": setting, "interval": None, "agreement": None}
    found |= {"held_out": None, "held_out_interval": None}
    if not len(draws):
        return found
    mine = groups == groups[setting]
    picked = measured.chosen(draws, mine)
    if (picked >= 0).any():
        low, high = np.percentile(strengths[picked[picked >= 0]], INTERVAL)
        found["interval"] = (float(low), float(high))
    picked = measured.chosen(draws)
    found["agreement"] = float(np.mean((picked >= 0) & mine[picked]))
    if n < FOLDS:
        return found
    left = np.full(n, np.nan)
    for fold in range(FOLDS):
        out = np.arange(n) % FOLDS == fold
        pick = int(measured.chosen((~out).astype(np.float64)[None])[0])
        left[out] = measured.change[out, pick] if pick >= 0 else 0.0
    found["held_out"] = float(np.nanmean(left)) if np.isfinite(left).any() else None
    found["held_out_interval"] = interval_of(left[:, None], draws)[0]
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
