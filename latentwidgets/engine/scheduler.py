"""`Scheduler`: one thread that decodes the newest question first and strips in between."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from latentwidgets.common.pace import Pace
from latentwidgets.common.parallel import one_openmp_thread
from latentwidgets.engine.drawn import Drawn
from latentwidgets.engine.messages import (
    AskMessage,
    StripMessage,
)
from latentwidgets.frames import Quality
from latentwidgets.space.locks import Rank, calling_as, seconds_to_hold_back

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from latentwidgets.frames import Frame
    from latentwidgets.routes.route import Coordinates

    Question = AskMessage | StripMessage
    Steps = Generator[Drawn, None, None]
    Draw = Callable[..., Steps]
    Answer = Callable[[Question, Drawn], None]
    Fail = Callable[[Question, BaseException], None]

# A strip is decoded in pieces of about this long. A question that arrives meanwhile waits until the
# piece is done; with a slow decoder that is one frame, or as many as take little longer.
PIECE_SECONDS = 0.03
# After the answer to a question no strip is decoded for so long. On few cores, decoding would keep
# the answer from reaching the page; and a person who moves on asks again in that time.
REST_SECONDS = 0.02
# The thread ends when nothing was asked for this long; the next question starts another.
# A waiting thread would keep the decoder in memory.
LINGER_SECONDS = 2.0
# The frames of a long strip are sent on this often.
ANSWER_SECONDS = 0.15
# Idle work begins when nothing was asked, answered or moved for so long: who moves a thumb, looks,
# and moves on asks again within that time. They would wait until a step of it is done; and where
# the page decodes, it would wait for a core.
IDLE_SECONDS = 0.6
# What `next` gives for idle work that is done.
_END = object()


class Scheduler:
    """Decode what is asked on a thread of its own, never more than is still wanted.

    While somebody asks or moves, no scheduler of this process goes on with idle work: it would take
    cores and the interpreter from the answer, whichever widget it is for. Strips, for which nobody
    waits, put off the idle work of their own scheduler alone: a large grid has many.

    Strips and idle work hold back as long as a person's own code, such as a cell, runs a model.

    Parameters
    ----------
    draw : callable
        ``draw(route, positions, quality, drafts=False)`` is a generator of `Drawn`. It yields
        drafts, with `more` true; at last one frame for each position, which may be a draft too if
        `drafts` is true. It is closed when its frames are no longer wanted, paused while a newer
        question is answered, and resumed if its frames are still wanted then.
    answer : callable
        ``answer(question, drawn)``, called on the scheduler's thread; several times for a question
        with drafts, and for a long strip. A strip is cut short when a question or the page's next
        strip arrives. Frames drawn before a question are sent after its answer; those of a slow
        decoder are sent before it.
    fail : callable
        ``fail(question, error)``, called on the scheduler's thread when drawing raised.
    piece_seconds : float
        About how long one piece of a strip may take to decode, in seconds.
    """

    # When idle work may begin of all schedulers, as they share cores and the interpreter.
    _all_idle_from: ClassVar[float] = 0.0
    # Those of all schedulers that do a step of idle work just now.
    _stepping: ClassVar[set[Scheduler]] = set()

    def __init__(
        self, draw: Draw, answer: Answer, fail: Fail, *, piece_seconds: float = PIECE_SECONDS
    ) -> None:
        self._draw, self._answer, self._fail = draw, answer, fail
        self._wake = threading.Condition()
        # Questions and strips that wait, by page, the newest last.
        self._questions: dict[str, AskMessage] = {}
        self._strips: dict[str, StripMessage] = {}
        # The question that is being answered; None also if its answer is no longer wanted.
        self._current: AskMessage | None = None
        # Questions paused while newer ones are answered, by page, the newest last.
        self._left: dict[str, tuple[AskMessage, Steps]] = {}
        # Paused questions whose answers are no longer wanted; their steps are to be closed.
        self._unwanted: list[tuple[AskMessage, Steps]] = []
        # Strips that a question cut short, with what had been drawn of them.
        self._cut: list[tuple[StripMessage, Drawn]] = []
        # What is done as soon as no frame is asked for, by page.
        self._soon: dict[str, Callable[[], object]] = {}
        # Idle work, by page: done step by step while nothing else waits.
        self._idle: dict[str, Iterator[None]] = {}
        # When that of this scheduler may begin.
        self._idle_from = 0.0
        self._thread: threading.Thread | None = None
        self._closed = False
        # Of strips for which drafts were good enough, and of those for which they were not.
        self._paces = {True: Pace(piece_seconds), False: Pace(piece_seconds)}
        self._rest_until = 0.0
        self._may_rest = False  # one pause per strip, so that questions cannot starve strips

    def ask(self, question: Question) -> None:
        """Put a question; it replaces the waiting one of the same kind and page."""
        with self._wake:
            if self._closed:
                return
            waiting: dict[str, Any] = self._strips
            if isinstance(question, AskMessage):
                waiting = self._questions
                self._give_up(question.client)
            waiting.pop(question.client, None)  # so that the newest is the last
            waiting[question.client] = question
            self._put_off_for(question)
            self._start()

    def put_off(self) -> None:
        """Leave idle work alone for a moment, in the whole process, as somebody moves."""
        Scheduler._all_idle_from = time.monotonic() + IDLE_SECONDS

    def _put_off_for(self, question: Question) -> None:
        self._idle_from = time.monotonic() + IDLE_SECONDS
        if isinstance(question, AskMessage):
            self.put_off()

    def do_soon(self, client: str, act: Callable[[], object]) -> None:
        """Do something before any strip; it replaces what waits of the page.

        Parameters
        ----------
        client : str
            The page.
        act : callable
            Called on the scheduler's thread. It must raise nothing.
        """
        with self._wake:
            if not self._closed:
                self._soon[client] = act
                self._start()

    def do_while_idle(self, client: str, steps: Iterator[None]) -> None:
        """Go through some steps while nothing else waits; they replace the idle work of the page.

        Idle work of several pages is done step by step in turn.

        Parameters
        ----------
        client : str
            The page.
        steps : iterator
            Each step is one `next`, on the scheduler's thread. It must raise nothing.
        """
        with self._wake:
            if not self._closed:
                self._idle[client] = steps
                self._start()

    def _start(self) -> None:
        """Wake the thread; start one if there is none. The lock is held."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(
                target=self._work, name="latentwidgets-decode", daemon=True
            )
            self._thread.start()
        self._wake.notify()

    def stop(self, client: str) -> None:
        """Drop the question for an exact frame that a page asked last, even half answered."""
        with self._wake:
            self._questions.pop(client, None)
            self._give_up(client)
            self._wake.notify()

    def close(self) -> None:
        """Drop what waits and let go of the decoder; later questions are ignored."""
        with self._wake:
            self._closed = True
            self._questions.clear()
            self._strips.clear()
            self._cut.clear()
            self._soon.clear()
            self._idle.clear()
            for client in list(self._left):
                self._give_up(client)
            self._current = None
            self._draw = self._answer = self._fail = _nothing
            self._wake.notify()

    def _give_up(self, client: str) -> None:
        """Have the page's older question stopped, whether it is being answered or is paused."""
        if self._current is not None and self._current.client == client:
            self._current = None
        if client in self._left:
            self._unwanted.append(self._left.pop(client))

    def _next(
        self, *, until_idle: bool = False
    ) -> tuple[Question | None, Callable[[], object]] | None:
        """Wait for what is next: return a question, and what to do about it.

        The question is None for what is no frame. None alone ends the thread; or, until idle, it
        says that idle work is next.
        """
        with self._wake:
            deadline = time.monotonic() + LINGER_SECONDS
            while self._unwanted or not self._closed:
                if self._unwanted:
                    question, steps = self._unwanted.pop()
                    return question, steps.close
                if self._questions:
                    question = self._questions.popitem()[1]
                    self._current = question
                    return question, partial(self._decode, question)
                if self._left:
                    question, steps = self._left.popitem()[1]
                    self._current = question
                    return question, partial(self._decode, question, steps)
                if self._soon:
                    return None, partial(self._do_soon, next(iter(self._soon)))
                more = self._cut or self._strips or self._idle
                left = (self._rest_until if more else deadline) - time.monotonic()
                if more and not self._cut:
                    left = max(left, seconds_to_hold_back())
                if more and not (self._cut or self._strips):
                    idle_from = max(self._idle_from, self._all_idle_from)
                    left = max(left, idle_from - time.monotonic())
                if left > 0:
                    self._wake.wait(left)
                elif self._cut:
                    cut, drawn = self._cut.pop(0)
                    return cut, partial(self._answer, cut, drawn)
                elif self._strips:
                    strip = self._strips.popitem()[1]
                    return strip, partial(self._decode_strip, strip)
                elif self._idle and until_idle:
                    return None
                elif self._idle:
                    return None, partial(self._do_step, next(iter(self._idle)))
                else:
                    break
            if not until_idle:
                self._thread = None
            return None

    def _work(self, *, until_idle: bool = False) -> None:
        while (following := self._next(until_idle=until_idle)) is not None:
            question, act = following
            rank = Rank.PAGE if isinstance(question, AskMessage) else Rank.IDLE
            try:
                with calling_as(rank):
                    act()
            # Whatever a decoder raises, SystemExit too, is shown, and the thread lives on.
            except BaseException as error:
                if question is None:
                    raise
                self._fail(question, error)
            if question is not None:
                self._put_off_for(question)
            del following, act  # which hold the decoder

    def _do_soon(self, client: str) -> None:
        """Do what a page waits for; nobody is idle meanwhile."""
        act = self._soon.pop(client, None)
        with calling_as(Rank.PAGE):
            if act is not None:
                act()
        self.put_off()

    def _do_step(self, client: str) -> None:
        """Do one step of idle work; the page may have replaced it meanwhile.

        Whose turn it was is the last of those that wait: long work keeps no short work waiting.
        """
        steps = self._idle.get(client)
        if steps is None:
            return
        # A core is left for what a person does next: a step computes on one thread (products of
        # NumPy keep theirs), and steps of several schedulers begin to take turns.
        start = time.monotonic()
        Scheduler._stepping.add(self)
        try:
            with one_openmp_thread() as several:

                def answer_first() -> None:
                    with several():
                        self._work(until_idle=True)

                # A step may call a slow model several times: what is asked for meanwhile is done
                # between two calls.
                with calling_as(Rank.IDLE, answer_first):
                    done = next(steps, _END) is _END
        finally:
            beside = len(Scheduler._stepping) > 1
            Scheduler._stepping.discard(self)
        if beside:
            self._idle_from = max(self._idle_from, 2 * time.monotonic() - start)
        with self._wake:
            if self._idle.get(client) is steps:
                del self._idle[client]
                if not done:
                    self._idle[client] = steps

    def _decode(self, question: AskMessage, steps: Steps | None = None) -> None:
        """Answer a question, or go on with one that was paused."""
        quality = Quality.RAW if question.fast else Quality.LOSSLESS
        steps = steps or self._draw(question.route, [question.at], quality)
        for drawn in steps:
            if drawn.more and self._current is not question:
                steps.close()
                return
            if drawn.frames or not drawn.more:
                self._answer(question, drawn)
            with self._wake:
                if drawn.more and self._questions and self._current is question:
                    self._current = None
                    self._left[question.client] = question, steps
                    return
        if self._may_rest:
            self._may_rest = False
            self._rest_until = time.monotonic() + REST_SECONDS

    def _decode_strip(self, strip: StripMessage) -> None:
        self._may_rest = True
        frames: list[Frame] = []
        decoded, seconds = 0, 0.0
        done, since, pace = 0, time.monotonic(), self._paces[strip.drafts]

        def send(*, more: bool) -> None:
            nonlocal frames, decoded, seconds, since
            sent = Drawn(frames, decoded, seconds, more=more)
            frames, decoded, seconds, since = [], 0, 0.0, time.monotonic()
            self._answer(strip, sent)

        try:
            while done < len(strip.positions):
                if frames and seconds_to_hold_back() > 0:
                    send(more=True)  # this may take as long as a cell does
                if self._gives_way(strip):
                    break
                piece = strip.positions[done : done + pace.size]
                drawn = self._draw_piece(strip, piece)
                done += len(piece)
                if drawn.more:
                    pace.stopped()
                elif drawn.decoded:  # frames that had been kept say nothing about the decoder
                    pace.took(drawn.decoded, drawn.seconds)
                frames += drawn.frames
                decoded, seconds = decoded + drawn.decoded, seconds + drawn.seconds
                with self._wake:
                    slow = pace.frame_seconds > ANSWER_SECONDS or any(
                        frame.draft for frame in frames
                    )
                    if self._questions and not slow:
                        # The question goes first: sending these frames now would delay its answer.
                        self._cut.append((strip, Drawn(frames, decoded, seconds)))
                        return
                    if self._is_disturbed(strip):
                        break
                if time.monotonic() - since > ANSWER_SECONDS and done < len(strip.positions):
                    send(more=True)
        except BaseException:  # an error in one piece does not lose those before it
            if frames:
                send(more=False)
            raise
        send(more=False)  # though there be no frames: the page waits for an end

    def _draw_piece(self, strip: StripMessage, piece: Sequence[Coordinates]) -> Drawn:
        """Draw a piece of a strip; if it is interrupted, return the latest drafts."""
        latest = Drawn([])
        steps = self._draw(strip.route, piece, Quality.STRIP, drafts=strip.drafts)
        for drawn in steps:
            latest = drawn if drawn.frames else latest
            if drawn.more and self._gives_way(strip):
                steps.close()
                break
        return latest

    def _gives_way(self, strip: StripMessage) -> bool:
        """Wait while a person's own code runs a model; tell whether the strip was disturbed."""
        with self._wake:
            while not self._is_disturbed(strip) and (left := seconds_to_hold_back()) > 0:
                self._wake.wait(left)
            return self._is_disturbed(strip)

    def _is_disturbed(self, strip: StripMessage) -> bool:
        """Tell whether a question waits, or the page wants another strip."""
        return bool(self._questions or self._soon) or strip.client in self._strips or self._closed


def _nothing(*_: object, **_how: object) -> Any:
    return iter(())
