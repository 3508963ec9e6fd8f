"""A language space beside the model's own ``generate``: its texts, its cost, its first word.

Run it with ``python -m benchmarks.language``. The models write stories; they are steered along
happy against sad. 25 rows, five layers by five strengths, write 30 tokens in one batch: bare
decodes of a public model, and a grid with its drafts as a page asks for it of the one that ships.
"""

from __future__ import annotations

import json
import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from benchmarks.tables import judged
from latentwidgets import LatentGrid, contrast_directions, demo
from latentwidgets.engine.renderer import Renderer
from latentwidgets.frames import Quality
from latentwidgets.space.as_space import as_space
from tests.models import load_stories, models_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

PROMPT = "Once upon a time there was a girl who had a dog. She was"
NAMES = ("Tim", "Lily", "Ben", "Mia", "Sam", "Tom")
ROWS, COUNT = 25, 30
STRENGTHS = (-1.0, -0.5, 0.0, 0.5, 1.0)
# The targets: cost over bare generate, the first draft, and a grid beside bare generate.
MOST_RELATIVE, MOST_FIRST_MS, MOST_GRID = 0.05, 200.0, 1.5


def measure(*, rounds: int = 20) -> dict[str, Any]:
    """Measure all, in turns, by the processor's clock with one thread.

    Parameters
    ----------
    rounds : int
        How often each is timed.

    Returns
    -------
    dict
        Numbers by name.
    """
    model, tokenizer = load_stories()
    model.generation_config.eos_token_id = None  # so that all write as much
    spaces: dict[str, Any] = {
        steer: as_space(
            model,
            tokenizer=tokenizer,
            prompt=PROMPT,
            layer=1,
            steer=steer,
            max_new_tokens=COUNT,
        )
        for steer in ("last", "generated", "all")
    }
    encode = spaces["last"].encode
    happy, sad = (
        encode([f"{name} was very {mood}" for name in NAMES]) for mood in ("happy", "sad")
    )
    latents = np.repeat((happy - sad).mean(axis=0)[np.newaxis], ROWS, axis=0)
    conditions = {"layer": [*range(5)] * 5, "strength": np.repeat(STRENGTHS, 5)}
    ids = tokenizer(PROMPT, return_tensors="pt").input_ids
    rows = ids.expand(ROWS, -1)
    call = {
        "attention_mask": torch.ones_like(rows),
        "max_new_tokens": COUNT,
        "do_sample": False,
        "pad_token_id": 2,
    }

    def bare() -> list[str]:
        made = model.generate(rows, **call)
        return [tokenizer.decode(row, skip_special_tokens=True) for row in made]

    def first() -> Any:
        drafts = spaces["last"].drafts(latents, conditions)
        texts = next(drafts)
        drafts.close()
        return texts

    def ours(steer: str) -> Any:
        return lambda: spaces[steer].decode(latents, conditions)

    same = [PROMPT + text for text in spaces["last"].decode(np.zeros_like(latents))] == bare()
    functions = {"bare": bare, **{steer: ours(steer) for steer in spaces}, "first": first}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so that the processor's time is the time of the work
    times: dict[str, list[float]] = {name: [] for name in functions}
    for round_ in range(-2, rounds):
        order = [*functions.items()]
        for name, function in order if round_ % 2 else order[::-1]:
            start = time.process_time()
            function()
            if round_ >= 0:
                times[name].append(1000 * (time.process_time() - start))
    torch.set_num_threads(threads)
    typical = statistics.median(times["bare"])
    extra = {
        steer: statistics.median(b - a for a, b in zip(times["bare"], times[steer], strict=True))
        / typical
        for steer in spaces
    }
    return {
        "rounds": rounds,
        "same_text": same,
        "bare_ms": typical,
        "first_ms": statistics.median(times["first"]),
        "extra_relative": extra,
        "grid": measure_grid(),
    }


