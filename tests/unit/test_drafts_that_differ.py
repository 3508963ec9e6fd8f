"""Drafts that are smaller than the answer, or no pictures at all: the answer comes all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from latentwidgets.kinds.reading.arrays import as_outputs, enlarged
from tests.unit.page import Page

LATENTS = np.linspace(0.2, 0.9, 4).reshape(2, 2)


def picture(z: Any) -> Any:
    return np.tile(z[:, :1, None], (1, 32, 32)) * np.linspace(0.5, 1, 32)


def growing(z: Any) -> Iterator[Any]:
    yield picture(z)[:, ::4, ::4]
    yield picture(z)


def growing_tensors(z: Any) -> Iterator[Any]:
    for batch in growing(z):
        yield torch.as_tensor(batch)[:, None]


def broken(z: Any) -> Iterator[Any]:
    yield picture(z) * np.nan
    yield picture(z)[:, :5]
    yield picture(z)


@pytest.mark.parametrize("decode", [growing, growing_tensors])
def test_small_drafts_are_enlarged(decode: Any) -> None:
    space = lw.LatentSpace(decode, 2, value_range=(0, 1))
    first, answer = space.drafts(LATENTS)
    np.testing.assert_array_equal(answer, space.decode(LATENTS))
    np.testing.assert_array_equal(first, np.repeat(np.repeat(answer[:, ::4, ::4], 4, 1), 4, 2))


def test_so_are_those_of_a_cheaper_function() -> None:
    space = lw.LatentSpace(picture, 2, draft=lambda z: picture(z)[:, ::8, ::8], value_range=(0, 1))
    assert [batch.shape for batch in space.drafts(LATENTS)] == [(2, 32, 32, 1)] * 2


def test_drafts_that_cannot_be_read_are_left_out_and_told() -> None:
    space = lw.LatentSpace(broken, 2, value_range=(0, 1))
    with pytest.warns(UserWarning, match="a draft is left out: .*NaN"):
        [answer] = space.drafts(LATENTS)
    np.testing.assert_array_equal(answer, space.decode(LATENTS))


def test_a_widget_shows_the_answer_after_drafts_of_other_sizes() -> None:
    walk = lw.Interpolator(lw.LatentSpace(growing, 2, value_range=(0, 1)), LATENTS)
    _, pixels = Page(walk.comm).picture()
    assert pixels.shape[:2] == (32, 32)
    walk.value = 0.5
    assert walk.image().size == (32, 32)


@pytest.mark.parametrize("shape", [(5, 5), (28,), (28, 28)])
def test_what_does_not_fit_a_shape_is_left_as_it_is(shape: tuple[int, ...]) -> None:
    outputs = as_outputs(np.ones((2, *shape)))
    assert enlarged(outputs, (28, 28)) is outputs
