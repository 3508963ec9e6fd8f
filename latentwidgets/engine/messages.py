"""What a page and its kernel say to each other. The page's side is `js/src/stage/messages.js`.

A page asks; the kernel answers. Every question carries the page's name, a number and the name of
the route that it is about, and its answer carries them back. What the page sends is read by
`parsing.parse`, which refuses what is not as written here.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias, TypedDict

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.engine.drawn import Drawn
    from latentwidgets.routes.route import Coordinates


# No answer repeats more of an error: a decoder may put whole arrays into its words.
MOST_LETTERS = 1000

# What the page asks.


@dataclass(frozen=True)
class AskMessage:
    """Asks for the exact frame at some coordinates.

    Attributes
    ----------
    client : str
        Who asks: a page, or a part of a page that asks for a picture beside the main one, such as
        an enlarged cell. A newer question of the same client replaces a waiting one.
    seq : int
        The page's own count; the answer carries it back.
    route : str
        Name of the route, which says what the coordinates mean. A question about a route that
        is no longer shown is answered "stale".
    at : tuple of float
        The coordinates.
    fast : bool
        Whether the link from kernel to page is so fast that the frame need not be compressed.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    fast: bool
    type: ClassVar[str] = "ask"


@dataclass(frozen=True)
class StripMessage:
    """Asks for the frames at some positions of one control.

    Attributes
    ----------
    client, seq, route
        As in `AskMessage`.
    positions : tuple of tuple of float
        The coordinates to decode ahead, the most wanted first.
    drafts : bool
        Whether drafts are good enough, if the decoder gives any and takes long to finish.
    """

    client: str
    seq: int
    route: str
    positions: tuple[Coordinates, ...]
    drafts: bool
    type: ClassVar[str] = "strip"


@dataclass(frozen=True)
class LatentMessage:
    """Asks for the latent at some coordinates, as text to copy.

    Attributes
    ----------
    client, seq, route, at
        As in `AskMessage`.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    type: ClassVar[str] = "latent"


@dataclass(frozen=True)
class StopMessage:
    """Has the kernel stop decoding the exact frame asked for last; no answer comes.

    Attributes
    ----------
    client, seq, route
        As in `AskMessage`.
    """

    client: str
    seq: int
    route: str
    type: ClassVar[str] = "stop"


@dataclass(frozen=True)
class LayersMessage:
    """Asks how much each layer of a direction changes the output; answered while idle.

    Attributes
    ----------
    client, seq, route, at
        As in `AskMessage`.
    axis : int
        Which direction.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    axis: int
    type: ClassVar[str] = "layers"


@dataclass(frozen=True)
class SpeedsMessage:
    """Asks how fast the output changes along a path; answered while idle.

    Where the path itself has to be found first, it is found and shown, and the answer is "stale".

    Attributes
    ----------
    client, seq, route, at
        As in `AskMessage`.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    type: ClassVar[str] = "speeds"


AnyQuestion: TypeAlias = AskMessage | StripMessage | LatentMessage | LayersMessage | SpeedsMessage


@dataclass(frozen=True)
class HistoryMessage:
    """Asks an explorer to go back or forward, or to keep a bookmark; no answer comes.

    Attributes
    ----------
    type : str
        One of `HISTORY_TYPES`. "shown" says that the page shows all parts; "axes" asks for a
        slider for each axis of the latent.
    name : str or None
        Name of the bookmark.
    """

    type: str
    name: str | None


HISTORY_TYPES = ("shown", "undo", "redo", "bookmark", "open", "remove", "axes")


# What the kernel answers.


class Said(TypedDict):
    """What is known of the latent at some coordinates of a map: pairs of name and text."""

    row: float
    lines: list[tuple[str, str]]


class Beside(TypedDict, total=False):
    """What a map adds to its answers to `AskMessage`."""

    said: Said


class About(Beside):
    """Which question an answer belongs to; `of` is the question's type."""

    client: str
    seq: int
    route: str
    of: str


class FrameHeader(TypedDict):
    """What is said of one frame; its bytes are the buffer at the same place.

    `draft` says which draft of the decoder it is, counted from 1; 0 for a finished frame.
    """

    at: Coordinates
    mime: str
    lossless: bool
    draft: int


class FramesAnswer(About):
    """Frames: one for each position, or only for some positions of a strip.

    `ms` is the milliseconds that decoding one took, None if all had been kept; `more` says whether
    more follow: others of the same strip, or better ones if these are drafts; `sent` is when they
    were sent, in milliseconds by the kernel's clock.
    """

    type: Literal["frames"]
    frames: list[FrameHeader]
    ms: float | None
    more: bool
    sent: float


