"""How many frames are drawn at a time."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.common.pace import Pace
from tests.unit.page import Page


@pytest.mark.parametrize(
    ("cost", "sizes"),
    [
        (lambda n: 0.001 * n, [1, 30, 30]),  # as many as go into 30 ms
        (lambda n: 2.0, [1, 2, 4, 8, 16]),  # several take no longer than one
        (lambda n: 2.0 + 0.3 * n, [1, 2, 4, 8, 1, 2, 4, 4]),  # up to four take little longer
        (lambda n: 2.0 * n, [1, 2, 1, 1]),  # each takes its time
        (lambda n: 0.004 if n > 1 else 2.0, [1, 2, 15, 112]),  # the first call of all is slow
    ],
)
def test_a_batch_takes_little_longer_than_may_be_waited_for(cost: Any, sizes: list[int]) -> None:
    pace, found = Pace(0.03), []
    for _ in sizes:
        found.append(pace.size)
        pace.took(pace.size, cost(pace.size))
    assert found == pytest.approx(sizes, abs=1)


def test_after_32_batches_a_larger_one_is_tried_again() -> None:
    pace, found = Pace(0.03), []
    for _ in range(45):
        found.append(pace.size)
        pace.took(pace.size, 2.0 + 0.3 * pace.size)
    assert found[:8] == [1, 2, 4, 8, 1, 2, 4, 4]  # eight take too long
    assert found[8:].index(8) + 8 == 4 + 32 + 1


@pytest.mark.parametrize("drafts", [False, True])
def test_a_decoder_that_makes_several_in_the_time_of_one_gets_several(drafts: bool) -> None:
    counts: list[int] = []
    lock = threading.Lock()

    def plain(latents: Any) -> Any:
        with lock:
            counts.append(len(latents))
        time.sleep(0.2)
        return np.ones((len(latents), 4, 4)) * 0.5

    def steps(latents: Any) -> Any:
        for _ in range(4):
            time.sleep(0.05)
            yield np.ones((len(latents), 4, 4)) * 0.5
        with lock:
            counts.append(len(latents))

    space = lw.LatentSpace(steps if drafts else plain, 2, value_range=(0, 1))
    widget = lw.Interpolator(space, np.eye(2), filmstrip=0)
    page = Page(widget.comm)
    counts.clear()
    places = [[i / 40] for i in range(1, 16)]
    page.ask(type="strip", positions=places, drafts=False)
    here: list[Any] = []
    while len(here) < 15:
        here += [frame for frame in page.answer()[0]["frames"] if frame["draft"] == 0]
    assert max(counts) >= 8
    assert len(counts) <= 5
    widget.close()


def told(seconds: float, *batches: tuple[int, float]) -> Pace:
    """Give a pace that has learnt how long batches took."""
    pace = Pace(seconds)
    for count, took in batches:
        pace.took(count, took)
    return pace


TOO_LONG = ((1, 2.0), (2, 2.0), (4, 9.0))  # four at once take longer than four alone may


@pytest.mark.parametrize(
    ("batches", "size"),
    [
        ((*TOO_LONG, (1, 1.5), (2, 1.5)), 2),  # much the same decoder as before
        ((*TOO_LONG, (1, 1.0), (2, 1.0)), 4),  # twice as fast: another one, which is tried anew
        ((*TOO_LONG, (1, 5.0), (2, 5.0)), 4),  # so is one that takes more than twice as long
        ((*TOO_LONG, (1, 4.0), (2, 4.0)), 4),  # or just that
        (((1, 2.0), (2, 1.0), (4, 1.7)), 1),  # the quickest batch says how long one may take
        (((1, 2.0), (2, 3.0)), 4),  # half as long again is little longer
        (((1, 2.0), (2, 3.1)), 1),
        (((1, 2.0), (3, 9.0), (1, 2.0)), 1),  # of three that were too many, one
        (((1, 0.03),), 1),  # what fits exactly needs no company
    ],
)
def test_the_next_batch_goes_by_what_the_last_ones_took(batches: Any, size: int) -> None:
    pace = told(0.03, *batches)
    assert pace.size == size
    assert type(pace.size) is int


def test_a_batch_that_was_stopped_is_halved_to_a_whole_number() -> None:
    pace = told(0.07, (1, 0.01))
    assert pace.size == 7
    pace.stopped()
    assert (pace.size, type(pace.size)) == (3, int)
