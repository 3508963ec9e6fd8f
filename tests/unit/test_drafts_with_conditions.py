"""Generators and cheaper functions under conditions: in a space, of torch, and in a widget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

import latentwidgets as lw
from latentwidgets.engine import renderer
from latentwidgets.errors import LatentValueError
from tests.unit.page import Page

Array = NDArray[Any]
GIVEN = {"class": ["owl", "mug", "bee"], "sharpness": (1.0, 0.0, 2.0)}
LATENTS = np.array([[1, 0], [2, 0], [3, 0]], np.float32)


def numbers(latents: Array, y: Array, sharpness: Array) -> Array:
    """Pictures of 1 by 3: the first number of the latent, and the conditions, in tens."""
    return 10 * np.stack([latents[:, 0], y, sharpness], axis=1)[:, np.newaxis]


def develop(latents: Array, y: Array, sharpness: Array) -> Iterator[Array]:
    for step in (1, 2):
        yield numbers(latents, y, sharpness) * step / 2


def only_class(latents: Array, y: Array) -> Array:
    return numbers(latents, y, 0 * y)


def make_space(decode: Any = develop, **options: Any) -> lw.LatentSpace:
    return lw.LatentSpace(decode, 2, value_range=(0, 255), conditions=GIVEN, **options)


def rows(images: Array) -> list[list[int]]:
    found: list[list[int]] = images[:, 0, :, 0].tolist()
    return found


@pytest.mark.parametrize("batch_size", [None, 2])
def test_drafts_are_decoded_under_conditions(batch_size: int | None) -> None:
    space = make_space(batch_size=batch_size)
    given = {"class": ["mug", "owl", "bee"], "sharpness": 2.0}
    draft, last = map(rows, space.drafts(LATENTS, given))
    assert last == [[10, 10, 20], [20, 0, 20], [30, 20, 20]]
    assert draft == [[5, 5, 10], [10, 0, 10], [15, 10, 10]]
    assert rows(space.decode(LATENTS, given)) == last
    assert rows(list(space.drafts(LATENTS))[-1])[0] == [10, 0, 10], "the defaults"


def test_conditions_that_cannot_be_used_are_refused_at_once() -> None:
    with pytest.raises(LatentValueError, match="kind"):
        make_space().drafts(LATENTS, {"kind": 1})
    with pytest.raises(LatentValueError, match="2 values for 3 latents"):
        make_space().drafts(LATENTS, {"class": ["owl", "mug"]})


def test_a_cheaper_function_gets_the_conditions_that_it_takes() -> None:
    space = make_space(numbers, draft=only_class)
    draft, last = map(rows, space.drafts(LATENTS[:1], {"class": "bee", "sharpness": 2}))
    assert (draft, last) == ([[10, 20, 0]], [[10, 20, 20]])
    with pytest.raises(LatentValueError, match="draft needs 'strength'"):
        make_space(numbers, draft=lambda z, y, sharpness, strength: z)


def test_derivatives_of_a_generator_are_under_conditions() -> None:
    def scaled(latents: Array, scale: Array) -> Iterator[Array]:
        yield latents * 0
        yield latents * scale[:, np.newaxis]

    space = lw.LatentSpace(scaled, 2, conditions={"scale": (1.0, 0.0, 9.0)})
    changes, _ = space.derivative([1.0, 2.0], np.eye(2), conditions={"scale": 3.0})
    np.testing.assert_allclose(changes, 3 * np.eye(2), atol=1e-2)


class Flow(nn.Module):
    """A module whose decode is a generator that takes a class."""

    latent_dim = 2

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Embedding(3, 3)
        self.layer.weight.data = 50 * torch.eye(3)

    def decode(self, latents: torch.Tensor, y: torch.Tensor) -> Iterator[torch.Tensor]:
        assert y.dtype is torch.int64
        for step in (1, 2):
            yield (self.layer(y) * step)[:, None]


def test_a_torch_generator_gets_tensors_at_every_step() -> None:
    def cheap(latents: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        assert y.dtype is torch.int64
        return torch.zeros(len(latents), 1, 3)

    conditions = {"class": GIVEN["class"]}
    space = lw.as_space(Flow(), conditions=conditions, draft=cheap, value_range=(0, 255))
    drafts = [rows(images) for images in space.drafts(LATENTS[:1], {"class": "mug"})]
    assert drafts == [[[0, 0, 0]], [[0, 50, 0]], [[0, 100, 0]]]


def test_a_widget_shows_drafts_of_the_conditions_that_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renderer, "SLOW_SECONDS", -1.0)
    monkeypatch.setattr(renderer, "DRAFT_SECONDS", 0.0)
    page = Page(lw.Interpolator(make_space(), LATENTS[:2], method="lerp").comm)
    at = [0.0, 2.0, 1.5]
    page.ask(at=at)
    answers = [page.answer() for _ in range(3)]
    shown = [content["frames"][0] for content, _ in answers]
    assert [frame["draft"] for frame in shown] == [1, 2, 0]
    assert [frame["at"] for frame in shown] == [at] * 3
    pixels = [list(data[::4]) for _, [data] in answers]  # of red, green, blue and opacity
    assert pixels == [[5, 10, 8], [10, 20, 15], [10, 20, 15]]
