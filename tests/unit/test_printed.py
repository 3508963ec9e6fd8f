"""A result is printed as the table that a notebook shows, with nothing of it lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets import analysis
from latentwidgets.analysis.tables import Table


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    table = Table(["what", "score"], [["a<b>", "1"], ["b\nc", "12345"]], notes=[None, "All."])
    assert table.text().splitlines() == ["what  score", "a<b>      1", "b c   12345", "All."]
    assert Table(["what", "score"], []).text() == "what  score"


def test_spaces_stay_and_line_breaks_do_not() -> None:
    rows = [["'  the'", "1\t2"], ["' the'", "a\u2028b"]]
    table = Table(["bright\nness", "x\r\ny"], rows, texts=2, notes=["one\ntwo"])
    assert table.text().splitlines() == [
        "bright ness  x y",
        "'  the'      1 2",
        "' the'       a b",
        "one two",
    ]
    written = table.html()
    assert 'white-space: pre">&#x27;  the&#x27;</td>' in written
    assert 'white-space: nowrap">&#x27; the&#x27;</td>' in written
    assert "<div>one two</div>" in written


def test_what_is_bold_is_marked() -> None:
    rows = [["a", "1", "2"], ["b", "3", "4"]]
    table = Table(["", "x", "y"], rows, marked=1, bold={(0, 2)}, means="far")
    assert table.text().splitlines() == ["    x   y", "a   1  2*", "b*  3   4", "*: far."]
    assert "<div>Bold: far.</div>" in table.html()
    plain = Table(["", "x", "y"], rows, means="far")
    assert "*" not in plain.text()
    assert "Bold" not in plain.html()


def test_the_shortest_of_paths_is_marked_where_it_is_printed() -> None:
    space = lw.LatentSpace(lambda latents: latents.reshape(-1, 2, 2), 4, kind="image")
    found = str(analysis.compare_paths(space, np.eye(4)[:2], methods=["lerp", "slerp"]))
    assert [line.split()[0] for line in found.splitlines()[1:3]] == ["lerp*", "slerp"]
    assert "*: the shortest." in found.splitlines()


def test_a_result_in_the_wrong_place_is_named_in_one_line() -> None:
    space = lw.LatentSpace(lambda latents: latents.reshape(-1, 2, 2), 4, kind="image")
    found = analysis.nearest(np.eye(4), np.eye(4), k=2)
    with pytest.raises(
        lw.LatentTypeError,
        match=r"latents are NearestLatents\(metric=.euclidean., searched=4\); expected",
    ):
        lw.LatentGrid(space, found)


def test_decodes_of_both_spaces_are_told_by_their_items() -> None:
    range_of: Any = {"kind": "image", "value_range": (-3, 3)}
    space = lw.LatentSpace(lambda latents: latents, (4, 4), np.asarray, **range_of)
    items = np.random.default_rng(0).random((40, 4, 4)).astype(np.float32)
    made = analysis.compare_spaces(space, space, items=items, k=3, paths=0, names=("one", "two"))
    shown = made.show(5)
    near = ", ".join(map(str, shown.neighbours[0]))
    assert str(shown) == f"one: item 5, and its nearest {near}\ntwo: item 5, and its nearest {near}"
    assert repr(shown) == "BothDecodes(item=5)"
