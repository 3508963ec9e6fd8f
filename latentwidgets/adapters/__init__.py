"""One module per kind of model that `as_space` takes, loaded when a model of that kind comes.

Each registers its classes on `latentwidgets.as_space`, and the arrays its models return on
`latentwidgets.outputs.as_outputs`. Nothing else knows a model library. `Retrieval` is a model of
our own, for data that have no decoder.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import _SingleDispatchCallable
    from typing import Any

    from .retrieval import Retrieval

__all__ = ["Retrieval", "declared_shapes", "handler_for"]

# The root module of a class, and the adapter that knows it. The roots of all base classes count,
# so that a person's own subclass of torch.nn.Module is found.
_ADAPTERS = {"sklearn": "sklearn", "torch": "torch"}


def __getattr__(name: str) -> object:
    if name != "Retrieval":
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return importlib.import_module(f"{__name__}.retrieval").Retrieval


def handler_for(generic: _SingleDispatchCallable[Any], obj: object) -> Callable[..., Any] | None:
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
    for root in sorted(roots & _ADAPTERS.keys()):
        importlib.import_module(f"{__name__}.{_ADAPTERS[root]}")
    handler = generic.dispatch(type(obj))
    return None if handler is generic.dispatch(object) else handler


def declared_shapes(*objects: object) -> list[tuple[int, ...]]:
    """Read the latent shapes that objects declare under the names people use.

    Parameters
    ----------
    *objects : object
        A model and its parts.

    Returns
    -------
    list of tuple of int
        What they say, in order. It may be wrong.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> declared_shapes(SimpleNamespace(latent_dim=10))
    [(10,)]
    """
    names = ("latent_shape", "latent_dim", "latent_size", "n_latents", "z_dim", "z_size", "nz")
    shapes = []
    for obj in objects:
        for name in names:
            value = getattr(obj, name, None)
            sizes = tuple(value) if isinstance(value, (tuple, list)) else (value,)
            if sizes and all(type(size) is int and size > 0 for size in sizes):
                shapes.append(sizes)
    return shapes
