"""The latent that a torch module is taken for: what contradicts it is said, with the way out.

The models are laid out as people publish them: fully connected layers between encoder and decoder,
conditions joined to the latent, `forward` alone.
"""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.optim import swa_utils

from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.kinds.reading.ranges import GuessWarning
from latentwidgets.space.as_space import as_space
from tests.unit.torch_models import VAE, decoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from latentwidgets.space.latent_space import LatentSpace

pytestmark = pytest.mark.usefixtures("no_unexpected_warning")


class Between(nn.Module):
    """A VAE without `decode`: layers lie between encoder, latent and decoder."""

    def __init__(self, *, declared: bool = True, maps: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        if declared:
            self.z_dim = 3
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(256, 64), nn.ReLU())
        self.fc1, self.fc2, self.fc3 = nn.Linear(64, 3), nn.Linear(64, 3), nn.Linear(3, 64)
        first: list[nn.Module] = [] if maps else [nn.Unflatten(1, (64, 1, 1))]
        second = nn.ConvTranspose2d(4, 1, 4, 4) if maps else nn.ConvTranspose2d(64, 1, 16)
        self.decoder = nn.Sequential(*first, second, nn.Sigmoid())

    def mean(self, images: Tensor) -> Tensor:
        return self.fc1(self.encoder(images))  # type: ignore[no-any-return]


class Conditional(nn.Module):
    latent_dim = 4

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(4 + 10, 64), nn.Linear(64, 64)

    def decode(self, z: Tensor) -> Tensor:
        return self.last(self.first(z)).sigmoid().view(-1, 1, 8, 8)  # type: ignore[no-any-return]


class ForwardOnly(nn.Module):
    def __init__(self, *, with_mean: bool = False) -> None:
        super().__init__()
        self.down, self.code, self.up = nn.Linear(64, 16), nn.Linear(16, 2), nn.Linear(2, 64)
        self.with_mean = with_mean

    def forward(self, x: Tensor) -> Any:
        z = self.code(self.down(x.reshape(-1, 64)).relu())
        images = self.up(z).sigmoid().view(-1, 1, 8, 8)
        return (images, z, z) if self.with_mean else images


class Declaring(ForwardOnly):
    latent_dim = 2


def followed(model: nn.Module, said: str) -> LatentSpace:
    """Pass what a message says to pass."""
    line = re.search(r"[Pp]ass (latent_shape=.*?)\. ?(?:Pass|Or|$)", said)
    assert line is not None, said
    names = {"as_space": as_space, "model": model, "torch": torch}
    space: LatentSpace = eval(f"as_space(model, {line[1]})", names)
    return space


@pytest.mark.parametrize("declared", [True, False])
def test_layers_between_encoder_and_decoder(declared: bool) -> None:
    model = Between(declared=declared)
    with pytest.warns(GuessWarning, match=r"its decoder.*\(64,\)") as said:
        assert as_space(model, image_shape=(1, 16, 16)).latent_shape == (64,)
    assert len(said) == 1
    space = followed(model, str(said[0].message))
    images = space.decode(space.sample(2))
    with torch.no_grad():
        expected = model.decoder(model.fc3(torch.from_numpy(space.sample(2))))
        means = model.mean(torch.from_numpy(images).permute(0, 3, 1, 2) / 255)
    assert np.abs(images[..., 0] - 255 * expected[:, 0].numpy()).max() <= 0.51
    if declared:
        assert space.encode(images) == pytest.approx(means.numpy(), abs=1e-5)
    said_right = as_space(model, latent_shape=64)  # nothing to doubt where a person says it
    assert said_right.latent_shape == (64,)


def test_a_layer_whose_features_are_laid_out_as_maps() -> None:
    model = Between(maps=True)
    with pytest.raises(LatentValueError, match=r"^Between declares latents of shape \(3,\)") as no:
        as_space(model)
    assert followed(model, str(no.value)).decode(np.zeros((2, 3))).shape == (2, 16, 16, 1)


