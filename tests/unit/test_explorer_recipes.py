"""Recipes of explorers: all parts, bookmarks and steps in one file, back to the last bit."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path as File
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import latentwidgets as lw
from latentwidgets.export.arrays import ArrayWriter
from latentwidgets.export.part_records import MOST_STEPS, PARTS
from latentwidgets.widgets.explorer import history as module
from latentwidgets.widgets.path.ways import Way
from tests.unit.page import Page
from tests.unit.spaces import logit, sigmoid

DIGITS = lw.demo.digits()
RNG = np.random.default_rng(6)
DATA = RNG.normal(size=(90, 5)).astype(np.float32)


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now

    def later(self) -> None:
        self.now += 10


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(module, "time", found)
    return found


def make(data: Any = DATA, most: float = 1.0, **options: Any) -> lw.LatentExplorer:
    space = lw.LatentSpace(sigmoid, 5, logit, value_range=(0, most))
    return lw.explore(space, data, **{"parts": PARTS, **options})


# What is told of an explorer, which another process has to tell too. It is run there as text.
TOLD = """
import hashlib
import numpy as np

def told(explorer):
    found = {}
    for name, part in explorer.parts.items():
        latent, picture = np.asarray(part.latent), np.asarray(part.image())
        digest = hashlib.sha256(latent.tobytes() + picture.tobytes()).hexdigest()
        more = {"map": "index selection", "grid": "value selection", "editor": "value hold mode"}
        path = "value method closed even_speed"
        kept = {one: getattr(part, one) for one in more.get(name, path).split()}
        kept["conditions"] = dict(part.conditions)
        found[name] = [digest, repr({one: np.asarray(x).tolist() if hasattr(x, "shape") else x
                                     for one, x in kept.items()})]
        if name == "path":
            found[name].append(hashlib.sha256(np.asarray(part.anchors).tobytes()).hexdigest())
        if name == "grid":
            found[name].append(hashlib.sha256(np.asarray(part.latents).tobytes()).hexdigest())
    return found
