"""What each thread has of a widget for itself, so that threads which use one at once do not mix."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["OfThread", "of_thread", "while_in_thread"]

# Of each thread, what it has: by name, then by widget.
_now = threading.local()


class OfThread:
    """An attribute that a thread sets for itself alone; others find what it was before.

    traitlets and ipywidgets put some attributes on a widget while a block runs, as if one thread
    used it. A widget here has several: that of cells, those that take in what pages send, and
    those that fit. With one attribute for all, what one thread sets went into the block of
    another, unchecked; and where two blocks overlapped, either could fail.

    Parameters
    ----------
    default : object
        What it is where this thread has set nothing else; a function is a method.

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

    def __get__(self, widget: Any, owner: type | None = None) -> Any:
        found = self._default if widget is None else self._own().get(id(widget), self._default)
        bind = found is self._default and hasattr(found, "__get__")
        return found.__get__(widget, owner) if bind else found

    def __set__(self, widget: Any, value: Any) -> None:
        if value == self._default:  # nothing is left of a widget that may be gone
            self._own().pop(id(widget), None)
        else:
            self._own()[id(widget)] = value

    def __delete__(self, widget: Any) -> None:
        self._own().pop(id(widget), None)

    def _own(self) -> dict[int, Any]:
        return _kept(self._name)


def of_thread(widget: Any, what: str) -> Any:
    """Give what this thread has of a widget for now, as `while_in_thread` says; None if nothing."""
    return _kept(what).get(id(widget))


@contextmanager
def while_in_thread(widget: Any, what: str, value: Any) -> Iterator[None]:
    """Have this thread keep something of a widget until the block ends."""
    kept = _kept(what)
    before = kept.get(id(widget))
    kept[id(widget)] = value
    try:
        yield
    finally:
        kept[id(widget)] = before
        if before is None:
            del kept[id(widget)]


def _kept(what: str) -> dict[int, Any]:
    found: dict[int, Any] = vars(_now).setdefault(what, {})
    return found
