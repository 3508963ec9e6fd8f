"""Evaluation mode of torch modules, for as long as calls last."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from latentwidgets.common.forks import in_child

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

__all__ = ["evaluating"]

# The submodules that calls have put in evaluation mode, and the thread of each such call. Spaces
# may share submodules and run in several threads: the last call to end puts training mode back.
_evaluated: dict[nn.Module, list[int]] = {}
_changing_modes = threading.Lock()


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Put a module in evaluation mode, and each submodule back as it was, whatever happens.

    Parameters
    ----------
    module : torch.nn.Module
        The module. Its own ``train`` is not called: that may do more than set the mode.

    Examples
    --------
    >>> import torch
    >>> module = torch.nn.Dropout()
    >>> with evaluating(module):
    ...     module.training
    False
    >>> module.training
    True
    """
    thread = threading.get_ident()
    with _changing_modes:
        parts = [part for part in module.modules() if part.training or part in _evaluated]
        for part in parts:
            _evaluated.setdefault(part, []).append(thread)
            part.training = False
    try:
        yield
    finally:
        with _changing_modes:
            for part in parts:
                _end_evaluation(part, thread)


def _end_evaluation(part: nn.Module, thread: int) -> None:
    """End one call's evaluation mode of a submodule; with the last, go back to training mode."""
    calls = _evaluated[part]
    calls.remove(thread)
    if not calls:
        del _evaluated[part]
        part.training = True


def _end_evaluation_of_lost_threads() -> None:
    """Put training mode back, in the child of a fork, where calls of other threads left it."""
    global _changing_modes
    _changing_modes = threading.Lock()
    for part, threads in list(_evaluated.items()):
        for thread in set(threads) - {threading.get_ident()}:
            for _ in range(threads.count(thread)):
                _end_evaluation(part, thread)


in_child(_end_evaluation_of_lost_threads)
