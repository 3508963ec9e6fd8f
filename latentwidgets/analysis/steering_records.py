"""Makes the records of a steering curve of what was run: each setting, and the best one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.steering_choice import Measured, best_of, interval_of, means
from latentwidgets.analysis.steering_result import SteeringCurve
from latentwidgets.analysis.steering_runs import DAMAGE, Plan, Runs
from latentwidgets.analysis.steering_setting import BY_CHANCE, BestSteering, SteeringSetting

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["curve_of"]

# Damage is, on average, by so much more repetition than unsteered, or by so many nats a token more
# surprise (of perplexity a tenth). Of surprise, what the model draws by itself at temperature 1 is
# none: texts of likely tokens alone stay far below that.
SLACK = {"repetition": 0.1, "surprise": 0.1}


def curve_of(
    plan: Plan,
    runs: Runs,
    draws: NDArray[np.float64],
    given: Mapping[str, float],
    names: tuple[str, str],
    *,
    both_ways: bool,
) -> SteeringCurve:
    """Make the curve of what was run.

    Parameters
    ----------
    plan, runs
        What was to be run, and what was measured.
    draws : ndarray
        How often each prompt is in each bootstrap sample, ``(samples, prompts)``.
    given : mapping of str to float
        Limits of damage that a person set.
    names : tuple of str
        Of the direction, and of the effect.
    both_ways : bool
        Whether the best strength is to work as its negative, too.
    """
    n, count = len(plan.prompts), len(plan.places)
    signs = np.array([np.sign(one.strength) for one in plan.places])
    # Axes: prompts, the direction and random ones, settings.
    change = runs.effects - runs.unsteered.effects[:, :, None]
    wrong = np.where(np.isfinite(change), change * signs < 0, np.nan)
    towards = 1.0 if (signs > 0).any() else -1.0
    measured = Measured(
        change=change[:, 0] * towards,
        damage={name: runs.damage[name][:, 0] for name in DAMAGE},
        unsteered={name: runs.unsteered.damage[name][:, 0] for name in DAMAGE},
        slack=SLACK,
        least={"surprise": runs.drawn},
        wanted=signs == towards,
        limits=dict(given),
        opposite=plan.opposite if both_ways else None,
        draws=draws,
    )
    whole = np.ones((1, n))
    damaged = np.any([*measured.sure.values()], axis=0)
    intervals = interval_of(change[:, 0], draws)
    mean = {name: means(one[:, 0], whole)[0] for name, one in runs.damage.items()}
    effects, changes = means(runs.effects[:, 0], whole)[0], means(change[:, 0], whole)[0]
    wrongs = means(wrong[:, 0], whole)[0]
    chances: dict[str, Any] = dict.fromkeys(BY_CHANCE, [None] * count)
    contrast_chance = None
    if plan.randoms:
        of_all = [wrong, *(runs.damage[name] for name in ("divergence", "surprise", "repetition"))]
        flat = [one[:, 1:].reshape(-1, count) for one in of_all]
        away, far, surprise, again = (means(one, np.ones((1, len(one))))[0] for one in flat)
        by_chance = _chance(change[:, 1:]), away, far, np.exp(surprise), again
        for name, one in zip(BY_CHANCE, by_chance, strict=True):
            if one is not None:
                chances[name] = one.tolist()
        contrast_chance = _chance(change[:, 1:] - change[:, 1:, plan.opposite])
    settings = tuple(
        SteeringSetting(
            layer=place.layer,
            steer=place.steer,
            strength=float(place.strength),
            relative=place.relative,
            effect=float(effects[i]),
            change=float(changes[i]),
            interval=intervals[i],
            wrong_way=float(wrongs[i]),
            divergence=float(mean["divergence"][i]),
            perplexity=float(np.exp(mean["surprise"][i])),
            repetition=float(mean["repetition"][i]),
            unread=float(np.mean(~np.isfinite(runs.effects[:, 0, i]))),
            damaged=bool(damaged[i]),
            example=runs.examples[i],
            **{name: one[i] for name, one in chances.items()},
        )
        for i, place in enumerate(plan.places)
    )
    groups = {key: i for i, key in enumerate(dict.fromkeys(one.group for one in plan.places))}
    best = best_of(
        measured,
        np.array([one.strength for one in plan.places]),
        np.array([groups[one.group] for one in plan.places]),
        draws,
    )
    found = {name: float(one[0, 0]) for name, one in measured.limits_of(whole).items()}
    if "surprise" in found:
        found = {"perplexity": float(np.exp(found.pop("surprise"))), **found}
    return SteeringCurve(
        *names,
        settings,
        _alone(runs.unsteered, runs.unsteered, draws, measured),
        None if runs.plain is None else _alone(runs.plain, runs.unsteered, draws, measured),
        None if best is None else _best(best, settings, towards, measured, contrast_chance),
        found,
        n,
        plan.steps,
        plan.kept,
        both_ways,
    )


def _chance(change: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Give the root mean square, over random directions, of the mean change of each setting.

    Parameters
    ----------
    change : ndarray
        ``(prompts, directions, settings)``.
    """
    n, directions, _ = change.shape
    each = np.stack([means(change[:, i], np.ones((1, n)))[0] for i in range(directions)])
    known = np.isfinite(each)
    if not known.any():
        return None
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(np.where(known, each**2, 0.0).sum(axis=0) / known.sum(axis=0)))


