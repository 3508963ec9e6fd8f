"""`space.steering`: a person's own calls, with prompts of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from tests.unit.writers import PROMPT, tokenizer, writer

OTHER = "the big dog sat and a boy"


def made(family: str = "llama", **options: Any) -> tuple[Any, Any, Any]:
    model, words = writer(family), tokenizer()
    given = {"prompt": PROMPT, "layer": 1, "max_new_tokens": 8, **options}
    return model, words, lw.as_space(model, tokenizer=words, **given)


def ids_of(words: Any, *texts: str) -> Any:
    return torch.tensor([words(text)["input_ids"] for text in texts])


def written(model: Any, ids: Any, **options: Any) -> list[list[int]]:
    options = {"attention_mask": torch.ones_like(ids), **options}
    given = {"max_new_tokens": 8, "do_sample": False, "pad_token_id": 0, **options}
    rows: list[list[int]] = model.generate(ids, **given)[:, ids.shape[1] :].tolist()
    return rows


def latents(n: int = 1, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal((n, 16)).astype(np.float32) * 20


def gaps(model: Any, space: Any, latent: Any, *args: Any, **kwargs: Any) -> Any:
    """Say which tokens of a call are steered."""
    with torch.no_grad():
        before = model(*args, output_hidden_states=True, **kwargs).hidden_states[2]
        with space.steering(latent):
            after = model(*args, output_hidden_states=True, **kwargs).hidden_states[2]
    return [row.nonzero().flatten().tolist() for row in (after - before).abs().amax(-1) > 1e-3]


@pytest.mark.parametrize("family", ["llama", "gpt2", "bloom"])
@pytest.mark.parametrize("steer", ["last", "generated", "all"])
@pytest.mark.parametrize("use_cache", [True, False])
def test_a_prompt_of_another_length_is_steered_as_by_a_space_of_its_own(
    family: str, steer: str, use_cache: bool
) -> None:
    model, words, space = made(family, steer=steer)
    for text in (OTHER, "the dog", OTHER):
        ids = ids_of(words, text)
        own = space.at(prompt=text)
        z = latents()
        wanted = own.decode(z)
        with space.steering(z):
            [mine] = written(model, ids, use_cache=use_cache)
        ends = [*ids[0].tolist(), *mine]
        assert words.decode(ends, skip_special_tokens=True) == text + wanted[0]


def test_prompts_one_after_another_each_have_their_own_last_token() -> None:
    model, words, space = made()
    z, texts = latents(), [OTHER, "the dog", PROMPT]
    alone = []
    for text in texts:
        with space.steering(z):
            alone.append(written(model, ids_of(words, text)))
    with space.steering(z):
        together = [written(model, ids_of(words, text)) for text in texts]
    assert together == alone
    assert together[1] != written(model, ids_of(words, texts[1]))


def test_padding_does_not_count_as_the_prompt() -> None:
    model, words, space = made()
    [one], [other] = ids_of(words, OTHER).tolist(), ids_of(words, "the dog").tolist()
    pad = [0] * (len(one) - len(other))
    for row, mask, last in (
        ([*other, *pad], [1] * len(other) + [0] * len(pad), len(other) - 1),
        ([*pad, *other], [0] * len(pad) + [1] * len(other), len(one) - 1),
    ):
        ids, masks = torch.tensor([one, row]), torch.tensor([[1] * len(one), mask])
        found = gaps(model, space, latents(2), ids, attention_mask=masks)
        assert found == [[len(one) - 1], [last]]


def test_one_latent_steers_every_row() -> None:
    model, words, space = made()
    ids = ids_of(words, OTHER, OTHER)
    last = ids.shape[1] - 1
    assert gaps(model, space, latents(), ids) == [[last], [last]]


def test_what_was_cached_before_hides_where_the_prompt_ends() -> None:
    model, words, space = made()
    ids = ids_of(words, OTHER)
    with torch.no_grad():
        cache = model(ids[:, :-1], use_cache=True).past_key_values
        with space.steering(latents()), pytest.raises(lw.LatentValueError, match="prompt_tokens="):
            model(ids[:, -1:], past_key_values=cache)
        with space.steering(latents()), pytest.raises(lw.LatentValueError, match="part of the"):
            model.model(ids)
    own = {"prompt_tokens": ids.shape[1]}
    with torch.no_grad():
        cache = model(ids[:, :-1], use_cache=True).past_key_values
        plain = model(ids).logits[:, -1]
        with space.steering(latents(), **own):
            steered = model(ids[:, -1:], past_key_values=cache).logits[:, -1]
    assert (steered - plain).abs().max() > 0.1
