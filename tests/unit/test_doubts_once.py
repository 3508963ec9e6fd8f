"""A doubt about a guess is said once for a model, whatever replaces its space."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw

OWN = ("cat", "dog", "owl")
MOVED = {"y": ["owl", "cat", "dog"]}


class Model:
    """Takes a class, and returns pictures among other things."""

    classes_ = OWN

    def decode(self, z: np.ndarray, y: np.ndarray | None = None) -> dict[str, np.ndarray]:
        made = np.broadcast_to(z[:, :1, np.newaxis] * 3.0, (len(z), 8, 8))
        return {"first": made, "second": made[:, :4]}

    def encode(self, images: np.ndarray) -> dict[str, np.ndarray]:
        rows = images.reshape(len(images), -1)[:, :2]
        return {"first": rows, "second": 2 * rows}


def doubts(make: Any) -> tuple[Any, list[str]]:
    """What something returns, and what is doubted meanwhile."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        made = make()
    assert {one.category for one in caught} <= {lw.GuessWarning}
    assert {one.filename for one in caught} <= {__file__}, "at the person's own line"
    return made, [str(one.message) for one in caught]


def test_the_order_of_names_is_doubted_once() -> None:
    model = Model()
    space, said = doubts(lambda: lw.LatentSpace(model.decode, 2, conditions=MOVED))
    assert len(said) == 1
    for options in ({"name": "other"}, {"encode": model.encode}, {"value_range": (0, 3)}):
        space, said = doubts(lambda now=space, options=options: now.replace(**options))
        assert said == []
    _, said = doubts(lambda: space.replace(conditions={"y": ["dog", "cat", "owl"]}))
    assert len(said) == 1, "another order is another guess"
    _, said = doubts(lambda: lw.LatentSpace(model.decode, 2, conditions=MOVED))
    assert len(said) == 1, "who makes a space anew is told anew"


def test_how_outputs_were_read_is_doubted_once() -> None:
    latents = np.array([[-1.0, 0], [1, 0]])
    space = lw.LatentSpace(Model().decode, 2)
    _, said = doubts(lambda: space.decode(latents))
    assert len(said) == 2, "which of the outputs, and their range"
    other = space.replace(name="other", prior=lambda rng, n: rng.normal(size=(n, 2)))
    assert other.image_format is None, "how outputs are read is found anew"
    assert doubts(lambda: other.decode(latents))[1] == []
    _, said = doubts(lambda: other.replace(conditions={"y": OWN}).decode(2 * latents))
    assert len(said) == 1, "another range is another guess"
    assert "reach from -6 to 6" in said[0]
    assert said[0].startswith("other: ")


def test_what_an_encoder_returned_is_doubted_once() -> None:
    model = Model()
    images = np.zeros((2, 8, 8, 1), np.uint8)
    space = lw.LatentSpace(lambda z: np.zeros((len(z), 8, 8)), 2, model.encode, value_range=(0, 1))
    _, said = doubts(lambda: space.encode(images))
    assert len(said) == 1
    assert doubts(lambda: space.replace(batch_size=1).encode(images))[1] == []


def test_what_an_encoder_takes_is_doubted_once_and_each_images_that_it_hardly_takes() -> None:
    def decode(z: np.ndarray) -> np.ndarray:
        return np.broadcast_to(np.where(z[:, :1, np.newaxis] > 0, 6.0, -6.0), (len(z), 8, 8))

    space = lw.LatentSpace(decode, 2, lambda images: images[:, 0, :2])
    doubts(lambda: space.decode(np.array([[-1.0, 0], [1, 0]])))
    images = np.zeros((2, 8, 8, 1), np.uint8)
    _, said = doubts(lambda: space.encode(images))
    assert len(said) == 1
    other = space.replace(prior=lambda rng, n: rng.normal(size=(n, 2)))
    assert doubts(lambda: other.encode(images))[1] == []
    for _ in range(2):
        assert len(doubts(lambda: other.encode(images + 1000.0))[1]) == 1


def test_another_model_is_doubted_of_its_own() -> None:
    space = lw.LatentSpace(Model().decode, 2, Model().encode, conditions={"y": OWN})
    latents, images = np.eye(2), np.zeros((2, 8, 8, 1), np.uint8)
    _, first = doubts(lambda: (space.decode(latents), space.encode(images)))
    other = space.replace(decode=Model().decode, encode=Model().encode)
    _, again = doubts(lambda: (other.decode(latents), other.encode(images)))
    assert first == again != []


def test_a_doubt_that_was_raised_as_an_error_is_said_again() -> None:
    space = lw.LatentSpace(Model().decode, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            with pytest.raises(lw.GuessWarning):
                space.decode(np.eye(2))
    assert doubts(lambda: space.decode(np.eye(2)))[1] != []


def test_a_copy_knows_what_was_said() -> None:
    space, _ = doubts(lambda: lw.LatentSpace(Model().decode, 2, conditions=MOVED))
    assert doubts(lambda: copy.deepcopy(space).replace(name="other"))[1] == []


def test_a_network_that_is_steered_elsewhere_is_the_same_model() -> None:
    letters = torch.nn.Embedding(3, 3, _weight=torch.eye(3))
    network: Any = torch.nn.Sequential(letters, torch.nn.Sequential(torch.nn.Identity()))
    network.classes_ = OWN
    network.eval()

    def generate(ids: Any, y: Any) -> list[str]:
        return ["abc"[i] for i in network(ids)[:, -1].argmax(-1)]

    model = lw.adapters.Residual(
        network, tokenize=lambda text: [*map("abc".index, text)], generate=generate, layer=0,
        prompt="ab",
    )  # fmt: skip
    space, said = doubts(lambda: lw.as_space(model, conditions=MOVED))
    assert len(said) == 1
    assert doubts(lambda: space.at(prompt="ba").at(steer="last"))[1] == []