def _best(
    found: dict[str, Any],
    settings: Sequence[SteeringSetting],
    towards: float,
    measured: Measured,
    chance: NDArray[np.float64] | None,
) -> BestSteering:
    setting = found.pop("setting")
    given: dict[str, Any] = {
        "strength_interval": found.pop("interval", None),
        "agreement": found.pop("agreement", None),
    }
    if (opposite := found.pop("opposite", None)) is not None:
        both = measured.compared[:, setting] - measured.compared[:, opposite]
        given["opposite"] = settings[opposite]
        given["contrast"] = float(means(both[:, None], np.ones((1, len(both))))[0, 0])
        given["contrast_chance"] = None if chance is None else float(chance[setting])
    if towards < 0 and "held_out" in found:
        found["held_out"] *= -1
    if towards < 0 and (interval := found.get("held_out_interval")):
        found["held_out_interval"] = -interval[1], -interval[0]
    for name in [one for one in found if one.endswith("_surprise")]:
        found[name.replace("_surprise", "_perplexity")] = float(np.exp(found.pop(name)))
    return BestSteering(settings[setting], **given, **found)


def _alone(
    runs: Runs, unsteered: Runs, draws: NDArray[np.float64], measured: Measured
) -> SteeringSetting:
    """Make the record of the model as it is, after the prompts or after plain ones."""
    whole = np.ones((1, len(runs.effects)))
    change = runs.effects - unsteered.effects
    mean = {name: float(means(one[:, 0, None], whole)[0, 0]) for name, one in runs.damage.items()}
    beyond = measured.beside({name: one[:, 0, None] for name, one in runs.damage.items()}).sure
    known = np.isfinite(change)
    return SteeringSetting(
        layer=None,
        steer="",
        strength=0.0,
        relative=0.0,
        effect=float(means(runs.effects[:, 0, None], whole)[0, 0]),
        change=float(means(change, whole)[0, 0]),
        interval=None if runs is unsteered else interval_of(change, draws)[0],
        wrong_way=float((change[known] < 0).mean()) if known.any() else np.nan,
        divergence=mean["divergence"],
        perplexity=float(np.exp(mean["surprise"])),
        repetition=mean["repetition"],
        unread=float((~np.isfinite(runs.effects)).mean()),
        damaged=any(bool(one[0]) for one in beyond.values()),
        example=runs.examples[0],
        **dict.fromkeys(BY_CHANCE),
    )
