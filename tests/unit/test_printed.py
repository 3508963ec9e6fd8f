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


WIDE = Table(
    ["cluster", "named by", "latents", "silhouette", "chance"],
    [
        ["a name of four words", "red: 90%, elsewhere 3%; blue: 80%, elsewhere 4%", "1,234", "0.51"]
        + ["0.11"],
        ["b", "", "567", "0.62 (0.31 to 0.72)", "0.22"],
    ],
    texts=2,
)


@pytest.mark.parametrize("width", [30, 40, 60, 80])
def test_a_printed_table_fits_the_terminal_and_no_number_is_lost(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    printed = WIDE.text()
    assert max(map(len, printed.splitlines())) <= width
    for word in " ".join([*WIDE.head, *(cell for row in WIDE.rows for cell in row)]).split():
        assert word in printed
    # The first column stands in every block.
    assert printed.count("cluster") == printed.count("\n\n") + 1 >= 2


def test_a_table_that_fits_or_goes_to_a_file_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    whole = WIDE.text()  # pytest holds no terminal
    assert len(whole.splitlines()) == 3
    assert WIDE.text(max(map(len, whole.splitlines()))) == whole
    assert WIDE.text(max(map(len, whole.splitlines())) - 1) != whole


def test_of_a_long_table_the_first_rows_and_the_best_are_shown_and_the_rest_is_told() -> None:
    def table(count: int) -> Table:
        rows = [[f"row {i}", str(i)] for i in range(count)]
        return Table(["", "score"], rows, marked=300, bold={(3, 1), (50, 1)}, means="best")

    printed = table(500).text().splitlines()
    assert printed[20].split() == ["row", "19", "19"]
    assert printed[4].split() == ["row", "3", "3*"]
    assert printed[21].split() == ["row", "300*", "300"]
    assert printed[22:] == ["*: best.", "… 479 more rows: to_dict() gives all."]
    written = table(500).html()
    assert written.count("<tr") == 22
    assert "… 479 more rows: to_dict() gives all." in written
    hundred = Table(["", "score"], [[str(i), "1"] for i in range(100)])
    assert len(hundred.text().splitlines()) == hundred.html().count("<tr") == 101


def test_hundreds_of_clusters_are_cut_and_all_are_there_to_have() -> None:
    latents = np.random.default_rng(0).normal(size=(480, 2))
    found = analysis.clusters(latents, count=120, halves=2)
    assert "… 100 more rows: to_dict() gives all." in str(found)
    assert len(found.to_dict()["clusters"]) == 120


def test_a_wide_table_scrolls_in_a_box_of_its_own() -> None:
    assert WIDE.html().startswith('<div style="overflow-x: auto; max-width: 100%"><table>')


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
