"""Conditions of widgets: set, observed, refused, decoded with, along axes, linked and undone."""

from __future__ import annotations

import copy
import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.routes import grids
from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.path import Path
from latentwidgets.space.conditions import conditions_of
from tests.unit.page import Page

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

NAMES = ["owl", "mug", "bee"]
GIVEN = {"class": NAMES, "sharpness": (1.0, 0.0, 2.0)}
LATENTS = np.array([[0, 0], [1, 0], [0, 2], [3, 1]], np.float32)
X = lw.Direction("x", [1.0, 0.0])
Y = lw.Direction("y", [0.0, 1.0])


def picture(latents: Array, y: Array, sharpness: Array) -> Array:
    """Pictures of 1 by 3: the first number of the latent, and the conditions, in tens."""
    if BROKEN:
        raise RuntimeError(BROKEN)
    return 10 * np.stack([latents[:, 0], y, sharpness], axis=1)[:, np.newaxis]


def make_space(**options: Any) -> lw.LatentSpace:
    given = {"value_range": (0, 255), "conditions": GIVEN, **options}
    return lw.LatentSpace(picture, 2, **given)


BAD: Any = 3
BROKEN = ""  # why the decoder raises
MAKERS: dict[str, Any] = {
    "path": lambda **more: lw.Interpolator(make_space(), LATENTS[:2], **more),
    "editor": lambda **more: lw.DirectionEditor(make_space(), LATENTS[1], [X, Y], **more),
    "grid": lambda **more: lw.LatentGrid(make_space(), LATENTS, **more),
    "map": lambda **more: lw.LatentMap(make_space(), LATENTS, **more),
}
every_widget = pytest.mark.parametrize("name", MAKERS)


def shown(widget: Any) -> list[int]:
    """What the picture at the widget's place carries."""
    numbers: list[int] = Page(widget.comm).picture()[1][0, :, 0].tolist()
    return numbers


def cells(widget: Any) -> Array:
    """What the tiles of its image carry, ``(rows, columns, 3)``."""
    pixels = np.asarray(widget.image())[::2]  # between tiles there is one pixel
    return np.pad(pixels, ((0, 0), (0, 1))).reshape(len(pixels), -1, 4)[..., :3]


# The route


def test_a_route_has_a_coordinate_more_for_each_condition() -> None:
    path = Path(LATENTS[:2], "lerp")
    route = Conditioned.of(path, conditions_of(GIVEN))
    assert route.bounds == ((0.0, 1.0), (0.0, 2.0), (0.0, 2.0))
    assert route.latents([(0.5, 1, 0.7)]).tolist() == [[0.5, 0.0]]
    assert route.values([(0.5, 1, 0.7), (0.5, 0, 2)], 2) == {
        "class": ["mug", "mug", "owl", "owl"],
        "sharpness": [0.7, 0.7, 2, 2],
    }
    assert route.words((0.5, 1, 0.7)) == "0.5, mug, sharpness 0.7"
    ranged = Conditioned.of(path, conditions_of({"depth": range(2, 9, 3)}))
    assert ranged.words((0.5, 2)) == "0.5, depth 8"
    with pytest.raises(LatentValueError, match="expected a whole number"):
        route.values([(0.5, 1.5, 0.7)])


def test_the_name_of_a_route_is_also_that_of_its_conditions() -> None:
    path = Path(LATENTS[:2], "lerp")
    digests = [
        Conditioned.of(path, conditions_of(given)).digest
        for given in (GIVEN, GIVEN, {"class": NAMES}, {"class": NAMES[:2]}, {})
    ]
    assert digests[0] == digests[1]
    assert len({*digests, path.digest}) == 5


# Every widget


