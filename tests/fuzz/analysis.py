"""What is right for the parameters of `latentwidgets.analysis`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import latentwidgets as lw
from tests.fuzz.language import space as story_space


def _of(*values: Any) -> Callable[[Any, Any], Any]:
    return lambda _, rng: rng.choice(values)


def _one(world: Any, rng: Any) -> Any:
    return world.latents[rng.randrange(len(world.latents))]


def _items(world: Any, _rng: Any) -> Any:
    """Give what the space of a world encodes, if it does."""
    return world.latents if world.images is None else world.images


def many(world: Any) -> Any:
    """Give as many latents as an index needs."""
    shape = (1000, *world.latents.shape[1:])
    return np.random.default_rng(4).normal(size=shape).astype(np.float32)


def _brightness(outputs: Any) -> Any:
    return np.asarray([np.mean(one) if not isinstance(one, str) else len(one) for one in outputs])


def _of_functions(
    names: str, given: Mapping[str, Callable[[Any, Any], Any]]
) -> dict[str, Callable[[Any, Any], Any]]:
    return {
        f"{name}.{parameter}": one for name in names.split() for parameter, one in given.items()
    }


MOOD = lw.Direction("first number", np.eye(128)[0])

RIGHT: dict[str, Callable[[Any, Any], Any]] = {
    # points
    "Typicality.prior": lambda world, rng: rng.choice([None, world.space]),
    "around_zero": _of(None, True, False),
    "neighbours": _of(1, 3),
    "level": _of(0.05, 0.2),
    "most": _of(10, 1000),
    "y": _of(None),
    # neighbours, oddities, clusters
    **_of_functions("LatentIndex nearest", {"metric": _of("euclidean", "cosine")}),
    "z": lambda world, rng: rng.choice([world.latents[:2], world.latents[3]]),
    "LatentIndex.search.z": lambda world, _: world.latents[:2],
    "LatentIndex.latents": lambda world, _: many(world),
    "k": _of(1, 3),
    "recall": _of(0.0, 0.9),
    "x": _items,
    "reference": lambda world, rng: rng.choice([None, _items(world, rng)]),
    "clusters.method": _of("k-means", "gaussian-mixture", "hdbscan"),
    "clusters.count": _of(2, 3),
    "texts": lambda world, _: ["one text", None] * (len(world.latents) // 2),
    "exemplars": _of(1, 4),
    "halves": _of(2),
    "probe_report.kind": _of(None, "binary", "continuous"),
    "sizes": _of(None, [5, 10]),
    "compare_spaces.a": lambda world, _: world.latents,
    "compare_spaces.b": lambda world, _: world.latents * np.float32(2),
    "compare_spaces.items": _of(None),
    "compare_spaces.paths": _of(0, 1),
    "compare_spaces.names": _of(None, ["first", "second"]),
    # paths
    "distance": _of("l2", "cosine"),
    "features": _of(None, _brightness),
    "data_weight": _of(0.0, 0.1),
    "most_steps": _of(1, 3),
    "geodesic.within": lambda world, rng: rng.choice([None, world.latents]),
    "geodesic.a": _one,
    "geodesic.controls": _of(0, 1),
    "geodesic.b": _one,
    **_of_functions(
        "perceptual_path_length",
        {
            "method": _of("lerp", "slerp"),
            "mode": _of("full", "end"),
            "epsilon": _of(None, 1e-2),
            "trim": _of(None, (0.01, 0.99)),
            "n": _of(4, 9),
        },
    ),
    "timing": _of(None, [0.0, 0.3, 1.0]),
    "compare_paths.methods": _of(None, ["lerp", "slerp"], ["geodesic"]),
    "compare_paths.n": _of(4, 8),
    "compare_paths.controls": _of(0, 2),
    "compare_paths.anchors": lambda world, _: world.latents[:3],
    "compare_paths.within": lambda world, rng: rng.choice([None, world.latents]),
    "smoothness.path": lambda world, _: lw.Path(world.latents[:3]),
    "smoothness.n": _of(2, 5),
    "smoothness.controls": _of(2, 3),
    "at_constant_speed.n": _of(2, 5),
    # language
    **_of_functions(
        "next_tokens steering_curve", {"space": lambda *_: story_space(), "conditions": _of(None)}
    ),
    "next_tokens.latent": _of(np.zeros(128), np.eye(128)[0]),
    "next_tokens.prompt": _of(None, "One day a cat"),
    "count": _of(1, 3),
    "steering_curve.direction": _of(MOOD),
    "strengths": _of((-1.0, 1.0), [-1, 1]),
    "steering_curve.layers": _of(None, [1]),
    "steering_curve.effect": _of(_brightness, MOOD),
    "prompts": _of(["One day a cat", "A dog lives"]),
    "steer": _of("last", ["all"]),
    "effect_layer": _of(None, 3),
    "effect_pool": _of("mean", "last"),
    "plain_prompt": _of(None, "It felt happy."),
    "steering_curve.limits": _of(None),
    "both_ways": _of(None, False, True),
    "randoms": _of(0, 1),
}
