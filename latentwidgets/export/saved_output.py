"""What the output of a cell holds of a widget for where no kernel runs: a page that moves."""

from __future__ import annotations

import gzip
import html
import io
import json
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import PIL.Image

from latentwidgets.common.kernel import patience
from latentwidgets.export.exported.route import MOST_FRAMES, Asked
from latentwidgets.export.exported.table import exported, recording_of
from latentwidgets.export.picture import base64_of
from latentwidgets.export.saved_page import Contents, memory_for, under, written
from latentwidgets.frames import BARE, Quality

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from latentwidgets.engine import Renderer
    from latentwidgets.engine.shown import Shown
    from latentwidgets.export.exported.route import Recording
    from latentwidgets.frames import Frame
    from latentwidgets.routes.route import Coordinates

__all__ = ["NO_ROOM", "SOON_SECONDS", "MovingPage", "can_move", "gather", "moving_page"]

# A cell is not shown before its output is there: what is not decoded yet may take so long in all.
# Each of these frames is one that the widget's own page asks for next.
SOON_SECONDS = 0.06
# The first decode of all may be much slower than the next. Another one shows how much, where it
# takes no longer than this, or than this part of the time that there is.
TRIAL_SECONDS, TRIAL_SHARE = 0.1, 0.2
# To pack frames may take so long: thousands of cells, or large pictures made smaller, take more.
PACKING_SECONDS = 0.5
# So many frames are decoded at a time.
BATCH = 16
# By how much pictures are made smaller where they take too many bytes.
SMALLER = (2, 4, 8)
# Why there is no page, and the way out.
SLOW = (
    "to make its pictures would take too long. Show the widget again once it was moved, or keep a "
    "page with its save_html"
)
NO_ROOM = (
    "it takes more bytes than an output may hold. Set the widget's saved_bytes to more, or keep a "
    "page with its save_html"
)
MANY = f"it would hold more than {MOST_FRAMES:,} pictures. Show fewer latents"
# Where the frames go that the page gets from outside.
FRAMES = "frames of the output"
# About how long an entry of a frame is beside its bytes, as an attribute of HTML.
AROUND = 80


class MovingPage(NamedTuple):
    """A page that is put in the place of a picture, where scripts may run.

    Attributes
    ----------
    packed : str
        Its text without its frames, compressed, in base64.
    frames : str
        The frames, as JSON.
    words : str
        What it holds.
    """

    packed: str
    frames: str
    words: str


def can_move(renderer: Renderer) -> bool:
    """Say whether there are pages of what is shown at all, before anything is made for one."""
    shown = renderer.shown
    return shown is not None and renderer.draws and exported(shown.own).has_pages


def moving_page(
    renderer: Renderer,
    at: Coordinates,
    conditions: Mapping[str, Any],
    *,
    state: Mapping[str, Any],
    front_end: tuple[str, str, str, str],
    title: str,
    most: int,
) -> MovingPage | str:
    """Make a page of what is decoded already, and of what is decoded in a moment.

    Parameters
    ----------
    renderer : Renderer
        With the route that is shown.
    at : tuple of float
        Where the widget's own controls are.
    conditions : mapping of str to object
        What frames are decoded under.
    state, front_end, title
        As of `page_of`.
    most : int
        How many bytes there may be. Where there would be more it has fewer frames, or smaller ones.

    Returns
    -------
    MovingPage or str
        Why there is none, and the way out; empty where nothing on it would move.

    Raises
    ------
    DecodeError
        If the decoder raises.
    """
    shown = renderer.shown
    if shown is None or not can_move(renderer):
        return ""
    until = time.perf_counter() + patience(SOON_SECONDS)
    held: dict[Coordinates, Frame] = {}
    found: list[Recording] = []
    own, why = exported(shown.own), MANY
    for asked in own.choices(Asked(at, state)):
        recording, why = recording_of(shown.own, asked, conditions=conditions), SLOW
        places = [shown.place(place, conditions) for place in recording.places]
        if not gather(renderer, places, held, until):
            break
        found.append(recording)
    if not found:
        return why
    if len(found[-1].places) < 2:
        return ""
    packing = _Packing(renderer, time.perf_counter() + patience(PACKING_SECONDS))
    for recording, times in _from_best(found, own.fewest):
        places = [shown.place(place, conditions) for place in recording.places]
        frames = [held[place] for place in places]
        entries = packing.entries(recording, frames, times, most)
        if entries is None:
            continue
        page = _page(shown, recording, entries, conditions, state, front_end, title)
        if len(page.packed) + len(html.escape(page.frames)) <= most:
            return page
    return SLOW if packing.is_late else NO_ROOM


