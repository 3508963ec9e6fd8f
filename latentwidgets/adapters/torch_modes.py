"""The modes that torch modules are called in: evaluation mode, and without gradients."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch

from latentwidgets.common.forks import in_child

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from torch import nn

__all__ = ["ModeSteps", "evaluating", "listed"]

# The submodules that calls have put in evaluation mode, by their id since some cannot be hashed,
# and the thread of each such call. Spaces may share submodules and run in several threads: the last
# call to end puts training mode back.
_evaluated: dict[int, tuple[nn.Module, list[int]]] = {}
_changing_modes = threading.Lock()


def listed(modules: Iterable[nn.Module]) -> nn.ModuleList:
    """Make a list of modules which itself is in evaluation mode already, and costs no switch.

    Examples
    --------
    >>> modules = listed([torch.nn.Dropout()])
    >>> modules.training, modules[0].training
    (False, True)
    """
    found = torch.nn.ModuleList(modules)
    found.training = False
    return found


class evaluating:  # noqa: N801 (reads as torch.no_grad does)
    """Put a module in evaluation mode, and each submodule back as it was, whatever happens.

    A submodule that has no mode, as in a frozen script, or that refuses another, stays as it is.

    Parameters
    ----------
    module : torch.nn.Module
        The module. Its own ``train`` is not called: that may do more than set the mode.
    submodules : iterable of torch.nn.Module, optional
        What ``module.modules()`` gives, where that is known: it takes time to list.

    Examples
    --------
    >>> module = torch.nn.Dropout()
    >>> with evaluating(module):
    ...     module.training
    False
    >>> module.training
    True
    """

    def __init__(self, module: nn.Module, submodules: Iterable[nn.Module] | None = None) -> None:
        self._submodules = module.modules() if submodules is None else submodules
        self._parts: list[nn.Module] = []
        self._thread = threading.get_ident()

    def __enter__(self) -> None:
        with _changing_modes:
            parts = [
                part
                for part in self._submodules
                if getattr(part, "training", False) or (_evaluated and id(part) in _evaluated)
            ]
            self._parts = [part for part in parts if _begin_evaluation(part, self._thread)]

    def __exit__(self, *_: object) -> None:
        if self._parts:
            with _changing_modes:
                for part in self._parts:
                    _end_evaluation(part, self._thread)


def _begin_evaluation(part: nn.Module, thread: int) -> bool:
    """Put a submodule in evaluation mode; say whether it took that, and is to be put back."""
    if id(part) not in _evaluated:
        try:
            _set_mode(part, training=False)
        except Exception:  # it refuses, in whatever words: its layers are switched on their own
            return False
        _evaluated[id(part)] = part, []
    _evaluated[id(part)][1].append(thread)
    return True


def _end_evaluation(part: nn.Module, thread: int) -> None:
    """End one call's evaluation mode of a submodule; with the last, go back to training mode."""
    _, calls = _evaluated[id(part)]
    calls.remove(thread)
    if not calls:
        del _evaluated[id(part)]
        _set_mode(part, training=True)


def _set_mode(part: nn.Module, *, training: bool) -> None:
    """Set the mode of a submodule; past the search of `Module` for parameters, a tenth as long."""
    if type(part).__setattr__ is torch.nn.Module.__setattr__ and "training" in part.__dict__:
        part.__dict__["training"] = training
    else:
        part.training = training


def _end_evaluation_of_lost_threads() -> None:
    """Put training mode back, in the child of a fork, where calls of other threads left it."""
    global _changing_modes
    _changing_modes = threading.Lock()
    for part, threads in list(_evaluated.values()):
        for thread in set(threads) - {threading.get_ident()}:
            for _ in range(threads.count(thread)):
                _end_evaluation(part, thread)


in_child(_end_evaluation_of_lost_threads)


class ModeSteps(Iterator[Any]):
    """The steps of a generator, each of which runs as a call of the module does.

    Between two steps the module is in the mode that it had before, and so is the thread: others
    may use both meanwhile. What the generator itself had set when it yielded, such as gradients
    for its own use, is set again for its next step.

    Parameters
    ----------
    steps : iterator
        What the module returned.
    module : torch.nn.Module
        What is put in evaluation mode.
    result : callable
        Finds the tensor in what a step yields.
    """

    def __init__(
        self, steps: Iterator[Any], module: nn.Module, result: Callable[[Any], Any]
    ) -> None:
        self._steps, self._module, self._result = steps, module, result
        self._submodules = [*module.modules()]
        self._inference, self._gradients = False, False

    def __next__(self) -> Any:
        """Take a step."""
        with (
            evaluating(self._module, self._submodules),
            torch.inference_mode(self._inference),
            torch.set_grad_enabled(self._gradients),
        ):
            try:
                return self._result(next(self._steps))
            finally:
                self._inference = torch.is_inference_mode_enabled()
                self._gradients = torch.is_grad_enabled()

    def close(self) -> None:
        """Close the generator."""
        close = getattr(self._steps, "close", None)
        if close is not None:
            with torch.inference_mode(self._inference), torch.set_grad_enabled(self._gradients):
                close()

    def __del__(self) -> None:
        # Closed anywhere else, the generator would leave its modes to the thread.
        self.close()
