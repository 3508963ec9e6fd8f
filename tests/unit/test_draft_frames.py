"""Drafts on their way to the page: shown as they come, stopped, kept, never called exact."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import latentwidgets as lw
from latentwidgets.engine import FrameCache, Renderer, renderer
from latentwidgets.frames import Frame, Quality
from latentwidgets.routes.path import Path
from tests.unit.page import Page

Array = NDArray[np.float32]
ANCHORS = [[0.0, 1.0], [1.0, 0.0]]
STEPS = 6


class Develop:
    """A decoder of six steps, which can be held before a step; the level tells which was last."""

    def __init__(self) -> None:
        self.gates: dict[int, threading.Event] = {}
        self.began: list[tuple[float, int]] = []
        self.closed: list[int] = []
        self.fault: int | None = None
        self.pause = 0.0

    def __call__(self, latents: Array) -> Iterator[Array]:
        step = 0
        try:
            for step in range(1, STEPS + 1):
                self.began.append((float(latents[0, 0]), step))
                if gate := self.gates.get(step):
                    assert gate.wait(20)
                if step == self.fault:
                    raise ValueError("no more")
                time.sleep(self.pause)
                yield np.full((len(latents), 8, 8), step / STEPS, np.float32)
        finally:
            self.closed.append(step)

    def hold(self, step: int) -> threading.Event:
        """Stop at the beginning of a step until the gate opens."""
        self.gates[step] = threading.Event()
        return self.gates[step]

    def reached(self, value: float, step: int) -> bool:
        return any(abs(at - value) < 1e-6 and taken == step for at, taken in self.began)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every decoder count as slow, and every draft made a frame."""
    monkeypatch.setattr(renderer, "SLOW_SECONDS", -1.0)
    monkeypatch.setattr(renderer, "DRAFT_SECONDS", 0.0)
    monkeypatch.setattr(renderer, "STRIP_SECONDS", 0.0)


def shown(decode: Any = None, **options: Any) -> tuple[Any, lw.Interpolator, Page]:
    decode = decode or Develop()
    space = lw.LatentSpace(decode, 2, value_range=(0, 1), **options)
    widget = lw.Interpolator(space, ANCHORS, method="lerp")
    return decode, widget, Page(widget.comm)


def drafts_in(content: dict[str, Any]) -> list[int]:
    return [frame["draft"] for frame in content["frames"]]


def answers(page: Page) -> Generator[dict[str, Any], None, None]:
    """All answers up to one that no other follows."""
    while True:
        content, _ = page.answer()
        yield content
        if not content.get("more"):
            return


def test_drafts_come_one_by_one_and_then_the_exact_frame() -> None:
    decode, _, page = shown()
    gate = decode.hold(3)
    page.ask(at=[0.5])
    first, second = (page.answer()[0] for _ in range(2))
    assert [drafts_in(content) for content in (first, second)] == [[1], [2]]
    assert first["more"] is second["more"] is True
    assert first["frames"][0]["lossless"] is False
    assert not page.messages, "the third is not there yet"
    gate.set()
    rest = list(answers(page))
    assert [drafts_in(content) for content in rest] == [[3], [4], [5], [6], [0]]
    assert rest[-1]["frames"][0]["lossless"] is True
    assert rest[-1]["more"] is False
    assert rest[-1]["ms"] >= 0


def test_a_newer_question_of_the_page_stops_the_decoder_at_once() -> None:
    decode, _, page = shown()
    gate = decode.hold(2)
    page.ask(at=[0.5])
    page.answer()
    until(lambda: decode.reached(0.5, 2))
    page.ask(at=[0.75], seq=2)
    gate.set()
    rest = list(answers(page))
    assert {content["seq"] for content in rest} == {2}
    assert decode.closed[1:] == [2, STEPS], "one step at most is wasted"


