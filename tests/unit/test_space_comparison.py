"""`compare_spaces`: alignment by its definition, neighbours, chance, probes, refusals."""

from __future__ import annotations

import itertools
import json
import tracemalloc
from typing import Any

import numpy as np
import pytest
from scipy.spatial.distance import cdist

import latentwidgets as lw
from latentwidgets.analysis import kernel_alignment
from latentwidgets.analysis.kernel_alignment import Alignment
from tests.unit.spaces import logit, sigmoid

RNG = np.random.default_rng(0)
A = RNG.normal(size=(300, 6)) * np.linspace(2, 0.5, 6) + 50
B = np.concatenate([A[:, :3] @ RNG.normal(size=(3, 5)), RNG.normal(size=(300, 4))], axis=1)
analysis: Any = lw.analysis


def hsic(a: Any, b: Any) -> float:
    """Average over all i, j, q and r that differ, as HSIC is defined (Gretton et al. 2005)."""
    k, el = a @ a.T, b @ b.T
    four = itertools.permutations(range(len(a)), 4)
    return float(np.mean([k[i, j] * (el[i, j] + el[q, r] - 2 * el[i, q]) for i, j, q, r in four]))


@pytest.mark.parametrize("long", [1, 128])
def test_alignment_is_that_of_its_definition(long: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_alignment, "LONG", long)
    made = Alignment(A, B)
    for first, second in RNG.permutation(300)[:40].reshape(2, 2, 10):
        a, b = A[first], B[second]
        expected = hsic(a, b) / np.sqrt(hsic(a, a) * hsic(b, b))
        assert made(first, second) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_alignment_has_no_bias() -> None:
    """Of latents longer than there are items, the plain estimate is near 1."""
    found = []
    for seed in range(50):
        rng = np.random.default_rng(seed)
        a, b = rng.normal(size=(2, 40, 200))
        every = np.arange(40)
        found.append(Alignment(a, b)(every, every))
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(50)


def test_spaces_that_differ_by_rotation_and_scale_are_one() -> None:
    turned = 7 * A @ np.linalg.qr(RNG.normal(size=(6, 6)))[0] - 3
    found = analysis.compare_spaces(A, turned)
    assert found.cka == pytest.approx(1)
    assert found.overlap == 1
    assert found.warning is None
    assert found.cka_interval == pytest.approx((1, 1))


def test_numbers_of_spaces_that_share_a_part() -> None:
    found = analysis.compare_spaces(A, B, k=5)
    every = np.arange(300)
    assert found.cka == pytest.approx(Alignment(A, B)(every, every), rel=1e-5)
    near = [np.argsort(cdist(one, one) + 1e9 * np.eye(300), axis=1)[:, :5] for one in (A, B)]
    for mine, theirs in zip(found.neighbours, near, strict=True):
        np.testing.assert_array_equal(np.sort(mine), np.sort(theirs))
    shares = [len({*one} & {*other}) / 5 for one, other in zip(*near, strict=True)]
    np.testing.assert_allclose(found.overlaps, shares)
    assert found.overlap_chance == pytest.approx(5 / 299)
    assert found.overlap_interval[0] < found.overlap < found.overlap_interval[1]
    assert found.cka_interval[0] < found.cka < found.cka_interval[1]
    assert found.cka > found.cka_chance[1]
    assert abs(found.cka_chance[0]) < 0.01
    assert found.overlaps[found.changed[0]] == min(shares)


def test_items_whose_neighbours_changed_come_first() -> None:
    moved = A.copy()
    moved[[10, 90]] = A[[200, 150]] + 0.01
    found = analysis.compare_spaces(A, moved)
    assert {*found.changed[:2]} == {10, 90}


def test_items_in_another_order_are_doubted() -> None:
    found = analysis.compare_spaces(A, B[RNG.permutation(300)])
    assert found.overlap < 0.1
    assert "are the items in the same order?" in found.warning
    assert "are the items in the same order?" in found._repr_html_()


def test_probes_stand_side_by_side() -> None:
    kinds = A[:, 0] > 50
    found = analysis.compare_spaces(
        A, B, labels={"large": kinds, "noise": RNG.integers(0, 2, 300)}, names=["first", "second"]
    )
    mine = analysis.probe_report(A, {"large": kinds})
    assert found.probes["large"][0].linear.score == pytest.approx(mine.linear.score, abs=0.005)
    first, second = found.probes["large"]
    assert first.linear.score > 0.9
    assert first.latents == second.latents == 300
    table = found._repr_html_()
    assert "large, linear: first" in table
    assert len(found.plot().axes) == 2
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert written["probes"]["noise"][1]["score_name"] == "accuracy"


