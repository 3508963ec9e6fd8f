"""The Interpolator's geodesics, even speed and speed curve: at once, or while nobody asks."""

from __future__ import annotations

import gc
import re
import time
import weakref
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.analysis.path_geodesic import geodesic
from latentwidgets.analysis.path_smoothness import drawn
from tests.unit.page import Page

MATRIX = np.random.default_rng(0).normal(size=(6, 20))
ANCHORS = np.random.default_rng(5).normal(size=(3, 6)).astype(np.float32)
LENGTHS = ("length", "lerp_length", "slerp_length")


class Decoder:
    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds, self.calls, self.pause = seconds, 0, 0.0

    def __call__(self, latents: Any) -> Any:
        self.calls += 1
        pause, self.pause = self.pause, 0.0
        time.sleep(pause)
        time.sleep(self.seconds * len(latents))
        return np.tanh(latents @ MATRIX / 2)


def make(space: Any = None, **options: Any) -> Any:
    space = space or lw.LatentSpace(Decoder(), 6, kind="curve")
    return lw.Interpolator(space, options.pop("anchors", ANCHORS), **options)


def steps_of(path: lw.Path) -> Any:
    outputs = np.tanh(path(np.linspace(0, 1, 201)) @ MATRIX / 2)
    return np.linalg.norm(np.diff(outputs, axis=0), axis=1)


def asked(page: Page, at: Any = (0.0,), **question: Any) -> dict[str, Any]:
    question = {"chance": False, **question}
    return page.asked(type="speeds", at=list(at), client="speeds", **question)


def test_without_a_page_a_way_is_found_at_once() -> None:
    plain, walk = make(), make(method="geodesic")
    assert walk.path.method == "geodesic"
    assert steps_of(walk.path).sum() < steps_of(plain.path).sum()
    np.testing.assert_allclose(walk.latent, ANCHORS[0])
    walk.value = 0.3
    np.testing.assert_allclose(walk.latent, walk.path(0.3), rtol=1e-6)
    walk.method = "slerp"
    assert walk.path == plain.path
    walk.even_speed = True
    steps = steps_of(walk.path)
    assert (
        steps.max() / steps.mean() < 1.15 < steps_of(plain.path).max() / steps_of(plain.path).mean()
    )
    assert Page(walk.comm).state["_marks"] == pytest.approx(walk.path.marks)
    assert walk.path.marks[1] != 0.5
    walk.method = "geodesic"
    steps = steps_of(walk.path)
    assert (walk.path.method, steps.max() / steps.mean() < 1.15) == ("geodesic", True)


def test_a_way_that_a_page_asks_for_is_found_while_nobody_asks() -> None:
    decode = Decoder()
    walk = make(lw.LatentSpace(decode, 6, kind="curve"))
    page = Page(walk.comm)
    known = {"sought": False, "words": "", "drawn": True, "even": True, "withheld": {}}
    assert page.state["_way"] == known
    assert "curve" in page.state["_parts"]
    page.asked(at=[0.0])
    before, route = decode.calls, page.state["_route"]
    page.set(method="geodesic")
    assert decode.calls == before
    assert page.state["_way"]["sought"]
    assert page.state["_route"] == route  # slerp, until it is found
    assert asked(page)["type"] == "stale"
    assert page.state["_route"] != route
    assert not page.state["_way"]["sought"]
    assert re.fullmatch(r"\d+% shorter than s?lerp\.", page.state["_way"]["words"])
    assert walk.path.method == "geodesic"
    np.testing.assert_allclose(walk.latent, ANCHORS[0])
    # Back and forth it is known.
    found = walk.path
    page.set(method="slerp")
    assert page.state["_way"]["words"] == ""
    page.set(method="geodesic")
    assert not page.state["_way"]["sought"]
    assert walk.path == found


def test_who_reads_the_path_waits_for_it() -> None:
    walk = make()
    Page(walk.comm).asked(at=[0.0])
    walk.even_speed = True
    assert Page(walk.comm).state["_way"]["sought"]
    assert steps_of(walk.path).max() / steps_of(walk.path).mean() < 1.15
    assert Page(walk.comm).state["_way"]["words"] == "Even speed of the output."


