"""What all widgets share: the engine behind them, the messages, the first picture."""

from __future__ import annotations

import base64
import difflib
import html
import importlib.resources
import inspect
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import anywidget
import numpy as np
import traitlets

from latentwidgets.engine import (
    PIECE_SECONDS,
    Drawn,
    Engine,
    FrameCache,
    LatentQuestion,
    Question,
    StripQuestion,
    parse,
)
from latentwidgets.errors import LatentTypeError, LatentValueError, LatentWidgetsError
from latentwidgets.frames import BARE, Quality
from latentwidgets.kinds.shared.kind import Framer
from latentwidgets.kinds.shared.table import framer_for, kind_named
from latentwidgets.widgets.traits import Count

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import PIL.Image
    from numpy.typing import NDArray

    from latentwidgets.frames import Frame
    from latentwidgets.space.latent_space import LatentSpace
    from latentwidgets.widgets.traits import Derived

    Coordinates = tuple[float, ...]
    AnyQuestion = Question | StripQuestion | LatentQuestion

MEGABYTE = 2**20
MOST_EXACT = 16


class StaleLineError(LatentWidgetsError):
    """A question is about a line that the widget no longer shows."""


def static(name: str) -> str:
    """Return the text of a file of the built front end."""
    folder = importlib.resources.files("latentwidgets").joinpath("static")
    return folder.joinpath(name).read_text("utf-8")


def base64_of(data: bytes) -> str:
    """Write bytes as text."""
    return base64.b64encode(data).decode("ascii")


def _first_picture(_value: object, widget: LatentWidget) -> dict[str, Any] | None:
    return widget._picture_json()


class Still(NamedTuple):
    """A picture of a widget: a PNG in base64, how wide to show it, and what it shows."""

    png: str
    width: int
    words: str


