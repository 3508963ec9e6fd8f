"""A page far from its kernel: once it decodes by itself, the way there is of no account."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.slow_link import slow_link
from tests.browser.lab import Lab
from tests.browser.test_in_the_page import TORCH, drag_exactly, most_off, show, wait_page
from tests.browser.view import View
from tests.runtime import need_runtime

# What a page asks while somebody moves; of all else it tells the kernel where the thumb is.
ASKED = "asked = []; w.on_msg(lambda _, content, __: asked.append(content['type']))"
WIDGET = "lw.Interpolator(space, latents[:3], method='lerp', strip_length=2, filmstrip=0)"


@pytest.mark.slow
def test_over_a_slow_link_the_page_asks_nothing_once_it_decodes(lab: Lab) -> None:
    need_runtime()
    with slow_link(lab):
        notebook = show(lambda cells, **_: lab.open(cells), TORCH, WIDGET, use=False)
        view = View(notebook)
        view.wait_exact()
        notebook.execute(ASKED)
        view.drag(0.0, 0.02, steps=4)
        view.wait_exact()
        asked: list[Any] = notebook.value("asked")
        assert "ask" in asked, "a page that does not decode asks: what is counted is nothing"
        wait_page(notebook)
        notebook.wait_value("w.runs_in", "page")
        notebook.execute("asked.clear()")
        drag_exactly(view, 0.02, 0.83)
        for key in ("ArrowRight", "ArrowRight", "PageUp", "Home", "End"):
            view.slider.press(key)
            view.wait_exact()
        # Of the kernel nothing is wanted but, where the thumb rests, how usual the latent is.
        assert {*notebook.value("asked")} <= {"typicality"}
        # The kernel knows all the same where the thumb is, and would show the same.
        notebook.wait_value("w.value", pytest.approx(view.value, abs=1e-12))
        assert len(np.unique(view.pixels())) > 10, "nothing is to be seen"
        assert most_off(view.pixels(), notebook) <= 1
        assert notebook.console_errors == []
        notebook.close()
