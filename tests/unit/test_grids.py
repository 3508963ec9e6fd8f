"""Grids: which latents their cells stand for, and what lies between."""

from __future__ import annotations

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.directions import Direction, Directions
from latentwidgets.errors import LatentValueError, LatentWidgetsError
from latentwidgets.routes import corner_grids, grids
from latentwidgets.routes.segments import slerp
from latentwidgets.space.conditions import conditions_of

RNG = np.random.default_rng(5)
DATA = RNG.normal(size=(12, 2, 3)).astype(np.float32)
A = Direction("a", RNG.normal(size=(2, 3)), sigma=2.0)
B = Direction("b", RNG.normal(size=(2, 3)), sigma=0.5)


def test_cells_stand_row_by_row_and_the_last_row_need_not_be_full() -> None:
    grid = grids.cells(DATA[:10], columns=4)
    assert (grid.rows.count, grid.columns.count, grid.count) == (3, 4, 10)
    np.testing.assert_array_equal(grid.latents(), DATA[:10])
    np.testing.assert_array_equal(grid.latents([[2, 1], [0, 3]]), DATA[[9, 3]])
    assert grid.words((2, 1)) == "cell 9"
    assert grid.index(2, 3) == 9, "there is no cell there; the last is nearest"


def test_headings_name_the_cells() -> None:
    grid = grids.cells(DATA, row_names="xyz", column_names=["p", "q", "r", "s"])
    assert grid.columns.count == 4
    assert grid.words((1, 2)) == "y, r"
    with pytest.raises(LatentValueError, match="2 names for 3 rows"):
        grids.cells(DATA, columns=4, row_names="xy")


def test_traversals_have_the_base_in_the_middle() -> None:
    grid = grids.traversals(DATA[0], [A, B])
    found = grid.latents().reshape(2, 7, 2, 3)
    np.testing.assert_array_equal(found[0, 3], DATA[0])
    np.testing.assert_array_equal(found[1, 3], DATA[0])
    np.testing.assert_allclose(found[0, 5], DATA[0] + 2 * A.sigma * A.vector, rtol=1e-6)
    assert grid.rows.names == ("a", "b")
    assert grid.columns.names == ("−3 σ", "−2 σ", "−1 σ", "0", "+1 σ", "+2 σ", "+3 σ")
    assert grid.marks == {(0, 3): "base", (1, 3): "base"}
    assert grid.words((1, 5)) == "b, +2.00 σ"


