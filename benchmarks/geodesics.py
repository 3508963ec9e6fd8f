"""How even an even speed is, and how much shorter geodesics are, on a real model of faces.

Run it with ``python -m benchmarks.geodesics [pairs]``. The steps are of decoded pictures' numbers,
and not of the derivatives by which paths are made.
"""

from __future__ import annotations

import statistics
import sys
import time
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
        At even speed the largest step over the mean, at worst, of lerp, slerp and geodesics; by
        what share a geodesic at data weight 0 is longer than the shorter of lerp and slerp, at
        worst; by how much the objective with a data weight is above theirs, at worst; the quartiles
        of the saving; and the seconds that a geodesic takes.
    """
    space = lw.as_space(load_vae("celeba_vae"), latent_shape=10)
    t = np.linspace(0, 1, PLACES)

    def steps(path: lw.Path) -> Any:
        outputs = space.decode(path(t), raw=True).reshape(PLACES, -1).astype(np.float64)
        return np.linalg.norm(np.diff(outputs, axis=0), axis=1)

    ratios, excess, savings, worse, seconds = [], [], [], [], []
    for pair in space.sample(2 * pairs, seed=1).reshape(pairs, 2, 10):
        known = [lw.Path(pair, method) for method in ("lerp", "slerp")]
        for path in known:
            found = steps(path.at_constant_speed(space))
            ratios.append(float(found.max() / found.mean()))
        start = time.perf_counter()
        free = lw.analysis.geodesic(space, *pair, data_weight=0)
        seconds.append(time.perf_counter() - start)
        shorter, found = min(float(steps(path).sum()) for path in known), steps(free.path)
        ratios.append(float(found.max() / found.mean()))
        excess.append(float(found.sum()) / shorter - 1)
        savings.append(free.saving)
        kept = lw.analysis.geodesic(space, *pair, data_weight=0.1)
        worse.append(kept.objective - min(kept.lerp_objective, kept.slerp_objective))
    return {
        "pairs": pairs,
        "largest_over_mean_step": max(ratios),
        "longer_than_known": max(excess),
        "objective_above_known": max(worse),
        "savings": statistics.quantiles(savings, n=4),
        "seconds": statistics.median(seconds),
    }


if __name__ == "__main__":
    found = measure(int((sys.argv[1:] or ["50"])[0]))
    low, median, high = found["savings"]
    print(f"{found['pairs']} random pairs")
    print(f"even speed: largest step over the mean step {found['largest_over_mean_step']:.3f}")
    print(f"geodesic, data weight 0: longer than the shorter by {found['longer_than_known']:.2%}")
    print(f"geodesic, data weight 0.1: objective above theirs {found['objective_above_known']:.4f}")
    print(f"median saving {median:.1%} (quartiles {low:.1%} and {high:.1%})")
    print(f"a geodesic takes {found['seconds']:.1f} s (median)")
