"""Models that take a fixed number of latents: `batch_size` fills the last batch up."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Array = NDArray[Any]

pytestmark = pytest.mark.usefixtures("no_unexpected_warning")


class Fixed:
    """A runtime that takes exactly so many rows, and says so as runtimes do."""

    def __init__(self, size: int, words: str = "index: 0 Got: {} Expected: {}") -> None:
        self.size, self.words, self.calls = size, words, list[int]()

    def check(self, rows: Array) -> None:
        self.calls.append(len(rows))
        if len(rows) != self.size:
            raise RuntimeError(self.words.format(len(rows), self.size))

    def decode(self, latents: Array, **conditions: Array) -> Array:
        self.check(latents)
        levels = latents[:, :1, None] * np.ones((8, 8), np.float32)
        for values in conditions.values():
            self.check(values)
            levels = levels * values[:, None, None]
        return levels

    def encode(self, images: Array) -> Array:
        self.check(images)
        return images[:, 0, :4]

    def develop(self, latents: Array) -> Iterator[Array]:
        for share in (0.5, 1.0):
            yield share * self.decode(latents)


LATENTS = np.linspace(0, 1, 11)[:, None] * np.ones(4)
LEVELS = np.rint(255 * LATENTS[:, 0])


def levels_of(images: Any) -> Array:
    levels: Array = images[:, 0, 0, 0].astype(float)
    return levels


@pytest.mark.parametrize("size", [1, 2, 8])
@pytest.mark.parametrize("count", [1, 3, 8, 11])
def test_the_last_batch_is_filled_up(size: int, count: int) -> None:
    model = Fixed(size)
    space = LatentSpace(model.decode, 4, model.encode, value_range=(0, 1), batch_size=size)
    images = space.decode(LATENTS[:count])
    assert levels_of(images) == pytest.approx(LEVELS[:count])
    assert space.encode(images) == pytest.approx(LATENTS[:count], abs=0.002)
    model.calls.clear()
    space.decode(LATENTS[:count])
    assert model.calls == [size] * -(-count // size)  # it is known by now
    assert space.derivative(LATENTS[1], np.eye(4))[0][0] == pytest.approx(np.ones((8, 8)), abs=0.01)
    assert levels_of(space.replace(name="other").decode(LATENTS[:3])) == pytest.approx(LEVELS[:3])


def test_conditions_and_drafts_are_filled_up_too() -> None:
    model = Fixed(4)
    options: dict[str, Any] = {"value_range": (0, 1), "batch_size": 4}
    space = LatentSpace(model.decode, 4, conditions={"gain": (1.0, 0.0, 2.0)}, **options)
    halves = space.decode(LATENTS[:6], {"gain": [0.5] * 6})
    assert levels_of(halves) == pytest.approx(np.rint(LEVELS[:6] / 2), abs=1)
    steps = LatentSpace(model.develop, 4, **options)
    drafts = [levels_of(images) for images in steps.drafts(LATENTS[:6])]
    assert drafts[0] == pytest.approx(np.rint(LEVELS[:6] / 2), abs=1)
    assert drafts[1] == pytest.approx(LEVELS[:6])
    assert levels_of(steps.decode(LATENTS[:6])) == pytest.approx(LEVELS[:6])
    texts = LatentSpace(lambda z: [str(one[0]) for one in model.decode(z)[:, 0]], 4, batch_size=4)
    assert len(texts.decode(LATENTS[:6])) == 6


def test_samples_of_the_prior_are_filled_up() -> None:
    space = LatentSpace(Fixed(8).decode, 4, batch_size=8, prior=lambda rng, n: rng.random((n, 4)))
    space.decode(
        LATENTS[:3]
    )  # looks at four samples, without a warning that they cannot be decoded
    assert space.value_range == (0, 1)


@pytest.mark.parametrize(
    "words",
    [
        "Got invalid dimensions for input: z index: 0 Got: {} Expected: {}",
        "Cannot set tensor: Dimension mismatch. Got {} but expected {} for dimension 0 of input 0.",
        "Expected input at *args[0].shape[0] to be equal to {1}, but got {0}",
        "Static dimension mismatch while setting input shape for z. Set dimensions are [{0},4]. "
        "Expected dimensions are [{1},4].",
        "The input tensor size is not equal to the model input type: got [{0},4] expecting [{1},4]",
        'Input 0 of layer "model" is incompatible with the layer: expected shape=({1}, 4), found '
        "shape=({0}, 4)",
        "MultiArray shape ({0} x 4) does not match the shape ({1} x 4) of the model description",
        "The size of tensor a ({0}) must match the size of tensor b ({1}) at non-singleton "
        "dimension 0",
        "The expanded size of the tensor ({1}) must match the existing size ({0}) at "
        "non-singleton dimension 0.",
        "operands could not be broadcast together with shapes ({0},4) ({1},4)",
    ],
)
@pytest.mark.parametrize("size", [1, 8])
def test_the_error_names_batch_size(words: str, size: int) -> None:
    for batch_size in (None, 5):
        decode = Fixed(size, words).decode
        space = LatentSpace(decode, 4, value_range=(0, 1), batch_size=batch_size)
        with pytest.raises(DecodeError, match=f"^decode raised Runtime.*batch_size={size};"):
            space.decode(LATENTS[:3])


def test_other_errors_do_not_name_it() -> None:
    always = LatentSpace(Fixed(99, "no weights").decode, 4)
    with pytest.raises(DecodeError, match="^decode raised RuntimeError: no weights$"):
        always.decode(LATENTS[:3])


@pytest.mark.parametrize(
    "words",
    [
        "expected shape (3, 32), found (3, 4)",
        "mat1 and mat2 shapes cannot be multiplied (3x4 and 5x64)",
        "shapes (3,4) and (5,6) not aligned",
        "The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1",
    ],
)
def test_another_misfit_does_not_name_it(words: str) -> None:
    always = LatentSpace(Fixed(99, words).decode, 4)
    with pytest.raises(DecodeError) as refused:
        always.decode(LATENTS[:3])
    assert "batch_size" not in str(refused.value)


@pytest.mark.parametrize("kind", ["numpy", "torch"])
def test_latents_that_are_joined_with_rows_of_something_else(kind: str) -> None:
    """As many latents as there are layers would decode, each by a layer of its own."""
    layers: Any = np.linspace(-0.5, 0.5, 18)[:, None] * np.ones(4)

    def decode(latents: Array) -> Array:
        if kind == "numpy":
            joined: Array = latents + layers
        else:
            joined = (torch.from_numpy(latents) + torch.from_numpy(layers)).numpy()
        return joined[:, :1, None] * np.ones((8, 8))

    with pytest.raises(DecodeError, match="18 rows of something else, mend that instead"):
        LatentSpace(decode, 4, value_range=(0, 1)).decode(LATENTS)


@pytest.mark.parametrize("make", [lambda: exported(), lambda: traced()])
def test_a_shape_that_was_tried_with_too_few_names_it(make: Callable[[], Any]) -> None:
    with pytest.raises(LatentValueError, match="takes exactly 6 at a time needs batch_size=6;"):
        as_space(make())


def test_a_model_that_always_returns_a_whole_batch() -> None:
    def decode(latents: Array) -> Array:
        whole = np.zeros((8, 4), np.float32)
        whole[: len(latents)] = latents
        return whole[:, :1, None] * np.ones((8, 8), np.float32)

    with pytest.raises(DecodeError, match=r"returned shape \(8, 8, 8\).*batch_size=8"):
        LatentSpace(decode, 4, value_range=(0, 1)).decode(LATENTS[:3])
    images = LatentSpace(decode, 4, value_range=(0, 1), batch_size=8).decode(LATENTS)
    assert levels_of(images) == pytest.approx(LEVELS)


def test_other_models_are_not_filled_up() -> None:
    calls = []

    def decode(latents: Array) -> Array:
        calls.append(len(latents))
        if latents.min() < 0:
            raise RuntimeError("negative")
        return latents[:, :1, None] * np.ones((8, 8))

    space = LatentSpace(decode, 4, value_range=(0, 1), batch_size=8)
    space.decode(LATENTS)
    with pytest.raises(DecodeError, match="^decode raised RuntimeError: negative$"):
        space.decode(-LATENTS[1:3])
    space.decode(LATENTS[:2])
    assert calls == [8, 3, 2, 8, 2]  # a batch that fails is tried once as a whole one


class Traced(nn.Module):
    """A decoder that was written for 6 latents."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(5, 64)

    def forward(self, latents: Tensor) -> Any:
        return self.layer(latents).sigmoid().view(6, 8, 8)