def measure_grid(*, rounds: int = 10) -> dict[str, Any]:
    """Measure a grid of layer x strength of the model that ships, in turns with ``generate``.

    Parameters
    ----------
    rounds : int
        How often each is timed.

    Returns
    -------
    dict
        Numbers by name, all by the clock on the wall.
    """
    stories = demo.stories()
    model, tokenizer = stories.model, stories.tokenizer
    ends, model.generation_config.eos_token_id = model.generation_config.eos_token_id, None
    [prompt], _ = stories.write(1, seed=1, until="mood")
    space = as_space(model, tokenizer=tokenizer, prompt=prompt, layer=1, max_new_tokens=COUNT)
    happy, sad = (
        space.encode(stories.write(20, until="mood", mood=m)[0]) for m in ("happy", "sad")
    )
    mood = contrast_directions(sad, happy, name="happy")[0]
    nothing = np.zeros(space.latent_shape)
    grid = LatentGrid.plane(space, nothing, mood, "layer", amounts=STRENGTHS)
    inputs = tokenizer([prompt] * grid.grid.count, return_tensors="pt")

    def bare() -> float:
        start = time.perf_counter()
        made = model.generate(**inputs, max_new_tokens=COUNT, do_sample=False)
        tokenizer.batch_decode(made, skip_special_tokens=True)
        return time.perf_counter() - start

    def drawn() -> tuple[float, float]:
        renderer = Renderer(space)
        shown = renderer.show(grid.grid)
        places = [shown.place(tuple(map(float, at)), grid.conditions) for at in grid.grid.places]
        renderer.seconds = 1.0  # a decoder that is known to be slow: drafts from the first token
        start, first = time.perf_counter(), 0.0
        for step in renderer.steps(shown.name, places, Quality.LOSSLESS):
            first = first or (time.perf_counter() - start if step.frames else 0.0)
        return time.perf_counter() - start, first

    times = [(bare(), *drawn()) for _ in range(-2, rounds)][2:]
    model.generation_config.eos_token_id = ends
    bares, grids, firsts = zip(*times, strict=True)
    return {
        "cells": grid.grid.count,
        "rows": grid.grid.rows.count,
        "bare_ms": 1000 * statistics.median(bares),
        "grid_ms": 1000 * statistics.median(grids),
        "grid_first_ms": 1000 * statistics.median(firsts),
        "ratio": statistics.median(b / a for a, b in zip(bares, grids, strict=True)),
    }


def table(found: Mapping[str, Any]) -> str:
    """Lay out what `measure` found."""
    extra = found["extra_relative"]
    words = ", ".join(f'"{steer}" {value:+.1%}' for steer, value in extra.items())
    rows = [
        ("texts at zero are those of generate", found["same_text"], "yes", found["same_text"]),
        (
            f"cost over generate, {ROWS} rows of {COUNT} tokens, five layers at once, by steer",
            f"{found['bare_ms']:.0f} ms, and {words}",
            f"{MOST_RELATIVE:.0%} for the default",
            extra["last"] <= MOST_RELATIVE,
        ),
        (
            "until the first draft of all rows",
            f"{found['first_ms']:.0f} ms",
            f"{MOST_FIRST_MS:.0f} ms",
            found["first_ms"] <= MOST_FIRST_MS,
        ),
    ]
    grid = found["grid"]
    rows += [
        (
            f"grid of {grid['rows']} layers, {grid['cells']} texts of {COUNT} tokens, with drafts",
            f"{grid['ratio']:.2f} x generate's {grid['bare_ms']:.0f} ms",
            f"{MOST_GRID} x",
            grid["ratio"] <= MOST_GRID,
        ),
        (
            "until its first words",
            f"{grid['grid_first_ms']:.0f} ms",
            f"{MOST_FIRST_MS:.0f} ms",
            grid["grid_first_ms"] <= MOST_FIRST_MS,
        ),
    ]
    return judged(rows)


def main() -> None:
    """Measure, and print the table and the numbers."""
    if models_missing:
        raise SystemExit(f"Nothing measured: {models_missing}.")
    result = measure()
    print(table(result))
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
