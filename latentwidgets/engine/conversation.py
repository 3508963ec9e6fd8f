"""`Conversation`: a page's questions in, answers out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from latentwidgets.engine import messages
from latentwidgets.engine.layers import layer_effects
from latentwidgets.engine.messages import (
    AskMessage,
    LatentMessage,
    LayersMessage,
    SpeedsMessage,
    StopMessage,
    StripMessage,
)
from latentwidgets.engine.parsing import parse
from latentwidgets.engine.scheduler import PIECE_SECONDS, Scheduler
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.conditioned import Conditioned
from latentwidgets.routes.route import StaleError

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator

    from latentwidgets.common.pieces import Steps
    from latentwidgets.engine.drawn import Drawn
    from latentwidgets.engine.renderer import Renderer
    from latentwidgets.routes.route import Coordinates, Route

    AnyQuestion = messages.AnyQuestion
    # Takes an answer, and the bytes that go with it.
    Send = Callable[[messages.Answer, list[bytes] | None], None]

__all__ = ["Conversation"]


class Conversation:
    """Answers what pages ask about what is shown.

    Latents are answered at once. Frames are answered from the scheduler's thread, as soon as they
    are decoded; layer effects and speeds too, while nothing else is asked.

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
        speeds: Callable[[Coordinates], Steps[messages.SpeedCurve]],
        piece_seconds: float = PIECE_SECONDS,
    ) -> None:
        self._renderer, self._send, self._said = renderer, send, said
        self._log, self._name, self._speeds = log, name, speeds
        self.begun = False
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
            self._answer(question, messages.stale_answer(question))
        elif isinstance(question, LatentMessage):
            self._tell_latent(route, question)
        elif isinstance(question, LayersMessage):
            self._do_while_idle(question, self._effects(question, route), messages.layers_answer)
        elif isinstance(question, SpeedsMessage):
            self._do_while_idle(question, self._measure(question), messages.speeds_answer)
        else:
            self._scheduler.ask(question)

    def put_off(self) -> None:
        """Leave idle work alone for a moment, as somebody moves."""
        self._scheduler.put_off()

    def close(self) -> None:
        """Drop what waits; nothing is answered any more."""
        self._scheduler.close()

    def _tell_latent(self, route: Route, question: LatentMessage) -> None:
        try:
            latent = route.latents([question.at])[0]
        except Exception as error:
            self._send_error(question, error)
            return
        self._answer(question, messages.latent_answer(question, latent))

    def _effects(self, question: LayersMessage, route: Route) -> Steps[list[float]]:
        """Compute layer effects step by step."""
        effects: list[float] = []
        for some in layer_effects(self._renderer.space, route, question.at, question.axis):
            effects += some
            yield
        return effects

    def _measure(self, question: SpeedsMessage) -> Steps[messages.SpeedCurve]:
        """Measure speeds step by step; what is wrong with the question is raised at the first."""
        return (yield from self._speeds(question.at))

    def _do_while_idle(self, question: Any, steps: Steps[Any], answer: Callable[..., Any]) -> None:
        """Take steps while nothing else is asked, and answer with what was found."""
        self._scheduler.do_while_idle(question.client, self._answering(question, steps, answer))

    def _answering(
        self, question: Any, steps: Steps[Any], answer: Callable[..., Any]
    ) -> Iterator[None]:
        """Take steps, and answer; stop if the route is no longer shown."""
        try:
            while True:
                try:
                    next(steps)
                except StopIteration as end:
                    found = end.value
                    break
                self._renderer.route(question.route)  # raises if another is shown by now
                yield
            self._renderer.route(question.route)
        except (Exception, SystemExit) as error:
            self._send_error(question, error)
            return
        self._answer(question, answer(question, found))

    def _send_frames(self, question: Any, drawn: Drawn) -> None:
        answer = messages.frames_answer(question, drawn)
        self._answer(question, answer, [frame.data for frame in drawn.frames])

    def _send_error(self, question: AnyQuestion, error: BaseException) -> None:
        if isinstance(error, StaleError):
            self._answer(question, messages.stale_answer(question))
            return
        self._log.error("%s could not decode", self._name, exc_info=error)
        self._answer(question, messages.error_answer(question, error, self._under(question)))

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
