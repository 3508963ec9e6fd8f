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
        with pytest.raises(lw.LatentValueError, match="'age'") as error:
            how(age)
        spread = eval(line_of(error), {"np": np, "vector": vector})
        how(lw.Direction("age", spread))


def test_a_single_number_is_not_repeated() -> None:
    with pytest.raises(lw.LatentValueError) as error:
        SPACE.check(np.ones((5, 1)))
    assert "broadcast" not in str(error.value)


WIDE = lw.Direction("wide", RNG.normal(size=(6, 8)))
NARROW = lw.Direction("age", RNG.normal(size=8))
MANY, FEW = RNG.normal(size=(40, 6, 8)), RNG.normal(size=(40, 8))
FLAG = RNG.random(40) > 0.5


@pytest.mark.parametrize(
    "add",
    [
        lambda one: lw.Directions([WIDE, one]),
        lambda one: lw.Directions([one]) + [WIDE],
        lambda one: lw.Directions([WIDE]) + one,
        lambda one: lw.Directions([WIDE]).conditioned_on(one),
        lambda one: lw.LatentGrid.traversals(SPACE, MANY[0], [one]),
        lambda one: lw.local_directions(SPACE, MANY[0], within=lw.Directions([one])),
        lambda one: lw.score_directions(one, MANY, FLAG, shuffles=0),
        lambda one: lw.measure_effects(SPACE, one, lambda images: images.mean((1, 2, 3))),
    ],
)
def test_a_direction_of_one_layer_is_told_the_line_that_spreads_it(add: Any) -> None:
    with pytest.raises(lw.LatentValueError, match="'age'|direction") as error:
        add(NARROW)
    line = re.search(r"direction\.on_layers\(\(6, 8\)\)", str(error.value))
    assert line is not None, error.value
    assert eval(line[0], {"direction": NARROW}).latent_shape == (6, 8)


@pytest.mark.parametrize("form", [(8,), (1, 8)])
@pytest.mark.parametrize(
    "walk",
    [
        lambda anchors: lw.Path(anchors, space=SPACE),
        lambda anchors: lw.analysis.smoothness(SPACE, lw.Path(anchors), n=5),
    ],
)
def test_anchors_of_one_layer_are_told_the_line_that_repeats_them(
    walk: Any, form: tuple[int, ...]
) -> None:
    anchors = RNG.normal(size=(3, *form)).astype(np.float32)
    with pytest.raises(lw.LatentValueError, match="If these are 6 layers, give each") as error:
        walk(anchors)
    line = re.search(r"np\.repeat\(.*\)(?=\.)", str(error.value))
    assert line is not None
    made = eval(line[0], {"np": np, "anchors": [*anchors]})
    assert made.shape == (3, 6, 8)
    walk(made)


@pytest.mark.parametrize(
    ("name", "add"),
    [
        ("latents", lambda one: WIDE.move(one, 1.0)),
        ("latents", lambda one: WIDE.measure(one)),
        ("latents", lambda one: lw.score_directions(WIDE, one, FLAG, shuffles=0)),
        ("before", lambda one: lw.contrast_directions(one, MANY, shuffles=0, bootstraps=0)),
        ("after", lambda one: lw.contrast_directions(MANY, one, shuffles=0, bootstraps=0)),
        ("a", lambda one: lw.lerp(one, MANY, 0.5)),
        ("b", lambda one: lw.lerp(MANY, one, 0.5)),
    ],
)
def test_latents_of_one_layer_beside_others_are_told_the_line_that_repeats_them(
    name: str, add: Any
) -> None:
    with pytest.raises(lw.LatentValueError) as error:
        add(FEW)
    repeated = eval(line_of(error), {"np": np, name: FEW})
    assert np.array_equal(repeated, np.repeat(FEW[:, None], 6, axis=1))
    add(repeated + RNG.normal(size=repeated.shape))


@pytest.mark.parametrize(
    ("one", "other"), [((3, 4), (8, 4)), ((3, 8), (5, 6, 8)), ((3, 6, 8), (5, 6, 8))]
)
def test_other_numbers_of_rows_are_not_told_to_repeat(one: Any, other: Any) -> None:
    """A line that gives the same array again, or one that fails for its rows, is no way out."""
    a, b = RNG.normal(size=one), RNG.normal(size=other)
    for first, last in ((a, b), (b, a)):
        with pytest.raises(lw.LatentValueError, match="do not broadcast") as error:
            lw.slerp(first, last, 0.5, latent_ndim=1)
        assert "broadcast_to" not in str(error.value)
        with pytest.raises(lw.LatentValueError, match="expected pairs") as error:
            lw.contrast_directions(first, last)
        assert "broadcast_to" not in str(error.value)


PICTURES = lw.LatentSpace(lambda z: z.mean(axis=1), (4, 6, 8), value_range=(-3, 3))


@pytest.mark.parametrize("form", [(6, 8), (1, 6, 8)])
@pytest.mark.parametrize(
    "give",
    [
        lambda one: lw.DirectionEditor(PICTURES, RNG.normal(size=(4, 6, 8)), one),
        lambda one: lw.LatentGrid.traversals(PICTURES, RNG.normal(size=(4, 6, 8)), [one]),
        lambda one: one.move(RNG.normal(size=(3, 4, 6, 8)), 1.0),
        lambda one: lw.Path(RNG.normal(size=(3, *one.latent_shape)), space=PICTURES),
        lambda one: lw.analysis.smoothness(
            PICTURES, lw.Path(RNG.normal(size=(3, *one.latent_shape))), n=5
        ),
    ],
    ids=["editor", "grid", "move", "path", "measure"],
)
def test_channels_of_a_latent_like_a_picture_are_not_called_layers(
    give: Any, form: tuple[int, ...]
) -> None:
    """Nobody said that it has layers; the line repeats it along the axis that it lacks."""
    one = lw.Direction("tone", RNG.normal(size=form))
    with pytest.raises(lw.LatentValueError) as error:
        give(one)
    assert "layers" not in str(error.value)
    line = re.search(r"np\.(broadcast_to|repeat)\(.*\)(?=\.)", str(error.value))
    assert line is not None, error.value
    known = {
        "np": np,
        "vector": one.vector,
        "direction": one,
        "anchors": RNG.normal(size=(3, *form)),
    }
    assert eval(line[0], known).shape in ((4, 6, 8), (3, 4, 6, 8))


def test_a_latent_like_a_picture_may_have_layers_where_its_space_says_so() -> None:
    space = lw.LatentSpace(lambda z: z.mean(axis=1), (4, 6, 8), value_range=(-3, 3), layers=True)
    one = lw.Direction("tone", RNG.normal(size=(6, 8)))
    editor = lw.DirectionEditor(space, np.zeros((4, 6, 8)), one)
    assert editor.directions[0].latent_shape == (4, 6, 8)
    editor.close()
