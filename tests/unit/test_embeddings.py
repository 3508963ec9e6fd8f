"""Embeddings that nothing decodes, as an array or a table: what is taken for what."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import latentwidgets as lw
from latentwidgets.widgets.explorer.embeddings import Embeddings, embeddings_in
from tests.unit.page import Page

COUNT = 30
ROWS = np.random.default_rng(3).normal(size=(COUNT, 4)).astype(np.float32)
WORDS = [f"word {i}" for i in range(COUNT)]
KINDS = ["cat", "dog", "owl"] * 10


def wide(**more: Any) -> pd.DataFrame:
    numbers = pd.DataFrame(ROWS, columns=[f"x{i}" for i in range(4)])
    return numbers.assign(**more)


def taken(given: Any) -> Embeddings:
    found = embeddings_in(given)
    assert found is not None
    np.testing.assert_array_equal(found.latents, ROWS)
    return found


def names(found: Embeddings) -> Any:
    return found.space.decode(ROWS[[0, 7]])


@pytest.mark.parametrize(
    "given",
    [ROWS, ROWS.astype(float), torch.tensor(ROWS), pd.Series([*ROWS]), wide(), pd.DataFrame(ROWS)],
    ids=["float32", "float64", "tensor", "series", "table", "unnamed columns"],
)
def test_arrays_and_bare_tables_call_rows_by_their_number(given: Any) -> None:
    found = taken(given)
    assert names(found) == ["row 0", "row 7"]
    assert found.labels is None
    assert "Nothing decodes these 30 embeddings" in found.words


def test_a_table_calls_its_rows_and_labels_them() -> None:
    found = taken(wide(kind=KINDS, word=WORDS, age=range(COUNT)))
    assert names(found) == ["word 0", "word 7"]
    assert found.labels is not None
    assert {name: list(values) for name, values in found.labels.items()} == {
        "kind": KINDS,
        "age": [*range(COUNT)],
    }
    assert found.words.endswith(
        "Embeddings: 'x0', 'x1', 'x2' and 1 more. Rows are called by 'word'. Labels: 'kind', 'age'."
    )


def test_a_column_of_arrays_is_the_embeddings_and_numbers_are_labels() -> None:
    table = pd.DataFrame({"age": ROWS[:, 0], "size": ROWS[:, 1], "vector": [*ROWS]}, index=WORDS)
    found = taken(table)
    assert names(found) == ["word 0", "word 7"]
    assert found.labels is not None
    assert list(found.labels) == ["age", "size"]
    with pytest.warns(lw.GuessWarning, match="'vector', 'other' hold arrays; the first is taken"):
        found = taken(table.assign(other=table["vector"]))
    assert found.labels is not None
    assert list(found.labels) == ["age", "size"]


def test_a_float_of_another_name_is_a_label_where_most_are_alike() -> None:
    found = taken(wide(age=ROWS[:, 0] * 2))
    assert found.labels is not None
    assert list(found.labels) == ["age"]


def test_whole_numbers_are_embeddings_where_there_are_no_floats() -> None:
    pixels = np.arange(60).reshape(20, 3)
    table = pd.DataFrame(pixels, columns=["p0", "p1", "p2"]).assign(digit=7)
    found = embeddings_in(table)
    assert found is not None
    np.testing.assert_array_equal(found.latents, pixels)
    assert found.labels is not None
    assert list(found.labels) == ["digit"]


def test_where_names_do_not_tell_it_warns() -> None:
    table = pd.DataFrame(ROWS, columns=["age", "size", "weight", "pulse"])
    with pytest.warns(lw.GuessWarning, match="'age', 'size', 'weight' and 1 more are all taken"):
        taken(table)


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_row_without_a_name_has_an_empty_one(missing: Any) -> None:
    assert names(taken(wide(word=[missing, *WORDS[1:]]))) == ["", "word 7"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (pd.DataFrame({"kind": KINDS, "age": range(COUNT)}), "'kind', 'age', and no embeddings"),
        (np.ones(5), r"shape \(5,\); expected one a row"),
        (np.ones((5, 2, 2)), r"shape \(5, 2, 2\); expected one a row"),
        (pd.Series([[1.0, 2.0], [3.0]]), "embeddings are no array"),
        (wide(x5=[np.nan] * COUNT), "NaN"),
    ],
)
def test_what_holds_no_embeddings_is_refused(given: Any, message: str) -> None:
    with pytest.raises((lw.LatentValueError, lw.LatentTypeError), match=message):
        lw.explore(given)


@pytest.mark.parametrize("given", [np.square, "text", lw.LatentSpace(np.square, 2), None])
def test_anything_else_is_none(given: Any) -> None:
    assert embeddings_in(given) is None


def test_embeddings_are_explored_without_another_argument() -> None:
    explorer = lw.explore(wide(kind=KINDS, word=WORDS))
    assert set(explorer.parts) == {"map", "grid", "editor", "path"}
    assert list(explorer.map.labels) == ["kind"]
    assert "kind: owl" in explorer.editor.directions.names
    assert explorer.path.space.decode(explorer.path.anchors) == WORDS[:3]
    assert "Nothing decodes these 30 embeddings" in Page(explorer.comm).state["_note"]
    bare = lw.explore(ROWS, labels=KINDS)
    assert list(bare.map.labels) == ["label"]


@pytest.mark.parametrize("given", [ROWS, wide()])
@pytest.mark.parametrize(
    ("labels", "name"),
    [(KINDS, "label"), (np.arange(COUNT) % 3, "label"), (pd.Series(KINDS, name="kind"), "kind"),
     ({"kind": KINDS}, "kind"), (pd.DataFrame({"kind": KINDS}), "kind")],
)  # fmt: skip
def test_labels_may_follow_embeddings(given: Any, labels: Any, name: str) -> None:
    explorer = lw.explore(given, labels, parts=["map"])
    named = lw.explore(given, labels=labels, parts=["map"])
    assert list(explorer.map.labels) == list(named.map.labels) == [name]
    assert (explorer.map.latents == named.map.latents).all()


def test_embeddings_are_their_own_data() -> None:
    with pytest.raises(lw.LatentValueError, match=r"Leave data out: lw\.explore\(embeddings, lab"):
        lw.explore(ROWS, ROWS, KINDS)


OTHERS = np.random.default_rng(4).normal(size=(COUNT, 4)).astype(np.float32)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ROWS, OTHERS),
        (torch.tensor(ROWS), OTHERS),
        (wide(), pd.DataFrame(OTHERS, columns=[*wide()])),
        (wide(kind=KINDS), wide(kind=KINDS)),
        (wide(kind=KINDS), OTHERS),
    ],
)
def test_a_second_table_is_not_taken_for_labels(one: Any, other: Any) -> None:
    with pytest.raises(lw.LatentValueError, match="two tables of embeddings came, of 4 numbers"):
        lw.explore(one, other)


@pytest.mark.parametrize("labels", [OTHERS[:, :2], OTHERS > 0, pd.DataFrame(OTHERS)])
def test_columns_that_are_no_such_table_are_labels(labels: Any) -> None:
    assert len(lw.explore(wide(), labels, parts=["map"]).map.labels) == labels.shape[1]


def test_a_class_that_as_space_was_taught_is_no_table() -> None:
    class Drawn:
        """Holds numbers, too."""

        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            return ROWS

    @lw.as_space.register(Drawn)
    def _(given: Drawn, **options: Any) -> lw.LatentSpace:
        return lw.LatentSpace(lambda z: z[:, :, None] * np.ones((4, 4)), 4, **options)

    explorer = lw.explore(Drawn(), ROWS, parts=["map"])
    assert explorer.space.decode(ROWS[:1]).shape == (1, 4, 4, 1)
    assert explorer.map.latents.shape == ROWS.shape


def test_texts_are_data_where_the_space_encodes_them() -> None:
    space = lw.as_space(lw.adapters.Retrieval(ROWS, WORDS))
    some = [WORDS[7], WORDS[2], WORDS[11]]
    explorer = lw.explore(space, some, parts=["map"])
    np.testing.assert_allclose(explorer.map.latents, ROWS[[7, 2, 11]])
    with pytest.raises(lw.LatentValueError, match="Labels go by name"):
        lw.explore(lw.LatentSpace(np.square, 2), some)


def test_labels_in_the_place_of_data_are_told_their_name() -> None:
    digits = lw.demo.digits()
    with pytest.raises(lw.LatentValueError, match=r"Labels go by name: .*labels=\.\.\."):
        lw.explore(digits, digits.labels)


@pytest.mark.parametrize("widget", [lw.LatentMap, lw.Interpolator, lw.LatentGrid])
@pytest.mark.parametrize("given", [ROWS, wide()])
def test_embeddings_in_the_place_of_a_model_are_told_where_they_go(widget: Any, given: Any) -> None:
    with pytest.raises(lw.LatentTypeError, match=r"lw\.LatentMap\(None, embeddings, labels\)"):
        widget(given, KINDS)


def test_what_rows_are_called_is_searched_and_not_said_twice() -> None:
    explorer = lw.explore(wide(kind=KINDS, word=WORDS))
    chart = explorer.map
    chart.search = "ORD 2"
    assert chart.found.tolist() == [2, *range(20, 30)]
    chart.index = 4
    assert Page(chart.comm).state["_said"]["lines"] == [["kind", "dog"]]
    explorer.close()
    assert taken(ROWS).texts is None  # "row 7" is no text that anybody searches for
    named = wide().set_axis(WORDS, axis=0)
    assert taken(named).texts == WORDS
