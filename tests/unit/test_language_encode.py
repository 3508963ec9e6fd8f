"""Texts and chats to states of a causal model, relative to those of the prompt."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from latentwidgets.space.locks import Rank, calling_as
from tests.unit.writers import CHAT, FAMILIES, PROMPT, generated, tokenizer, writer

TEXTS = ["the dog ran", "a very happy girl sang and sang and then the boy sat .", "small", PROMPT]


def space_of(family: str = "llama", words: Any = None, **options: Any) -> tuple[Any, Any, Any]:
    model, words = writer(family), words or tokenizer()
    given = {"prompt": PROMPT, "layer": 2, "max_new_tokens": 12, **options}
    return model, words, lw.as_space(model, tokenizer=words, **given)


def states(model: Any, ids: list[int], layer: int) -> Any:
    """The states of a text after a block, by a plain hook, ``(t, width)``."""
    blocks = next(one for one in model.modules() if isinstance(one, torch.nn.ModuleList))
    seen: list[Any] = []

    def note(_: Any, __: Any, out: Any) -> None:
        seen.append(out[0] if isinstance(out, tuple) else out)

    handle = blocks[layer].register_forward_hook(note)
    with torch.no_grad():
        model(torch.tensor([ids]))
    handle.remove()
    return seen[0][0].numpy()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("pool", ["last", "mean", "tokens"])
def test_states_are_those_of_each_text_alone(family: str, pool: str) -> None:
    model, words, space = space_of(family)
    found = space.encode(TEXTS, pool=pool)
    prompt = states(model, words(PROMPT)["input_ids"], 2)
    for text, mine in zip(TEXTS, found, strict=True):
        own = states(model, words(text)["input_ids"], 2)
        wanted = {
            "last": own[-1] - prompt[-1],
            "mean": own[1:].mean(axis=0) - prompt[1:].mean(axis=0),
            "tokens": own[1:] - prompt[-1],
        }[pool]
        assert mine.dtype == np.float32
        assert np.abs(mine - wanted).max() < 1e-3 * np.abs(own).max()


def test_the_side_on_which_a_tokenizer_pads_changes_nothing() -> None:
    both = [
        space_of(words=tokenizer(padding_side=side, pad_token="</s>"))[2].encode(TEXTS)
        for side in ("left", "right")
    ]
    assert np.array_equal(*both)
    assert np.allclose(both[0], space_of()[2].encode(TEXTS), atol=1e-5)


def test_zero_is_the_prompt_and_each_layer_has_its_own() -> None:
    _, _, space = space_of()
    for pool in ("last", "mean"):
        assert np.abs(space.encode([PROMPT], pool=pool)).max() < 1e-4
    found = space.encode([TEXTS[0]] * 4, {"layer": [0, 1, 2, 3]})
    every = space_of(layer="all")[2].encode([TEXTS[0]])
    assert every.shape == (1, 4, 16)
    assert np.allclose(found, every[0], atol=1e-5)
    assert len(space_of(layer=[1, 3])[2].encode(TEXTS, pool="tokens")[1][0]) == 2


def test_a_decoded_text_stands_in_the_place_of_the_prompt() -> None:
    """At the last block the state of a text's last token is all that its next token comes from."""
    model, words, space = space_of(layer=3, max_new_tokens=1)
    texts = [text for text in TEXTS if len(text.split()) != 3] + ["a big bird"]
    for text, found in zip(texts, space.decode(space.encode(texts)), strict=True):
        ids = words(text)["input_ids"]
        own = words.decode([*ids, *generated(model, ids, 1)], skip_special_tokens=True)
        assert text + found == own


def test_a_token_that_ends_a_text_is_left_out() -> None:
    plain, ending = space_of()[2], space_of(words=tokenizer(ends=True))[2]
    for pool in ("last", "mean"):
        assert np.array_equal(plain.encode(TEXTS, pool=pool), ending.encode(TEXTS, pool=pool))


def test_without_a_token_that_begins_a_text_the_first_is_left_out_of_means() -> None:
    model, words, space = space_of(words=tokenizer(begins=False))
    own, prompt = (states(model, words(text)["input_ids"], 2) for text in (TEXTS[0], PROMPT))
    wanted = own[1:].mean(axis=0) - prompt[1:].mean(axis=0)
    assert np.allclose(space.encode(TEXTS[:1], pool="mean")[0], wanted, atol=1e-3)
    assert len(space.encode(TEXTS[:1], pool="tokens")[0]) == 3


def test_a_chat_goes_through_its_template() -> None:
    model, words, space = space_of(words=tokenizer(chat=True), prompt=CHAT)
    text = words.apply_chat_template(CHAT, tokenize=False, add_generation_prompt=True)
    ids = words(text, add_special_tokens=False)["input_ids"]
    own = words.decode(generated(model, ids, 12), skip_special_tokens=True)
    assert space.decode(np.zeros((1, 16)))[0].split() == own.split()
    assert np.abs(space.encode([CHAT])).max() < 1e-4
    mixed = space.encode([CHAT[:2], "the cat sat"])
    written = words.apply_chat_template(CHAT[:2], tokenize=False, continue_final_message=True)
    ended = states(model, words(written, add_special_tokens=False)["input_ids"], 2)
    prompt = states(model, ids, 2)
    assert np.abs(mixed[0] - (ended[-1] - prompt[-1])).max() < 1e-3


