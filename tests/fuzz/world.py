"""Spaces to call things with, and what is right for each parameter in them."""

from __future__ import annotations

import functools
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import sklearn.decomposition
import torch

import latentwidgets as lw
from tests.fuzz import adapted, analysis, language, recipes, returned

COUNT = 24
WEIGHTS = np.random.default_rng(0).normal(size=(6, 16)).astype(np.float32)
CLASSES = ["mug", "owl", "cat"]
WORDS = [f"word {i}" for i in range(COUNT)]


@dataclass(frozen=True)
class World:
    """A space, and what belongs to it."""

    name: str
    space: Any  # a LatentSpace, or a model that `as_space` takes
    latents: Any
    directions: lw.Directions
    images: Any = None
    conditions: Any = None

    def labels(self, rng: random.Random) -> Any:
        """Labels of the latents, in one of the forms that are taken."""
        first = self.latents.reshape(COUNT, -1)[:, 0]
        columns = {"glad": first > 0, "age": first * 2.0, "class": np.array(CLASSES * 8)}
        name = rng.choice(list(columns))
        return rng.choice([columns, columns[name], {name: columns[name]}, list(columns[name])])


def decode(latents: Any) -> Any:
    return (1 / (1 + np.exp(-np.asarray(latents) @ WEIGHTS))).reshape(-1, 4, 4)


def encode(images: Any) -> Any:
    pixels = np.clip(np.asarray(images, np.float64), 1e-3, 1 - 1e-3).reshape(-1, 16)
    return np.log(pixels / (1 - pixels)) @ np.linalg.pinv(WEIGHTS)


def decode_class(latents: Any, label: Any, strength: Any) -> Any:
    return decode(latents) * (strength * (1 + label) / 9).reshape(-1, 1, 1)


def decode_layers(latents: Any) -> Any:
    return decode(latents.reshape(len(latents), 6))


def decode_curves(latents: Any) -> Any:
    return np.asarray(latents) @ WEIGHTS


def decode_steps(latents: Any) -> Iterator[Any]:
    for part in (0.5, 1.0):
        yield decode(latents) * part


def decode_sounds(latents: Any) -> Any:
    return np.tanh(np.repeat(decode_curves(latents), 8, axis=1))


def grey(outputs: Any) -> Any:
    return np.asarray([np.mean(one) if not isinstance(one, str) else len(one) for one in outputs])


def to_png(given: Any) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new("L", (4, 4), int(given)).save(buffer, "PNG")
    return buffer.getvalue()


def _latents(*shape: int) -> Any:
    return np.random.default_rng(1).normal(size=(COUNT, *(shape or (6,)))).astype(np.float32)


def denoise(x: Any, t: Any, label: Any = 0) -> Any:
    return x * (1 - t).reshape(-1, 1) + np.reshape(label, (-1, 1)) / 10


def sampler() -> lw.adapters.Sampler:
    return lw.adapters.Sampler(denoise, 6, predicts="velocity", schedule="flow", steps=3)


def _numpy(**options: Any) -> lw.LatentSpace:
    return lw.LatentSpace(options.pop("decode", decode), 6, value_range=(0, 1), **options)


def _plain() -> Any:
    return _numpy()


def _encoding() -> Any:
    return _numpy(encode=encode, image_shape=(4, 4))


def _conditional() -> Any:
    conditions = {"label": CLASSES, "strength": (1.0, 0.0, 3.0)}
    return _numpy(decode=decode_class, conditions=conditions)


def _drafting() -> Any:
    return _numpy(decode=decode_steps)


def _layered() -> Any:
    return lw.LatentSpace(decode_layers, (3, 2), value_range=(0, 1), layers=["a", "b", "c"])


def _texts() -> Any:
    return lw.adapters.Retrieval(_latents(), WORDS)


def _curves() -> Any:
    # In one range from the start: what is decoded meanwhile would widen it, and change the picture.
    return lw.LatentSpace(decode_curves, 6, kind="curve", value_range=(-50, 50))


