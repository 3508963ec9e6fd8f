"""Causal language models as spaces: their own texts at zero, and what transformers does behind."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import latentwidgets as lw
from latentwidgets.common.pieces import outcome
from latentwidgets.engine import ordinary_of
from tests import models
from tests.unit.page import Page
from tests.unit.writers import FAMILIES, NOUNS, PROMPT, WORDS, generated, tokenizer, writer

needs_models = pytest.mark.skipif(bool(models.models_missing), reason=models.models_missing)


def made(family: str = "llama", **options: Any) -> tuple[Any, Any, Any]:
    model, words = writer(family), tokenizer()
    given = {"prompt": PROMPT, "layer": 1, "max_new_tokens": 12, **options}
    return model, words, lw.as_space(model, tokenizer=words, **given)


def noise(space: Any, n: int, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, *space.latent_shape)).astype(np.float32) * 20


def written(space: Any, n: int) -> list[list[int]]:
    """The tokens that are written where nothing is added: two of them may look alike as text."""
    nothing = np.zeros((n, *space.latent_shape), np.float32)
    with torch.no_grad():
        tokens: list[list[int]] = space.stream.rows(nothing, {})
    return tokens


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("steer", ["last", "generated", "all"])
@pytest.mark.slow
def test_zero_is_the_models_own_text(family: str, steer: str) -> None:
    model, words = writer(family), tokenizer()
    texts: list[str] = []
    for prompt in (PROMPT, "the", "a big dog sat and", "then a boy", "very happy girl sang ."):
        options = {"prompt": prompt, "layer": 1, "max_new_tokens": 12, "steer": steer}
        space: Any = lw.as_space(model, tokenizer=words, **options)
        ids = words(prompt)["input_ids"]
        tokens = generated(model, ids, 12)
        own = words.decode([*ids, *tokens], skip_special_tokens=True)
        assert written(space, 3) == [tokens] * 3
        for text in space.decode(np.zeros((3, *space.latent_shape))):
            assert prompt + text == own
            texts.append(text)
    assert len({*texts}) > 2


@needs_models
@pytest.mark.parametrize("count", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_zero_is_the_models_own_text_for_many_prompts(count: int) -> None:
    model, words = models.load_stories()
    rng = np.random.default_rng(0)
    names, things = ["Tim", "Lily", "Ben", "Mia", "Sam"], ["dog", "cat", "ball", "hat", "cake"]
    starts = ["Once upon a time", "One day", "The sun was hot and", "In the park"]
    for _ in range(count):
        name, thing = str(rng.choice(names)), str(rng.choice(things))
        prompt = f"{rng.choice(starts)} {name} saw a {thing}. {name} was"
        space = lw.as_space(model, tokenizer=words, prompt=prompt, layer=1, max_new_tokens=24)
        ids = words(prompt)["input_ids"]
        [text] = space.decode(np.zeros((1, 64)))
        tokens = generated(model, ids, 24)
        assert written(space, 1) == [tokens]
        assert prompt + text == words.decode([*ids, *tokens], skip_special_tokens=True)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("steer", ["last", "generated", "all"])
def test_rows_are_the_same_alone_and_beside_others(family: str, steer: str) -> None:
    _, _, space = made(family, steer=steer)
    latents = noise(space, 4)
    given: dict[str, list[float]] = {
        "layer": [0, 1, 2, 3],
        "strength": [1.0, -1.0, 2.0, 0.5],
        "temperature": [0.0, 1.0, 1.0, 0.5],
        "seed": [0, 3, 3, 9],
    }
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
    own = generated(model, ids, 12)
    found: list[list[int]] = []
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


def test_each_token_that_is_steered_and_no_other() -> None:
    """The stream after a block, as a plain hook of one's own sees it while a text is written."""
    length = len(tokenizer()(PROMPT)["input_ids"])
    for steer in ("last", "generated", "all"):
        model, _, space = made(steer=steer)
        read: list[Any] = []
        seen: list[Any] = []
        model.model.embed_tokens.register_forward_hook(
            lambda _, args, __, read=read: read.append(args[0])
        )
        model.model.layers[1].register_forward_hook(
            lambda _, __, out, seen=seen: seen.append(out.clone())
        )
        space.decode(noise(space, 1))
        ids, stream = torch.cat(read, dim=1), torch.cat(seen, dim=1)
        assert ids.shape[1] > length + 3
        with torch.no_grad():
            model(ids)
        # What is added after a block changes nothing of what it gives for tokens that follow.
        gap = (stream - seen[-1])[0].abs().amax(dim=1)
        wanted = {
            "last": [i == length - 1 for i in range(ids.shape[1])],
            "generated": [i >= length for i in range(ids.shape[1])],
            "all": [True] * ids.shape[1],
        }
        assert (gap > 1e-2).tolist() == wanted[steer]


