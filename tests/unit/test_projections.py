"""Projections: there and back, of every kind, and what is refused."""

from __future__ import annotations

import pickle
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA, FastICA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

import latentwidgets as lw
from latentwidgets.routes import embedding, projection
from latentwidgets.routes.projection import project

RNG = np.random.default_rng(0)
# Two groups, far apart along the first of six numbers.
LATENTS = RNG.normal(size=(80, 6)).astype(np.float32) * [3, 2, 1, 0.5, 0.5, 0.5]
LATENTS[40:, 0] += 20
GROUP = np.arange(80) >= 40


def apart(points: np.ndarray) -> float:
    """How far the groups' middles are apart, beside their own spread."""
    here, there = points[~GROUP], points[GROUP]
    gap = np.linalg.norm(here.mean(axis=0) - there.mean(axis=0))
    return float(gap / np.sqrt(here.var(axis=0).sum() + there.var(axis=0).sum()))


def test_pca_is_that_of_scikit_learn_and_of_the_directions() -> None:
    plane = project(LATENTS)
    found = lw.pca_directions(LATENTS, 2)
    np.testing.assert_allclose(
        np.abs(plane.points), np.abs(PCA(2).fit_transform(LATENTS)), atol=1e-4
    )
    step = found[0].move(LATENTS[:1], 1.0)
    moved = plane.place(step)[0] - plane.points[0]
    np.testing.assert_allclose(moved, [found[0].sigma, 0], atol=1e-3)
    assert plane.axes[0].startswith("PC 1 (")
    assert (plane.inverse_error, plane.note, plane.near) == ("", "", False)


FAR = project(LATENTS + 50)


@given(st.lists(st.tuples(*[st.floats(-100, 100)] * 2), min_size=1, max_size=5))
def test_the_inverse_of_pca_is_exact(points: list[tuple[float, float]]) -> None:
    latents = FAR.invert(points)
    assert latents.shape == (len(points), 6)
    assert latents.dtype == np.float32
    np.testing.assert_allclose(FAR.place(latents), points, atol=1e-3)


@pytest.mark.parametrize("latents", [np.eye(2, 5), np.outer(np.arange(7), [1, 2, 2]) + 4])
def test_latents_on_a_line_make_a_map_too(latents: np.ndarray) -> None:
    plane = project(latents)
    gaps = np.linalg.norm(latents[1:] - latents[0], axis=1)
    np.testing.assert_allclose(np.abs(plane.points[1:] - plane.points[0])[:, 0], gaps, rtol=1e-5)
    np.testing.assert_allclose(plane.points[:, 1], 0, atol=1e-5)
    assert plane.axes == ("PC 1 (100 %)", "PC 2 (0 %)")
    np.testing.assert_allclose(plane.place(plane.invert([[1, -3]])), [[1, -3]], atol=1e-5)


def test_latents_keep_their_shape() -> None:
    plane = project(LATENTS.reshape(80, 2, 3))
    assert plane.invert([[0, 0]]).shape == (1, 2, 3)
    assert plane.place(LATENTS.reshape(80, 2, 3)[:5]).shape == (5, 2)
    assert plane.place(np.empty((0, 2, 3))).shape == (0, 2)
    with pytest.raises(lw.LatentValueError, match=r"shape \(5, 6\).*takes \('m', 2, 3\)"):
        plane.place(LATENTS[:5])


def test_tsne_keeps_groups_together_and_has_no_inverse() -> None:
    plane = project(LATENTS, "tsne", seed=1)
    assert apart(plane.points) > 2
    np.testing.assert_array_equal(plane.points, project(LATENTS, "tsne", seed=1).points)
    with pytest.raises(lw.LatentValueError, match="t-SNE has no inverse: click a point instead"):
        plane.invert([[0, 0]])
    assert plane.near
    np.testing.assert_allclose(plane.place(LATENTS[3:4])[0], plane.points[3], atol=1e-9)
    assert apart(plane.place(LATENTS + 0.01)) > 2


def test_tsne_is_that_of_scikit_learn_with_a_perplexity_of_30() -> None:
    rows = RNG.normal(size=(110, 3))
    model = TSNE(2, perplexity=30.0, random_state=1, max_iter=embedding.STEPS)
    centred = rows.astype(np.float32)
    centred = centred - centred.mean(axis=0, dtype=np.float64)
    with threadpool_limits(1):
        expected = model.fit_transform((centred / centred.std()).astype(np.float32))
    plane = project(rows, "tsne", seed=1)
    np.testing.assert_allclose(plane.points, expected, atol=1e-4)
    assert plane.note == "", "all of them were fitted"


def test_rows_are_placed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    plane = project(LATENTS)
    whole = plane.place(LATENTS)
    monkeypatch.setattr(projection, "PART_SIZE", 100)  # of 480 numbers
    np.testing.assert_allclose(plane.place(LATENTS), whole, atol=1e-9)


def test_tsne_of_many_fits_a_sample_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(embedding.MOST_FITTED, "tsne", 50)
    monkeypatch.setattr(embedding, "PART_SIZE", 200)
    plane = project(LATENTS, "tsne")
    assert "a sample of 50; each of the other 30 lies" in plane.note
    assert np.isfinite(plane.points).all()
    assert apart(plane.points) > 2


