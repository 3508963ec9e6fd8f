"""`anomaly_scores`: reconstruction and density against their definitions, and what each finds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

import latentwidgets as lw
from latentwidgets.analysis.reconstruction import numbers_of
from tests.unit.spaces import logit, sigmoid

RNG = np.random.default_rng(0)
BASIS = np.linalg.qr(RNG.normal(size=(64, 6)))[0].T
analysis: Any = lw.analysis


def decode(latents: Any) -> Any:
    return latents @ BASIS


def encode(curves: Any) -> Any:
    return curves.reshape(len(curves), 64) @ BASIS.T


LINEAR = lw.LatentSpace(decode, 6, encode, kind="curve")
LATENTS = RNG.normal(size=(500, 6))
NOISE = RNG.normal(size=(500, 64))
NOISE -= NOISE @ BASIS.T @ BASIS  # which the model cannot reproduce
CURVES = LATENTS @ BASIS + 0.1 * NOISE


def of_test(found: Any, name: str) -> Any:
    return next(one for one in found.tests if one.name == name)


def test_scores_are_those_of_their_definitions() -> None:
    odd = CURVES[:4].copy()
    odd[1] = 6 * LATENTS[1] @ BASIS + 0.1 * NOISE[1]  # far from all others
    odd[2] += 0.5 * NOISE[7]  # not reproduced
    found = analysis.anomaly_scores(LINEAR, odd, reference=CURVES[4:], neighbours=3)
    reconstruction = np.linalg.norm(odd - odd @ BASIS.T @ BASIS, axis=1)
    np.testing.assert_allclose(of_test(found, "reconstruction").values, reconstruction, rtol=1e-4)
    gaps = np.sort(cdist(odd @ BASIS.T, CURVES[4:] @ BASIS.T), axis=1)
    np.testing.assert_allclose(
        of_test(found, "neighbours").values, gaps[:, :3].mean(axis=1), rtol=1e-4
    )
    assert found.failed[2] == "reconstruction"
    assert found.words[2] == "rarer than any of 496: the model does not reproduce it"
    assert found.failed[1] in ("norm", "mahalanobis", "neighbours")
    assert {*found.order[:2]} == {1, 2}


def test_without_a_reference_items_are_compared_with_all_others() -> None:
    items = CURVES.copy()
    items[11] += 0.5 * NOISE[3]
    items[200] *= 5
    found = analysis.anomaly_scores(LINEAR, items)
    assert {*found.order[:2]} == {11, 200}
    assert 0.02 < (~found.typical).mean() < 0.09
    # An item has no distance to itself.
    gaps = np.sort(cdist(items @ BASIS.T, items @ BASIS.T), axis=1)
    np.testing.assert_allclose(
        of_test(found, "neighbours").values, gaps[:, 1:6].mean(axis=1), rtol=1e-4
    )
    again = analysis.anomaly_scores(LINEAR, items)
    np.testing.assert_array_equal(found.p_values, again.p_values)


def test_items_that_are_in_the_reference_are_not_compared_with_themselves() -> None:
    known = analysis.anomaly_scores(LINEAR, CURVES)
    few = analysis.anomaly_scores(LINEAR, CURVES[100:150], reference=CURVES)
    for name in ("norm", "mahalanobis", "neighbours", "reconstruction"):
        np.testing.assert_allclose(
            of_test(few, name).values, of_test(known, name).values[100:150], rtol=1e-4
        )
    np.testing.assert_allclose(few.p_values, known.p_values[100:150], atol=0.01)


def test_ordinary_items_are_typical_at_the_level() -> None:
    new = RNG.normal(size=(1500, 6)) @ BASIS
    noise = RNG.normal(size=(1500, 64))
    new += 0.1 * (noise - noise @ BASIS.T @ BASIS)
    found = analysis.anomaly_scores(LINEAR, new, reference=CURVES)
    assert 0.92 <= found.typical.mean() <= 0.98


def test_a_few_of_very_many_items_say_what_is_ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latentwidgets.analysis.anomalies.MOST_ORDINARY", 100)
    items = CURVES.copy()
    items[11] += 0.5 * NOISE[3]
    found = analysis.anomaly_scores(LINEAR, items)
    assert (found.ordinary, found.order[0]) == (100, 11)


def test_distance_and_features_are_the_persons_own() -> None:
    found = analysis.anomaly_scores(
        LINEAR, CURVES[:30], reference=CURVES, features=lambda curves: curves[:, :2]
    )
    expected = np.linalg.norm((CURVES - CURVES @ BASIS.T @ BASIS)[:30, :2], axis=1)
    np.testing.assert_allclose(of_test(found, "reconstruction").values, expected, rtol=1e-3)
    found = analysis.anomaly_scores(LINEAR, CURVES, distance=None)
    assert "reconstruction" not in [one.name for one in found.tests]


def test_pictures_are_compared_as_the_decoder_returns_them() -> None:
    pictures = np.moveaxis(sigmoid(RNG.normal(size=(40, 5)).astype(np.float32)), 1, -1)
    space = lw.LatentSpace(sigmoid, 5, logit, value_range=(0, 1))
    eight = np.round(255 * pictures).astype(np.uint8)
    wanted = np.moveaxis(pictures, -1, 1)
    np.testing.assert_allclose(numbers_of(space, pictures, (3, 4, 4)), wanted, atol=1e-6)
    np.testing.assert_allclose(numbers_of(space, eight, (3, 4, 4)), wanted, atol=2 / 255)
    # An encoder of another range, and one that takes them flat.
    other = lw.LatentSpace(
        sigmoid, 5, lambda x: logit((x + 1) / 2), value_range=(0, 1), encode_range=(-1, 1)
    )
    np.testing.assert_allclose(numbers_of(other, 2 * pictures - 1, (3, 4, 4)), wanted, atol=1e-6)
    np.testing.assert_allclose(numbers_of(other, eight, (3, 4, 4)), wanted, atol=2 / 255)
    flat = lw.LatentSpace(sigmoid, 5, logit, value_range=(0, 1), encode_shape=48)
    np.testing.assert_allclose(numbers_of(flat, eight, (3, 4, 4)), wanted, atol=2 / 255)
    found = analysis.anomaly_scores(space, eight)
    assert np.median(of_test(found, "reconstruction").values) < 0.05  # of eight bits


def test_a_model_of_scikit_learn_finds_what_is_no_digit() -> None:
    digits = lw.demo.digits()
    pictures = digits.images.reshape(len(digits.images), -1) / 255.0
    space = lw.as_space(PCA(10).fit(pictures), image_shape=(32, 32), value_range=(0, 1))
    upside = digits.images[:10].copy()
    upside[:] = RNG.integers(0, 256, upside.shape)
    found = analysis.anomaly_scores(space, upside, reference=digits.images)
    assert not found.typical.any()


def test_texts_have_no_reconstruction() -> None:
    words = [f"word {i}" for i in range(60)]
    space = lw.as_space(lw.adapters.Retrieval(RNG.normal(size=(60, 4)), words))
    found = analysis.anomaly_scores(space, words)
    assert [one.name for one in found.tests] == ["norm", "mahalanobis", "neighbours"]


def test_a_result_is_shown_drawn_and_written() -> None:
    items = CURVES[:120].copy()
    items[77] += NOISE[3]
    found = analysis.anomaly_scores(LINEAR, items)
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert written["failed"][77] == "reconstruction"
    assert written["words"][77] == found.words[77]
    assert written["order"] == found.order.tolist()
    assert written["scores"] == found.scores.tolist()
    assert written["percentiles"] == found.percentiles.tolist()
    table = found._repr_html_()
    first = table.split("<tbody>")[1].split("</td>")[0]
    assert first.endswith(">77")
    assert "70 more items are not shown" in table
    assert [one.get_xlabel() for one in found.plot().axes][-1] == "reconstruction"


def test_constant_columns_count_where_they_vary_after_all() -> None:
    """A number of the latent that is the same of all ordinary items, and one of the outputs."""
    wide = lw.LatentSpace(
        lambda z: np.concatenate([decode(z[:, :6]), z[:, 6:], np.ones((len(z), 1))], axis=1),
        7,
        lambda x: np.concatenate([encode(x[:, :64]), x[:, 64:65]], axis=1),
        kind="curve",
    )
    known = np.concatenate([CURVES, np.full((500, 1), 7.0), np.ones((500, 1))], axis=1)
    found = analysis.anomaly_scores(wide, known)
    plain = analysis.anomaly_scores(LINEAR, CURVES)
    for name in ("norm", "neighbours", "reconstruction"):
        np.testing.assert_allclose(
            of_test(found, name).values, of_test(plain, name).values, rtol=1e-3
        )
    assert 0.02 < (~found.typical).mean() < 0.09
    odd = known[:3].copy()
    odd[1, 64], odd[2, 65] = 9.0, 3.0
    judged = analysis.anomaly_scores(wide, odd, reference=known)
    assert judged.failed[1] in ("norm", "mahalanobis", "neighbours")
    assert judged.failed[2] == "reconstruction"


@pytest.mark.parametrize(
    ("space", "options", "words"),
    [
        (lw.LatentSpace(decode, 6, kind="curve"), {}, "has no encoder.*or judge latents alone"),
        (LINEAR, {"reference": CURVES[:10]}, "there are 10 latents and neighbours is 5"),
        (LINEAR, {"neighbours": 600}, "there are 500 latents and neighbours is 600"),
        (LINEAR, {"level": 3}, "level is 3"),
        (LINEAR, {"distance": "l3"}, "expected one of 'l2'"),
        (LINEAR, {"references": CURVES}, "Did you mean 'reference'"),
        (LINEAR, {"reference": np.ones((30, 64))}, "all 30 latents are the same"),
    ],
)
def test_what_cannot_be_judged_is_refused(space: Any, options: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        analysis.anomaly_scores(space, CURVES, **options)


def test_an_encoder_of_another_size_has_no_reconstruction_to_compare() -> None:
    space = lw.LatentSpace(
        sigmoid, 5, lambda x: x.reshape(len(x), -1)[:, :5], value_range=(0, 1), encode_shape=(8, 8)
    )
    with pytest.raises(lw.LatentValueError, match="Pass distance=None"):
        analysis.anomaly_scores(space, RNG.random((30, 8, 8)))
    found = analysis.anomaly_scores(space, RNG.random((30, 8, 8)), distance=None)
    assert len(found.p_values) == 30