def test_what_is_no_longer_wanted_is_not_shown() -> None:
    walk = make()
    page = Page(walk.comm)
    page.asked(at=[0.0])
    page.set(method="geodesic")
    page.ask(type="speeds", at=[0.0], chance=False)
    time.sleep(0.4)
    page.set(method="lerp")
    answer, _ = page.answer()
    assert answer["type"] == "stale"
    assert walk.path.method == "lerp"


def test_the_page_learns_how_fast_the_output_changes() -> None:
    def decode(z: np.ndarray) -> Any:
        return (z + 20 * np.tanh(40 * (z - 0.3))) * np.ones(4)

    walk = make(lw.LatentSpace(decode, 1, kind="curve"), anchors=[[0.0], [1.0]], method="lerp")
    curve = asked(Page(walk.comm))["curve"]
    t, speeds = np.array(curve["points"]).T
    assert len(t) == 65
    assert t[speeds.argmax()] == pytest.approx(0.3, abs=0.02)
    assert curve["abrupt"] == [pytest.approx(0.3, abs=0.02)]
    assert "Abrupt at t = 0.3" in curve["words"]
    assert "its way is 1 times" in curve["words"]
    even = make(anchors=ANCHORS[:2], even_speed=True)
    curve = asked(Page(even.comm))["curve"]
    assert np.array(curve["points"])[1:-1, 1] == pytest.approx(1, abs=0.1)
    assert curve["words"].endswith("No abrupt change.")


def numbers_in(words: str) -> list[float]:
    found = re.findall(r"−?\d+(?:\.\d+)?", words)
    return [float(one.replace("−", "-")) for one in found]


def test_speeds_and_savings_have_their_chance_beside_them() -> None:
    decode = Decoder()
    walk = make(lw.LatentSpace(decode, 6, kind="curve"), speed_curve="always")
    page = Page(walk.comm)
    words = asked(page, chance=True)["curve"]["words"]
    found = numbers_in(words)
    assert found[0] == 4
    peaks, overs = [], []
    for anchors in drawn(walk.space, walk.anchors, 4, 0, most=64):
        gaps = [np.linalg.norm(np.diff(one, axis=0), axis=1) for one in (anchors, ANCHORS)]
        np.testing.assert_allclose(gaps[0], gaps[1], rtol=0.2)
        steps, ends = steps_of(lw.Path(anchors)), np.tanh(anchors[[0, -1]] @ MATRIX / 2)
        peaks.append(steps.max() / steps.mean())
        overs.append(steps.sum() / np.linalg.norm(ends[1] - ends[0]))
    # The median, the least and the largest.
    for said, ways in ((found[1:4], peaks), (found[4:], overs)):
        assert said == pytest.approx(np.percentile(ways, [50, 0, 100]), rel=0.02)
    assert words.startswith("4 slerp paths at their own speed between samples of the prior")
    assert asked(page, chance=True)["curve"]["saved"] == ""
    page.asked(at=[0.0])
    page.set(method="geodesic")
    assert asked(page, chance=True)["type"] == "stale"  # first the path itself is found
    curve = asked(page, chance=True)["curve"]
    print(curve["words"], curve["saved"])
    assert curve["words"].startswith("4 geodesics between samples of the prior")
    # Each segment at an even speed of its own.
    assert 1 <= max(numbers_in(curve["words"])[1:4]) < max(peaks)
    assert curve["saved"].startswith("What 4 geodesics between samples of the prior")
    middle, low, high = numbers_in(curve["saved"])[1:]
    saved = []
    for anchors in drawn(walk.space, walk.anchors, 4, 0, most=64):
        parts = [geodesic(walk.space, *pair, controls=0) for pair in pairwise(anchors)]
        known = [sum(getattr(one, name) for one in parts) for name in LENGTHS]
        saved.append(100 * (1 - known[0] / min(known[1:])))
    assert [low, middle, high] == pytest.approx(np.percentile(saved, [0, 50, 100]), abs=0.6)
    assert low < 0 < high, "some keep to the data, and are longer"
    before = decode.calls
    assert asked(page, chance=True)["curve"] == curve
    assert decode.calls == before, "it is kept"
    # Of another timing of the same geodesics it is the same.
    page.set(even_speed=True)
    assert asked(page, chance=True)["type"] == "stale"
    before = decode.calls
    assert asked(page, chance=True)["curve"] == curve
    assert decode.calls == before, "whatever the timing"


