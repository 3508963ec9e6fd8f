"""What is selected on the map of an explorer: cells of the grid, a name, sliders."""

from __future__ import annotations

import re
import time
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.widgets.explorer import shown_cells
from tests.unit.page import Page
from tests.unit.spaces import logit, sigmoid

RNG = np.random.default_rng(6)
DATA = RNG.normal(size=(90, 5)).astype(np.float32)
LABELS = {"smile": DATA[:, 0] > 0}
SMILING = np.flatnonzero(LABELS["smile"])


def make(**options: Any) -> lw.LatentExplorer:
    space = lw.LatentSpace(sigmoid, 5, logit, value_range=(0, 1))
    return lw.explore(space, DATA, directions=lw.pca_directions(DATA), **options)


def offered(page: Page) -> dict[str, str]:
    return dict(page.state["_shown"]["choices"])


def test_the_grid_shows_what_is_selected_and_goes_back() -> None:
    explorer = make()
    page, grid, chart = Page(explorer.comm), explorer.grid, explorer.map
    began, base = grid.grid, explorer.editor.base
    assert offered(page) == {"some": "64 of 90"}
    grid.value = (1, 1)
    base = explorer.editor.base
    chart.selection = SMILING
    np.testing.assert_array_equal(grid.latents, DATA[SMILING])
    assert grid.grid.columns.count == began.columns.count
    assert page.state["_shown"]["at"] == "selected"
    assert offered(page)["selected"] == f"{len(SMILING)} selected"
    np.testing.assert_array_equal(explorer.editor.base, base)  # nobody went to another latent
    page.say({"type": "show", "name": "some"})
    assert grid.grid is began
    page.say({"type": "show", "name": "selected"})
    chart.selection = []
    assert grid.grid is began
    assert page.state["_shown"]["at"] == "some"
    assert "selected" not in offered(page)
    page.say({"type": "show", "name": "selected"})
    assert "cannot show 'selected'" in page.state["_note"]
    grid.value = (0, 2)  # a cell that is clicked is gone to, as before
    np.testing.assert_array_equal(explorer.editor.base, grid.latents[2])


def test_cells_of_somebody_else_stay_until_others_are_wanted() -> None:
    explorer = make()
    page, grid = Page(explorer.comm), explorer.grid
    grid.latents = DATA[:3]
    assert page.state["_shown"]["at"] == ""
    assert offered(page)[""] == "other cells"
    assert (page.state["_shown"]["odd"], page.state["_shown"]["other"]) == (False, "oddest")
    page.say({"type": "show", "name": "some"})
    assert len(grid.latents) == 64
    assert "" not in offered(page)


def test_of_two_choices_with_the_same_cells_the_one_that_was_shown_is_told() -> None:
    explorer = make()
    page, grid = Page(explorer.comm), explorer.grid
    gaps = shown_cells.neighbour_distances(DATA)
    first = int(np.argmax(gaps[:-1]))
    assert gaps[first] > gaps[first + 1]
    explorer.map.selection = [first, first + 1]  # the oddest first already
    page.say({"type": "show", "name": "oddest selected"})
    told = page.state["_shown"]
    assert (told["at"], told["odd"], told["other"]) == ("oddest selected", True, "selected")
    page.say({"type": "show", "name": told["other"]})
    told = page.state["_shown"]
    assert (told["at"], told["odd"], told["other"]) == ("selected", False, "oddest selected")
    assert grid.grid.asides == ()


def test_all_latents_may_be_selected_where_the_grid_shows_all() -> None:
    space = lw.LatentSpace(sigmoid, 5, logit, value_range=(0, 1))
    explorer = lw.explore(space, DATA[:60])
    page = Page(explorer.comm)
    explorer.map.selection = np.arange(60)
    assert page.state["_shown"]["at"] == "selected"
    explorer.map.selection = []
    assert page.state["_shown"]["at"] == "some"
    assert offered(page) == {"some": "all 60"}


