"""What an encoder is given: its range, size, channels and layout need not be the decoder's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.decomposition import PCA
from torch import Tensor, nn

from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.ranges import GuessWarning
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

pytestmark = pytest.mark.usefixtures("no_unexpected_warning")

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 8, 8), dtype=np.uint8)


class Logits(nn.Module):
    """A VAE trained with BCEWithLogitsLoss: pixels in [0, 1] go in, logits come out."""

    latent_dim = 4

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.enc, self.dec = nn.Linear(64, 4), nn.Linear(4, 64)

    def encode(self, x: Tensor) -> Any:
        return self.enc(x.flatten(1))

    def decode(self, z: Tensor) -> Any:
        return 8 * self.dec(z).view(-1, 1, 8, 8) - 3


def test_the_range_of_logits_says_nothing_of_what_the_encoder_takes() -> None:
    vae = Logits()
    space = as_space(vae)
    with pytest.warns(GuessWarning, match=r"value_range=.*If these are logits"):
        space.decode(3 * space.sample(20))
    with pytest.warns(GuessWarning, match=r"Logits: .*given to it in \(0, 1\).*encode_range=\(0"):
        latents = space.encode(IMAGES)
    with torch.no_grad():
        expected = vae.encode(torch.from_numpy(IMAGES / np.float32(255)))
    assert latents == pytest.approx(expected.numpy(), abs=1e-5)
    space.encode(IMAGES)  # said once
    space.encode(IMAGES / np.float32(255))


def test_a_declared_encode_range_settles_it() -> None:
    vae = Logits()
    space = as_space(vae, value_range=(-20, 20), encode_range=(-1, 1))
    with torch.no_grad():
        expected = vae.encode(torch.from_numpy(IMAGES / np.float32(127.5) - 1))
    assert space.encode(IMAGES) == pytest.approx(expected.numpy(), abs=1e-5)
    with pytest.raises(LatentTypeError, match="encode_range is 'white'; expected"):
        as_space(vae, encode_range="white")


def seen_by(decode: Callable[[Array], Array], images: Any, **options: Any) -> Array:
    """Give what an encoder is passed for some images."""
    seen = []

    def encode(x: Array) -> Array:
        seen.append(x.copy())
        return np.zeros((len(x), 2))

    LatentSpace(decode, 2, encode, **options).encode(images)
    return np.concatenate(seen)


def unit(latents: Array) -> Array:
    levels: Array = np.ones((8, 8)) / (1 + np.exp(-latents[:, :1, None]))
    return levels


@pytest.mark.parametrize(
    ("decode", "options", "extent"),
    [
        (unit, {}, (0, 1)),
        (lambda z: 2 * unit(z) - 1, {"value_range": (-1, 1)}, (-1, 1)),
        (lambda z: 16 * unit(z), {"value_range": (0, 16)}, (0, 16)),
        (unit, {"encode_range": (-1, 1)}, (-1, 1)),
        (lambda z: (255 * unit(z)).astype(np.uint8), {"value_range": (0, 255)}, (0, 255)),
        (lambda z: (255 * unit(z)).astype(np.uint8), {"encode_range": (0, 1)}, (0, 1)),
    ],
)
def test_a_range_that_is_known_is_not_doubted(
    decode: Callable[[Array], Array], options: dict[str, Any], extent: tuple[float, float]
) -> None:
    images = np.stack([np.zeros((8, 8), np.uint8), np.full((8, 8), 255, np.uint8)])
    seen = seen_by(decode, images, **options)
    assert (seen.min(), seen.max()) == extent


def test_uint8_out_says_nothing_of_what_goes_in() -> None:
    with pytest.warns(GuessWarning, match=r"decode returns uint8.*encode_range=\(0, 1\)"):
        seen_by(lambda z: (255 * unit(z)).astype(np.uint8), IMAGES)


def test_numbers_that_are_the_models_own_are_not_doubted() -> None:
    table = 10 * np.random.default_rng(0).normal(size=(30, 64))
    pca = PCA(3).fit(table)
    space = as_space(pca)
    with pytest.warns(GuessWarning, match="value_range"):
        space.decode(space.sample(4))
    assert space.encode(table) == pytest.approx(pca.transform(table), abs=1e-4)


class Encoder(nn.Module):
    """A decoder of grey maps beside an encoder that is given."""

    latent_dim = 4

    def __init__(self, encoder: nn.Module, channels: int = 1) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.encoder = encoder
        layers = [nn.Linear(4, 64 * channels), nn.Sigmoid(), nn.Unflatten(1, (channels, 8, 8))]
        self.decoder = nn.Sequential(*layers)


class Permuted(nn.Module):
    """An encoder that takes channels last, (n, 8, 8, 3), and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 1), nn.Flatten(), nn.Linear(64, 4))

    def forward(self, x: Tensor) -> Any:
        return self.layers(x)


