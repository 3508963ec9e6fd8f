"""What a million latents of 64 numbers take: the nearest to one, and clusters of all.

Run it with ``python -m benchmarks.million``. The latents are a mixture of 200 normal distributions,
as encoded data of many kinds are; and for the index also independent normal numbers, whose
neighbours are hardly nearer than any other latent, which is as hard as it gets. A question is
one latent that is not among them.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np

import latentwidgets as lw

COUNT, SIZE, KINDS = 1_000_000, 64, 200
QUESTIONS = 50
# The targets: milliseconds a question, seconds for clusters.
MOST_MS, MOST_S = 50.0, 120.0


def latents(mixed: bool, count: int = COUNT) -> Any:
    """Make latents: of many kinds, or of none."""
    rng = np.random.default_rng(0)
    made = rng.normal(size=(count, SIZE)).astype(np.float32)
    if mixed:
        centres = 2 * rng.normal(size=(KINDS, SIZE)).astype(np.float32)
        made *= np.linspace(1.5, 0.2, SIZE, dtype=np.float32)
        made += centres[rng.integers(KINDS, size=count)]
    return made


def measure() -> dict[str, Any]:
    """Lay out an index of each, ask it, and group the mixture.

    Returns
    -------
    dict
        Of each kind of latents the recall, the seconds to lay the index out and the milliseconds of
        a question; and the seconds of `clusters`.
    """
    rows = []
    for name, mixed in (("200 kinds", True), ("none", False)):
        every = latents(mixed, COUNT + QUESTIONS)
        data, asked = every[:COUNT], every[COUNT:]
        start = time.perf_counter()
        index = lw.analysis.LatentIndex(data)
        build_s = time.perf_counter() - start
        times = []
        for one in asked:
            start = time.perf_counter()
            lw.analysis.nearest(one, index, k=10)
            times.append(1000 * (time.perf_counter() - start))
        low, high = index.recall_interval
        rows.append(
            {
                "name": name,
                "recall": index.recall,
                "low": low,
                "high": high,
                "build_s": build_s,
                "ms": statistics.median(times),
                "p95_ms": float(np.percentile(times, 95)),
                "target": MOST_MS,
                "met": float(np.percentile(times, 95)) <= MOST_MS,
            }
        )
        print(rows[-1], flush=True)
        del index
    start = time.perf_counter()
    found = lw.analysis.clusters(latents(mixed=True), count=20)
    seconds = time.perf_counter() - start
    return {
        "rows": rows,
        "clusters_s": seconds,
        "clusters_target": MOST_S,
        "clusters_met": seconds <= MOST_S,
        "silhouette": found.silhouette,
    }


if __name__ == "__main__":
    print(measure())
