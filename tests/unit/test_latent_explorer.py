"""The LatentExplorer in plain Python: its parts, what they hand on, what is undone."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
import weakref
from types import SimpleNamespace
from typing import Any

import comm
import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.widgets.explorer import history, label_probes
from tests.unit import torch_models
from tests.unit.page import Page, Wire
from tests.unit.spaces import logit, sigmoid

RNG = np.random.default_rng(6)
DATA = RNG.normal(size=(90, 5)).astype(np.float32)
LABELS = {"smile": DATA[:, 0] > 0}


def make(data: Any = DATA, labels: Any = None, **options: Any) -> lw.LatentExplorer:
    space = lw.LatentSpace(sigmoid, 5, logit, value_range=(0, 1))
    options = {"parts": ["grid", "editor", "path"], **options}
    return lw.explore(space, data, labels, **options)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a page before evidence is measured."""
    monkeypatch.setattr(label_probes, "PATIENCE_SECONDS", 0.1)


def wait_for_evidence(explorer: lw.LatentExplorer) -> None:
    deadline, page = time.monotonic() + 60, Page(explorer.comm)
    while "Testing" in page.state["_note"]:
        assert time.monotonic() < deadline, page.state["_note"]
        time.sleep(0.05)


class Clock:
    """Stands still until a test makes it later, so that the next change is a step of its own."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now

    def later(self) -> None:
        self.now += 10


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(history, "time", found)
    return found


def test_a_cell_becomes_the_base_and_chosen_cells_the_path() -> None:
    explorer = make()
    grid, editor, path = explorer.grid, explorer.editor, explorer.path
    np.testing.assert_array_equal(editor.base, grid.latents[0])
    grid.value = (1, 2)
    np.testing.assert_array_equal(editor.base, grid.latents[12])
    grid.selection = [4]
    np.testing.assert_array_equal(editor.base, grid.latents[4])
    assert grid.value == (0, 4)
    np.testing.assert_array_equal(path.anchors, grid.latents[:3])
    grid.value = (1, 0)
    np.testing.assert_array_equal(editor.base, grid.latents[10])
    assert grid.selection == ()
    grid.selection = [4]
    grid.selection = [4, 9]
    np.testing.assert_array_equal(path.anchors, grid.latents[[4, 9]])
    np.testing.assert_array_equal(editor.base, grid.latents[4])
    editor.base = DATA[0]
    assert grid.selection == (4, 9)


def test_a_cell_can_be_clicked_again_after_a_point_of_the_map() -> None:
    explorer = make(parts=["map", "grid", "editor"])
    chart, grid, editor = explorer.map, explorer.grid, explorer.editor
    np.testing.assert_array_equal(chart.latents[chart.index], grid.latents[0])
    for _ in range(2):
        grid.selection = [4]
        np.testing.assert_array_equal(editor.base, grid.latents[4])
        np.testing.assert_array_equal(chart.latents[chart.index], grid.latents[4])
        chart.index = 11
        np.testing.assert_array_equal(editor.base, DATA[11])
        assert grid.selection == ()
        editor.value = {"PC 1": 1.0}
        assert chart.index is None
        editor.value = {}
        assert chart.index == 11


def test_with_nothing_but_a_decoder_there_are_samples_and_local_directions() -> None:
    explorer = lw.explore(lw.LatentSpace(sigmoid, 5, value_range=(0, 1)))
    assert set(explorer.parts) == {"grid", "editor", "path"}
    assert explorer.editor.directions.names[0] == "local 1"
    assert explorer.grid.grid.count == 64


def test_a_bare_torch_module_is_enough() -> None:
    module = torch_models.VAE()
    explorer = lw.explore(module)
    assert set(explorer.parts) == {"grid", "editor", "path"}
    assert explorer.space.latent_shape == (6,)
    name = explorer.editor.directions.names[0]
    before = explorer.editor.space.decode(explorer.editor.latent[None])
    explorer.editor.value = {name: 2.0}
    after = explorer.editor.space.decode(explorer.editor.latent[None])
    assert not np.array_equal(before, after)
    expected = torch_models.expected(module.decoder, np.array(explorer.editor.latent[None]))
    assert np.abs(after - expected).max() <= 0.5  # rounded to whole levels


def test_an_object_that_holds_data_and_labels_is_enough() -> None:
    space = lw.LatentSpace(sigmoid, 5, logit, value_range=(0, 1))
    holder = SimpleNamespace(space=space, latents=DATA, labels=LABELS)
    explorer = lw.explore(holder)
    assert set(explorer.parts) == {"map", "grid", "editor", "path"}
    np.testing.assert_array_equal(explorer.map.latents, DATA)
    assert "smile" in explorer.editor.directions.names
    chart = lw.explore(explorer.map, parts=["map"]).map
    np.testing.assert_array_equal(chart.latents, DATA)
    assert list(chart.labels) == ["smile"]
    other = lw.explore(holder, labels={"other": DATA[:, 1] > 0}, parts=["map"])
    assert list(other.map.labels) == ["other"]
    own = lw.explore(holder, DATA[:50], parts=["map"])
    assert (len(own.map.latents), own.map.labels) == (50, {})


def test_data_of_the_space_itself_are_explored() -> None:
    space = lw.LatentSpace(sigmoid, 5, value_range=(0, 1), data=DATA)
    np.testing.assert_array_equal(lw.explore(space).map.latents, DATA)
    assert lw.explore(space, labels=LABELS, parts=["map"]).map.color == "smile"
    assert lw.explore(lw.LatentMap(space, DATA[:9]), parts=["map"]).map.labels == {}


def test_data_give_components_and_labels_give_probes_with_evidence_after_a_while() -> None:
    explorer = make(labels=LABELS)
    names = explorer.editor.directions.names
    assert names == ("PC 1", "PC 2", "PC 3", "PC 4", "PC 5", "smile")
    assert explorer.editor.directions["smile"].evidence.score is None
    explorer.editor.value = {"smile": 1.5}
    wait_for_evidence(explorer)
    assert Page(explorer.comm).state["_note"] == ""
    judged = explorer.editor.directions["smile"]
    assert judged.evidence.p_value is not None
    assert explorer.editor.value["smile"] == 1.5
    explorer.history.undo()
    assert explorer.editor.value["smile"] == 0
    assert explorer.editor.directions["smile"] == judged


def test_evidence_takes_the_place_of_no_direction_but_its_own() -> None:
    explorer = make(labels=LABELS)
    mine = lw.Direction("smile", [0, 0, 0, 0, 1.0])
    explorer.editor.directions = [mine]
    wait_for_evidence(explorer)
    assert explorer.editor.directions[0] is mine


def test_a_page_that_shows_all_hurries_the_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_probes, "PATIENCE_SECONDS", 3600)
    monkeypatch.setattr(label_probes, "REST_SECONDS", 0)
    explorer = make(labels=LABELS)
    Page(explorer.comm).say({"type": "shown"})
    wait_for_evidence(explorer)
    assert explorer.editor.directions["smile"].evidence.p_value is not None


def test_labels_without_an_answer_are_left_out_and_named() -> None:
    few = np.where(np.arange(90) < 3, "rare", np.where(LABELS["smile"], "yes", "no"))
    labels = {"word": few, "name": [f"item {i}" for i in range(90)]}
    explorer = make(labels=labels, parts=["map", "editor"])
    assert explorer.editor.directions.names[5:] == ("word: no", "word: yes")
    page = Page(explorer.comm)
    assert "'word: rare' has 3 positive samples" in page.state["_note"]
    assert "'name' has 90 classes" in page.state["_note"]
    wait_for_evidence(explorer)
    assert "'word: rare' has 3 positive samples" in page.state["_note"]
    assert explorer.map.labels.keys() == labels.keys()


def test_labels_with_gaps_and_amounts_have_directions_of_their_own_names() -> None:
    rounded = np.where(np.arange(90) % 3, np.round(DATA[:, 1] * 3), np.nan)
    labels = {"smile": [None, *LABELS["smile"][1:].tolist()], "age": rounded, "size": DATA[:, 2]}
    explorer = make(labels=labels)
    before = explorer.editor.directions
    wait_for_evidence(explorer)
    after = explorer.editor.directions
    assert before.names == after.names
    assert after["size"].evidence.score_name == "R²"
    for one, other in zip(before, after, strict=True):
        assert float(one.vector @ other.vector) > 0.95, one.name


def test_a_map_that_cannot_be_is_left_out_unless_it_was_asked_for() -> None:
    space = lw.LatentSpace(lambda z: sigmoid(np.repeat(z, 5, axis=1)), 1, value_range=(0, 1))
    line = DATA[:, :1]  # which no map can show
    explorer = lw.explore(space, line)
    assert set(explorer.parts) == {"grid", "editor", "path"}
    assert "There is no map: " in Page(explorer.comm).state["_note"]
    with pytest.raises(lw.LatentValueError, match="two numbers or more"):
        lw.explore(space, line, parts=["map", "grid"])


def test_what_could_not_be_made_leaves_no_widget_behind() -> None:
    def shown() -> set[str]:
        comms = comm.get_comm_manager().comms.items()
        return {name for name, one in comms if isinstance(one, Wire) and "_esm" in one.state}

    before = shown()
    with pytest.raises(lw.LatentValueError, match="this space takes"):
        make(directions=[lw.Direction("x", [1.0, 0.0])])
    assert shown() == before


@pytest.mark.slow
def test_nothing_heavy_is_loaded_to_show_it() -> None:
    source = """
