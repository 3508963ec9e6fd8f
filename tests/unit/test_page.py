"""The page that tests look at in place of a browser: it hides no fault of a widget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.unit.page import Page


def make() -> Any:
    space = lw.LatentSpace(np.abs, (4, 4), value_range=(0, 1))
    return lw.Interpolator(space, np.stack([np.zeros((4, 4)), np.ones((4, 4))]))


def test_what_is_raised_while_a_message_is_taken_is_raised() -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    widget = make()
    page = Page(widget.comm)
    widget.on_msg(fail)
    with pytest.raises(ZeroDivisionError):
        page.say({})
    widget.observe(fail, "value")
    with pytest.raises(ZeroDivisionError):
        page.set(value=0.5)


def test_it_knows_what_it_is_told_alone() -> None:
    widget = make()
    page = Page(widget.comm)
    widget.value = 0.5
    assert page.state["value"] == 0.5
    with widget.hold_sync():
        widget.value = 1.0
        assert page.state["value"] == 0.5
    widget.close()
    assert page.state["value"] == 1.0
    with pytest.raises(AssertionError, match="closed"):
        Page(widget.comm)
