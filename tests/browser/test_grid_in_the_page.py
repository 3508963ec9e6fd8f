"""A LatentGrid that its page decodes: between corners, and cells under conditions of their own."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.grid_view import GridView
from tests.browser.notebook import Notebook
from tests.browser.test_in_the_page import IN_THE_PAGE, wait_made_here, wait_page
from tests.runtime import need_runtime

# A decoder whose pictures carry two numbers, as those of `editor_view.SPACE` do: the latent's first
# two, or where it takes conditions, the first and what these make of it.
SPACE = """
import numpy as np
import torch
import latentwidgets as lw

def carrying(numbers):
    value = torch.round((numbers + 5) * 6000).clamp(0, 65535)
    red = torch.floor(value / 256)
    colours = torch.stack([red, value - 256 * red, 0 * red + 128], 1)
    return ((colours + 0.5) / 256)[:, :, None].repeat_interleave(8, 3).expand(-1, 3, 16, 16)

class Plain(torch.nn.Module):
    def decode(self, z):
        return carrying(z[:, :2])

class Under(torch.nn.Module):
    def decode(self, z, kind, gain):
        return carrying(torch.stack([z[:, 0], gain + kind / 10], 1))

plain = lw.as_space(Plain(), latent_shape=3, value_range=(0, 1))
given = {"kind": ["owl", "mug", "ark"], "gain": (1.0, 0.0, 2.0)}
under = lw.as_space(Under(), latent_shape=3, value_range=(0, 1), conditions=given)
latents = np.array([[2, 0.1, 0], [-1, 1.5, 1], [0, -2, 1], [0.3, 1, -2]], np.float32)
"""


@pytest.fixture(scope="module", autouse=True)
def onnxruntime_web() -> None:
    """Skip all where networks cannot be decoded in a page."""
    need_runtime()


def show(open_notebook: OpenNotebook, widget: str, count: int) -> tuple[Notebook, GridView]:
    """Show a grid, and go to another place: before that nothing is exported."""
    notebook = open_notebook([IN_THE_PAGE + SPACE, f"w = {widget}\nw"])
    notebook.run(0)
    notebook.run(1)
    view = GridView(notebook)
    view.wait_cells(*range(count))
    view.cell(1).dblclick()
    wait_page(notebook)
    notebook.wait_value("w.runs_in", "page")
    notebook.execute("asked = []; w.on_msg(lambda _, content, __: asked.append(content['type']))")
    return notebook, view


def close(*numbers: float) -> Any:
    return pytest.approx(numbers, abs=4e-4)


def check_made_here(notebook: Notebook) -> None:
    """See that the kernel was asked for no frame meanwhile, and nothing went wrong."""
    assert not {*notebook.value("asked")} & {"ask", "strip"}, "the kernel was asked for frames"
    assert notebook.console_errors == []


def test_what_lies_between_corners_is_decoded_in_the_page(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook, "lw.LatentGrid.corners(plain, latents, n=4)", 16)
    straight = "lw.LatentGrid.corners(plain, latents, n=4, method='lerp', value=w.value).latent"
    for at in [(0.5, 1.75), (2.2, 0.1), (3.0, 1.4)]:
        notebook.execute(f"w.value = {at}")
        view.wait_exact(*at)
        wait_made_here(notebook)
        curved = notebook.value("w.latent.tolist()")[:2]
        assert view.shown == close(*curved)
        assert curved != close(*notebook.value(f"{straight}.tolist()")[:2]), "it is no curve"
    view.point.press("ArrowLeft")
    view.wait_exact(3.0, 1.3)
    notebook.wait_value("w.value", close(3.0, 1.3))
    assert view.shown == close(*notebook.value("w.latent.tolist()")[:2])
    check_made_here(notebook)


@pytest.mark.slow
def test_cells_are_decoded_in_the_page_under_their_own_conditions(
    open_notebook: OpenNotebook,
) -> None:
    notebook, view = show(open_notebook, "lw.LatentGrid.table(under, latents[:2], 'kind')", 6)
    notebook.execute("w.conditions = {**w.conditions, 'gain': 0.25}")
    view.cell(5).dblclick()
    view.wait_exact(1, 2)
    wait_made_here(notebook)
    assert view.shown == close(-1, 0.25 + 0.2)
    end = time.monotonic() + 30
    for i in range(6):
        expected = close((2, -1)[i // 3], 0.25 + i % 3 / 10)
        while view.carried(i) != expected:
            assert time.monotonic() < end, f"cell {i} shows {view.carried(i)}, not {expected}"
            view.page.wait_for_timeout(50)
    check_made_here(notebook)


@pytest.mark.slow
def test_a_plane_of_a_direction_and_a_condition_is_decoded_in_the_page(
    open_notebook: OpenNotebook,
) -> None:
    widget = "lw.LatentGrid.plane(under, latents[0], lw.Direction('a', [1, 0, 0]), 'gain')"
    notebook, view = show(open_notebook, widget, 49)
    notebook.execute("w.conditions = {'kind': 'mug'}")
    for at in [(0.5, 1.75), (5.9, 3.0)]:
        notebook.execute(f"w.value = {at}")
        view.wait_exact(*at)
        wait_made_here(notebook)
        gain = notebook.value("w.cell_conditions['gain']")
        assert 0 < gain < 2
        assert view.shown == close(2 + at[1] - 3, gain + 0.1)
    check_made_here(notebook)
