"""Tables as people have them: each column is judged alone, and one line names what is left out."""

from __future__ import annotations

import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import latentwidgets as lw

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
