"""Maps that several threads change at once."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.unit.page import Page, array_in

pytest.importorskip("jscatter", reason="needs the extra map")

from latentwidgets.common.progress import progress
from latentwidgets.directions.columns import is_missing
from latentwidgets.routes.projection import project
from latentwidgets.widgets.map import (
    checks,
    fitted_projections,
    fitting,
    groups,
    parts,
    points,
    search,
)
from latentwidgets.widgets.map.coloring import by_density, by_groups

LATENTS = (np.random.default_rng(0).normal(size=(60, 4)) * [4, 2, 1, 1]).astype(np.float32)


def decode(latents: np.ndarray) -> np.ndarray:
    """Pictures of 8 x 8 whose grey is the first number of the latent."""
    return np.broadcast_to((latents[:, :1, None] / 20 + 0.5).clip(0, 1), (len(latents), 8, 8))


def make(**options: Any) -> Any:
    return lw.LatentMap(lw.LatentSpace(decode, 4, value_range=(0, 1)), LATENTS, **options)


class Mirror:
    """A transformer that halts, when it is told to, while it finds what lies at a point."""

    def __init__(self) -> None:
        self.halt = self.at_work = threading.Event()
        self.halt.set()

    def transform(self, rows: np.ndarray) -> np.ndarray:
        return -rows[:, :2]

    def inverse_transform(self, points: np.ndarray) -> np.ndarray:
        self.at_work.set()
        self.halt.wait(20)
        return np.pad(-points, ((0, 0), (0, 2)))


def test_a_map_laid_out_anew_while_a_latent_is_found_stays_so() -> None:
    mirror = Mirror()
    chart = make(projection=mirror)
    mirror.halt, mirror.at_work = threading.Event(), threading.Event()
    page = Page(chart.comm)
    click = threading.Thread(target=page.set, kwargs={"_spot": [-1, 1.0, 2.0]})
    click.start()
    assert mirror.at_work.wait(20)
    chart.projection = "pca"
    line = chart.get_state("_route")["_route"]  # the page hears of it when the click is done
    mirror.halt.set()
    click.join(20)
    assert page.state["_route"] == line
    np.testing.assert_array_equal(chart.latent, [-1, -2, 0, 0])
    np.testing.assert_allclose(chart.value, chart.projection.place([chart.latent])[0])
    np.testing.assert_array_equal(chart.image(), chart.space.decode([chart.latent])[0, ..., 0])


def test_a_map_laid_out_anew_while_colours_are_found_stays_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chart = make()
    halt, at_work, found = threading.Event(), threading.Event(), by_groups

    def slow(*args: Any, **options: Any) -> Any:
        at_work.set()
        halt.wait(20)
        return found(*args, **options)

    monkeypatch.setattr(f"{points.__name__}.by_groups", slow)
    coloring = threading.Thread(target=setattr, args=[chart, "color", "cluster"])
    coloring.start()
    assert at_work.wait(20)
    monkeypatch.setattr(f"{points.__name__}.by_groups", found)
    chart.projection = LATENTS[:, 2:]
    halt.set()
    coloring.join(20)
    points_drawn = array_in(Page(chart.comm).child("_ground").state["points"])
    for drawn, given in zip(points_drawn[:, :2].T, LATENTS[:, 2:].T, strict=True):
        np.testing.assert_array_equal(np.argsort(drawn), np.argsort(given))


@pytest.fixture
def wait_until_fitted() -> Callable[[], None]:
    """Wait for all that was begun to be fitted in this test."""
    others = {*threading.enumerate()}

    def wait() -> None:
        for thread in {*threading.enumerate()} - others:
            if thread.name.startswith("latentwidgets-"):
                thread.join(30)
                assert not thread.is_alive()

    return wait


def test_the_page_chooses_a_projection_and_goes_on_meanwhile(
    monkeypatch: pytest.MonkeyPatch, wait_until_fitted: Callable[[], None]
) -> None:
    chart = make()
    page, pca = Page(chart.comm), chart.projection
    assert [name for name, _ in page.state["_projections"]][:2] == ["pca", "tsne"]
    held, fitted = threading.Event(), []

    def slow(*args: Any, **options: Any) -> Any:
        if isinstance(args[1], str):
            fitted.append(args[1])
            held.wait(60)
        return project(*args, **options)

    monkeypatch.setattr(fitted_projections, "project", slow)
    page.set(_projection="tsne")
    assert page.state["_fitting"] == "tsne"
    assert chart.projection is pca
    page.set(_spot=[7, 0.0, 0.0])
    assert chart.index == 7
    chart.labels = {"sign": LATENTS[:, 0] > 0}
    assert page.state["_fitting"] == "tsne", "it is still wanted"
    # Something else is chosen meanwhile: what is fitted is kept for later.
    page.set(_projection="pca")
    assert page.state["_fitting"] == ""
    held.set()
    wait_until_fitted()
    assert chart.projection is pca
    page.set(_projection="tsne")
    assert chart.projection.name == page.state["_projection"] == "tsne"
    assert (page.state["_fitting"], chart.index, fitted) == ("", 7, ["tsne"])
    chart.projection = LATENTS[:, 2:]
    assert ["points", "points as given"] in page.state["_projections"]
    page.set(_projection="pca")
    assert chart.projection is pca
    page.set(_projection="points")
    np.testing.assert_array_equal(chart.projection.points, LATENTS[:, 2:])


def test_a_projection_that_fails_for_the_page_is_answered_in_place(
    monkeypatch: pytest.MonkeyPatch, wait_until_fitted: Callable[[], None]
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise lw.LatentValueError("projection 'tsne' could not fit: no <b>luck</b>")

    chart = make()
    page = Page(chart.comm)
    monkeypatch.setattr(fitted_projections, "project", fail)
    page.set(_projection="tsne")
    content, _ = page.answer()
    assert (content["of"], content["type"]) == ("state", "error")
    assert "no <b>luck</b>" in content["message"]
    wait_until_fitted()
    assert page.state["_fitting"] == ""
    assert page.state["_projection"] == chart.projection.name == "pca"


def test_a_map_that_is_closed_while_it_waits_stays_closed(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    wait_until_fitted: Callable[[], None],
) -> None:
    held, chart = threading.Event(), make()
    found = chart.projection
    monkeypatch.setattr(fitted_projections, "project", lambda *_, **__: held.wait(60) and found)
    Page(chart.comm).set(_projection="tsne")
    chart.close()
    held.set()
    wait_until_fitted()
    assert caplog.text == "", "nothing was tried, and nothing failed"
    assert chart.projection is None


def test_names_that_were_checked_as_other_clusters_were_chosen_are_refused() -> None:
    chart = make(clusters=3, color="cluster")
    halt, at_work = threading.Event(), threading.Event()
    failed: list[str] = []

    class Slow(str):
        """Halts as it is checked, for another thread to go on."""

        def strip(self, *given: Any) -> str:
            at_work.set()
            halt.wait(20)
            return super().strip(*given)

    def call() -> None:
        try:
            chart.cluster_names = [Slow("a"), "b", "c"]
        except lw.LatentValueError as error:
            failed.append(str(error))

    naming = threading.Thread(target=call)
    naming.start()
    assert at_work.wait(20)
    chart.clusters = 2
    halt.set()
    naming.join(20)
    assert failed == ["there are 3 cluster_names; expected 2."]
    assert chart.cluster_names == ("cluster 1", "cluster 2")
    entries = Page(chart.comm).state["_legend"]["entries"]
    assert [entry["name"] for entry in entries] == ["cluster 1", "cluster 2"]


def test_a_colour_that_goes_as_it_is_chosen_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    signs = {"sign": LATENTS[:, 0] > 0, "side": LATENTS[:, 1] > 0}
    chart = make(labels=signs, color="side")
    halt, at_work, check = threading.Event(), threading.Event(), checks.check_color
    failed: list[str] = []

    def slowly(*args: Any) -> Any:
        found = check(*args)
        at_work.set()
        halt.wait(20)
        return found

    def choose() -> None:
        try:
            chart.color = "sign"
        except lw.LatentValueError as error:
            failed.append(str(error))

    monkeypatch.setattr(checks, "check_color", slowly)
    choosing = threading.Thread(target=choose)
    choosing.start()
    assert at_work.wait(20)
    monkeypatch.setattr(checks, "check_color", check)
    chart.labels = {"side": signs["side"]}
    halt.set()
    choosing.join(20)
    assert [text.partition(";")[0] for text in failed] == ["color is 'sign'"]
    assert chart.color == Page(chart.comm).state["_color"] == "side"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kept", [False, True])
def test_who_is_told_of_what_was_fitted_can_wait_for_the_rest(
    kept: bool, monkeypatch: pytest.MonkeyPatch, wait_until_fitted: Callable[[], None]
) -> None:
    chart, told = make(), []
    monkeypatch.setattr(fitted_projections, "project", lambda x, *_, **__: project(x, x[:, 2:]))

    def wait(change: Any) -> None:
        told.append((change["new"].name, chart.fitting.wait(20)))

    if kept:
        chart.projection = LATENTS[:, 2:]
        chart.projection = "pca"
        chart.observe(wait, "projection")
        Page(chart.comm).set(_projection="points")
    else:
        chart.observe(wait, "projection")
        chart.projection = "tsne"
        wait_until_fitted()
    assert told == [("points", True)]
    assert (chart.fitting.name, chart.fitting.wait(1)) == ("", True)


def fit_quickly(latents: Any, *_: Any, **__: Any) -> Any:
    return project(latents, latents[:, 2:])


@pytest.mark.timeout(60)
def test_two_who_are_told_at_once_do_not_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch, wait_until_fitted: Callable[[], None]
) -> None:
    chart, told = make(color="density"), []
    both, go = threading.Barrier(2), threading.Event()

    def fail(*_: Any, **__: Any) -> Any:
        go.wait(20)
        raise lw.LatentValueError("no luck")

    def fit(*args: Any, **__: Any) -> Any:
        go.wait(20)
        return fit_quickly(*args)

    def wait(change: Any) -> None:
        both.wait(20)  # each is told on its own thread
        told.append((change["name"], chart.fitting.wait(20)))

    monkeypatch.setattr(groups, "LONG", 0)
    monkeypatch.setattr(groups, "k_means", fail)
    monkeypatch.setattr(fitted_projections, "project", fit)
    chart.color = "cluster"
    chart.projection = "tsne"
    chart.observe(wait, ["color", "projection"])  # as one goes back and the other is laid out
    go.set()
    wait_until_fitted()
    assert not both.broken
    assert sorted(told) == [("color", True), ("projection", True)]


@pytest.mark.timeout(60)
def test_who_is_told_of_a_cancelled_colour_does_not_wait_for_who_waits_for_that(
    monkeypatch: pytest.MonkeyPatch, wait_until_fitted: Callable[[], None]
) -> None:
    chart, told, waits = make(color="density"), [], threading.Event()

    def find(*_: Any, fit: Any, **__: Any) -> Any:
        while True:
            time.sleep(0.005)
            fit.check()  # raises once it is cancelled

    def bar(*args: Any, **options: Any) -> Any:
        waits.set()
        return progress(*args, **options)

    def wait(change: Any) -> None:
        told.append((change["name"], chart.fitting.wait(10)))

    monkeypatch.setattr(groups, "LONG", 0)
    monkeypatch.setattr(groups, "k_means", find)
    monkeypatch.setattr(fitted_projections, "project", fit_quickly)
    monkeypatch.setattr(fitting, "progress", bar)
    chart.color = "cluster"
    chart.observe(wait, ["color", "projection"])
    chart.projection = "tsne"
    assert waits.wait(20), "the observer of the projection waits for the colour"
    chart.fitting.cancel()
    wait_until_fitted()
    assert told == [("color", True), ("projection", False)]


@pytest.mark.timeout(60)
def test_who_is_told_what_to_colour_by_can_wait_until_it_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chart, told = make(color="density", clusters=3), []

    def wait(_change: Any) -> None:
        name, done = chart.fitting.name, chart.fitting.wait(20)
        told.append((name, done, len(Page(chart.comm).state["_legend"].get("entries", ()))))

    monkeypatch.setattr(groups, "LONG", 0)
    chart.observe(wait, "color")
    chart.color = "cluster"
    assert told == [("k-means (3 clusters)", True, 3)]


@pytest.mark.parametrize("time_before", [1, 2])
def test_a_map_laid_out_anew_just_before_its_density_is_coloured_has_that_of_its_own_plane(
    time_before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one thread is about to take the lock, another lays the map out meanwhile."""
    times = iter(range(1, 100))

    class Lock:
        def __init__(self) -> None:
            self._lock, self._depth = threading.RLock(), 0

        def __enter__(self) -> None:
            colors = threading.current_thread().name == "coloring" and not self._depth
            if colors and next(times) == time_before:
                args = (chart, "projection", LATENTS[:, 2:])
                laying_out = threading.Thread(target=setattr, args=args)
                laying_out.start()
                laying_out.join(20)
            self._lock.acquire()
            self._depth += 1

        def __exit__(self, *_: object) -> None:
            self._depth -= 1
            self._lock.release()

    monkeypatch.setattr(parts, "RLock", Lock)
    chart: Any = make(color="cluster")
    coloring = threading.Thread(target=setattr, args=(chart, "color", "density"), name="coloring")
    coloring.start()
    coloring.join(30)
    assert chart.projection.name == "points"
    codes = array_in(Page(chart.comm).child("_ground").state["points"])[:, 2]
    np.testing.assert_array_equal(codes, by_density(chart.projection.points).codes)


