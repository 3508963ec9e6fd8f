"""A person's own subclass of `lw.Path`, and of any other route: all that takes one takes it."""

from __future__ import annotations

from pathlib import Path as File
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.export.code import code_of
from latentwidgets.export.exported.route import Asked
from latentwidgets.export.exported.table import exported
from latentwidgets.export.recipe import recipe_of
from latentwidgets.routes import grids
from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.grid import Grid
from latentwidgets.routes.map_plane import MapPlane
from latentwidgets.routes.plan import plan_of
from latentwidgets.routes.projection import project
from latentwidgets.routes.some_places import some_places
from latentwidgets.space.conditions import conditions_of
from latentwidgets.widgets.brought_back import traits_for
from tests.unit.spaces import sigmoid

LATENTS = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
SPACE = lw.LatentSpace(sigmoid, 5, value_range=(0, 1))
LAID_OUT = LATENTS, project(LATENTS)
FOUND = lw.pca_directions(LATENTS, 2)


class OwnPath(lw.Path):
    """What a person adds methods to."""


class OwnEdit(Edit):
    """Likewise."""


class OwnGrid(Grid):
    """Likewise."""


class OwnPlane(MapPlane):
    """Likewise."""


def cells(kind: type[Grid]) -> Grid:
    whole = grids.cells(LATENTS)
    return kind(whole.rows, whole.columns, whole.latents_at, whole.count)


# Of each class: a route of it, one of a subclass, and where on both.
ROUTES: dict[str, tuple[Any, Any, tuple[float, ...]]] = {
    "path": (lw.Path(LATENTS), OwnPath(LATENTS), (0.3,)),
    "edit": (Edit(LATENTS[0], FOUND), OwnEdit(LATENTS[0], FOUND), (1.0, -0.5)),
    "grid": (cells(Grid), cells(OwnGrid), (0.0, 1.0)),
    "map": (MapPlane.of(*LAID_OUT), OwnPlane.of(*LAID_OUT), (2.0, 0.0, 0.0)),
}


@pytest.mark.parametrize("name", ROUTES)
def test_it_is_what_its_class_is(name: str) -> None:
    usual, own, at = ROUTES[name]
    assert code_of(own, at) == code_of(usual, at)
    assert plan_of(own).form == plan_of(usual).form
    assert type(exported(own)) is type(exported(usual))
    here, there = (some_places(one, np.random.default_rng(0), 4) for one in (usual, own))
    np.testing.assert_array_equal(here, there)
    assert np.isfinite(own.latents([tuple(one) for one in there])).all()
    assert recipe_of(SPACE, own, at)["route"] == recipe_of(SPACE, usual, at)["route"]
    recipe = recipe_of(SPACE, usual, at)
    traits = [traits_for(recipe.route, at, one, "It").keys() for one in (usual, own)]
    assert traits[0] == traits[1]


@pytest.mark.parametrize("name", ["path", "edit", "grid"])
def test_it_is_brought_back(name: str) -> None:
    usual, own, at = ROUTES[name]
    assert traits_for(own, at, usual, "It").keys() == traits_for(usual, at, usual, "It").keys()


@pytest.mark.parametrize("name", ROUTES)
def test_another_widget_has_no_controls_for_it(name: str) -> None:
    _, _, at = ROUTES[name]
    route = recipe_of(SPACE, ROUTES[name][0], at).route
    for other, (usual, own, _) in ROUTES.items():
        if other != name:
            for shown in (usual, own, None):
                with pytest.raises(lw.LatentValueError, match="recipe is of another widget"):
                    traits_for(route, at, shown, "It")


def test_it_can_be_filmed(tmp_path: File) -> None:
    lw.save_animation(OwnPath(LATENTS), SPACE, tmp_path / "own.gif", seconds=0.2)
    lw.save_animation(lw.Path(LATENTS), SPACE, tmp_path / "usual.gif", seconds=0.2)
    assert (tmp_path / "own.gif").read_bytes() == (tmp_path / "usual.gif").read_bytes()


def test_what_a_cell_holds_of_a_path_has_no_more_pictures_to_click_than_positions() -> None:
    state = {"filmstrip": 9, "_marks": [0.0, 1.0], "method": "slerp", "_methods": {}}
    path = exported(OwnPath(LATENTS))
    some, *_, most = path.choices(Asked((0.3,), state))
    assert [path.recording(one).state["filmstrip"] for one in (some, most)] == [3, 9]


def test_places_are_where_controls_reach() -> None:
    rng = np.random.default_rng(0)
    edit, (grid, _, _) = Edit(LATENTS[0], FOUND), ROUTES["grid"]
    low, high = np.array(edit.ends).T
    amounts = some_places(edit, rng, 200)
    assert ((low <= amounts) & (amounts <= high)).all()
    assert (amounts.min(axis=0) < 0.8 * low).all()
    assert (amounts.max(axis=0) > 0.8 * high).all()
    places = some_places(grid, rng, 50)
    assert {*map(tuple, places)} <= {*map(tuple, grid.places)}
    plane = grids.plane(LATENTS[0], FOUND[0], FOUND[1], amounts=[-1, 0, 1])
    between = some_places(plane, rng, 50)
    assert (between % 1 != 0).any()
    assert 0 <= between.min() <= between.max() <= 2
    conditions = conditions_of({"g": (1, 0.5, 2), "class": ["owl", "mug", "cat"]})
    under = some_places(Conditioned.of(grid, conditions), rng, 50)
    assert {*map(tuple, under[:, :2])} <= {*map(tuple, grid.places)}
    assert 0.5 <= under[:, 2].min() < 0.7 < 1.8 < under[:, 2].max() <= 2
    assert {*under[:, 3]} == {0, 1, 2}