def test_the_oddest_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = make()
    page, grid = Page(explorer.comm), explorer.grid
    gaps = np.sort(np.linalg.norm(DATA[:, None] - DATA[None], axis=2), axis=1)
    expected = gaps[:, 1:11].mean(axis=1)
    np.testing.assert_allclose(shown_cells.neighbour_distances(DATA), expected, rtol=1e-5)
    assert (page.state["_shown"]["odd"], page.state["_shown"]["other"]) == (False, "oddest")
    page.say({"type": "show", "name": "oddest"})
    np.testing.assert_array_equal(grid.latents, DATA[np.argsort(-expected)])
    assert offered(page) == {"oddest": "all 90"}
    assert (page.state["_shown"]["odd"], page.state["_shown"]["other"]) == (True, "some")
    low, high = np.quantile(expected, [0.05, 0.95])
    said = re.fullmatch(
        r"Under each: mean distance to its 10 nearest; 90 % of latents have ([\d.]+) to ([\d.]+)\.",
        grid.grid.about_asides,
    )
    assert said
    assert [float(one) for one in said.groups()] == pytest.approx([low, high], rel=0.05)
    away = [float(one.removesuffix(" away")) for one in grid.grid.asides]
    assert away == pytest.approx(sorted(expected, reverse=True), abs=0.01)
    assert grid.grid.words((0, 2)) == f"cell 2, {grid.grid.asides[2]}"
    assert grid.grid.columns.count == 8, "of ten: wider cells"
    told = Page(grid.comm).state["_cells"]
    assert told["asides"] == list(grid.grid.asides)
    assert told["note"] == f"Farthest from their neighbours first. {grid.grid.about_asides}"
    figure = grid.figure()
    assert {*grid.grid.asides[:3]} <= {one.get_text() for one in figure.axes[0].texts}
    assert figure.axes[0].get_xlabel() == grid.grid.note
    explorer.map.selection = SMILING
    assert page.state["_shown"]["other"] == "oddest selected"
    page.say({"type": "show", "name": "oddest selected"})
    assert offered(page) == {"oddest": "all 90", "oddest selected": f"{len(SMILING)} selected"}
    assert page.state["_shown"]["other"] == "selected"
    order = SMILING[np.argsort(-expected[SMILING])]
    np.testing.assert_array_equal(grid.latents, DATA[order])
    monkeypatch.setattr(shown_cells, "MOST_SEARCHED", 80)
    sampled = shown_cells.neighbour_distances(DATA)
    assert np.corrcoef(sampled, expected)[0, 1] > 0.95
    assert sampled.min() > 0.5 * expected.min()  # none is near to itself


def test_what_is_said_of_outliers_is_true_of_samples_and_of_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shown_cells, "MOST_SEARCHED", 80)
    monkeypatch.setattr(shown_cells, "MOST_SAID", 20)
    explorer = make()
    page, grid = Page(explorer.comm), explorer.grid
    page.say({"type": "show", "name": "oddest"})
    assert grid.grid.about_asides.startswith(
        "Under the first 20: mean distance to its 10 nearest of a sample of 80; 90 %"
    )
    assert len(grid.grid.asides) == 20
    assert grid.grid.words(grid.grid.places[20].tolist()) == "cell 20"
    assert "away" not in grid.recipe().to_json()


def test_of_many_dimensions_distances_are_told_with_the_digits_that_differ() -> None:
    data = np.random.default_rng(0).normal(size=(60, 512)).astype(np.float32)
    explorer = lw.explore(lw.LatentSpace(lambda z: z[:, :4].reshape(-1, 2, 2) > 0, 512), data)
    Page(explorer.comm).say({"type": "show", "name": "oddest"})
    distances = shown_cells.neighbour_distances(data)
    low, high = np.quantile(distances, [0.05, 0.95])
    assert high < 1.1 * low, "all are much alike"
    assert len({*explorer.grid.grid.asides[:20]}) > 10
    explorer.close()