@pytest.mark.parametrize("end", ["stop", "close", "route"])
def test_what_nobody_wants_any_more_is_stopped(end: str) -> None:
    decode, widget, page = shown()
    gate = decode.hold(2)
    page.ask(at=[0.5])
    page.answer()
    until(lambda: decode.reached(0.5, 2))
    if end == "stop":
        page.ask(type="stop", seq=2)
    elif end == "close":
        widget.close()
    else:
        widget.anchors = [[0.0, 0.0], [1.0, 1.0]]
    gate.set()
    until(lambda: len(decode.closed) == 2)
    assert decode.closed[1] == 2
    if end == "route":
        assert page.answer()[0]["type"] == "stale"
    assert not page.messages


def test_another_page_is_answered_first_and_the_first_goes_on_after() -> None:
    decode, _, page = shown()
    gate = decode.hold(2)
    page.ask(at=[0.5])
    page.answer()
    until(lambda: decode.reached(0.5, 2))
    page.ask(at=[0.75], client="other")
    gate.set()
    found = [page.answer()[0] for _ in range(2 * STEPS + 1)]
    ends = [content["client"] for content in found if not content["more"]]
    assert ends == ["other", "page"]
    assert decode.closed[1:] == [STEPS, STEPS]
    assert decode.began.count((0.5, 1)) == 1, "it went on where it was"


def test_a_question_that_was_left_can_be_given_up() -> None:
    decode, _, page = shown()
    gate = decode.hold(2)
    page.ask(at=[0.5])
    page.answer()
    until(lambda: decode.reached(0.5, 2))
    page.ask(at=[0.75], client="other")
    second = decode.gates[3] = threading.Event()
    gate.set()
    until(lambda: decode.reached(0.75, 3))
    page.ask(type="stop", seq=2)
    second.set()
    until(lambda: len(decode.closed) == 3)
    assert sorted(decode.closed[1:]) == [2, STEPS]


def test_what_was_made_is_kept_as_a_draft_and_never_handed_out_as_more() -> None:
    decode, _, page = shown()
    gate = decode.hold(4)
    page.ask(at=[0.5])
    for _ in range(3):
        page.answer()
    page.ask(type="stop", seq=2)
    gate.set()
    until(lambda: len(decode.closed) == 2)
    page.messages.clear()
    strip = {"type": "strip", "positions": [[0.5]]}
    assert drafts_in(page.asked(seq=3, **strip)) == [4], "the best that there is"
    assert len(decode.closed) == 2, "nothing was decoded for it"
    assert drafts_in(page.asked(seq=4, drafts=False, **strip)) == [0]
    assert len(decode.closed) == 3
    [frame] = page.asked(seq=5, at=[0.5])["frames"]
    assert frame["lossless"]
    assert drafts_in(page.asked(seq=6, **strip)) == [0]
    assert len(decode.closed) == 3


def test_pictures_that_are_saved_are_decoded_to_the_end() -> None:
    decode, widget, page = shown()
    gate = decode.hold(2)
    page.ask(at=[0.5])
    page.answer()
    page.ask(type="stop", seq=2)
    gate.set()
    until(lambda: len(decode.closed) == 2)
    decode.gates.clear()
    widget.value = 0.5
    assert np.asarray(widget.image()).min() == 255
    at, pixels = page.picture()
    assert at == [0.5]
    assert pixels.min() == 255
    before = len(decode.closed)
    page.ask(seq=3, at=[0.5])
    content, [data] = page.answer()
    assert content["frames"][0]["lossless"]
    assert set(data) == {255}
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    assert bundle[0]["image/png"]
    assert len(decode.closed) == before, "it is the same frame"


