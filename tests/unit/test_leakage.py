"""`leakage`: what moves with what, on what is decoded, beside chance."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy import stats

import latentwidgets as lw
from latentwidgets.analysis.intervals import mean_intervals, sign_flip_p_values
from tests.models import load_vae, models_missing
from tests.sprites import centres_and_sizes, draw_sprites
from tests.unit.spaces import sigmoid

leakage = lw.analysis.leakage
SIZE = 6
RNG = np.random.default_rng(0)
LATENTS = RNG.normal(size=(300, SIZE)).astype(np.float32)


def curves(latents: np.ndarray) -> np.ndarray:
    drawn: np.ndarray = np.tanh(np.asarray(latents) / 4)
    return drawn


def encode(outputs: np.ndarray) -> np.ndarray:
    flat = np.reshape(outputs, (len(outputs), -1))
    read: np.ndarray = 4 * np.arctanh(np.clip(flat, -0.999999, 0.999999))
    return read


SPACE = lw.LatentSpace(curves, SIZE, kind="curve", encode=encode)
X = lw.Direction("x", np.eye(SIZE)[0], sigma=2.0)
LEAKY = lw.Direction("y", [0.6, 0.8, 0, 0, 0, 0])
HEIGHTS: dict[str, Any] = {"x": lambda out: out[:, 0, 0], "y": lambda out: out[:, 0, 1]}


def test_effects_are_mean_changes_per_sigma_in_deviations_of_the_measure() -> None:
    found = leakage(SPACE, [X, LEAKY], HEIGHTS, latents=LATENTS, n=300, amount=0.5)
    assert (found.directions, found.measures, found.count) == (("x", "y"), ("x", "y"), 300)
    exact = LATENTS.astype(np.float64)
    steps = {"x": [2.0, 0.0], "y": [0.6, 0.8]}
    for (i, name), j in product(enumerate(found.directions), range(2)):
        ends = [np.tanh((exact[:, j] + side * 0.5 * steps[name][j]) / 4) for side in (1, -1)]
        unit = np.tanh(exact[:, j] / 4).std()
        assert found.units[j] == pytest.approx(unit, rel=1e-5)
        each = (ends[0] - ends[1]) / unit
        assert found.effects[i, j] == pytest.approx(each.mean(), rel=1e-4, abs=1e-9)
        half = stats.norm.ppf(0.975) * stats.sem(each)
        low, high = found.intervals[i, j]
        assert low == pytest.approx(each.mean() - half, abs=0.15 * half + 1e-9)
        assert high == pytest.approx(each.mean() + half, abs=0.15 * half + 1e-9)
    assert found.moved.tolist() == [[True, False], [True, True]]
    assert [(one.direction, one.measure) for one in found.leaks] == [("y", "x")]
    assert found.p_values[0, 1] == 1


def test_what_holds_an_attribute_still_no_longer_leaks() -> None:
    both = lw.Directions([X, LEAKY])
    leaky = leakage(SPACE, both, HEIGHTS, latents=LATENTS)
    held = leakage(SPACE, both.conditioned_on("x"), HEIGHTS, latents=LATENTS)
    assert leaky.leaks[0].effect > 0.5
    assert not held.leaks


def test_chance_is_what_random_directions_do() -> None:
    found = leakage(SPACE, X, HEIGHTS, latents=LATENTS, controls=200)
    assert found.chance is not None
    # The square of one of six numbers of a random direction is a sixth of its length, in the mean.
    one = leakage(SPACE, X.replace(sigma=1.0), HEIGHTS, latents=LATENTS).effects[0, 0]
    np.testing.assert_allclose(found.chance, one / np.sqrt(SIZE), rtol=0.15)
    assert leakage(SPACE, X, HEIGHTS, controls=0).chance is None


def test_readouts_measure_what_is_encoded_again() -> None:
    both = lw.Directions([X, LEAKY])
    found = leakage(SPACE, both, latents=LATENTS, n=300)
    spread = np.array([one.measure(LATENTS).std() for one in both])
    moved = np.array([[one.readout @ other.vector * other.sigma for one in both] for other in both])
    np.testing.assert_allclose(found.effects, moved / spread, rtol=1e-3)
    named = leakage(SPACE, both, {"x": X, "height": HEIGHTS["y"]}, latents=LATENTS, n=300)
    assert named.measures == ("x", "height")
    np.testing.assert_allclose(named.effects[:, 0], found.effects[:, 0])


def test_it_agrees_with_measure_effects() -> None:
    both = lw.Directions([X, LEAKY])
    options: Any = {"latents": LATENTS, "n": 50, "amount": 2.0, "controls": 5, "seed": 3}
    found = leakage(SPACE, both, **options)
    for i, one in enumerate(lw.measure_effects(SPACE, both, **options)):
        assert found.effects[i, i] * found.units[i] == pytest.approx(one.evidence.effect, rel=1e-6)
        assert found.chance is not None
        chance = found.chance[i] * found.units[i]
        assert chance == pytest.approx(one.evidence.effect_chance, rel=1e-6)


def test_units_are_the_values_of_the_condition_that_has_several() -> None:
    def draw(latents: np.ndarray, seed: np.ndarray) -> np.ndarray:
        height = latents[:, 0] * np.where(seed % 2, 1.0, 3.0) + seed
        return np.repeat(height[:, None], 2, axis=1)

    space = lw.LatentSpace(draw, SIZE, kind="curve", conditions={"seed": range(99)})
    under = {"seed": range(40)}
    found = leakage(space, X, {"x": HEIGHTS["x"]}, latents=LATENTS[:1], conditions=under)
    assert found.count == 40
    unmoved = draw(np.repeat(LATENTS[:1], 40, axis=0), np.arange(40))[:, 0].std()
    assert found.units[0] == pytest.approx(unmoved, rel=1e-5)
    assert found.effects[0, 0] == pytest.approx(2 * 2.0 / unmoved, rel=1e-4)
    with pytest.raises(lw.LatentValueError, match=r"one latent.*seeds"):
        leakage(space, X, {"x": HEIGHTS["x"]}, latents=LATENTS[:1])


@pytest.mark.parametrize("count", [12, 64])
def test_of_noise_one_cell_in_any_matrix_is_called_moved_in_5_percent(count: int) -> None:
    rng = np.random.default_rng(1)
    false = 0
    for _ in range(200):
        shared = rng.normal(size=(1, count))
        cells = 0.7 * shared + rng.normal(size=(9, count))  # of the same latents, so correlated
        false += bool((sign_flip_p_values(cells, seed=0) <= 0.05).any())
    print(f"of {count}: false alarms in {false} of 200")
    assert false <= 18
    assert false >= 2, "a test that never says yes says nothing"


def test_p_values_are_exact_where_all_signs_can_be_listed() -> None:
    cells = np.array([[1.0, 2.0, 3.0, 4.0, 5.0, 7.0], [1.0, -1.0, 2.0, -2.0, 0.5, 1.0]])
    signs = np.array([*product([-1.0, 1.0], repeat=6)])
    tests = np.stack([np.abs(stats.ttest_1samp(cells * row, 0, axis=1).statistic) for row in signs])
    own = np.abs(stats.ttest_1samp(cells, 0, axis=1).statistic)
    exact = (tests.max(axis=1)[:, None] >= own - 1e-9).mean(axis=0)
    np.testing.assert_allclose(sign_flip_p_values(cells, seed=0), exact, atol=0.03)
    assert sign_flip_p_values(np.zeros((2, 5)), seed=0).tolist() == [1.0, 1.0]


def test_intervals_are_those_of_bootstrap_samples() -> None:
    rng = np.random.default_rng(2)
    values = rng.exponential(size=(2, 40)) + 1e4
    found = mean_intervals(values, seed=0)
    for row, ends in zip(values, found, strict=True):
        other = stats.bootstrap((row,), np.mean, method="percentile", rng=rng).confidence_interval
        np.testing.assert_allclose(ends - row.mean(), np.array(other) - row.mean(), atol=0.06)


@pytest.mark.timeout(600)
@pytest.mark.slow
def test_of_random_labels_one_cell_in_any_matrix_is_called_moved_in_5_percent() -> None:
    false = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        labels = {name: rng.normal(size=300) for name in ("a", "b", "c")}
        probes = lw.probe_directions(LATENTS, labels, shuffles=99, bootstraps=0)
        found = leakage(SPACE, probes, latents=LATENTS, n=32, controls=0, seed=seed)
        # Without the probes' own p-values all cells would be called moved: a vector does move a
        # readout, whatever both are.
        assert np.abs(found.effects).max() > 0.1
        false += bool(found.moved.any())
    print(f"false alarms on random labels: {false} of 200")
    assert false <= 18


def test_doubts_about_readouts_are_said() -> None:
    rng = np.random.default_rng(0)
    labels = {"up": LATENTS[:, 0] + 0.1 * rng.normal(size=300), "noise": rng.normal(size=300)}
    first = lw.probe_directions(LATENTS[:150], {k: v[:150] for k, v in labels.items()})
    other = lw.probe_directions(LATENTS[150:], {k: v[150:] for k, v in labels.items()})
    same = leakage(SPACE, first, latents=LATENTS)
    assert "'up', 'noise': measured with what was fitted to the same labels" in str(same.warning)
    alone = lw.probe_directions(LATENTS[:150], {"up": labels["up"][:150]})
    for moved, doubt in (
        (first, "'up': measured with what was fitted to the same labels"),
        (first[1:], "'up': measured with what was fitted to other labels of the same latents"),
        ([X], "'up': not known to be held out"),
    ):
        assert str(leakage(SPACE, moved, alone, latents=LATENTS).warning).startswith(doubt)
    found = leakage(SPACE, first, other, latents=LATENTS)
    assert found.warning == (
        "'noise': no better read than shuffled labels, so that nothing is said to move it."
    )
    assert found.moved[:, 0].tolist() == [True, True]
    assert not found.moved[:, 1].any()
    plain = lw.probe_directions(LATENTS[150:], {"up": labels["up"][150:]}, shuffles=0)
    told = leakage(SPACE, first, plain, latents=LATENTS[:10]).warning
    assert told == (
        "'up': not compared with shuffled labels, and may be read by chance. Rests on only 10 "
        "samples."
    )


def test_a_measure_that_never_changes_is_left_empty() -> None:
    measures = {**HEIGHTS, "nothing": lambda out: np.full(len(out), 7.0)}
    found = leakage(SPACE, [X, LEAKY], measures, latents=LATENTS)
    assert np.isnan(found.effects[:, 2]).all()
    assert not found.moved[:, 2].any()
    assert found.warning == "'nothing': the same of all outputs."
    assert found.moved[:, :2].tolist() == [[True, False], [True, True]]
    json.dumps(found.to_dict(), allow_nan=False)
    assert found._repr_html_().count("nan") == 0
    assert found._repr_html_().count("± ") == found._repr_html_().count("± 0.") == 2


def test_it_is_shown_drawn_and_written() -> None:
    found = leakage(SPACE, [X, LEAKY], HEIGHTS, latents=LATENTS)
    table = found._repr_html_()
    assert table.count("font-weight: bold") == 3
    assert "random directions" in table
    figure = found.plot()
    axes = figure.axes[0]
    assert [one.get_text() for one in axes.get_yticklabels()] == ["x", "y", "random directions"]
    figure.canvas.draw()
    [title] = [one for one in figure.texts if one.get_text().startswith("standard deviations")]
    assert title.get_window_extent().x1 <= figure.bbox.x1, "nothing of the title is cut off"
    texts = {one.get_text(): one.get_fontweight() for one in axes.texts}
    assert texts["0.00"] == "normal"
    assert texts[f"{found.effects[1, 0]:.2f}"] == "bold"
    written = json.loads(json.dumps(found.to_dict()))
    assert written["moved"] == [[True, False], [True, True]]
    record = found.table()[2]
    assert (record["direction"], record["measure"]) == ("y", "x")
    assert record["low"] < record["effect"] < record["high"]
    assert len(found.cells) == 4


@pytest.mark.parametrize(
    ("measures", "words"),
    [
        (lambda out: out, r"expected measures by name: measures=\{'width'"),
        ({}, "measures are empty"),
        ({"x": 3}, "the measure 'x' is 3; expected a direction, or a function"),
        ({"x": lambda out: out}, r"'x' returned shape \(2, 1, 6\) for 2 outputs"),
        ({"x": lambda out: 1 / 0}, "'x' failed: ZeroDivisionError"),
        ({"x": lambda out: out[:, 0, 0] * np.nan}, "NaN.*the numbers of 'x'"),
        ({3: HEIGHTS["x"]}, "the name of a measure is 3"),
        (lw.Direction("x", [1.0, 0.0]), "this space's have"),
    ],
)
def test_what_cannot_be_measured_is_refused(measures: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        leakage(SPACE, X, measures, latents=LATENTS, n=32)


def test_a_readout_needs_a_space_that_encodes() -> None:
    space = lw.LatentSpace(curves, SIZE, kind="curve")
    with pytest.raises(lw.LatentValueError, match=r"does not encode.*measures=\{'x': ...\}"):
        leakage(space, X)


@pytest.mark.skipif(bool(models_missing), reason=models_missing)
@pytest.mark.slow
def test_on_sprites_it_says_what_truly_moves() -> None:
    space = lw.as_space(load_vae("dsprites_btcvae"), image_shape=(1, 64, 64), value_range=(0, 1))
    images, truth = draw_sprites(3000, seed=0)
    latents = space.encode(images)
    labels = {name: truth[name] for name in ("x", "y", "scale")}

    def probes(rows: slice) -> lw.Directions:
        own = {name: values[rows] for name, values in labels.items()}
        return lw.probe_directions(latents[rows], own, bootstraps=0)

    directions, others = probes(slice(0, 1400)), probes(slice(1400, 2800))
    found = leakage(space, directions, others, latents=latents[2800:], n=200)
    names = ("x", "y", "scale")
    true = leakage(
        space,
        directions,
        {name: lambda out, i=i: centres_and_sizes(out)[i] for i, name in enumerate(names)},
        latents=latents[2800:],
        n=200,
    )
    print("read:\n", found.effects.round(3), "\ntrue:\n", true.effects.round(3))
    assert found.warning is None
    size = np.abs(found.effects)
    assert (size.argmax(axis=1) == np.arange(3)).all()
    off = ~np.eye(3, dtype=bool)
    assert np.abs(found.effects - true.effects)[off].max() <= 0.05
    assert found.moved.diagonal().all()


def test_the_way_out_where_outputs_cannot_be_encoded_again_names_the_argument() -> None:
    space = lw.LatentSpace(
        sigmoid, 5, lambda x: x.reshape(len(x), -1)[:, :5], value_range=(0, 1), encode_shape=(8, 8)
    )
    moved = lw.Direction("x", [1.0, 0, 0, 0, 0])
    with pytest.raises(lw.LatentValueError, match=r"Pass measures=\{'x': ...\}, a function"):
        lw.analysis.leakage(space, moved)
    with pytest.raises(lw.LatentValueError, match="Pass measure=..., a function"):
        lw.measure_effects(space, moved)
