"""What fits in many short steps does so on one thread: several wait for each other on busy cores.

Beside another process on one of two cores, two threads of BLAS took 4 to 100 times as long as one
for such fits, of small data; one call on much data gains from threads, and keeps them.

The limit is that of a whole process: these run in one of their own, where nothing else is at work.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any

import numpy as np
import pytest
import scipy.linalg  # noqa: F401  # its BLAS and scikit-learn's OpenMP are there from the start
import sklearn.cluster  # noqa: F401
from threadpoolctl import threadpool_info, threadpool_limits

import latentwidgets as lw
from latentwidgets.analysis.clustering import grouped, k_means
from latentwidgets.common.parallel import LARGE, one_blas_thread, one_thread
from latentwidgets.routes.projection import project
from latentwidgets.routes.watched import Fit

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(300, 6)).astype(np.float32)
LABELS = {"yes": ROWS[:, 0] + RNG.normal(size=300) > 0}
AMOUNTS = {"size": ROWS[:, 0] + RNG.normal(size=300)}
QUICK: dict[str, Any] = {"shuffles": 0, "bootstraps": 0}
LINEAR = lw.LatentSpace(lambda latents: latents @ RNG.normal(size=(6, 9)), 6)

FITS: dict[str, tuple[str, Callable[[], Any]]] = {
    "k-means": ("sklearn.cluster.MiniBatchKMeans.fit", lambda: grouped(ROWS, "k-means", 3, 0)),
    "k-means, placed": (
        "sklearn.cluster.MiniBatchKMeans.predict",
        lambda: grouped(ROWS, "k-means", 3, 0),
    ),
    "mixture": (
        "sklearn.mixture.GaussianMixture.fit",
        lambda: grouped(ROWS, "gaussian-mixture", 3, 0),
    ),
    "mixture, placed": (
        "sklearn.mixture.GaussianMixture.predict",
        lambda: grouped(ROWS, "gaussian-mixture", 3, 0),
    ),
    "silhouettes": (
        "sklearn.metrics.silhouette_samples",
        lambda: lw.analysis.clusters(ROWS, count=3, halves=2),
    ),
    "data without groups": (
        "numpy.linalg.qr",
        lambda: lw.analysis.clusters(ROWS, count=3, halves=2),
    ),
    "covariance": (
        "sklearn.covariance.LedoitWolf.fit",
        lambda: lw.analysis.Typicality().fit(ROWS),
    ),
    "ICA": ("sklearn.decomposition.FastICA.fit", lambda: lw.ica_directions(ROWS, 2)),
    "sparse PCA": (
        "sklearn.decomposition.MiniBatchSparsePCA.fit",
        lambda: lw.sparse_pca_directions(ROWS, 2),
    ),
    "PCA": ("scipy.linalg.eigh", lambda: lw.pca_directions(ROWS, 2)),
    "probe of classes": (
        "scipy.optimize.minimize",
        lambda: lw.probe_directions(ROWS, LABELS, **QUICK),
    ),
    "probe of amounts": (
        "numpy.linalg.eigh",
        lambda: lw.probe_directions(ROWS, AMOUNTS, **QUICK),
    ),
    "doubts of labels": (
        "numpy.linalg.lstsq",
        lambda: lw.probe_directions(ROWS, AMOUNTS, **QUICK),
    ),
    "probe report": (
        "sklearn.linear_model.LogisticRegression.fit",
        lambda: lw.analysis.probe_report(ROWS, LABELS),
    ),
    "probe report, neighbours": (
        "sklearn.neighbors.KNeighborsClassifier.predict",
        lambda: lw.analysis.probe_report(ROWS, LABELS),
    ),
    "differences": (
        "latentwidgets.directions.differences.mean_differences",
        lambda: lw.difference_directions(ROWS, LABELS, **QUICK),
    ),
    "contrast": (
        "numpy.linalg.svd",
        lambda: lw.contrast_directions(ROWS[:150], ROWS[150:], method="component", **QUICK),
    ),
    "weights": ("numpy.linalg.svd", lambda: lw.weight_directions(ROWS)),
    "local": ("numpy.linalg.svd", lambda: lw.local_directions(LINEAR, ROWS[0], latents=ROWS)),
    "local, within": (
        "numpy.linalg.svd",
        lambda: lw.local_directions(
            LINEAR, ROWS[0], latents=ROWS, within=lw.pca_directions(ROWS, 3)
        ),
    ),
    "t-SNE": ("sklearn.manifold.TSNE.fit_transform", lambda: project(ROWS[:40], "tsne")),
}


# These also compute by OpenMP, in what is watched.
BY_OPENMP = ("k-means", "k-means, placed", "mixture", "probe report, neighbours", "t-SNE")


def threads_of(kinds: tuple[str, ...]) -> set[int]:
    """Give how many threads libraries of some kinds would use now.

    A BLAS that computes by OpenMP, as faiss brings one, has as many as that has in each thread.
    """
    return {
        one["num_threads"]
        for one in threadpool_info()
        if one["user_api"] in kinds and one.get("threading_layer") != "openmp"
    }


@pytest.mark.parametrize("what", FITS)
def test_a_fit_runs_on_one_thread(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path, fit = FITS[what]
    place, _, name = path.rpartition(".")
    owner = resolve_name(place)
    found, seen = getattr(owner, name), []
    kinds = ("blas", "openmp") if what in BY_OPENMP else ("blas",)

    def watched(*args: Any, **options: Any) -> Any:
        seen.append(threads_of(kinds))
        return found(*args, **options)

    monkeypatch.setattr(owner, name, watched)
    with threadpool_limits(2):
        before = threads_of(kinds)
        fit()
        assert threads_of(kinds) == before
        assert 2 in before
    assert seen
    assert all(one == {1} for one in seen)


def blas() -> set[int]:
    return threads_of(("blas",))


@pytest.mark.parametrize("first", [True, False])
def test_a_limit_of_a_person_that_ends_within_ours_leaves_no_single_thread(first: bool) -> None:
    """One that begins within and ends after ours finds one thread, and restores that."""
    ours = one_blas_thread()
    with threadpool_limits(2):
        if first:
            theirs = threadpool_limits(1, user_api="blas")
            ours.__enter__()
        else:
            ours.__enter__()
            theirs = threadpool_limits(1, user_api="blas")
        in_a_thread(theirs.restore_original_limits)
        ours.__exit__(None, None, None)
        assert blas() == {2}


def test_a_call_on_much_data_keeps_its_threads() -> None:
    with threadpool_limits(2):
        with one_blas_thread(LARGE):
            assert blas() == {2}
        with one_blas_thread(LARGE - 1):
            assert blas() == {1}


@pytest.mark.parametrize("what", ["t-SNE", "k-means"])
def test_a_fit_in_the_background_begins_with_its_own_thread_limited_alone(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, _, name = FITS[what][0].rpartition(".")
    owner, seen = resolve_name(place), []
    found = getattr(owner, name)

    def watched(*args: Any, **options: Any) -> Any:
        seen.append((blas(), threads_of(("openmp",))))
        return found(*args, **options)

    monkeypatch.setattr(owner, name, watched)
    with threadpool_limits(2):
        if what == "t-SNE":
            project(ROWS[:40], "tsne", fit=Fit())
        else:
            k_means(ROWS, 3, fit=Fit())
    assert seen == [({2}, {1})]


@pytest.mark.parametrize("their_own", [False, True])
def test_a_fit_in_the_background_that_outlasts_a_limit_leaves_no_single_thread(
    their_own: bool,
) -> None:
    """Whether it limits OpenMP alone, or scikit-learn limits BLAS within it by itself."""
    begun, over = threading.Event(), threading.Event()

    def fit() -> None:
        with one_thread(beside=True):
            limit = threadpool_limits(1, user_api="blas") if their_own else None
            begun.set()
            over.wait(60)
            if limit is not None:
                limit.restore_original_limits()

    with threadpool_limits(2):
        cell = one_blas_thread()
        cell.__enter__()
        thread = threading.Thread(target=fit)
        thread.start()
        assert begun.wait(60)
        cell.__exit__(None, None, None)
        assert blas() == {2}
        over.set()
        thread.join()
        assert blas() == {2}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_child_that_leaves_its_parents_block_still_limits_its_own() -> None:
    ours = one_blas_thread()

    def leave() -> None:
        ours.__exit__(None, None, None)
        threadpool_limits(2)
        with one_blas_thread():
            sys.exit(0 if blas() == {1} else 1)

    with threadpool_limits(2):
        ours.__enter__()
        child = multiprocessing.get_context("fork").Process(target=leave)
        child.start()
        ours.__exit__(None, None, None)
        child.join(30)
        assert child.exitcode == 0
        assert blas() == {2}


def in_a_thread(call: Callable[[], Any]) -> None:
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
