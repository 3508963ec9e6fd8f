"""NaN, infinity, overflow: refused, or right; the same for any unit, and far from 0."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

import latentwidgets as lw
from latentwidgets.analysis.clustering import k_means
from latentwidgets.directions.evidence import Evidence
from latentwidgets.routes.edit import Edit
from latentwidgets.routes.projection import project

Z = np.random.default_rng(0).normal(size=(60, 4))
LABELS = Z[:, 0] > 0
PC = lw.pca_directions(Z, 1)[0]
PLANE = project(Z)
PLACES = project(Z, Z[:, :2])
ITEMS = [str(i) for i in range(60)]
WORDS = lw.adapters.Retrieval(Z, ITEMS)
SPACE = lw.as_space(lambda z: z[:, :, None] * np.ones(4), latent_shape=(4,), value_range=(-3, 3))
FOUND = lw.Directions([PC.replace(sigma=1e37)])
# Each takes latents, the second of which holds a number that is none.
LATENTS: dict[str, Callable[[Any], Any]] = {
    "move": lambda z: PC.move(z, 1.0),
    "coordinate": PC.coordinate,
    "measure": PC.measure,
    "place": PLANE.place,
    "place between": PLACES.place,
    "project": project,
    "k_means": lambda z: k_means(z, 2),
    "Retrieval": lambda z: lw.adapters.Retrieval(z, ITEMS[: len(z)]),
    "Retrieval.decode": WORDS.decode,
    "pca": lw.pca_directions,
    "ica": lw.ica_directions,
    "sparse pca": lw.sparse_pca_directions,
    "axes": lw.axis_directions,
    "difference": lambda z: lw.difference_directions(z, other=Z),
    "contrast": lambda z: lw.contrast_directions(z, Z[: len(z)], folds=2),
    "probe": lambda z: lw.probe_directions(z, LABELS[: len(z)], folds=2),
    "score": lambda z: lw.score_directions(PC, z, LABELS[: len(z)]),
    "decode": SPACE.decode,
}
# Each takes one number that is none.
NUMBERS: dict[str, Callable[[Any], Any]] = {
    "move": lambda x: PC.move(Z, x),
    "move each": lambda x: PC.move(Z[:2], [0.0, x]),
    "edit": lambda x: Edit(np.zeros(4, np.float32), FOUND).latents([(x,)]),
    "invert": lambda x: PLANE.invert([[0.0, x]]),
    "traversal": lambda x: lw.LatentGrid.traversals(SPACE, Z[0], FOUND, amounts=(0.0, x)).latents,
}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e39])
@pytest.mark.parametrize("name", LATENTS)
def test_latents_that_are_no_numbers_are_refused(name: str, bad: float) -> None:
    broken = Z[:20].copy()
    broken[1, 2] = bad
    if name in ("coordinate", "measure") and np.isfinite(bad):
        assert np.isfinite(LATENTS[name](broken)).all()
        return
    with pytest.raises(lw.LatentValueError, match=r"row 1 of|cannot hold"):
        LATENTS[name](broken)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e39])
@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_that_are_none_are_refused(name: str, bad: float) -> None:
    with pytest.raises(lw.LatentValueError):
        NUMBERS[name](bad)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_places_and_evidence_are_finite(bad: float) -> None:
    places = Z[:, :2].copy()
    places[7, 1] = bad
    with pytest.raises(lw.LatentValueError, match="row 7 of 60"):
        project(Z, places)
    for name in ("score", "chance", "p_value", "effect"):
        with pytest.raises(lw.LatentValueError, match=f"{name} is"):
            Evidence(**{name: bad})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        *(("p_value", bad) for bad in (1e39, 1.1, -0.1)),
        *(("auc", bad) for bad in (1.5, -1)),
        *(("stability", bad) for bad in (2, -1.1)),
        *((name, -1e-3) for name in ("spread", "effect_chance", "effect_margin")),
    ],
)
def test_evidence_has_no_number_that_there_cannot_be(name: str, bad: float) -> None:
    with pytest.raises(lw.LatentValueError, match=f"^{name} is .*; expected a number"):
        Evidence(**{name: bad})  # type: ignore[arg-type]
    with pytest.raises(lw.LatentValueError, match=f"^{name} is "):
        replace(Evidence(), **{name: bad})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("score_name", "fine", "bad"),
    [
        ("balanced accuracy", 1.0, 1.01),
        ("pairs in order", 0.0, -0.1),
        ("share of variance", 1 + 1e-12, 1e39),
        ("AUC of smile", 0.5, 2),
        ("correlation with age", -1.0, -1.5),
        ("R²", -7.5, 1.2),
    ],
)
def test_a_score_is_one_that_its_name_allows(score_name: str, fine: float, bad: float) -> None:
    assert Evidence(fine, score_name, chance=fine).score == fine
    for numbers in ({"score": bad}, {"score": fine, "chance": bad}):
        with pytest.raises(lw.LatentValueError, match=f", of '{score_name}', is "):
            Evidence(score_name=score_name, **numbers)  # type: ignore[arg-type]
    for own in ("a score of one's own", f"{score_name.partition(' ')[0]} in %", "shares"):
        assert Evidence(bad, own).score == bad


@pytest.mark.parametrize(
    "options",
    [{"level": np.nan}, {"level": 2}, {"neighbours": 0}, {"most": 1}, {"seed": -1}],
)
def test_a_typicality_is_not_fitted_or_asked_with_numbers_that_it_cannot_use(options: Any) -> None:
    [name] = options
    fitted = lw.analysis.Typicality().fit(Z)
    for judge in (lw.analysis.Typicality(**options), clone(lw.analysis.Typicality(**options))):
        with pytest.raises(lw.LatentValueError, match=f"^{name} is "):
            judge.fit(Z)
    with pytest.raises(lw.LatentValueError, match=f"^{name} is "):
        clone(fitted.set_params(**options)).fit(Z)
    with pytest.raises(lw.LatentValueError, match=f"^{name} is "):
        fitted.report(Z)


@pytest.mark.parametrize("scale", [1e-300, 0.0, -1.0, 1e308, np.inf, np.nan])
def test_a_step_that_cannot_be_taken_is_refused(scale: float) -> None:
    with pytest.raises(lw.LatentValueError, match="scale is"):
        SPACE.derivative(np.zeros(4), np.eye(4)[:1], scale=scale)


QUICK: dict[str, Any] = {"shuffles": 99, "bootstraps": 2}
FINDS: dict[str, Callable[[Any], Any]] = {
    "pca": lw.pca_directions,
    "axes": lw.axis_directions,
    "probe": lambda z: lw.probe_directions(z, LABELS, **QUICK),
    "probe of amounts": lambda z: lw.probe_directions(z, Z[:, 0], **QUICK),
    "difference": lambda z: lw.difference_directions(z, LABELS, **QUICK),
    "weights": lw.weight_directions,
}


@pytest.mark.parametrize("name", FINDS)
@pytest.mark.parametrize("unit", [1e-30, 1e-12, 1e12, 1e30, 1e37])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_unit_of_the_latents_changes_what_is_found(name: str, unit: float, dtype: Any) -> None:
    same = FINDS[name](Z)
    found = FINDS[name]((Z * unit).astype(dtype))
    np.testing.assert_allclose(found.matrix, same.matrix, atol=1e-3)
    for one, other in zip(found, same, strict=True):
        if name != "weights":
            assert one.sigma == pytest.approx(other.sigma * unit, rel=1e-3)
        assert one.evidence.score == pytest.approx(other.evidence.score, abs=0.02)
        assert one.evidence.p_value == pytest.approx(other.evidence.p_value, abs=0.03)


@pytest.mark.parametrize("unit", [1e-30, 1e12, 1e37])
def test_no_unit_changes_a_map_its_clusters_or_what_is_nearest(unit: float) -> None:
    latents = (Z * unit).astype(np.float32)
    np.testing.assert_allclose(project(latents).points / unit, PLANE.points, atol=1e-4)
    np.testing.assert_array_equal(k_means(latents, 3), k_means(Z, 3))
    assert np.isfinite(project(latents, "tsne").points).all()
    for metric in ("euclidean", "cosine"):
        words = lw.adapters.Retrieval(latents, ITEMS, metric=metric)
        assert words.decode(latents) == ITEMS
    placed = project(latents, Z[:, :2]).place(latents)
    np.testing.assert_array_equal(placed, Z[:, :2])


# float32 holds these exactly, and shifted too.
STEPS = np.round(Z * 256) / 256


@pytest.mark.parametrize("name", [name for name in FINDS if name != "weights"])
@pytest.mark.parametrize("shift", [-4096, 1024, 4096])
def test_how_far_from_0_latents_are_changes_nothing_that_is_found(name: str, shift: int) -> None:
    moved = (STEPS + shift).astype(np.float32)
    for one, same in zip(FINDS[name](moved), FINDS[name](STEPS), strict=True):
        np.testing.assert_allclose(one.vector, same.vector, atol=1e-3)
        assert one.sigma == pytest.approx(same.sigma, rel=1e-3)
        np.testing.assert_allclose(one.measure(moved), same.measure(STEPS), atol=0.01)
        assert one.evidence.score == pytest.approx(same.evidence.score, abs=0.02)
        assert one.evidence.p_value == pytest.approx(same.evidence.p_value, abs=0.03)


@pytest.mark.parametrize("shift", [-4096, 4096])
def test_nor_where_they_lie_on_a_map_their_clusters_and_what_is_nearest(shift: int) -> None:
    moved, asked = (STEPS + shift).astype(np.float32), STEPS[::-1] + STEPS / 4
    np.testing.assert_allclose(project(moved).points, project(STEPS).points, atol=1e-3)
    for how in ("pca", Z[:, :2]):
        places = project(moved, how).place(asked + shift)
        np.testing.assert_allclose(places, project(STEPS, how).place(asked), atol=1e-5)
    np.testing.assert_array_equal(project(moved, Z[:, :2]).place(moved), Z[:, :2])
    np.testing.assert_array_equal(k_means(moved, 3), k_means(STEPS, 3))
    found = lw.adapters.Retrieval(moved, ITEMS).decode(asked + shift)
    assert found == lw.adapters.Retrieval(STEPS, ITEMS).decode(asked)


@pytest.mark.parametrize("unit", [1e-300, 1e200])
def test_labels_whose_squares_cannot_be_computed_are_refused(unit: float) -> None:
    with pytest.raises(lw.LatentValueError, match="in another unit"):
        lw.probe_directions(Z, {"mass": Z[:, 0] * unit})
