"""Prompts that are longer than a text encoder reads: which words are cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.common.warning import warn_caller
from latentwidgets.common.wording import brief, raised
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from latentwidgets.adapters.diffusers.asking import Asker

__all__ = ["tell_cut"]


def tell_cut(asker: Asker, *prompts: str) -> None:
    """Say which words of prompts the pipeline does not read.

    Warns
    -----
    UserWarning
        If there are some.

    Raises
    ------
    LatentValueError
        If a tokenizer fails.
    """
    tokenizers = {
        name: part
        for name, part in asker.pipe.components.items()
        if name.startswith("tokenizer") and callable(part)
    }
    for prompt in prompts:
        ends = {name: _cut(asker, one, prompt) for name, one in tokenizers.items()}
        cut = {name: end for name, end in ends.items() if end}
        if not cut:
            continue
        whole = [name for name in ends if name not in cut]
        words = " and ".join(f"{name} {brief(end)}" for name, end in cut.items())
        rest = f" ({' and '.join(whole)} reads all of it)" if whole else ""
        warn_caller(
            f"the prompt {brief(prompt)} is longer than the pipeline reads. Cut off by {words}"
            f"{rest}. Shorten the prompt; some pipelines read more with "
            'arguments={"max_sequence_length": ...}.'
        )


def _cut(asker: Asker, tokenizer: Any, prompt: str) -> str:
    """Give the end of a prompt that a tokenizer leaves out."""
    try:
        tokens = tokenizer(prompt, truncation=False, verbose=False).input_ids
    except Exception as error:  # such as of a text that UTF-8 cannot write
        raise LatentValueError(
            f"the tokenizer failed for {brief(prompt)}: {raised(error)}."
        ) from error
    most = int(tokenizer.model_max_length)
    if "CLIP" not in type(tokenizer).__name__:  # how much of others is read, the call says
        told = getattr(asker.takes.get("max_sequence_length"), "default", most)
        told = asker.arguments.get("max_sequence_length", told)
        most = min(most, told) if isinstance(told, int) else most
    if len(tokens) <= most:
        return ""
    special = set(tokenizer.all_special_ids)
    ends = int(tokens[-1] in special)  # the token of the end is always kept
    read: str = tokenizer.decode(tokens[most - ends :], skip_special_tokens=True)
    return read.strip()
