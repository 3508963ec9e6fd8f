"""Runs a model over many items in batches that fit into memory."""

from __future__ import annotations

import copy
import itertools
import math
import re
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from latentwidgets.common.checks import check_whole
from latentwidgets.common.memory import ALONE, is_out_of_memory, raise_with_way_out
from latentwidgets.common.progress import progress
from latentwidgets.errors import DecodeError
from latentwidgets.space.locks import ModelLock
from latentwidgets.space.steps import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from numpy.typing import NDArray

__all__ = ["Batches", "fixed_batch", "joined"]

Item = TypeVar("Item", bound=np.generic)
Result = TypeVar("Result", bound="list[Any] | NDArray[Any]")

# How runtimes and this package write that a batch has another size than the model takes.
_FIXED = (
    r"got:? (?P<got>\d+)\b\D{1,20}expected:? (?P<want>\d+)\b",
    r"expected\D{1,60}(?P<want>\d+)\b\D{1,20}got (?P<got>\d+)\b",
    r"equal to (?P<want>\d+)\b,? but got (?P<got>\d+)\b",
    r"returned shape \((?P<want>\d+), \d+, \d+.*? for a batch of (?P<got>[2-9]|\d\d+)\b",
    r"size\(\)\[0\] == (?P<want>\d+)",
    r"shape '\[(?P<want>\d+), .*' is invalid for input of size",
    r"cannot reshape array of size (?P<size>\d+) into shape \((?P<shape>(?P<want>\d+),[\d,]+)\)",
    r"tensor a \((?P<got>\d+)\) must match the size of tensor b \((?P<want>\d+)\) at \S+ \S+ 0\b",
    r"tensor a \((?P<want>\d+)\) must match the size of tensor b \((?P<got>\d+)\) at \S+ \S+ 0\b",
    r"size of the tensor \((?P<want>\d+)\) must match .{1,30}\((?P<got>\d+)\) at \S+ \S+ 0\b",
)
# A shape in such a message: (8, 4), [8,4] or 8 x 4.
_SHAPE = re.compile(r"[\[(] *(\d+(?: *[,x] *\d+)+),? *[\])]")
# Where no size is given: past 64 items hardly any model is faster per item, on a CPU or a GPU, and
# a batch that does not fit into memory is halved.
AUTO_SIZE = 64


