"""What a page says to its kernel. The page's side is `js/src/stage/messages.js`.

A page asks; the kernel answers, see `replies`. Every question carries the page's name, a number
and the name of the route that it is about, and its answer carries them back. What the page sends is
read by `parsing.parse`, which refuses what is not as written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

if TYPE_CHECKING:
    from latentwidgets.routes.route import Coordinates

# x and y, as shares of the width and height of a picture.
PicturePoint: TypeAlias = tuple[float, float]


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
class FileMessage:
    """Asks for what is shown as a file to keep: in place of a film or page that waits or is made.

    Attributes
    ----------
    client, seq, route, at
        As in `AskMessage`.
    form : {"picture", "map", "gif", "webp", "apng", "page"}
        A picture; that of the map itself, where there is one; a film along a path or of an edit;
        or a page that moves without a kernel.
    width : int or None
        How wide a picture or a film is, in pixels; None for as many as are decoded.
    along : str or None
        Of a film of an edit, the direction that alone moves; None for all that is edited.
    seconds : float
        How long a film takes from end to end.
    captions : bool
        Whether where each frame of a film is stands under it.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    form: str
    width: int | None
    along: str | None
    seconds: float = 3.0
    captions: bool = False
    type: ClassVar[str] = "file"


@dataclass(frozen=True)
class StopMessage:
    """Has the kernel stop what this client asked for last; no answer comes.

    That is decoding an exact frame, or making a film or a page to keep.

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
    chance : bool
        Whether what is asked is what paths between samples of the prior have, in words.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    chance: bool
    type: ClassVar[str] = "speeds"


@dataclass(frozen=True)
class PullMessage:
    """Asks for one step of a pull at the picture; answered before anything is decoded ahead.

    Where `to` is where it was grabbed, nothing is pulled yet: then the step is only prepared.

    Attributes
    ----------
    client, seq, route, at
        As in `AskMessage`.
    start : tuple of float
        The coordinates when the picture was grabbed.
    grabbed, to, here : pair of float
        Where it was grabbed, where to it is pulled, and where what was grabbed is now: x and y, as
        shares of the picture's width and height.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    start: Coordinates
    grabbed: PicturePoint
    to: PicturePoint
    here: PicturePoint
    type: ClassVar[str] = "pull"


@dataclass(frozen=True)
class TypicalityMessage:
    """Asks where latents stand among ordinary ones; answered while idle.

    Attributes
    ----------
    client, seq, route, at
        As in `AskMessage`.
    positions : tuple of tuple of float
        Other coordinates to say it of, such as those along a slider; may be empty.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    positions: tuple[Coordinates, ...]
    type: ClassVar[str] = "typicality"


@dataclass(frozen=True)
class NeighboursMessage:
    """Asks which of the data are nearest to a latent, and for their pictures; answered while idle.

    Attributes
    ----------
    client, seq, route, at
        As in `AskMessage`.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    type: ClassVar[str] = "neighbours"


@dataclass(frozen=True)
class VisitMessage:
    """Has the widget go to one of the data, or take it as its base.

    Attributes
    ----------
    client, seq, route
        As in `AskMessage`.
    row : int
        Which of the data.
    """

    client: str
    seq: int
    route: str
    row: int
    type: ClassVar[str] = "visit"


@dataclass(frozen=True)
class RecipeMessage:
    """Has the widget show what a file says that was dropped on it.

    Attributes
    ----------
    client, seq, route
        As in `AskMessage`.
    data : str
        The file, of at most `MOST_DROPPED` bytes, in base64.
    """

    client: str
    seq: int
    route: str
    data: str
    type: ClassVar[str] = "recipe"


@dataclass(frozen=True)
class DecoderMessage:
    """Asks for what the page needs to decode by itself.

    Attributes
    ----------
    client, seq, route, at
        As in `AskMessage`.
    part : {"offer", "check", "network", "runtime", "webgpu"}
        How to decode; that, with a few frames to compare with; the decoder; or what runs it, on
        the processor or on a GPU. The first two are answered once the decoder was exported.
    name : str
        Which decoder, as it was named by the answer to "offer"; empty for whichever is there.
    """

    client: str
    seq: int
    route: str
    at: Coordinates
    part: str
    name: str
    type: ClassVar[str] = "decoder"


# A file that is dropped on a widget has at most so many bytes: more of base64 than about 10 MB may
# end the connection.
MOST_DROPPED = 6_000_000
DECODER_PARTS = ("offer", "check", "network", "runtime", "webgpu")
FILMS = ("gif", "webp", "apng")
PICTURES = ("picture", "map")
FILE_FORMS = (*PICTURES, *FILMS, "page")


IdleQuestion: TypeAlias = (
    LayersMessage
    | ChangesMessage
    | LeakageMessage
    | SpeedsMessage
    | TypicalityMessage
    | NeighboursMessage
)
AnyQuestion: TypeAlias = (
    AskMessage
    | StripMessage
    | LatentMessage
    | FileMessage
    | VisitMessage
    | RecipeMessage
    | PullMessage
    | DecoderMessage
    | IdleQuestion
)


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
        then; "forget", to keep none; "apply", to show what a file says that was dropped.
    name : str or None
        Name of the bookmark, of the slider or of the selected latents; what to show.
    at : float or None
        Where on the path.
    data : str or None
        The file, as of `RecipeMessage`.
    """

    type: str
    name: str | None = None
    at: float | None = None
    data: str | None = None


EXPLORER_TYPES = (
    *("shown", "undo", "redo", "bookmark", "open", "remove", "axes", "walk"),
    *("show", "slider", "name", "compare", "forget", "apply"),
)
