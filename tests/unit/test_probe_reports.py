"""`probe_report`: scores that scikit-learn gives, chance, confusion, learning curves, refusals."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, r2_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import latentwidgets as lw
from tests.models import load_mnist, load_vae, models_missing

RNG = np.random.default_rng(0)
KINDS = RNG.choice(["cat", "dog", "owl"], 400, p=[0.5, 0.3, 0.2])
PLACES = {"cat": (0, 0, 0), "dog": (2, 0, 0), "owl": (0, 2, 1)}
LATENTS = np.array([PLACES[kind] for kind in KINDS]) + RNG.normal(size=(400, 3))
analysis: Any = lw.analysis


def test_scores_are_those_of_scikit_learn() -> None:
    found = analysis.probe_report(LATENTS, {"pet": KINDS}, neighbours=7, folds=4, seed=3)
    parts = StratifiedKFold(4, shuffle=True, random_state=3)
    models = (
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
        KNeighborsClassifier(7),
    )
    assert (found.label, found.score_name, found.classes) == (
        "pet",
        "accuracy",
        ("cat", "dog", "owl"),
    )
    for one, model in zip(found.probes, models, strict=True):
        predicted = cross_val_predict(model, LATENTS, KINDS, cv=parts)
        np.testing.assert_allclose(one.confusion, confusion_matrix(KINDS, predicted), atol=2)
        assert one.score == pytest.approx((predicted == KINDS).mean(), abs=0.006)
        assert one.balanced == pytest.approx(balanced_accuracy_score(KINDS, predicted), abs=0.01)
        assert one.interval[0] < one.score < one.interval[1]
        assert one.curve[-1].score == one.score
        # What chance gives is what the classes' shares and the predictions' shares give together.
        shares = [(one.confusion.sum(axis=axis) / 400) for axis in (0, 1)]
        assert one.chance == pytest.approx(shares[0] @ shares[1], abs=0.005)
        assert np.diag(one.confusion_by_chance).sum() / 400 == pytest.approx(one.chance, abs=0.005)
        assert one.p_value == pytest.approx(1 / 1001)
    assert found.majority == pytest.approx((KINDS == "cat").mean())


def test_amounts_have_r_squared() -> None:
    ages = 40 + 10 * LATENTS[:, 0] + 5 * RNG.normal(size=400)
    found = analysis.probe_report(LATENTS, {"age": ages})
    parts = KFold(5, shuffle=True, random_state=0)
    models = make_pipeline(StandardScaler(), Ridge()), KNeighborsRegressor(5)
    for one, model in zip(found.probes, models, strict=True):
        predicted = cross_val_predict(model, LATENTS, ages, cv=parts)
        assert one.score == pytest.approx(r2_score(ages, predicted), rel=1e-4)
        assert one.chance < 0
        assert one.confusion is one.balanced is None
    assert found.score_name == "R²"
    assert found.linear.score > found.nearest.score > 0.5


def test_what_no_line_tells_neighbours_may_tell() -> None:
    ring = np.linalg.norm(LATENTS - LATENTS.mean(axis=0), axis=1) > 1.5
    found = analysis.probe_report(LATENTS, ring)
    assert found.nearest.balanced > found.linear.balanced + 0.2


@pytest.mark.slow
def test_labels_at_random_are_within_chance() -> None:
    small = 0
    for seed in range(40):
        labels = np.random.default_rng(seed).integers(0, 2, 100)
        found = analysis.probe_report(LATENTS[:100], labels, sizes=[50], seed=seed)
        small += found.linear.p_value <= 0.05
    assert small <= 6  # of 40 at a level of 5 %


def test_a_learning_curve_rises() -> None:
    found = analysis.probe_report(LATENTS, KINDS, sizes=[10, 300, 50])
    assert [step.size for step in found.linear.curve] == [10, 50, 300]
    assert found.nearest.curve[0].score < found.nearest.curve[-1].score
    own = analysis.probe_report(LATENTS, KINDS)
    assert len(own.linear.curve) == 6
    assert own.linear.curve[-1].size == 320


def test_missing_and_rare_labels_are_left_out() -> None:
    labels = KINDS.astype(object)
    labels[:7] = None
    labels[7:10] = "newt"
    with pytest.warns(UserWarning, match="Left out: 'newt', of which there are 3"):
        found = analysis.probe_report(LATENTS, labels)
    assert (found.latents, found.classes) == (390, ("cat", "dog", "owl"))


def test_a_constant_column_counts_for_nothing() -> None:
    wide = np.concatenate([LATENTS, np.full((400, 1), 3.0)], axis=1)
    mine, other = (analysis.probe_report(one, KINDS, sizes=[100]) for one in (LATENTS, wide))
    assert mine.linear.score == pytest.approx(other.linear.score, abs=0.003)
    assert mine.nearest.score == other.nearest.score


def test_of_very_many_latents_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latentwidgets.analysis.probe_reports.MOST", 200)
    assert analysis.probe_report(LATENTS, KINDS).latents == 200


def test_classes_that_are_rare_among_those_drawn_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("latentwidgets.analysis.probe_reports.MOST", 60)
    labels = np.where(np.arange(400) % 23 == 0, "newt", KINDS)  # 18 of all, about 3 of those drawn
    with pytest.warns(UserWarning, match="Left out: 'newt', of which there are [1-4] among the 60"):
        found = analysis.probe_report(LATENTS, labels)
    assert found.classes == ("cat", "dog", "owl")
    assert 55 < found.latents < 60
    assert all(np.isfinite(one.balanced) for one in found.probes)
    assert (found.linear.confusion.sum(axis=1) >= 5).all()


def test_a_result_is_shown_drawn_and_written() -> None:
    found = analysis.probe_report(LATENTS.reshape(400, 1, 3), KINDS)
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert np.sum(written["probes"][0]["confusion"]) == 400
    table = found._repr_html_()
    assert "Most often confused, linear: " in table
    assert "Most frequent class: " in table
    drawn = found.plot().axes
    assert len(drawn) == 3
    for one, axes in zip(found.probes, drawn[1:], strict=True):
        assert one.confusion is not None
        counts = [text.get_text() for text in axes.texts]
        assert counts == [str(count) for count in one.confusion.ravel()]
    ages = analysis.probe_report(LATENTS, {"age": LATENTS[:, 0]})
    assert "confused" not in ages._repr_html_()
    assert len(ages.plot().axes) == 1


@pytest.mark.parametrize(
    ("latents", "labels", "options", "words"),
    [
        (LATENTS, np.ones(400), {}, "has 1 value; expected two or more"),
        (LATENTS, KINDS[:5], {}, "there are 400 latents"),
        (
            LATENTS,
            {"a": KINDS, "b": KINDS},
            {},
            r"there are 2 labels, 'a', 'b'; .*{'a': labels\['a'\]}",
        ),
        (LATENTS, np.stack([KINDS, KINDS], 1), {}, r"are 2 labels, .*such as labels\[:, 0\]"),
        (LATENTS[:8], KINDS[:8], {}, "5 folds need that of two"),
        (LATENTS, KINDS, {"neighbours": 400}, "there are 320 latents to choose them from"),
        (LATENTS, KINDS, {"sizes": [500]}, "sizes reach to 500; expected some of at most 320"),
        (LATENTS, KINDS, {"sizes": [3, 50]}, "sizes begin at 3, and neighbours is 5"),
        (LATENTS, KINDS, {"kind": "binary"}, "has 3 values; expected two of a binary label"),
        (LATENTS, KINDS, {"folds": 1}, "folds is 1; expected at least 2"),
        (LATENTS, KINDS, {"kind": "continuous"}, "has no numbers"),
        (LATENTS, [f"file {i}" for i in range(400)], {}, "has 400 classes, more than 100"),
        (np.ones((400, 3)), KINDS, {}, "all 400 latents are the same"),
        (LATENTS[:7], LATENTS[:7, 0], {}, "has 7 labels; 5 folds need 10"),
    ],
)
def test_what_cannot_be_probed_is_refused(
    latents: Any, labels: Any, options: Any, words: str
) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        analysis.probe_report(latents, labels, **options)


@pytest.mark.skipif(bool(models_missing), reason=models_missing)
@pytest.mark.slow
def test_digits_are_read_as_scikit_learn_reads_them() -> None:
    import torch

    images, digits = load_mnist()
    with torch.no_grad():
        pixels = torch.from_numpy(images[:, None] / np.float32(255))
        latents = load_vae("mnist_btcvae").encode(pixels)[0].numpy()
    found = analysis.probe_report(latents, digits, sizes=[100, 1000])
    print(
        f"accuracy: linear {found.linear.score:.3f}, nearest neighbours {found.nearest.score:.3f}, "
        f"chance {found.nearest.chance:.3f}"
    )
    parts = StratifiedKFold(5, shuffle=True, random_state=0)
    predicted = cross_val_predict(KNeighborsClassifier(5), latents, digits, cv=parts)
    assert found.nearest.score == pytest.approx((predicted == digits).mean(), abs=0.001)
    assert found.nearest.score > 0.935
    assert found.linear.score > 0.93
