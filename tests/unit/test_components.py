"""Directions without labels: PCA, ICA, sparse PCA, a layer's weights."""

from __future__ import annotations

import inspect
import re
import warnings
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import torch
from sklearn.decomposition import PCA, FastICA, MiniBatchSparsePCA
from torch import nn
from tqdm.auto import tqdm  # type: ignore[import-untyped, unused-ignore]

import latentwidgets as lw
from latentwidgets.directions import ica_and_sparse_pca, principal
from latentwidgets.directions.samples import Data
from tests.unit.torch_models import decoder

RNG = np.random.default_rng(0)
CORRELATED = (RNG.normal(size=(300, 6)) @ RNG.normal(size=(6, 6))).astype(np.float32)


def same_up_to_the_sign_rule(found: lw.Directions, rows: Any) -> bool:
    """Whether rows are the vectors, once the entry of largest magnitude is positive."""
    signs = np.sign(np.take_along_axis(rows, np.abs(rows).argmax(axis=1)[:, None], axis=1))
    return np.allclose(found.matrix, rows * signs, atol=1e-5)


def test_pca_agrees_with_scikit_learn_and_with_the_singular_values() -> None:
    found = lw.pca_directions(CORRELATED, 4)
    reference = PCA(4).fit(CORRELATED)
    assert same_up_to_the_sign_rule(found, reference.components_)
    centred = CORRELATED - CORRELATED.mean(axis=0)
    _, stretches, rows = scipy.linalg.svd(centred, full_matrices=False)
    assert same_up_to_the_sign_rule(found, rows[:4])
    assert [one.sigma for one in found] == pytest.approx(stretches[:4] / np.sqrt(300), rel=1e-4)
    shares = [one.evidence.score for one in found]
    assert shares == pytest.approx(reference.explained_variance_ratio_, rel=1e-4)
    assert found.names == ("PC 1", "PC 2", "PC 3", "PC 4")
    low, high = np.percentile(found[0].coordinate(CORRELATED), [0.5, 99.5])
    assert found[0].limits == pytest.approx((low, high), abs=1e-4)


def test_components_along_which_latents_hardly_vary_are_warned_of() -> None:
    found = lw.pca_directions(RNG.normal(size=(500, 3)) * [1, 2, 1e-2])
    assert [bool(one.evidence.warning) for one in found] == [False, False, True]
    wide = lw.pca_directions(RNG.normal(size=(50, 3000)), 20)
    assert not any("hardly vary" in (one.evidence.warning or "") for one in wide)


def test_only_components_along_which_latents_vary() -> None:
    flat = np.zeros((50, 2, 3))
    flat[:, 0, 1] = RNG.normal(size=50)
    assert len(lw.pca_directions(flat)) == 1
    assert lw.pca_directions(flat)[0].vector[0, 1] == pytest.approx(1)
    assert len(lw.pca_directions(RNG.normal(size=(50, 40)))) == 20


def test_weak_directions_of_many_latents_are_found() -> None:
    latents = (RNG.normal(size=(200_000, 2)) * [100, 2]).astype(np.float32)
    assert len(lw.pca_directions(latents)) == 2
    assert len(lw.ica_directions(latents[:50_000], 2)) == 2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rounding_is_no_component(dtype: type[np.floating[Any]]) -> None:
    flat = (RNG.normal(size=(500, 3)) * [100, 1, 0.1] @ RNG.normal(size=(3, 40))).astype(dtype)
    assert len(lw.pca_directions(flat)) == len(lw.ica_directions(flat)) == 3
    for find in (lw.pca_directions, lw.ica_directions):
        with pytest.raises(lw.LatentValueError, match="n is 4; the latents vary along 3 direc"):
            find(flat, 4)


def test_the_mean_of_latents_measures_0_far_from_0_too() -> None:
    rng = np.random.default_rng(0)
    latents = (rng.normal(size=(500, 3)) * [3, 2, 1] + 1_000_000.3).astype(np.float32)
    for one in lw.pca_directions(latents):
        assert one.measure(latents).mean() == pytest.approx(0, abs=1e-4)
        assert one.measure(latents, standardized=True).mean() == pytest.approx(0, abs=1e-4)


def test_ica_is_that_of_scikit_learn_bit_for_bit() -> None:
    found = lw.ica_directions(CORRELATED, 3, seed=5)
    model = FastICA(3, random_state=5, whiten="unit-variance", max_iter=1000)
    model.fit(Data(CORRELATED).rows.astype(np.float64))
    readouts = {tuple(np.abs(one.readout)) for one in found}
    assert readouts == {tuple(np.abs(row)) for row in model.components_}


