"""Tables as people have them: each column is judged alone, and one line names what is left out."""

from __future__ import annotations

import copy
import pickle
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import latentwidgets as lw
from latentwidgets.engine import ordinary_of
from latentwidgets.widgets.map.coloring import by_values

RNG = np.random.default_rng(0)
LATENTS = RNG.normal(size=(300, 6)).astype(np.float32)
QUICK: dict[str, Any] = {"shuffles": 0, "bootstraps": 0}
GOOD = np.where(LATENTS[:, 0] > 0, "yes", "no")
ROWS = np.arange(300)
# What no direction can be found for, and what is said of it.
BAD: dict[str, tuple[Any, str]] = {
    "file": ([f"{i}.jpg" for i in ROWS], "'file' has 300 classes, more than 100"),
    "constant": (np.ones(300), "'constant' is 1.0 everywhere; a direction needs two values"),
    "rare": (ROWS < 3, "'rare' has 3 positive samples; 5 folds need 5"),
    "common": (ROWS >= 2, "'common' has 2 negative samples; 5 folds need 5"),
    "empty": (np.full(300, np.nan), "'empty' has no label that is not missing"),
    "few": (np.where(ROWS < 9, ROWS / 7, np.nan), "'few' "),
    "mixed": ([1, "a", 2.5] * 100, "'mixed' has labels of several types"),
    "day": (pd.date_range("2020-01-01", periods=300), "'day' has 300 classes, more than 100"),
    "far": (ROWS * 1e200, "'far' reaches from 0 to 2.99e+202"),
    "endless": (np.where(ROWS == 3, np.inf, ROWS / 7), "'endless' holds infinity"),
    "pairs": ([f"p{i // 4}" for i in ROWS], "'pairs' has 75 classes, none of which"),
}
FINDS: list[Callable[..., Any]] = [lw.probe_directions, lw.difference_directions]


