"""Runs a model over many items in batches that fit into memory."""

from __future__ import annotations

import itertools
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from latentwidgets.common.checks import check_whole
from latentwidgets.common.progress import progress
from latentwidgets.errors import LatentWidgetsError
from latentwidgets.space.locks import ModelLock
from latentwidgets.space.steps import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from numpy.typing import NDArray

__all__ = ["Batches", "is_out_of_memory", "joined"]

Item = TypeVar("Item", bound=np.generic)
Result = TypeVar("Result", bound="list[Any] | NDArray[Any]")

# Where no size is given: past 64 items hardly any model is faster per item, on a CPU or a GPU, and
# a batch that does not fit into memory is halved.
AUTO_SIZE = 64


class Batches:
    """How many items a model takes in one call, and the lock that is held during each call.

    Parameters
    ----------
    size : int, optional
        Most items in one call. Found automatically if None.
    lock : ModelLock, optional
        The lock of the model.

    Attributes
    ----------
    size : int
        Most items in one call now. Halved whenever the model runs out of memory, for good.

    Examples
    --------
    >>> Batches(4).run(np.negative, np.arange(10.0)).shape
    (10,)
    """

    def __init__(self, size: int | None = None, lock: ModelLock | None = None) -> None:
        self.size = AUTO_SIZE if size is None else check_whole(size, "batch_size", least=1)
        self._lock = lock or ModelLock()

    def run(
        self,
        function: Callable[..., Result],
        items: NDArray[Item],
        beside: Mapping[str, NDArray[Any]] | None = None,
    ) -> Result:
        """Run a function over all items and join what it returns.

        Threads take turns batch by batch, so that a widget gets its frame during long work.

        Parameters
        ----------
        function : callable
            Takes some of the items, and returns one result for each, in an array or a list.
        items : ndarray
            At least one item, along the first axis. The function gets copies it may write to.
        beside : mapping of str to ndarray, optional
            What goes with each item. The function gets the same of some of them, as its second
            argument.

        Returns
        -------
        ndarray or list
            All results, in order.
        """
        bar = progress(total=len(items), delay=2) if len(items) > 4 * self.size else None
        try:
            results = list(self._results(function, items, beside, bar))
        finally:
            if bar is not None:
                bar.close()
        return joined(results)

    def begun(
        self,
        begin: Callable[..., Run],
        items: NDArray[Item],
        beside: Mapping[str, NDArray[Any]] | None = None,
    ) -> Iterator[Run]:
        """Have a decoder begin its work on all items, batch by batch.

        Parameters
        ----------
        begin : callable
            Takes some of the items, and begins the work on them.
        items : ndarray
            At least one item, along the first axis.
        beside : mapping of str to ndarray, optional
            What goes with each item, as of `run`.

        Yields
        ------
        Run
            The work on each batch, whose first step has been taken.
        """

        def first_step(batch: NDArray[Item], *beside: Any) -> Any:
            return [begin(batch, *beside).stepped()]

        for [run] in self._results(first_step, items, beside, None):
            yield run

    def _results(
        self,
        function: Callable[..., Result],
        items: NDArray[Item],
        beside: Mapping[str, NDArray[Any]] | None,
        bar: Any,
    ) -> Iterator[Result]:
        """Go through the batches; what does not fit into memory is tried again in halves."""
        done = 0
        while done < len(items):
            rows = slice(done, done + self.size)
            batch = items[rows].copy()
            run = function
            if beside is not None:
                run = partial(_with, function, {name: a[rows].copy() for name, a in beside.items()})
            try:
                result = self._lock.run(run, batch)
                if isinstance(result, Run):  # a generator, of which others need not await the end
                    result = result.finish()
            except Exception as error:
                if len(batch) == 1 or not is_out_of_memory(error):
                    raise
                self.size = len(batch) // 2
            else:
                done += len(batch)
                if bar is not None:
                    bar.update(len(batch))
                yield result


def _with(function: Callable[..., Result], beside: dict[str, NDArray[Any]], batch: Any) -> Result:
    return function(batch, beside)


def joined(results: list[Result]) -> Result:
    """Join the outputs of batches, in order."""
    if len(results) == 1:
        return results[0]
    whole: Any
    if isinstance(results[0], list):
        whole = list(itertools.chain.from_iterable(results))
    else:
        whole = np.concatenate(results)
    return cast("Result", whole)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error, or the one it was raised from, says that memory ran out."""
    cause = error.__cause__ if isinstance(error, LatentWidgetsError) else error
    if isinstance(cause, MemoryError) or type(cause).__name__ == "OutOfMemoryError":
        return True
    signs = ("out of memory", "not enough memory", "can't allocate memory")
    return isinstance(cause, RuntimeError) and any(sign in str(cause).lower() for sign in signs)
