"""What differs between two texts, such as a steered one and an unsteered one."""

from __future__ import annotations

import difflib
import re

import numpy as np

from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief
from latentwidgets.errors import LatentTypeError
from latentwidgets.kinds.tokens import Tokens

__all__ = ["token_changes"]

# A word with the spaces before it, or the spaces at the end.
WORD = re.compile(r"\s*\S+|\s+$")
# In longer texts the commonest words alone make no match: to look for all of them takes minutes.
LONG = 2000


@checked_keywords
def token_changes(
    text: str, other: str, *, label: str = "1 where the other text differs"
) -> Tokens:
    """Mark the words of a text that another text does not have in this place.

    Parameters
    ----------
    text : str
        The text to mark, such as a steered one.
    other : str
        What it is compared with, such as the unsteered one. Swap both to see what was there before.
    label : str
        What the number is, in words.

    Returns
    -------
    Tokens
        The words of `text`, each with 1 where it differs and 0 where it does not.

    References
    ----------
    The words that stay are the longest runs in common, one after the other: Ratcliff & Metzener
    1988, "Pattern matching: the gestalt approach", as `difflib.SequenceMatcher` has it.

    Examples
    --------
    >>> token_changes("It felt sad.", "It felt happy.").pairs
    (('It', 0.0), (' felt', 0.0), (' sad.', 1.0))
    """
    for one, name in ((text, "text"), (other, "other")):
        if not isinstance(one, str):
            raise LatentTypeError(f"{name} is {brief(one)}; expected a text.")
    words = WORD.findall(text)
    bare, others = ([word.strip() for word in WORD.findall(one)] for one in (text, other))
    numbers = np.ones(len(words))
    matcher = difflib.SequenceMatcher(None, bare, others, autojunk=len(others) > LONG)
    for start, _, size in matcher.get_matching_blocks():
        numbers[start : start + size] = 0
    return Tokens(tuple(zip(words, numbers.tolist(), strict=True)), label=label)
