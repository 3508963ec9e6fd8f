"""Models of which only calls are known: which count as linear, and how few calls show it."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

import latentwidgets as lw
from latentwidgets.common.wanted import UnwantedError
from latentwidgets.errors import LatentValueError
from latentwidgets.space.portable import Linear, carried

MOST = 64 * 2**20


class Estimator(BaseEstimator):  # type: ignore[misc]
    """A fitted transformer that counts the latents it decodes.

    Attributes
    ----------
    rows : list of int
        How many latents each call was given.
    """

    def __init__(self, size: int = 64, features: int = 64, seconds: float = 0.0) -> None:
        self.size, self.features, self.seconds = size, features, seconds
        self.rows_: list[int] = []
        self.weights_: NDArray[np.float64] = np.random.default_rng(0).standard_normal(
            (size, features)
        )

    def fit(self, _images: object, _labels: object = None) -> Estimator:
        return self

    def inverse_transform(self, latents: NDArray[Any]) -> NDArray[Any]:
        self.rows_.append(len(latents))
        time.sleep(self.seconds * len(latents))
        shaped = np.asarray(self.shaped(latents), np.float64)
        found: NDArray[np.float64] = shaped @ self.weights_
        return found

    def shaped(self, latents: NDArray[Any]) -> NDArray[Any]:
        return latents


class Bent(Estimator):
    def shaped(self, latents: NDArray[Any]) -> NDArray[Any]:
        return latents**2


class Positive(Estimator):
    """Linear as long as no number is negative."""

    def shaped(self, latents: NDArray[Any]) -> NDArray[Any]:
        return latents * (latents > 0)


class Far(Estimator):
    """Linear as long as no number is far from those of the prior."""

    def shaped(self, latents: NDArray[Any]) -> NDArray[Any]:
        return latents.clip(-4, 4)


class Full(Estimator):
    def shaped(self, latents: NDArray[Any]) -> NDArray[Any]:
        return np.where(latents > 2, np.nan, latents)


def space_of(model: Estimator, **options: Any) -> lw.LatentSpace:
    return lw.as_space(model, latent_shape=model.size, kind="image", value_range=(-9, 9), **options)


def test_a_linear_estimator_is_a_matrix_found_in_short_turns() -> None:
    model = Estimator(seconds=0.002)
    space = space_of(model)
    found = carried(space, MOST)
    assert isinstance(found, Linear)
    np.testing.assert_allclose(found.weights, model.weights_, atol=1e-5)
    assert max(model.rows_) <= 32


@pytest.mark.parametrize("kind", [Bent, Positive, Far], ids=lambda kind: kind.__name__.lower())
def test_what_is_not_linear_is_left_quickly(kind: type[Estimator]) -> None:
    model = kind()
    with pytest.raises(LatentValueError, match=f"{kind.__name__} is not linear"):
        carried(space_of(model), MOST)
    assert sum(model.rows_) <= 6


def test_a_slow_estimator_is_asked_once() -> None:
    model = Bent(seconds=1.2)
    with pytest.raises(LatentValueError, match=r"takes 1\.\d s for one output"):
        carried(space_of(model), MOST)
    assert model.rows_ == [1]


def test_a_large_estimator_is_asked_once() -> None:
    model = Estimator(size=600, features=900)
    with pytest.raises(LatentValueError, match="takes 2 MB, and the page is sent at most 1 MB"):
        carried(space_of(model), 2**20)
    assert model.rows_ == [1]


def test_nan_has_a_reason_of_its_own() -> None:
    with pytest.raises(LatentValueError, match="decodes ordinary latents to NaN or infinity"):
        carried(space_of(Full()), MOST)


def test_small_latents_make_an_exact_matrix() -> None:
    data = 1e-4 * np.random.default_rng(1).standard_normal((20, 8))
    model = Estimator(size=8)
    found = carried(space_of(model, data=data, prior=lambda rng, n: data[:n]), MOST)
    assert isinstance(found, Linear)
    np.testing.assert_allclose(found.weights, model.weights_, rtol=1e-5, atol=1e-6)


def test_it_ends_where_nobody_wants_it() -> None:
    model = Estimator()
    with pytest.raises(UnwantedError):
        carried(space_of(model), MOST, lambda: len(model.rows_) > 6)
    assert len(model.rows_) == 7
