"""Paths of the method "geodesic": splines of their own between anchors."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw

RNG = np.random.default_rng(2)
ANCHORS = RNG.normal(size=(3, 4))
BENDS = RNG.normal(size=(2, 5, 4))
TIMING = [[0, 0.2, 1], [0, 0.5, 1]]


def make(**options: Any) -> lw.Path:
    return lw.Path(ANCHORS, "geodesic", **{"bends": BENDS, **options})


def test_each_segment_is_a_natural_spline_through_its_bends() -> None:
    path = make()
    for i in range(2):
        alone = lw.Path(
            np.concatenate([ANCHORS[i : i + 1], BENDS[i], ANCHORS[i + 1 : i + 2]]), "spline"
        )
        t = np.linspace(0, 1, 50)
        assert path((i + t) / 2) == pytest.approx(alone(t), abs=1e-9)
    assert path(path.marks).tolist() == ANCHORS.tolist()
    t = np.array([[0.1, 0.3], [0.6, 0.93]])
    seen = (path(t + 1e-6) - path(t - 1e-6)) / 2e-6
    assert path.velocity(t) == pytest.approx(seen, rel=1e-4, abs=1e-4)


def test_a_bent_path_is_a_path() -> None:
    for path in (make(), make(timing=TIMING)):
        for same in (
            copy.deepcopy(path),
            pickle.loads(pickle.dumps(path)),
            path.timed(path.timing),
        ):
            assert same == path
            assert same.digest == path.digest
        t = np.linspace(0, 1, 20)
        assert path.reversed()(1 - t) == pytest.approx(path(t), abs=1e-9)
        assert path.nearest(path(0.37)) == pytest.approx(0.37, abs=1e-6)
        other = make(bends=BENDS + 1e-3, timing=path.timing)
        assert other != path
        assert other.digest != path.digest
        assert repr(path).startswith("Path(3 anchors of shape (4,), float64, 'geodesic'")
    closed = make(bends=RNG.normal(size=(3, 1, 4)), closed=True)
    assert closed(1.0).tolist() == ANCHORS[0].tolist()
    with pytest.raises(ValueError, match="read-only"):
        make().bends[0] = 0  # type: ignore[index]


def test_it_can_be_had_at_an_even_speed() -> None:
    space = lw.LatentSpace(lambda z: np.tile(z, 3), 4, kind="curve")
    straight: Any = np.stack(
        [lw.Path(ANCHORS[i : i + 2], "lerp")(np.linspace(0, 1, 7)[1:-1]) for i in (0, 1)]
    )
    even = make(bends=straight + 0.2 * BENDS).at_constant_speed(space)
    steps = np.linalg.norm(np.diff(even(np.linspace(0, 1, 301)), axis=0), axis=1)
    assert steps.max() / steps.mean() < 1.15
    assert (even.method, even.bends is not None) == ("geodesic", True)


@pytest.mark.parametrize(
    ("method", "bends", "words"),
    [
        ("geodesic", None, "'geodesic' comes without bends"),
        ("slerp", BENDS, "'slerp' comes with bends"),
        ("geodesic", BENDS[:1], r"bends have shape \(1, 5, 4\); expected \(2, k, 4\)"),
        ("geodesic", BENDS[:, :0], "bends have shape"),
        ("geodesic", BENDS * np.nan, "NaN"),
        ("geodesics", None, r"Did you mean 'geodesic'\?"),
    ],
)
def test_bends_that_cannot_be_used_are_refused(method: str, bends: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        lw.Path(ANCHORS, method, bends=bends)