def _sounds() -> Any:
    return lw.LatentSpace(decode_sounds, 6, sample_rate=8000)


def _torch() -> Any:
    torch.manual_seed(0)
    layers = (torch.nn.Linear(6, 16), torch.nn.Sigmoid(), torch.nn.Unflatten(1, (1, 4, 4)))
    return lw.as_space(torch.nn.Sequential(*layers), latent_shape=6, value_range=(0, 1))


def _sklearn() -> Any:
    components = sklearn.decomposition.PCA(6).fit(decode(_latents()).reshape(COUNT, 16))
    return lw.as_space(components, image_shape=(4, 4), value_range=(0, 1))


MAKERS: dict[str, Callable[[], Any]] = {
    "plain": _plain,
    "encoding": _encoding,
    "conditional": _conditional,
    "drafting": _drafting,
    "layered": _layered,
    "texts": _texts,
    "curves": _curves,
    "sounds": _sounds,
    "torch": _torch,
    "sklearn": _sklearn,
}


@functools.cache
def _directions(layered: bool) -> lw.Directions:
    latents = _latents(3, 2) if layered else _latents()
    found = lw.pca_directions(latents, 2)
    label = {"glad": latents.reshape(COUNT, -1)[:, 0] > 0}
    return found + lw.difference_directions(latents, label, shuffles=0, bootstraps=3)


def world_of(name: str) -> World:
    """Make a world of that name; nothing of it is shared with another but its directions."""
    layered = name == "layered"
    return World(
        name,
        MAKERS[name](),
        _latents(3, 2) if layered else _latents(),
        _directions(layered),
        decode(_latents()) if name == "encoding" else None,
        {"label": "owl", "strength": 2.0} if name == "conditional" else None,
    )


def a_world(rng: random.Random) -> World:
    return world_of(rng.choice(list(MAKERS)))


def _some(world: World, rng: random.Random) -> Any:
    return world.latents[: rng.choice((2, 5, 12, COUNT))]


def _one(world: World, rng: random.Random) -> Any:
    return world.latents[rng.randrange(COUNT)]


def _vector(world: World, rng: random.Random) -> Any:
    return _one(world, rng).astype(np.float64)


def _conditions(world: World, _rng: random.Random) -> Any:
    return world.conditions or {}


def _model(world: World, rng: random.Random) -> Any:
    return rng.choice([world.space, lw.as_space(world.space).decoder])


def _of(*values: Any) -> Callable[[World, random.Random], Any]:
    return lambda _world, rng: rng.choice(values)


def _call(function: Callable[[], Any]) -> Callable[[World, random.Random], Any]:
    return lambda _world, _rng: function()


def _name(world: World, rng: random.Random) -> Any:
    return rng.choice(world.directions.names)


def _axes(world: World, rng: random.Random) -> Any:
    return rng.choice([world.directions, list(world.directions), world.directions[:1]])