import sys
import numpy as np
import latentwidgets as lw
from latentwidgets.widgets.explorer import label_probes

label_probes.BackgroundEvidence.start = lambda self: None
latents = np.random.default_rng(0).normal(size=(90, 4)).astype("f4")
lw.explore(lw.LatentSpace(np.tanh, 4, value_range=(-1, 1)), latents, {"smile": latents[:, 0] > 0})
print([name for name in ("sklearn", "torch") if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_map_is_linked_too(clock: Clock) -> None:
    explorer = make(parts=["map", "grid", "editor", "path"])
    chart, editor = explorer.map, explorer.editor
    clock.later()
    chart.index = 7
    np.testing.assert_array_equal(editor.base, DATA[7])
    editor.value = {"PC 1": 1.0}
    np.testing.assert_array_equal(chart.latent, editor.latent)
    np.testing.assert_array_equal(editor.base, DATA[7])
    explorer.path.anchors = DATA[[1, 2]]
    np.testing.assert_allclose(chart.path[[0, -1]], DATA[[1, 2]])
    clock.later()
    chart.selection = np.flatnonzero(LABELS["smile"])
    assert "selection" not in editor.directions.names  # before somebody wants it
    explorer.history.undo()
    assert len(chart.selection) == 0


def test_a_selection_in_use_keeps_its_slider() -> None:
    explorer = make(parts=["map"])
    chart = explorer.map
    editor = lw.DirectionEditor(explorer.space, DATA[0], lw.pca_directions(DATA))
    lw.link(chart, editor)
    chart.selection = [1, 2]  # too few to say where they lie
    assert "selection" not in editor.directions.names
    chart.selection = range(20)
    first = editor.directions["selection"]
    chart.selection = range(30)
    assert editor.directions.names[5:] == ("selection",)
    assert editor.directions["selection"] != first
    editor.value = {"selection": 1.5}
    kept = editor.directions["selection"]
    chart.selection = range(40)
    assert editor.directions.names[5:] == ("selection", "selection 2")
    assert editor.directions["selection"] is kept
    editor.hold = ["selection 2"]
    chart.selection = range(50)
    assert editor.directions.names[5:] == ("selection", "selection 2", "selection 3")


def test_a_point_of_the_ground_is_undone_and_done_again(clock: Clock) -> None:
    explorer = make(parts=["map"])
    chart = explorer.map
    clock.later()
    chart.value = (0.5, 0.25)
    between = chart.latent
    clock.later()
    chart.index = 3
    explorer.history.undo()
    np.testing.assert_array_equal(chart.latent, between)
    explorer.history.undo()
    assert chart.index == 0
    explorer.history.redo()
    np.testing.assert_array_equal(chart.latent, between)


def test_images_are_encoded() -> None:
    space = lw.LatentSpace(sigmoid, 5, logit, value_range=(0, 1))
    images = space.decode(DATA[:30])
    explorer = lw.explore(space, images, parts=["grid"])
    np.testing.assert_allclose(explorer.grid.latents, space.encode(images))


def test_all_parts_go_back_together(clock: Clock) -> None:
    explorer = make()
    grid, editor, path = explorer.grid, explorer.editor, explorer.path
    first = editor.base
    clock.later()
    grid.value = (2, 2)
    clock.later()
    editor.value = {"PC 1": 1.0}
    clock.later()
    grid.selection = [1, 2]
    explorer.history.undo()
    assert grid.selection == ()
    np.testing.assert_array_equal(path.anchors, grid.latents[:3])
    assert editor.value["PC 1"] == 1.0
    explorer.history.undo()
    assert editor.value["PC 1"] == 0.0
    explorer.history.undo()
    assert grid.value == (0.0, 0.0)
    np.testing.assert_array_equal(editor.base, first)
    explorer.history.redo()
    explorer.history.redo()
    assert editor.value["PC 1"] == 1.0
    np.testing.assert_array_equal(editor.base, grid.latents[22])


def test_a_cell_and_what_follows_from_it_are_one_step_on_a_slow_machine(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(_clock: Clock) -> float:
        clock.later()
        return clock.now

    monkeypatch.setattr(Clock, "monotonic", slow)
    explorer = make(parts=["grid", "editor"])
    explorer.grid.value = (0, 3)
    np.testing.assert_array_equal(explorer.editor.base, explorer.grid.latents[3])
    explorer.history.undo()
    assert (explorer.grid.value, explorer.history.can_undo) == ((0, 0), False)
    np.testing.assert_array_equal(explorer.editor.base, explorer.grid.latents[0])


def test_the_page_asks_for_steps_and_bookmarks(clock: Clock) -> None:
    explorer = make()
    clock.later()
    explorer.editor.value = {"PC 2": 1.0}
    page = Page(explorer.comm)
    page.say({"type": "bookmark", "name": None})
    assert page.state["_bookmarks"] == ["bookmark 1"]
    page.say({"type": "undo"})
    assert explorer.editor.value["PC 2"] == 0
    assert page.state["_steps"] == {"undo": False, "redo": True}
    page.say({"type": "open", "name": "bookmark 1"})
    assert explorer.editor.value["PC 2"] == 1
    page.say({"type": "open", "name": "nowhere"})
    assert "no bookmark 'nowhere'" in page.state["_note"]
    page.say({"type": "undo"})
    assert page.state["_note"] == ""
    for nonsense in (None, 3, {"type": "__class__"}, {}, {"type": "open", "name": ["a"]}):
        page.say(nonsense)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parts": ["gird"]}, "parts are .* expected one or more of 'map', 'grid'"),
        ({"parts": []}, "expected one or more of"),
        ({"data": None, "labels": LABELS}, "labels, but no data"),
        ({"data": DATA[:, :2]}, r"shape \(90, 2\)"),
        ({"labels": {"smile": LABELS["smile"][:5]}}, "5"),
        ({"directions": []}, "direction"),
        ({"parts": 3}, "parts are 3"),
        ({"parts": np.array("grid")}, "parts are array"),
        ({"lables": LABELS}, "Did you mean 'labels'"),
        ({"seed": "x"}, "seed is 'x'"),
    ],
)
def test_what_cannot_be_is_refused(options: Any, message: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=message):
        make(**options)


def test_without_a_kernel_there_is_a_picture() -> None:
    bundle = make()._repr_mimebundle_()
    assert bundle is not None
    assert {"image/png", "text/html"} <= set(bundle[0])


def test_an_attribute_that_was_meant_for_a_part_is_refused() -> None:
    explorer = make(parts=["grid"])
    with pytest.raises(lw.LatentTypeError, match="no 'grids'. Did you mean 'grid'"):
        explorer.grids = None


def test_close_closes_every_part() -> None:
    def decode(latents: Any) -> Any:
        return sigmoid(latents)

    explorer = lw.explore(
        lw.LatentSpace(decode, 5, value_range=(0, 1)), DATA, parts=["grid", "editor"]
    )
    gone = weakref.ref(decode)
    del decode
    explorer.close()
    gc.collect()
    assert gone() is None
    assert repr(explorer) == "LatentExplorer(closed)"
    with pytest.raises(lw.LatentValueError, match="closed"):
        _ = explorer.space


def test_a_link_ends_with_one_of_its_widgets() -> None:
    space = lw.LatentSpace(sigmoid, 5, value_range=(0, 1))
    grid = lw.LatentGrid(space, DATA[:6])
    editor = lw.DirectionEditor(space, DATA[0], lw.pca_directions(DATA, 2))
    lw.link(grid, editor)
    gone = weakref.ref(editor)
    editor.close()
    grid.selection = [3]
    del editor
    gc.collect()
    assert gone() is None


def test_subclasses_are_linked_as_what_they_are() -> None:
    class OwnGrid(lw.LatentGrid):
        """A person's own."""

    space = lw.LatentSpace(sigmoid, 5, value_range=(0, 1))
    grid = OwnGrid(space, DATA[:6])
    editor = lw.DirectionEditor(space, DATA[0], lw.pca_directions(DATA, 2))
    lw.link(editor, grid)
    grid.selection = [3]
    np.testing.assert_array_equal(editor.base, DATA[3])


def test_link_says_what_it_cannot_link() -> None:
    space = lw.LatentSpace(sigmoid, 5, value_range=(0, 1))
    grid, path = lw.LatentGrid(space, DATA[:6]), lw.Interpolator(space, DATA[:2])
    linked = lw.link(path, grid)
    grid.selection = [1, 2, 3]
    np.testing.assert_array_equal(path.anchors, DATA[1:4])
    linked.unlink()
    grid.selection = [4, 5]
    np.testing.assert_array_equal(path.anchors, DATA[1:4])
    with pytest.raises(lw.LatentTypeError, match="one widget twice"):
        lw.link(grid, grid)
    with pytest.raises(lw.LatentTypeError, match="nothing in common"):
        lw.link(grid, lw.LatentGrid(space, DATA[:6]))
    namesake = type("LatentGrid", (), {})()
    with pytest.raises(lw.LatentTypeError, match="nothing in common"):
        lw.link(namesake, path)


def test_a_closed_explorer_has_no_conditions() -> None:
    explorer = make(parts=["grid"])
    explorer.close()
    with pytest.raises(lw.LatentValueError, match="closed"):
        _ = explorer.conditions
    with pytest.raises(lw.LatentValueError, match="closed"):
        explorer.conditions = {}


def test_where_to_decode_is_said_for_all_parts_that_can_decode_in_a_page() -> None:
    explorer = make(run="kernel")
    assert [part.run for part in explorer.parts.values()] == ["kernel"] * 3
    assert [part.run for part in make().parts.values()] == ["auto"] * 3
    with pytest.raises(lw.LatentValueError, match='expected one of "auto", "page", "kernel"'):
        make(run="browser")
    with pytest.raises(lw.LatentValueError, match="has to stay here: it is code in Python"):
        make(run="page")


def test_an_explorer_of_texts_says_once_why_its_sliders_are_components() -> None:
    def decode(latents: Any) -> Any:
        return [f"{number:.2f}" for number in latents[:, 0]]

    explorer = lw.explore(lw.as_space(decode, latent_shape=(4,), kind="text"))
    assert Page(explorer.comm).state["_note"] == (
        "Sliders are principal components of samples: outputs of kind 'text' have no derivative to "
        "find other directions by."
    )
    explorer.close()
