"""Attributes of what a person passes: an object that is asked for one may raise anything."""

from __future__ import annotations

from typing import Any

__all__ = ["attribute", "has"]


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
