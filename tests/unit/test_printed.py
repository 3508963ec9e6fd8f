"""What is shown as HTML is printed whole."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets import analysis
from latentwidgets.analysis.printed import printed
from latentwidgets.analysis.tables import html_table


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<table><tr><td>foo <b>bar</b> baz</td></tr></table>", "foo bar baz"),
        ("<table><tr><td>a<br>b</td><td><div>c</div>d</td></tr></table>", "a b  c d"),
        (
            '<table><tr><td colspan="2">both</td><td>1</td></tr>'
            "<tr><td>a</td><td>b</td><td>2</td></tr></table>",
            "both     1\n   a  b  2",
        ),
        ("<table><tr><td>a</td></tr><tr><td>b</td><td>c</td></tr></table>", "a\nb  c"),
        ("one<div>two <i>three</i></div>four<br>five", "one\ntwo three\nfour\nfive"),
        ("<div>two<p>three</p>four</div>", "two\nthree\nfour"),
        ('<div>seen <img alt="a &lt;cat&gt;"></div>', "seen [a <cat>]"),
        ("before<details><summary>x</summary><table></table></details>after", "before\nafter"),
        ("", ""),
    ],
)
def test_no_text_is_lost(html: str, text: str) -> None:
    assert printed(html) == text


def test_what_is_bold_is_marked() -> None:
    rows = [["a", "1", "2"], ["b", "3", "4"]]
    found = printed(html_table(["", "x", "y"], rows, marked=1, bold={(0, 2)})).splitlines()
    assert found == ["    x   y", "a   1  2*", "b*  3   4", "* is bold in a notebook."]
    assert "*" not in printed(html_table(["", "x", "y"], rows))


def test_the_shortest_of_paths_is_marked_where_it_is_printed() -> None:
    space = lw.LatentSpace(lambda latents: latents.reshape(-1, 2, 2), 4, kind="image")
    found = str(analysis.compare_paths(space, np.eye(4)[:2], methods=["lerp", "slerp"]))
    assert [line.split()[0] for line in found.splitlines()[1:3]] == ["lerp*", "slerp"]
    assert "Bold: the shortest." in found
    assert found.endswith("* is bold in a notebook.")


def test_pictures_are_told_by_what_they_show() -> None:
    range_of: Any = {"kind": "image", "value_range": (-3, 3)}
    space = lw.LatentSpace(lambda latents: latents, (4, 4), np.asarray, **range_of)
    items = np.random.default_rng(0).random((40, 4, 4)).astype(np.float32)
    made = analysis.compare_spaces(space, space, items=items, k=3, paths=0, names=("one", "two"))
    assert str(made.show(5)) == (
        "one\n[item 5 and its neighbours in one]\ntwo\n[item 5 and its neighbours in two]"
    )
