"""What a language space refuses: what went wrong, and the way out."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import latentwidgets as lw
from tests.unit.writers import CHAT, CONTEXT, PROMPT, tokenizer, writer


def space_of(model: Any = None, words: Any = None, **options: Any) -> Any:
    given = {"prompt": PROMPT, "layer": 1, "max_new_tokens": 6, **options}
    return lw.as_space(model or writer(), tokenizer=words or tokenizer(), **given)


def test_no_pad_token_is_needed() -> None:
    words = tokenizer()
    assert words.pad_token is None
    space = space_of(words=words)
    assert len(space.decode(space.encode(["the dog", "a very big bird"]))) == 2
    assert words.pad_token is None


def test_an_empty_text_is_refused() -> None:
    space = space_of()
    with pytest.raises(lw.LatentValueError, match=r"text 1 of 2 is empty.*Leave it out"):
        space.encode(["the dog", ""])
    with pytest.raises(lw.LatentValueError, match="empty list"):
        space.encode([])


def test_a_text_that_no_tokenizer_reads_is_refused() -> None:
    with pytest.raises(lw.LatentValueError, match=r"tokenizer failed for 'the .ud800'"):
        space_of().encode(["the dog", "the \ud800"])


def test_an_empty_prompt_is_the_token_that_begins_a_text() -> None:
    assert space_of(prompt="").decode(np.zeros((1, 16)))
    with pytest.raises(lw.LatentValueError, match=r"prompt is ''.*prompt=tokenizer.bos_token"):
        space_of(words=tokenizer(begins=False), prompt="")


def test_a_prompt_longer_than_the_context_is_refused() -> None:
    long = " ".join(["the"] * (CONTEXT - 5))
    with pytest.raises(lw.LatentValueError, match=r"60 tokens.*at most 64.*max_new_tokens=4 or"):
        space_of(prompt=long)
    assert space_of(prompt=long, max_new_tokens=4).decode(np.zeros((1, 16)))
    with pytest.raises(lw.LatentValueError, match="Cut the prompt"):
        space_of(prompt=f"{long} {long}")
    with pytest.raises(lw.LatentValueError, match=r"the the.*119 tokens.*at most 64"):
        space_of().encode([f"{long} {long}"])


@pytest.mark.parametrize("layer", [4, -1, 1.5, [0, 4], [1, 1], [], "last", "4", True, [True]])
def test_a_layer_that_is_not_there_is_refused(layer: Any) -> None:
    with pytest.raises((lw.LatentValueError, lw.LatentTypeError), match=r"layer"):
        space_of(layer=layer)


@pytest.mark.parametrize(
    ("layer", "named"),
    [
        (-1, "layer is -1"),
        (4, "layer is 4"),
        (1.0, r"layer is 1\.0"),
        (True, "layer is True"),
        ([0, -1], r"layer\[1\] is -1"),
        ([True], r"layer\[0\] is True"),
    ],
)
def test_who_counts_layers_from_the_end_is_told_how_they_are_counted(
    layer: Any, named: str
) -> None:
    told = rf"{named}; layers are counted from 0, and the last is 3\b"
    with pytest.raises((lw.LatentValueError, lw.LatentTypeError), match=told):
        space_of(layer=layer)
    with pytest.raises((lw.LatentValueError, lw.LatentTypeError), match=told):
        space_of().at(layer=layer)


def test_who_counts_choices_from_the_end_is_told_which_is_the_last() -> None:
    with pytest.raises(lw.LatentValueError, match=r"is -1; .*0 to 3\. The last is 3\."):
        space_of().decode(np.zeros((1, 16)), {"layer": -1})


def test_a_layer_that_nobody_names_is_a_guess() -> None:
    with pytest.warns(lw.GuessWarning, match=r"layer=2, was taken.*layer=0 to 3"):
        space = space_of(layer=None)
    assert space.conditions["layer"].default == 2
    with pytest.raises(lw.LatentValueError, match="layer"):
        space.decode(np.zeros((1, 16)), {"layer": 4})


def test_too_much_strength_says_so() -> None:
    space = space_of(writer().to(torch.float16))
    latents = np.ones((3, 16), np.float32)
    latents[1:] *= 1e6
    with pytest.raises(lw.DecodeError, match=r"rows 1, 2.*lower the strength.*float32"):
        space.decode(latents)
    assert space.decode(latents[:1])
    with pytest.raises(lw.DecodeError, match="NaN or infinity"):
        list(space.drafts(latents))
    broken = writer()
    broken.get_output_embeddings().weight.data[:] = float("nan")
    with pytest.raises(lw.DecodeError, match="without any steering"):
        space_of(broken).decode(np.zeros((1, 16)))
    space = space_of(broken := writer())
    broken.model.layers[0].mlp.down_proj.weight.data[:] = float("inf")
    with pytest.raises(lw.DecodeError, match=r"text 0 .*NaN or infinite.*bfloat16"):
        space.encode(["the dog"])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_models_keep_their_dtype(dtype: torch.dtype) -> None:
    model = writer().to(dtype)
    space = space_of(model, steer="all")
    assert len(space.decode(space.encode(["the dog", "a bird"]))) == 2
    assert {one.dtype for one in model.parameters()} == {dtype}


def test_a_model_that_refuses_to_be_cast_is_never_asked_to() -> None:
    class Quantised(transformers.LlamaForCausalLM):  # type: ignore[misc]
        def _refuse(self, *_: Any, **__: Any) -> Any:
            raise ValueError("a quantised model cannot be cast")

        half = float = to = cpu = cuda = _refuse

    plain = writer()
    model = Quantised(plain.config).eval()
    model.load_state_dict(plain.state_dict())
    latents = np.ones((2, 16), np.float32)
    for steer in ("last", "all"):
        space, own = space_of(model, steer=steer), space_of(plain, steer=steer)
        assert space.decode(latents) == own.decode(latents)
        assert np.array_equal(space.encode(["the dog"]), own.encode(["the dog"]))


def test_encoders_are_refused() -> None:
    size = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 16, "vocab_size": 30}
    config = transformers.BertConfig(num_hidden_layers=2, **size)
    with pytest.raises(lw.LatentValueError, match=r"BertForMaskedLM writes.*AutoModelForCausalLM"):
        space_of(transformers.BertForMaskedLM(config))
    with pytest.raises(lw.LatentValueError, match="not causal"):
        space_of(transformers.BertLMHeadModel(config))
    with pytest.raises(lw.LatentValueError, match=r"LlamaModel.*no head"):
        space_of(writer().model)
    t5 = transformers.T5Config(d_model=16, d_kv=8, d_ff=16, num_layers=2, num_heads=2)
    with pytest.raises(lw.LatentValueError, match=r"an encoder and a decoder.*Residual"):
        space_of(transformers.T5ForConditionalGeneration(t5))


def test_a_model_without_its_tokenizer_is_told_what_is_missing() -> None:
    with pytest.raises(lw.LatentTypeError, match=r"as_space\(model, tokenizer=tokenizer"):
        lw.as_space(writer())
    with pytest.raises(lw.LatentTypeError, match=r"tokenizer is a str.*AutoTokenizer"):
        space_of(words="gpt2")
    with pytest.raises(lw.LatentTypeError, match=r"tokenizer beside a Linear.*get_base_model"):
        lw.as_space(torch.nn.Linear(3, 4), tokenizer=tokenizer())


def test_a_model_with_a_decoder_of_ones_own_is_any_module() -> None:
    options = {"latent_shape": 16, "value_range": (-3, 3)}
    space = lw.as_space(writer(), decode=lambda z: z.reshape(-1, 4, 4), **options)
    assert space.kind == "image"


def test_options_that_are_misspelt_or_wrong_are_refused() -> None:
    with pytest.raises(lw.LatentTypeError, match="max_new_token"):
        space_of(max_new_token=3)
    with pytest.raises(lw.LatentValueError, match="max_new_tokens"):
        space_of(max_new_tokens=0)
    with pytest.raises(lw.LatentValueError, match="steer is 'first'"):
        space_of(steer="first")
    with pytest.raises(lw.LatentTypeError, match="prompt is 3"):
        space_of(prompt=3)
    with pytest.raises(lw.LatentValueError, match="no condition 'top_p'"):
        space_of(conditions={"top_p": (0.9, 0.0, 1.0)})
    with pytest.raises(lw.LatentValueError, match="layer"):
        space_of(conditions={"layer": range(9)})
    with pytest.raises(lw.LatentValueError, match="temperature"):
        space_of(conditions={"temperature": ["low", "high"]})
    space = space_of(conditions={"temperature": (0.7, 0.0, 1.0), "layer": range(1, 3)})
    assert space.conditions["temperature"].default == 0.7
    assert [*space.conditions["layer"].choices] == [1, 2]


def test_what_is_no_text_is_refused() -> None:
    space = space_of()
    for given in ("a text", 3, [3], [None], [["the"]], [{"role": "user"}], CHAT):
        with pytest.raises(lw.LatentTypeError):
            space.encode(given)
    with pytest.raises(lw.LatentTypeError, match="trajectory"):
        space.encode(CHAT)
    with pytest.raises(lw.LatentValueError, match=r"no chat template.*chat_template"):
        space.encode([CHAT])
    # The way out that it names is taken.
    with pytest.raises(lw.LatentValueError, match="Pass texts in place of messages"):
        space.trajectory(CHAT)
    assert len(space.trajectory([message["content"] for message in CHAT])) == len(CHAT)
    with pytest.raises(lw.LatentValueError, match="pool is 'first'"):
        space.encode(["the"], pool="first")
    chats = space_of(words=tokenizer(chat=True))
    for turns in (3, [3], ["the", CHAT[0]], [*CHAT, "the"], [{"role": "user"}]):
        with pytest.raises(lw.LatentTypeError, match="messages are"):
            chats.trajectory(turns)
    with pytest.raises(lw.LatentValueError, match="no messages"):
        space.trajectory([])


def test_another_decoder_has_no_states() -> None:
    space = space_of().replace(decode=lambda latents: ["a"] * len(latents), conditions=None)
    for call in (space.residual_norms, lambda: space.trajectory(["the"])):
        with pytest.raises(lw.LatentValueError, match="decoder of its own"):
            call()
    other = space_of().replace(encode=lambda texts: np.ones((len(texts), 16), np.float32))
    assert other.encode(["the"]).sum() == 16
    with pytest.raises(lw.LatentValueError, match="another encoder"):
        other.encode(["the"], pool="mean")


def test_a_batch_of_another_size_is_not_steered() -> None:
    model = writer()
    space = space_of(model, steer="all")
    ids = torch.tensor([[1, 5, 6]] * 2)
    with space.steering(np.ones((3, 16))), pytest.raises(lw.DecodeError, match="2 for 3 latents"):
        model(ids)


def test_nothing_of_the_model_is_changed() -> None:
    model = writer().train()
    before = copy.deepcopy(model.state_dict())
    config = model.generation_config.to_dict()
    space = space_of(model, steer="all")
    space.decode(space.encode(["the dog"]) * 9, {"temperature": 1.0})
    assert model.training
    assert model.generation_config.to_dict() == config
    assert all(torch.equal(before[name], one) for name, one in model.state_dict().items())


def test_what_is_refused_says_the_way_out() -> None:
    space: Any = space_of()
    with pytest.raises(lw.LatentTypeError, match="has no option 'lyer'. Did you mean 'layer'"):
        space.at(lyer=2)
    with pytest.raises(lw.LatentTypeError, match="no option 'pol'. Did you mean 'pool'"):
        space.encode(["the"], pol="mean")
    with pytest.raises(lw.LatentTypeError, match="no option 'prompt_token'"):
        space.steering(np.ones((1, 16)), prompt_token=2)
    wider = r"from -3 to 3\. .*conditions=\{'strength': \(1, -3, 30\)\}"
    for strength in (30, [30.0]):
        with pytest.raises(lw.LatentValueError, match=wider):
            space.decode(np.ones((1, 16)), {"strength": strength})
    with pytest.raises(lw.LatentTypeError, match="as_space got 'folder'; expected a model. Load"):
        lw.as_space("folder", tokenizer=tokenizer())
    size = {"hidden_size": 16, "intermediate_size": 16, "num_attention_heads": 2, "vocab_size": 9}
    bert = transformers.BertModel(transformers.BertConfig(num_hidden_layers=1, **size))
    with pytest.raises(lw.LatentTypeError, match="reads texts and writes none; .* causal model"):
        lw.as_space(bert)
    with pytest.raises(lw.LatentTypeError, match=r"'arguments'\. There are .*'max_new_tokens'"):
        lw.as_space(writer(), tokenizer=tokenizer(), arguments={"max_new_tokens": 12})


def test_a_prompt_that_cannot_be_read_is_named_before_anything_is_written() -> None:
    given: dict[str, Any] = {"effect": lambda texts: [0.0] * len(texts), "randoms": 0}
    measure: Any = lw.analysis.steering_curve
    direction = lw.Direction("one", np.ones(16))
    with pytest.raises(lw.LatentValueError, match=r"prompts\[1\]: the prompt has"):
        measure(space_of(), direction, prompts=["the", "the cat " * 60], **given)
    with pytest.raises(lw.LatentTypeError, match=r"prompts=\['the cat'\]"):
        measure(space_of(), direction, prompts="the cat", **given)


def test_a_tokenizer_of_another_model_is_refused() -> None:
    words = tokenizer()
    words.add_tokens(["zebra"])
    space = space_of(words=words)
    last = r"has token 25; LlamaForCausalLM knows tokens 0 to 24, .*resize_token_embeddings"
    with pytest.raises(lw.LatentValueError, match=last):
        space.encode(["the zebra"])
    with pytest.raises(lw.LatentValueError, match=last):
        space.at(prompt="the zebra")
    with pytest.raises(lw.LatentValueError, match=last):
        space.trajectory(["the", "zebra"])
    with pytest.raises(lw.LatentValueError, match=last):
        space_of(words=words, prompt="the zebra")


def test_a_model_that_cannot_run_says_so() -> None:
    model = writer()
    model.model.layers[1].mlp.down_proj = torch.nn.Linear(3, 16)  # such as of a bad conversion
    with pytest.raises(lw.LatentValueError, match=r"failed for the first tokens.*RuntimeError: "):
        space_of(model)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ raise_exception('roles must alternate') }}", "TemplateError: roles must alternate"),
        ("{% if %}", "TemplateSyntaxError"),
        ("{% for m in messages %}{{ m.content + [] }}{% endfor %}", "TypeError"),
    ],
)
def test_a_chat_template_that_fails_says_why(template: str, why: str) -> None:
    words = tokenizer()
    words.chat_template = template
    space = space_of(words=words)
    for call in (space.encode, lambda chats: space.at(prompt=chats[0])):
        with pytest.raises(lw.LatentValueError, match=rf"template failed for .*{why}.*roles that"):
            call([CHAT])
    with pytest.raises(lw.LatentValueError, match=r"template failed for .*roles that it takes"):
        space.trajectory(CHAT)


def test_a_message_without_words_is_refused() -> None:
    chats = space_of(words=tokenizer(chat=True))
    for content in (None, ["the cat"]):
        with pytest.raises(lw.LatentValueError, match="a text as the content of each"):
            chats.trajectory([{"role": "user", "content": content}])
    with pytest.raises(lw.LatentTypeError, match=r"one message; .*\[message\]"):
        chats.trajectory(CHAT[0])
    with pytest.raises(lw.LatentValueError, match="message 0 of 2 is empty"):
        chats.trajectory(["", "the"])


def test_norms_of_no_text_are_refused() -> None:
    space = space_of()
    with pytest.raises(lw.LatentValueError, match="texts are an empty list"):
        space.residual_norms([])
    with pytest.raises(lw.LatentValueError, match="text 1 of 2 is empty"):
        space.residual_norms(["the", ""])


def test_texts_have_an_order() -> None:
    space = space_of()
    with pytest.raises(lw.LatentTypeError, match="encode got a set; expected a list of texts"):
        space.encode({"the cat", "the dog"})
    given: dict[str, Any] = {"effect": lambda texts: [0.0] * len(texts), "randoms": 0}
    direction = lw.Direction("one", np.ones(16))
    unordered: tuple[Any, ...] = ({"the", "the cat"}, frozenset({"the"}), {"the": 1}.copy())
    for texts in unordered:
        kind = type(texts).__name__
        with pytest.raises(lw.LatentTypeError, match=f"texts are a {kind}; expected a list of"):
            space.residual_norms(texts)
        with pytest.raises(lw.LatentTypeError, match=f"texts are a {kind}; expected a list of"):
            lw.layer_scores(space, texts, {"x": [0, 1]})
        with pytest.raises(lw.LatentTypeError, match=f"prompts are a {kind}; expected"):
            lw.analysis.steering_curve(space, direction, prompts=texts, **given)
    for messages in unordered[:2]:
        with pytest.raises(lw.LatentTypeError, match=r"messages are a (frozen)?set; expected"):
            space.trajectory(messages)


def test_each_message_says_something() -> None:
    space, chats = space_of(), space_of(words=tokenizer(chat=True))
    said = (["the", "", "cat"], ["the cat", "cat", "", "  "], ["the", "cat", "\n"])
    for texts, i in zip(said, (1, 2, 2), strict=True):
        match = f"message {i} of {len(texts)} is empty; .*Leave it out"
        with pytest.raises(lw.LatentValueError, match=match):
            space.trajectory(texts)
        with pytest.raises(lw.LatentValueError, match=match):
            chats.trajectory([{"role": "user", "content": one} for one in texts])
    assert chats.encode([[{"role": "system", "content": ""}, *CHAT]]).shape == (1, 16)


def test_what_a_message_says_beside_its_content_is_left_to_the_template() -> None:
    words = tokenizer(chat=True)
    called = "{% for c in m.tool_calls or [] %}{{ c.function.name + ' ' }}{% endfor %}"
    said = "{{ '<|' + m.role + '|> ' + m.content + ' ' }}"
    words.chat_template = f"{{% for m in messages %}}{said}{called}{{% endfor %}}"
    space = space_of(words=words)
    silent = {"role": "assistant", "content": ""}
    path = []
    for name in ("dog", "bird"):
        calls = [{"type": "function", "function": {"name": name, "arguments": {}}}]
        chat = [CHAT[0], {**silent, "tool_calls": calls}, CHAT[2]]
        path.append(space.trajectory(chat))
        assert np.allclose(space.encode([chat[:2]])[0], path[-1][1], atol=1e-5)
    assert np.array_equal(path[0][0], path[1][0])
    assert np.abs(path[0][1:] - path[1][1:]).max(axis=1).min() > 0.01, "the call is read"
    silences: list[Any] = [None, []]
    for nothing in silences:
        with pytest.raises(lw.LatentValueError, match="message 1 of 2 is empty"):
            space.trajectory([CHAT[0], {**silent, "tool_calls": nothing}])


def test_a_model_that_fails_says_the_same_wherever_it_is_called() -> None:
    model = writer()
    space = space_of(model)

    def fail(*_: Any) -> None:
        raise RuntimeError("boom")

    model.register_forward_pre_hook(fail)
    zero = np.zeros((1, 16))
    calls = (
        lambda: space.decode(zero),
        lambda: space.encode(["the cat"]),
        lambda: space.trajectory(["the cat"]),
        lambda: space.sample(3),
        space.residual_norms,
        lambda: space.residual_norms(["the cat"]),
        lambda: space.relative_norms(zero),
        lambda: lw.analysis.next_tokens(space, zero[0]),
    )
    for call in calls:
        with pytest.raises(lw.DecodeError, match="^LlamaForCausalLM raised RuntimeError: boom$"):
            call()


def test_what_stops_the_first_tokens_is_told_as_it_is() -> None:
    model = writer()
    space = space_of(model)
    with (
        space.steering(np.ones((4, 16))),
        pytest.raises(lw.DecodeError, match="^(?!.*first tokens).*1 for 4 latents"),
    ):
        space_of(model)

    def fill(*_: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    model.register_forward_pre_hook(fill)
    with pytest.raises(lw.DecodeError, match=r"^OutOfMemoryError: .* 2 GiB\. It ran .* half prec"):
        space_of(model)


def test_of_several_chat_templates_one_is_chosen() -> None:
    words = tokenizer()
    words.chat_template = {"short": "{{ messages }}", "long": "{{ messages }}"}
    way = r"several chat templates, 'short', 'long', .*chat_template = .*chat_template\['short'\]"
    with pytest.raises(lw.LatentValueError, match=way):
        space_of(words=words).encode([CHAT])


def test_too_much_strength_has_no_next_token() -> None:
    space = space_of(writer().to(torch.float16))
    with pytest.raises(lw.DecodeError, match=r"NaN or infinity.*lower the strength"):
        lw.analysis.next_tokens(space, np.full(16, 1e6, np.float32))
    with pytest.raises(lw.DecodeError, match=r"for the latent: what was added has norm 4e\+06"):
        lw.analysis.next_tokens(space, np.full(16, 1e6, np.float32))
    with pytest.raises(lw.DecodeError, match=r"for row 1 of the latents: what was added has"):
        space.decode([np.zeros(16), np.full(16, 1e6)])
    broken = writer()
    space = space_of(broken)
    with torch.no_grad():
        broken.lm_head.weight.fill_(torch.nan)
    with pytest.raises(lw.DecodeError, match="without any steering"):
        lw.analysis.next_tokens(space, np.ones(16))
