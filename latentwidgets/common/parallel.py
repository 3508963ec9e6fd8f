"""Many calls of one function at once, on all cores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from latentwidgets.common.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


# How many numbers data must have for it to be worth starting other processes.
WORTH_PROCESSES = 2**21


def in_parallel(
    function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]], size: int, what: str
) -> list[Any]:
    """Call a function for every task, on all cores, with a bar where it takes over a second."""
    from joblib import Parallel, delayed
    from threadpoolctl import threadpool_limits

    tasks = list(tasks)
    large = size >= WORTH_PROCESSES
    jobs = -1 if len(tasks) > 1 else 1
    # With threads of BLAS within each of these threads it took ten times as long.
    with threadpool_limits(None if large else 1, user_api="blas"):
        results = Parallel(jobs, prefer="processes" if large else "threads", return_as="generator")(
            delayed(function)(*task) for task in tasks
        )
        return list(progress(results, what, total=len(tasks), delay=0 if large else 1))