def test_a_plane_goes_right_along_one_direction_and_up_along_the_other() -> None:
    grid = grids.plane(DATA[0], A, B, amounts=[-2, 0, 1])
    base = DATA[0].astype(np.float64)
    expected = base + 1 * A.sigma * A.vector - 2 * B.sigma * B.vector
    np.testing.assert_allclose(grid.latents([[2, 2]])[0], expected, rtol=1e-5, atol=1e-6)
    between = base - 1 * A.sigma * A.vector + 0.5 * B.sigma * B.vector
    np.testing.assert_allclose(grid.latents([[0.5, 0.5]])[0], between, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(grid.latents([[1, 1]])[0], DATA[0])
    assert grid.words((0.5, 0.5)) == "b +0.50 σ, a −1.00 σ"


def test_a_table_has_a_row_for_each_base() -> None:
    grid = grids.table(DATA[:3], A, amounts=[0, 1.5], names=["x", "y", "z"])
    found = grid.latents().reshape(3, 2, 2, 3)
    np.testing.assert_array_equal(found[:, 0], DATA[:3])
    np.testing.assert_array_equal(found[:, 1], A.move(DATA[:3], 1.5))
    assert grid.words((2, 1)) == "z, a +1.50 σ"


def test_corners_are_hit_exactly_and_filled_along_rows_then_between_them() -> None:
    four = DATA[:4]
    grid = corner_grids.corners(four, n=5)
    found = grid.latents().reshape(5, 5, 2, 3)
    for latent, (row, column) in zip(four, [(0, 0), (0, 4), (4, 0), (4, 4)], strict=True):
        np.testing.assert_array_equal(found[row, column], latent)
    top = slerp(four[0], four[1], 0.25, latent_ndim=2)
    bottom = slerp(four[2], four[3], 0.25, latent_ndim=2)
    expected = slerp(top, bottom, 0.5, latent_ndim=2)
    np.testing.assert_allclose(found[2, 1], expected, rtol=1e-5, atol=1e-6)
    where = [(0, 0), (0, 4), (4, 0), (4, 4)]
    assert [grid.words(at) for at in where] == ["A", "B", "C", "D"]
    assert grid.words((1, 3)) == "down +0.25, across +0.75"


def test_lerp_between_corners_is_bilinear() -> None:
    grid = corner_grids.corners(DATA[:4], n=3, method="lerp")
    np.testing.assert_allclose(grid.latents([[1, 1]])[0], DATA[:4].mean(axis=0), atol=1e-6)


def test_an_analogy_ends_in_what_is_to_c_as_b_is_to_a() -> None:
    a, b, c = DATA[:3]
    grid = corner_grids.analogy(a, b, c, n=3)
    np.testing.assert_allclose(grid.latents([[2, 2]])[0], c + b - a, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(grid.latents([[1, 1]])[0], (b + c) / 2, rtol=1e-5, atol=1e-6)


def test_the_name_goes_by_what_the_cells_are() -> None:
    assert grids.cells(DATA).digest == grids.cells(DATA.copy()).digest
    assert grids.cells(DATA).digest != grids.cells(DATA + 1).digest
    assert grids.cells(DATA, columns=3).digest != grids.cells(DATA, columns=4).digest


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: grids.traversals(DATA[0, 0], [A]), r"directions move latents of shape \(2, 3\)"),
        (lambda: grids.traversals(DATA[0], [A], amounts=[]), "amounts have shape"),
        (lambda: grids.traversals(DATA[0], [A], amounts=[0, np.nan]), "NaN or infinity"),
        (lambda: grids.plane(DATA[0], A, B, amounts=[1, 0]), "two or more that increase"),
        (lambda: grids.plane(DATA[0], A, A), "a and b are one direction, 'a'; expected two"),
        (lambda: grids.plane(DATA[0], A, "b"), "'b', which is no condition.*has no conditions"),
        (lambda: grids.plane(DATA[0], A, 3), "b is a int; expected one Direction"),  # type: ignore[arg-type]
        (lambda: grids.table(DATA, Directions([A])), "direction is a Directions; expected one"),  # type: ignore[arg-type]
        (lambda: corner_grids.corners(DATA[:3]), "3 latents; expected one for each corner"),
        (lambda: corner_grids.corners(DATA[:4], method="spline"), "'slerp', 'lerp', 'gaussian'"),
        (lambda: corner_grids.corners(DATA[:4], n=1), "n is 1; expected at least 2"),
        (lambda: grids.cells(DATA, columns=0), "columns is 0; expected at least 1"),
        (lambda: grids.cells(np.zeros((100_001, 1), np.float32)), "100,001 cells"),
    ],
)
def test_what_makes_no_grid_is_refused(make: object, message: str) -> None:
    assert callable(make)
    with pytest.raises(LatentWidgetsError, match=message):
        make()


def test_conditions_are_spread_with_their_defaults_where_grids_begin() -> None:
    there = conditions_of(
        {
            "guidance": (1.0, 0.0, 10.0),
            "steps": lw.Condition(50, choices=range(1, 101)),
            "class": ["owl", "mug"],
        }
    )
    base = np.zeros(2, np.float32)
    found = grids.plane(base, "guidance", "steps", conditions=there)
    assert found.columns.names == ("0", "1", "2", "3", "4", "5", "6")
    assert found.rows.names == ("100", "83", "67", "50", "34", "17", "1")
    assert (found.start, found.marks) == ((3, 1), {(3, 1): "base"})
    assert found.note == "steps: 7 of 100"
    assert found.words((0, 2)) == "steps 100, guidance 2"
    table = grids.table(base[None].repeat(2, 0), "guidance", conditions=there)
    assert (table.start, table.words((1, 2))) == ((0, 1), "latent 1, guidance 2")
    named = grids.table(base[None], "class", names=["mine"], conditions=there)
    assert (named.start, named.words((0, 1))) == ((0, 0), "mine, mug")
    off = conditions_of({"guidance": (1.234, 0.0, 10.0)})
    assert grids.table(base[None], "guidance", conditions=off).start == (0, 1)
    digits = conditions_of({"digit": lw.Condition(15, choices=range(20))})
    twelve = conditions_of({"digit": lw.Condition(0, choices=range(12))})
    row = grids.table(base[None], "digit", conditions=twelve)
    assert (row.rows.count, row.columns.count) == (1, 12)
    wrapped = grids.table(base[None], "digit", conditions=digits)
    assert (wrapped.start, wrapped.words(wrapped.start)) == ((1, 7), "digit 15")
