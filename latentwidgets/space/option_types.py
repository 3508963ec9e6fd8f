"""The options of `as_space` and `LatentSpace.replace`, so that type checkers see a misspelling.

Each value is `Any`: it is checked at run time, and a dict of options can be passed with ``**``.
"""

from __future__ import annotations

from typing import Any, TypedDict

__all__ = ["ModelOptions", "SpaceOptions"]


class SpaceOptions(TypedDict, total=False):
    """What `LatentSpace` takes; there it is described."""

    decode: Any
    latent_shape: Any
    encode: Any
    kind: Any
    sample_rate: Any
    layout: Any
    value_range: Any
    image_shape: Any
    encode_range: Any
    encode_shape: Any
    batch_size: Any
    prior: Any
    data: Any
    derivative: Any
    conditions: Any
    draft: Any
    layers: Any
    name: Any


class ModelOptions(SpaceOptions, total=False):
    """What else `as_space` takes of the models of some libraries; their adapters describe it."""

    # Of diffusers' pipelines; generators of StyleGAN's interface take `latent`, language models
    # take `prompt` too.
    latent: Any
    prompt: Any
    negative_prompt: Any
    seed: Any
    classes: Any
    null: Any
    preview: Any
    block: Any
    arguments: Any
    # Of language models of transformers.
    tokenizer: Any
    layer: Any
    steer: Any
    max_new_tokens: Any
