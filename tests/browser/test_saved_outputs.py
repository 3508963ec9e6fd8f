"""Notebooks that leave: turned into other files, or read where no kernel runs."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter, LatexExporter, MarkdownExporter
from PIL import Image
from playwright.sync_api import FrameLocator

from tests.browser.conftest import OpenFile, OpenNotebook
from tests.browser.lab import Lab
from tests.browser.notebook import until
from tests.browser.view import View

VIEW = "application/vnd.jupyter.widget-view+json"
GREYS = [12 * i + 10 for i in range(20)]
SPACE = f"""import numpy as np, ipywidgets
import latentwidgets as lw
from latentwidgets.export import saved_output
saved_output.SOON_SECONDS = saved_output.PACKING_SECONDS = 20  # however busy the machine is
space = lw.as_space(
    lambda z: z[:, :1, None] / 255 * np.ones((8, 8)), latent_shape=(2,), value_range=(0, 1)
)
cells = np.stack([np.array({GREYS}), np.zeros(20)], axis=1).astype(np.float32)
axis = [lw.Direction("grey", [1.0, 0.0], limits=(-100, 100))]"""
WALK = "walk = lw.Interpolator(space, cells[[0, 19]], method='lerp', value=0.5)\nwalk"
SOURCES = [
    SPACE,
    WALK,
    "lw.LatentGrid(space, cells)",
    "lw.DirectionEditor(space, cells[10], axis)",
    "lw.LatentMap(space, cells, labels={'grey': cells[:, 0]})",
    "ipywidgets.VBox([walk])",
    "ipywidgets.Tab([walk])",
]
# The sum of what is seen of a page's picture.
SHADE = """(canvas) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    return data[0];
}"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A notebook that was run as ``nbconvert --execute`` runs it, without a browser."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in SOURCES])
    folder = str(tmp_path_factory.mktemp("executed"))
    NotebookClient(
        notebook,
        timeout=120,
        startup_timeout=240,
        kernel_name="python3",
        resources={"metadata": {"path": folder}},
    ).execute()
    return notebook


def as_saved_by_default(notebook: Any) -> Any:
    """The same without the states of widgets, which Jupyter's pages save only where asked to."""
    copy = nbformat.from_dict(json.loads(json.dumps(notebook)))
    del copy["metadata"]["widgets"]
    return copy


def exported(exporter: Any, notebook: Any) -> Any:
    """What nbconvert makes of a notebook: a text, and files that go with it."""
    return exporter().from_notebook_node(notebook)


def output_of(notebook: Any, cell: int) -> dict[str, Any]:
    [output] = [one for one in notebook["cells"][cell]["outputs"] if "data" in one]
    data: dict[str, Any] = output["data"]
    return data


def shades_in(png: str | bytes) -> set[int]:
    """The greys that have as many pixels as a cell."""
    data = base64.b64decode(png) if isinstance(png, str) else png
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("L")).ravel()
    return {grey for grey in GREYS if (np.abs(pixels.astype(int) - grey) <= 1).sum() >= 48}


