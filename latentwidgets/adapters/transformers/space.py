"""Causal models of transformers to spaces: `as_space(model, tokenizer=..., prompt=...)`."""

from __future__ import annotations

from typing import Any

from torch import nn
from transformers import PreTrainedModel

from latentwidgets.adapters.blocks import find_blocks
from latentwidgets.adapters.residual import probe, space_options
from latentwidgets.adapters.residual_space import ResidualSpace
from latentwidgets.adapters.steering import STEERED
from latentwidgets.adapters.torch import torch_space
from latentwidgets.adapters.transformers.choosing import tell_unused
from latentwidgets.adapters.transformers.generation import Generation, prompt_tokens
from latentwidgets.adapters.transformers.texts import Texts
from latentwidgets.common.checks import check_whole
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.space.locks import ModelLock
from latentwidgets.space.options import check_options

__all__ = ["language_space"]


@as_space.register
def _(model: PreTrainedModel, **options: Any) -> LatentSpace:
    """Make a space of a model of transformers: of texts, or as of any torch module."""
    if "tokenizer" in options:
        return language_space(model, **options)
    writes = getattr(model, "can_generate", bool)() and not model.config.is_encoder_decoder
    if writes and "decode" not in options:
        raise LatentTypeError(
            f"{type(model).__name__} writes texts; expected its tokenizer beside it: "
            'as_space(model, tokenizer=tokenizer, prompt="...", layer=...). To decode something '
            "else with it, pass decode=..., a function of tensors."
        )
    decodes = any(hasattr(model, name) for name in ("decode", "decoder"))
    if not decodes and "decode" not in options and _reads_tokens(model):
        raise LatentTypeError(
            f"{type(model).__name__} reads texts and writes none; expected a causal model, such as "
            "AutoModelForCausalLM gives, with its tokenizer. What it reads can be mapped without a "
            "decoder: lw.LatentMap(None, embeddings, items=texts). To decode something else with "
            "it, pass decode=..., a function of tensors."
        )
    return torch_space(model, **options)


def _reads_tokens(model: PreTrainedModel) -> bool:
    try:
        return isinstance(model.get_input_embeddings(), nn.Embedding)
    except (AttributeError, NotImplementedError):  # it takes no tokens
        return False


def language_space(
    model: PreTrainedModel,
    *,
    tokenizer: Any,
    prompt: Any = "",
    layer: Any = None,
    steer: str = STEERED,
    max_new_tokens: int = 40,
    **options: Any,
) -> ResidualSpace:
    """Make a space of what is added to the residual stream of a causal model.

    A latent is added to what a block gives, and the model goes on from there. Zero is the unsteered
    model: its text is that of ``model.generate``. ``encode`` reads the states of texts off the
    stream, relative to the prompt's own. Nothing of the model is changed: it is steered only while
    this space decodes, in its thread.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        A causal model: ``AutoModelForCausalLM.from_pretrained(...)``. It stays on its device and
        in its dtype.
    tokenizer : transformers.PreTrainedTokenizerBase
        Its tokenizer. It needs no token for padding.
    prompt : str or list of dict
        What is continued: a text; or a chat, messages with "role" and "content", for the chat
        template.
    layer : int, list of int or "all", optional
        After which block is added, counted from 0. Latents have shape ``(width,)``, for several
        ``(layers, width)``.
    steer : {"last", "generated", "all"}
        Which tokens are steered: the prompt's last, those that follow it, or every one. Steering
        every token moves all that the model looks back on, and breaks what it writes soonest. But
        for "all" the prompt is read once for all rows. "last" measures best on the stories of
        `lw.demo.stories`: with the layer and strength that did most where at least 0.95 of the
        sentences parsed, the share of texts with the wanted mood, drawn at temperature 1 after 60
        other prompts, was 0.97 (4 sigmas, 0.99 parsed), beside 0.62 with "generated" (1 sigma) and
        0.75 with "all" (1.5 sigmas; of both 0.95 parsed), and 0.24 unsteered. Of the likeliest
        tokens it was 1.00, 0.97 and 1.00. Another model may differ: see
        `lw.analysis.steering_curve`.
    max_new_tokens : int
        How many tokens are written.
    **options
        What `LatentSpace` takes.

    Returns
    -------
    ResidualSpace
        The space. Its outputs are texts, without the prompt. Its conditions are "strength", which a
        latent is multiplied with; "layer", for latents of one layer; "temperature", 0 for the most
        likely token each time; and "seed". Above 0 what the model's ``generation_config`` says of
        ``top_k``, ``top_p`` and the like is done. A row of a batch is what it is alone. Its prior
        are the states a few tokens into texts that the model itself writes.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, or the model fails or is not causal.
    DecodeError
        If memory runs out.

    Warns
    -----
    GuessWarning
        If no layer is named.
    UserWarning
        If the model's ``generation_config`` asks for what is not done here, such as beams.

    References
    ----------
    Turner et al. 2023, "Steering language models with activation engineering" (arXiv 2308.10248).
    Zhang & Nanda 2024, "Towards best practices of activation patching in language models"
    (arXiv 2309.16042).

    Examples
    --------
    >>> import tokenizers, transformers
    >>> words = {word: i for i, word in enumerate("? . the cat dog sat ran".split())}
    >>> made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="?"))
    >>> made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    >>> tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=made, unk_token="?")
    >>> config = transformers.LlamaConfig(
    ...     vocab_size=7, hidden_size=8, intermediate_size=8, num_hidden_layers=3,
    ...     num_attention_heads=2, bos_token_id=None, eos_token_id=None)
    >>> model = transformers.LlamaForCausalLM(config)
    >>> space = as_space(model, tokenizer=tokenizer, prompt="the cat", layer=1, max_new_tokens=3)
    >>> space.encode(["the dog", "the cat sat"]).shape
    (2, 8)
    >>> texts = space.decode([[0.0] * 8, [1.0] * 8], {"layer": [1, 2], "strength": 2.0})
    >>> texts[0] == tokenizer.decode(model.generate(
    ...     **tokenizer("the cat", return_tensors="pt", return_token_type_ids=False),
    ...     max_new_tokens=3, pad_token_id=0)[0], skip_special_tokens=True)[len("the cat"):]
    True
    """
    check_options(options, language_space)
    name = type(model).__name__
    if getattr(model.config, "is_encoder_decoder", False):
        raise LatentValueError(
            f"{name} has an encoder and a decoder; expected a causal model, a decoder alone, such "
            "as AutoModelForCausalLM gives. Of another network say what its blocks are and how it "
            "writes: lw.adapters.Residual(model, blocks=..., tokenize=..., generate=...)."
        )
    if not getattr(model, "can_generate", bool)():
        raise LatentValueError(
            f"{name} writes no texts: it is an encoder, or has no head that predicts tokens; "
            "expected a causal model. Load it by AutoModelForCausalLM.from_pretrained(...)."
        )
    texts = Texts(tokenizer)
    count = check_whole(max_new_tokens, "max_new_tokens", least=1)
    ids = prompt_tokens(model, texts, prompt, count)
    tell_unused(model.generation_config)

    def make(_: object) -> ResidualSpace:
        blocks, width = find_blocks(model, lambda: probe(model, ids, model))
        stream = Generation(
            *(model, texts, ids, blocks, width),
            layer=layer,
            steer=steer,
            max_new_tokens=count,
        )
        stream.said = prompt
        stream.check_causal()
        conditions = stream.taken(options.pop("conditions", None))
        return ResidualSpace(**{**space_options(stream, conditions), **options})

    return ModelLock((model,)).run(make, None)
