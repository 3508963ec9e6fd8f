"""Texts whose endings alone tell their groups apart: a direction may be of these endings."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.wording import short
from latentwidgets.space.last_tokens import text_ends

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from numpy.typing import NDArray

    from latentwidgets.directions.labels import Attribute

__all__ = ["EndingDoubts", "endings_apart", "pairs_doubt"]

# So many endings of one group are named.
NAMED = 3
# Endings that guess so large a share of texts right tell the groups apart. Chance is a half.
SHARE = 0.9
ADVICE = (
    "What was found may be of these endings, not of what is meant. Let the texts of both sides end "
    "alike: add the same words after."
)


def endings_apart(one: Sequence[str], other: Sequence[str]) -> str | None:
    """Say that the ending alone tells two groups of texts apart; None where it does not.

    Parameters
    ----------
    one, other : sequence of str
        The last token, or the last word, of each text of a group.

    Returns
    -------
    str or None
        It, as a sentence that begins small, where guessing by the ending would be right for nine
        texts in ten, both groups counted alike. Endings of which there is one text only count as
        one ending: each alone says nothing.

    Examples
    --------
    >>> endings_apart([" sad"] * 5, [" happy"] * 5)[:50]
    'texts of one side end in "sad", of the other in "h'
    >>> endings_apart([" felt"] * 5, [" felt"] * 5), endings_apart([*"abcde"], [*"fghij"])
    (None, None)
    """
    if not one or not other:
        return None
    groups = [[text.strip() or text for text in group] for group in (one, other)]
    often = Counter(groups[0] + groups[1])
    first, second = (
        Counter(text if often[text] > 1 else None for text in group) for group in groups
    )
    guessed: list[dict[str | None, float]] = [{}, {}]
    for text in first | second:
        shares = first[text] / len(one), second[text] / len(other)
        guessed[shares[0] < shares[1]][text] = max(shares)
    share = sum(sum(side.values()) for side in guessed) / 2
    if share < SHARE:
        return None
    here, there = (_listed(group, side) for group, side in zip(groups, guessed, strict=True))
    most = "" if share == 1 else f" ({int(100 * share)} % of them, where half would be chance)"
    return f"texts of one side end in {here}, of the other in {there}{most}."


def pairs_doubt(before: Any, after: Any) -> str | None:
    """Say of latents, as an encoder of texts gave them, that the last token tells them apart."""
    ends = _Ends(before, after)
    rows = np.arange(len(ends.ends))
    return _sentence(ends.apart(rows[: len(before)], rows[len(before) :])) if len(rows) else None


class EndingDoubts:
    """Says of which labels of texts the ending alone is a sign.

    Parameters
    ----------
    *latents : array_like
        As an encoder of texts gave them, one group after the other. Of others nothing is said.

    Examples
    --------
    >>> from latentwidgets.directions.labels import attributes_in
    >>> from latentwidgets.space.last_tokens import note_text_ends
    >>> [label] = attributes_in(np.array([True, False] * 4), 8)
    >>> states = np.zeros((8, 3))
    >>> note_text_ends(states, [[1], [2]] * 4, lambda ids: [f"word {ids[0]}"])
    >>> EndingDoubts(states).of(label)[:43], EndingDoubts(states.copy()).of(label)
    ('Texts of one side end in "word 2", of the o', None)
    """

    def __init__(self, *latents: Any) -> None:
        self._known = _Ends(*latents)

    def of(self, attribute: Attribute) -> str | None:
        """Say that the ending alone tells two classes apart; None where it does not."""
        return _sentence(self._of(attribute))

    def of_all(self, attributes: Sequence[Attribute]) -> str | None:
        """Say it of several, each by its name; None where it is true of none."""
        found = [f"{one.name}: {said}" for one in attributes if (said := self._of(one))]
        return " ".join([*found, ADVICE]) if found else None

    def _of(self, attribute: Attribute) -> str | None:
        if not len(self._known.ends) or not attribute.is_binary:
            return None
        values = np.asarray(attribute.values, bool)
        return self._known.apart(attribute.rows[~values], attribute.rows[values])


class _Ends:
    """How the texts of several groups of latents end: nothing where that is not known of all."""

    def __init__(self, *latents: Any) -> None:
        known = [found for one in latents if (found := text_ends(one)) is not None]
        if len(known) < len(latents):
            known = []
        self.ends = np.array([text for one in known for text in one.ends], object)
        self._begun: NDArray[Any] | None = None
        if all(one.begun is not None for one in known):
            self._begun = np.array([begun for one in known for begun in one.begun or ()])

    def apart(self, one: NDArray[np.intp], other: NDArray[np.intp]) -> str | None:
        """Say that endings tell the texts of these rows apart; of means, that nothing else does."""
        if self._begun is not None and not _mostly_shared(self._begun[one], self._begun[other]):
            return None
        return endings_apart(self.ends[one].tolist(), self.ends[other].tolist())


def _mostly_shared(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Tell whether nearly all beginnings of either group of texts are in the other, too."""
    return bool(min(np.isin(one, other).mean(), np.isin(other, one).mean()) >= SHARE)


def _sentence(said: str | None) -> str | None:
    return said and f"{said[0].upper()}{said[1:]} {ADVICE}"


def _listed(texts: Iterable[str], guessed: Iterable[Hashable]) -> str:
    """Name the endings by which one side is guessed, the most frequent first."""
    often = Counter(texts)
    wanted = {*guessed}
    named = [text for text, n in often.most_common() if text in wanted]
    named += [text for text, n in often.items() if n == 1 and None in wanted and text not in named]
    words = [
        json.dumps(short(text), ensure_ascii=False) if text else "a token without text"
        for text in named
    ]
    if len(words) > NAMED:
        return f"{', '.join(words[:NAMED])} and others"
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
