"""What is said of conditions where a person may be misled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw

NAMES = ["cat", "dog", "owl"]
BASE = np.array([0.2, 0.5], np.float32)


def make(conditions: dict[str, Any], decode: Any = None) -> lw.LatentSpace:
    def own(latents: np.ndarray, **given: np.ndarray) -> np.ndarray:
        total = np.sum([one.astype(float) for one in given.values()], axis=0)
        pictures: np.ndarray = (latents[:, :1] + total[:, None])[:, :, None] * np.ones((1, 4, 4))
        return pictures

    return lw.LatentSpace(decode or own, 2, conditions=conditions, value_range=(0, 4), kind="image")


def test_a_choice_that_is_repeated_is_named_again() -> None:
    grid = lw.LatentGrid.traversals(make({"y": NAMES}), BASE, ["y"])
    said = [grid.grid.says[0, column] for column in range(grid.grid.columns.count)]
    assert said == ["cat", "dog", *["owl"] * (len(said) - 2)]


def test_the_conditions_of_a_cell_decode_its_picture() -> None:
    space = make({"y": NAMES, "g": (0.5, 0.0, 1.0)})
    grid = lw.LatentGrid.table(space, [BASE, -BASE], "y")
    grid.value, grid.conditions = (1, 2), {"g": 0.25}
    assert grid.cell_conditions == {"y": "owl", "g": 0.25}
    shown = space.decode(grid.latent[None], grid.cell_conditions)
    cell = space.decode(-BASE[None], {"y": "owl", "g": 0.25})
    np.testing.assert_array_equal(shown, cell)


def test_a_number_given_as_text_is_told_to_be_a_number() -> None:
    space = make({"k": range(3, 10, 2)})
    with pytest.raises(lw.LatentValueError, match=r"is '5', which is no choice. Pass the number 5"):
        space.decode(BASE[None], {"k": "5"})


def test_a_link_tells_which_conditions_differ() -> None:
    one, other = (
        lw.Interpolator(make({"y": names}), [BASE, -BASE]) for names in (NAMES, ["owl", "cat"])
    )
    with pytest.raises(
        lw.LatentTypeError, match="both widgets have y, whose bounds or choices differ"
    ):
        lw.link(one, other)
    one, other = (
        lw.Interpolator(make({"y": NAMES, "g": (0.5, 0.0, high)}), [BASE, -BASE])
        for high in (1.0, 2.0)
    )
    with pytest.warns(UserWarning, match="g stay as they are in both"):
        linked = lw.link(one, other)
    one.conditions = {"y": "owl", "g": 0.25}
    assert other.conditions == {"y": "owl", "g": 0.5}
    linked.unlink()
    with pytest.raises(lw.LatentTypeError, match="one widget twice"):
        lw.link(one, one)


def test_an_effect_of_nothing_is_doubted() -> None:
    space = make(
        {"g": (1.0, 0.0, 1.0)}, lambda z, g: z[:, :1, None] * g[:, None, None] * np.ones((1, 4, 4))
    )
    latents = np.random.default_rng(0).normal(size=(40, 2))
    up = lw.Direction("up", [1.0, 0.0])
    [found] = lw.measure_effects(
        space,
        up,
        lambda images: images.mean(axis=(1, 2, 3)),
        latents=latents,
        conditions={"g": 0.0},
    )
    assert found.evidence.effect == found.evidence.effect_chance == 0
    assert "hardly more than random directions do" in (found.evidence.warning or "")


def test_an_explorer_of_a_flat_decoder_opens_and_says_so() -> None:
    space = make(
        {"g": (1.0, 0.0, 1.0)}, lambda z, g: z[:, :1, None] * g[:, None, None] * np.ones((1, 4, 4))
    )
    explorer = lw.explore(space, parts=["grid", "editor"], conditions={"g": 0.0})
    assert explorer.editor is not None
    assert explorer.editor.directions.names == ("PC 1", "PC 2")


@pytest.mark.parametrize(
    ("decode", "line"),
    [
        (lambda y, z: z, "lambda z, y: f(y, z)"),
        (lambda y, z, g: z, "lambda z, y, g: f(y, z, g)"),
    ],
)
def test_the_line_for_a_condition_that_comes_first_is_python(decode: Any, line: str) -> None:
    with pytest.raises(lw.LatentValueError, match="takes 'y' first") as told:
        make({"y": NAMES, "g": (0.5, 0.0, 1.0)}, decode)
    assert line in str(told.value)
