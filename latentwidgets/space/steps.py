"""Decoders that answer more than once: a generator yields outputs, each better than the last."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from latentwidgets.common.memory import is_out_of_memory
from latentwidgets.common.warning import warn_caller
from latentwidgets.errors import DecodeError, LatentWidgetsError
from latentwidgets.kinds.reading.calls import call

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from latentwidgets.space.locks import ModelLock

__all__ = ["HeldSteps", "Run", "first_of", "is_stepwise", "last_of"]

# What stands for the end of a generator, and for outputs of one that has yielded none.
_NONE = object()
# A decoder that has yielded so often will not end.
MOST_STEPS = 100_000


class HeldSteps(Iterator[Any]):
    """Steps that run faster in one context for all of them, while no other call gets in between."""

    @abstractmethod
    def held(self) -> AbstractContextManager[object]:
        """Give that context."""


def is_stepwise(returned: object) -> bool:
    """Tell whether what a decoder returned is a generator, or any other iterator, of outputs.

    Examples
    --------
    >>> [is_stepwise(returned) for returned in ([1], (one for one in [1]), "text")]
    [False, True, False]
    """
    return isinstance(returned, Iterator)


def last_of(returned: Any) -> Any:
    """Run a decoder to its end, where it is a generator.

    Parameters
    ----------
    returned : object
        What the decoder returned.

    Returns
    -------
    object
        The last that it yields; `returned` itself where it is no generator.

    Raises
    ------
    DecodeError
        If it raises, or yields nothing.

    Examples
    --------
    >>> last_of(iter([1, 2])), last_of(3)
    (2, 3)
    """
    if not is_stepwise(returned):
        return returned
    last, taken = _NONE, 0
    try:
        with _held(returned):
            while (following := _next(returned, taken)) is not _NONE:
                last, taken = following, taken + 1
    finally:
        _close(returned)
    return _checked(last)


def first_of(returned: Any) -> Any:
    """Return the first that a generator yields, and close it; of others what they returned.

    Examples
    --------
    >>> first_of(iter([1, 2])), first_of(3)
    (1, 3)
    """
    if not is_stepwise(returned):
        return returned
    try:
        return _checked(_next(returned, 0))
    finally:
        _close(returned)


class Run:
    """A decoder at work on one batch, step by step.

    Its model is locked for the length of a step: between two steps other threads may run it.

    Parameters
    ----------
    returned : object
        What the decoder returned: a generator, or outputs, which are one step.
    read : callable
        Turns what the decoder made last into outputs.
    read_draft : callable
        Turns what it made on the way into outputs, and learns nothing from it.
    lock : ModelLock
        The lock of the model.
    count : int
        For how many latents, with those that fill a batch up.

    Attributes
    ----------
    outputs : object
        What it has made so far, read; None before there is anything.
    count : int
        For how many latents, without those that filled a batch up.
    again : callable or None
        Begins the same work anew, in smaller batches: returns an iterator of `Run`. None where
        nobody has said how.
    """

    def __init__(
        self,
        returned: Any,
        read: Callable[[Any], Any],
        read_draft: Callable[[Any], Any],
        lock: ModelLock,
        count: int,
    ) -> None:
        self._steps: Iterator[Any] = returned if is_stepwise(returned) else iter((returned,))
        self._read, self._read_draft, self._lock = read, read_draft, lock
        self._last: Any = _NONE
        self._warned = False
        self._taken = 0  # steps
        self._behind = 0  # so many steps lead no further than outputs that are there
        self.count = count
        self.outputs: Any = None
        self.again: Callable[[], Iterator[Run]] | None = None

    def keep(self, count: int) -> None:
        """Keep the outputs of the first few latents; the others filled a batch up."""
        self.count = count
        if self.outputs is not None:
            self.outputs = self.outputs[:count]

    def catch_up_with(self, other: Run, first: int) -> int:
        """Show what another run had made, until this one is as far as that was.

        Parameters
        ----------
        other : Run
            The run of which this is a part.
        first : int
            Where its first latent is there.

        Returns
        -------
        int
            Where the next part begins.
        """
        end = first + self.count
        if other.outputs is not None:
            self.outputs = other.outputs[first:end]
            self._behind = max(other._taken, other._behind)
        return end

    def stepped(self) -> Run:
        """Take the first step."""
        try:
            self.step()
        except BaseException:
            self.close()
            raise
        return self

    def step(self) -> bool:
        """Take a step, and say whether there was one; its outputs are in `outputs` then.

        A draft that cannot be read is left out: `outputs` are those before it, None without any.
        """
        return self._lock.run(Run._step_and_read, self)

    def finish(self) -> Any:
        """Take all steps, and return the outputs of the last."""
        try:
            self._lock.run_on(Run._step, self, partial(_held, self._steps))
            return self._lock.run(Run._read_and_close, self)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the decoder's work, wherever it is."""
        self._lock.run(_close, self._steps)

    def _step(self) -> bool:
        following = _next(self._steps, self._taken)
        if following is _NONE:
            return False
        self._last = following
        self._taken += 1
        return True

    def _step_and_read(self) -> bool:
        if self._step():
            if self._taken > self._behind:
                self._show_draft()
            return True
        last = self._read_last()  # what it made in the end says how all outputs are to be read
        if self._taken > self._behind:
            return False
        # It came to its end in fewer steps than the run that it catches up with had taken.
        self.outputs, self._behind = last, 0
        return True

    def _show_draft(self) -> None:
        try:
            self.outputs = call(self._read_draft, self._last)[: self.count]
        except LatentWidgetsError as error:
            if is_out_of_memory(error) and self.count != 1:
                raise  # of fewer latents at once it may be made
            if not self._warned:
                warn_caller(f"a draft is left out: {error}")
                self._warned = True

    def _read_and_close(self) -> Any:
        last = self._read_last()
        _close(self._steps)
        return last

    def _read_last(self) -> Any:
        return self._read(_checked(self._last))[: self.count]


def _next(steps: Iterator[Any], taken: int) -> Any:
    """Take a step after so many others."""
    if taken >= MOST_STEPS:
        raise DecodeError(
            f"decode has yielded {MOST_STEPS:,} batches of outputs, and no end is seen; expected "
            "an iterator that ends with the answer. Is it an endless loop?"
        )
    return call(_take, steps)


def _take(steps: Iterator[Any]) -> Any:
    return next(steps, _NONE)


def _held(steps: Iterator[Any]) -> AbstractContextManager[object]:
    """Give the context for steps between which nobody gets in, where they have one."""
    return steps.held() if isinstance(steps, HeldSteps) else nullcontext()


def _close(steps: Iterator[Any]) -> None:
    close = getattr(steps, "close", None)
    if close is not None:
        call(lambda _: close(), steps)


def _checked(last: Any) -> Any:
    if last is _NONE:
        raise DecodeError(
            "decode is a generator that yielded nothing; expected a batch of outputs at least "
            "once, the last of which is the answer."
        )
    return last
