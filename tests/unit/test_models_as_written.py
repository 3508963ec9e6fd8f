"""Models as people write them: gradients inside, several answers, batches of one size, masks."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import nn

import latentwidgets as lw
from latentwidgets.adapters.torch import TorchModel


class Refined(nn.Module):
    """A decoder that takes a step along a gradient, as it would in a script."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(8, 64)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        z = z.detach().requires_grad_()
        [slope] = torch.autograd.grad(self.layer(z).square().sum(), z)
        return torch.sigmoid(self.layer(z - 0.01 * slope)).reshape(-1, 8, 8)


def test_a_decoder_may_take_gradients_without_saying_so() -> None:
    model = Refined()
    space = lw.as_space(model, latent_shape=8, value_range=(0, 1))
    latents = space.sample(3)
    right = model(torch.from_numpy(latents)).detach().numpy()
    np.testing.assert_allclose(space.decode(latents)[..., 0], right * 255, atol=0.51)
    called = TorchModel(nn.Linear(8, 4))
    assert not called.decode(latents).requires_grad, "the others run without"


def test_what_gradients_do_not_mend_leaves_them_off() -> None:
    seen: list[bool] = []

    class Broken(nn.Linear):
        def forward(self, z: torch.Tensor) -> torch.Tensor:
            seen.append(torch.is_grad_enabled())
            raise RuntimeError("this tensor does not require grad")

    model = TorchModel(Broken(4, 4))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="does not require grad"):
            model.decode(np.zeros((1, 4), np.float32))
    assert seen == [False, True, False, True]


def test_what_a_distribution_stands_for_is_its_mean() -> None:
    def decode(z: Any) -> Any:
        shares = torch.sigmoid(torch.as_tensor(z)[:, :1, None] * torch.ones(8, 8))
        return torch.distributions.Bernoulli(probs=shares)

    space = lw.LatentSpace(decode, 4, value_range=(0, 1))
    assert space.decode(np.zeros((1, 4)))[0, 0, 0, 0] == 128


def test_probabilities_come_before_logits_and_it_says_so() -> None:
    def decode(z: Any) -> Any:
        logits = z[:, :1, None] * np.ones((8, 8))
        return {"logits": logits, "probs": 1 / (1 + np.exp(-logits))}

    with pytest.warns(lw.GuessWarning, match=re.escape("['probs'] was taken")):
        images = lw.LatentSpace(decode, 4, value_range=(0, 1)).decode(np.zeros((2, 4)))
    assert images.max() == 128


class Codes(NamedTuple):
    a: Any
    b: Any


@pytest.mark.parametrize("kind", [dict, Codes])
def test_of_two_latents_with_strange_names_it_says_which_it_took(kind: Any) -> None:
    def encode(images: Any) -> Any:
        return kind(a=images[:, 0, :4], b=images[:, 1, :4])

    space = lw.LatentSpace(lambda z: np.ones((len(z), 8, 8)), 4, encode, value_range=(0, 1))
    with pytest.warns(lw.GuessWarning, match=r"a'?\]? was taken"):
        space.encode(np.ones((2, 8, 8)))


def test_masked_outputs_are_refused() -> None:
    def decode(z: Any) -> Any:
        return np.ma.masked_greater(np.tile(z[:, :, None], 4), 0)

    with pytest.raises(lw.DecodeError, match="32 numbers are masked; expected all to count"):
        lw.LatentSpace(decode, 8, value_range=(0, 1)).decode(np.ones((1, 8)))


def test_a_numpy_model_of_one_batch_size_is_told_too() -> None:
    def decode(z: Any) -> Any:
        return np.tile(z.reshape(4, 8, 1), 8)

    with pytest.raises(lw.DecodeError, match="needs batch_size=4"):
        lw.LatentSpace(decode, 8, value_range=(0, 1)).decode(np.ones((2, 8)))
    whole = lw.LatentSpace(decode, 8, value_range=(0, 1), batch_size=4)
    assert whole.decode(np.ones((6, 8))).shape == (6, 8, 8, 1)
    with pytest.raises(lw.DecodeError, match=r"into shape \(4,8,2\)$"):
        lw.LatentSpace(lambda z: z.reshape(4, 8, 2), 8).decode(np.ones((2, 8)))


def test_a_direction_of_other_axes_shows_how_to_reshape_it() -> None:
    space = lw.LatentSpace(lambda z: np.tile(z[:, :, 0], 6), (6, 1, 1), value_range=(0, 1))
    direction = lw.Direction("up", np.arange(6.0))
    with pytest.raises(lw.LatentValueError, match="as many numbers in other axes") as caught:
        lw.DirectionEditor(space, np.zeros((6, 1, 1)), [direction])
    line = str(caught.value).partition("Reshape it: ")[2].rstrip(".")
    made = eval(line, {"direction": direction, "getattr": getattr})
    assert made.latent_shape == (6, 1, 1)


@pytest.mark.parametrize("size", [100, 400, 2500])
def test_flat_outputs_of_no_usual_size_are_doubted(size: int) -> None:
    space = lw.LatentSpace(lambda z: np.tile(z[:, :1], size), 4, value_range=(0, 1))
    with pytest.warns(lw.GuessWarning, match="no usual size of a picture.*image_shape="):
        space.decode(np.ones((1, 4)))


def test_of_torchscript_the_end_is_told() -> None:
    class Broken(nn.Module):
        def forward(self, z: torch.Tensor) -> torch.Tensor:
            return z.reshape(5, 7)

    scripted = torch.jit.script(Broken())
    with pytest.raises(lw.DecodeError) as caught:
        lw.LatentSpace(lambda z: scripted(torch.from_numpy(z)), 8).decode(np.ones((1, 8)))
    assert "\n" not in str(caught.value)
    assert "invalid for input of size 8" in str(caught.value)
