"""The one place that loads modules by their names: adapters, and all that lie in one folder.

Adapters register their classes on functions of parts below them, which must not import an adapter:
each is loaded when the first model comes from its library.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any, Protocol

    class Dispatching(Protocol):
        """A `functools.singledispatch` function."""

        def dispatch(self, cls: type, /) -> Callable[..., Any]:
            """Find the function for a class."""


__all__ = ["handler_for", "load_adapters_in_use", "modules_of"]


def handler_for(generic: Dispatching, obj: object) -> Callable[..., Any] | None:
    """Load the adapters for an object's class, and see whether one has registered it.

    Libraries are looked for at the root of the modules of the class and of its base classes, so
    that a person's own subclass of torch.nn.Module is found.

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


def modules_of(package: str) -> list[ModuleType]:
    """Load all modules that lie directly in the folder of a package, in the order of their names.

    Parameters
    ----------
    package : str
        Its full name.

    Returns
    -------
    list of module
        The modules; packages within it are none of them.

    Examples
    --------
    >>> [module.__name__ for module in modules_of("latentwidgets.kinds")][:2]
    ['latentwidgets.kinds.curve', 'latentwidgets.kinds.image']
    """
    folder = importlib.import_module(package).__path__
    names = sorted(found.name for found in pkgutil.iter_modules(folder) if not found.ispkg)
    return [importlib.import_module(f"{package}.{name}") for name in names]


def load_adapters_in_use() -> None:
    """Load the adapters of all libraries that this process has loaded."""
    _load(set(sys.modules))


def _load(libraries: set[str]) -> None:
    """Load the adapters that are called as these libraries: the folder of adapters lists them."""
    adapters = importlib.import_module("latentwidgets.adapters")
    for name in sorted(libraries & adapters.LIBRARIES):
        importlib.import_module(f"{adapters.__name__}.{name}")