def test_a_class_beside_the_latent() -> None:
    model = Conditional()
    with pytest.warns(GuessWarning, match=r"declares latents of shape \(4,\).*10 numbers") as said:
        assert as_space(model).latent_shape == (14,)
    space = followed(model, str(said[0].message))
    images = space.decode(np.ones((2, 4)), {"y": [0, 7]})
    z = torch.zeros(2, 14)
    z[:, :4], z[0, 4], z[1, 11] = 1, 1, 1
    with torch.no_grad():
        assert np.abs(images[..., 0] - 255 * model.decode(z)[:, 0].numpy()).max() <= 0.51


@pytest.mark.parametrize("wrap", [lambda model: model, nn.DataParallel])
@pytest.mark.parametrize("model", [ForwardOnly(), ForwardOnly(with_mean=True), Declaring()])
def test_a_whole_autoencoder_with_forward_alone(
    model: nn.Module, wrap: Callable[[nn.Module], nn.Module]
) -> None:
    with pytest.warns(GuessWarning, match=r"'up'.*Pass latent_shape=\(64,\)") as said:
        assert as_space(wrap(model)).latent_shape == (64,)
    assert len(said) == 1
    assert ("declares" if isinstance(model, Declaring) else "autoencoder") in str(said[0].message)


def test_what_is_in_data_parallel_is_found() -> None:
    vae = VAE()
    space = as_space(nn.DataParallel(vae))
    assert repr(space) == "LatentSpace(VAE, latent_shape=(6,), can_encode=True)"
    assert np.array_equal(space.decode(np.ones((2, 6))), as_space(vae).decode(np.ones((2, 6))))


def test_an_encoder_that_gives_other_latents_than_the_decoder_takes() -> None:
    vae = VAE(lambda mean: mean[:, :4])
    with pytest.warns(GuessWarning, match=r"VAE encodes to latents of shape \(4,\).*takes \(6,\)"):
        as_space(vae)
    as_space(vae, latent_shape=6)


def test_what_settings_declare_counts() -> None:
    model: Any = Conditional()
    model.hparams, model.latent_dim = SimpleNamespace(latent_dim=4), None
    with pytest.warns(GuessWarning, match=r"declares latents of shape \(4,\)"):
        as_space(model)


def test_flat_maps_and_channels_are_no_contradiction() -> None:
    class Maps(nn.Module):
        def __init__(self, said: Any) -> None:
            super().__init__()
            self.latent_dim = said
            self.encoder, self.decoder = nn.Conv2d(3, 4, 2, 2), nn.ConvTranspose2d(4, 3, 2, 2)

    for said in (4, (4, 3, 4)):
        space = as_space(Maps(said), image_shape=(3, 6, 8), value_range=(-1, 1))
        assert space.latent_shape == (4, 3, 4)
    generator = decoder()
    generator.insert(0, nn.Flatten())
    generator.nz = 6  # type: ignore[assignment]
    assert as_space(generator).latent_shape == (6,)


class Wrapping(nn.Module):
    """What holds a network, as a LightningModule does; it may name parts of it as its own."""

    def __init__(self, *, parts: bool) -> None:
        super().__init__()
        self.net = Between()
        if parts:
            self.encoder, self.decoder = self.net.encoder, self.net.decoder

    def decode(self, z: Tensor) -> Tensor:
        return self.net.decoder(z)  # type: ignore[no-any-return]


@pytest.mark.parametrize("parts", [True, False])
def test_what_is_declared_within_counts_where_nothing_else_is(parts: bool) -> None:
    model = Wrapping(parts=parts)
    said_of = r"Wrapping \(its net\) declares latents of shape \(3,\)"
    with pytest.warns(GuessWarning, match=said_of) as said:
        assert as_space(model, image_shape=(1, 16, 16)).latent_shape == (64,)
    assert len(said) == 1


