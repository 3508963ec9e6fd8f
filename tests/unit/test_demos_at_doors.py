"""What the package's own demos return is taken wherever a space is: by every door."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw

analysis: Any = lw.analysis
EXTRAS = {"diffusion": "diffusers", "stories": "transformers"}


@functools.cache
def demo_of(name: str) -> Any:
    if name in EXTRAS:
        pytest.importorskip(EXTRAS[name], reason=f"needs the extra that brings {EXTRAS[name]}")
    return getattr(lw.demo, name)()


def latents_of(demo: Any, n: int = 4) -> Any:
    return demo.space.sample(n, seed=0)


def directions_of(demo: Any) -> Any:
    return lw.pca_directions(latents_of(demo, 6), 2)


def mapped(demo: Any, **options: Any) -> Any:
    pytest.importorskip("jscatter", reason="needs the extra map")
    return lw.LatentMap(demo, latents_of(demo), **options)


# Each takes a demo, and options that hold conditions where it is quicker under some.
ALL: dict[str, Callable[..., Any]] = {
    "as_space": lambda demo, **_: lw.as_space(demo),
    "Interpolator": lambda demo, **o: lw.Interpolator(demo, latents_of(demo), **o),
    "LatentGrid": lambda demo, **o: lw.LatentGrid(demo, latents_of(demo), **o),
    "LatentGrid.samples": lambda demo, **o: lw.LatentGrid.samples(demo, 2, **o),
    "LatentMap": mapped,
    "DirectionEditor": lambda demo, **o: lw.DirectionEditor(
        demo, latents_of(demo)[0], directions_of(demo), **o
    ),
    "explore": lambda demo, **o: lw.explore(demo, latents_of(demo), parts=["grid"], **o),
    "Typicality": lambda demo, **_: analysis.Typicality(prior=demo, most=200).fit(),
    "clusters(...).grid": lambda demo, **o: analysis.clusters(
        latents_of(demo, 12), count=2, halves=2, exemplars=2
    ).grid(demo, **o),
    "replay": lambda demo, **o: lw.replay(
        lw.Interpolator(demo, latents_of(demo), **o).recipe(), demo
    ),
}
NUMBERS: dict[str, Callable[..., Any]] = {
    "smoothness": lambda demo, **o: analysis.smoothness(
        demo, lw.Path(latents_of(demo)), n=4, controls=2, **o
    ),
    "compare_paths": lambda demo, **o: analysis.compare_paths(
        demo, latents_of(demo)[:2], methods=["lerp"], n=4, controls=0, **o
    ),
    "perceptual_path_length": lambda demo, **o: analysis.perceptual_path_length(demo, n=4, **o),
}
ENCODING: dict[str, Callable[[Any], Any]] = {
    "anomaly_scores": lambda demo: analysis.anomaly_scores(demo, demo.images[:30]),
    "compare_spaces": lambda demo: analysis.compare_spaces(
        demo, demo, items=demo.images[:12], k=3, paths=0
    ),
    "leakage": lambda demo: analysis.leakage(
        demo, directions_of(demo), latents=latents_of(demo, 6), n=4
    ),
}
MOOD = lw.Direction("first number", np.eye(128)[0])
WRITING: dict[str, Callable[[Any], Any]] = {
    "next_tokens": lambda demo: analysis.next_tokens(demo, np.zeros(128)),
    "token_map": lambda demo: lw.token_map(demo, "It felt sad.", MOOD),
    "token_readings": lambda demo: lw.token_readings(demo, "It felt sad.", MOOD),
    "token_damage": lambda demo: lw.token_damage(demo, np.eye(128)[:1]),
    "layer_scores": lambda demo: lw.layer_scores(
        demo, demo.texts[:20], {"mood": demo.truth["mood"][:20]}, shuffles=0
    ),
    "steering_curve": lambda demo: analysis.steering_curve(
        *(demo, MOOD, [1.0], [1]),
        effect=lambda texts: [len(text) for text in texts],
        prompts=["One day a cat"],
        randoms=0,
        bootstraps=3,
    ),
}


# Large models take long.
LARGE = [pytest.param(name, marks=pytest.mark.slow) for name in ("diffusion", "stories")]


@pytest.mark.parametrize("door", ALL)
@pytest.mark.parametrize("name", ["digits", "faces", *LARGE])
def test_a_door_of_any_space(name: str, door: str) -> None:
    ALL[door](demo_of(name), **({"conditions": {"steps": 2}} if name == "diffusion" else {}))


@pytest.mark.parametrize("door", NUMBERS)
@pytest.mark.parametrize("name", ["digits", "faces", *LARGE[:1]])
def test_a_door_of_outputs_that_are_numbers(name: str, door: str) -> None:
    NUMBERS[door](demo_of(name), **({"conditions": {"steps": 2}} if name == "diffusion" else {}))


@pytest.mark.parametrize("door", ENCODING)
@pytest.mark.parametrize("name", ["digits", "faces"])
def test_a_door_of_spaces_that_encode(name: str, door: str) -> None:
    ENCODING[door](demo_of(name))


@pytest.mark.parametrize("door", WRITING)
def test_a_door_of_models_that_write(door: str) -> None:
    WRITING[door](demo_of("stories"))


def test_a_film_of_a_path(tmp_path: Path) -> None:
    demo = demo_of("digits")
    file = tmp_path / "a.gif"
    lw.save_animation(lw.Path(latents_of(demo)), demo, file, seconds=0.2, fps=5)
    assert file.stat().st_size > 0
