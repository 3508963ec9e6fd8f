"""Texts found on a map, clusters that get names, and pictures that are saved, in JupyterLab."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.browser.conftest import OpenNotebook
from tests.browser.map_view import MapView
from tests.browser.notebook import Notebook

MANY = """
import numpy as np
import latentwidgets as lw
latents = np.random.default_rng(0).normal(size=(20_000, 3)).astype(np.float32)
texts = [f"{i:05d} " + "some longer words of an item " * 3 for i in range(len(latents))]
"""
CHART = "w = lw.LatentMap(None, latents, items=texts, clusters=3, color='cluster'); w"
# The longest time between two repaints, in milliseconds, from now on.
WATCH = """() => {
  window.lwLongest = 0;
  let last = performance.now();
  const look = (now) => {
    window.lwLongest = Math.max(window.lwLongest, now - last);
    last = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
# So long a repaint may take while somebody types: a key that is held comes every 30 to 40 ms, and
# one that is typed every 100 ms or more; machines of tests are slow and busy.
STALL_MS = 500


def opened(notebook: Notebook, *cells: int) -> MapView:
    for cell in cells:
        notebook.run(cell)
    return MapView(notebook)


@pytest.mark.slow
def test_20_000_texts_are_searched_as_somebody_types(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([MANY, CHART])
    chart = opened(notebook, 0, 1)
    page, field = notebook.page, chart.root.get_by_role("searchbox", name="Find text")
    said = chart.root.locator(".lw-finder [role=status]")
    field.click()
    page.evaluate(WATCH)
    numbers = [f"{i:05d}" for i in range(20_000)]
    for typed in ("0", "00", "000", "0007"):
        page.keyboard.type(typed[-1])
        found = sum(typed in number for number in numbers)
        page.wait_for_function(
            "([said, text]) => said.textContent === text",
            arg=[said.element_handle(), f"{found:,} found"],
            timeout=20_000,
        )
    longest = page.evaluate("window.lwLongest")
    print(f"longest time between two repaints: {longest:.0f} ms")
    assert longest < STALL_MS
    rings = (
        "(overlay) => overlay.querySelector('.lw-found').getAttribute('d').split('M').length - 1"
    )
    page.wait_for_function(
        f"(overlay) => ({rings})(overlay) === 12", arg=chart.overlay.element_handle()
    )
    for row, place in ((7, "1 of 12"), (70, "2 of 12")):
        field.press("Enter")
        notebook.wait_value("w.index", row)
        assert said.text_content() == place
    field.press("Shift+Enter")
    notebook.wait_value("w.index", 7)
    chart.root.get_by_role("button", name="Select", exact=True).click()
    notebook.wait_value("(w.selection == w.found).all() and len(w.found)", 12)
    field.press("Escape")
    notebook.wait_value("w.search", "")
    assert notebook.console_errors == []


@pytest.mark.slow
def test_clusters_are_named_by_the_keyboard_alone(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([MANY.replace("20_000", "300"), CHART])
    chart = opened(notebook, 0, 1)
    chart.root.get_by_role("button", name="Rename").press("Enter")
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.type("boots")
    notebook.page.keyboard.press("Enter")
    notebook.page.keyboard.type("coats")  # what stood there is selected
    notebook.page.keyboard.press("Enter")
    notebook.wait_value("w.cluster_names", ["boots", "coats", "cluster 3"])
    chart.root.get_by_role("textbox", name="Name of cluster 3").press("Escape")
    names = chart.root.locator(".lw-map-legend .lw-class").all_text_contents()
    assert names == ["boots", "coats", "cluster 3"]
    chart.root.get_by_role("button", name="boots").click()
    notebook.wait_value("len(w.selection) == w._legend['entries'][0]['count']", True)


@pytest.mark.slow
def test_pictures_are_saved_as_the_kernel_draws_them(
    open_notebook: OpenNotebook, tmp_path: Path
) -> None:
    notebook = open_notebook(
        [
            "import latentwidgets as lw; digits = lw.demo.digits()",
            "w = lw.Interpolator(digits, value=0.3); w",
        ]
    )
    notebook.run(0)
    notebook.run(1)
    page, root = notebook.page, notebook.page.locator(".lw-interpolator")
    root.locator("canvas[data-lw-exact='true']").wait_for()
    root.get_by_role("button", name="Save…").press("Enter")
    size = root.get_by_role("combobox", name="Size")
    what = root.get_by_role("combobox", name="What")
    assert what.evaluate("(menu) => menu.matches(':focus')")
    size.select_option("own")
    root.get_by_role("spinbutton", name="Width in pixels").fill("123")
    with page.expect_download() as wanted:
        root.get_by_role("button", name="Save PNG").press("Enter")
    path = tmp_path / wanted.value.suggested_filename
    assert path.name == "interpolator.png"
    wanted.value.save_as(path)
    saved = Image.open(path)
    assert saved.size == (123, 123)
    drawn = notebook.value("list(w.image(size=123).convert('L').tobytes())")
    assert drawn == list(saved.convert("L").tobytes())
    assert "Saved interpolator.png: 123 × 123 px, " in (root.text_content() or "")
    size.press("Escape")
    assert root.locator(".lw-save").is_hidden()
    assert notebook.console_errors == []


@pytest.mark.slow
def test_an_explorer_stays_as_it_was_laid_out_when_the_page_is_loaded_anew(
    open_notebook: OpenNotebook,
) -> None:
    source = (
        "import latentwidgets as lw\ne = lw.explore(lw.demo.digits(), parts=['grid', 'editor']); e"
    )
    notebook = open_notebook([source, "e"], own_page=True)
    notebook.run(0)
    page = notebook.page
    first = page.locator(".lw-latent-explorer").first
    first.locator(".lw-part-grid .lw-fold").click()
    notebook.wait_value("e._arranged", {"closed": ["grid"]})
    notebook.run(1)  # another view, as after a reload
    second = page.locator(".lw-latent-explorer").nth(1)
    second.locator(".lw-part-editor .lw-row").first.wait_for()
    assert second.locator(".lw-part-grid .lw-body").is_hidden()
    second.locator(".lw-part-grid .lw-fold").click()
    first.locator(".lw-part-grid .lw-body").wait_for()
