"""Torch modules as spaces: training mode, threads, memory, and real models."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from latentwidgets.adapters.torch_modes import ModeSteps, evaluating
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace
from tests.models import MODELS, load_vae, models_missing
from tests.unit.torch_models import VAE, Returning, expected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


def test_a_module_that_keeps_tensors_of_a_call_trains_with_them() -> None:
    class Keeping(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers, self.weight = dropping(), nn.Parameter(torch.ones(4, 4))
            self.kept: Tensor | None = None

        def forward(self, latents: Tensor) -> Any:
            if self.kept is None:
                self.kept = torch.full((4, 4), 0.5)
            return self.layers(latents) * self.kept * self.weight

    module = Keeping()
    as_space(module, latent_shape=6).decode(np.ones((3, 6)))
    assert module.kept is not None
    module(torch.ones(3, 6)).sum().backward()
    assert module.weight.grad is not None


class Refined(nn.Module):
    """A decoder that takes gradients inside: a few steps down an energy."""

    latent_dim = 4

    def __init__(self, *, yields: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.start, self.yields = nn.Linear(4, 64), yields
        self.energy = nn.Sequential(nn.Linear(64, 32), nn.SiLU(), nn.Linear(32, 1))

    def decode(self, z: Tensor) -> Any:
        steps = self.steps(z)
        return steps if self.yields else list(steps)[-1]

    def steps(self, z: Tensor) -> Iterator[Tensor]:
        with torch.enable_grad():
            x = self.start(z).sigmoid()
            for _ in range(3):
                x = x.detach().requires_grad_()
                (slope,) = torch.autograd.grad(self.energy(x).sum(), x)
                x = x - 0.1 * slope
                yield x.detach().view(-1, 1, 8, 8)


@pytest.mark.parametrize("yields", [False, True])
def test_a_decoder_that_takes_gradients_inside(yields: bool) -> None:
    module = Refined(yields=yields)
    space = as_space(module, value_range=(0, 1))
    latents = space.sample(5)
    with torch.no_grad():
        levels = 255 * list(module.steps(torch.from_numpy(latents)))[-1][:, 0].numpy()
    assert np.abs(space.decode(latents)[..., 0] - levels).max() <= 0.51
    changes, how = space.derivative(latents[0], np.eye(4))
    assert how == "central differences"
    assert changes.shape == (4, 1, 8, 8)
    assert np.abs(changes).max() > 0.01
    assert torch.is_grad_enabled()


def frozen() -> Any:
    return torch.jit.freeze(torch.jit.script(dropping().eval()))


def exported() -> Any:
    some = {0: torch.export.Dim("n")}
    return torch.export.export(dropping().eval(), (torch.zeros(2, 6),), dynamic_shapes=(some,))


class Unswitchable(nn.Module):
    """A module whose mode cannot be set once it is made."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = dropping()
        self.__dict__["is_made"] = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "training" and "is_made" in self.__dict__:
            raise NotImplementedError("this module has one mode")
        super().__setattr__(name, value)

    def forward(self, latents: Tensor) -> Any:
        return self.layers(latents)


def test_inference_mode_can_be_asked_for() -> None:
    seen = []

    def decode(latents: Tensor) -> Any:
        seen.append(torch.is_inference_mode_enabled())
        return module(latents)

    module = dropping()
    space = as_space(module, decode=torch.inference_mode()(decode), latent_shape=6)
    assert np.array_equal(space.decode(np.ones((3, 6))), as_space(module).decode(np.ones((3, 6))))
    assert set(seen) == {True}


def test_inference_mode_is_told_where_a_decoder_takes_gradients() -> None:
    space = as_space(Refined(), value_range=(0, 1))
    steps = as_space(Refined(yields=True), value_range=(0, 1))
    images = space.decode(np.ones((2, 4)))
    with torch.inference_mode():
        with pytest.raises(LatentValueError, match=r"called inside torch\.inference_mode\(\)"):
            as_space(Refined())
        with pytest.raises(DecodeError, match=r"^decode raised Runtime.*torch\.inference_mode\(\)"):
            space.decode(np.ones((2, 4)))
        with pytest.raises(DecodeError, match=r"got or holds tensors made inside torch\.inference"):
            steps.decode(np.ones((2, 4)))
        made = [Refined(), Refined(yields=True)]
    with torch.no_grad():
        assert np.array_equal(
            as_space(Refined(), value_range=(0, 1)).decode(np.ones((2, 4))), images
        )
    for module in made:
        space = as_space(module, latent_shape=4, value_range=(0, 1))
        with pytest.raises(DecodeError, match=r"got or holds tensors made inside torch\.inference"):
            space.decode(np.ones((2, 4)))


def test_inference_mode_does_not_matter_to_other_decoders() -> None:
    with torch.inference_mode():
        space = as_space(dropping())
        images = space.decode(np.ones((3, 6)))
    assert np.array_equal(images, as_space(dropping()).decode(np.ones((3, 6))))
    assert np.array_equal(images, space.decode(np.ones((3, 6))))


