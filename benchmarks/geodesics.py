"""How much shorter geodesics are, and how even an even speed is, on a real model of faces.

Run it with ``python -m benchmarks.geodesics [pairs]``. The steps are of decoded pictures' numbers,
and not of the derivatives by which paths are made.
"""

from __future__ import annotations

import statistics
import sys
from typing import Any

import numpy as np

import latentwidgets as lw
from tests.models import load_vae

PLACES = 129


def measure(pairs: int = 50) -> dict[str, Any]:
    """Measure random pairs of the prior.

    Returns
    -------
    dict
        The worst ratio of the largest to the mean step at even speed; by how much, at worst, a
        geodesic is longer than the shorter of lerp and slerp; the median saving; and the largest
        excess of the objective with a data weight.
    """
    space = lw.as_space(load_vae("celeba_vae"), latent_shape=10)
    t = np.linspace(0, 1, PLACES)

    def steps(path: lw.Path) -> Any:
        outputs = space.decode(path(t), raw=True).reshape(PLACES, -1).astype(np.float64)
        return np.linalg.norm(np.diff(outputs, axis=0), axis=1)

    ratios, excess, savings, worse = [], [], [], []
    for pair in space.sample(2 * pairs, seed=1).reshape(pairs, 2, 10):
        known = [lw.Path(pair, method) for method in ("lerp", "slerp")]
        for path in known:
            found = steps(path.at_constant_speed(space))
            ratios.append(float(found.max() / found.mean()))
        free = lw.analysis.geodesic(space, *pair, data_weight=0)
        shorter = min(float(steps(path).sum()) for path in known)
        excess.append(float(steps(free.path).sum()) / shorter - 1)
        savings.append(free.saving)
        kept = lw.analysis.geodesic(space, *pair, data_weight=0.1)
        worse.append(kept.objective - min(kept.lerp_objective, kept.slerp_objective))
    return {
        "pairs": pairs,
        "largest_over_mean_step": max(ratios),
        "longest_over_shorter_known": max(excess),
        "median_saving": statistics.median(savings),
        "objective_excess": max(worse),
    }


if __name__ == "__main__":
    for name, value in measure(int((sys.argv[1:] or ["50"])[0])).items():
        print(f"{name}: {value:.4g}")
