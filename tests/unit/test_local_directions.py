"""Local directions: singular vectors of the decoder's Jacobian."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.linalg
import torch
from torch import nn

import latentwidgets as lw
from latentwidgets.directions import local
from tests.unit.test_components import CORRELATED, same_up_to_the_sign_rule
from tests.unit.torch_models import decoder

RNG = np.random.default_rng(0)


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
    with pytest.raises(lw.LatentValueError, match=r"expected one latent, \(2,\)"):
        lw.local_directions(space, [[0.0, 0.0], [0.0, 1.0]])


def test_within_directions_of_which_one_lies_in_the_span_of_others() -> None:
    basis = lw.pca_directions(CORRELATED, 2)
    mixed = basis + [lw.Direction("both", basis.matrix.sum(axis=0))]
    found = lw.local_directions(lw.as_space(decoder()), np.zeros(6), within=mixed)
    assert len(found) == 2
    span = np.linalg.qr(basis.matrix.T)[0]
    assert np.allclose(found.matrix @ span @ span.T, found.matrix, atol=1e-6)


def test_rounding_is_no_move() -> None:
    torch.manual_seed(0)
    narrow = nn.Sequential(nn.Linear(8, 3), nn.Tanh(), nn.Linear(3, 64), nn.Sigmoid())

    def decode(latents: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return np.asarray(narrow(torch.from_numpy(latents))).reshape(-1, 8, 8)

    options = {"value_range": (0, 1)}
    forward = lw.as_space(narrow, image_shape=(8, 8), **options)
    for space in (lw.LatentSpace(decode, 8, **options), forward):  # type: ignore[arg-type]
        assert len(lw.local_directions(space, np.full(8, 0.3))) == 3
        with pytest.raises(lw.LatentValueError, match="only 3 moves"):
            lw.local_directions(space, np.full(8, 0.3), 4)


def test_a_dead_first_latent_leaves_forward_mode() -> None:
    module = decoder()
    with torch.no_grad():
        next(module.parameters())[:, 0] *= (
            1e-7  # as training leaves it: its differences are rounding
        )
    found = lw.local_directions(lw.as_space(module), np.full(6, 0.5))
    assert found[0].method == "local, forward mode"


def test_batches_may_be_taken_in_different_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "BATCH", 3)
    space = lw.as_space(decoder())
    ways = iter(["forward mode", "central differences"])
    derivative = space.derivative
    monkeypatch.setattr(
        space, "derivative", lambda *args, **more: (derivative(*args, **more)[0], next(ways))
    )
    found = lw.local_directions(space, np.zeros(6))
    assert found[0].method == "local, central differences and forward mode"


def test_differences_are_as_fine_as_the_data() -> None:
    def waves(latents: np.ndarray) -> Any:
        return np.sin(latents * [1000.0, 10.0])[:, :, None] * np.ones(8)

    space = lw.LatentSpace(waves, 2, value_range=(-1, 1))
    data = 1e-4 * RNG.normal(size=(100, 2))
    [first, second] = lw.local_directions(space, [0.0, 0.0], latents=data)
    assert abs(first.vector[0]) > 0.999
    assert first.evidence.score / second.evidence.score == pytest.approx(1e4, rel=0.05)  # type: ignore[operator]


def test_latents_of_very_many_numbers_are_refused_at_once() -> None:
    space = lw.LatentSpace(lambda latents: latents[:, :3], (4, 128, 128), value_range=(-1, 1))
    data = RNG.normal(size=(2, 4, 128, 128))
    with pytest.raises(lw.LatentValueError, match="65536 numbers.*Look within fewer"):
        lw.local_directions(space, np.zeros((4, 128, 128)), latents=data)


def test_within_one_direction_there_is_that_one() -> None:
    basis = lw.pca_directions(CORRELATED, 1)
    found = lw.local_directions(lw.as_space(decoder()), np.zeros(6), within=basis)
    assert len(found) == 1
    assert np.allclose(found.matrix, basis.matrix, atol=1e-6)
