"""lerp, slerp, nlerp: exact where they must be, right everywhere else."""

from __future__ import annotations

import importlib
import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume
from hypothesis import strategies as st
from scipy.spatial import geometric_slerp

import latentwidgets as lw
from latentwidgets.kinds.reading.ranges import GuessWarning
from latentwidgets.routes.path import Path
from latentwidgets.routes.segments import lerp, nlerp, slerp
from tests.unit.path_strategies import (
    Array,
    Between,
    around,
    away_from_opposite,
    between,
    for_all,
    inner,
    latents,
    norm,
    pairs,
    same_bits,
    size_of,
    times,
    unit,
    widths,
)

# lerp, slerp, nlerp: what holds for all


@between
@for_all(data=st.data(), dtype=st.sampled_from([np.float32, np.float64]))
def test_ends_are_exact_bit_for_bit(f: Between, data: st.DataObject, dtype: type) -> None:
    a, b = data.draw(pairs(dtype))
    ends = f(a, b, [0, 1.0, 0.5])
    assert same_bits(ends[0], a)
    assert same_bits(ends[1], b)


@between
@for_all(pair=pairs(), t=times)
def test_reversal_is_the_same_path(f: Between, pair: tuple[Array, Array], t: float) -> None:
    a, b = pair
    atol = 1e-13 * (1 + abs(t)) * size_of(a, b)
    np.testing.assert_allclose(f(a, b, t), f(b, a, 1 - t), rtol=0, atol=atol)


@between
@for_all(pair=pairs(), t=times)
def test_negated_anchors_give_the_negated_path(
    f: Between, pair: tuple[Array, Array], t: float
) -> None:
    a, b = pair
    assume(f is lerp or away_from_opposite(a, b, 1e-12))
    atol = 1e-12 * size_of(a, b)
    np.testing.assert_allclose(f(-a, -b, t), -f(a, b, t), rtol=0, atol=atol)


@between
@for_all(data=st.data(), t=times)
def test_every_row_goes_its_own_way(f: Between, data: st.DataObject, t: float) -> None:
    width = data.draw(widths)
    a: Array = data.draw(latents(width, rows=(4,)))
    b: Array = data.draw(latents(width, rows=(4,)))
    b[0], b[1] = a[0], -2 * a[1]
    rows = np.stack([f(x, y, t) for x, y in zip(a, b, strict=True)])
    np.testing.assert_allclose(f(a, b, t), rows, rtol=0, atol=1e-14 * (1 + abs(t)) * size_of(a, b))


@between
@for_all(pair=pairs(), exponent=st.integers(-280, 280), t=inner)
def test_scaling_the_anchors_scales_the_path(
    f: Between, pair: tuple[Array, Array], exponent: int, t: float
) -> None:
    a, b = pair
    assume(f is lerp or away_from_opposite(a, b, 1e-3))  # there the last bits turn the plane
    scale = 10.0**exponent
    scaled = f(a * scale, b * scale, t) / scale
    np.testing.assert_allclose(scaled, f(a, b, t), rtol=0, atol=1e-12 * size_of(a, b))


@between
@for_all(pair=pairs(np.float32), t=times)
def test_float32_is_the_rounded_float64(f: Between, pair: tuple[Array, Array], t: float) -> None:
    a, b = pair
    assume(f is lerp or away_from_opposite(a, b, 1e-6))
    single = f(a, b, t)
    double = f(a.astype(np.float64), b.astype(np.float64), t)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, rtol=1e-6, atol=1e-12 * size_of(a, b))


@between
@pytest.mark.parametrize(
    ("dtype", "kept"),
    [
        (np.float16, np.float32),
        (np.float32, np.float32),
        (np.float64, np.float64),
        (np.longdouble, np.float64),
        (np.int64, np.float32),
        (np.uint8, np.float32),
    ],
)
def test_dtypes(f: Between, dtype: type, kept: type) -> None:
    a: Array = np.array([1, 2, 3], dtype)
    b: Array = np.array([3, 1, 2], dtype)
    assert f(a, b, 0.5).dtype == kept
    assert f(a, b, 1).dtype == kept
    assert f(a, b.astype(np.float64), 0.5).dtype == np.float64
    assert Path(np.stack([a, b]), f.__name__)(0.5).dtype == kept


