"""A person's own calls of a model come first: what may be wanted later holds back meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.engine.drawn import Drawn
from latentwidgets.engine.scheduler import Scheduler
from latentwidgets.frames import Frame
from latentwidgets.space import locks
from latentwidgets.space.locks import ModelLock, Rank, calling_as, seconds_to_hold_back
from tests.unit.page import Page
from tests.unit.test_engine import Desk, ask, strip, until

PATIENCE = 20
PLACES = [i / 64 for i in range(65)]


@pytest.fixture(autouse=True)
def nobody_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """No call of a test before this one counts."""
    until(lambda: seconds_to_hold_back() == 0)


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = time.monotonic()

    def monotonic(self) -> float:
        """Give the time in seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What tells how long ago a person called a model, until the test ends."""
    clock = Clock()
    monkeypatch.setattr(locks, "time", clock)
    return clock


def test_idle_calls_are_let_in_after_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    lock = ModelLock((object(),))
    gates: list[object] = []

    def gate() -> Any:
        gates.append(threading.Lock())
        return gates[-1]

    # Who has to wait has a gate, made while nobody else can ask.
    waits = SimpleNamespace(Lock=gate, get_ident=threading.get_ident)
    monkeypatch.setattr(locks, "threading", waits)
    order: list[Rank] = []
    threads: list[threading.Thread] = []

    def call(rank: Rank) -> None:
        with calling_as(rank):
            lock.run(order.append, rank)

    def hold(_: object) -> None:
        for rank in (Rank.IDLE, Rank.PAGE, Rank.IDLE, Rank.PERSON):
            threads.append(threading.Thread(target=call, args=(rank,)))
            threads[-1].start()
            until(lambda: len(gates) == len(threads))  # it has asked before the next one does

    lock.run(hold, None)
    for thread in threads:
        thread.join(PATIENCE)
    assert order == [Rank.PAGE, Rank.PERSON, Rank.IDLE, Rank.IDLE]


def test_idle_work_holds_back_for_a_persons_calls_alone(clock: Clock) -> None:
    lock, seen = ModelLock((object(),)), []

    def look(_: object) -> None:
        seen.append(seconds_to_hold_back())

    for rank in (Rank.IDLE, Rank.PAGE):
        with calling_as(rank):
            lock.run(look, None)
        look(None)
    assert seen == [0, 0, 0, 0]
    lock.run(look, None)
    assert seen[4] == locks.HOLD_BACK_SECONDS
    clock.now += 0.05
    assert seconds_to_hold_back() == pytest.approx(locks.HOLD_BACK_SECONDS - 0.05)
    clock.now += locks.HOLD_BACK_SECONDS
    assert seconds_to_hold_back() == 0


def test_what_waits_for_an_idle_call_holds_back_the_next() -> None:
    lock, holding, release = ModelLock((object(),)), threading.Event(), threading.Event()

    def hold(_: object) -> None:
        holding.set()
        release.wait(PATIENCE)

    def idle() -> None:
        with calling_as(Rank.IDLE):
            lock.run(hold, None)

    holder = threading.Thread(target=idle)
    holder.start()
    holding.wait(PATIENCE)
    assert seconds_to_hold_back() == 0
    cell = threading.Thread(target=lock.run, args=(abs, -3))
    cell.start()
    until(lambda: seconds_to_hold_back() == locks.HOLD_BACK_SECONDS)
    release.set()
    for thread in (holder, cell):
        thread.join(PATIENCE)


def test_a_strip_holds_back_and_a_question_does_not() -> None:
    desk = Desk(pause=0.02)
    desk.hold(strip(1, PLACES))
    grown: list[int] = []

    def cell(_: object) -> None:
        desk.gate.set()  # the piece under way is finished
        until(lambda: 0 < len(desk.drawn) == sum(len(at) for _, at in desk.answers))
        before = len(desk.drawn)
        time.sleep(0.2)
        grown.append(len(desk.drawn) - before)
        desk.engine.ask(ask(2, 0.123))
        until(lambda: (2, [0.123]) in desk.answers)

    ModelLock((object(),)).run(cell, None)
    assert grown == [0]
    desk.engine.ask(strip(3, PLACES))
    until(lambda: desk.answers[-1][0] == 3 and desk.drawn[-1] == 1.0)
    assert not desk.errors


def test_idle_work_and_new_strips_wait_too() -> None:
    desk, steps = Desk(), []

    def work() -> Generator[None, None, None]:
        for i in range(3):
            steps.append(i)
            yield

    def cell(_: object) -> None:
        desk.engine.ask(strip(1, PLACES))
        desk.engine.do_while_idle("page", work())
        time.sleep(0.1)
        assert (desk.drawn, steps) == ([], [])

    ModelLock((object(),)).run(cell, None)
    until(lambda: len(desk.drawn) == 65 and len(steps) == 3)


def test_a_slow_decoder_is_paused_between_two_steps() -> None:
    taken: list[float] = []
    answers: list[tuple[int, int, bool]] = []
    release = threading.Event()

    def draw(_route: str, places: Any, *_: Any, drafts: bool = False) -> Any:
        for step in range(30):
            taken.append(time.monotonic())
            if step == 3:
                assert release.wait(PATIENCE)
            time.sleep(0.02)
            yield Drawn([], more=True)
        yield Drawn([Frame(at, b"", "image/png", lossless=True) for at in places], len(places), 0.6)

    def answer(question: Any, drawn: Drawn) -> None:
        answers.append((question.seq, len(drawn.frames), drawn.more))

    engine = Scheduler(draw, answer, lambda question, error: None)
    engine.ask(strip(1, [0.5]))
    until(lambda: len(taken) > 3)
    counted: list[int] = []

    def cell(_: object) -> None:
        release.set()  # the step under way is finished
        time.sleep(0.3)
        counted.append(len(taken))

    ModelLock((object(),)).run(cell, None)
    assert counted == [4]
    until(lambda: answers == [(1, 1, False)])
    assert len(taken) == 30, "it went on where it was"


def test_a_strip_that_is_left_before_anything_came_is_answered() -> None:
    answers: list[tuple[int, int, bool]] = []
    began = threading.Event()

    def draw(_route: str, places: Any, *_: Any, drafts: bool = False) -> Any:
        if list(places) == [(0.25,)]:
            began.set()
            for _step in range(1000):
                time.sleep(0.005)
                yield Drawn([], more=True)
        yield Drawn([Frame(places[0], b"", "image/png", lossless=True)], 1, 0.5)

    def answer(question: Any, drawn: Drawn) -> None:
        answers.append((question.seq, len(drawn.frames), drawn.more))

    engine = Scheduler(draw, answer, lambda question, error: None)
    engine.ask(strip(1, [0.75]))  # which shows that the decoder is slow
    until(lambda: answers == [(1, 1, False)])
    engine.ask(strip(2, [0.25]))
    assert began.wait(PATIENCE)
    engine.ask(ask(3, 0.5))
    until(lambda: len(answers) == 3)
    # Without an end the page waits half a minute before it asks for a strip again.
    assert answers[1:] == [(2, 0, False), (3, 1, False)]


def test_a_cell_takes_no_longer_while_a_strip_is_decoded(clock: Clock) -> None:
    log: list[str] = []

    def decode(latents: Any) -> Any:
        is_cell = threading.current_thread() is threading.main_thread()
        log.append("cell" if is_cell else "strip")
        time.sleep(0.04)
        return np.clip(latents[:, :1, None] * np.ones((8, 8)), 0, 1)

    space = lw.as_space(decode, latent_shape=4, value_range=(0, 1))
    page = Page(lw.Interpolator(space, np.eye(4)[:2]).comm)
    clock.now += locks.HOLD_BACK_SECONDS
    page.ask(type="strip", positions=[[place] for place in PLACES])
    until(lambda: log.count("strip") > 2)
    log.clear()
    for _ in range(10):
        space.decode(np.eye(4)[:1])
        clock.now += 0.02
        time.sleep(0.02)  # a cell measures something in between, while idle work could begin
    assert log.count("cell") == 10
    assert log.count("strip") <= 1, "the piece that was begun before"
    clock.now += locks.HOLD_BACK_SECONDS
    until(lambda: sum(len(content["frames"]) for content, _ in page.messages) == 65)