def test_several_layers_are_rows_of_a_latent() -> None:
    _, _, each = made()
    _, _, space = made(layer=[1, 3])
    assert space.latent_shape == (2, 16)
    assert space.layers == ("1", "3")
    assert "layer" not in space.conditions
    latent = noise(space, 1)
    first, last = latent.copy(), latent.copy()
    first[:, 1], last[:, 0] = 0, 0
    assert space.decode(first) == each.decode(latent[:, 0], {"layer": 1})
    assert space.decode(last) == each.decode(latent[:, 1], {"layer": 3})
    assert made(layer="all")[2].latent_shape == (4, 16)


def test_warm_texts_differ_by_seed_and_are_the_same_again() -> None:
    _, _, space = made()
    zeros = np.zeros((20, 16))
    given = {"temperature": 1.5, "seed": range(20)}
    texts = space.decode(zeros, given)
    assert len({*texts}) > 5
    assert texts == space.decode(zeros, given)
    assert space.decode(zeros[:1], {"temperature": 1.5, "seed": 7}) == [texts[7]]


def test_warm_tokens_come_as_often_as_the_model_says() -> None:
    model, words, space = made(max_new_tokens=1)
    ids = torch.tensor([words(PROMPT)["input_ids"]])
    with torch.no_grad():
        logits = model(ids).logits[0, -1]
    wanted, warmer = ((logits / one).softmax(-1) for one in (0.1, 1))
    assert (wanted - warmer).abs().max() > 0.2
    texts = space.decode(np.zeros((1000, 16)), {"temperature": 0.1, "seed": range(1000)})
    for word in WORDS:
        share = sum(text.split() == [word] for text in texts) / 1000
        assert abs(share - float(wanted[words.convert_tokens_to_ids(word)])) < 0.05


@pytest.mark.parametrize(
    "rules",
    [
        {"repetition_penalty": 1.7},
        {"no_repeat_ngram_size": 2},
        {"suppress_tokens": [8, 9, 10, 11]},
        {"min_new_tokens": 9},
        {"bad_words_ids": [[12], [13, 14]]},
        {"forced_eos_token_id": 2},
    ],
    ids=str,
)
def test_the_models_own_rules_hold(rules: dict[str, Any]) -> None:
    model, words = writer(), tokenizer()
    for name, value in rules.items():
        setattr(model.generation_config, name, value)
    for prompt in (PROMPT, "the", "a big dog", "and then"):
        ids = words(prompt)["input_ids"]
        own = words.decode([*ids, *generated(model, ids, 12)], skip_special_tokens=True)
        space = lw.as_space(model, tokenizer=words, prompt=prompt, layer=1, max_new_tokens=12)
        [text] = space.decode(np.zeros((1, 16)))
        assert prompt + text == own


def test_unlikely_tokens_are_left_out_as_the_model_says() -> None:
    model, words = writer(), tokenizer()
    model.generation_config.top_k = 1
    space = lw.as_space(model, tokenizer=words, prompt=PROMPT, layer=1, max_new_tokens=12)
    warm = space.decode(np.zeros((5, 16)), {"temperature": 2.0, "seed": range(5)})
    assert {*warm} == {*space.decode(np.zeros((1, 16)))}


def test_beams_are_told_of() -> None:
    model = writer()
    model.generation_config.num_beams = 3
    with pytest.warns(UserWarning, match="num_beams=3"):
        lw.as_space(model, tokenizer=tokenizer(), prompt=PROMPT, layer=1)


