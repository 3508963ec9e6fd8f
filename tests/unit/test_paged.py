"""Widgets whose decoder can run in the page: what they tell the page, and say of it."""

from __future__ import annotations

import gc
import gzip
import time
import weakref
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

import latentwidgets as lw
from tests.runtime import need_runtime
from tests.unit.page import Page


def pca() -> lw.LatentSpace:
    return lw.as_space(PCA(4).fit(load_digits().data), value_range=(0, 16))


def in_the_page(space: lw.LatentSpace, **more: Any) -> lw.Interpolator:
    """Make a widget of which the page has taken over."""
    widget = lw.Interpolator(space, space.sample(3, seed=0), method="lerp", **more)
    widget.set_state({"runs_in": "page"})
    assert widget.runs_in == "page"
    return widget


def test_the_page_is_told_how_long_the_kernel_takes() -> None:
    space = pca()
    page = Page(lw.Interpolator(space, space.sample(2, seed=0)).comm)
    answer = page.asked(type="decoder", at=[0.5], part="check")
    assert answer["reason"] == ""
    assert 0 < answer["ms"] < 1000
    assert 0 < answer["batch_ms"] <= answer["ms"]


def test_what_one_of_a_strip_took_is_told_beside_what_one_alone_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    space, sizes, decode = pca(), list[int](), lw.LatentSpace.decode

    def slower(self: lw.LatentSpace, latents: Any, *given: Any) -> Any:
        sizes.append(len(latents))
        time.sleep(0.04)  # as long for many as for one
        return decode(self, latents, *given)

    monkeypatch.setattr(lw.LatentSpace, "decode", slower)
    page = Page(lw.Interpolator(space, space.sample(2, seed=0)).comm)
    answer = page.asked(type="strip", positions=[[i / 20] for i in range(20)], drafts=False)
    while answer["more"]:
        answer, _ = page.answer()
    most = max(sizes)
    assert most > 1
    sizes.clear()
    answer = page.asked(type="decoder", at=[0.5], part="check")
    assert 40 / most < answer["batch_ms"] < 0.9 * answer["ms"]
    assert sizes[-4:] == [1, 1, 1, 1], "the model is held for no more than one picture at a time"


def test_what_has_decoded_nothing_is_offered() -> None:
    vectors = PCA(4).fit(load_digits().data)
    space = lw.as_space(vectors, value_range=(0, 16), kind="image")
    assert space.image_format is None
    page = Page(lw.Interpolator(space, np.eye(4)[:2]).comm)
    assert page.asked(type="decoder", at=[0.5], part="offer")["reason"] == ""


def test_a_page_is_offered_a_decoder_before_anything_is_decoded_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    space = pca()
    page = Page(lw.Interpolator(space, space.sample(2, seed=0)).comm)
    page.asked(type="ask", at=[0.5], fast=False)
    with monkeypatch.context() as patched:
        patched.setattr(lw.LatentSpace, "decode", None)  # nobody may call it
        offer = page.asked(type="decoder", at=[0.5], part="offer")
    check = page.asked(type="decoder", at=[0.5], part="check")
    assert (offer["reason"], offer["positions"]) == ("", [])
    assert len(check["positions"]) == 4
    same = {"client", "type", "of", "route", "reason", "name"}
    assert {key: offer[key] for key in same} == {key: check[key] for key in same}
    assert len(offer["arrays"]) == 3
    assert (check["arrays"], check["plan"]) == ([], {}), "told twice"


def change_path(widget: lw.Interpolator) -> None:
    widget.method = "spline"


def change_run(widget: lw.Interpolator) -> None:
    widget.run = "kernel"


@pytest.mark.parametrize("change", [change_path, change_run, lw.Interpolator.refresh])
def test_until_the_page_has_checked_what_is_new_the_kernel_decodes(change: Any) -> None:
    widget = in_the_page(pca())
    change(widget)
    assert widget.runs_in == "kernel"
    assert Page(widget.comm).state["runs_in"] == "kernel"


def test_what_is_the_same_stays_in_the_page() -> None:
    widget = in_the_page(pca())
    widget.value = 0.7
    widget.run = "page"
    widget.method = "lerp"
    assert widget.runs_in == "page"


def test_a_refresh_has_all_pages_of_its_space_check_anew_and_no_other() -> None:
    space, other = pca(), pca()
    widgets = [in_the_page(space), in_the_page(space), in_the_page(other)]
    closed = in_the_page(space)
    closed.close()
    before = [Page(widget.comm).state["_exports"] for widget in widgets]
    widgets[0].refresh()
    after = [Page(widget.comm).state["_exports"] for widget in widgets]
    assert np.not_equal(after, before).tolist() == [True, True, False]
    assert [widget.runs_in for widget in widgets] == ["kernel", "kernel", "page"]


def test_the_page_learns_that_it_may_take_larger_decoders() -> None:
    widget = in_the_page(pca())
    assert Page(widget.comm).state["page_memory"] == 64
    widget.page_memory = 128
    assert Page(widget.comm).state["page_memory"] == 128


def test_a_page_is_told_to_use_its_gpu_and_gets_what_runs_there() -> None:
    need_runtime(gpu=True)
    widget = in_the_page(pca())
    assert Page(widget.comm).state["page_gpu"] is False
    widget.page_gpu = True
    page = Page(widget.comm)
    assert page.state["page_gpu"] is True
    sent = {}
    for part in ("runtime", "webgpu"):
        page.ask(type="decoder", at=[0.5], part=part)
        sent[part] = page.answer()[1]
        assert gzip.decompress(sent[part][1]).startswith(b"\0asm")
    assert sent["runtime"] != sent["webgpu"]


def test_nothing_is_kept_of_a_widget_for_the_sake_of_others() -> None:
    space = pca()
    widget = lw.Interpolator(space, space.sample(2, seed=0))
    held = weakref.ref(widget)
    widget.close()
    del widget
    gc.collect()
    assert held() is None