def test_a_trajectory_has_a_latent_for_each_turn() -> None:
    model, words, space = space_of(words=tokenizer(chat=True))
    path = space.trajectory(CHAT)
    assert path.shape == (3, 16)
    whole = words.apply_chat_template(CHAT, tokenize=False)
    ids = words(whole, add_special_tokens=False)["input_ids"]
    ends = [i - 1 for i, one in enumerate(ids) if one == words.eos_token_id]
    prompt = states(model, words(PROMPT)["input_ids"], 2)[-1]
    assert np.abs(path - (states(model, ids, 2)[ends] - prompt)).max() < 1e-3
    texts = ["the cat sat", "a dog ran"]
    wanted = space.encode([texts[0], "\n".join(texts)])
    assert np.allclose(space.trajectory(texts), wanted, atol=1e-4)


def test_norms_say_how_much_a_latent_is() -> None:
    model, words, space = space_of()
    norms = space.residual_norms(TEXTS)
    own = [np.linalg.norm(states(model, words(text)["input_ids"], 2)[1:], axis=1) for text in TEXTS]
    assert norms.shape == (4,)
    assert norms[2] == pytest.approx(np.median(np.concatenate(own)), rel=1e-3)
    latents = np.full((2, 16), 0.5)
    given = {"layer": [2, 3], "strength": [1.0, -2.0]}
    wanted = 2 * np.array([1.0, 2.0]) / space.residual_norms()[[2, 3]]
    assert np.allclose(space.relative_norms(latents, given), wanted)
    huge = space.relative_norms(latents * 1e30, given)  # whose squares float32 cannot hold
    np.testing.assert_allclose(huge, np.multiply(wanted, 1e30), rtol=1e-4)
    assert space_of(layer="all")[2].relative_norms(np.ones((1, 4, 16))).shape == (1, 4)


def test_samples_are_states_of_the_models_own_texts() -> None:
    _, _, space = space_of()
    latents = space.sample(6, seed=3)
    assert latents.shape == (6, 16)
    assert np.array_equal(latents, space.sample(6, seed=3))
    assert len(np.unique(latents.round(3), axis=0)) > 1
    assert 0 < space.relative_norms(latents).max() < 4


def test_a_question_waits_for_one_token_of_the_samples_that_are_drawn() -> None:
    model, _, space = space_of()
    tokens, seen = [0], [0]
    model.register_forward_hook(lambda *_: tokens.append(tokens[-1] + 1))
    with calling_as(Rank.IDLE, lambda: seen.append(tokens[-1])):
        latents = space.sample(70, seed=3)
    assert tokens[-1] > 18, "two batches of eight tokens, and their states"
    assert max(np.diff([*seen, tokens[-1]])) <= 2, "the prompt's states come with those of texts"
    assert np.array_equal(latents, space.sample(70, seed=3))


def test_a_space_is_a_value() -> None:
    _, _, space = space_of()
    latents = space.encode(TEXTS)
    for other in (copy.deepcopy(space), pickle.loads(pickle.dumps(space)), space.replace(name="x")):
        assert other.decode(latents) == space.decode(latents)
        assert np.array_equal(other.encode(TEXTS, pool="mean"), space.encode(TEXTS, pool="mean"))


def test_long_lists_go_in_batches() -> None:
    _, _, space = space_of(batch_size=3)
    many = TEXTS * 3
    assert np.allclose(space.encode(many)[:4], space.encode(TEXTS), atol=1e-4)
    assert len(space.encode(many, pool="tokens")) == 12
    assert space.decode(space.encode(many)) == space_of()[2].decode(space.encode(many))


def test_words_are_those_of_the_tokens() -> None:
    _, _, space = space_of()
    for text in TEXTS:
        assert [word.strip() for word in space.words(text)] == text.split()
        assert "".join(space.words(text)).strip() == text
        assert len(space.words(text)) == len(space.encode([text], pool="tokens")[0])


def test_of_a_chat_without_marks_every_token_is_its_own() -> None:
    words = tokenizer()
    words.chat_template = "{% for m in messages %}{{ m['content'] }} {% endfor %}"
    model, _, space = space_of(words=words)
    chat = [{"role": "user", "content": "cat"}, {"role": "user", "content": "the dog"}]
    ids = words("cat the dog", add_special_tokens=False)["input_ids"]
    base = states(model, words(PROMPT)["input_ids"], 2)[-1]
    own = states(model, ids, 2)
    np.testing.assert_allclose(space.trajectory(chat), own[[0, 2]] - base, atol=1e-4)
    np.testing.assert_allclose(space.encode([chat[:1]]), own[:1] - base, atol=1e-4)
    tokens = space.encode([chat, "cat the dog"], pool="tokens")
    np.testing.assert_allclose(tokens[0], own - base, atol=1e-4)
    assert len(tokens[1]) == 3, "a text has a token that says that it begins"
    assert space.words(chat) == space.words("cat the dog")
    first, alone = space.residual_norms([chat])[2], space.residual_norms([chat[:1]])[2]
    np.testing.assert_allclose(first, np.median(np.linalg.norm(own[1:], axis=1)), rtol=1e-4)
    np.testing.assert_allclose(alone, np.linalg.norm(own[0]), rtol=1e-4)