"""
_names: dict[str, Any] = {}
exec(TOLD, _names)
told: Callable[[Any], Any] = _names["told"]


def wander(explorer: lw.LatentExplorer, clock: Clock) -> dict[str, Any]:
    """Do ten things, with a bookmark after each; give what was told at each."""
    chart, grid, path, editor = explorer.map, explorer.grid, explorer.path, explorer.editor
    first, second = editor.directions.names[:2]
    steps: list[Callable[[], Any]] = [
        lambda: setattr(grid, "value", (1, 2)),
        lambda: setattr(editor, "value", {first: 1.5}),
        lambda: setattr(editor, "hold", [second]),
        lambda: setattr(chart, "selection", [3, 5, 7, 11, 13, 17]),
        lambda: setattr(grid, "selection", [1, 4, 2]),
        lambda: setattr(path, "value", 0.3),
        lambda: setattr(path, "even_speed", True),
        lambda: setattr(chart, "value", (0.25, -0.5)),
        lambda: setattr(editor, "mode", "absolute"),
        lambda: setattr(path, "method", "spline"),
    ]
    seen = {}
    for number, step in enumerate(steps):
        clock.later()
        step()
        if path.even_speed:
            _ = path.path  # it is found
        seen[explorer.history.bookmark(f"stop {number}")] = told(explorer)
    return seen


def test_ten_bookmarks_and_all_steps_come_back_bit_for_bit_in_a_fresh_process(
    clock: Clock, tmp_path: File
) -> None:
    pytest.importorskip("jscatter", reason="needs the extra map")
    explorer = lw.explore(DIGITS.space, DIGITS.latents[:200], parts=PARTS)
    expected = {"bookmarks": wander(explorer, clock), "now": told(explorer), "past": []}
    file = tmp_path / "found.json"
    explorer.history.save(file)
    replayed = {
        name: hashlib.sha256(lw.replay(one, DIGITS.space).tobytes()).hexdigest()
        for name, one in explorer.history.recipe().bookmarks.items()
    }
    for _ in range(5):
        explorer.history.undo()
        expected["past"].append(told(explorer))
    expected["before"] = told(lw.explore(DIGITS.space, DIGITS.latents[:200], parts=PARTS))
    program = TOLD + (
        "import json, sys\n"
        "import latentwidgets as lw\n"
        "digits = lw.demo.digits()\n"
        "recipe = lw.load(sys.argv[1])\n"
        "explorer = lw.explore(digits.space, digits.latents[:200], parts=list(recipe.parts))\n"
        "explorer.apply(recipe)\n"
        "found = {'now': told(explorer), 'bookmarks': {}, 'past': []}\n"
        "explorer.history.undo()\n"
        "found['before'] = told(explorer)\n"
        "for _ in range(5):\n"
        "    explorer.history.undo()\n"
        "    found['past'].append(told(explorer))\n"
        "for name in explorer.history.bookmarks:\n"
        "    explorer.history.open(name)\n"
        "    found['bookmarks'][name] = told(explorer)\n"
        "sha = lambda one: hashlib.sha256(lw.replay(one, digits.space).tobytes()).hexdigest()\n"
        "found['replayed'] = {name: sha(one) for name, one in recipe.bookmarks.items()}\n"
        "print(json.dumps(found))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)], capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stderr
    found = json.loads(done.stdout)
    assert len(found["bookmarks"]) == 10
    assert found.pop("replayed") == replayed
    assert found == json.loads(json.dumps(expected))


def test_a_recipe_of_an_explorer_is_one_of_its_latent_and_of_every_part() -> None:
    explorer = make(parts=["grid", "editor", "path"])
    editor, grid, path = explorer.editor, explorer.grid, explorer.path
    grid.value, editor.value, path.value = (0, 4), {"PC 1": 1.0}, 0.25
    recipe = lw.Recipe.from_json(explorer.recipe().to_json())
    assert recipe == explorer.recipe() == lw.Recipe(dict(recipe))
    np.testing.assert_array_equal(lw.replay(recipe, explorer.space), editor.latent)
    assert {name: one.at for name, one in recipe.parts.items()} == {
        "grid": (0.0, 4.0),
        "path": (0.25,),
        "editor": tuple(editor.value.values()),
    }
    for name, one in recipe.parts.items():
        part = getattr(explorer, name)
        assert one == part.recipe(), name
        before, part.latent = part.latent, part.latent * np.float32(0.5)
        part.apply(recipe)  # the whole of it: each takes its own
        np.testing.assert_array_equal(part.latent, before)
    assert (recipe.bookmarks, recipe.past, recipe.future) == ({}, (), ())
    names: dict[str, Any] = {}
    exec(recipe.code(), names)
    np.testing.assert_allclose(names["latent"], editor.latent, rtol=1e-5)


def test_a_recipe_of_one_widget_is_followed_by_the_part_that_is_like_it() -> None:
    explorer = make(parts=["grid", "editor", "path"])
    walk = lw.Interpolator(explorer.space, DATA[:4], method="spline", value=0.7)
    before = explorer.recipe().parts
    explorer.apply(walk.recipe())
    after = explorer.recipe().parts
    assert after["path"] == walk.recipe()
    assert (after["editor"], after["grid"]) == (before["editor"], before["grid"])
    explorer.history.undo()
    assert explorer.recipe().parts == before
    alone = make(parts=["editor"])
    with pytest.raises(
        lw.LatentValueError, match="of another widget .'Path'., which this explorer"
    ):
        alone.apply(walk.recipe())
    with pytest.raises(lw.LatentValueError, match="which this explorer has no part for"):
        alone.apply(make(parts=["grid", "path"]).recipe())


def test_applying_is_a_step_and_parts_that_are_not_here_are_named(clock: Clock) -> None:
    explorer, fewer = make(parts=["grid", "editor", "path"]), make(parts=["grid", "editor"])
    explorer.grid.value = (1, 1)
    clock.later()
    before = told(fewer)
    fewer.apply(explorer.recipe())
    assert fewer.grid.value == (1, 1)
    np.testing.assert_array_equal(fewer.editor.latent, explorer.editor.latent)
    assert "also of a path, which is not here" in Page(fewer.comm).state["_note"]
    fewer.history.undo()
    assert told(fewer) == before
    explorer.apply(fewer.recipe())  # what it says nothing of stays
    assert explorer.grid.value == fewer.grid.value
    assert Page(explorer.comm).state["_note"] == ""


def test_undo_goes_back_to_before_and_then_to_the_steps_of_the_file(
    clock: Clock,
) -> None:
    explorer, other = make(parts=["grid"]), make(parts=["grid"])
    for value in ((0, 1), (0, 2), (0, 3)):
        clock.later()
        explorer.grid.value = value
    explorer.history.undo()
    explorer.history.bookmark("two")
    clock.later()
    other.grid.value = (1, 9)
    other.history.bookmark("two")
    other.history.bookmark("own")
    recipe = explorer.history.recipe()
    assert [one.at for one in recipe.past] == [(0, 0), (0, 1)]
    assert [one.at for one in recipe.future] == [(0, 3)]
    clock.later()
    other.apply(recipe)
    assert other.history.bookmarks == ("two", "own", "two 2")
    other.history.redo()
    assert other.grid.value == (0, 3)
    other.history.undo()
    assert other.grid.value == (0, 2)
    seen = []
    while other.history.can_undo:
        other.history.undo()
        seen.append(other.grid.value)
    assert seen == [(1, 9), (0, 0), (0, 1), (0, 0)]
    for name, value in (("two", (1, 9)), ("two 2", (0, 2))):
        other.history.open(name)
        assert other.grid.value == value
    other.apply(recipe)
    assert other.history.bookmarks == ("two", "own", "two 2"), "the same once"


def test_a_file_full_of_steps_leaves_room_for_the_step_back(clock: Clock) -> None:
    explorer, other = make(parts=["grid"]), make(parts=["grid"])
    for number in range(MOST_STEPS + 1):
        clock.later()
        explorer.grid.value = (0, 1 + number % 2)
    other.grid.value = (1, 9)
    recipe = explorer.history.recipe()
    assert len(recipe.past) == MOST_STEPS
    other.apply(recipe)
    other.history.undo()
    assert other.grid.value == (1, 9)


REFUSED = [
    ({"selection": [3, 95]}, "selects number 95; the last there is is 63"),
    ({"at": [0.25, 1], "latent": DATA[1]}, "between the cells"),
    ({"conditions": {"label": "owl"}}, "label"),
]


@pytest.mark.parametrize(("change", "words"), REFUSED, ids=str)
def test_a_step_that_could_never_be_put_back_is_refused_with_the_recipe(
    clock: Clock, change: dict[str, Any], words: str
) -> None:
    space = lw.LatentSpace(lambda z, label: sigmoid(z), 5, conditions={"label": ["bee", "fly"]})
    explorer, other = (lw.explore(space, DATA, parts=["grid"]) for _ in range(2))
    explorer.grid.selection = [3, 4]
    clock.later()
    explorer.grid.selection = [3]
    contents = dict(explorer.history.recipe())
    held = contents["explorer"]
    shown = held["shown"][held["past"][-1]["grid"]]
    writer = ArrayWriter()
    arrays = {"selection", "latent"}
    shown |= {
        name: writer.put(np.array(one)) if name in arrays else one for name, one in change.items()
    }
    contents["arrays"] |= writer.table
    before, wrong = told(other), lw.Recipe(sealed(contents))
    with pytest.raises(lw.LatentValueError, match=words):
        other.apply(wrong)
    assert told(other) == before
    assert not other.history.can_undo


def test_a_found_path_is_kept_with_steps_and_not_looked_for_again(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = make(parts=["path"])
    path = explorer.path
    clock.later()
    path.even_speed = True
    explorer.history.bookmark("sought")
    clock.later()
    path.value = 0.4
    found = path.path
    before = path.latent
    clock.later()
    path.even_speed = False
    recipe = explorer.history.recipe()
    assert recipe.bookmarks["sought"].parts["path"].route == found
    assert recipe.past[-2].parts["path"].route == found
    again = make(parts=["path"])
    again.apply(recipe)
    again.history.undo()  # to before the recipe

    def searched(*_: Any) -> None:
        raise AssertionError("it was looked for again")

    monkeypatch.setattr(Way, "steps", searched)
    for one in (explorer, again):
        one.history.undo()
        assert one.path.shown_path == one.path.path == found
        np.testing.assert_array_equal(one.path.latent, before)


def test_evidence_that_came_later_is_saved_with_every_state(clock: Clock) -> None:
    explorer = make(parts=["editor"])
    explorer.history.bookmark("before")
    clock.later()
    explorer.editor.value = {"PC 1": 1.0}

    def judged(found: Any) -> Any:
        return lw.Directions(
            lw.Direction(one.name, one.vector, sigma=one.sigma, method="j") for one in found
        )

    explorer.history.amend("editor", "directions", judged)
    recipe = explorer.history.recipe()
    for one in (recipe, recipe.bookmarks["before"], *recipe.past):
        route: Any = one.route
        assert {found.method for found in route.directions} == {"j"}


def test_rows_of_other_data_are_refused_and_nothing_changes() -> None:
    pytest.importorskip("jscatter", reason="needs the extra map")
    explorer, other = make(parts=["map", "editor"]), make(DATA[:50], parts=["map", "editor"])
    explorer.map.index = 2
    other.apply(explorer.recipe())  # without a selection, a latent is a latent
    np.testing.assert_array_equal(other.map.latent, DATA[2])
    explorer.map.selection = [1, 2, 60]
    before = told(other)
    with pytest.raises(lw.LatentValueError, match=r"other data.*explorer\.editor\.apply\(recipe\)"):
        other.apply(explorer.recipe())
    assert told(other) == before
    other.editor.apply(explorer.recipe())
    same = make(parts=["map", "editor"])
    same.apply(explorer.recipe())
    assert same.map.selection.tolist() == [1, 2, 60]


def test_another_space_and_what_is_no_recipe_are_refused(tmp_path: File) -> None:
    explorer, other = make(parts=["grid"]), make(parts=["grid"], most=2.0)
    recipe = explorer.history.recipe()
    before = told(other)
    with pytest.raises(lw.LatentValueError, match="for another space: options: 'value_range'"):
        other.apply(recipe)
    shaped = lw.explore(DIGITS.space, DIGITS.latents[:20], parts=["grid"])
    with pytest.raises(lw.LatentValueError, match="for another space: latent_shape"):
        shaped.apply(recipe)
    odd: tuple[Any, ...] = (None, {}, "found.json", b"{}")
    for wrong in odd:
        with pytest.raises(lw.LatentTypeError, match="expected a Recipe"):
            other.apply(wrong)
    with pytest.raises(lw.LatentValueError, match="no bookmark 'one'"):
        explorer.history.recipe("one")
    (tmp_path / "old.json").write_text("old")
    with pytest.raises(lw.LatentValueError, match="cannot be written"):
        explorer.history.save(tmp_path / "nowhere" / "new.json")
    assert told(other) == before
    other.apply(recipe, allow="options")
    explorer.close()
    for call in (explorer.recipe, explorer.history.recipe, explorer.figure):
        with pytest.raises(lw.LatentValueError, match="closed"):
            call()
    with pytest.raises(lw.LatentValueError, match="closed"):
        explorer.apply(recipe)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["old.json"]


def sealed(contents: dict[str, Any]) -> dict[str, Any]:
    """What somebody writes who knows how the digest is made."""
    rest = {name: one for name, one in contents.items() if name != "digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return {**rest, "digest": hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}


def test_equal_parts_of_many_steps_are_written_once(clock: Clock) -> None:
    explorer = make(parts=["grid", "editor"])
    for number in range(100):
        clock.later()
        explorer.editor.value = {"PC 1": (number + 1) / 50}
    held = explorer.history.recipe()["explorer"]
    assert len(held["past"]) == 100
    assert len(held["routes"]) == 2
    assert len(held["shown"]) == 1 + 101


def test_a_figure_has_a_panel_for_every_part() -> None:
    pytest.importorskip("jscatter", reason="needs the extra map")
    explorer = make()
    drawn = explorer.figure()
    assert len(drawn.subfigs) == 4
    single = [part.figure() for part in explorer.parts.values()]
    heights = [one.get_size_inches()[1] for one in single]
    assert drawn.get_size_inches()[1] == pytest.approx(sum(heights))
    canvas: Any = FigureCanvasAgg(drawn)
    canvas.draw()
    shares = [one.bbox.height / drawn.bbox.height for one in drawn.subfigs]
    np.testing.assert_allclose(shares, np.array(heights) / sum(heights), atol=0.02)


# Files that are dropped on a page


def in_base64(file: File) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def test_a_file_that_is_dropped_on_a_widget_brings_its_state_back(tmp_path: File) -> None:
    walk = lw.Interpolator(DIGITS, value=0.25, method="spline")
    walk.save_image(tmp_path / "a.png")
    walk.save_image(tmp_path / "a.webp")
    walk.save_animation(tmp_path / "a.gif", seconds=0.2)
    walk.save_html(tmp_path / "a.html", positions=3)
    walk.recipe().save(tmp_path / "a.json")
    for file in sorted(tmp_path.iterdir()):
        other = lw.Interpolator(DIGITS)
        answer = Page(other.comm).asked(type="recipe", data=in_base64(file))
        assert answer["type"] == "recipe", file
        assert other.recipe() == walk.recipe(), file
    other = lw.Interpolator(DIGITS, value=0.75)
    page = Page(other.comm)
    walk.image().save(tmp_path / "a.png")  # without its recipe
    edit = lw.DirectionEditor(DIGITS, DIGITS.latents[0], lw.pca_directions(DIGITS.latents, 2))
    edit.save_image(tmp_path / "b.png")
    for data, words in (
        (in_base64(tmp_path / "a.png"), "holds no recipe"),
        (in_base64(tmp_path / "b.png"), "of another widget"),
        (base64.b64encode(b'{"recipe": 9}').decode(), "of version 9"),
        ("", "neither a picture nor a recipe"),
        ("?", "came damaged"),
    ):
        answer = page.asked(type="recipe", data=data)
        assert answer["type"] == "error"
        assert words in answer["message"]
    assert other.value == 0.75
    assert page.asked(type="recipe", data="", route="gone")["type"] == "stale"


def test_a_file_that_is_dropped_on_an_explorer_brings_all_of_it_back(tmp_path: File) -> None:
    explorer, other = make(parts=["grid", "editor"]), make(parts=["grid", "editor"])
    explorer.grid.value = (0, 7)
    explorer.history.bookmark("seven")
    explorer.history.save(tmp_path / "found.json")
    page = Page(other.comm)
    page.say({"type": "apply", "data": in_base64(tmp_path / "found.json")})
    assert (other.grid.value, other.history.bookmarks) == ((0, 7), ("seven",))
    assert page.state["_note"] == ""
    for wrong, words in (("aGVsbG8=", "neither a picture"), ("?", "damaged")):
        page.say({"type": "apply", "data": wrong})
        assert words in page.state["_note"]
    assert other.grid.value == (0, 7)
    before = dict(page.state)
    for nonsense in (None, 3, "a" * 8_000_004):
        page.say({"type": "apply", "data": nonsense})
        assert (other.grid.value, other.history.bookmarks) == ((0, 7), ("seven",))
        assert page.state == before