@every_widget
def test_conditions_can_be_set_and_observed(name: str) -> None:
    widget = MAKERS[name](conditions={"class": "mug"})
    assert widget.conditions == {"class": "mug", "sharpness": 1.0}
    page = Page(widget.comm)
    assert shown(widget)[1:] == [10, 10]
    seen: list[Any] = []
    widget.observe(lambda change: seen.append(change["new"]), "conditions")
    line = page.state["_route"]
    widget.conditions = {"class": 2, "sharpness": 0.5}
    assert seen == [{"class": "bee", "sharpness": 0.5}]
    assert shown(widget)[1:] == [20, 5]
    assert page.state["_route"] == line, "what the coordinates mean is the same"
    widget.conditions = {"sharpness": 0.5}
    assert widget.conditions["class"] == "owl", "what is left out has its default"
    widget.conditions = {"sharpness": 0.5}
    assert len(seen) == 2
    assert copy.deepcopy(widget.conditions) == {"class": "owl", "sharpness": 0.5}
    with pytest.raises(LatentTypeError, match="cannot be changed in place"):
        widget.conditions["class"] = "mug"
    assert page.state["conditions"] == {"class": "owl", "sharpness": 0.5}


@every_widget
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"clas": "mug"}, "Did you mean 'class'"),
        ({"class": "mugg"}, "Did you mean 'mug'"),
        ({"class": ["mug", "owl"]}, "expected a choice"),
        ({"sharpness": 3}, "from 0 to 2"),
        ({"sharpness": float("nan")}, "from 0 to 2"),
        ("mug", "conditions are 'mug'"),
        (None, "conditions is None"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(name: str, given: Any, message: str) -> None:
    widget = MAKERS[name]()
    page = Page(widget.comm)
    with pytest.raises(lw.LatentWidgetsError, match=message):
        widget.conditions = given
    assert widget.conditions == {"class": "owl", "sharpness": 1.0}
    page.set(conditions=json.loads(json.dumps(given).replace("NaN", "null")))
    assert widget.conditions == page.state["conditions"] == {"class": "owl", "sharpness": 1.0}
    [(refusal, _)] = page.messages
    assert (refusal["of"], refusal["type"]) == ("state", "error")


def test_a_near_miss_of_the_name_is_told() -> None:
    widget = lw.Interpolator(make_space(), LATENTS)
    with pytest.raises(LatentTypeError, match="has no 'condition'.*conditions"):
        widget.condition = {"class": "mug"}
    with pytest.raises(LatentTypeError, match="takes no argument 'condition'.*conditions"):
        lw.Interpolator(make_space(), LATENTS, condition={"class": "mug"})  # type: ignore[call-arg]


@every_widget
def test_frames_are_answered_under_conditions(name: str) -> None:
    page = Page(MAKERS[name]().comm)
    own = page.picture()[0][:-2]
    place = [*own, 2.0, 0.5]
    page.ask(at=place)
    answer, buffers = page.answer()
    assert answer["type"] == "frames"
    assert answer["frames"][0]["at"] == place
    assert buffers
    page.ask(at=[*own, 3.0, 0.5])
    page.ask(at=own, seq=2)
    assert not page.messages, "out of range, and too short: refused without an answer"
    answer = page.asked(at=[*own, 0.5, 0.5], seq=3)
    assert (answer["type"], "whole number" in answer["message"]) == ("error", True)


@every_widget
def test_an_error_names_the_conditions(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    widget = MAKERS[name]()
    page = Page(widget.comm)
    own = page.picture()[0][:-2]
    monkeypatch.setattr(sys.modules[__name__], "BROKEN", "no weights")
    answer = page.asked(at=[*own, 2.0, 0.5])
    assert answer["type"] == "error"
    where = "cell 0, bee, sharpness 0.5: " if name == "grid" else "class bee, sharpness 0.5: "
    assert answer["message"].startswith(where)
    assert "no weights" in answer["message"]


def test_an_error_names_the_condition_along_an_axis(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(lw.LatentGrid.table(make_space(), LATENTS, "class").comm)
    monkeypatch.setattr(sys.modules[__name__], "BROKEN", "no weights")
    message = page.asked(at=[1.0, 2.0, 0.25])["message"]
    assert message.startswith("latent 1, bee, sharpness 0.25: ")


def test_the_page_knows_the_conditions() -> None:
    assert Page(MAKERS["path"]().comm).state["_conditions"] == [
        {"name": "class", "default": 0.0, "low": 0.0, "high": 2.0, "choices": NAMES},
        {"name": "sharpness", "default": 1.0, "low": 0.0, "high": 2.0, "step": 0.02},
    ]
    plain = lw.Interpolator(make_space(conditions={"y": NAMES, "sharpness": range(3)}), LATENTS)
    told = Page(plain.comm).state["_conditions"]
    assert [one["choices"] for one in told] == [NAMES, [0, 1, 2]]
    bare = lw.Interpolator(lw.LatentSpace(np.abs, (2, 2)), np.ones((2, 2, 2)))
    page = Page(bare.comm)
    assert (bare.conditions, page.state["_conditions"], page.picture()[0]) == ({}, [], [0.0])
    with pytest.raises(LatentValueError, match="this space has none"):
        bare.conditions = {"class": "mug"}


def test_refreshing_and_closing() -> None:
    widget = MAKERS["editor"](conditions={"class": "mug"})
    widget.refresh()
    assert shown(widget) == [10, 10, 10]
    widget.close()
    with pytest.raises(LatentValueError, match="closed"):
        widget.conditions = {"class": "owl"}


def test_several_bases_share_their_conditions() -> None:
    editor = lw.DirectionEditor(make_space(), LATENTS[:3], [X, Y], conditions={"class": "bee"})
    assert cells(editor).tolist() == [[[0, 20, 10], [10, 20, 10], [0, 20, 10]]]


# Axes of a grid


def test_a_plane_of_a_direction_and_a_condition() -> None:
    grid = lw.LatentGrid.plane(make_space(), LATENTS[1], X, "sharpness", amounts=[-1, 0, 1, 2, 3])
    found = cells(grid)
    assert found[:, 0, 2].tolist() == [20, 15, 10, 5, 0], "up is more"
    assert found[0, :, 0].tolist() == [0, 10, 20, 30, 40]
    assert [one["name"] for one in Page(grid.comm).state["_conditions"]] == ["class"]
    assert grid.grid.marks == {(2, 1): "base"}
    grid.conditions = {"class": "mug"}
    assert (cells(grid)[..., 1] == 10).all()
    grid.value = (0.5, 1.5)
    assert shown(grid) == [15, 10, 18]
    assert grid.grid.words((0.5, 1.5)) == "sharpness 1.75, x +0.50 σ"


def test_a_plane_of_two_conditions() -> None:
    grid = lw.LatentGrid.plane(make_space(), LATENTS[1], "class", "sharpness", amounts=[0, 1, 2])
    assert cells(grid)[1].tolist() == [[10, 0, 10], [10, 10, 10], [10, 20, 10]]
    assert Page(grid.comm).state["_conditions"] == []
    assert grid.grid.columns.names == ("owl", "mug", "bee")
    grid.value = (1, 1.4)
    assert shown(grid) == [10, 10, 10], "between two choices there is none"


def test_a_table_has_all_choices() -> None:
    grid = lw.LatentGrid.table(make_space(), LATENTS, "class")
    assert grid.grid.columns.names == ("owl", "mug", "bee")
    assert cells(grid)[3].tolist() == [[30, 0, 10], [30, 10, 10], [30, 20, 10]]
    numbers = lw.LatentGrid.table(make_space(), LATENTS, "sharpness", amounts=[0, 1, 2])
    assert cells(numbers)[0, :, 2].tolist() == [0, 10, 20]


@pytest.mark.parametrize(
    ("choices", "columns", "amounts"),
    [
        (range(1, 101), ("1", "17", "34", "50", "67", "83", "100"), {}),
        (range(1, 101), ("1", "50", "100"), {"amounts": [0, 1, 2]}),
        (range(10), tuple("0123456789"), {}),
        ([f"class {i}" for i in range(30)], tuple(f"class {i}" for i in range(30)), {}),
    ],
)
def test_a_table_spreads_many_whole_numbers(choices: Any, columns: Any, amounts: Any) -> None:
    given = lw.Condition(50, choices=choices) if choices == range(1, 101) else choices
    space = make_space(conditions={"class": given, "sharpness": (1.0, 0.0, 2.0)})
    grid = lw.LatentGrid.table(space, LATENTS, "class", **amounts)
    assert grid.grid.columns.names == columns
    assert grid.grid.count == len(LATENTS) * len(columns)


def test_a_table_of_one_latent_has_many_choices_in_several_rows() -> None:
    names = [f"class {i}" for i in range(30)]
    space = make_space(conditions={"class": names, "sharpness": (1.0, 0.0, 2.0)})
    grid = lw.LatentGrid.table(space, LATENTS[3:], "class", names=["d"])
    assert (grid.grid.rows.count, grid.grid.columns.count, grid.grid.count) == (4, 8, 30)
    assert [one["name"] for one in Page(grid.comm).state["_conditions"]] == ["sharpness"]
    grid.value = (1, 2)
    assert shown(grid) == [30, 100, 10]
    assert grid.grid.words(grid.value) == "class 10"
    told = Page(grid.comm).state["_cells"]
    assert [told["note"], told["says"][10]] == ["class of d", [1, 2, "class 10"]]
    written = [one.get_text() for one in grid.figure().axes[0].texts]
    assert written == names
    editor = lw.DirectionEditor(space, LATENTS[0], [X])
    lw.link(grid, editor)
    grid.value = (3, 5)
    assert editor.conditions["class"] == "class 29"
    few = lw.LatentGrid.table(space, LATENTS, "class")
    assert (few.grid.rows.count, few.grid.columns.count) == (4, 30)


def test_long_headings_of_a_figure_stand_upright() -> None:
    names = ["a rather long name", "owl"]
    grid = lw.LatentGrid.table(make_space(conditions={"class": names, "sharpness": (1.0, 0.0, 2.0)}), LATENTS, "class")  # fmt: skip # noqa: E501
    heads = grid.figure().axes[0].get_xticklabels()
    assert [one.get_rotation() for one in heads] == [90, 90]
    short = lw.LatentGrid.table(make_space(), LATENTS, "class").figure().axes[0]
    assert [one.get_rotation() for one in short.get_xticklabels()] == [0, 0, 0]


def test_traversals_may_have_rows_of_conditions() -> None:
    three = [-1, 0, 1]
    rows: list[lw.Direction | str] = [X, "class", "sharpness"]
    grid = lw.LatentGrid.traversals(make_space(), LATENTS[1], rows, amounts=three)
    found = cells(grid)
    assert found[0].tolist() == [[0, 0, 10], [10, 0, 10], [20, 0, 10]]
    assert found[1].tolist() == [[10, 0, 10], [10, 10, 10], [10, 20, 10]]
    assert found[2].tolist() == [[10, 0, 0], [10, 0, 10], [10, 0, 20]]
    assert grid.grid.rows.names == ("x", "class", "sharpness")
    assert grid.grid.words((1, 2)) == "class, bee"
    assert grid.grid.columns.names == (), "a heading would be right for some rows only"
    told = Page(grid.comm).state["_cells"]
    assert told["says"][::3] == [[0, 0, "−1 σ"], [1, 0, "owl"], [2, 0, "0"]]
    assert told["note"] == ""
    grid.conditions = {"class": "mug", "sharpness": 2.0}
    assert cells(grid)[0, 0].tolist() == [0, 10, 20]
    assert cells(grid)[1, 0].tolist() == [10, 0, 20]
    few = lw.LatentGrid.traversals(make_space(), LATENTS[1], ["class"], amounts=three[:2])
    assert cells(few)[0, :, 1].tolist() == [0, 10], "of choices the first so many"
    assert Page(few.comm).state["_cells"]["note"] == "class: the first 2 of 3"
    assert grid.image().size == (11, 5)
    assert grid._repr_mimebundle_() is not None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda s: lw.LatentGrid.plane(s, LATENTS[0], X, "sharp"), "b is 'sharp'.*'sharpness'"),
        (lambda s: lw.LatentGrid.plane(s, LATENTS[0], "class", "class"), "same condition"),
        (lambda s: lw.LatentGrid.table(s, LATENTS, "klass"), "Did you mean 'class'"),
        (lambda s: lw.LatentGrid.traversals(s, LATENTS[0], [X, BAD]), "a row is a int"),
        (lambda s: grids.plane(LATENTS[0], X, "class"), "has no conditions"),
    ],
)
def test_an_axis_that_is_no_condition(make: Any, message: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=message):
        make(make_space())


