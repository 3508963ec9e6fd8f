"""Encoded frames kept for the next time they are asked for, within a budget of bytes."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from latentwidgets.frames import Frame

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

        A draft takes the place of no finished frame, and of no later draft.
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
