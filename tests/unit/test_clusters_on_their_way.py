"""Clusters that take long to find: in the background, with what is drawn told as it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import latentwidgets as lw
from latentwidgets.analysis.clustering import k_means
from latentwidgets.common.progress import progress
from latentwidgets.routes.projection import project
from latentwidgets.routes.watched import Fit
from latentwidgets.widgets.map import fitted_projections, fitting, groups, points
from latentwidgets.widgets.map.coloring import by_groups
from tests.unit.page import Page, array_in

pytest.importorskip("jscatter", reason="needs the extra map")

WHICH = np.repeat([0, 1, 2], [50, 20, 10])
LATENTS = (np.eye(3, 8)[WHICH] * 9).astype(np.float32)
LATENTS += np.random.default_rng(0).normal(size=LATENTS.shape).astype(np.float32) / 3
LABELS = {"parity": WHICH % 2, "kind": np.array(["boot", "hat", "coat"], object)[WHICH]}


class Gate:
    """Lets k-means through when it is told to; knows what was begun and what was stopped."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.begun: list[int] = []
        self.stopped: list[int] = []
        self.error: BaseException | None = None
        self._open = threading.Event()
        patch.setattr(groups, "LONG", 0)
        patch.setattr(groups, "k_means", self)

    def __call__(self, latents: Any, count: int, *, seed: int, fit: Fit) -> Any:
        self.begun.append(count)
        while not self._open.wait(0.005):
            if fit.cancelled:
                self.stopped.append(count)
            fit.reach(0.1)
        if self.error is not None:
            raise self.error
        return k_means(latents, count, seed=seed, fit=fit)

    def let(self) -> None:
        self._open.set()

    def shut(self) -> None:
        self._open.clear()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Any:
    gate = Gate(monkeypatch)
    yield gate
    gate.let()
    wait_for(lambda: not threads())


def make(**options: Any) -> Any:
    return lw.LatentMap(None, LATENTS, LABELS, **{"clusters": 3, **options})


def threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "latentwidgets-color"]


def wait_for(done: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.005)


def waiting(chart: Any) -> Callable[[], bool | None]:
    """Have a thread wait for what is on its way; what this gives tells what it was told."""
    found: list[bool] = []
    begun = threading.Event()

    def bar(*args: Any, **options: Any) -> Any:
        begun.set()
        return progress(*args, **options)

    waiter = threading.Thread(target=lambda: found.append(chart.fitting.wait(60)), daemon=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "progress", bar)
        waiter.start()
        assert begun.wait(30)

    def outcome() -> bool | None:
        waiter.join(30)
        return found[0] if found else None

    return outcome


def held_back(patch: pytest.MonkeyPatch) -> threading.Event:
    """Have projections wait until this is set; then they are PCA, by whatever name."""
    held = threading.Event()

    def slowly(latents: Any, how: Any, **options: Any) -> Any:
        held.wait(20)
        return project(latents, "pca", **options)

    patch.setattr(fitted_projections, "project", slowly)
    return held


def picture(chart: Any) -> str:
    """Give the picture that is saved of a map, as PNG in base64."""
    return str(chart._repr_mimebundle_()[0]["image/png"])


def drawn(chart: Any) -> tuple[list[str], list[int], str]:
    """Give the names in the legend, how many points have each colour, and the figure's title."""
    page = Page(chart.comm)
    codes = array_in(page.child("_ground").state["points"])[:, 2]
    legend = chart.figure().axes[0].get_legend()
    names = [entry["name"] for entry in page.state["_legend"]["entries"]]
    assert [text.get_text() for text in legend.get_texts()] == names
    return names, np.unique(codes, return_counts=True)[1].tolist(), legend.get_title().get_text()


KINDS = (["boot", "coat", "hat"], [50, 10, 20], "kind")
THREE = (["cluster 1", "cluster 2", "cluster 3"], [50, 20, 10], "cluster")
TWO_NAMES = ["cluster 1", "cluster 2"]