@between
@pytest.mark.parametrize(
    ("a", "b", "t", "ndim", "expected"),
    [
        ((5,), (5,), (), 1, (5,)),
        ((5,), (5,), (3,), 1, (3, 5)),
        ((2, 5), (5,), (3, 4), 1, (3, 4, 2, 5)),
        ((2, 1, 5), (3, 5), (), 1, (2, 3, 5)),
        ((4, 8, 8), (4, 8, 8), (7,), 3, (7, 4, 8, 8)),
        ((6, 4, 8), (4, 8), (7,), 2, (7, 6, 4, 8)),
        ((0, 5), (5,), (3,), 1, (3, 0, 5)),
        ((5,), (5,), (0,), 1, (0, 5)),
    ],
)
def test_shapes(f: Between, a: Any, b: Any, t: Any, ndim: int, expected: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x: Array
    y: Array
    x, y, at = rng.normal(size=a), rng.normal(size=b), rng.uniform(size=t)
    result = f(x, y, at, latent_ndim=ndim)
    assert result.shape == expected
    rows = expected[len(t) : len(expected) - ndim]
    x, y = np.broadcast_arrays(x, y)
    for place in np.ndindex(*t):
        for row in np.ndindex(*rows):
            one = f(x[row].ravel(), y[row].ravel(), at[place]).reshape(expected[-ndim:])
            got = result[place][row]
            np.testing.assert_allclose(got, one, rtol=0, atol=1e-14)


@between
def test_inputs_are_left_alone_and_results_are_new(f: Between) -> None:
    a, b = np.array([1.0, 2.0]), np.array([2.0, -1.0])
    for t in (0, 0.5, 1):
        result = f(a, b, t)
        result[:] = 99
    assert a.tolist() == [1, 2]
    assert b.tolist() == [2, -1]


@between
def test_torch_tensors_are_read(f: Between) -> None:
    a, b = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    result = f(a, b, torch.tensor(0.25))
    assert isinstance(result, np.ndarray)
    assert same_bits(result, f(a.numpy(), b.numpy(), 0.25))


# lerp


@for_all(pair=pairs(), t=times)
def test_lerp_is_the_straight_line(pair: tuple[Array, Array], t: float) -> None:
    a, b = pair
    exact = [
        float((1 - Fraction(t)) * Fraction(x) + Fraction(t) * Fraction(y))
        for x, y in zip(a.tolist(), b.tolist(), strict=True)
    ]
    np.testing.assert_allclose(
        lerp(a, b, t), exact, rtol=0, atol=1e-15 * (1 + abs(t)) * size_of(a, b)
    )


# slerp and nlerp: direction and norm


@around
@for_all(pair=pairs(), t=st.floats(-0.5, 1.5))
def test_the_norm_goes_linearly(f: Between, pair: tuple[Array, Array], t: float) -> None:
    a, b = pair
    assume(a.size > 1)
    expected = np.maximum((1 - t) * norm(a) + t * norm(b), 0)
    np.testing.assert_allclose(norm(f(a, b, t)), expected, rtol=1e-12, atol=1e-13 * size_of(a, b))


@for_all(pair=pairs(), t=st.lists(inner, min_size=1, max_size=5))
def test_slerp_is_scipys_geometric_slerp_on_unit_vectors(
    pair: tuple[Array, Array], t: list[float]
) -> None:
    a, b = pair
    assume(a.size > 1 and norm(a) > 0 and norm(b) > 0)
    u, v = unit(a), unit(b)
    assume(norm(u + v) > 1e-3)  # SciPy warns of antipodes, and loses digits near them
    np.testing.assert_allclose(slerp(u, v, t), geometric_slerp(u, v, t), rtol=0, atol=1e-7)


@for_all(angle=st.floats(0, np.pi * 0.999999), t=times, norms=st.tuples(*[st.floats(0.1, 10)] * 2))
def test_slerp_in_the_plane_is_a_spiral(angle: float, t: float, norms: tuple[float, float]) -> None:
    a = norms[0] * np.array([1.0, 0.0])
    b = norms[1] * np.array([np.cos(angle), np.sin(angle)])
    long = max((1 - t) * norms[0] + t * norms[1], 0)
    expected = long * np.array([np.cos(t * angle), np.sin(t * angle)])
    np.testing.assert_allclose(slerp(a, b, t), expected, rtol=0, atol=1e-9)


@for_all(pair=pairs(), t=inner)
def test_nlerp_points_where_lerp_points(pair: tuple[Array, Array], t: float) -> None:
    a, b = pair
    straight = lerp(a, b, t)
    assume(a.size > 1 and norm(straight) > 1e-3 * size_of(a, b) > 0)
    assume(away_from_opposite(a, b, 1e-12))
    np.testing.assert_allclose(unit(nlerp(a, b, t)), unit(straight), rtol=0, atol=1e-11)


@around
@pytest.mark.parametrize("tiny", [0.0, 1e-300, 1e-17, 1e-16, 1e-15, 1e-12, 1e-9, 1e-6, 1e-4])
@pytest.mark.parametrize("factor", [1.0, 0.1, 3.0])
def test_near_equal_anchors_are_smooth(f: Between, tiny: float, factor: float) -> None:
    rng = np.random.default_rng(1)
    a, aside = rng.normal(size=64), rng.normal(size=64)
    b = factor * (a + tiny * aside)
    t = np.linspace(0, 1, 33)
    got = f(a, b, t)
    assert np.isfinite(got).all()
    np.testing.assert_allclose(got, lerp(a, b, t), rtol=0, atol=(3 * tiny + 1e-15) * size_of(a, b))
    assert norm(np.diff(got, axis=0)).max() <= 1.1 * norm(b - a) / 32 + 1e-15 * norm(a)


def exact_slerp(a: Array, b: Array, t: float) -> Array:
    """The textbook formula in 60 digits."""
    mpmath = importlib.import_module("mpmath")  # untyped; comes with torch
    with mpmath.workdps(60):
        x, y = (mpmath.matrix([mpmath.mpf(float(i)) for i in v]) for v in (a, b))
        long_x, long_y, t = mpmath.norm(x), mpmath.norm(y), mpmath.mpf(t)
        u, v = x / long_x, y / long_y
        angle = mpmath.acos(sum(i * j for i, j in zip(u, v, strict=True)))
        way = (mpmath.sin((1 - t) * angle) * u + mpmath.sin(t * angle) * v) / mpmath.sin(angle)
        return np.array([float(i) for i in way * ((1 - t) * long_x + t * long_y)])


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("tiny", [1e-13, 1e-11, 1e-8, 1e-5, 1e-3, 0.1])
@pytest.mark.parametrize("t", [0.001, 0.25, 0.5, 0.9, 1.3])
def test_slerp_agrees_with_the_formula_in_60_digits(sign: int, tiny: float, t: float) -> None:
    rng = np.random.default_rng(2)
    a = rng.normal(size=16)
    b = sign * 1.7 * (a + tiny * rng.normal(size=16))
    lost = 1e-15 * (1 if sign > 0 else 1 / tiny)  # what the rounding of b itself turns the plane by
    np.testing.assert_allclose(slerp(a, b, t), exact_slerp(a, b, t), rtol=0, atol=20 * lost)


@around
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("factor", [1.0, 0.3, 7.0])
def test_opposite_anchors_go_through_one_perpendicular(
    f: Between, dtype: type, factor: float
) -> None:
    a: Array = np.array([3.0, -1.0, 0.5, 1.0, -0.5], dtype)
    b: Array = (-factor * a).astype(dtype)
    exact = a.astype(np.float64)
    aside = np.eye(5)[2] - exact * exact[2] / norm(exact) ** 2  # 0.5 comes before -0.5
    long = 0.5 * norm(a) + 0.5 * norm(b)
    atol = 10 * float(np.finfo(dtype).eps) * float(long)
    for middle in (f(a, b, 0.5), f(b, a, 0.5), f(-a, -b, 0.5), f(-b, -a, 0.5)):
        np.testing.assert_allclose(middle, unit(aside) * long, rtol=0, atol=atol)
    turns = np.arccos(np.clip(unit(f(a, b, np.linspace(0, 1, 9))) @ unit(exact), -1, 1))
    np.testing.assert_allclose(turns, np.linspace(0, np.pi, 9), atol=2e-3)


@around
def test_opposite_along_an_axis_takes_the_first_other_axis(f: Between) -> None:
    np.testing.assert_allclose(f([0.0, 2, 0], [0.0, -2, 0], 0.5), [2, 0, 0], atol=1e-15)
    np.testing.assert_allclose(f([2.0, 0, 0], [-2.0, 0, 0], 0.5), [0, 2, 0], atol=1e-15)
    diagonal = f([1.0, 1], [-1.0, -1], 0.5)
    np.testing.assert_allclose(diagonal, [1, -1], rtol=1e-15)


@around
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("tiny", [1e-16, 1e-14, 1e-10, 1e-7, 3e-7, 1e-6, 1e-3, 0.03])
def test_near_opposite_anchors_keep_their_norm_and_turn_steadily(
    f: Between, dtype: type, tiny: float
) -> None:
    rng = np.random.default_rng(3)
    a: Array = rng.normal(size=512).astype(dtype)
    b: Array = (-a * (1 + tiny * rng.normal(size=512))).astype(dtype)
    t = np.linspace(0, 1, 65)
    way = f(a, b, t)
    np.testing.assert_allclose(norm(way), (1 - t) * norm(a) + t * norm(b), rtol=3e-7)
    if f is slerp:
        whole = 2 * np.arctan2(norm(unit(a) - unit(b)), norm(unit(a) + unit(b)))
        steps = norm(np.diff(unit(way), axis=0))
        np.testing.assert_allclose(steps, 2 * np.sin(whole / 128), rtol=1e-4)


@between
def test_a_zero_takes_the_direction_of_the_other(f: Between) -> None:
    a, zero = np.array([3.0, 4.0]), np.zeros(2)
    np.testing.assert_allclose(f(a, zero, [0.25, 0.5]), [[2.25, 3], [1.5, 2]], rtol=1e-15)
    np.testing.assert_allclose(f(zero, a, [0.25, 1.5]), [[0.75, 1], [4.5, 6]], rtol=1e-15)
    assert f(zero, zero, [-1, 0, 0.3, 1, 2]).tolist() == np.zeros((5, 2)).tolist()


@around
def test_a_latent_of_one_number_goes_straight(f: Between) -> None:
    t = [-1.0, 0.0, 0.25, 0.5, 2.0]
    np.testing.assert_array_equal(f([2.0], [-2.0], t), lerp([2.0], [-2.0], t))


@around
def test_beyond_the_ends_the_norm_stops_at_zero(f: Between) -> None:
    a, b = [4.0, 0.0], [0.0, 2.0]
    assert norm(f(a, b, [2.0, 3.0, -1.0])).tolist() == pytest.approx([0, 0, 6], abs=1e-15)


def test_slerp_turns_on_beyond_the_ends() -> None:
    a, b = [1.0, 0.0], [0.0, 1.0]
    np.testing.assert_allclose(slerp(a, b, [2.0, -1.0]), [[-1, 0], [0, -1]], atol=1e-15)


@between
@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e160, 1e300])
def test_huge_and_minute_latents(f: Between, size: float) -> None:
    a, b = np.array([3.0, 4.0]) * size, np.array([-4.0, 3.0]) * size
    unit_way = f(a / size, b / size, 0.3)
    np.testing.assert_allclose(f(a, b, 0.3) / size, unit_way, rtol=1e-12)


