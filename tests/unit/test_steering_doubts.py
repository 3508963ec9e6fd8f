"""What a steering curve says of its best setting: both ways, what to doubt, why there is none."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.analysis.steering_result import SteeringCurve
from tests.unit.test_steering_curve import PROMPTS, curve, direction, made, very

FREE = dict.fromkeys(("perplexity", "repetition"), 1e9)
# After each of these the model writes one text unsteered, and others steered either way.
CLEAR = [PROMPTS[i] for i in (0, 1, 2, 4)]


def told(space: Any, away: float, toward: float) -> Callable[[list[str]], list[float]]:
    """Make an effect of known size: by so much it changes at -1 sigma, and at +1."""
    values: dict[str, float] = {}
    for prompt in CLEAR:
        latents = [sign * direction().vector * 20 for sign in (-1, 0, 1)]
        texts = space.at(prompt=prompt).decode(latents, {"layer": 0})
        values.update(zip(texts, (1 + away, 1.0, 1 + toward), strict=True))
    assert len(values) == 3 * len(CLEAR)
    return lambda texts: [values.get(text, 1.0) for text in texts]


def pair(
    space: Any, away: float, toward: float, mood: lw.Direction | None = None, **options: Any
) -> SteeringCurve:
    given: dict[str, Any] = {"limits": FREE, "randoms": 0, "bootstraps": 0, **options}
    return lw.analysis.steering_curve(
        *(space, mood or direction(), [-1.0, 1.0], [0]),
        effect=told(space, away, toward),
        prompts=CLEAR,
        **given,
    )


def test_the_best_both_ways_raises_and_its_negative_lowers() -> None:
    space = made()
    found = pair(space, -0.3, 0.6)
    best = found.best
    assert best is not None
    assert best.opposite is not None
    assert (best.setting.strength, best.opposite.strength) == (1.0, -1.0)
    assert best.contrast == pytest.approx(0.9)
    assert "At −1 sigma: change −0.30" in str(best)
    assert found.no_best is None
    beginning = "No strength raises 'effect' while its negative lowers it"
    rest = ", of those that do no damage in either. Measure other strengths or layers, or choose "
    for away, toward in ((-0.5, -0.1), (0.3, 0.6)):
        wrong = pair(space, away, toward)
        assert wrong.best is None
        assert wrong.no_best == f"{beginning}{rest}among one sign alone: both_ways=False."
        assert wrong.no_best in html.unescape(wrong._repr_html_())
    still = pair(space, 0.0, 0.0)
    assert still.no_best == (
        f"{beginning}: without damage, none changes it. Measure other strengths or layers."
    )
    backwards = pair(space, 0.5, -0.3)
    assert backwards.no_best == (
        f"{beginning}; +1 sigma at layer 0, tokens 'last', lowers it by 0.30, and its negative "
        "raises it by 0.50: pass the direction the other way round: direction.flipped()."
    )
    flipped = pair(space, 0.5, -0.3, direction().flipped()).best
    assert flipped is not None
    assert flipped.contrast == pytest.approx(0.8)


def test_strengths_with_their_negatives_are_chosen_among_both_ways() -> None:
    space = made()
    both, alone = pair(space, -0.3, 0.6), pair(space, -0.3, 0.6, both_ways=False)
    assert (both.both_ways, alone.both_ways, curve(space).both_ways) == (True, False, False)
    assert both.settings == alone.settings
    assert alone.best is not None
    assert (alone.best.opposite, alone.best.contrast) == (None, None)
    with pytest.raises(lw.LatentValueError, match="1 comes alone; expected -1 among strengths"):
        curve(space, both_ways=True)
    with pytest.raises(lw.LatentTypeError, match="both_ways is 'yes'; expected True, False or"):
        curve(space, both_ways="yes")


def test_negatives_are_found_but_for_rounding() -> None:
    given: dict[str, Any] = {"effect": very, "prompts": PROMPTS[:1], "randoms": 0}
    strengths = np.linspace(-1, 1, 11)
    assert {*-strengths} != {*strengths}
    run: Any = lw.analysis.steering_curve
    found = run(made(), direction(), strengths, [0], **given)
    assert found.both_ways
    assert {-one for one in found.strengths} == {*found.strengths}
    assert found.strengths == pytest.approx(strengths.tolist())
    steps = np.arange(-1, 1.1, 0.2)
    assert 0 not in steps
    assert 0 in run(made(), direction(), steps, [0], both_ways=True, **given).strengths
    with pytest.raises(lw.LatentValueError, match="each once"):
        run(made(), direction(), [1.0, 1.0 + 1e-12], [0], **given)
    assert not run(made(), direction(), [-1.0, 1.001], [0], **given).both_ways


def test_damage_on_either_side_is_told() -> None:
    space = made()
    harm = pair(space, -0.3, 0.6, limits={"repetition": -1.0})
    assert harm.no_best == "Every setting that was measured does damage. Measure smaller strengths."
    # What adds nothing does no damage, and is no setting to choose.
    given: dict[str, Any] = {"effect": very, "prompts": CLEAR, "randoms": 0, "bootstraps": 0}
    still = lw.analysis.steering_curve(
        *(space, direction(), [-1.0, 0.0, 1.0], [0]), limits={**FREE, "divergence": 0.0}, **given
    )
    assert [one.damaged for one in still.settings] == [True, False, True]
    assert still.no_best == harm.no_best
    amounts = [one.divergence for one in harm.settings]
    half = pair(space, -0.3, 0.6, limits={**FREE, "divergence": float(np.mean(amounts))})
    assert sum(one.damaged for one in half.settings) == 1
    assert half.no_best == (
        "Of every strength that was measured, it or its negative does damage. Measure smaller "
        "strengths, or choose among one sign alone: both_ways=False."
    )


def test_the_model_as_it_is_is_judged_with_the_error_that_settings_are_judged_with() -> None:
    given: dict[str, Any] = {"effect": very, "prompts": PROMPTS, "randoms": 0}

    def measured(bootstraps: int, **more: Any) -> list[bool]:
        found = lw.analysis.steering_curve(
            *(made(), direction(), [-1.0, 0.0, 1.0], [0]),
            plain_prompt=lambda prompt: prompt,
            bootstraps=bootstraps,
            **{**given, **more},
        )
        limit.append(found.unsteered.perplexity)
        assert found.plain_prompt is not None
        still = next(one for one in found.settings if not one.strength)
        return [one.damaged for one in (still, found.unsteered, found.plain_prompt)]

    limit: list[float] = []
    assert measured(0) == [False] * 3
    just = {"perplexity": 0.999 * limit[0]}
    assert measured(0, limits=just) == [True] * 3, "by the mean alone"
    assert measured(200, limits=just) == [False] * 3, "within error"
    assert measured(200, limits={"perplexity": 1.0}) == [True] * 3


def test_chance_is_that_of_the_contrast() -> None:
    space = made()
    known = told(space, -0.3, 0.6)

    def effect(texts: list[str]) -> list[float]:
        return [one + len(text) % 5 for one, text in zip(known(texts), texts, strict=True)]

    def run(mood: lw.Direction, **options: Any) -> SteeringCurve:
        given: dict[str, Any] = {"randoms": 0, "bootstraps": 0, "limits": FREE, **options}
        strengths = [-1.0, 1.0]
        return lw.analysis.steering_curve(
            *(space, mood, strengths, [0]), effect=effect, prompts=CLEAR[:2], **given
        )

    found = run(direction(), randoms=2, seed=5)
    assert found.best is not None
    contrasts = []
    for i, unit in enumerate(np.random.default_rng(5).normal(size=(2, 16))):
        away, toward = run(lw.Direction(f"random {i}", unit, sigma=20.0)).settings
        contrasts.append(toward.change - away.change)
    assert any(contrasts)
    chance = found.best.contrast_chance
    assert chance is not None
    assert chance == pytest.approx(np.sqrt(np.mean(np.square(contrasts))))
    doubted = replace(found, best=replace(found.best, contrast=2 * chance))
    assert "lifts effect above what its negative does by" in (doubted.warning or "").lower()
    sure = replace(found, best=replace(found.best, contrast=2.1 * chance))
    assert "chance" not in (sure.warning or "")


def test_the_end_of_what_was_measured_is_told() -> None:
    space = made()
    end = "at the end of the strengths that were measured: try more"
    assert end in (pair(space, -0.3, 0.6).warning or "")
    # Strengths of 1 and 2 write the same here, so that the first is best.
    wide = lw.analysis.steering_curve(
        *(space, direction(), [-2.0, -1.0, 1.0, 2.0], [0]),
        effect=told(space, -0.3, 0.6),
        prompts=CLEAR,
        limits=FREE,
        randoms=0,
    )
    assert wide.best is not None
    assert wide.best.setting.strength == 1.0
    assert wide.warning == "Rests on only 4 prompts."


def test_what_does_not_hold_elsewhere_is_told() -> None:
    found = pair(made(), -0.3, 0.6)
    best = found.best
    assert best is not None
    sure = replace(best, held_out_interval=(0.2, 0.9), held_out_opposite_interval=(-0.5, -0.1))
    cases: list[tuple[dict[str, Any], str]] = [
        ({"held_out_interval": (-0.1, 0.9)}, "may change nothing on prompts"),
        ({"held_out_interval": (-0.9, -0.1)}, "works the wrong way on prompts"),
        ({"held_out_opposite_interval": (-0.1, 0.1)}, "its negative may change nothing on"),
        ({"held_out_opposite_interval": (0.1, 0.2)}, "its negative works the wrong way on"),
        ({"held_out_perplexity": 2e9}, "has a perplexity of"),
        ({"held_out_opposite_repetition": 2e9}, "its negative has a repetition of"),
    ]
    assert "not chosen on" not in (replace(found, best=sure).warning or "")
    for change, doubt in cases:
        warning = replace(found, best=replace(sure, **change)).warning
        assert doubt in (warning or "").lower()


@pytest.mark.slow
def test_where_nothing_is_best_it_says_why() -> None:
    free = dict.fromkeys(("perplexity", "repetition"), 1e9)
    all_harm = curve(limits={"perplexity": 0.5}, bootstraps=0)
    assert all_harm.best is None
    assert all_harm.no_best == (
        "Every setting that was measured does damage. Measure smaller strengths."
    )
    assert all_harm.no_best in all_harm._repr_html_()
    step = direction().vector * 20
    space = made()
    written = {
        (one.strength, one.layer): one.example for one in curve(limits=free, bootstraps=0).settings
    }
    plain = space.decode([0 * step])[0]
    told = [text for (strength, _), text in written.items() if strength < 0 and text != plain]
    assert told

    def backwards(texts: list[str]) -> list[float]:
        return [float(text in told) for text in texts]

    found = curve(space, effect=backwards, prompts=PROMPTS[:1], limits=free, bootstraps=0)
    assert found.best is None
    assert found.no_best is not None
    assert "No undamaged setting of positive strength raises 'backwards'" in found.no_best
    assert "; −2 sigma at layer " in found.no_best
    assert "raises it by 1.00: pass the direction the other way round" in found.no_best

    def less(texts: list[str]) -> list[float]:
        return [-float(text != plain) for text in texts]

    found = curve(space, effect=less, prompts=PROMPTS[:1], limits=free, bootstraps=0)
    assert found.no_best is not None
    assert "lowers it by 1.00: where that is wanted" in found.no_best
    best = curve(limits=free, effect=lambda texts: [float(one != plain) for one in texts])
    assert best.no_best is None
    assert best.best is not None
    assert str(best.best) in html.unescape(best.best._repr_html_())
    assert f"strength {best.best.setting.strength:g} sigma" in str(best.best)
