"""Idle work begins when nobody asks, answers or moves for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from latentwidgets.engine import messages
from latentwidgets.engine.drawn import Drawn
from latentwidgets.engine.scheduler import IDLE_SECONDS, Scheduler
from latentwidgets.space.locks import ModelLock
from tests.unit.page import Page


class Desk:
    """A scheduler, and when what was done."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.done: list[tuple[str, float]] = []
        self.ended = threading.Event()
        self.scheduler = Scheduler(self.draw, lambda *_: None, lambda *_: None)

    def draw(self, *_: Any, **_more: Any) -> Generator[Drawn, None, None]:
        time.sleep(self.seconds)
        self.done.append(("frame", time.monotonic()))
        yield Drawn([])

    def work(self) -> Iterator[None]:
        for _ in range(3):
            self.done.append(("step", time.monotonic()))
            yield
        self.ended.set()

    def ask(self, *, strip: bool = False) -> None:
        if strip:
            question: Any = messages.StripMessage("p", 1, "a", ((0.0,),), drafts=False)
        else:
            question = messages.AskMessage("p", 1, "a", (0.0,), fast=False)
        self.scheduler.ask(question)

    def between(self) -> float:
        """How long after the last frame the first step was taken."""
        assert self.ended.wait(20)
        self.scheduler.close()
        frames = [when for what, when in self.done if what == "frame"]
        steps = [when for what, when in self.done if what == "step"]
        return steps[0] - frames[-1]


def test_idle_work_does_not_begin_right_after_an_answer() -> None:
    for strip in (False, True):
        desk = Desk(seconds=0.3)  # longer than idle work waits after a question
        desk.ask(strip=strip)
        desk.scheduler.do_while_idle("p", desk.work())
        assert desk.between() >= IDLE_SECONDS - 0.01


def test_who_goes_on_asking_never_waits_for_idle_work() -> None:
    desk = Desk()
    desk.scheduler.put_off()
    desk.scheduler.do_while_idle("p", desk.work())
    for _ in range(20):
        desk.ask()
        time.sleep(0.05)
    assert desk.ended.wait(20)
    desk.scheduler.close()
    # Where this thread itself was kept waiting, nobody asked for so long.
    asked = 0.0
    for what, when in desk.done:
        asked = when if what == "frame" else asked
        if what == "step":
            assert when - asked >= IDLE_SECONDS - 0.01
    assert [what for what, _ in desk.done].count("frame") > 10


def test_long_idle_work_keeps_no_short_work_waiting() -> None:
    done: list[str] = []
    ended = threading.Event()

    def work(name: str, steps: int) -> Iterator[None]:
        for _ in range(steps):
            done.append(name)
            yield
        if name == "long":
            ended.set()

    desk = Desk()
    desk.scheduler.put_off()  # until both wait
    desk.scheduler.do_while_idle("p", work("long", 50))
    desk.scheduler.do_while_idle("q", work("short", 3))
    assert ended.wait(20)
    desk.scheduler.close()
    assert done[:6] == ["long", "short"] * 3
    assert len(done) == 53


def test_who_moves_puts_idle_work_off() -> None:
    desk = Desk()
    begun = time.monotonic()
    desk.scheduler.put_off()
    desk.scheduler.do_while_idle("p", desk.work())
    while time.monotonic() - begun < 0.8:
        desk.scheduler.put_off()
        time.sleep(0.05)
    assert desk.done == []
    assert desk.ended.wait(20)
    desk.scheduler.close()


def test_who_moves_one_widget_puts_off_the_idle_work_of_others() -> None:
    desk, other = Desk(), Desk()
    desk.scheduler.put_off()
    desk.scheduler.do_while_idle("p", desk.work())
    asked: list[tuple[float, float]] = []  # from when to when
    while len(asked) < 16:
        begun = time.monotonic()
        other.ask()
        asked.append((begun, time.monotonic()))
        time.sleep(0.05)
    assert desk.ended.wait(20)
    for one in (desk, other):
        one.scheduler.close()
    # Where this machine is busy, one question may replace another.
    assert [what for what, _ in other.done].count("frame") > 8
    # Where this thread itself was kept waiting, nobody asked for so long.
    for _, when in desk.done:
        ever = (begun for begun, ended in asked if ended <= when)
        last = max(ever, default=when - IDLE_SECONDS)
        assert when - last >= IDLE_SECONDS - 0.01


def test_strips_of_one_widget_put_off_no_idle_work_of_others() -> None:
    desk, other = Desk(), Desk()
    desk.scheduler.do_while_idle("p", desk.work())
    begun = time.monotonic()
    while not desk.ended.is_set():
        assert time.monotonic() - begun < 10, "strips came first all the time"
        other.ask(strip=True)
        time.sleep(0.05)
    for one in (desk, other):
        one.scheduler.close()


