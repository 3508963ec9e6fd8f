"""What moving does to what is decoded, measured there, and not read off latents."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.directions.tables import note

COLUMNS = np.arange(48)


def draw(latents: np.ndarray) -> np.ndarray:
    """Draw a bar whose place follows the first number, ever less the further out it is."""
    places = 24 + 10 * np.tanh(latents[:, :1] / 2)
    bars = np.exp(-(((COLUMNS - places) / 2) ** 2))
    return np.repeat(bars[:, np.newaxis], 8, axis=1)


def place(images: np.ndarray) -> np.ndarray:
    """Read where the bar is."""
    weights = images.reshape(len(images), 8, 48).astype(float).sum(axis=1)
    middle: np.ndarray = (weights * COLUMNS).sum(axis=1) / weights.sum(axis=1)
    return middle


def encode(images: np.ndarray) -> np.ndarray:
    """Encode the bar's place, and nothing else."""
    inner = np.clip((place(images) - 24) / 10, -0.999, 0.999)
    return np.pad(2 * np.arctanh(inner)[:, None], ((0, 0), (0, 3))).astype(np.float32)


SPACE = lw.LatentSpace(draw, 4, value_range=(0, 1))
ACROSS = lw.Direction("x", [1.0, 0, 0, 0], readout=[9.0, 0, 0, 0], sigma=2.0)
NOTHING = lw.Direction("nothing", [0, 1.0, 0, 0])


def effect(*args: Any, **options: Any) -> Any:
    return lw.measure_effects(*args, **options)[0].evidence


def test_the_effect_is_what_the_decoded_output_reads_per_sigma() -> None:
    latents = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    found = effect(SPACE, ACROSS, place, name="px", latents=latents)
    ends = [24 + 10 * np.tanh((latents[:, 0] + step) / 2) for step in (2, -2)]
    assert found.effect == pytest.approx((ends[0] - ends[1]).mean() / 2, rel=0.02)
    assert found.effect_name == "px per sigma"
    readout = np.ptp(ACROSS.measure(ACROSS.move(np.zeros((2, 4)), [0, 1])))
    assert found.effect < readout / 2, "the readout promises more"
    far = effect(SPACE, ACROSS, place, latents=latents, amount=3)
    assert far.effect < 0.7 * found.effect


def test_what_does_nothing_does_no_more_than_chance_and_is_warned_of() -> None:
    found = lw.measure_effects(SPACE, [ACROSS, NOTHING], place, name="px")
    across, nothing = (one.evidence for one in found)
    assert across.effect_chance == nothing.effect_chance
    assert across.warning is None
    assert nothing.effect == pytest.approx(0, abs=1e-6)
    assert nothing.warning == "Moves px hardly more than random directions do."
    assert re.search(
        r"effect [\d.]+ ± [\d.]+ px per sigma, of random directions [\d.]+", note(found[0])
    )


def test_chance_is_what_random_directions_do() -> None:
    found = effect(SPACE, NOTHING, place, controls=400, n=200)
    # A random direction's first entry is, in the mean square, a quarter of its length.
    one = effect(SPACE, ACROSS.replace(sigma=1.0), place, n=200)
    assert found.effect_chance == pytest.approx(one.effect / 2, rel=0.15)
    assert effect(SPACE, ACROSS, place, controls=0).effect_chance is None


def test_without_a_measure_what_is_decoded_is_encoded_and_read_again() -> None:
    space = SPACE.replace(encode=encode)
    found = effect(space, ACROSS)
    assert found.effect == pytest.approx(9 * 2, rel=0.05)
    assert found.effect_name == "x per sigma"
    with pytest.raises(lw.LatentValueError, match="does not encode.*measure="):
        lw.measure_effects(SPACE, ACROSS)


