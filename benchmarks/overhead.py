"""What `LatentSpace.decode` costs over calling the module oneself.

Run it with ``python -m benchmarks.overhead``. Both sides start from the same NumPy latents. The
bare side makes a tensor of them and calls the decoder under `torch.inference_mode`; it gets a float
tensor, channels first. The space also checks latents and outputs, and gives uint8 pictures in
NumPy. The two take turns, in changing order, so that whatever else the machine does meets both.
"""

from __future__ import annotations

import json
import statistics
import time
from typing import TYPE_CHECKING, Any

import torch

from latentwidgets.space.as_space import as_space
from tests.models import load_vae, models_missing

if TYPE_CHECKING:
    from collections.abc import Callable

# The targets: relative overhead at batch 64, and milliseconds at batch 1.
MOST_RELATIVE = 0.05
MOST_MS = 0.3


def measure(*, rounds: int = 40, model: str = "celeba_vae") -> dict[str, Any]:
    """Time the decoder bare and through its space.

    Parameters
    ----------
    rounds : int
        How often each is called for a batch of 64; single latents twenty times as often.
    model : str
        One of `tests.models.MODELS`.

    Returns
    -------
    dict
        For each batch size the median milliseconds of both, and the median over the rounds of
        their difference: in milliseconds, and relative to the bare median.
    """
    vae = load_vae(model)
    space = as_space(vae)
    rows = []
    for batch, count in ((64, rounds), (1, 20 * rounds)):
        latents = space.sample(batch)

        def bare(latents: Any = latents) -> torch.Tensor:
            with torch.inference_mode():
                return vae.decode(torch.from_numpy(latents))

        def ours(latents: Any = latents) -> Any:
            return space.decode(latents)

        bare_ms, ours_ms = _take_turns(bare, ours, count)
        extra = statistics.median(b - a for a, b in zip(bare_ms, ours_ms, strict=True))
        typical = statistics.median(bare_ms)
        rows.append(
            {
                "batch": batch,
                "rounds": count,
                "bare_ms": typical,
                "space_ms": statistics.median(ours_ms),
                "extra_ms": extra,
                "extra_relative": extra / typical,
                "met": extra / typical <= MOST_RELATIVE if batch > 1 else extra <= MOST_MS,
            }
        )
    return {"model": model, "threads": torch.get_num_threads(), "rows": rows}


def _take_turns(
    first: Callable[[], object], second: Callable[[], object], rounds: int
) -> tuple[list[float], list[float]]:
    """Time two functions in turns, in milliseconds, after some rounds to warm up."""
    times: tuple[list[float], list[float]] = ([], [])
    pair = ((first, times[0]), (second, times[1]))
    for round_ in range(-5, rounds):
        for function, record in pair if round_ % 2 else pair[::-1]:
            start = time.perf_counter()
            function()
            elapsed = time.perf_counter() - start
            if round_ >= 0:
                record.append(1000 * elapsed)
    return times


def table(result: dict[str, Any]) -> str:
    """Lay out what `measure` found."""
    lines = [
        "| batch | bare, ms | space, ms | extra, ms | extra | target | met |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in result["rows"]:
        target = f"{MOST_RELATIVE:.0%}" if row["batch"] > 1 else f"{MOST_MS} ms"
        lines.append(
            f"| {row['batch']} | {row['bare_ms']:.2f} | {row['space_ms']:.2f} "
            f"| {row['extra_ms']:.3f} | {row['extra_relative']:.1%} | {target} "
            f"| {'yes' if row['met'] else 'no'} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table and the numbers."""
    if models_missing:
        raise SystemExit(f"Nothing measured: {models_missing}.")
    result = measure()
    print(table(result))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
