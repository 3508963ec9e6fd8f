"""In what each text ends whose states a latent is made of: an encoder of texts notes it."""

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
    ends : tuple of str
        The last token of each text; of latents that are means over all tokens, the last word.
    begun : tuple of int, or None
        Of means a number for what stands before the last word, the same where that is the same;
        None where the latents are of the last token alone.
    """

    ends: tuple[str, ...]
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
    if texts is None:
        ids = [row[-1] for row in rows]
        named = {one: words([one])[0] for one in {*ids}}
        known = TextEnds(tuple(named[one] for one in ids), None)
    else:
        begun, ends = zip(*(_at_last_word(str(one)) for one in texts), strict=True)
        known = TextEnds(ends, tuple(map(hash, begun)))
    key = id(latents)
    _known[key] = weakref.ref(latents, lambda _: _known.pop(key, None)), known


def _at_last_word(text: str) -> tuple[str, str]:
    """Cut a text before its last word, or where it has no spaces before its last letter."""
    *begun, end = text.split() or [""]
    return (" ".join(begun), end) if begun else (end[:-1], end[-1:])


def text_ends(latents: Any) -> TextEnds | None:
    """Give how the texts end; None of other latents, and of copies."""
    found = _known.get(id(latents))
    return None if found is None or found[0]() is not latents else found[1]
