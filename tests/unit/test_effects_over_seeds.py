"""Effects measured over several values of a condition, such as seeds: with common noise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import latentwidgets as lw
from latentwidgets.directions.tables import note
from tests.unit.pipelines import pipeline

STEPS, SIZE = {"num_inference_steps": 3}, {"height": 16, "width": 16}


def noise(seed: np.ndarray) -> Any:
    """Give each seed its own number: the same whenever it is asked for."""
    return np.array([np.random.default_rng(one).normal() for one in seed], np.float32)


def draw(latents: Any, seed: Any, gain: Any) -> Any:
    """Draw grey that follows the first number, and by seed more or less of the second."""
    grey = gain * latents[:, 0] + latents[:, 1] * noise(seed) + 5 * noise(seed)
    return grey[:, None, None] * np.ones((8, 8), np.float32)


GIVEN: dict[str, Any] = {"seed": range(1000), "gain": (1.0, 0.0, 2.0)}
SPACE = lw.LatentSpace(draw, 3, value_range=(-50, 50), conditions=GIVEN)
BOTH = [lw.Direction("same", [1.0, 0, 0]), lw.Direction("by seed", [0, 1.0, 0])]
SHADES = 255 / 100


def grey(images: np.ndarray) -> np.ndarray:
    values: np.ndarray = images.mean(axis=(1, 2, 3)) / SHADES
    return values


def test_each_latent_is_paired_with_each_seed() -> None:
    asked: list[tuple[int, float, float]] = []

    def noted(latents: np.ndarray, seed: np.ndarray, gain: np.ndarray) -> np.ndarray:
        asked.extend(zip(seed.tolist(), latents[:, 0].tolist(), gain.tolist(), strict=True))
        drawn: np.ndarray = draw(latents, seed, gain)
        return drawn

    space = lw.LatentSpace(noted, 3, value_range=(-50, 50), conditions=GIVEN)
    latents = np.array([[10.0, 0, 0], [20.0, 0, 0]])
    under = {"seed": [3, 7, 11], "gain": 0.5}
    lw.measure_effects(space, BOTH[0], grey, latents=latents, controls=0, conditions=under)
    wanted = [(s, z + side, 0.5) for s in (3, 7, 11) for z in (10.0, 20.0) for side in (-1, 1)]
    tried = [(3, z, 0.5) for z in (10.0, 20.0)]  # so that a wrong measure shows at once
    assert sorted(asked) == sorted(wanted + tried)


@pytest.mark.slow
def test_the_interval_is_over_the_seeds_and_noise_is_common_to_both_ends() -> None:
    seeds = range(40)
    under = {"seed": seeds, "gain": 2.0}
    same, by_seed = (
        one.evidence for one in lw.measure_effects(SPACE, BOTH, grey, amount=8, conditions=under)
    )
    # What each seed adds to both ends, five times as much as a step, cancels.
    assert same.effect == pytest.approx(2, abs=0.02)
    assert same.effect_margin is not None
    assert same.effect_margin < 0.05
    numbers = noise(np.array(seeds))
    assert by_seed.effect == pytest.approx(numbers.mean(), abs=0.02)
    half = stats.t.ppf(0.975, 39) * stats.sem(numbers)
    assert by_seed.effect_margin == pytest.approx(half, rel=0.05)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    held = 0
    for start in range(0, 1000, 20):
        found = lw.measure_effects(
            SPACE,
            BOTH[1],
            grey,
            latents=np.zeros((1, 3)),
            amount=8,
            controls=0,
            conditions={"seed": range(start, start + 20)},
        )[0].evidence
        assert found.effect is not None
        assert found.effect_margin is not None
        held += abs(found.effect) <= found.effect_margin  # over all seeds it is nothing
    assert held >= 44, "95 in 100 would be 47.5 of 50"


def test_what_seeds_do_not_agree_on_is_doubted() -> None:
    options: Any = {"latents": np.zeros((1, 3)), "amount": 8, "controls": 0}
    one = lw.measure_effects(SPACE, BOTH[1], grey, name="grey", conditions={"seed": 4}, **options)
    assert one[0].evidence.effect_margin is None, "of one latent and one seed nobody knows"
    assert one[0].evidence.warning is None
    seeds = {"seed": range(16)}
    many = lw.measure_effects(SPACE, BOTH[1], grey, name="grey", conditions=seeds, **options)
    doubt = "What it does to grey is not told apart from nothing."
    assert many[0].evidence.warning == doubt
    again = lw.measure_effects(SPACE, many, grey, name="grey", conditions={"seed": 4}, **options)
    assert again[0].evidence.warning is None, "the doubt was about the other measurement"


def test_chance_is_measured_under_the_same_seeds() -> None:
    seeds = {"seed": range(12)}
    found = lw.measure_effects(SPACE, BOTH[0], grey, amount=4, controls=30, conditions=seeds)
    mean = noise(np.arange(12)).mean()
    # A random direction of three numbers: a third of each square, in the mean.
    by_chance = np.sqrt((1 + mean**2) / 3)
    assert found[0].evidence.effect_chance == pytest.approx(by_chance, rel=0.3)


def test_from_one_latent_random_directions_lead_between_samples() -> None:
    found = lw.measure_effects(SPACE, BOTH[0], grey, latents=np.zeros((1, 3)), amount=4)
    assert found[0].evidence.effect == pytest.approx(1, abs=0.02)
    assert found[0].evidence.effect_chance is not None
    assert 0.2 < found[0].evidence.effect_chance < 1.2


def test_the_margin_is_written_with_the_effect_and_kept(tmp_path: Path) -> None:
    seeds = {"seed": range(16)}
    found = lw.measure_effects(SPACE, BOTH[1], grey, name="grey", conditions=seeds, amount=8)
    about = found[0].evidence
    words = f"effect {about.effect:.3g} ± {about.effect_margin:.3g} grey per sigma"
    assert words.replace("-", "−") in note(found[0])
    assert found.table()[0]["effect_margin"] == about.effect_margin
    assert f"± {about.effect_margin:.3g}" in found._repr_html_()
    found.save(tmp_path / "found.safetensors")
    assert lw.Directions.load(tmp_path / "found.safetensors")[0].evidence == about
    assert found[0].flipped().evidence.effect_margin == about.effect_margin


@pytest.mark.parametrize(
    ("under", "words"),
    [
        ({"seed": [1, 2], "gain": [0.0, 1.0]}, "several values of 'seed' and of 'gain'"),
        ({"seed": [1, 2, 1]}, "has 1 twice"),
        ({"seed": []}, "empty"),
        ({"seed": [1, 1000]}, r"conditions\['seed'\] is 1000"),
        ({"sed": [1, 2]}, "Did you mean 'seed'"),
    ],
)
def test_values_that_cannot_be_are_refused(under: Any, words: str) -> None:
    with pytest.raises(lw.LatentValueError, match=words):
        lw.measure_effects(SPACE, BOTH, grey, conditions=under)


@pytest.mark.parametrize("latent", ["prompt", "bottleneck"])
def test_spaces_of_pipelines_are_measured_over_seeds(latent: str, tmp_path: Path) -> None:
    pipe = pipeline("stable diffusion", tmp_path)
    space = lw.as_space(pipe, latent=latent, prompt="a cat", arguments={**STEPS, **SIZE})
    if latent == "prompt":
        latents = space.encode(["a cat", "a dog"])
        step = latents[1] - latents[0]
        latents = latents[:1]
    else:
        latents = np.zeros((1, *space.latent_shape), np.float32)
        step = 30 * np.random.default_rng(1).standard_normal(space.latent_shape)
    size = float(np.linalg.norm(step))
    one = lw.Direction("step", step / size, sigma=size)

    def left(images: np.ndarray) -> np.ndarray:
        values: np.ndarray = images[:, :, :8].mean(axis=(1, 2, 3))
        return values

    seeds = {"seed": range(6), "steps": 3} if latent == "prompt" else {"seed": range(6)}
    found = lw.measure_effects(space, one, left, latents=latents, controls=0, conditions=seeds)[
        0
    ].evidence
    by_hand = []
    for seed in range(6):
        ends = [space.decode(latents + side * step, {**seeds, "seed": seed}) for side in (1, -1)]
        by_hand.append((left(ends[0]) - left(ends[1]))[0] / 2)
    assert found.effect == pytest.approx(np.mean(by_hand), abs=0.3)
    half = stats.t.ppf(0.975, 5) * stats.sem(by_hand)
    assert found.effect_margin == pytest.approx(half, rel=0.1, abs=0.1)
