"""`nearest`: the neighbours that scikit-learn finds, chance, refusals."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

import latentwidgets as lw

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(3000, 16)) @ RNG.normal(size=(16, 16)) + 40
QUERIES = DATA[:20] + 0.1 * RNG.normal(size=(20, 16))
analysis: Any = lw.analysis


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "manhattan"])
def test_neighbours_are_those_of_scikit_learn(metric: str) -> None:
    found = analysis.nearest(QUERIES, DATA, k=7, metric=metric)
    # In float64, of numbers that float32 holds: scikit-learn itself rounds angles in float32.
    exact = [one.astype(np.float32).astype(np.float64) for one in (DATA, QUERIES)]
    model = NearestNeighbors(n_neighbors=7, metric=metric).fit(exact[0])
    distances, rows = model.kneighbors(exact[1])
    np.testing.assert_array_equal(found.rows, rows)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-3, atol=1e-7)
    assert (found.metric, found.searched, found.recall) == (metric, 3000, None)


def test_chance_is_the_distance_to_a_latent_at_random() -> None:
    found = analysis.nearest(QUERIES, DATA)
    expected = np.median(cdist(QUERIES, DATA), axis=1)
    np.testing.assert_allclose(found.chance, expected, rtol=0.05)
    few = analysis.nearest(QUERIES, DATA[:300])
    np.testing.assert_allclose(few.chance, np.median(cdist(QUERIES, DATA[:300]), axis=1), rtol=1e-4)


def test_one_latent_of_any_shape_may_be_asked_for() -> None:
    images = DATA.reshape(3000, 4, 4)
    found = analysis.nearest(images[7], images, k=3)
    assert (found.rows.shape, found.rows[0, 0], found.distances[0, 0]) == ((1, 3), 7, 0)


def test_a_result_is_shown_drawn_and_written() -> None:
    found = analysis.nearest(DATA[:60], DATA, k=8)
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert written["rows"][3][0] == 3
    table = found._repr_html_()
    assert table.count("<tr") == 51
    assert "10 more are not shown" in table
    assert "All latents were looked at" in table
    axes = found.plot().axes[0]
    assert len(axes.lines) == 100  # and as many for chance
    assert axes.get_ylabel() == "euclidean distance"


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((DATA[0], DATA[:3]), {"k": 4}, r"k is 4; there are only 3 latents. Pass k=3 or less"),
        ((DATA[0], DATA), {"k": 0}, "k is 0; expected at least 1"),
        ((DATA[0, :5], DATA), {}, r"z have shape \(5,\); expected one latent, \(16,\)"),
        ((DATA[0], DATA[0]), {}, r"shape \(16,\); expected a data set: .*latents\[:, None\]"),
        ((DATA[0], lw.demo.digits()), {}, r"latents are a Digits, .*Pass its attribute, \.latents"),
        ((DATA[0] * np.nan, DATA), {}, "NaN or infinity"),
        ((DATA[0], DATA), {"metric": "taxi"}, "metric is 'taxi'; expected 'euclidean', 'cosine'"),
        ((DATA[0], DATA), {"metric": "euclidian"}, "Did you mean 'euclidean'"),
        ((DATA[0], DATA), {"metric": "haversine"}, "only valid in 2 dimensions. Take 'euclidean'"),
        ((DATA[0], DATA), {"metric": lambda a, b: a[0] * np.nan}, "gives NaN or infinity"),
        ((DATA[0], DATA), {"metric": lambda a, b: 1 / 0}, "metric failed: ZeroDivisionError"),
        ((DATA[0], DATA), {"metric": lambda a, b: "far"}, "must return a number"),
        ((DATA[0], (row for row in DATA)), {}, r"latents are a generator.*stack\(\[\*latents\]\)"),
        ((DATA[0], {"a": DATA[0]}), {}, r"latents are a dict.*stack\(\[\*latents.values\(\)\]\)"),
        ((DATA[0], [[1.0, None], [2.0, 3.0]]), {}, "Among them is None: leave it out"),
        ((DATA[0], None), {}, "latents are None; expected real numbers"),
        ((DATA[0], DATA), {"count": 3}, "nearest has no option 'count'"),
    ],
)
def test_what_cannot_be_searched_is_refused(arguments: Any, options: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        analysis.nearest(*arguments, **options)


def test_an_index_without_faiss_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(lw.MissingExtraError, match=r'LatentIndex needs .*"latentwidgets\[index\]"'):
        analysis.LatentIndex(DATA)
    assert analysis.nearest(DATA[3], DATA, k=1).rows.tolist() == [[3]]
