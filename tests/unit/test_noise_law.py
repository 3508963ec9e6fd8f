"""The norms of noise that was found for pictures, beside those that the prior draws."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from torch import nn

import latentwidgets as lw
from latentwidgets.adapters.inversion_errors import InversionErrors, measured
from latentwidgets.adapters.noise_law import NoiseNorms, noise_norms
from latentwidgets.demo.train_digits import split
from latentwidgets.space.priors import NormalPrior
from tests.unit.samplers import DEVIATIONS, MEANS, mixture

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("numbers", "pictures"), [(2, 1), (64, 1), (64, 16), (1000, 4)])
def test_what_the_prior_draws_is_hardly_ever_doubted(numbers: int, pictures: int) -> None:
    rng, calls = np.random.default_rng(numbers), 3000
    prior = NormalPrior(np.full(numbers, 2.0), mean=5.0)
    doubted = 0
    for _ in range(calls):
        norms = noise_norms(prior(rng, pictures).astype(np.float32), prior)
        doubted += any(norms.are_unlike(row) for row in range(pictures))
    assert doubted <= 10, "3 of 3,000 are expected at most: 10 come once in 1,000 times or less"


def test_what_is_farther_than_that_is_told_with_its_row() -> None:
    prior = NormalPrior(np.ones(64))
    noise = RNG.standard_normal((5, 64)).astype(np.float32)
    noise[3] *= 2.5
    norms = noise_norms(noise, prior)
    assert norms.farthest == 3
    assert [norms.are_unlike(row) for row in range(5)] == [False, False, False, True, False]
    noise[1] *= 0.1
    assert noise_norms(noise, prior).farthest == 1
    # Of very many numbers the norm hardly varies, and the way back is less exact than that.
    many = NormalPrior(np.ones(40_000))
    for size, unlike in ((1.08, False), (0.77, False), (1.27, False), (0.65, True), (1.5, True)):
        assert noise_norms(np.full((1, 40_000), size, np.float32), many).are_unlike(0) == unlike
    # Of few the middle is likeliest; of more there is nothing near it.
    for numbers, unlike in ((2, False), (64, True)):
        norms = noise_norms(np.zeros((1, numbers), np.float32), NormalPrior(np.ones(numbers)))
        assert norms.are_unlike(0) == unlike


def test_encode_tells_pictures_that_a_network_has_not_learnt() -> None:
    space, *_ = mixture()
    kinds = RNG.integers(2, size=40)
    usual = MEANS[kinds] + RNG.standard_normal((40, 2)) * DEVIATIONS[kinds][:, None]
    given = {"class": kinds.tolist()}
    with warnings.catch_warnings():
        warnings.simplefilter("error", lw.GuessWarning)
        space.encode(usual[:, None].astype(np.float32), given)
    usual[7] = [9.0, -8.0]
    words = r"picture 7 of 40 has norm \d+\.\d, and noise that the prior draws 0 to 4\.\d+: .*not"
    with pytest.warns(lw.GuessWarning, match=words):
        space.encode(usual[:, None].astype(np.float32), given)
    error: Any = space
    assert error.reconstruction_error.max() < 0.05, "the error alone says nothing of it"
    other = space.replace(prior=lambda rng, n: rng.normal(size=(n, 2)))
    with warnings.catch_warnings():  # of which norms are usual nobody knows
        warnings.simplefilter("error", lw.GuessWarning)
        other.encode(usual[:, None].astype(np.float32), given)


def test_random_pixels_are_told_from_digits() -> None:
    demo = lw.demo.diffusion()
    _, held_out = split(demo.labels)
    images, labels = demo.images[held_out[:12]], demo.labels[held_out[:12]]
    with warnings.catch_warnings():
        warnings.simplefilter("error", lw.GuessWarning)
        demo.space.encode(images, {"class": labels, "steps": 10})
    pixels = RNG.integers(0, 256, (2, 8, 8, 1), dtype=np.uint8)
    words = (
        r"of 2 has norm [12]\d\.\d, and noise that the prior draws 5\.\d+ to 10\.\d: .*this class"
    )
    with pytest.warns(lw.GuessWarning, match=words):
        demo.space.encode(pixels, {"class": "3", "steps": 10})


class Untrained(nn.Module):
    """Gives nearly nothing, whatever it is asked."""

    def forward(self, x: Any, t: Any) -> Any:
        return 0.01 * x


def test_an_untrained_network_is_named_rather_than_more_steps() -> None:
    sampler = lw.adapters.Sampler(Untrained(), (1, 8, 8), predicts="noise", schedule="ddpm")
    space = lw.as_space(sampler, value_range=(-1, 1))
    pixels = RNG.integers(0, 256, (2, 8, 8, 1), dtype=np.uint8)
    for steps in (10, 50):
        with pytest.warns(lw.GuessWarning) as told:
            space.encode(pixels, {"steps": steps})
        text = " ".join(str(one.message) for one in told)
        assert "has norm 0." in text
        assert "has not learnt such pictures, if the norm stays as small" in text
        assert "Take more steps" not in text


@pytest.mark.parametrize(
    ("norm", "own", "words", "not_said"),
    [
        (2.0, 0.0, "has norm 2, .* stays as small with more steps", "Take more"),
        (19.0, 0.0, r"has norm 19, .* large with more steps\. Take more steps", "small"),
        (8.0, 0.0, r"all together 30.0%\. Take more steps: ", "norm"),
        (2.0, 0.3, "autoencoder itself makes something else", "norm"),
    ],
)
def test_what_does_not_come_back_is_laid_to_its_norm(
    norm: float, own: float, words: str, not_said: str
) -> None:
    images = np.linspace(0, 1, 64, dtype=np.float32).reshape(1, 8, 8)
    errors = InversionErrors()
    errors.begin()
    errors.add(measured(images, images + 0.3, lambda: images + own))
    with pytest.warns(lw.GuessWarning, match=words) as told:
        errors.tell(1, by_class=False, norms=NoiseNorms(np.array([norm]), 5.8, 10.4))
    assert not_said not in str(told[0].message)
