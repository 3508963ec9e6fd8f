"""The bar over work that takes more than a second."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
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

    The bar appears with the first step that ends after `delay` seconds, unless that is the last;
    without delay, at once. When all is done, or the work fails or stops early, it is gone.

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
    if any(base.__module__ == "tqdm.notebook" for base in tqdm.__mro__):
        tqdm = _notebook_bar(tqdm)
    return tqdm(steps, desc=what, total=total, delay=delay, leave=False, disable=_hidden.get())


@cache
def _notebook_bar(tqdm: Any) -> Any:
    """Make the class of bars in notebooks that leave no output.

    Those of tqdm close their widget, but the output that showed it stays in the notebook, and with
    it their text, which is shown wherever that widget is not known. And where work fails, they
    appear, if they have not yet, and stay, though whoever called may have found another way.
    """
    from tqdm.notebook import display  # type: ignore[import-untyped, unused-ignore]

    class Bar(tqdm):  # type: ignore[misc, unused-ignore]
        handle: Any = None

        def __init__(self, *args: Any, delay: float, **options: Any) -> None:
            super().__init__(*args, delay=delay, display=False, **options)
            if not self.disable and not delay:
                self._appear()

        def _appear(self) -> None:
            self.handle = display(self.container, display_id=True)
            self.displayed = True

        def display(
            self,
            *args: Any,
            close: bool = False,
            bar_style: str | None = None,
            check_delay: bool = True,
        ) -> None:
            over = close or bar_style == "danger"
            style = None if over else bar_style
            super().display(*args, close=over, bar_style=style, check_delay=False)
            if over and self.handle is not None:
                self.handle.update({"text/html": "", "text/plain": ""}, raw=True)
            elif check_delay and not over and not self.displayed and self.n != self.total:
                self._appear()

    return Bar


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