@pytest.mark.slow
def test_sparse_components_are_those_of_scikit_learn_bit_for_bit() -> None:
    found = lw.sparse_pca_directions(CORRELATED, 3, alpha=0.5, seed=5)
    model = MiniBatchSparsePCA(3, alpha=0.5, random_state=5)
    model.fit(Data(CORRELATED).rows.astype(np.float64))
    readouts = {tuple(np.abs(one.readout)) for one in found}
    assert readouts == {tuple(np.abs(row)) for row in model.components_}


@pytest.mark.parametrize(
    ("find", "title"), [(lw.ica_directions, "ICA"), (lw.pca_directions, "PCA")]
)
def test_one_long_call_is_a_bar_of_one_step_from_its_start(
    find: Any, title: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # Small data count as long work.
    monkeypatch.setattr(ica_and_sparse_pca, "LONG_ICA", 0)
    monkeypatch.setattr(principal, "LONG", 0)
    find(CORRELATED[:40], 2)
    assert re.search(rf"{title}:\s+0%.* 0/1 ", capfd.readouterr().err)


def test_an_interrupted_ica_leaves_no_bar_and_no_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ica_and_sparse_pca, "LONG_ICA", 0)
    tanh, steps, latents = np.tanh, [], CORRELATED.copy()
    bars: list[Any] = []

    class Watched(tqdm):  # type: ignore[misc, unused-ignore]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            bars.append(self)

    def third_step_interrupted(*args: Any) -> Any:
        steps.append([bar.disable for bar in bars if not bar.disable])  # those to be seen
        if len(steps) == 3:
            raise KeyboardInterrupt
        return tanh(*args)

    with monkeypatch.context() as patched:
        patched.setattr("tqdm.auto.tqdm", Watched)
        patched.setattr(np, "tanh", third_step_interrupted)  # what scikit-learn's ICA steps with
        with pytest.raises(KeyboardInterrupt):
            lw.ica_directions(latents, 3)
    assert steps == [[False]] * 3
    assert all(bar.disable for bar in bars), "they are closed"
    assert (latents == CORRELATED).all()


def test_a_slider_of_sparse_latents_has_a_length() -> None:
    latents = RNG.normal(size=(1000, 3))
    latents[:, 2] = 0
    latents[:3, 2] = [1, 2, 3]
    found = lw.weight_directions(np.eye(3)[2:], latents=latents)[0]
    low, high = found.limits
    assert low < 0 < high
    assert high == pytest.approx((3 - latents[:, 2].mean()) / found.sigma)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes() -> None:
    for find in (lw.pca_directions, lw.ica_directions, lw.sparse_pca_directions):
        assert find(CORRELATED, 3, seed=1) == find(CORRELATED, 3, seed=1)


@pytest.mark.slow
def test_components_that_half_of_the_latents_does_not_give_are_doubted() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(600, 5))
    for find in (lw.ica_directions, lw.sparse_pca_directions):
        found = find(noise, 3)
        said = " ".join(one.evidence.warning or "" for one in found)
        numbers = re.findall(r"Not well determined: .* correlation of only (0\.\d\d);", said)
        assert numbers, said
        assert max(map(float, numbers)) <= 0.9
        # It is true: another start finds others.
        others = find(noise, 3, seed=7)
        assert np.abs(found.matrix @ others.matrix.T).max(axis=1).min() < 0.9
    sources = rng.uniform(-1, 1, size=(2000, 3)) @ np.diag([3.0, 2.0, 1.0])
    assert [one.evidence.warning for one in lw.ica_directions(sources)] == [None] * 3
    clear = rng.normal(size=(600, 4)) * [9.0, 5.0, 2.0, 1.0]
    assert [one.evidence.warning for one in lw.sparse_pca_directions(clear, 2, alpha=10)] == [
        None
    ] * 2


def test_the_score_of_an_independent_component_is_its_share_of_the_variance() -> None:
    latents = np.random.default_rng(0).uniform(-1, 1, size=(3000, 3)) @ np.diag([8.0, 5.0, 2.0])
    for one in lw.ica_directions(latents):
        along = (latents * one.vector).sum(axis=1).var()
        assert one.evidence.score == pytest.approx(along / latents.var(axis=0).sum(), rel=0.02)


def test_ica_finds_the_sources() -> None:
    sources = RNG.uniform(-1, 1, size=(4000, 3))
    mixing = np.linalg.qr(RNG.normal(size=(3, 3)))[0] * [[3.0], [2.0], [1.0]]
    found = lw.ica_directions(sources @ mixing)
    expected = mixing / np.linalg.norm(mixing, axis=1, keepdims=True)
    assert np.abs(found.matrix @ expected.T).max(axis=1).min() > 0.99
    shares = [one.evidence.score or 0 for one in found]
    assert shares == sorted(shares, reverse=True)
    for one in found:  # what it moves along is what it measures
        latents = (sources @ mixing)[:5]
        moved = latents + one.sigma * one.vector
        step = one.measure(moved, standardized=True) - one.measure(latents, standardized=True)
        assert step == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("unit", [0.1, 1.0, 100.0])
