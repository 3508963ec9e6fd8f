"""`Path`: its marks, its methods, beyond its ends, and the nearest point of it."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from latentwidgets.routes.path import Path
from tests.unit.path_strategies import (
    BETWEEN,
    Between,
    every_method,
    for_all,
    norm,
    open_and_closed,
    paths,
    same_bits,
    size_of,
)

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
        Path(np.where(path.anchors == 0, -0.0, path.anchors), path.method, closed=path.closed),
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
