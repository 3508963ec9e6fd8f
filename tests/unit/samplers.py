"""Networks for the tests of `Sampler`: exact posteriors of a mixture of normals, a small one."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

import latentwidgets as lw

NAMES = ["left", "right"]
MEANS = np.array([[-2.0, 1.0], [2.0, 0.5]])
DEVIATIONS = np.array([0.3, 0.6])
SHARES = np.array([0.3, 0.7])
BETAS = np.linspace(1e-4, 0.05, 300)
SCHEDULES = {"flow": "flow", "flow-reversed": "flow-reversed", "betas": BETAS}
NULL = 2


def levels(schedule: str, t: Any) -> tuple[Any, Any]:
    """Signal and noise at t, as columns."""
    if schedule == "betas":
        kept = np.cumprod(1 - BETAS)[np.asarray(t).astype(int)]
        return np.sqrt(kept)[:, None], np.sqrt(1 - kept)[:, None]
    done = np.asarray(t, np.float64) if schedule == "flow" else 1 - np.asarray(t, np.float64)
    return done[:, None], 1 - done[:, None]


def predicted(x: Any, t: Any, label: Any = None, *, schedule: str, predicts: str) -> Any:
    """Give the noise, velocity or data that are expected for x at t, of a class or of both."""
    x = np.asarray(x, np.float64)
    a, s = levels(schedule, t)
    spread = a**2 * DEVIATIONS**2 + s**2  # (n, 2)
    gaps = x[:, None] - a[:, :, None] * MEANS  # (n, 2, 2)
    logs = np.log(SHARES) - (gaps**2).sum(-1) / (2 * spread) - np.log(spread)
    if label is not None:
        for k in (0, 1):
            logs[np.asarray(label) == 1 - k, k] = -np.inf
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    each = MEANS + (a * DEVIATIONS**2 / spread)[..., None] * gaps
    data = (weights[..., None] * each).sum(axis=1)
    noise = (x - a * data) / np.maximum(s, 1e-9)
    if predicts == "sample":
        return data
    if predicts == "noise":
        return noise
    if schedule == "betas":
        return a * noise - s * data
    return data - noise if schedule == "flow" else noise - data


class Exact:
    """A perfect network in NumPy, which counts the rows that it is asked about."""

    def __init__(self, schedule: str = "flow", predicts: str = "velocity") -> None:
        self.about = {"schedule": schedule, "predicts": predicts}
        self.asked: list[int] = []

    def __call__(self, x: Any, t: Any, label: Any) -> Any:
        assert x.dtype == t.dtype == np.float32
        assert t.shape == label.shape == (len(x),)
        self.asked.append(len(x))
        return predicted(x, t, label, **self.about).astype(np.float32)


def mixture(
    schedule: str = "flow", predicts: str = "velocity", **options: Any
) -> tuple[lw.LatentSpace, Exact, lw.adapters.Sampler]:
    net = Exact(schedule, predicts)
    given = {"classes": NAMES, "null": NULL, "steps": 100, **options}
    sampler = lw.adapters.Sampler(net, 2, predicts=predicts, schedule=SCHEDULES[schedule], **given)
    space = lw.as_space(sampler, kind="curve")
    net.asked.clear()
    return space, net, sampler


class Net(nn.Module):
    """A small network with labels one-hot, in 8 x 8 pixels; odd in training mode."""

    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.conv = nn.Conv2d(1, 1, 3, padding=1)
            self.label = nn.Linear(classes, 64, bias=False)
        self.drop = nn.Dropout(0.5)
        self.calls = 0

    def forward(self, x: Any, t: Any, label: Any) -> Any:
        self.calls += 1
        assert not torch.is_grad_enabled()
        moved = self.conv(x) * t.reshape(-1, 1, 1, 1)
        return self.drop(moved + 0.3 * self.label(label).reshape(-1, 1, 8, 8))


def pictures(net: Any = None, **options: Any) -> lw.LatentSpace:
    given: dict[str, Any] = {"classes": ["a", "b", "c"], "null": np.zeros(3), "steps": 6}
    sampler = lw.adapters.Sampler(
        net or Net(), (1, 8, 8), predicts="velocity", schedule="flow", **{**given, **options}
    )
    return lw.as_space(sampler, value_range=(-3, 3))
