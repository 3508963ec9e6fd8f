"""Texts whose last tokens alone tell their groups apart: a direction may be of these tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.wording import brief
from latentwidgets.space.last_tokens import last_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from latentwidgets.directions.labels import Attribute

__all__ = ["EndingDoubts", "ending_doubt", "pairs_doubt"]

# So many endings of one group are named.
NAMED = 3


def ending_doubt(one: Sequence[str], other: Sequence[str]) -> str | None:
    """Say that the last token alone tells two groups of texts apart; None where it does not.

    Parameters
    ----------
    one, other : sequence of str
        The last token of each text of a group.

    Returns
    -------
    str or None
        Where no ending is in both groups, and all of one group end alike or endings recur: there
        are no more of them than half as many as texts.

    Examples
    --------
    >>> ending_doubt([" sad"] * 5, [" happy"] * 5)[:45]
    'Texts of one side end in "sad", of the other '
    >>> ending_doubt([" felt"] * 5, [" felt"] * 5), ending_doubt([*"abcde"], [*"fghij"])
    (None, None)
    """
    first, second = ({*map(str.strip, group)} for group in (one, other))
    if not first or not second or first & second:
        return None
    recur = 2 * len(first | second) <= len(one) + len(other)
    if min(len(first), len(second)) > 1 and not recur:
        return None
    return (
        f"Texts of one side end in {_listed(first)}, of the other in {_listed(second)}: what was "
        "found may be that token, not what is meant. Let the texts of both sides end alike, or "
        'read all of their tokens: encode(..., pool="mean").'
    )


def pairs_doubt(before: Any, after: Any) -> str | None:
    """Say of latents, as an encoder of texts gave them, what `ending_doubt` says of the texts."""
    one, other = last_tokens(before), last_tokens(after)
    return None if one is None or other is None else ending_doubt(one, other)


class EndingDoubts:
    """Says of which labels of texts the last token alone is a sign.

    Parameters
    ----------
    *latents : array_like
        As an encoder of texts gave them, one group after the other. Of others nothing is said.

    Examples
    --------
    >>> from latentwidgets.directions.labels import attributes_in
    >>> from latentwidgets.space.last_tokens import note_last_tokens
    >>> [label] = attributes_in(np.array([True, False] * 4), 8)
    >>> states = np.zeros((8, 3))
    >>> note_last_tokens(states, [[1], [2]] * 4, lambda ids: [f"word {ids[0]}"])
    >>> EndingDoubts(states).of(label)[:43], EndingDoubts(states.copy()).of(label)
    ('Texts of one side end in "word 2", of the o', None)
    """

    def __init__(self, *latents: Any) -> None:
        self._endings = None
        known = [found for one in latents if (found := last_tokens(one)) is not None]
        if len(known) == len(latents):
            self._endings = np.array([one for group in known for one in group], object)

    def of(self, attribute: Attribute) -> str | None:
        """Say that the last token alone tells two classes apart; None where it does not."""
        if self._endings is None or not attribute.is_binary:
            return None
        found: Any = self._endings[attribute.rows]
        values = np.asarray(attribute.values, bool)
        return ending_doubt(found[~values], found[values])


def _listed(endings: Iterable[str]) -> str:
    named = sorted(endings)
    words = " or ".join(brief(one).replace("'", '"') for one in named[:NAMED])
    return words + " and the like" * (len(named) > NAMED)
