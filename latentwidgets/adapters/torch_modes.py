"""The modes that torch modules are called in: evaluation mode, and without gradients."""

from __future__ import annotations

import dis
import functools
import inspect
import operator
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from latentwidgets.common.forks import in_child
from latentwidgets.common.wording import raised
from latentwidgets.errors import DecodeError
from latentwidgets.space.steps import HeldSteps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CellType, CodeType

    from torch import nn

__all__ = [
    "ModeSteps",
    "Submodules",
    "evaluating",
    "listed",
    "modules_of",
    "owner_of",
    "signed",
    "told_of_inference",
]

# The submodules that calls have put in evaluation mode, by their id since some cannot be hashed,
# and the thread of each such call. Spaces may share submodules and run in several threads: the last
# call to end puts training mode back.
_evaluated: dict[int, tuple[nn.Module, list[int]]] = {}
_changing_modes = threading.Lock()
_flag = operator.itemgetter("training")


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


def signed(part: Callable[..., Any]) -> Callable[..., Any]:
    """Give the function whose parameters are those of a part: of a module, its forward.

    Examples
    --------
    >>> module = torch.nn.Identity()
    >>> signed(module) == module.forward, signed(abs)
    (True, <built-in function abs>)
    """
    return part.forward if isinstance(part, torch.nn.Module) else part


def owner_of(part: object) -> torch.nn.Module | None:
    """Find the module that a function is, or is a method of.

    Examples
    --------
    >>> module = torch.nn.Identity()
    >>> owner_of(module) is owner_of(module.forward) is module, owner_of(abs)
    (True, None)
    """
    owner = getattr(part, "__self__", part)
    return owner if isinstance(owner, torch.nn.Module) else None


# What a function uses is looked for in so many functions and objects that it reaches.
MOST_LOOKED = 1000
# Functions and objects of these hold no modules of a person.
NO_DECODERS = ("builtins", "numpy", "torch")


def modules_of(part: object) -> list[torch.nn.Module]:
    """Find the modules that a function runs: its owner, and what it closes over, holds or names.

    Examples
    --------
    >>> module = torch.nn.Identity()
    >>> modules_of(lambda latents: module(latents)) == modules_of(module.forward) == [module]
    True
    """
    found: list[torch.nn.Module] = []
    seen: dict[int, object] = {}
    waiting = [part]
    while waiting and len(seen) < MOST_LOOKED:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen[id(one)] = one
        if isinstance(one, torch.nn.Module):
            found.append(one)
        elif isinstance(one, functools.partial):
            waiting += [one.func, *one.args, *one.keywords.values()]
        elif inspect.ismethod(one):
            waiting += [one.__self__, one.__func__]
        elif inspect.isfunction(one):
            if _library(one.__module__) not in NO_DECODERS:
                names = [name for name in _globals_in(one.__code__) if name in one.__globals__]
                waiting += [one.__globals__[name] for name in names]
                waiting += [cell.cell_contents for cell in one.__closure__ or () if _is_full(cell)]
        elif isinstance(one, (list, tuple)):
            waiting += one[:MOST_LOOKED]
        elif _may_hold(one):
            waiting += [*vars(one).values()]
    return found


def _may_hold(one: object) -> bool:
    """Say whether an object has attributes that may be modules of a person."""
    if isinstance(one, type) or inspect.ismodule(one) or not hasattr(one, "__dict__"):
        return False
    return _library(type(one).__module__) not in NO_DECODERS


def _library(name: str | None) -> str:
    return (name or "").partition(".")[0]


@functools.lru_cache(4 * MOST_LOOKED)  # the same code is looked at again and again
def _globals_in(code: CodeType) -> tuple[str, ...]:
    """List the global names that code reads, that of functions within it too."""
    found = [one.argval for one in dis.get_instructions(code) if one.opname == "LOAD_GLOBAL"]
    for inner in code.co_consts:
        if inspect.iscode(inner):
            found += _globals_in(inner)
    return tuple(found)


def _is_full(cell: CellType) -> bool:
    """Say whether a variable that a function closes over has a value yet."""
    try:
        cell.cell_contents  # noqa: B018 (reading it is the test)
    except ValueError:
        return False
    return True


class Submodules:
    """A module and all that is within it, listed once for the many steps of one call.

    Parameters
    ----------
    module : torch.nn.Module
        The module.

    Attributes
    ----------
    each : list of torch.nn.Module
        What ``module.modules()`` gives, in any order.

    Examples
    --------
    >>> parts = Submodules(torch.nn.Sequential(torch.nn.Dropout(), torch.nn.Identity()))
    >>> len(parts.each), parts.may_train()
    (3, True)
    """

    def __init__(self, module: nn.Module) -> None:
        self.each, seen = [module], {id(module)}
        for part in self.each:  # which grows meanwhile
            if part._modules:  # most have none
                for one in part._modules.values():
                    if one is not None and id(one) not in seen:
                        seen.add(id(one))
                        self.each.append(one)
        kinds = {*map(type, self.each)}
        list_themselves = any(map(_lists_itself, kinds))
        if list_themselves:
            self.each = [*module.modules()]
        # Where each holds its mode, which is read in no time; None where one has it elsewhere.
        elsewhere = list_themselves or any(hasattr(one, "training") for one in kinds)
        self._flags = None if elsewhere else [one.__dict__ for one in self.each]

    def may_train(self) -> bool:
        """Say whether any is in training mode; True, too, where their modes cannot be read."""
        try:
            return self._flags is None or any(map(_flag, self._flags))
        except KeyError:  # one has none
            return True


