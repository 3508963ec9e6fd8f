"""Labels in any form, read as attributes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import latentwidgets as lw
from latentwidgets.directions.labels import attributes_in


def test_what_labels_are_follows_from_their_dtype() -> None:
    n = 60
    labels = {
        "flag": np.arange(n) % 2 == 0,
        "number flag": np.arange(n) % 2.0,
        "sex": np.where(np.arange(n) % 2, "man", "woman"),
        "digit": np.arange(n) % 3,
        "age": np.arange(n),
        "size": np.linspace(0, 1, n),
        "colour": np.array(["red", "green", "blue"], object)[np.arange(n) % 3],
    }
    found = attributes_in(labels, n)
    assert {one.name: one.is_binary for one in found} == {
        "flag": True,
        "number flag": True,
        "sex: woman": True,
        "digit: 0": True,
        "digit: 1": True,
        "digit: 2": True,
        "age": False,
        "size": False,
        "colour: blue": True,
        "colour: green": True,
        "colour: red": True,
    }
    assert len(attributes_in(labels, n, {"digit": "continuous"})) == len(found) - 2
    assert len(attributes_in(np.arange(n) % 3, n, "classes")) == 3
    assert [one.name for one in attributes_in(np.zeros((n, 2)) + [[0], [1]] * 30, n)] == [
        "label 0",
        "label 1",
    ]


def test_a_frame_brings_its_columns() -> None:
    class Frame:
        columns = ("a", "b")

        def __getitem__(self, name: str) -> NDArray[Any]:
            return np.arange(10) % 2 if name == "a" else np.linspace(0, 1, 10)

    assert [one.name for one in attributes_in(Frame(), 10)] == ["a", "b"]


def test_missing_entries_do_not_change_what_labels_are() -> None:
    ages = np.array([None, *np.linspace(0, 1, 59)], object)
    flags = np.array([None, *(np.arange(59) % 2 == 0)], object)
    masked = np.ma.masked_array(np.arange(60.0), mask=np.arange(60) < 30)
    found = attributes_in({"age": ages, "flag": flags, "masked": masked}, 60)
    assert [(one.name, one.is_binary, len(one.rows)) for one in found] == [
        ("age", False, 59),
        ("flag", True, 59),
        ("masked", False, 30),
    ]
    with pytest.raises(lw.LatentValueError, match="two labels have one name"):
        attributes_in({1: np.arange(60), "1": np.arange(60)}, 60)
    with pytest.raises(lw.LatentTypeError, match="complex128"):
        attributes_in({"a": np.ones(60, complex)}, 60)


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_lists_may_hold_what_is_missing(missing: Any) -> None:
    labels = {
        "colour": ["red", "blue", missing] * 20,
        "digit": [0, 1, 2, missing] * 15,
        "flag": [True, False, missing] * 20,
    }
    assert [one.name for one in attributes_in(labels, 60)] == [
        "colour: red",
        "digit: 0",
        "digit: 1",
        "digit: 2",
        "flag",
    ]


def test_floats_of_which_some_are_missing_may_be_whole_numbers() -> None:
    missing = np.arange(90) % 9 == 0
    labels = {
        "digit": np.where(missing, np.nan, np.arange(90) % 4),
        "age": np.where(missing, np.nan, 20 + np.arange(90) % 60),
        "size": np.where(missing, np.nan, np.arange(90) % 4 / 2),
        "amount": np.arange(90) % 4.0,
    }
    found = attributes_in(labels, 90)
    assert [one.name for one in found] == [
        *(f"digit: {i}" for i in range(4)),
        "age",
        "size",
        "amount",
    ]
    assert found[4].counts == {"samples": 80}
    assert len(attributes_in({"digit": labels["digit"]}, 90, "continuous")) == 1


def test_labels_of_pandas_are_read_as_they_are_meant() -> None:
    rng = np.random.default_rng(2)
    latents = rng.normal(size=(120, 4))
    frame = pd.DataFrame(
        {
            "smile": pd.array(latents[:, 0] > 0, dtype="boolean"),
            "age": latents[:, 1] * 10 + 40,
            "colour": pd.Categorical(np.where(latents[:, 2] > 0, "red", "blue")),
            "count": pd.array(rng.integers(0, 2, 120), dtype="Int64"),
        },
        index=[f"face {i}" for i in range(120)],
    )
    frame.loc["face 3", "smile"] = pd.NA
    frame.loc["face 4", "age"] = np.nan
    found = lw.probe_directions(latents, frame, shuffles=0, bootstraps=0)
    assert found.names == ("smile", "age", "colour: red", "count")
    assert found["smile"].evidence.counts == {
        "positive": int(frame["smile"].sum()),
        "negative": 119 - int(frame["smile"].sum()),
    }
    assert found["age"].evidence.score_name == "R²"
    assert [abs(found[name].vector).argmax() for name in ("smile", "age", "colour: red")] == [
        0,
        1,
        2,
    ]
    [series] = lw.probe_directions(latents, frame["age"], shuffles=0, bootstraps=0)
    assert series.name == "age"
    np.testing.assert_allclose(series.vector, found["age"].vector)
