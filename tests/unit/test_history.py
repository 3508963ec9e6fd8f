"""Undo, redo and bookmarks: what counts as one step, and what is put back."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import traitlets

from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.routes.grids import cells
from latentwidgets.widgets.explorer import history as module
from latentwidgets.widgets.explorer.history import History


class Dial(traitlets.HasTraits):
    value = traitlets.Int()
    other = traitlets.Int()


class Box(traitlets.HasTraits):
    value = traitlets.Any()
    other = traitlets.Int()


class Large:
    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(module, "time", found)
    return found


def make() -> tuple[Dial, Dial, History]:
    a, b = Dial(), Dial()
    return a, b, History({"a": a, "b": b}, {"a": ("value", "other"), "b": ("value",)})


def test_steps_are_undone_and_done_again(clock: Clock) -> None:
    a, b, history = make()
    for dial, value in ((a, 1), (b, 2), (a, 3)):
        clock.now += 10
        dial.value = value
    assert (history.can_undo, history.can_redo) == (True, False)
    history.undo()
    assert (a.value, b.value) == (1, 2)
    history.undo()
    assert (a.value, b.value) == (1, 0)
    history.redo()
    assert (a.value, b.value) == (1, 2)
    clock.now += 10
    a.value = 9
    assert not history.can_redo, "what was done since leads elsewhere"
    for _ in range(9):
        history.undo()
    assert (a.value, b.value, history.can_undo) == (0, 0, False)


def test_a_drag_is_one_step_and_a_pause_ends_it(clock: Clock) -> None:
    a, _, history = make()
    for value in range(1, 50):
        clock.now += 0.1
        a.value = value
    clock.now += 2
    a.value = 60
    history.undo()
    assert a.value == 49
    history.undo()
    assert a.value == 0


def test_another_control_of_the_same_widget_is_another_step(clock: Clock) -> None:
    a, _, history = make()
    a.value = 1
    clock.now += 0.3  # a pause in a drag, but longer than what follows from a change takes
    a.other = 2
    history.undo()
    assert (a.value, a.other) == (1, 0)


def test_the_same_control_of_another_widget_is_another_step(clock: Clock) -> None:
    a, b, history = make()
    a.value = 1
    clock.now += 0.3
    b.value = 2
    history.undo()
    assert (a.value, b.value) == (1, 0)


def test_what_follows_from_a_change_belongs_to_it(clock: Clock) -> None:
    a, b, history = make()
    traitlets.dlink((a, "value"), (b, "value"))
    for value in range(1, 5):
        clock.now += 0.1
        a.value = value
    assert b.value == 4
    history.undo()
    assert (a.value, b.value) == (0, 0)


def test_bookmarks_are_kept_opened_and_forgotten(clock: Clock) -> None:
    seen: list[Any] = []
    dial = Dial()
    history = History({"a": dial}, {"a": ("value",)}, lambda: seen.append(None))
    dial.value = 5
    assert history.bookmark() == "bookmark 1"
    assert history.bookmark("five") == "five"
    clock.now += 10
    dial.value = 7
    history.open("five")
    assert dial.value == 5
    history.undo()
    assert dial.value == 7
    history.remove("bookmark 1")
    assert history.bookmarks == ("five",)
    assert seen
    with pytest.raises(LatentValueError, match="no bookmark 'fiv'. Did you mean 'five'"):
        history.open("fiv")
    with pytest.raises(LatentTypeError, match="expected a text"):
        history.bookmark("")


def test_a_better_value_replaces_another_everywhere(clock: Clock) -> None:
    a, b, history = make()
    a.value = 1
    history.bookmark("one")
    clock.now += 10
    b.value = 2
    history.amend("a", "value", lambda value: value + 100)
    assert (a.value, history.can_redo) == (101, False)
    history.undo()
    assert (a.value, b.value) == (101, 0)
    history.undo()
    assert a.value == 100
    history.open("one")
    assert a.value == 101


def test_a_state_that_cannot_be_put_back_changes_nothing(clock: Clock) -> None:
    class Fussy(traitlets.HasTraits):
        value = traitlets.Int()
        refuses = -1

        @traitlets.validate("value")
        def _check(self, proposal: Any) -> int:
            if proposal["value"] == self.refuses:
                raise LatentValueError("no")
            return int(proposal["value"])

    first, fussy = Dial(), Fussy()
    history = History({"a": first, "b": fussy}, {"a": ("value",), "b": ("value",)})
    first.value = 1
    clock.now += 10
    fussy.value = 5
    clock.now += 10
    first.value = 2
    history.bookmark("here")
    clock.now += 10
    fussy.value, fussy.refuses = 7, 5
    with pytest.raises(LatentValueError, match="no"):
        history.open("here")
    assert (first.value, fussy.value) == (2, 7)
    for _ in range(2):  # both states are refused, and stand in the way of no other
        assert (history.can_undo, history.can_redo) == (True, False)
        with pytest.raises(LatentValueError, match="this step .* is forgotten: no Go on"):
            history.undo()
        assert (first.value, fussy.value) == (2, 7)
    history.undo()
    assert (first.value, fussy.value) == (1, 0)
    history.redo()
    assert (first.value, fussy.value, history.can_redo) == (2, 7, False)


class Slow(Clock):
    """Of a machine on which everything takes longer than any pause."""

    def monotonic(self) -> float:
        self.now += 10
        return self.now


def test_what_a_change_makes_belongs_to_it_on_a_slow_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "time", Slow())
    a, b = Dial(), Dial()
    traitlets.dlink((a, "value"), (b, "value"))  # so that it is told of first
    history = History({"a": a, "b": b}, {"a": ("value", "other"), "b": ("value",)})
    a.value = 3
    history.undo()
    assert (a.value, b.value, history.can_undo) == (0, 0, False)
    a.value = 4
    a.other = 5
    history.undo()
    assert (a.value, b.value, a.other) == (4, 4, 0)


def test_what_another_thread_changes_meanwhile_is_a_step(clock: Clock) -> None:
    a, b, history = make()
    a.value = 1
    clock.now += 10
    b.value = 1
    clock.now += 10

    def meddle(_change: Any) -> None:
        a.unobserve(meddle, "value")
        other = threading.Thread(target=setattr, args=(b, "value", 9))
        others.append(other)
        other.start()
        other.join(0.1)  # it waits until this state is put back

    others: list[threading.Thread] = []
    a.observe(meddle, "value")
    history.amend("a", "value", lambda value: value + 100)
    others[0].join()
    assert b.value == 9
    history.undo()
    assert (a.value, b.value) == (101, 1)


def test_a_number_that_somebody_took_is_passed_over() -> None:
    _, _, history = make()
    history.bookmark("bookmark 2")
    assert history.bookmark() == "bookmark 3"
    assert history.bookmark() == "bookmark 4"


def test_large_arrays_and_grids_are_forgotten_first(clock: Clock) -> None:
    dial = Box()
    history = History({"a": dial}, {"a": ("value", "other")})
    large = module.MOST_BYTES // 4 * 3
    for _ in range(5):
        clock.now += 10
        dial.value = Large(large // 3)
    history.undo()
    history.undo()
    history.undo()
    assert history.can_undo, "four of them fit"
    clock.now += 10
    for _ in range(3):
        clock.now += 10
        before, dial.value = dial.value, Large(large)
        assert history.can_undo, "the last step can always be undone"
    history.undo()
    assert dial.value is before
    assert not history.can_undo


def test_what_steps_share_counts_once(clock: Clock) -> None:
    dial = Box()
    dial.value = Large(module.MOST_BYTES)
    history = History({"a": dial}, {"a": ("value", "other")})
    for value in range(1, 6):
        clock.now += 10
        dial.other = value
    for _ in range(5):
        history.undo()
    assert dial.other == 0


def test_grids_say_how_much_memory_they_take() -> None:
    latents = np.zeros((12, 5), np.float32)
    assert cells(latents).nbytes == latents.nbytes
