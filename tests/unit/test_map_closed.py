"""Maps that are closed: they take nothing any more, and hold nothing."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.unit.page import Page

pytest.importorskip("jscatter", reason="needs the extra map")

from latentwidgets.routes.projection import project
from latentwidgets.widgets.map import checks, fitted_projections, points
from latentwidgets.widgets.map.coloring import by_values
from latentwidgets.widgets.map.fitting import Work

LATENTS = (np.random.default_rng(0).normal(size=(60, 4)) * [4, 2, 1, 1]).astype(np.float32)
LABELS = {"word": np.array(["a", "b"] * 30, object)}


def make(**options: Any) -> Any:
    return lw.LatentMap(None, LATENTS, LABELS, **options)


def test_a_map_that_is_closed_just_before_it_shows_a_projection_takes_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Any] = []
    chart = make()
    chart.observe(lambda change: told.append(change["new"]), "projection")
    closed = threading.Event()

    class Closing(Work):
        """Has the map closed between its fit and what is done with that."""

        def __getattribute__(self, name: str) -> Any:
            if name == "take" and not closed.is_set():
                closed.set()
                chart.close()
            return super().__getattribute__(name)

    monkeypatch.setattr("latentwidgets.widgets.map.projection_choice.Work", Closing)
    monkeypatch.setattr(fitted_projections, "project", lambda x, *_, **__: project(x, x[:, 2:]))
    others = {*threading.enumerate()}
    chart.projection = "tsne"
    for thread in {*threading.enumerate()} - others:
        thread.join(20)
    assert closed.is_set()
    assert chart.projection is None
    assert told == []
    assert caplog.text == ""


def test_a_colour_that_was_checked_as_the_map_was_closed_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[Any] = []
    checked: list[Any] = []
    chart = make()
    chart.observe(told.append, ["color", "clusters", "cluster_names"])
    check = checks.check_color

    def closing(*args: Any) -> Any:
        checked.append(args[0])
        if len(checked) == 2:  # once more, before it is taken
            chart.close()
        return check(*args)

    monkeypatch.setattr(checks, "check_color", closing)
    with pytest.raises(lw.LatentValueError, match="this widget is closed"):
        chart.color = "cluster"
    assert checked == ["cluster", "cluster"]
    assert (chart.color, chart.clusters, told) == (None, None, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("labels", {}), ("search", "a"), ("path", []), ("color", "density"), ("clusters", 3)),
        *(("projection", LATENTS[:, :2]), ("value", (0, 0)), ("cluster_names", ["a"] * 8)),
    ],
)
def test_a_closed_map_says_so_and_keeps_nothing(name: str, value: Any) -> None:
    told: list[Any] = []
    chart = make()
    chart.close()
    before = getattr(chart, name)
    chart.observe(told.append)
    with pytest.raises(lw.LatentValueError, match="closed"):
        setattr(chart, name, value)
    assert getattr(chart, name) is before
    assert told == []


def test_who_keeps_the_fitting_of_a_closed_map_keeps_no_latents() -> None:
    chart = make()
    fitting, latents = chart.fitting, weakref.ref(chart.latents)
    chart.close()
    gc.collect()
    assert latents() is None
    assert (fitting.name, fitting.wait(1)) == ("", True)


def test_nothing_is_begun_for_a_map_that_is_closed() -> None:
    made: list[Any] = []
    chart = make()
    fitting = chart.fitting
    chart.close()
    work = Work("color", "later", "key", make=made.append, take=made.append)
    others = {*threading.enumerate()}
    fitting.begin(work)
    fitting.take(work, 1)
    for thread in {*threading.enumerate()} - others:
        thread.join(20)
    assert (made, fitting.name) == ([], "")


@pytest.mark.parametrize("timeout", [b"x", "1", True, float("nan"), -1, float("inf"), [1]])
def test_a_time_to_wait_that_is_none_is_refused(timeout: Any) -> None:
    with pytest.raises((lw.LatentTypeError, lw.LatentValueError), match="^timeout is .*expected"):
        make().fitting.wait(timeout=timeout)


def test_a_name_is_given_and_drawn_though_another_part_of_the_message_is_refused() -> None:
    chart = make(clusters=3, color="cluster")
    page = Page(chart.comm)
    page.set(_color="nope", _renamed=[1, 2, "boots"])
    assert "nope" in page.answer()[0]["message"]
    assert page.state["_color"] == chart.color == "cluster"
    assert chart.cluster_names == ("cluster 1", "cluster 2", "boots")
    assert page.state["_legend"]["entries"][2]["name"] == "boots"
    page.set(_renamed=[2, 9, "coats"], _color="density")
    assert page.state["_renamed"] == [1, 2, "boots"]
    assert chart.cluster_names[2] == "boots"


def test_a_page_that_chooses_what_is_drawn_has_nothing_painted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chart, painted = make(color="word"), []

    def count(*args: Any) -> Any:
        painted.append(1)
        return by_values(*args)

    monkeypatch.setattr(points, "by_values", count)
    Page(chart.comm).set(_color="label")  # which is the first of them
    assert painted == []


def test_a_page_that_names_a_cluster_and_chooses_a_colour_at_once_gets_both() -> None:
    for names in (["_color", "_renamed"], ["_renamed", "_color"]):
        chart = make(clusters=3, color="cluster")
        page, said = Page(chart.comm), {"_renamed": [1, 2, "boots"], "_color": "word"}
        page.set(**{name: said[name] for name in names})
        assert (chart.color, page.state["_color"]) == ("word", "word")
        assert chart.cluster_names[2] == "boots"
