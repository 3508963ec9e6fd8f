"""Adapters by the library that a model comes from: each is loaded when the first such model comes.

The one place that loads a part by its name: adapters register their classes on functions of parts
below them, which must not import an adapter.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    class Dispatching(Protocol):
        """A `functools.singledispatch` function."""

        def dispatch(self, cls: type, /) -> Callable[..., Any]:
            """Find the function for a class."""


__all__ = ["handler_for", "load_adapters_in_use"]

# A model library, and the adapter that knows it. `handler_for` looks for the library at the root of
# the modules of a class and of its base classes, so that a person's own subclass of
# torch.nn.Module is found.
_ADAPTERS = {"sklearn": "sklearn", "torch": "torch"}


def handler_for(generic: Dispatching, obj: object) -> Callable[..., Any] | None:
    """Load the adapters for an object's class, and see whether one has registered it.

    Parameters
    ----------
    generic : callable
        A `functools.singledispatch` function that has fallen back to its default.
    obj : object
        What it was called with.

    Returns
    -------
    callable or None
        The handler, where there is one now.
    """
    roots = {base.__module__.partition(".")[0] for base in type(obj).__mro__}
    _load(roots)
    handler = generic.dispatch(type(obj))
    return None if handler is generic.dispatch(object) else handler


def load_adapters_in_use() -> None:
    """Load the adapters of all libraries that this process has loaded."""
    _load(set(sys.modules))


def _load(libraries: set[str]) -> None:
    for root in sorted(libraries & _ADAPTERS.keys()):
        importlib.import_module(f"latentwidgets.adapters.{_ADAPTERS[root]}")
