"""What points are coloured by: classes, amounts, clusters, density."""

from __future__ import annotations

import numpy as np
import pytest

from latentwidgets.widgets.map.coloring import CLASSES, GREY, by_density, by_groups, by_values
from latentwidgets.widgets.map.groups import Groups, KeptClusters

RNG = np.random.default_rng(0)


def test_few_whole_numbers_and_texts_are_classes() -> None:
    for values in (np.array([3, 1, 3, 2]), np.array(["c", "a", "c", "b"], object)):
        found = by_values(values)
        assert found.codes.tolist() == [2, 0, 2, 1]
        assert [entry["count"] for entry in found.legend["entries"]] == [1, 1, 2]
        assert found.colors[:3] == CLASSES[:3]


def test_truth_values_are_two_classes() -> None:
    found = by_values(np.array([True, False, True]))
    assert [entry["name"] for entry in found.legend["entries"]] == ["False", "True"]


def test_missing_labels_are_grey() -> None:
    found = by_values(np.array(["x", None, float("nan"), "y"], object))
    assert found.colors[found.codes[1]] == found.colors[found.codes[2]] == GREY
    assert found.legend["entries"][-1] == {
        "name": "no label",
        "color": GREY,
        "code": 2,
        "count": 2,
        "rest": True,
    }


def test_of_too_many_classes_the_most_frequent_keep_a_colour() -> None:
    names = np.array([f"word {i}" for i in range(100)] + ["word 99"] * 3, object)
    found = by_values(names)
    assert len(found.legend["entries"]) == len(CLASSES) + 1
    assert found.legend["entries"][-1]["name"] == f"{100 - len(CLASSES)} more classes"
    assert sum(entry["count"] for entry in found.legend["entries"]) == len(names)
    assert found.colors[found.codes[99]] != GREY


def test_texts_beside_numbers_are_classes() -> None:
    found = by_values(np.array([1, "one", 1], object))
    assert [entry["name"] for entry in found.legend["entries"]] == ["1", "one"]


def test_other_numbers_are_amounts_without_their_wild_ends() -> None:
    values = np.concatenate([np.linspace(0, 10, 1000), [1e9, np.nan, np.inf]])
    found = by_values(values)
    assert (np.diff(found.codes[:1000].astype(int)) >= 0).all()
    assert len(set(found.codes[:1000].tolist())) > 100
    assert found.colors[found.codes[1001]] == found.colors[found.codes[1002]] == GREY
    assert found.codes[1000] == found.codes[999]
    assert float(found.legend["low"]) == pytest.approx(0.1, abs=0.05)
    assert found.legend["note"] == "1 with no label and 1 infinite are grey"


def test_no_label_at_all_is_grey() -> None:
    found = by_values(np.full(4, np.nan))
    assert {found.colors[code] for code in found.codes} == {GREY}


def test_density_is_highest_where_most_points_are() -> None:
    points = np.concatenate([RNG.normal(size=(500, 2)), RNG.uniform(-20, 20, (100, 2))])
    codes = by_density(points).codes.astype(float)
    assert np.median(codes[:500]) > np.median(codes[500:]) + 30
    assert by_density(np.zeros((4, 2))).codes.max() < len(by_density(np.zeros((4, 2))).colors)


def test_clusters_are_found_in_the_latents_largest_first() -> None:
    centers = np.array([[0, 0, 0], [30, 0, 0], [0, 0, 30]], np.float32)
    which = np.repeat([0, 1, 2], [10, 50, 20])
    latents = (centers[which] + RNG.normal(size=(80, 3))).astype(np.float32)
    groups = Groups(3, KeptClusters(latents, seed=0))
    found = by_groups(groups.which(), groups.names)
    assert [entry["count"] for entry in found.legend["entries"]] == [50, 20, 10]
    assert (found.codes == np.array([2, 0, 1])[which]).all()
    again = Groups(3, KeptClusters(latents, seed=0))
    assert (again.which() == groups.which()).all()
    few = Groups(8, KeptClusters(latents[:2], seed=0))
    assert len(by_groups(few.which(), few.names).legend["entries"]) == 2


def test_the_texts_of_the_ends_can_be_told_apart() -> None:
    assert by_values(np.linspace(1000.01, 1000.04, 30)).legend == {
        "low": "1000.01",
        "high": "1000.04",
    }
    assert by_values(np.linspace(2000.2, 2003.4, 30)).legend == {"low": "2000", "high": "2003"}
    assert by_values(np.append(np.zeros(500), [0.5, 1.5, 2.5])).ends == (0, 2.5)
    below = by_values(np.append(np.full(500, 5.0), [1.5, 2.5]))
    assert below.ends == (1.5, 5)
    assert len({*below.codes.tolist()}) == 3
    assert by_values(np.full(30, 3.5)).ends == (3.5, 3.5)
    assert by_values(np.array(["a", "b"])).ends is None


def test_every_colour_is_seen_on_a_light_ground_and_on_a_dark_one() -> None:
    amounts, classes = by_values(np.linspace(0, 1, 500)), by_values(np.arange(20))
    for color in {*amounts.colors, *classes.colors, *CLASSES, GREY}:
        assert contrast(color, "#ffffff") >= 3, color
        assert contrast(color, "#212121") >= 3, color


def test_colours_of_classes_can_be_told_apart_without_red_and_green() -> None:
    # As a person without the pigment for green sees them, linear red, green and blue: Machado 2009.
    without = [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]
    seen = np.array([linear(color) @ np.transpose(without) for color in (*CLASSES, GREY)])
    apart = np.linalg.norm(np.cbrt(seen)[:, np.newaxis] - np.cbrt(seen), axis=2)
    assert apart[~np.eye(len(seen), dtype=bool)].min() > 0.06


def linear(color: str) -> np.ndarray:
    """Red, green and blue of "#rrggbb" as shares of their light."""
    shares = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 has it, from 1 to 21."""
    light = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)