def gather(
    renderer: Renderer,
    places: Sequence[Coordinates],
    held: dict[Coordinates, Frame],
    until: float,
) -> bool:
    """Find frames, or decode them where there is time.

    Parameters
    ----------
    renderer : Renderer
        With the route that is shown.
    places : sequence of tuple of float
        Coordinates, with those of conditions.
    held : dict
        Frames that are there, by place; those that are found come to them.
    until : float
        When time is up, as `time.perf_counter` has it.

    Returns
    -------
    bool
        Whether all are there.

    Raises
    ------
    DecodeError
        If the decoder raises.
    """
    shown = renderer.shown
    assert shown is not None
    wanted = [place for place in places if place not in held]
    if len(wanted) > MOST_FRAMES:
        return False
    kept = renderer.kept.find(shown.name, wanted, Quality.STRIP)
    held.update((place, frame) for place, frame in kept.items() if frame is not None)
    missing = [place for place in wanted if place not in held]
    if missing and renderer.space.gives_drafts:  # as only slow decoders do
        return False
    each, size = renderer.seconds, BATCH
    left = until - time.perf_counter()
    if each * len(missing) > left and each <= max(TRIAL_SECONDS, TRIAL_SHARE * left):
        size = 1
    while missing:
        now = time.perf_counter()
        if size > 1 and each * len(missing) > until - now:
            return False
        drawn = renderer.draw(shown.name, missing[:size], Quality.STRIP)
        held.update((frame.at, frame) for frame in drawn.frames)
        each = (time.perf_counter() - now) / len(drawn.frames)
        missing, size = missing[size:], BATCH
    return True


def _from_best(found: Sequence[Recording], fewest: int) -> Iterator[tuple[Recording, int]]:
    """Say what to try: first fewer frames, then smaller ones."""
    for recording in reversed(found):
        if len(recording.places) >= fewest or recording is found[-1]:
            yield recording, 1
    enough = [one for one in found if len(one.places) >= fewest] or found[-1:]
    for times in SMALLER:
        yield from ((one, times) for one in enough[:1])


class _Entries(NamedTuple):
    """What a page holds of frames: a list for each, and what all take."""

    each: list[list[Any]]
    size: int
    opened: int
    lossy: bool


class _Packing:
    """Turns frames into what files hold, each once, until time is up."""

    def __init__(self, renderer: Renderer, until: float) -> None:
        self._renderer, self._until = renderer, until
        self._files: dict[Coordinates, tuple[str, bytes]] = {}
        self._pictures: dict[Coordinates, PIL.Image.Image] = {}

    @property
    def is_late(self) -> bool:
        """Whether time is up."""
        return time.perf_counter() > self._until

    def entries(
        self, recording: Recording, frames: Sequence[Frame], times: int, most: int
    ) -> _Entries | None:
        """Pack frames; None where they are too large, or it takes too long."""
        whole = sum(len(frame.data) for frame in frames if not frame.mime.startswith(BARE))
        if times == 1 and whole * 4 / 3 > most:
            return None  # before anything is packed
        each, size, opened, lossy = [], 0, 0, False
        for shown, frame in zip(recording.shown, frames, strict=True):
            if self.is_late:
                return None
            mime, data, lossless, pixels = self._packed(frame, times)
            letters = base64_of(data)
            each.append([shown, mime, letters, lossless])
            lossy |= not lossless
            opened += pixels
            size += len(letters) + AROUND
            if size > most:
                return None
        return _Entries(each, size, opened, lossy)

    def _packed(self, frame: Frame, times: int) -> tuple[str, bytes, bool, int]:
        """Give a frame as files hold it: mime type, bytes, whether it is exact, opened bytes."""
        if self._renderer.painter:
            return frame.mime, frame.data, frame.lossless, len(frame.data)
        if frame.at not in self._files:
            bare = frame.mime.startswith(BARE)  # which no file holds
            png = self._renderer.framer().png(frame) if bare else b""
            mime, data = ("image/png", png) if bare else (frame.mime, frame.data)
            self._files[frame.at] = mime, data
            self._pictures[frame.at] = PIL.Image.open(io.BytesIO(data))
        picture = self._pictures[frame.at]
        width, height = picture.size
        if times == 1:
            return *self._files[frame.at], frame.lossless, 4 * width * height
        size = max(1, width // times), max(1, height // times)
        buffer = io.BytesIO()
        picture.resize(size, PIL.Image.Resampling.BOX).save(buffer, "WEBP", quality=85, method=0)
        return "image/webp", buffer.getvalue(), False, 4 * size[0] * size[1]


def _page(
    shown: Shown,
    recording: Recording,
    entries: _Entries,
    conditions: Mapping[str, Any],
    state: Mapping[str, Any],
    front_end: tuple[str, str, str, str],
    title: str,
) -> MovingPage:
    """Make a page of frames that are packed."""
    words = f"{recording.words}{under(shown, conditions)}"
    words = words[0].upper() + words[1:]
    lost = ", compressed" if entries.lossy else ""
    about = f"{words}{lost}. Saved in the notebook: no kernel runs here."
    memory = memory_for(entries.size, entries.opened)
    contents = Contents(state, recording.state, FRAMES, memory, about)
    text = written(contents, front_end=front_end, title=title, place=" lw-embedded")
    packed = base64_of(gzip.compress(text.encode("utf-8", "replace"), 9, mtime=0))
    listed = json.dumps(entries.each, separators=(",", ":")).replace("<", "\\u003c")
    return MovingPage(packed, listed, words)