def test_grids_that_differ_in_conditions_have_other_names() -> None:
    given = conditions_of(GIVEN)
    a = grids.table(LATENTS, "class", conditions=given)
    b = grids.table(LATENTS, "sharpness", amounts=[0, 1, 2], conditions=given)
    assert a.digest != b.digest
    assert a.digest == grids.table(LATENTS, "class", conditions=given).digest


# Together


def test_linked_widgets_share_conditions() -> None:
    grid, editor = MAKERS["grid"](conditions={"class": "mug"}), MAKERS["editor"]()
    link = lw.link(grid, editor)
    assert editor.conditions["class"] == "mug"
    editor.conditions = {"class": "bee", "sharpness": 2.0}
    assert grid.conditions == {"class": "bee", "sharpness": 2.0}
    link.unlink()
    editor.conditions = {}
    assert grid.conditions["class"] == "bee"
    other = lw.DirectionEditor(make_space(conditions={"class": NAMES[:2], "sharpness": range(3)}), LATENTS[0], [X])  # fmt: skip # noqa: E501
    lw.link(grid, other)
    assert other.conditions == {"class": "owl", "sharpness": 0}, "others by the same names"


def test_a_cell_brings_the_conditions_of_its_axis() -> None:
    grid = lw.LatentGrid.table(make_space(), LATENTS, "class")
    editor = MAKERS["editor"]()
    lw.link(grid, editor)
    grid.value = (3, 2)
    assert editor.conditions == {"class": "bee", "sharpness": 1.0}
    assert editor.base.tolist() == [3, 1]


