"""When the first draft of a decode is shown, by a clock that only the decoder moves on."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import latentwidgets as lw
from latentwidgets.engine import Renderer, renderer
from latentwidgets.engine.expected import MOST_KNOWN, StepNumbers
from latentwidgets.frames import Quality
from latentwidgets.routes.path import Path

ANCHORS = np.array([[0.0, 1.0], [1.0, 0.0]])


class Develop:
    """A decoder of as many steps as asked for, each of some seconds; two may take more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
        self.now, self.first, self.second, self.each = 0.0, 0.0, 0.0, 0.0
        monkeypatch.setattr(renderer, "time", SimpleNamespace(perf_counter=lambda: self.now))
        given = {"steps": lw.Condition(steps, choices=range(1, 100)), "gain": (1.0, 0.0, 2.0)}
        self.drawer = Renderer(lw.LatentSpace(self, 2, value_range=(0, 1), conditions=given))
        self.drawer.resize(2**20)
        self.name = self.drawer.show(Path(ANCHORS, "lerp")).name
        self.at = (steps - 1.0, 1.0)
        self.drawer.draw(self.name, [(0.0, *self.at)], Quality.LOSSLESS)  # it gives drafts

    def __call__(self, latents: Any, steps: Any, gain: Any) -> Iterator[NDArray[np.float32]]:
        for step in range(1, steps[0] + 1):
            self.now += self.each + {1: self.first, 2: self.second}.get(step, 0)
            yield np.full((len(latents), 8, 8), step / steps[0], np.float32)

    def shown(self, t: float, *conditions: float) -> list[int]:
        """The drafts that are shown on the way to a frame, each by its number."""
        position = (t, *(conditions or self.at))
        steps = self.drawer.steps(self.name, [position], Quality.LOSSLESS)
        return [frame.draft for drawn in steps for frame in drawn.frames]

    def ahead(self, *places: float) -> tuple[list[int], float]:
        """The drafts that end a strip for which they are good enough, and what it took."""
        positions, start = [(t, *self.at) for t in places], self.now
        steps = self.drawer.steps(self.name, positions, Quality.STRIP, drafts=True)
        *_, last = steps
        return [frame.draft for frame in last.frames], round(self.now - start, 3)


