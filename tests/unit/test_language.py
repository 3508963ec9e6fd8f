"""Causal language models as spaces: their own texts at zero, and what transformers does behind."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from tests import models
from tests.unit.writers import FAMILIES, PROMPT, WORDS, generated, tokenizer, writer

needs_models = pytest.mark.skipif(bool(models.models_missing), reason=models.models_missing)


def made(family: str = "llama", **options: Any) -> tuple[Any, Any, lw.LatentSpace]:
    model, words = writer(family), tokenizer()
    given = {"prompt": PROMPT, "layer": 1, "max_new_tokens": 12, **options}
    return model, words, lw.as_space(model, tokenizer=words, **given)


def noise(space: lw.LatentSpace, n: int, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, *space.latent_shape)).astype(np.float32) * 20


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("steer", ["last", "generated", "all"])
def test_zero_is_the_models_own_text(family: str, steer: str) -> None:
    model, words, texts = writer(family), tokenizer(), []
    for prompt in (PROMPT, "the", "a big dog sat and", "then a boy", "very happy girl sang ."):
        options = {"prompt": prompt, "layer": 1, "max_new_tokens": 12, "steer": steer}
        space = lw.as_space(model, tokenizer=words, **options)
        ids = words(prompt)["input_ids"]
        own = words.decode([*ids, *generated(model, ids, 12)], skip_special_tokens=True)
        for text in space.decode(np.zeros((3, *space.latent_shape))):
            assert prompt + text == own
            texts.append(text)
    assert len({*texts}) > 2


@needs_models
def test_zero_is_the_models_own_text_for_fifty_prompts() -> None:
    model, words = models.load_stories()
    rng = np.random.default_rng(0)
    names, things = ["Tim", "Lily", "Ben", "Mia", "Sam"], ["dog", "cat", "ball", "hat", "cake"]
    starts = ["Once upon a time", "One day", "The sun was hot and", "In the park"]
    for _ in range(50):
        name, thing = str(rng.choice(names)), str(rng.choice(things))
        prompt = f"{rng.choice(starts)} {name} saw a {thing}. {name} was"
        space = lw.as_space(model, tokenizer=words, prompt=prompt, layer=1, max_new_tokens=24)
        ids = words(prompt)["input_ids"]
        [text] = space.decode(np.zeros((1, 64)))
        whole = words.decode([*ids, *generated(model, ids, 24)], skip_special_tokens=True)
        assert prompt + text == whole


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("steer", ["last", "generated", "all"])
def test_rows_are_the_same_alone_and_beside_others(family: str, steer: str) -> None:
    _, _, space = made(family, steer=steer)
    latents = noise(space, 4)
    each = {"layer": [0, 1, 2, 3], "strength": [1.0, -1.0, 2.0, 0.5]}
    warm = {"temperature": [0.0, 1.0, 1.0, 0.5], "seed": [0, 3, 3, 9]}
    given = {**each, **warm}
    together = space.decode(latents, given)
    for i in range(4):
        mine = {name: values[i] for name, values in given.items()}
        assert space.decode(latents[i : i + 1], mine) == [together[i]]
    assert len({*together}) > 1


def test_a_steered_layer_is_recorded_as_steered() -> None:
    model, words, space = made()
    ids = torch.tensor([words(PROMPT)["input_ids"]])
    with torch.no_grad():
        before = model(ids, output_hidden_states=True).hidden_states
        latent = noise(space, 1)
        with space.steering(latent, {"strength": 0.5}):
            steered = model(ids, output_hidden_states=True).hidden_states
        after = model(ids, output_hidden_states=True).hidden_states
    gap = (steered[2] - before[2])[0].numpy()
    assert np.abs(gap[-1] - latent[0] / 2).max() < 1e-4
    assert not gap[:-1].any()
    assert torch.equal(before[2], after[2])


def test_another_thread_writes_as_ever_meanwhile() -> None:
    model, words, space = made(steer="all")
    ids = words(PROMPT)["input_ids"]
    own, found = generated(model, ids, 12), []
    with space.steering(noise(space, 1)):
        mine = generated(model, ids, 12)
        other = threading.Thread(target=lambda: found.append(generated(model, ids, 12)))
        other.start()
        other.join()
    assert found == [own]
    assert mine != own


def test_no_hook_is_left_between_drafts() -> None:
    model, words, space = made(steer="all")
    ids = words(PROMPT)["input_ids"]
    own = generated(model, ids, 12)
    drafts = space.drafts(noise(space, 2))
    first, second = next(drafts), next(drafts)
    assert generated(model, ids, 12) == own
    assert [text.startswith(start) for text, start in zip(second, first, strict=True)] == [True] * 2
    rest = list(drafts)
    assert rest[-1] == space.decode(noise(space, 2))
    drafts = space.drafts(noise(space, 2))
    next(drafts)
    drafts.close()
    assert generated(model, ids, 12) == own


def test_vocabulary_is_what_is_written() -> None:
    _, _, space = made()
    texts = space.decode(noise(space, 5), {"temperature": 2.0, "seed": range(5)})
    assert {word for text in texts for word in text.split()} <= {*WORDS}
