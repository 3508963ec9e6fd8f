"""Probe, difference and contrast directions: what they find, and how far they say to believe it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from captum.concept._utils.classifier import DefaultClassifier
from numpy.typing import NDArray
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from threadpoolctl import threadpool_info, threadpool_limits
from torch.utils.data import DataLoader, TensorDataset

import latentwidgets as lw
from latentwidgets.common.parallel import in_parallel, one_blas_thread
from latentwidgets.common.progress import progress
from latentwidgets.directions.chance import corrected_p_values
from latentwidgets.directions.labels import attributes_in
from latentwidgets.directions.linear import auc, pattern
from latentwidgets.directions.logistic import logistic

QUICK: dict[str, Any] = {"shuffles": 0, "bootstraps": 2}


def planted(
    n: int = 2000, size: int = 64, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Round Gaussian latents of two classes whose means are 2 apart, the labels, the direction."""
    rng = np.random.default_rng(seed)
    direction = rng.normal(size=size)
    direction /= np.linalg.norm(direction)
    labels = rng.uniform(size=n) < 0.5
    return rng.normal(size=(n, size)) + 2 * labels[:, None] * direction, labels, direction


LATENTS, LABELS, DIRECTION = planted()


@pytest.mark.parametrize("find", [lw.probe_directions, lw.difference_directions])
def test_a_planted_direction_is_found(find: Callable[..., lw.Directions]) -> None:
    [found] = find(LATENTS, {"planted": LABELS})
    cosine = float(found.vector @ DIRECTION)
    print(f"{find.__name__}: cosine {cosine:.3f}")
    assert cosine >= 0.975
    evidence = found.evidence
    assert evidence.score is not None
    assert evidence.auc is not None
    assert evidence.stability is not None
    assert evidence.score == pytest.approx(0.84, abs=0.03)  # the best there is: Φ(1)
    assert evidence.auc == pytest.approx(0.92, abs=0.03)
    assert evidence.p_value == 1 / 200
    assert evidence.stability > 0.95
    assert evidence.counts == {"positive": LABELS.sum(), "negative": (~LABELS).sum()}
    assert evidence.warning is None
    assert found.measure(LATENTS).mean() == pytest.approx(found.readout_mean, abs=1e-6)
    assert found.measure(LATENTS, standardized=True).std() == pytest.approx(1, abs=1e-6)


@pytest.mark.slow
def test_random_labels_are_called_chance() -> None:
    rng = np.random.default_rng(1)
    chance = 0
    for run in range(100):
        latents, labels = rng.normal(size=(300, 16)), rng.uniform(size=300) < 0.4
        [found] = lw.probe_directions(latents, {"random": labels}, bootstraps=2, seed=run)
        chance += "within chance" in (found.evidence.warning or "")
    print(f"random labels called chance: {chance} of 100")
    assert chance >= 95


def test_the_score_is_of_data_that_the_probe_was_not_fitted_to() -> None:
    rng = np.random.default_rng(0)
    latents, labels = rng.normal(size=(60, 200)), np.arange(60) % 2 == 0
    [found] = lw.probe_directions(latents, {"noise": labels}, **QUICK)
    fitted = (found.measure(latents) > 0) == labels
    assert fitted.mean() > 0.95, "it can learn the noise by heart"
    assert found.evidence.score is not None
    assert found.evidence.score < 0.7


def test_scores_are_those_of_scikit_learn_for_a_given_estimator() -> None:
    estimator = LogisticRegression(C=0.1)
    [found] = lw.probe_directions(LATENTS, {"planted": LABELS}, estimator=estimator, **QUICK)
    scores = cross_val_score(estimator, LATENTS, LABELS, cv=5, scoring="balanced_accuracy")
    assert found.evidence.score == pytest.approx(scores.mean(), abs=0.01)


def test_the_normal_is_that_of_scikit_learn_in_latent_units() -> None:
    latents = LATENTS[:500] * np.geomspace(0.1, 10, 64) + 3
    estimator = LogisticRegression(C=0.01)
    labels = {"planted": LABELS[:500]}
    [found] = lw.probe_directions(latents, labels, estimator=estimator, move="normal", **QUICK)
    scaler = StandardScaler().fit(latents)
    model = estimator.fit(scaler.transform(latents), LABELS[:500])
    weights = model.coef_[0] / scaler.scale_
    assert np.allclose(found.vector, weights / np.linalg.norm(weights), atol=1e-8)
    decisions = model.decision_function(scaler.transform(latents))
    assert np.allclose(found.measure(latents), decisions, atol=1e-6)