class Batches:
    """How many items a model takes in one call, and the lock that is held during each call.

    Parameters
    ----------
    size : int, optional
        Most items in one call. Found automatically if None. A model that takes no fewer gets the
        last batch filled up to so many.
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
        self._whole = None if size is None else self.size
        # Whether the model takes whole batches only.
        self._fills = False

    def under(self, lock: ModelLock) -> Batches:
        """Return batches of the same size, whose calls hold another lock."""
        other = copy.copy(self)
        other._lock = lock
        return other

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
            Arrays with one row per item. The function gets the rows of its batch, as its second
            argument.

        Returns
        -------
        ndarray or list
            All results, in order.
        """
        bar = progress(total=len(items), delay=2) if len(items) > 4 * self.size else None
        try:
            results: list[Result] = list(self._results(function, items, beside, bar))
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
            The work on each batch, whose first step has been taken. Where memory runs out at a
            later step, `Run.again` begins the batch anew, in halves.
        """

        def first_step(batch: NDArray[Item], *beside: Any) -> Any:
            return begin(batch, *beside).stepped()

        done = 0
        for run in self._results(first_step, items, beside, None, finish=False):
            part = slice(done, done + run.count)
            done = part.stop
            some = beside and {name: array[part] for name, array in beside.items()}
            run.again = partial(self._halved, begin, items[part], some)
            yield run

    def _halved(
        self,
        begin: Callable[..., Run],
        items: NDArray[Item],
        beside: Mapping[str, NDArray[Any]] | None,
    ) -> Iterator[Run]:
        """Begin the work on a batch that did not fit into memory, in halves from now on."""
        self.size = min(self.size, max(1, len(items) // 2))
        yield from self.begun(begin, items, beside)

    def each(self, function: Callable[[NDArray[Item]], Any], items: NDArray[Item]) -> Iterator[Any]:
        """Run a function over all items, and give what it returns batch by batch.

        Parameters
        ----------
        function : callable
            Takes some of the items, where a batch was filled up others beside them.
        items : ndarray
            At least one item, along the first axis.

        Yields
        ------
        object
            What it returned.
        """
        for [result] in self._results(lambda batch: [function(batch)], items, None, None):
            yield result

    def _results(
        self,
        function: Callable[..., Result],
        items: NDArray[Item],
        beside: Mapping[str, NDArray[Any]] | None,
        bar: Any,
        *,
        finish: bool = True,
    ) -> Iterator[Any]:
        """Go through the batches; what does not fit into memory is tried again in halves."""
        done = 0

        def call(start: int, count: int) -> Any:
            """Call the function with some items, and leave out what filled the batch up."""
            whole = self._whole if self._fills else None  # which another thread may find out

            def taken(array: NDArray[Any]) -> NDArray[Any]:
                some = array[start : start + count]
                if whole is None:
                    return some.copy()
                return some[np.minimum(np.arange(whole), count - 1)]

            run = function
            if beside is not None:
                run = partial(_with, function, {name: taken(a) for name, a in beside.items()})
            result: Any = self._lock.run(run, taken(items))
            if isinstance(result, Run):
                result.keep(count)
                # A generator: other threads may use the model between two of its steps.
                return result.finish() if finish else result
            return result if whole is None else result[:count]

        while done < len(items):
            count = min(self.size, len(items) - done)
            try:
                result = self._called(partial(call, done), count)
            except Exception as error:
                if not finish and not self._fills and count == 1:
                    raise  # who has begun others beside it says the way out
                if count == 1 or not is_out_of_memory(error):
                    whole = f"The model takes {self._whole} at a time, and no fewer."
                    raise_with_way_out(error, whole if self._fills and self._whole != 1 else ALONE)
                self.size = count // 2
            else:
                done += count
                if bar is not None:
                    bar.update(count)
                yield result

    def _called(self, call: Callable[[int], Any], count: int) -> Any:
        """Call for so many items; where the model takes only whole batches, fill one up."""
        try:
            return call(count)
        except DecodeError as error:
            if is_out_of_memory(error) or self._fills:
                raise
            if self._whole is not None and count < self._whole == self.size:
                self._fills = True
                try:
                    filled = call(count)
                    self._fills = not self._takes(call, count)
                    return filled
                except Exception:
                    self._fills = False  # that was not it
            if not (hint := fixed_batch(str(error), count)):
                raise
            raise DecodeError(f"{str(error).rstrip('.')}. {hint}") from error.__cause__

    def _takes(self, call: Callable[[int], Any], count: int) -> bool:
        """Say whether the model takes a short batch after all: it failed for another reason."""
        fills, self._fills = self._fills, False
        try:
            call(count)
            return True
        except Exception:
            return False
        finally:
            self._fills = fills


def fixed_batch(words: str, count: int) -> str:
    """Say how to decode by a model whose error tells how many items it takes.

    This is the one place that says so.

    Parameters
    ----------
    words : str
        What the error says.
    count : int
        How many items it got.

    Returns
    -------
    str
        A sentence; empty where the error tells of something else.

    Examples
    --------
    >>> fixed_batch("input z: got [3,64] expecting [8,64]", 3)[:49]
    'A model that takes exactly 8 at a time needs batc'
    >>> fixed_batch("input z: got [3,64] expecting [3,32]", 3)
    ''
    """
    size = _told_size(words, count)
    if size is None:
        return ""
    told = (
        f"A model that takes exactly {size} at a time needs batch_size={size}; then the last batch "
        "is filled up."
    )
    if re.search("broadcast|must match", words):  # which is said of any two arrays
        told += (
            f" Where decode joins latents with {size} rows of something else, mend that instead: "
            "in batches of as many, each latent would get another row."
        )
    return told


def _told_size(words: str, count: int) -> int | None:
    """Find how many items a model takes in what its error says; None where it does not say."""
    for pattern in _FIXED:
        told = re.search(pattern, words, re.IGNORECASE)
        if told is None or int(told["want"]) == count:
            continue
        if "size" in told.groupdict():
            shape = [int(one) for one in told["shape"].split(",") if one]
            if int(told["size"]) * shape[0] != math.prod(shape) * count:
                continue  # it is not the number of items that does not fit
        if int(told.groupdict().get("got", count)) == count:
            return int(told["want"])
    if "not aligned" in words:  # of a product of matrices: another axis is what does not fit
        return None
    shapes = [tuple(map(int, re.split("[,x]", one))) for one in _SHAPE.findall(words)]
    rest = {shape[1:] for shape in shapes if shape[0] == count}
    wanted = {shape[0] for shape in shapes if shape[1:] in rest} - {count}
    return wanted.pop() if len(wanted) == 1 else None


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
