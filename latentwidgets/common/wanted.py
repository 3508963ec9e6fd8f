"""Long work beside everything else: it ends once nobody wants it any more."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    class Lock(Protocol):
        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...

        def release(self) -> None: ...


__all__ = [
    "LOOK_SECONDS",
    "UnwantedError",
    "check_wanted",
    "in_turn",
    "never",
    "wanted_until",
    "while_wanted",
]

Item = TypeVar("Item")

# Work looks so often whether it is still wanted.
LOOK_SECONDS = 0.1


class UnwantedError(Exception):
    """Nobody wants the work any more: it was given up, and nothing of it is left."""


def never() -> bool:
    """Say that work is wanted, whatever happens."""
    return False


_unwanted: ContextVar[Callable[[], bool]] = ContextVar("unwanted", default=never)


@contextmanager
def wanted_until(unwanted: Callable[[], bool]) -> Iterator[None]:
    """Have `check_wanted` ask this, of what this thread does until the block ends.

    Parameters
    ----------
    unwanted : callable
        Says whether nobody wants the work any more.
    """
    token = _unwanted.set(unwanted)
    try:
        yield
    finally:
        _unwanted.reset(token)


def check_wanted() -> None:
    """End work that nobody wants any more; a person's own code is always wanted.

    Raises
    ------
    UnwantedError
        If nobody does.
    """
    if _unwanted.get()():
        raise UnwantedError


def while_wanted(items: Iterable[Item]) -> Iterator[Item]:
    """Give items one by one, as long as what is done with them is wanted.

    Raises
    ------
    UnwantedError
        If nobody wants it any more.

    Examples
    --------
    >>> list(while_wanted("ab"))
    ['a', 'b']
    """
    for item in items:
        check_wanted()
        yield item


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