def test_what_it_moves_along_is_the_pattern_and_what_it_measures_with_the_weights() -> None:
    rng = np.random.default_rng(0)
    # The attribute is in the first number; the second is noise that the first shares.
    cause, noise = rng.normal(size=(2, 4000))
    latents = np.stack([cause + noise, noise, 0.01 * rng.normal(size=4000)], axis=1)
    [by_pattern] = lw.probe_directions(latents, {"cause": cause}, **QUICK)
    [by_normal] = lw.probe_directions(latents, {"cause": cause}, move="normal", **QUICK)
    assert by_pattern.readout @ [1, -1, 0] > 1.9, "the weights take the noise away"
    assert by_pattern.vector[0] > 0.99, "the attribute changes along the first number alone"
    assert by_normal.vector @ [1, -1, 0] / np.sqrt(2) > 0.99
    assert by_normal.method == "probe normal"
    covariance = np.cov(latents.T)
    assert np.allclose(pattern(latents, by_pattern.readout), covariance @ by_pattern.readout)


def test_the_readout_is_in_the_units_of_the_label() -> None:
    rng = np.random.default_rng(0)
    latents = rng.normal(size=(500, 3)) * [1, 10, 100] + [5, 50, 500]
    age = 40 + 3 * (latents[:, 1] - 50) / 10
    [found] = lw.probe_directions(latents, {"age": age}, **QUICK)
    assert found.evidence.score_name == "R²"
    assert found.evidence.score is not None
    assert found.evidence.score > 0.999
    assert np.abs(found.measure(latents) - age).max() < 0.05
    moved = found.move(latents, 1.0)
    assert (found.measure(moved) - found.measure(latents)).mean() == pytest.approx(3, abs=0.05)


def test_latents_of_any_shape_and_dtype() -> None:
    shaped = LATENTS[:400].reshape(400, 4, 16).astype(np.float32)
    [found] = lw.probe_directions(shaped, {"planted": LABELS[:400]}, **QUICK)
    assert found.vector.shape == (4, 16)
    assert found.vector.ravel() @ DIRECTION > 0.9


def test_the_same_seed_gives_the_same_directions() -> None:
    def find(seed: int) -> lw.Directions:
        return lw.probe_directions(LATENTS[:200], {"a": LABELS[:200]}, seed=seed, **QUICK)

    assert find(3) == find(3)
    assert find(3)[0].evidence != find(4)[0].evidence


def test_few_positives_and_instability_are_said() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(2000) < 12
    [found] = lw.probe_directions(rng.normal(size=(2000, 32)), {"rare": labels})
    assert "only 12 positive" in (found.evidence.warning or "")
    assert "changes from sample to sample (stability 0." in (found.evidence.warning or "")
    assert found.evidence.counts == {"positive": 12, "negative": 1988}


def test_p_values_are_corrected_for_the_number_of_attributes() -> None:
    rng = np.random.default_rng(0)
    nulls = [rng.normal(size=200) for _ in range(50)]
    alone = [corrected_p_values([one])[0] for one in nulls]
    together = corrected_p_values(nulls)
    assert all(one <= both for one, both in zip(alone, together, strict=True))
    assert min(alone) < 0.05 < min(together)


def test_estimators_of_ones_own() -> None:
    labels = {"planted": LABELS[:400]}
    [svm] = lw.probe_directions(LATENTS[:400], labels, estimator=LinearSVC(C=0.01), **QUICK)
    assert svm.vector @ DIRECTION > 0.9
    amount = {"amount": LATENTS[:400] @ DIRECTION}
    [least] = lw.probe_directions(LATENTS[:400], amount, estimator=LinearRegression(), **QUICK)
    assert least.evidence.score == pytest.approx(1)
    with pytest.raises(lw.LatentTypeError, match="no coef_.*linear estimator"):
        lw.probe_directions(LATENTS[:400], labels, estimator=SVC(), **QUICK)
    with pytest.raises(lw.LatentValueError, match="'amount' is continuous.*Pass a regressor"):
        lw.probe_directions(LATENTS[:400], amount, estimator=LogisticRegression(), **QUICK)
    with pytest.raises(lw.LatentValueError, match="nothing was found for 'amount'"):
        lw.probe_directions(LATENTS[:400], amount, estimator=Lasso(alpha=1e6), **QUICK)
    with pytest.raises(lw.LatentTypeError, match="estimator is 'svm'"):
        lw.probe_directions(LATENTS[:400], labels, estimator="svm")


# Labels