def test_one_latent_alone_has_no_neighbours() -> None:
    explorer = lw.explore(
        lw.LatentSpace(sigmoid, 5, logit, value_range=(0, 1)), DATA[:1], parts=["grid"]
    )
    Page(explorer.comm).say({"type": "show", "name": "oddest"})
    assert (explorer.grid.grid.note, explorer.grid.grid.asides) == ("", ())
    explorer.close()


def test_the_grid_holds_no_more_than_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown_cells, "MOST_NUMBERS", 50)
    explorer = make()
    explorer.map.selection = SMILING
    np.testing.assert_array_equal(explorer.grid.latents, DATA[SMILING[:10]])
    assert explorer.grid.grid.note == f"10 of {len(SMILING)}"


def test_a_selection_becomes_a_slider_under_its_name() -> None:
    explorer = make()
    page, editor = Page(explorer.comm), explorer.editor
    before = editor.directions.names
    explorer.map.selection = SMILING
    assert page.state["_selection"] == {"count": len(SMILING), "first": 0, "said": ""}
    page.say({"type": "slider", "name": " glad "})
    assert editor.directions.names == (*before, "glad")
    found = editor.directions["glad"]
    assert found.vector @ DATA[SMILING].mean(axis=0) > 0
    assert found.evidence.score is None
    assert found.evidence.counts == {"positive": len(SMILING), "negative": 90 - len(SMILING)}
    assert "can always be told apart" in page.state["_selection"]["said"]
    page.say({"type": "slider", "name": "glad"})
    page.say({"type": "slider", "name": ""})
    assert editor.directions.names[-3:] == ("glad", "glad 2", "selection")
    explorer.map.selection = [1, 2]
    page.say({"type": "slider", "name": "few"})
    assert "Of 2 selected no slider is made" in page.state["_selection"]["said"]
    assert "few" not in editor.directions.names
    explorer.map.selection = range(len(DATA) - 2)
    page.say({"type": "slider", "name": "most"})
    assert "Leave 5 or more unselected" in page.state["_selection"]["said"]
    assert "most" not in editor.directions.names


def test_a_slider_leads_from_one_selection_to_another() -> None:
    explorer = make()
    page, chart, editor = Page(explorer.comm), explorer.map, explorer.editor
    chart.selection = range(20)
    page.say({"type": "compare"})
    assert len(chart.selection) == 0
    assert page.state["_selection"] == {"count": 0, "first": 20, "said": ""}
    chart.selection = range(15, 60)
    page.say({"type": "slider", "name": ""})
    assert "in both selections" in page.state["_selection"]["said"]
    chart.selection = range(30, 60)
    page.say({"type": "slider", "name": ""})
    found = editor.directions["A to B"]
    step = DATA[30:60].mean(axis=0) - DATA[:20].mean(axis=0)
    assert found.vector @ step > 0.999 * np.linalg.norm(step)
    assert page.state["_selection"]["first"] == 0
    chart.selection = range(20)
    page.say({"type": "compare"})
    page.say({"type": "forget"})
    chart.selection = SMILING
    page.say({"type": "slider", "name": "glad"})
    assert editor.directions["glad"].evidence.counts["negative"] == 90 - len(SMILING)
    chart.selection = [3]
    page.say({"type": "compare"})
    assert "1 selected cannot be compared" in page.state["_selection"]["said"]


