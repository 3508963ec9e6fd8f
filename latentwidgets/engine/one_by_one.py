"""`OneByOne`: long work on a thread of its own, one piece after the other."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from latentwidgets.common.wanted import UnwantedError, wanted_until

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
        ``act(piece)`` does one. What it raises is logged, and the next one is done. Where nobody
        wants the piece any more, `check_wanted` ends it.
    name : str
        Name of the thread.

    Examples
    --------
    >>> done = threading.Event()
    >>> OneByOne(lambda piece: piece.set(), "example").add("me", done)
    True
    >>> done.wait(10)
    True
    """

    def __init__(self, act: Callable[[Piece], object], name: str) -> None:
        self._act, self._name = act, name
        self._lock = threading.Lock()
        # What waits, by who wants it, the next one first.
        self._waiting: dict[str, Piece] = {}
        # Who wants what is done now, and what tells that nobody does any more.
        self._owner, self._unwanted = "", threading.Event()
        self._works = False

    def add(self, owner: str, piece: Piece) -> bool:
        """Do a piece once those before it are done; tell whether there is room for it.

        Then it replaces what that owner wanted before.
        """
        with self._lock:
            if len(self._waiting.keys() - {owner}) >= MOST_WAITING:
                return False
            self._drop(owner)
            self._waiting[owner] = piece
            if not self._works:
                self._works = True
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
            return True

    def drop(self, owner: str) -> None:
        """Have what somebody wanted not done, or done no further."""
        with self._lock:
            self._drop(owner)

    def close(self) -> None:
        """Drop what waits, and what is being done."""
        with self._lock:
            self._waiting.clear()
            self._unwanted.set()

    def _drop(self, owner: str) -> None:
        self._waiting.pop(owner, None)
        if owner == self._owner:
            self._unwanted.set()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._works = False
                    return
                self._owner = next(iter(self._waiting))
                piece = self._waiting.pop(self._owner)
                unwanted = self._unwanted = threading.Event()
            try:
                with wanted_until(unwanted.is_set):
                    self._act(piece)
            except UnwantedError:
                log.debug("%s: one piece of work was given up", self._name)
            except BaseException:  # as where an answer cannot be sent: the next ones may be
                log.exception("%s: one piece of work was not done", self._name)
            del piece