def test_missing_labels_are_left_out_label_by_label() -> None:
    amounts = LATENTS[:, 0].copy()
    amounts[::2] = np.nan
    names = np.array(["yes", "no", None] * 700, object)[:2000]
    found = attributes_in({"amount": amounts, "answer": names}, 2000)
    assert [len(one.rows) for one in found] == [1000, 2000 - 666]
    [direction] = lw.probe_directions(LATENTS, {"amount": amounts}, **QUICK)
    assert direction.evidence.counts == {"samples": 1000}


@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        ({"a": np.ones(200, bool)}, {}, "'a' is True everywhere; a direction needs two values"),
        ({"a": np.full(200, np.nan)}, {}, "'a' has no label that is not missing"),
        ({"a": LABELS[:199]}, {}, "there are 200 latents"),
        ({"a": np.arange(200) < 1}, {}, "1 positive sample; 5 folds need 5"),
        ({"a": np.arange(200) < 3}, {}, "3 positive samples; 5 folds need 5"),
        ({"a": LABELS[:200]}, {"folds": 1}, "at least 2"),
        ({}, {}, "no labels"),
        (None, {}, "labels are None"),
        ({"a": LABELS[:200]}, {"move": "weights"}, "'pattern', 'normal'"),
        ({"a": LABELS[:200]}, {"kind": "boolean"}, "expected one of 'binary'"),
        ({"a": LABELS[:200]}, {"kind": {"b": "binary"}}, "no label. There are 'a'"),
        ({"age": LABELS[:200]}, {"kind": {"agee": "binary"}}, "Did you mean 'age'"),
        ({"": LABELS[:200]}, {}, "a label has an empty name"),
        ({"a": np.arange(200) % 3}, {"kind": "binary"}, "'a' has 3 values"),
        ({"a": np.array(["x", 1] * 100, object)}, {}, "several types"),
        ({"a": np.full(200, np.inf)}, {"kind": "continuous"}, "infinity"),
        ({"a: 1": LABELS[:200], "a": np.arange(200) % 3}, {}, "called 'a: 1'"),
    ],
)
def test_bad_labels(labels: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=message):
        lw.probe_directions(LATENTS[:200], labels, **{**QUICK, **options})


@pytest.mark.parametrize(
    ("latents", "message"),
    [
        (np.ones((200, 4)), "are the same"),
        (np.full((200, 4), np.nan), "NaN"),
        (LATENTS[:200, 0], "two or more"),
    ],
)
def test_bad_latents(latents: Any, message: str) -> None:
    with pytest.raises(lw.LatentValueError, match=message):
        lw.probe_directions(latents, {"a": LABELS[:200]}, **QUICK)


# Differences and contrasts


def test_two_selections() -> None:
    [found] = lw.difference_directions(LATENTS[LABELS], other=LATENTS[~LABELS], name="up")
    assert found.name == "up"
    assert found.vector @ DIRECTION > 0.975
    difference = LATENTS[LABELS].mean(axis=0) - LATENTS[~LABELS].mean(axis=0)
    assert np.allclose(found.vector, difference / np.linalg.norm(difference))
    middle = (LATENTS[LABELS].mean(axis=0) + LATENTS[~LABELS].mean(axis=0)) / 2
    assert found.measure(middle[None])[0] == pytest.approx(0, abs=1e-9)


def test_a_difference_may_be_named() -> None:
    labels = LABELS[:400]
    names = [
        lw.difference_directions(LATENTS[:400], given, name=name, shuffles=0, bootstraps=0).names
        for given, name in [(labels, "smile"), (labels.tolist(), "smile"), (labels, None)]
    ]
    assert names == [("smile",), ("smile",), ("label",)]
    with pytest.raises(lw.LatentValueError, match="names of their own"):
        lw.difference_directions(LATENTS[:400], {"smile": labels}, name="happy")


@pytest.mark.parametrize("name", [None, "up"])
def test_another_group_in_the_place_of_labels_is_told_of_other(name: str | None) -> None:
    pictures = np.random.default_rng(0).normal(size=(20, 1, 8, 8))
    way = r"shape of latents, \(\d+, .*\)\. .*difference_directions\(latents, other=\.\.\.\)"
    for here, there in (
        (LATENTS[LABELS], LATENTS[~LABELS]),
        (pictures[:12], pictures[12:]),
        (pictures[:10], pictures[10:]),
    ):
        assert here.shape[1:] == there.shape[1:]
        with pytest.raises(lw.LatentValueError, match=way):
            lw.difference_directions(here, there, name=name)


