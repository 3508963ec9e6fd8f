"""Directions without labels: PCA, ICA, sparse PCA, a layer's weights, the decoder's Jacobian."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.linalg
import torch
from sklearn.decomposition import PCA
from torch import nn

import latentwidgets as lw
from latentwidgets.directions import components
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


def test_large_data_go_through_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = lw.pca_directions(CORRELATED, 2)
    monkeypatch.setattr(components, "INCREMENTAL_SIZE", 10)
    monkeypatch.setattr(components, "BATCH_ROWS", 50)
    batched = lw.pca_directions(CORRELATED, 2)
    assert np.abs((whole.matrix * batched.matrix).sum(axis=1)).min() > 0.99


def test_only_components_along_which_latents_vary() -> None:
    flat = np.zeros((50, 2, 3))
    flat[:, 0, 1] = RNG.normal(size=50)
    assert len(lw.pca_directions(flat)) == 1
    assert lw.pca_directions(flat)[0].vector[0, 1] == pytest.approx(1)
    assert len(lw.pca_directions(RNG.normal(size=(50, 40)))) == 20


def test_the_same_seed_gives_the_same_bytes() -> None:
    for find in (lw.pca_directions, lw.ica_directions, lw.sparse_pca_directions):
        assert find(CORRELATED, 3, seed=1) == find(CORRELATED, 3, seed=1)


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
    assert found[0].sigma == 1
    spread = lw.weight_directions(layer.weight, 2, latents=CORRELATED)
    assert spread[0].sigma == pytest.approx((CORRELATED @ found[0].vector).std(), rel=1e-4)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.zeros((3, 4)), "all weights are zero"),
        (np.ones((3, 4, 5)), "Reshape them"),
        ([[np.nan, 1]], "NaN"),
        (np.eye(3)[:2], "only 2"),
    ],
)
def test_bad_weights(weight: Any, message: str) -> None:
    with pytest.raises(lw.LatentValueError, match=message):
        lw.weight_directions(weight, 3)


# The decoder's Jacobian


def test_forward_mode_and_differences_agree_with_the_jacobian() -> None:
    module = decoder()
    space, point = lw.as_space(module), RNG.normal(size=6).astype(np.float32)
    found = lw.local_directions(space, point)
    jacobian = torch.func.jacrev(lambda z: module(z[None])[0].flatten())(torch.from_numpy(point))
    _, stretches, rows = scipy.linalg.svd(jacobian.detach().numpy(), full_matrices=False)
    assert same_up_to_the_sign_rule(found, rows)
    shares = stretches**2 / (stretches**2).sum()
    assert [one.evidence.score for one in found] == pytest.approx(shares.tolist(), rel=1e-4)
    assert {one.method for one in found} == {"local, forward mode"}

    def numpy_decode(latents: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return np.asarray(module(torch.from_numpy(latents)))

    by_differences = lw.local_directions(lw.LatentSpace(numpy_decode, 6), point)
    assert {one.method for one in by_differences} == {"local, central differences"}
    assert np.abs((found.matrix * by_differences.matrix).sum(axis=1)).min() > 0.999


def test_a_model_without_forward_mode_is_taken_by_differences() -> None:
    class Through(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = decoder()

        def forward(self, latents: torch.Tensor) -> torch.Tensor:
            return self.layers(torch.from_numpy(latents.numpy()))  # type: ignore[no-any-return]

    found = lw.local_directions(lw.as_space(Through()), np.zeros(6))
    assert found[0].method == "local, central differences"


def test_within_a_few_directions() -> None:
    space = lw.as_space(decoder())
    basis = lw.pca_directions(CORRELATED, 2)
    found = lw.local_directions(space, np.zeros(6), within=basis)
    assert len(found) == 2
    span = np.linalg.qr(basis.matrix.T)[0]
    assert np.allclose(found.matrix @ span @ span.T, found.matrix, atol=1e-6)


def test_a_flat_decoder_says_so() -> None:
    space = lw.LatentSpace(lambda z: np.zeros((len(z), 4, 4)), 2, value_range=(0, 1))
    with pytest.raises(lw.LatentValueError, match="no move changes the output"):
        lw.local_directions(space, [0.0, 0.0])
    with pytest.raises(lw.LatentValueError, match="latent"):
        lw.local_directions(space, [0.0, 0.0, 0.0])


def test_nothing_warns_on_the_way() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lw.pca_directions(CORRELATED)
        lw.ica_directions(CORRELATED, 2)
        lw.local_directions(lw.as_space(decoder()), np.zeros(6))