def exported() -> Any:
    return torch.export.export(Traced(), (torch.zeros(6, 5),)).module()


def traced() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.trace(Traced(), torch.zeros(6, 5))  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("make", [Traced, exported, traced])
def test_exported_modules(make: Callable[[], Any]) -> None:
    with pytest.raises(DecodeError, match="batch_size=6; then the last"):
        as_space(make(), latent_shape=5).decode(np.zeros((3, 5)))
    space = as_space(make(), batch_size=6)
    assert space.latent_shape == (5,)
    latents = space.sample(8)
    with torch.no_grad():
        layer = Traced().layer
        expected = 255 * layer(torch.from_numpy(latents)).sigmoid().view(-1, 8, 8).numpy()
    assert np.abs(space.decode(latents)[..., 0] - expected).max() <= 0.51


def test_a_passing_failure_fills_no_batch_up_for_good() -> None:
    sizes: list[int] = []

    def decode(latents: Any) -> Any:
        sizes.append(len(latents))
        if len(sizes) == 3:
            raise ConnectionError("once")
        return np.full((len(latents), 4, 4), 0.5)

    space = LatentSpace(decode, 2, batch_size=16, value_range=(0, 1))
    for _ in range(6):
        space.decode(np.zeros((1, 2)))
    assert sizes[-2:] == [1, 1]


def test_one_picture_in_place_of_a_batch_is_not_taken_for_a_fixed_batch() -> None:
    space = LatentSpace(lambda _: np.ones((28, 28)), 2, value_range=(0, 1))
    with pytest.raises(DecodeError) as refused:
        space.decode(np.zeros((1, 2)))
    assert "batch_size" not in str(refused.value)