def test_two_spaces_encode_the_same_items() -> None:
    images = sigmoid(RNG.normal(size=(60, 5)).astype(np.float32))
    decoded: list[int] = []

    def noted(z: np.ndarray) -> Any:
        decoded.append(len(z))
        return sigmoid(z)

    one = lw.LatentSpace(noted, 5, logit, value_range=(0, 1), name="one")
    two = lw.LatentSpace(
        lambda z: sigmoid(z[:, ::-1] / 2),
        5,
        lambda x: 2 * logit(x)[:, ::-1],
        value_range=(0, 1),
        name="two",
    )
    found = analysis.compare_spaces(one, two, items=images, k=3)
    assert found.names == ("one", "two")
    assert found.cka == pytest.approx(1, abs=1e-5)
    assert analysis.compare_spaces(one, one, items=images, k=3).names == ("a", "b")


def test_paths_and_decodes_stand_side_by_side() -> None:
    images = sigmoid(RNG.normal(size=(60, 5)).astype(np.float32))
    decoded: list[int] = []

    def noted(z: np.ndarray) -> Any:
        decoded.append(len(z))
        return sigmoid(z)

    one = lw.LatentSpace(noted, 5, logit, value_range=(0, 1), name="one")
    two = lw.LatentSpace(
        lambda z: sigmoid(z[:, ::-1] / 2),
        5,
        lambda x: 2 * logit(x)[:, ::-1],
        value_range=(0, 1),
        name="<two>",
    )
    found = analysis.compare_spaces(one, two, items=images, k=3, paths=1)
    [path] = found.paths
    latents = one.encode(images)[list(path.items)]
    alone = analysis.smoothness(one, lw.Path(latents, "lerp"), n=32, controls=0)
    assert path.found[0].peak == pytest.approx(alone.peak)
    # Both decode the same pictures along the way.
    assert path.found[1].length == pytest.approx(path.found[0].length, rel=1e-3)
    decoded.clear()
    table = found._repr_html_()
    assert decoded == [10 * 4], "all that is shown at once"
    assert found._repr_html_() == table
    assert len(decoded) == 1, "it is kept"
    assert f"path {path.items[0]} to {path.items[1]}, largest / mean speed: one" in table
    # A click opens both decodes of an item, with no kernel behind it.
    for item in found.changed[:10]:
        assert table.count(f"<summary>item {item}: ") == 1
    assert table.count("<details>") == 10
    assert table.count("data:image/png;base64,") == 20
    assert "<two>" not in table
    shown = found.show(17)
    assert (shown.item, [len(near) for near in shown.neighbours]) == (17, [3, 3])
    assert all(picture.startswith(b"\x89PNG") for picture in shown.pictures)
    assert [ax.get_title("left") for ax in shown.plot().axes] == ["one", "<two>"]
    written = json.loads(json.dumps(shown.to_dict()))
    assert written == {
        "item": 17,
        "names": ["one", "<two>"],
        "neighbours": [one.tolist() for one in shown.neighbours],
    }
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["paths"][0]["items"]
    with pytest.raises(lw.LatentValueError, match="item 60 is not among the 60"):
        found.show(60)
    with pytest.raises(lw.LatentValueError, match="latents were compared, which nothing decodes"):
        analysis.compare_spaces(A, B).show(0)


def test_of_very_many_items_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latentwidgets.analysis.space_comparison.MOST", 100)
    found = analysis.compare_spaces(A, B, k=5)
    assert len(found.items) == 100
    assert {*found.neighbours[0].ravel()} <= {*found.items}


def test_neighbours_are_no_more_than_the_items_that_are_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("latentwidgets.analysis.space_comparison.MOST", 100)
    with pytest.raises(lw.LatentValueError, match="300 items, of which 100 are compared, and k is"):
        analysis.compare_spaces(A, B, k=99)
    # So many are the same wherever nearly all others are neighbours.
    assert analysis.compare_spaces(A, B, k=98).overlap > 0.97


