"""What `leakage` says of sprites beside what truly moves, and how often it is wrong about noise.

Run it with ``python -m benchmarks.leakage [runs]``.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

import latentwidgets as lw
from tests.models import load_vae
from tests.sprites import centres_and_sizes, draw_sprites

NAMES = ("x", "y", "scale")


def _truths() -> dict[str, Any]:
    """Give what reads x, y and the root of the area off decoded pictures."""
    return {name: lambda out, i=i: centres_and_sizes(out)[i] for i, name in enumerate(NAMES)}


def measure(runs: int = 200) -> dict[str, Any]:
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
        "largest_difference_beside_diagonal": float(apart.max()),
        "diagonal_is_largest": bool((largest == np.arange(3)).all()),
        "false_alarms": f"{false} of {runs}",
    }


if __name__ == "__main__":
    for name, value in measure(int((sys.argv[1:] or ["200"])[0])).items():
        print(f"{name}: {value}")