# What one latent is


@pytest.mark.parametrize("f", [slerp, nlerp])
def test_latents_of_several_axes_are_doubted_unless_said(f: Between) -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 4, 8, 8))
    with pytest.warns(GuessWarning, match=r"latent_ndim=3 where \(4, 8, 8\) is one latent") as said:
        rows = f(a, b, 0.3)
    assert len(said) == 1
    assert said[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(rows, f(a, b, 0.3, latent_ndim=1))
        whole = f(a, b, 0.3, latent_ndim=3)
        # Rows of vectors are what a batch of latents is, one vector is one latent, and a straight
        # line is the same for all.
        f(a[0], b[0], 0.3)
        f(a[0, 0], b[0, 0], 0.3)
        f(a, b[0, 0], 0.3)
        f(a[:1, :1], b[:1, :1], 0.3)
        lerp(a, b, 0.3)
    assert np.abs(whole - rows).max() > 0.1


@pytest.mark.parametrize("f", [slerp, nlerp])
def test_layers_of_one_latent_are_rows_unless_said(f: Between) -> None:
    layers = np.random.default_rng(0).normal(size=(2, 18, 512))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = f(*layers, 0.3)
        one = f(*layers, 0.3, latent_ndim=2)
    assert np.array_equal(one, Path(layers, f.__name__)(0.3))
    assert np.abs(one - rows).max() > 1e-3


@between
def test_the_doors_to_a_path_agree(f: Between) -> None:
    anchors = np.random.default_rng(0).normal(size=(2, 4, 8, 8)).astype(np.float32)
    space = lw.as_space(lambda z: z[:, 0], latent_shape=(4, 8, 8), value_range=(-3, 3))
    walk = lw.Interpolator(space, anchors, method=f.__name__)
    walk.value = 0.3
    by_function = f(anchors[0], anchors[1], 0.3, latent_ndim=3)
    assert np.array_equal(Path(anchors, f.__name__)(0.3), by_function)
    assert np.array_equal(walk.latent, by_function)