def test_what_is_found_is_what_the_last_labels_hold_though_others_took_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = np.array([f"word {i:02d}" for i in range(60)], object)
    chart = make(labels={"word": words})
    halt, at_work, missing = threading.Event(), threading.Event(), is_missing

    def slowly(one: Any) -> bool:
        if threading.current_thread().name == "slow" and not at_work.is_set():
            at_work.set()
            halt.wait(20)
        return missing(one)

    monkeypatch.setattr(search, "is_missing", slowly)
    searching = threading.Thread(target=setattr, args=(chart, "search", "word 59"), name="slow")
    searching.start()
    assert at_work.wait(20)
    chart.labels = {"word": words[::-1].copy()}
    halt.set()
    searching.join(20)
    assert chart.found.tolist() == [0]
    found = Page(chart.comm).state["_found"]
    assert (found["text"], np.frombuffer(found["rows"], "<u4").tolist()) == ("word 59", [0])


@pytest.fixture
def often_switched() -> Iterator[None]:
    """Have threads take turns a hundred times as often as usual."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("often_switched")
def test_a_map_that_threads_move_at_once_is_at_one_place() -> None:
    """With traitlets' own blocks, one for all threads, these failed, or left another latent."""
    chart = make()
    page = Page(chart.comm)
    end, raised = time.monotonic() + 3, []

    def again(move: Callable[[int], object]) -> None:
        number = 0
        try:
            while time.monotonic() < end:
                move(number := number + 1)
        except Exception as error:
            raised.append(error)

    moves = [
        lambda i: page.set(_spot=[-1, float(i % 7), float(i % 5)]),
        lambda i: setattr(chart, "index", i % 60),
        lambda i: setattr(chart, "smooth", bool(i % 2)),
        lambda i: setattr(chart, "projection", LATENTS[:, [0, 1]] if i % 2 else LATENTS[:, 2:]),
    ]
    threads = [threading.Thread(target=again, args=[move]) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert raised == []
    place = chart.projection.place([chart.latent])[0]
    np.testing.assert_allclose(chart.value, place, atol=1e-4)
    row = -1 if chart.index is None else chart.index
    assert page.state["_spot"] == [row, *chart.value]