@pytest.mark.slow
def test_what_geodesics_save_by_chance_is_looked_for_within_the_time_that_there_is() -> None:
    decode = Decoder()
    space = lw.LatentSpace(decode, 6, kind="curve")
    walk = make(space, method="geodesic", speed_curve="never")
    page = Page(walk.comm)
    curve = asked(page, chance=True)["curve"]
    assert curve["words"] == ""
    assert curve["saved"].startswith("What 4 geodesics")
    # A search that takes so long is not repeated four times; the curve is measured all the same.
    decode.pause = 8.0
    walk.closed = True
    assert walk.path.closed
    assert decode.pause == 0
    before = decode.calls
    curve = asked(page, chance=True)["curve"]
    assert (curve["words"], decode.calls) == ("", before)
    assert re.search(r"^To measure what geodesics .* about \d+ s\. Set", curve["saved"])
    walk.speed_curve = "auto"
    curve = asked(page, chance=True)["curve"]
    assert curve["words"].startswith("4 slerp paths at their own speed between samples")
    assert curve["saved"].startswith("To measure what geodesics")


def test_chance_is_of_the_conditions_and_left_out_where_samples_or_decodes_take_long() -> None:
    def decode(z: np.ndarray, power: np.ndarray) -> Any:
        return np.abs(z) ** power[:, None] * np.ones(4)

    space = lw.LatentSpace(decode, 1, kind="curve", conditions={"power": (1.0, 1.0, 3.0)})
    walk = make(space, anchors=[[1.0], [2.0]], method="lerp", speed_curve="always")
    page = Page(walk.comm)
    plain, cubed = (
        numbers_in(asked(page, (0.0, power), chance=True)["curve"]["words"]) for power in (1.0, 3.0)
    )
    assert cubed[1] > plain[1] + 0.2

    def lazy(rng: np.random.Generator, n: int) -> np.ndarray:
        time.sleep(0.05 * n)
        return rng.normal(size=(n, 6))

    space = lw.LatentSpace(Decoder(), 6, kind="curve", prior=lazy)
    slow = make(space, speed_curve="always")
    assert asked(Page(slow.comm), chance=True)["curve"]["words"] == ""
    slow = make(lw.LatentSpace(Decoder(0.1), 6, kind="curve"))
    words = asked(Page(slow.comm), chance=True)["curve"]["words"]
    assert re.search(r"^To measure what samples .* about \d+ s\. Set speed_curve", words)
    never = make(speed_curve="never")
    assert asked(Page(never.comm), chance=True)["curve"]["words"] == ""


def test_the_curve_is_that_of_the_conditions() -> None:
    def decode(z: np.ndarray, power: np.ndarray) -> Any:
        return z ** power[:, None] * np.ones(4)

    space = lw.LatentSpace(decode, 1, kind="curve", conditions={"power": (1.0, 1.0, 3.0)})
    walk = make(space, anchors=[[0.0], [1.0]], method="lerp")
    page = Page(walk.comm)
    speeds = [np.array(asked(page, at)["curve"]["points"])[:, 1] for at in ((0.5, 1.0), (0.1, 3.0))]
    assert speeds[0] == pytest.approx(1, rel=1e-2)
    assert speeds[1][-1] == pytest.approx(3, rel=2e-2)


