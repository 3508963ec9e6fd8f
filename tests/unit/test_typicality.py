"""`Typicality`: its tests against their definitions, its level, and what each test finds."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import chi2, kstest
from sklearn.base import clone
from sklearn.covariance import LedoitWolf
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score

import latentwidgets as lw
from latentwidgets.analysis.typicality_tests import whiteness
from tests.models import load_mnist, load_vae, models_missing

Typicality = lw.analysis.Typicality
RNG = np.random.default_rng(0)


def of_test(report: Any, name: str) -> Any:
    return next(one for one in report.tests if one.name == name)


@pytest.mark.parametrize("size", [10, pytest.param(64, marks=pytest.mark.slow)])
def test_samples_of_a_normal_prior_are_typical_at_the_level(size: int) -> None:
    prior = lw.NormalPrior(np.ones(size))
    report = Typicality(prior=prior).report(prior(np.random.default_rng(77), 2000))
    assert [one.name for one in report.tests] == ["norm", "neighbours", "whiteness"]
    print(f"{size} numbers: {report.typical.mean():.1%} of 2,000 samples are typical")
    assert 0.93 <= report.typical.mean() <= 0.97
    # One test alone keeps more than that: the level is that of all together.
    assert (of_test(report, "norm").p_values > 0.05).mean() > 0.93
    assert (np.min([one.p_values for one in report.tests], axis=0) > 0.05).mean() < 0.92


def test_of_long_latents_each_fault_is_found_and_named() -> None:
    prior = lw.NormalPrior(np.ones(512))
    judge = Typicality(prior=prior, most=2000).fit()
    own = prior(np.random.default_rng(3), 2000)
    typical = judge.report(own).typical.mean()
    print(f"512 numbers: {typical:.1%} of 2,000 samples are typical")
    assert 0.93 <= typical <= 0.97
    same = np.ones((1, 512))
    assert np.linalg.norm(same) == pytest.approx(np.sqrt(512))
    turns = np.resize([1.0, -1.0], (1, 512))
    found = judge.report(np.concatenate([same, -same, turns]))
    for name, why in zip(("all 1", "all -1", "1 and -1 in turn"), found.words, strict=True):
        print(f"constant vector, {name}: {why}")
    assert found.failed == ("whiteness",) * 3
    assert (of_test(found, "norm").p_values > 0.9).all()
    middles = judge.report((own[:100] + own[100:200]) / 2)
    truncated = judge.report(prior(np.random.default_rng(4), 100, truncation=0.3))
    for name, report in (("midpoints of lerp", middles), ("truncation 0.3", truncated)):
        print(f"{name}: {(~report.typical).sum()} of 100 are atypical, by", *{*report.failed})
        assert set(report.failed) == {"norm"}
        assert report.words[0] == "rarer than any of 2,000: too near the middle of the space"
    long = judge.report(1.3 * own[:10])
    assert set(long.failed) <= {"norm", "neighbours"}
    assert not long.typical.any()


def test_norms_have_the_p_values_of_the_chi_distribution() -> None:
    prior = lw.NormalPrior(np.full(64, 2.0), mean=3.0)
    latents = prior(np.random.default_rng(5), 500)
    norm = of_test(Typicality(prior=prior).report(latents), "norm")
    np.testing.assert_allclose(norm.values, np.linalg.norm(latents - 3, axis=1), rtol=1e-6)
    low = chi2.cdf((norm.values / 2) ** 2, 64)
    np.testing.assert_allclose(norm.p_values, 2 * np.minimum(low, 1 - low), atol=0.06)
    assert norm.middle == pytest.approx(2 * np.sqrt(chi2.ppf(0.5, 64)), rel=0.01)


def test_unequal_variances_have_a_mahalanobis_distance() -> None:
    scale = np.linspace(0.1, 5, 20)
    prior = lw.NormalPrior(scale)
    latents = prior(np.random.default_rng(6), 50)
    latents[0] = 0
    latents[0, 0] = 1.2  # ten sigmas of its entry, and a norm that many latents have
    found = Typicality(prior=prior, most=2000).report(latents)
    values = of_test(found, "mahalanobis").values
    np.testing.assert_allclose(values, np.linalg.norm(latents / scale, axis=1), rtol=1e-5)
    whites = of_test(found, "whiteness").values
    np.testing.assert_allclose(whites, whiteness(latents / scale), rtol=1e-5, atol=1e-9)


def test_statistics_of_data_are_those_of_their_definitions() -> None:
    mixed = RNG.normal(size=(6, 6)) + 2 * np.eye(6)
    data = (RNG.normal(size=(400, 6)) @ mixed).astype(np.float32) + 5
    others = (RNG.normal(size=(30, 6)) @ mixed).astype(np.float32) + 5
    found = Typicality(neighbours=4).fit(data).report(others)
    assert [one.name for one in found.tests] == ["norm", "mahalanobis", "neighbours"]
    exact, wide = others.astype(np.float64), data.astype(np.float64)
    norms = np.linalg.norm(exact - wide.mean(axis=0), axis=1)
    np.testing.assert_allclose(of_test(found, "norm").values, norms, rtol=1e-5)
    units = wide.std(axis=0)
    model = LedoitWolf().fit(wide / units)
    np.testing.assert_allclose(
        of_test(found, "mahalanobis").values, np.sqrt(model.mahalanobis(exact / units)), rtol=1e-5
    )
    gaps = np.sort(cdist(exact, wide), axis=1)
    np.testing.assert_allclose(
        of_test(found, "neighbours").values, gaps[:, :4].mean(axis=1), rtol=1e-5
    )
    # Ordinary latents have their distances without themselves.
    own = np.sort(np.sort(cdist(wide, wide), axis=1)[:, 1:5].mean(axis=1))
    np.testing.assert_allclose(of_test(found, "neighbours").reference, own, rtol=1e-5)


def test_what_was_fitted_to_is_not_more_typical_than_what_was_not() -> None:
    typical, near = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        mixed = rng.normal(size=(30, 30)) * np.geomspace(1, 100, 30)
        report = (
            Typicality()
            .fit(rng.normal(size=(60, 30)) @ mixed)
            .report(rng.normal(size=(500, 30)) @ mixed)
        )
        typical.append(report.typical.mean())
        one = of_test(report, "mahalanobis")
        near.append((one.values < one.middle).mean())
    assert 0.9 <= np.mean(typical) <= 0.98
    assert 0.4 <= np.mean(near) <= 0.65


def test_whiteness_is_the_test_of_the_cumulative_periodogram() -> None:
    for size in (9, 12):
        latents = RNG.normal(size=(20, size))
        latents[:5] += np.arange(size) / 4
        frequencies = sorted(range(size), key=lambda i: min(i, size - i))
        waves = [np.exp(2j * np.pi * i * np.arange(size) / size) for i in frequencies]
        for latent, value in zip(latents, whiteness(latents), strict=True):
            power = np.array([abs((latent * wave).sum()) ** 2 for wave in waves])
            shares = np.cumsum(power) / power.sum()
            even = np.arange(1, size + 1) / size
            assert value == pytest.approx(np.abs(shares - even).max(), rel=1e-9)
    assert whiteness(np.zeros((1, 8))).tolist() == [pytest.approx(1)]


@pytest.mark.parametrize("size", [8, 64, 512])
def test_around_zero_entries_that_depend_on_each_other_are_ordinary(size: int) -> None:
    judge = lw.analysis.Typicality(prior=lw.NormalPrior(np.ones(size)), around_zero=True, most=1000)
    found = judge.report(np.ones((5, size)) * [[0], [1e-6], [0.01], [0.2], [9]])
    assert found.p_values[0] == 1
    assert found.typical.tolist() == [True, True, True, True, False]
    assert "whiteness" not in judge.tests_
    plain = lw.analysis.Typicality(prior=lw.NormalPrior(np.ones(size)), most=1000)
    assert not plain.report(np.ones((1, size))).typical[0]


def test_whiteness_sees_smooth_noise_and_not_the_norm() -> None:
    prior = lw.NormalPrior(np.ones((1, 16, 16)))
    noise = prior(np.random.default_rng(8), 50)
    smooth = noise + np.roll(noise, 1, axis=-1)
    smooth *= np.sqrt(256) / np.sqrt((smooth**2).sum(axis=(1, 2, 3), keepdims=True))
    judge = Typicality(prior=prior, most=2000)
    assert set(judge.report(smooth).failed) == {"whiteness"}
    exact = noise.astype(np.float64)
    np.testing.assert_allclose(whiteness(exact), whiteness(7 * exact))


def test_p_values_of_ordinary_latents_are_uniform() -> None:
    prior = lw.NormalPrior(np.ones(12))
    report = Typicality(prior=prior).report(prior(np.random.default_rng(9), 2000))
    assert kstest(report.p_values, "uniform").pvalue > 0.001
    np.testing.assert_allclose(report.percentiles, 100 - 100 * report.p_values)


def test_it_is_an_estimator() -> None:
    judge = Typicality(neighbours=3, level=0.1, seed=4)
    assert judge.get_params() == {
        "prior": None,
        "around_zero": None,
        "neighbours": 3,
        "level": 0.1,
        "most": 10_000,
        "seed": 4,
    }
    data = RNG.normal(size=(200, 2, 3))
    assert clone(judge).set_params(most=25).fit(data).n_reference_ == 25
    fitted = clone(judge).fit(data)
    assert (fitted.latent_shape_, fitted.n_reference_) == ((2, 3), 200)
    assert fitted.tests_ == ("norm", "mahalanobis", "neighbours")
    with pytest.raises(NotFittedError, match=r"Call fit\(latents\) first"):
        judge.report(data)
    far = np.concatenate([data[:1] * 0 + data.mean(axis=0) + 0.7, data[:1] + 50])
    assert fitted.predict(far).tolist() == [1, -1]
    scores = fitted.score_samples(far)
    assert scores[0] > 0.1 >= scores[1]
    np.testing.assert_array_equal(scores, clone(judge).fit(data).score_samples(far))


def test_a_space_stands_for_its_prior(space: lw.LatentSpace) -> None:
    found = Typicality(prior=space, most=500).report(space.sample(3, seed=8))
    assert [one.name for one in found.tests] == ["norm", "neighbours"]  # too short for whiteness

    def ring(rng: np.random.Generator, n: int) -> Any:
        angles = rng.uniform(0, 2 * np.pi, n)
        return np.stack([np.cos(angles), np.sin(angles)], axis=1)

    judge = Typicality(prior=ring, most=1000)
    found = judge.report([[1.0, 0.0], [0.0, 0.0]])
    assert found.typical.tolist() == [True, False]
    assert [one.name for one in found.tests] == ["norm", "mahalanobis", "neighbours"]


def test_a_column_that_never_varied_counts_where_it_does() -> None:
    data = np.concatenate([RNG.normal(size=(500, 4)), np.ones((500, 1))], axis=1)
    odd = np.array([[0.7, 0.7, 0.7, 0.7, 1.0], [0.7, 0.7, 0.7, 0.7, 2.0]])
    found = Typicality().fit(data).report(odd)
    assert found.failed == (None, "mahalanobis")


@pytest.mark.parametrize("around_zero", [False, True])
@pytest.mark.parametrize("n", [20, 60, 300])
def test_what_a_column_hardly_ever_leaves_is_odd_whatever_its_unit(
    n: int, around_zero: bool
) -> None:
    rng = np.random.default_rng(n)
    plain, others = rng.normal(size=(n, 6)), rng.normal(size=(200, 6))
    unit = np.array([1e4, 1, 1, 1, 1e-2, 1e-7])
    judge = Typicality(around_zero=around_zero)
    ordinary = judge.fit(plain * unit).report(others * unit)
    assert ordinary.typical.mean() > 0.7
    away = others.copy()
    away[:, 4] += 30
    report = judge.report(away * unit)
    assert not report.typical.any()
    if not around_zero:
        plain[:, 4] = others[:, 4] = 3.0
        judge.fit(plain)
        away = others + np.eye(6)[4] * 0.1
        assert judge.report(others).typical.mean() > 0.7
        assert not judge.report(away).typical.any()


def test_a_report_is_shown_drawn_and_written() -> None:
    prior = lw.NormalPrior(np.ones(64))
    report = Typicality(prior=prior, most=200).report(np.ones((60, 64)))
    written = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert written["failed"] == ["whiteness"] * 60
    assert written["words"] == [*report.words]
    assert written["percentiles"] == report.percentiles.tolist()
    assert written["tests"][0].keys() == {"name", "values", "p_values", "middle", "interval"}
    table = report._repr_html_()
    assert table.count("<tr") == 51
    assert "10 more latents are not shown" in table
    assert "60 of 60 latents are atypical; of ordinary latents, 5% would be" in table
    axes = report.plot().axes
    assert [one.get_xlabel() for one in axes] == ["norm", "neighbours", "whiteness"]
    assert len(axes[0].lines) == 50


@pytest.mark.parametrize(
    ("options", "latents", "words"),
    [
        ({}, None, "fit got neither latents nor a prior"),
        ({"prior": lw.NormalPrior(np.ones(3))}, np.ones((30, 3)), "both latents and a prior"),
        ({"neighbours": 30}, RNG.normal(size=(31, 3)), "31 latents.* or neighbours=29 or less"),
        (
            {},
            RNG.normal(size=(12, 3)),
            "there are 12 latents.*at least 20.*Pass more ordinary ones.$",
        ),
        (
            {"most": 100, "neighbours": 200},
            RNG.normal(size=(500, 3)),
            "there are 100 latents.* Pass most=202 or more, or neighbours=98 or less.$",
        ),
        (
            {"most": 100, "neighbours": 600},
            RNG.normal(size=(500, 3)),
            "Pass more ordinary ones and most=602 or more, or neighbours=98 or less.$",
        ),
        (
            {"prior": lw.NormalPrior(np.ones(3)), "most": 100, "neighbours": 200},
            None,
            "Pass most=202 or more, or neighbours=98 or less.$",
        ),
        pytest.param(
            {"prior": lw.NormalPrior(np.ones(2**22)), "neighbours": 200},
            None,
            "there are 20 latents.* Pass neighbours=18 or less.$",
            marks=pytest.mark.slow,
        ),
        ({}, np.ones((30, 3)), "all 30 latents are the same"),
        ({}, RNG.normal(size=30), r"shape \(30,\); expected several"),
        ({}, np.full((30, 3), np.nan), "NaN or infinity"),
        ({"prior": 5}, None, "prior is 5; expected a space, or a function"),
        ({"level": 2}, RNG.normal(size=(30, 3)), "level is 2; expected a number from 0 to 1"),
        ({"neighbours": 0}, RNG.normal(size=(30, 3)), "neighbours is 0; expected at least 1"),
    ],
)
def test_what_cannot_be_fitted_is_refused(options: Any, latents: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        Typicality(**options).fit(latents)


def test_what_cannot_be_judged_is_refused() -> None:
    judge = Typicality().fit(RNG.normal(size=(30, 3)))
    with pytest.raises(lw.LatentValueError, match=r"this space takes latents of shape \(3,\)"):
        judge.report(np.ones((2, 4)))
    with pytest.raises(lw.LatentTypeError, match="Did you mean 'neighbours'"):
        Typicality(neighbors=3)  # type: ignore[call-arg]


@pytest.mark.skipif(bool(models_missing), reason=models_missing)
@pytest.mark.slow
def test_a_digit_that_was_left_out_is_far_from_its_neighbours() -> None:
    import torch

    images, digits = load_mnist()
    with torch.no_grad():
        pixels = torch.from_numpy(images[:, None] / np.float32(255))
        latents = load_vae("mnist_btcvae").encode(pixels)[0].numpy()
    half = np.random.default_rng(0).permutation(len(latents)) < len(latents) // 2
    areas: dict[str, list[float]] = {}
    for digit in range(10):
        judge = Typicality().fit(latents[half & (digits != digit)])
        kept = ~half | (digits == digit)
        report = judge.report(latents[kept])
        scores = {one.name: one.values for one in report.tests} | {"all": -report.p_values}
        for name, score in scores.items():
            areas.setdefault(name, []).append(roc_auc_score(digits[kept] == digit, score))
    for name, found in areas.items():
        print(f"AUC, {name}: mean {np.mean(found):.3f};", *(f"{one:.2f}" for one in found))
    assert max(np.mean(found) for found in areas.values()) >= 0.83


class Source:
    """Is no space, and has what one draws latents by."""

    latent_shape = (3,)

    def sample(self, n: int, seed: int = 0) -> Any:
        return np.random.default_rng(seed).normal(size=(n, *self.latent_shape))


def test_what_draws_latents_as_a_space_does_is_a_prior_and_a_stand_in_is_none() -> None:
    found = Typicality(prior=Source(), most=300).fit()
    assert found.latent_shape_ == (3,)
    with pytest.raises(lw.LatentTypeError, match="prior"):
        Typicality(prior=mock.MagicMock()).fit()
    source = Source()
    source.latent_shape = (4,)
    source.sample = lambda n, seed=0: np.zeros((n, 3))  # type: ignore[method-assign]
    with pytest.raises(lw.LatentValueError, match="samples of the prior"):
        Typicality(prior=source).fit()
