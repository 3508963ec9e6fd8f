"""`Conversation`: a page's questions in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from latentwidgets.engine import answers, messages
from latentwidgets.engine.changes import decodes_of, output_changes
from latentwidgets.engine.layers import layer_effects
from latentwidgets.engine.leakage import edit_leakage, summed_up
from latentwidgets.engine.messages import (
    AskMessage,
    ChangesMessage,
    LatentMessage,
    LayersMessage,
    LeakageMessage,
    SpeedsMessage,
    StopMessage,
    StripMessage,
)
from latentwidgets.engine.parsing import parse
from latentwidgets.engine.scheduler import PIECE_SECONDS, Scheduler
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.route import StaleError

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Generator, Iterator

    from latentwidgets.common.pieces import Steps
    from latentwidgets.engine.changes import Change
    from latentwidgets.engine.drawn import Drawn
    from latentwidgets.engine.leakage import Change as Leak
    from latentwidgets.engine.renderer import Renderer
    from latentwidgets.routes.route import Coordinates, Route

    AnyQuestion = messages.AnyQuestion
    # Finds out what is asked, step by step, and returns the answer.
    Finding = Generator[None, None, messages.IdleAnswer]
    # Takes an answer, and the bytes that go with it.
    Send = Callable[[messages.Answer, list[bytes] | None], None]

__all__ = ["Conversation"]

# What directions change is not measured where one decode takes longer than this: a question for a
# frame would wait for eleven of them. Nor where all together would take longer than this.
SLOW_SECONDS, MOST_SECONDS = 0.06, 30.0
IDLE = (LayersMessage, ChangesMessage, LeakageMessage, SpeedsMessage)
# What is asked of where the thumb is now: not wanted any more once it moves.
OF_NOW = (LayersMessage, LeakageMessage)


class Conversation:
    """Answers what pages ask about what is shown.

    Latents are answered at once. Frames are answered from the scheduler's thread, as soon as they
    are decoded; what layers, directions and edits change and how fast a path is too, while nothing
    else is asked. Some of it is given up once a frame is asked for: the page asks again when nobody
    moves.

    Parameters
    ----------
    renderer : Renderer
        Makes the frames.
    send : callable
        ``send(answer, buffers)`` sends an answer, and the bytes of its frames, to the page.
    log : logging.Logger
        Where errors and refused messages are written.
    name : str
        Name of the widget, for the log.
    said : callable
        ``said(at)`` returns what to send beside the frame at some coordinates, or None.
    code : callable
        ``code(at)`` writes Python that makes the latent at some coordinates.
    speeds : callable
        ``speeds(at)`` finds out, step by step, how fast the output changes along a path.
    piece_seconds : float
        About how long one piece of a strip may take to decode, in seconds.

    Attributes
    ----------
    begun : bool
        Whether a page has asked anything.
    """

    def __init__(
        self,
        renderer: Renderer,
        send: Send,
        *,
        log: logging.Logger,
        name: str,
        said: Callable[[Coordinates], messages.Said | None],
        code: Callable[[Coordinates], str],
        speeds: Callable[[Coordinates], Steps[messages.SpeedCurve]],
        piece_seconds: float = PIECE_SECONDS,
    ) -> None:
        self._renderer, self._send, self._said = renderer, send, said
        self._log, self._name, self._speeds, self._code = log, name, speeds, code
        self.begun = False
        self._asked = 0  # how many frames were asked for
        self._scheduler = Scheduler(
            renderer.steps, self._send_frames, self._send_error, piece_seconds=piece_seconds
        )

    def hear(self, content: object) -> None:
        """Act on a message from a page; log it if it is not a valid question."""
        shown = self._renderer.shown
        if shown is None:
            return
        route, name = shown.route, shown.name
        try:
            question = parse(
                content, bounds=route.bounds, route=name, takes_empty=route.takes_empty
            )
        except LatentValueError as error:
            self._log.warning("%s refused a message from the page: %s", self._name, error)
            return
        self.begun = True
        if isinstance(question, StopMessage):
            self._scheduler.stop(question.client)
        elif question.route != name:
            self._answer(question, answers.stale_answer(question))
        elif isinstance(question, LatentMessage):
            self._tell_latent(question)
        elif isinstance(question, IDLE):
            steps = self._while_idle(question, self._finding(question, route), self._asked)
            self._scheduler.do_while_idle(question.client, steps)
        else:
            self._asked += isinstance(question, AskMessage)
            self._scheduler.ask(question)

    def put_off(self) -> None:
        """Leave idle work alone for a moment, as somebody moves."""
        self._scheduler.put_off()

    def close(self) -> None:
        """Drop what waits; nothing is answered any more."""
        self._scheduler.close()

    def _tell_latent(self, question: LatentMessage) -> None:
        try:
            code = self._code(question.at)
        except Exception as error:
            self._send_error(question, error)
            return
        self._answer(question, answers.latent_answer(question, code))

    def _while_idle(
        self, question: messages.IdleQuestion, steps: Finding, asked: int
    ) -> Iterator[None]:
        """Find out step by step what is asked, and answer; stop where nobody waits for it."""
        try:
            while True:
                self._check_wanted(question, asked)
                try:
                    next(steps)
                except StopIteration as end:
                    answer = end.value
                    break
                yield
            self._check_wanted(question, asked)
        except (Exception, SystemExit) as error:
            self._send_error(question, error)
            return
        self._answer(question, answer)

    def _check_wanted(self, question: messages.IdleQuestion, asked: int) -> None:
        """Raise where another route is shown, or a frame was asked for since and it is for now."""
        self._renderer.route(question.route)
        if self._asked != asked and isinstance(question, OF_NOW):
            raise StaleError("a frame is asked for.")

    def _finding(self, question: messages.IdleQuestion, route: Route) -> Finding:
        """Find out what is asked, and return the answer."""
        space = self._renderer.space
        if isinstance(question, ChangesMessage):
            return (yield from self._look_at_changes(question, route))
        if isinstance(question, SpeedsMessage):
            return answers.speeds_answer(question, (yield from self._speeds(question.at)))
        if isinstance(question, LeakageMessage):
            found: list[Leak] = []
            for leak in edit_leakage(space, route, question.at):
                found.append(leak)
                yield
            return answers.leakage_answer(question, *summed_up(found))
        effects: list[float] = []
        for some in layer_effects(space, route, question.at, question.axis):
            effects += some
            yield
        return answers.layers_answer(question, effects)

    def _look_at_changes(self, question: ChangesMessage, route: Route) -> Finding:
        """Measure what directions change, one after another, if that is soon done.

        Nobody has asked for it: where it cannot be said, only the log says why.
        """
        changes: list[Change] = []
        edit = route.route if isinstance(route, Conditioned) else route
        seconds = self._renderer.seconds
        if seconds < SLOW_SECONDS and isinstance(edit, Edit):
            try:
                if seconds * decodes_of(edit) < MOST_SECONDS:
                    for one in output_changes(self._renderer.space, route, question.at):
                        changes.append(one)
                        yield
            except (Exception, SystemExit) as error:
                self._log.info("%s: what directions change is not known: %s", self._name, error)
                changes = []
        return answers.changes_answer(question, changes)

    def _send_frames(self, question: Any, drawn: Drawn) -> None:
        answer = answers.frames_answer(question, drawn)
        self._answer(question, answer, [frame.data for frame in drawn.frames])

    def _send_error(self, question: AnyQuestion, error: BaseException) -> None:
        if isinstance(error, StaleError):
            self._answer(question, answers.stale_answer(question))
            return
        self._log.error("%s could not decode", self._name, exc_info=error)
        self._answer(question, answers.error_answer(question, error, self._under(question)))

    def _under(self, question: AnyQuestion) -> str:
        """Say under which conditions a question was asked, if it was asked at one place."""
        places = question.positions if isinstance(question, StripMessage) else (question.at,)
        try:
            route = self._renderer.route(question.route)
            if isinstance(route, Conditioned) and len(places) == 1:
                return route.under(places[0])
        except (LatentValueError, StaleError):
            pass  # the conditions are what is wrong, or all is gone
        return ""

    def _answer(
        self, question: AnyQuestion, answer: messages.Answer, buffers: list[bytes] | None = None
    ) -> None:
        if isinstance(question, AskMessage) and answer["type"] in ("frames", "error", "stale"):
            said = self._said(question.at)
            if said is not None:
                answer = cast("Any", {**answer, "said": said})
        self._send(answer, buffers)
