"""`Fit`: how far a long fit is, and a way to stop it."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from latentwidgets.errors import LatentWidgetsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["Fit", "FitCancelledError"]


class FitCancelledError(LatentWidgetsError):
    """A fit was cancelled before it was done."""


class Fit:
    """A fit that is watched from another thread.

    Parameters
    ----------
    follow : callable, optional
        ``follow(share)`` is called on the thread of the fit as it gets on.

    Attributes
    ----------
    share : float
        How much of it is done, from 0 to 1.

    Examples
    --------
    >>> fit = Fit()
    >>> fit.reach(0.5)
    >>> fit.cancel()
    >>> fit.reach(0.6)
    Traceback (most recent call last):
    latentwidgets.routes.watched.FitCancelledError: the fit was cancelled.
    """

    def __init__(self, follow: Callable[[float], object] = lambda share: None) -> None:
        self.share = 0.0
        self._follow, self._cancelled = follow, threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether it is to stop, or has stopped."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Stop it at its next step, from any thread."""
        self._cancelled.set()

    def check(self) -> None:
        """Raise `FitCancelledError` where it was cancelled."""
        if self.cancelled:
            raise FitCancelledError("the fit was cancelled.")

    def reach(self, share: float) -> None:
        """Say how much is done; raises where it was cancelled."""
        self.check()
        self.share = max(self.share, min(share, 1.0))
        self._follow(self.share)

    @contextmanager
    def counting(self, steps: Mapping[str, int], most: float) -> Iterator[None]:
        """Watch a library at work, which neither says how far it is nor can be stopped.

        The interpreter tells of every call of a Python function on this thread. Functions that
        are called once a step are counted; at any call the fit can be stopped.

        Parameters
        ----------
        steps : mapping of str to int
            Such functions, as "end of the file's path:name", and how many calls of any of them
            there are in all.
        most : float
            What share of the fit this is.
        """
        before, calls = sys.getprofile(), 0
        names = {key.rpartition(":")[2] for key in steps}

        def called(frame: Any, event: str, _arg: Any) -> None:
            nonlocal calls
            if event != "call":
                return
            self.check()
            name = frame.f_code.co_name
            if name in names and (total := _total(frame.f_code, steps)):
                calls += 1
                if calls % 10 == 0:
                    self.reach(most * min(calls / total, 1))

        sys.setprofile(called)
        try:
            yield
        finally:
            sys.setprofile(before)
        self.reach(most)


def _total(code: Any, steps: Mapping[str, int]) -> int:
    """Give how many calls of a function there are in all; 0 where it is not counted."""
    path = f"{code.co_filename.replace(os.sep, '/')}:{code.co_name}"
    return next((total for key, total in steps.items() if path.endswith(key)), 0)