def test_a_slow_decoder_is_measured_only_where_somebody_asks() -> None:
    walk = make(lw.LatentSpace(Decoder(0.1), 6, kind="curve"))
    page = Page(walk.comm)
    answer = asked(page)["curve"]
    assert answer["points"] == []
    assert re.search(r"about \d+ s\. Set speed_curve", answer["words"])
    assert answer["words"].endswith("in an explorer that is explorer.path.")
    walk.speed_curve = "never"
    assert not page.state["_way"]["drawn"]
    quick = make(speed_curve="never")
    assert "curve" not in Page(quick.comm).state["_parts"]
    assert asked(Page(quick.comm))["curve"]["points"] == []
    quick.speed_curve = "always"
    assert "curve" in Page(quick.comm).state["_parts"]
    assert len(asked(Page(quick.comm))["curve"]["points"]) == 65


def test_what_has_no_speed_offers_none() -> None:
    words = lw.LatentSpace(lambda z: [f"{one[0]:.1f}" for one in z], 6)
    walk = make(words)
    state = Page(walk.comm).state
    why = {"geodesic": "asks for outputs that are numbers; these are of the kind text"}
    assert state["_way"] == {
        "sought": False,
        "words": "",
        "drawn": False,
        "even": False,
        "withheld": why,
    }
    assert "geodesic" not in state["_methods"]
    with pytest.raises(lw.LatentValueError, match="outputs that are numbers; .* decodes to text"):
        walk.even_speed = True
    with pytest.raises(lw.LatentValueError, match="outputs that are numbers"):
        walk.method = "geodesic"
    large = lw.LatentSpace(lambda z: z, 80, kind="curve")
    with pytest.raises(lw.LatentValueError, match="at most 64 numbers; .* have 80"):
        make(large, anchors=large.sample(2), method="geodesic")
    assert make(large, anchors=large.sample(2), even_speed=True).path.timing is not None
    state = Page(make(large, anchors=large.sample(2)).comm).state
    assert "geodesic" not in state["_methods"]
    assert "at most 64 numbers, and these have 80:" in state["_way"]["withheld"]["geodesic"]
    state = Page(make().comm).state
    assert "geodesic" in state["_methods"]
    assert state["_way"]["withheld"] == {}


def test_why_a_way_cannot_be_found_is_told() -> None:
    flat = lw.LatentSpace(lambda z: 0 * z + 1, 6, kind="curve")
    with pytest.raises(lw.LatentValueError, match="does not change along the path"):
        make(flat, even_speed=True)
    walk = make(flat)
    page = Page(walk.comm)
    page.asked(at=[0.0])
    page.set(even_speed=True)
    answer = asked(page)
    assert answer["type"] == "error"
    assert "does not change along the path" in answer["message"]
    page.set(even_speed=False)
    assert asked(page)["curve"]["words"] == "The output does not change along this path."
    editor = lw.DirectionEditor(flat, ANCHORS[0], lw.Direction("first", np.eye(6)[0]))
    answer = Page(editor.comm).asked(type="speeds", at=[0.0], chance=False)
    assert "no path here" in answer["message"]


def test_the_map_shows_the_path_that_was_found() -> None:
    pytest.importorskip("jscatter")
    walk = make()
    latents = np.random.default_rng(0).normal(size=(60, 6)).astype(np.float32)
    shown = lw.LatentMap(walk.space, latents)
    lw.link(walk, shown)
    page = Page(walk.comm)
    page.asked(at=[0.0])
    before = np.array(shown.path)
    page.set(method="geodesic")
    assert asked(page)["type"] == "stale"
    assert np.abs(np.array(shown.path) - before).max() > 1e-3


def test_a_changed_model_is_looked_at_anew_and_a_closed_widget_lets_go() -> None:
    class Stretched:
        power = 1.0

        def __call__(self, z: np.ndarray) -> Any:
            return np.abs(z) ** self.power * np.ones(4)

    decode = Stretched()
    walk = make(
        lw.LatentSpace(decode, 1, kind="curve"),
        anchors=[[0.0], [1.0]],
        method="lerp",
        even_speed=True,
    )
    assert walk.path(0.25)[0] == pytest.approx(0.25, abs=1e-3)
    decode.power = 2.0
    walk.refresh()
    assert walk.path(0.25)[0] == pytest.approx(0.5, abs=1e-2)
    gone = weakref.ref(walk.path)
    walk.close()
    gc.collect()
    assert gone() is None
