"""`Steering`: what is added to the residual stream after some blocks, of some tokens."""

from __future__ import annotations

import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import torch

from latentwidgets.adapters.blocks import stream_of, with_stream
from latentwidgets.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from torch import Tensor, nn

    from latentwidgets.adapters.own_calls import OwnCalls

__all__ = ["STEERED", "TOKENS", "Steering", "recorded"]

# Which tokens are steered: the prompt's last one, those that follow it, or every one.
TOKENS = ("last", "generated", "all")
# What measures best on the stories that come with the package (`benchmarks.steered_tokens`): where
# at least 0.95 of the sentences parsed on other prompts, the share of drawn texts with the wanted
# mood was 0.97 with "last", 0.62 with "generated" and 0.75 with "all"; 0.24 unsteered.
STEERED = "last"


class Steering:
    """Adds something to the residual stream after some blocks, each row of a batch its own.

    Only calls of this thread are steered, and only while `acting` is entered.

    Parameters
    ----------
    blocks : sequence of torch.nn.Module
        All blocks, in order.
    added : mapping of int to Tensor
        What is added after which block: float32 ``(n, width)``.
    tokens : {"last", "generated", "all"}
        To which tokens.
    prompt : int
        How many tokens the prompt has.
    start : int
        How many tokens the model has seen before.

    Examples
    --------
    >>> import torch
    >>> block = torch.nn.Identity()
    >>> steering = Steering([block], {0: torch.ones(1, 2)}, "last", 3)
    >>> with steering.acting():
    ...     block(torch.zeros(1, 3, 2))[0, :, 0]
    tensor([0., 0., 1.])
    """

    def __init__(
        self,
        blocks: Sequence[nn.Module],
        added: Mapping[int, Tensor],
        tokens: str,
        prompt: int,
        *,
        start: int = 0,
    ) -> None:
        # Nothing is to be added where all is zero: such a block runs as without.
        self._added = {i: one for i, one in added.items() if bool(one.any())}
        self._blocks, self._tokens = blocks, tokens
        self._calls: OwnCalls | None = None
        self._seen = dict.fromkeys(self._added, start)
        self._first, self._end = {
            "last": (prompt - 1, prompt),
            "generated": (prompt, None),
            "all": (0, None),
        }[tokens]

    def reaches(self, start: int, end: int) -> bool:
        """Say whether one of the tokens from `start` up to `end` is steered."""
        before_end = self._end is None or start < self._end
        return bool(self._added) and before_end and end > self._first

    @contextmanager
    def acting(self, start: int | None = None, calls: OwnCalls | None = None) -> Iterator[None]:
        """Steer what this thread runs meanwhile.

        Parameters
        ----------
        start : int, optional
            How many tokens the model has seen before the next call. If None, calls are counted: one
            that passes more tokens than were seen so far begins anew, as without a cache.
        calls : OwnCalls, optional
            Who knows where a person's own calls are in a text, and where its prompt ends.
        """
        self._calls = calls
        if start is not None:
            self._seen = dict.fromkeys(self._added, start)
        thread = threading.get_ident()

        def hook_of(i: int) -> Callable[..., Any]:
            def hook(_: Any, __: Any, returned: Any) -> Any:
                return self._steered(i, returned) if threading.get_ident() == thread else None

            return hook

        # First of all hooks: those that record what a block gives are to see it steered.
        handles = [
            self._blocks[i].register_forward_hook(hook_of(i), prepend=True) for i in self._added
        ]
        try:
            with nullcontext() if calls is None else calls.followed():
                yield
        finally:
            for handle in handles:
                handle.remove()

    def _steered(self, i: int, returned: Any) -> Any:
        stream, added = stream_of(returned), self._added[i]
        count = stream.shape[1]
        start = 0 if count > self._seen[i] else self._seen[i]
        self._seen[i] = start + count
        if len(added) > 1 and len(stream) != len(added):
            raise DecodeError(
                f"the model ran with a batch of {len(stream)} for {len(added)} latents; expected "
                "one row for each latent, as without beams and without guidance, or one latent "
                "for all."
            )
        offset = added.to(stream.device, stream.dtype).unsqueeze(1)
        if self._calls is not None:
            reached = self._reached(self._calls, count).to(stream.device).unsqueeze(-1)
            if not reached.any():
                return None
            return with_stream(returned, torch.where(reached, stream + offset, stream))
        if not self.reaches(start, start + count):
            return None
        first = max(self._first - start, 0)
        end = count if self._end is None else min(self._end - start, count)
        if (first, end) == (0, count):
            return with_stream(returned, stream + offset)
        changed = stream.clone()
        changed[:, first:end] += offset
        return with_stream(returned, changed)

    def _reached(self, calls: OwnCalls, count: int) -> Tensor:
        """Say which of a call's tokens are steered: bool ``(n or 1, count)``."""
        start = calls.start or 0
        places = torch.arange(start, start + count)
        if self._tokens == "all":
            return torch.ones(1, count, dtype=torch.bool)
        ends = calls.known_ends().cpu()
        if self._tokens == "last":
            return places == ends[:, None] - 1
        return (places >= ends.max()).unsqueeze(0)  # what is behind a shorter row is padding


@contextmanager
def recorded(
    blocks: Mapping[int, nn.Module], take: Callable[[Tensor], Any]
) -> Iterator[dict[int, Any]]:
    """Record what some blocks give in this thread, of their last call.

    Parameters
    ----------
    blocks : mapping of int to torch.nn.Module
        The blocks.
    take : callable
        Takes of the stream, ``(n, t, width)``, what is to be kept.

    Yields
    ------
    dict of int to object
        What was kept of each block.

    Examples
    --------
    >>> import torch
    >>> block = torch.nn.Identity()
    >>> with recorded({3: block}, torch.sum) as kept:
    ...     _ = block(torch.ones(1, 2, 4))
    >>> kept
    {3: tensor(8.)}
    """
    kept: dict[int, Any] = {}
    thread = threading.get_ident()

    def hook_of(i: int) -> Callable[..., Any]:
        def hook(_: Any, __: Any, returned: Any) -> None:
            if threading.get_ident() == thread:
                kept[i] = take(stream_of(returned))

        return hook

    handles = [block.register_forward_hook(hook_of(i)) for i, block in blocks.items()]
    try:
        yield kept
    finally:
        for handle in handles:
            handle.remove()
