"""How even an even speed is, and how much shorter geodesics are, on a real model of faces.

Run it with ``python -m benchmarks.geodesics [pairs]``: 50 by itself, 10 in a whole run of the
benchmarks. The steps are of decoded pictures' numbers,
and not of the derivatives by which paths are made.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

import latentwidgets as lw
from benchmarks.tables import Found, judged
from tests.models import load_vae

PLACES = 129
# So many pairs, and so many in a whole run of the benchmarks.
PAIRS, FEW_PAIRS = 50, 10
# The targets: the largest step over the mean at even speed; lengths and objectives are never
# larger, by more than the share that rounding in the outputs' float32 allows.
MOST_RATIO, ROUNDING = 1.15, 1e-5
NEVER = f"never, by more than {ROUNDING:.3%}"


def measure(pairs: int = PAIRS) -> dict[str, Any]:
    """Measure random pairs of the prior.

    Returns
    -------
    dict
        At even speed the largest step over the mean, at worst, of lerp, slerp and geodesics; by
        what share a geodesic at data weight 0 is longer than the shorter of lerp and slerp, at
        worst; by what share the objective with a data weight is above theirs, at worst; the
        quartiles of the saving; and the seconds that a geodesic takes.
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
        worse.append(kept.objective / min(kept.lerp_objective, kept.slerp_objective) - 1)
    return {
        "pairs": pairs,
        "ratio": max(ratios),
        "longer": max(excess),
        "objective_above": max(worse),
        "savings": statistics.quantiles(savings, n=4),
        "seconds": statistics.median(seconds),
    }


def table(found: Mapping[str, Any]) -> str:
    """Lay out what `measure` found."""
    low, median, high = (f"{one:.1%}" for one in found["savings"])
    rows: list[Found] = [
        (
            "even speed: largest step over the mean step, at worst",
            f"{found['ratio']:.3f}",
            f"below {MOST_RATIO}",
            found["ratio"] < MOST_RATIO,
        ),
        (
            "data weight 0: longer than the shorter of lerp and slerp, at worst",
            f"{found['longer']:.4%}",
            NEVER,
            found["longer"] <= ROUNDING,
        ),
        (
            "data weight 0.1: objective above the smaller of theirs, at worst",
            f"{found['objective_above']:.4%}",
            NEVER,
            found["objective_above"] <= ROUNDING,
        ),
        (f"saving, median (quartiles {low} and {high})", median, "", None),
        ("a geodesic takes, median", f"{found['seconds']:.1f} s", "", None),
    ]
    return judged(rows)


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if sys.argv[1:] else PAIRS)))