def test_a_strip_is_made_of_first_drafts_and_refined_when_that_is_asked_for() -> None:
    decode, _, page = shown()
    places = [[i / 8] for i in range(9)]
    page.ask(type="strip", positions=places)
    frames = [frame for content in answers(page) for frame in content["frames"]]
    assert {frame["draft"] for frame in frames[1:]} == {1}
    assert frames[0]["draft"] == 0, "the first picture of the widget is exact already"
    assert set(decode.closed[1:]) == {1}
    page.ask(type="strip", seq=2, positions=places[1:3], drafts=False)
    refined = [frame for content in answers(page) for frame in content["frames"]]
    assert [frame["draft"] for frame in refined] == [0, 0]
    assert decode.closed[-1] == STEPS


def test_a_question_stops_what_only_refines_and_its_draft_is_sent() -> None:
    decode, _, page = shown()
    gate = decode.hold(3)
    page.ask(type="strip", positions=[[0.5], [0.75]], drafts=False)
    until(lambda: decode.reached(0.5, 3))
    page.ask(at=[0.25], seq=2)
    gate.set()
    contents: list[dict[str, Any]] = []
    while len([one for one in contents if not one["more"]]) < 2:
        contents.append(page.answer()[0])
    [cut] = [content for content in contents if content["of"] == "strip"]
    assert drafts_in(cut) == [3]
    assert decode.closed[1:] == [3, STEPS]


def test_another_strip_stops_what_refines_the_last() -> None:
    decode, _, page = shown()
    gate = decode.hold(3)
    page.ask(type="strip", positions=[[0.5]], drafts=False)
    until(lambda: decode.reached(0.5, 3))
    page.ask(type="strip", seq=2, positions=[[0.75]])
    gate.set()
    (first, _), (second, _) = page.answer(), page.answer()
    assert [(first["seq"], drafts_in(first)), (second["seq"], drafts_in(second))] == [
        (1, [3]),
        (2, [1]),
    ]


def test_an_error_on_the_way_leaves_the_draft_and_is_told() -> None:
    decode, _, page = shown()
    decode.fault = 3
    page.ask(at=[0.5])
    contents = [page.answer()[0] for _ in range(3)]
    assert [content["type"] for content in contents] == ["frames", "frames", "error"]
    assert "no more" in contents[2]["message"]
    page.ask(type="strip", seq=2, positions=[[0.5]])
    assert drafts_in(page.answer()[0]) == [2]
    decode.fault = None
    page.ask(at=[0.6], seq=3)
    assert [content["type"] for content in answers(page)] == ["frames"] * (STEPS + 1)


@pytest.mark.parametrize("wrong", [None, (1, 9, 9), (3, 8, 8)])
def test_a_decoder_that_yields_nothing_or_another_shape_is_told(wrong: Any) -> None:
    def decode(latents: Array) -> Iterator[Array]:
        if latents[0, 0] == 0:
            yield np.zeros((len(latents), 8, 8), np.float32)
        elif wrong:
            yield np.zeros(wrong, np.float32)

    _, _, page = shown(decode)
    page.ask(at=[0.5])
    content, _ = page.answer()
    assert content["type"] == "error"
    assert ("yielded nothing" in content["message"]) is (wrong is None)
    page.ask(at=[0.0], seq=2)
    assert page.answer()[0]["type"] == "frames"


def test_a_cheaper_function_is_the_first_draft() -> None:
    _, _, page = shown(
        lambda latents: np.zeros((len(latents), 8, 8)),
        draft=lambda latents: np.ones((len(latents), 8, 8)),
    )
    page.ask(at=[0.5])
    contents = list(answers(page))
    assert drafts_in(contents[0]) == [1]
    assert drafts_in(contents[-1]) == [0]


def test_quick_decoders_show_no_drafts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "SLOW_SECONDS", 0.15)
    decode, _, page = shown()
    page.ask(at=[0.5])
    content, _ = page.answer()
    assert (drafts_in(content), content["more"]) == ([0], False)
    page.ask(type="strip", seq=2, positions=[[0.25], [0.75]])
    assert drafts_in(page.answer()[0]) == [0, 0]
    decode.pause = 0.04
    page.ask(at=[0.6], seq=3)  # it has become slow, as where a condition asks for more steps
    contents = list(answers(page))
    assert drafts_in(contents[0])[0] > 0
    assert drafts_in(contents[-1]) == [0]


