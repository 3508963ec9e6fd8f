"""`Pieces`: long work in steps, so that whoever does it can stop between two of them."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from latentwidgets.common.pace import Pace
from latentwidgets.common.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

__all__ = ["STEP_SECONDS", "Pieces", "Steps", "finish", "outcome"]

# About how long one call of idle work may take: who begins to move while it runs waits until it is
# done, and should not notice. Of a decoder that takes longer, it is one decode.
STEP_SECONDS = 0.01

Result = TypeVar("Result")
# Work that pauses after each step, and at the end returns what was found.
Steps: TypeAlias = Generator[None, None, Result]


class Pieces:
    """Calls functions of many rows with some of them at a time.

    Parameters
    ----------
    seconds : float, optional
        About how long one call may take; if None, it gets as many rows as are allowed.
    most : int
        The most rows in one call, so that what it makes of large pictures fits in memory.

    Examples
    --------
    >>> import numpy as np
    >>> [len(some) for some in Pieces(most=2).over("negate", np.negative, np.arange(5))]
    [2, 2, 1]
    """

    def __init__(self, seconds: float | None = None, most: int = 16) -> None:
        self._seconds, self._most = seconds, most
        self._paces: dict[str, Pace] = {}

    def over(
        self, what: str, function: Callable[..., Result], *arrays: NDArray[Any]
    ) -> Iterator[Result]:
        """Call a function with some rows of each array at a time.

        Parameters
        ----------
        what : str
            Names the work: how long a row took is remembered for each.
        function : callable
            Takes as many arrays.
        *arrays : ndarray
            With as many rows each.

        Yields
        ------
        object
            What it returned, call after call.
        """
        pace = None if self._seconds is None else self._paces.setdefault(what, Pace(self._seconds))
        done, count = 0, len(arrays[0])
        while done < count:
            size = self._most if pace is None else min(self._most, pace.size)
            start = time.perf_counter()
            found = function(*(one[done : done + size] for one in arrays))
            if pace is not None:
                pace.took(min(size, count - done), time.perf_counter() - start)
            done += size
            yield found


def finish(steps: Steps[Result], what: str) -> Result:
    """Take all steps under a bar, and return what was found.

    Examples
    --------
    >>> def count():
    ...     yield
    ...     return 1
    >>> finish(count(), "counting")
    1
    """
    bar = progress(what=what)
    try:
        return outcome(steps, bar.update)
    finally:
        bar.close()


def outcome(steps: Steps[Result], after: Callable[[], object] = lambda: None) -> Result:
    """Take all steps, call a function after each, and return what was found.

    Examples
    --------
    >>> def count():
    ...     yield
    ...     return 1
    >>> outcome(count())
    1
    """
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Result = end.value
            return found
        after()
