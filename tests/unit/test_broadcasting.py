"""Latents and directions that fit a space up to broadcasting: the message shows the line."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw

RNG = np.random.default_rng(0)
SPACE = lw.as_space(
    lambda w: w.mean(1)[:, :, None] * np.ones(8), latent_shape=(6, 8), value_range=(-3, 3)
)


def line_of(error: pytest.ExceptionInfo[Exception]) -> str:
    line = re.search(r"np\.broadcast_to\(.*\)(?=\.)", str(error.value))
    assert line is not None, error.value
    return line[0]


@pytest.mark.parametrize("shape", [(5, 8), (5, 1, 8), (8,), (1, 8)])
def test_latents_of_one_layer(shape: tuple[int, ...]) -> None:
    latents = RNG.normal(size=shape).astype(np.float32)
    with pytest.raises(lw.LatentValueError, match=r"latents have shape") as error:
        SPACE.check(latents)
    layers = eval(line_of(error), {"np": np, "latents": latents})
    checked = SPACE.check(layers)
    assert np.array_equal(checked, np.repeat(latents.reshape(-1, 1, 8), 6, axis=1))


def test_one_latent_of_one_layer() -> None:
    base = RNG.normal(size=8).astype(np.float32)
    direction = lw.Direction("age", RNG.normal(size=(6, 8)))
    with pytest.raises(lw.LatentValueError, match="base") as error:
        lw.DirectionEditor(SPACE, base, [direction])
    layers = eval(line_of(error), {"np": np, "latents": base})[0]
    assert lw.DirectionEditor(SPACE, layers, [direction]).latent.shape == (6, 8)


def test_a_latent_beside_a_path_of_layers() -> None:
    path = lw.Path(RNG.normal(size=(2, 6, 8)), "lerp")
    latent = RNG.normal(size=8)
    with pytest.raises(lw.LatentValueError, match="this path takes one") as error:
        path.nearest(latent)
    assert 0 <= path.nearest(eval(line_of(error), {"np": np, "latent": latent})) <= 1


@pytest.mark.parametrize("shape", [(6, 1), (4, 1, 1), (1, 5, 5)])
def test_a_direction_along_other_axes_than_layers(shape: tuple[int, ...]) -> None:
    latent_shape = (6, 8) if len(shape) == 2 else (4, 5, 5)
    latents = RNG.normal(size=(2, *latent_shape))
    space = lw.as_space(
        lambda z: z[..., :4, :4].reshape(len(z), -1)[:, :16], latent_shape=latent_shape
    )
    vector = RNG.normal(size=shape)
    age = lw.Direction("age", vector)

    def move(direction: lw.Direction) -> Any:
        return direction.move(latents, 1.5)

    def edit(direction: lw.Direction) -> Any:
        return lw.DirectionEditor(space, latents[0], [direction])

    for how in (move, edit):
        if shape == (1, 5, 5):  # one of several layers, for which there is a way of its own
            with pytest.raises(lw.LatentValueError, match=r"on_layers\(\(4, 5, 5\)\)"):
                how(age)
            continue
        with pytest.raises(lw.LatentValueError, match="'age'") as error:
            how(age)
        spread = eval(line_of(error), {"np": np, "vector": vector})
        how(lw.Direction("age", spread))


def test_a_single_number_is_not_repeated() -> None:
    with pytest.raises(lw.LatentValueError) as error:
        SPACE.check(np.ones((5, 1)))
    assert "broadcast" not in str(error.value)