def test_an_encoder_of_flat_pictures() -> None:
    torch.manual_seed(1)
    model = Encoder(nn.Linear(64, 4))
    with torch.no_grad():
        expected = model.encoder(torch.from_numpy(IMAGES / np.float32(255)).flatten(1))
    assert as_space(model).encode(IMAGES) == pytest.approx(expected.numpy(), abs=1e-5)
    space = as_space(model, encode_shape=64)
    assert space.encode(IMAGES) == pytest.approx(expected.numpy(), abs=1e-5)


def test_an_encoder_of_pictures_beside_a_flat_decoder() -> None:
    model = Encoder(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(72, 4)))
    model.decoder = nn.Sequential(nn.Linear(4, 64), nn.Sigmoid())
    with torch.no_grad():
        expected = model.encoder(torch.from_numpy(IMAGES / np.float32(255))[:, None])
    assert as_space(model).encode(IMAGES) == pytest.approx(expected.numpy(), abs=1e-5)


def test_an_encoder_of_channels_last() -> None:
    model = Encoder(Permuted(), channels=3)
    images = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    with torch.no_grad():
        expected = model.encoder(torch.from_numpy(images / np.float32(255)))
    assert as_space(model).encode(images) == pytest.approx(expected.numpy(), abs=1e-5)


def test_an_encoder_of_other_channels_is_found_and_doubted() -> None:
    model = Encoder(nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten(), nn.Linear(72, 4)))
    space = as_space(model)
    with pytest.warns(GuessWarning, match=r"Pass encode_shape=\(3, 8, 8\) to say so"):
        found = space.encode(IMAGES)
    space.encode(IMAGES)
    assert np.array_equal(as_space(model, encode_shape=(3, 8, 8)).encode(IMAGES), found)


def test_an_encoder_of_another_size() -> None:
    model = Encoder(nn.Sequential(nn.Flatten(), nn.Linear(256, 4)))
    large = np.random.default_rng(0).integers(0, 256, (2, 16, 16), dtype=np.uint8)
    with pytest.raises(LatentValueError, match="encode_shape="):
        as_space(model).encode(large)
    with pytest.raises(DecodeError, match=r"^encode raised RuntimeError: mat1.*encode_shape="):
        as_space(model).encode(IMAGES)
    space = as_space(model, encode_shape=(1, 16, 16))
    with torch.no_grad():
        expected = model.encoder(torch.from_numpy(large / np.float32(255)))
    assert space.encode(large) == pytest.approx(expected.numpy(), abs=1e-5)
    with pytest.raises(LatentValueError, match="takes 16x16 pictures"):
        space.encode(IMAGES)
    with pytest.raises(LatentValueError, match=r"encode_shape is \(7,\); expected the shape"):
        as_space(model, encode_shape=7).encode(IMAGES)


def test_an_encoder_that_fails_for_a_reason_of_its_own_is_not_asked_again_and_again() -> None:
    asked = []

    def encode(x: Array) -> Array:
        asked.append(x.shape)
        if len(asked) > 1:
            raise RuntimeError("broken")
        return np.zeros((len(x), 2))

    space = LatentSpace(unit, 2, encode)
    space.encode(IMAGES)
    with pytest.raises(DecodeError, match="^encode raised RuntimeError: broken$"):
        space.encode(IMAGES)
    assert len(asked) == 2