@pytest.mark.parametrize(("steps", "first"), [(2, 1), (6, 1), (12, 2), (50, 2)])
def test_the_first_draft_of_a_decode_that_has_become_slow_is_early(
    steps: int, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = Develop(monkeypatch, steps)
    assert decode.shown(0.1) == [0], "how many steps there are is known from now on"
    decode.each = max(0.6 / steps, 0.04)
    assert decode.shown(0.2)[0] == first


def test_the_first_draft_of_a_decode_that_is_just_slow_leaves_time_to_be_painted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decode = Develop(monkeypatch, 20)
    decode.each = 0.0074
    assert decode.shown(0.1) == [0], "0.148 s is quick"
    decode.each = 0.0078
    assert decode.shown(0.2)[0] <= 2, "in the first tenth"


def test_a_quick_decode_that_had_to_wait_is_never_shown_half_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decode = Develop(monkeypatch, 20)
    decode.each = 0.001
    assert decode.shown(0.1) == [0]
    decode.first = 0.1  # such as for another thread that runs the model
    assert decode.shown(0.2) == [0]
    assert decode.shown(0.3, 19.0, 0.5) == [0]
    decode.first = 0.2
    assert decode.shown(0.4)[0] == 1, "that was slow"


@pytest.mark.parametrize(
    ("steps", "each", "first", "second"),
    [
        (12, 0.005, 0, 0.012),
        (50, 0.001, 0, 0.015),
        (20, 0.004, 0, 0.012),
        (6, 0.005, 0.021, 0),
    ],
)
def test_a_quick_decode_whose_first_steps_had_to_wait_is_never_shown_half_done(
    steps: int, each: float, first: float, second: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode = Develop(monkeypatch, steps)
    decode.each = each
    assert decode.shown(0.1) == [0]
    decode.first, decode.second = first, second
    assert decode.shown(0.2) == [0]


def test_fewer_steps_are_not_taken_for_as_many_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    decode = Develop(monkeypatch, 50)
    decode.each = 0.002
    assert decode.shown(0.1) == [0]
    decode.each = 0.03
    assert decode.shown(0.2, 3.0, 1.0) == [0], "four steps of 0.12 s"
    assert decode.shown(0.3, 5.0, 1.0)[0] > 2, "nothing says yet that there are six"
    assert decode.drawer.seconds > renderer.SLOW_SECONDS


def test_another_strength_leaves_the_number_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    decode = Develop(monkeypatch, 12)
    decode.each = 0.001
    assert decode.shown(0.1) == [0]
    decode.each = 0.05
    assert decode.shown(0.2, 11.0, 1.5)[0] == 2


def test_a_strip_that_is_nearly_done_is_not_left_for_its_drafts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decode = Develop(monkeypatch, 10)
    assert decode.shown(0.05) == [0], "how many steps there are is known from now on"
    decode.each = 0.017
    assert decode.ahead(0.1, 0.2) == ([0, 0], 0.17), "to begin anew takes longer"
    decode.each = 0.1
    assert decode.ahead(0.3, 0.4) == ([2, 2], 0.2)


def test_a_strip_of_a_decode_of_one_step_is_finished_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    decode = Develop(monkeypatch, 1)
    assert decode.shown(0.05) == [0], "that there is one step is known from now on"
    decode.each = 0.4
    assert decode.ahead(0.1, 0.2) == ([0, 0], 0.4)


def test_a_strip_has_no_more_time_where_a_cell_ran_between_its_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decode = Develop(monkeypatch, 99)
    assert decode.shown(0.05) == [0]
    decode.each = 0.03
    positions = [(t, *decode.at) for t in (0.1, 0.2)]
    steps = decode.drawer.steps(decode.name, positions, Quality.STRIP, drafts=True)
    next(steps)
    decode.now += 30
    *_, last = steps
    assert [frame.draft for frame in last.frames] == [4, 4]
    assert last.seconds == pytest.approx(0.12)


def test_a_frame_takes_no_longer_where_a_cell_ran_between_its_steps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decode = Develop(monkeypatch, 4)
    decode.each = 0.03
    steps = decode.drawer.steps(decode.name, [(0.1, *decode.at)], Quality.LOSSLESS)
    next(steps)
    decode.now += 30
    assert [frame.draft for drawn in steps for frame in drawn.frames] == [0], "0.12 s is quick"
    assert decode.drawer.seconds == pytest.approx(0.12)


def test_a_draft_for_a_strip_is_as_good_as_a_moment_makes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decode = Develop(monkeypatch, 10)
    decode.each = 0.03
    decode.drawer.draw(decode.name, [(0.1, *decode.at)], Quality.LOSSLESS)
    assert decode.ahead(0.2) == ([1], 0.03), "nobody knows yet how long a step takes"
    assert decode.shown(0.3)[-1] == 0
    assert decode.ahead(0.4) == ([3], 0.09)


def test_of_another_model_it_is_not_known_how_many_steps_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decode = Develop(monkeypatch, 10)
    assert decode.shown(0.05) == [0]
    decode.drawer.forget()
    decode.name = decode.drawer.show(Path(ANCHORS, "lerp")).name
    decode.each = 0.06
    assert decode.shown(0.1)[0] == 3, "not the second, of ten"


def test_numbers_of_steps_are_known_of_the_newest_settings() -> None:
    numbers = StepNumbers()
    settings = [frozenset({(i,)}) for i in range(MOST_KNOWN + 1)]
    for i, one in enumerate(settings[:-1]):
        numbers.keep(one, i + 1)
    numbers.keep(settings[0], 100)  # the newest now
    numbers.keep(settings[-1], 200)
    assert [numbers.of(settings[i]) for i in (0, 1, 2, -1)] == [100, 0, 3, 200]


def test_how_many_steps_there_are_is_known_of_each_number_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decode = Develop(monkeypatch, 12)
    decode.each = 0.001
    assert decode.shown(0.1) == [0]
    assert decode.shown(0.1, 5.0, 1.0) == [0]
    decode.each = 0.05
    assert decode.shown(0.2)[0] == 2, "of twelve, whatever was decoded between"
