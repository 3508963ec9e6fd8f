"""`Fitting`: what is on its way to a map, which can be used meanwhile."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from latentwidgets.common.checks import real_number
from latentwidgets.common.progress import progress, without_bars
from latentwidgets.routes.watched import Fit
from latentwidgets.widgets.map.fitted_projections import title_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

__all__ = ["Fitting", "Work"]

# How often, in seconds, somebody who waits looks how far a fit is.
PAUSE = 0.02
# It is told when so much more is done: each message costs the page a repaint.
SHARE = 0.01
# Nobody waits for longer, in seconds.
LONGEST = 1e6


class Work:
    """Something to fit on a thread of its own, and what is done with it then.

    Parameters
    ----------
    part : str
        What it is for: "projection" or "color". Of each, one at most is wanted.
    name : str
        What it is called.
    key : hashable
        What is fitted: where that is being fitted already, it is not begun again.
    make : callable
        ``make(fit)`` fits it on that thread, watched by a `Fit`.
    take : callable
        Takes what was fitted, if it is still wanted.
    give_up : callable, optional
        Called where it could not be fitted or taken, or a person has cancelled it.
    keep : bool
        Whether it is fitted to the end where it is not wanted any more, to be kept for later.
    """

    def __init__(
        self,
        part: str,
        name: str,
        key: Hashable,
        *,
        make: Callable[[Fit], Any],
        take: Callable[[Any], object],
        give_up: Callable[[], object] = lambda: None,
        keep: bool = False,
    ) -> None:
        self.part, self.name, self.key, self.keep = part, name, key, keep
        self.make, self.take, self.give_up = make, take, give_up
        self.fit, self.number, self.share = Fit(), 0, 0.0
        # Whether it is being shown, from when on it cannot be cancelled; and whether it was shown.
        self.taking = self.shown = False
        self.ended = threading.Event()  # shown, failed, cancelled, or not wanted any more


class Fitting:
    """What a map is to show as soon as it is fitted: a projection, clusters, or both.

    A map has it as `LatentMap.fitting`.

    Parameters
    ----------
    lock : RLock
        Guards all that the map wants. Whoever holds it may ask for another fit; nobody waits for
        one meanwhile, nor calls what a person has written.
    report : callable
        ``report(number, name, share)``: what is on its way, the first of two; its number among all
        that were begun, by which a page cancels it; and how much of it is done. No name for
        nothing. It is called with the lock held, and chooses nothing.
    refuse : callable
        ``refuse(error)`` says why something could not be fitted or shown.
    """

    def __init__(
        self,
        lock: threading.RLock,
        report: Callable[[int, str, float], object],
        refuse: Callable[[Exception], object],
    ) -> None:
        # Held whenever one of these changes, and while that is told: never in the wrong order.
        self._lock = lock
        self._report, self._refuse, self._begun = report, refuse, 0
        self._closed = False
        # Of each thread, "notifies": whether it is having observers notified of what was fitted,
        # or is not to be.
        self._here = threading.local()
        self._wanted: dict[str, Work] = {}  # by what it is for
        self._running: dict[Hashable, Work] = {}  # by what is fitted, wanted or kept for later

    @property
    def name(self) -> str:
        """What is on its way, such as "tsne", the first of two; empty for nothing."""
        work = self._first()
        return "" if work is None else work.name

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        work = self._first()
        return 0.0 if work is None else work.share

    def cancel(self) -> None:
        """Stop all that is on its way; the map stays as it is."""
        self._cancel(lambda work: True)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all of it is shown, under a progress bar; an interrupt ends the waiting alone.

        Parameters
        ----------
        timeout : float, optional
            For so many seconds at most, a million (12 days) or less. If None, as long as it takes.

        Returns
        -------
        bool
            False where time ran out, or some of it was cancelled, failed, or gave way to another;
            of what had ended before, it knows nothing: True where nothing is on its way.

        Raises
        ------
        LatentTypeError, LatentValueError
            If `timeout` is no such number.

        Notes
        -----
        `color` and `clusters` say at once what is wanted, and their observers can wait until it is
        shown. An observer of `projection` is told of one as it is being shown, and one of `color`
        also where it goes back, as clusters were cancelled or not found. These wait neither for
        that nor for anything else that is being shown just then, which may wait for them: it is
        shown as soon as all observers return, and True here does not say that it is.
        """
        end = (
            None
            if timeout is None
            else time.monotonic() + real_number(timeout, "timeout", least=0, most=LONGEST)
        )
        with self._lock:
            # What is being shown, here or by a thread whose observers wait for us, goes on only
            # once these return.
            within = vars(self._here).get("notifies", False)
            awaited = [work for work in self._wanted.values() if not (within and work.taking)]
        for work in awaited:
            with progress(what=title_of(work.name), total=100) as bar:
                while not work.ended.wait(PAUSE):
                    if end is not None and time.monotonic() > end:
                        return False
                    bar.update(round(100 * work.share) - bar.n)
        return all(work.shown for work in awaited)

    # What the map asks of it

    def wanted(self, part: str) -> str:
        """Name what is on its way for "projection" or "color"; empty for nothing."""
        work = self._wanted.get(part)
        return "" if work is None else work.name

    def begin(self, work: Work) -> None:
        """Fit something in place of what is on its way for the same part."""
        with self._lock:
            now = self._wanted.get(work.part)
            if self._closed or (now is not None and now.key == work.key):
                return
            runs = self._running.get(work.key)
            if runs is None:
                runs = work
                work.fit = Fit(lambda share: self._follow(work, share))
                name = f"latentwidgets-{work.part}"
                threading.Thread(target=self._run, args=(work,), name=name, daemon=True).start()
                self._running[work.key] = work
            self._want(runs)

    def take(self, work: Work, found: Any) -> None:
        """Show what is fitted already, in place of what is on its way for the same part."""
        with self._lock:
            if self._closed:
                return
            work.taking = True
            self._want(work)
        self._show(work, found)

    def forget(self, part: str) -> None:
        """Want nothing for "projection" or "color" any more."""
        with self._lock:
            work = self._wanted.get(part)
            if work is None or work.taking:
                return
            del self._wanted[part]
            self._leave(work)
            self._say()

    def hear(self, number: int) -> None:
        """Cancel what a page means by its number; where that has ended, nothing."""
        self._cancel(lambda work: work.number == number)

    def close(self) -> None:
        """Stop all, also what goes on although it is not wanted any more, and let go of the map."""
        with self._lock:
            self._closed = True
            # They hold the map's latents, and a person may hold this.
            self._report = self._refuse = _nothing
            works = [*self._running.values(), *self._wanted.values()]
            self._running.clear()
            self._wanted.clear()
            for work in works:
                work.fit.cancel()
                work.ended.set()

    def _first(self) -> Work | None:
        with self._lock:
            return next(iter(self._wanted.values()), None)

    def _want(self, work: Work) -> None:
        """Want this in place of what is on its way for the same part: one step, said once."""
        before = self._wanted.get(work.part)
        self._begun += 1
        work.number = self._begun
        work.ended.clear()
        self._wanted[work.part] = work
        if before is not None and not before.taking:  # else it ends as soon as it is shown
            self._leave(before)
        self._say()

    def _leave(self, work: Work) -> None:
        """End what is not wanted any more; what is kept for later goes on."""
        if not work.keep:
            self._stop(work)
        work.ended.set()

    def _say(self) -> None:
        work = self._first()
        if work is None:
            self._report(0, "", 0.0)
        else:
            self._report(work.number, work.name, work.share)

    def _stop(self, work: Work) -> None:
        """Have its thread end, which may take a moment; chosen again, it begins anew."""
        self._running.pop(work.key, None)
        work.fit.cancel()

    def _cancel(self, meant: Callable[[Work], bool]) -> None:
        with self._lock:
            works = [one for one in self._wanted.values() if meant(one) and not one.taking]
            for work in works:
                del self._wanted[work.part]
                self._stop(work)
            if works:
                self._say()
        # Each is given up, whatever becomes of the others.
        with self._notifying(), ExitStack() as stack:
            for work in reversed(works):
                stack.callback(work.ended.set)
                stack.callback(work.give_up)

    @contextmanager
    def _notifying(self) -> Iterator[None]:
        """Know that this thread has observers notified: others may wait until these return."""
        before, self._here.notifies = vars(self._here).get("notifies", False), True
        try:
            yield
        finally:
            self._here.notifies = before

    def _follow(self, work: Work, share: float) -> None:
        with self._lock:
            if share - work.share >= SHARE:
                work.share = share
                if self._first() is work:
                    self._say()

    def _run(self, work: Work) -> None:
        found: Any
        try:
            with without_bars():  # the map shows how far it is
                found = work.make(work.fit)
        except Exception as error:
            found = error
        except BaseException as error:  # such as SystemExit: nobody else would hear of it
            found = RuntimeError(f"the fit ended with {type(error).__name__}.")
        with self._lock:
            if work.fit.cancelled:
                return
            self._running.pop(work.key, None)
            if self._wanted.get(work.part) is not work:
                return
            work.taking = True
        self._show(work, found)

    def _show(self, work: Work, found: Any) -> None:
        """Have the map show something, or say why it cannot; then it has ended."""
        done = False
        try:
            with self._notifying():
                try:
                    if isinstance(found, Exception):
                        raise found
                    work.take(found)
                    done = True
                except Exception as error:
                    self._refuse(error)
                    work.give_up()
        finally:
            with self._lock:
                work.taking = False
                if self._wanted.get(work.part) is work:  # else it gave way meanwhile
                    work.shown = done
                    del self._wanted[work.part]
                self._say()
                work.ended.set()


def _nothing(*_: object) -> None:
    """Tell nobody."""
