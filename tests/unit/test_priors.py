"""Latents that are drawn have the law of their prior."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import halfnorm, kstest, norm, truncnorm

import latentwidgets as lw
from latentwidgets.space.priors import HalfNormalPrior, NormalPrior, truncated_normal

SCALE = np.array([[0.01, 1.0], [3.0, 200.0]])


@pytest.mark.parametrize("truncation", [None, 0.4, 1.0, 1.7])
def test_every_number_has_its_own_spread(truncation: float | None) -> None:
    drawn = NormalPrior(SCALE)(np.random.default_rng(0), 4000, truncation=truncation)
    law = norm() if truncation is None else truncnorm(-truncation, truncation)
    assert drawn.shape == (4000, 2, 2)
    for at in np.ndindex(2, 2):
        assert kstest(drawn[(slice(None), *at)] / SCALE[at], law.cdf).pvalue > 0.001
    assert np.corrcoef(drawn.reshape(4000, 4).T) == pytest.approx(np.eye(4), abs=0.07)


@pytest.mark.parametrize("truncation", [0.4, 1.0, 1.7, 5.0])
def test_truncated_normals_are_scipys(truncation: float) -> None:
    drawn = truncated_normal(np.random.default_rng(0), (50, 100), truncation)
    assert drawn.shape == (50, 100)
    assert kstest(drawn.ravel(), truncnorm(-truncation, truncation).cdf).pvalue > 0.001


def test_half_normals_are_scipys() -> None:
    drawn = HalfNormalPrior(3)(np.random.default_rng(0), 2000)
    assert drawn.shape == (2000, 3)
    assert kstest(drawn.ravel(), halfnorm.cdf).pvalue > 0.001


def test_a_space_without_a_prior_draws_standard_normals() -> None:
    space = lw.LatentSpace(lambda z: np.zeros((len(z), 4, 4)), (2, 3), value_range=(0, 1))
    assert kstest(space.sample(2000).ravel(), norm.cdf).pvalue > 0.001
    assert np.abs(space.sample(2000, truncation=0.5)).max() <= 0.5


def test_how_many_can_be_drawn_is_said_as_a_whole_number() -> None:
    space = lw.LatentSpace(lambda z: np.zeros((len(z), 4, 4)), 7, value_range=(0, 1))
    with pytest.raises(lw.LatentValueError, match=r"expected at most [\d,]+(\.$|\. |$)"):
        space.sample(10**15)


def test_a_mean_of_one_number_is_that_of_all_however_many_axes_it_has() -> None:
    for mean in (5.0, [5.0], np.full((1,) * 32, 5.0)):
        assert NormalPrior([1.0, 10.0], mean).mean.tolist() == [5.0, 5.0]


@pytest.mark.parametrize("more", [{}, {"truncation": 1.0}])
def test_more_latents_than_there_is_memory_for_are_told(more: dict[str, Any]) -> None:
    with pytest.raises(lw.LatentValueError, match=r"n is 100,000,000,000: there is no memory"):
        NormalPrior(np.ones(6))(np.random.default_rng(0), 10**11, **more)
