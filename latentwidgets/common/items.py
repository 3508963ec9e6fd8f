"""Arguments that hold several things: names, directions, positions."""

from __future__ import annotations

from typing import Any

from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError, LatentWidgetsError

__all__ = ["check_items"]


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