@pytest.mark.parametrize("shape", [(20,), (1, 20)])
def test_an_encoder_of_curves_with_or_without_channels(shape: tuple[int, ...]) -> None:
    def encode(x: Array) -> Array:
        if x.shape[1:] == shape:
            raise ValueError("not these axes")
        return x.reshape(len(x), -1)[:, :2]

    def decode(latents: Array) -> Array:
        return np.repeat(latents, 10, axis=1).reshape(-1, *shape)

    space = LatentSpace(decode, 2, encode, kind="curve")
    curves = np.arange(40.0).reshape(2, 20)
    assert space.encode(curves.reshape(2, *shape)).tolist() == [[0, 1], [20, 21]]


def test_a_passing_failure_of_the_encoder_settles_nothing() -> None:
    calls: list[tuple[int, ...]] = []

    def encode(images: Any) -> Any:
        calls.append(images.shape)
        if len(calls) == 1:
            raise ConnectionError("once")
        return images.reshape(len(images), -1)[:, :4]

    space = LatentSpace(lambda z: np.full((len(z), 3, 8, 8), 0.5), 4, encode, value_range=(0, 1))
    images = np.random.default_rng(0).integers(0, 255, (2, 8, 8, 3), np.uint8)
    with pytest.raises(DecodeError, match="once"):
        space.encode(images)
    space.encode(images)
    assert calls[-1] == (2, 3, 8, 8), "as the decoder lays pictures out"


@pytest.mark.parametrize(
    ("low", "high", "taken"),
    [(-0.5, 0.4, (-1, 1)), (20, 240, (0, 255))],  # the first may be logits of a young model
)
def test_a_range_that_is_doubted_is_doubted_for_the_encoder_too(
    low: float, high: float, taken: tuple[float, float]
) -> None:
    def decode(latents: Array) -> Array:
        return np.ones((len(latents), 1, 1)) * np.linspace(low, high, 64).reshape(8, 8)

    images = np.stack([np.zeros((8, 8), np.uint8), np.full((8, 8), 255, np.uint8)])
    with pytest.warns(GuessWarning) as said:
        seen = seen_by(decode, images)
    assert (seen.min(), seen.max()) == taken
    words = " ".join(str(one.message) for one in said)
    assert "nothing of what encode takes" in words
    assert "encode_range=(0, 1)" in words
    far = np.linspace(-1e5, 1e5, 64, dtype=np.float32).reshape(1, 8, 8)
    with pytest.warns(GuessWarning) as said:
        seen_by(decode, far)
    assert any("images reach from -1" in str(one.message) for one in said)


def test_a_range_of_logits_that_is_given_for_the_decoder_alone() -> None:
    def logits(latents: Array) -> Array:
        return 30 * unit(latents) - 15

    with pytest.warns(GuessWarning, match=r"nothing of what encode takes.*give it a sigmoid"):
        seen = seen_by(logits, IMAGES, value_range=(-15, 15))
    assert seen.min() >= 0
    assert seen.max() <= 1


@pytest.mark.parametrize(
    ("images", "value_range"),
    [((-1, 1), (0, 1)), ((0, 1), (-1, 1)), ((0, 1), (0, 255)), ((0, 1.5), (0, 1))],
)
def test_floats_in_another_range_are_doubted(
    images: tuple[float, float], value_range: tuple[float, float]
) -> None:
    given = np.linspace(*images, 3 * 64).reshape(3, 8, 8).astype(np.float32)
    with pytest.warns(GuessWarning, match="images reach from .* encoder takes them in"):
        seen_by(unit, given, value_range=value_range)


@pytest.mark.parametrize("mode", ["P", "CMYK", "YCbCr", "HSV", "LA", "PA"])
def test_pictures_of_pil_are_read_by_their_colours(mode: str) -> None:
    grey = Image.fromarray(np.array(np.linspace(0, 255, 64).reshape(8, 8), np.uint8))
    palette = grey.convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE)
    picture = palette.convert("PA") if mode == "PA" else grey.convert("RGB").convert(mode)
    pictures = [palette if mode == "P" else picture] * 2
    seen = seen_by(unit, pictures, value_range=(0, 1), encode_shape=(8, 8))
    assert seen[0] * 255 == pytest.approx(np.asarray(grey), abs=2)
    space = as_space(lambda z: pictures[: len(z)], latent_shape=3, batch_size=2)
    shown = space.decode(np.zeros((2, 3)))[..., :3]
    assert np.abs(shown.astype(int) - np.asarray(grey)[..., None]).max() <= 2