# What is right for a parameter of a name; for one of "Class.method" or "function" alone, before it.
RIGHT: dict[str, Callable[[World, random.Random], Any]] = {
    # latents
    "latents": lambda world, _: world.latents,
    "data": lambda world, _: world.latents,
    "anchors": _some,
    "before": lambda world, _: world.latents,
    "after": lambda world, _: world.latents + np.float32(1),
    "other": lambda world, _: world.latents + np.float32(1),
    "a": _one,
    "b": _one,
    "c": _one,
    "at": _one,
    "base": _one,
    "bases": _some,
    "latent": _one,
    "path": _some,
    "vector": _vector,
    "readout": _vector,
    "mean": _vector,
    "tangents": _some,
    "space_or_latents": lambda world, rng: rng.choice([world.space, world.latents]),
    "LatentGrid.corners.latents": lambda world, _: world.latents[:4],
    "LatentMap.direction_between.first": _of([0, 1, 2, 3, 4], np.arange(COUNT) < 6),
    "LatentMap.direction_between.second": _of([10, 11, 12, 13, 14], np.arange(COUNT) > 12),
    "NormalPrior.scale": lambda world, _: np.ones(world.latents.shape[1:]),
    "NormalPrior.mean": _of(0.0, 2.0),
    "Path.space": _of(None),
    "Path.at_constant_speed.space": lambda world, _: world.space,
    "Path.words.at": _of((0.0,), (0.25,)),
    "Sampler.denoise": _of(denoise),
    "Sampler.shape": _of(6, (6,)),
    "Sampler.predicts": _of("noise", "velocity", "sample"),
    "Sampler.schedule": _of("flow", "flow-reversed", "ddpm", [0.1, 0.2, 0.5]),
    "Sampler.steps": _of(None, 2),
    "Sampler.classes": _of(["mug", "owl"], range(1, 4), 3),
    "Sampler.null": _of(7, -1),
    **adapted.RIGHT,
    **language.RIGHT,
    **recipes.RIGHT,
    **analysis.RIGHT,
    **returned.RIGHT,
    "weight": _of(WEIGHTS.T, torch.tensor(WEIGHTS.T)),
    "images": lambda world, _: decode(_latents()) if world.images is None else world.images,
    # what goes with them
    "space": lambda world, _: world.space,
    "as_space.obj": _model,
    "labels": lambda world, rng: world.labels(rng),
    "kind": _of("auto", "image", "curve"),
    "probe_directions.kind": _of(None, "binary", "continuous", {"age": "continuous"}),
    "difference_directions.kind": _of(None, "binary", {"age": "continuous"}),
    "directions": _axes,
    "direction": lambda world, rng: rng.choice(list(world.directions)),
    "within": lambda world, _: world.directions,
    "LatentGrid.plane.a": lambda world, _: world.directions[0],
    "LatentGrid.plane.b": lambda world, _: world.directions[1],
    "conditions": _conditions,
    "LatentSpace.conditions": _of(None, {"label": CLASSES}, {"strength": (1.0, 0.0, 2.0)}),
    "as_space.conditions": _of(None, {"label": CLASSES}, {"strength": (1.0, 0.0, 2.0)}),
    "LatentSpace.replace.conditions": _of(None, {"label": CLASSES}),
    # numbers
    "n": _of(1, 2, 3),
    "t": lambda _, rng: rng.choice([0.0, 0.5, np.linspace(0, 1, 3), np.array([[0.25, 1.5]])]),
    "controls": _of(0, 4),
    "measure": _of(None, grey),
    "measures": lambda world, rng: rng.choice([{"grey": grey}, None, world.directions]),
    "leakage.n": _of(4, 8),
    "leakage.amount": _of(1.0, 0.5),
    "factors": _of({"x": np.linspace(0, 1, COUNT), "class": CLASSES * 8}),
    "bins": _of(2, 20),
    "mig.shuffles": _of(0, 2),
    "sap.shuffles": _of(0, 2),
    "dci.shuffles": _of(0, 1),
    "measure_effects.n": _of(4, 8),
    "measure_effects.amount": _of(1.0, 0.5),
    "amount": _of(1.0, -2.0, np.linspace(-1, 1, COUNT)),
    "amounts": _of((-1.0, 0.0, 1.0), [0.0, 2.0], np.linspace(-2, 2, 3)),
    "seed": _of(0, 1, 2**32 - 1),
    "folds": _of(3, 5),
    "shuffles": _of(0, 99),
    "bootstraps": _of(0, 3),
    "alpha": _of(0.5, 1.0),
    "axes": _of([0, 1], [1]),
    "columns": _of(None, 2, 5),
    "latent_ndim": _of(1),
    "latent_shape": lambda world, _: world.latents.shape[1:],
    "truncation": _of(None, 0.7),
    "scale": _of(1.0, 0.1),
    "offset": _of(0.0, 1.5),
    "sigma": _of(1.0, 2.5),
    "limits": _of((-3.0, 3.0), (-1, 2)),
    "readout_mean": _of(0.0, 1.0),
    "readout_sigma": _of(1.0, 2.0),
    "batch_size": _of(None, 2, 64),
    "sample_rate": _of(None, 8000),
    "value_range": _of("auto", (0, 1), (-1.0, 1.0)),
    "encode_range": _of("auto", (0, 1)),
    "encode_shape": _of(None, (4, 4)),
    "image_shape": _of(None, (4, 4)),
    "layout": _of("auto", "channels_first", "channels_last"),
    "strip_length": _of(2, 65),
    "frame_memory": _of(1, 64),
    "page_gpu": _of(True, False),
    "page_memory": _of(1, 64),
    "run": _of("auto", "kernel"),
    "size": _of(64, 288),
    "saved_bytes": _of(0, 1000, 10**6),
    "smooth": _of(False, True),
    "filmstrip": _of(0, 8),
    "speed": _of(0.5, 1.0),
    "even_speed": _of(False, True),
    "speed_curve": _of("auto", "always", "never"),
    "timing": _of(None, [[0, 0.2, 1], [0, 0.5, 1]]),
    "bends": _of(None),
    "distance": _of("l2", "cosine"),
    "features": _of(None),
    "raw": _of(False, True),
    "cell_size": _of(32, 64),
    "height": _of(200, 480),
    "index": _of(None, 0, 3),
    "hovered": _of(None, 2),
    "clusters": _of(2, 8),
    "cluster_names": _of([f"group {i}" for i in range(8)]),
    "search": _of("", "MUG", "word 1"),
    # words and switches
    "name": _of("glad", "other"),
    "method": _of("slerp", "lerp", "nlerp", "spline", "gaussian"),
    "contrast_directions.method": _of("mean", "component"),
    "Direction.method": _of("given", "mine"),
    "Direction.replace.method": _of("given"),
    "LatentGrid.corners.method": _of("slerp", "lerp", "gaussian"),
    "move": _of("pattern", "normal"),
    "mode": _of("relative", "absolute"),
    "closed": _of(True, False),
    "loop": _of(True, False),
    "playing": _of(False),
    "standardized": _of(True, False),
    "each_layer": _of(False, True),
    "projection": _of("pca", np.random.default_rng(2).normal(size=(COUNT, 2))),
    "color": _of("density", "cluster", np.arange(COUNT)),
    "items": _of(WORDS, np.zeros((COUNT, 4, 4), np.uint8)),
    "metric": _of("euclidean", "cosine", "manhattan"),
    "estimator": lambda *_: None,
    "hold": lambda world, rng: rng.choice([(), [_name(world, rng)]]),
    "curves": lambda world, rng: {},  # those that there are take a language model a while
    "profiles": lambda world, rng: (
        {_name(world, rng): [1, 0, 0.5]} if len(world.latents.shape) == 3 else {}
    ),
    "parts": lambda _, rng: rng.choice([["grid"], ["grid", "editor"], ["editor", "path"], ["map"]]),
    "row_names": _of((), ["first"], ["a", "b"]),
    "column_names": _of((), ["x", "y"]),
    "names": _of((), ["a", "b"]),
    "evidence": lambda *_: lw.Evidence(score=0.5, score_name="accuracy"),
    "provenance": _of(None, {"layer": 3}),
    "on_layers.profile": _of(None),
    "profile": _of(None, [1, 0, 0.5], range(2), ["a"]),
    # functions
    "decode": _call(lambda: decode),
    "encode": _of(None, encode),
    "derivative": _of(None),
    "draft": _of(None, lambda latents: decode(latents) * 0.5),
    "prior": _of(None),
    "layers": _of(None),
    "register_kind.name": lambda _, rng: f"kind {rng.randrange(10)}",
    "to_png": _call(lambda: to_png),
    # widgets
    "value": _of(0.0),
    "Interpolator.value": _of(0.0, 0.25, 1.0),
    "LatentGrid.value": _of((0, 0), (0.0, 1.0)),
    "DirectionEditor.value": lambda world, rng: {_name(world, rng): 1.0},
    "LatentMap.value": _of((0.0, 0.0), (0.5, -0.5)),
    "selection": _of((), [0, 1], [3]),
    "selected": _of(None, 0, 1),
    "first": lambda world, rng: widget("Interpolator", world, rng),
    "second": lambda world, rng: widget("LatentMap", world, rng),
    "LatentExplorer.map": lambda world, rng: widget("LatentMap", world, rng),
    "LatentExplorer.grid": lambda world, rng: widget("LatentGrid", world, rng),
    "LatentExplorer.editor": lambda world, rng: widget("DirectionEditor", world, rng),
    "LatentExplorer.path": lambda world, rng: widget("Interpolator", world, rng),
    "grid": lambda world, _: lw.LatentGrid(world.space, world.latents[:6]).grid,
    # conditions and evidence
    "default": _of(1.0, 0.5),
    "low": _of(0.0),
    "high": _of(2.0),
    "choices": _of(CLASSES, range(3), ("a", "b")),
    "step": _of(None, 0.1),
    "Condition.check.value": _of(1.0, "owl"),
    "Condition.number.value": _of(1.0),
    "Condition.coordinate.value": _of(1.0),
    "Condition.words.value": _of(1.0),
    "coordinate": _of(1.0),
    "count": _of(2, 5),
    "score": _of(None, 0.9),
    "score_name": _of(None, "accuracy"),
    "spread": _of(None, 0.1),
    "auc": _of(None, 0.9),
    "chance": _of(None, 0.5),
    "p_value": _of(None, 0.01),
    "stability": _of(None, 0.8),
    "effect": _of(None, 0.5),
    "effect_name": _of(None, "grey"),
    "effect_chance": _of(None, 0.1),
    "effect_margin": _of(None, 0.1),
    "counts": _of(None, {"a": 3, "b": 4}),
    "warning": _of(None, "few"),
    # directions, paths, retrieval
    "key": lambda world, rng: rng.choice([0, -1, slice(1), _name(world, rng)]),
    "item": lambda world, rng: rng.choice([_name(world, rng), world.directions[0]]),
    "Directions.items": _axes,
    "Directions.index.value": lambda world, _: world.directions[1],
    "Directions.count.value": lambda world, _: world.directions[1],
    "Directions.__add__.other": lambda *_: lw.Direction("other", np.ones(6)),
    "Directions.rename.names": lambda world, rng: {_name(world, rng): "new"},
    "Directions.flip.names": _name,
    "Directions.conditioned_on.conditions": _name,
    "Directions.load.path": lambda *_: Path("found.safetensors"),
    "Directions.save.path": lambda *_: Path("saved.safetensors"),
    "start": _of(0),
    "stop": _of(None, 3),
    "positions": lambda _, rng: [(0.0,), (rng.random(),)],
    "Retrieval.items": _of(WORDS, np.zeros((COUNT, 4, 4), np.uint8)),
    "Retrieval.encode.items": _of(WORDS[:2]),
    "rng": lambda _, rng: np.random.default_rng(rng.randrange(9)),
    "extra": _of("map"),
    "what": _of("the map"),
    "History.name": _of("first"),
}


def right(owner: str, parameter: str, world: World, rng: random.Random) -> Any:
    """Give what is right for a parameter of ``Class.method`` or ``function``.

    Raises
    ------
    LookupError
        If nobody has said what is right for it.
    """
    for name in (f"{owner}.{parameter}", f"{owner.split('.')[0]}.{parameter}", parameter):
        if name in RIGHT:
            return RIGHT[name](world, rng)
    raise LookupError(f"say in tests/fuzz/world.py what is right for {owner}({parameter})")


def widget(kind: str, world: World, _rng: random.Random) -> Any:
    """Make a widget that shows a world."""
    space, latents = world.space, world.latents
    if kind == "Interpolator":
        return lw.Interpolator(space, latents[:3])
    if kind == "LatentGrid":
        return lw.LatentGrid(space, latents[:6])
    if kind == "DirectionEditor":
        return lw.DirectionEditor(space, latents[0], world.directions)
    if kind == "LatentMap":
        return lw.LatentMap(space, latents, world.labels(random.Random(0)))
    return lw.explore(space, latents, parts=["grid", "editor"])
