"""`Fitting`: the projection that is on its way to a map, which can be used meanwhile."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from latentwidgets.common.progress import progress
from latentwidgets.widgets.map.fitted_projections import title_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from latentwidgets.routes.projection import Projection
    from latentwidgets.widgets.map.fitted_projections import FittedProjections

__all__ = ["Fitting"]

# How often, in seconds, somebody who waits looks whether a fit is done.
PAUSE = 0.02
# It is told when so much more is done: each message costs the page a repaint.
SHARE = 0.01


class Fitting:
    """The projection that a map is to show as soon as it is fitted.

    A map has it as `LatentMap.fitting`.

    Parameters
    ----------
    projections : FittedProjections
        What fits.
    tell : callable
        ``tell(name, share)``: what is on its way, and how much of it is done; no name for nothing.
    take : callable
        Takes a projection that is fitted.
    fail : callable
        Takes the error where it cannot be fitted or shown.

    Attributes
    ----------
    name : str
        Which one; empty where none is on its way.
    share : float
        How much of it is done, from 0 to 1.
    """

    def __init__(
        self,
        projections: FittedProjections,
        tell: Callable[[str, float], None],
        take: Callable[[Projection], None],
        fail: Callable[[Exception], None],
    ) -> None:
        self.name, self.share = "", 0.0
        self._projections, self._tell, self._take, self._fail = projections, tell, take, fail
        # Held while it is told how far a fit is, or that it has ended: never in the wrong order.
        self._lock = threading.RLock()
        # What is fitted and is being shown now, and what was shown last.
        self._taking = self._shown = ""

    def cancel(self) -> None:
        """Stop it, if one is on its way; the map stays as it is."""
        if self.name:
            self._projections.cancel(self.name)
            self._end()

    def close(self) -> None:
        """Stop it, and those that go on although they are not wanted any more."""
        self._projections.cancel()
        self.cancel()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is shown, under a progress bar; an interrupt ends the waiting alone.

        Parameters
        ----------
        timeout : float, optional
            For so many seconds at most.

        Returns
        -------
        bool
            False where time ran out, or it was cancelled or failed.
        """
        name, end = self.name, None if timeout is None else time.monotonic() + timeout
        with progress(what=title_of(name), total=100) as bar:
            while name and name in (self.name, self._taking):
                if end is not None and time.monotonic() > end:
                    return False
                bar.update(round(100 * self.share) - bar.n)
                time.sleep(PAUSE)
        return not name or self._shown == name

    def hear(self, change: Any, shown: str) -> None:
        """Follow the page: it has chosen a projection, or cancelled what it chose."""
        if change["name"] == "_cancels":
            self.cancel()
        else:
            self.choose(change["new"], shown)

    def forget(self) -> None:
        """Want none any more; one that is on its way is fitted, and kept for later."""
        if self.name:
            self._end()

    def choose(self, name: str, shown: str) -> None:
        """Begin to fit another than what is shown; forget what was wanted where it is the same."""
        with self._lock:
            self.name, self.share = name if name != shown else "", 0.0
            self._tell(self.name, 0.0)
        if self.name:
            self._projections.fit_in_background(name, self._done, self._follow)

    def _follow(self, name: str, share: float) -> None:
        with self._lock:
            if self.name == name and share - self.share >= SHARE:
                self.share = share
                self._tell(name, share)

    def _done(self, name: str, found: Projection | Exception) -> None:
        """Show what was fitted, unless something else was chosen meanwhile."""
        if self.name != name:
            return
        self._taking, self._shown = name, ""
        try:
            if isinstance(found, Exception):
                raise found
            self._take(found)
            self._shown = name
        except Exception as error:
            self._fail(error)
        finally:
            self._taking = ""
        self._end()

    def _end(self) -> None:
        with self._lock:
            self.name, self.share = "", 0.0
            self._tell("", 0.0)
