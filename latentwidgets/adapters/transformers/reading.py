"""`Reading`: a model reads a prompt once, and then token after token of many rows."""

from __future__ import annotations

import inspect
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import torch

from latentwidgets.adapters.own_calls import CACHES
from latentwidgets.kinds.reading.calls import call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor, nn

    from latentwidgets.adapters.steering import Steering

__all__ = ["Reading", "Rows"]


class Reading:
    """Runs a causal model on a prompt and on what follows, steered.

    What all rows have in common is run once: the prompt up to the first token that is steered.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        The model.
    steering : Steering
        What is added.
    prompt : Tensor
        int64 ``(1, t)``.
    count : int
        How many rows there are.
    """

    def __init__(self, model: nn.Module, steering: Steering, prompt: Tensor, count: int) -> None:
        self._model, self._steering, self._prompt = model, steering, prompt
        self._count, self._called = count, type(model).__name__
        takes = inspect.signature(model.forward).parameters
        self._name = next((name for name in CACHES if name in takes), None)
        self._beside = {"logits_to_keep": 1} if "logits_to_keep" in takes else {}
        self._cache: Any = None

    def prompt(self) -> Tensor:
        """Read the prompt, and give the logits of what follows, ``(n, vocabulary)``."""
        length = self._prompt.shape[1]
        shared = length
        while shared and self._steering.reaches(0, shared):
            shared -= 1
        if shared and (shared == length or self._name is not None):
            logits = self._run(self._prompt[:, :shared], 0).expand(self._count, -1)
            if self._cache is None and shared == length:
                return logits
            if self._cache is not None and self._repeated():
                rest = self._prompt[:, shared:].expand(self._count, -1)
                return logits if shared == length else self._run(rest, shared)
        self._cache = None  # nothing can be shared: all rows are read from the start
        return self._run(self._prompt.expand(self._count, -1), 0)

    def further(self, tokens: Tensor) -> Tensor:
        """Read one token more.

        Parameters
        ----------
        tokens : Tensor
            int64 ``(n, k)``: all that was written.

        Returns
        -------
        Tensor
            The logits of what follows, ``(n, vocabulary)``.
        """
        before = self._prompt.shape[1]
        if self._cache is not None:
            return self._run(tokens[:, -1:], before + tokens.shape[1] - 1)
        whole = torch.cat([self._prompt.expand(self._count, -1), tokens], dim=1)
        return self._run(whole, 0)

    def _run(self, ids: Tensor, start: int) -> Tensor:
        given = dict(self._beside)
        if self._name is not None:
            given |= {"use_cache": True, self._name: self._cache}
        steered = self._steering.reaches(start, start + ids.shape[1])
        with self._steering.acting(start) if steered else nullcontext():
            out = call(lambda ids: self._model(ids, **given), ids, source=self._called)
        self._cache = getattr(out, self._name, None) if self._name is not None else None
        logits: Tensor = out.logits[:, -1]
        return logits

    def _repeated(self) -> bool:
        """Give each row the cache of what all have in common, where it can be repeated."""
        if self._count > 1:
            try:
                self._cache.batch_repeat_interleave(self._count)
            except (AttributeError, NotImplementedError):  # of caches of other kinds
                return False
        return True


class Rows:
    """The tokens of a batch as far as they are written, each row up to its end.

    Parameters
    ----------
    tokens : Tensor
        int64 ``(n, t)``, of which more may be written later.
    lengths : Tensor
        int64 ``(n,)``: where rows end.
    count : int
        How many are written.
    """

    def __init__(self, tokens: Tensor, lengths: Tensor, count: int) -> None:
        self._tokens, self._lengths, self._count = tokens, lengths, count

    def __iter__(self) -> Iterator[list[int]]:
        lengths = self._lengths.clamp(max=self._count).tolist()
        for row, length in zip(self._tokens[:, : self._count].tolist(), lengths, strict=True):
            yield row[:length]
