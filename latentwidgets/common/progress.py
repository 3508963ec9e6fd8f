"""The bar over work that takes more than a second."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from latentwidgets.common.forks import in_child

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["progress", "without_bars"]

_hidden = ContextVar("hidden", default=False)
# Whether the lock of all bars comes from a process that this one was forked from.
_inherited_lock = False


def progress(
    steps: Any = None, what: str = "", *, total: int | None = None, delay: float = 1
) -> Any:
    """Give the steps of some work one by one, under a bar; without steps, the bar to update.

    The bar appears with the first step that ends after `delay` seconds; without delay, at once.

    Examples
    --------
    >>> list(progress(range(3), "steps"))
    [0, 1, 2]
    """
    from tqdm.auto import tqdm  # type: ignore[import-untyped, unused-ignore]

    global _inherited_lock
    if _inherited_lock:  # which a thread of the process that was forked may have held
        tqdm.set_lock(threading.RLock())
        _inherited_lock = False
    return tqdm(steps, desc=what, total=total, delay=delay, leave=False, disable=_hidden.get())


@contextmanager
def without_bars() -> Iterator[None]:
    """Show no bar for what this thread does until the block ends."""
    token = _hidden.set(True)
    try:
        yield
    finally:
        _hidden.reset(token)


def _note_child() -> None:
    global _inherited_lock
    _inherited_lock = True


in_child(_note_child)
