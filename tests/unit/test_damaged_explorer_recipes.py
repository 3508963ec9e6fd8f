"""Recipes of explorers from anywhere: what was changed, or is too much, is refused."""

from __future__ import annotations

import base64
import json
import tracemalloc
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.export.arrays import ArrayReader, ArrayWriter
from latentwidgets.export.part_records import MOST_BOOKMARKS, MOST_STEPS, States
from latentwidgets.export.recipe import recipe_of_states
from tests.unit.page import Page
from tests.unit.test_explorer_recipes import DIGITS, make, sealed

CHANGES: list[tuple[tuple[Any, ...], Any]] = [
    ((), []),
    (("now",), {}),
    (("now",), {"eval": 0}),
    ((), None),
    (("more",), 1),
    (("now",), {"grid": 99}),
    (("now",), {"grid": -1}),
    (("now",), {"grid": False}),
    (("bookmarks",), [["a", {"grid": 0}], ["a", {"grid": 0}]]),
    (("now",), {"grid": "0"}),
    (("past",), [{"grid": None}]),
    (("future",), 7),
    (("bookmarks",), [["", {"grid": 0}]]),
    (("bookmarks",), [["a"]]),
    (("bookmarks",), [[["a"], {"grid": 0}]]),
    (("routes",), []),
    (("routes", 0, "type"), "eval"),
    (("shown", 0, "route"), 9),
    (("shown", 0, "at"), [1e9, 0]),
    (("shown", 0, "conditions"), {"label": ["owl"]}),
    (("shown", 0, "latent"), {"array": "nothing"}),
    (("shown", 0, "selection"), {"array": "nothing"}),
    (("shown", 0, "selection"), [1, 2]),
]


@pytest.mark.parametrize(("path", "value"), CHANGES, ids=str)
def test_what_was_changed_is_refused(path: tuple[Any, ...], value: Any) -> None:
    explorer = make(parts=["grid"])
    explorer.history.bookmark("one")
    contents = dict(explorer.history.recipe())
    at: Any = contents
    for name in ("explorer", *path)[:-1]:
        at = at[name]
    at[("explorer", *path)[-1]] = value
    with pytest.raises(lw.LatentValueError, match="this is no recipe: it was changed"):
        lw.Recipe(contents)
    with pytest.raises(lw.LatentValueError, match="this is no recipe"):
        lw.Recipe(sealed(contents))


def test_the_latent_of_a_recipe_is_the_one_that_its_explorer_shows() -> None:
    explorer = make(parts=["grid"])
    here = dict(explorer.recipe())
    explorer.grid.value = (0, 1)
    there = dict(explorer.recipe())
    main = {name: there[name] for name in ("route", "at", "latent", "conditions")}
    mixed = {**here, **main, "arrays": {**here["arrays"], **there["arrays"]}}
    with pytest.raises(lw.LatentValueError, match="not the one that its explorer shows"):
        lw.Recipe(sealed(mixed))


def test_of_more_steps_than_are_kept_the_last_are_read() -> None:
    explorer = make(parts=["grid"])
    explorer.history.bookmark("here")
    contents = dict(explorer.history.recipe())
    contents["explorer"]["future"] = [{"grid": 0}] * 10_000
    assert len(lw.Recipe(sealed(contents)).future) == MOST_STEPS


def test_a_recipe_of_more_bookmarks_than_there_may_be_is_refused_and_all_stays() -> None:
    explorer = make(parts=["grid"])
    explorer.history.bookmark("one")
    contents = dict(explorer.history.recipe())
    explorer.history.remove("one")
    explorer.grid.value = (1, 1)
    explorer.history.bookmark("mine")
    [[_, state]] = contents["explorer"]["bookmarks"]
    many = [[f"{number}", state] for number in range(MOST_BOOKMARKS)]
    contents["explorer"]["bookmarks"] = many
    recipe = lw.Recipe(sealed(contents))
    with pytest.raises(lw.LatentValueError, match=r"would be 201 bookmarks.*history\.remove"):
        explorer.apply(recipe)
    assert (explorer.history.bookmarks, explorer.grid.value) == (("mine",), (1.0, 1.0))
    explorer.history.remove("mine")
    explorer.apply(recipe)
    explorer.apply(recipe)
    assert len(explorer.history.bookmarks) == MOST_BOOKMARKS, "the same ones are there once"
    page = Page(explorer.comm)
    page.say({"type": "bookmark", "name": None})
    assert "history.remove" in page.state["_note"]
    assert len(explorer.history.bookmarks) == MOST_BOOKMARKS
    explorer.history.bookmark("7")
    contents["explorer"]["bookmarks"] = [*many, ["more", state]]
    with pytest.raises(lw.LatentValueError, match="more than 200 bookmarks"):
        lw.Recipe(sealed(contents))


def test_the_order_in_which_parts_are_kept_is_not_in_the_digest() -> None:
    states = make(parts=["grid", "editor"]).recipe().states
    assert states is not None
    turned = States({name: states.now[name] for name in reversed([*states.now])})
    first, second = (recipe_of_states(DIGITS.space, one) for one in (states, turned))
    assert first == second


def test_rows_that_are_none_are_refused() -> None:
    pytest.importorskip("jscatter", reason="needs the extra map")
    explorer = make(parts=["map"])
    explorer.map.selection = [1, 2, 3]
    contents = dict(explorer.recipe())
    name = contents["explorer"]["shown"][0]["selection"]["array"]
    for other in [*contents["arrays"]]:
        if other != name:  # an array of other numbers, as it was written
            contents["explorer"]["shown"][0]["selection"] = {"array": other}
    with pytest.raises(lw.LatentValueError, match="what is selected are no rows"):
        lw.Recipe(sealed(contents))


def test_a_small_file_of_huge_arrays_is_refused_before_they_are_made() -> None:
    explorer = make(parts=["path"])
    contents = dict(explorer.recipe())
    writer = ArrayWriter()
    bomb = writer.put(np.zeros((2**26 // 20, 5), np.float32))
    contents["explorer"]["routes"] = [{**contents["route"], "anchors": bomb}] * 50
    contents["arrays"] |= writer.table
    text = json.dumps(sealed(contents)).encode()
    assert len(text) < 200_000
    page = Page(explorer.comm)
    tracemalloc.start()
    page.say({"type": "apply", "data": base64.b64encode(text).decode()})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "its arrays are too large: more than 67,108,864 bytes" in page.state["_note"]
    assert most < 2**24
    shared = ArrayReader(writer.table, 2**26)  # however often it is referred to
    assert shared.get(bomb) is shared.get(bomb)
