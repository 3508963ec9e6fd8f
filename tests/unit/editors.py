"""Editors that the tests of the DirectionEditor share, and what they edit."""

from __future__ import annotations

from typing import Any

import numpy as np

import latentwidgets as lw
from latentwidgets.directions import Directions

RNG = np.random.default_rng(3)
DATA = (RNG.normal(size=(400, 5)) @ RNG.normal(size=(5, 5))).astype(np.float32)
LABELS = {"smile": DATA[:, 0] + 0.3 * DATA[:, 1] > 0, "age": DATA[:, 1] * 2.0 + DATA[:, 2]}


def found() -> Directions:
    return lw.pca_directions(DATA, n=2) + lw.probe_directions(DATA, LABELS, seed=0)


DIRECTIONS = found()


class Decoder:
    """Pictures of 8 x 8 whose grey is the first number of the latent, in tenths."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(self, latents: np.ndarray) -> np.ndarray:
        self.batches.append(len(latents))
        return np.broadcast_to(latents[:, :1, None] / 10, (len(latents), 8, 8)).clip(0, 1)


def make(**options: Any) -> Any:
    space = options.pop("space", None) or lw.LatentSpace(Decoder(), 5, value_range=(0, 1))
    base, directions = options.pop("base", DATA[3]), options.pop("directions", DIRECTIONS)
    return lw.DirectionEditor(space, base, directions, **options)


def moved(base: np.ndarray, amounts: dict[str, float]) -> np.ndarray:
    """What the edit should be, step by step."""
    latents = base.astype(np.float64)
    for name, amount in amounts.items():
        latents = latents + amount * DIRECTIONS[name].sigma * DIRECTIONS[name].vector
    return latents
