"""The torch modules that a person's functions run, found by what the functions name."""

from __future__ import annotations

import functools
import inspect
import sys
import sysconfig
from typing import TYPE_CHECKING, Any

from latentwidgets.adapters.denoisers import is_finite

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["broken_weights", "modules_of", "named_by"]

# Whose functions are not searched for modules.
NOT_SEARCHED = ("torch", "numpy")
# Where packages are installed, and what comes with Python.
INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})


def broken_weights(modules: Sequence[Any]) -> str:
    """Name weights of modules that are not finite; empty where all are that are at hand.

    Of what a module keeps beside its weights, such as running means, only NaN counts: infinity is
    what masks are made of.

    Examples
    --------
    >>> import torch
    >>> net = torch.nn.BatchNorm1d(2)
    >>> net.running_mean[0] = torch.nan
    >>> broken_weights([net])
    'running_mean'
    """
    for module in modules:
        for name, weights in module.named_parameters():
            if not weights.is_meta and not is_finite(_wide(weights)):  # as offloaded
                return str(name)
        for name, kept in module.named_buffers():
            if not kept.is_meta and bool(_wide(kept).isnan().any()):
                return str(name)
    return ""


def _wide(numbers: Any) -> Any:
    """Take numbers of one byte, of which torch cannot ask whether they are finite, as float32."""
    return numbers.float() if numbers.is_floating_point() and numbers.itemsize == 1 else numbers


def modules_of(*functions: Any) -> list[Any]:
    """Find the torch modules that functions run, themselves or through functions that they name.

    Examples
    --------
    >>> import torch
    >>> net = torch.nn.Linear(2, 2)
    >>> inner = lambda x, t: net(x)
    >>> modules_of(lambda x, t: inner(x, t), net.forward) == [net]
    True
    """
    if "torch" not in sys.modules:
        return []
    from torch import nn

    found: list[Any] = []
    waiting, seen = [*functions], set()
    while waiting:
        one = waiting.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, nn.Module):
            found.append(one)
        else:
            waiting += named_by(one)
    # A part of a module that is there itself says nothing more.
    return [
        one
        for one in found
        if not any(one is not other and one in [*other.modules()] for other in found)
    ]


def named_by(one: Any) -> list[Any]:
    """Give what a function names, and what the object that it belongs to holds."""
    if isinstance(one, functools.partial):
        return [one.func, *one.args, *one.keywords.values()]
    if not inspect.isroutine(one):
        is_called = callable(one) and not inspect.isclass(one)
        return [*getattr(one, "__dict__", {}).values()] if is_called else []
    # Functions of libraries name hundreds of others, and none of a person's modules.
    if (getattr(one, "__module__", None) or "").split(".")[0] in NOT_SEARCHED:
        return []
    owner = getattr(one, "__self__", None)
    named = [] if inspect.ismodule(owner) else [owner, *getattr(owner, "__dict__", {}).values()]
    try:
        variables = inspect.getclosurevars(inspect.unwrap(one))
    except (TypeError, ValueError):  # of functions in C nobody knows
        return named
    bare = inspect.unwrap(one)
    named += [*(getattr(bare, "__defaults__", None) or ()), *variables.nonlocals.values()]
    # What is installed was written before the person's modules were, and its functions name others
    # without end: of a function of torchvision or of Python itself, nobody's module comes to light.
    code = getattr(bare, "__code__", None)
    own = code is None or not code.co_filename.startswith(INSTALLED)
    return [*named, *(variables.globals.values() if own else ())]
