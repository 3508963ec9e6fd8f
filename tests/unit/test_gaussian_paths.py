"""Paths and corners that keep the law of a normal prior, and what they say where it does not hold.

Laws are checked on drawn normals, against what `lerp` does to the same.
"""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.routes.path import Path
from tests.unit.page import Page
from tests.unit.path_strategies import open_and_closed, same_bits

# Means and standard deviations of a prior, and so many anchors of so many paths.
MEAN, SCALE = np.array([[3.0, -1.0], [0.5, 200.0]]), np.array([[0.5, 2.0], [1.0, 30.0]])
PATHS = 4000


def space(prior: Any = None, shape: tuple[int, ...] = (2, 2)) -> lw.LatentSpace:
    def decode(latents: Any) -> Any:
        return np.clip(latents.reshape(len(latents), -1)[:, :1, None] * np.ones((8, 8)), 0, 1)

    return lw.LatentSpace(decode, shape, prior=prior, value_range=(0, 1))


def drawn(method: str, t: Any, *, closed: bool) -> Any:
    """Latents at t of many paths through five anchors drawn from a prior."""
    normal = space(lw.NormalPrior(SCALE, MEAN))
    anchors: Any = normal.sample(5 * PATHS, seed=3).reshape(5, PATHS, 2, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a path of thousands of latents at once is one long one
        spread = lw.NormalPrior(np.tile(SCALE, (PATHS, 1, 1)), np.tile(MEAN, (PATHS, 1, 1)))
        many = Path(anchors, method, closed=closed, space=space(spread, (PATHS, 2, 2)))
    return many(t)


@open_and_closed
@pytest.mark.parametrize("t", [0.0, 0.01, 0.13, 0.25, 0.4, 0.5, 0.77, 0.99, 1.0, 1.3, -0.4])
def test_every_latent_of_a_path_has_mean_and_deviation_of_the_prior(t: float, closed: bool) -> None:
    latents = drawn("gaussian", t, closed=closed)
    # Five standard errors, of a mean and of a standard deviation.
    np.testing.assert_allclose(latents.mean(0), MEAN, atol=5 / np.sqrt(PATHS) * SCALE.max())
    error = np.abs(latents.mean(0) - MEAN) / SCALE
    assert error.max() < 5 / np.sqrt(PATHS)
    np.testing.assert_allclose(latents.std(0) / SCALE, 1, atol=5 / np.sqrt(2 * PATHS))
    standard = (latents - MEAN) / SCALE
    np.testing.assert_allclose((standard**4).mean(0), 3, atol=5 * np.sqrt(96 / PATHS))


def test_lerp_of_two_noises_shrinks_to_seven_tenths_midway() -> None:
    halfway = drawn("lerp", 0.125, closed=False)
    np.testing.assert_allclose(halfway.std(0) / SCALE, np.sqrt(0.5), atol=0.03)
    noise = np.random.default_rng(0).standard_normal((2, 4, 64, 64))
    norms = Path(noise, "lerp").norms([0.0, 0.5, 1.0])
    np.testing.assert_allclose(norms, [1, np.sqrt(0.5), 1], atol=0.02)
    np.testing.assert_allclose(Path(noise, "gaussian").norms(np.linspace(0, 1, 9)), 1, atol=0.02)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_anchors_are_met_exactly_whatever_the_mean(dtype: type) -> None:
    normal = space(lw.NormalPrior(SCALE, MEAN * 1e3))
    anchors: Any = normal.sample(6).astype(dtype)
    path = Path(anchors, "gaussian", space=normal)
    assert same_bits(path(path.marks), anchors)
    grid = lw.LatentGrid.corners(normal, anchors[:4], n=3, method="gaussian")
    assert same_bits(np.asarray(grid.latents)[[0, 2, 6, 8]], anchors[:4].astype(np.float32))


def test_a_path_turns_evenly_and_agrees_with_slerp_on_noise() -> None:
    noise = np.random.default_rng(1).standard_normal((2, 100_000))
    t = np.linspace(0, 1, 17)
    path = Path(noise, "gaussian")
    steps = np.linalg.norm(np.diff(path(t), axis=0), axis=1)
    np.testing.assert_allclose(steps, steps.mean(), rtol=0.01)
    gaps = np.linalg.norm(path(t) - Path(noise, "slerp")(t), axis=1) / np.linalg.norm(noise[0])
    assert gaps.max() < 0.01


def test_only_two_neighbours_count_between_them() -> None:
    anchors = np.random.default_rng(2).standard_normal((4, 50))
    path = Path(anchors, "gaussian")
    changed = anchors.copy()
    changed[0] = changed[3] = np.random.default_rng(9).standard_normal(50)
    same = Path(changed, "gaussian")
    t = np.linspace(1 / 3, 2 / 3, 9)
    np.testing.assert_array_equal(path(t), same(t))


def test_corners_have_the_law_of_the_prior_everywhere() -> None:
    many = lw.NormalPrior(np.full((PATHS, 1), 2.0), np.full((PATHS, 1), 7.0))
    wide = space(many, (PATHS, 1))
    grid = lw.LatentGrid.corners(wide, wide.sample(4), n=4, method="gaussian")
    for latent in np.asarray(grid.latents):
        assert latent.mean() == pytest.approx(7, abs=5 * 2 / np.sqrt(PATHS))
        assert latent.std() == pytest.approx(2, abs=5 * 2 / np.sqrt(2 * PATHS))
    bilinear = lw.LatentGrid.corners(wide, wide.sample(4), n=3, method="lerp")
    assert np.asarray(bilinear.latents)[4].std() == pytest.approx(1, abs=0.1)


def test_near_copies_are_doubted_and_so_is_what_lies_outside_the_prior() -> None:
    noise = np.random.default_rng(4).standard_normal((3, 400))
    near = np.stack([noise[0], noise[1], noise[1] + 0.05 * noise[2]])
    with pytest.warns(lw.GuessWarning, match=r"anchors 1 and 2 have a cosine of 1.00.* 1.41 times"):
        path = Path(near, "gaussian")
    assert path.norms(0.75) == pytest.approx(1.41, abs=0.1)
    with pytest.warns(lw.GuessWarning, match=r"anchor 1 has 0.5\d times .* 1 ± 0.035"):
        Path(noise * [[1], [0.5], [1]], "gaussian")
    # Around a ring the last is joined to the first; in a grid each to each.
    with pytest.warns(lw.GuessWarning, match="anchors 2 and 0"):
        Path(np.stack([noise[1], noise[0], near[2]]), "gaussian", closed=True)
    four = np.stack([noise[1], noise[0], noise[2], near[2]]).astype(np.float32)
    with pytest.warns(lw.GuessWarning, match="anchors 0 and 3"):
        lw.LatentGrid.corners(space(shape=(400,)), four, method="gaussian")


@pytest.mark.parametrize("seed", range(5))
def test_the_same_anchor_twice_is_doubted_however_its_norm_is_rounded(seed: int) -> None:
    one = np.random.default_rng(seed).standard_normal(400)
    with pytest.warns(lw.GuessWarning, match="anchors 0 and 1 have a cosine of 1.00"):
        Path(np.stack([one, one]), "gaussian")


def test_independent_normals_are_not_doubted() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in range(300):
            for size in (1, 2, 3, 10, 100, 2000):
                rng = np.random.default_rng(seed)
                anchors = rng.standard_normal((4, size))
                Path(anchors, "gaussian", closed=True)


def test_a_prior_of_its_own_is_refused_with_the_way_out() -> None:
    own = space(lambda rng, n: rng.uniform(size=(n, 2, 2)))
    anchors = own.sample(4)
    for call in (
        lambda: Path(anchors, "gaussian", space=own),
        lambda: lw.LatentGrid.corners(own, anchors, method="gaussian"),
        lambda: lw.Interpolator(own, anchors, method="gaussian"),
        lambda: Path(anchors, "lerp", space=own).norms(0.5),
        lambda: copy.deepcopy(Path(anchors, "lerp", space=own)).norms(0.5),
    ):
        with pytest.raises(LatentValueError, match=r"normal prior.*slerp.*prior=lw.NormalPrior"):
            call()
    widget = lw.Interpolator(own, anchors)
    assert [*Page(widget.comm).state["_methods"]] == [
        "slerp",
        "lerp",
        "nlerp",
        "spline",
        "geodesic",
    ]
    assert [*Page(widget.comm).state["_way"]["withheld"]] == ["gaussian"]
    with pytest.raises(LatentValueError, match="asks for a normal prior"):
        widget.method = "gaussian"
    assert widget.method == "slerp"
    with pytest.raises(LatentValueError, match=r"shape \(2, 2\); those of the space have shape"):
        Path(anchors, space=space(shape=(3,)))


def test_the_interpolator_offers_it_about_the_mean_of_the_prior() -> None:
    normal = space(lw.NormalPrior(np.ones((2, 2)), 5.0))
    anchors = normal.sample(3)
    widget = lw.Interpolator(normal, anchors, value=0.25)
    assert [*Page(widget.comm).state["_methods"]][-2] == "gaussian"
    widget.method = "gaussian"
    expected = 5 + (anchors[:2] - 5).sum(0) / np.sqrt(2)
    np.testing.assert_allclose(widget.latent, expected, rtol=1e-5)


def test_the_mean_is_part_of_the_path() -> None:
    anchors = np.random.default_rng(5).standard_normal((3, 2, 2))
    about = [
        Path(anchors, "gaussian", space=space(lw.NormalPrior(np.ones((2, 2)), m))) for m in (0, 1)
    ]
    assert about[0] == Path(anchors, "gaussian")
    assert about[0] != about[1]
    assert about[0].digest != about[1].digest
    for path in about:
        for same in (
            copy.deepcopy(path),
            pickle.loads(pickle.dumps(path)),
            path.reversed().reversed(),
        ):
            assert same == path
            assert hash(same) == hash(path)
            np.testing.assert_array_equal(same(0.3), path(0.3))


def test_priors_that_are_none_are_refused() -> None:
    with pytest.raises(LatentValueError, match="standard deviations above 0"):
        lw.NormalPrior([1.0, 0.0])
    with pytest.raises(LatentValueError, match=r"mean has shape \(3,\), scale \(2,\)"):
        lw.NormalPrior([1.0, 1.0], [0.0, 0.0, 0.0])
    with pytest.raises(LatentValueError, match="NaN"):
        lw.NormalPrior([1.0, np.nan])
    with pytest.raises(LatentTypeError, match="no option 'men'"):
        lw.NormalPrior([1.0], men=2)  # type: ignore[call-arg]
    truncated = space(lw.NormalPrior(SCALE, MEAN)).sample(500, truncation=0.5)
    assert np.abs((truncated - MEAN) / SCALE).max() <= 0.5 + 1e-5
