"""Which token each text ends in whose last state a latent is: an encoder of texts says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.common.beside import Beside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

__all__ = ["last_tokens", "note_last_tokens"]

_KNOWN: Beside[tuple[str, ...]] = Beside()


def note_last_tokens(
    latents: NDArray[Any], rows: Iterable[list[int]], words: Callable[[list[int]], list[str]]
) -> None:
    """Keep in which token each text ends, for as long as its latents live.

    Parameters
    ----------
    latents : ndarray
        ``(n, *latent_shape)``: states of last tokens.
    rows : iterable of list of int
        The tokens of each text.
    words : callable
        Gives the texts of tokens.
    """
    ids = [row[-1] for row in rows]
    texts = {one: words([one])[0] for one in {*ids}}
    _KNOWN.put(latents, tuple(texts[one] for one in ids))


def last_tokens(latents: Any) -> tuple[str, ...] | None:
    """Give the last token of each text; None of other latents, and of copies."""
    return _KNOWN.of(latents)
