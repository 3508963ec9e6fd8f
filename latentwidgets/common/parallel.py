"""Many calls of one function at once, on all cores; and how many threads libraries use."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from latentwidgets.common.forks import in_child
from latentwidgets.common.progress import progress
from latentwidgets.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

__all__ = ["in_parallel", "one_blas_thread", "one_faiss_thread", "one_thread"]

# How many numbers data must have for it to be worth starting other processes.
WORTH_PROCESSES = 2**21

_lock = threading.Lock()
# How many blocks of `one_blas_thread` have begun and not ended, and what the first has limited.
_inside = 0
_limits: Any = None
# The libraries that were found, which takes milliseconds, and how many modules were imported then.
_found: tuple[int, Any] | None = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let BLAS use one thread until the block, or a function decorated with it, ends.

    Each of many short steps ends with the slowest thread: where something else keeps the cores
    busy, several threads take many times as long as one. The limit holds for the whole process;
    of blocks that overlap, on whatever threads, the last one to end lifts it. A library built on
    OpenMP counts for each thread by itself, and is limited for that of each block.
    """
    import scipy.linalg  # noqa: F401  # a library that is loaded later would not be limited

    global _inside, _limits
    with _lock:
        _take_control()
        libraries = _libraries()
        of_thread = libraries.select(threading_layer="openmp").limit(limits=1)
        if not _inside:
            _limits = libraries.limit(limits=1, user_api="blas")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            _take_control()
            if not _inside:
                _limits.restore_original_limits()
                _limits = None
            of_thread.restore_original_limits()
            _take_control()


@contextmanager
def one_thread() -> Iterator[None]:
    """Let BLAS, and what this thread computes by OpenMP, use one thread until the block ends."""
    with one_blas_thread(), _libraries().limit(limits=1, user_api="openmp"):
        yield


@contextmanager
def one_faiss_thread() -> Iterator[Any]:
    """Give faiss, and let what this thread asks of it use no other until the block ends.

    Of several threads the slowest says how long it takes, where something else keeps the cores
    busy; and the child of a fork would wait for those of its parent for ever.

    Raises
    ------
    MissingExtraError
        If faiss is not installed.
    """
    try:
        import faiss
    except ImportError as error:
        raise MissingExtraError("index", "LatentIndex") from error
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield faiss
    finally:
        faiss.omp_set_num_threads(before)


def _libraries() -> Any:
    """Find the libraries that compute in threads: again only where something was imported."""
    from threadpoolctl import ThreadpoolController

    global _found
    imported = len(sys.modules)
    if _found is None or _found[0] != imported:
        _found = imported, ThreadpoolController()
    return _found[1]


def _take_control() -> None:
    """Let any thread limit OpenBLAS again.

    In newer versions of threadpoolctl only the thread that limits it first can, until that ends.
    """
    import threadpoolctl

    controller = getattr(threadpoolctl, "OpenBLASController", None)
    if clear := getattr(controller, "clear_controlling_thread", None):
        clear(force=True)


def in_parallel(
    function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]], size: int, what: str
) -> list[Any]:
    """Call a function for every task, on all cores, with a bar where it takes over a second."""
    from joblib import Parallel, delayed

    tasks = list(tasks)
    large = size >= WORTH_PROCESSES
    jobs = -1 if len(tasks) > 1 else 1
    # With threads of BLAS within each of these threads it took ten times as long.
    with one_blas_thread():
        results = Parallel(jobs, prefer="processes" if large else "threads", return_as="generator")(
            delayed(function)(*task) for task in tasks
        )
        return list(progress(results, what, total=len(tasks), delay=0 if large else 1))


def _note_child() -> None:
    global _lock, _inside
    _lock, _inside = threading.Lock(), 0  # which threads of the process that was forked may hold


in_child(_note_child)