def test_it_stands_beside_the_score_and_goes_with_the_vector() -> None:
    latents = SPACE.sample(400, seed=1)
    probes = lw.probe_directions(latents, {"right": latents[:, 0] > 0}, shuffles=0)
    [found] = lw.measure_effects(SPACE, probes, place)
    assert found.evidence.score == probes[0].evidence.score
    assert found.flipped().evidence.effect == -(found.evidence.effect or 0)
    both = lw.Directions([lw.Direction("other", [1.0, 1.0, 1.0, 0]), found]).orthogonalized()
    assert both[1].evidence.effect is None
    assert both[1].evidence.effect_chance is None


def test_directions_keep_it_in_a_file(tmp_path: Any) -> None:
    found = lw.measure_effects(SPACE, ACROSS, place)
    found.save(tmp_path / "found.safetensors")
    assert lw.Directions.load(tmp_path / "found.safetensors") == found


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"measure": lambda images: images},
            r"returned shape \(2, .*for 2 outputs.*one number each",
        ),
        (
            {"measure": lambda images: images.mean()},
            r"returned .* for 2 outputs; .*one number each",
        ),
        ({"measure": lambda images: 3}, r"returned 3 for 2 outputs; .*a number for each of them"),
        ({"measure": lambda images: ["a"] * len(images)}, r"returned \['a', 'a'\] for 2.*one num"),
        ({"measure": lambda images: np.full(len(images), np.nan)}, "NaN"),
        ({"measure": "px"}, "expected a function"),
        ({"n": 1}, "n is 1"),
        ({"amount": 0}, "above 0"),
        ({"latents": np.ones((9, 3)) * np.arange(9)[:, None]}, "shape"),
        ({"directions": lw.Direction("short", [1.0, 0])}, "this space's have"),
    ],
)
def test_what_cannot_be_measured_is_refused(options: dict[str, Any], words: str) -> None:
    given = {"directions": ACROSS, "measure": place, **options}
    with pytest.raises(lw.LatentWidgetsError, match=words):
        lw.measure_effects(SPACE, given.pop("directions"), given.pop("measure"), **given)


def test_doubts_are_said_once_and_of_what_was_measured_last() -> None:
    space = lw.LatentSpace(lambda z: np.tanh(z[:, :, None]) * np.ones(8), 4, value_range=(-1, 1))
    rng = np.random.default_rng(0)
    latents = rng.normal(size=(300, 4)).astype(np.float32)
    [found] = lw.pca_directions(latents, 1)
    plateau = found.evidence.warning
    assert plateau is not None
    assert "Not told apart" in plateau

    def nothing(images: Any) -> Any:
        return np.zeros(len(images)) + rng.normal(size=len(images)) * 1e-3

    def top(images: Any) -> Any:
        return (images.astype(float).mean(axis=(2, 3)) @ found.vector).ravel()

    [once] = lw.measure_effects(space, found, nothing, name="grey")
    [twice] = lw.measure_effects(space, once, nothing, name="grey")
    doubt = "Moves grey hardly more than random directions do."
    assert twice.evidence.warning is not None
    assert twice.evidence.warning.count(doubt) <= 1
    assert twice.evidence.warning.count(plateau) == 1
    doubted = found.replace(
        evidence=lw.Evidence(
            score=0.3,
            score_name="share of variance",
            effect=0.0,
            effect_name="grey per sigma",
            effect_chance=9.0,
            warning=f"{plateau} {doubt}",
        )
    )
    [scored] = lw.score_directions(doubted, latents, {"label": latents[:, 0] > 0})
    assert scored.evidence.warning is not None
    assert scored.evidence.warning.count(doubt) == scored.evidence.warning.count(plateau) == 1
    [believed] = lw.measure_effects(space, doubted, top, name="along")
    assert doubt not in (believed.evidence.warning or "")


@pytest.mark.parametrize("amount", [0.5, 3.0])
def test_outputs_are_compared_so_many_sigmas_to_either_side(amount: float) -> None:
    latents = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    found = effect(SPACE, ACROSS, place, latents=latents, amount=amount)
    ends = [24 + 10 * np.tanh((latents[:, 0] + step * amount) / 2) for step in (2, -2)]
    assert found.effect == pytest.approx((ends[0] - ends[1]).mean() / (2 * amount), rel=0.02)
