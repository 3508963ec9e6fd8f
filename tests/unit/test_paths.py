"""Paths: exact where they must be, right everywhere else, clear about what they refuse."""

from __future__ import annotations

import copy
import importlib
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.spatial import geometric_slerp

from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.paths import METHODS, Path, lerp, nlerp, slerp

Array = NDArray[Any]
Between = Callable[..., Array]

BETWEEN: tuple[Between, ...] = (lerp, slerp, nlerp)
ROUND: tuple[Between, ...] = (slerp, nlerp)
between = pytest.mark.parametrize("f", BETWEEN)
around = pytest.mark.parametrize("f", ROUND)
every_method = pytest.mark.parametrize("method", METHODS)
open_and_closed = pytest.mark.parametrize("closed", [False, True])

times = st.floats(-2, 3)
inner = st.floats(0, 1)
widths = st.integers(1, 9)


def for_all(**strategies: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give hypothesis' examples, however long a busy machine takes for one."""
    return lambda test: settings(deadline=None)(given(**strategies)(test))


def latents(width: int, dtype: type = np.float64, rows: tuple[int, ...] = ()) -> Any:
    """Latents with zeros, equal numbers and a wide range of sizes among them."""
    size = st.floats(0.0009765625, 1000, width=32 if dtype is np.float32 else 64)
    numbers = st.one_of(st.just(0.0), st.just(1.0), size, size.map(lambda x: -x))
    return hnp.arrays(dtype, (*rows, width), elements=numbers)


@st.composite
def pairs(draw: st.DrawFn, dtype: type = np.float64) -> tuple[Array, Array]:
    """Two latents: any, or the second near the first, or near its opposite, or a zero."""
    width = draw(widths)
    a, b = draw(latents(width, dtype)), draw(latents(width, dtype))
    kind = draw(st.sampled_from(["any", "near", "opposite", "zero"]))
    tiny = draw(st.sampled_from([0.0, 1e-16, 1e-12, 1e-8, 1e-7, 1e-4]))
    factor = draw(st.sampled_from([1.0, 1.0, 0.3, 7.0]))
    if kind == "near":
        b = factor * (a + tiny * b)
    elif kind == "opposite":
        b = -factor * (a + tiny * b)
    elif kind == "zero":
        b = 0 * b
    return a, b.astype(dtype)


@st.composite
def paths(draw: st.DrawFn, dtype: type = np.float64) -> Path:
    rows = draw(st.integers(2, 7))
    anchors = draw(latents(draw(widths), dtype, (rows,)))
    return Path(anchors, draw(st.sampled_from(METHODS)), closed=draw(st.booleans()))


def size_of(*arrays: Array) -> float:
    return max(float(np.abs(x).max()) for x in arrays)


def norm(x: Array) -> Array:
    return np.asarray(np.linalg.norm(x.astype(np.float64), axis=-1))


def unit(x: Array) -> Array:
    return np.asarray(x / norm(x)[..., None])


def away_from_opposite(a: Array, b: Array, least: float) -> bool:
    return norm(a) == 0 or norm(b) == 0 or bool(norm(unit(a) + unit(b)) > least)


def same_bits(x: Array, y: Array) -> bool:
    return x.dtype == y.dtype and x.shape == y.shape and x.tobytes() == y.tobytes()


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


# Path


@for_all(data=st.data(), dtype=st.sampled_from([np.float32, np.float64]))
def test_every_mark_gives_its_anchor_bit_for_bit(data: st.DataObject, dtype: type) -> None:
    path = data.draw(paths(dtype))
    assert same_bits(path(path.marks), path.anchors)
    for t, anchor in zip(path.marks.tolist(), path.anchors, strict=True):
        assert same_bits(path(t), anchor)


@every_method
def test_marks_are_hit_however_they_were_computed(method: str) -> None:
    rng = np.random.default_rng(4)
    for m in range(2, 200):
        anchors = rng.normal(size=(m, 3))
        path = Path(anchors, method)
        assert same_bits(path(np.linspace(0, 1, m)), anchors)
        assert same_bits(path([i / (m - 1) for i in range(m)]), anchors)
        assert same_bits(path([i * (1 / (m - 1)) for i in range(m)]), anchors)
        assert same_bits(path(1 - path.marks), anchors[::-1].copy())
        ring = Path(anchors, method, closed=True)
        assert same_bits(ring([i / m for i in range(m)]), anchors)
        assert same_bits(ring(1 - ring.marks), anchors[-np.arange(m)])


@pytest.mark.parametrize("f", BETWEEN)
@open_and_closed
def test_a_segment_is_the_function_of_its_name(f: Between, closed: bool) -> None:
    rng = np.random.default_rng(5)
    anchors = rng.normal(size=(4, 6))
    path = Path(anchors, f.__name__, closed=closed)
    segments = 4 if closed else 3
    for i in range(segments):
        for part in (0.2, 0.5, 0.9):
            expected = f(anchors[i], anchors[(i + 1) % 4], part)
            np.testing.assert_allclose(path((i + part) / segments), expected, rtol=1e-12)


@open_and_closed
@pytest.mark.parametrize("m", [2, 3, 4, 8, 40, 100])
def test_spline_is_scipys(m: int, closed: bool) -> None:
    anchors = np.random.default_rng(6).normal(size=(m, 5))
    points = np.concatenate([anchors, anchors[:1]]) if closed else anchors
    kind = "periodic" if closed else "natural"
    spline = CubicSpline(np.linspace(0, 1, len(points)), points, bc_type=kind)
    t = np.linspace(0, 1, 301)
    path = Path(anchors, "spline", closed=closed)
    np.testing.assert_allclose(path(t), spline(t), rtol=0, atol=1e-12)


def test_spline_goes_straight_on_beyond_its_ends() -> None:
    path = Path(np.random.default_rng(7).normal(size=(5, 3)), "spline")
    for end, step in ((0.0, -1e-3), (1.0, 1e-3)):
        way = path(end + step * np.array([-1, 0, 1, 2, 500]))
        slope = way[2] - way[1]
        np.testing.assert_allclose(way[1] - way[0], slope, atol=1e-6)
        np.testing.assert_allclose(way[3] - way[2], slope, atol=1e-14)
        np.testing.assert_allclose(way[4] - way[1], 500 * slope, atol=1e-12)


@pytest.mark.parametrize("f", BETWEEN)
def test_open_paths_go_on_along_their_outer_segments(f: Between) -> None:
    anchors = np.random.default_rng(8).normal(size=(3, 4))
    path = Path(anchors, f.__name__)
    np.testing.assert_allclose(path(-0.3), f(anchors[0], anchors[1], -0.6), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(path(1.2), f(anchors[1], anchors[2], 1.4), rtol=1e-12, atol=1e-14)


@every_method
def test_closed_paths_wrap(method: str) -> None:
    anchors = np.random.default_rng(9).normal(size=(3, 4))
    path = Path(anchors, method, closed=True)
    t = np.array([0.1, 0.35, 0.7, 0.95])
    for turns in (-2, -1, 1, 5):
        np.testing.assert_allclose(path(t + turns), path(t), atol=1e-13)
    for t0 in (0.0, 1.0, -1.0, 7.0, -1e-300):
        assert same_bits(path(t0), anchors[0])


@for_all(path=paths(), t=st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=9))
def test_reversed_is_the_path_at_one_minus_t(path: Path, t: list[float]) -> None:
    at = np.array(t)
    atol = 1e-10 * size_of(path.anchors)
    np.testing.assert_allclose(path.reversed()(at), path(1 - at), rtol=0, atol=atol)
    assert path.reversed().reversed() == path


@every_method
@open_and_closed
def test_paths_do_not_jump(method: str, closed: bool) -> None:
    rng = np.random.default_rng(10)
    a, b = rng.normal(size=(2, 8))
    anchors = np.stack([a, a, a * (1 + 1e-9), -a, 0 * a, b, -b * (1 + 1e-9), 2 * b])
    path = Path(anchors, method, closed=closed)
    t = np.linspace(0, 1, 20_001)
    if method == "nlerp":  # near-opposite anchors turn at once, as their straight line does
        t = t[(t * (len(anchors) - 1 + closed) < 4.9)]
    steps = norm(np.diff(path(t), axis=0))
    assert steps.max() < 0.02 * norm(anchors).max()


@every_method
@pytest.mark.parametrize("shape", [(1,), (5,), (2, 3), (4, 3, 2)])
@pytest.mark.parametrize("t_shape", [(), (0,), (7,), (2, 3)])
def test_path_shapes(method: str, shape: tuple[int, ...], t_shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(11)
    path = Path(rng.normal(size=(3, *shape)).astype(np.float32), method)
    t = rng.uniform(size=t_shape)
    got = path(t)
    assert path.latent_shape == shape
    assert got.shape == (*t_shape, *shape)
    assert got.dtype == np.float32
    for place in np.ndindex(*t_shape):
        np.testing.assert_allclose(got[place], path(float(t[place])), rtol=1e-6)


def test_anchors_are_a_read_only_copy_and_nothing_can_be_set() -> None:
    anchors = np.ones((2, 3))
    path = Path(anchors)
    anchors[:] = 7
    assert path.anchors.tolist() == np.ones((2, 3)).tolist()
    for copied in (path, copy.deepcopy(path), pickle.loads(pickle.dumps(path))):
        with pytest.raises(ValueError, match="read-only"):
            copied.anchors[0] = 0
        with pytest.raises(ValueError, match="read-only"):
            copied.marks[0] = 0.5
    with pytest.raises(AttributeError):
        path.method = "lerp"  # type: ignore[misc]
    path(0.0)[:] = 9
    assert path(0.0).tolist() == [1, 1, 1]


@for_all(path=paths())
def test_copies_are_equal_and_hash_alike(path: Path) -> None:
    for same in (
        Path(path.anchors.tolist(), path.method, closed=path.closed),
        Path(path.anchors + np.copysign(0, -1), path.method, closed=path.closed),
        copy.deepcopy(path),
        pickle.loads(pickle.dumps(path)),
    ):
        assert same == path
        assert hash(same) == hash(path)
        assert same_bits(same(0.4), path(0.4)) or (path(0.4) == same(0.4)).all()


def test_paths_that_differ_are_not_equal() -> None:
    anchors = np.array([[0.0, 1], [1, 0], [2, 2]])
    path = Path(anchors)
    others: list[object] = [
        Path(anchors, "lerp"),
        Path(anchors, closed=True),
        Path(anchors[::-1]),
        Path(anchors.astype(np.float32)),
        Path(anchors[:2]),
        Path(anchors[..., None]),
        "path",
        anchors.tolist(),
    ]
    for other in others:
        assert path != other
    assert len({path, *map(Path, [anchors, anchors[::-1]])}) == 2


def test_repr_is_short() -> None:
    path = Path(np.zeros((5, 4, 64, 64), np.float32), "lerp", closed=True)
    assert repr(path) == "Path(5 anchors of shape (4, 64, 64), float32, 'lerp', closed=True)"


# nearest


@for_all(path=paths(), data=st.data())
def test_nearest_of_an_anchor_is_its_mark(path: Path, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(path.anchors) - 1))
    first = next(k for k, x in enumerate(path.anchors) if np.array_equal(x, path.anchors[i]))
    assert path.nearest(path.anchors[i]) == path.marks[first]


def test_nearest_knows_an_anchor_that_went_through_float32() -> None:
    path = Path(np.random.default_rng(12).normal(size=(4, 6)))
    for anchor, t in zip(path.anchors, path.marks, strict=True):
        assert path.nearest(anchor.astype(np.float32)) == t


@every_method
@open_and_closed
def test_nearest_finds_points_of_the_path(method: str, closed: bool) -> None:
    rng = np.random.default_rng(13)
    path = Path(rng.normal(size=(4, 2, 8)), method, closed=closed)
    for t in rng.uniform(size=20):
        assert path.nearest(path(t)) == pytest.approx(t, abs=1e-12)


@every_method
@open_and_closed
@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_nearest_beats_a_dense_scan(method: str, closed: bool, scale: float) -> None:
    rng = np.random.default_rng(14)
    path = Path(rng.normal(size=(5, 3)) * scale, method, closed=closed)
    scan = path(np.linspace(0, 1, 100_001)) / scale
    for latent in rng.normal(size=(10, 3)):
        t = path.nearest(latent * scale)
        assert 0 <= t <= 1
        assert norm(path(t) / scale - latent) <= norm(scan - latent).min() * (1 + 1e-12)


def test_nearest_on_a_line_is_the_projection() -> None:
    path = Path([[0.0, 0.0], [2.0, 2.0]], "lerp")
    assert path.nearest([2.0, 0.0]) == pytest.approx(0.5, abs=1e-7)
    assert path.nearest([-5.0, 1.0]) == 0
    assert path.nearest([9.0, 1.0]) == 1


# What is refused


def refused(f: Callable[[], object], error: type[Exception], *words: str) -> None:
    with pytest.raises(error) as caught:
        f()
    for word in words:
        assert word in str(caught.value)


HOPELESS: list[tuple[Any, type[Exception], str]] = [
    ([1 + 2j, 0], LatentTypeError, "np.asarray({}, dtype=np.float32)"),
    ([True, False], LatentTypeError, "holds bool"),
    (["a", "b"], LatentTypeError, "expected real numbers"),
    ([None, 1.0], LatentTypeError, "holds object"),
    (None, LatentTypeError, "expected real numbers"),
    ([[1.0], [1.0, 2.0]], LatentValueError, "Give rows of one shape"),
    ([np.nan, 1.0], LatentValueError, "holds 1 NaN or infinite numbers of 2, first at [0]"),
    ([0.0, -np.inf], LatentValueError, "first at [1]; expected finite ones. Drop or mend those"),
    (torch.ones(2, requires_grad=True), LatentTypeError, "tensor.detach().float().cpu().numpy()"),
    (torch.ones(2, dtype=torch.bfloat16), LatentTypeError, "Tensor that NumPy cannot read"),
]


@between
@pytest.mark.parametrize(("value", "error", "word"), HOPELESS)
def test_arguments_that_are_not_finite_real_numbers(
    f: Between, value: Any, error: type[Exception], word: str
) -> None:
    fine = np.ones(2)
    path = Path([fine, 2 * fine])
    refused(lambda: f(value, fine, 0.5), error, "a ", word.format("a"))
    refused(lambda: f(fine, value, 0.5), error, "b ", word.format("b"))
    refused(lambda: f(fine, fine, value), error, "t ", word.format("t"))
    refused(lambda: path(value), error, "t ", word.format("t"))
    refused(lambda: path.nearest(value), error, "latent ", word.format("latent"))
    refused(lambda: Path(value), error, "anchors ", word.format("anchors"))


@between
def test_shapes_that_do_not_fit(f: Between) -> None:
    refused(
        lambda: f(np.ones((2, 3)), np.ones((4, 3)), 0),
        LatentValueError,
        "a has shape (2, 3), b (4, 3): they do not broadcast",
        "Give both one latent shape",
    )
    for bad in (0, -1, 3, 1.5, "1"):
        refused(
            lambda bad=bad: f(np.ones((2, 3)), np.ones((2, 3)), 0, latent_ndim=bad),  # type: ignore[misc]
            LatentValueError,
            f"latent_ndim is {bad}",
            "latent_ndim=len(latent_shape)",
        )
    refused(lambda: f(1.0, 2.0, 0.5), LatentValueError, "a has shape (), b ()")
    refused(lambda: f(np.ones((3, 0)), np.ones(0), 0), LatentValueError, "latents of no numbers")


@pytest.mark.parametrize("shape", [(), (3,), (0, 3), (1, 3), (2, 0)])
def test_too_few_anchors(shape: tuple[int, ...]) -> None:
    refused(
        lambda: Path(np.ones(shape)),
        LatentValueError,
        f"anchors have shape {shape}",
        "two or more",
        "np.stack([first, second])",
        "anchors[:, None]",
    )


@pytest.mark.parametrize(
    ("method", "hint"),
    [
        ("slrep", "Did you mean 'slerp'?"),
        ("Lerp", "Did you mean 'lerp'?"),
        ("splines", "'spline'?"),
    ],
)
def test_an_unknown_method_names_the_near_miss(method: str, hint: str) -> None:
    listed = "Expected one of 'slerp', 'lerp', 'nlerp', 'spline'."
    refused(lambda: Path(np.eye(2), method), LatentValueError, repr(method), hint, listed)


@pytest.mark.parametrize("method", ["xyz", "", None, 3, [1, 2]])
def test_a_method_unlike_any_lists_them_all(method: Any) -> None:
    with pytest.raises(LatentValueError, match=r"unknown method .*\. Expected one of 'slerp', "):
        Path(np.eye(2), method)


def test_a_latent_of_another_shape_has_no_nearest_point() -> None:
    path = Path(np.eye(4))
    refused(
        lambda: path.nearest(np.ones((2, 4))),
        LatentValueError,
        "latent has shape (2, 4); this path takes one of shape (4,)",
        "latents[0]",
    )


@every_method
def test_t_that_leads_beyond_the_dtype(method: str) -> None:
    a, b = np.array([1.0, 2.0], np.float32), np.array([2.0, 5.0], np.float32)
    words = ("float32 cannot hold", "Keep t nearer to [0, 1]")
    for t in (1e39, 1e300, 1.7e308):
        refused(lambda t=t: Path([a, b], method)(t), LatentValueError, *words)  # type: ignore[misc]
        if method != "spline":
            f = {"slerp": slerp, "lerp": lerp, "nlerp": nlerp}[method]
            refused(lambda t=t, f=f: f(a, b, t), LatentValueError, *words)  # type: ignore[misc]
