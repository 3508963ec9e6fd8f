"""`Handing`: hands the page what it needs to decode by itself."""

from __future__ import annotations

import threading
import time
import weakref
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.wanted import UnwantedError
from latentwidgets.common.wording import said
from latentwidgets.engine.answers import about
from latentwidgets.engine.exports import export, exported_before, runtime, version
from latentwidgets.engine.handed import Handed, numberings, places
from latentwidgets.errors import LatentValueError
from latentwidgets.frames import Quality
from latentwidgets.space.locks import Rank, calling_as
from latentwidgets.space.portable import Linear

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from latentwidgets.engine.exports import Exported
    from latentwidgets.engine.handed import Tell
    from latentwidgets.engine.messages import DecoderMessage
    from latentwidgets.engine.renderer import Renderer
    from latentwidgets.engine.replies import DecoderAnswer
    from latentwidgets.engine.widget_hooks import Hooks
    from latentwidgets.routes.route import Coordinates, Route

__all__ = ["Handing", "check_page"]

# Of frames of more bytes than this, only one is compared beside the one that is shown.
LARGE_BYTES = 2**22
# How hard frames are compressed, and how many bytes at a time.
LEVEL, PIECE_BYTES = 1, 2**20
# A decoder that takes longer than this, in seconds, stays: no page makes up for that, and to export
# it and to compare with it would hold up whoever uses the model meanwhile.
SLOW_SECONDS = 0.25


def check_page(
    renderer: Renderer, most_bytes: int, tell: Tell | None, at: Coordinates | None = None
) -> None:
    """Refuse what is shown where that cannot be decoded in a page.

    Parameters
    ----------
    renderer : Renderer
        What shows it.
    most_bytes : int
        How large its decoder may be.
    tell : callable or None
        What is said of each point of a map.
    at : tuple of float, optional
        Where a picture is decoded to see how long it takes.

    Raises
    ------
    LatentValueError
        With the reason.
    """
    shown, decoder = renderer.shown, renderer.decoder
    try:
        handed = None if shown is None else Handed.begun(renderer, shown.route)
        if shown is not None and at is not None:
            _check_pace(renderer, shown.route, at, insists=True)
        reason = export(renderer.space, most_bytes, insists=True, anew=True).reason
        if handed is not None and not reason:
            handed.completed(tell)
    except LatentValueError as error:
        reason = str(error)
    if reason:
        what = "this map" if decoder is None else decoder.name
        raise LatentValueError(f"run is 'page', but {what} has to stay here: {reason}")


def _check_pace(renderer: Renderer, route: Route, at: Coordinates, *, insists: bool) -> None:
    """Refuse a decoder that takes long; where a person insists, its first decode tells little."""
    for _ in range(2):
        if insists and not 0 < renderer.quickest <= SLOW_SECONDS:
            renderer.outputs(route, [at])
    if renderer.quickest > SLOW_SECONDS:
        raise LatentValueError(
            f"a picture takes {renderer.quickest:.1f} s here, and would take longer in a page."
        )


