"""The engine: newest first, strips in between, nothing decoded that nobody waits for."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable, Generator, Sequence
from typing import Any

import pytest

from latentwidgets.engine import (
    AskMessage,
    Drawn,
    FrameCache,
    LatentMessage,
    Scheduler,
    StopMessage,
    StripMessage,
    parse,
)
from latentwidgets.engine.cache import KeptFrames
from latentwidgets.errors import LatentValueError
from latentwidgets.frames import Frame, Quality

Coordinates = tuple[float, ...]


def ask(seq: int, t: float, client: str = "page") -> AskMessage:
    return AskMessage(client, seq, "route", (t,), fast=False)


def strip(seq: int, positions: Sequence[float], client: str = "page") -> StripMessage:
    return StripMessage(client, seq, "route", tuple((t,) for t in positions), drafts=True)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)


class Desk:
    """An engine with a decoder that waits until it is let go, and all that it answered."""

    def __init__(self, pause: float = 0.0) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.began = threading.Event()
        self.pause = pause
        self.drawn: list[float] = []
        self.threads: set[int] = set()
        self.answers: list[tuple[int, list[float]]] = []
        self.times: list[float] = []
        self.errors: list[tuple[int, str]] = []
        self.broken: set[float] = set()
        self.kept: set[float] = set()
        self.sizes: list[int] = []
        self.engine = Scheduler(self.draw, self.answer, self.fail)

    def draw(
        self,
        route: str,
        positions: Sequence[Coordinates],
        quality: Quality,
        *,
        drafts: bool = False,
    ) -> Generator[Drawn, None, None]:
        self.began.set()
        assert self.gate.wait(20)
        self.threads.add(threading.get_ident())
        for (t,) in positions:
            if t in self.broken:
                raise ValueError(f"no picture at {t}")
        new = [at for at in positions if at[0] not in self.kept]
        time.sleep(self.pause * len(new))
        self.drawn += [t for (t,) in positions]
        self.sizes.append(len(positions))
        frames = [Frame(at, b"picture", "image/png", lossless=True) for at in positions]
        yield Drawn(frames, len(new), self.pause * len(new))

    def answer(self, question: Any, drawn: Drawn) -> None:
        self.times.append(time.monotonic())
        self.answers.append((question.seq, [frame.at[0] for frame in drawn.frames]))

    def fail(self, question: Any, error: BaseException) -> None:
        self.errors.append((question.seq, str(error)))

    def hold(self, question: AskMessage | StripMessage) -> None:
        """Ask, and keep the engine busy with it until the gate opens."""
        self.gate.clear()
        self.began.clear()
        self.engine.ask(question)
        assert self.began.wait(20)


def test_the_newest_question_replaces_those_that_wait() -> None:
    desk = Desk()
    desk.hold(ask(1, 0.1))
    for seq in range(2, 50):
        desk.engine.ask(ask(seq, seq / 100))
    desk.gate.set()
    until(lambda: len(desk.answers) == 2)
    assert desk.answers == [(1, [0.1]), (49, [0.49])]


def test_each_page_keeps_its_own_question_and_the_newest_comes_first() -> None:
    desk = Desk()
    desk.hold(ask(1, 0.1))
    desk.engine.ask(ask(2, 0.2, client="other"))
    desk.engine.ask(ask(3, 0.3))
    desk.gate.set()
    until(lambda: len(desk.answers) == 3)
    assert [seq for seq, _ in desk.answers] == [1, 3, 2]


def test_a_question_goes_before_a_strip_and_cuts_one_short() -> None:
    desk = Desk()
    positions = [i / 640 for i in range(640)]
    desk.hold(strip(1, positions))
    desk.engine.ask(ask(2, 0.777))
    desk.gate.set()
    until(lambda: len(desk.answers) == 2)
    first, (second, part) = desk.answers
    assert (first, second) == ((2, [0.777]), 1), "the person is answered first"
    assert part == positions[: len(part)]
    assert 0 < len(part) < 640
    assert desk.drawn == [*part, 0.777], "what had been drawn is not drawn again"


def test_what_was_drawn_of_a_strip_is_sent_though_the_page_wants_another() -> None:
    desk = Desk()
    desk.hold(strip(1, [i / 640 for i in range(640)]))
    desk.engine.ask(strip(2, [0.001]))
    desk.engine.ask(ask(3, 0.777))
    desk.gate.set()
    until(lambda: len(desk.answers) == 3)
    assert [seq for seq, _ in desk.answers] == [3, 1, 2]


def test_frames_of_a_slow_decoder_do_not_wait_for_the_next() -> None:
    desk = Desk(pause=0.2)
    desk.hold(strip(1, [0.1, 0.2, 0.3]))
    desk.engine.ask(ask(2, 0.777))
    desk.gate.set()
    until(lambda: len(desk.answers) == 2)
    assert [seq for seq, _ in desk.answers] == [1, 2]


def test_after_an_answer_a_strip_rests_but_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latentwidgets.engine.scheduler.REST_SECONDS", 0.5)
    desk = Desk()
    desk.hold(strip(1, [i / 640 for i in range(640)]))
    desk.engine.ask(ask(2, 0.2))
    desk.gate.set()
    until(lambda: len(desk.answers) == 1)
    for seq in range(3, 10_000):  # somebody asks on and on
        desk.engine.ask(ask(seq, seq / 10_000))
        until(lambda seq=seq: (seq, [seq / 10_000]) in desk.answers)  # type: ignore[misc]
        if 1 in dict(desk.answers):
            break
    seqs = [seq for seq, _ in desk.answers]
    assert desk.times[seqs.index(1)] - desk.times[0] >= 0.5
    assert seqs.index(1) > 1, "questions need not wait meanwhile"


def test_a_strip_gives_way_to_the_next_of_its_page() -> None:
    desk = Desk(pause=0.02)
    desk.engine.ask(strip(1, [i / 64 for i in range(65)]))
    until(lambda: len(desk.drawn) > 1)
    desk.engine.ask(strip(2, [0.001, 0.002]))
    until(lambda: len(desk.answers) == 2)
    (first, part), second = desk.answers
    assert (first, second) == (1, (2, [0.001, 0.002]))
    assert len(part) < 65


def test_a_strip_is_answered_whole_when_nobody_interrupts() -> None:
    desk = Desk()
    positions = [i / 8 for i in range(9)]
    desk.engine.ask(strip(1, positions))
    until(lambda: bool(desk.answers))
    assert desk.answers == [(1, positions)]


def test_decoding_runs_on_one_thread_that_is_not_this_one() -> None:
    desk = Desk()
    for seq in range(5):
        desk.engine.ask(ask(seq, 0.5))
        until(lambda seq=seq: len(desk.answers) == seq + 1)  # type: ignore[misc]
    assert len(desk.threads) == 1
    assert threading.get_ident() not in desk.threads


def test_frames_that_had_been_kept_say_nothing_about_the_decoder() -> None:
    desk = Desk(pause=0.04)
    desk.kept = {i / 64 for i in range(32)}
    desk.engine.ask(strip(1, [i / 64 for i in range(36)]))
    until(lambda: bool(desk.answers))
    assert max(desk.sizes) <= 2, "a slow decoder is asked for one frame at a time, once for two"


@pytest.mark.slow
def test_a_question_as_the_thread_goes_to_rest_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("latentwidgets.engine.scheduler.LINGER_SECONDS", 0.01)
    desk = Desk()
    for seq in range(300):
        desk.engine.ask(ask(seq, seq / 300))
        until(lambda seq=seq: len(desk.answers) == seq + 1)  # type: ignore[misc]
        time.sleep(0.009 + (seq % 5) * 0.001)


def test_an_error_is_passed_on_and_the_engine_lives() -> None:
    desk = Desk()
    desk.broken = {0.2}
    desk.engine.ask(ask(1, 0.2))
    until(lambda: bool(desk.errors))
    desk.engine.ask(ask(2, 0.3))
    until(lambda: bool(desk.answers))
    assert desk.errors == [(1, "no picture at 0.2")]
    assert desk.answers == [(2, [0.3])]


def test_frames_before_the_error_in_a_strip_are_not_lost() -> None:
    desk = Desk(pause=0.04)
    desk.broken = {0.75}
    desk.engine.ask(strip(1, [0.0, 0.5, 0.6, 0.75, 1.0]))
    until(lambda: bool(desk.errors))
    assert desk.answers == [(1, [0.0, 0.5, 0.6])]


def test_closing_lets_go_of_the_decoder_and_of_what_waits() -> None:
    desk, before = Desk(), set(threading.enumerate())
    desk.hold(ask(1, 0.1))
    started = set(threading.enumerate()) - before
    [thread] = [one for one in started if one.name == "latentwidgets-decode"]
    desk.engine.ask(ask(2, 0.2))
    desk.engine.close()
    desk.gate.set()
    desk.engine.ask(ask(3, 0.3))
    engine, decoder = desk.engine, weakref.ref(desk)
    answers = desk.answers
    del desk
    until(lambda: (gc.collect(), decoder() is None)[1])
    engine.ask(ask(4, 0.4))
    assert answers == []
    thread.join(1)  # which is less than it would wait for another question
    assert not thread.is_alive()


UNIT = [(0.0, 1.0)]
ASK = {"type": "ask", "client": "p", "seq": 1, "route": "a"}
ASK |= {"at": [0.5], "fast": False}
STRIP = {"type": "strip", "client": "p", "seq": 1, "route": "a", "positions": [[0.5]]}
STRIP |= {"drafts": True}


@pytest.mark.parametrize("message", [None, [], "ask", {}, {"type": "ask"}, {**ASK, "type": "run"}])
def test_what_is_no_question_is_refused(message: object) -> None:
    with pytest.raises(LatentValueError, match="expected"):
        parse(message, bounds=UNIT)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seq", True),
        ("seq", -1),
        ("client", ""),
        ("route", "a" * 65),
        ("at", None),
        ("at", 0.5),
        ("at", [0.5, 1]),
        ("at", ["0.5"]),
        ("at", [True]),
        ("at", [float("nan")]),
        ("at", [10**400]),
        ("at", [-0.1]),
        ("at", [1.1]),
        ("fast", 1),
    ],
)
def test_a_question_with_garbage_in_it_is_refused(name: str, value: object) -> None:
    parse(ASK, bounds=UNIT)
    with pytest.raises(LatentValueError, match="expected"):
        parse({**ASK, name: value}, bounds=UNIT)


@pytest.mark.parametrize("drafts", [None, 0, "yes"])
def test_a_strip_says_whether_drafts_will_do(drafts: object) -> None:
    with pytest.raises(LatentValueError, match="drafts is .*expected true or false"):
        parse({**STRIP, "drafts": drafts}, bounds=UNIT)


@pytest.mark.parametrize("positions", [None, [], [[0.0]] * 2049, [0.0], [["x"]]])
def test_a_strip_with_garbage_in_it_is_refused(positions: object) -> None:
    parse(STRIP, bounds=UNIT)
    with pytest.raises(LatentValueError, match="expected"):
        parse({**STRIP, "positions": positions}, bounds=UNIT)


def test_questions_are_read() -> None:
    about = {"client": "p", "seq": 1, "route": "a"}
    asked = parse({**about, "type": "ask", "at": [1], "fast": True}, bounds=UNIT)
    assert asked == AskMessage("p", 1, "a", (1.0,), fast=True)
    ahead = {**about, "type": "strip", "positions": [[0, 1], [0.5, 1]], "drafts": False}
    strips = parse(ahead, bounds=UNIT * 2)
    assert strips == StripMessage("p", 1, "a", ((0.0, 1.0), (0.5, 1.0)), drafts=False)
    assert parse({**about, "type": "stop"}, bounds=UNIT) == StopMessage("p", 1, "a")
    latent = parse({**about, "type": "latent", "at": [0.25]}, bounds=UNIT)
    assert latent == LatentMessage("p", 1, "a", (0.25,))


def test_no_coordinates_are_a_question_only_where_they_mean_something() -> None:
    about = {**ASK, "route": "old", "at": [1, 2, 3]}
    assert parse(about, bounds=UNIT, route="new").at == (), "stale, wherever it is"  # type: ignore[union-attr]
    with pytest.raises(LatentValueError):
        parse(about, bounds=UNIT, route="old")
    assert parse({**ASK, "at": []}, bounds=UNIT, takes_empty=True).at == ()  # type: ignore[union-attr]
    for message in ({**ASK, "at": []}, {**STRIP, "positions": [[]]}):
        with pytest.raises(LatentValueError, match="expected"):
            parse(message, bounds=UNIT, takes_empty=message["type"] == "strip")


def frame(t: float, size: int = 10, *, lossless: bool = True) -> Frame:
    return Frame((t,), bytes(size), "image/png", lossless)


def test_the_cache_keeps_what_was_used_last_within_its_budget() -> None:
    cache = FrameCache(35)
    for t in (0.0, 0.5, 1.0):
        cache.put("a", frame(t))
    assert cache.get("a", (0.0,), lossless=True) is not None
    cache.put("b", frame(0.0))
    assert cache.size == 30
    assert cache.get("a", (0.5,), lossless=True) is None
    assert cache.get("a", (0.0,), lossless=True) is not None
    cache.resize(10)
    assert cache.size == 10
    cache.clear()
    assert cache.size == 0


def test_the_cache_keeps_no_more_frames_than_it_may() -> None:
    cache = FrameCache(1000, most=2)
    for t in (0.0, 0.5, 1.0):
        cache.put("a", frame(t))
    assert cache.size == 20
    assert cache.get("a", (0.0,), lossless=True) is None
    assert cache.get("a", (1.0,), lossless=True) is not None


def test_a_quarter_of_the_budget_is_for_exact_frames() -> None:
    kept = KeptFrames()
    kept.resize(400)
    for quality, most in ((Quality.LOSSLESS, 10), (Quality.STRIP, 30)):
        kept.keep("a", [frame(t / 50) for t in range(50)], quality)
        cache = kept.strips if quality is Quality.STRIP else kept.exact
        assert (len(cache), cache.size) == (most, 10 * most)


def test_a_lossy_frame_does_not_pass_for_an_exact_one() -> None:
    cache = FrameCache(100)
    cache.put("a", frame(0.5, lossless=False))
    assert cache.get("a", (0.5,), lossless=True) is None
    assert cache.get("a", (0.5,), lossless=False) is not None
    cache.put("a", frame(0.5, 20))
    assert cache.get("a", (0.5,), lossless=True) is not None
    assert cache.size == 20