class LatentAnswer(TypedDict):
    """The latent, as Python code."""

    client: str
    seq: int
    route: str
    of: str
    type: Literal["latent"]
    text: str


class LayersAnswer(TypedDict):
    """The root mean square change of the output per sigma of a direction, for each layer."""

    client: str
    seq: int
    route: str
    of: str
    type: Literal["layers"]
    effects: list[float]


class SpeedCurve(TypedDict):
    """How fast the output changes along a path.

    `points` are pairs of t and the speed there, as a multiple of the mean; `abrupt` the t of abrupt
    changes; `words` the whole in words. Without points the words say why.
    """

    points: list[tuple[float, float]]
    abrupt: list[float]
    words: str


class SpeedsAnswer(TypedDict):
    """How fast the output changes along the path."""

    client: str
    seq: int
    route: str
    of: str
    type: Literal["speeds"]
    curve: SpeedCurve


class ErrorAnswer(About):
    """What went wrong, in words."""

    type: Literal["error"]
    message: str


class StaleAnswer(About):
    """The question was about a route that is no longer shown."""

    type: Literal["stale"]


class StateRefusal(TypedDict):
    """The kernel refused what the page had set; `of` is "state"."""

    of: Literal["state"]
    type: Literal["error"]
    message: str


Answer: TypeAlias = (
    FramesAnswer | LatentAnswer | LayersAnswer | SpeedsAnswer | ErrorAnswer | StaleAnswer
)


def frames_answer(question: AskMessage | StripMessage, drawn: Drawn) -> FramesAnswer:
    """Answer with frames; their bytes are sent beside the answer, in the same order."""
    return {
        **about(question),
        "type": "frames",
        "frames": [
            {
                "at": frame.at,
                "mime": frame.mime,
                "lossless": frame.lossless,
                "draft": frame.draft,
            }
            for frame in drawn.frames
        ],
        "ms": 1000 * drawn.seconds / drawn.decoded if drawn.decoded else None,
        "more": drawn.more,
        "sent": 1000 * time.time(),
    }


def latent_answer(question: LatentMessage, latent: NDArray[np.float32]) -> LatentAnswer:
    """Answer with a latent, written so that Python reads the same numbers again."""
    text = np.array2string(
        latent, separator=", ", threshold=sys.maxsize, floatmode="unique", max_line_width=88
    )
    code = f"np.array({text}, dtype=np.{latent.dtype})"
    return {
        "client": question.client,
        "seq": question.seq,
        "route": question.route,
        "of": question.type,
        "type": "latent",
        "text": code,
    }


def layers_answer(question: LayersMessage, effects: list[float]) -> LayersAnswer:
    """Answer with how much each layer changes the output."""
    return {
        "client": question.client,
        "seq": question.seq,
        "route": question.route,
        "of": question.type,
        "type": "layers",
        "effects": effects,
    }


def speeds_answer(question: SpeedsMessage, curve: SpeedCurve) -> SpeedsAnswer:
    """Answer with how fast the output changes along a path."""
    return {
        "client": question.client,
        "seq": question.seq,
        "route": question.route,
        "of": question.type,
        "type": "speeds",
        "curve": curve,
    }


def error_answer(question: AnyQuestion, error: BaseException, under: str = "") -> ErrorAnswer:
    """Answer with what went wrong, and under which conditions."""
    message = words_of(error)
    if under:
        message = f"{under}: {message}"
    return {**about(question), "type": "error", "message": message}


def stale_answer(question: AnyQuestion) -> StaleAnswer:
    """Answer that the question is out of date."""
    return {**about(question), "type": "stale"}


def refusal(error: BaseException) -> StateRefusal:
    """Say why a value that the page had set was refused."""
    return {"of": "state", "type": "error", "message": words_of(error)}


def words_of(error: BaseException) -> str:
    """Write what went wrong, cut short where it is long.

    Examples
    --------
    >>> words_of(ValueError("no such name")), words_of(KeyError())
    ('no such name', 'KeyError')
    """
    try:
        text = str(error)
    except Exception:  # a value in it has a `repr` that raises
        text = ""
    text = text or type(error).__name__
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 3]}..."


def about(question: AnyQuestion) -> About:
    """Say which question is answered."""
    return {
        "client": question.client,
        "seq": question.seq,
        "route": question.route,
        "of": question.type,
    }