def test_memory_does_not_grow_with_the_square_of_the_neighbours() -> None:
    rng = np.random.default_rng(0)
    tracemalloc.start()
    analysis.compare_spaces(*rng.normal(size=(2, 1500, 3)), k=500)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 1500 * 500 * 200  # and not 1,500 times 500 times 500


def test_many_items_may_be_the_same() -> None:
    same = np.repeat(A[:20], 15, axis=0)
    found = analysis.compare_spaces(same, same, k=4)
    for i, row in enumerate(found.neighbours[0]):
        assert i not in row


def test_a_result_is_shown_drawn_and_written() -> None:
    found = analysis.compare_spaces(A, B)
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert len(written["changed"]) == 300
    assert "same of 10 neighbours" in found._repr_html_()
    assert len(found.plot().axes) == 1


def test_constant_columns_change_nothing() -> None:
    wide = [np.insert(one, 2, 7.0, axis=1) for one in (A, B)]
    kinds = A[:, 0] > 50
    found, plain = (analysis.compare_spaces(*some, labels=kinds) for some in (wide, (A, B)))
    assert found.cka == pytest.approx(plain.cka, rel=1e-5)
    assert found.cka_interval == pytest.approx(plain.cka_interval, rel=1e-5)
    np.testing.assert_array_equal(found.neighbours, plain.neighbours)
    [(mine, _)], [(theirs, _)] = found.probes.values(), plain.probes.values()
    assert mine.linear.score == pytest.approx(theirs.linear.score, abs=0.005)


SPACE = lw.LatentSpace(sigmoid, 5, logit, value_range=(0, 1))


@pytest.mark.parametrize(
    ("a", "b", "options", "words"),
    [
        (A, B[:299], {}, "a has 300 latents and b has 299; expected those of the same items"),
        (A[:8], B[:8], {}, "there are 8 items and k is 10.*Pass more items.$"),
        (A, B, {"k": 299}, "there are 300 items and k is 299.*Pass more items, or k=298 or less"),
        (A, np.ones((300, 2)), {}, "all 300 latents of b are the same"),
        ((row for row in A), B, {}, "latents of a are a generator"),
        (
            SPACE,
            lw.LatentSpace(np.tanh, 5, np.tanh, kind="curve", name="curves"),
            {"items": sigmoid(np.eye(12, 5, dtype="f4"))},
            "b, the space curves, does not take these items.*Spaces of different data",
        ),
        (A, A * np.nan, {}, "NaN or infinity"),
        (SPACE, SPACE, {}, "there are no items.*Pass items="),
        (A, B, {"items": [1]}, "a are latents, and there are items"),
        (
            SPACE,
            lw.LatentSpace(sigmoid, 5),
            {"items": sigmoid(np.eye(12, 5, dtype="f4"))},
            "has no encoder",
        ),
        (A, B, {"names": ["x", "x"]}, "expected two that differ"),
        (A, B, {"labels": np.ones(3)}, "there are 300 latents"),
    ],
)
def test_what_cannot_be_compared_is_refused(a: Any, b: Any, options: Any, words: str) -> None:
    with pytest.raises(lw.LatentWidgetsError, match=words):
        analysis.compare_spaces(a, b, **options)


@pytest.mark.parametrize(
    "items",
    [
        np.where(np.eye(12, 5) > 2, 1, np.append([np.nan], np.full(59, 0.5)).reshape(12, 5)),
        [],
        np.full(5, 0.5),
        [[0.5] * 5] * 11 + [None],
        [object()] * 12,
    ],
    ids=["NaN", "none", "one item", "a None", "objects"],
)
def test_items_that_no_space_takes_are_refused_as_encode_does(items: Any) -> None:
    with pytest.raises(lw.LatentWidgetsError) as alone:
        analysis.compare_spaces(SPACE.encode(items), A[: len(items)])
    with pytest.raises(lw.LatentWidgetsError) as found:
        analysis.compare_spaces(SPACE, SPACE, items=items)
    assert type(found.value) is type(alone.value)
    assert "Spaces of different data" not in str(found.value)


def test_items_may_come_one_after_another() -> None:
    items = sigmoid(RNG.normal(size=(30, 5)).astype(np.float32))
    found = analysis.compare_spaces(SPACE, SPACE, items=(one for one in items))
    assert found.overlap == 1
