"""Attributes of what a person passes: an object that is asked for one may raise anything."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import Any

from latentwidgets.common.wording import raised

__all__ = ["attribute", "has", "raised_by"]


def attribute(value: Any, name: str, default: Any = None) -> Any:
    """Give an attribute; `default` where there is none, or where asking for it raises anything.

    A stand-in of another library, such as one for what is not there yet, raises what it likes.

    Examples
    --------
    >>> attribute(3j, "imag"), attribute(3j, "name", "none")
    (3.0, 'none')
    """
    try:
        return getattr(value, name, default)
    except Exception:
        return default


def has(value: Any, name: str) -> bool:
    """Tell whether an object has an attribute that can be asked for.

    Examples
    --------
    >>> has(3j, "imag"), has(3j, "name")
    (True, False)
    """
    missing = object()
    return attribute(value, name, missing) is not missing


def raised_by(value: Any, *names: str) -> str:
    """Say which of some attributes raises when it is asked for, to append to a message.

    An object is refused, or taken for another, because of an attribute that it seems not to have:
    what really went wrong is what a property of its class raised. What a ``__getattr__`` raises
    means that there is no such attribute.

    Parameters
    ----------
    value : object
        What was asked.
    *names : str
        The attributes, of which the first whose property raises counts.

    Returns
    -------
    str
        A sentence, after a space; empty where all are there, or merely missing.

    Examples
    --------
    >>> class Model:
    ...     @property
    ...     def decode(self):
    ...         raise OSError("the weights are gone")
    >>> raised_by(Model(), "decode"), raised_by(Model(), "encode")
    (' Its attribute decode raises OSError: the weights are gone.', '')
    """
    for name in names:
        if not _is_computed(value, name):
            continue
        try:
            getattr(value, name)
        except Exception as error:
            return f" Its attribute {name} raises {raised(_of_property(value, name, error))}."
    return ""


def _is_computed(value: Any, name: str) -> bool:
    """Say whether an object has an attribute that a function of its class computes."""
    return isinstance(inspect.getattr_static(value, name, None), (property, cached_property))


def _of_property(value: Any, name: str, error: Exception) -> Exception:
    """Give the error of a property itself, where its class's ``__getattr__`` hides it.

    Python asks that after any AttributeError; that of torch says that there is no such attribute.
    """
    found = inspect.getattr_static(value, name, None)
    if isinstance(error, AttributeError) and isinstance(found, property) and found.fget:
        try:
            found.fget(value)
        except Exception as own:
            return own
    return error