def test_drafts_that_come_in_a_rush_are_shown_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(renderer, "DRAFT_SECONDS", 60.0)
    _, _, page = shown()
    page.ask(at=[0.5])
    contents = list(answers(page))
    assert [drafts_in(content) for content in contents] == [[1], [0]]


def test_a_grid_is_filled_with_drafts_and_saved_without() -> None:
    decode = Develop()
    space = lw.LatentSpace(decode, 2, value_range=(0, 1))
    grid = lw.LatentGrid(space, np.random.default_rng(0).normal(size=(6, 2)), columns=3)
    page = Page(grid.comm)
    places = [[row, column] for row in range(2) for column in range(3)]
    page.ask(type="strip", positions=places)
    frames: list[dict[str, Any]] = []
    while len(frames) < 6:
        frames += page.answer()[0]["frames"]
    assert [frame["draft"] for frame in frames] == [0, 1, 1, 1, 1, 1]
    before = len(decode.closed)
    bundle = grid._repr_mimebundle_()
    assert bundle is not None
    assert "6 of 6 cells" in bundle[0]["text/html"]
    assert set(decode.closed[before:]) == {STEPS}
    assert drafts_in(page.asked(type="strip", seq=2, positions=places)) == [0] * 6, (
        "the still's frames are finished, and kept"
    )


def drawing() -> tuple[Develop, Renderer, str]:
    """A decoder, what draws with it, and the name of a route; the first position is drawn."""
    decode = Develop()
    drawer = Renderer(lw.LatentSpace(decode, 2, value_range=(0, 1)))
    drawer.resize(2**20)
    name = drawer.show(Path(np.array(ANCHORS), "lerp")).name
    drawer.draw(name, [(0.0,)], Quality.LOSSLESS)
    return decode, drawer, name


@pytest.mark.parametrize("quality", Quality)
def test_a_finished_frame_takes_the_place_of_a_draft(quality: Quality) -> None:
    _, drawer, name = drawing()
    steps = drawer.steps(name, [(0.5,)], Quality.STRIP)
    next(steps)
    steps.close()
    left = drawer.kept.strips.get(name, (0.5,), lossless=False, draft=True)
    assert left is not None
    assert left.draft == 1
    [frame] = drawer.draw(name, [(0.5,)], quality).frames
    assert (frame.draft, frame.lossless) == (0, True)
    left = drawer.kept.strips.get(name, (0.5,), lossless=False, draft=True)
    assert left is None or left.draft == 0


def test_steps_end_with_the_renderer_that_takes_them() -> None:
    decode, drawer, name = drawing()
    steps = drawer.steps(name, [(0.5,)], Quality.LOSSLESS)
    next(steps)
    steps.close()
    assert decode.closed == [STEPS, 1]


def frame(draft: int = 0, *, lossless: bool = False) -> Frame:
    return Frame((0.5,), bytes(10), "image/png", lossless, draft)


def test_the_cache_gives_drafts_only_where_they_will_do() -> None:
    cache = FrameCache(100)
    cache.put("a", frame(2))
    assert cache.get("a", (0.5,), lossless=False) is None
    assert cache.get("a", (0.5,), lossless=True, draft=True) is None
    for draft, kept in [(1, 2), (3, 3)]:
        cache.put("a", frame(draft))
        found = cache.get("a", (0.5,), lossless=False, draft=True)
        assert found is not None
        assert found.draft == kept, "a later one is better"
    cache.put("a", frame())
    cache.put("a", frame(9))
    cache.drop_draft("a", (0.5,))
    found = cache.get("a", (0.5,), lossless=False)
    assert found is not None
    assert cache.size == 10