def test_bad_selections() -> None:
    with pytest.raises(lw.LatentValueError, match="labels, or other"):
        lw.difference_directions(LATENTS)
    with pytest.raises(lw.LatentValueError, match="expected one shape"):
        lw.difference_directions(LATENTS, other=LATENTS[:, :3])
    with pytest.raises(lw.LatentValueError, match="3 negative samples; 5 folds need 5"):
        lw.difference_directions(LATENTS, other=LATENTS[:3])
    with pytest.raises(lw.LatentValueError, match="between groups"):
        lw.difference_directions(LATENTS, {"amount": LATENTS[:, 0]})


@pytest.mark.parametrize("method", ["mean", "component"])
def test_what_pairs_have_in_common_is_found(method: str) -> None:
    rng = np.random.default_rng(0)
    before = rng.normal(size=(300, 16))
    after = before + 1.5 * DIRECTION[:16] / np.linalg.norm(DIRECTION[:16])
    after += 0.3 * rng.normal(size=after.shape)
    [found] = lw.contrast_directions(before, after, method=method)
    assert found.vector @ DIRECTION[:16] / np.linalg.norm(DIRECTION[:16]) > 0.98
    assert found.evidence.score == pytest.approx(1, abs=0.01)
    assert found.evidence.chance == pytest.approx(0.5, abs=0.05)
    assert found.evidence.warning is None


def test_pairs_without_anything_in_common_are_chance() -> None:
    rng = np.random.default_rng(0)
    [found] = lw.contrast_directions(*rng.normal(size=(2, 200, 16)))
    assert "within chance" in (found.evidence.warning or "")


def test_bad_pairs() -> None:
    with pytest.raises(lw.LatentValueError, match="expected pairs"):
        lw.contrast_directions(LATENTS[:10], LATENTS[:9])
    with pytest.raises(lw.LatentValueError, match="4 pairs; 5 folds need 5"):
        lw.contrast_directions(LATENTS[:4], LATENTS[4:8])
    with pytest.raises(lw.LatentValueError, match="'mean', 'component'"):
        lw.contrast_directions(LATENTS[:10], LATENTS[10:20], method="median")


def test_ridge_is_what_amounts_get() -> None:
    amounts = LATENTS @ DIRECTION + np.random.default_rng(0).normal(size=len(LATENTS))
    [found] = lw.probe_directions(LATENTS, {"amount": amounts}, **QUICK)
    scores = cross_val_score(Ridge(alpha=2), LATENTS, amounts, cv=5, scoring="r2")
    assert found.evidence.score == pytest.approx(scores.mean(), abs=0.02)


# Traps that were met


def test_one_attribute_that_hardly_varies_does_not_speak_for_the_others() -> None:
    rng = np.random.default_rng(0)
    rare = np.zeros(300)
    rare[:3] = [1, 2, 3]
    labels = {"rare amount": rare, "coin": rng.uniform(size=300) < 0.5}
    found = lw.probe_directions(rng.normal(size=(300, 8)), labels, bootstraps=0)
    assert np.isfinite([one.evidence.p_value for one in found]).all()  # type: ignore[arg-type]
    assert "within chance" in (found["coin"].evidence.warning or "")


def test_rare_classes_have_an_honest_chance() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(500) < 5
    p_values, chances = [], []
    for run in range(60):
        latents = rng.normal(size=(500, 8))
        [found] = lw.difference_directions(latents, {"rare": labels}, bootstraps=0, seed=run)
        p_values.append(found.evidence.p_value or 0)
        chances.append(found.evidence.chance or 0)
    assert np.mean(chances) == pytest.approx(0.5, abs=0.01)
    assert np.mean(np.array(p_values) <= 0.05) <= 0.15


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dead_and_far_latents_lead_nowhere(dtype: type[np.floating[Any]]) -> None:
    latents = LATENTS[:400, :8].copy()
    latents[:, 7] = 0.1
    near = lw.probe_directions(latents, {"a": latents[:, 0] > 0}, **QUICK)[0]
    far = lw.probe_directions((latents + 1e4).astype(dtype), {"a": latents[:, 0] > 0}, **QUICK)[0]
    assert near.readout[7] == 0
    assert abs(far.readout[7]) < 1e-9
    assert near.vector @ far.vector > 0.999
    assert far.sigma == pytest.approx(near.sigma, rel=1e-2)
    shares = [lw.pca_directions(z, 1)[0].evidence.score for z in (latents, latents + 1e4)]
    assert shares[0] == pytest.approx(shares[1], rel=1e-3)


