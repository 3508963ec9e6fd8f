"""What the package returns and a person calls methods of: results, demos, a map's fitting.

What has no arguments is looked at wherever it is returned; here is what has.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import latentwidgets as lw
from latentwidgets.analysis.results import Result
from latentwidgets.demo.face_drawing import HAIR, RANGES
from latentwidgets.demo.story_grammar import ATTRIBUTES
from tests.unit.spaces import logit, sigmoid

# What ``**attributes`` stands for, by the function that has it.
ATTRIBUTES_OF = {
    "Faces.draw": ["glasses", "hair", *RANGES],
    "Stories.write": [*ATTRIBUTES],
}


def results() -> dict[str, type]:
    """Give the results with a method that takes arguments, by name."""
    for module in pkgutil.iter_modules(lw.analysis.__path__, "latentwidgets.analysis."):
        importlib.import_module(module.name)
    kinds: list[type] = [*_kinds_of(Result)]
    return {one.__name__: one for one in kinds if any(_with_arguments(one))}


def _kinds_of(base: type) -> Iterator[type]:
    subclasses: list[type] = base.__subclasses__()
    for one in subclasses:
        if one.__module__.startswith("latentwidgets."):
            yield one
        yield from _kinds_of(one)


def _with_arguments(one: type) -> Iterator[str]:
    for name, method in inspect.getmembers(one, callable):
        if not name.startswith("_") and not inspect.isclass(method):
            count = len(inspect.signature(method).parameters)
            if count > (not inspect.ismethod(method)):  # what is bound to the class has no `self`
                yield name


@functools.cache
def _latents(*shape: int) -> Any:
    rng = np.random.default_rng(0)
    latents = rng.normal(size=(24, *shape)).astype(np.float32)
    latents.reshape(24, -1)[:, :2] += 6 * np.eye(2, dtype=np.float32)[np.arange(24) % 2]
    return latents


@functools.cache
def clusters(*shape: int) -> Any:
    """Group latents of a shape."""
    return lw.analysis.clusters(_latents(*shape), count=2, exemplars=2, halves=2)


@functools.cache
def layer_scores() -> Any:
    """Read two labels of texts at two layers."""

    def encode(items: Any) -> Any:
        return np.stack([[[len(one), 0.0], [one.count("a"), one.count("b")]] for one in items])

    space = lw.LatentSpace(lambda z: ["x"] * len(z), (2, 2), encode, kind="text", layers=True)
    texts = ["ba" * (i % 2) + "bb" * (1 - i % 2) + "c" * (i % 7) for i in range(60)]
    labels = {"mood": ["glad" if "a" in one else "sad" for one in texts], "c": [*map(len, texts)]}
    return lw.layer_scores(space, texts, labels)


@functools.cache
def compared(*, decode: bool) -> Any:
    """Compare two spaces, or their latents alone."""
    latents = _latents(5)
    if not decode:
        return lw.analysis.compare_spaces(latents, latents * np.float32(2), k=3, paths=0)
    a, b = (
        lw.LatentSpace(
            lambda z, by=by: sigmoid(z / by),
            5,
            lambda x, by=by: by * logit(x),
            value_range=(0, 1),
            name=name,
        )
        for name, by in (("one", 1), ("two", 2))
    )
    return lw.analysis.compare_spaces(a, b, items=sigmoid(latents), k=3, paths=0)


@functools.cache
def steered() -> Any:
    """Measure what steering does, at two layers of a tiny language model."""
    from tests.unit.writers import tokenizer, writer

    space = lw.as_space(
        writer(), tokenizer=tokenizer(), prompt="the cat", layer=1, max_new_tokens=4
    )
    mood = lw.Direction("mood", np.eye(16)[0], sigma=20.0)
    given: Any = {"effect": lambda texts: [len(text) for text in texts], "prompts": ["the", "a"]}
    return lw.analysis.steering_curve(space, mood, [-1.0, 1.0], [1, 2], randoms=0, **given)


faces, stories = functools.cache(lw.demo.faces), functools.cache(lw.demo.stories)

INSTANCES: dict[str, Callable[[Any, Any], Any]] = {
    "Clusters": lambda world, _: clusters(*world.latents.shape[1:]),
    "Faces": lambda *_: faces(),
    "LayerScores": lambda *_: layer_scores(),
    "SpaceComparison": lambda _, rng: compared(decode=rng.random() < 0.8),
    "Stories": lambda *_: stories(),
    "SteeringCurve": lambda *_: steered(),
}


def _of(*values: Any) -> Callable[[Any, Any], Any]:
    return lambda _, rng: rng.choice(values)


RIGHT: dict[str, Callable[[Any, Any], Any]] = {
    "LayerScores.of.label": _of("mood", "mood: sad", "c"),
    "SpaceComparison.show.item": _of(0, 7),
    "SteeringCurve.layer": _of(1, 2),
    "SteeringCurve.steer": _of(None, "all", "last"),
    "Fitting.wait.timeout": _of(None, 0, 0.5),
    "Stories.write.count": _of(1, 3),
    "Stories.write.until": _of(None, "mood"),
    "Stories.write.before": _of(None, "weather"),
    **{
        f"Stories.write.{name}": _of(values[0], [*values[:3]], np.array(values[:1]))
        for name, values in ATTRIBUTES.items()
    },
    "Faces.draw.count": _of(1, 3),
    "Faces.draw.glasses": _of(True, [False, True, True]),
    "Faces.draw.hair": _of("red", [*HAIR][:3]),
    **{
        f"Faces.draw.{name}": _of(low, high, [low, high, (low + high) / 2])
        for name, (low, high) in RANGES.items()
    },
}
