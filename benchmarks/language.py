"""A language space beside the model's own ``generate``: its texts, its cost, its first word.

Run it with ``python -m benchmarks.language``. The model writes children's stories; it is steered
along happy against sad. 25 rows, five layers by five strengths, write 30 tokens in one batch.
"""

from __future__ import annotations

import json
import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from latentwidgets.space.as_space import as_space
from tests.models import load_stories, models_missing

if TYPE_CHECKING:
    from collections.abc import Mapping

PROMPT = "Once upon a time there was a girl who had a dog. She was"
NAMES = ("Tim", "Lily", "Ben", "Mia", "Sam", "Tom")
ROWS, COUNT = 25, 30
STRENGTHS = (-1.0, -0.5, 0.0, 0.5, 1.0)
# The targets: cost over bare generate, and the first draft.
MOST_RELATIVE, MOST_FIRST_MS = 0.05, 200.0


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
    lines = ["| what | found | target | met |", "| --- | --- | --- | --- |"]
    lines += [f"| {a} | {b} | {c} | {'yes' if met else 'no'} |" for a, b, c, met in rows]
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table and the numbers."""
    if models_missing:
        raise SystemExit(f"Nothing measured: {models_missing}.")
    result = measure()
    print(table(result))
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
