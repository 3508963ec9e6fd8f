"""Long work beside everything else: it ends once nobody wants it any more."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    class Lock(Protocol):
        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...

        def release(self) -> None: ...


__all__ = ["LOOK_SECONDS", "UnwantedError", "in_turn", "never"]

# Work looks so often whether it is still wanted.
LOOK_SECONDS = 0.1


class UnwantedError(Exception):
    """Nobody wants the work any more: it was given up, and nothing of it is left."""


def never() -> bool:
    """Say that work is wanted, whatever happens."""
    return False


@contextmanager
def in_turn(lock: Lock, unwanted: Callable[[], bool]) -> Iterator[None]:
    """Hold a lock, unless the work is unwanted before the lock is free.

    Parameters
    ----------
    lock : Lock
        What one thread at a time holds.
    unwanted : callable
        Says whether nobody wants the work any more.

    Raises
    ------
    UnwantedError
        If nobody does.

    Examples
    --------
    >>> import threading
    >>> lock = threading.Lock()
    >>> with in_turn(lock, never):
    ...     lock.locked()
    True
    """
    while not lock.acquire(timeout=LOOK_SECONDS):
        if unwanted():
            raise UnwantedError
    try:
        yield
    finally:
        lock.release()
