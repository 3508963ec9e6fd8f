"""Texts and chats to tokens and back, by a tokenizer of transformers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.adapters.own_tokens import own_start, says_beside
from latentwidgets.common.wording import brief, raised
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Texts"]

# What a tokenizer writes for bytes that make no character, or not yet.
HALF = "\ufffd"


class Texts:
    """Makes tokens of texts and of chats, and texts of tokens.

    No token for padding is needed: nothing is padded by the tokenizer.

    Parameters
    ----------
    tokenizer : transformers.PreTrainedTokenizerBase
        The tokenizer.

    Attributes
    ----------
    front, back : list of int
        The tokens that it puts before and after every text.

    Raises
    ------
    LatentTypeError
        If it is no tokenizer.
    """

    def __init__(self, tokenizer: Any) -> None:
        if not callable(tokenizer) or not hasattr(tokenizer, "decode"):
            raise LatentTypeError(
                f"tokenizer is a {type(tokenizer).__name__}; expected the model's, such as "
                "AutoTokenizer.from_pretrained(...)."
            )
        self._tokenizer = tokenizer
        nothing, letter = self._ids(""), self._ids("a")
        self.front = letter[: own_start(letter, nothing)]
        self.back = letter[len(letter) - own_start(letter[::-1], nothing[::-1]) :]
        if len(self.front) + len(self.back) > len(nothing):  # one token is in front and at the end
            self.back = []

    def tokens(self, item: Any, what: str = "a text") -> list[int]:
        """Give the tokens of a text, or of a chat: a list of messages.

        A chat that ends with a turn of the assistant ends within it, else where the assistant's
        next turn begins. See `turn`.

        Raises
        ------
        LatentTypeError, LatentValueError
            If it is neither, or the tokenizer has no chat template, or fails, or its template does.
        """
        if isinstance(item, str):
            ids = self._ids(item)
            return ids[: len(ids) - len(self.back)] if self.back else ids
        if _is_chat(item):
            writes = item[-1]["role"] == "assistant"
            how = _within(item[-1]) if writes else {"add_generation_prompt": True}
            return self._chat(item, how)
        raise LatentTypeError(
            f"{what} is {brief(item)}; expected a text, or a chat: a list of messages such as "
            '{"role": "user", "content": "..."}.'
        )

    @property
    def begins(self) -> str | None:
        """The token that begins a text; None where there is none."""
        found: str | None = getattr(self._tokenizer, "bos_token", None)
        return found

    def turn(self, turns: Sequence[Any]) -> list[int]:
        """Give the tokens of a chat up to the end of what its last turn says.

        A turn with no content but the call of a tool ends where its template ends it.

        Raises
        ------
        LatentTypeError, LatentValueError
            As `tokens` does.
        """
        if all(isinstance(one, str) for one in turns):
            return self.tokens("\n".join(turns))
        if not _is_chat(turns):
            raise LatentTypeError(
                f"messages are {brief(turns)}; expected dicts such as "
                '{"role": "user", "content": "..."}, or texts.'
            )
        return self._chat(turns, _within(turns[-1]))

    def text(self, before: Sequence[int], ids: Sequence[int]) -> str:
        """Give the text of tokens that follow others: with the space that it begins with."""
        # A tokenizer that marks spaces takes that of the first word away: not after another one.
        start = self._decoded(before[-1:])
        whole = self._decoded([*before[-1:], *ids])
        return whole[len(start) :] if whole.startswith(start) else self._decoded(ids)

    def words(self, ids: Sequence[int]) -> list[str]:
        """Give the text of each token; none where a character is not whole before a later one."""
        found = [""] * len(ids)
        start = 0
        for end in range(1, len(ids) + 1):
            text = self.text(ids[max(start - 1, 0) : start], ids[start:end])
            if not text.endswith(HALF) or end == len(ids):
                found[end - 1], start = text, end
        return found

    def _decoded(self, ids: Sequence[int]) -> str:
        how = {"skip_special_tokens": True, "clean_up_tokenization_spaces": False}
        return str(self._tokenizer.decode([*ids], **how))

    def _ids(self, text: str, **how: Any) -> list[int]:
        try:
            return [int(one) for one in self._tokenizer(text, **how)["input_ids"]]
        except Exception as error:  # such as of a text that UTF-8 cannot write
            raise LatentValueError(
                f"the tokenizer failed for {brief(text)}: {raised(error)}."
            ) from error

    def _chat(self, messages: Sequence[Any], how: dict[str, Any]) -> list[int]:
        if not getattr(self._tokenizer, "chat_template", None):
            raise LatentValueError(
                "the tokenizer has no chat template, which makes a text of messages; expected one. "
                "Pass texts in place of messages: what is said, without who says it; or set "
                "tokenizer.chat_template to that of the model."
            )
        several = self._tokenizer.chat_template
        if isinstance(several, dict) and "default" not in several:
            raise LatentValueError(
                f"the tokenizer has several chat templates, {', '.join(map(brief, several))}, and "
                "none of them is its default. Choose one: tokenizer.chat_template = "
                f"tokenizer.chat_template[{brief(next(iter(several)))}]."
            )
        try:
            text = self._tokenizer.apply_chat_template([*messages], tokenize=False, **how)
        except Exception as error:  # a template raises what it likes
            raise LatentValueError(
                f"the chat template failed for {brief([*messages])}: {raised(error)}. Pass "
                "messages with the roles that it takes, in their order, and a text as the content "
                "of each; or texts in place of messages."
            ) from error
        return self._ids(text, add_special_tokens=False)


def _is_chat(item: Any) -> bool:
    if not isinstance(item, (list, tuple)) or not item:
        return False
    return all(isinstance(one, dict) and {"role", "content"} <= {*one} for one in item)


def _within(message: dict[str, Any]) -> dict[str, bool]:
    """Have a template end with the content of a message; where there is none, with the message."""
    return {} if says_beside(message) else {"continue_final_message": True}
