"""What a process that was forked needs, so that nothing in it waits for ever.

A fork copies the memory of a process, and of its threads only the one that forks. A lock that
another thread held at that moment stays locked in the child, with nobody to release it. OpenMP,
with which PyTorch and scikit-learn compute, still counts on its worker threads in the child, and
waits for them for ever.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from latentwidgets.common.lookup import load_adapters_in_use

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["before_first_decode_of_child", "in_child", "prepare_to_decode"]

_preparations: list[Callable[[], object]] = []
# Whether this process was forked and has decoded nothing since.
_fresh_child = False


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


def _note_child() -> None:
    global _fresh_child
    _fresh_child = True


in_child(_note_child)
