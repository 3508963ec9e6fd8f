"""Encoded frames kept for the next time they are asked for, within a budget of bytes."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from latentwidgets.frames import Quality

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from latentwidgets.frames import Frame

__all__ = ["FrameCache", "KeptFrames"]

# A drag asks for thousands of exact frames; few of them are asked for again.
MOST_EXACT = 16

Key = tuple[str, tuple[float, ...]]


class FrameCache:
    """The most recently used frames, by route and coordinates.

    Parameters
    ----------
    limit : int
        How many bytes of encoded frames to keep at most.
    most : int, optional
        How many frames to keep at most.
    """

    def __init__(self, limit: int, *, most: int = sys.maxsize) -> None:
        self._most = most
        self._frames: OrderedDict[Key, Frame] = OrderedDict()
        self._lock = threading.Lock()
        self._limit = limit
        self.size = 0

    def __len__(self) -> int:
        return len(self._frames)

    def get(
        self, route: str, at: tuple[float, ...], *, lossless: bool, draft: bool = False
    ) -> Frame | None:
        """Return the frame kept for these coordinates, if it is good enough.

        Parameters
        ----------
        route, at : str, tuple of float
            Route and coordinates.
        lossless : bool
            Whether it must show every pixel as it was decoded.
        draft : bool
            Whether a draft is good enough.
        """
        with self._lock:
            frame = self._frames.get((route, at))
            if frame is None or (lossless and not frame.lossless) or (frame.draft and not draft):
                return None
            self._frames.move_to_end((route, at))
            return frame

    def put(self, route: str, frame: Frame) -> None:
        """Keep a frame; the least recently used ones go when the budget is spent.

        A draft does not replace a finished frame or a later draft.
        """
        with self._lock:
            old = self._frames.get((route, frame.at))
            if old is not None and frame.is_worse_than(old):
                return
            self._drop((route, frame.at))
            self._frames[route, frame.at] = frame
            self.size += len(frame.data)
            self._trim()

    def drop_draft(self, route: str, at: tuple[float, ...]) -> None:
        """Forget what is kept for these coordinates, if it is a draft."""
        with self._lock:
            old = self._frames.get((route, at))
            if old is not None and old.draft:
                self._drop((route, at))

    def resize(self, limit: int) -> None:
        """Set how many bytes to keep at most."""
        with self._lock:
            self._limit = limit
            self._trim()

    def clear(self) -> None:
        """Forget every frame."""
        with self._lock:
            self._frames.clear()
            self.size = 0

    def _drop(self, key: Key) -> None:
        old = self._frames.pop(key, None)
        if old is not None:
            self.size -= len(old.data)

    def _trim(self) -> None:
        while self._frames and (self.size > self._limit or len(self._frames) > self._most):
            self._drop(next(iter(self._frames)))


class KeptFrames:
    """What a renderer keeps: exact frames, and those that were decoded ahead, drafts among them.

    Attributes
    ----------
    exact, strips : FrameCache
        Separate, so that the exact frames of a drag cannot evict strips.
    """

    def __init__(self) -> None:
        self.exact = FrameCache(0, most=MOST_EXACT)
        self.strips = FrameCache(0)

    def find(
        self,
        route: str,
        positions: Sequence[tuple[float, ...]],
        quality: Quality,
        *,
        draft: bool = False,
    ) -> dict[tuple[float, ...], Frame | None]:
        """Find for each position the frame that is kept and good enough, or None.

        Parameters
        ----------
        route : str
            Name of the route.
        positions : sequence of tuple of float
            Coordinates.
        quality : Quality
            What is wanted; a strip also accepts lossy frames.
        draft : bool
            Whether a draft is good enough.
        """
        lossless = quality is not Quality.STRIP
        found: dict[tuple[float, ...], Frame | None] = {}
        for at in positions:
            kept = (
                cache.get(route, at, lossless=lossless, draft=draft)
                for cache in (self.exact, self.strips)
            )
            found[at] = next((frame for frame in kept if frame), None)
        return found

    def keep(self, route: str, frames: Iterable[Frame], quality: Quality) -> None:
        """Keep finished frames, and drop drafts of the same coordinates."""
        cache = self.strips if quality is Quality.STRIP else self.exact
        for frame in frames:
            cache.put(route, frame)
            self.strips.drop_draft(route, frame.at)

    def keep_drafts(self, route: str, frames: Iterable[Frame]) -> None:
        """Keep drafts, until finished frames replace them."""
        for frame in frames:
            self.strips.put(route, frame)

    def resize(self, memory: int) -> None:
        """Set how many bytes of frames are kept; a quarter of them are for exact frames."""
        self.exact.resize(memory // 4)
        self.strips.resize(memory - memory // 4)

    def clear(self) -> None:
        """Forget every frame."""
        self.exact.clear()
        self.strips.clear()
