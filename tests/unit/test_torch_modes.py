"""Torch modules as spaces: training mode, threads, memory, and real models."""

from __future__ import annotations

import copy
import threading
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from latentwidgets.adapters.torch_modes import evaluating
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace
from tests.models import MODELS, load_vae, models_missing
from tests.unit.torch_models import VAE, Returning, expected

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.usefixtures("no_unexpected_warning")


def dropping() -> nn.Sequential:
    """A decoder with dropout and batch norm, in training mode but for one frozen layer."""
    torch.manual_seed(0)
    layers = [nn.Linear(6, 16), nn.BatchNorm1d(16), nn.Dropout(0.5), nn.BatchNorm1d(16)]
    module = nn.Sequential(*layers, nn.Linear(16, 16), nn.Sigmoid(), nn.Unflatten(1, (4, 4)))
    module.train()
    module[3].eval()
    return module


def modes(module: nn.Module) -> list[bool]:
    return [part.training for part in module.modules()]


def test_training_mode_is_left_for_the_call_and_put_back() -> None:
    module = dropping()
    before, buffers = modes(module), {k: v.clone() for k, v in module.state_dict().items()}
    space = as_space(module)
    images = space.decode(np.ones((3, 6)))
    assert np.array_equal(images, space.decode(np.ones((3, 6))))
    assert np.array_equal(images, as_space(dropping().eval()).decode(np.ones((3, 6))))
    assert modes(module) == before
    assert all(torch.equal(v, buffers[k]) for k, v in module.state_dict().items())


@pytest.mark.parametrize("method", [False, True])
def test_parts_beside_the_module_leave_training_mode_too(method: bool) -> None:
    module, beside = dropping(), dropping()
    before, buffers = modes(beside), {k: v.clone() for k, v in beside.state_dict().items()}
    space = as_space(module, decode=beside.forward if method else beside)
    assert np.array_equal(
        space.decode(np.ones((3, 6))), as_space(dropping()).decode(np.ones((3, 6)))
    )
    assert modes(beside) == before
    assert all(torch.equal(v, buffers[k]) for k, v in beside.state_dict().items())


def test_a_copy_of_a_module_that_keeps_tensors_leaves_it_to_train() -> None:
    class Keeping(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = dropping()
            self.kept: Tensor | None = None

        def forward(self, latents: Tensor) -> Any:
            if self.kept is None:
                self.kept = torch.full((4, 4), 0.5)
            return self.layers(latents) * self.kept

    module = Keeping()
    as_space(copy.deepcopy(module)).decode(np.ones((3, 6)))
    module(torch.ones(3, 6)).sum().backward()
    assert module.layers[0].weight.grad is not None


def test_training_mode_is_put_back_after_an_error() -> None:
    module = dropping()
    before = modes(module)
    space = as_space(module, latent_shape=7)
    with pytest.raises(DecodeError, match=r"decode raised RuntimeError: mat1 and mat2"):
        space.decode(np.ones((3, 7)))
    assert modes(module) == before


def test_spaces_that_share_a_module_do_not_disturb_each_other() -> None:
    module = dropping()
    before = modes(module)
    with evaluating(module):
        with evaluating(module[2]):
            assert not any(modes(module))
        assert not any(modes(module))
    assert modes(module) == before


def test_threads_see_evaluation_mode() -> None:
    module = dropping()
    before = modes(module)
    spaces = [as_space(module, batch_size=2) for _ in range(2)]
    latents = spaces[0].sample(40)
    images = spaces[0].decode(latents)
    results: list[Any] = []

    def work(space: LatentSpace) -> None:
        results.extend(np.array_equal(space.decode(latents), images) for _ in range(5))

    threads = [threading.Thread(target=work, args=(space,)) for space in 2 * spaces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 20
    assert modes(module) == before


def test_gradients_are_not_recorded_and_training_goes_on() -> None:
    recorded = []

    def record(images: Tensor) -> Tensor:
        recorded.append(images.requires_grad)
        return images

    module = Returning(record)
    space = as_space(module)
    space.decode(space.sample(2))
    assert recorded
    assert not any(recorded)
    module(torch.ones(2, 6)).sum().backward()
    assert module.layers[0].weight.grad is not None


def test_a_space_frees_its_module() -> None:
    module = VAE()
    gone = weakref.ref(module)
    space = as_space(module)
    space.encode(space.decode(space.sample(3)))
    with pytest.raises(LatentValueError):
        space.decode(np.zeros((3, 5)))
    del module, space
    assert gone() is None


# Models that others trained


@pytest.mark.skipif(bool(models_missing), reason=models_missing)
@pytest.mark.parametrize("name", MODELS)
def test_real_models(name: str) -> None:
    vae = load_vae(name)
    space = as_space(vae)
    latents = space.sample(70, truncation=1)
    images = space.decode(latents)
    channels, height, width = MODELS[name]
    assert space.latent_shape == (10,)
    assert images.shape == (70, height, width, channels)
    assert np.abs(images - expected(vae.decoder, latents)).max() <= 0.51
    again = space.decode(space.encode(images))
    assert np.mean((again / 255 - images / 255) ** 2) < 0.02
