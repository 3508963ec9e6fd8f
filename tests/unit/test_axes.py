"""The axes of the latent as directions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.unit.page import Page

RNG = np.random.default_rng(2)
WIDE = 100
# How much each number of a wide latent brightens the picture: number 40 most, then 7, then 3.
BRIGHT = np.full(WIDE, 1e-4, np.float32)
BRIGHT[[40, 7, 3]] = 0.2, -0.15, 0.1


def brightness(latents: np.ndarray) -> np.ndarray:
    grey = 0.5 + latents.reshape(len(latents), -1)[:, :WIDE] @ BRIGHT[: latents[0].size]
    return np.repeat(grey, 16).reshape(-1, 4, 4).clip(0, 1)


def space_of(shape: Any, **options: Any) -> lw.LatentSpace:
    return lw.LatentSpace(brightness, shape, value_range=(0, 1), **options)


def test_each_axis_is_one_direction_in_sigmas_of_the_data() -> None:
    data = RNG.normal(size=(2000, 3)) * [1, 5, 0.2] + [0, 3, 0]
    found = lw.axis_directions(data)
    assert found.names == ("axis 0", "axis 1", "axis 2")
    np.testing.assert_array_equal(found.matrix, np.eye(3))
    assert [one.sigma for one in found] == pytest.approx(data.std(axis=0))
    assert found[1].mean[1] == pytest.approx(data[:, 1].mean())
    assert {one.method for one in found} == {"axis"}


def test_without_data_sigma_is_the_priors() -> None:
    prior = lambda rng, n: rng.normal(size=(n, 2)) * [1, 4]  # noqa: E731
    first, second = lw.axis_directions(space_of(2, prior=prior))
    assert first.sigma == pytest.approx(1, rel=0.1)
    assert second.sigma == pytest.approx(4, rel=0.1)
    again = lw.axis_directions(space_of(2, prior=prior))
    assert again[0] == first


def test_names_say_where_an_axis_is() -> None:
    assert lw.axis_directions(space_of((2, 1, 2))).names[:2] == ("axis 0, 0, 0", "axis 0, 0, 1")
    layered = space_of((3, 2), layers=["low", "mid", "high"])
    assert lw.axis_directions(layered).names == ("axis 0", "axis 1")
    each = lw.axis_directions(layered, each_layer=True)
    assert each.names[1:3] == ("low, axis 1", "mid, axis 0")
    np.testing.assert_array_equal(each.matrix, np.eye(6))
    steps = space_of((3, 1), layers=["low", "mid", "high"])
    assert lw.axis_directions(steps, each_layer=True).names == ("low", "mid", "high")


def test_an_axis_of_a_layer_acts_on_all_layers() -> None:
    first, second = lw.axis_directions(space_of((3, 2), layers=True))
    moved = second.move(np.zeros((1, 3, 2)), 1)[0]
    assert not moved[:, 0].any()
    assert np.ptp(moved[:, 1]) < 1e-6
    assert first.vector[:, 0] == pytest.approx([3**-0.5] * 3)


def test_of_many_those_that_change_the_output_most_come_first() -> None:
    space = space_of(WIDE)
    assert lw.axis_directions(space, 3).names == ("axis 40", "axis 7", "axis 3")
    assert len(lw.axis_directions(space)) == WIDE
    assert lw.axis_directions(space, 3, axes=range(20)).names[:2] == ("axis 7", "axis 3")
    # The data say that number 3 varies far more than the others.
    data = RNG.normal(size=(300, WIDE))
    data[:, 3] *= 10
    assert lw.axis_directions(space, 1, latents=data).names == ("axis 3",)
    # Number 40 changes nothing where the picture is white already.
    white = np.zeros(WIDE, np.float32)
    white[7] = -100
    assert "axis 40" not in lw.axis_directions(space, 1, at=white).names


def test_texts_that_differ_count_as_changed() -> None:
    def write(latents: np.ndarray) -> list[str]:
        return [f"{latent[70]:+.1f}" for latent in latents]

    space = lw.LatentSpace(write, WIDE, kind="text")
    assert lw.axis_directions(space, 1).names == ("axis 70",)


def test_axes_that_do_not_vary_are_left_out() -> None:
    data = RNG.normal(size=(50, 3))
    data[:, 1] = 2.0
    assert lw.axis_directions(data).names == ("axis 0", "axis 2")
    with pytest.raises(lw.LatentValueError, match="do not vary along any"):
        lw.axis_directions(data, axes=[1])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 0}, "n is 0"),
        ({"axes": [100]}, "expected 0 to 99"),
        ({"axes": [-1]}, "expected 0 to 99"),
        ({"axes": [0.5]}, "whole numbers"),
        ({"at": np.zeros(3), "n": 3}, "at has shape \\(3,\\)"),
        ({"latents": np.ones((5, 3)) * np.arange(5)[:, None]}, "latents have shape \\(3,\\)"),
        ({"seed": -1}, "seed is -1"),
        ({"axis": 3}, "Did you mean 'axes'"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        lw.axis_directions(space_of(WIDE), **options)


def test_latents_alone_cannot_say_what_changes_the_output() -> None:
    with pytest.raises(lw.LatentValueError, match="expected a space"):
        lw.axis_directions(RNG.normal(size=(9, 3)), 2)
    with pytest.raises(lw.LatentValueError, match="came twice"):
        lw.axis_directions(RNG.normal(size=(9, 3)), latents=RNG.normal(size=(9, 3)))


def test_too_many_axes_are_not_tried_one_by_one() -> None:
    space = lw.LatentSpace(lambda z: z.reshape(len(z), 64, 64), (4, 32, 32), value_range=(-3, 3))
    with pytest.raises(lw.LatentValueError, match="4,096 axes.*axes=range"):
        lw.DirectionEditor(space, np.zeros((4, 32, 32)))
    assert lw.axis_directions(space, axes=range(2)).names == ("axis 0, 0, 0", "axis 0, 0, 1")


def test_an_editor_and_traversals_show_axes_where_they_are_given_nothing() -> None:
    space = space_of(5)
    editor = lw.DirectionEditor(space, np.zeros(5, np.float32))
    editor.value = {"axis 3": 2.0}
    sigma = editor.directions["axis 3"].sigma
    assert editor.latent.tolist() == pytest.approx([0, 0, 0, 2 * sigma, 0])
    grid = lw.LatentGrid.traversals(space, np.zeros(5))
    assert grid.grid.rows.names == editor.directions.names
    wide = lw.DirectionEditor(space_of(WIDE), np.zeros((2, WIDE)))
    assert len(wide.directions) == 64
    assert wide.directions.names[0] == "axis 40"
    with pytest.raises(lw.LatentTypeError, match="directions is None"):
        editor.directions = None


def test_an_explorer_adds_axes_when_it_is_asked_to() -> None:
    explorer = lw.explore(space_of(5), parts=["grid", "editor"])
    before = explorer.editor.directions.names
    assert not any(name.startswith("axis") for name in before)
    Page(explorer.comm).say({"type": "axes"})
    assert explorer.editor.directions.names == (*before, *(f"axis {i}" for i in range(5)))
    explorer.add_axes()
    assert len(explorer.editor.directions) == len(before) + 5
    explorer.history.undo()
    assert explorer.editor.directions.names == before
    with pytest.raises(lw.LatentValueError, match="no editor"):
        lw.explore(space_of(5), parts=["grid"]).add_axes()
