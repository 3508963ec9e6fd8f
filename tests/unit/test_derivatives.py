"""Derivatives at several latents at once: the same as one after another, in far fewer calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from latentwidgets.routes.distances import distance_of
from latentwidgets.routes.speeds import speeds_along

RNG = np.random.default_rng(0)
MATRIX = RNG.normal(size=(4, 9)).astype(np.float32)
LATENTS = RNG.normal(size=(12, 4)).astype(np.float32)
TANGENTS = np.linalg.qr(RNG.normal(size=(12, 4, 4)))[0][:, 0].astype(np.float32)
EXACT = (1 - np.tanh(LATENTS @ MATRIX) ** 2) * (TANGENTS @ MATRIX)


class Counted:
    """A decoder that counts how often it is called."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, latents: Any) -> Any:
        self.calls += 1
        return np.tanh(latents @ MATRIX)


class Module(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.matrix = torch.nn.Parameter(torch.from_numpy(MATRIX))
        self.calls = 0

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return torch.tanh(latents @ self.matrix)


def test_at_several_latents_differences_are_taken_in_one_batch() -> None:
    decode = Counted()
    space = lw.LatentSpace(decode, 4, kind="curve")
    space.decode(LATENTS)
    before = decode.calls
    changes, how = space.derivative(LATENTS, TANGENTS)
    assert how == "central differences"
    assert changes == pytest.approx(EXACT, abs=2e-3)
    assert decode.calls - before == 3  # ahead, behind, and one to see what outputs are


def test_at_several_latents_the_forward_mode_runs_once() -> None:
    module = Module()
    space = lw.as_space(module, latent_shape=4, kind="curve")
    space.decode(LATENTS)
    before = module.calls
    changes, how = space.derivative(LATENTS, TANGENTS)
    assert how == "forward mode"
    assert changes == pytest.approx(EXACT, abs=1e-5)
    assert module.calls - before == 4  # itself, and as many as differences take
    single, _ = space.derivative(LATENTS[:1], TANGENTS[:1])
    assert single == pytest.approx(EXACT[:1], abs=1e-5)
    one, how = space.derivative(LATENTS[0], np.eye(4))
    assert how == "forward mode"
    slopes = 1 - np.tanh(LATENTS[0] @ MATRIX) ** 2
    assert one == pytest.approx(MATRIX * slopes, abs=1e-5)


def test_a_derivative_that_is_wrong_somewhere_is_replaced_there() -> None:
    def derivative(latents: Any, moves: Any) -> Any:
        right = (1 - np.tanh(latents @ MATRIX) ** 2) * (moves @ MATRIX)
        return np.where(latents[:, :1] > 0, right, -right)

    space = lw.LatentSpace(Counted(), 4, kind="curve", derivative=derivative)
    changes, how = space.derivative(LATENTS, TANGENTS)
    assert how == "central differences"
    assert changes == pytest.approx(EXACT, abs=2e-3)
    right = LATENTS[:, 0] > 0
    assert 0 < right.sum() < len(right)
    assert changes[right] == pytest.approx(EXACT[right], abs=1e-6)
    several = np.repeat(LATENTS[:2], 4, axis=0)
    changes, _ = space.derivative(several, np.tile(np.eye(4), (2, 1)))
    slopes = 1 - np.tanh(LATENTS[:2] @ MATRIX) ** 2
    assert changes.reshape(2, 4, 9) == pytest.approx(MATRIX * slopes[:, None], abs=2e-3)


def test_each_latent_has_the_conditions() -> None:
    def decode(latents: torch.Tensor, label: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        return latents * scale[:, None] * (1 + label)[:, None]

    conditions = {"label": ["a", "b"], "scale": (1.0, 0.0, 9.0)}
    space = lw.as_space(
        Module(), decode=decode, latent_shape=4, kind="curve", conditions=conditions
    )
    for points, moves in ((LATENTS, TANGENTS), (LATENTS[0], TANGENTS)):
        changes, how = space.derivative(points, moves, conditions={"label": "b", "scale": 3.0})
        assert how == "forward mode"
        assert changes == pytest.approx(6 * TANGENTS, rel=1e-5)


def test_as_many_latents_as_tangents_are_expected() -> None:
    space = lw.LatentSpace(Counted(), 4, kind="curve")
    with pytest.raises(lw.LatentValueError, match="12 latents and 3 tangents"):
        space.derivative(LATENTS, TANGENTS[:3])


def test_speeds_along_a_path_take_few_calls() -> None:
    decode = Counted()
    space = lw.LatentSpace(decode, 4, kind="curve")
    path, t = lw.Path(LATENTS[:3], "spline"), np.linspace(0, 1, 65)
    how = distance_of(space, "l2", None)
    found = speeds_along(space, path, t, how)
    assert decode.calls <= 4 * 5
    near = [np.tanh(path(t + step) @ MATRIX) for step in (1e-5, -1e-5)]
    speeds = np.linalg.norm((near[0] - near[1]) / 2e-5, axis=1)
    assert found.speeds[1:-1] == pytest.approx(speeds[1:-1], rel=1e-2)
