"""`Generation`: a causal model of transformers that continues one prompt, steered row by row."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from latentwidgets.adapters.residual_model import ResidualModel
from latentwidgets.adapters.torch_modes import ModeSteps
from latentwidgets.adapters.transformers.choosing import Choosing, NotFiniteError, ends_of
from latentwidgets.adapters.transformers.measuring import continuations, next_probabilities
from latentwidgets.adapters.transformers.reading import Reading, Rows
from latentwidgets.common.wording import brief, listed
from latentwidgets.errors import DecodeError, LatentValueError
from latentwidgets.kinds.reading.calls import call
from latentwidgets.space.condition import Condition
from latentwidgets.space.locks import ModelLock
from latentwidgets.space.steps import Run, last_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from latentwidgets.adapters.continuation import Continuation
    from latentwidgets.adapters.transformers.texts import Texts

__all__ = ["Generation", "context_of", "prompt_tokens"]

# So many seeds are offered, and so many tokens of the model's own texts a sample of the prior is.
SEEDS, PRIOR_TOKENS = 1000, 8
# Texts of the prior that are written at a time.
BATCH = 64


class Written:
    """The texts of a batch as far as they are written, made when they are read.

    Parameters
    ----------
    texts : Texts
        The tokenizer.
    prompt : list of int
        What comes before them.
    rows : Rows
        Their tokens.
    """

    def __init__(self, texts: Texts, prompt: list[int], rows: Rows) -> None:
        self._texts, self._prompt, self._rows = texts, prompt, rows

    def __iter__(self) -> Iterator[str]:
        return (self._texts.text(self._prompt, row) for row in self._rows)


class Generation(ResidualModel):
    """Continues a prompt with a causal model, all rows in one batch.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        The model.
    texts : Texts
        Its tokenizer.
    prompt : str or list of dict
        What is continued: a text, or a chat.
    blocks : sequence of torch.nn.Module
        The blocks.
    width : int
        Of the stream.
    layer : int, sequence of int, "all" or None
        After which blocks is added.
    steer : {"last", "generated", "all"}
        Which tokens are steered.
    max_new_tokens : int
        How many are written.
    """

    can_pad = True

    settings = ("steer",)

    def __init__(
        self,
        model: nn.Module,
        texts: Texts,
        prompt: list[int],
        blocks: list[nn.Module],
        width: int,
        *,
        layer: Any,
        steer: str,
        max_new_tokens: int,
    ) -> None:
        super().__init__(model, blocks, width, layer, steer)
        self.texts, self.prompt, self.count = texts, prompt, max_new_tokens
        self.front = texts.front
        self._takes = {*inspect.signature(model.forward).parameters}
        self._context = context_of(model)

    @property
    def conditions(self) -> dict[str, Condition]:
        """What is decoded beside latents."""
        own = {
            "temperature": Condition(0.0, 0.0, 2.0, step=0.05),
            "seed": Condition(choices=range(SEEDS)),
        }
        return {**super().conditions, **own}

    @property
    def device(self) -> torch.device:
        """Where the model takes tokens."""
        model: Any = self.module
        found: torch.device = model.get_input_embeddings().weight.device
        return found

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        return vocabulary_of(self.module)

    def tokens(self, item: Any) -> list[int]:
        """Give the tokens of a text or of a chat, and see that the model can read so many."""
        return self._fitting(self.texts.tokens(item), item)

    def prompt_tokens(self, prompt: Any) -> list[int]:
        """Give the tokens of another prompt, and see that as many can follow."""
        return prompt_tokens(self.module, self.texts, prompt, self.count)

    def words(self, ids: list[int]) -> list[str]:
        """Give the text of each token."""
        return self.texts.words(ids)

    def turn_tokens(self, turns: list[Any]) -> list[int]:
        """Give the tokens of a chat up to the end of what its last turn says."""
        return self._fitting(self.texts.turn(turns), turns)

    def run(self, ids: Tensor, lengths: list[int]) -> None:
        """Run the model on rows of different lengths."""
        given: dict[str, Any] = {}
        if min(lengths) < ids.shape[1]:
            places = torch.arange(ids.shape[1], device=ids.device)
            mask = places[None] < torch.tensor(lengths, device=ids.device)[:, None]
            given = {"attention_mask": mask.long(), "position_ids": places.expand(len(ids), -1)}
        self._called(ids, {**given, "use_cache": False, "logits_to_keep": 1})

    def rows(self, latents: NDArray[np.float32], conditions: dict[str, Any]) -> list[list[int]]:
        """Continue the prompt to the end, and give the tokens that are written."""
        for written in self.written(latents, conditions, self.count):
            last = written
        return list(last)

    def logits(self, ids: Tensor, count: int) -> Tensor:
        """Read rows, and give the logits after each of their last tokens, ``(n, count, ...)``."""
        out = self._called(ids, {"use_cache": False, "logits_to_keep": count})
        logits: Tensor = out.logits[:, -count:]
        return logits

    def _called(self, ids: Tensor, options: dict[str, Any]) -> Any:
        """Call the model with those options that it takes."""
        taken = {name: one for name, one in options.items() if name in self._takes}
        name = type(self.module).__name__
        return call(lambda ids: self.module(ids, **taken), ids, source=name)

    def reference(self) -> list[int]:
        """Give the prompt, and what the model writes after it."""
        [text] = self._without_ends(last_of(self._unsteered(1, self.count, {})))
        return self.prompt + text

    def prior(self) -> Any:
        """Draw latents: the states a few tokens into what the model itself writes."""
        return self._drawn

    def continuations(
        self,
        latents: NDArray[np.float32],
        conditions: dict[str, Any],
        against: list[int] | None = None,
    ) -> list[Continuation]:
        """Continue the prompt, and compare what is written with the model as it is."""
        return continuations(self, latents, conditions, against)

    def next_probabilities(
        self,
        latents: NDArray[np.float32],
        conditions: dict[str, Any],
        names: Sequence[str] | None = None,
    ) -> NDArray[np.float32]:
        """Give how likely each token is next, ``(n, vocabulary)``; errors call latents by names."""
        found = next_probabilities(self, latents, conditions)
        finite = np.isfinite(found).all(axis=1)
        if not finite.all():
            raise self._not_finite(np.flatnonzero(~finite).tolist(), latents, conditions, names)
        return found

    def steps(self, latents: NDArray[np.float32], conditions: dict[str, Any]) -> Iterator[Any]:
        """Continue the prompt token by token."""
        for rows in self.written(latents, conditions, self.count):
            yield Written(self.texts, self.prompt, rows)

    def written(
        self, latents: NDArray[np.float32], conditions: dict[str, Any], count: int
    ) -> Iterator[Rows]:
        """Continue the prompt, and yield what is written after each token.

        Yields
        ------
        Rows
            The tokens of each row so far, with the one at which it ends.
        """
        n = len(latents)
        steering = self.steering(latents, conditions)
        config, device = self.module.generation_config, self.device
        choosing = Choosing(
            config,
            len(self.prompt),
            count,
            conditions.get("temperature", np.zeros(n, np.float32)),
            conditions.get("seed", np.zeros(n, np.int64)),
            device,
        )
        ends = torch.tensor(ends_of(config), dtype=torch.int64, device=device)
        prompt = torch.tensor([self.prompt], device=device)
        tokens = torch.zeros(n, count, dtype=torch.int64, device=device)
        lengths = torch.full((n,), count, device=device)
        done = torch.zeros(n, dtype=torch.bool, device=device)
        reading = Reading(self.module, steering, prompt, n)
        logits = reading.prompt()
        for step in range(count):
            ids = None
            if choosing.needs_tokens:
                ids = torch.cat([prompt.expand(n, -1), tokens[:, :step]], dim=1)
            try:
                chosen = choosing.next(logits, ids, step)
            except NotFiniteError as error:
                raise self._not_finite(error.rows, latents, conditions) from None
            tokens[:, step] = chosen
            if len(ends):
                ended = torch.isin(chosen, ends) & ~done
                lengths[ended] = step + 1  # with the token that ends it, as `generate` gives it
                done |= ended
            yield Rows(tokens, lengths, step + 1)
            if bool(done.all()):
                return
            if step + 1 < count:
                logits = reading.further(tokens[:, : step + 1])

    def _drawn(self, rng: np.random.Generator, n: int) -> NDArray[np.float32]:
        """Write n texts at temperature 1, and read the state at the end of each.

        Others get in after each token: a page's question need not wait for whole texts.
        """
        seeds = rng.integers(2**31, size=n)
        lock, count = ModelLock(self.models), min(PRIOR_TOKENS, self.count)
        found: list[NDArray[np.float32]] = []
        for start in range(0, n, BATCH):
            some = seeds[start : start + BATCH]
            warm = {"temperature": np.ones(len(some), np.float32), "seed": some}
            steps = self._unsteered(len(some), count, warm)
            read = self._without_ends
            texts = Run(steps, read, read, lock, len(some)).finish()
            rows = np.fromiter((self.prompt + text for text in texts), object, len(some))
            found += lock.run(self._own_states, rows)
        return np.stack(found)

    def _own_states(self, rows: NDArray[Any]) -> list[NDArray[np.float32]]:
        return self.encoded(rows, self.layers_at(None, rows))

    def _unsteered(self, n: int, count: int, conditions: dict[str, Any]) -> ModeSteps:
        nothing = np.zeros((n, *self.latent_shape), np.float32)
        return ModeSteps(self.written(nothing, conditions, count), self.module, lambda one: one)

    def _without_ends(self, written: Rows) -> list[list[int]]:
        """Give the tokens of each row without the one that ends it."""
        ends = {*ends_of(self.module.generation_config)}
        return [row[:-1] if row[-1] in ends else row for row in written]

    def _fitting(self, ids: list[int], item: Any) -> list[int]:
        check_known(self.module, ids, item)
        if self._context is not None and len(ids) > self._context:
            raise LatentValueError(
                f"{brief(item)} has {len(ids)} tokens; the model reads at most {self._context}. "
                "Cut it."
            )
        return ids

    def _not_finite(
        self,
        rows: list[int],
        latents: NDArray[np.float32],
        conditions: dict[str, Any],
        names: Sequence[str] | None = None,
    ) -> DecodeError:
        strength = np.broadcast_to(np.asarray(conditions.get("strength", 1.0)), len(latents))
        norms = np.linalg.norm(latents.reshape(len(latents), -1), axis=1) * np.abs(strength)
        if (norms[rows] == 0).any():
            return DecodeError(
                f"{type(self.module).__name__} gave NaN or infinity without any steering; expected "
                "finite numbers. Are its weights loaded, and its dtype wide enough?"
            )
        which = f"{listed(np.array(rows))} of the latents" if names is None else names[rows[0]]
        return DecodeError(
            f"{type(self.module).__name__} gave NaN or infinity for {which}: what was added has "
            f"norm {norms[rows].max():.3g}. Too much was "
            "added for this model; lower the strength, or load the model in a wider dtype, such as "
            "bfloat16 or float32. space.relative_norms(latents) says how much it is beside the "
            "stream."
        )


def context_of(model: Any) -> int | None:
    """Give how many tokens a model reads at most; None where its config does not say."""
    config = model.config
    config = config.get_text_config() if hasattr(config, "get_text_config") else config
    found = getattr(config, "max_position_embeddings", None)
    return int(found) if isinstance(found, int) and found > 0 else None


def vocabulary_of(model: Any) -> int:
    """Give how many tokens a model knows."""
    return int(model.get_input_embeddings().weight.shape[0])


def check_known(model: Any, ids: list[int], item: Any) -> None:
    """See that a model has all tokens of a text: after one that it lacks, a GPU does no more work.

    Raises
    ------
    LatentValueError
        If it lacks one.
    """
    known = vocabulary_of(model)
    if max(ids, default=0) >= known:
        raise LatentValueError(
            f"{brief(item)} has token {max(ids):,}; {type(model).__name__} knows tokens 0 to "
            f"{known - 1:,}, so that the tokenizer is another model's, or has tokens that were "
            "added. Pass the model's own, or give the model the new ones: "
            "model.resize_token_embeddings(len(tokenizer))."
        )


def prompt_tokens(model: Any, texts: Texts, prompt: Any, count: int) -> list[int]:
    """Give the tokens of a prompt, and see that so many can follow.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it is no prompt, has no token or one that the model lacks, or is too long.
    """
    ids = texts.tokens(prompt, "prompt")
    if not ids:
        begins = texts.begins
        raise LatentValueError(
            f"prompt is {brief(prompt)}, which this tokenizer gives no token; expected at least "
            'one. Pass prompt="..." with a word, or the token that begins a text: '
            f"prompt=tokenizer.bos_token, here {brief(begins)}."
        )
    check_known(model, ids, prompt)
    context = context_of(model)
    if context is not None and len(ids) + count > context:
        raise LatentValueError(
            f"the prompt has {len(ids)} tokens and max_new_tokens is {count}; the model reads at "
            f"most {context}. "
            + (
                f"Pass max_new_tokens={context - len(ids)} or fewer, or a shorter prompt."
                if len(ids) < context
                else "Cut the prompt."
            )
        )
    return ids
