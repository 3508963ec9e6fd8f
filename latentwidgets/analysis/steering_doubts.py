"""Why not to believe the best setting of a `SteeringCurve`, and why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.analysis.steering_setting import damage_of
from latentwidgets.analysis.tables import number
from latentwidgets.common.wording import brief

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from latentwidgets.analysis.steering_setting import BestSteering, SteeringSetting

__all__ = ["doubts_of", "why_none"]

ELSEWHERE = "on prompts that it was not chosen on"


def doubts_of(
    best: BestSteering,
    settings: Sequence[SteeringSetting],
    limits: Mapping[str, float],
    effect: str,
) -> list[str]:
    """Say in plain words what speaks against the best setting; nothing where nothing does."""
    doubts = []
    one, other = best.setting, best.opposite
    if other is None:
        found, chance, what = one.change, one.chance, f"changes {effect} by"
    else:
        found, chance = best.contrast or 0.0, best.contrast_chance
        what = f"lifts {effect} above what its negative does by"
    if chance is not None and abs(found) <= 2 * chance:
        doubts.append(
            f"{what} {number(found)}, and random directions of the same norm by {number(chance)}: "
            "hardly more than chance"
        )
    towards = 1 if one.strength > 0 else -1
    # A negative that had nothing to lower is as it should be.
    idle = other is not None and other.change == 0
    for name, sign, held in [
        ("", towards, best.held_out_interval),
        ("its negative ", -towards, best.held_out_opposite_interval),
    ]:
        if held is None:
            continue
        low, high = sorted(sign * end for end in held)
        if high < 0:
            doubts.append(f"{name}works the wrong way {ELSEWHERE}")
        elif low <= 0 and not (name and idle):
            doubts.append(f"{name}may change nothing {ELSEWHERE}")
    for name, kind, amount in [
        ("", "divergence", best.held_out_divergence),
        ("", "perplexity", best.held_out_perplexity),
        ("", "repetition", best.held_out_repetition),
        ("its negative ", "divergence", best.held_out_opposite_divergence),
        ("its negative ", "perplexity", best.held_out_opposite_perplexity),
        ("its negative ", "repetition", best.held_out_opposite_repetition),
    ]:
        limit = limits.get(kind)
        if amount is not None and limit is not None and not amount <= limit + 1e-9:
            doubts.append(
                f"{name}has a {kind} of {number(amount)} {ELSEWHERE}, where damage begins at "
                f"{number(limit)}"
            )
    if towards * one.strength >= max(towards * setting.strength for setting in settings):
        doubts.append("is at the end of the strengths that were measured: try more")
    return doubts


def why_none(
    settings: Sequence[SteeringSetting],
    limits: Mapping[str, float],
    effect: str,
    *,
    both_ways: bool,
) -> str:
    """Say in plain words why there is no best setting, and what to do."""
    whole = [one for one in settings if one.strength and not damage_of(one, limits)]
    sound = [one for one in whole if np.isfinite(one.change)]
    if not sound and whole:
        return "The effect could be read in no undamaged setting: see how many are `unread`."
    if not sound:
        if not all(one.damaged for one in settings if one.strength):
            return (
                "Every setting that was measured is on average beyond a limit of damage, some by "
                "no more than error. Measure smaller strengths, or more prompts."
            )
        return "Every setting that was measured does damage. Measure smaller strengths."
    open_ones = [one for one in settings if damage_of(one, limits) and not one.damaged]
    more = " Others are beyond a limit of damage by no more than error: measure more prompts."
    return _none_of(sound, settings, effect, both_ways=both_ways) + more * any(open_ones)


def _none_of(
    sound: list[SteeringSetting],
    settings: Sequence[SteeringSetting],
    effect: str,
    *,
    both_ways: bool,
) -> str:
    """Say why none of the settings within all limits will do."""
    if both_ways:
        return _none_both_ways(sound, effect)
    towards = 1 if any(one.strength > 0 for one in settings) else -1
    verbs = ("raises", "lowers") if towards > 0 else ("lowers", "raises")
    sign = "positive" if towards > 0 else "negative"
    words = f"No undamaged setting of {sign} strength {verbs[0]} {brief(effect)}"
    most = max(sound, key=lambda one: one.change * towards)
    way, verb = "pass the direction the other way round: direction.flipped()", verbs[0]
    if most.change * towards <= 0:
        most = min(sound, key=lambda one: one.change * towards)
        way = "where that is wanted, pass as effect what is then more"
        verb = verbs[1]
    if not most.change:
        return f"{words}, nor lowers it. Measure other strengths or layers."
    return f"{words}; {_place(most)}, {verb} it by {number(abs(most.change))}: {way}."


def _none_both_ways(sound: list[SteeringSetting], effect: str) -> str:
    places = {(one.layer, one.steer, one.strength): one for one in sound}
    pairs = [
        (one, places[layer, steer, -strength])
        for (layer, steer, strength), one in places.items()
        if strength > 0 and (layer, steer, -strength) in places
    ]
    if not pairs:
        return (
            "Of every strength that was measured, it or its negative does damage. Measure smaller "
            "strengths, or choose among one sign alone: both_ways=False."
        )
    words = f"No strength raises {brief(effect)} while its negative lowers it"
    backwards = [(one, other) for one, other in pairs if one.change < 0 < other.change]
    if backwards:
        one, other = max(backwards, key=lambda pair: pair[1].change - pair[0].change)
        return (
            f"{words}; {_place(one)}, lowers it by {number(-one.change)}, and its negative raises "
            f"it by {number(other.change)}: pass the direction the other way round: "
            "direction.flipped()."
        )
    if not any(one.change for pair in pairs for one in pair):
        return f"{words}: without damage, none changes it. Measure other strengths or layers."
    return (
        f"{words}, of those that do no damage in either. Measure other strengths or layers, or "
        "choose among one sign alone: both_ways=False."
    )


def _place(one: SteeringSetting) -> str:
    strength = f"{one.strength:+g}".replace("-", "−")
    return f"{strength} sigma at layer {one.layer}, tokens {one.steer!r}"
