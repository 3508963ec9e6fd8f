"""Change what is shown in one step, with all that follows from it, which may take long to find."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import RLock

__all__ = ["in_step"]

Found = TypeVar("Found")


@contextmanager
def in_step(
    lock: RLock, wanted: Callable[[], tuple[Any, ...]], find: Callable[..., Found]
) -> Iterator[Found]:
    """Find what follows from what is wanted; the block, in which that is so still, has the lock.

    Parameters
    ----------
    lock : RLock
        Held in the block; never while something is found, which may take long.
    wanted : callable
        ``wanted()`` gives objects, each of which is replaced where something else is wanted.
    find : callable
        ``find(*wanted())`` finds what follows from these. It is found anew where something else is
        wanted by then.
    """
    while True:
        found = find(*(before := wanted()))
        with lock:
            if all(one is other for one, other in zip(before, wanted(), strict=True)):
                yield found
                return