class Handing:
    """Answers a page that asks for a decoder.

    Parameters
    ----------
    renderer : Renderer
        What decodes here.
    answer : callable
        ``answer(question, answer, buffers)`` sends an answer.
    fail : callable
        ``fail(question, error)`` tells what went wrong.
    while_idle : callable
        ``while_idle(client, steps)`` goes through some steps while nothing else waits.
    hooks : Hooks
        Says how large a decoder may be, whether a person insists, and what is said of all points.
    """

    def __init__(
        self,
        renderer: Renderer,
        answer: Callable[[Any, DecoderAnswer, list[bytes]], None],
        fail: Callable[[Any, BaseException], None],
        while_idle: Callable[[str, Iterator[None]], None],
        hooks: Hooks,
    ) -> None:
        self._renderer, self._answer, self._fail = renderer, answer, fail
        self._while_idle, self._hooks = while_idle, hooks
        self._closed = False

    def hand(self, question: DecoderMessage) -> None:
        """Answer, from another thread where it takes a while."""
        if question.part in ("offer", "check"):
            thread = threading.Thread(
                target=_export_for,
                args=(weakref.ref(self), question),
                name="latentwidgets-export",
                daemon=True,
            )
            try:
                thread.start()
            except RuntimeError as error:
                words = f"no thread can be started to export it: {said(error)}."
                self.refuse(question, LatentValueError(words))
            return
        try:
            if question.part == "network":
                data = self._network(question.name)
            else:
                data = runtime(gpu=question.part == "webgpu")
        except LatentValueError as error:
            self._fail(question, error)
            return
        self._answer(question, _about(question), data)

    def close(self) -> None:
        """Give up what is being exported for the page; nothing is answered any more."""
        self._closed = True

    @property
    def closed(self) -> bool:
        """Whether nothing is answered any more."""
        return self._closed

    def _network(self, name: str) -> list[bytes]:
        """Give the bytes of a decoder that was exported: this thread waits for nothing."""
        exported = exported_before(self._renderer.space)
        found = None if exported is None else exported.carried
        if exported is None or found is None or name not in ("", exported.name):
            raise LatentValueError("the decoder has changed.")
        if isinstance(found, Linear):
            return [found.weights.tobytes(), found.offset.tobytes()]
        return [found.data]

    def settle(
        self, question: DecoderMessage, *, anew: bool = False
    ) -> Callable[[Callable[[], bool]], None]:
        """Give what finds out whether the page can decode; it holds nothing of the widget.

        Called with what says whether nobody wants to know any more, it exports the decoder: `anew`
        as of `export`.
        """
        begun = Handed.begun(self._renderer, self._renderer.route(question.route))
        space = self._renderer.space
        insists = self._hooks.insists()
        with calling_as(Rank.IDLE):
            _check_pace(self._renderer, begun.route, question.at, insists=insists)
        most_bytes, itself = self._hooks.most_bytes(), weakref.ref(self)
        offers = question.part == "offer"
        tell = self._hooks.tells() if offers else None

        def find_out(unwanted: Callable[[], bool]) -> None:
            with calling_as(Rank.IDLE):
                exported = export(space, most_bytes, unwanted, insists=insists, anew=anew)
                if exported.reason:
                    raise LatentValueError(exported.reason)
                if space.image_format is None:  # nothing was decoded yet
                    space.decode(space.sample(1))
                # What was offered is not told again as it is checked.
                handed = begun.completed(tell, unwanted) if offers else begun
            own = itself()
            if own is not None:
                own.reply(question, exported, handed)

        return find_out

    def reply(self, question: DecoderMessage, exported: Exported, handed: Handed) -> None:
        """Answer: an offer says how the page decodes, a check has frames to compare with."""
        if question.part == "offer":
            self._answer(question, *self._how(question, exported, handed))
            return
        # Of a client of its own, beside what the page asks while idle.
        steps = self._compared(question, exported.name, handed.route)
        self._while_idle(f"{question.client} decoder", steps)

    def refuse(self, question: DecoderMessage, error: BaseException) -> None:
        """Say why the page cannot decode."""
        if isinstance(error, LatentValueError):
            self._answer(question, {**_about(question), "reason": str(error)}, [])
        else:
            self._fail(question, error)

    def _compared(self, question: DecoderMessage, name: str, route: Route) -> Iterator[None]:
        """Decode a few frames, one a step, and answer: none of them is kept."""
        renderer = self._renderer
        frames, seconds, encoding = [], [], 0.0
        positions = places(route, question.at)
        try:
            framer = renderer.framer()
            for at in positions:
                start = time.perf_counter()
                [outputs] = renderer.outputs(renderer.route(question.route), [at])
                data = framer.frame(outputs, at, Quality.RAW).data
                seconds.append(time.perf_counter() - start)
                yield
                if not encoding:
                    start = time.perf_counter()
                    framer.frame(outputs, at, Quality.STRIP)
                    encoding = time.perf_counter() - start
                frames.append((yield from _packed(data)))
                if len(data) > LARGE_BYTES and len(frames) > 1:
                    break
        except (Exception, SystemExit) as error:
            self._fail(question, error)
            return
        answer, each = _about(question), float(np.median(seconds))
        answer |= {
            "name": name,
            "ms": 1000 * each,
            # As strips were decoded before: a batch for this alone would hold the model too long.
            "batch_ms": 1000 * min(each, renderer.quickest + encoding),
            "positions": [[*at] for at in positions[: len(frames)]],
            "packed": True,
        }
        self._answer(question, answer, frames)

    def _how(
        self, question: DecoderMessage, exported: Exported, handed: Handed
    ) -> tuple[DecoderAnswer, list[bytes]]:
        """Say how a decoder is used, with the arrays of the plan, and which lines are whose."""
        space = self._renderer.space
        image = space.image_format
        assert image is not None
        plan, answer = handed.plan, _about(question)
        answer |= {
            "name": exported.name,
            "linear": isinstance(exported.carried, Linear),
            "runtime": version(),
            "latent_shape": [*space.latent_shape],
            "conditions": numberings(handed.route, space.conditions),
            "reading": {
                "stored": [*image.stored_shape],
                "first": image.channels_first,
                "origin": image.origin,
                "scale": image.scale,
            },
            "plan": {"form": plan.form, "shown": plan.shown, "closed": plan.closed},
            "arrays": [
                (name, [*array.shape], array.itemsize) for name, array in plan.arrays.items()
            ],
            "lines": handed.said.lines,
        }
        arrays = [*plan.arrays.values(), handed.said.rows]
        return answer, [array.astype(array.dtype.newbyteorder("<")).tobytes() for array in arrays]


def _packed(data: bytes) -> Generator[None, None, bytes]:
    """Compress, a piece a step."""
    packing, packed = zlib.compressobj(LEVEL), []
    for start in range(0, len(data), PIECE_BYTES):
        packed.append(packing.compress(data[start : start + PIECE_BYTES]))
        yield
    return b"".join([*packed, packing.flush()])


def _export_for(asking: weakref.ref[Handing], question: DecoderMessage) -> None:
    """Export a decoder for a page, in a thread that ends once its widget is closed or gone."""

    def unwanted() -> bool:
        own = asking()
        return own is None or own.closed

    error: BaseException
    try:
        own = asking()
        if own is None:
            return
        find_out = own.settle(question)
        del own
        find_out(unwanted)
        return
    except UnwantedError:
        return
    except Exception as raised:
        error = raised
    own = asking()
    if own is not None:
        own.refuse(question, error)


def _about(question: DecoderMessage) -> DecoderAnswer:
    asked = about(question)
    return {
        "client": asked["client"],
        "seq": asked["seq"],
        "route": asked["route"],
        "of": asked["of"],
        "type": "decoder",
        "reason": "",
        "ms": 0.0,
        "batch_ms": 0.0,
        "name": "",
        "linear": False,
        "runtime": "",
        "latent_shape": [],
        "conditions": [],
        "reading": {},
        "plan": {},
        "arrays": [],
        "positions": [],
        "lines": [],
        "packed": False,
    }
