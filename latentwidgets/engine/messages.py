"""What a page and its kernel say to each other. The page's side is `js/src/stage/messages.js`.

A page asks; the kernel answers. Every question carries the page's name, a number and the name of
the route that it is about, and its answer carries them back. What the page sends is read by
`parsing.parse`, which refuses what is not as written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    from latentwidgets.routes.route import Coordinates


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
    """Asks for the latent at some coordinates, as code to copy.

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
class PictureMessage:
    """Asks for what is shown as a picture to keep, in a file.

    Attributes
    ----------
    client, seq, route, at
        As in `AskMessage`.
    width : int or None
        How wide, in pixels; None for as many as are decoded.
    of_map : bool
        Whether the map itself is wanted, where there is one.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    width: int | None
    of_map: bool
    type: ClassVar[str] = "picture"


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
class ChangesMessage:
    """Asks how much one sigma of each direction changes the output; answered while idle.

    Attributes
    ----------
    client, seq, route, at
        As in `AskMessage`.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    type: ClassVar[str] = "changes"


@dataclass(frozen=True)
class LeakageMessage:
    """Asks how an edit changes what is read of the decoded output; answered while idle.

    Attributes
    ----------
    client, seq, route, at
        As in `AskMessage`.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    type: ClassVar[str] = "leakage"


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


IdleQuestion: TypeAlias = LayersMessage | ChangesMessage | LeakageMessage | SpeedsMessage
AnyQuestion: TypeAlias = AskMessage | StripMessage | LatentMessage | PictureMessage | IdleQuestion


@dataclass(frozen=True)
class ExplorerMessage:
    """What a person does with the buttons of an explorer; no answer comes.

    Attributes
    ----------
    type : str
        One of `EXPLORER_TYPES`. "shown" says that the page shows all parts; "axes" asks for a
        slider for each axis of the latent; "walk", to edit where the path is; "show", for other
        cells in the grid; "slider", for one that leads to the selected latents; "name", to call
        these so; "compare", to keep them, so that the slider leads from there to those selected
        then; "forget", to keep none.
    name : str or None
        Name of the bookmark, of the slider or of the selected latents; what to show.
    at : float or None
        Where on the path.
    """

    type: str
    name: str | None = None
    at: float | None = None


EXPLORER_TYPES = (
    *("shown", "undo", "redo", "bookmark", "open", "remove", "axes", "walk"),
    *("show", "slider", "name", "compare", "forget"),
)


# What the kernel answers.


class Said(TypedDict):
    """What is known of the latent at some coordinates of a map: pairs of name and text."""

    row: float
    lines: list[tuple[str, str]]


class About(TypedDict):
    """Which question an answer belongs to; `of` is the question's type."""

    client: str
    seq: int
    route: str
    of: str


class Beside(About, total=False):
    """What a map adds to its answers to `AskMessage`."""

    said: Said


class FrameHeader(TypedDict):
    """What is said of one frame; its bytes are the buffer at the same place.

    `draft` says which draft of the decoder it is, counted from 1; 0 for a finished frame.
    """

    at: Coordinates
    mime: str
    lossless: bool
    draft: int


class FramesAnswer(Beside):
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


class LatentAnswer(About):
    """A cell of Python that makes the latent."""

    type: Literal["latent"]
    text: str


class PictureAnswer(About):
    """A picture to keep: a PNG in base64, and its width and height in pixels."""

    type: Literal["picture"]
    png: str
    size: tuple[int, int]


class LayersAnswer(About):
    """The root mean square change of the output per sigma of a direction, for each layer."""

    type: Literal["layers"]
    effects: list[float]


class ChangesAnswer(About):
    """What `engine.changes` says of each direction; empty where it cannot be said or takes long."""

    type: Literal["changes"]
    changes: list[tuple[float, float]]


class LeakageAnswer(About):
    """How an edit changes what is read of the decoded output, by each direction's readout.

    In standard deviations of what is read; `chance` is the root mean square of what random moves
    do that are as long, empty where nothing is edited.
    """

    type: Literal["leakage"]
    effects: list[float]
    chance: list[float]


class SpeedCurve(TypedDict):
    """How fast the output changes along a path.

    `points` are pairs of t and the speed there, as a multiple of the mean; `abrupt` the t of abrupt
    changes; `words` the whole in words. Without points the words say why.
    """

    points: list[tuple[float, float]]
    abrupt: list[float]
    words: str


class SpeedsAnswer(About):
    """How fast the output changes along the path."""

    type: Literal["speeds"]
    curve: SpeedCurve


class ErrorAnswer(Beside):
    """What went wrong, in words."""

    type: Literal["error"]
    message: str


class StaleAnswer(Beside):
    """The question was about a route that is no longer shown."""

    type: Literal["stale"]


class StateRefusal(TypedDict):
    """The kernel refused what the page had set; `of` is "state"."""

    of: Literal["state"]
    type: Literal["error"]
    message: str


IdleAnswer: TypeAlias = LayersAnswer | ChangesAnswer | LeakageAnswer | SpeedsAnswer
Answer: TypeAlias = (
    FramesAnswer | LatentAnswer | PictureAnswer | IdleAnswer | ErrorAnswer | StaleAnswer
)
