"""Torch modules as spaces: finding the parts, calling them, and reading what they return."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from latentwidgets.adapters.torch import TorchModel
from latentwidgets.adapters.torch_outputs import DeviceOutputs
from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.arrays import NumpyOutputs
from latentwidgets.kinds.reading.image_format import ImageFormat, guess_shape
from latentwidgets.kinds.reading.ranges import GuessWarning
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace
from tests.unit.torch_models import VAE, Pair, Returning, decoder, encoder, expected

if TYPE_CHECKING:
    from collections.abc import Callable


pytestmark = pytest.mark.usefixtures("no_unexpected_warning")


def test_a_module_that_is_a_decoder() -> None:
    module = decoder()
    space = as_space(module)
    latents = space.sample(5)
    assert repr(space) == "LatentSpace(Sequential, latent_shape=(6,), can_encode=False)"
    assert np.abs(space.decode(latents) - expected(module, latents)).max() <= 0.501


def test_a_module_that_has_a_decoder_and_encodes() -> None:
    vae = VAE()
    space = as_space(vae)
    latents = space.sample(5)
    assert space.can_encode
    assert space.latent_shape == (6,)
    images = space.decode(latents)
    assert np.abs(images - expected(vae.decoder, latents)).max() <= 0.501
    with torch.inference_mode():
        codes = vae.encode(torch.from_numpy(images).permute(0, 3, 1, 2) / 255)
    assert space.encode(images) == pytest.approx(codes.numpy(), abs=1e-5)


def test_methods_come_before_parts() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.decoder, self.inner = nn.Linear(3, 3), decoder()

        def decode(self, latents: Tensor) -> Any:
            return self.inner(latents)

    assert as_space(Model()).decode(np.zeros((1, 6))).shape == (1, 6, 8, 3)


def test_a_method_whose_encoder_comes_first() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers, self.inner = encoder(), decoder()

        def encode(self, images: Tensor) -> Any:
            return self.layers(images)

        def decode(self, latents: Tensor) -> Any:
            return self.inner(latents)

    assert as_space(Model()).latent_shape == (6,)


def test_parts_can_be_named() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleDict({"up": decoder(), "down": encoder()})

    model = Model()
    space = as_space(model, decode=model.layers["up"], encode=model.layers["down"], name="mine")
    assert repr(space) == "LatentSpace(mine, latent_shape=(6,), can_encode=True)"
    with pytest.raises(LatentTypeError, match="decode is a int; expected a function"):
        as_space(model, decode=3)


def test_an_encoder_without_decoder() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = encoder()

    with pytest.raises(LatentTypeError, match="Model has an encoder, but no decode"):
        as_space(Model())


# Finding the latent shape


@pytest.mark.parametrize("name", ["latent_dim", "z_dim", "latent_shape"])
def test_what_the_model_says_is_tried_first(name: str) -> None:
    class Model(nn.Module):
        def forward(self, latents: Tensor) -> Tensor:
            return torch.sigmoid(latents[:, :4].reshape(-1, 2, 2))

    module = Model()
    setattr(module, name, (9,) if name == "latent_shape" else 9)
    assert as_space(module).latent_shape == (9,)


def test_what_the_model_says_may_be_wrong() -> None:
    module = decoder()
    module.latent_dim = 99  # type: ignore[assignment]
    with pytest.warns(GuessWarning, match=r"declares latents of shape \(99,\).*It takes \(6,\)"):
        assert as_space(module).latent_shape == (6,)
    assert as_space(module, latent_shape=6).latent_shape == (6,)  # said, so that nothing is asked


def test_linear_layers_of_any_make() -> None:
    scripted = torch.jit.trace(decoder(), torch.zeros(1, 6))  # type: ignore[no-untyped-call]
    normed = decoder()
    nn.utils.parametrizations.weight_norm(normed[0])
    assert as_space(scripted).latent_shape == (6,)
    assert as_space(normed).latent_shape == (6,)


def test_the_first_layer_of_a_dcgan() -> None:
    generator = nn.Sequential(
        nn.ConvTranspose2d(20, 8, 4, 1, 0, bias=False),
        nn.BatchNorm2d(8),
        nn.ConvTranspose2d(8, 3, 4, 2, 1, bias=False),
        nn.Tanh(),
    )
    space = as_space(generator, value_range=(-1, 1))
    assert space.latent_shape == (20, 1, 1)
    assert space.decode(space.sample(2)).shape == (2, 8, 8, 3)


def test_a_convolutional_decoder_is_known_by_its_encoder() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = nn.Conv2d(3, 4, 2, stride=2)
            self.decoder = nn.Sequential(nn.Conv2d(4, 3, 1), nn.Upsample(scale_factor=2))

    with pytest.raises(LatentValueError, match=r"Model does not say.*latent_shape=\(512,\)"):
        as_space(Model())
    space = as_space(Model(), image_shape=(3, 6, 8), value_range=(-1, 1))
    assert space.latent_shape == (4, 3, 4)
    assert space.encode(space.decode(space.sample(2))).shape == (2, 4, 3, 4)


class Flat(nn.Module):
    """A VAE of linear layers, whose pictures are flat."""

    def __init__(self, *first: nn.Module) -> None:
        super().__init__()
        self.encoder = nn.Sequential(*first, nn.Linear(48, 5))
        self.decoder = nn.Sequential(nn.Linear(5, 48), nn.Sigmoid())


@pytest.mark.parametrize("first", [(), (nn.Flatten(),)])
@pytest.mark.parametrize("image_shape", [(6, 8), (3, 4, 4)])
def test_the_pictures_of_an_encoder_may_be_flat(
    first: tuple[nn.Module, ...], image_shape: tuple[int, ...]
) -> None:
    space = as_space(Flat(*first), image_shape=image_shape)
    assert space.latent_shape == (5,)
    assert space.encode(space.decode(space.sample(2))).shape == (2, 5)


def test_an_encoder_that_takes_no_such_pictures_is_passed_over() -> None:
    assert as_space(Flat(), image_shape=(5, 5)).latent_shape == (5,)


def test_an_encoder_of_grey_pictures_may_want_their_channel() -> None:
    model = Flat()
    model.encoder = nn.Sequential(nn.Conv2d(1, 1, 1), nn.Flatten(), nn.Linear(48, 5))
    model.decoder.append(nn.Unflatten(1, (1, 6, 8)))
    assert TorchModel(model).find_latent_shape((6, 8)) == (5,)


@pytest.mark.parametrize(
    ("image_shape", "error"),
    [(28, LatentValueError), ("ab", LatentTypeError), ((-1, 28), LatentValueError)],
)
def test_bad_image_shapes(image_shape: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="image_shape is"):
        as_space(Flat(), image_shape=image_shape)


def test_what_was_tried_is_told() -> None:
    class Model(nn.Module):
        latent_dim = 6

        def forward(self, latents: Tensor) -> Tensor:
            raise RuntimeError("no weights yet")

    with pytest.raises(LatentValueError, match=r"shape \(6,\).*RuntimeError: no weights yet"):
        as_space(Model())
    with pytest.raises(DecodeError, match="decode raised RuntimeError: no weights yet"):
        as_space(Model(), latent_shape=6).decode(np.zeros((1, 6)))


# What parts return


@pytest.mark.parametrize(
    "wrap",
    [
        lambda images: SimpleNamespace(sample=images),
        lambda images: (images, torch.zeros(1)),
        lambda images: torch.distributions.Normal(images, 1.0),
        lambda images: images.numpy(),
        lambda images: images.permute(0, 2, 3, 1),
        lambda images: images.contiguous(memory_format=torch.channels_last),
        lambda images: images.to_sparse(),
        lambda images: torch.complex(torch.zeros_like(images), -images).conj().imag,
    ],
    ids=["sample", "tuple", "distribution", "numpy", "channels last", "memory format"]
    + ["sparse", "negative bit"],
)
def test_what_decoders_return(wrap: Callable[[Tensor], Any]) -> None:
    latents = as_space(decoder()).sample(4)
    images = as_space(Returning(wrap)).decode(latents)
    assert np.array_equal(images, as_space(decoder()).decode(latents))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda mean: (mean, torch.ones_like(mean)),
        lambda mean: Pair(mean, torch.ones_like(mean)),
        lambda mean: SimpleNamespace(latents=mean),
        lambda mean: SimpleNamespace(sample=mean),
        lambda mean: SimpleNamespace(latent_dist=SimpleNamespace(mean=mean)),
        lambda mean: SimpleNamespace(latent_dist=SimpleNamespace(mode=lambda: mean)),
        lambda mean: torch.distributions.Normal(mean, 1.0),
    ],
    ids=["pair", "named", "latents", "sample", "latent_dist mean", "latent_dist mode", "normal"],
)
def test_what_encoders_return(wrap: Callable[[Tensor], Any]) -> None:
    plain, wrapped = as_space(VAE()), as_space(VAE(wrap))
    images = plain.decode(plain.sample(4))
    assert np.array_equal(wrapped.encode(images), plain.encode(images))


@pytest.mark.parametrize(
    ("wrap", "message"),
    [
        (lambda images: images.tolist(), "decode returned a list"),
        (lambda images: {"images": None}, "decode returned a dict"),
        (lambda images: images.to(torch.complex64), "expected real numbers"),
        (lambda images: images[:1], r"returned shape \(1, 3, 6, 8\) for a batch of 2"),
        (lambda images: images.mean(), r"returned shape \(\) for a batch of 2"),
        (lambda images: images * torch.nan, "decode returned NaN or infinity in rows 0, 1"),
        (lambda images: images.repeat(1, 2, 1, 1)[:, :5], r"shape \(5, 6, 8\); a picture is"),
    ],
)
def test_bad_outputs_are_named(wrap: Callable[[Tensor], Any], message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        as_space(Returning(wrap), latent_shape=6).decode(np.zeros((2, 6)))


def test_mean_and_variance_in_one_tensor_are_told_apart() -> None:
    space = as_space(VAE(lambda mean: torch.cat([mean, mean], dim=1)))
    with pytest.raises(DecodeError, match=r"encode returned shape \(1, 12\).*Pass encode="):
        space.encode(np.zeros((1, 6, 8, 3), np.uint8))


def test_which_of_three_is_the_latent_is_an_unsafe_guess() -> None:
    plain, wrapped = as_space(VAE()), as_space(VAE(lambda mean: (mean, mean, mean)))
    images = plain.decode(plain.sample(4))
    with pytest.warns(GuessWarning, match="tuple of 3; the first was taken.*Pass encode="):
        latents = wrapped.encode(images)
    assert np.array_equal(latents, plain.encode(images))
    wrapped.encode(images)  # warned once


def test_a_whole_autoencoder_is_no_decoder() -> None:
    with pytest.warns(GuessWarning, match="is it a whole autoencoder.*decode="):
        as_space(nn.Sequential(nn.Linear(64, 4), nn.Linear(4, 64)))


def test_a_method_brings_its_module() -> None:
    vae = VAE()
    by_method, by_module = as_space(vae.decoder.forward), as_space(vae.decoder)
    latents = by_module.sample(3)
    assert np.array_equal(by_method.decode(latents), by_module.decode(latents))


def test_a_function_of_tensors_asks_for_its_module() -> None:
    module = decoder()
    with pytest.raises(DecodeError, match=r"as_space\(module, decode=function\)"):
        as_space(lambda latents: module(latents), latent_shape=6).decode(np.zeros((1, 6)))


def test_channels_first_are_handed_on_as_they_lie() -> None:
    images = as_space(decoder()).decode(np.zeros((3, 6)))
    assert images.shape == (3, 6, 8, 3)
    assert images.transpose(0, 3, 1, 2).flags.c_contiguous


def test_functions_may_return_tensors() -> None:
    module = decoder()
    space = LatentSpace(lambda latents: module(torch.from_numpy(latents)), 6)
    latents = space.sample(4)
    assert np.array_equal(space.decode(latents), as_space(module).decode(latents))


# Dtypes, ranges, devices


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_any_float_dtype(dtype: torch.dtype) -> None:
    vae = VAE()
    exact = as_space(vae).decode(np.ones((3, 6)))
    space = as_space(vae.to(dtype))
    images = space.decode(np.ones((3, 6)))
    assert np.abs(images.astype(int) - exact).max() <= (0 if dtype == torch.float64 else 4)
    assert space.encode(images).dtype == np.float32


@pytest.mark.parametrize(
    ("wrap", "options"),
    [
        (lambda images: 2 * images - 1, {"value_range": (-1, 1)}),
        (lambda images: 2 * images - 1, {}),
        (lambda images: (255 * images).round().to(torch.uint8), {}),
        (lambda images: 255 * images, {"value_range": (0, 255)}),
    ],
)
def test_any_range(wrap: Callable[[Tensor], Tensor], options: dict[str, Any]) -> None:
    latents = 10 * as_space(decoder()).sample(4)
    images = as_space(Returning(wrap), **options).decode(latents)
    assert np.abs(images.astype(int) - as_space(decoder()).decode(latents)).max() <= 1


def test_grey_flat_pictures() -> None:
    module = nn.Sequential(nn.Linear(5, 64), nn.Sigmoid())
    assert as_space(module).decode(np.zeros((2, 5))).shape == (2, 8, 8, 1)


def test_a_linear_last_layer_is_an_unsafe_guess() -> None:
    space = as_space(Returning(lambda images: 2 * images - 0.5))
    with pytest.warns(GuessWarning, match=r"Returning: outputs reach from .*value_range=\(0, 1\)"):
        space.decode(3 * space.sample(20))


def test_a_module_without_parameters() -> None:
    assert as_space(nn.Sigmoid(), latent_shape=(4, 4)).decode(np.zeros((2, 4, 4))).max() == 128


@pytest.mark.parametrize("shape", [(3, 5, 7), (5, 7, 3), (5, 7)])
@pytest.mark.parametrize(
    ("dtype", "value_range"),
    [
        (torch.float32, (0.0, 1.0)),
        (torch.float64, (-1.0, 1.0)),
        (torch.uint8, (0.0, 255.0)),
        (torch.uint8, (0.0, 16.0)),
        (torch.uint8, (1.0, 256.0)),
        (torch.uint16, (0.0, 2.0)),
        (torch.bool, (0.0, 1.0)),
        (torch.int64, (-2.0, 2.0)),
    ],
)
def test_a_device_converts_as_numpy_does(
    shape: tuple[int, ...], dtype: torch.dtype, value_range: tuple[float, float]
) -> None:
    torch.manual_seed(0)
    with torch.inference_mode():
        tensor = (1.5 * torch.randn(4, *shape)).abs().to(dtype)
    there, here = DeviceOutputs(tensor), NumpyOutputs(tensor.numpy())
    stored, channels_first, _ = guess_shape(shape)
    image_format = ImageFormat(shape, stored, channels_first, value_range)
    images, extent = there.to_uint8(image_format)
    exact, exact_extent = here.to_uint8(image_format)
    assert images.flags.c_contiguous
    # They round float64 to float32 at different steps, so an edge may fall to either side.
    assert np.abs(images.astype(int) - exact).max() <= (dtype == torch.float64)
    assert there.shape == here.shape
    assert there.dtype_range == here.dtype_range
    assert there.extent() == pytest.approx(here.extent())
    if there.dtype_range is None:
        assert extent == pytest.approx(exact_extent, abs=1e-5)
    assert np.array_equal(there.to_float32(), here.to_float32())


def test_a_device_finds_what_is_not_finite() -> None:
    tensor = torch.zeros(4, 5, 7)
    tensor[1, 2, 3], tensor[3, 0, 0] = torch.nan, torch.inf
    outputs = DeviceOutputs(tensor)
    assert not np.isfinite(outputs.extent()).all()
    assert outputs.finite_rows().tolist() == [True, False, True, False]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU: torch sees no CUDA device")
def test_cuda() -> None:
    vae = VAE()
    here = as_space(vae)
    latents = here.sample(70)
    images = here.decode(latents)
    codes = here.encode(images)
    there = as_space(vae.to("cuda"))
    assert np.abs(there.decode(latents).astype(int) - images).max() <= 1
    assert there.encode(images) == pytest.approx(codes, abs=1e-2)
    with pytest.raises(DecodeError, match="NaN or infinity in rows 0, 1"):
        as_space(Returning(lambda x: x * torch.nan).to("cuda"), latent_shape=6).decode(latents[:2])


# Memory


class Greedy(nn.Module):
    """A decoder that takes memory nobody has, for more than `most` latents at once."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.layers, self.most = decoder(), most

    def forward(self, latents: Tensor) -> Any:
        if len(latents) > self.most:
            torch.empty(2**55)
        return self.layers(latents)


def test_batches_are_halved_when_memory_runs_out() -> None:
    space = as_space(Greedy(10))
    latents = space.sample(100)
    assert np.array_equal(space.decode(latents), as_space(decoder()).decode(latents))
    assert space.batch_size == 8


def test_the_error_of_a_full_gpu_counts() -> None:
    def full(images: Tensor) -> Tensor:
        if len(images) > 10:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return images

    space = as_space(Returning(full))
    assert space.decode(space.sample(40)).shape[0] == 40
    assert space.batch_size == 10


# Evaluation mode and gradients