def test_labels_far_from_zero_keep_their_digits() -> None:
    latents = LATENTS[:400].astype(np.float32)
    times = 1.7e9 + 20.0 * LATENTS[:400, 0]
    [found] = lw.probe_directions(latents, {"time": times}, **QUICK)
    assert found.evidence.score == pytest.approx(1, abs=0.01)
    assert np.abs(found.measure(latents) - times).max() < 2


def test_a_regressor_reads_two_classes() -> None:
    labels = {"a": LATENTS[:400, 0] > 0}
    [found] = lw.probe_directions(LATENTS[:400], labels, estimator=Ridge(), **QUICK)
    assert found.evidence.score is not None
    assert found.evidence.score > 0.85


def test_too_few_shuffles_tell_nothing() -> None:
    with pytest.raises(lw.LatentValueError, match="too few to tell chance"):
        lw.probe_directions(LATENTS[:200], {"a": LABELS[:200]}, shuffles=19)


def test_captums_concept_activation_vector_is_the_readout() -> None:
    data = TensorDataset(torch.from_numpy(LATENTS).float(), torch.from_numpy(LABELS).long())
    vectors = []
    for seed in range(5):
        torch.manual_seed(seed)
        np.random.seed(seed)  # which the classifier of scikit-learn beneath it draws from
        classifier = DefaultClassifier()  # what captum's CAV trains unless told otherwise
        classifier.train_and_eval(DataLoader(data, batch_size=200))
        weights = classifier.weights().numpy()
        vectors.append((weights[1] - weights[0]) / np.linalg.norm(weights[1] - weights[0]))
    # Each is fitted by stochastic descent, and ends elsewhere on each machine: their mean does not.
    cav = np.mean(vectors, axis=0)
    cav /= np.linalg.norm(cav)
    [found] = lw.probe_directions(LATENTS, {"planted": LABELS}, **QUICK)
    readout = found.readout / np.linalg.norm(found.readout)
    print(f"captum: cosine {cav @ readout:.3f}, to the truth {cav @ DIRECTION:.3f}")
    # Fitted to the same noise, it agrees with the readout better than it finds the truth.
    assert cav @ readout >= max(0.95, cav @ DIRECTION)


def test_the_logistic_regression_is_that_of_scikit_learn() -> None:
    standard = StandardScaler().fit_transform(LATENTS)
    labels = LABELS & (LATENTS[:, 0] > 0)
    penalties = (1.0, 0.1, 0.01, 0.001)
    for penalty, (weights, intercept) in zip(
        penalties, logistic(standard, labels, penalties), strict=True
    ):
        theirs = LogisticRegression(C=1 / (penalty * len(labels)), class_weight="balanced")
        theirs.fit(standard, labels)
        assert weights == pytest.approx(theirs.coef_[0], abs=0.005)
        assert intercept == pytest.approx(theirs.intercept_[0], abs=0.005)


def test_the_area_is_that_of_scikit_learn() -> None:
    measured = (LATENTS @ DIRECTION).round(1)  # some are equal
    assert auc(LABELS, measured) == pytest.approx(roc_auc_score(LABELS, measured), abs=1e-12)


def blas_threads(*, of_process: bool = False) -> list[int]:
    """Give how many threads each library of linear algebra would use now.

    Those built on OpenMP, as that of faiss, count for each thread by itself.
    """
    found = [one for one in threadpool_info() if one["user_api"] == "blas"]
    if of_process:
        found = [one for one in found if one["threading_layer"] != "openmp"]
    return [one["num_threads"] for one in found]


@pytest.mark.parametrize("size", [1, 2**22])
@pytest.mark.parametrize("tasks", [1, 2])
@pytest.mark.slow
def test_work_of_any_size_starts_no_threads_within_its_own(size: int, tasks: int) -> None:
    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        for seen in in_parallel(blas_threads, [()] * tasks, size, "counting"):
            assert set(seen) <= {1}
        assert blas_threads() == before


def test_of_limits_that_overlap_the_last_to_end_lifts_it() -> None:
    pytest.importorskip("faiss", reason="needs the extra index")  # whose library is on OpenMP
    begun, ended = threading.Event(), threading.Event()

    def other() -> None:
        with one_blas_thread():
            begun.set()
            ended.wait(20)

    with threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        thread = threading.Thread(target=other)
        with one_blas_thread():
            thread.start()
            assert begun.wait(20)
            assert set(blas_threads()) == {1}
        assert set(blas_threads(of_process=True)) == {1}, "the other is still at work"
        ended.set()
        thread.join(20)
        assert blas_threads() == before


def test_large_work_shows_its_bar_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    steps = progress([1, 2], "probes", delay=0)
    assert "0/2" in capsys.readouterr().err
    assert list(steps) == [1, 2]
