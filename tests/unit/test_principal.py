"""Principal components: exact, or with a measured error; and which of them are told apart."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

import latentwidgets as lw
from latentwidgets.directions import principal
from latentwidgets.directions.principal import alike, principal_components
from latentwidgets.routes.projection import project

RNG = np.random.default_rng(1)
SHAPES = [(1000, 512), (300, 700), (5000, 40), (60, 20), (9, 9)]


def decomposed(latents: Any) -> tuple[np.ndarray, np.ndarray]:
    """Give shares of the variance and components, from the definition, in float64."""
    rows = np.asarray(latents, np.float64)
    _, stretches, vectors = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)
    return stretches**2 / (stretches**2).sum(), vectors


def check(found: lw.Directions, latents: Any, *, atol: float = 1e-6) -> None:
    """Compare directions with the singular value decomposition."""
    shares, vectors = decomposed(latents)
    count = len(found)
    scores = [one.evidence.score or 0.0 for one in found]
    np.testing.assert_allclose(scores, shares[:count], rtol=1e-5)
    cosines = np.abs((found.matrix * vectors[:count]).sum(axis=1))
    np.testing.assert_allclose(cosines, 1, atol=atol)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("offset", [0, 1000])
def test_components_of_noise_are_exact_for_any_seed_and_n(
    shape: tuple[int, int], offset: float
) -> None:
    latents = (RNG.normal(size=shape) + offset).astype(np.float32)
    for n, seed in [(6, 0), (6, 1), (7, 0)]:
        check(lw.pca_directions(latents, n, seed=seed), latents)


@pytest.mark.parametrize("shape", [pytest.param(SHAPES[0], marks=pytest.mark.slow), *SHAPES[1:3]])
def test_a_search_finds_what_the_exact_solver_does(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = RNG.normal(size=shape).astype(np.float32)
    for latents in (flat, flat * 0.8 ** np.arange(shape[1], dtype=np.float32)):
        with monkeypatch.context() as patched:
            patched.setattr(principal, "MOST_EXACT", 0)
            patched.setattr(principal, "BATCH_SIZE", 10_000)
            found = lw.pca_directions(latents, 6)
        check(found, latents, atol=1e-3)
        assert not any("pproximate" in (one.evidence.warning or "") for one in found)
        again = lw.pca_directions(latents, 6)
        warnings = [one.evidence.warning for one in again]
        assert [one.evidence.warning for one in found] == warnings


def test_a_search_that_ends_early_says_how_far_off_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    latents = RNG.normal(size=(1000, 512)).astype(np.float32)
    monkeypatch.setattr(principal, "MOST_EXACT", 0)
    monkeypatch.setattr(principal, "MOST_STEPS", 2)
    found = principal_components(latents, 6, 0)
    variances = decomposed(latents)[0] * latents.var(axis=0, dtype=float).sum()
    off = np.abs(variances - found.variances[:6, None]).min(axis=1) / found.variances[:6]
    assert (found.errors > 0.01).all()
    assert (off <= found.errors).all()
    [first, *_] = lw.pca_directions(latents, 6)
    assert (first.evidence.warning or "").startswith("Approximate: its variance is off")
    plane = principal_components(latents - latents.mean(axis=0), 2, 0)
    said = re.match(r"Axes are approximate: off by up to ([\d.]+)%\.", project(latents).note)
    assert said is not None
    assert float(said[1]) == pytest.approx(100 * plane.errors.max(), rel=0.06)


def test_components_of_nearly_the_same_variance_are_not_told_apart() -> None:
    spreads = np.array([9, 5.1, 5, 4.9, 2, 1])
    latents = RNG.normal(size=(400, 6)) * spreads
    warnings = [one.evidence.warning or "" for one in lw.pca_directions(latents)]
    assert [bool(one) for one in warnings] == [False, True, True, True, False, False]
    assert warnings[1].startswith("Not told apart from PC 3 to PC 4: their variances")
    assert warnings[2].startswith("Not told apart from PC 2 to PC 4: their variances")
    cut = lw.pca_directions(latents, 2)
    assert "from PC 3 and perhaps later ones" in (cut[1].evidence.warning or "")
    assert "PC 3 has nearly the same variance" in project(latents).note
    assert "from PC 3 to PC 4" in lw.pca_directions(latents)._repr_html_()


def test_a_plane_whose_axes_are_mixed_is_the_same_plane() -> None:
    latents = RNG.normal(size=(400, 6)) * [5.1, 5, 1, 1, 1, 1]
    assert project(latents).note == ""
    [first, second, *_] = lw.pca_directions(latents)
    assert first.evidence.warning
    assert second.evidence.warning


def test_what_is_not_told_apart_does_change_from_sample_to_sample() -> None:
    def cosine_of_two_samples(spread: float, sample: int) -> float:
        rows = np.random.default_rng(sample).normal(size=(800, 3)) * [spread, 1, 0.1]
        halves: list[Any] = [lw.pca_directions(half, 1)[0] for half in (rows[::2], rows[1::2])]
        told = [one.evidence.warning is None for one in halves]
        seen.append((spread, told))
        return abs(float(halves[0].vector @ halves[1].vector))

    seen: list[Any] = []
    same = [cosine_of_two_samples(1.0, sample) for sample in range(20)]
    apart = [cosine_of_two_samples(1.5, sample) for sample in range(20)]
    assert np.mean(same) < 0.8
    assert np.min(apart) > 0.98
    assert all(all(told) for spread, told in seen if spread == 1.5)
    assert np.mean([told for spread, told in seen if spread == 1.0]) < 0.1


def test_a_search_in_latents_of_low_rank_ends_at_that(monkeypatch: pytest.MonkeyPatch) -> None:
    latents = RNG.normal(size=(400, 5)) @ RNG.normal(size=(5, 300))
    exact = lw.pca_directions(latents)
    monkeypatch.setattr(principal, "MOST_EXACT", 0)
    assert len(exact) == len(lw.pca_directions(latents)) == 5
    check(lw.pca_directions(latents, 4), latents)


def test_exactly_equal_variances_are_found_too(monkeypatch: pytest.MonkeyPatch) -> None:
    latents = np.concatenate([np.eye(40), -np.eye(40)])
    for most in (principal.MOST_EXACT, 0):
        monkeypatch.setattr(principal, "MOST_EXACT", most)
        found = lw.pca_directions(latents, 20)
        np.testing.assert_allclose(found.matrix @ found.matrix.T, np.eye(20), atol=1e-6)
        assert [one.evidence.score for one in found] == pytest.approx([1 / 40] * 20)
        assert all("Not told apart" in (one.evidence.warning or "") for one in found)


def test_each_is_compared_with_every_other() -> None:
    assert alike(np.array([5.0, 5.0, 1.0, 1.0]), 1000) == [(0, 1), (0, 1), (2, 3), (2, 3)]
    assert alike(np.array([5.0, 4.0, 3.0]), 1000) == [(0, 0), (1, 1), (2, 2)]
    assert alike(np.array([5.0]), 10) == [(0, 0)]
    # A chain: the ends differ, though no two neighbours do.
    chain = np.array([1.2, 1.1, 1.0])
    assert alike(chain, 1500) == [(0, 1), (0, 2), (1, 2)]
    for i, j in [(0, 1), (0, 2)]:
        pair = chain[[i, j]]
        statistic = 1500 * np.log(pair.mean() ** 2 / pair.prod())
        assert (chi2.sf(statistic, 2) < 0.01) == (j == 2)


def test_the_test_of_equal_variances_errs_as_often_as_it_says() -> None:
    samples = np.random.default_rng(0).normal(size=(2000, 500, 2))
    variances = np.linalg.eigvalsh(samples.transpose(0, 2, 1) @ samples)[:, ::-1]
    told = [alike(one, 500)[0] == (0, 0) for one in variances]
    assert 0.003 < np.mean(told) < 0.02
