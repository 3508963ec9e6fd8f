"""A LatentMap that its page decodes: what the mouse is over is there at once, labels and all."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.map_view import MapView
from tests.browser.notebook import Notebook, until
from tests.browser.test_in_the_page import (
    IN_THE_PAGE,
    MADE_HERE,
    most_off,
    wait_made_here,
    wait_page,
)

pytest.importorskip("jscatter", reason="needs the extra map")

# A decoder whose pictures carry the latent's first two numbers, as those of `map_view.SPACE` do,
# and PCA is the plane itself.
SPACE = """
import numpy as np
import torch
import latentwidgets as lw

class Decoder(torch.nn.Module):
    def decode(self, z):
        value = torch.round((z[:, :2] + 50) * 600).clamp(0, 65535)
        red = torch.floor(value / 256)
        colours = torch.stack([red, value - 256 * red, 0 * red + 128], 1)
        return ((colours + 0.5) / 256)[:, :, None].repeat_interleave(8, 3).expand(-1, 3, 16, 16)

space = lw.as_space(Decoder(), latent_shape=3, value_range=(0, 1))
x, y = (one.ravel() for one in np.meshgrid(np.arange(-10, 11), np.arange(-5, 6)))
latents = np.stack([2.0 * x, 2.0 * y, 0.01 * np.cos(x * 37 + y * 11)], axis=1).astype(np.float32)
labels = np.array([f"<b>{i}</b>" for i in range(len(x))])
"""
PLACES = [(-4, 2), (8, -6), (0, 0), (14, 8), (-12, -2)]


def show(
    open_notebook: OpenNotebook, *more: str, options: str = "", own: bool = False
) -> tuple[Notebook, MapView]:
    """Show a map, and bring the mouse to a point: before that nothing is exported."""
    cells = [IN_THE_PAGE + SPACE, f"w = lw.LatentMap(space, latents, labels{options})\nw", *more]
    notebook = open_notebook(cells, own_page=own)
    notebook.run(0)
    notebook.run(1)
    view = MapView(notebook)
    view.wait_exact(0)
    view.hover(4, 4)
    view.wait_exact(row_of(4, 4))
    return notebook, view


def row_of(x: int, y: int) -> int:
    """The row of the latent at a point of the grid."""
    return (y // 2 + 5) * 21 + x // 2 + 10


def near(x: float, y: float) -> list[Any]:
    return [pytest.approx(x, abs=0.01), pytest.approx(y, abs=0.01)]


def look_round(view: MapView) -> None:
    """Bring the mouse to points: the page decodes each, and says what it is."""
    for x, y in PLACES:
        view.hover(x, y)
        view.wait_exact(row_of(x, y))
        assert list(view.shown) == near(x, y)
        view.caption.filter(has_text=f"<b>{row_of(x, y)}</b>").wait_for()
        view.root.locator(f".lw-status{MADE_HERE}").wait_for()


@pytest.mark.slow
def test_points_and_what_lies_between_them_are_decoded_in_the_page(
    open_notebook: OpenNotebook,
) -> None:
    notebook, view = show(open_notebook)
    wait_page(notebook)
    notebook.wait_value("w.runs_in", "page")
    notebook.execute("asked = []; w.on_msg(lambda _, content, __: asked.append(content['type']))")
    look_round(view)
    view.click(5, 13)  # between the points
    view.wait_exact(-1)
    assert list(view.shown) == [pytest.approx(5, abs=0.3), pytest.approx(13, abs=0.3)]
    wait_made_here(notebook)
    assert "ask" not in notebook.value("asked"), "the kernel was asked for frames all the same"
    assert most_off(notebook.pixels(), notebook) <= 1
    assert notebook.value("w.latent.tolist()")[:2] == [
        pytest.approx(5, abs=0.3),
        pytest.approx(13, abs=0.3),
    ]
    assert notebook.console_errors == []


@pytest.mark.slow
def test_a_latent_that_was_set_is_the_kernels_and_others_stay_the_pages(
    open_notebook: OpenNotebook,
) -> None:
    notebook, view = show(open_notebook)
    wait_page(notebook)
    view.page.mouse.move(5, 5)
    notebook.execute("w.latent = [7.5, -3.25, 40.0]")
    view.wait_exact(-2)
    assert list(view.shown) == near(7.5, -3.25)

    def is_the_kernels() -> None:
        title = view.root.locator(".lw-status").get_attribute("title") or ""
        before, by, _ = title.partition(", by the kernel")
        assert by
        assert "in the page" not in before

    until(is_the_kernels)
    notebook.wait_value("w.runs_in", "page")
    look_round(view)
    assert notebook.console_errors == []


@pytest.mark.slow
@pytest.mark.timeout(300)  # twice the page takes over
def test_other_labels_come_with_the_pages_pictures(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    wait_page(notebook)
    notebook.execute("w.labels = {'place': [f'at {i}' for i in range(len(latents))]}")
    view.hover(2, 2)
    view.caption.filter(has_text=f"at {row_of(2, 2)}").wait_for()
    wait_page(notebook)
    view.hover(8, -6)
    view.wait_exact(row_of(8, -6))
    view.caption.filter(has_text=f"at {row_of(8, -6)}").wait_for()
    wait_made_here(notebook)
    assert notebook.console_errors == []


@pytest.mark.slow
def test_a_map_goes_on_where_its_kernel_is_killed(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook, own=True)
    wait_page(notebook)
    os.kill(int(notebook.value("__import__('os').getpid()")), signal.SIGKILL)
    notebook.page.get_by_role("dialog").get_by_role("button", name="Ok").click(timeout=30_000)
    for x, y in PLACES:
        view.hover(x, y)
        view.wait_exact(row_of(x, y))
        assert list(view.shown) == near(x, y)
        view.caption.filter(has_text=f"<b>{row_of(x, y)}</b>").wait_for()
    assert not view.alert.is_visible()


@pytest.mark.slow
def test_a_map_whose_inverse_is_not_linear_says_why_it_stays(open_notebook: OpenNotebook) -> None:
    bent = """
