"""Each number of evidence beside an independent computation of it, written plainly here.

Scores are scikit-learn's `cross_val_score`, p-values its `permutation_test_score` or a permutation
test over all attributes, stability a bootstrap; for two classes, several classes and amounts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import f, kstest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.model_selection import (
    KFold,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
    permutation_test_score,
)
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import latentwidgets as lw
from latentwidgets.directions.chance import corrected_p_values, shuffle_labels, shuffled_scores
from latentwidgets.directions.linear import choose_penalty, fit_readouts, ridge_weights
from latentwidgets.directions.samples import Data
from latentwidgets.directions.scoring import splits_of, warning_for

RNG = np.random.default_rng(4)
Z = RNG.normal(size=(120, 5)) * [1, 2, 1, 0.5, 1]
WEAK = Z[:, 0] + 3.0 * RNG.normal(size=120)
BINARY = WEAK > 0.8  # 42 of 120: classes of two sizes
CLASSES = np.array(["a", "b", "c"])[np.digitize(WEAK, [-1.5, 1.5])]
STRONG = Z[:, 1] + 0.5 * RNG.normal(size=120)
FOLDS = StratifiedKFold(5, shuffle=True, random_state=0)
AMOUNT_FOLDS = KFold(5, shuffle=True, random_state=0)


def evidence(found: lw.Directions, which: int = 0) -> Any:
    return found[which].evidence


def one_of(labels: Any) -> list[tuple[str, Any]]:
    """Give each class as a label of its own."""
    return [(f"label: {one}", labels == one) for one in np.unique(labels)]


CASES = [("label", BINARY), *one_of(CLASSES)]


@pytest.mark.parametrize(("name", "truth"), CASES)
def test_the_score_of_classes_is_cross_validated_as_scikit_learn_does(
    name: str, truth: Any
) -> None:
    labels = BINARY if name == "label" else CLASSES
    model = LogisticRegression(C=0.3, class_weight="balanced")
    found = lw.probe_directions(Z, labels, estimator=model, shuffles=0, bootstraps=0)
    pipeline = make_pipeline(StandardScaler(), model)
    # A readout says yes above 0, and so does scikit-learn.
    scores = cross_val_score(pipeline, Z, truth, cv=FOLDS, scoring="balanced_accuracy")
    areas = cross_val_score(pipeline, Z, truth, cv=FOLDS, scoring="roc_auc")
    mine = found[name].evidence
    assert mine.score == pytest.approx(scores.mean(), abs=1e-9)
    assert mine.spread == pytest.approx(scores.std(), abs=1e-9)
    assert mine.auc == pytest.approx(areas.mean(), abs=1e-9)
    assert mine.score_name == "balanced accuracy"
    assert mine.counts == {"positive": truth.sum(), "negative": (~truth).sum()}


@pytest.mark.parametrize("amounts", [STRONG, -7 * STRONG + 1000, WEAK])
def test_the_score_of_amounts_is_cross_validated_as_scikit_learn_does(amounts: Any) -> None:
    found = lw.probe_directions(Z, amounts, estimator=Ridge(3.0), shuffles=0, bootstraps=0)
    scores = cross_val_score(
        make_pipeline(StandardScaler(), Ridge(3.0)), Z, amounts, cv=AMOUNT_FOLDS, scoring="r2"
    )
    assert evidence(found).score == pytest.approx(scores.mean(), abs=1e-9)
    assert evidence(found).spread == pytest.approx(scores.std(), abs=1e-9)
    assert evidence(found).auc is None
    assert evidence(found).counts == {"samples": 120}


@pytest.mark.parametrize(("name", "truth"), CASES)
def test_the_score_of_a_difference_is_that_of_the_nearest_mean(name: str, truth: Any) -> None:
    labels = BINARY if name == "label" else CLASSES
    found = lw.difference_directions(Z, labels, shuffles=0, bootstraps=0)
    predicted = [
        (truth[test], NearestCentroid().fit(Z[train], truth[train]).predict(Z[test]))
        for train, test in FOLDS.split(Z, truth)
    ]
    scores = [balanced_accuracy_score(*pair) for pair in predicted]
    assert found[name].evidence.score == pytest.approx(np.mean(scores), abs=1e-9)
    assert found[name].evidence.spread == pytest.approx(np.std(scores), abs=1e-9)
    areas = []
    for train, test in FOLDS.split(Z, truth):
        step = Z[train][truth[train]].mean(axis=0) - Z[train][~truth[train]].mean(axis=0)
        areas.append(roc_auc_score(truth[test], Z[test] @ step))
    assert found[name].evidence.auc == pytest.approx(np.mean(areas), abs=1e-9)


@pytest.mark.parametrize("drawn", [100, pytest.param(600, marks=pytest.mark.slow)])
def test_chance_and_p_value_of_classes_are_those_of_a_permutation_test(drawn: int) -> None:
    mine = evidence(lw.probe_directions(Z, BINARY, shuffles=999, bootstraps=0))
    model = make_pipeline(StandardScaler(), LinearDiscriminantAnalysis(priors=[0.5, 0.5]))
    _, shuffled, p_value = permutation_test_score(
        *(model, Z, BINARY),
        cv=FOLDS,
        scoring="balanced_accuracy",
        n_permutations=drawn,
        random_state=1,
    )
    # The best of four penalties scores a little more than one alone, by chance too.
    assert shuffled.mean() - 0.005 < mine.chance < shuffled.mean() + 0.03
    assert mine.p_value == pytest.approx(p_value, abs=0.05)


STANDARD = (Z - Z.mean(axis=0)) / Z.std(axis=0)


def best_r_squared(amounts: Any, splits: Any) -> float:
    """Score ridge regressions, relative to the variance of all amounts; give the best of four."""
    best = []
    for penalty in (1.0, 0.1, 0.01, 0.0001):
        scores = []
        for train, test in splits:
            model = Ridge(penalty * len(train)).fit(STANDARD[train], amounts[train])
            missed = ((amounts[test] - model.predict(STANDARD[test])) ** 2).mean()
            scores.append(1 - missed / amounts.var())
        best.append(np.mean(scores))
    return float(max(best))


@pytest.mark.parametrize(
    "amounts",
    [
        WEAK,
        pytest.param(STRONG, marks=pytest.mark.slow),
        pytest.param(RNG.normal(size=120), marks=pytest.mark.slow),
    ],
)
def test_chance_and_p_value_of_amounts_are_those_of_a_permutation_test(amounts: Any) -> None:
    drawn = int(np.random.default_rng(0).integers(2**31))
    splits = list(KFold(5, shuffle=True, random_state=drawn).split(Z))
    own = best_r_squared(amounts, splits)
    assert shuffled_scores(Z, amounts, 5, 99, 0)[0] == pytest.approx(own, abs=1e-9)
    by_chance = []
    for _ in range(150):
        shuffled = amounts.copy()
        for _, test in splits:  # within folds, as the package says that it does
            shuffled[test] = RNG.permutation(shuffled[test])
        by_chance.append(best_r_squared(shuffled, splits))
    mine = evidence(lw.probe_directions(Z, amounts, shuffles=999, bootstraps=0))
    assert mine.chance == pytest.approx(np.mean(by_chance), abs=0.012)
    expected = (1 + sum(one >= own for one in by_chance)) / 151
    assert mine.p_value == pytest.approx(expected, abs=0.12 if expected > 0.1 else 0.02)


def test_p_values_of_amounts_agree_with_an_f_test() -> None:
    design = np.column_stack([np.ones(120), Z])
    for amounts in (WEAK, STRONG):
        residual = np.linalg.lstsq(design, amounts, rcond=None)[1][0]
        explained = 1 - residual / ((amounts - amounts.mean()) ** 2).sum()
        exact = f.sf(explained / 5 / ((1 - explained) / 114), 5, 114)
        mine = evidence(lw.probe_directions(Z, amounts, bootstraps=0))
        assert (mine.p_value <= 0.05) == (exact <= 0.05)


def test_p_values_of_noise_are_uniform() -> None:
    labels = {f"noise {i}": RNG.normal(size=120) for i in range(60)}
    found = [
        lw.probe_directions(Z, {name: values}, shuffles=99, bootstraps=0)[0].evidence.p_value
        for name, values in labels.items()
    ]
    assert kstest(np.array(found, float), "uniform").pvalue > 0.01


def test_p_values_over_several_attributes_are_those_of_the_largest_of_all() -> None:
    table = RNG.normal(size=(3, 200)) * [[1], [5], [0.1]] + [[0], [7], [2]]
    table[0, 0], table[1, 0], table[2, 0] = 2.0, 7.0, 2.05
    found = corrected_p_values(list(table))
    for row, p_value in zip(table, found, strict=True):
        nulls = (table[:, 1:] - table[:, 1:].mean(axis=1, keepdims=True)) / table[:, 1:].std(
            axis=1, keepdims=True
        )
        own = (row[0] - row[1:].mean()) / row[1:].std()
        as_good = sum(max(nulls[:, i]) >= own for i in range(199))
        assert p_value == (1 + as_good) / 200


def test_a_chance_score_that_is_exactly_as_good_counts() -> None:
    assert corrected_p_values([np.array([1.0, 1.0, 1.0, 0.0, 0.0])]) == [3 / 5]
    assert corrected_p_values([np.array([0.0, 1.0, 2.0, 3.0])]) == [1.0]
    assert corrected_p_values([np.array([4.0, 1.0, 2.0, 3.0])]) == [1 / 4]


def cosines(find: Any, values: Any, groups: list[Any]) -> list[float]:
    """Give cosines to bootstrap samples, as many of each group as there are."""
    rng = np.random.default_rng(0)
    own = find(Z, values)
    found = []
    for _ in range(20):
        rows = np.concatenate([rng.choice(group, len(group)) for group in groups])
        other = find(Z[rows], values[rows])
        found.append(own @ other / np.linalg.norm(own) / np.linalg.norm(other))
    return found


def test_stability_is_the_mean_cosine_to_bootstrap_samples() -> None:
    def difference(latents: Any, truth: Any) -> Any:
        return latents[truth].mean(axis=0) - latents[~truth].mean(axis=0)

    groups = [np.flatnonzero(BINARY), np.flatnonzero(~BINARY)]
    mine = evidence(lw.difference_directions(Z, BINARY, shuffles=0, bootstraps=20))
    expected = cosines(difference, BINARY, groups)
    assert mine.stability == pytest.approx(np.mean(expected), abs=1e-9)

    def pattern(latents: Any, values: Any) -> Any:
        standard = StandardScaler().fit(latents)
        model = Ridge(5.0).fit(standard.transform(latents), values)
        return np.cov(latents.T) @ (model.coef_ / standard.scale_)

    mine = evidence(lw.probe_directions(Z, WEAK, estimator=Ridge(5.0), shuffles=0, bootstraps=20))
    assert mine.stability == pytest.approx(
        np.mean(cosines(pattern, WEAK, [np.arange(120)])), abs=1e-6
    )


def test_the_score_chance_and_p_value_of_pairs() -> None:
    before = Z[:60]
    after = before + [0.3, 0, 0, 0, 0] + RNG.normal(size=(60, 5))
    mine = evidence(lw.contrast_directions(before, after, shuffles=999, bootstraps=0))
    steps, splits = after - before, list(AMOUNT_FOLDS.split(before))

    def score(signs: Any) -> float:
        turned = steps * signs[:, None]
        return float(
            np.mean([(turned[te] @ turned[tr].mean(axis=0) > 0).mean() for tr, te in splits])
        )

    own = score(np.ones(60))
    by_chance = np.array([score(RNG.choice([-1, 1], 60)) for _ in range(999)])
    assert mine.score == pytest.approx(own, abs=1e-9)
    assert mine.chance == pytest.approx(by_chance.mean(), abs=0.02)
    assert mine.p_value == pytest.approx((1 + (by_chance >= own).sum()) / 1000, abs=0.03)


def test_a_probes_own_penalty_scores_no_worse_than_any_fixed_one_by_much() -> None:
    mine = evidence(lw.probe_directions(Z, STRONG, shuffles=0, bootstraps=0))
    fixed = [
        cross_val_score(
            make_pipeline(StandardScaler(), Ridge(96 * penalty)), Z, STRONG, cv=AMOUNT_FOLDS
        ).mean()
        for penalty in (1.0, 0.1, 0.01, 0.001, 0.0001)
    ]
    assert min(fixed) - 1e-6 <= mine.score <= max(fixed) + 1e-6
    assert mine.score > max(fixed) - 0.02


def test_predictions_out_of_fold_are_the_readouts() -> None:
    predicted = cross_val_predict(
        make_pipeline(StandardScaler(), Ridge(3.0)), Z, STRONG, cv=AMOUNT_FOLDS
    )
    folds = [
        1
        - ((STRONG[te] - predicted[te]) ** 2).sum() / ((STRONG[te] - STRONG[te].mean()) ** 2).sum()
        for _, te in AMOUNT_FOLDS.split(Z)
    ]
    found = lw.probe_directions(Z, STRONG, estimator=Ridge(3.0), shuffles=0, bootstraps=0)
    assert evidence(found).score == pytest.approx(np.mean(folds), abs=1e-9)


@pytest.mark.parametrize(
    "find",
    [
        lambda z, strong: lw.probe_directions(z, strong, shuffles=99, bootstraps=0),
        lambda z, strong: lw.probe_directions(z, strong > 0, shuffles=99, bootstraps=0),
        lambda z, strong: lw.difference_directions(z, strong > 0, shuffles=99, bootstraps=0),
        lambda z, strong: lw.contrast_directions(
            z, z + [0, 0, 9, 0, 0] + 0.1 * strong[:, None], shuffles=99, bootstraps=0
        ),
        lambda z, strong: lw.score_directions(
            lw.Direction("second", [0, 1, 0, 0, 0]), z, strong, shuffles=99
        ),
    ],
)
def test_the_least_p_value_of_the_fewest_shuffles_is_believed(find: Any) -> None:
    found = evidence(find(Z, STRONG))
    assert found.p_value == 1 / 100
    assert found.warning is None


@pytest.mark.parametrize("method", ["mean", "component"])
def test_a_contrast_is_the_mean_of_the_steps_or_their_first_component(method: str) -> None:
    steps = RNG.normal(size=(60, 5)) * [0.1, 5, 1, 1, 1] - [3, 0.5, 0, 0, 0]
    [found] = lw.contrast_directions(Z[:60], Z[:60] + steps, method=method, shuffles=0)
    mean = steps.mean(axis=0)
    expected = mean
    if method == "component":
        expected = np.linalg.svd(steps)[2][0]
        expected = expected * np.sign(expected @ mean)
    assert np.allclose(found.vector, expected / np.linalg.norm(expected), atol=1e-6)


def test_a_slider_of_a_contrast_leads_from_one_of_a_pair_to_the_other_and_beyond() -> None:
    [found] = lw.contrast_directions(Z[:60], Z[:60] + [20.0, 0, 0, 0, 0], shuffles=0)
    assert 20 / found.sigma == pytest.approx(2, rel=0.05)
    assert found.limits == (-3, 3)
    far = np.zeros((60, 5))
    far[0, 0] = 200.0
    [wide] = lw.contrast_directions(Z[:60], Z[:60] + [20.0, 0, 0, 0, 0] + far, shuffles=0)
    assert wide.limits[0] == -3
    assert wide.limits[1] > 3, "as far as the latents lie"


def test_a_class_of_which_only_one_is_left_to_learn_from() -> None:
    truth = np.arange(120) < 2
    found = lw.difference_directions(Z, truth, folds=2, shuffles=0, bootstraps=0)
    halves = StratifiedKFold(2, shuffle=True, random_state=0).split(Z, truth)
    scores = []
    for train, test in halves:
        predicted = NearestCentroid().fit(Z[train], truth[train]).predict(Z[test])
        scores.append(balanced_accuracy_score(truth[test], predicted))
    assert evidence(found).score == pytest.approx(np.mean(scores), abs=1e-9)


def best_accuracy(latents: Any, truth: Any, splits: Any) -> float:
    """Score ridged linear discriminants of two classes of one weight; give the best of four."""
    best = []
    for penalty in (1.0, 0.1, 0.01, 0.0001):
        scores = []
        for train, test in splits:
            known = latents[train]
            yes, no = (known[truth[train] == one].mean(axis=0) for one in (True, False))
            spread = (len(train) - 1) * np.cov(known.T) + penalty * len(train) * np.eye(5)
            predicted = (latents[test] - (yes + no) / 2) @ np.linalg.solve(spread, yes - no) > 0
            scores.append(balanced_accuracy_score(truth[test], predicted))
        best.append(np.mean(scores))
    return float(max(best))


@pytest.mark.parametrize("positive", [WEAK > 0.8, WEAK > 3.0, Z[:, 1] > 2])
def test_what_chance_is_compared_with_is_the_best_of_four_discriminants(positive: Any) -> None:
    drawn = int(np.random.default_rng(0).integers(2**31))
    splits = list(StratifiedKFold(5, shuffle=True, random_state=drawn).split(Z, positive))
    latents = STANDARD + [50, 0, 0, -20, 0]
    own = shuffled_scores(latents, positive, 5, 99, 0)
    assert own[0] == pytest.approx(best_accuracy(latents, positive, splits), abs=1e-9)
    shuffled = shuffle_labels(latents, positive, 5, 99, np.random.default_rng(0))[3]
    for column in (1, 50, 99):
        truth = shuffled[:, column] > 0
        assert own[column] == pytest.approx(best_accuracy(latents, truth, splits), abs=1e-9)


@pytest.mark.parametrize("rare", [12_000, 900])
def test_of_very_many_samples_half_of_either_class_are_shuffled(rare: int) -> None:
    truth = np.arange(26_000) < rare
    rows = np.arange(26_000.0)[:, np.newaxis]
    kept, values, splits, labels = shuffle_labels(rows, truth, 5, 2, np.random.default_rng(0))
    assert (values.sum(), (~values).sum()) == (min(rare, 10_000), 10_000)
    assert len(np.unique(kept)) == len(kept)
    assert np.array_equal(truth[kept[:, 0].astype(int)], values)
    assert np.array_equal(labels[:, 0], values)
    for _, test in splits:  # every fold keeps as many of each class
        assert np.ptp(labels[test].sum(axis=0)) == 0
    assert (labels[:, 1] != labels[:, 0]).any()
    assert (labels[:, 2] != labels[:, 1]).any()


def test_of_very_many_amounts_as_many_are_shuffled() -> None:
    amounts = np.arange(26_000.0)
    kept, values, _, labels = shuffle_labels(
        amounts[:, np.newaxis], amounts, 5, 1, np.random.default_rng(0)
    )
    assert len(np.unique(kept)) == 20_000
    assert np.array_equal(kept[:, 0], values)
    assert np.array_equal(np.sort(labels[:, 1]), np.sort(values))


def test_a_persons_own_penalty_is_in_the_units_of_the_labels() -> None:
    amounts = 40 * STRONG
    found = lw.probe_directions(Z, amounts, estimator=Lasso(15.0), shuffles=0, bootstraps=0)
    model = make_pipeline(StandardScaler(), Lasso(15.0)).fit(Z, amounts)
    assert np.allclose(found[0].measure(Z), model.predict(Z), atol=1e-3)
    scores = cross_val_score(model, Z, amounts, cv=AMOUNT_FOLDS)
    assert evidence(found).score == pytest.approx(scores.mean(), abs=1e-6)


@pytest.mark.parametrize("count", [3, 5, 60])
def test_many_ridge_regressions_at_once_are_those_of_scikit_learn(count: int) -> None:
    rows = Z[:count] - Z[:count].mean(axis=0)
    targets = RNG.normal(size=(count, 4))
    targets -= targets.mean(axis=0)
    for penalty, weights in zip(
        (1.0, 0.01), ridge_weights(rows, targets, (1.0, 0.01)), strict=True
    ):
        model = Ridge(penalty * count, fit_intercept=False).fit(rows, targets)
        assert np.allclose(weights, model.coef_.T, atol=1e-8)


def test_evidence_is_doubted_just_beyond_each_limit() -> None:
    assert warning_for(0.6, chance=None, stability=0.8, fewest=20, what="samples") is None
    assert warning_for(stability=None, fewest=20, what="samples") is None
    doubts = {
        "Scores 0.60, and shuffled labels 0.50 on average: within chance.": (0.6, 0.5, 0.8, 20),
        "Changes from sample to sample (stability 0.79).": (0.6, None, 0.79, 20),
        "Rests on only 19 samples.": (0.6, None, 0.8, 19),
        "Scores 0.00, and shuffled labels 0.00 on average: within chance; rests on only 2 samples; "
        "changes from sample to sample (stability 0.10).": (-0.001, -0.002, 0.1, 2),
    }
    for words, (score, chance, stability, fewest) in doubts.items():
        found = warning_for(
            score, chance=chance, stability=stability, fewest=fewest, what="samples"
        )
        assert found == words


def test_what_is_within_chance_says_how_near_it_was() -> None:
    rng = np.random.default_rng(0)
    before = rng.normal(size=(6, 4))
    found = lw.contrast_directions(before, before + [1.0, 0, 0, 0], shuffles=199)[0]
    warning = found.evidence.warning or ""
    p_value = found.evidence.p_value
    assert p_value is not None
    assert p_value > 0.01
    assert f"pairs turned at random {found.evidence.chance:.2f} on average" in warning
    assert f"within chance (p = {p_value:.2g}; beyond chance is 0.01)" in warning


def test_where_folds_choose_different_penalties_the_probe_has_the_strongest() -> None:
    rng = np.random.default_rng(0)
    differed = 0
    for _ in range(6):
        latents = rng.normal(size=(40, 8))
        amounts = latents[:, 0] + rng.normal(size=40)
        rows = Data(latents).rows
        chosen = [
            choose_penalty(rows[train], amounts[train], 0) for train, _ in splits_of(amounts, 2, 0)
        ]
        differed += len(set(chosen)) > 1
        [found] = lw.probe_directions(latents, amounts, folds=2, shuffles=0, bootstraps=0)
        [expected] = fit_readouts(rows, amounts, penalties=[max(chosen)])
        readout, weights = found.readout, expected.weights
        cosine = readout @ weights / np.linalg.norm(readout) / np.linalg.norm(weights)
        assert cosine == pytest.approx(1, abs=1e-6)
    assert differed