def test_a_component_that_is_next_to_nothing_is_warned_of_in_any_unit(unit: float) -> None:
    latents = np.random.default_rng(0).uniform(-1, 1, size=(2000, 3)) * [1, 0.02, 0.8]
    found = lw.sparse_pca_directions(unit * latents, alpha=1e-6 * unit)
    assert found.names == ("SPC 1", "SPC 2", "SPC 3")
    assert [bool(one.evidence.warning) for one in found] == [False, False, True]
    assert found[0].evidence.score == pytest.approx(1 / 1.6404, rel=0.05)


def test_sparse_components_have_few_entries() -> None:
    latents = RNG.normal(size=(200, 6)) * [9, 8, 1, 1, 1, 1]
    found = lw.sparse_pca_directions(latents, 2, alpha=2.0)
    assert (np.abs(found.matrix) > 0.01).sum() <= 4
    with pytest.raises(lw.LatentValueError, match="Make alpha smaller"):
        lw.sparse_pca_directions(latents, 2, alpha=1e6)


@pytest.mark.parametrize(
    ("latents", "n", "message"),
    [
        (CORRELATED[:1], None, "two or more"),
        (CORRELATED[:, 0], None, "two or more"),
        (np.ones((9, 4)), None, "are the same"),
        (np.full((9, 4), np.nan), None, "NaN"),
        (CORRELATED, 7, "at most 6"),
        (CORRELATED, 0, "at least 1"),
    ],
)
def test_bad_latents(latents: Any, n: int | None, message: str) -> None:
    for find in (lw.pca_directions, lw.ica_directions, lw.sparse_pca_directions):
        with pytest.raises(lw.LatentValueError, match=message):
            find(latents, n)


# Weights


def test_weights_agree_with_the_singular_value_decomposition() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(6, 9)
    found = lw.weight_directions(layer)
    _, stretches, rows = scipy.linalg.svd(layer.weight.detach().numpy(), full_matrices=False)
    assert same_up_to_the_sign_rule(found, rows)
    assert [one.evidence.score for one in found] == pytest.approx(stretches**2 / sum(stretches**2))
    assert np.allclose(lw.weight_directions(layer.bfloat16()).matrix, found.matrix, atol=0.05)
    assert found[0].sigma == 1
    spread = lw.weight_directions(layer.float().weight, 2, latents=CORRELATED)
    assert spread[0].sigma == pytest.approx((CORRELATED @ found[0].vector).std(), rel=1e-4)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.zeros((3, 4)), "all weights are zero"),
        (np.ones((3, 4, 5)), "Reshape them"),
        ([[np.nan, 1]], "NaN"),
        (np.eye(3)[:2], "only 2"),
        (torch.nn.Sequential(torch.nn.Linear(3, 4)), r"a Sequential.*get_submodule\('0'\)"),
    ],
)
def test_bad_weights(weight: Any, message: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=message):
        lw.weight_directions(weight, 3)


def test_nothing_warns_on_the_way() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lw.pca_directions(CORRELATED)
        lw.ica_directions(CORRELATED, 2)
        lw.local_directions(lw.as_space(decoder()), np.zeros(6))


@pytest.mark.parametrize(
    "find",
    [
        lw.pca_directions,
        lw.ica_directions,
        lw.sparse_pca_directions,
        lw.probe_directions,
        lw.difference_directions,
        lw.contrast_directions,
        lw.weight_directions,
        lw.local_directions,
    ],
)
def test_a_misspelt_option_is_told_the_near_miss(find: Any) -> None:
    option = [*inspect.signature(find).parameters][-2]
    with pytest.raises(lw.LatentTypeError, match=f"Did you mean '{option}'"):
        find(CORRELATED, CORRELATED, **{f"{option}s": 1})


def test_components_are_looked_for_again_in_three_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[int] = []

    class Counted(FastICA):  # type: ignore[misc, unused-ignore]
        def fit(self, rows: Any, y: Any = None) -> Any:
            fitted.append(len(rows))
            return super().fit(rows, y)

    monkeypatch.setattr("sklearn.decomposition.FastICA", Counted)
    lw.ica_directions(np.random.default_rng(0).uniform(size=(200, 3)))
    assert fitted == [200, 100, 100, 100]