def test_clusters_of_much_data_come_later_and_are_those_of_k_means(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "LONG", 2**20)
    latents = np.random.default_rng(0).normal(size=(20_000, 64)).astype(np.float32)
    latents[:7_000, 0] += 9
    chart = lw.LatentMap(None, latents)
    shares: list[float] = []
    chart.observe(lambda change: shares.append(change["new"]), "_share")
    chart.clusters = 4
    chart.color = "cluster"
    page = Page(chart.comm)
    assert chart.fitting.name == page.state["_fitting"] == "k-means (4 clusters)"
    assert page.state["_legend"] == {"low": "sparse", "high": "dense"}
    gate.let()
    assert chart.fitting.wait(60)
    assert (chart.fitting.name, page.state["_fitting"]) == ("", "")
    codes = array_in(page.child("_ground").state["points"])[:, 2]
    np.testing.assert_array_equal(codes, k_means(latents, 4))
    assert len({*shares}) > 5
    assert max(shares) > 0.7


def test_clusters_of_little_data_are_there_at_once() -> None:
    chart = make()
    chart.color = "cluster"
    assert drawn(chart) == THREE
    assert (chart.fitting.name, threads()) == ("", [])


def test_until_clusters_are_found_all_tells_what_is_drawn(gate: Gate) -> None:
    chart = make(color="kind")
    chart.color = "cluster"
    page = Page(chart.comm)
    assert (chart.color, page.state["_color"]) == ("cluster", "cluster")
    assert page.state["_fitting"] == "k-means (3 clusters)"
    assert drawn(chart) == KINDS
    before = picture(chart)
    chart.projection = LATENTS[:, :2]  # drawn anew, in the same colours
    chart.labels = {**LABELS, "more": WHICH}
    assert drawn(chart) == KINDS
    assert picture(chart) != before
    chart.labels = {"parity": WHICH % 2}  # what is drawn is there no more
    assert drawn(chart)[2] == "parity"
    assert chart.fitting.name
    gate.let()
    assert chart.fitting.wait(30)
    assert drawn(chart) == THREE
    assert gate.begun == [3]


def test_a_map_opens_in_other_colours_until_its_clusters_are_found(gate: Gate) -> None:
    chart = make(color="cluster", cluster_names=["a", "b", "c"])
    assert drawn(chart)[2] == "parity"
    gate.let()
    assert chart.fitting.wait(30)
    assert drawn(chart) == (["a", "b", "c"], [50, 20, 10], "cluster")


def test_the_same_colour_again_begins_nothing_twice_and_after_cancel_anew(gate: Gate) -> None:
    chart = make(color="kind")
    chart.color = "cluster"
    chart.color = "cluster"
    page = Page(chart.comm)
    page.set(_color="cluster")
    wait_for(lambda: gate.begun == [3])
    chart.fitting.cancel()
    assert (chart.color, page.state["_color"], page.state["_fitting"]) == ("kind", "kind", "")
    wait_for(lambda: gate.stopped == [3])
    page.set(_color="cluster")
    wait_for(lambda: gate.begun == [3, 3])
    page.set(_cancels=page.state["_fit"])
    assert (chart.color, page.state["_color"]) == ("kind", "kind")
    chart.color = "cluster"
    wait_for(lambda: gate.begun == [3, 3, 3])
    chart.color = "kind"  # which is drawn: nothing is on its way any more
    assert chart.fitting.name == ""
    wait_for(lambda: gate.stopped == [3, 3, 3])
    assert drawn(chart) == KINDS
    chart.color = "cluster"
    gate.let()
    assert chart.fitting.wait(30)
    assert drawn(chart) == THREE


def test_cancel_means_one_fit_and_not_those_that_are_called_the_same(gate: Gate) -> None:
    chart = make(color="kind")
    page = Page(chart.comm)
    chart.color = "cluster"
    first = page.state["_fit"]
    chart.fitting.cancel()
    chart.color = "cluster"
    assert page.state["_fit"] > first
    page.set(_cancels=first)  # a click that comes late
    assert (chart.fitting.name, chart.color) == ("k-means (3 clusters)", "cluster")
    gate.let()
    assert chart.fitting.wait(30)
    page.set(_cancels=page.state["_fit"])  # it is there already
    assert drawn(chart) == THREE


def test_the_number_that_was_set_last_is_found_and_each_is_found_once(gate: Gate) -> None:
    chart = make(color="kind")
    chart.color = "cluster"
    wanted = [3]
    for count in (4, 5, 2):
        wait_for(lambda: gate.begun == wanted)
        chart.clusters = count
        wanted.append(count)
    wait_for(lambda: gate.begun == wanted)
    wait_for(lambda: sorted(gate.stopped) == [3, 4, 5])
    wait_for(lambda: len(threads()) == 1)
    assert chart.fitting.name == "k-means (2 clusters)"
    assert drawn(chart) == KINDS
    gate.let()
    assert chart.fitting.wait(30)
    assert drawn(chart)[0] == TWO_NAMES
    chart.clusters = 3
    assert chart.fitting.wait(30)
    chart.clusters = 2  # which is kept
    assert (chart.fitting.name, drawn(chart)[0]) == ("", TWO_NAMES)
    assert gate.begun == [*wanted, 3]


