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
    from contextlib import AbstractContextManager
    from typing import Any

__all__ = [
    "in_parallel",
    "one_blas_thread",
    "one_faiss_thread",
    "one_openmp_thread",
    "one_thread",
]

# How many numbers data must have for it to be worth starting other processes.
WORTH_PROCESSES = 2**21
# A single call on so many numbers gains from threads though cores are busy: beside another process,
# two threads took 0.31 s for the singular values of 8,000 x 512, and one 0.43 s.
LARGE = 2**22

_lock = threading.Lock()
# How many blocks of `one_blas_thread` have begun and not ended, and what the first has limited:
# libraries, and how many threads each had.
_inside = 0
_limited: list[tuple[Any, int]] = []
# How many blocks run beside what a person does, and what was lifted while they did.
_beside = 0
_lifted: list[tuple[Any, int]] = []
# How often this process is a fork, of a fork: blocks of its parents are not its own.
_forks = 0
# The libraries that were found, which takes milliseconds; how many modules were imported then, and
# which last.
_found: tuple[tuple[int, str], Any] | None = None


@contextmanager
def one_blas_thread(numbers: int = 0) -> Iterator[None]:
    """Let BLAS use one thread until the block, or a function decorated with it, ends.

    Each of many short steps ends with the slowest thread: where something else keeps the cores
    busy, several threads take many times as long as one. The limit holds for the whole process;
    of blocks that overlap, on whatever threads, the last one to end lifts it. A library built on
    OpenMP counts for each thread by itself, and is limited for that of each block.

    Others may limit BLAS meanwhile, by threadpoolctl: what ends first or last must not leave the
    process on one thread for good. So a library that had one thread already is left alone, and
    theirs may end within the block. Where theirs begins within it and ends after it, they restore
    the one thread that they have found: hence no block beside what a person runs, and what
    scikit-learn limits there by itself is put right as that ends; see `one_thread`.

    Parameters
    ----------
    numbers : int
        How many numbers a single call is on, where the block is one: of `LARGE` or more, it is not
        limited.
    """
    import scipy.linalg  # noqa: F401  # a library that is loaded later would not be limited

    if numbers >= LARGE:
        yield
        return
    global _inside
    forks = _forks
    with _lock:
        libraries = _libraries()
        _take_control()
        of_thread = libraries.select(threading_layer="openmp").limit(limits=1)
        if not _inside:
            _limited[:] = _with_several(libraries.select(user_api="blas"))
            for library, _ in _limited:
                library.set_num_threads(1)
        _inside += 1
        _take_control()
    try:
        yield
    finally:
        with _lock:
            if forks == _forks:
                _inside -= 1
            _take_control()
            if not _inside:
                _restore(_limited)
                _lifted.extend(_limited if _beside else ())
                _limited.clear()
            of_thread.restore_original_limits()
            _take_control()


@contextmanager
def one_thread(numbers: int = 0, *, beside: bool = False) -> Iterator[None]:
    """Let BLAS, and what this thread computes by OpenMP, use one thread until the block ends.

    Parameters
    ----------
    numbers : int
        As `one_blas_thread` takes it.
    beside : bool
        Whether it runs beside what a person does: BLAS, which has its threads for the whole
        process, is left as it is then. Only scikit-learn may limit it: k-means does as it runs, and
        so do nearest neighbours.

    Notes
    -----
    While scikit-learn limits BLAS in the background, somebody else may set a limit of their own by
    threadpoolctl. If theirs ends later, it restores what it found, one thread, and BLAS keeps that.
    To have n threads again, call ``threadpoolctl.threadpool_limits(n)``. Nothing tells us of such a
    limit, or when it ends; and were BLAS not limited, k-means would take many times as long where
    cores are busy.
    """
    blas = _seen_beside() if beside else one_blas_thread(numbers)
    with blas, one_openmp_thread():
        yield


@contextmanager
def one_openmp_thread() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Let what this thread computes by OpenMP, as PyTorch does, use one thread until the end.

    Where a person has called ``torch.set_num_threads``, PyTorch multiplies matrices on as many as
    they have said, by MKL, which does not ask OpenMP then.

    Yields
    ------
    callable
        Gives a block, within this one, in which it may use as many as before.
    """
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_num_threads"):
        torch.get_num_threads()  # in each thread its first call sets how many there are
    # Of openmp alone: at its end a limit restores all libraries that were chosen for it.
    libraries = _libraries().select(user_api="openmp")

    @contextmanager
    def several() -> Iterator[None]:
        limited.restore_original_limits()
        try:
            yield
        finally:
            libraries.limit(limits=1)

    with libraries.limit(limits=1) as limited:
        yield several


@contextmanager
def _seen_beside() -> Iterator[None]:
    """Let no limit of scikit-learn, which began in a block that has ended since, stay for good."""
    global _beside
    forks = _forks
    with _lock:
        _beside += 1
    try:
        yield
    finally:
        with _lock:
            if forks == _forks:
                _beside -= 1
            if not _beside:
                if not _inside:  # else that block restores them as it ends
                    _take_control()
                    _restore(_lifted)
                    _take_control()
                _lifted.clear()


def _restore(libraries: list[tuple[Any, int]]) -> None:
    for library, number in libraries:
        library.set_num_threads(number)


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
    imported = len(sys.modules), next(reversed(sys.modules))
    if _found is None or _found[0] != imported:
        _found = imported, ThreadpoolController()
    return _found[1]


def _with_several(libraries: Any) -> list[tuple[Any, int]]:
    """Give each library that has several threads, and how many."""
    counted = [(one, one.num_threads) for one in libraries.lib_controllers]
    return [(one, number) for one, number in counted if number and number > 1]


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
    global _lock, _inside, _beside, _forks
    _lock = threading.Lock()  # which a thread of the process that was forked may hold
    _inside = _beside = 0
    _limited.clear()
    _lifted.clear()
    _forks += 1


in_child(_note_child)