def test_a_layer_beside_the_decoder_within_is_found() -> None:
    class Held(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = Between(declared=False)
            self.encoder, self.decoder = self.net.encoder, self.net.decoder

    with pytest.warns(
        GuessWarning, match=r"the layer net\.fc3 leads to them from 3 numbers"
    ) as said:
        as_space(model := Held(), image_shape=(1, 16, 16))
    assert followed(model, str(said[0].message)).latent_shape == (3,)


@pytest.mark.parametrize(
    "wrap",
    [
        torch.compile,
        swa_utils.AveragedModel,
        lambda model: nn.DataParallel(torch.compile(model)),  # type: ignore[type-var]
        lambda model: torch.compile(nn.DataParallel(model)),
    ],
)
def test_whatever_a_model_is_wrapped_in(wrap: Callable[[nn.Module], nn.Module]) -> None:
    with pytest.warns(GuessWarning, match="Between: its decoder.* the layer fc3 leads to") as said:
        assert as_space(wrap(Between(declared=False)), image_shape=(1, 16, 16)).latent_shape == (
            64,
        )
    assert sum(one.category is GuessWarning for one in said) == 1  # torch has its own to say


def test_an_autoencoder_that_takes_more_than_it_returns() -> None:
    class WithLabel(ForwardOnly):
        def __init__(self) -> None:
            super().__init__()
            self.down = nn.Linear(64 + 10, 16)

        def forward(self, x: Tensor) -> Any:
            return self.up(self.code(self.down(x).relu())).sigmoid().view(-1, 8, 8)

    with pytest.warns(GuessWarning, match="takes 74 numbers and returns 64, and its layer 'up'"):
        assert as_space(WithLabel()).latent_shape == (74,)


def test_settings_may_be_a_mapping() -> None:
    model: Any = Conditional()
    model.cfg, model.latent_dim = {"z_dim": 4}, None
    with pytest.warns(GuessWarning, match=r"declares latents of shape \(4,\)"):
        as_space(model)


def test_no_layer_that_the_decoder_runs_itself_is_put_before_it() -> None:
    class Slicing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.down, self.up = nn.Linear(100, 16), nn.Linear(16, 100)

        def encode(self, x: Tensor) -> Tensor:
            return self.down(x.flatten(1))  # type: ignore[no-any-return]

        def decode(self, z: Tensor) -> Tensor:
            return self.up(z[:, :16]).view(-1, 10, 10)  # type: ignore[no-any-return]

    with pytest.warns(GuessWarning, match=r"encodes to latents of shape \(16,\)") as said:
        as_space(Slicing())
    assert "model.up(" not in str(said[0].message)


class Full(nn.Module):
    """Declares its latents, and has no memory for so many calls of a part."""

    def __init__(self, part: str, calls: int) -> None:
        super().__init__()
        self.latent_dim, self.part, self.calls = 6, part, calls
        self.out, self.back = nn.Linear(6, 64), nn.Linear(64, 6)

    def ran(self, part: str) -> None:
        if part == self.part and self.calls:
            self.calls -= 1
            raise torch.OutOfMemoryError("CUDA out of memory")

    def decode(self, z: Any) -> Any:
        self.ran("decode")
        return self.out(z).reshape(-1, 1, 8, 8)

    def encode(self, x: Any) -> Any:
        self.ran("encode")
        return self.back(x.flatten(1))


@pytest.mark.parametrize("size", [None, 4])
def test_memory_that_runs_out_is_no_wrong_shape(size: Any) -> None:
    module = Full("decode", 1)
    with pytest.raises(DecodeError, match=r"out of memory\. It ran out for the few .*float16"):
        as_space(module, batch_size=size)
    assert as_space(module, batch_size=size).latent_shape == (6,)


def test_memory_that_an_encoder_lacks_is_told_where_its_shape_is_asked_for() -> None:
    module = Full("encode", 1)
    del module.latent_dim
    with pytest.raises(
        DecodeError, match=r"^encode raised .*memory\. It ran out for the few items that"
    ):
        as_space(module, image_shape=(1, 8, 8))


def test_memory_that_an_encoder_lacks_for_a_doubt_costs_no_space() -> None:
    module = Full("encode", 1)
    del module.latent_dim
    assert as_space(module).latent_shape == (6,)
    assert not module.calls, "it was asked"
