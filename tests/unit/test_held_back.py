"""What a thread sets together reaches the page together, whatever other threads set meanwhile."""

from __future__ import annotations

import threading

import numpy as np

import latentwidgets as lw
from tests.unit.page import Page


def walk() -> lw.Interpolator:
    return lw.Interpolator(lw.LatentSpace(lambda z: z.reshape(-1, 2, 2), 4), np.eye(4)[:2])


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
