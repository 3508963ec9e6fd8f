"""What Python sets is not lost, whatever a page had said before it was told."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import traitlets

import latentwidgets as lw
from latentwidgets.widgets.code import code_in
from latentwidgets.widgets.placings import Placings
from tests.unit.page import Page

LATENTS = np.random.default_rng(0).normal(size=(9, 6)).astype(np.float32)
DIRECTIONS = lw.pca_directions(LATENTS, 2)


def space(**conditions: Any) -> lw.LatentSpace:
    return lw.LatentSpace(
        lambda z, **_: 0.5 + 0.1 * z[:, :4, None] * np.ones(4),
        latent_shape=6,
        value_range=(0, 1),
        conditions=conditions or None,
    )


def walk(**traits: Any) -> lw.Interpolator:
    return lw.Interpolator(space(), LATENTS[:3], **traits)


def editor(**traits: Any) -> lw.DirectionEditor:
    return lw.DirectionEditor(space(), LATENTS[0], DIRECTIONS, **traits)


class Reporting(Page):
    """A page that says what it knows with what it sets, as the pages of widgets do."""

    known: int | None = None

    def report(self, **state: Any) -> None:
        """Set state, knowing what the page was told, or what it knew when `late` was called."""
        known = self.state["_placed"][0] if self.known is None else self.known
        self.set(**state, _seen={**dict.fromkeys(state, known), "n": 1})

    def late(self) -> None:
        """From now on, reports are from before what is told from now on."""
        self.known = self.state["_placed"][0]


def test_a_report_from_before_is_ignored_and_one_from_after_is_taken() -> None:
    widget = walk(playing=True)
    page = Reporting(widget.comm)
    page.report(value=0.6)
    assert widget.value == 0.6
    page.late()
    widget.playing = False
    widget.value = 0.25
    page.report(value=0.61)
    assert widget.value == 0.25
    assert page.state["value"] == 0.25, "the echo says what it is"
    page.known = None
    page.report(value=0.7)
    assert widget.value == page.state["value"] == 0.7


def test_directions_that_have_other_places_have_the_amounts_that_python_gives_them() -> None:
    """A page knows amounts by their places: what it had of one is not what it has of the next."""
    first, second, third = lw.pca_directions(LATENTS, 3)
    widget = lw.DirectionEditor(space(), LATENTS[0], [first, second])
    page = Reporting(widget.comm)
    page.report(value={"PC 1": 1.5, "PC 2": 0.0})
    page.late()
    widget.directions = [second, third]
    assert page.state["_placed"] == [page.state["_placed"][0]] * 3
    page.report(value={"PC 1": 1.6, "PC 2": 0.0})  # from before: one of them is not there any more
    assert widget.value == {"PC 2": 0.0, "PC 3": 0.0}
    assert page.messages == [], "nothing was refused"


def test_the_same_directions_in_another_order_are_in_that_order() -> None:
    widget = editor(value={"PC 1": 1.0, "PC 2": -1.0})
    latent = widget.latent
    widget.directions = [DIRECTIONS[1], DIRECTIONS[0]]
    assert [*widget.value.items()] == [("PC 2", -1.0), ("PC 1", 1.0)]
    np.testing.assert_allclose(widget.latent, latent, atol=1e-6)
    np.testing.assert_array_equal(widget.image(), editor(value=widget.value).image())


def test_what_is_set_to_what_it_was_counts_too() -> None:
    widget = walk(value=0.25, playing=True)
    page = Reporting(widget.comm)
    page.late()
    page.state.pop("value")
    widget.value = 0.25
    assert page.state["value"] == 0.25, "a page may be elsewhere already"
    widget.latent = widget.latent
    widget.playing = True
    page.report(value=0.3, playing=False)
    assert (widget.value, widget.playing) == (0.25, True)
    assert page.state["_placed"] == [3, 2]


def test_each_amount_counts_for_itself() -> None:
    widget = editor()
    page = Reporting(widget.comm)
    page.late()
    widget.value = {"PC 1": 1.5}
    page.report(value={"PC 1": 0.0, "PC 2": 0.7})
    assert widget.value == page.state["value"] == {"PC 1": 1.5, "PC 2": 0.7}
    assert page.state["_placed"] == [1, 1, 0]
    widget.value = widget.value
    assert page.state["_placed"] == [2, 2, 2], "set as it is, all of it is meant"
    page.report(value={"PC 1": 0.0, "PC 2": 0.8})
    assert widget.value == {"PC 1": 1.5, "PC 2": 0.7}


def test_each_condition_counts_for_itself() -> None:
    bounds = {"sharpness": (0.5, 0, 1), "warmth": (0.5, 0, 1)}
    widget = lw.Interpolator(space(**bounds), LATENTS[:2])
    page = Reporting(widget.comm)
    page.late()
    widget.conditions = {**widget.conditions, "warmth": 0.9}
    page.report(value=0.4, conditions={"sharpness": 0.1, "warmth": 0.5})
    assert dict(widget.conditions) == {"sharpness": 0.1, "warmth": 0.9}
    assert widget.value == 0.4
    assert page.state["_placed"] == [1, 0, 0, 1]


@pytest.mark.parametrize(
    ("make", "name", "place", "report"),
    [
        (lambda: lw.LatentGrid(space(), LATENTS, columns=3), "value", (1, 1), [0, 2]),
        (lambda: lw.LatentMap(space(), LATENTS), "_spot", [4, 0, 0], [5, 0, 0]),
        (walk, "speed", 2.0, 0.5),
        (editor, "hold", ("PC 1",), ["PC 2"]),
    ],
)
def test_other_coordinates_and_settings(make: Any, name: str, place: Any, report: Any) -> None:
    widget = make()
    page = Reporting(widget.comm)
    page.late()
    if name == "_spot":
        widget.index = place[0]
        place = widget.get_state([name])[name]
    else:
        setattr(widget, name, place)
    page.report(**{name: report})
    assert tuple(np.atleast_1d(widget.get_state([name])[name])) == tuple(np.atleast_1d(place))
    page.known = None
    page.report(**{name: report})
    assert np.atleast_1d(widget.get_state([name])[name])[0] == np.atleast_1d(report)[0]


def test_an_observer_that_answers_a_report_is_no_last_word() -> None:
    widget = walk()
    widget.observe(lambda change: setattr(widget, "value", round(change["new"], 1)), "value")
    page = Reporting(widget.comm)
    page.late()
    page.report(value=0.31)
    page.report(value=0.38)
    assert widget.value == page.state["value"] == 0.4


def test_a_linked_widget_is_placed_by_what_its_partner_reports() -> None:
    first, second = walk(), walk()
    traitlets.link((first, "value"), (second, "value"))
    pages = Reporting(first.comm), Reporting(second.comm)
    for page in pages:
        page.late()
    pages[0].report(value=0.6)
    pages[1].report(value=0.1)
    assert first.value == second.value == pages[1].state["value"] == 0.6
    pages[0].report(value=0.7)
    assert first.value == second.value == 0.7, "the partner only follows"


def test_what_is_refused_changes_no_count() -> None:
    widget = walk()
    page = Reporting(widget.comm)
    for value in (2.0, "far"):
        with pytest.raises(lw.LatentWidgetsError):
            widget.value = value
    page.late()
    page.report(value=0.5)
    assert widget.value == 0.5
    page.report(value=3.0)
    assert page.state["value"] == 0.5, "what a page may not set is taken back as before"
    page.report(value=0.6)
    assert widget.value == 0.6


def test_what_is_held_back_is_older_than_no_report_once_it_is_told() -> None:
    widget = walk()
    page = Reporting(widget.comm)
    with widget.hold_sync():
        widget.value = 0.25
        page.report(value=0.5)
        assert widget.value == 0.25
        assert page.state["_placed"][0] == 0, "no page knows of it yet"
    assert (page.state["value"], page.state["_placed"]) == (0.25, [1, 1])
    with widget.hold_sync():
        widget.value = 0.3
        with pytest.raises(lw.LatentWidgetsError):
            widget.value = 5.0
    assert (page.state["value"], page.state["_placed"]) == (0.3, [2, 2])
    page.report(value=0.5)
    assert widget.value == 0.5


def test_changes_that_are_held_together_are_placed_together() -> None:
    widget = walk()
    page = Reporting(widget.comm)
    page.late()
    with widget.hold_trait_notifications():
        widget.value, widget.speed = 0.25, 3.0
    page.report(value=0.5, speed=1.0)
    assert (widget.value, widget.speed) == (0.25, 3.0)
    recipe = widget.recipe()
    page.known = None
    page.report(value=0.5)
    page.late()
    widget.apply(recipe)
    page.report(value=0.6)
    assert widget.value == 0.25


def test_who_says_nothing_of_counts_is_taken_at_their_word() -> None:
    widget = walk()
    widget.value = 0.25
    Page(widget.comm).set(value=0.5)
    assert widget.value == 0.5
    nonsense: Any
    for nonsense in (
        "x",
        5,
        [],
        {"value": "x"},
        {"value": None},
        {"value": -1},
        {"value": 10**400},
    ):
        Page(widget.comm).set(value=0.75, _seen=nonsense)
        assert widget.value == 0.75
        widget.value = 0.5
        assert widget.get_state(["_seen"]) == {"_seen": {}}


def test_names_of_no_traits_have_no_counts() -> None:
    widget = walk()
    page = Page(widget.comm)
    names = ("nothing", "close", "space", "comm", "_trait_values", "_route", "latent")
    for name in names:
        page.set(**{name: 0, "value": 0.5}, _seen={name: 0, "value": 0})
        assert widget.value == 0.5
        page.set(value=0.25, _seen={name: 0, "value": 0})
        assert widget.value == 0.25


def test_an_observer_that_raises_makes_no_count_go_back() -> None:
    widget = walk()
    page = Reporting(widget.comm)

    def refuse(change: Any) -> None:
        if change["new"] == 0.25:
            raise RuntimeError("observed")

    widget.observe(refuse, "value")
    page.late()
    with pytest.raises(RuntimeError, match="observed"):
        widget.value = 0.25
    assert (widget.value, page.state["value"]) == (0.25, 0.25)
    assert page.state["_placed"] == [1, 1]
    page.report(value=0.6)
    assert widget.value == 0.25
    page.late()  # it knows 0.25, and says the next before it knows 0.3
    widget.value = 0.3
    page.report(value=0.61)
    assert widget.value == page.state["value"] == 0.3


def test_what_is_set_is_told_once_notifications_are_no_longer_held() -> None:
    widget = walk(value=0.25)
    page = Reporting(widget.comm)
    page.late()
    for value in (0.25, 0.75):  # what it is already, too
        with widget.hold_trait_notifications():
            widget.value = value
            told = page.state["_placed"]
            page.report(value=0.5)
            assert widget.value == value, "protected at once"
            assert page.state["_placed"] == told, "no page knows of it yet"
        assert page.state["value"] == value
        assert page.state["_placed"][0] == told[0] + 1


def test_an_entry_that_is_not_set_takes_what_a_page_says_meanwhile() -> None:
    widget = editor()
    page = Reporting(widget.comm)

    def meanwhile(_change: Any) -> None:
        widget.unobserve(meanwhile, "value")
        page_says = threading.Thread(target=page.report, kwargs={"value": said})
        page_says.start()
        page_says.join(20)

    said = {"PC 1": 0.0, "PC 2": 0.7}
    with widget.hold_sync():  # what is set is on its way for long
        widget.value = {**widget.value, "PC 1": 1.5}
        page.report(value=said)
        assert widget.value == {"PC 1": 1.5, "PC 2": 0.7}
    page.late()
    widget.observe(meanwhile, "value")
    said = {"PC 1": 0.0, "PC 2": 0.9}
    widget.value = {**widget.value, "PC 1": 1.0}
    assert widget.value == {"PC 1": 1.0, "PC 2": 0.9}


def test_two_that_set_at_once_take_back_each_their_own() -> None:
    placings = Placings()
    first, second = placings.announce("value"), placings.announce("value")
    first()
    assert placings.is_coming("value")
    second()
    assert not placings.is_coming("value")
    first = placings.announce("value")
    placings.tell({"value": 1})
    first()
    assert placings.count == 1
    assert placings.is_older("value", 0)
    assert not placings.is_older("value", 1)


def test_an_observer_of_a_report_decides_of_what_the_report_did_not_say() -> None:
    widget = walk(playing=True)

    def end(change: Any) -> None:
        if change["new"] >= 0.5:
            widget.playing = False

    widget.observe(end, "value")
    page = Reporting(widget.comm)
    page.late()
    page.report(value=0.5)
    assert page.state["playing"] is False
    page.report(playing=True)
    assert widget.playing is False


def test_a_model_is_waited_for_by_nobody_else() -> None:
    """Who sets a value in a callback of the model waits for no page that asks for a picture."""
    drawing, go_on = threading.Event(), threading.Event()

    def decode(latents: Any, **_: Any) -> Any:
        if threading.current_thread() is asking:
            drawing.set()
            assert go_on.wait(20)
        return 0.5 + 0.1 * latents[:, :4, None] * np.ones(4)

    other = lw.LatentSpace(decode, latent_shape=6, value_range=(0, 1))
    asking = threading.Thread(target=lambda: page.picture())
    widget = lw.Interpolator(other, LATENTS[:3])
    page = Page(widget.comm)
    widget.refresh()
    asking.start()
    try:
        assert drawing.wait(20)
        setting = threading.Thread(target=setattr, args=(widget, "speed", 2.0))
        setting.start()
        setting.join(20)
        assert not setting.is_alive()
        assert page.state["speed"] == 2.0
    finally:
        go_on.set()
        asking.join(20)


def test_observers_of_a_report_hold_up_nobody_who_sets() -> None:
    widget = walk()
    page = Reporting(widget.comm)
    begun, go_on = threading.Event(), threading.Event()

    def observe(_change: Any) -> None:
        begun.set()
        assert go_on.wait(20)

    widget.observe(observe, "value")
    holding, held = threading.Event(), threading.Event()

    def hold() -> None:
        with widget.hold_trait_notifications():
            holding.set()
            assert held.wait(20)

    # Another thread's hold ends while the report is taken: observers are told at once then.
    others = threading.Thread(target=hold)
    others.start()
    assert holding.wait(20)
    reports = threading.Thread(target=page.report, kwargs={"value": 0.5})
    held.set()
    others.join(20)
    reports.start()
    try:
        assert begun.wait(20)
        setting = threading.Thread(target=setattr, args=(widget, "speed", 2.0))
        setting.start()
        setting.join(20)
        assert not setting.is_alive()
    finally:
        go_on.set()
        reports.join(20)
    assert (widget.value, page.state["speed"]) == (0.5, 2.0)


def test_a_page_that_opens_later_knows_all() -> None:
    widget = walk()
    widget.value = 0.25
    page = Reporting(widget.comm)
    page.state.clear()
    widget.send_state()
    page.report(value=0.5)
    assert widget.value == 0.5


def test_python_wins_against_reports_of_a_thread() -> None:
    """A page's reports are taken in a thread of their own, while a cell runs."""
    widget = walk()
    page = Reporting(widget.comm)
    page.late()
    stop = threading.Event()

    def report() -> None:
        i = 0
        while not stop.is_set():
            i = (i + 1) % 1000
            widget.set_state({"value": i / 1000, "_seen": {"value": page.known, "n": i}})

    reports = threading.Thread(target=report)
    reports.start()
    try:
        for i in range(100):
            assert page.known is not None
            target = (i % 7) / 7
            widget.value = target
            assert widget.value == target
            known = page.state["_placed"][0]
            assert page.state["value"] == target
            assert known > page.known, "each is told with a count of its own"
            page.known = known  # the page has seen it, and goes on
    finally:
        stop.set()
        reports.join()
    page.late()
    widget.value = 0.125
    page.report(value=0.5)
    assert widget.value == page.state["value"] == 0.125


def test_what_is_saved_says_nothing_of_counts() -> None:
    widget = editor()
    widget.value = {"PC 1": 1.0}
    assert not {"_placed", "_seen", "_picture"} & code_in(widget).keys()
    assert {"_placed", "_seen", "_picture"} <= widget.get_state().keys()
