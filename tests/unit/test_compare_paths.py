"""Ways through the same anchors side by side, and what chance says of each."""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.analysis.path_smoothness import drawn

MATRIX = np.random.default_rng(0).normal(size=(6, 20))
SPACE = lw.LatentSpace(lambda z: np.tanh(z @ MATRIX / 2), 6, kind="curve")
LINEAR = lw.LatentSpace(lambda z: z @ MATRIX, 6, kind="curve")
ANCHORS = SPACE.sample(3, seed=4)
analysis: Any = lw.analysis


def length_of(path: lw.Path) -> float:
    outputs = np.tanh(path(np.linspace(0, 1, 2001)).astype(np.float64) @ MATRIX / 2)
    return float(np.linalg.norm(np.diff(outputs, axis=0), axis=1).sum())


def test_every_path_is_measured_through_the_same_anchors() -> None:
    found = analysis.compare_paths(SPACE, ANCHORS, controls=2)
    assert list(found.found) == ["lerp", "slerp", "spline", "gaussian", "geodesic"]
    assert found.left_out == {}
    ends = np.tanh(ANCHORS[[0, -1]].astype(np.float64) @ MATRIX / 2)
    for method, one in found.found.items():
        path = found.paths[method]
        assert path.method == method
        assert path(path.marks).tolist() == ANCHORS.tolist()
        assert one.length == pytest.approx(length_of(path), rel=1e-2)
        assert one.chord == pytest.approx(np.linalg.norm(ends[1] - ends[0]), rel=1e-5)
        assert one.length_over_chord == pytest.approx(one.length / one.chord)
        low, middle, high = one.chance_length
        assert 0 < low <= middle <= high
    assert found["geodesic"].length < min(found[name].length for name in ("lerp", "slerp"))
    assert found["geodesic"].peak < found["slerp"].peak
    json.dumps(found.to_dict(), allow_nan=False)
    assert found.to_dict()["paths"]["lerp"]["length"] == found["lerp"].length
    html = found._repr_html_()
    assert html.count("<tr") == 6
    [bold] = re.findall(r'<tr style="font-weight: bold"><td[^>]*>(\w+)', html)
    assert bold == "geodesic"
    assert len(found.plot().axes) == 2
    with pytest.raises(lw.LatentValueError, match="no path of method 'nlerp'"):
        found["nlerp"]


def test_chance_is_the_same_draw_for_all_methods() -> None:
    found = analysis.compare_paths(LINEAR, LINEAR.sample(2), methods=["lerp", "spline"], controls=5)
    # A spline through two anchors is the line.
    assert found["lerp"].chance_length == pytest.approx(found["spline"].chance_length, rel=1e-5)
    assert found["lerp"].length == pytest.approx(found["spline"].length, rel=1e-5)
    assert not analysis.compare_paths(LINEAR, LINEAR.sample(2), controls=0, methods=("lerp",))[
        "lerp"
    ].chance_length


