"""Models that return tuples, lists, dicts and objects: which array is meant, and what is said."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import scipy.sparse
import torch
from PIL import Image
from torch import Tensor

from latentwidgets.errors import DecodeError
from latentwidgets.kinds.reading.containers import array_in
from latentwidgets.kinds.reading.ranges import GuessWarning
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace
from tests.unit.spaces import logit, sigmoid
from tests.unit.torch_models import VAE, Returning, decoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

pytestmark = pytest.mark.usefixtures("no_unexpected_warning")

Posterior = namedtuple("Posterior", ["log_var", "mu"])


@dataclass
class Output:
    loss: Any
    z: Any


def ones(mean: Any) -> Any:
    return mean * 0 + 1


ENCODED: dict[str, Callable[[Any], Any]] = {
    "list of mean and log variance": lambda z: [z, ones(z)],
    "list of one": lambda z: [z],
    "dict": lambda z: {"log_var": ones(z), "mean": z},
    "ordered dict": lambda z: OrderedDict(hidden=ones(z), latents=z),
    "named tuple": lambda z: Posterior(ones(z), z),
    "dataclass": lambda z: Output(loss=z.mean(), z=z),
    "object": lambda z: SimpleNamespace(hidden=ones(z), mu=z),
    "a loss first": lambda z: (z.sum(), z),
    "a list and a loss": lambda z: ([z, ones(z)], z.sum()),
    "in an object in a dict": lambda z: {"latent_dist": SimpleNamespace(mean=z), "hidden": None},
    "hidden features first": lambda z: (z[:, :3], z, ones(z)),
}


@pytest.mark.parametrize("wrap", ENCODED.values(), ids=ENCODED)
@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_what_encoders_return(wrap: Callable[[Any], Any], count: int) -> None:
    plain, wrapped = as_space(VAE()), as_space(VAE(wrap), latent_shape=6)
    images = plain.decode(plain.sample(count))
    assert np.array_equal(wrapped.encode(images), plain.encode(images))
    by_numpy = LatentSpace(sigmoid, 5, lambda x: wrap(logit(x)))
    latents = by_numpy.sample(count)
    pictures = by_numpy.decode(latents)
    assert np.array_equal(
        by_numpy.encode(pictures), LatentSpace(sigmoid, 5, logit).encode(pictures)
    )


def test_codes_are_no_latents() -> None:
    space = as_space(VAE(lambda z: (z.argmax(1, keepdim=True).expand(-1, 6), z)), latent_shape=6)
    images = space.decode(space.sample(3))
    assert np.array_equal(space.encode(images), as_space(VAE()).encode(images))


@pytest.mark.parametrize(
    ("wrap", "taken"),
    [
        (lambda z: [z, ones(z), z + 1], r"returned a list of 3; the first was taken"),
        (lambda z: {"z": z + 1, "mu": z}, r"returned a dict of 2; \['mu'\] was taken"),
        (lambda z: {"latent": z, "code": z + 1}, r"returned a dict of 2; \['latent'\] was taken"),
    ],
)
def test_where_several_could_be_the_latent_it_is_said_once(
    wrap: Callable[[Tensor], Any], taken: str
) -> None:
    plain, wrapped = as_space(VAE()), as_space(VAE(wrap), latent_shape=6)
    images = plain.decode(plain.sample(4))
    with pytest.warns(GuessWarning, match=f"VAE: encode {taken}") as said:
        latents = wrapped.encode(images)
    assert len(said) == 1
    assert "Pass encode=lambda images: model.encode(images)[" in str(said[0].message)
    assert np.array_equal(latents, plain.encode(images))
    wrapped.encode(images)


DECODED: dict[str, Callable[[Any], Any]] = {
    "list of one batch": lambda images: [images],
    "one each": list,
    "dict": lambda images: {"loss": images.mean(), "recon": images},
    "with the latent": lambda images: (images, images[:, 0, 0], images[:, 0, 1]),
    "with the latent first in a dict": lambda images: {"z": images[:, 0, 0], "x_hat": images},
    "dataclass": lambda images: Output(loss=images.mean(), z=images),
}


@pytest.mark.parametrize("wrap", DECODED.values(), ids=DECODED)
@pytest.mark.parametrize("count", [1, 2, 4])
def test_what_decoders_return(wrap: Callable[[Any], Any], count: int) -> None:
    space = as_space(Returning(wrap), latent_shape=6)
    latents = space.sample(count)
    assert np.array_equal(space.decode(latents), as_space(decoder()).decode(latents))
    by_numpy = LatentSpace(lambda z: wrap(sigmoid(z)), 5)
    latents = by_numpy.sample(count)
    assert np.array_equal(by_numpy.decode(latents), LatentSpace(sigmoid, 5).decode(latents))


def test_pictures_of_two_sizes_are_several() -> None:
    space = as_space(Returning(lambda images: [images, images[..., ::2, ::2]]), latent_shape=6)
    with pytest.warns(GuessWarning, match="decode returned a list of 2; the first was taken"):
        images = space.decode(space.sample(3))
    assert images.shape == (3, 6, 8, 3)
    space.decode(space.sample(3))


def test_one_each_that_could_be_one_of_all_is_said() -> None:
    space = as_space(Returning(list), latent_shape=6)
    latents = space.sample(3)  # as many as channels
    with pytest.warns(GuessWarning, match=r"one array for each of the latents.*np\.stack"):
        images = space.decode(latents)
    assert np.array_equal(images, as_space(decoder()).decode(latents))


def test_a_list_of_pil_images_and_a_sparse_matrix() -> None:
    def pil(latents: Array) -> Any:
        levels = (255 * sigmoid(latents)).astype(np.uint8).transpose(0, 2, 3, 1)
        return [Image.fromarray(one) for one in levels]

    latents = LatentSpace(sigmoid, 5).sample(2)
    assert LatentSpace(pil, 5).decode(latents).shape == (2, 4, 4, 3)
    assert LatentSpace(pil, 5).decode(latents).max() > 100

    def flat(latents: Array) -> Any:
        return scipy.sparse.csr_matrix(sigmoid(latents).reshape(len(latents), -1)[:, :16])

    assert LatentSpace(flat, 5, image_shape=(4, 4)).decode(latents).shape == (2, 4, 4, 1)


def test_what_makes_no_array_of_itself_is_refused() -> None:
    class Endless:
        def toarray(self) -> Any:
            return self

    class Broken:
        def toarray(self) -> Any:
            raise OSError("gone")

    made: Any
    for made, words in ((Endless, "returned"), (Broken, "cannot read: OSError: gone")):
        space = LatentSpace(lambda z, made=made: made(), 2)
        with pytest.raises(DecodeError, match=words):
            space.decode(np.zeros((1, 2)))


def test_tuples_of_objects_are_objects() -> None:
    class Words(torch.nn.Module):
        latent_dim = 2

        def decode(self, latents: Tensor) -> Any:
            return (["a"] * len(latents), latents)

    assert as_space(Words()).decode(np.zeros((3, 2))) == ["a", "a", "a"]


def test_the_advice_fits_an_encoder() -> None:
    space = as_space(VAE(lambda z: z.tolist()), latent_shape=6)
    with pytest.raises(DecodeError, match=r"encode returned a list.*latents.*Pass encode=") as no:
        space.encode(np.zeros((2, 6, 8, 3), np.uint8))
    assert "stack" not in str(no.value)
    assert "kind" not in str(no.value)


def test_a_list_of_batches_of_one_is_read_alike_whatever_comes_first() -> None:
    for sizes in ((1, 2, 3), (3, 1, 2)):
        space = LatentSpace(
            lambda z: [np.full((1, 8, 8), one[0]) for one in z], 2, value_range=(0, 1)
        )
        for n in sizes:
            assert space.decode(np.full((n, 2), 0.5)).shape == (n, 8, 8, 1)


def test_of_a_list_of_two_the_first_counts_also_where_there_are_two_latents() -> None:
    space = LatentSpace(
        lambda z: [np.full((len(z), 64), 0.5), np.zeros((len(z), 64))], 2, value_range=(0, 1)
    )
    with pytest.warns(GuessWarning, match="the first was taken"):
        space.decode(np.zeros((3, 2)))
    for n in (2, 1):
        assert space.decode(np.zeros((n, 2))).min() == 128


def test_a_distribution_beside_its_divergence_of_each_item() -> None:
    class Normal:
        def __init__(self, mean: Any) -> None:
            self.mean = mean

        def log_prob(self, x: Any) -> Any:
            return -((x - self.mean) ** 2)

    mean, divergence = np.full((3, 4), 2.0), np.ones(3)
    for returned in ((Normal(mean), divergence), {"kl": divergence, "dist": Normal(mean)}):
        found = array_in(returned, 3, source="encode", expected=(4,), stack=np.stack)
        assert found.value is mean
    pictures = np.zeros((3, 8, 8))
    assert (
        array_in((divergence, pictures), 3, source="decode", expected=None, stack=np.stack).value
        is pictures
    )


def test_pictures_beside_flat_features_make_the_choice_doubtful() -> None:
    features, pictures = np.ones((3, 64)), np.zeros((3, 1, 8, 8))
    choice = array_in((features, pictures), 3, source="decode", expected=None, stack=np.stack)
    assert choice.value is features
    assert choice.is_doubtful
    recon, mean = np.ones((3, 64)), np.zeros((3, 2))
    choice = array_in((recon, mean), 3, source="decode", expected=None, stack=np.stack)
    assert not choice.is_doubtful