@pytest.mark.parametrize("steer", ["last", "generated", "all"])
@pytest.mark.parametrize("case", ["takes none", "gives none", "cannot be repeated"])
def test_without_a_cache_texts_are_the_same(
    case: str, steer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As models of people's own may be: then everything is read again."""
    model, words, space = made(steer=steer)
    wanted = space.decode(noise(space, 3)), space.decode(np.zeros((3, 16)))

    class TakesNone(type(model)):  # type: ignore[misc]
        def forward(self, input_ids: Any = None) -> Any:
            return super().forward(input_ids, use_cache=False)

    class GivesNone(type(model)):  # type: ignore[misc]
        def forward(self, input_ids: Any = None, cache: Any = None, use_cache: Any = None) -> Any:
            assert cache is None
            return super().forward(input_ids, use_cache=False)

    if case == "cannot be repeated":

        def refuse(*_: Any) -> None:
            raise NotImplementedError

        monkeypatch.setattr(transformers.DynamicCache, "batch_repeat_interleave", refuse)
        other = model
    else:
        kinds: dict[str, Any] = {"takes none": TakesNone, "gives none": GivesNone}
        other = kinds[case](model.config).eval()
        other.load_state_dict(model.state_dict())
    options = {"prompt": PROMPT, "layer": 1, "max_new_tokens": 12, "steer": steer}
    space = lw.as_space(other, tokenizer=words, **options)
    assert (space.decode(noise(space, 3)), space.decode(np.zeros((3, 16)))) == wanted


def test_what_is_generated_is_steered_from_its_second_token_on() -> None:
    """The first follows from the prompt, whose keys and values only "last" and "all" change."""
    starts = {}
    for steer in ("last", "generated", "all"):
        _, _, space = made(steer=steer, max_new_tokens=3)
        latents = np.concatenate([np.zeros((1, 16)), noise(space, 9)])
        starts[steer] = {(*text.split(), "")[0] for text in space.decode(latents)}
    assert len(starts["generated"]) == 1
    assert len(starts["last"]) > 1
    assert len(starts["all"]) > 1


def test_the_last_layer_is_read_before_the_final_norm() -> None:
    model, words, space = made(layer=3)
    ids = [torch.tensor([words(text)["input_ids"]]) for text in ("the dog sang", PROMPT)]
    with torch.no_grad():
        normed = [model(one, output_hidden_states=True).hidden_states[-1][0, -1] for one in ids]
    [found] = space.encode(["the dog sang"])
    assert np.abs(found - (normed[0] - normed[1]).numpy()).max() > 0.1
    # Put in the prompt's place, the stream is normed there as that of the text is.
    with torch.no_grad(), space.steering([found]):
        patched = model(ids[1], output_hidden_states=True).hidden_states[-1][0, -1]
    assert torch.allclose(patched, normed[0], atol=1e-4)


def test_threads_take_turns() -> None:
    model, _, space = made(steer="all")
    latents = noise(space, 8)
    wanted = space.decode(latents)
    other = lw.as_space(model, tokenizer=tokenizer(), prompt=PROMPT, layer=1, max_new_tokens=12)
    found: dict[int, list[str]] = {}
    threads = [
        threading.Thread(
            target=lambda i=i: found.update({i: space.decode(latents[i : i + 1])}),
        )
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    other.decode(latents)
    for thread in threads:
        thread.join()
    assert [found[i] for i in range(8)] == [[text] for text in wanted]


def test_the_prompt_is_read_once_for_all_rows() -> None:
    for steer, most in (("last", 1), ("generated", 0), ("all", 25)):
        model, _, space = made(steer=steer, max_new_tokens=2)
        read: list[int] = []
        model.get_input_embeddings().register_forward_hook(
            lambda _, args, __, read=read: read.append(args[0].numel())
        )
        space.decode(noise(space, 25))
        length = len(tokenizer()(PROMPT)["input_ids"])
        wanted = 25 * length if steer == "all" else length + 24 * most
        assert sum(read) == wanted + 25  # and one token of each row to write the second


def test_the_first_draft_is_one_token() -> None:
    _, _, space = made()
    texts = list(space.drafts(noise(space, 3)))
    assert all(len(text.split()) <= 1 for text in texts[0])
    assert texts[-1] == space.decode(noise(space, 3))
    assert len(texts) >= 12


def test_a_text_ends_where_the_model_ends_it() -> None:
    """With the token at which it ends, where that is a word like another."""
    model, words = writer(), tokenizer()
    ids = words(PROMPT)["input_ids"]
    own = generated(model, ids, 12)
    model.generation_config.eos_token_id = [own[4], 2]
    space = lw.as_space(model, tokenizer=words, prompt=PROMPT, layer=1, max_new_tokens=12)
    ended = words.decode([*ids, *generated(model, ids, 12)], skip_special_tokens=True)
    assert len(ended.split()) < len(own)
    drafts = list(space.drafts(np.zeros((2, 16))))
    assert [PROMPT + text for text in drafts[-1]] == [ended] * 2
    assert len(drafts) <= own.index(own[4]) + 3  # it is stopped there, for all rows at once
    latents = noise(space, 6)
    alone = [space.decode(latents[i : i + 1])[0] for i in range(6)]
    assert space.decode(latents) == alone  # a row that has ended waits for the others


@pytest.mark.slow
def test_a_model_is_known_where_another_module_came_before() -> None:
    """A fresh process: the adapter of torch is loaded then, and that of transformers is not."""
    script = (
        "import torch, latentwidgets as lw\n"
        "from tests.unit.writers import tokenizer, writer\n"
        "lw.as_space(torch.nn.Sequential(torch.nn.Linear(3, 16), torch.nn.Unflatten(1, (4, 4))))\n"
        "space = lw.as_space(writer(), tokenizer=tokenizer(), prompt='the', layer=1)\n"
        "print(space.latent_shape)"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "(16,)", done.stderr


def test_the_model_as_it_is_is_ordinary_wherever_its_texts_lie() -> None:
    space = lw.as_space(writer(), tokenizer=tokenizer(), prompt="the cat was", layer=1)
    away = space.replace(prior=lambda rng, n: 5 + rng.normal(size=(n, 16)))
    judge = lw.analysis.Typicality(prior=away, most=100)
    # Just above zero too, where nothing is too near the middle; and not far beyond it.
    found = judge.report(np.eye(1, 16) * [[0], [1e-6], [1], [30]])
    assert found.typical.tolist() == [True, True, True, False]
    assert (found.failed[0], found.words[0]) == (None, "typical")
    assert found.reasons[3].startswith("too far from")
    assert "from the mean" not in found.reasons[3], "it is from zero that is measured"
    wide = space.replace(prior=lambda rng, n: rng.normal(size=(n, 16)) * [10, *[1] * 15])
    across = lw.analysis.Typicality(prior=wide, most=100, neighbours=98).report(9 * np.eye(16)[1:2])
    assert across.reasons == ("too far from the unsteered model, for how latents vary",)
    assert {one.around_zero for one in found.tests} == {True}
    assert "95 %" not in found._repr_html_(), "low is ordinary in each"
    assert (np.diff(found.p_values[:3]) <= 0).all(), "no step at zero"
    plain = lw.analysis.Typicality(prior=away, around_zero=False, most=100)
    assert not plain.report(np.eye(1, 16) * [[0], [1]]).typical.any()


def test_odd_texts_are_far_from_the_prompt() -> None:
    space = lw.as_space(writer(), tokenizer=tokenizer(), prompt="the cat was", layer=1)
    texts = [
        f"{one} {noun} {verb}"
        for one in ("the", "a")
        for noun in NOUNS
        for verb in ("sat", "ran", "sang", "was")
    ]
    odd = ["</s> </s> </s>", "<|user|>", ", , , , , , , ,", "<unk> <unk>"]
    found = lw.analysis.anomaly_scores(space, [*texts, *odd], reference=texts)
    reasons = {*found.reasons[len(texts) :]}
    assert "too far from the prompt, for how latents vary" in reasons, reasons
    assert not any("zero" in one or "unsteered" in one for one in found.words)


def test_the_model_as_it_is_is_ordinary_beside_data_of_a_persons_own() -> None:
    space = lw.as_space(writer(), tokenizer=tokenizer(), prompt="the cat was", layer=1)
    data = (5 + np.random.default_rng(0).normal(size=(60, 16))).astype(np.float32)
    judge = outcome(ordinary_of(space, data).judge(space, (16,)))
    assert judge is not None
    assert judge.report(np.eye(1, 16) * [[0], [1e-6], [30]]).typical.tolist() == [True, True, False]
    editor = lw.DirectionEditor(
        space.replace(data=data), np.zeros(16), [lw.Direction("x", np.ones(16))]
    )
    start = [1.0, 1.0, 0.0, 0.0]  # strength, layer, temperature and seed
    answer = Page(editor.comm).asked(type="typicality", at=[0.0, *start], positions=[])
    details = answer["places"][0]["details"]
    assert details.startswith("distance from the unsteered model 0 (97.5 % have "), details
    assert "Mahalanobis distance from the unsteered model 0 (97.5 %" in details
    assert "(or to the unsteered model, if less) 0 (97.5 %" in details
    assert "95 %" not in details


def test_the_prompt_is_no_odd_text() -> None:
    space = lw.as_space(writer(), tokenizer=tokenizer(), prompt="the cat was", layer=1)
    begun, ends = (
        ["a dog", "the bird", "a boy", "the girl", "a fox"],
        ["ran", "sang", "was", "felt"],
    )
    texts = [f"{one} {end} and the" for one in begun for end in ends]
    found = lw.analysis.anomaly_scores(space, ["the cat was"], reference=texts)
    assert found.p_values.tolist() == [1.0]
