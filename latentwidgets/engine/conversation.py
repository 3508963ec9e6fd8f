"""`Conversation`: a page's questions in, answers out."""

from __future__ import annotations

from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

from latentwidgets.common.progress import without_bars
from latentwidgets.common.wanted import UnwantedError
from latentwidgets.engine import answers, messages, replies
from latentwidgets.engine.changes import decodes_of, output_changes
from latentwidgets.engine.handing import Handing
from latentwidgets.engine.layers import edit_at, layer_effects
from latentwidgets.engine.leakage import Readers, edit_leakage, notes_of, summed_up
from latentwidgets.engine.messages import (
    PICTURES,
    AskMessage,
    ChangesMessage,
    DecoderMessage,
    FileMessage,
    LatentMessage,
    LayersMessage,
    LeakageMessage,
    NeighboursMessage,
    PullMessage,
    RecipeMessage,
    SpeedsMessage,
    StopMessage,
    StripMessage,
    TypicalityMessage,
    VisitMessage,
)
from latentwidgets.engine.one_by_one import OneByOne
from latentwidgets.engine.parsing import parse
from latentwidgets.engine.pull import pulled
from latentwidgets.engine.scheduler import PIECE_SECONDS, Scheduler
from latentwidgets.engine.standing import label_of, nearest_data, pictures_of, standings
from latentwidgets.engine.widget_hooks import Hooks
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.conditioned import Conditioned, own_of
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.grid import Grid
from latentwidgets.routes.map_plane import MapPlane
from latentwidgets.routes.route import StaleError
from latentwidgets.space.locks import Rank, calling_as

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Generator, Iterator

    from latentwidgets.common.pieces import Steps
    from latentwidgets.engine.changes import Change
    from latentwidgets.engine.drawn import Drawn
    from latentwidgets.engine.ordinary import Ordinary
    from latentwidgets.engine.renderer import Renderer
    from latentwidgets.routes.route import Coordinates, Route

    AnyQuestion = messages.AnyQuestion
    # Finds out what is asked, step by step, and returns the answer, and bytes that go with it.
    Finding = Generator[None, None, tuple[replies.IdleAnswer, list[bytes] | None]]
    # Takes an answer, and the bytes that go with it.
    Send = Callable[[replies.Answer, list[bytes] | None], None]

__all__ = ["Conversation"]

# What directions change is not measured where one decode takes longer than this: a question for a
# frame would wait for two of them. Nor where all together would take longer than this.
SLOW_SECONDS, MOST_SECONDS = 0.25, 30.0
MANY = "other files of this widget are on their way; save this one when they are there."
IDLE = (
    LayersMessage,
    ChangesMessage,
    LeakageMessage,
    SpeedsMessage,
    TypicalityMessage,
    NeighboursMessage,
)
# What is asked of where the thumb is now: not wanted any more once it moves.
OF_NOW = (LayersMessage, LeakageMessage, TypicalityMessage, NeighboursMessage)


