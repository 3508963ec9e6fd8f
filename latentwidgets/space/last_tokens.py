"""In which token each text ends whose state a latent is: an encoder of texts notes it."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["TextEnds", "note_text_ends", "text_ends"]


@dataclass(frozen=True)
class TextEnds:
    """How texts end.

    Attributes
    ----------
    tokens : tuple of str
        The last token of each text.
    begun : tuple of int, or None
        Of latents that are means over all tokens, a number for what stands before the last word,
        the same where that is the same; None where the latents are of the last token alone.
    """

    tokens: tuple[str, ...]
    begun: tuple[int, ...] | None


# By the id of an array, and only while it lives.
_known: dict[int, tuple[weakref.ref[NDArray[Any]], TextEnds]] = {}


def note_text_ends(
    latents: NDArray[Any],
    rows: Iterable[list[int]],
    words: Callable[[list[int]], list[str]],
    texts: Sequence[Any] | None = None,
) -> None:
    """Keep how texts end, for as long as the array of their latents lives.

    It is kept of that very array: of a copy, a part, or several put together, nothing is known,
    and whoever puts other rows into it, or the same in another order, makes it wrong.

    Parameters
    ----------
    latents : ndarray
        ``(n, *latent_shape)``: states of the last tokens, or means over all.
    rows : iterable of list of int
        The tokens of each text.
    words : callable
        Gives the texts of tokens.
    texts : sequence, optional
        The texts, where the latents are means.
    """
    ids = [row[-1] for row in rows]
    named = {one: words([one])[0] for one in {*ids}}
    begun = None if texts is None else tuple(hash(_before_last_word(str(one))) for one in texts)
    key = id(latents)
    kept = weakref.ref(latents, lambda _: _known.pop(key, None))
    _known[key] = kept, TextEnds(tuple(named[one] for one in ids), begun)


def _before_last_word(text: str) -> str:
    """Leave out the last word; of a text without spaces, the last letter."""
    return " ".join(text.split()[:-1]) or text[:-1]


def text_ends(latents: Any) -> TextEnds | None:
    """Give how the texts end; None of other latents, and of copies."""
    found = _known.get(id(latents))
    return None if found is None or found[0]() is not latents else found[1]