def test_clusters_keep_their_names_until_others_are_drawn(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "LONG", 2**20)
    monkeypatch.setattr(groups, "k_means", k_means)
    chart = make(color="cluster", cluster_names=["a", "b", "c"])
    monkeypatch.setattr(groups, "LONG", 0)
    monkeypatch.setattr(groups, "k_means", gate)
    page = Page(chart.comm)
    chart.clusters = 2
    chart.cluster_names = ["x", "y"]  # of those to come
    page.set(_renamed=[1, 2, "third"])  # of those in the legend
    assert drawn(chart) == (["a", "b", "third"], [50, 20, 10], "cluster")
    assert chart.cluster_names == ("x", "y")
    chart.fitting.cancel()
    assert (chart.clusters, chart.cluster_names) == (3, ("a", "b", "third"))
    assert drawn(chart)[0] == ["a", "b", "third"]
    chart.clusters = 2
    chart.cluster_names = ["x", "y"]
    gate.let()
    assert chart.fitting.wait(30)
    assert drawn(chart)[0] == ["x", "y"]


def test_what_fails_is_said_and_put_back(gate: Gate) -> None:
    chart = make(color="kind")
    page = Page(chart.comm)
    gate.error = lw.LatentValueError("no <b>luck</b>")
    page.set(_color="cluster")
    gate.let()
    content, _ = page.answer()
    assert content["type"] == "error"
    assert "no <b>luck</b>" in content["message"]
    wait_for(lambda: chart.fitting.name == "")
    assert (chart.color, page.state["_color"], drawn(chart)) == ("kind", "kind", KINDS)
    gate.shut()
    chart.color = "cluster"
    outcome = waiting(chart)
    gate.let()
    assert outcome() is False


def test_of_two_threads_that_colour_the_last_to_begin_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chart = make(color="kind")
    halt, at_work = threading.Event(), threading.Event()

    def slowly(*args: Any) -> Any:
        at_work.set()
        halt.wait(20)
        return by_groups(*args)

    monkeypatch.setattr(points, "by_groups", slowly)
    other = threading.Thread(target=setattr, args=[chart, "color", "cluster"])
    other.start()
    assert at_work.wait(20)
    chart.color = "kind"
    halt.set()
    other.join(20)
    assert (chart.color, drawn(chart)) == ("kind", KINDS)
    assert Page(chart.comm).state["_color"] == "kind"


@pytest.mark.parametrize("explored", [False, True])
def test_a_closed_widget_ends_what_it_fits(gate: Gate, explored: bool) -> None:
    whole: Any = lw.explore(LATENTS, pd.DataFrame(LABELS), parts=["map"]) if explored else make()
    chart = whole.map if explored else whole
    chart.color = "cluster"
    wait_for(lambda: len(gate.begun) == 1)
    assert len(threads()) == 1
    whole.close()
    wait_for(lambda: not threads())
    assert len(gate.stopped) == 1


