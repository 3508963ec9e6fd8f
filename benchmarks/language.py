"""A language space beside the model's own ``generate``: its texts, its cost, its first words.

Run it with ``python -m benchmarks.language [rounds]``. The models write stories; they are steered
along happy against sad. 25 rows, five layers by five strengths, write 30 tokens in one batch: bare
decodes of the model that ships and of a public one, and a grid with its drafts as a page asks for
it. When the first words are painted is seen in JupyterLab.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from benchmarks import first_words
from benchmarks.tables import judged
from latentwidgets import Condition, LatentGrid, contrast_directions, demo
from latentwidgets.engine.renderer import Renderer
from latentwidgets.frames import Quality
from latentwidgets.space.as_space import as_space
from tests.models import load_stories, models_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.tables import Found

PROMPT = "Once upon a time there was a girl who had a dog. She was"
NAMES = ("Tim", "Lily", "Ben", "Mia", "Sam", "Tom")
LAYERS, ROWS, COUNT = 5, 25, 30
STRENGTHS = (-1.0, -0.5, 0.0, 0.5, 1.0)
STEER = ("last", "generated", "all")
# The model that ships is measured on as many cores as a small laptop has.
CORES = 2
# The targets: cost over bare generate, and a grid beside bare generate.
MOST_RELATIVE, MOST_GRID = 0.05, 1.5


def measure(*, rounds: int = 20, jumps: int = first_words.JUMPS) -> dict[str, Any]:
    """Measure all, each beside bare ``generate`` and in turns with it.

    Parameters
    ----------
    rounds : int
        How often each is timed.
    jumps : int
        How often the first words are waited for.

    Returns
    -------
    dict
        Numbers by name.
    """
    threads = torch.get_num_threads()
    try:
        found: dict[str, Any] = {"rounds": rounds}
        # By the wall on as many cores as a small laptop has; and by the processor on one, whose
        # time is that of the work, whatever else the machine does.
        for name, clock, cores in (
            ("wall", time.perf_counter, CORES),
            ("processor", time.process_time, 1),
        ):
            torch.set_num_threads(cores)
            found[name] = {
                "demo": measure_demo(rounds, clock),
                "grid": measure_grid(rounds, clock),
            }
        found["public"] = measure_public(rounds)
    finally:
        torch.set_num_threads(threads)
    return {**found, "first_words": first_words.measure(jumps)}


def measure_demo(rounds: int, clock: Callable[[], float]) -> dict[str, Any]:
    """Measure bare decodes of the model that ships.

    Parameters
    ----------
    rounds : int
        How often each is timed.
    clock : callable
        The time, in seconds.

    Returns
    -------
    dict
        As `costs` gives it, of a batch and, under "alone", of one row.
    """
    stories = demo.stories()
    [prompt], _ = stories.write(1, seed=1, until="mood")
    pairs = [stories.write(20, until="mood", mood=mood)[0] for mood in ("happy", "sad")]
    given = (stories.model, stories.tokenizer, prompt, pairs)
    batch, alone = (costs(*given, rounds, rows, clock) for rows in (ROWS, 1))
    return {**batch, "alone": alone}


def measure_public(rounds: int) -> dict[str, Any]:
    """Measure bare decodes of a public model, by the processor's clock: see `costs`."""
    pairs = [[f"{name} was very {mood}" for name in NAMES] for mood in ("happy", "sad")]
    return costs(*load_stories(), PROMPT, pairs, rounds, ROWS, time.process_time)


def costs(
    model: Any,
    tokenizer: Any,
    prompt: str,
    pairs: list[list[str]],
    rounds: int,
    rows: int,
    clock: Callable[[], float],
) -> dict[str, Any]:
    """Decode, in turns with ``generate``.

    Parameters
    ----------
    model, tokenizer
        Of transformers.
    prompt : str
        What is continued.
    pairs : list of list of str
        Happy texts, and sad ones.
    rounds : int
        How often each is timed.
    rows : int
        How many texts are written at a time.
    clock : callable
        The time, in seconds.

    Returns
    -------
    dict
        Whether unsteered texts are those of ``generate``, its milliseconds, those until the first
        draft, and for each choice of steered tokens what decoding takes more, as a share.
    """
    ends, model.generation_config.eos_token_id = model.generation_config.eos_token_id, None
    spaces: dict[str, Any] = {
        steer: as_space(
            model,
            tokenizer=tokenizer,
            prompt=prompt,
            layer=1,
            steer=steer,
            max_new_tokens=COUNT,
        )
        for steer in STEER
    }
    happy, sad = map(spaces["last"].encode, pairs)
    latents = np.repeat((happy - sad).mean(axis=0)[np.newaxis], rows, axis=0)
    conditions = {
        "layer": ([*range(LAYERS)] * len(STRENGTHS))[-rows:],
        "strength": np.repeat(STRENGTHS, LAYERS)[-rows:],
    }
    inputs = tokenizer([prompt] * rows, return_tensors="pt")
    call = {
        "input_ids": inputs.input_ids,
        "attention_mask": inputs.attention_mask,
        "max_new_tokens": COUNT,
        "do_sample": False,
        "pad_token_id": 2,
    }

    def bare() -> list[str]:
        made = model.generate(**call)
        return [tokenizer.decode(row, skip_special_tokens=True) for row in made]

    def first() -> Any:
        drafts = spaces["last"].drafts(latents, conditions)
        texts = next(drafts)
        drafts.close()
        return texts

    def ours(steer: str) -> Any:
        return lambda: spaces[steer].decode(latents, conditions)

    same = [prompt + text for text in spaces["last"].decode(np.zeros_like(latents))] == bare()
    functions = {"bare": bare, **{steer: ours(steer) for steer in spaces}, "first": first}
    times: dict[str, list[float]] = {name: [] for name in functions}
    for round_ in range(-2, rounds):
        order = [*functions.items()]
        for name, function in order if round_ % 2 else order[::-1]:
            start = clock()
            function()
            if round_ >= 0:
                times[name].append(1000 * (clock() - start))
    model.generation_config.eos_token_id = ends
    typical = statistics.median(times["bare"])
    extra = {
        steer: statistics.median(b - a for a, b in zip(times["bare"], times[steer], strict=True))
        / typical
        for steer in spaces
    }
    return {
        "same_text": same,
        "bare_ms": typical,
        "first_ms": statistics.median(times["first"]),
        "extra_relative": extra,
    }


