"""What a process that was forked needs, so that nothing in it waits for ever.

A fork copies the memory of a process, and of its threads only the one that forks. A lock that
another thread held at that moment stays locked in the child, with nobody to release it. OpenMP,
with which PyTorch and scikit-learn compute, still counts on its worker threads in the child, and
waits for them for ever.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from latentwidgets.common.lookup import load_adapters_in_use

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "before_first_decode_of_child",
    "beside_ipython",
    "computes_in_threads",
    "in_child",
    "prepare_to_decode",
]

# What says, the first of them that is set, how many threads OpenBLAS has from the start.
THREADS = ("OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS")

_preparations: list[Callable[[], object]] = []
# Whether this process was forked and has decoded nothing since.
_fresh_child = False
_forking = threading.Lock()


def in_child(function: Callable[[], object]) -> None:
    """Have a function called in every child as soon as it is forked, where there are forks."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=function)


def before_first_decode_of_child(function: Callable[[], object]) -> None:
    """Have a function called in every child just before it decodes for the first time."""
    _preparations.append(function)


def prepare_to_decode() -> None:
    """Make decoding safe in a process that was forked; in any other do nothing.

    From then on such a process computes in one thread, as the worker processes of PyTorch do.
    """
    global _fresh_child
    if not _fresh_child:
        return
    from threadpoolctl import threadpool_limits

    _fresh_child = False
    load_adapters_in_use()
    for prepare in _preparations:
        prepare()
    threadpool_limits(1, user_api="openmp")


def computes_in_threads() -> bool:
    """Tell whether OpenBLAS, with which NumPy and SciPy multiply, may be at work in its threads.

    Before any fork it ends them. Where another thread of Python has just given them work, they
    never end, nor does the work; and as a fork keeps all other code of Python waiting, the whole
    process stands still for ever: where one multiplied matrices of 100 rows meanwhile, at its first
    or second fork.
    """
    from threadpoolctl import threadpool_info

    said = [os.environ.get(name, "") for name in THREADS]
    numbers = [int(one) for one in said if one.isdecimal() and int(one) > 0]
    usual = numbers[0] if numbers else len(os.sched_getaffinity(0))
    # How many there are now may be less for a moment, as while scikit-learn looks for clusters.
    found = [one["num_threads"] for one in threadpool_info() if one["internal_api"] == "openblas"]
    return bool(found) and max(usual, *found) > 1


@contextmanager
def beside_ipython() -> Iterator[None]:
    """Have a fork leave alone IPython's thread that writes down what was typed.

    Before any fork IPython ends it, from the thread that forks, and the next cell starts another.
    A cell that looks for it at that moment finds nothing between two steps and fails before it
    runs: the kernel does not answer Jupyter, which waits for ever. And where it was just told to
    write, it may miss that it is to end: the fork waits until the next cell. A child that does
    nothing with IPython needs none of that.
    """
    manager: Any = getattr(sys.modules.get("IPython.core.history"), "HistoryManager", None)
    if not isinstance(getattr(manager, "_instances", None), WeakSet):
        yield
        return
    with _forking:
        histories, manager._instances = manager._instances, WeakSet()
        try:
            yield
        finally:
            made, manager._instances = manager._instances, histories
            histories.update(made)  # those that were made meanwhile


def _note_child() -> None:
    global _fresh_child, _forking
    _fresh_child = True
    _forking = threading.Lock()  # which another thread of the other process may hold


in_child(_note_child)