def test_a_projection_and_clusters_are_both_waited_for_and_cancelled_each(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = make(color="kind")
    page, held = Page(chart.comm), held_back(monkeypatch)

    page.set(_projection="tsne")
    chart.color = "cluster"
    assert page.state["_fitting"] == "tsne"
    page.set(_cancels=page.state["_fit"])
    assert (page.state["_projection"], page.state["_color"]) == ("pca", "cluster")
    assert page.state["_fitting"] == "k-means (3 clusters)"
    page.set(_projection="umap")
    gate.let()
    wait_for(lambda: not threads())
    assert drawn(chart) == THREE
    assert chart.fitting.name == "umap"
    assert not chart.fitting.wait(0.1)
    held.set()
    assert chart.fitting.wait(30)


def test_all_that_is_on_its_way_is_waited_for(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    chart, held = make(color="kind"), held_back(monkeypatch)

    chart.color = "cluster"
    chart.projection = "tsne"
    waited: list[bool] = []
    waiter = threading.Thread(target=lambda: waited.append(chart.fitting.wait(60)))
    waiter.start()
    gate.let()
    wait_for(lambda: chart.fitting.name == "tsne")
    assert drawn(chart) == THREE
    waiter.join(0.2)
    assert waiter.is_alive(), "the clusters are found, the projection is not"
    held.set()
    waiter.join(30)
    assert waited == [True]


def test_what_is_chosen_as_another_is_cancelled_stays(gate: Gate) -> None:
    chart = make(color="kind")
    chart.color = "cluster"

    def choose(change: Any) -> None:
        if change["new"] == "":
            chart.unobserve(choose, "_fitting")
            chart.clusters = 2

    chart.observe(choose, "_fitting")
    chart.fitting.cancel()
    assert (chart.color, chart.fitting.name) == ("cluster", "k-means (2 clusters)")
    gate.let()
    assert chart.fitting.wait(30)
    assert drawn(chart)[0] == TWO_NAMES


def test_cancel_puts_back_clusters_and_names_that_were_never_drawn(gate: Gate) -> None:
    chart = make(color="kind", cluster_names=["a", "b", "c"])
    seen: list[Any] = []

    def look(_change: Any) -> None:
        seen.append((chart.color, chart.clusters, chart.cluster_names))

    chart.color = "cluster"
    chart.clusters = 6
    chart.cluster_names = list("uvwxyz")
    chart.observe(look, ["color", "clusters", "cluster_names"])
    chart.fitting.cancel()
    assert [*dict.fromkeys(seen)] == [("kind", 3, ("a", "b", "c"))]  # in one step
    chart.clusters = 6
    chart.color = "cluster"
    outcome = waiting(chart)
    gate.error = lw.LatentValueError("no luck")
    gate.let()
    assert outcome() is False
    assert (chart.color, chart.clusters, drawn(chart)) == ("kind", 6, KINDS)
    chart.clusters = 3
    assert chart.cluster_names == ("cluster 1", "cluster 2", "cluster 3")


def test_a_page_and_a_kernel_that_choose_at_once_do_not_wait_for_each_other(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart, found, choosing = make(color="kind"), groups.Groups.take_long, threading.Event()
    chart.color = "cluster"

    def take_long(self: Any) -> bool:
        if threading.current_thread() is other:
            choosing.set()
        return found(self)

    def choose(change: Any) -> None:  # as the page hears that nothing is on its way
        if change["new"] == "":
            chart.unobserve(choose, "_fitting")
            other.start()
            choosing.wait(0.5)
            chart.clusters = 2

    other = threading.Thread(target=setattr, args=[chart, "clusters", 4], daemon=True)
    monkeypatch.setattr(groups.Groups, "take_long", take_long)
    chart.observe(choose, "_fitting")
    canceller = threading.Thread(target=chart.fitting.cancel, daemon=True)
    canceller.start()
    canceller.join(10)
    other.join(10)
    assert not canceller.is_alive()
    assert not other.is_alive()
    gate.let()
    assert chart.fitting.wait(30)
    assert len(drawn(chart)[0]) == chart.clusters


def test_what_gives_way_to_another_is_said_once(gate: Gate) -> None:
    chart, said = make(color="kind"), []
    chart.color = "cluster"
    outcome = waiting(chart)
    chart.observe(lambda change: said.append(change["new"]), "_fitting")
    chart.clusters = 4
    assert said == ["k-means (4 clusters)"]
    assert outcome() is False


def test_all_are_cancelled_though_an_observer_fails(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart, held = make(color="kind"), held_back(monkeypatch)

    def fail(_change: Any) -> None:
        raise ZeroDivisionError

    chart.color = "cluster"
    outcome = waiting(chart)
    chart.projection = "tsne"
    chart.observe(fail, "color")
    with pytest.raises(ZeroDivisionError):
        chart.fitting.cancel()
    assert (outcome(), chart.fitting.name, chart.projection.name) == (False, "", "pca")
    held.set()


def test_a_fit_that_exits_or_never_starts_is_not_awaited_for_ever(
    gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    chart = make(color="kind")
    gate.error = SystemExit()
    chart.color = "cluster"
    outcome = waiting(chart)
    gate.let()
    assert outcome() is False
    assert (chart.fitting.name, chart.color) == ("", "kind")

    def refuse(_thread: Any) -> None:
        raise RuntimeError("can't start new thread")

    gate.error = None
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            chart.color = "cluster"
    assert chart.fitting.name == ""
    chart.color = "kind"
    chart.color = "cluster"
    assert chart.fitting.wait(30)
    assert drawn(chart) == THREE
