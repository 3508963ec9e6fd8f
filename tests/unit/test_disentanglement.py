"""MIG, DCI and SAP against computations of their own, and against what chance gives."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.stats import entropy
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import balanced_accuracy_score, mutual_info_score

import latentwidgets as lw

mig, dci, sap = lw.analysis.mig, lw.analysis.dci, lw.analysis.sap
RNG = np.random.default_rng(0)
PLACE = RNG.uniform(size=(600, 2))
SHAPE = RNG.integers(3, size=600)
TRUTH: dict[str, Any] = {"x": PLACE[:, 0], "y": PLACE[:, 1], "shape": SHAPE}
CODES = np.concatenate(
    [
        PLACE + 0.05 * RNG.normal(size=(600, 2)),
        SHAPE[:, None] + 0.3 * RNG.normal(size=(600, 1)),
        RNG.normal(size=(600, 2)),
        np.ones((600, 1)),
    ],
    axis=1,
)
ANGLE = np.array([[1, 1], [-1, 1]]) / np.sqrt(2)
TURNED = np.concatenate([CODES[:, :2] @ ANGLE, CODES[:, 2:]], axis=1)


def binned(values: np.ndarray) -> np.ndarray:
    edges = np.histogram_bin_edges(values, 20)
    return np.asarray(np.digitize(values, edges[1:-1]))


def test_mig_is_the_gap_in_mutual_information_over_the_entropy() -> None:
    found = mig(CODES, TRUTH)
    matrix = np.array(
        [
            [
                mutual_info_score(
                    binned(values) if values.dtype == float else values,
                    binned(code) if np.ptp(code) else np.zeros(600),
                )
                for values in TRUTH.values()
            ]
            for code in CODES.T
        ]
    )
    np.testing.assert_allclose(found.matrix, matrix, atol=1e-3)
    entropies = [
        entropy(np.unique(binned(v) if v.dtype == float else v, return_counts=True)[1])
        for v in TRUTH.values()
    ]
    best = np.sort(matrix, axis=0)[::-1]
    np.testing.assert_allclose(found.by_factor, (best[0] - best[1]) / entropies, atol=1e-3)
    assert found.score == pytest.approx(found.by_factor.mean())
    chance = found.scores["MIG"].chance
    assert found.by_factor_chance is not None
    assert found.matrix_chance is not None
    assert chance == pytest.approx(found.by_factor_chance.mean())
    assert (found.matrix_chance < found.matrix.max()).all()
    assert found.matrix_chance.shape == found.matrix.shape
    bare = mig(CODES, TRUTH, shuffles=0)
    assert bare.by_factor_chance is bare.matrix_chance is bare.matrix_chance_most is None
    assert [one.get_text() for one in bare.plot().axes[0].get_yticklabels()] == [*TRUTH]
    assert found.scores["MIG"].value == found.score


def test_the_heat_map_says_of_each_factor_what_chance_gives_at_most() -> None:
    found = mig(CODES, TRUTH, shuffles=20, seed=3)
    # All factors are shuffled alike, so that those of shuffled codes are as much by chance.
    rng = np.random.default_rng(3)
    shuffled = []
    for _ in range(20):
        rows = rng.permutation(600)
        moved = {name: values[rows] for name, values in TRUTH.items()}
        shuffled.append(mig(CODES, moved, shuffles=0).matrix)
    assert found.matrix_chance is not None
    assert found.matrix_chance_most is not None
    np.testing.assert_allclose(found.matrix_chance, np.mean(shuffled, axis=0))
    np.testing.assert_allclose(found.matrix_chance_most, np.max(shuffled, axis=0))
    most = np.max(shuffled, axis=(0, 1))
    assert most[0] > most[2] + 0.02, "of more bins"
    names = [one.get_text() for one in found.plot().axes[0].get_yticklabels()]
    assert names == [f"{name} (chance ≤ {x:.2f})" for name, x in zip(TRUTH, most, strict=True)]


def test_sap_is_the_gap_in_what_each_number_predicts() -> None:
    found = sap(CODES, TRUTH)
    for j, values in enumerate(TRUTH.values()):
        for i, code in enumerate(CODES.T[:5]):
            one = code[:, None]
            if values.dtype == float:
                score = LinearRegression().fit(one, values).score(one, values)
                assert found.matrix[i, j] == pytest.approx(score, abs=1e-9)
            else:
                # On halves that are drawn otherwise: the same but for the draw.
                model = LinearDiscriminantAnalysis(priors=[1 / 3] * 3).fit(one[::2], values[::2])
                score = balanced_accuracy_score(values[1::2], model.predict(one[1::2]))
                assert found.matrix[i, j] == pytest.approx(score, abs=0.08)
    best = np.sort(found.matrix, axis=0)[::-1]
    np.testing.assert_allclose(found.by_factor, best[0] - best[1])
    assert found.score == pytest.approx(found.by_factor.mean())


def test_dci_is_the_entropy_of_importances() -> None:
    found = dci(CODES, TRUTH, shuffles=0)
    options: Any = {
        "n_estimators": 200,
        "max_depth": 8,
        "min_samples_leaf": 5,
        "max_features": 1.0,
        "random_state": 7,
    }
    columns, scores = [], []
    for values in TRUTH.values():
        forest = RandomForestRegressor(**options)
        if values.dtype != float:
            forest = RandomForestClassifier(**options)
        forest.fit(CODES[::2], values[::2])
        columns.append(forest.feature_importances_)
        scores.append(forest.score(CODES[1::2], values[1::2]))
    np.testing.assert_allclose(found.matrix, np.stack(columns, axis=1), atol=0.05)
    matrix = found.matrix
    by_code = np.array([1 - entropy(row, base=3) if row.any() else 0.0 for row in matrix])
    weights = matrix.sum(axis=1) / matrix.sum()
    assert found.score == pytest.approx((by_code * weights).sum())
    complete = [1 - entropy(column, base=6) for column in matrix.T]
    np.testing.assert_allclose(found.by_factor, complete)
    assert found.scores["completeness"].value == pytest.approx(np.mean(complete))
    assert found.scores["informativeness"].value == pytest.approx(np.mean(scores), abs=0.05)


@pytest.mark.parametrize("metric", [mig, sap, dci])
def test_shuffled_factors_score_what_chance_does(metric: Any) -> None:
    found = metric(CODES, TRUTH, shuffles=5)
    mixed = RNG.permutation(600)
    random = metric(CODES, {name: one[mixed] for name, one in TRUTH.items()}, shuffles=5)
    for name, one in found.scores.items():
        assert one.chance is not None
        assert one.chance <= one.chance_most < one.value - 0.2, name
        assert random.scores[name].value == pytest.approx(one.chance, abs=0.12), name
    again = metric(CODES, TRUTH, shuffles=5)
    assert again.to_dict() == found.to_dict()
    assert metric(CODES, TRUTH, shuffles=0).scores.keys() == found.scores.keys()


def test_a_turned_space_scores_low_though_it_holds_as_much() -> None:
    for metric in (mig, sap, dci):
        straight, turned = (metric(codes, TRUTH, shuffles=0) for codes in (CODES, TURNED))
        assert turned.by_factor[:2].mean() < straight.by_factor[:2].mean() - 0.3
    informative = turned.scores["informativeness"].value  # of dci, the last
    assert informative > straight.scores["informativeness"].value - 0.1


def test_scale_does_not_matter() -> None:
    factors = {name: TRUTH[name] * 1e200 for name in ("x", "y")}
    plain = {name: TRUTH[name] for name in ("x", "y")}
    for metric in (mig, sap, dci):
        other = metric(1e6 * CODES, factors, shuffles=0).score
        assert other == pytest.approx(metric(CODES, plain, shuffles=0).score, rel=1e-3)


def test_it_is_shown_drawn_and_written() -> None:
    found = dci(CODES, TRUTH, shuffles=3)
    table = found._repr_html_()
    for words in ("informativeness", "mean of 3 shuffles", "completeness by factor: x", "turned"):
        assert words in table
    names = [one.get_text() for one in found.plot().axes[0].get_yticklabels()]
    assert [name.partition(" (chance ≤ ")[0] for name in names] == ["x", "y", "shape"]
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert written["scores"]["completeness"].keys() == {"value", "chance", "chance_most"}


@pytest.mark.parametrize(
    ("latents", "factors", "words"),
    [
        (CODES[:, :1], TRUTH, "of two numbers or more"),
        (CODES[:, 0], TRUTH, "expected"),
        (CODES * np.nan, TRUTH, "NaN"),
        (CODES[:3], {"x": PLACE[:3, 0]}, "there are 3 latents; expected at least 4"),
        (CODES, {"x": PLACE[:9, 0]}, r"'x' has shape \(9,\); there are 600 latents"),
        (CODES, {"x": [None] * 2 + [1.5, 2.5] * 299}, "'x' is missing for 2 latents"),
        (CODES, {"x": np.ones(600)}, "'x' is 1.0 everywhere. Leave it out"),
        (CODES, {"x": [np.inf, 1.5, 2.5] * 200}, "'x' holds infinity"),
        (CODES, {"x": ["a", "b"] + ["c"] * 598}, "one of which has a single latent"),
        (CODES, {"x": [1, "a"] * 300}, "several types|expected"),
        (CODES, {}, "no labels"),
    ],
)
def test_what_cannot_be_scored_is_refused(latents: Any, factors: Any, words: str) -> None:
    for metric in (mig, sap, dci):
        with pytest.raises(lw.LatentWidgetsError, match=words):
            metric(latents, factors)


def test_one_factor_leaves_nothing_to_disentangle() -> None:
    with pytest.raises(lw.LatentValueError, match="there is 1 factor; expected 2 at least"):
        dci(CODES, {"x": PLACE[:, 0]})
    assert mig(CODES, {"x": PLACE[:, 0]}, shuffles=0).score > 0.3
