"""`OneByOne`: long work on a thread of its own, one piece after the other."""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OneByOne"]

log = logging.getLogger(__name__)

Piece = TypeVar("Piece")
# So many wait at most: each may take minutes.
MOST_WAITING = 4


class OneByOne(Generic[Piece]):
    """Does long work on a thread of its own, which lives as long as there is some.

    Parameters
    ----------
    act : callable
        ``act(piece)`` does one. What it raises is logged, and the next one is done.
    name : str
        Name of the thread.

    Examples
    --------
    >>> done = threading.Event()
    >>> OneByOne(lambda piece: piece.set(), "example").add(done)
    True
    >>> done.wait(10)
    True
    """

    def __init__(self, act: Callable[[Piece], object], name: str) -> None:
        self._act, self._name = act, name
        self._lock = threading.Lock()
        self._waiting: deque[Piece] = deque()
        self._works = False

    def add(self, piece: Piece) -> bool:
        """Do a piece once those before it are done; tell whether there is room for it."""
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                return False
            self._waiting.append(piece)
            if not self._works:
                self._works = True
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
            return True

    def close(self) -> None:
        """Drop what waits."""
        with self._lock:
            self._waiting.clear()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._works = False
                    return
                piece = self._waiting.popleft()
            try:
                self._act(piece)
            except BaseException:  # as where an answer cannot be sent: the next ones may be
                log.exception("%s: one piece of work was not done", self._name)
            del piece
