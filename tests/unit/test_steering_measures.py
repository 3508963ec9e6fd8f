"""What steering costs, against computations of one's own: token by token, with plain hooks."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from unittest import mock

import numpy as np
import pytest
import tokenizers
import torch
import transformers
from numpy.typing import NDArray
from tokenizers import decoders, models, pre_tokenizers

import latentwidgets as lw
from latentwidgets.adapters.readings import continuations_of
from latentwidgets.analysis.next_token_table import NextToken, NextTokens
from latentwidgets.analysis.token_damage import token_damage
from tests.unit.test_residual import Letters, residual
from tests.unit.writers import PROMPT, tokenizer, writer


def made(family: str = "llama", **options: Any) -> tuple[Any, Any, Any]:
    model, words = writer(family), tokenizer()
    given = {"prompt": PROMPT, "layer": 1, "max_new_tokens": 8, **options}
    return model, words, lw.as_space(model, tokenizer=words, **given)


def noise(n: int, scale: float = 30.0) -> NDArray[np.float32]:
    return (scale * np.random.default_rng(0).standard_normal((n, 16))).astype(np.float32)


def logs(
    model: Any, ids: list[int], added: Any = None, layer: int = 1, steered: Any = ()
) -> NDArray[np.float64]:
    """Give the log probabilities after each token, with something added to some of them."""

    def hook(_: Any, __: Any, out: Any) -> Any:
        stream = out[0] if isinstance(out, tuple) else out
        changed = stream.clone()
        for place in steered:
            changed[0, place] += torch.tensor(added)
        return (changed, *out[1:]) if isinstance(out, tuple) else changed

    blocks = model.transformer.h if hasattr(model, "transformer") else model.model.layers
    handle = blocks[layer].register_forward_hook(hook)
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0].double()
    handle.remove()
    found: NDArray[np.float64] = logits.log_softmax(-1).numpy()
    return found


@pytest.mark.parametrize("family", ["llama", "gpt2"])
@pytest.mark.parametrize("steer", ["last", "generated", "all"])
def test_divergence_and_surprise_are_those_of_a_loop(family: str, steer: str) -> None:
    model, words, space = made(family, steer=steer)
    prompt = words(PROMPT)["input_ids"]
    latents, layers = noise(4), [1, 2, 1, 0]
    found = continuations_of(space, latents, {"layer": layers, "strength": 0.5})
    assert [one.text for one in found] == space.decode(latents, {"layer": layers, "strength": 0.5})
    assert max(one.mean_divergence for one in found) > 0.01
    for one, latent, layer in zip(found, latents, layers, strict=True):
        kl, surprise = [], []
        for j, token in enumerate(one.ids):
            ids = [*prompt, *one.ids[:j]]  # read anew for every token, without what comes later
            places = {
                "last": [len(prompt) - 1],
                "generated": range(len(prompt), len(ids)),
                "all": range(len(ids)),
            }[steer]
            p = logs(model, ids, latent / 2, layer, places)[-1]
            q = logs(model, ids)[-1]
            kl.append((np.exp(p) * (p - q)).sum())
            surprise.append(-q[token])
        np.testing.assert_allclose(one.divergence, kl, atol=2e-4)
        np.testing.assert_allclose(one.surprise, surprise, atol=2e-4)
        assert one.perplexity == pytest.approx(np.exp(np.mean(surprise)), rel=1e-3)


@pytest.mark.parametrize("steer", ["last", "all"])
def test_words_are_coloured_by_what_the_bare_model_says_of_them(steer: str) -> None:
    model, words, space = made(steer=steer)
    prompt = words(PROMPT)["input_ids"]
    latents, given = noise(3), {"strength": [0.5, 0.0, 1.0], "layer": 2}
    texts = space.decode(latents, given)
    both = [
        lw.token_damage(space, latents, given, measure=one) for one in ("divergence", "surprise")
    ]
    for i, (divergence, surprise) in enumerate(zip(*both, strict=True)):
        assert str(divergence) == str(surprise) == texts[i]
        ids = words(PROMPT + texts[i])["input_ids"]
        assert [text for text, _ in divergence.pairs] == [
            f" {word}" for word in words.convert_ids_to_tokens(ids[len(prompt) :])
        ]
        latent = latents[i] * given["strength"][i]  # type: ignore[index]
        kl, unlikely = [], []
        for j in range(len(prompt), len(ids)):
            places = [len(prompt) - 1] if steer == "last" else range(j)
            p, q = logs(model, ids[:j], latent, 2, places)[-1], logs(model, ids[:j])[-1]
            kl.append((np.exp(p) * (p - q)).sum())
            unlikely.append(-q[ids[j]])
        np.testing.assert_allclose(np.array(divergence.numbers, float), kl, atol=2e-4)
        np.testing.assert_allclose(np.array(surprise.numbers, float), unlikely, atol=2e-4)
    most = [np.array(one.numbers, float).max() for one in both[0]]
    assert [one > 0.01 for one in most] == [True, False, True]
    assert "unsteered model" in both[0][0].label
    assert "surprise" in both[1][0].label


def test_the_token_that_ends_a_text_has_no_place_in_it() -> None:
    demo = lw.demo.stories()
    space: Any = lw.as_space(
        demo.model, tokenizer=demo.tokenizer, prompt="One day a cat", layer=1, max_new_tokens=120
    )
    [found] = continuations_of(space, np.zeros((1, 128)))
    assert len(found.ids) < 120
    [tokens] = lw.token_damage(space, np.zeros((1, 128)), measure="surprise")
    assert str(tokens) == found.text
    assert all(text for text, _ in tokens.pairs)
    np.testing.assert_allclose(np.array(tokens.numbers, float), found.surprise[:-1])


def test_a_character_of_several_tokens_is_whole() -> None:
    letters = ["<s>", "Ã", "©", "Ġ", "a"]  # é is two of them
    made = tokenizers.Tokenizer(models.BPE({one: i for i, one in enumerate(letters)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    words = transformers.PreTrainedTokenizerFast(tokenizer_object=made, bos_token="<s>")
    model = writer(vocab_size=len(letters), bos_token_id=0, eos_token_id=None)
    space: Any = lw.as_space(model, tokenizer=words, prompt="a é", layer=1, max_new_tokens=30)
    assert space.words("aéa") == ["a", "", "é", "a"]
    given = {"temperature": 2.0, "seed": 3}
    found = continuations_of(space, noise(8), given)
    tokens = lw.token_damage(space, noise(8), given, measure="surprise")
    assert "é" in [text for one in tokens for text, _ in one.pairs]
    for one, other in zip(tokens, found, strict=True):
        assert str(one) == other.text
        np.testing.assert_allclose(np.array(one.numbers, float).sum(), other.surprise.sum())


def test_what_is_measured_of_tokens_has_a_name() -> None:
    _, __, space = made()
    with pytest.raises(lw.LatentValueError, match="expected one of 'divergence', 'surprise'"):
        lw.token_damage(space, noise(1), measure="damage")
    plain = lw.LatentSpace(np.square, 3)
    with pytest.raises(lw.LatentTypeError, match="token_damage got a LatentSpace; expected"):
        lw.token_damage(plain, np.zeros((1, 3)))


def test_perplexity_is_that_of_the_loss_of_transformers() -> None:
    model, words, space = made()
    prompt = words(PROMPT)["input_ids"]
    for one in continuations_of(space, noise(3)):
        ids = torch.tensor([[*prompt, *one.ids]])
        labels = torch.where(torch.arange(ids.shape[1]) < len(prompt), -100, ids)
        with torch.no_grad():
            loss = float(model(ids, labels=labels).loss)
        assert one.perplexity == pytest.approx(np.exp(loss), rel=1e-3)


def test_the_model_as_it_is_does_not_diverge() -> None:
    _, __, space = made()
    [one] = continuations_of(space, np.zeros((1, 16)))
    assert one.mean_divergence == 0
    [other] = continuations_of(space, noise(1), {"strength": 0.0})
    assert other.mean_divergence == 0
    assert other.ids == one.ids


def test_repetition_counts_runs_that_came_before() -> None:
    _, __, space = made(max_new_tokens=20)
    for one in continuations_of(space, noise(6)):
        runs = Counter(zip(one.ids, one.ids[1:], one.ids[2:], strict=False))
        again = sum(count - 1 for count in runs.values())
        assert one.repetition == pytest.approx(again / max(1, runs.total()))


def test_a_space_at_another_prompt_is_the_one_made_with_it() -> None:
    model, words, space = made()
    for options in ({"prompt": "a dog ran"}, {"layer": 3}, {"layer": [0, 2]}, {"steer": "all"}):
        given = {"prompt": PROMPT, "layer": 1, "steer": "last", **options}
        wanted: Any = lw.as_space(model, tokenizer=words, max_new_tokens=8, **given)
        found = space.at(**options)
        assert found.latent_shape == wanted.latent_shape
        assert found.layers == wanted.layers
        assert dict(found.conditions) == dict(wanted.conditions)
        latents = 9 * np.random.default_rng(1).standard_normal((3, *wanted.latent_shape))
        assert found.decode(latents) == wanted.decode(latents)
        np.testing.assert_array_equal(found.encode(["the cat"]), wanted.encode(["the cat"]))
        np.testing.assert_array_equal(found.residual_norms(), wanted.residual_norms())
    assert space.decode(noise(2)) == made()[2].decode(noise(2))  # it is left as it was
    with pytest.raises(lw.LatentValueError, match="reads at most 64"):
        space.at(prompt="the cat " * 30)
    with pytest.raises(lw.LatentTypeError, match="expected a text"):
        space.at(prompt=3)


def test_a_space_at_another_prompt_keeps_what_was_said_of_conditions() -> None:
    _, __, space = made(conditions={"strength": (2.0, -8.0, 8.0)})
    assert space.at(prompt="a dog").conditions["strength"].default == 2
    assert space.at(layer=2).conditions["layer"].default == 2


def test_next_tokens_are_those_of_the_logits() -> None:
    model, words, space = made()
    prompt = words(PROMPT)["input_ids"]
    latent = noise(1)[0]
    found = lw.analysis.next_tokens(space, latent, {"layer": 2}, count=4)
    before = np.exp(logs(model, prompt)[-1])
    after = np.exp(logs(model, prompt, latent, 2, [len(prompt) - 1])[-1])
    for shown, all_, name in ((found.before, before, "before"), (found.after, after, "after")):
        top = np.argsort(-all_)[:4]
        assert [one.id for one in shown] == top.tolist()
        np.testing.assert_allclose([getattr(one, name) for one in shown], all_[top], atol=1e-4)
    table = found._repr_html_()
    assert table.count("<tr>") == 5
    assert len(found.plot().axes[0].patches) == 2 * len(found.tokens)
    written = found.to_dict()["tokens"][0]
    assert written == {**vars(found.tokens[0]), "chance": written["chance"]}
    assert tuple(written["chance"]) == found.tokens[0].chance
    assert found.change == pytest.approx(np.abs(after - before).sum() / 2, abs=1e-4)
    # What random latents do that are as long as this one.
    others = np.random.default_rng(0).normal(size=(8, 16))
    others *= np.linalg.norm(latent) / np.linalg.norm(others, axis=1, keepdims=True)
    by_chance = np.exp(
        [logs(model, prompt, one.astype(np.float32), 2, [len(prompt) - 1])[-1] for one in others]
    )
    for one in found.tokens:
        ends = by_chance[:, one.id].min(), by_chance[:, one.id].max()
        assert one.chance == pytest.approx(ends, abs=1e-4)
    changes = np.abs(by_chance - before).sum(axis=1) / 2
    assert found.chance_change == pytest.approx(np.percentile(changes, [0, 50, 100]), abs=1e-4)
    # By which token the last column goes, and what it says.
    cell = re.findall(r"<td[^>]*>([^<]*)</td>", table)[6]
    assert found.after[0].chance is not None
    assert cell == " to ".join(
        f"{x:.1%}" if x >= 0.001 else "&lt; 0.1%" for x in found.after[0].chance
    )
    assert "after, random latents</th></tr>" in table
    many = "8 random latents of the same length"
    assert f"The last column: the range of the likeliest-after token under {many}." in table
    assert f" Under {many} it is " in table
    single = lw.analysis.next_tokens(space, latent, {"layer": 2}, count=4, controls=1)._repr_html_()
    assert "% to " not in single, "the range of a single number"
    assert "under 1 random latent of the same length." in single
    faint = lw.analysis.next_tokens(space, 1e-5 * latent, {"layer": 2}, count=4)
    assert 0 < faint.change < 0.001
    assert "Steered, &lt; 0.1% of the probability" in faint._repr_html_()
    alone = lw.analysis.next_tokens(space, latent, {"layer": 2}, count=4, controls=0)
    assert alone.change == pytest.approx(found.change)
    assert alone.chance_change is None
    assert {one.chance for one in alone.tokens} == {None}
    assert "by chance" not in alone._repr_html_()
    other = lw.analysis.next_tokens(space, latent, prompt="a dog", count=3)
    assert other.before != found.before[:3]
    same = lw.analysis.next_tokens(space.at(steer="generated"), latent)
    assert all(one.before == one.after for one in same.tokens)
    with pytest.raises(lw.LatentValueError, match=r"which have shape \(16,\)"):
        lw.analysis.next_tokens(space, np.zeros(3))


def test_models_without_logits_are_refused() -> None:
    space: Any = lw.as_space(residual(Letters()))
    with pytest.raises(lw.LatentValueError, match="how likely a token is; expected a causal"):
        lw.analysis.next_tokens(space, np.zeros(16))


@pytest.mark.parametrize("other", [lw.LatentSpace(np.square, 3), mock.MagicMock()])
def test_what_is_no_language_models_space_is_refused(other: Any) -> None:
    """A stand-in for anything has every attribute that is asked for."""
    up = lw.Direction("up", [1.0, 0.0, 0.0])
    writes = "expected a space of a language model: as_space"
    encodes = "expected a space with an encoder, such as that of a language model"
    for door, words in (
        (lambda: lw.analysis.next_tokens(other, np.zeros(3)), writes),
        (lambda: lw.analysis.steering_curve(other, up, effect=len), writes),
        (lambda: token_damage(other, np.zeros((1, 3))), writes),
        (lambda: lw.token_map(other, "a cat", up), "expected the space of a language model: lw"),
        (lambda: lw.layer_scores(other, ["a", "b"] * 10, [0, 1] * 10), encodes),
    ):
        with pytest.raises(lw.LatentTypeError, match=words):
            door()


def test_of_many_next_tokens_those_shown_are_the_likeliest() -> None:
    given = [NextToken(str(i), i, 0.9**i, 0.9 ** (i + 1)) for i in range(60)]
    found = NextTokens(tuple(given), 2**31, 0.1)
    assert len(found.before) == 60
    assert found._repr_html_().count("<tr>") == 1 + 50
    assert "10 more are not shown." in found._repr_html_()
    assert len(found.plot().axes[0].patches) == 2 * 50
