"""Arguments that hold several things: names, directions, positions; some in an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentWidgetsError

__all__ = ["check_items", "check_ordered"]


def check_items(given: Any, what: str, expected: str) -> list[Any]:
    """List what there is in something that holds several; a text is one, not its letters.

    Parameters
    ----------
    given : iterable
        What was given.
    what : str
        How a message begins: what it is.
    expected : str
        What was expected, for messages.

    Returns
    -------
    list
        All that is in it.

    Raises
    ------
    LatentTypeError
        If it holds nothing that can be listed.

    Examples
    --------
    >>> check_items(("a", "b"), "names are", "texts")
    ['a', 'b']
    >>> check_items(5, "names are", "texts")
    Traceback (most recent call last):
    latentwidgets.errors.LatentTypeError: names are 5; expected texts.
    """
    cause: Exception | None = None
    if not isinstance(given, (str, bytes)):
        try:
            return list(given)
        except LatentWidgetsError:
            raise  # of a generator, and says what is wrong
        except Exception as error:  # an object's own `__iter__` may raise anything
            cause = error
    raise LatentTypeError(f"{what} {brief(given)}; expected {expected}.") from cause


def check_ordered(given: Any, what: str, expected: str) -> list[Any]:
    """List what there is as `check_items` does, where it matters which comes first.

    Raises
    ------
    LatentTypeError
        If it holds nothing that can be listed, or has no order: a set, or a mapping.

    Examples
    --------
    >>> check_ordered({"a", "b"}, "texts are", "a list of texts")
    Traceback (most recent call last):
    latentwidgets.errors.LatentTypeError: texts are a set; expected a list of texts.
    """
    if isinstance(given, (set, frozenset, Mapping)):
        raise LatentTypeError(f"{what} a {type(given).__name__}; expected {expected}.")
    return check_items(given, what, expected)
