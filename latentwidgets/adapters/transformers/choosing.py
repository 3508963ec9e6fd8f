"""Which token comes next: the most likely, or a random one, as a model's own config says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import transformers

from latentwidgets.common.warning import warn_caller
from latentwidgets.common.wording import brief

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

__all__ = ["Choosing", "ends_of", "tell_unused"]

# What a config may ask for and is not done here, and what it is when it asks for nothing.
UNUSED: dict[str, tuple[Any, ...]] = {
    "num_beams": (None, 1),
    "guidance_scale": (None, 1, 1.0),
    "watermarking_config": (None,),
    "penalty_alpha": (None, 0, 0.0),
    "dola_layers": (None,),
    "constraints": (None,),
}


class Choosing:
    """Chooses the next token of each row by its own temperature and seed.

    What the model's ``generation_config`` says of repetition, of tokens that must not come, and
    where temperature is above 0 of the most likely ones to choose from, is done too.

    Parameters
    ----------
    config : transformers.GenerationConfig
        The config.
    prompt : int
        How many tokens the prompt has.
    count : int
        How many are written at most.
    temperatures, seeds : ndarray
        ``(n,)``. 0 takes the most likely token.
    device : torch.device
        Where to compute.
    """

    def __init__(
        self,
        config: Any,
        prompt: int,
        count: int,
        temperatures: NDArray[np.float32],
        seeds: NDArray[np.int64],
        device: Any,
    ) -> None:
        self._rules = _rules(config, prompt, count, device)
        self._random = np.flatnonzero(temperatures > 0)
        self._warpers = _warpers(config)
        # Each row has random numbers of its own, whatever is beside it in the batch.
        numbers = [np.random.default_rng(seed).random(count) for seed in seeds[self._random]]
        self._numbers = torch.tensor(np.array(numbers), device=device)
        self._temperatures = torch.tensor(temperatures[self._random], device=device)[:, None]
        self._rows = torch.from_numpy(self._random).to(device)

    @property
    def needs_tokens(self) -> bool:
        """Whether the tokens so far are looked at."""
        return bool(self._rules) or (bool(self._warpers) and self._random.size > 0)

    def next(self, logits: Tensor, ids: Tensor | None, step: int) -> Tensor:
        """Choose a token for each row.

        Parameters
        ----------
        logits : Tensor
            ``(n, vocabulary)``.
        ids : Tensor or None
            The tokens so far, ``(n, t)``, where they are needed.
        step : int
            Which token it is, from 0.

        Returns
        -------
        Tensor
            int64 ``(n,)``.

        Raises
        ------
        NotFiniteError
            If the logits of a row are not finite.
        """
        scores = logits.float()
        if self._rules:
            scores = self._rules(ids, scores)
        chosen: Tensor = scores.argmax(dim=-1)
        finite = scores.gather(1, chosen[:, None])[:, 0].isfinite()
        if not bool(finite.all()):
            raise NotFiniteError((~finite).nonzero()[:, 0].tolist())
        if self._random.size:
            warm = scores[self._rows] / self._temperatures
            if self._warpers:
                assert ids is not None
                warm = self._warpers(ids[self._rows], warm)
            reached = warm.double().softmax(dim=-1).cumsum(dim=-1)
            wanted = self._numbers[:, step, None] * reached[:, -1:]
            chosen[self._rows] = torch.searchsorted(reached, wanted, right=True)[:, 0]
        return chosen


class NotFiniteError(Exception):
    """Says which rows of a batch gave NaN or infinity."""

    def __init__(self, rows: list[int]) -> None:
        super().__init__(rows)
        self.rows = rows


def ends_of(config: Any) -> list[int]:
    """Give the tokens at which a text ends."""
    ends = config.eos_token_id
    return [] if ends is None else [int(end) for end in np.atleast_1d(ends)]


def tell_unused(config: Any) -> None:
    """Warn of what a config asks for that is not done here."""
    for name, nothing in UNUSED.items():
        asked = getattr(config, name, None)
        if asked not in nothing:
            warn_caller(
                f"the model's generation_config has {name}={brief(asked)}, which spaces do not "
                "use: each row is written token by token, without beams."
            )


def _rules(config: Any, prompt: int, count: int, device: Any) -> Any:
    """Make the rules that hold whether tokens are drawn or not, in the order of `generate`."""
    ends = ends_of(config)
    made = transformers.LogitsProcessorList()

    def value(name: str) -> Any:
        return getattr(config, name, None)

    if value("sequence_bias") is not None:
        made.append(transformers.SequenceBiasLogitsProcessor(config.sequence_bias))
    if value("repetition_penalty") not in (None, 1, 1.0):
        made.append(transformers.RepetitionPenaltyLogitsProcessor(config.repetition_penalty))
    if value("no_repeat_ngram_size"):
        made.append(transformers.NoRepeatNGramLogitsProcessor(config.no_repeat_ngram_size))
    if value("bad_words_ids") is not None:
        made.append(transformers.NoBadWordsLogitsProcessor(config.bad_words_ids, ends or None))
    if value("min_length") and ends:
        made.append(transformers.MinLengthLogitsProcessor(config.min_length, ends, device=device))
    if value("min_new_tokens") and ends:
        made.append(
            transformers.MinNewTokensLengthLogitsProcessor(
                prompt, config.min_new_tokens, ends, device=device
            )
        )
    if value("forced_eos_token_id") is not None:
        made.append(
            transformers.ForcedEOSTokenLogitsProcessor(
                prompt + count, config.forced_eos_token_id, device=device
            )
        )
    if value("remove_invalid_values"):
        made.append(transformers.InfNanRemoveLogitsProcessor())
    if value("exponential_decay_length_penalty") is not None and ends:
        made.append(
            transformers.ExponentialDecayLengthPenalty(
                config.exponential_decay_length_penalty, ends, prompt
            )
        )
    if value("suppress_tokens") is not None:
        made.append(
            transformers.SuppressTokensLogitsProcessor(config.suppress_tokens, device=device)
        )
    if value("begin_suppress_tokens") is not None:
        made.append(
            transformers.SuppressTokensAtBeginLogitsProcessor(
                config.begin_suppress_tokens, prompt, device=device
            )
        )
    return made


def _warpers(config: Any) -> Any:
    """Make what leaves out unlikely tokens, as far as the config says so itself."""
    made = transformers.LogitsProcessorList()
    kinds = (
        ("top_k", transformers.TopKLogitsWarper, (None, 0)),
        ("top_p", transformers.TopPLogitsWarper, (None, 1, 1.0)),
        ("min_p", transformers.MinPLogitsWarper, (None, 0, 0.0)),
        ("typical_p", transformers.TypicalLogitsWarper, (None, 1, 1.0)),
        ("epsilon_cutoff", transformers.EpsilonLogitsWarper, (None, 0, 0.0)),
    )
    for name, kind, nothing in kinds:
        value = getattr(config, name, None)
        if value not in nothing:
            made.append(kind(value))
    return made
