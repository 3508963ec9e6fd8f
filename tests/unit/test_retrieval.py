"""Retrieval: data without a decoder, explored by what is nearest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

import latentwidgets as lw
from latentwidgets.adapters import Retrieval
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.as_space import as_space

POINTS = np.array([[0, 0], [1, 0], [0, 2], [5, 5]], np.float32)
TEXTS = ["origin", "east", "north", "far"]


def test_texts_are_found_by_their_latents() -> None:
    space = as_space(Retrieval(POINTS, TEXTS))
    assert space.kind == "text"
    assert space.latent_shape == (2,)
    assert space.decode(POINTS + 0.1) == TEXTS
    assert np.array_equal(space.encode(["far", "origin"]), POINTS[[3, 0]])


def test_latents_to_decode_may_be_lists_and_are_checked() -> None:
    words = Retrieval(POINTS, TEXTS)
    assert words.decode([[0.9, 0.0]]) == ["east"]
    with pytest.raises(LatentValueError, match=r"latents have shape \(1, 3\); expected \(n, 2\)"):
        words.decode([[0.0, 0.0, 0.0]])


def test_several_texts_are_lines() -> None:
    space = as_space(Retrieval(POINTS, TEXTS, n=3))
    assert space.decode([[0.9, 0.0]]) == ["east\norigin\nnorth"]


def test_the_nearest_is_what_a_search_of_all_finds() -> None:
    rng = np.random.default_rng(0)
    latents = rng.normal(size=(500, 40)).astype(np.float32)
    texts = [str(i) for i in range(500)]
    queries = rng.normal(size=(20, 40)).astype(np.float32)
    gaps = np.linalg.norm(queries[:, None] - latents, axis=2)
    angles = (queries @ latents.T) / np.linalg.norm(latents, axis=1)
    cities = np.abs(queries[:, None] - latents).sum(axis=2)
    for metric, order in [("euclidean", gaps), ("cosine", -angles), ("manhattan", cities)]:
        found = Retrieval(latents, texts, metric=metric, n=2).decode(queries)
        wanted = np.argsort(order, axis=1)[:, :2]
        assert found == ["\n".join(map(str, row)) for row in wanted.tolist()]


def test_the_nearest_is_found_far_from_zero_too() -> None:
    rng = np.random.default_rng(0)
    latents = (5000 + rng.normal(size=(300, 8))).astype(np.float32)
    queries = (5000 + rng.normal(size=(40, 8))).astype(np.float32)
    gaps = np.linalg.norm(queries[:, None].astype(float) - latents, axis=2)
    found = Retrieval(latents, [str(i) for i in range(300)]).decode(queries)
    assert found == [str(i) for i in gaps.argmin(axis=1)]


def test_a_latent_of_nothing_has_no_direction_and_is_no_error() -> None:
    space = as_space(Retrieval(POINTS, TEXTS, metric="cosine"))
    assert space.decode([[0.0, 0.0]])[0] in TEXTS


def test_pictures_are_found_too() -> None:
    images = np.arange(4, dtype=np.uint8)[:, None, None, None] * np.full((1, 6, 8, 3), 60, np.uint8)
    for items in (images, list(images), [Image.fromarray(image) for image in images]):
        space = as_space(Retrieval(POINTS, items))
        assert np.array_equal(space.decode(POINTS), images)
        assert space.kind == "image"
        assert not space.can_encode


def test_items_may_be_of_any_kind() -> None:
    curves = np.linspace(0, 1, 4)[:, None] * np.ones(9)
    space = as_space(Retrieval(POINTS, curves), kind="curve")
    assert space.decode(POINTS[:1]).shape == (1, 1, 9)
    lw.register_kind("thing", lambda thing: b"")
    things = [object() for _ in range(4)]
    space = as_space(Retrieval(POINTS, things), kind="thing")
    assert space.decode(POINTS) == things
    with pytest.raises(LatentValueError, match="class object.*Pass kind"):
        as_space(Retrieval(POINTS, things))


def test_its_prior_draws_among_its_latents() -> None:
    drawn = as_space(Retrieval(POINTS, TEXTS)).sample(50, seed=1)
    assert {tuple(row) for row in drawn.tolist()} == {tuple(row) for row in POINTS.tolist()}


def test_latents_may_have_any_shape() -> None:
    space = as_space(Retrieval(POINTS.reshape(4, 2, 1), TEXTS))
    assert space.latent_shape == (2, 1)
    assert space.decode(POINTS.reshape(4, 2, 1)) == TEXTS


def test_widgets_take_texts_for_latents() -> None:
    model = Retrieval(POINTS, TEXTS)
    walk = lw.Interpolator(model, ["origin", "far"], method="lerp")
    assert np.array_equal(walk.anchors, POINTS[[0, 3]])
    found = lw.Directions([lw.Direction("east", [1.0, 0.0])])
    edit = lw.DirectionEditor(model, "north", found)
    assert np.array_equal(edit.base, POINTS[2])
    edit.base = ["east", "far"]
    assert np.array_equal(edit.base, POINTS[[1, 3]])
    with pytest.raises(LatentValueError, match="'nort' is none of the 4 items.*'north'"):
        edit.base = "nort"
    assert np.array_equal(edit.base, POINTS[[1, 3]])


def test_of_texts_that_are_there_twice_the_first_counts() -> None:
    assert Retrieval(POINTS, ["a", "b", "a", "b"]).encode(["b", "a"]).tolist() == [[1, 0], [0, 0]]


@pytest.mark.parametrize(
    ("latents", "items", "options", "error", "complaint"),
    [
        (POINTS, TEXTS[:3], {}, LatentValueError, "4 latents and 3 items"),
        (POINTS, [], {}, LatentValueError, "no items"),
        (np.zeros((0, 2)), [], {}, LatentValueError, "at least one row"),
        (POINTS * np.nan, TEXTS, {}, LatentValueError, "NaN or infinity in rows 0, 1, 2, 3 of 4"),
        (POINTS[:, 0], TEXTS, {}, LatentValueError, r"shape \(4,\); expected one for each item"),
        (TEXTS, TEXTS, {}, LatentTypeError, "expected real numbers"),
        (POINTS, "abcd", {}, LatentTypeError, "items are a str"),
        (POINTS, None, {}, LatentTypeError, "items are a NoneType"),
        (POINTS, {"a": 1}, {}, LatentTypeError, "items are a dict"),
        (POINTS, ["a", "b", 3, "c"], {}, LatentTypeError, "item 2 is a int, others are texts"),
        (POINTS, [np.zeros((2, 2))] * 3 + [np.zeros((2, 3))], {}, LatentValueError, "differ in"),
        (POINTS, TEXTS, {"n": 0}, LatentValueError, "n is 0; expected at least 1"),
        (POINTS, TEXTS, {"n": 5}, LatentValueError, "n is 5; there are only 4 items"),
        (POINTS, np.zeros((4, 2, 2)), {"n": 2}, LatentValueError, "only of texts"),
        (POINTS, TEXTS, {"metric": "angle"}, LatentValueError, "metric is 'angle'; expected"),
    ],
)
def test_what_cannot_be_retrieved_is_refused(
    latents: Any, items: Any, options: dict[str, Any], error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        Retrieval(latents, items, **options)