def found_and_told(find: Callable[..., Any], labels: Any, **options: Any) -> tuple[Any, list[str]]:
    """Find directions, and give their names and what is warned of."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        names = find(LATENTS, labels, **QUICK, **options).names
    for one in said:
        assert one.filename == __file__, "a warning points at the person's own line"
    return names, [str(one.message) for one in said]


@pytest.mark.parametrize("find", FINDS)
@pytest.mark.parametrize("name", BAD)
def test_a_column_that_cannot_be_used_is_left_out_and_named(find: Any, name: str) -> None:
    values, reason = BAD[name]
    names, [told] = found_and_told(find, {name: values, "good": GOOD})
    assert names == ("good: yes",)
    assert told.startswith("Left out: ")
    assert reason in told
    with pytest.raises(lw.LatentValueError, match=f"{name!r} "):
        find(LATENTS, {name: values}, **QUICK)


@pytest.mark.parametrize("find", FINDS)
def test_one_line_names_all_of_them(find: Any) -> None:
    frame = pd.DataFrame({name: pd.Series(values) for name, (values, _) in BAD.items()})
    names, [told] = found_and_told(find, frame.assign(good=GOOD))
    assert names == ("good: yes",)
    for name in BAD:
        assert f"{name!r} " in told
    with pytest.raises(lw.LatentValueError, match="no label can be used") as refused:
        find(LATENTS, frame, **QUICK)
    for name in BAD:
        assert f"{name!r} " in str(refused.value)


def test_a_class_of_three_does_not_stop_the_others() -> None:
    breed = np.where(ROWS < 3, "akita", np.where(ROWS % 2, "beagle", "corgi"))
    names, [told] = found_and_told(lw.probe_directions, {"breed": breed})
    assert names == ("breed: beagle", "breed: corgi")
    assert told == "Left out: 'breed: akita' has 3 positive samples; 5 folds need 5."
    breed[3:5] = "dingo"
    names, [told] = found_and_told(lw.probe_directions, {"breed": breed})
    assert names == ("breed: beagle", "breed: corgi")
    assert "'breed: akita' has 3 positive" in told
    assert "nor can 1 more class of 'breed' be used" in told


def test_what_does_not_fit_the_method_is_left_out_too() -> None:
    age = LATENTS[:, 1]
    names, [told] = found_and_told(lw.difference_directions, {"age": age, "good": GOOD})
    assert names == ("good: yes",)
    assert "'age' is continuous; a difference is between groups" in told
    names, [told] = found_and_told(
        lw.probe_directions, {"age": age, "good": GOOD}, estimator=LogisticRegression()
    )
    assert names == ("good: yes",)
    assert "'age' is continuous, and LogisticRegression tells classes" in told


def test_a_label_whose_latents_are_all_the_same_is_left_out() -> None:
    latents = LATENTS.copy()
    latents[:100] = latents[0]
    labels = {"same": [i % 2 if i < 100 else None for i in ROWS], "good": GOOD}
    for find in FINDS:
        with pytest.warns(UserWarning, match="'same'"):
            assert find(latents, labels, **QUICK).names == ("good: yes",)


def test_nothing_is_said_where_nothing_is_left_out() -> None:
    for find in FINDS:
        assert found_and_told(find, {"good": GOOD}) == (("good: yes",), [])


@pytest.mark.parametrize("find", FINDS)
@pytest.mark.slow
def test_memory_is_linear_in_rows(find: Any) -> None:
    def peak(rows: int) -> int:
        latents = RNG.normal(size=(rows, 4)).astype(np.float32)
        labels = {
            "file": [f"{i}.jpg" for i in range(rows)],
            "pair": [f"p{i // 5}" for i in range(rows)],
            "good": latents[:, 0] > 0,
        }
        tracemalloc.start()
        with pytest.warns(UserWarning, match="'file'"):
            find(latents, labels, **QUICK)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(500)
    assert peak(16_000) < 6 * peak(4_000)


def test_long_names_and_values_are_shortened() -> None:
    _, [told] = found_and_told(lw.probe_directions, {"n" * 9999: ["v" * 9999] * 300, "good": GOOD})
    assert len(told) < 300


class Lost:
    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("the file is gone")


UNREAD = {"phase": np.exp(1j * ROWS), "lost": Lost(), "record": np.zeros(300, "f4,f4")}
USES: dict[str, Callable[[Any], Any]] = {
    "probes": lambda labels: lw.probe_directions(LATENTS, labels, **QUICK).names,
    "differences": lambda labels: lw.difference_directions(LATENTS, labels, **QUICK).names,
    "a map": lambda labels: [*(lw.LatentMap(None, LATENTS, labels).labels or ())],
    "clusters": lambda labels: lw.analysis.clusters(LATENTS, labels=labels, count=3, halves=2),
    "an explorer": lambda labels: lw.explore(
        lw.LatentSpace(lambda z: z.reshape(-1, 2, 3), 6, value_range=(-3, 3)), LATENTS, labels
    ),
    "two spaces": lambda labels: [
        *lw.analysis.compare_spaces(LATENTS, LATENTS[:, :4], labels=labels).probes
    ],
}


@pytest.mark.parametrize("use", USES)
def test_a_column_that_cannot_be_read_is_left_out_and_named(use: str) -> None:
    with pytest.warns(UserWarning, match="Left out: ") as said:
        USES[use]({**UNREAD, "good": GOOD})
    [told] = [str(one.message) for one in said if "Left out" in str(one.message)]
    assert (
        "labels 'phase' are an array of complex128; expected truth values, numbers or tex" in told
    )
    assert "labels 'lost' are no array: the file is gone" in told
    assert "labels 'record' are an array of [('f0', '<f4'), ('f1', '<f4')]" in told
    with pytest.raises(lw.LatentTypeError, match="'phase' are an array of complex128"):
        USES[use]({"phase": UNREAD["phase"]})


def test_two_spaces_are_compared_by_the_columns_that_can_be_used() -> None:
    bad = {name: BAD[name][0] for name in ("constant", "file", "mixed")}
    with pytest.warns(UserWarning, match="Left out: ") as said:
        found = USES["two spaces"]({"phase": UNREAD["phase"], **bad, "good": GOOD})
    assert found == ["good"]
    [told] = [str(one.message) for one in said]
    for name in ("phase", *bad):
        assert f"'{name}' " in told
    with pytest.raises(lw.LatentValueError, match="'constant' has 1 value"):
        USES["two spaces"](bad)


def test_labels_that_can_be_read_are_kept_beside_those_that_cannot() -> None:
    space = lw.LatentSpace(lambda z: z.reshape(-1, 2, 3), 6, value_range=(-3, 3))
    known = ordinary_of(space, LATENTS, {**UNREAD, "good": GOOD})
    assert [*known.labels] == ["good"]


def test_a_table_with_a_complex_column_beside_its_embeddings() -> None:
    frame = pd.DataFrame({"vector": [*LATENTS], "phase": UNREAD["phase"], "good": GOOD})
    with pytest.warns(UserWarning, match="Left out: labels 'phase' are an array of complex128"):
        board = lw.explore(frame)
    assert [*board.parts["map"].labels] == ["good"]
    board.close()


class Contrary:
    def __lt__(self, other: object) -> bool:
        raise RuntimeError("no order. None at all.")


class Unequal:
    """Whatever it is compared with, it raises."""

    def __lt__(self, other: object) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        raise OSError("gone")

    __hash__ = None  # type: ignore[assignment]


JUDGES: dict[str, Any] = {
    "probe": lambda labels: lw.probe_directions(LATENTS, labels, **QUICK),
    "difference": lambda labels: lw.difference_directions(LATENTS, labels, **QUICK),
    "report": lambda labels: lw.analysis.probe_report(LATENTS, labels),
    "mig": lambda labels: lw.analysis.mig(LATENTS, labels),
}


@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES)
@pytest.mark.parametrize("one", [Contrary, Unequal, lambda: 1 + 2j])
def test_labels_that_cannot_be_compared_are_said_to_be_that(judge: Any, one: Any) -> None:
    odd = np.empty(300, object)
    odd[:] = [one() for _ in range(300)]
    with pytest.raises(lw.LatentValueError) as error:
        judge({"odd": odd})
    assert "several types" not in str(error.value)
    words = {Contrary: "RuntimeError: no order. None at all", Unequal: "OSError: gone"}
    assert words.get(one, "complex") in str(error.value)


@pytest.mark.parametrize("judge", [*JUDGES.values()][:2], ids=[*JUDGES][:2])
def test_labels_that_cannot_be_compared_are_left_out(judge: Any) -> None:
    with pytest.warns(
        UserWarning, match="Left out: 'odd' has labels that cannot be compared: Runt"
    ):
        judge({"odd": [Contrary() for _ in range(300)], "good": GOOD})


def test_what_is_left_out_is_told_whole_although_its_name_has_a_full_stop() -> None:
    labels = {"Dr. No": UNREAD["phase"], "Mr. A": [1.5] * 300, "good": GOOD}
    for use in (lw.probe_directions, lw.difference_directions):
        with pytest.warns(UserWarning, match="Left out: ") as said:
            use(LATENTS, labels, **QUICK)
        [told] = [str(one.message) for one in said if "Left out" in str(one.message)]
        assert "'Mr. A' is 1.5 everywhere" in told
        assert "labels 'Dr. No' are an array of complex128; expected" in told
    with pytest.warns(UserWarning, match="Left out: ") as said:
        lw.analysis.compare_spaces(LATENTS, LATENTS[::-1].copy(), labels=labels)
    [told] = [str(one.message) for one in said if "Left out" in str(one.message)]
    assert "'Mr. A' has 1 value; expected two or more" in told
    assert "labels 'Dr. No' are an array of complex128; expected" in told


def test_a_map_draws_labels_that_cannot_be_compared_as_classes() -> None:
    chart = lw.LatentMap(None, LATENTS, {"odd": [Contrary() for _ in range(300)]})
    assert len({*chart.labels["odd"]}) == 300
    chart.close()


def test_a_map_draws_classes_as_classes_although_some_have_no_label() -> None:
    """NaN makes floats of whole numbers; elsewhere, too, they stay classes."""
    whole = np.where(ROWS % 5 == 4, np.nan, ROWS % 5)
    found = by_values(whole)
    assert [one["name"] for one in found.legend["entries"]] == ["0", "1", "2", "3", "no label"]
    assert "low" in by_values(whole + 0.5).legend


def test_an_error_keeps_what_went_wrong_apart_from_the_way_out() -> None:
    error = lw.LatentValueError("there are 3. There should be 4", way="Add one.")
    assert str(error) == "there are 3. There should be 4. Add one."
    for one in (error, copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert one.clause == "there are 3. There should be 4"
        assert str(one) == str(error)
    assert lw.LatentTypeError("no way out.").clause == "no way out"
    assert str(lw.LatentWidgetsError()) == ""


def test_what_went_wrong_has_no_way_out_in_it() -> None:
    labels, hole = np.arange(300) % 3, np.where(ROWS[:, None] == 3, np.nan, LATENTS)
    demo: Any = lw.demo.digits()
    cases: list[tuple[Any, dict[str, Any], str, str]] = [
        (hole, {}, "float32 numbers", "Leave those out"),
        (demo, {}, "an array", "Pass its attr"),
        (LATENTS, {"sizes": [999]}, "held out", "Pass smaller"),
        (LATENTS, {"sizes": [2]}, "as vote", "Pass larger"),
    ]
    for latents, options, clause, way in cases:
        with pytest.raises(lw.LatentWidgetsError) as no:
            lw.analysis.probe_report(latents, labels, **options)
        assert no.value.clause.endswith(clause)
        assert str(no.value).startswith(f"{no.value.clause}. {way}")


def test_a_probe_of_labels_of_several_types_says_so_by_its_type() -> None:
    mixed = ["a", 1, 2.5, 3] * 75
    with pytest.raises(lw.LatentTypeError, match="several types, float and str. Make them one"):
        lw.analysis.probe_report(LATENTS, mixed)