class Conversation:
    """Answers what pages ask about what is shown.

    Latents are answered at once, films and pages to keep one by one from a thread of their own, a
    picture to keep from another. Frames are answered from the scheduler's thread, as soon as they
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
    code : callable
        ``code(at)`` writes Python that makes the latent at some coordinates.
    file : callable
        ``file(question)`` makes what is to be kept: bytes, and the width and height of a picture.
    ordinary : Ordinary
        What latents are compared with.
    hooks : Hooks, optional
        What only some widgets have to say.
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
        code: Callable[[Coordinates], str],
        file: Callable[[FileMessage], tuple[bytes, tuple[int, int] | None]],
        ordinary: Ordinary,
        hooks: Hooks | None = None,
        piece_seconds: float = PIECE_SECONDS,
    ) -> None:
        self._renderer, self._send, self._hooks = renderer, send, hooks or Hooks()
        self._log, self._name, self._ordinary = log, name, ordinary
        self._code, self._file = code, file
        self.begun = False
        self._files = OneByOne(self._tell_file, "latentwidgets-file")
        self._asked = 0  # how many frames were asked for
        self._scheduler = Scheduler(
            renderer.steps, self._send_frames, self._send_error, piece_seconds=piece_seconds
        )
        idle = self._scheduler.do_while_idle
        self._handing = Handing(renderer, self._answer, self._send_error, idle, self._hooks)

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
            self._files.drop(question.client)
        elif question.route != name:
            self._answer(question, answers.stale_answer(question))
        elif isinstance(question, LatentMessage):
            self._do(question, partial(self._latent, question))
        elif isinstance(question, DecoderMessage):
            self._handing.hand(question)
        elif isinstance(question, VisitMessage):
            self._do(question, partial(self._go, question))
        elif isinstance(question, RecipeMessage):
            self._do(question, partial(self._take, question))
        elif isinstance(question, PullMessage):
            act = partial(self._do, question, partial(self._pull, question, route))
            self._scheduler.do_soon(question.client, act)
        elif isinstance(question, FileMessage):
            # It may take as long as a film of a slow decoder does, and the kernel stays free.
            if question.form in PICTURES:  # which wait for no film
                name = "latentwidgets-picture"
                Thread(target=self._tell_file, args=[question], name=name, daemon=True).start()
            elif not self._files.add(question.client, question):
                self._answer(question, answers.error_answer(question, LatentValueError(MANY)))
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
        self._handing.close()
        self._files.close()
        self._scheduler.close()

    def _do(self, question: AnyQuestion, act: Callable[[], replies.Answer]) -> None:
        """Do what is asked, and answer with what comes of it."""
        try:
            answer = act()
        except LatentValueError as error:  # nothing is wrong: it cannot be done
            self._answer(question, answers.error_answer(question, error))
        except (Exception, SystemExit) as error:
            self._send_error(question, error)
        else:
            self._answer(question, answer)

    def _latent(self, question: LatentMessage) -> replies.LatentAnswer:
        return answers.latent_answer(question, self._code(question.at))

    def _go(self, question: VisitMessage) -> replies.VisitAnswer:
        if self._hooks.visit is None:
            raise LatentValueError("this widget cannot go there.")
        self._ordinary.latent(question.row)  # raises where there is none
        self._hooks.visit(question.row)
        return answers.visit_answer(question)

    def _take(self, question: RecipeMessage) -> replies.RecipeAnswer:
        self._hooks.take(question.data)
        return answers.recipe_answer(question)

    def _pull(self, question: PullMessage, route: Route) -> replies.PullAnswer:
        """Answer with a step of a pull."""
        self._renderer.route(question.route)  # raises where another one is shown
        step = pulled(self._renderer.space, route, question, self._renderer.seconds)
        return answers.pull_answer(question, step)

    def _tell_file(self, question: FileMessage) -> None:
        try:
            with calling_as(Rank.PAGE), without_bars():  # the page says that it is on its way
                data, size = self._file(question)
        except UnwantedError:
            raise  # nobody waits for an answer
        except LatentValueError as error:  # nothing is wrong: it cannot be made
            self._log.info("%s makes no such file: %s", self._name, error)
            self._answer(question, answers.error_answer(question, error))
            return
        except (Exception, SystemExit) as error:
            self._send_error(question, error)
            return
        self._answer(question, answers.file_answer(question, size), [data])

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
                    answer, buffers = end.value
                    break
                yield
            self._check_wanted(question, asked)
        except (Exception, SystemExit) as error:
            self._send_error(question, error)
            return
        self._answer(question, answer, buffers)

    def _check_wanted(self, question: messages.IdleQuestion, asked: int) -> None:
        """Raise where another route is shown, or a frame was asked for since and it is for now."""
        self._renderer.route(question.route)
        if self._asked != asked and isinstance(question, OF_NOW):
            raise StaleError("a frame is asked for.")

    def _finding(self, question: messages.IdleQuestion, route: Route) -> Finding:
        """Find out what is asked, and return the answer."""
        if isinstance(question, NeighboursMessage):
            return (yield from self._look_for_neighbours(question, route))
        return (yield from self._answered(question, route)), None

    def _answered(self, question: messages.IdleQuestion, route: Route) -> Steps[Any]:
        """Find out what is asked and answered without bytes."""
        if isinstance(question, TypicalityMessage):
            known, positions = self._ordinary, (question.at, *question.positions)
            places = yield from standings(known, self._renderer.decoder, route, positions)
            return answers.typicality_answer(question, places, known.words or known.fault)
        if isinstance(question, ChangesMessage):
            changes = yield from self._look_at_changes(question, route)
            return answers.changes_answer(question, changes)
        if isinstance(question, SpeedsMessage):
            curve = yield from self._hooks.speeds(question.at, chance=question.chance)
            return answers.speeds_answer(question, curve)
        space = self._renderer.space
        if isinstance(question, LeakageMessage):
            return (yield from self._look_for_leaks(question, route))
        assert isinstance(question, LayersMessage)
        effects: list[float] = []
        for some in layer_effects(space, route, question.at, question.axis):
            effects += some
            yield
        return answers.layers_answer(question, effects)

    def _look_for_leaks(self, question: LeakageMessage, route: Route) -> Steps[Any]:
        """Find out what an edit moves."""
        space = self._renderer.space
        edit, conditions = edit_at(route, question.at)
        readers = self._hooks.readers() or Readers({one.name: one for one in edit.directions})
        units = yield from readers.unit_steps(space, conditions)
        found = yield from edit_leakage(space, route, question.at, readers, units)
        return answers.leakage_answer(
            question,
            *summed_up(found),
            names=[*readers.named],
            notes=notes_of(readers, route, question.at, units),
        )

    def _look_for_neighbours(self, question: NeighboursMessage, route: Route) -> Finding:
        """Find the nearest of the data, and their pictures."""
        own = self._renderer.decoder
        latents = route.latents([question.at])
        latent = latents[0] if own is None else latents.reshape(-1, *own.latent_shape)[0]
        near = yield from nearest_data(self._ordinary, latent)
        if near is None:
            return answers.neighbours_answer(question, []), None
        rows = near.rows.tolist()
        frames = yield from pictures_of(self._renderer, self._ordinary, route, question.at, rows)
        labels = [
            self._label_on_map(route, row) or label
            for row, label in zip(rows, near.labels, strict=True)
        ]
        found: list[replies.Neighbour] = [
            {"row": row, "distance": float(distance), "label": short, "whole": whole, "mime": mime}
            for row, distance, (short, whole), (mime, _) in zip(
                rows, near.distances, labels, frames, strict=True
            )
        ]
        answer = answers.neighbours_answer(
            question,
            found,
            chance=near.chance,
            searched=near.searched,
            goes=self._hooks.visit is not None,
        )
        return answer, [data for _, data in frames]

    def _label_on_map(self, route: Route, row: int) -> tuple[str, str] | None:
        """Give what a map says of a latent beside its picture; None where that is nothing."""
        plane = own_of(route)
        said = self._hooks.said(plane.spot(row)) if isinstance(plane, MapPlane) else None
        return label_of(said["lines"]) if said and said["lines"] else None

    def _look_at_changes(self, question: ChangesMessage, route: Route) -> Steps[list[Change]]:
        """Measure what directions change, if that is soon done.

        Nobody has asked for it: where it cannot be said, only the log says why.
        """
        edit = own_of(route)
        seconds = self._renderer.seconds
        if seconds >= SLOW_SECONDS or not isinstance(edit, Edit):
            return []
        if seconds * decodes_of(edit) >= MOST_SECONDS:
            return []
        try:
            return (yield from output_changes(self._renderer.space, route, question.at))
        except (Exception, SystemExit) as error:
            self._log.info("%s: what directions change is not known: %s", self._name, error)
            return []

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
        """Say of which cell, and under which conditions, a question of one place was asked."""
        if isinstance(question, (VisitMessage, RecipeMessage)):
            return ""
        places = question.positions if isinstance(question, StripMessage) else (question.at,)
        try:
            route = self._renderer.route(question.route)
            if len(places) != 1:
                return ""
            if isinstance(own_of(route), Grid) and not isinstance(question, FileMessage):
                return route.words(places[0])  # but a file is of all cells
            return route.under(places[0]) if isinstance(route, Conditioned) else ""
        except (LatentValueError, StaleError):
            return ""  # the conditions are what is wrong, or all is gone

    def _answer(
        self, question: AnyQuestion, answer: replies.Answer, buffers: list[bytes] | None = None
    ) -> None:
        if isinstance(question, AskMessage) and answer["type"] in ("frames", "error", "stale"):
            said = self._hooks.said(question.at)
            if said is not None:
                answer = cast("Any", {**answer, "said": said})
        self._send(answer, buffers)