@pytest.mark.slow
def test_without_a_browser_an_output_has_a_view_a_picture_and_a_page(executed: Any) -> None:
    for cell in (1, 2, 3, 4):
        data = output_of(executed, cell)
        assert {VIEW, "image/png", "text/html", "text/plain"} <= set(data)
        assert len(json.dumps(data)) <= 1_000_000
        assert ("data-lw-page" in data["text/html"]) == (cell != 4)
    assert shades_in(output_of(executed, 2)["image/png"]) == set(GREYS)
    # What is saved with the notebook holds the cells, too: an exported page begins with it.
    states = executed["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    model = output_of(executed, 2)[VIEW]["model_id"]
    assert len(states[model]["state"]["_picture"]) == 20
    for cell in (5, 6):  # a box of ipywidgets holds no picture of what is in it
        assert set(output_of(executed, cell)) == {VIEW, "text/plain"}


@pytest.mark.slow
def test_where_a_program_runs_the_notebook_a_slower_decoder_has_its_page_too() -> None:
    source = """import time, numpy as np, latentwidgets as lw
def decode(z):
    time.sleep(0.03 * len(z))
    return z[:, :1, None] * np.ones((8, 8))
space = lw.as_space(decode, latent_shape=(2,), value_range=(0, 1))
lw.Interpolator(space, np.eye(2, dtype=np.float32), method='lerp')"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, timeout=120, startup_timeout=240, kernel_name="python3").execute()
    assert "33 pictures along the path are saved here" in output_of(notebook, 0)["text/html"]


@pytest.mark.slow
def test_turned_into_html_it_moves_with_the_network_off(
    executed: Any, open_file: OpenFile, tmp_path: Path
) -> None:
    html, _ = exported(HTMLExporter, as_saved_by_default(executed))
    (tmp_path / "notebook.html").write_text(html, encoding="utf-8")
    shown = open_file(tmp_path / "notebook.html")
    page = shown.page
    page.locator("iframe").nth(2).wait_for()
    frames = [page.frame_locator("iframe").nth(i) for i in range(3)]
    walk = frames[0]
    assert shade_of(walk) == round(sum(GREYS[::19]) / 2)
    walk.locator(".lw-slider").press("End")
    wait_shade(walk, GREYS[-1])
    walk.locator(".lw-slider").press("Home")
    wait_shade(walk, GREYS[0])
    assert walk.get_by_text("no kernel runs here").count() == 1
    # All cells are seen; a browser draws no page that is out of sight.
    page.locator("iframe").nth(1).scroll_into_view_if_needed()

    def are_seen() -> None:
        assert shades_in(frames[1].locator("body").screenshot()) == set(GREYS)

    until(are_seen)
    page.locator("iframe").nth(2).scroll_into_view_if_needed()
    editor = frames[2].locator(".lw-slider")
    editor.press("End")
    wait_shade(frames[2], GREYS[10] + 100)
    # As high as it is, and no picture is left beside it.
    assert page.locator("figure").nth(0).is_hidden()
    assert page.locator("figure").nth(3).is_visible(), "that of the map, of which there is no page"

    def is_as_high() -> None:
        inner = walk.locator("body").evaluate("(one) => one.offsetHeight")
        height = page.locator("iframe").nth(0).evaluate("(one) => one.offsetHeight")
        assert abs(height - inner) <= 1

    until(is_as_high)
    # What nbconvert's own page wants from the network is not ours.
    missed = [one for one in shown.console_errors if "ERR_INTERNET_DISCONNECTED" in one]
    assert all("cloudflare.com" in one for one in missed)
    shown.console_errors[:] = [one for one in shown.console_errors if one not in missed]


def shade_of(frame: FrameLocator) -> int:
    canvas = frame.locator("canvas.lw-picture").first
    canvas.and_(frame.locator("[data-lw-exact=true]")).wait_for()
    shade: int = canvas.evaluate(SHADE)
    return shade


def wait_shade(frame: FrameLocator, expected: float) -> None:
    canvas = frame.locator("canvas.lw-picture").first

    def is_there() -> None:
        assert canvas.evaluate(SHADE) == pytest.approx(expected, abs=1)

    until(is_there)


@pytest.mark.slow
def test_turned_into_markdown_and_latex_it_has_its_pictures(executed: Any) -> None:
    saved = as_saved_by_default(executed)
    text, _ = exported(MarkdownExporter, saved)
    found = re.findall(r'<img src="data:image/png;base64,([^"]+)"', text)
    assert len(found) == 4
    assert shades_in(found[1]) == set(GREYS)
    text, resources = exported(LatexExporter, saved)
    drawn = re.findall(r"\\adjustimage\{[^\n]*\}\{([^{}]+\.png)\}", text)
    assert len([name for name in drawn if name in resources["outputs"]]) == 4
    assert any(shades_in(data) == set(GREYS) for data in resources["outputs"].values())


@pytest.mark.slow
def test_a_viewer_that_runs_no_scripts_shows_the_picture(
    executed: Any, open_file: OpenFile, tmp_path: Path
) -> None:
    kept = re.sub(r"<script.*?</script>", "", output_of(executed, 2)["text/html"], flags=re.DOTALL)
    (tmp_path / "kept.html").write_text(kept, encoding="utf-8")
    page = open_file(tmp_path / "kept.html").page
    page.locator("img").wait_for()
    assert shades_in(page.screenshot()) == set(GREYS)
    assert "All 20 cells are saved here, for where scripts may run." in page.inner_text("body")


@pytest.mark.slow
def test_to_run_a_cell_again_leaves_one_output_and_what_is_shown_is_the_widget(
    open_notebook: OpenNotebook, lab: Lab
) -> None:
    notebook = open_notebook([SPACE, WALK])
    notebook.run(0)
    for _ in range(8):
        notebook.run(1)
    View(notebook).wait_exact(0.5)
    [output] = notebook.result(1).outputs
    assert len(json.dumps(output)) <= 1_000_000
    assert notebook.output(1).locator("iframe").count() == 0, "the kernel is there"
    path = notebook.page.evaluate(
        """async () => {
            await window.jupyterapp.commands.execute('docmanager:save');
            return window.jupyterapp.shell.currentWidget.context.path;
        }"""
    )
    assert (lab.root / path).stat().st_size <= 1_000_000
