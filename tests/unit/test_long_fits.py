"""Projections that take long: in the background, with progress, waited for and cancelled."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.routes import embedding
from latentwidgets.routes.projection import Projection, project
from latentwidgets.routes.watched import Fit, FitCancelledError
from tests.unit.page import Page

LATENTS = np.random.default_rng(0).normal(size=(700, 12)).astype(np.float32)


def chart(**options: Any) -> Any:
    pytest.importorskip("jscatter", reason="needs the extra map")
    return lw.LatentMap(None, LATENTS, items=[str(i) for i in range(len(LATENTS))], **options)


def wait_for(done: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("most", [10_000, 500])
@pytest.mark.slow
def test_a_watched_fit_says_how_far_it_is_and_finds_the_same(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(embedding.MOST_FITTED, "tsne", most)
    shares: list[float] = []
    watched = project(LATENTS, "tsne", fit=Fit(shares.append))
    np.testing.assert_array_equal(watched.points, project(LATENTS, "tsne").points)
    assert shares == sorted(shares)
    assert len(shares) > 50
    assert max(np.diff(shares)) < 0.2
    assert shares[-1] == 1
    assert sys.getprofile() is None


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_umap_says_so_too() -> None:
    pytest.importorskip("umap", reason="needs the extra umap")
    shares: list[float] = []
    watched = project(LATENTS[:300], "umap", fit=Fit(shares.append))
    np.testing.assert_array_equal(watched.points, project(LATENTS[:300], "umap").points)
    assert len(shares) > 20
    assert shares[-1] == 1


def test_a_cancelled_fit_ends_at_once_and_leaves_nothing_behind() -> None:
    before = sys.getprofile()
    fit = Fit(lambda share: fit.cancel() if share >= 0.1 else None)
    with pytest.raises(FitCancelledError, match="was cancelled"):
        project(LATENTS, "tsne", fit=fit)
    assert 0.1 <= fit.share < 0.2
    assert sys.getprofile() is before


@pytest.mark.slow
def test_a_long_fit_from_python_is_made_in_the_background() -> None:
    shown = chart()
    seen: list[float] = []
    shown.observe(lambda change: seen.append(change["new"]), "_share")
    shown.projection = "tsne"
    assert shown.projection.name == "pca"
    assert shown.fitting.name == Page(shown.comm).state["_projection"] == "tsne"
    shown.index = 7  # the map can be used meanwhile
    assert shown.fitting.wait(60)
    assert shown.projection.name == "tsne"
    np.testing.assert_array_equal(shown.projection.points, project(LATENTS, "tsne").points)
    assert shown.index == 7
    assert len(seen) > 20
    shown.projection = "pca"
    shown.projection = "tsne"  # which is kept
    assert shown.projection.name == "tsne"
    assert shown.fitting.wait()


@pytest.mark.slow
@pytest.mark.parametrize("by", ["python", "page", "close"])
def test_a_fit_is_cancelled(by: str) -> None:
    others = set(threading.enumerate())
    shown = chart()
    shown.projection = "tsne"
    wait_for(lambda: shown.fitting.share > 0)
    [thread] = [
        one for one in threading.enumerate() if one not in others and "projection" in one.name
    ]
    if by == "python":
        shown.fitting.cancel()
    elif by == "page":
        Page(shown.comm).set(_cancels=1)
    else:
        shown.close()
    thread.join(5)
    assert not thread.is_alive()
    if by != "close":
        told = Page(shown.comm).state["_projection"]
        assert (shown.fitting.name, told, shown.projection.name) == ("", "pca", "pca")
        assert shown.fitting.wait(1)
        shown.fitting.cancel()  # where nothing is fitted, nothing happens
        shown.projection = "tsne"
        assert shown.fitting.wait(60)
        assert shown.projection.name == "tsne"


def test_waiting_ends_in_time_and_where_it_is_cancelled() -> None:
    shown = chart()
    shown.projection = "tsne"
    assert not shown.fitting.wait(0)
    threading.Timer(0.1, shown.fitting.cancel).start()
    assert not shown.fitting.wait(30)
    assert shown.projection.name == "pca"


def test_what_cannot_be_fitted_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = chart()
    with pytest.raises(lw.LatentValueError, match="expected one of 'pca'"):
        shown.projection = "t-sne"
    monkeypatch.setitem(sys.modules, "umap", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda *_: None)
    with pytest.raises(lw.MissingExtraError):
        shown.projection = "umap"
    assert shown.fitting.name == ""


def test_what_is_shown_calls_off_what_is_on_its_way() -> None:
    shown = chart()
    shown.projection = "tsne"
    shown.projection = "pca"
    assert (shown.fitting.name, Page(shown.comm).state["_fitting"]) == ("", "")


def test_a_closed_map_ends_also_the_fits_that_it_forgot() -> None:
    others = set(threading.enumerate())
    shown = chart()
    shown.projection = "tsne"
    wait_for(lambda: shown.fitting.share > 0)
    [thread] = [
        one for one in threading.enumerate() if one not in others and "projection" in one.name
    ]
    shown.projection = "pca"
    assert thread.is_alive(), "it is kept for later"
    shown.close()
    thread.join(5)
    assert not thread.is_alive()


def test_placing_the_others_goes_evenly_from_nine_tenths_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(embedding.MOST_FITTED, "tsne", 50)
    monkeypatch.setattr(embedding, "PART_SIZE", 1500)  # each of the others with 50 of them
    shares: list[float] = []
    project(LATENTS[:140], "tsne", fit=Fit(shares.append))
    placed = [share for share in shares if share > 0.9]
    assert placed[:3] == pytest.approx([0.9 + 0.1 / 3, 0.9 + 0.2 / 3, 1.0])


@pytest.mark.slow
def test_a_map_opens_with_components_until_what_takes_long_is_fitted() -> None:
    shown = lw.LatentMap(None, LATENTS, projection="tsne", index=3)
    assert (shown.projection.name, shown.fitting.name, shown.index) == ("pca", "tsne", 3)
    assert Page(shown.comm).state["_projection"] == "tsne"
    assert shown.fitting.wait(60)
    assert (shown.projection.name, shown.index) == ("tsne", 3)
    np.testing.assert_array_equal(shown.projection.points, project(LATENTS, "tsne").points)
    # Where to begin is said in the projection's own units: those of PCA would be another place.
    with pytest.raises(lw.LatentValueError, match="t-SNE has no inverse"):
        lw.LatentMap(None, LATENTS[:50], projection="tsne", value=(0.5, 0.5))


@pytest.mark.slow
def test_a_fit_in_the_background_shows_no_bar_beside_the_map(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = chart(projection="tsne")
    wait_for(lambda: shown.projection.name == "tsne")
    assert capsys.readouterr().err == ""
    shown.projection = "pca"
    project(LATENTS[:100], "tsne")  # which shows one to those who wait for it
    assert "t-SNE of 100" in capsys.readouterr().err


@pytest.mark.slow
def test_waiting_ends_when_the_projection_is_shown_not_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = Projection.place

    def slowly(self: Projection, latents: Any) -> Any:
        time.sleep(0.3)
        return place(self, latents)

    shown = chart(path=LATENTS[:2])
    monkeypatch.setattr(Projection, "place", slowly)
    shown.projection = "tsne"
    assert shown.fitting.wait(60)
    assert shown.projection.name == "tsne"
