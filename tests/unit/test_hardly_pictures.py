"""Outputs that can be laid out as pictures and hardly are any: said once, with the way out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from torch import Tensor, nn

from latentwidgets.adapters.torch_outputs import DeviceOutputs
from latentwidgets.errors import DecodeError
from latentwidgets.kinds.reading.ranges import GuessWarning
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

pytestmark = pytest.mark.usefixtures("no_unexpected_warning")


def shaped(*shape: int) -> Callable[[Array], Array]:
    """Make a decoder that returns outputs of a shape, in [0, 1]."""

    def decode(latents: Array) -> Array:
        levels = 1 / (1 + np.exp(-latents[:, :1] * np.linspace(-1, 1, int(np.prod(shape)))))
        return levels.reshape(-1, *shape)

    return decode


class Tokens(nn.Module):
    """A decoder to the numbers of 64 tokens."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(3, 64 * 50)

    def forward(self, latents: Tensor) -> Any:
        return self.layer(latents).view(-1, 64, 50).argmax(-1)


DOUBTED = {
    "points": (shaped(100, 3), {}),
    "points after channels": (shaped(3, 100), {}),
    "flat points of a plane": (shaped(17, 2), {}),
    "curves with three channels": (shaped(3, 1, 100), {}),
    "curves of five channels": (shaped(5, 100), {}),
    "curves of twelve leads": (shaped(12, 1000), {}),
    "curves of five channels, points first": (shaped(100, 5), {}),
    "a table": (shaped(16), {}),
    "a table with a range": (shaped(16), {"value_range": (0, 1)}),
    "points with a range": (shaped(50, 3), {"value_range": (0, 1)}),
}


@pytest.mark.parametrize(("decode", "options"), DOUBTED.values(), ids=DOUBTED)
def test_what_is_hardly_a_picture_is_doubted_once(
    decode: Callable[[Array], Array], options: dict[str, Any]
) -> None:
    space = LatentSpace(decode, 3, name="mine", **options)
    latents = space.sample(5)
    with pytest.warns(GuessWarning, match="^mine: outputs of shape .* drawn as") as said:
        images = space.decode(latents)
    assert len(said) == 1
    words = str(said[0].message)
    assert "kind='curve'" in words
    settled = re.search(r"kind='image', image_shape=\([\d, ]+\)", words)
    assert settled is not None
    chosen = eval(
        f"LatentSpace(decode, 3, {settled[0]})", {"LatentSpace": LatentSpace, "decode": decode}
    )
    assert np.array_equal(chosen.decode(latents), images)  # without a word
    space.decode(latents)
    LatentSpace(decode, 3, kind="image", **options).decode(latents)


@pytest.mark.parametrize("shape", [(3, 100), (12, 1000), (100, 3), (100, 5)])
def test_the_advice_for_curves_runs(shape: tuple[int, int]) -> None:
    space = LatentSpace(shaped(*shape), 3)
    with pytest.warns(GuessWarning, match="kind='curve'") as said:
        made = space.decode(np.ones((2, 3)))[..., 0]
    turned = re.search(r"with a decode that returns (outputs[^;]*)", str(said[0].message))
    assert (turned is not None) == (shape[0] > shape[1])
    line = "outputs" if turned is None else turned[1]
    curves = LatentSpace(lambda z: eval(line, {"outputs": shaped(*shape)(z)}), 3, kind="curve")
    assert curves.decode(np.ones((2, 3))).shape == (2, min(shape), max(shape))
    assert made.shape == (2, *shape)


def test_token_numbers_are_doubted() -> None:
    with (
        pytest.warns(GuessWarning, match="value_range"),
        pytest.warns(
            GuessWarning,
            match=r"^Tokens: outputs of shape \(64,\).* whole numbers, as those of tokens",
        ),
    ):
        as_space(Tokens(), latent_shape=3).decode(np.ones((2, 3)))
    as_space(Tokens(), latent_shape=3, value_range=(0, 49)).decode(np.ones((2, 3)))
    whole = torch.zeros(2, 8, 8, dtype=torch.int64)
    assert DeviceOutputs(whole).is_whole
    assert not DeviceOutputs(whole.to(torch.uint8)).is_whole
    assert not DeviceOutputs(whole.float()).is_whole


def named_table(columns: list[str]) -> PCA:
    values = np.random.default_rng(0).normal(size=(50, len(columns)))
    return PCA(2).fit(pd.DataFrame(values, columns=columns))


def test_a_table_with_named_columns_is_doubted() -> None:
    iris = PCA(2).fit(load_iris(as_frame=True).data)
    with pytest.warns(GuessWarning, match=r"PCA was fitted.*'sepal length \(cm\)'.*kind='curve'"):
        as_space(iris)
    as_space(iris, kind="curve")
    as_space(iris, kind="image")
    names = [f"{what} of {whom}" for what in "abcdefghij" for whom in "abcdefghij"]
    with pytest.warns(GuessWarning, match=r"kind='image', image_shape=\(10, 10\)"):
        as_space(named_table(names))


@pytest.mark.parametrize("name", ["pixel{}", "px_{}", "{}", "x{}", "pixel {}", "1x{}"])
def test_columns_that_are_pixels_are_not_doubted(name: str) -> None:
    as_space(named_table([name.format(i) for i in range(64)]))


def test_a_table_that_makes_no_picture_is_refused_when_it_is_decoded() -> None:
    space = as_space(named_table([f"measure {letter}" for letter in "abcde"]))
    with pytest.raises(DecodeError, match="image_shape=.*kind='curve'"):
        space.decode(np.zeros((1, 2)))


@pytest.mark.parametrize(
    ("decode", "options"),
    [
        (shaped(28, 28), {}),
        (shaped(3, 32, 32), {}),
        (shaped(4, 4), {}),
        (shaped(6, 8), {}),
        (shaped(32, 512), {}),
        (shaped(128, 1024), {}),
        (shaped(80, 1000), {}),
        (lambda z: (255 * shaped(12, 1000)(z)).astype(np.uint8), {}),
        (lambda z: shaped(12, 1000)(z) > 0.5, {}),
        (shaped(5, 100), {"kind": "curve"}),
        (shaped(3, 32, 256), {}),
        (shaped(64), {}),
        (shaped(784), {}),
        (shaped(16), {"image_shape": (4, 4)}),
        (shaped(3, 100), {"kind": "curve"}),
        (shaped(16), {"sample_rate": 8000}),
        (lambda z: (255 * shaped(8, 8)(z)).astype(np.uint8), {}),
        (lambda z: shaped(8, 8)(z) > 0.5, {}),
    ],
)
def test_pictures_are_not_doubted(
    decode: Callable[[Array], Array], options: dict[str, Any]
) -> None:
    space = LatentSpace(decode, 3, **options)
    space.decode(space.sample(5))
