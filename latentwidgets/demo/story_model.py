"""The language model of small stories: its parts, and its folder as transformers reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load_file

from latentwidgets.demo.story_grammar import words

if TYPE_CHECKING:
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["FOLDER", "load_model", "load_tokenizer", "make_model", "make_tokenizer", "space_of"]

FOLDER = Path(__file__).with_name("stories_llama")
# The tokens that are no words: padding, the beginning and the end of a story, any other word.
PAD, BEGIN, END, UNKNOWN = SPECIAL = ("<pad>", "<s>", "</s>", "<unk>")
# How many tokens a text may have. The longest story has 80.
CONTEXT = 128
WIDTH, LAYERS = 128, 6
# What the space of the demo goes on with, and after which block, counted from 0, it is steered:
# where a mood is steered best, see the card.
PROMPT = "One day a fox walked in the forest. It was a rainy day."
LAYER = 4


def make_tokenizer() -> Any:
    """Make the tokenizer, one token a word of the grammar and one for the full stop.

    A text begins with ``<s>``. What is encoded and decoded is the same text, but for words that the
    grammar does not have: they become ``<unk>``.

    Returns
    -------
    transformers.PreTrainedTokenizerFast
        Padding is on the left, as for generating.

    Examples
    --------
    >>> tokenizer = make_tokenizer()
    >>> tokenizer.tokenize("The fox felt sad.")
    ['▁The', '▁fox', '▁felt', '▁sad', '.']
    >>> tokenizer.decode(tokenizer("The fox felt sad.").input_ids, skip_special_tokens=True)
    'The fox felt sad.'
    """
    import tokenizers as library
    from tokenizers import decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    entries = [*SPECIAL, *(word if word == "." else f"▁{word}" for word in words())]
    vocabulary = {entry: i for i, entry in enumerate(entries)}
    tokenizer = library.Tokenizer(models.WordLevel(vocabulary, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="first"),
            pre_tokenizers.Split(".", behavior="isolated"),
        ]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A",
        pair=f"{BEGIN} $A $B",
        special_tokens=[(BEGIN, vocabulary[BEGIN])],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BEGIN,
        eos_token=END,
        unk_token=UNKNOWN,
        pad_token=PAD,
        padding_side="left",
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )


def make_model() -> Any:
    """Make the model with weights drawn by torch's random state.

    Returns
    -------
    transformers.LlamaForCausalLM
        Six blocks of width 128.
    """
    from transformers import LlamaConfig, LlamaForCausalLM

    beginning, end, padding = (SPECIAL.index(token) for token in (BEGIN, END, PAD))
    config = LlamaConfig(
        vocab_size=len(SPECIAL) + len(words()),
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=beginning,
        eos_token_id=end,
        pad_token_id=padding,
    )
    return LlamaForCausalLM(config)


def load_model(folder: Path = FOLDER) -> Any:
    """Load the model from a folder that transformers wrote.

    ``transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)`` gives the
    same, and shows a progress bar.

    Parameters
    ----------
    folder : Path
        As `latentwidgets.demo.train_stories` writes it.

    Returns
    -------
    transformers.LlamaForCausalLM
        On the CPU, in float32 and evaluation mode, its parameters frozen.

    Examples
    --------
    >>> load_model().training
    False
    """
    from transformers import LlamaConfig, LlamaForCausalLM

    # Weights are drawn before those of the file replace them: the person's random state is theirs.
    with torch.random.fork_rng(devices=[]):
        model = LlamaForCausalLM(
            LlamaConfig.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
        )
    weights = load_file(folder / "model.safetensors")
    # The output layer is the embedding, which the file has once.
    model.load_state_dict({**weights, "lm_head.weight": weights["model.embed_tokens.weight"]})
    return model.float().eval().requires_grad_(False)


def load_tokenizer(folder: Path = FOLDER) -> Any:
    """Load the tokenizer from the same folder.

    Parameters
    ----------
    folder : Path
        As `latentwidgets.demo.train_stories` writes it.

    Returns
    -------
    transformers.PreTrainedTokenizerFast
        What `make_tokenizer` gives.

    Examples
    --------
    >>> len(load_tokenizer())
    188
    """
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)


def space_of(model: Any, tokenizer: Any) -> LatentSpace:
    """Make the space of what is added to the state of a prompt's last token.

    Parameters
    ----------
    model : transformers.LlamaForCausalLM
        As `load_model` gives it.
    tokenizer : transformers.PreTrainedTokenizerFast
        As `load_tokenizer` gives it.

    Returns
    -------
    LatentSpace
        Latents have shape (128,), outputs are texts.

    Examples
    --------
    >>> space_of(load_model(), load_tokenizer()).latent_shape
    (128,)
    """
    from latentwidgets.space.as_space import as_space

    return as_space(
        model, tokenizer=tokenizer, prompt=PROMPT, layer=LAYER, max_new_tokens=40, name="stories"
    )
