"""The bar over work that takes more than a second."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["progress", "without_bars"]

_hidden = ContextVar("hidden", default=False)


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

    return tqdm(steps, desc=what, total=total, delay=delay, leave=False, disable=_hidden.get())


@contextmanager
def without_bars() -> Iterator[None]:
    """Show no bar for what this thread does until the block ends."""
    token = _hidden.set(True)
    try:
        yield
    finally:
        _hidden.reset(token)
