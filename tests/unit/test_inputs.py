"""What is passed for latents: one or several, or images and texts that the space encodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import pytest

import latentwidgets as lw
from latentwidgets.space.inputs import latents_from, one_latent, one_or_several
from tests.unit.spaces import sigmoid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

TEXTS = lw.adapters.Retrieval(np.eye(3), ["a", "b", "c"])


def pictured() -> tuple[lw.LatentSpace, Array, Any]:
    """A space that encodes, some latents, and their images."""
    digits = lw.demo.digits()
    return digits.space, digits.latents[:3], digits.images[:3]


def test_latents_and_images_are_told_apart() -> None:
    space, latents, images = pictured()
    pictures = [PIL.Image.fromarray(image[..., 0]) for image in images]
    for several in (latents, list(latents), images, list(images), pictures):
        assert latents_from(space, several, "latents") == pytest.approx(latents, abs=1e-5)
        assert one_or_several(space, several, "base") == pytest.approx(latents, abs=1e-5)
    for one in (latents[0], latents[0].tolist(), images[0], images[0, ..., 0], pictures[0]):
        assert one_latent(space, one) == pytest.approx(latents[0], abs=1e-5)
        assert one_or_several(space, one, "base") == pytest.approx(latents[0], abs=1e-5)


def test_texts_are_encoded() -> None:
    space = lw.as_space(TEXTS)
    assert one_latent(space, "b").tolist() == one_or_several(space, "b", "base").tolist()
    assert one_latent(space, "b").tolist() == [0, 1, 0]
    for take in (latents_from, one_or_several):
        assert take(space, ["c", "a"], "base").tolist() == [[0, 0, 1], [1, 0, 0]]


def test_a_batch_is_not_one_latent() -> None:
    space, latents, _ = pictured()
    for where in (space, (10,)):
        with pytest.raises(lw.LatentValueError, match=r"\(3, 10\); expected one latent, \(10,\)"):
            one_latent(where, latents)


@pytest.mark.parametrize("take", [one_latent, one_or_several, latents_from])
def test_what_is_neither_is_refused(take: Any) -> None:
    space, latents, images = pictured()
    for bad in (latents[:, :4], images[:, :7], "text", [["a"]], None, latents[0] + np.nan):
        for where in (space, (10,), lw.LatentSpace(sigmoid, 10)):
            with pytest.raises((lw.LatentValueError, lw.LatentTypeError), match="base|images"):
                take(where, bad, "base")


def test_one_masked_image_is_refused() -> None:
    space, _, images = pictured()
    masked = np.ma.masked_array(images[0], images[0] > 100)
    for take in (one_latent, one_or_several):
        with pytest.raises(lw.LatentValueError, match="masked"):
            take(space, masked, "base")


def test_without_a_space_the_shape_counts() -> None:
    assert latents_from((2, 3), np.ones((4, 2, 3)), "path").shape == (4, 2, 3)
    assert one_or_several((2, 3), np.ones((2, 3)), "base").shape == (2, 3)
    with pytest.raises(lw.LatentValueError, match=r"path has shape \(4, 3\); expected \(m, 2, 3\)"):
        latents_from((2, 3), np.ones((4, 3)), "path")
    with pytest.raises(lw.LatentValueError, match="NaN or infinity in row 0 of 1 of the path"):
        latents_from((2,), [[1e300, 0]], "path")


def test_moves_are_found_at_an_image() -> None:
    space, latents, images = pictured()
    found = lw.local_directions(space, images[0], 2)
    expected = lw.local_directions(space, latents[0], 2)
    assert np.abs((found.matrix * expected.matrix).sum(axis=1)) == pytest.approx(1, abs=1e-3)
