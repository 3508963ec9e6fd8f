"""Tiny causal models of transformers, of random weights, and a tokenizer of words for them."""

from __future__ import annotations

from typing import Any

import tokenizers
import torch
import transformers
from tokenizers import models, pre_tokenizers, processors

NOUNS = ["cat", "dog", "bird", "boy", "girl"]
OTHERS = ["the", "a", "sat", "ran", "sang", "was", "very", "happy", "sad", "big", "small", "and"]
WORDS = [*NOUNS, *OTHERS, "then", ".", ","]
SPECIAL = ("<unk>", "<s>", "</s>", "<|user|>", "<|assistant|>")
CONTEXT = 64
FAMILIES = ("llama", "gpt2", "neox", "qwen2", "opt", "mistral", "bloom")
# Messages between marks of who says them.
TEMPLATE = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|> ' + m['content'] + ' </s> ' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|> ' }}{% endif %}"
)
PROMPT = "the cat was"
CHAT = [
    {"role": "user", "content": "the cat sat"},
    {"role": "assistant", "content": "a dog ran"},
    {"role": "user", "content": "the bird sang and sang"},
]


def tokenizer(
    *, begins: bool = True, ends: bool = False, chat: bool = False, **options: Any
) -> Any:
    """Make a tokenizer of words: with a token that begins a text, and perhaps one that ends it."""
    vocab = {word: i for i, word in enumerate([*SPECIAL, *WORDS])}
    made = tokenizers.Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    single = f"{'<s> ' if begins else ''}$A{' </s>' if ends else ''}"
    made.post_processor = processors.TemplateProcessing(
        single=single, special_tokens=[(word, vocab[word]) for word in ("<s>", "</s>")]
    )
    found = transformers.PreTrainedTokenizerFast(
        tokenizer_object=made,
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
        additional_special_tokens=["<|user|>", "<|assistant|>"],
        **options,
    )
    if chat:
        found.chat_template = TEMPLATE
    return found


def writer(family: str = "llama", **options: Any) -> Any:
    """Make a model of a family, with 4 blocks of width 16."""
    torch.manual_seed(1)
    size: dict[str, Any] = {
        "vocab_size": len(SPECIAL) + len(WORDS),
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": None,
    }
    usual = {
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "max_position_embeddings": CONTEXT,
    }
    grouped = {**usual, "num_key_value_heads": 2}
    own: dict[str, tuple[Any, dict[str, Any]]] = {
        "llama": (transformers.LlamaConfig, grouped),
        "qwen2": (transformers.Qwen2Config, grouped),
        "mistral": (transformers.MistralConfig, {**grouped, "sliding_window": 8}),
        "neox": (transformers.GPTNeoXConfig, usual),
        "gpt2": (
            transformers.GPT2Config,
            {"n_embd": 16, "n_layer": 4, "n_head": 2, "n_positions": CONTEXT},
        ),
        "opt": (
            transformers.OPTConfig,
            {**usual, "ffn_dim": 32, "word_embed_proj_dim": 16},
        ),
        "bloom": (transformers.BloomConfig, {"hidden_size": 16, "n_layer": 4, "n_head": 2}),
    }
    config, more = own[family]
    made = transformers.AutoModelForCausalLM.from_config(config(**{**size, **more, **options}))
    with torch.no_grad():  # of the usual size all texts of a random model are one word
        for one in made.parameters():
            one.mul_(6 if one.ndim > 1 else 1)
    return made.eval()


def generated(model: Any, ids: list[int], count: int, **options: Any) -> list[int]:
    """Give what the model's own `generate` writes after a prompt."""
    given = torch.tensor([ids])
    mask = torch.ones_like(given)
    options = {"do_sample": False, "pad_token_id": 0, **options}
    made = model.generate(given, attention_mask=mask, max_new_tokens=count, **options)
    found: list[int] = made[0, len(ids) :].tolist()
    return found
