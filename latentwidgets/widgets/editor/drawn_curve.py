"""A curve of an editor as it lies along a slider, and why it may not hold for what is set."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.steering_setting import damage_of
from latentwidgets.analysis.tables import number, plain
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.edit import reach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from latentwidgets.analysis.steering_result import SteeringCurve
    from latentwidgets.analysis.steering_setting import SteeringSetting
    from latentwidgets.routes.edit import Edit
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["DrawnCurve", "draw_curve", "multiple"]

# Two moves that differ by no more than this share of one are the same.
SAME = 1e-3

Ends = tuple[float | None, float | None]


@dataclass(frozen=True)
class DrawnCurve:
    """A curve along a slider, as the editor is set now.

    Attributes
    ----------
    told : dict
        What the page draws, as JSON.
    reach : tuple of float
        The least and the most amount that was measured.
    without_damage : tuple of float or None
        Beyond which amounts damage begins; None where none was measured, nothing is known for what
        is set now, or every amount that was measured does damage.
    """

    told: dict[str, Any]
    reach: tuple[float, float]
    without_damage: Ends

    def ends(self, usual: Sequence[float], *, full: bool) -> list[float]:
        """Give the ends of the slider.

        Parameters
        ----------
        usual : sequence of float
            Those without the curve.
        full : bool
            Whether it goes on where damage begins.

        Returns
        -------
        list of float
            The least and the most: also all that was measured, and unless `full` none of what does
            damage.
        """
        low, high = min(usual[0], self.reach[0]), max(usual[1], self.reach[1])
        if full:
            return [low, high]
        below, above = self.without_damage
        return [
            low if below is None else max(low, below),
            high if above is None else min(high, above),
        ]


@dataclass(frozen=True)
class _Fit:
    """How a curve lies along a slider.

    Attributes
    ----------
    layer, steer
        The settings that are drawn.
    unit : float
        How much of the curve's strength one unit of the slider is, at strength 1 of the space.
    strength : float
        The space's own strength, which multiplies it.
    doubts : tuple of str
        Why it may not hold for what is set now.
    """

    layer: int
    steer: str
    unit: float
    strength: float
    doubts: tuple[str, ...]


def draw_curve(
    curve: SteeringCurve,
    edit: Edit,
    axis: int,
    *,
    at: Sequence[float],
    space: LatentSpace,
    conditions: Mapping[str, Any],
) -> DrawnCurve:
    """Lay a curve along the slider of a direction.

    Parameters
    ----------
    curve : SteeringCurve
        What was measured.
    edit : Edit
        The edit, of which `axis` is the direction.
    axis : int
        Its number.
    at : sequence of float
        The amounts of all directions.
    space : LatentSpace
        What decodes.
    conditions : mapping
        What is decoded beside latents, a value of each condition of the space.

    Returns
    -------
    DrawnCurve
        Doubted where it was measured for something else than what is set.
    """
    fit = _fit(curve, edit, axis, at, space, conditions)
    start, unit = float(edit.origin[axis]), fit.unit * fit.strength
    base, found = curve.unsteered, curve.at(fit.layer, fit.steer)
    points = [
        _point(one, curve, start + one.strength / unit)
        for one in (*found, base)
        if one is base or one.strength
    ]
    points.sort(key=lambda one: float(one["at"]))
    ends = below, above = _undamaged(curve, fit, start, unit)
    known = (below, above) != (None, None)
    # Where damage begins at once on both sides, no slider would be left.
    cuts = known and not fit.doubts and (below is None or above is None or below < above)
    measured = [start + one.strength / fit.unit for one in found]
    least, most = reach(start)
    return DrawnCurve(
        told={
            "points": points,
            "damage": list(ends),
            "cuts": cuts,
            "doubt": _sentence(fit.doubts),
            "words": _words(curve, fit, ends),
        },
        reach=(max(least, min(measured)), min(most, max(measured))),
        without_damage=ends if cuts else (None, None),
    )


def _fit(
    curve: SteeringCurve,
    edit: Edit,
    axis: int,
    at: Sequence[float],
    space: LatentSpace,
    conditions: Mapping[str, Any],
) -> _Fit:
    doubts = []
    layer, steer = curve.layers[0], curve.steer[0]
    if curve.best is not None and curve.best.setting.layer is not None:
        layer, steer = curve.best.setting.layer, curve.best.setting.steer
    unit, strength = 1.0, float(conditions.get("strength", 1.0))
    stream: Any = None
    with suppress(LatentValueError):  # it has a decoder of its own
        stream = getattr(space, "stream", None)
    if stream is None:
        doubts.append("where this space steers is not known")
    else:
        rows = edit.moves[axis].reshape(-1, stream.width)
        layers = [conditions["layer"]] if "layer" in conditions else stream.chosen
        acting = [(int(i), row) for i, row in zip(layers, rows, strict=True) if row.any()]
        if len(acting) != 1:
            doubts.append(f"it acts at {len(acting)} layers, and the curve is of one")
        elif acting[0][0] not in curve.layers:
            measured = f"layer{'s' * (len(curve.layers) > 1)} {_listed(curve.layers)}"
            doubts.append(f"measured at {measured}, not at layer {acting[0][0]}")
        else:
            [(layer, row)] = acting
            share = multiple(row, curve.steps[layer])
            if share is None:
                held = edit.left[axis] < 1
                other = "what is held still changes its move"
                doubts.append(other if held else "measured along another direction")
            else:
                unit = share
        if stream.steer in curve.steer:
            steer = stream.steer
        else:
            measured = _listed([f'"{one}"' for one in curve.steer])
            doubts.append(f'measured with steer {measured}, not "{stream.steer}"')
    if not strength:
        doubts.append("strength is 0, so that nothing is added")
        strength = 1.0
    for name, was in curve.conditions.items():
        if conditions.get(name, was) != was:
            doubts.append(f"measured at {name} {_brief(was)}, not {_brief(conditions[name])}")
    if edit.bases.any():
        doubts.append("measured from the model as it is, and the base adds something")
    moved = np.flatnonzero(np.asarray(at) != edit.origin)
    if any(i != axis and edit.moves[i].any() for i in moved):
        doubts.append("measured alone, and other sliders are moved")
    return _Fit(layer, steer, unit, strength, tuple(doubts))


def multiple(row: NDArray[np.float64], step: NDArray[np.float64]) -> float | None:
    """Say how many times a step one sigma is; None where it goes another way."""
    share = float(row @ step / (step @ step)) if step.any() else 0.0
    if not share or np.linalg.norm(row - share * step) > SAME * np.linalg.norm(row):
        return None
    return 1.0 if abs(share - 1) < SAME else share


def _undamaged(curve: SteeringCurve, fit: _Fit, start: float, unit: float) -> Ends:
    """Give the amounts beyond which damage begins, on both sides of a slider."""
    found = curve.at(fit.layer, fit.steer)
    free = curve.range_without_damage(fit.layer, fit.steer)
    ends: list[float | None] = []
    for sign, end in zip((-1, 1), free, strict=True):
        harmed = [one.strength for one in found if one.damaged and one.strength * sign > 0]
        # Somewhere between the last that does none and the first that does: in the middle. Where
        # there is none on both sides, 0: nothing that was measured is free of damage.
        first = min(harmed, key=abs, default=None)
        middle = first is not None and any(free)
        ends.append(None if first is None else start + (end + first) / 2 / unit * middle)
    return (ends[0], ends[1]) if unit > 0 else (ends[1], ends[0])


def _point(one: SteeringSetting, curve: SteeringCurve, amount: float) -> dict[str, Any]:
    """Say what was measured at one amount."""
    effect, beyond = curve.effect, "; ".join(damage_of(one, curve.limits))
    low, high = one.interval or (np.nan, np.nan)
    if not one.strength:
        change, said = 0.0, f"without steering: {effect} {number(one.effect)}"
    else:
        change = one.change
        about = [] if one.interval is None else [f"95 % {_signed(low)} to {_signed(high)}"]
        about += [] if one.chance is None else [f"chance ±{number(one.chance)}"]
        said = f"{_sigmas(one.strength)}: {effect} {number(one.effect) or 'not read'}"
        said += f", change {_signed(change)} ({'; '.join(about)})" if about else ""
    damage = f"perplexity {number(one.perplexity, 1)}, repetition {one.repetition:.0%}"
    if one.damaged:
        damage += f", damaged{beyond and f': {beyond}'}"
    elif beyond and one.strength:
        damage += f"; beyond a limit of damage, but within error: {beyond}"
    return {
        "at": amount,
        "value": plain(change),
        "low": plain(low),
        "high": plain(high),
        "chance": None if one.chance is None else plain(one.chance),
        "damaged": one.damaged,
        "words": f"{said}; {damage}",
    }


def _words(curve: SteeringCurve, fit: _Fit, ends: Ends) -> str:
    """Say what the curve shows, for who does not see it."""
    several = "s" * (curve.prompts != 1)
    found = [
        f"Change of {curve.effect} with strength, after layer {fit.layer}, steered tokens: "
        f"{fit.steer}; mean of {curve.prompts:,} prompt{several}, without steering "
        f"{number(curve.unsteered.effect)}."
    ]
    for end, side in zip(ends, ("below", "above"), strict=True):
        if end is not None:
            found.append(f"Damage {side} {_sigmas(end)}.")
    if curve.plain_prompt is not None:
        found.append(f"Asked for in words: {number(curve.plain_prompt.effect)}.")
    return " ".join([*found, *filter(None, [curve.warning])])


def _sentence(doubts: Sequence[str]) -> str:
    if not doubts:
        return ""
    words = "; ".join(doubts)
    return f"{words[0].upper()}{words[1:]}."


def _listed(of: Sequence[object]) -> str:
    return " and ".join(map(str, of))


def _signed(change: float) -> str:
    return f"{change:+.2f}".replace("-", "−") if np.isfinite(change) else "not read"


def _sigmas(amount: float) -> str:
    return f"{amount:+.3g} σ".replace("-", "−") if amount else "0 σ"


def _brief(value: Any) -> str:
    return value if isinstance(value, str) else format(value, ".4g")
