"""What a thread sets together reaches the page together, whatever other threads set meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import traitlets

import latentwidgets as lw
from tests.unit.page import Page


def walk() -> lw.Interpolator:
    return lw.Interpolator(lw.LatentSpace(lambda z: z.reshape(-1, 2, 2), 4), np.eye(4)[:2])


def texts() -> lw.Interpolator:
    space = lw.LatentSpace(lambda z: ["word"] * len(z), 4, kind="text")
    return lw.Interpolator(space, np.eye(4)[:2])


def test_what_a_thread_sets_is_held_back_by_nobody_else() -> None:
    widget = walk()
    page = Page(widget.comm)
    with widget.hold_sync():
        widget.speed = 2.0
        other = threading.Thread(target=lambda: setattr(widget, "size", 99))
        other.start()
        other.join()
        assert page.state["size"] == 99
        assert page.state["speed"] == 1.0
    assert page.state["speed"] == 2.0


def test_nothing_is_lost_where_threads_hold_back_at_once() -> None:
    widget = walk()
    page = Page(widget.comm)
    begun, done = threading.Event(), threading.Event()

    def hold() -> None:
        with widget.hold_sync():
            begun.set()
            done.wait(20)
            widget.size = 123

    other = threading.Thread(target=hold)
    with widget.hold_sync():
        other.start()
        assert begun.wait(20)
        widget.speed = 3.0
    assert page.state["speed"] == 3.0
    done.set()
    other.join()
    assert page.state["size"] == 123


def test_blocks_within_blocks_are_one_message() -> None:
    widget = walk()
    page = Page(widget.comm)
    with widget.hold_sync():
        with widget.hold_sync():
            widget.speed = 4.0
        assert page.state["speed"] == 1.0
    assert page.state["speed"] == 4.0


def test_a_page_that_sets_what_it_knows_is_not_told_it_again() -> None:
    widget = walk()
    page = Page(widget.comm)
    page.set(speed=5.0)
    del page.state["speed"]
    page.set(size=77)
    assert widget.size == 77
    assert "speed" not in page.state


def in_a_thread(call: Callable[[], object]) -> None:
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    if raised:
        raise raised[0]


def test_observers_of_what_another_thread_sets_are_told_at_once() -> None:
    widget, told = walk(), []
    widget.observe(lambda change: told.append((change["name"], change["new"])), ["size", "speed"])
    with widget.hold_trait_notifications():
        widget.speed = 2.0
        in_a_thread(lambda: setattr(widget, "size", 99))
        assert told == [("size", 99)]
    assert told == [("size", 99), ("speed", 2.0)]


def test_what_another_thread_sets_is_checked_at_once() -> None:
    widget = texts()
    with widget.hold_trait_notifications(), pytest.raises(lw.LatentValueError, match="an even"):
        in_a_thread(lambda: setattr(widget, "even_speed", True))
    assert not widget.even_speed


def test_what_is_checked_late_and_refused_is_taken_back() -> None:
    widget = texts()
    told: list[Any] = []
    widget.observe(told.append, ["even_speed", "speed"])

    def set_both() -> None:
        with widget.hold_trait_notifications():
            widget.speed = 2.0
            widget.even_speed = True

    with pytest.raises(lw.LatentValueError, match="an even speed asks"):
        set_both()
    assert (widget.even_speed, widget.speed, told) == (False, 1.0, [])


def test_what_a_page_sets_and_does_not_suit_the_space_is_taken_back() -> None:
    widget = texts()
    page = Page(widget.comm)
    page.set(even_speed=True)
    assert not widget.even_speed
    assert page.state["even_speed"] is False
    assert "an even speed asks" in page.answer()[0]["message"]


def test_observers_are_told_once_of_what_is_set_twice() -> None:
    widget, told = walk(), []
    widget.observe(lambda change: told.append((change["old"], change["new"])), "speed")
    with widget.hold_trait_notifications():
        widget.speed = 2.0
        with widget.hold_trait_notifications():
            widget.speed = 3.0
        assert told == []
    assert told == [(1.0, 3.0)]


class Doubled(lw.Interpolator):
    """A person's own: its size is even."""

    @traitlets.validate("size")
    def _even(self, proposal: Any) -> int:
        size: int = proposal["value"]
        return 2 * (size // 2)


def test_what_a_check_of_a_persons_own_makes_of_a_value_is_kept() -> None:
    widget = Doubled(lw.LatentSpace(lambda z: z.reshape(-1, 2, 2), 4), np.eye(4)[:2])
    with widget.hold_trait_notifications():
        widget.size = 99
    assert widget.size == 98
