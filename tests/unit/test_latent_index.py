"""`LatentIndex`: recall, copies, seeds, threads, refusals."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.unit.test_forks import in_fork, needs_fork

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(3000, 16)) @ RNG.normal(size=(16, 16)) + 40
QUERIES = DATA[:20] + 0.1 * RNG.normal(size=(20, 16))
analysis: Any = lw.analysis
faiss: Any = pytest.importorskip("faiss", reason="needs the extra index")


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
@pytest.mark.parametrize("far", [0.0, 1e5])
def test_an_index_says_how_many_of_the_nearest_it_finds(metric: str, far: float) -> None:
    data = (DATA + far).astype(np.float32)
    index = analysis.LatentIndex(data, metric=metric)
    found = analysis.nearest(data[:400] + np.float32(0.05), index, k=10)
    exact = analysis.nearest(data[:400] + np.float32(0.05), data, k=10, metric=metric)
    share = (found.distances <= exact.distances[:, -1:] * (1 + 1e-9)).mean()
    assert share >= 0.93
    assert abs(share - index.recall) < 0.05
    assert index.recall_interval[0] <= found.recall <= index.recall_interval[1]
    # What is found is measured as an exact search does.
    same = (found.rows == exact.rows).all(axis=1)
    np.testing.assert_allclose(found.distances[same], exact.distances[same], rtol=1e-9)
    assert "By an index, which finds" in found._repr_html_()
    assert (len(index), index.metric) == (3000, metric)


def test_every_latent_is_in_the_index() -> None:
    mine = DATA.astype(np.float32)
    index = analysis.LatentIndex(mine)
    mine[:] = 0  # the index keeps its own
    found = analysis.nearest(DATA, index, k=1)
    assert (found.rows[:, 0] == np.arange(3000)).all()


@pytest.mark.slow
def test_it_looks_as_far_as_is_needed_for_what_is_wanted() -> None:
    noise = RNG.normal(size=(4000, 100))  # whose neighbours are hardly nearer than any other
    kinds = 9 * RNG.normal(size=(20, 100))[RNG.integers(20, size=4000)] + noise
    low, high, all_ = (analysis.LatentIndex(noise, recall=one) for one in (0.3, 0.95, 1))
    assert 0.2 < low.recall < 0.5
    assert high.recall > 0.9
    assert low.looked_at < high.looked_at <= all_.looked_at <= 1
    apart = analysis.LatentIndex(kinds)
    assert apart.looked_at < 0.2 < high.looked_at
    assert apart.recall > 0.9
    # The recall does not count that a latent of the index finds itself.
    found = analysis.nearest(noise[:800], low, k=11).distances[:, 1:]
    exact = analysis.nearest(noise[:800], noise, k=11).distances[:, -1:]
    assert (found <= exact * (1 + 1e-9)).mean() == pytest.approx(low.recall, abs=0.03)


def test_more_neighbours_than_the_nearest_cells_hold_may_be_asked_for() -> None:
    index = analysis.LatentIndex(DATA, recall=0)
    found = analysis.nearest(QUERIES, index, k=3000)
    exact = analysis.nearest(QUERIES, DATA, k=3000)
    np.testing.assert_allclose(found.distances, exact.distances, rtol=1e-9)
    assert {*found.rows[0]} == {*range(3000)}
    assert found.recall == 1


@pytest.mark.parametrize("k", [40, 150])
def test_recall_is_of_as_many_neighbours_as_are_asked_for(k: int) -> None:
    noise = np.random.default_rng(5).normal(size=(4000, 40))
    index = analysis.LatentIndex(noise, recall=0.6)
    found = analysis.nearest(noise[:600], index, k=k + 1)
    exact = analysis.nearest(noise[:600], noise, k=k + 1).distances[:, -1:]
    share = (found.distances[:, 1:] <= exact * (1 + 1e-9)).mean()
    recall, (low, high) = index.recall_of(k)
    assert share == pytest.approx(recall, abs=0.04)
    assert low <= recall <= high
    assert abs(recall - index.recall) > 0.03, "that of ten says something else"
    assert analysis.nearest(noise[:2], index, k=k).recall == recall


@pytest.mark.parametrize(
    ("latents", "options", "words"),
    [
        (DATA[:999], {}, r"at least 1,000. Pass fewer to nearest\(z, latents\)"),
        (DATA[:, 0], {}, r"shape \(3000,\); expected a data set: .*latents\[:, None\]"),
        (DATA, {"metric": "manhattan"}, "expected one of 'euclidean', 'cosine'"),
        (DATA, {"recall": 2}, "recall is 2; expected a number from 0 to 1"),
    ],
)
def test_what_cannot_be_laid_out_is_refused(latents: Any, options: Any, words: str) -> None:
    with pytest.raises(lw.LatentValueError, match=words):
        analysis.LatentIndex(latents, **options)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_of_an_index_finds_the_same(again: Any) -> None:
    index = analysis.LatentIndex(DATA[:1500], metric="cosine", recall=0.7)
    copied = again(index)
    for one, other in zip(copied.search(QUERIES, 7), index.search(QUERIES, 7), strict=True):
        np.testing.assert_array_equal(one, other)
    assert (copied.recall, copied.recall_of(150)) == (index.recall, index.recall_of(150))
    with pytest.raises(ValueError, match="read-only"):
        copied.latents[0] = 0


def test_a_seed_gives_the_same_index_whatever_the_threads() -> None:
    before = faiss.omp_get_max_threads()
    made = []
    try:
        for threads in (1, 2):
            faiss.omp_set_num_threads(threads)
            made.append(pickle.dumps(analysis.LatentIndex(DATA, seed=7)))
            assert faiss.omp_get_max_threads() == threads, "what the person has set comes back"
    finally:
        faiss.omp_set_num_threads(before)
    assert made[0] == made[1]
    assert made[0] != pickle.dumps(analysis.LatentIndex(DATA, seed=8))


@needs_fork
def test_the_child_of_a_fork_does_not_wait_for_threads_of_faiss() -> None:
    before = faiss.omp_get_max_threads()
    index = analysis.LatentIndex(DATA)
    faiss.omp_set_num_threads(2)
    try:
        rows = DATA.astype(np.float32)
        faiss.knn(rows, rows, 5)  # from here on there are two
        found = in_fork(lambda: index.search(QUERIES, 5)[0].tolist())
        assert found == index.search(QUERIES, 5)[0].tolist()
        made = in_fork(lambda: analysis.LatentIndex(DATA).recall)
        assert made == index.recall
    finally:
        faiss.omp_set_num_threads(before)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_latents_without_a_place_of_their_own_are_found(metric: str) -> None:
    data = DATA.astype(np.float32) - 40
    data[::4] = 0  # which have no direction
    data[5], data[7, 0] = 3e18, -1e12  # whose squares float32 cannot hold, or only just
    index = analysis.LatentIndex(data, metric=metric, recall=1)
    asked = np.stack([data[5], data[7], data[1], 1e30 * data[1]])
    exact = analysis.nearest(asked, data, k=3, metric=metric)
    found = analysis.nearest(asked, index, k=3)
    np.testing.assert_allclose(found.distances, exact.distances, rtol=1e-6)
    assert found.rows[:3, 0].tolist() == [5, 7, 1]
    alike = analysis.LatentIndex(np.ones((1000, 3)), metric=metric)
    assert alike.search(np.ones((1, 3)), 4)[0].tolist() == [[0, 1, 2, 3]]


def test_constant_columns_change_nothing() -> None:
    wide, asked = (np.insert(one, 3, 7.0, axis=1) for one in (DATA, QUERIES))
    index = analysis.LatentIndex(wide)
    found = analysis.nearest(asked, index, k=5)
    exact = analysis.nearest(QUERIES, DATA, k=5)
    assert index.recall > 0.9
    same = found.rows == exact.rows
    assert same.mean() > 0.9
    np.testing.assert_allclose(found.distances[same], exact.distances[same], rtol=1e-6)


def test_an_index_is_of_one_metric() -> None:
    metric: Any
    for metric in ("cosine", np.array(["euclidean", "cosine"])):
        with pytest.raises(lw.LatentValueError, match="the index was made for 'euclidean'"):
            analysis.nearest(DATA[0], analysis.LatentIndex(DATA), metric=metric)