class LatentWidget(anywidget.AnyWidget):
    """A picture that follows coordinates: the base of every widget here.

    A widget is at heart a pure function from coordinates to latents. A subclass gives that
    function (`_latents_at`), the coordinates it is at (`_at`), and the name of the line they
    belong to (`_line`, set by `_name_line`: it changes whenever the function does).
    """

    size = Count(
        288, least=32, most=4096, help="Width of the picture on the page, in CSS pixels."
    ).tag(sync=True)
    strip_length = Count(
        65, least=2, most=1025, help="How many positions of a control are decoded ahead."
    ).tag(sync=True)
    frame_memory = Count(
        64, least=1, most=65536, help="Memory for frames, in MB: here and on the page."
    ).tag(sync=True)

    _line = traitlets.Unicode("", help="Names what the coordinates mean.").tag(sync=True)
    # The picture at the current coordinates, made anew whenever a page asks for the state.
    _picture = traitlets.Any(None, help="The picture to begin with.").tag(
        sync=True, to_json=_first_picture
    )
    _painter = traitlets.Unicode("", help="What paints frames that are no images.").tag(sync=True)

    # Least and most of each coordinate.
    _bounds: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    # Whether the page may ask for the picture at no coordinates: the one before any edit.
    _bare = False
    # How long to decode at a time while nobody waits for one picture.
    _piece_seconds = PIECE_SECONDS
    # None before a widget is made and after it is closed.
    _space: LatentSpace | None = None
    _engine: Engine | None = None
    # The line and the function it names, replaced together: several threads read them.
    _current: tuple[str, Any] | None = None

    if TYPE_CHECKING:
        latent: Derived

    def __init__(self, space: LatentSpace | None, **traits: Any) -> None:
        self._refuse_unknown(traits)
        self._space = space
        self._generation = 0  # of the model: part of the line's name
        self._strips = FrameCache(0)
        # A drag asks for thousands of exact frames; few of them are asked for again.
        self._exact = FrameCache(0, most=MOST_EXACT)
        self._share_memory()
        self._engine = Engine(
            self._draw, self._send_frames, self._send_error, piece_seconds=self._piece_seconds
        )
        super().__init__(**traits)
        self.on_msg(self._receive)

    def __setattr__(self, name: str, value: Any) -> None:
        # Python would take `walk.valeu = 0.3` without a word. Subclasses have names of their own.
        ours = type(self).__module__.partition(".")[0] == "latentwidgets"
        if ours and not hasattr(type(self), name) and (hint := self._near_miss(name, alike=0.75)):
            raise LatentTypeError(f"{type(self).__name__} has no {name!r}.{hint}")
        super().__setattr__(name, value)

    # What a subclass gives

    def _name_line(self) -> None:
        raise NotImplementedError

    def _at(self) -> Coordinates:
        raise NotImplementedError

    def _latents_at(self, line: str, positions: Sequence[Coordinates]) -> NDArray[np.float32]:
        raise NotImplementedError

    # What a subclass may change

    def _outputs(self, line: str, positions: Sequence[Coordinates]) -> list[Any]:
        """Decode what is shown at each position, one output or several, all in one batch."""
        latents = self._latents_at(line, positions).reshape(-1, *self.space.latent_shape)
        decoded = self.space.decode(latents)
        each = len(latents) // len(positions)
        return [decoded[i : i + each] for i in range(0, len(latents), each)]

    def _place(self, at: Coordinates) -> str:
        """Say in words where some coordinates are."""
        return ", ".join(f"{number:g}" for number in at)

    def _kind(self, space: LatentSpace | None) -> str:
        """Name the kind of what is shown; the widget may be closed by now."""
        return (space or self.space).kind

    def _framer(self, space: LatentSpace | None) -> Framer:
        """Make what draws what is shown; the widget may be closed by now."""
        kind = self._kind(space)
        if (space := space or self._space) is None:
            return framer_for(kind)
        return framer_for(kind, sample_rate=space.sample_rate, value_range=space.value_range)

    def _still(self) -> Still | None:
        """Give a picture for where there is no kernel; none where it cannot be decoded."""
        frame = self._first_frame()
        if frame is None:
            return None
        words = f"{type(self).__name__} at {self._place(frame.at)}"
        return Still(base64_of(self._framer(self._space).png(frame)), int(self.size), words)

    def _contents(self) -> list[str]:
        """Say in words what it shows of the space."""
        return []

    def open(self) -> None:
        """Draw the first picture, where an error still reaches the person, then open."""
        self._draw(self._line, [self._at()], Quality.LOSSLESS)
        if painter := kind_named(self._kind(self._space)).painter:
            self._painter = static(painter)
        super().open()

    # What a person calls

    @property
    def space(self) -> LatentSpace:
        """The space this widget shows."""
        if self._space is None:
            raise LatentValueError("this widget is closed; make a new one to show its space again.")
        return self._space

    def image(self) -> PIL.Image.Image:
        """Return the picture at the current coordinates, decoded for exactly these.

        Returns
        -------
        PIL.Image.Image
            In mode "L", "RGB" or "RGBA". Texts, curves and sounds are drawn.

        Raises
        ------
        DecodeError
            If the decoder raises or returns something else than before.
        """
        _ = self.space  # which a closed widget has none of
        [outputs] = self._outputs(self._line, [self._at()])
        return self._framer(self._space).picture(outputs)

    def refresh(self) -> None:
        """Forget every frame and decode anew: for when the model itself has changed."""
        _ = self.space  # which a closed widget has none of
        self._strips.clear()
        self._exact.clear()
        self._generation += 1
        self._name_line()

    def close(self) -> None:
        """Take the widget off the page and let go of decoder, latents and frames."""
        super().close()
        if self._engine is not None:
            self._engine.close()
            # What is being decoded now is not kept either.
            self._strips.resize(0)
            self._exact.resize(0)
        self._engine = self._space = None

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Give the state, the line last: marimo's page takes in one trait after another."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        return dict(sorted(state.items(), key=lambda item: item[0] == "_line"))

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page has set; what cannot be is said there, and taken back."""
        try:
            super().set_state(sync_data)
        except LatentWidgetsError as error:
            self.log.warning("%s refused what the page set: %s", type(self).__name__, error)
            self.send_state([name for name in sync_data if name in self.keys])
            self.send({"of": "state", "type": "error", "message": str(error)})

    def __repr__(self) -> str:
        name = [self._space.name] if self._space else []
        words = ["closed"] if self._engine is None else [*name, *self._contents()]
        return f"{type(self).__name__}({', '.join(words)})"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        still = self._still()
        if bundle is None or still is None:
            return bundle
        data, metadata = bundle
        data["image/png"] = still.png
        style = "" if self._painter else ' style="image-rendering: pixelated"'
        data["text/html"] = (
            f'<img src="data:image/png;base64,{still.png}" width="{still.width}"{style}'
            f' alt="{html.escape(still.words)}">'
        )
        return data, {**metadata, "image/png": {"width": still.width}}

    # What the page asks

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        try:
            # The bounds before the line, which changes first: new ones judge no old question.
            question = parse(content, bounds=self._bounds, line=self._line, bare=self._bare)
        except LatentValueError as error:
            self.log.warning("%s refused a message from the page: %s", type(self).__name__, error)
            return
        if question.line != self._line:
            self._reply(question, {"type": "stale"})
        elif isinstance(question, LatentQuestion):
            try:
                self._reply(question, {"type": "latent", "text": self._latent_text(question)})
            except StaleLineError as error:  # another thread has just changed the line
                self._send_error(question, error)
        elif self._engine is not None:
            self._engine.ask(question)

    def _latent_text(self, question: LatentQuestion) -> str:
        latent = self._latents_at(question.line, [question.at])[0]
        text = np.array2string(
            latent, separator=", ", threshold=sys.maxsize, floatmode="unique", max_line_width=88
        )
        return f"np.array({text}, dtype=np.{latent.dtype})"

    def _draw(self, line: str, positions: Sequence[Coordinates], quality: Quality) -> Drawn:
        """Return one frame for each position: kept ones, or decoded in one batch."""
        start = time.perf_counter()
        lossless = quality is not Quality.STRIP
        found: dict[Coordinates, Frame | None] = {}
        for at in positions:
            kept = (cache.get(line, at, lossless=lossless) for cache in (self._exact, self._strips))
            found[at] = next((frame for frame in kept if frame), None)
        missing = [at for at, frame in found.items() if frame is None]
        if missing:
            space = self._space  # which may be gone when they are decoded
            outputs = self._outputs(line, missing)
            found.update(self._kept(self._framer(space), line, missing, outputs, quality))
        frames = [frame for frame in found.values() if frame is not None]
        return Drawn(frames, len(missing), time.perf_counter() - start)

    def _kept(
        self,
        framer: Framer,
        line: str,
        positions: Sequence[Coordinates],
        outputs: Sequence[Any],
        quality: Quality,
    ) -> dict[Coordinates, Frame]:
        """Make frames of outputs, and keep them for when they are asked for again."""
        cache = self._strips if quality is Quality.STRIP else self._exact
        frames = {}
        for at, shown in zip(positions, outputs, strict=True):
            frames[at] = frame = framer.frame(shown, at, quality)
            cache.put(line, frame)
        return frames

    def _send_frames(self, question: Question | StripQuestion, drawn: Drawn) -> None:
        header = [
            {"at": frame.at, "mime": frame.mime, "lossless": frame.lossless}
            for frame in drawn.frames
        ]
        ms = 1000 * drawn.seconds / drawn.decoded if drawn.decoded else None
        self._reply(
            question,
            {
                "type": "frames",
                "frames": header,
                "ms": ms,
                "more": drawn.more,
                "sent": 1000 * time.time(),
            },
            [frame.data for frame in drawn.frames],
        )

    def _send_error(self, question: AnyQuestion, error: BaseException) -> None:
        if isinstance(error, StaleLineError):
            self._reply(question, {"type": "stale"})
            return
        self.log.error("%s could not decode", type(self).__name__, exc_info=error)
        self._reply(question, {"type": "error", "message": str(error) or type(error).__name__})

    def _reply(
        self, question: AnyQuestion, content: dict[str, Any], buffers: list[bytes] | None = None
    ) -> None:
        if self.comm is None:
            return
        kinds = {Question: "ask", StripQuestion: "strip", LatentQuestion: "latent"}
        about = {
            "client": question.client,
            "seq": question.seq,
            "line": question.line,
            "of": kinds[type(question)],
        }
        self.send({**about, **content}, buffers)

    # Inside

    def _named(self, line: str) -> Any:
        """Return the function that a line names."""
        current = self._current
        if current is None or current[0] != line:
            raise StaleLineError
        return current[1]

    def _follow(self) -> None:
        """Store the latent at the coordinates; anew, where a thread moved them meanwhile.

        A lock would not do: of two linked widgets each sets the other, perhaps in two threads.
        """
        trait = type(self).latent
        done = None
        while (current := self._current) is not None and done != (current, at := self._at()):
            with suppress(StaleLineError):
                latent = self._latents_at(current[0], [at])[0]
                trait.put(self, trait._validate(self, latent))
            done = current, at

    @traitlets.observe("frame_memory")
    def _share_memory(self, _change: Any = None) -> None:
        budget = int(self.frame_memory) * MEGABYTE
        self._exact.resize(budget // 4)
        self._strips.resize(budget - budget // 4)

    def _first_frame(self) -> Frame | None:
        """Draw the frame to begin with; None where there is none."""
        if self._space is None or not self._line:
            return None
        try:
            return self._draw(self._line, [self._at()], Quality.LOSSLESS).frames[0]
        # A page that loads must get its state, whatever the decoder does; the error itself
        # is shown as soon as the page asks.
        except Exception:
            self.log.exception("%s could not decode its picture", type(self).__name__)
            return None

    def _picture_json(self) -> dict[str, Any] | None:
        frame = self._first_frame()
        if frame is None:
            return None
        mime, data = frame.mime, frame.data
        if mime.startswith(BARE):  # which a page paints at once, but this is also saved to files
            mime, data = "image/png", self._framer(self._space).png(frame)
        return {"at": frame.at, "line": self._line, "mime": mime, "data": base64_of(data)}

    def _refuse_unknown(self, traits: dict[str, Any]) -> None:
        for name in traits:
            if name not in self.trait_names() or name.startswith("_"):
                hint = self._near_miss(name, also=inspect.signature(type(self)).parameters)
                raise LatentTypeError(f'{type(self).__name__} takes no argument "{name}".{hint}')

    def _near_miss(self, name: str, *, alike: float = 0.6, also: Iterable[str] = ()) -> str:
        known = [known for known in self.trait_names() if not known.startswith("_")] + [*also]
        near = difflib.get_close_matches(name, known, n=1, cutoff=alike)
        return f' Did you mean "{near[0]}"?' if near else ""