def test_selected_latents_get_a_name_that_colours_the_map() -> None:
    explorer = make(labels=LABELS)
    page, chart = Page(explorer.comm), explorer.map
    chart.selection = range(10)
    page.say({"type": "name", "name": "tens"})
    chart.selection = range(5, 8)
    page.say({"type": "name", "name": "fives"})
    assert chart.color == "named"
    assert (
        chart.labels["named"].tolist() == ["tens"] * 5 + ["fives"] * 3 + ["tens"] * 2 + [None] * 80
    )
    names = {one["name"]: one["count"] for one in Page(chart.comm).state["_legend"]["entries"]}
    assert names == {"tens": 7, "fives": 3, "no label": 80}
    chart.index = 50
    assert ["named", "no label"] in map(list, Page(chart.comm).state["_said"]["lines"])
    chart.selection = range(90)
    page.say({"type": "name", "name": ""})
    assert chart.labels.keys() == LABELS.keys()


def test_where_the_path_is_led_is_edited_in_one_step() -> None:
    explorer = make()
    page, path, editor = Page(explorer.comm), explorer.path, explorer.editor
    editor.value = {"PC 1": 1.0}
    time.sleep(0.1)  # what comes now is another step
    path.value = 0.25
    time.sleep(0.1)
    page.say({"type": "walk", "at": 0.25})
    np.testing.assert_array_equal(editor.latent, path.latent)
    assert editor.value["PC 1"] == 0
    explorer.history.undo()
    assert path.value == 0
    assert editor.value["PC 1"] == 1.0
    time.sleep(0.1)
    page.say({"type": "walk", "at": 0.0})  # the path is there already: a step of its own
    explorer.history.undo()
    assert editor.value["PC 1"] == 1.0


def test_a_path_that_was_led_on_is_not_taken_back_to_where_it_is_edited() -> None:
    explorer = make()
    page, path = Page(explorer.comm), Page(explorer.path.comm)
    page.say({"type": "walk", "at": 0.25})  # before the path's own report, or after
    np.testing.assert_array_equal(explorer.editor.latent, explorer.path.shown_path(0.25))
    assert path.state["_placed"][1] == 0, "its value was not set"
    path.set(value=0.5, _seen={"value": 0})
    assert explorer.path.value == path.state["value"] == 0.5
    explorer.close()


def test_a_visit_counts_only_where_it_changes_something() -> None:
    explorer = make()
    editor, page = explorer.editor, Page(explorer.editor.comm)
    page.asked(type="visit", row=3)
    np.testing.assert_array_equal(editor.latent, DATA[3])
    counts = page.state["_placed"]
    page.asked(type="visit", row=3)
    assert page.state["_placed"] == counts
    explorer.close()


def test_without_a_map_or_sliders_their_buttons_do_nothing() -> None:
    explorer = make(parts=["grid"])
    page = Page(explorer.comm)
    for kind in ("slider", "name", "compare", "forget", "walk"):
        page.say({"type": kind})
    assert page.state["_note"] == ""
    page.say({"type": "show", "name": "oddest"})
    assert explorer.grid.grid.count == 90
    explorer.close()


def test_a_label_of_the_persons_own_is_not_taken_for_their_names() -> None:
    explorer = make(labels={"named": LABELS["smile"]})
    page, chart = Page(explorer.comm), explorer.map
    chart.selection = [1, 2, 3]
    page.say({"type": "name", "name": "tens"})
    assert chart.color == "named 2"
    assert chart.labels["named"].tolist() == LABELS["smile"].tolist()
    page.say({"type": "name", "name": ""})
    assert [*chart.labels] == ["named"]


def test_how_parts_are_laid_out_is_kept_with_the_explorer() -> None:
    explorer = make(parts=["grid", "editor"])
    page = Page(explorer.comm)
    laid = {"closed": ["grid"], "chosen": "editor", "share": 37.5}
    page.set(_arranged=laid)
    assert explorer.get_state(["_arranged"])["_arranged"] == laid
    bad: Any
    for bad in (
        None,
        [],
        {"closed": "grid"},
        {"closed": [[]]},
        {"chosen": 1},
        {"share": "x"},
        {"x": 1},
    ):
        explorer.set_state({"_arranged": bad})
        assert explorer.get_state(["_arranged"])["_arranged"] == laid