def test_what_cannot_be_compared_is_named() -> None:
    own = lw.LatentSpace(
        lambda z: z @ np.ones((70, 3)), 70, kind="curve", prior=lambda rng, n: rng.random((n, 70))
    )
    found = analysis.compare_paths(own, own.sample(2), controls=0)
    assert list(found.found) == ["lerp", "slerp", "spline"]
    assert set(found.left_out) == {"gaussian", "geodesic"}
    assert "Without geodesic: latents have 70 numbers" in found._repr_html_()
    with pytest.raises(lw.LatentValueError, match="no path of method 'gaussian' here: the prior"):
        found["gaussian"]
    with pytest.raises(lw.LatentValueError, match="normal prior"):
        analysis.compare_paths(own, own.sample(2), methods=["gaussian"], controls=0)
    with pytest.raises(lw.LatentValueError, match="within="):
        analysis.compare_paths(own, own.sample(2), methods=["geodesic"], controls=0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"methods": ["lerp", "splines"]}, r"Did you mean 'spline'\?"),
        ({"methods": []}, "methods are empty"),
        ({"methods": 3}, "methods are 3"),
        ({"anchors": ANCHORS[:1]}, "two or more"),
        ({"n": 1}, "n is 1"),
        ({"closed": "yes"}, "closed"),
        ({"distance": lambda a, b: a[:, 0] * np.nan}, "distance returned nan"),
    ],
)
def test_bad_input_names_the_way_out(options: dict[str, Any], words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        analysis.compare_paths(SPACE, options.pop("anchors", ANCHORS), **options)


# What chance says of one path


def test_a_path_that_stays_where_it_is_is_refused() -> None:
    # What rounding makes of it is no speed, and no abrupt change.
    for anchors in (np.stack([ANCHORS[0]] * 2), np.zeros((3, 6))):
        for method in ("lerp", "slerp", "spline"):
            path = lw.Path(anchors, method)
            with pytest.raises(lw.LatentValueError, match="stays at one latent.*that differ"):
                analysis.smoothness(SPACE, path, controls=0)
        with pytest.raises(lw.LatentValueError, match="stays at one latent.*that differ"):
            analysis.compare_paths(SPACE, anchors, methods=["lerp", "slerp"], controls=0)


def test_places_too_few_to_see_a_path_move_are_told_as_too_few() -> None:
    there_and_back = ANCHORS[[0, 1, 0, 1, 0]]
    few = "n is 2, and the path has 4 segments"
    with pytest.raises(lw.LatentValueError, match=few):
        analysis.smoothness(SPACE, lw.Path(there_and_back, "lerp"), n=2, controls=0)
    with pytest.raises(lw.LatentValueError, match=few):
        analysis.compare_paths(SPACE, there_and_back, methods=["lerp"], n=2, controls=0)


def test_a_path_moves_where_any_number_does_however_large_another_is() -> None:
    space = lw.LatentSpace(lambda z: 1000 * z[:, 1:], 2, kind="curve")
    anchors = [[1e5, 0.0], [1e5, 0.05]]
    found = analysis.smoothness(space, lw.Path(anchors, "lerp"), controls=0)
    assert found.length == pytest.approx(50, rel=1e-4)
    assert analysis.compare_paths(space, anchors, methods=["lerp"], controls=0)["lerp"].length > 49


def test_a_prior_that_draws_one_latent_is_not_blamed_on_the_path() -> None:
    space = lw.LatentSpace(
        lambda z: z, 2, kind="curve", prior=lambda _, n: np.ones((n, 2), np.float32)
    )
    path = lw.Path([[0.0, 0.0], [3.0, 4.0]], "lerp")
    compared = analysis.compare_paths(space, path.anchors, methods=["lerp"], controls=2)
    for found in (analysis.smoothness(space, path, controls=2), compared["lerp"]):
        assert found.length == pytest.approx(5, rel=1e-4)
        assert found.chance_length == found.chance_chord == (0, 0, 0)
        assert np.isnan([found.chance_length_over_chord, found.chance_peak]).all()
        assert "( to )" not in found._repr_html_()


def test_a_path_between_samples_of_the_same_seed_is_none_of_the_controls() -> None:
    path = lw.Path(SPACE.sample(2), "slerp")
    found = analysis.smoothness(SPACE, path, controls=1)
    assert found.chance_length[0] != pytest.approx(found.length, rel=1e-6)


def test_controls_have_as_many_anchors_and_the_method_of_the_path() -> None:
    anchors = LINEAR.sample(6, seed=3)
    alone = analysis.smoothness(LINEAR, lw.Path(anchors[:2], "lerp"))
    several = analysis.smoothness(LINEAR, lw.Path(anchors, "lerp"))
    assert alone.chance_length_over_chord == pytest.approx((1, 1, 1), rel=1e-3)
    assert several.chance_length_over_chord[0] > 1.5
    closed = analysis.smoothness(LINEAR, lw.Path(anchors[:2], "lerp", closed=True), n=64)
    assert closed.chance_length[1] > 1.5 * alone.chance_length[1]
    ordinary = anchors[[0, 5]]  # the first two are nearly opposite: their way is nearly straight
    round_about = analysis.smoothness(LINEAR, lw.Path(ordinary, "gaussian", space=LINEAR))
    assert round_about.chance_length_over_chord[1] > 1.05


@pytest.mark.parametrize(
    "prior", [None, lw.NormalPrior(np.full(6, 2.0), np.ones(6)), lambda rng, n: rng.random((n, 6))]
)
def test_anchors_of_controls_are_as_far_from_each_other(prior: Any) -> None:
    space = lw.LatentSpace(lambda z: z @ MATRIX, 6, kind="curve", prior=prior)
    first, second = space.sample(2, seed=5)
    gaps = [np.linalg.norm(second - first), 0.01, 0.0]
    step = (second - first) / gaps[0]
    anchors = np.stack([first, second, second + 0.01 * step, second + 0.01 * step])
    found = drawn(space, anchors.astype(np.float32), 4, 0)
    assert found.shape == (4, 4, 6)
    assert found.dtype == np.float32
    apart = np.linalg.norm(np.diff(found, axis=1), axis=2)
    assert apart == pytest.approx(np.array([gaps] * 4), rel=0.3, abs=1e-6)
    assert len(np.unique(found[:, 0], axis=0)) == 4
    # Of anchors that are further apart than any samples, these are as far as samples get.
    far = drawn(space, 100 * anchors[:2], 3, 0)
    apart = np.linalg.norm(np.diff(far, axis=1)[:, 0], axis=1)
    assert (
        apart > np.linalg.norm(np.diff(space.sample(1000, seed=1), axis=0), axis=1).mean()
    ).all()


def test_near_anchors_have_near_controls_and_no_warning_of_theirs() -> None:
    first = SPACE.sample(1, seed=8)[0]
    path = lw.Path([first, first + 0.2], "slerp")
    found = analysis.smoothness(SPACE, path)
    assert found.chance_chord[2] < 4 * found.chord
    assert found.chance_length_over_chord[2] < 1.05  # 1.2 and more between any samples
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        analysis.compare_paths(SPACE, [first, first + 0.01], methods=["gaussian"], controls=3)
    guesses = [str(one.message) for one in raised if one.category is lw.GuessWarning]
    assert len({*guesses}) == 1, "that of the person's own anchors, and of no others"


def test_a_length_tells_how_exact_it_is() -> None:
    path = lw.Path(2 * ANCHORS[:2], "slerp")
    exact = length_of(path)
    widths = []
    for n in (5, 8, 16, 64):
        found = analysis.smoothness(SPACE, path, n=n, controls=0)
        low, high = found.length_interval
        assert low <= exact <= high
        assert low <= found.length <= high
        assert f"({low:.3f} to {high:.3f})" in found._repr_html_()
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 20 * widths[-1]
    steps = lw.LatentSpace(lambda z: np.sign(z - 0.3) * np.ones(4), 1, kind="curve")
    jump = analysis.smoothness(steps, lw.Path([[0.0], [1.0]], "lerp"), n=9, controls=0)
    assert jump.length_interval == pytest.approx((4, 4))


# A geodesic


@pytest.mark.parametrize("n", [2, 3, 5])
def test_a_length_is_within_its_interval(n: int) -> None:
    """Where the output stands still at each of few places, the speeds miss what is between."""

    def decode(z: Any) -> Any:
        return np.tile(z + 0.9 * (z - np.sin(4 * np.pi * z) / (4 * np.pi)), 3)

    space = lw.LatentSpace(decode, 1, kind="curve")
    found = analysis.smoothness(space, lw.Path([[0.0], [1.0]], "lerp"), n=n, controls=0)
    low, high = found.length_interval
    assert low <= found.length <= high
    assert found.chord <= high * (1 + 1e-6)


def test_pairs_between_which_nothing_changes_are_no_chance() -> None:
    flat = lw.LatentSpace(lambda z: np.maximum(z, 0) @ np.eye(2, 5), 2, kind="curve")
    found = analysis.geodesic(flat, [0.5, 0.1], [1.0, 0.4], data_weight=0, controls=12)
    assert found.chance_length is not None
    assert min(found.chance_length) > 0
    paths = analysis.compare_paths(
        flat, [[0.5, 0.1], [1.0, 0.4]], methods=["lerp", "geodesic"], controls=12
    )
    assert paths["geodesic"].chance_length is not None


def test_a_geodesic_tells_how_exact_it_is_and_what_chance_saves() -> None:
    ends = SPACE.sample(2, seed=1)
    found = analysis.geodesic(SPACE, *ends, data_weight=0, controls=3)
    known = [lw.Path(ends, method) for method in ("lerp", "slerp")]
    exact = [length_of(path) for path in (found.path, *known)]
    intervals = found.length_interval, found.lerp_interval, found.slerp_interval
    for length, (low, high) in zip(exact, intervals, strict=True):
        assert low <= length <= high
        assert high < 1.01 * low
    low, high = found.saving_interval
    assert low <= 1 - exact[0] / min(exact[1:]) <= high < low + 0.02
    pairs = drawn(SPACE, ends, 3, 0)
    alone = [analysis.geodesic(SPACE, *pair, data_weight=0) for pair in pairs]
    for chance, name in ((found.chance_saving, "saving"), (found.chance_length, "length")):
        values = sorted(getattr(one, name) for one in alone)
        assert chance == pytest.approx(values, rel=1e-4)
    assert alone[0].chance_saving is None
    assert "told with controls=8" in alone[0]._repr_html_()
    assert f"save {found.chance_saving[1]:.1%} (" in found._repr_html_()
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert written["saving_interval"] == [low, high]
    assert written["chance_saving"] == [*found.chance_saving]
    assert len(found.plot().axes[0].lines) == 1


# A geodesic through several anchors


def test_a_geodesic_through_several_anchors_is_one_after_another() -> None:
    found = analysis.compare_paths(SPACE, ANCHORS, methods=["geodesic"], controls=0, closed=True)
    path = found.paths["geodesic"]
    assert path.marks == pytest.approx([0, 1 / 3, 2 / 3])
    ring = [*ANCHORS, ANCHORS[0]]
    t = np.linspace(0, 1, 33)
    for i in range(3):
        alone = analysis.geodesic(SPACE, ring[i], ring[i + 1]).path
        assert path((i + t[1:-1]) / 3) == pytest.approx(alone(t[1:-1]), abs=2e-3)
    same = analysis.compare_paths(SPACE, ANCHORS[[0, 1, 1]], methods=["geodesic"], controls=0)
    assert same.paths["geodesic"](0.75) == pytest.approx(ANCHORS[1], abs=1e-6)
