"""What each thread has of a widget for itself, so that threads which use one at once do not mix."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OfThread", "while_set"]


class OfThread:
    """An attribute that a thread sets for itself alone; others find what it was before.

    traitlets and ipywidgets put some attributes on a widget while a block runs, as if one thread
    used it. A widget here has several: that of cells, those that take in what pages send, and
    those that fit. With one attribute for all, what one thread sets went into the block of
    another, unchecked; and where two blocks overlapped, either could fail.

    What is set is kept by the widget, and is gone with it.

    Parameters
    ----------
    default : object
        What it is where this thread has set nothing else.

    Examples
    --------
    >>> class Widget:
    ...     locked = OfThread(False)
    >>> widget = Widget()
    >>> widget.locked = True
    >>> seen = []
    >>> other = threading.Thread(target=lambda: seen.append(widget.locked))
    >>> other.start()
    >>> other.join()
    >>> widget.locked, seen
    (True, [False])
    """

    def __init__(self, default: Any) -> None:
        self._default = default

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, widget: Any, _owner: type | None = None) -> Any:
        if widget is None:
            return self._default
        return getattr(_own(widget), self._name, self._default)

    def __set__(self, widget: Any, value: Any) -> None:
        setattr(_own(widget), self._name, value)


@contextmanager
def while_set(widget: Any, name: str, value: Any) -> Iterator[None]:
    """Have an attribute be something else until the block ends."""
    before = getattr(widget, name)
    setattr(widget, name, value)
    try:
        yield
    finally:
        setattr(widget, name, before)


def _own(widget: Any) -> threading.local:
    """Give what a widget keeps for threads, each of which finds its own there."""
    kept: dict[str, Any] = vars(widget)
    if "_of_threads" not in kept:
        kept.setdefault("_of_threads", threading.local())  # at once: another may do so now
    found: threading.local = kept["_of_threads"]
    return found
