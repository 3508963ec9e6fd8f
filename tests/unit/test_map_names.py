"""Clusters of a map that get names, and texts that are found there."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.unit.page import Page

RNG = np.random.default_rng(3)
CENTRES = np.array([[0, 0, 0], [30, 0, 0], [0, 0, 30]], np.float32)
WHICH = np.repeat([0, 1, 2], [10, 50, 20])
LATENTS = (CENTRES[WHICH] + RNG.normal(size=(80, 3))).astype(np.float32)
KINDS = np.array(["coat", "boot", "Hat"], object)[WHICH]


def entries(page: Page) -> list[tuple[str, int]]:
    return [(one["name"], one["count"]) for one in page.state["_legend"]["entries"]]


def found_in(page: Page) -> list[int]:
    return [int(row) for row in np.frombuffer(page.state["_found"]["rows"], "<u4")]


def test_clusters_get_names_in_the_legend_and_in_python() -> None:
    chart = lw.LatentMap(None, LATENTS, color="cluster", clusters=3)
    page = Page(chart.comm)
    assert chart.cluster_names == ("cluster 1", "cluster 2", "cluster 3")
    assert page.state["_legend"]["clusters"] is True
    assert "untested" in page.state["_legend"]["note"]
    page.set(_renamed=[1, 0, " boots "])
    assert chart.cluster_names == ("boots", "cluster 2", "cluster 3")
    assert entries(page) == [("boots", 50), ("cluster 2", 20), ("cluster 3", 10)]
    page.set(_renamed=[2, 0, "  "])  # no name at all changes nothing
    assert chart.cluster_names[0] == "boots"
    for bad in ([3, 7, "x"], [3, "a", "x"], [3, 0, 5], [3]):
        page.set(_renamed=bad)
        assert page.answer()[0]["of"] == "state"
        assert chart.cluster_names[0] == "boots"
    chart.cluster_names = ["a", "b", "c"]
    assert entries(page)[1] == ("b", 20)
    with pytest.raises(lw.LatentValueError, match="2 cluster_names; expected 3"):
        chart.cluster_names = ["a", "b"]
    unordered: tuple[Any, ...] = ({"a", "b", "c"}, frozenset("abc"), dict.fromkeys("abc", 1))
    for names in unordered:
        with pytest.raises(lw.LatentTypeError, match=f"are a {type(names).__name__}; expected 3"):
            chart.cluster_names = names
    for point in ({0.5, 1.5}, {0.5: 1, 1.5: 2}):
        with pytest.raises(lw.LatentTypeError, match=r"value is a .*; expected a point \(x, y\)"):
            chart.value = point
    with pytest.raises(lw.LatentTypeError, match="hold 4"):
        chart.cluster_names = ["a", "b", 4]
    chart.clusters = 2  # others, which nobody has named
    assert [name for name, _ in entries(page)] == ["cluster 1", "cluster 2"]
    chart.color = "density"
    chart.close()


def test_clusters_that_were_found_are_shown_with_their_names_and_doubts() -> None:
    found = lw.analysis.clusters(LATENTS, count=3, labels=KINDS, halves=4)
    chart = lw.LatentMap(None, LATENTS, color="cluster", clusters=found)
    page = Page(chart.comm)
    assert chart.cluster_names == ("boot", "Hat", "coat")
    assert entries(page) == [("boot", 50), ("Hat", 20), ("coat", 10)]
    assert page.state["_legend"]["note"] == (found.warning or "")
    named = lw.LatentMap(None, LATENTS, clusters=found, cluster_names=["x", "y", "z"])
    assert named.cluster_names == ("x", "y", "z")
    round_ = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
    doubted = lw.analysis.clusters(round_, count=3, halves=4)
    assert doubted.warning
    shown = lw.LatentMap(None, round_, color="cluster", clusters=doubted)
    assert Page(shown.comm).state["_legend"]["note"] == doubted.warning
    with pytest.raises(lw.LatentValueError, match="of 60 latents; the map shows 80"):
        chart.clusters = doubted
    for bad in (1, 21, 2.5):
        with pytest.raises(lw.LatentValueError):
            chart.clusters = bad
    assert chart.clusters is found


def test_texts_are_found_as_somebody_types() -> None:
    texts = [f"Item {i} of {kind}" for i, kind in enumerate(KINDS)]
    chart = lw.LatentMap(None, LATENTS, items=texts)
    page = Page(chart.comm)
    assert page.state["_searched"]
    assert found_in(page) == []
    page.set(search="HAT")
    assert chart.search == "HAT"
    assert found_in(page) == chart.found.tolist() == np.flatnonzero(KINDS == "Hat").tolist()
    page.set(search="item 7")
    assert chart.found.tolist() == [7, *range(70, 80)]
    chart.selection = chart.found
    chart.search = "nothing like it"
    assert found_in(page) == []
    chart.search = ""
    assert chart.found.tolist() == []
    with pytest.raises(lw.LatentTypeError, match="search is 3"):
        chart.search = 3
    chart.close()
    with pytest.raises(lw.LatentValueError, match="closed"):
        _ = chart.found


def test_labels_that_are_texts_are_searched_and_others_are_not() -> None:
    chart = lw.LatentMap(None, LATENTS, {"size": LATENTS[:, 0], "digit": WHICH})
    page = Page(chart.comm)
    assert not page.state["_searched"]
    kinds = KINDS.copy()
    kinds[-1] = None
    chart.labels = {"size": LATENTS[:, 0], "kind": kinds}
    assert not page.state["_searched"], "the legend shows so few, and selects each"
    assert "search" not in page.state["_parts"]
    chart.search = "hat"
    assert page.state["_searched"], "what is searched for can be seen, and ended"
    assert chart.found.tolist() == list(range(60, 79))
    chart.search = "none"  # a missing label is no text
    assert chart.found.tolist() == []
    page.set(search="")
    assert page.state["_searched"], "the field stays for who has just emptied it"
    chart.labels = {"size": LATENTS[:, 0], "digit": WHICH}
    assert not page.state["_searched"], "other labels begin anew"


def test_search_is_offered_where_the_legend_does_not_show_all_texts() -> None:
    names = np.array([f"name {i % 21}" for i in range(80)], object)
    few = names.copy()
    few[names == "name 20"] = None
    for labels, offered in ((few, False), (names, True)):
        page = Page(lw.LatentMap(None, LATENTS, {"name": labels}).comm)
        assert page.state["_searched"] == offered
        assert ("search" in page.state["_parts"]) == offered
    assert len(set(few) - {None}) == 20


def test_many_thousand_texts_are_searched_at_once() -> None:
    texts = [f"{i:05d} " + "word " * 20 for i in range(20_000)]
    latents = RNG.normal(size=(20_000, 3)).astype(np.float32)
    chart: Any = lw.LatentMap(None, latents, items=texts)
    chart.search = "0"  # the first time texts are made ready
    took = []
    for wanted in ("19", "199", "1999", "19999 w"):
        start = time.perf_counter()
        chart.search = wanted
        took.append(time.perf_counter() - start)
    assert chart.found.tolist() == [19_999]
    assert min(took) < 0.1, took  # a typist's key comes after 100 ms or more
