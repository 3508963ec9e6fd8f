"""`OwnCalls`: where a person's own calls of a model are in a text, and where its prompt ends."""

from __future__ import annotations

import inspect
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

__all__ = ["CACHES", "OwnCalls"]

# What models call the keys and values of the tokens that they have seen.
CACHES = ("cache", "past_key_values")

WAY_OUT = "Say how many tokens the prompt has: space.steering(latents, prompt_tokens=...)."


class OwnCalls:
    """Follows the calls of a model: of each, how many tokens were before it, and the prompt's end.

    A call with nothing cached begins a text, and all that it passes is the prompt, unless it passes
    the last call's tokens again, with more behind them: so texts grow without a cache.

    Parameters
    ----------
    module : torch.nn.Module
        The model.
    prompt : int, optional
        How many tokens of each row the prompt has. If None, those that the first call passes.

    Attributes
    ----------
    start : int or None
        How many tokens were before those of this call; None before the first call.
    ends : Tensor or None
        Where the prompt ends in each row, ``(n,)`` or ``(1,)``: padding behind it does not count.
        None where that is not known.

    Examples
    --------
    >>> network = torch.nn.Embedding(9, 2)
    >>> calls = OwnCalls(network)
    >>> with calls.followed():
    ...     _ = network(torch.tensor([[1, 2, 3]]))
    ...     first = calls.start, calls.ends.tolist()
    ...     _ = network(torch.tensor([[4]]))
    >>> first, (calls.start, calls.ends.tolist())
    ((0, [3]), (3, [3]))
    """

    def __init__(self, module: nn.Module, prompt: int | None = None) -> None:
        self._module, self._prompt = module, prompt
        # Such a model is told what is cached; of another it is known only by counting its tokens.
        self._names = [*inspect.signature(module.forward).parameters]
        self._tells = any(name in self._names for name in CACHES)
        self._passed: Tensor | None = None
        self._count = 0
        self.start: int | None = None
        self.ends: Tensor | None = None if prompt is None else torch.tensor([prompt])

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Follow the calls of this thread meanwhile."""
        thread = threading.get_ident()

        def before(_: Any, args: Any, kwargs: Any) -> None:
            if threading.get_ident() == thread:
                self._follow({**dict(zip(self._names, args, strict=False)), **kwargs})

        handle = self._module.register_forward_pre_hook(before, with_kwargs=True)
        try:
            yield
        finally:
            handle.remove()

    def known_ends(self) -> Tensor:
        """Give where the prompt ends in each row.

        Raises
        ------
        LatentValueError
            If that cannot be known.
        """
        if self.ends is not None:
            return self.ends
        if self.start is None:
            what = "a part of the model was called, not the model itself"
        elif self.start:
            what = f"its first call came with {self.start} tokens cached, before steering began"
        else:
            what = "its attention mask is not (n, tokens), so that padding cannot be told"
        raise LatentValueError(f"where the prompt ends cannot be known: {what}. {WAY_OUT}")

    def _follow(self, given: dict[str, Any]) -> None:
        named = [given.get(name) for name in ("input_ids", "inputs_embeds")]
        batches = (
            one for one in [*named, *given.values()] if isinstance(one, Tensor) and one.ndim > 1
        )
        passed = next(batches, None)
        count = 0 if passed is None else passed.shape[1]
        caches = [given[name] for name in CACHES if given.get(name) is not None]
        cached = self._cached(caches[0] if caches else None, count)
        grows = cached == 0 and self._grows(passed)
        self.start, self._passed = cached, passed
        self._count = cached + count
        if cached == 0 and not grows and self._prompt is None:
            self.ends = _ends(count, given.get("attention_mask"))

    def _cached(self, cache: Any, count: int) -> int:
        if hasattr(cache, "get_seq_length"):
            return int(cache.get_seq_length())
        if self._tells and cache is None:
            return 0
        return 0 if count > self._count else self._count

    def _grows(self, passed: Tensor | None) -> bool:
        """Say whether a call passes what the last one did, and more."""
        before = self._passed
        if before is None or passed is None or before.dtype != passed.dtype:
            return False
        start = passed[:, : before.shape[1]]
        return passed.shape[1] > before.shape[1] and torch.equal(start, before)


def _ends(count: int, mask: Any) -> Tensor | None:
    """Give where rows of so many tokens end, after which there is padding; None where unknown."""
    if mask is None:
        return torch.tensor([count])
    if not isinstance(mask, Tensor) or mask.ndim != 2 or mask.shape[1] != count:
        return None
    behind = (mask != 0).flip(1).int().argmax(dim=1)
    return count - behind
