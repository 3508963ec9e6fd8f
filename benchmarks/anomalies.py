"""How well a digit that was left out is told as odd, on a real model of digits.

Run it with ``python -m benchmarks.anomalies [pictures]``: of all 10,000 by itself, of 2,000 in a
whole run of the benchmarks. For each digit, half of the pictures of the others
say what is ordinary; judged are their other half and all pictures of the digit. The model itself
was trained on all digits. A score is as good as the area under its ROC curve: 0.5 by chance.

The learned combination is a logistic regression of the logarithms of all p-values. It is fitted to
what leaving out the nine other digits gave, and never sees the digit that it is judged on.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import latentwidgets as lw
from benchmarks.tables import Found, judged
from tests.models import load_mnist, load_vae

# So many pictures, and so many in a whole run of the benchmarks.
PICTURES, FEW_PICTURES = 10_000, 2000
# The target: of the best score the mean area over the ten digits, of all pictures.
LEAST_AREA = 0.83


def measure(count: int = PICTURES) -> dict[str, Any]:
    """Leave out each digit.

    Parameters
    ----------
    count : int
        Of how many pictures.

    Returns
    -------
    dict
        How many pictures, and of each score the ten areas; "all tests" is the p-value of all
        together, and "learned" the combination.
    """
    images, digits = (one[:count] for one in load_mnist())
    pictures = images[:, np.newaxis] / np.float32(255)
    space = lw.as_space(load_vae("mnist_btcvae"), latent_shape=10, value_range=(0, 1))
    half = np.random.default_rng(0).permutation(len(pictures)) < len(pictures) // 2
    areas: dict[str, list[float]] = {}
    tasks: list[tuple[Any, Any]] = []
    for digit in range(10):
        kept = ~half | (digits == digit)
        found = lw.analysis.anomaly_scores(
            space, pictures[kept], reference=pictures[half & (digits != digit)]
        )
        odd = digits[kept] == digit
        ranks = np.empty(len(odd))
        ranks[found.order] = -np.arange(len(odd))
        scores = {**{one.name: one.values for one in found.tests}, "all tests": ranks}
        for name, score in scores.items():
            areas.setdefault(name, []).append(float(roc_auc_score(odd, score)))
        tasks.append((np.log([one.p_values for one in found.tests]).T, odd))
    for i, (features, odd) in enumerate(tasks):
        others = [task for j, task in enumerate(tasks) if j != i]
        known = np.concatenate([one for one, _ in others])
        model = LogisticRegression(class_weight="balanced", max_iter=1000)
        model.fit(known, np.concatenate([odd for _, odd in others]))
        areas.setdefault("learned", []).append(
            float(roc_auc_score(odd, model.decision_function(features)))
        )
    return {"pictures": len(pictures), "areas": areas}


def table(found: Mapping[str, Any]) -> str:
    """Lay out what `measure` found: the target is that of the best score, of all pictures."""
    means = {name: float(np.mean(each)) for name, each in found["areas"].items()}
    best = max(means, key=lambda name: means[name])
    rows: list[Found] = []
    for name, each in found["areas"].items():
        areas = ", ".join(f"{one:.2f}" for one in each)
        target, met = "", None
        if name == best and found["pictures"] >= PICTURES:
            target, met = f"at least {LEAST_AREA}", means[name] >= LEAST_AREA
        elif name == best:
            target = f"at least {LEAST_AREA} of {PICTURES:,}; not judged of {found['pictures']:,}"
        rows.append((name, f"mean {means[name]:.3f} ({areas})", target, met))
    return judged(rows)


if __name__ == "__main__":
    print(table(measure(int(sys.argv[1]) if sys.argv[1:] else PICTURES)))