def test_what_is_asked_in_a_step_is_answered_before_its_next_call_of_a_model() -> None:
    desk, lock = Desk(), ModelLock((object(),))

    def call(number: int) -> None:
        if number == 1:
            desk.ask(strip=True)
            desk.ask()
        desk.done.append((f"call {number}", time.monotonic()))

    def work() -> Iterator[None]:
        for number in range(3):  # a model that calls itself is not interrupted
            lock.run(partial(lock.run, call), number)
        yield
        desk.ended.set()

    desk.scheduler.do_while_idle("p", work())
    assert desk.ended.wait(20)
    desk.scheduler.close()
    assert [what for what, _ in desk.done] == ["call 0", "call 1", "frame", "frame", "call 2"]
    assert desk.done[4][1] - desk.done[3][1] >= IDLE_SECONDS - 0.01


def test_a_step_that_waits_ends_with_the_scheduler() -> None:
    desk, lock = Desk(), ModelLock((object(),))
    waiting = threading.Event()

    def call(number: int) -> None:
        desk.scheduler.put_off()
        waiting.set()

    def work() -> Iterator[None]:
        lock.run(call, 0)
        while not desk.ended.wait(0):
            lock.run(call, 1)
        yield

    desk.scheduler.do_while_idle("p", work())
    assert waiting.wait(20)
    [thread] = [one for one in threading.enumerate() if one.name == "latentwidgets-decode"]
    desk.scheduler.close()
    desk.ended.set()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.parametrize("of_itself", [True, False])
def test_what_plays_for_ever_keeps_no_idle_work_waiting(*, of_itself: bool) -> None:
    space = lw.LatentSpace(lambda z: z[:, :1, None] * np.ones(4), 2, value_range=(0, 1))
    playing, still = (
        lw.Interpolator(space, np.eye(2), method="lerp", playing=playing)
        for playing in (True, False)
    )
    page, plays = Page((playing if of_itself else still).comm), Page(playing.comm)
    page.ask(type="changes", at=[0.0])
    begun = time.monotonic()
    while not page.messages:
        assert time.monotonic() - begun < 10, "it plays on, and nothing else is done"
        plays.set(value=(time.monotonic() - begun) % 1, _seen={"value": 0})
        time.sleep(0.05)
    assert page.answer()[0]["type"] == "changes"
    assert playing.playing
    for one in (playing, still):
        one.close()


def test_who_drags_puts_off_the_idle_work_of_other_widgets() -> None:
    space = lw.LatentSpace(lambda z: z[:, :1, None] * np.ones(4), 2, value_range=(0, 1))
    dragged, other = (lw.Interpolator(space, np.eye(2), method="lerp") for _ in range(2))
    hand, page = Page(dragged.comm), Page(other.comm)
    moved = [time.monotonic()]
    hand.set(value=0.01)
    page.ask(type="changes", at=[0.0])
    while len(moved) < 17:
        moved.append(time.monotonic())
        hand.set(value=len(moved) / 20)
        if (
            page.messages
        ):  # only where this thread itself was kept waiting: nobody moved for so long
            assert time.monotonic() - moved[-3:][0] > IDLE_SECONDS
            break
        time.sleep(0.05)
    assert page.answer()[0]["type"] == "changes"
    for one in (dragged, other):
        one.close()


def test_idle_work_computes_on_one_thread_and_what_is_asked_meanwhile_on_all() -> None:
    found: list[tuple[str, int]] = []
    answered, ended = threading.Event(), threading.Event()
    model = ModelLock((object(),))

    def note(what: str) -> None:
        found.append((what, torch.get_num_threads()))

    def draw(*_: Any, **_more: Any) -> Generator[Drawn, None, None]:
        note("frame")
        answered.set()
        yield Drawn([])

    def work() -> Iterator[None]:
        note("step")
        desk.ask()
        model.run(note, "call")
        yield
        note("step")
        ended.set()

    desk = Desk()
    desk.scheduler = Scheduler(draw, lambda *_: None, lambda *_: None)
    before = torch.get_num_threads()
    torch.set_num_threads(3)  # of every thread that computes from now on
    try:
        desk.scheduler.do_while_idle("p", work())
        assert ended.wait(20)
        assert answered.wait(20)
    finally:
        torch.set_num_threads(before)
        desk.scheduler.close()
    assert found == [("step", 1), ("frame", 3), ("call", 1), ("step", 1)]


def test_idle_work_of_two_widgets_takes_turns() -> None:
    desk, other = Desk(), Desk()
    began, release, ended = (threading.Event() for _ in range(3))
    times: list[float] = []

    def long() -> Iterator[None]:
        began.set()
        assert release.wait(20)
        yield

    def work() -> Iterator[None]:
        assert began.wait(20)
        time.sleep(0.3)
        times.append(time.monotonic())
        yield
        times.append(time.monotonic())
        ended.set()

    other.scheduler.do_while_idle("p", long())
    desk.scheduler.do_while_idle("p", work())
    assert ended.wait(20)
    release.set()
    for one in (desk, other):
        one.scheduler.close()
    assert times[1] - times[0] >= 0.29, "it went on at once, beside the other"