def measure_grid(rounds: int, clock: Callable[[], float]) -> dict[str, Any]:
    """Measure a grid of layer x strength of the model that ships, in turns with ``generate``.

    Parameters
    ----------
    rounds : int
        How often each is timed.
    clock : callable
        The time, in seconds.

    Returns
    -------
    dict
        Numbers by name.
    """
    stories = demo.stories()
    model, tokenizer = stories.model, stories.tokenizer
    ends, model.generation_config.eos_token_id = model.generation_config.eos_token_id, None
    [prompt], _ = stories.write(1, seed=1, until="mood")
    space = as_space(
        model,
        tokenizer=tokenizer,
        prompt=prompt,
        layer=1,
        max_new_tokens=COUNT,
        conditions={"layer": Condition(1, choices=range(LAYERS))},
    )
    happy, sad = (
        space.encode(stories.write(20, until="mood", mood=m)[0]) for m in ("happy", "sad")
    )
    mood = contrast_directions(sad, happy, name="happy")[0]
    nothing = np.zeros(space.latent_shape)
    grid = LatentGrid.plane(space, nothing, mood, "layer", amounts=STRENGTHS)
    inputs = tokenizer([prompt] * grid.grid.count, return_tensors="pt")

    def bare() -> float:
        start = clock()
        made = model.generate(**inputs, max_new_tokens=COUNT, do_sample=False)
        tokenizer.batch_decode(made, skip_special_tokens=True)
        return clock() - start

    def drawn() -> float:
        renderer = Renderer(space)
        shown = renderer.show(grid.grid)
        places = [shown.place(tuple(map(float, at)), grid.conditions) for at in grid.grid.places]
        renderer.seconds = 1.0  # a decoder that is known to be slow: drafts, which cost more
        start = clock()
        for _ in renderer.steps(shown.name, places, Quality.LOSSLESS):
            pass
        return clock() - start

    bares: list[float] = []
    grids: list[float] = []
    for round_ in range(-2, rounds):
        pair = (bare, bares), (drawn, grids)
        for function, record in pair if round_ % 2 else pair[::-1]:
            record.append(function())
    bares, grids = bares[2:], grids[2:]
    model.generation_config.eos_token_id = ends
    return {
        "cells": grid.grid.count,
        "rows": grid.grid.rows.count,
        "bare_ms": 1000 * statistics.median(bares),
        "grid_ms": 1000 * statistics.median(grids),
        "ratio": statistics.median(b / a for a, b in zip(bares, grids, strict=True)),
    }


def table(found: Mapping[str, Any]) -> str:
    """Lay out what `measure` found."""
    public, first = found["public"], found["wall"]["demo"]
    same = first["same_text"] and public["same_text"]
    rows: list[Found] = [
        ("texts at zero are those of generate, both models", "yes" if same else "no", "yes", same)
    ]
    for name, how in (("wall", f"{CORES} cores"), ("processor", "processor's time")):
        one, grid = found[name]["demo"], found[name]["grid"]
        rows += [
            _cost(f"the model that ships, {how}, {ROWS} rows of {COUNT} tokens", one),
            _cost(f"the model that ships, {how}, one row", one["alone"]),
            (
                f"grid of {grid['rows']} layers, {grid['cells']} texts of {COUNT} tokens, "
                f"with drafts, {how}",
                f"{grid['ratio']:.2f} x generate's {grid['bare_ms']:.0f} ms",
                f"{MOST_GRID} x",
                grid["ratio"] <= MOST_GRID,
            ),
        ]
    rows += [
        _cost(f"a public model, processor's time, {ROWS} rows", public),
        ("until the first draft of all rows, no page", f"{first['first_ms']:.0f} ms", "", None),
        *first_words.rows(found["first_words"]),
    ]
    return judged(rows)


def _cost(what: str, found: Mapping[str, Any]) -> Found:
    extra = found["extra_relative"]
    words = ", ".join(f'"{steer}" {value:+.1%}' for steer, value in extra.items())
    return (
        f"cost over generate, {what}, by steer",
        f"{found['bare_ms']:.0f} ms, and {words}",
        f"{MOST_RELATIVE:.0%} for the default",
        extra["last"] <= MOST_RELATIVE,
    )


def main() -> None:
    """Measure, and print the table and the numbers."""
    if models_missing:
        raise SystemExit(f"Nothing measured: {models_missing}.")
    given = [int(one) for one in sys.argv[1:2]]
    result = measure(rounds=given[0], jumps=given[0]) if given else measure()
    print(table(result))
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
