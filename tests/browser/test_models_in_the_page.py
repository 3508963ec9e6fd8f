"""Models as a newcomer has them, decoded in the page: digits, faces, photographs, a PCA, a grid."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.editor_view import EditorView
from tests.browser.grid_view import CELLS, GridView
from tests.browser.notebook import Notebook
from tests.browser.test_in_the_page import (
    IN_THE_PAGE,
    PCA,
    drag_exactly,
    most_off,
    show,
    wait_made_here,
    wait_page,
)
from tests.browser.view import View
from tests.models import models_missing
from tests.runtime import need_runtime

ROOT = Path(__file__).parents[2]
CELEBA = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import numpy as np
import latentwidgets as lw
from tests.models import load_vae
model = load_vae("celeba_vae")
"""
FACES = """
import numpy as np
import latentwidgets as lw
faces = lw.demo.faces()
found = lw.pca_directions(faces.latents, n=3)
found += lw.probe_directions(faces.latents, {"glasses": faces.labels["glasses"]})
"""
NEWCOMERS = {
    "digits": (
        "import numpy as np, latentwidgets as lw\nmodel = lw.demo.digits()",
        "lw.Interpolator(model)",
    ),
    "faces": (
        "import numpy as np, latentwidgets as lw\nmodel = lw.demo.faces()",
        "lw.Interpolator(model)",
    ),
    "celeba": (CELEBA, "lw.Interpolator(model)"),
    "pca": (PCA, "lw.Interpolator(space, latents)"),
}
# Pictures that carry the latent's first two numbers, as those of `editor_view.SPACE` do.
HALVES = """
import numpy as np
import torch
import latentwidgets as lw

class Halves(torch.nn.Module):
    def decode(self, z):
        value = torch.round((z[:, :2] + 5) * 6000).clamp(0, 65535)
        red = torch.floor(value / 256)
        colours = torch.stack([red, value - 256 * red, 0 * red + 128], 1)
        return ((colours + 0.5) / 256)[:, :, None].repeat_interleave(8, 3).expand(-1, 3, 16, 16)

space = lw.as_space(Halves(), latent_shape=3, value_range=(0, 1))
"""
GRID = "w = lw.LatentGrid(space, cells(60, 8))\nw"
ASKED = "asked = []; w.on_msg(lambda _, content, __: asked.append(content['type']))"


@pytest.fixture(scope="module", autouse=True)
def onnxruntime_web() -> None:
    """Skip all where networks cannot be decoded in a page."""
    need_runtime()


def is_of(name: str) -> Any:
    """Give a model's name as a parameter; those that are not bundled may be absent."""
    missing = bool(models_missing) and name == "celeba"
    return pytest.param(name, marks=pytest.mark.skipif(missing, reason=models_missing))


@pytest.mark.slow
@pytest.mark.parametrize("name", [is_of(name) for name in NEWCOMERS])
def test_a_drag_through_a_newcomers_model_is_exact_all_the_way(
    name: str, open_notebook: OpenNotebook
) -> None:
    notebook = show(open_notebook, *NEWCOMERS[name])
    view = View(notebook)
    wait_page(notebook)
    notebook.wait_value("(w.run, w.runs_in)", ["auto", "page"])
    notebook.execute(ASKED)
    drag_exactly(view, 0.02, 0.83)
    wait_made_here(notebook)
    asked = {*notebook.value("asked")}
    assert not asked & {"ask", "strip"}, "the kernel was asked for frames all the same"
    notebook.wait_value("w.value", pytest.approx(view.value, abs=1e-12))
    assert most_off(view.pixels(), notebook) <= 1
    assert notebook.console_errors == []


@pytest.mark.slow
def test_faces_are_edited_in_the_page(open_notebook: OpenNotebook) -> None:
    notebook = show(
        open_notebook, FACES, "lw.DirectionEditor(faces.space, faces.latents[0], found)"
    )
    view = EditorView(notebook)
    wait_page(notebook)
    notebook.execute(ASKED)
    view.drag("glasses", 0.0, 1.6)
    amount = view.amount("glasses")
    assert amount == pytest.approx(1.6, abs=0.1)
    view.wait_exact(glasses=amount)
    wait_made_here(notebook)
    assert "ask" not in notebook.value("asked"), "the kernel was asked for frames all the same"
    notebook.wait_value("w.value['glasses']", pytest.approx(amount, abs=1e-12))
    assert most_off(notebook.pixels(), notebook) <= 1
    assert notebook.console_errors == []


def show_grid(open_notebook: OpenNotebook, *, own: bool = False) -> tuple[Notebook, GridView]:
    """Show a grid of which the page has taken over."""
    notebook = open_notebook([IN_THE_PAGE + HALVES + CELLS, GRID], own_page=own)
    notebook.run(0)
    notebook.run(1)
    view = GridView(notebook)
    view.wait_cells(*range(16))
    view.cell(9).click()
    view.wait_exact(1, 1)
    wait_page(notebook)
    return notebook, view


def see_cells(view: GridView) -> None:
    """See that cells which nobody has seen yet are what they should be, and can be chosen."""
    view.scroll(1e6)
    view.wait_cells(*range(464, 480))
    for index in range(464, 480):
        assert view.carried(index) == carries(*divmod(index, 8)), index
    view.cell(469).click()
    view.wait_exact(58, 5)
    assert view.shown == carries(58, 5)


def carries(row: int, column: int) -> tuple[Any, Any]:
    """What the pixels of a cell should carry."""
    return pytest.approx(row / 100, abs=2e-4), pytest.approx(column / 100, abs=2e-4)


@pytest.mark.slow
def test_the_cells_of_a_grid_are_decoded_in_the_page(open_notebook: OpenNotebook) -> None:
    notebook, view = show_grid(open_notebook)
    notebook.wait_value("w.runs_in", "page")
    notebook.execute(ASKED)
    see_cells(view)
    wait_made_here(notebook)
    asked = {*notebook.value("asked")}
    assert not asked & {"ask", "strip"}, "the kernel was asked for cells all the same"
    assert notebook.console_errors == []


@pytest.mark.slow
@pytest.mark.timeout(300)  # what it waits for, all together
def test_cells_that_nobody_has_seen_come_though_the_kernel_is_killed(
    open_notebook: OpenNotebook,
) -> None:
    notebook, view = show_grid(open_notebook, own=True)
    os.kill(int(notebook.value("__import__('os').getpid()")), signal.SIGKILL)
    notebook.page.get_by_role("dialog").get_by_role("button", name="Ok").click(timeout=60_000)
    see_cells(view)
    assert not view.root.locator(".lw-alert").is_visible()
    assert not view.root.locator(".lw-failed").count()
