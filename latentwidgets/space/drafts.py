"""`Drafts`: the drafts of a decoder as they come, and last its finished outputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from latentwidgets.common.memory import ALONE, BESIDE, is_out_of_memory, raise_with_way_out
from latentwidgets.errors import DecodeError
from latentwidgets.space.batches import joined
from latentwidgets.space.steps import last_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from latentwidgets.kinds.shared.kind import Reader
    from latentwidgets.space.steps import Run

__all__ = ["Drafts", "read_draft"]


class Drafts(Iterator[Any]):
    """The outputs of a decoder as they come, each batch better than the last.

    Several batches advance together: each has taken its next step, or its last, when outputs are
    given. One that runs out of memory is begun anew in halves, and what it had made is given again
    until they are as far.

    Parameters
    ----------
    begin : callable
        Begins the decoder's work, and gives it batch by batch.
    cheap : callable, optional
        Gives outputs of a cheaper function, which come before all others.

    Examples
    --------
    >>> list(Drafts(lambda: [], lambda: [0.5]))
    [[0.5]]
    """

    def __init__(
        self, begin: Callable[[], Iterable[Run]], cheap: Callable[[], Any] | None = None
    ) -> None:
        self._begin: Callable[[], Iterable[Run]] | None = begin
        self._cheap = cheap
        self._runs: list[Run] = []
        self._working: list[Run] = []

    def __next__(self) -> Any:
        """Have the decoder take a step, and return what it made."""
        try:
            return self._step()
        except Exception as error:
            why = BESIDE if self._runs else ALONE
            self.close()
            raise_with_way_out(error, why)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the decoder's work: its generator is closed, and nothing follows."""
        runs, self._runs, self._working = self._runs, [], []
        self._begin = self._cheap = None
        for run in runs:
            run.close()

    def _step(self) -> Any:
        if self._cheap is not None:
            cheap, self._cheap = self._cheap, None
            return cheap()
        if self._begin is not None:
            begin, self._begin = self._begin, None
            for run in begin():
                self._runs.append(run)  # one by one: where the next raises, these are closed
            self._working = [*self._runs]
        else:
            self._go_on()
        while self._working and any(run.outputs is None for run in self._runs):
            self._go_on()
        if not self._working:
            raise StopIteration
        return joined([run.outputs for run in self._runs])

    def _go_on(self) -> None:
        """Take a step of each batch that has one left."""
        working, self._working = self._working, []
        for run in working:
            goes_on = _stepped(run, ALONE if len(working) == 1 else BESIDE)
            if goes_on is None:
                self._working += self._halved(run)
            elif goes_on:
                self._working.append(run)

    def _halved(self, run: Run) -> list[Run]:
        """Begin a batch anew, in smaller ones."""
        assert run.again is not None
        run.close()
        place, first, parts = self._runs.index(run), 0, []
        del self._runs[place]
        for part in run.again():
            self._runs.insert(place, part)
            first, place = part.catch_up_with(run, first), place + 1
            parts.append(part)
        return parts


def _stepped(run: Run, why: str) -> bool | None:
    """Have a batch take a step, and say whether there was one; None if it can only be halved."""
    try:
        return run.step()
    except Exception as error:
        if run.again is None or run.count == 1 or not is_out_of_memory(error):
            raise_with_way_out(error, why)
        return None


def read_draft(raw: Any, count: int, reader: Reader) -> Any:
    """Read what a cheaper function returned in place of the decoder.

    Parameters
    ----------
    raw : object
        What it returned; of a generator the last counts.
    count : int
        How many latents it was given.
    reader : Reader
        Reads what the decoder itself returns.

    Raises
    ------
    DecodeError
        If it raises on the way, or returned something else than the decoder does.
    """
    last = last_of(raw)
    try:
        return reader.read(last, count, tuple)
    except DecodeError as error:
        raise DecodeError(f"draft must return what decode does, but: {error}") from error