class Bent:
    def transform(self, rows):
        return rows[:, :2]
    def inverse_transform(self, points):
        return np.sin(points[:, [0, 1, 1]])
w.projection = Bent()
"""
    notebook, view = show(open_notebook, bent)
    wait_page(notebook)
    notebook.run(2)
    view.hover(2, 2)
    view.root.locator(".lw-status[title*='the inverse of Bent is not linear']").wait_for()
    notebook.wait_value("w.runs_in.partition(': ')[0]", "kernel")
    view.hover(8, -6)
    view.wait_exact(row_of(8, -6))
    assert list(view.shown) == near(8, -6)


@pytest.mark.slow
def test_the_map_of_an_explorer_is_decoded_in_the_page(open_notebook: OpenNotebook) -> None:
    explorer = "w = lw.explore(space, latents, labels, parts=['map', 'grid'])\nw"
    notebook = open_notebook([IN_THE_PAGE + SPACE, explorer])
    notebook.run(0)
    notebook.run(1)
    view = MapView(notebook)
    # Of the two parts the picture of one is seen, the one whose picture came last.
    exact = notebook.page.locator(".lw-latent-explorer .lw-status[data-lw-state=exact]:visible")
    exact.first.wait_for()
    end = time.monotonic() + 60
    while notebook.value("w.map.hovered") != row_of(4, 4):
        assert time.monotonic() < end, "no point was found under the mouse"
        view.hover(4, 4)  # the points of a part may be drawn after its picture
        notebook.page.wait_for_timeout(500)
    notebook.wait_value("w.map.runs_in", "page", seconds=150)
    view.hover(8, -6)
    notebook.page.locator(f".lw-latent-explorer .lw-status{MADE_HERE}").first.wait_for()
    assert notebook.console_errors == []
