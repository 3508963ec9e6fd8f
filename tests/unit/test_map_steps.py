"""What follows from a place on a map, or from how it is laid out, is there in one step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import traitlets

import latentwidgets as lw
from tests.unit.page import Page

pytest.importorskip("jscatter", reason="needs the extra map")

from latentwidgets.engine.renderer import Renderer
from latentwidgets.widgets.map.facts import Facts
from latentwidgets.widgets.map.fitted_projections import FittedProjections
from latentwidgets.widgets.map.items import said_of
from latentwidgets.widgets.map.points import Points
from latentwidgets.widgets.traits import swap

LATENTS = (np.random.default_rng(0).normal(size=(60, 4)) * [4, 2, 1, 1]).astype(np.float32)
SOON = 0.5  # who does not have to wait is done by then


def make(**options: Any) -> Any:
    space = lw.LatentSpace(lambda z: z.reshape(-1, 2, 2), 4)
    return lw.LatentMap(space, LATENTS, path=LATENTS[:3], **options)


class Halt:
    """A function that waits once, in the first thread that calls it, before it does its work."""

    def __init__(self, function: Callable[..., Any], if_given: str = "") -> None:
        self.function, self.if_given = function, if_given
        self.reached, self.go = threading.Event(), threading.Event()

    def __call__(self, *args: Any, **named: Any) -> Any:
        if not self.reached.is_set() and (not self.if_given or self.if_given in named):
            self.reached.set()
            self.go.wait(20)
        return self.function(*args, **named)


def together(halt: Halt, first: Callable[[], None], second: Callable[[], None]) -> None:
    """Run one function until it is halted, then another, then the rest of the first."""
    threads = [threading.Thread(target=one) for one in (first, second)]
    threads[0].start()
    assert halt.reached.wait(20)
    threads[1].start()
    threads[1].join(SOON)
    halt.go.set()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()


def all_of_one_plane(chart: Any) -> None:
    places = chart.projection.points
    middle = (places.min(0) + places.max(0)) / 2
    state = Page(chart.comm).state
    np.testing.assert_allclose(state["_frame"][:2], middle, atol=1e-4)
    np.testing.assert_allclose(state["_track"], chart.projection.place(chart.path), atol=1e-4)
    if chart.index is not None:
        np.testing.assert_allclose(chart.value, places[chart.index], atol=1e-4)
        np.testing.assert_allclose(chart.latent, LATENTS[chart.index])


def test_a_map_laid_out_twice_at_once_is_all_of_one_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    chart = make()
    halt = Halt(FittedProjections.about)
    monkeypatch.setattr(FittedProjections, "about", lambda *args: halt(*args))

    def lay_out(columns: list[int]) -> Callable[[], None]:
        return lambda: setattr(chart, "projection", LATENTS[:, columns])

    together(halt, lay_out([2, 3]), lay_out([1, 2]))
    all_of_one_plane(chart)


def test_a_map_laid_out_as_somebody_goes_somewhere_is_all_of_one_plane(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chart = make()
    halt = Halt(swap, if_given="_spot")
    monkeypatch.setattr("latentwidgets.widgets.latent_map.swap", halt)
    together(
        halt,
        lambda: setattr(chart, "index", 7),
        lambda: setattr(chart, "projection", LATENTS[:, [2, 3]]),
    )
    assert chart.index == 7
    all_of_one_plane(chart)


def test_somebody_who_never_rests_does_not_keep_a_map_from_being_laid_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chart = make()
    rows = iter(range(1, 21))
    own = Facts.here

    def here(self: Facts, plane: Any) -> Any:
        monkeypatch.setattr(Facts, "here", own)
        other = threading.Thread(target=setattr, args=(chart, "index", next(rows)))
        other.start()
        other.join(20)
        assert not other.is_alive()
        monkeypatch.setattr(Facts, "here", here)
        return own(self, plane)

    chart.index = 0
    monkeypatch.setattr(Facts, "here", here)
    chart.projection = LATENTS[:, [2, 3]]
    monkeypatch.undo()
    moves = 20 - len([*rows])
    assert 1 < moves < 10
    assert chart.index in (moves - 1, moves), "where they went last, or just before that"
    all_of_one_plane(chart)


def test_who_looks_an_item_up_keeps_nobody_from_the_map() -> None:
    done: list[bool] = []

    class Items:
        chart: Any = None

        def __len__(self) -> int:
            return len(LATENTS)

        def __getitem__(self, row: int) -> str:
            if self.chart is not None:
                other = threading.Thread(target=setattr, args=(self.chart, "color", "cluster"))
                other.start()
                other.join(20)
                done.append(not other.is_alive())
            return f"text {row}"

    items = Items()
    items.chart = make(items=items)
    items.chart.index = 7
    assert done
    assert all(done)


@pytest.mark.parametrize(
    ("name", "value"),
    [("index", 7), ("value", (0.5, 0.5)), ("latent", np.ones(4)), ("projection", LATENTS[:, 2:])],
)
def test_who_takes_back_where_they_go_is_where_they_were(name: str, value: Any) -> None:
    chart = make()
    chart.index = 3

    def where() -> Any:
        spot, latent = Page(chart.comm).state["_spot"], chart.latent.tolist()
        return chart.projection.name, chart.index, chart.value, [*spot], latent

    before = where()
    told: list[Any] = []
    chart.observe(told.append, ["index", "value", "latent", "projection"])

    def fail() -> None:
        with chart.hold_trait_notifications():
            setattr(chart, name, value)
            raise traitlets.TraitError("mine")

    with pytest.raises(traitlets.TraitError, match="mine"):
        fail()
    assert where() == before
    assert told == []


def test_fewer_clusters_are_taken_back_with_their_names() -> None:
    chart = make(color="cluster", clusters=4)

    def fail() -> None:
        with chart.hold_trait_notifications():
            chart.clusters = 3
            raise traitlets.TraitError("mine")

    with pytest.raises(traitlets.TraitError, match="mine"):
        fail()
    assert (chart.clusters, len(chart.cluster_names)) == (4, 4)


def choose_in_python(chart: Any) -> None:
    chart.color = "kind"


def choose_on_page(chart: Any) -> None:
    Page(chart.comm).set(_color="kind")


@pytest.mark.parametrize("choose", [choose_in_python, choose_on_page])
def test_a_map_is_painted_though_an_observer_of_its_colours_raises(
    choose: Callable[[Any], None],
) -> None:
    chart = make(labels={"kind": ["a", "b"] * 30}, color="density")
    page = Page(chart.comm)

    def fail(_change: Any) -> None:
        raise RuntimeError("mine")

    chart.observe(fail, "color")
    with pytest.raises(RuntimeError, match="mine"):
        choose(chart)
    assert chart.color == page.state["_color"] == "kind"
    assert [entry["name"] for entry in page.state["_legend"]["entries"]] == ["a", "b"]


@pytest.mark.parametrize(("name", "where"), [("index", 7), ("value", (0.5, 0.25))])
def test_labels_set_as_somebody_goes_somewhere_are_what_is_said(
    monkeypatch: pytest.MonkeyPatch, name: str, where: Any
) -> None:
    labels = {"kind": ["new"] * 60}
    chart, alike = make(labels={"kind": ["old"] * 60}), make(labels=labels)
    setattr(alike, name, where)
    halt = Halt(said_of)
    monkeypatch.setattr("latentwidgets.widgets.map.facts.said_of", halt)
    together(
        halt,
        lambda: setattr(chart, name, where),
        lambda: setattr(chart, "labels", labels),
    )
    assert getattr(chart, name) == where
    state, expected = Page(chart.comm).state, Page(alike.comm).state
    assert state["_said"] == expected["_said"]
    assert state["_spot"] == expected["_spot"]


class Near:
    """A transformer that has a place for what lies near 0."""

    def fit_transform(self, rows: Any) -> Any:
        return rows[:, :2]

    def transform(self, rows: Any) -> Any:
        if np.abs(rows).max() > 50:
            raise ValueError("this is too far")
        return rows[:, :2]


def test_a_path_that_has_no_place_on_the_map_changes_nothing() -> None:
    chart = make(projection=Near())
    told: list[Any] = []
    chart.observe(told.append, "path")
    with pytest.raises(lw.LatentValueError, match="this is too far"):
        chart.path = 100 * LATENTS[:5]
    np.testing.assert_array_equal(chart.path, LATENTS[:3])
    assert told == []
    all_of_one_plane(chart)


def test_a_map_is_not_made_with_a_path_that_has_no_place_on_it() -> None:
    space = lw.LatentSpace(lambda z: z.reshape(-1, 2, 2), 4)
    with pytest.raises(lw.LatentValueError, match="this is too far"):
        lw.LatentMap(space, LATENTS, projection=Near(), path=100 * LATENTS[:5])


def set_labels(chart: Any) -> None:
    chart.labels = {"kind": ["x", "y"] * 30}


def lay_out(chart: Any) -> None:
    chart.projection = LATENTS[:, [2, 3]]


def go(chart: Any) -> None:
    chart.index = 20


def draw(chart: Any) -> None:
    chart.path = LATENTS[10:15]


@pytest.mark.parametrize(("second", "after"), [(lay_out, go), (go, lay_out)])
def test_labels_set_as_a_map_changes_undo_nothing(
    monkeypatch: pytest.MonkeyPatch, second: Callable[[Any], None], after: Callable[[Any], None]
) -> None:
    chart, alike = (make(labels={"kind": ["a", "b"] * 30}) for _ in range(2))
    for change in (set_labels, second):
        change(alike)
    halt = Halt(Renderer.show)
    monkeypatch.setattr(Renderer, "show", lambda *args: halt(*args))
    together(halt, lambda: set_labels(chart), lambda: second(chart))
    state, expected = Page(chart.comm).state, Page(alike.comm).state
    for name in ("_said", "_spot", "_frame", "_legend"):
        assert state[name] == expected[name]
    after(chart)
    assert chart.index == 20
    all_of_one_plane(chart)


def test_who_looks_an_item_up_for_new_labels_says_nothing_of_where_nobody_is_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    items = [f"text {row}" for row in range(60)]
    chart, alike = make(items=items), make(items=items)
    for change in (set_labels, go):
        change(alike)
    halt = Halt(said_of)
    monkeypatch.setattr("latentwidgets.widgets.map.facts.said_of", halt)
    together(halt, lambda: set_labels(chart), lambda: go(chart))
    assert Page(chart.comm).state["_said"] == Page(alike.comm).state["_said"]


def test_of_labels_set_twice_at_once_the_last_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    chart, alike = make(labels={"kind": ["a", "b"] * 30}), make()
    set_labels(alike)
    halt = Halt(said_of)
    monkeypatch.setattr("latentwidgets.widgets.map.facts.said_of", halt)
    together(
        halt, lambda: setattr(chart, "labels", {"kind": ["old"] * 60}), lambda: set_labels(chart)
    )
    assert Page(chart.comm).state["_said"] == Page(alike.comm).state["_said"]


@pytest.mark.parametrize(("first", "second"), [(lay_out, draw), (draw, lay_out)])
def test_a_path_set_as_a_map_is_laid_out_has_its_line_on_it(
    monkeypatch: pytest.MonkeyPatch,
    first: Callable[[Any], None],
    second: Callable[[Any], None],
) -> None:
    chart = make()
    place = type(chart.projection).place
    halt = Halt(place)

    def placed(projection: Any, latents: Any) -> Any:
        found = place(projection, latents)  # then others come before it is stored
        halt(projection, latents)
        return found

    monkeypatch.setattr(type(chart.projection), "place", placed)
    together(halt, lambda: first(chart), lambda: second(chart))
    assert (len(chart.path), chart.projection.name) == (5, "points")
    all_of_one_plane(chart)


def go_to_a_point(chart: Any) -> None:
    chart.value = (0.5, 0.25)


def go_to_a_latent_of_their_own(chart: Any) -> None:
    chart.latent = LATENTS[20] + 0.5


MOVES = [go, go_to_a_point, go_to_a_latent_of_their_own]


@pytest.mark.parametrize("move", MOVES)
def test_who_goes_somewhere_as_a_map_is_about_to_be_laid_out_is_there(
    monkeypatch: pytest.MonkeyPatch, move: Callable[[Any], None]
) -> None:
    labels = {"kind": [f"text {i}" for i in range(60)]}
    chart, alike = make(labels=labels), make(labels=labels)
    for change in (move, lay_out):
        change(alike)
    place = type(chart.projection).place
    halt = Halt(place)

    def placed(projection: Any, latents: Any) -> Any:
        found = place(projection, latents)  # then others come before it is shown
        halt(projection, latents)
        return found

    monkeypatch.setattr(type(chart.projection), "place", placed)
    together(halt, lambda: lay_out(chart), lambda: move(chart))
    all_as_in(chart, alike)


@pytest.mark.parametrize("move", [go, go_to_a_latent_of_their_own])
def test_who_goes_somewhere_as_a_map_laid_out_anew_is_coloured_stays_there(
    monkeypatch: pytest.MonkeyPatch, move: Callable[[Any], None]
) -> None:
    labels = {"kind": [f"text {i}" for i in range(60)]}
    chart, alike = make(labels=labels), make(labels=labels)
    for change in (lay_out, move):
        change(alike)
    halt = Halt(Points.color)
    monkeypatch.setattr(Points, "color", lambda *args: halt(*args))
    together(halt, lambda: lay_out(chart), lambda: move(chart))
    all_as_in(chart, alike)


def all_as_in(chart: Any, alike: Any) -> None:
    """Expect a map to show what another does, which did the same one after the other."""
    assert (chart.projection.name, chart.index) == (alike.projection.name, alike.index)
    np.testing.assert_allclose(chart.value, alike.value, atol=1e-6)
    np.testing.assert_allclose(chart.latent, alike.latent, atol=1e-6)
    state, expected = Page(chart.comm).state, Page(alike.comm).state
    assert state["_said"]["lines"] == expected["_said"]["lines"]
    assert state["_said"]["row"] == state["_spot"][0]
    np.testing.assert_allclose(state["_spot"][1:], expected["_spot"][1:], atol=1e-6)
    all_of_one_plane(chart)


def test_who_finds_colours_for_a_new_projection_keeps_nobody_from_the_map(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chart, color, done = make(), Points.color, []

    def found(*args: Any) -> Any:
        other = threading.Thread(target=lambda: chart.fitting.name)
        other.start()
        other.join(20)
        done.append(not other.is_alive())
        return color(*args)

    monkeypatch.setattr(Points, "color", found)
    lay_out(chart)
    assert done == [True]
    all_of_one_plane(chart)
