"""The bar over work that takes more than a second."""

from __future__ import annotations

from typing import Any

__all__ = ["progress"]


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

    return tqdm(steps, desc=what, total=total, delay=delay, leave=False)
