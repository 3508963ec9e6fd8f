"""What `leakage` says of sprites beside what truly moves, and how often it is wrong about noise.

Run it with ``python -m benchmarks.leakage [runs]``. Noise is measured in 200 runs by itself, and in
20 where all benchmarks run.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.stats import binom

import latentwidgets as lw
from benchmarks.tables import Found, judged
from tests.models import load_vae
from tests.sprites import centres_and_sizes, draw_sprites

NAMES = ("x", "y", "scale")
# So many matrices of noise, and so many in a whole run of the benchmarks.
RUNS, FEW_RUNS = 200, 20
# The targets: standard deviations beside the diagonal, and so many false alarms as a rate of 5 %
# gives in 99 of 100 cases, which of 200 are 18.
MOST_APART, RATE, CONFIDENCE = 0.05, 0.05, 0.99


def _truths() -> dict[str, Any]:
    """Give what reads x, y and the root of the area off decoded pictures."""
    return {name: lambda out, i=i: centres_and_sizes(out)[i] for i, name in enumerate(NAMES)}


def measure(runs: int = RUNS) -> dict[str, Any]:
    """Measure the model of sprites, and false alarms of random labels of its latents.

    Returns
    -------
    dict
        The matrices, read by held-out probes and true; the largest difference beside the diagonal;
        whether the diagonal is the largest of each row; and in how many runs a cell of probes of
        random labels was called moved.
    """
    space = lw.as_space(load_vae("dsprites_btcvae"), image_shape=(1, 64, 64), value_range=(0, 1))
    images, truth = draw_sprites(6000, seed=0)
    latents = space.encode(images)

    def probes(rows: slice) -> lw.Directions:
        return lw.probe_directions(latents[rows], {name: truth[name][rows] for name in NAMES})

    directions, others = probes(slice(0, 2500)), probes(slice(2500, 5000))
    options: dict[str, Any] = {"latents": latents[5000:], "n": 500}
    found = lw.analysis.leakage(space, directions, others, **options)
    true = lw.analysis.leakage(space, directions, _truths(), **options)
    apart = np.abs(found.effects - true.effects)[~np.eye(3, dtype=bool)]
    largest = np.abs(found.effects).argmax(axis=1)
    false = 0
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        labels = {name: rng.normal(size=500) for name in NAMES}
        random = lw.probe_directions(latents[:500], labels, bootstraps=0)
        seen = lw.analysis.leakage(
            space, random, latents=latents[5000:], n=16, controls=0, seed=seed
        )
        false += bool(seen.moved.any())
    return {
        "read": found.effects.round(3).tolist(),
        "true": true.effects.round(3).tolist(),
        "apart": float(apart.max()),
        "diagonal_is_largest": bool((largest == np.arange(3)).all()),
        "false": false,
        "runs": runs,
    }


def table(found: Mapping[str, Any]) -> str:
    """Lay out what `measure` found."""
    false, runs = found["false"], found["runs"]
    enough = runs >= RUNS  # of fewer, twice too many may be called moved by chance
    most = int(binom.ppf(CONFIDENCE, runs, RATE))
    rows: list[Found] = [
        (
            "x, y and scale: the largest of each row is on the diagonal",
            "; ".join(", ".join(f"{one:.2f}" for one in row) for row in found["read"]),
            "all three",
            found["diagonal_is_largest"],
        ),
        (
            "beside the diagonal: apart from what truly moves, at worst",
            f"{found['apart']:.3f} σ",
            f"{MOST_APART} σ",
            found["apart"] <= MOST_APART,
        ),
        (
            "random labels: matrices in which a cell is called moved",
            f"{false} of {runs}",
            f"at most {most}" if enough else f"not judged: fewer than {RUNS}",
            false <= most if enough else None,
        ),
    ]
    return judged(rows)


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if sys.argv[1:] else RUNS)))
