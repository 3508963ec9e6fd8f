"""Long work in steps: how much is done between two of them."""

from __future__ import annotations

import time
from collections.abc import Generator

import numpy as np
import pytest

from latentwidgets.common.pieces import Pieces, finish


def test_a_slow_function_gets_one_row_at_a_time_and_a_fast_one_all() -> None:
    def slowly(rows: np.ndarray) -> int:
        time.sleep(0.02 * len(rows))
        return len(rows)

    pieces = Pieces(0.02, most=16)
    slow = list(pieces.over("slow", slowly, np.zeros(8)))
    assert slow[0] == 1
    assert max(slow) == 2  # which it tries once, and found too long
    assert sum(slow) == 8
    fast = list(pieces.over("fast", len, np.zeros(100)))
    assert max(fast) == 16
    assert sum(fast) == 100
    assert list(Pieces(most=7).over("plain", len, np.zeros(9))) == [7, 2]


def test_what_is_done_between_steps_is_not_counted() -> None:
    pieces = Pieces(0.02, most=8)
    found = []
    for rows in pieces.over("fast", len, np.zeros(40)):
        found.append(rows)
        time.sleep(0.03)
    assert max(found) == 8


def test_finish_gives_what_is_found_and_raises_what_is_raised() -> None:
    def steps(fault: bool) -> Generator[None, None, str]:
        yield
        if fault:
            raise ValueError("no")
        return "found"

    assert finish(steps(False), "steps") == "found"
    with pytest.raises(ValueError, match="no"):
        finish(steps(True), "steps")
