"""What other tests leave to the kernel, as it is without being asked for: decoded in the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import OpenNotebook
from tests.browser.lab import reload
from tests.browser.notebook import Notebook, until
from tests.browser.test_in_the_page import NUMBERED, show, wait_page
from tests.browser.view import View
from tests.runtime import need_runtime

WIDGET = "lw.Interpolator(space, [[0.0], [0.5], [1.0]], method='lerp')"


@pytest.fixture(scope="module", autouse=True)
def onnxruntime_web() -> None:
    """Skip all where networks cannot be decoded in a page."""
    need_runtime()


def taken_over(open_notebook: OpenNotebook, *, own: bool = False) -> tuple[Notebook, View]:
    """Show a widget that says nothing of where to run, and wait until the page decodes."""
    notebook = show(open_notebook, NUMBERED, WIDGET, own=own)
    wait_page(notebook)
    notebook.wait_value("(w.run, w.runs_in)", ["auto", "page"])
    return notebook, View(notebook)


@pytest.mark.slow
@pytest.mark.timeout(300)  # twice the page takes over
def test_marks_and_filmstrip_lead_there(open_notebook: OpenNotebook) -> None:
    notebook, view = taken_over(open_notebook)
    films = view.root.locator(".lw-film")
    films.nth(6).click()
    view.wait_exact(0.75)
    assert view.shown == pytest.approx(0.75, abs=1e-4)
    notebook.execute("w.anchors = [[0.2], [0.6]]")

    def is_elsewhere() -> None:
        view.wait_exact(0.75)
        assert view.shown == pytest.approx(0.5, abs=1e-4)

    until(is_elsewhere)
    wait_page(notebook)
    notebook.wait_value("w.runs_in", "page")
    notebook.page.wait_for_function(
        """([films, wanted]) => films.every((canvas, i) => {
            const [red, green] = canvas.getContext('2d').getImageData(0, 0, 1, 1).data;
            return Math.abs((red * 256 + green) / 60000 - wanted[i]) < 1e-4;
        })""",
        arg=[films.locator("canvas").element_handles(), (0.2 + np.arange(9) / 20).tolist()],
        timeout=60_000,
    )
    assert notebook.console_errors == []


@pytest.mark.slow
def test_playing_moves_the_picture_and_pausing_makes_it_exact(open_notebook: OpenNotebook) -> None:
    notebook, view = taken_over(open_notebook)
    play = view.root.locator(".lw-play")
    play.click()
    seen = set()

    def moves() -> None:
        seen.add(view.shown)
        assert len(seen) > 20

    until(moves)
    play.click()
    view.wait_exact()
    assert view.shown == pytest.approx(view.value, abs=1e-4)
    notebook.wait_value("w.value", pytest.approx(view.value, abs=1e-12))
    notebook.wait_value("w.runs_in", "page")


@pytest.mark.slow
def test_a_picture_is_saved_as_the_kernel_draws_it(
    open_notebook: OpenNotebook, tmp_path: Path
) -> None:
    notebook, view = taken_over(open_notebook)
    view.drag(0.0, 0.6, steps=10)
    view.wait_exact()
    view.root.get_by_role("button", name="Save…").press("Enter")
    with notebook.page.expect_download() as wanted:
        view.root.get_by_role("button", name="Save PNG").press("Enter")
    path = tmp_path / "saved.png"
    wanted.value.save_as(path)
    saved = np.asarray(Image.open(path).convert("RGB"))
    red, green, _ = saved[0, 0].tolist()
    assert (red * 256 + green) / 60000 == pytest.approx(view.value, abs=1e-4)
    assert view.shown == pytest.approx(view.value, abs=1e-4)


@pytest.mark.slow
@pytest.mark.timeout(300)  # twice the page takes over
def test_a_reloaded_page_begins_with_the_kernel_and_takes_over_again(
    open_notebook: OpenNotebook,
) -> None:
    notebook, view = taken_over(open_notebook, own=True)
    notebook.execute("w.value = 0.6")
    view.wait_exact(0.6)
    reload(notebook)
    again = View(notebook)
    again.wait_exact(0.6)
    assert again.shown == pytest.approx(0.6, abs=1e-4)
    again.slider.press("ArrowRight")
    wait_page(notebook)
    again.drag(0.61, 0.2, steps=20)
    again.wait_exact()
    assert again.shown == pytest.approx(again.value, abs=1e-4)