def test_cells_of_one_latent_bring_their_conditions() -> None:
    space = make_space()
    table = lw.LatentGrid.table(space, LATENTS[:1], "class")
    editor = lw.DirectionEditor(space, LATENTS[0], [X])
    lw.link(table, editor)
    table.value = (0, 2)
    assert editor.conditions["class"] == "bee"
    plane = lw.LatentGrid.plane(space, LATENTS[0], X, "sharpness")
    lw.link(plane, editor)
    row, column = plane.value
    plane.value = (row - 1, column)
    assert editor.conditions["sharpness"] > 1
    assert editor.base.tolist() == LATENTS[0].tolist()


def test_a_cell_whose_axis_says_nothing_has_the_grids_own_conditions() -> None:
    space = make_space()
    rows = lw.LatentGrid.traversals(space, LATENTS[0], ["class", X], conditions={"class": "mug"})
    editor = lw.DirectionEditor(space, LATENTS[0], [X])
    lw.link(rows, editor)
    rows.value = (0, 2)
    assert editor.conditions["class"] == "bee"
    rows.value = (1, 0)
    assert (editor.conditions["class"], rows.conditions["class"]) == ("mug", "mug")


def test_an_explorer_shows_undoes_and_keeps_them() -> None:
    explorer = lw.explore(make_space(), LATENTS, directions=[X, Y])
    parts = explorer.parts.values()
    explorer.editor.conditions = {"class": "mug"}
    assert {part.conditions["class"] for part in parts} == {"mug"}
    explorer.history.bookmark("mugs")
    explorer.history.undo()
    assert {part.conditions["class"] for part in parts} == {"owl"}
    explorer.history.redo()
    assert {part.conditions["class"] for part in parts} == {"mug"}
    explorer.path.conditions = {"class": "bee"}
    explorer.history.open("mugs")
    assert {part.conditions["class"] for part in parts} == {"mug"}
    explorer.conditions = {"class": "owl", "sharpness": 2}
    assert {part.conditions["sharpness"] for part in parts} == {2}
    with pytest.raises(lw.LatentValueError, match="oowl"):
        explorer.conditions = {"class": "oowl"}
    assert explorer.conditions == {"class": "owl", "sharpness": 2}
    begun = lw.explore(make_space(), conditions={"class": "bee"})
    assert {part.conditions["class"] for part in begun.parts.values()} == {"bee"}
    without = lw.explore(make_space(), parts=["grid", "editor"])
    assert without.editor.directions.names[0] == "local 1"


def test_any_two_widgets_with_a_condition_in_common_can_be_linked() -> None:
    space = make_space(conditions={"y": NAMES, "sharpness": range(3)})
    walk = lw.Interpolator(space, LATENTS)
    editor = lw.DirectionEditor(space, LATENTS[0], [X])
    linked = lw.link(walk, editor)
    walk.conditions = {"y": NAMES[1]}
    assert editor.conditions["y"] == NAMES[1]
    editor.conditions = {**editor.conditions, "sharpness": 2}
    assert walk.conditions == {"y": NAMES[1], "sharpness": 2}
    linked.unlink()
