"""Which tokens of a text are its own, and which only say that a text begins."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

__all__ = ["check_filled", "check_said", "own_start", "says_beside"]


def own_start(ids: Sequence[int], front: Sequence[int]) -> int:
    """Say where a text's own tokens begin.

    Parameters
    ----------
    ids : sequence of int
        The tokens of a text, or of a chat, which has those in front only if its template writes
        them.
    front : sequence of int
        The tokens in front of every text; perhaps with those that end it, as an empty text has.

    Examples
    --------
    >>> own_start([1, 5], [1]), own_start([5], [1])
    (1, 0)
    >>> own_start([1, 5, 2], [1, 2]), own_start([1, 2], [1, 2])
    (1, 2)
    """
    both = zip(ids, front, strict=False)
    return len([*itertools.takewhile(lambda pair: pair[0] == pair[1], both)])


def check_filled(rows: Sequence[Sequence[int]], front: Sequence[int], noun: str) -> None:
    """See that each text has a token of its own.

    Raises
    ------
    LatentValueError
        If one has none.

    Examples
    --------
    >>> check_filled([[1, 5], [5], [1]], [1], "text")
    Traceback (most recent call last):
    latentwidgets.errors.LatentValueError: text 2 of 3 is empty; expected at least one token. ...
    """
    for i, row in enumerate(rows):
        if len(row) <= own_start(row, front):
            raise LatentValueError(
                f"{noun} {i} of {len(rows)} is empty; expected at least one token. Leave it out."
            )


def check_said(
    messages: Sequence[Any], tokens: Callable[[str], list[int]], front: Sequence[int]
) -> None:
    """See that each message of a chat says something: else its latent is that of the one before.

    Parameters
    ----------
    messages : sequence of str or dict
        The messages. Content that is no text is left to the chat template, and so is what is said
        beside empty content, such as the call of a tool.
    tokens : callable
        Gives the tokens of a text.
    front : sequence of int
        The tokens in front of every text.

    Raises
    ------
    LatentValueError
        If one has no token, or in a chat none but of the spaces around it, which templates cut off.

    Examples
    --------
    >>> user = {"role": "user", "content": " "}
    >>> check_said([" ", {**user, "tool_calls": ["f"]}], list, [])
    >>> check_said([user], list, [])
    Traceback (most recent call last):
    latentwidgets.errors.LatentValueError: message 0 of 1 is empty; expected at least one token. ...
    """
    said = [_said(one) if isinstance(one, dict) else one for one in messages]
    own = [tokens(one) if isinstance(one, str) else [*front, 0] for one in said]
    check_filled(own, front, "message")


def says_beside(message: dict[str, Any]) -> bool:
    """Say whether a message of a chat has no content, and something beside it, such as a call.

    Examples
    --------
    >>> silent = {"role": "assistant", "content": ""}
    >>> says_beside({**silent, "tool_calls": ["f"]}), says_beside({**silent, "tool_calls": None})
    (True, False)
    """
    content = message["content"]
    if content is not None and (not isinstance(content, str) or content.strip()):
        return False
    beside = [value for key, value in message.items() if key not in ("role", "content")]
    return any(value is not None and value != [] for value in beside)


def _said(message: dict[str, Any]) -> Any:
    """Give the content of a message without spaces around it; None if it speaks beside it."""
    content = None if says_beside(message) else message["content"]
    return content.strip() if isinstance(content, str) else content
