"""A result is printed as the table that a notebook shows, with nothing of it lost."""

from __future__ import annotations

import contextlib
import os
import re
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets import analysis
from latentwidgets.analysis.results import TableResult
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


@dataclass(frozen=True, repr=False)
class Shown(TableResult):
    """A result that is a wide table."""

    def _table(self) -> Table:
        return WIDE


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Make standard output a terminal, with so many cells in a line."""
    termios, fcntl = pytest.importorskip("termios"), pytest.importorskip("fcntl")
    # Where the text does not go, nobody asks for the width.
    monkeypatch.setenv("COLUMNS", "33")
    reads, writes = os.openpty()

    def opened(width: int) -> None:
        fcntl.ioctl(writes, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        monkeypatch.setattr(sys, "stdout", stream)

    with open(writes, "w", encoding="utf-8") as stream:
        yield opened
        monkeypatch.undo()
    os.close(reads)


def test_a_printed_table_is_as_wide_as_it_is_but_in_a_terminal(
    terminal: Callable[[int], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = WIDE.text()
    assert len(whole.splitlines()) == 3
    assert str(Shown()) == whole  # pytest holds no terminal
    terminal(60)
    assert str(Shown()) == WIDE.text(60) != whole
    assert WIDE.text() == whole
    with open(tmp_path / "out.txt", "w+", encoding="utf-8") as file:
        with contextlib.redirect_stdout(file):
            print(Shown())
        file.seek(0)
        assert file.read() == whole + "\n"
    terminal(7)
    assert str(Shown()) == WIDE.text(30)
    terminal(0)  # not known
    assert str(Shown()) == whole
    for gone in (None, object()):
        monkeypatch.setattr(sys, "stdout", gone)
        assert str(Shown()) == whole


@pytest.mark.parametrize("width", [30, 40, 60, 80])
def test_a_fitted_table_loses_no_number(width: int) -> None:
    printed = WIDE.text(width)
    assert max(map(len, printed.splitlines())) <= width
    for word in " ".join([*WIDE.head, *(cell for row in WIDE.rows for cell in row)]).split():
        assert word in printed
    # The first column stands in every block.
    assert printed.count("cluster") == printed.count("\n\n") + 1 >= 2


def test_a_table_that_fits_is_left_as_it_is() -> None:
    whole = WIDE.text()
    assert WIDE.text(max(map(len, whole.splitlines()))) == whole
    assert WIDE.text(max(map(len, whole.splitlines())) - 1) != whole


@pytest.mark.parametrize("missing", [1, 3, 12])
def test_the_first_column_gives_no_more_room_than_is_missing(missing: int) -> None:
    table = Table(["name", "score"], [["a name of about forty letters of text here", "0.5"]])
    whole = max(map(len, table.text().splitlines()))
    lines = table.text(whole - missing).splitlines()
    assert len(lines) == 3, "a line for the rest of the name"
    assert {len(line) for line in lines[:2]} == {whole - missing}
    alone = Table(["name"], [["a b " * 20]]).text(40).splitlines()
    assert {len(line) for line in alone[1:]} == {39}
    # In several blocks it takes what none of them needs.
    rows = [["x" * 60, "y" * 45, "z" * 40]]
    first, second = Table(["", "y", "z"], rows, texts=3).text(80).split("\n\n")
    assert first.splitlines()[1] == "x" * 33 + "  " + "y" * 45
    assert second.splitlines()[1] == "x" * 33 + "  " + "z" * 40


def test_a_width_is_at_least_30() -> None:
    assert max(map(len, WIDE.text(30).splitlines())) <= 30
    for width in (29, 1, 0, -5):
        with pytest.raises(lw.LatentValueError, match=f"width is {width}; expected at least 30"):
            WIDE.text(width)
    wrong: Any
    for wrong in (40.0, "40", True):
        with pytest.raises(lw.LatentTypeError, match="width is .*; expected a whole number"):
            WIDE.text(wrong)


def test_columns_stand_below_each_other_in_any_script() -> None:
    # Each takes four cells: of two letters, of four with an accent of its own, and of a picture.
    rows = [["日本", "1"], ["cafe\u0301", "1"], ["ab\U0001f600", "1"], ["\uff58\u200bab", "1"]]
    table = Table(["four", "x"], rows)
    assert table.text().splitlines() == ["four  x", *(f"{name}  {one}" for name, one in rows)]
    right = Table(["x", "four"], [row[::-1] for row in rows])
    assert right.text().splitlines() == ["x  four", *(f"{one}  {name}" for name, one in rows)]
    wide = Table(["a", "b"], [["日" * 40, "e\u0301" * 10]], texts=2)
    assert wide.text(92).count("\n") == 1
    lines = wide.text(60).splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["a", "日" * 24, "日" * 16]
    assert lines[1].endswith("e\u0301" * 10)


def test_a_folded_cell_keeps_its_row_its_spaces_and_its_star() -> None:
    spaces = Table(["token"], [[" " * 40], ["b"]]).text(30)
    assert spaces.splitlines() == ["token", "", "b"]
    texts = Table(["token"], [["  the" + " " * 40 + "cat"], [" " * 3 + "x" * 40]]).text(30)
    assert texts.splitlines() == ["token", "  the", "cat", "   " + "x" * 27, "x" * 13]
    right = Table(["", "n"], [["x" * 9, "1" * 15 + "   " + "2" * 9]]).text(30).splitlines()
    assert right[1:] == [f"{'x' * 9}{'1' * 15:>21}", f"{'2' * 9:>30}"]
    for length in range(25, 95):
        rows = [["x" * length, "1"], ["y", "2"]]
        marked = Table(["", "n"], rows, marked=0).text(30).splitlines()
        parts = [found[0] for line in marked if (found := re.match(r"[x*]+", line))]
        assert "".join(parts) == "x" * length + "*"
        assert len(parts[-1]) > 1, "the star is beside a letter"


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
