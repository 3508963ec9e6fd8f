"""Routes as numbers, held to the cases that JavaScript is tested with too."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from pathlib import Path as File
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.common.wanted import UnwantedError
from latentwidgets.directions.directions import Directions
from latentwidgets.engine.handed import numberings
from latentwidgets.errors import LatentValueError
from latentwidgets.routes import corner_grids, grids
from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.grid import Axis, Grid
from latentwidgets.routes.map_plane import GROUND, MapPlane
from latentwidgets.routes.plan import SLOW_SECONDS, completed, outlined, plan_of
from latentwidgets.routes.projection import project
from latentwidgets.space.conditions import NONE, Conditions, conditions_of
from latentwidgets.space.locks import ModelLock

CASES = File(__file__).parents[2] / "js" / "test" / "decode_in_page" / "routes.json"
TIMES = [0.0, 0.1, 0.25, 1 / 3, 0.5, 0.62, 0.75, 0.99, 1.0]

CONDITIONS = conditions_of(
    {"class": ["owl", "mug", "ark"], "gain": (1, 0, 2), "n": range(9, 0, -4)}
)


def routes() -> dict[str, tuple[Any, list[tuple[float, ...]]]]:
    """Give routes of every form, and places along them."""
    rng = np.random.default_rng(0)
    anchors = rng.standard_normal((4, 2, 3)).astype(np.float32)
    opposite = np.stack([anchors[0], -anchors[0], 2 * anchors[1], np.zeros((2, 3), np.float32)])
    bends = rng.standard_normal((3, 2, 2, 3)).astype(np.float32)
    timing = [[0.0, 0.3, 0.35, 1.0], [0.0, 0.1, 0.8, 1.0]]
    paths = {
        "lerp": lw.Path(anchors, "lerp"),
        "slerp": lw.Path(anchors, "slerp"),
        "slerp, opposite": lw.Path(opposite, "slerp"),
        "slerp, one number": lw.Path([[1.0], [-2.0]], "slerp"),
        "nlerp": lw.Path(anchors, "nlerp"),
        "nlerp, opposite": lw.Path(opposite, "nlerp"),
        "spline": lw.Path(anchors, "spline"),
        "spline, closed": lw.Path(anchors, "spline", closed=True),
        "slerp, closed": lw.Path(anchors, "slerp", closed=True),
        "gaussian": lw.Path(rng.standard_normal((3, 16)), "gaussian"),
        "geodesic": lw.Path(anchors, "geodesic", bends=bends),
        "lerp, timed": lw.Path(anchors, "lerp", timing=timing),
    }
    moves = rng.standard_normal((3, 2, 3))
    found = Directions(
        lw.Direction(name, move, sigma=sigma)
        for name, move, sigma in zip("abc", moves, (1, 2, 0.5), strict=True)
    )
    bases = anchors[:3]
    edits = {
        "edit": Edit(anchors[0], found),
        "edit of several, absolute, held": Edit(bases, found, ["b"], absolute=True),
        "edit with profiles": Edit(bases, found, profiles={"a": (1.0, 0.25)}),
    }
    spots = [(0.0, 0.0), (1.0, 2.0), (2.0, 1.0), (0.0, 2.0)]
    plane = grids.plane(anchors[0], found[0], found[1], amounts=[-3, -1, 0, 2.5])
    corners = corner_grids.corners(anchors, n=4, method="lerp")
    between = [*spots, (0.25, 2.5), (1.9, 0.1), (2.0, 3.0), (3.0, 0.0), (3.0, 3.0), (1.5, 1.5)]
    odd = np.stack([anchors[0], -anchors[0], np.zeros((2, 3), np.float32), 3 * anchors[1]])
    turned = corner_grids.corners(anchors, n=4)
    facing = corner_grids.corners(odd, n=4)
    thin = corner_grids.corners(anchors[:, :1, 0], n=4)
    normal = lw.LatentSpace(
        lambda z: z, 16, prior=lw.NormalPrior(np.full(16, 2.0), np.full(16, 3.0))
    )
    lawful = corner_grids.corners(normal.sample(4), n=4, method="gaussian", space=normal)
    points = (5 + rng.standard_normal((9, 2, 3))).astype(np.float32)
    chart = MapPlane.of(points, project(points))
    ground = [(GROUND, x, y) for x, y in [(0.0, 0.0), (1.25, -0.5), (-9.5, 20.0)]]
    still = MapPlane.of(points, project(points, rng.standard_normal((9, 2))))
    return {
        **{name: (path, [(t,) for t in TIMES]) for name, path in paths.items()},
        **{
            name: (edit, [(), tuple(edit.origin), (0.5, -1.25, 0.0), (edit.origin[0], 2.0, 3.0)])
            for name, edit in edits.items()
        },
        "cells": (grids.cells(rng.standard_normal((8, 2, 3)).astype(np.float32)), spots),
        "cells of a plane": (plane, [*spots, (0.25, 2.5), (1.9, 0.1), (3.0, 3.0)]),
        "cells between corners": (corners, [*spots, (0.25, 2.5), (1.9, 0.1), (2.0, 3.0)]),
        "corners, slerp": (turned, between),
        "corners, slerp, opposite and zero": (facing, between),
        "corners, slerp, one number": (thin, between),
        "corners, gaussian": (lawful, between),
        "map": (chart, [chart.spot(0), chart.spot(8), *ground]),
        "map of points alone": (still, [still.spot(row) for row in (0, 3, 7, 8)]),
    }


class Setting(lw.Path):
    """A path that sets a condition itself, and says nothing of it."""

    sets = ("gain", "n")


def test_a_route_is_also_named_by_the_defaults_of_what_it_sets_and_says_nothing_of() -> None:
    path = Setting(np.eye(2), "lerp")
    digests = [
        Conditioned.of(path, conditions_of({"gain": (default, 0, 4)})).digest
        for default in (2, 2, 3)
    ]
    assert digests[0] == digests[1] != digests[2]


def silent(positions: Any) -> dict[str, list[Any]]:
    """Say something of one condition in the first row alone, and nothing of another."""
    return {"class": [None if row else "ark" for row, _ in positions]}


def conditioned() -> dict[str, tuple[Any, Conditions, list[tuple[float, ...]]]]:
    """Give routes that set conditions themselves, and places with what can be moved."""
    rng = np.random.default_rng(1)
    bases = rng.standard_normal((2, 3)).astype(np.float32)
    a = lw.Direction("a", rng.standard_normal(3))
    many = conditions_of({**CONDITIONS, "class": [f"class {i}" for i in range(20)]})
    rows: list[Any] = ["n", a, "gain", "class"]
    square = grids.cells(rng.standard_normal((4, 3)).astype(np.float32), columns=2)
    mixed = grids.traversals(bases[0], rows, amounts=range(-2, 3), conditions=CONDITIONS)
    return {
        "a class a column": (
            grids.table(bases, "class", conditions=CONDITIONS),
            CONDITIONS,
            [(0, 0, 0.5, 2), (1, 2, 1.5, 0), (0, 1, 0, 1), (1, 0, 2, 1)],
        ),
        "a class a cell": (
            grids.table(bases[:1], "class", conditions=many),
            many,
            [(0, 0, 0.5, 2), (1, 7, 1.5, 0), (2, 3, 0, 1), (1, 0, 2, 1)],
        ),
        "rows of conditions and of a direction": (
            mixed,
            CONDITIONS,
            [(0, 4, 2, 0.25, 1), (1, 2, 1, 0.5, 0), (2, 3, 0, 0.75, 2), (3, 4, 0, 2, 2)],
        ),
        "a plane of a direction and a number": (
            grids.plane(bases[0], a, "gain", amounts=range(5), conditions=CONDITIONS),
            CONDITIONS,
            [(0, 0, 1, 2), (1.25, 3.5, 2, 0), (4, 4, 0, 1), (3.99, 0.01, 1, 1)],
        ),
        "a plane of a class and a number": (
            grids.plane(bases[0], "class", "gain", amounts=range(3), conditions=CONDITIONS),
            CONDITIONS,
            [(0, 0.5, 1), (1.25, 1.5, 0), (2, 1.51, 2), (0.3, 0.49, 2)],
        ),
        "cells of which some say nothing": (
            replace(square, conditions_at=silent, sets=("class", "gain")),
            CONDITIONS,
            [(0, 0, 2), (0, 1, 0), (1, 0, 1), (1, 1, 2)],
        ),
        "a grid that says nothing": (
            replace(square, sets=("n", "gain")),
            CONDITIONS,
            [(0, 0, 2), (0, 1, 0), (1, 0, 1), (1, 1, 2)],
        ),
        "a path that says nothing": (
            Setting(bases, "lerp"),
            CONDITIONS,
            [(0, 2), (0.25, 0), (0.5, 1), (1, 2)],
        ),
    }


def recorded() -> list[dict[str, Any]]:
    """Write down plans, and what the routes themselves make of places."""
    found = [written(name, route, places) for name, (route, places) in routes().items()]
    for name, (grid, conditions, places) in conditioned().items():
        route = Conditioned.of(grid, conditions)
        under = [conditions.arrays(route.values([at]), 1) for at in places]
        numbers = [[float(value[0]) for value in one.values()] for one in under]
        more = {"numberings": numberings(route, conditions), "conditions": numbers}
        own = [at[: len(grid.bounds)] for at in places]
        found.append({**written(name, grid, own, conditions), **more})
        found[-1]["places"] = places
    return found


def written(name: str, route: Any, places: Any, conditions: Conditions = NONE) -> dict[str, Any]:
    """Write down one plan."""
    plan = plan_of(route, conditions)
    arrays = {
        # JSON has no NaN.
        key: {
            "shape": [*array.shape],
            "data": [None if x != x else x for x in array.ravel().tolist()],
        }
        for key, array in plan.arrays.items()
    }
    plain = {"form": plan.form, "shown": plan.shown, "closed": plan.closed, "arrays": arrays}
    latents = [route.latents([at]).ravel().tolist() for at in places]
    return {"name": name, "plan": plain, "places": places, "latents": latents}


def test_the_cases_of_javascript_are_what_routes_do_now() -> None:
    cases = json.loads(CASES.read_text("utf-8"))
    now = recorded()
    assert [one["name"] for one in cases] == [one["name"] for one in now]
    for old, new in zip(cases, now, strict=True):
        for one, other in zip(old["latents"], new["latents"], strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6, err_msg=new["name"])
        for key, array in new["plan"]["arrays"].items():
            kept = old["plan"]["arrays"][key]
            assert kept["shape"] == array["shape"]
            before, after = (np.array(one["data"], float) for one in (kept, array))
            np.testing.assert_allclose(before, after, atol=1e-6, err_msg=new["name"])
        for key in ("numberings", "conditions"):
            assert json.dumps(old.get(key)) == json.dumps(new.get(key)), new["name"]


def test_a_route_of_another_kind_cannot_be_followed() -> None:
    with pytest.raises(LatentValueError, match="only known to the kernel"):
        plan_of(object())


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        (Grid(Axis(2), Axis(2), lambda at: np.sin(at), continuous=True), "between its cells"),
        (grids.cells(np.zeros((2**11, 2**10), np.float32)), "2,097,152 numbers; a page is sent"),
    ],
)  # fmt: skip
def test_a_grid_that_a_page_cannot_make_stays(grid: Any, words: str) -> None:
    with pytest.raises(LatentValueError, match=words):
        plan_of(grid)


def test_conditions_that_a_page_cannot_find_stay() -> None:
    """Those that curve between the cells of a grid, and those of another route."""

    class Own(lw.Path):
        def conditions_at(self, positions: Any) -> Any:
            return {"gain": [1.0] * len(positions)}

    def curved(positions: Any) -> Any:
        return {"gain": [row * row for row, _ in positions]}

    bent = Grid(Axis(3), Axis(2), lambda at: at, continuous=True, conditions_at=curved)
    few = conditions_of({"gain": (1, 0, 9)})
    with pytest.raises(LatentValueError, match="under which conditions .* is only known to the k"):
        plan_of(bent, few)
    with pytest.raises(LatentValueError, match="it sets conditions by itself"):
        plan_of(Own(np.eye(3)), few)
    assert "conditions" not in plan_of(bent).arrays, "a decoder that takes none gets some"


class Inverse:
    """Lays latents out by their first two numbers, and gives back what a function makes of these.

    Parameters
    ----------
    give : callable
        From points, ``(m, 2)``, to flat latents, ``(m, 3)``.
    """

    def __init__(self, give: Any) -> None:
        self.give, self.calls = give, 0

    def transform(self, rows: np.ndarray) -> np.ndarray:
        return rows[:, :2]

    def inverse_transform(self, points: np.ndarray) -> np.ndarray:
        self.calls += 1
        return np.asarray(self.give(points))


def slow(points: np.ndarray) -> np.ndarray:
    time.sleep(SLOW_SECONDS + 0.1)
    return points[:, [0, 1, 1]]


POINTS = (1e3 + np.random.default_rng(3).standard_normal((12, 3))).astype(np.float32)


def map_by(give: Any) -> MapPlane:
    return map_of(Inverse(give))


def map_of(inverse: Inverse) -> MapPlane:
    return MapPlane.of(POINTS, project(POINTS, inverse))


def test_a_linear_inverse_of_somebody_elses_is_followed() -> None:
    route = map_by(lambda points: points @ [[1.0, 0.0, 2.0], [0.0, 1.0, -1.0]] + [0, 0, 7.5])
    middle, right, up = plan_of(route).arrays["plane"]
    x, y = route.center
    np.testing.assert_allclose(middle, [x, y, 2 * x - y + 7.5], rtol=1e-6)
    np.testing.assert_allclose(right, route.half * np.array([1, 0, 2]), rtol=1e-3)
    np.testing.assert_allclose(up, route.half * np.array([0, 1, -1]), rtol=1e-3)


@pytest.mark.parametrize(
    "give",
    [
        lambda points: np.sin(points[:, [0, 1, 1]]),
        lambda points: points[:, [0, 1, 1]].clip(POINTS.min(), POINTS.max()),
        lambda points: points[:, [0, 1, 1]] + 1e-4 * points[:, :1] ** 2,
        lambda points: 1e-4 * np.sin(points[:, [0, 1, 1]]),
        lambda points: [1e6, 1.0, 1.0] + np.sin(points[:, [0, 0, 0]] - 1e3) * [0, 0.1, 0.1],
    ],
    ids=["curved", "clipped far outside", "slightly curved", "small", "beside large ones"],
)
def test_a_map_whose_inverse_is_not_linear_stays(give: Any) -> None:
    words = "between its points .*: the inverse of Inverse is not linear"
    with pytest.raises(LatentValueError, match=words):
        plan_of(map_by(give))


def test_small_numbers_and_large_ones_are_followed_where_they_are_linear() -> None:
    weights = [[1e-4, 1.0, 0.0], [2e-4, 0.0, 0.0]]
    plane = plan_of(map_by(lambda points: points @ weights + [0, 0, 1e6])).arrays["plane"]
    np.testing.assert_allclose(plane[1:, 2], [0, 0])
    np.testing.assert_allclose(plane[2, 0] / plane[1, 0], 2, rtol=1e-4)


def test_an_inverse_that_takes_too_long_is_not_called_curved() -> None:
    inverse = Inverse(slow)
    words = r"the inverse of Inverse takes too long: 1\.\d s for 1 of its places"
    with pytest.raises(LatentValueError, match=words):
        plan_of(map_of(inverse))
    assert inverse.calls == 1


def test_an_inverse_that_is_rather_slow_is_called_with_few_places_and_given_up() -> None:
    counts = []

    def rather_slow(points: np.ndarray) -> np.ndarray:
        counts.append(len(points))
        time.sleep(0.03 * len(points))
        return points[:, [0, 1, 1]]

    with pytest.raises(LatentValueError, match=r"takes too long: 1\.\d s for \d+ of its places"):
        plan_of(map_by(rather_slow))
    assert max(counts) == 1
    assert sum(counts) < 69


def test_what_an_inverse_waits_for_is_not_its_own_time() -> None:
    inverse = Inverse(lambda points: points[:, [0, 1, 1]])
    route, begun = map_of(inverse), threading.Event()

    def busy(_nothing: None) -> None:
        begun.set()
        time.sleep(SLOW_SECONDS + 0.2)

    other = threading.Thread(target=ModelLock((inverse,)).run, args=(busy, None))
    other.start()
    begun.wait()
    assert plan_of(route).arrays["plane"].shape == (3, 3)
    other.join()


def test_nobody_asks_an_inverse_for_who_is_gone() -> None:
    inverse = Inverse(lambda points: points[:, [0, 1, 1]])
    route = map_of(inverse)
    with pytest.raises(UnwantedError):
        completed(outlined(route), route, lambda: inverse.calls > 0)
    assert inverse.calls == 1


def test_an_inverse_that_is_known_to_be_slow_is_not_tried() -> None:
    inverse = Inverse(slow)
    route = map_of(inverse)
    named = replace(route, projection=replace(route.projection, name="umap"))
    with pytest.raises(LatentValueError, match="the inverse of UMAP is not linear"):
        plan_of(named)
    assert inverse.calls == 0


def test_no_route_of_too_many_numbers_is_sent() -> None:
    with pytest.raises(LatentValueError, match="anchors have 2,097,152 numbers; a page is sent"):
        plan_of(lw.Path(np.ones((2**11, 2**10), np.float32), "lerp"))
    with pytest.raises(LatentValueError, match="2,093,056 numbers; a page is sent 1,048,576"):
        plan_of(lw.Path(np.ones((2**9, 2**10), np.float32), "lerp"))
    found = Directions(lw.Direction(f"d{i}", one) for i, one in enumerate(np.eye(128, 2**14)))
    with pytest.raises(LatentValueError, match="numbers; a page is sent"):
        plan_of(Edit(np.zeros(2**14, np.float32), found))
    points = np.random.default_rng(0).standard_normal((2**10, 2**11)).astype(np.float32)
    still = MapPlane.of(points, project(points, points[:, :2]))
    with pytest.raises(LatentValueError, match="points have 2,097,152 numbers; a page is sent"):
        plan_of(still)


if __name__ == "__main__":  # writes the cases anew
    CASES.parent.mkdir(exist_ok=True)
    CASES.write_text(json.dumps(recorded()) + "\n", encoding="utf-8")


def test_corners_in_double_precision_follow_circles_of_their_own() -> None:
    corners = np.eye(4) + np.arange(16).reshape(4, 4)
    assert outlined(corner_grids.corners(corners.astype(np.float32))).form == "slerp corners"
    with pytest.raises(LatentValueError, match="only known to the kernel"):
        outlined(corner_grids.corners(corners))  # type: ignore[arg-type]