@pytest.mark.slow
@pytest.mark.timeout(600)  # numba compiles, for half a minute where nothing else runs
def test_umap_keeps_groups_together_and_goes_both_ways() -> None:
    pytest.importorskip("umap", reason="needs the extra umap")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plane = project(LATENTS, "umap", seed=1)
        assert apart(plane.points) > 2
        latent = plane.invert(plane.points[50:51])
        assert plane.place(LATENTS[:3]).shape == (3, 2)
    assert latent.shape == (1, 6)
    assert np.linalg.norm(latent - LATENTS[GROUP].mean(axis=0)) < 10
    assert "approximate inverse" in plane.note


@pytest.mark.slow
@pytest.mark.parametrize(("count", "neighbours"), [(16, 15), (10, 9), (80, 15)])
def test_umap_looks_at_15_neighbours_or_all_others(
    count: int, neighbours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    umap = pytest.importorskip("umap", reason="needs the extra umap")
    asked: list[int] = []

    class Asked(umap.UMAP):  # type: ignore[misc, name-defined, unused-ignore]
        def fit_transform(self, rows: Any) -> Any:
            asked.append(self.n_neighbors)
            return rows[:, :2]

    monkeypatch.setattr(umap, "UMAP", Asked)
    project(LATENTS[:count], "umap")
    assert asked == [neighbours]


def test_umap_without_its_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(lw.MissingExtraError, match=r'pip install "latentwidgets\[umap\]"'):
        project(LATENTS, "umap")


def test_points_are_taken_as_they_are() -> None:
    points = LATENTS[:, :2] * 2
    plane = project(LATENTS, points)
    np.testing.assert_array_equal(plane.points, points.astype(np.float64))
    assert plane.name == "points"
    assert plane.near
    with pytest.raises(lw.LatentValueError, match="without an inverse"):
        plane.invert([[0, 0]])
    # Halfway between two latents that lie alone: halfway between their points.
    far = np.array([[0, 0], [1, 0], [100, 0], [101, 0], [102, 0], [103, 0]], np.float32)
    place = project(far, far * 10).place(np.array([[0.5, 0]], np.float32))
    assert place[0, 0] < 40
    assert project(LATENTS, plane) is plane
    with pytest.raises(lw.LatentValueError, match=r"latents of shape \(6,\); these .* \(2, 3\)"):
        project(LATENTS.reshape(80, 2, 3), plane)


def test_a_fitted_transformer_is_called_with_flat_latents() -> None:
    both = project(LATENTS.reshape(80, 2, 3), PCA(2).fit(LATENTS))
    np.testing.assert_allclose(both.place(both.invert([[3, 4]])), [[3, 4]], atol=1e-3)
    assert both.name == "PCA"
    ica = FastICA(2, random_state=0).fit(LATENTS)
    np.testing.assert_allclose(project(LATENTS, ica).points, ica.transform(LATENTS), rtol=1e-5)

    class OneWay:
        def transform(self, rows: np.ndarray) -> np.ndarray:
            return rows[:, :2]

    plane = project(LATENTS, OneWay())
    assert plane.inverse_error == "OneWay has no inverse: click a point instead."
    assert not plane.near


@pytest.mark.parametrize("how", ["pca", "tsne", LATENTS[:, :2], PCA(2).fit(LATENTS)])
def test_a_projection_can_be_pickled(how: Any) -> None:
    plane = project(LATENTS, how)
    copied = pickle.loads(pickle.dumps(plane))
    np.testing.assert_array_equal(copied.place(LATENTS[:3] + 1), plane.place(LATENTS[:3] + 1))


class Broken:
    def __init__(self, result: Any) -> None:
        self.result = result

    def transform(self, rows: np.ndarray) -> Any:
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("pcaa", r"'pcaa'; expected one of 'pca', 'tsne', 'umap', an array .*mean 'pca'"),
        (np.zeros((79, 2)), r"shape \(79, 2\); there are 80 latents: expected \(80, 2\)"),
        (np.zeros((80, 3)), r"shape \(80, 3\)"),
        (np.full((80, 2), np.nan), r"NaN or infinity in rows 0, 1, 2, 3, 4 and 75 more of 80"),
        (Broken(RuntimeError("out of luck")), "could not place latents: RuntimeError: out of luck"),
        (Broken(np.zeros((80, 3))), r"gave shape \(80, 3\) for \(80, 6\); expected \(80, 2\)"),
        (Broken(np.full((80, 2), np.inf)), "gave NaN or infinity"),
        (PCA(2), "could not place latents: NotFittedError"),
        (["a", "b"], "real numbers"),
    ],
)
def test_what_cannot_be_a_projection_is_refused(how: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        project(LATENTS, how)


def test_latents_that_make_no_map_are_refused() -> None:
    spoilt = LATENTS.copy()
    spoilt[[4, 7], 1] = np.nan
    for latents, words in [
        (spoilt, "NaN or infinity in rows 4, 7 of 80 of the latents"),
        (LATENTS[:1], "two latents or more"),
        (LATENTS[:, :1], "two numbers"),
        (np.ones((5, 3)), "are the same"),
    ]:
        with pytest.raises(lw.LatentValueError, match=words):
            project(latents)
