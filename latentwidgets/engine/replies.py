"""What a kernel answers to its page. The page's side is `js/src/stage/replies.js`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    from latentwidgets.engine.messages import PicturePoint
    from latentwidgets.routes.route import Coordinates


class Said(TypedDict):
    """What is known of the latent at some coordinates of a map: of each thing name and text.

    Third, where the text is a number in short, the number whole.
    """

    row: float
    lines: list[tuple[str, ...]]


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


class FileAnswer(About):
    """A file to keep, whose bytes are its one buffer.

    `size` is the width and height of a picture or a film in pixels, None of a page.
    """

    type: Literal["file"]
    size: tuple[int, int] | None


class LayersAnswer(About):
    """The root mean square change of the output per sigma of a direction, for each layer."""

    type: Literal["layers"]
    effects: list[float]


class ChangesAnswer(About):
    """What `engine.changes` says of each direction; empty where it cannot be said or takes long."""

    type: Literal["changes"]
    changes: list[tuple[float, float]]


class LeakageAnswer(About):
    """How an edit changes what is read of the decoded output.

    `names` are those of what reads. Effects are in standard deviations of what is read, None where
    it changes and has no unit; `chance` is the root mean square of what random moves do that are as
    long, empty where nothing is edited; `notes` say of each whether it was held out from what
    moves, and whether it has no unit.
    """

    type: Literal["leakage"]
    names: list[str]
    effects: list[float | None]
    chance: list[float | None]
    notes: list[str]


class SpeedCurve(TypedDict):
    """How fast the output changes along a path.

    `points` are pairs of t and the speed there, as a multiple of the mean; `abrupt` the t of abrupt
    changes; `words` the whole in words. Without points the words say why. `saved` says what
    geodesics between samples of the prior save, where that is asked.
    """

    points: list[tuple[float, float]]
    abrupt: list[float]
    words: str
    saved: str


class SpeedsAnswer(About):
    """How fast the output changes along the path."""

    type: Literal["speeds"]
    curve: SpeedCurve


class Standing(TypedDict):
    """Where one latent stands among ordinary ones.

    `p` is the share of ordinary ones that are as rare, `test` the test that it fails, empty where
    it is typical; `details` says what each test measured.
    """

    p: float
    words: str
    test: str
    details: str


class TypicalityAnswer(About):
    """Where latents stand: that at `at` first, then those at `positions`.

    Empty where there is nothing to compare with; `words` says what is compared with, or why.
    """

    type: Literal["typicality"]
    places: list[Standing]
    words: str


class Neighbour(TypedDict):
    """One of the data; its picture is the buffer at the same place, in the format `mime`.

    In the `label` numbers are in short; `whole` is the same with all their digits.
    """

    row: int
    distance: float
    label: str
    whole: str
    mime: str


class NeighboursAnswer(About):
    """The nearest of the data, the nearest first; none where there are no data.

    `chance` is the median distance to all of the data, `searched` how many there are; `goes` says
    whether the widget can go to one of them.
    """

    type: Literal["neighbours"]
    neighbours: list[Neighbour]
    chance: float
    searched: int
    goes: bool


class VisitAnswer(About):
    """The widget has gone there."""

    type: Literal["visit"]


class RecipeAnswer(About):
    """The widget shows what the file says."""

    type: Literal["recipe"]


class PullAnswer(About):
    """One step of a pull: the coordinates it leads to, and where what was grabbed is then.

    `share` is how much of the pull it has moved, `done` says that another step would lead no
    further, and `words` why, where the end of the pull is not reached.
    """

    type: Literal["pull"]
    at: Coordinates
    here: PicturePoint
    share: float
    done: bool
    words: str


class DecoderAnswer(About):
    """What the page needs to decode by itself; the bytes are its buffers.

    `reason` says why it has to stay in the kernel, and is empty where it need not. Only then is
    there more: of "offer" and "check" the `name` of the decoder. Of "offer" whether it is `linear`,
    the version of the `runtime`, `latent_shape`, the `conditions` (for each, of which the
    coordinate is one of the last, which number the decoder gets at 0, and how much more at each
    next one; where the route has none, the number alone that it gets by default), how outputs are
    read (`reading`), and what the coordinates mean: `plan`, with names, shapes, and bytes a number,
    of its `arrays`, which are floats; and of a map the `lines` that are said beside latents, each
    as of `Said`. The bytes are those of the arrays, then, as int32, which of the lines is said of
    each latent. Of "check" there are frames, as raw pixels, each compressed as zlib does it where
    they are `packed`: their `positions`, `ms`, the milliseconds that one took here, and `batch_ms`,
    that one of a strip takes, as far as it is known.
    """

    type: Literal["decoder"]
    reason: str
    ms: float
    batch_ms: float
    name: str
    linear: bool
    runtime: str
    latent_shape: list[int]
    conditions: list[list[float]]
    reading: dict[str, object]
    plan: dict[str, object]
    arrays: list[tuple[str, list[int], int]]
    lines: list[list[tuple[str, ...]]]
    positions: list[list[float]]
    packed: bool


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


IdleAnswer: TypeAlias = (
    LayersAnswer
    | ChangesAnswer
    | LeakageAnswer
    | SpeedsAnswer
    | TypicalityAnswer
    | NeighboursAnswer
)
Answer: TypeAlias = (
    FramesAnswer
    | LatentAnswer
    | FileAnswer
    | VisitAnswer
    | RecipeAnswer
    | PullAnswer
    | DecoderAnswer
    | IdleAnswer
    | ErrorAnswer
    | StaleAnswer
)
