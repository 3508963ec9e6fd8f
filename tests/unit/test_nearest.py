"""The nearest rows: those that a search of all finds in float64, whatever the first look rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from latentwidgets.common import nearest as module
from latentwidgets.common.nearest import SPARE, Nearest

RNG = np.random.default_rng(0)


def tight(n: int) -> Any:
    """Give rows in ten knots, each of which float32 products see as one point."""
    middles = RNG.normal(size=(10, 40))
    return middles[np.arange(n) % 10] + 1e-5 * RNG.normal(size=(n, 40))


def long_and_short(n: int) -> Any:
    """Give rows one number of which is far larger than what tells them apart."""
    rows = RNG.normal(size=(n, 20))
    rows[:, 0] *= 1e5
    rows[: n // 2, 0] = 3e5
    return rows


CASES: dict[str, Callable[[int], Any]] = {
    "noise": lambda n: RNG.normal(size=(n, 300)),
    "far from zero": lambda n: RNG.normal(size=(n, 30)) + 3e3,
    "farther from zero": lambda n: 30 * RNG.normal(size=(n, 5)) + 1e7,
    "in knots": tight,
    "long and short": long_and_short,
    "tiny": lambda n: 1e-30 * RNG.normal(size=(n, 9)),
    "huge": lambda n: 1e36 * RNG.normal(size=(n, 9)),
    "an outlier": lambda n: RNG.normal(size=(n, 9)) * np.where(np.arange(n) == 3, 1e9, 1)[:, None],
    "on a grid": lambda n: RNG.integers(3, size=(n, 4)),
    "all the same": lambda n: np.ones((n, 4)),
    "in a knot far out": lambda n: (
        1e-4 * RNG.normal(size=(n, 40)) + np.where(np.arange(n) % 8 == 0, 3.0, 0.0)[:, None]
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("count", [1, 5])
def test_they_are_those_of_a_search_of_all(name: str, count: int) -> None:
    rows = np.asarray(CASES[name](1000), np.float32)
    queries = np.concatenate([rows[:40], CASES[name](60)]).astype(np.float32)
    found, gaps = Nearest(rows)(queries, count)
    distances = cdist(queries.astype(np.float64), rows.astype(np.float64))
    expected = np.argsort(distances, axis=1, kind="stable")[:, :count]
    np.testing.assert_allclose(gaps, np.sort(distances, axis=1)[:, :count], rtol=1e-9)
    # Equally near up to float64's own rounding counts as either.
    np.testing.assert_allclose(
        np.take_along_axis(distances, found, axis=1),
        np.take_along_axis(distances, expected, axis=1),
        rtol=1e-9,
    )


def test_of_equally_near_rows_the_first_comes_first() -> None:
    rows = np.zeros((50 * SPARE, 3), np.float32)
    rows[7:] = 1
    found, gaps = Nearest(rows)(np.ones((1, 3), np.float32), 4)
    assert found.tolist() == [[7, 8, 9, 10]]
    assert gaps.tolist() == [[0, 0, 0, 0]]


@pytest.mark.parametrize("spread", [1.0, 1e-3])
def test_angles_are_those_of_scikit_learn(spread: float) -> None:
    rows = (spread * RNG.normal(size=(800, 24)) + np.eye(24)[0]).astype(np.float32)
    rows *= RNG.uniform(0.01, 100, size=(800, 1)).astype(np.float32)
    rows[[5, 60]] = 0
    queries = np.concatenate([rows[:50], -rows[50:80]])
    queries = queries[np.abs(queries).any(axis=1)]
    found, _ = Nearest(rows, angles=True)(queries, 6)
    model = NearestNeighbors(n_neighbors=6, metric="cosine").fit(rows.astype(np.float64))
    distances, _ = model.kneighbors(queries.astype(np.float64))
    mine = cdist(queries, np.where(rows.any(axis=1, keepdims=True), rows, 1e-3), "cosine")
    mine[:, [5, 60]] = 1
    np.testing.assert_allclose(np.take_along_axis(mine, found, axis=1), distances, atol=1e-9)


def test_a_row_of_zeros_is_no_nearer_than_one_at_less_than_a_right_angle() -> None:
    rows = np.array([[0, 0], [1, 3], [-1, 0.1]], np.float32)
    found, gaps = Nearest(rows, angles=True)(np.array([[1, 0]], np.float32), 3)
    assert found.tolist() == [[1, 0, 2]]
    assert gaps[0, 1] == pytest.approx(np.sqrt(2))


def test_many_questions_are_answered_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = RNG.normal(size=(300, 6)).astype(np.float32)
    whole, gaps = Nearest(rows)(rows, 3)
    monkeypatch.setattr(module, "PART_SIZE", 1000)
    parts, again = Nearest(rows)(rows, 3)
    np.testing.assert_array_equal(parts, whole)
    np.testing.assert_allclose(again, gaps, atol=1e-12)
    none, _ = Nearest(rows)(rows[:0], 3)
    assert none.shape == (0, 3)


def test_too_little_memory_is_no_fault_of_the_metric() -> None:
    """No machine has an address for each of so many numbers."""
    endless = np.broadcast_to(np.zeros((1, 2), np.float32), (10**14, 2))
    with pytest.raises(MemoryError):
        module.searcher(endless, "manhattan")
    search = module.searcher(np.eye(2, dtype=np.float32), "manhattan")
    with pytest.raises(MemoryError):
        search(endless, 1)
