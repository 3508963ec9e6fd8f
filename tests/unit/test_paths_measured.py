"""Smoothness, perceptual path length and geodesics, against what is known of plain decoders."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw

MATRIX = np.random.default_rng(0).normal(size=(6, 20))
# What a person passes for anchors, and NumPy makes no array of.
NO_ARRAYS: list[Any] = [(row for row in np.eye(6)), [np.ones(6), None]]
LINEAR = lw.LatentSpace(lambda z: z @ MATRIX, 6, kind="curve")
analysis: Any = lw.analysis


def sphere(z: np.ndarray) -> np.ndarray:
    """Longitude and latitude to the sphere."""
    flat = np.cos(z[:, 1])
    return np.stack([flat * np.cos(z[:, 0]), flat * np.sin(z[:, 0]), np.sin(z[:, 1])], axis=1)


SPHERE = lw.LatentSpace(sphere, 2, kind="curve")


def test_smoothness_of_a_line_and_of_a_circle() -> None:
    a, b = np.random.default_rng(1).normal(size=(2, 6))
    line = analysis.smoothness(LINEAR, lw.Path([a, b], "lerp"), n=16)
    gap = np.linalg.norm((b - a) @ MATRIX)
    assert line.speeds == pytest.approx([gap] * 17, rel=1e-3)
    assert (line.length, line.chord) == pytest.approx((gap, gap), rel=1e-3)
    assert (line.length_over_chord, line.peak) == pytest.approx((1, 1), rel=1e-3)
    assert line.abrupt == ()
    assert line.chance_peak == pytest.approx((1, 1, 1), rel=1e-3)
    around = analysis.smoothness(SPHERE, lw.Path([[0.0, 0.0], [3.0, 0.0]], "lerp"), controls=0)
    assert around.length == pytest.approx(3.0, rel=1e-3)
    assert around.length_over_chord == pytest.approx(1.5 / np.sin(1.5), rel=1e-3)
    json.dumps(around.to_dict(), allow_nan=False)
    assert "1.50" in around._repr_html_()
    assert around.plot().axes


@pytest.mark.parametrize("jump", [lambda z: np.sign(z - 0.3), lambda z: np.tanh(40 * (z - 0.3))])
def test_abrupt_changes_are_found_with_and_without_a_derivative(jump: Any) -> None:
    space = lw.LatentSpace(lambda z: (jump(z) + 0.01 * z) * np.ones(4), 1, kind="curve")
    found = analysis.smoothness(space, lw.Path([[0.0], [1.0]], "lerp"), n=50, controls=0)
    [place] = found.abrupt
    assert place == pytest.approx(0.3, abs=0.021)
    assert found.length == pytest.approx(4.02, rel=0.02)
    assert found.peak > 10


def test_a_jump_is_abrupt_though_the_path_is_faster_elsewhere() -> None:
    def decode(z: np.ndarray) -> np.ndarray:
        return (np.where(z < 0.5, 0.1, 4.0) * (z - 0.5) + 0.015 * np.sign(z - 0.31)) * np.ones(4)

    space = lw.LatentSpace(decode, 1, kind="curve")
    found = analysis.smoothness(space, lw.Path([[0.0], [1.0]], "lerp"), n=50, controls=0)
    assert found.abrupt == pytest.approx([0.31])


@pytest.mark.parametrize("mode", ["full", "end"])
def test_path_length_of_a_linear_decoder_is_the_squared_norm(mode: str) -> None:
    found = analysis.perceptual_path_length(LINEAR, method="lerp", mode=mode, trim=None, n=60)
    samples = LINEAR.sample(120).astype(np.float64)
    squares = (((samples[60:] - samples[:60]) @ MATRIX) ** 2).sum(axis=1)
    apart = abs(found.mean / squares.mean() - 1)
    print(f"path length, {mode}: {apart:.1e} from the mean of the squared norms")
    assert apart <= 1e-3
    assert found.values == pytest.approx(squares, rel=2e-3)
    assert found.interval[0] < squares.mean() < found.interval[1]
    near = analysis.perceptual_path_length(LINEAR, trim=None, n=60, epsilon=0.01)
    assert near.mean == pytest.approx(squares.mean(), rel=1e-3)
    trimmed = analysis.perceptual_path_length(LINEAR, n=60, trim=(0.1, 0.9))
    ordered = np.sort(squares)  # of 60: places 5.9 and 53.1, the lower and the upper neighbour
    assert trimmed.mean == pytest.approx(ordered[5:55].mean(), rel=1e-3)
    assert trimmed.kept == 50
    json.dumps(found.to_dict(), allow_nan=False)


def test_path_length_along_slerp() -> None:
    found = analysis.perceptual_path_length(LINEAR, method="slerp", mode="end", trim=None, n=20)
    samples = LINEAR.sample(40).astype(np.float64)
    near = lw.slerp(samples[:20], samples[20:], 1e-6)
    squares = ((((near - samples[:20]) / 1e-6) @ MATRIX) ** 2).sum(axis=1)
    assert found.values == pytest.approx(squares, rel=2e-3)


def test_geodesics_of_a_flat_metric_are_lines() -> None:
    a, b = np.random.default_rng(4).normal(size=(2, 6))
    found = analysis.geodesic(LINEAR, a, b, data_weight=0)
    t = np.linspace(0, 1, 33)[:, None]
    apart = np.abs(found.path(t[:, 0]) - ((1 - t) * a + t * b)).max()
    print(f"geodesic of a flat metric: at most {apart:.1e} from the line")
    assert apart <= 1e-2
    assert found.length == pytest.approx(np.linalg.norm((b - a) @ MATRIX), rel=1e-3)
    assert found.length <= min(found.lerp_length, found.slerp_length)


@pytest.mark.parametrize("end", [[2.0, 0.8], [2.4, -0.3], [1.0, 1.1]])
def test_geodesics_of_a_sphere_are_great_circles(end: list[float]) -> None:
    found = analysis.geodesic(SPHERE, [0.0, 0.8], end, data_weight=0)
    p, q = sphere(np.array([[0.0, 0.8], end]))
    angle = np.arccos(p @ q)
    t = np.linspace(0, 1, 33)[:, None]
    arc = (np.sin((1 - t) * angle) * p + np.sin(t * angle) * q) / np.sin(angle)
    apart = np.abs(sphere(found.path(t[:, 0])) - arc).max()
    print(f"geodesic of a sphere, to {end}: at most {apart:.1e} from the great circle")
    assert apart <= 1e-2
    assert found.length == pytest.approx(angle, abs=1e-2)
    assert found.saving > 0
    json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("weight", [0.0, 0.1, 3.0])
def test_a_geodesic_is_never_worse_than_lerp_and_slerp(weight: float) -> None:
    space = lw.LatentSpace(lambda z: np.tanh(z @ MATRIX), 6, kind="curve")
    for seed in range(4):
        a, b = space.sample(2, seed=seed)
        found = analysis.geodesic(space, a, b, data_weight=weight)
        assert found.objective <= min(found.lerp_objective, found.slerp_objective)
        if not weight:
            assert found.length <= min(found.lerp_length, found.slerp_length)
        t = np.linspace(0, 1, 400)
        steps = np.linalg.norm(np.diff(np.tanh(found.path(t) @ MATRIX), axis=0), axis=1)
        assert found.length == pytest.approx(steps.sum(), rel=2e-2)
        assert steps.max() / steps.mean() < 1.15


def test_a_data_weight_keeps_the_norm() -> None:
    a, b = np.random.default_rng(4).normal(size=(2, 6))
    free, kept = (analysis.geodesic(LINEAR, a, b, data_weight=one) for one in (0, 5.0))
    norms = [np.linalg.norm(one.path(np.linspace(0, 1, 30)), axis=1).min() for one in (free, kept)]
    assert norms[1] > norms[0] * 1.1
    assert kept.length > free.length
    # With the slope of the data term turned round the search ends at 0.94 of that of slerp.
    assert kept.objective < 0.9 * min(kept.lerp_objective, kept.slerp_objective)


def measured(distance: Any) -> Any:
    return lambda: analysis.smoothness(LINEAR, lw.Path(np.eye(6)), distance=distance)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: analysis.smoothness(LINEAR, np.eye(6)), "path is a ndarray; expected a Path"),
        (lambda: analysis.smoothness(SPHERE, lw.Path(np.eye(6))), "this space's have"),
        (lambda: lw.Path(np.eye(6)[:1]), "a path takes two or more"),
        (lambda: lw.Path(NO_ARRAYS[0]), r"a generator: pass np.stack\(\[\*anchors\]\)"),
        (lambda: lw.Path(NO_ARRAYS[1]), "is no array: .*part. Give rows of one shape"),
        (
            lambda: analysis.compare_paths(LINEAR, np.ones(6)),
            "one latent; a path takes two or more",
        ),
        (lambda: lw.Interpolator(LINEAR, np.ones(6)), "one latent; a path takes two or more"),
        (
            lambda: analysis.smoothness(LINEAR, lw.Path(np.eye(6)), distance=lambda a, b: 0.5),
            "distance returned 0.5 for 4 pairs.*keep the first axis",
        ),
        (measured(lambda a, b: np.array(0.5)), r"array\(0.5\) for .*keep the first axis"),
        (measured(lambda a, b: None), "returned None for .*keep the first axis"),
        (
            measured(lambda a, b: (0.5 for _ in a)),
            "^the numbers of distance are a generator; .*pass np.stack",
        ),
        (
            measured(lambda a, b: [[0.5]] + [[0.5, 1.0]] * 3),
            "^the numbers of distance are no array",
        ),
        (
            measured(lambda a, b: [torch.tensor(0.5, requires_grad=True) for _ in a]),
            "^the numbers of distance are no array: .*tensor.detach",
        ),
        (
            lambda: analysis.smoothness(LINEAR, lw.Path(np.eye(6)), distance=lambda a, b: a - b),
            r"one number each. Add up or average",
        ),
        (
            lambda: analysis.smoothness(LINEAR, lw.Path(np.eye(6)), features=lambda a: None),
            "features returned None for .*a row of features for each",
        ),
        (lambda: analysis.smoothness(LINEAR, lw.Path(np.eye(6)), n=2), "has 5 segments"),
        (
            lambda: analysis.perceptual_path_length(LINEAR, lambda a, b: a[:, 0] * np.nan),
            "distance returned nan",
        ),
        (lambda: analysis.perceptual_path_length(LINEAR, method="arc"), "one of 'lerp', 'slerp'"),
        (lambda: analysis.perceptual_path_length(LINEAR, trim=(0.9, 0.1)), "two rising quantiles"),
        (lambda: analysis.perceptual_path_length(LINEAR, trim=3), "two quantiles, or None"),
        (lambda: analysis.perceptual_path_length(LINEAR, epsilon=2), "at most 1"),
        (lambda: analysis.geodesic(LINEAR, np.ones(6), np.ones(6)), "the same latent"),
        (lambda: analysis.geodesic(LINEAR, np.ones(6), np.zeros(6), data_weight=-1), "data_weight"),
        (
            lambda: analysis.geodesic(lw.LatentSpace(np.tanh, 65, kind="curve"), *np.eye(65)[:2]),
            "65 numbers.*within=",
        ),
    ],
)
def test_bad_input_names_the_way_out(call: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        call()
