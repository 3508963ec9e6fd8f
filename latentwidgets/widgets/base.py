"""What all widgets share: the engine behind them, the messages, the first picture."""

from __future__ import annotations

import base64
import difflib
import html
import importlib.resources
import io
import sys
import time
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import PIL.Image
import traitlets

from latentwidgets.checks import real_array
from latentwidgets.engine import (
    Drawn,
    Engine,
    FrameCache,
    LatentQuestion,
    Question,
    StripQuestion,
    parse,
)
from latentwidgets.errors import LatentTypeError, LatentValueError, LatentWidgetsError
from latentwidgets.frames import Quality, image_frame, to_pil
from latentwidgets.widgets.traits import Count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.frames import Frame
    from latentwidgets.space import LatentSpace

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


def latents_from(space: LatentSpace, given: ArrayLike, what: str) -> NDArray[np.float32]:
    """Take latents as they are, and encode what is images.

    Parameters
    ----------
    space : LatentSpace
        The space the latents belong to.
    given : array_like
        Latents, ``(n, *latent_shape)``; or, where the space encodes, images as
        `LatentSpace.encode` takes them, such as a list of PIL images.
    what : str
        What to call them in messages.

    Returns
    -------
    ndarray
        float32 ``(n, *latent_shape)``.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are neither.
    """
    if isinstance(given, (list, tuple)) and any(hasattr(one, "__array__") for one in given):
        arrays = [real_array(one, what) for one in given]
        shapes = sorted({array.shape for array in arrays})
        if len(shapes) > 1:
            msg = f"{what} differ in shape: {shapes}. Give all of them one shape."
            raise LatentValueError(msg)
        given = np.stack(arrays)
    given = real_array(given, what)
    shape = given.shape
    if shape[1:] == space.latent_shape or len(shape) < 2:
        return space.check(given, what)
    if not space.can_encode:
        try:
            return space.check(given, what)
        except LatentValueError as error:
            msg = f"{error} To pass images, make the space with encode=..."
            raise LatentValueError(msg) from error
    try:
        return space.encode(given)
    except LatentWidgetsError as error:
        msg = (
            f"{what} have shape {shape}: neither latents of this space, which have shape "
            f"{space.latent_shape}, nor images that it encodes. {error}"
        )
        raise LatentValueError(msg) from error


