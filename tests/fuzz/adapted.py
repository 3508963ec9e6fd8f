"""What adapters add: options of `as_space` for some models, and methods of some spaces."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import latentwidgets as lw
from latentwidgets import adapters


def _modules() -> Iterator[ModuleType]:
    for module in pkgutil.walk_packages(adapters.__path__, f"{adapters.__name__}."):
        yield importlib.import_module(module.name)


@functools.cache
def makers() -> dict[str, Callable[..., Any]]:
    """Give the functions that `as_space` calls for a kind of model, with options of their own.

    They are known by these options, whatever they are called.
    """
    return {
        name: one
        for module in _modules()
        for name, one in vars(module).items()
        if inspect.isfunction(one) and _has_options(one)
    }


def _has_options(function: Any) -> bool:
    kinds = [one.kind for one in inspect.signature(function).parameters.values()]
    return inspect.Parameter.KEYWORD_ONLY in kinds and kinds[-1] is inspect.Parameter.VAR_KEYWORD


def made(name: str) -> Callable[..., Any]:
    """Give `as_space` for what a maker takes, with the model as an argument of its name there."""
    first = next(iter(inspect.signature(makers()[name]).parameters))

    def through(**given: Any) -> Any:
        return lw.as_space(given.pop(first), **given)

    return through


@functools.cache
def spaces() -> dict[str, type]:
    """Give the classes of spaces that have methods of their own."""
    found = [one for module in _modules() for one in vars(module).values() if inspect.isclass(one)]
    kinds = {one for one in found if issubclass(one, lw.LatentSpace) and one is not lw.LatentSpace}
    return {one.__name__: one for one in sorted(kinds, key=lambda one: one.__name__)}


@functools.cache
def _writer() -> tuple[Any, Any]:
    from tests.unit.writers import tokenizer, writer

    return writer(), tokenizer(chat=True)


def _pipeline(family: str) -> Any:
    from tests.unit.pipelines import pipeline

    # Its tokenizer is read as it is made, and its files are not needed any more.
    with tempfile.TemporaryDirectory() as folder:
        return pipeline(family, Path(folder))


@functools.cache
def _of_texts() -> Any:
    import diffusers

    pipe = _pipeline("stable diffusion")
    pipe.scheduler = diffusers.DDIMScheduler.from_config(pipe.scheduler.config)
    return pipe


@functools.cache
def _of_classes() -> Any:
    return _pipeline("dit")


@functools.cache
def _with_adapter() -> Any:
    import peft

    pipe = _pipeline("stable diffusion")
    pipe.unet.add_adapter(peft.LoraConfig(r=2, target_modules=["to_q"]), "glad")
    return pipe


@functools.cache
def _style() -> Any:
    from tests.style_generator import Generator

    return Generator()


CALL = {"num_inference_steps": 2, "height": 16, "width": 16}


def _language_space() -> Any:
    model, tokenizer = _writer()
    return lw.as_space(model, tokenizer=tokenizer, prompt="the cat", layer=1, max_new_tokens=4)


def _noise_space() -> Any:
    return lw.as_space(_of_texts(), prompt="a cat", arguments=CALL)


def _prompt_space() -> Any:
    return lw.as_space(_of_texts(), latent="prompt", prompt="a cat", arguments=CALL)


INSTANCES: dict[str, Callable[[Any, Any], Any]] = {
    "NoiseSpace": lambda *_: _noise_space(),
    "PromptSpace": lambda *_: _prompt_space(),
    "ResidualSpace": lambda *_: _language_space(),
}


def _of(*values: Any) -> Callable[[Any, Any], Any]:
    return lambda _, rng: rng.choice(values)


CHAT = [{"role": "user", "content": "the cat"}]
LAYER = _of(None, {"layer": 2}, {"strength": 2.0})
RIGHT: dict[str, Callable[[Any, Any], Any]] = {
    "language_space.model": lambda *_: _writer()[0],
    "language_space.tokenizer": lambda *_: _writer()[1],
    "language_space.prompt": _of("the cat", CHAT),
    "language_space.layer": _of(1, [0, 2], "all"),
    "language_space.steer": _of("last", "generated", "all"),
    "language_space.max_new_tokens": _of(1, 3),
    "language_space.conditions": _of(None, {"temperature": 0.5}),
    "pipeline_space.pipe": lambda _, rng: rng.choice([_of_texts(), _of_classes()]),
    "pipeline_space.latent": _of("noise", "prompt", "vae", "bottleneck"),
    "pipeline_space.prompt": _of("a cat", ""),
    "pipeline_space.negative_prompt": _of(None, "a dog"),
    "pipeline_space.classes": _of(None, ["owl", "mug"]),
    "pipeline_space.null": _of(None, 2),
    "pipeline_space.preview": _of(None, lambda latents: latents[:, :3]),
    "pipeline_space.block": _of(None, 0),
    "pipeline_space.arguments": _of(CALL),
    "pipeline_space.conditions": _of(None, {"guidance": 3.0}),
    "lora_condition.pipe": lambda *_: _with_adapter(),
    "lora_condition.name": _of("glad"),
    "lora_condition.path": _of(None),
    "_style_space.module": lambda *_: _style(),
    "_style_space.latent": _of("z", "w", "w+"),
    "NoiseSpace.images": _of(np.zeros((1, 16, 16, 3), np.float32)),
    "PromptSpace.images": _of("a dog", ["a dog", "a cat"]),
    "NoiseSpace.conditions": _of(None, {"guidance": 1.0}),
    "PromptSpace.conditions": _of(None, {"guidance": 2.0}),
    "ResidualSpace.conditions": LAYER,
    "ResidualSpace.latents": _of(np.zeros((1, 16)), np.eye(16)[:1]),
    "ResidualSpace.layer": _of(0, 2),
    "ResidualSpace.messages": _of(CHAT),
    "ResidualSpace.prompt": _of("a dog", CHAT),
    "ResidualSpace.prompt_tokens": _of(None, 1),
    "ResidualSpace.step": _of(np.eye(16)[0]),
    "ResidualSpace.steer": _of("last", "all"),
    "ResidualSpace.text": _of("the cat", ""),
    "ResidualSpace.texts": _of(["the cat", "a dog"], "the cat"),
}
