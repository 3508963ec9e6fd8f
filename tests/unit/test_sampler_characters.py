"""`Sampler` with a latent flow of characters; `benchmarks.sampler` judges all of its classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from benchmarks.sampler import LEAST_RIGHT, quality
from tests.models import load_characters, models_missing

pytestmark = pytest.mark.skipif(bool(models_missing), reason=models_missing)

SOME = ["0", "7", "E", "M", "X", "b"]
STEPS = 20


@pytest.fixture(scope="module")
def loaded() -> tuple[lw.LatentSpace, lw.adapters.Sampler, Any, Any]:
    sampler, module, *parts = load_characters()
    given = {"guidance": (4.0, 0.0, 8.0), "steps": lw.Condition(STEPS, choices=range(1, 101))}
    return lw.as_space(sampler, value_range=(0, 1), conditions=given), sampler, module, parts


def test_guidance_shows_the_character_that_was_asked_for(loaded: Any) -> None:
    space, _, module, (autoencoder, flow) = loaded
    means = []
    for name in SOME:
        own = module.sample(flow, [module.CLASSES.index(name)] * 8, steps=STEPS, seed=5)
        with torch.no_grad():
            means.append(autoencoder.decode(own).mean(0).numpy())
    drawn = space.decode(np.repeat(space.sample(5), len(SOME), axis=0), {"class": SOME * 5})
    gaps = (drawn[:, None].reshape(5, len(SOME), 1, -1) / 255 - np.reshape(means, (6, -1))) ** 2
    found = gaps.sum(-1).argmin(-1)
    for k in range(len(SOME)):
        assert (found[:, k] == k).sum() >= 3


def test_more_guidance_leaves_less_difference_between_noises(loaded: Any) -> None:
    space, noise = loaded[0], loaded[0].sample(6)
    spread = []
    for guidance in (0, 1, 4, 8):
        gaps = []
        for name in SOME[:3]:
            drawn = space.decode(noise, {"class": name, "guidance": guidance}) / 255.0
            gaps.append(drawn.reshape(6, -1).std(0).mean())
        spread.append(np.mean(gaps))
    assert spread == sorted(spread, reverse=True)
    assert spread[0] > 1.5 * spread[-1]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_class_is_shown_by_most_of_its_noises_and_guidance_lowers_diversity() -> None:
    """All 47 classes, as the benchmark measures them."""
    found = quality()
    assert found["right"] >= LEAST_RIGHT, found["wrong"]
    assert found["falls"], found["diversity"]


def test_pictures_come_back_from_their_noise(loaded: Any) -> None:
    space, sampler, *_ = loaded
    under = {"class": SOME, "guidance": 1}
    noise = space.sample(len(SOME), seed=2)
    pictures = space.decode(noise, under)
    found = space.encode(pictures, under)
    assert sampler.reconstruction_error.mean() < 0.05
    np.testing.assert_allclose(
        np.abs(space.decode(found, under).astype(int) - pictures).mean() / 255,
        sampler.reconstruction_error.mean(),
        atol=0.005,
    )
    # By chance 0 ± 0.06. Pictures of 256 levels do not tell all of their noise.
    assert np.corrcoef(found.ravel(), noise.ravel())[0, 1] > 0.5


def test_a_picture_is_the_same_alone_in_a_grid_and_on_a_path(loaded: Any) -> None:
    space, noise = loaded[0], loaded[0].sample(3)
    grid = lw.LatentGrid.table(space, noise, "guidance", amounts=(-1, 0, 1))
    under = grid.grid.conditions_at([(2.0, 1.0)])
    walk = lw.Interpolator(space, noise, method="gaussian", value=1.0)
    walk.conditions = {**space_defaults(space), "guidance": float(under["guidance"][0])}
    alone = np.asarray(walk.image()).astype(int)
    mixed = {
        "guidance": [0.0, *under["guidance"], 7.0],
        "class": ["M", "0", "b"],
        "steps": [5, 20, 9],
    }
    batch = space.decode(noise[[0, 2, 1]], mixed)[1, :, :, 0]
    assert np.abs(batch - alone).max() <= 1
    assert np.abs(batch - np.asarray(lw.Interpolator(space, noise).image()).astype(int)).max() > 30


def space_defaults(space: lw.LatentSpace) -> dict[str, Any]:
    return {name: one.default for name, one in space.conditions.items()}