def as_png(mime: str, data: str) -> str:
    """Turn a picture in base64 into a PNG in base64, which every viewer knows."""
    if mime == "image/png":
        return data
    buffer = io.BytesIO()
    PIL.Image.open(io.BytesIO(base64.b64decode(data))).save(buffer, "PNG", compress_level=1)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _first_picture(_value: object, widget: LatentWidget) -> dict[str, Any] | None:
    return widget._picture_json()


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

    # Least and most of each coordinate.
    _bounds: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    # Whether the page may ask for the picture at no coordinates: the one before any edit.
    _bare = False
    # None before a widget is made and after it is closed.
    _space: LatentSpace | None = None
    _engine: Engine | None = None

    def __init__(self, space: LatentSpace | None, **traits: Any) -> None:
        self._refuse_unknown(traits)
        self._space = space
        self._generation = 0  # of the model: part of the line's name
        self._strips = FrameCache(0)
        # A drag asks for thousands of exact frames; few of them are asked for again.
        self._exact = FrameCache(0, most=MOST_EXACT)
        self._share_memory()
        self._engine = Engine(self._draw, self._send_frames, self._send_error)
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

    def _pictures(self, line: str, positions: Sequence[Coordinates]) -> Sequence[NDArray[np.uint8]]:
        """Decode one picture for each position, all in one batch."""
        return list(self.space.decode(self._latents_at(line, positions)))

    def _place(self, at: Coordinates) -> str:
        """Say in words where some coordinates are."""
        return ", ".join(f"{number:g}" for number in at)

    def open(self) -> None:
        """Draw the first picture, where an error still reaches the person, then open."""
        self._draw(self._line, [self._at()], Quality.LOSSLESS)
        super().open()

    # What a person calls

    @property
    def space(self) -> LatentSpace:
        """The space this widget shows."""
        if self._space is None:
            msg = "this widget is closed; make a new one to show its space again."
            raise LatentValueError(msg)
        return self._space

    def image(self) -> PIL.Image.Image:
        """Return the picture at the current coordinates, decoded for exactly these.

        Returns
        -------
        PIL.Image.Image
            In mode "L", "RGB" or "RGBA".

        Raises
        ------
        DecodeError
            If the decoder raises or returns something that is not an image.
        """
        _ = self.space  # which a closed widget has none of
        return to_pil(self._pictures(self._line, [self._at()])[0])

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

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page has set; what cannot be is said there, and taken back."""
        try:
            super().set_state(sync_data)
        except LatentWidgetsError as error:
            self.log.warning("%s refused what the page set: %s", type(self).__name__, error)
            self.send_state([name for name in sync_data if name in self.keys])
            self.send({"of": "state", "type": "error", "message": str(error)})

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        picture = self._picture_json()
        if bundle is None or picture is None:
            return bundle
        data, metadata = bundle
        place = html.escape(self._place(picture["at"]))
        data["image/png"] = png = as_png(picture["mime"], picture["data"])
        data["text/html"] = (
            f'<img src="data:image/png;base64,{png}" width="{self.size}"'
            f' style="image-rendering: pixelated" alt="{type(self).__name__} at {place}">'
        )
        return data, {**metadata, "image/png": {"width": self.size}}

    # What the page asks

    def _receive(self, _widget: object, content: object, _buffers: object) -> None:
        try:
            question = parse(content, bounds=self._bounds, bare=self._bare)
        except LatentValueError as error:
            self.log.warning("%s refused a message from the page: %s", type(self).__name__, error)
            return
        if question.line != self._line:
            self._reply(question, {"type": "stale"})
        elif isinstance(question, LatentQuestion):
            self._reply(question, {"type": "latent", "text": self._latent_text(question)})
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
            images = self._pictures(line, missing)
            for at, image in zip(missing, images, strict=True):
                found[at] = frame = image_frame(image, at, quality)
                (self._exact if lossless else self._strips).put(line, frame)
        frames = [frame for frame in found.values() if frame is not None]
        return Drawn(frames, len(missing), time.perf_counter() - start)

    def _send_frames(self, question: Question | StripQuestion, drawn: Drawn) -> None:
        header = [
            {"at": frame.at, "mime": frame.mime, "lossless": frame.lossless}
            for frame in drawn.frames
        ]
        ms = 1000 * drawn.seconds / drawn.decoded if drawn.decoded else None
        self._reply(
            question,
            {"type": "frames", "frames": header, "ms": ms},
            [frame.data for frame in drawn.frames],
        )

    def _send_error(self, question: Question | StripQuestion, error: BaseException) -> None:
        if isinstance(error, StaleLineError):
            self._reply(question, {"type": "stale"})
            return
        self.log.error("%s could not decode", type(self).__name__, exc_info=error)
        self._reply(question, {"type": "error", "message": str(error) or type(error).__name__})

    def _reply(
        self,
        question: AnyQuestion,
        content: dict[str, Any],
        buffers: list[bytes] | None = None,
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

    @traitlets.observe("frame_memory")
    def _share_memory(self, _change: Any = None) -> None:
        budget = int(self.frame_memory) * MEGABYTE
        self._exact.resize(budget // 4)
        self._strips.resize(budget - budget // 4)

    def _picture_json(self) -> dict[str, Any] | None:
        if self._space is None or not self._line:
            return None
        try:
            frame = self._draw(self._line, [self._at()], Quality.LOSSLESS).frames[0]
        # A page that loads must get its state, whatever the decoder does; the error itself
        # is shown as soon as the page asks.
        except Exception:
            self.log.exception("%s could not decode its picture", type(self).__name__)
            return None
        mime, data = frame.mime, base64.b64encode(frame.data).decode("ascii")
        if mime == "image/bmp":  # a page opens it fastest; this is also saved to files
            mime, data = "image/png", as_png(mime, data)
        return {"at": frame.at, "line": self._line, "mime": mime, "data": data}

    def _refuse_unknown(self, traits: dict[str, Any]) -> None:
        known = self.trait_names()
        for name in traits:
            if name not in known or name.startswith("_"):
                msg = f'{type(self).__name__} takes no argument "{name}".{self._near_miss(name)}'
                raise LatentTypeError(msg)

    def _near_miss(self, name: str, *, alike: float = 0.6) -> str:
        known = [known for known in self.trait_names() if not known.startswith("_")]
        near = difflib.get_close_matches(name, known, n=1, cutoff=alike)
        return f' Did you mean "{near[0]}"?' if near else ""
