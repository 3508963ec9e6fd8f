"""Files that a person saves from the menu of a widget: they arrive, open, and carry recipes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

import latentwidgets as lw
from tests.browser.conftest import OpenFile, OpenNotebook
from tests.browser.notebook import Notebook
from tests.browser.view import View

SPACE = """import latentwidgets as lw
digits = lw.demo.digits()
found = lw.pca_directions(digits.latents, 3)"""

SLOW = """import threading, time
slow, decoded = [], [0]
def decode(latents):
    if threading.current_thread().name == "latentwidgets-file":
        decoded[0] += len(latents)
        time.sleep(len(latents) * len(slow))
    return digits.space.decode(latents)
def makes_files():
    return any(one.name == "latentwidgets-file" for one in threading.enumerate())
space = lw.LatentSpace(decode, digits.space.latent_shape, value_range=(0, 1))
w = lw.Interpolator(space, digits.latents[:2], value=0.25)
w"""


def shown(notebook: Notebook, kind: str) -> Locator:
    """Show a widget, open its menu by key, and give it."""
    notebook.run(0)
    notebook.run(1)
    root = notebook.page.locator(f".lw-{kind}")
    root.locator(".lw-status[data-lw-state='exact']").wait_for()
    root.get_by_role("button", name="Save…").press("Enter")
    expect(root.get_by_role("combobox", name="What")).to_be_focused()
    return root


def saved(notebook: Notebook, root: Locator, form: str, folder: Path) -> Path:
    """Save it in a form, by key; it carries the recipe of what the widget shows."""
    root.get_by_role("combobox", name="What").select_option(form)
    button = root.locator(".lw-saver").get_by_role("button")
    with notebook.page.expect_download() as wanted:
        button.press("Enter")
    path = folder / wanted.value.suggested_filename
    wanted.value.save_as(path)
    said = root.locator(".lw-saver").get_by_role("status")
    expect(said).to_contain_text(f"Saved {path.name}: ")
    expect(button).to_be_focused()
    assert dict(lw.load(path)) == notebook.value("dict(w.recipe())"), form
    return path


def test_a_path_is_saved_as_film_and_as_page(
    open_notebook: OpenNotebook, open_file: OpenFile, tmp_path: Path
) -> None:
    notebook = open_notebook([SPACE, "w = lw.Interpolator(digits, value=0.25); w"])
    root = shown(notebook, "interpolator")
    film = Image.open(saved(notebook, root, "Film, GIF", tmp_path))
    assert (film.format, film.size) == ("GIF", (288, 288))
    assert film.n_frames > 20  # type: ignore[attr-defined]
    own = notebook.value("list(w.image(size=288).convert('L').tobytes())")
    still = Image.open(saved(notebook, root, "Picture", tmp_path)).convert("L")
    assert still.size == (576, 576)
    assert list(still.resize((288, 288), Image.Resampling.NEAREST).tobytes()) == own
    page = open_file(saved(notebook, root, "Page, HTML", tmp_path))
    view = View(page)
    view.wait_exact(0.25)
    view.slider.press("End")
    view.wait_exact(1.0)
    walk = lw.Interpolator(lw.demo.digits(), value=1.0)
    np.testing.assert_array_equal(page.pixels(), np.asarray(walk.image().convert("RGBA")))
    assert notebook.console_errors == []


def test_a_film_is_cancelled_by_key_and_another_one_made(
    open_notebook: OpenNotebook, tmp_path: Path
) -> None:
    notebook = open_notebook([SPACE, SLOW])
    root = shown(notebook, "interpolator")
    root.get_by_role("combobox", name="What").select_option("Film, GIF")
    button, said = (root.locator(".lw-saver").get_by_role(one) for one in ("button", "status"))
    root.get_by_role("combobox", name="Length").select_option("1 s")
    expect(said).to_have_text("1 s from end to end, and back.")
    captions = root.get_by_role("checkbox", name="Captions")
    captions.press("Space")
    expect(captions).to_be_checked()
    notebook.value("slow.append(1)")
    button.press("Enter")
    expect(button).to_have_text("Cancel")
    expect(said).to_have_text("Decoding the film…")
    notebook.wait_value("decoded[0] > 0", True)
    button.press("Enter")
    expect(said).to_have_text("Cancelled: nothing is saved.")
    expect(button).to_have_text("Save GIF")
    expect(button).to_be_focused()
    # A film has 20 frames, each of which takes a second here: it ends with the one on its way.
    notebook.wait_value("makes_files()", False)
    assert notebook.value("decoded[0]") < 8
    notebook.value("slow.clear()")
    film = Image.open(saved(notebook, root, "Film, GIF", tmp_path))
    assert film.size == (288, 288 + 32), "a caption stands under the picture"
    assert film.n_frames > 10  # type: ignore[attr-defined]
    assert notebook.console_errors == []


@pytest.mark.slow
def test_an_edit_is_filmed_where_there_is_one_or_along_one_direction(
    open_notebook: OpenNotebook, tmp_path: Path
) -> None:
    notebook = open_notebook([SPACE, "w = lw.DirectionEditor(digits, digits.latents[0], found); w"])
    root = shown(notebook, "direction-editor")
    what, moves = (root.get_by_role("combobox", name=one) for one in ("What", "Moves"))
    button, said = (root.locator(".lw-saver").get_by_role(one) for one in ("button", "status"))
    expect(moves).to_be_hidden()
    what.select_option("Film, WebP")
    expect(button).to_be_disabled()
    expect(said).to_contain_text("Nothing is edited")
    moves.select_option("only PC 2")
    expect(button).to_be_enabled()
    along = Image.open(saved(notebook, root, "Film, WebP", tmp_path))
    assert (along.format, along.size) == ("WEBP", (288, 288))
    moves.select_option("all that is edited")
    expect(button).to_be_disabled()
    root.locator(".lw-row .lw-slider").first.press("PageUp")
    expect(button).to_be_enabled()
    notebook.wait_value("w.value['PC 1']", 1.0)
    film = Image.open(saved(notebook, root, "Film, APNG", tmp_path))
    assert film.format == "PNG"
    assert film.n_frames > 20  # type: ignore[attr-defined]
    assert notebook.console_errors == []


@pytest.mark.slow
def test_a_grid_is_saved_as_a_page_and_an_explorer_saves_what_it_shows(
    open_notebook: OpenNotebook, open_file: OpenFile, tmp_path: Path
) -> None:
    notebook = open_notebook(
        [
            SPACE,
            "w = lw.LatentGrid(digits, digits.latents[:10], columns=4, value=(1, 2)); w",
            "e = lw.explore(digits, parts=['grid', 'editor']); w = e.editor; e",
        ]
    )
    root = shown(notebook, "latent-grid")
    offered = root.get_by_role("combobox", name="What").locator("option").all_inner_texts()
    assert offered == ["All cells", "Page, HTML"]
    page = open_file(saved(notebook, root, "Page, HTML", tmp_path))
    expect(page.page.get_by_role("gridcell", name="cell 9")).to_be_visible()
    notebook.run(2)
    look = notebook.page.locator(".lw-latent-explorer .lw-seen")
    look.get_by_role("button", name="Save…").press("Enter")
    editor = open_file(saved(notebook, look, "Page, HTML", tmp_path)).page
    expect(editor.locator(".lw-slider")).to_have_count(2)
    assert notebook.console_errors == []


def test_the_menu_says_that_a_film_is_made_and_what_went_wrong(open_notebook: OpenNotebook) -> None:
    source = """
import threading
go, fails = threading.Event(), []
def decode(z):
    if fails:
        go.wait(60)
        raise MemoryError("no room")
    return digits.space.decode(z)
w = lw.Interpolator(lw.LatentSpace(decode, 10, value_range=(0, 255)), digits.latents[:2]); w
"""
    notebook = open_notebook([SPACE, source])
    root = shown(notebook, "interpolator")
    root.get_by_role("combobox", name="What").select_option("Film, GIF")
    notebook.execute("fails.append(1)")
    button, said = (root.locator(".lw-saver").get_by_role(one) for one in ("button", "status"))
    button.press("Enter")
    expect(said).to_have_text("Decoding the film…")
    expect(button).to_have_text("Cancel")
    expect(button).to_be_focused()
    expect(root.locator(".lw-saver")).to_have_attribute("aria-busy", "true")
    notebook.execute("go.set()")
    expect(said).to_contain_text("Not saved: ")
    expect(said).to_contain_text("no room")
    expect(button).to_have_text("Save GIF")
    expect(button).to_be_enabled()
