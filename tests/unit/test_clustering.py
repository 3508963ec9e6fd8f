"""Clusters of latents: found, ordered by size, refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import latentwidgets as lw
from latentwidgets.analysis import clustering
from latentwidgets.analysis.clustering import k_means

RNG = np.random.default_rng(0)
CENTERS = np.array([[0, 0, 0, 0], [30, 0, 0, 0], [0, 0, 30, 0]], np.float32)
WHICH = np.repeat([2, 0, 1], [10, 50, 20])
LATENTS = (CENTERS[WHICH] + RNG.normal(size=(80, 4))).astype(np.float32)


def test_the_largest_cluster_comes_first() -> None:
    found = k_means(LATENTS, 3)
    np.testing.assert_array_equal(found, WHICH)
    np.testing.assert_array_equal(k_means(LATENTS, 3), found)
    np.testing.assert_array_equal(k_means(LATENTS.reshape(80, 2, 2), 3), found)


def test_few_latents_are_a_cluster_each() -> None:
    assert sorted(k_means(LATENTS[[0, 20, 70]], 8)) == [0, 1, 2]


def test_of_many_latents_a_sample_tells_where_the_centres_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(clustering.MOST_FITTED, "k-means", 40)
    assert adjusted_rand_score(k_means(LATENTS, 3, seed=1), WHICH) == 1


@pytest.mark.parametrize(
    ("latents", "count", "words"),
    [
        (LATENTS[0], 2, r"shape \(4,\); expected one or more"),
        ([[np.nan, 1.0]], 2, "NaN or infinity in row 0 of 1 of the latents"),
        (LATENTS, 0, "count is 0; expected at least 1"),
        (LATENTS, 2.5, "count is 2.5; expected a whole number"),
    ],
)
def test_what_cannot_be_grouped_is_refused(latents: Any, count: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        k_means(latents, count)
