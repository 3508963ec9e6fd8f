"""The engine: one thread that decodes the newest question first and strips in between."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from latentwidgets.frames import Quality

from .questions import Question, StripQuestion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from latentwidgets.frames import Frame

    from .questions import Coordinates

    Draw = Callable[[str, Sequence[Coordinates], Quality], "Drawn"]
    Answer = Callable[[Question | StripQuestion, "Drawn"], None]
    Fail = Callable[[Question | StripQuestion, BaseException], None]

# A piece of a strip is decoded in batches of about this long, so that a question that
# arrives meanwhile never waits longer.
PIECE_SECONDS = 0.03
# The thread ends when nothing was asked for this long; the next question starts another.
# A thread at rest would keep the decoder alive.
LINGER_SECONDS = 2.0


class Drawn(NamedTuple):
    """Frames, and what they cost.

    Attributes
    ----------
    frames : list of Frame
        One for each position that was asked for.
    decoded : int
        How many of them were decoded now; the others had been kept.
    seconds : float
        How long that took.
    """

    frames: list[Frame]
    decoded: int = 0
    seconds: float = 0.0


class Engine:
    """Decode what is asked on a thread of its own, never more than is still wanted.

    Parameters
    ----------
    draw : callable
        ``draw(line, positions, quality)`` returns one frame for each position, as `Drawn`.
    answer : callable
        ``answer(question, drawn)``, called on the engine's thread. For a strip it may be only
        the first of the positions: the rest is dropped when a question arrives, or the page's
        next strip.
    fail : callable
        ``fail(question, error)``, called on the engine's thread when drawing raised.
    """

    def __init__(self, draw: Draw, answer: Answer, fail: Fail) -> None:
        self._draw, self._answer, self._fail = draw, answer, fail
        self._wake = threading.Condition()
        # What waits, by page, the newest last.
        self._questions: dict[str, Question | StripQuestion] = {}
        self._strips: dict[str, Question | StripQuestion] = {}
        self._thread: threading.Thread | None = None
        self._closed = False
        self._pace = PIECE_SECONDS  # seconds a frame of the last strip took

    def ask(self, question: Question | StripQuestion) -> None:
        """Put a question: it replaces the one of its kind that its page has waiting."""
        with self._wake:
            if self._closed:
                return
            waiting = self._questions if isinstance(question, Question) else self._strips
            waiting.pop(question.client, None)  # so that the newest is the last
            waiting[question.client] = question
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
            self._draw = self._answer = self._fail = _nothing
            self._wake.notify()

    def _next(self) -> Question | StripQuestion | None:
        with self._wake:
            deadline = time.monotonic() + LINGER_SECONDS
            while not self._closed:
                if self._questions:
                    return self._questions.popitem()[1]
                if self._strips:
                    return self._strips.popitem()[1]
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._wake.wait(left)
            self._thread = None
            return None

    def _work(self) -> None:
        while (question := self._next()) is not None:
            try:
                if isinstance(question, Question):
                    self._decode(question)
                else:
                    self._decode_strip(question)
            # Whatever a decoder raises, SystemExit too, is shown, and the thread lives on.
            except BaseException as error:
                self._fail(question, error)

    def _decode(self, question: Question) -> None:
        quality = Quality.RAW if question.fast else Quality.LOSSLESS
        drawn = self._draw(question.line, [question.at], quality)
        self._answer(question, drawn)

    def _decode_strip(self, strip: StripQuestion) -> None:
        frames: list[Frame] = []
        decoded, seconds = 0, 0.0
        try:
            while len(frames) < len(strip.positions):
                size = max(1, int(PIECE_SECONDS / max(self._pace, 1e-4)))
                piece = strip.positions[len(frames) : len(frames) + size]
                drawn = self._draw(strip.line, piece, Quality.STRIP)
                frames += drawn.frames
                if drawn.decoded:  # frames that had been kept say nothing about the decoder
                    self._pace = drawn.seconds / drawn.decoded
                decoded, seconds = decoded + drawn.decoded, seconds + drawn.seconds
                with self._wake:
                    # The page wants another strip now: of the control that was grabbed.
                    replaced = strip.client in self._strips
                    if self._questions or replaced or self._closed:
                        break
        finally:  # an error in one piece does not lose those before it
            if frames:
                self._answer(strip, Drawn(frames, decoded, seconds))


def _nothing(*_: object) -> Any:
    return Drawn([])
