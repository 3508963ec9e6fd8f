"""`Scheduler`: one thread that decodes the newest question first and strips in between."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from latentwidgets.engine.drawn import Drawn
from latentwidgets.engine.messages import AskMessage, StripMessage
from latentwidgets.frames import Quality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from latentwidgets.frames import Frame
    from latentwidgets.routes.route import Coordinates

    Draw = Callable[[str, Sequence[Coordinates], Quality], "Drawn"]
    Answer = Callable[[AskMessage | StripMessage, "Drawn"], None]
    Fail = Callable[[AskMessage | StripMessage, BaseException], None]

# A piece of a strip is decoded in batches of about this long, so that a question that
# arrives meanwhile never waits longer.
PIECE_SECONDS = 0.03
# Strips rest for so long after an answer: the answer reaches the page sooner where cores are few,
# and a hand that moves on asks again meanwhile.
REST_SECONDS = 0.02
# The thread ends when nothing was asked for this long; the next question starts another.
# A thread at rest would keep the decoder alive.
LINGER_SECONDS = 2.0
# The frames of a long strip are sent on this often.
ANSWER_SECONDS = 0.15
# What steps that are done while idle end with.
_END = object()


class Scheduler:
    """Decode what is asked on a thread of its own, never more than is still wanted.

    Parameters
    ----------
    draw : callable
        ``draw(line, positions, quality)`` returns one frame for each position, as `Drawn`.
    answer : callable
        ``answer(question, drawn)``, called on the scheduler's thread; several times for a long
        strip. All of that may be only the first of the positions: the rest is dropped when a
        question arrives, or the page's next strip. What had been drawn when a question arrives
        follows its answer, unless the decoder is slow.
    fail : callable
        ``fail(question, error)``, called on the scheduler's thread when drawing raised.
    piece_seconds : float
        How long to decode at a time for a strip.
    """

    def __init__(
        self, draw: Draw, answer: Answer, fail: Fail, *, piece_seconds: float = PIECE_SECONDS
    ) -> None:
        self._draw, self._answer, self._fail = draw, answer, fail
        self._piece_seconds = piece_seconds
        self._wake = threading.Condition()
        # What waits, by page, the newest last.
        self._questions: dict[str, AskMessage | StripMessage] = {}
        self._strips: dict[str, AskMessage | StripMessage] = {}
        # Strips that a question cut short, with what had been drawn of them.
        self._cut: list[tuple[StripMessage, Drawn]] = []
        # What is done step by step while nothing else waits, by page.
        self._idle: dict[str, Iterator[None]] = {}
        self._thread: threading.Thread | None = None
        self._closed = False
        self._pace = PIECE_SECONDS  # seconds a frame of the last strip took
        self._rest_until = 0.0
        self._may_rest = False  # once for each strip: it gets on whatever is asked

    def ask(self, question: AskMessage | StripMessage) -> None:
        """Put a question: it replaces the one of its kind that its page has waiting."""
        with self._wake:
            if self._closed:
                return
            waiting = self._questions if isinstance(question, AskMessage) else self._strips
            waiting.pop(question.client, None)  # so that the newest is the last
            waiting[question.client] = question
            self._start()

    def do_while_idle(self, client: str, steps: Iterator[None]) -> None:
        """Go through some steps while nothing else waits, in place of those of the same page.

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
        """Wake the thread; start one where there is none. The lock is held."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(
                target=self._work, name="latentwidgets-decode", daemon=True
            )
            self._thread.start()
        self._wake.notify()

    def close(self) -> None:
        """Drop what waits and let go of the decoder; later questions are ignored."""
        with self._wake:
            self._closed = True
            self._questions.clear()
            self._strips.clear()
            self._cut.clear()
            self._idle.clear()
            self._draw = self._answer = self._fail = _nothing
            self._wake.notify()

    def _next(self) -> tuple[AskMessage | StripMessage | str, Drawn | None] | None:
        """Wait for what is next: a question, and what has been drawn for it already.

        Where nothing is asked, it is the page for which there is something to do while idle.
        """
        with self._wake:
            deadline = time.monotonic() + LINGER_SECONDS
            while not self._closed:
                if self._questions:
                    return self._questions.popitem()[1], None
                more = self._cut or self._strips or self._idle
                left = (self._rest_until if more else deadline) - time.monotonic()
                if left > 0:
                    self._wake.wait(left)
                elif self._cut:
                    return self._cut.pop(0)
                elif self._strips:
                    return self._strips.popitem()[1], None
                elif self._idle:
                    return next(iter(self._idle)), None
                else:
                    break
            self._thread = None
            return None

    def _work(self) -> None:
        while (following := self._next()) is not None:
            question, drawn = following
            if isinstance(question, str):
                self._do_step(question)
                continue
            try:
                if drawn is not None:
                    self._answer(question, drawn)
                elif isinstance(question, AskMessage):
                    self._decode(question)
                else:
                    self._decode_strip(question)
            # Whatever a decoder raises, SystemExit too, is shown, and the thread lives on.
            except BaseException as error:
                self._fail(question, error)

    def _do_step(self, client: str) -> None:
        """Do one step of what is done while idle; the page may have something else done by then."""
        steps = self._idle.get(client)
        if steps is not None and next(steps, _END) is _END:
            with self._wake:
                if self._idle.get(client) is steps:
                    del self._idle[client]

    def _decode(self, question: AskMessage) -> None:
        quality = Quality.RAW if question.fast else Quality.LOSSLESS
        drawn = self._draw(question.line, [question.at], quality)
        self._answer(question, drawn)
        if self._may_rest:
            self._may_rest = False
            self._rest_until = time.monotonic() + REST_SECONDS

    def _decode_strip(self, strip: StripMessage) -> None:
        self._may_rest = True
        frames: list[Frame] = []
        decoded, seconds = 0, 0.0
        done, since = 0, time.monotonic()
        try:
            while done < len(strip.positions):
                size = max(1, int(self._piece_seconds / max(self._pace, 1e-4)))
                piece = strip.positions[done : done + size]
                drawn = self._draw(strip.line, piece, Quality.STRIP)
                done += len(piece)
                if drawn.decoded:  # frames that had been kept say nothing about the decoder
                    self._pace = drawn.seconds / drawn.decoded
                frames += drawn.frames
                decoded, seconds = decoded + drawn.decoded, seconds + drawn.seconds
                with self._wake:
                    if self._questions and self._pace < ANSWER_SECONDS:
                        # First what a person waits for: these frames would be in its way.
                        self._cut.append((strip, Drawn(frames, decoded, seconds)))
                        frames = []
                        break
                    # The page wants another strip now: of the control that was grabbed.
                    replaced = strip.client in self._strips
                    if self._questions or replaced or self._closed:
                        break
                if time.monotonic() - since > ANSWER_SECONDS and done < len(strip.positions):
                    self._answer(strip, Drawn(frames, decoded, seconds, more=True))
                    frames, decoded, seconds, since = [], 0, 0.0, time.monotonic()
        finally:  # an error in one piece does not lose those before it
            if frames:
                self._answer(strip, Drawn(frames, decoded, seconds))


def _nothing(*_: object) -> Any:
    return Drawn([])
