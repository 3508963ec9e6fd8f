"""Images given to a widget are encoded under the conditions that it has."""

from __future__ import annotations

from typing import Any

import numpy as np
import PIL.Image
import pytest

import latentwidgets as lw
from latentwidgets.space.inputs import latents_from, one_latent, one_or_several

UNDER = {"y": "c"}
IMAGES = np.random.default_rng(0).integers(50, 200, (4, 4, 4), np.uint8)
X, Y = lw.Direction("x", [1.0, 0]), lw.Direction("y", [0, 1.0])


def decode(latents: Any, y: Any) -> Any:
    """Pictures of 4 by 4: the first two pixels are the latent, and 10 more for each class."""
    return np.pad(latents + 10 * y[:, None], ((0, 0), (0, 14))).reshape(-1, 4, 4)


def encode(images: Any, y: Any) -> Any:
    return images.reshape(len(images), -1)[:, :2] - 10 * y[:, None]


def make_space() -> lw.LatentSpace:
    given = {"value_range": (0, 255), "conditions": {"y": ["a", "b", "c"]}}
    return lw.LatentSpace(decode, 2, encode, **given)  # type: ignore[arg-type]


def encoded(images: Any = IMAGES) -> Any:
    space = make_space()
    latents = space.encode(images, UNDER)
    assert not np.array_equal(latents, space.encode(images))
    return latents


PICTURES = [PIL.Image.fromarray(one) for one in IMAGES]
AMOUNTS = (0.0, 1.0)
MADE: dict[str, Any] = {
    "path": lambda s: lw.Interpolator(s, PICTURES, conditions=UNDER).anchors,
    "editor": lambda s: lw.DirectionEditor(s, IMAGES, [X], conditions=UNDER).base,
    "grid": lambda s: lw.LatentGrid(s, IMAGES, conditions=UNDER).latents,
    "map": lambda s: lw.LatentMap(s, PICTURES, conditions=UNDER).latents,
    "explorer": lambda s: lw.explore(s, IMAGES, parts="grid", conditions=UNDER).grid.latents,
    "table": lambda s: lw.LatentGrid.table(s, IMAGES, X, amounts=AMOUNTS, conditions=UNDER).latents[
        ::2
    ],
    "corners": lambda s: lw.LatentGrid.corners(s, IMAGES, n=2, conditions=UNDER).latents,
}
MADE_OF_ONE: dict[str, Any] = {
    "editor": lambda s: lw.DirectionEditor(s, PICTURES[0], [X], conditions=UNDER).base,
    "array": lambda s: lw.DirectionEditor(s, IMAGES[0], [X], conditions=UNDER).base,
    "traversals": lambda s: lw.LatentGrid.traversals(
        s, IMAGES[0], [X], amounts=AMOUNTS, conditions=UNDER
    ).latents[0],
    "plane": lambda s: lw.LatentGrid.plane(
        s, IMAGES[0], X, Y, amounts=AMOUNTS, conditions=UNDER
    ).latents[2],
    "analogy": lambda s: lw.LatentGrid.analogy(s, *IMAGES[:3], n=2, conditions=UNDER).latents[0],
}


@pytest.mark.parametrize("name", MADE)
def test_a_widget_is_made_of_images_under_its_conditions(name: str) -> None:
    assert np.allclose(MADE[name](make_space()), encoded(), atol=1e-3)


@pytest.mark.parametrize("name", MADE_OF_ONE)
def test_a_widget_is_made_of_one_image_under_its_conditions(name: str) -> None:
    assert np.allclose(MADE_OF_ONE[name](make_space()), encoded()[0], atol=1e-3)


@pytest.mark.parametrize("later", [False, True])
def test_images_that_are_set_are_encoded_under_the_conditions_of_that_moment(later: bool) -> None:
    space, zeros = make_space(), np.zeros((2, 2))
    given: Any = {} if later else {"conditions": UNDER}
    walk = lw.Interpolator(space, zeros, **given)
    editor = lw.DirectionEditor(space, zeros, [X], **given)
    grid = lw.LatentGrid(space, zeros, **given)
    for widget in (walk, editor, grid):
        widget.conditions = UNDER
    walk.anchors = IMAGES
    assert np.array_equal(walk.anchors, encoded())
    walk.latent = IMAGES[3]
    assert walk.value == 1
    grid.latents = IMAGES
    assert np.array_equal(grid.latents, encoded())
    editor.base = IMAGES[:2]
    assert np.array_equal(editor.base, encoded()[:2])
    editor.latent = PICTURES[3]
    assert np.array_equal(editor.base, encoded()[3])


def test_a_cell_is_found_by_an_image_under_the_conditions() -> None:
    space = make_space()
    # What the image would be by default, and what it is here.
    both = np.concatenate([space.encode(IMAGES[:1]), space.encode(IMAGES[:1], UNDER)])
    grid = lw.LatentGrid(space, both, columns=2, conditions=UNDER)
    grid.latent = IMAGES[0]
    assert grid.value == (0, 1)


@pytest.mark.parametrize("take", [latents_from, one_latent, one_or_several])
def test_a_condition_that_is_wrong_is_not_blamed_on_the_images(take: Any) -> None:
    given = IMAGES if take is latents_from else IMAGES[0]
    for conditions, words in (({"y": "d"}, "'d'"), ({"z": 1}, "conditions name 'z'")):
        with pytest.raises(lw.LatentValueError, match=words) as caught:
            take(make_space(), given, "anchors", conditions=conditions)
        assert "nor images" not in str(caught.value)


def test_texts_are_encoded_under_conditions() -> None:
    space = lw.LatentSpace(
        lambda latents, y: [f"{one[0] - at:.0f}" for one, at in zip(latents, y, strict=True)],
        1,
        lambda texts, y: np.array([[float(one)] for one in texts]) + y[:, None],
        conditions={"y": (0.0, 0.0, 9.0)},
    )
    walk = lw.Interpolator(space, ["1", "2"], conditions={"y": 5})
    assert walk.anchors.tolist() == [[6], [7]]
    assert lw.DirectionEditor(space, "1", conditions={"y": 5}).base.tolist() == [6]
