"""Directions that depend on the decoder are found under the conditions that are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import latentwidgets as lw
from latentwidgets.errors import LatentTypeError

# By class: which of the axes of a latent change the output.
WEIGHTS = np.zeros((2, 100), np.float32)
WEIGHTS[0, :64] = WEIGHTS[1, 36:] = 1
FIRST, LAST = ({f"axis {i}" for i in axes} for axes in (range(64), range(36, 100)))
X = lw.Direction("x", [1.0, 0, 0, 0])


def wide_space() -> lw.LatentSpace:
    """A space of 100 axes, of which each class uses other ones."""
    return lw.LatentSpace(
        lambda latents, y: (latents * WEIGHTS[y]).reshape(-1, 10, 10),
        100,
        value_range=(-3, 3),
        conditions={"y": ["first", "last"]},
    )


def flat_space(**options: Any) -> lw.LatentSpace:
    """A space whose decoder draws nothing by default."""
    given = {"value_range": (-3, 3), "conditions": {"gain": (0.0, 0.0, 4.0)}, **options}
    return lw.LatentSpace(
        lambda latents, gain: (latents * [4, 3, 2, 1] * gain[:, None]).reshape(-1, 2, 2), 4, **given
    )


def test_axes_are_chosen_under_conditions() -> None:
    space = wide_space()
    assert set(lw.axis_directions(space, 64).names) == FIRST
    found = lw.axis_directions(space, 64, conditions={"y": "last"})
    assert set(found.names) == LAST
    about = found[0].provenance["parameters"]
    assert about["conditions"] == {"y": "last"}


def test_widgets_choose_axes_under_their_conditions() -> None:
    space, zeros, under = wide_space(), np.zeros(100), {"y": 1}
    assert set(lw.DirectionEditor(space, zeros, conditions=under).directions.names) == LAST
    grid = lw.LatentGrid.traversals(space, zeros, amounts=(0, 1), conditions=under)
    assert set(grid.grid.rows.names) == LAST
    explorer = lw.explore(space, parts=["editor"], directions=[lw.Direction("own", np.ones(100))])
    explorer.conditions = under  # those of the moment count
    explorer.add_axes()
    assert set(explorer.editor.directions.names) == {"own", *LAST}


def test_axes_are_chosen_at_an_image_under_conditions() -> None:
    def decode(latents: Any, y: Any) -> Any:
        # The first number, which the encoder sets, says which axis is drawn.
        return np.where(latents[:, :1] > 1, latents * [0, 1, 0], latents * [0, 0, 1])[:, :, None]

    space = lw.LatentSpace(
        decode,
        3,
        lambda images, y: images.reshape(-1, 3) - 100 * y[:, None],
        value_range=(-10, 10),
        conditions={"y": (0.0, 0.0, 0.1)},
    )
    image = np.full((3, 1), 5, np.float32)
    latents = np.random.default_rng(0).normal(size=(50, 3))
    options: Any = {"at": image, "latents": latents}
    assert lw.axis_directions(space, 1, **options).names == ("axis 1",)
    found = lw.axis_directions(space, 1, conditions={"y": 0.1}, **options)
    assert found.names == ("axis 2",)


def test_local_directions_are_found_under_conditions() -> None:
    space = flat_space()
    with pytest.raises(lw.LatentValueError, match="or other conditions"):
        lw.local_directions(space, np.zeros(4))
    found = lw.local_directions(space, np.zeros(4), conditions={"gain": 2})
    assert np.allclose(found.matrix, np.eye(4), atol=1e-3)
    about = found[0].provenance["parameters"]
    assert about["conditions"] == {"gain": 2}


def test_forward_mode_takes_conditions() -> None:
    class Decoder(nn.Module):
        def forward(self, latents: Any, gain: Any) -> Any:
            weights = torch.tensor([1.0, 2, 3, 4])
            return torch.tanh(latents * weights * gain[:, None]).reshape(-1, 1, 2, 2)

    given = {"gain": (0.0, 0.0, 4.0)}
    space = lw.as_space(Decoder(), latent_shape=4, value_range=(-1, 1), conditions=given)
    found = lw.local_directions(space, np.zeros(4), conditions={"gain": 2})
    assert found[0].method == "local, forward mode"
    assert np.allclose(found.matrix, np.eye(4)[::-1], atol=1e-3)


@pytest.mark.parametrize("options", [{}, {"value_range": "auto"}])
def test_a_decoder_that_is_flat_by_default_is_explored_where_it_is_not(options: Any) -> None:
    space = flat_space(**options)
    explorer = lw.explore(space, parts=["grid", "editor"], conditions={"gain": 2})
    editor = explorer.editor
    assert editor.directions.names == ("local 1", "local 2", "local 3", "local 4")
    assert editor.conditions == {"gain": 2}


def test_a_move_is_found_at_an_image_under_conditions() -> None:
    space = lw.LatentSpace(
        lambda latents, y: np.square(latents)[:, :, None] * np.ones(3),
        2,
        lambda images, y: np.stack([1 - y, y], axis=1),
        value_range=(0, 4),
        conditions={"y": (0.0, 0.0, 1.0)},
    )
    image = np.ones((2, 3), np.float32)
    for y, move in ((0, [1, 0]), (1, [0, 1])):
        [found] = lw.local_directions(space, image, 1, conditions={"y": y})
        assert np.allclose(found.vector, move, atol=1e-2)


def test_effects_are_measured_under_conditions() -> None:
    def left(images: Any) -> Any:
        return images[:, 0, 0, 0].astype(float)

    space = flat_space()
    at_default = lw.measure_effects(space, X, left)[0].evidence
    found = lw.measure_effects(space, X, left, amount=0.1, conditions={"gain": 0.1})[0].evidence
    assert at_default.effect == 0
    # 0.4 a unit, of which six are 255 shades of grey.
    assert found.effect == pytest.approx(0.4 * 255 / 6, rel=0.05)


def test_what_is_decoded_is_encoded_again_under_the_same_conditions() -> None:
    space = lw.LatentSpace(
        lambda latents, y: (latents + y[:, None]).reshape(-1, 2, 2),
        4,
        # What it reads is right only for the class that was drawn.
        lambda images, y: images.reshape(-1, 4) * (y[:, None] == 1),
        value_range=(-9, 9),
        encode_range=(-9, 9),
        conditions={"y": ["a", "b"]},
    )
    assert lw.measure_effects(space, X)[0].evidence.effect == 0
    found = lw.measure_effects(space, X, conditions={"y": "b"})[0].evidence
    assert found.effect == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize(
    "find",
    [
        lambda space, **more: lw.axis_directions(space, **more),
        lambda space, **more: lw.local_directions(space, np.zeros(4), **more),
        lambda space, **more: lw.measure_effects(space, X, lambda images: images[:, 0, 0], **more),
    ],
)
def test_conditions_that_cannot_be_are_refused(find: Any) -> None:
    space = flat_space()
    with pytest.raises(lw.LatentValueError, match="Did you mean 'gain'"):
        find(space, conditions={"gian": 1})
    with pytest.raises(LatentTypeError, match="expected values by name"):
        find(space, conditions=[1])
    with pytest.raises(lw.LatentValueError, match=r"this space has none|conditions\['gain'\]"):
        find(space, conditions={"gain": 9})


def test_latents_alone_have_no_conditions() -> None:
    with pytest.raises(lw.LatentValueError, match="n, at and conditions ask"):
        lw.axis_directions(np.eye(4), conditions={"gain": 1})