def test_an_encoder_that_is_a_generator_is_called_one() -> None:
    def encode(images: Any) -> Iterator[Any]:
        yield images[:, 0, :6]

    def decode(latents: Any) -> Any:
        return (
            latents.repeat(6, 1, 1) if torch.is_tensor(latents) else np.ones((len(latents), 6, 6))
        )

    module = dropping()
    for space in (
        as_space(module, encode=encode, latent_shape=6, value_range=(0, 1)),
        as_space(decode, encode=encode, latent_shape=6, value_range=(0, 1)),
    ):
        space.decode(np.ones((2, 6)))
        with pytest.raises(
            DecodeError, match=r"encode is a generator.*\[\*model\.encode\(images\)\]"
        ):
            space.encode(np.ones((2, *space.decode(np.ones((1, 6))).shape[1:3]), np.float32))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "make", [frozen, exported, lambda: exported().module(), Unswitchable, dropping]
)
def test_modules_that_cannot_be_switched_decode_as_they_are(make: Callable[[], Any]) -> None:
    latents = np.ones((3, 6))
    space = as_space(make(), latent_shape=6)
    assert np.array_equal(space.decode(latents), as_space(dropping()).decode(latents))


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


def test_a_module_that_trains_between_two_steps_is_evaluated_in_each() -> None:
    module = dropping()
    seen: list[list[bool]] = []

    def decode(latents: Tensor) -> Any:
        for _ in range(3):
            seen.append(modes(module))
            yield module(latents)

    for trains in (True, False):
        module.train(trains)
        before = modes(module)
        for _ in as_space(module, decode=decode, latent_shape=6).drafts(np.ones((1, 6))):
            assert modes(module) == before
            module.train()
            before = modes(module)
    assert not any(map(any, seen))


def test_a_decode_that_nobody_watches_switches_modes_once() -> None:
    switches: list[bool] = []

    class Switched(nn.Identity):
        def __setattr__(self, name: str, value: Any) -> None:
            if name == "training":
                switches.append(value)
            super().__setattr__(name, value)

    module = dropping().append(Switched()).train()
    seen: list[list[bool]] = []

    def decode(latents: Tensor) -> Any:
        for _ in range(5):
            seen.append(modes(module))
            yield module(latents)

    space = as_space(module, decode=decode, latent_shape=6)
    space.decode(np.ones((1, 6)))
    seen.clear()
    switches.clear()
    space.decode(np.ones((1, 6)))
    assert not any(map(any, seen))
    assert switches == [False, True], "for all of its steps: to call it runs nothing of it"
    assert all(modes(module))


def test_what_trains_in_the_middle_of_a_decode_is_evaluated_in_the_next_step() -> None:
    module = dropping().eval()
    seen: list[list[bool]] = []

    def decode() -> Any:
        for step in range(3):
            seen.append(modes(module))
            yield step

    def trained(step: int) -> int:
        module.train()
        return step

    steps = ModeSteps(decode(), module, trained)
    with steps.held():
        assert list(steps) == [0, 1, 2]
    assert not any(map(any, seen))
    assert all(modes(module))


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("trains", [True, False])
def test_whatever_is_set_to_train_between_two_steps_is_evaluated(trains: bool, whole: bool) -> None:
    module = dropping().train(trains)
    before, seen = modes(module), []

    def decode(latents: Tensor) -> Any:
        for step in range(5):
            seen.append(modes(module))
            made = module(latents)
            if step == 1:
                (module if whole else module[1]).train()
            yield made

    space = as_space(module, decode=decode, latent_shape=6)
    space.decode(np.ones((3, 6)))  # the first is made twice
    after = modes(module.train()) if whole else [*before[:2], True, *before[3:]]
    module.train(trains)
    buffers = {k: v.clone() for k, v in module.state_dict().items()}
    seen.clear()
    space.decode(np.ones((3, 6)))
    assert len(seen) == 5
    assert not any(map(any, seen))
    assert modes(module) == after, "it trains afterwards, as somebody wanted"
    assert all(torch.equal(v, buffers[k]) for k, v in module.state_dict().items())


def test_what_a_decoder_makes_as_it_is_called_is_evaluated_in_its_steps() -> None:
    class Late(nn.Module):
        def decode(self, latents: Tensor) -> Any:
            self.drop = nn.Dropout(0.5)
            return self.steps(latents)

        def steps(self, latents: Tensor) -> Any:
            for _ in range(2):
                yield self.drop(torch.ones(len(latents), 8, 8))

    assert (as_space(Late(), latent_shape=4).decode(np.ones((2, 4))) == 255).all()


def test_an_attribute_of_a_persons_own_steps_means_nothing() -> None:
    class Steps:
        held = 3

        def __init__(self) -> None:
            self.left = [torch.zeros(1, 8, 8), torch.ones(1, 8, 8)]

        def __iter__(self) -> Any:
            return self

        def __next__(self) -> Tensor:
            if not self.left:
                raise StopIteration
            return self.left.pop()

    space = LatentSpace(lambda _latents: Steps(), 4, kind="image", value_range=(0, 1))
    assert space.decode(np.ones((1, 4))).shape == (1, 8, 8, 1)


def test_a_forward_that_is_replaced_gets_conditions_by_its_own_names() -> None:
    class Gained(nn.Module):
        def forward(self, latents: Tensor, low: Tensor, high: Tensor) -> Tensor:
            return latents.reshape(-1, 2, 2) * 0 + (low + 10 * high)[:, None, None]

    module = Gained()
    given = {"high": (0.5, 0, 1), "low": (0.25, 0, 1)}
    space = as_space(module, latent_shape=4, conditions=given, kind="image", value_range=(0, 10))
    first = space.decode(np.ones((1, 4)))
    other: Any = lambda latents, a, b: Gained.forward(module, latents, b, a)  # noqa: E731
    vars(module)["forward"] = other  # gets them in their order
    assert np.array_equal(space.decode(np.ones((1, 4))), first)


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