def _lists_itself(kind: type[nn.Module]) -> bool:
    """Say whether modules of a class have a way of their own to list what is within them."""
    own = torch.nn.Module
    return kind.modules is not own.modules or kind.named_modules is not own.named_modules


class evaluating:  # noqa: N801 (reads as torch.no_grad does)
    """Put a module in evaluation mode, and each submodule back as it was, whatever happens.

    A submodule that has no mode, as in a frozen script, or that refuses another, stays as it is.

    Parameters
    ----------
    module : torch.nn.Module or Submodules
        The module. Its own ``train`` is not called: that may do more than set the mode.

    Examples
    --------
    >>> module = torch.nn.Dropout()
    >>> with evaluating(module):
    ...     module.training
    False
    >>> module.training
    True
    """

    def __init__(self, module: nn.Module | Submodules) -> None:
        self._submodules = module if isinstance(module, Submodules) else Submodules(module)
        self._parts: list[nn.Module] = []
        self._thread = threading.get_ident()

    def __enter__(self) -> None:
        with _changing_modes:
            if not _evaluated and not self._submodules.may_train():
                return
            parts = [
                part
                for part in self._submodules.each
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
    # Somebody may have set a part to train since another call put it in evaluation mode.
    if id(part) not in _evaluated or getattr(part, "training", False):
        try:
            _set_mode(part, training=False)
        except Exception:  # it refuses, in whatever words: its layers are switched on their own
            return False
    _evaluated.setdefault(id(part), (part, []))[1].append(thread)
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


def told_of_inference(run: Callable[[], Any], what: str) -> Any:
    """Run a part of a module; where `torch.inference_mode` is why it fails, say so.

    Parameters
    ----------
    run : callable
        Runs it.
    what : str
        What to call it in messages.

    Raises
    ------
    DecodeError
        If it takes gradients, and cannot for that reason.

    Examples
    --------
    >>> def decode():
    ...     raise RuntimeError("element 0 of tensors does not require grad")
    >>> with torch.inference_mode():
    ...     told_of_inference(decode, "decode")
    Traceback (most recent call last):
    ...
    latentwidgets.errors.DecodeError: decode raised RuntimeError: element 0 of tensors does not ...
    """
    try:
        return run()
    except RuntimeError as error:
        made = "nference tensor" in str(error)
        if torch.is_inference_mode_enabled() and (made or "does not require grad" in str(error)):
            why = "This was called inside torch.inference_mode(), in which nothing can take"
            way = "gradients, as the model does. Call it outside,"
        elif made:
            why = "The model got or holds tensors made inside torch.inference_mode(), of which"
            way = "nothing can take gradients. Make, load and call it outside,"
        else:
            raise
        raise DecodeError(
            f"{what} raised {raised(error)}. {why} {way} or inside torch.no_grad() instead."
        ) from error


class ModeSteps(HeldSteps):
    """The steps of a generator, each of which runs as a call of the module does.

    Between two steps the module is in the mode that it had before, and so is the thread: others
    may use both meanwhile. What the generator itself had set when it yielded, such as gradients
    for its own use, is set again for its next step.

    Steps between which no other call of the model gets in are taken within `held`, which switches
    once for all of them. What is set to train meanwhile is evaluated all the same. Code that does
    not wait for the model, such as a thread that trains it, sees evaluation mode until they are
    done, and an ``eval()`` that it calls is undone then.

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
        self._steps, self._result, self._submodules = steps, result, Submodules(module)
        self._inference, self._gradients = False, False
        self._is_held = False

    def __next__(self) -> Any:
        """Take a step."""
        if not self._is_held:
            with self.held():
                return self._step()
        if self._submodules.may_train():  # somebody has had it train meanwhile
            with evaluating(self._submodules):
                return self._step()
        return self._step()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the modes of the generator from one step to the next."""
        with (
            evaluating(self._submodules),
            torch.inference_mode(self._inference),
            torch.set_grad_enabled(self._gradients),
        ):
            self._is_held = True
            try:
                yield
            finally:
                self._is_held = False
                self._inference = torch.is_inference_mode_enabled()
                self._gradients = torch.is_grad_enabled()

    def close(self) -> None:
        """Close the generator."""
        close, self._steps = getattr(self._steps, "close", None), iter(())
        if close is not None:
            with torch.inference_mode(self._inference), torch.set_grad_enabled(self._gradients):
                close()

    def __del__(self) -> None:
        # Closed anywhere else, the generator would leave its modes to the thread.
        self.close()

    def _step(self) -> Any:
        return self._result(told_of_inference(self._steps.__next__, "decode"))
