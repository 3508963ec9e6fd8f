"""Pages that a widget saves, opened from disk with the network off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import latentwidgets as lw
from tests.browser.conftest import OpenFile
from tests.browser.grid_view import GridView
from tests.browser.notebook import until
from tests.browser.view import View


def decoded(widget: lw.Interpolator | lw.DirectionEditor) -> np.ndarray:
    return np.asarray(widget.image().convert("RGBA"))


def test_a_path_is_walked_with_mouse_and_keys(open_file: OpenFile, tmp_path: Path) -> None:
    widget = lw.Interpolator(lw.demo.digits(), value=0.25)
    widget.save_html(tmp_path / "path.html")
    page = open_file(tmp_path / "path.html")
    view = View(page)
    view.wait_exact(0.25)
    np.testing.assert_array_equal(page.pixels(), decoded(widget))
    # A thumb that is dropped between two positions goes to the nearer one.
    box = view.slider.bounding_box()
    assert box is not None
    page.page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + box["width"] * 0.64, box["y"] + box["height"] / 2, steps=9)
    page.page.mouse.up()
    view.wait_exact()
    page.page.wait_for_function(
        "(one) => one.value * 32 % 1 === 0", arg=view.slider.element_handle()
    )
    widget.value = float(view.slider.input_value())
    assert 0.5 < widget.value < 0.75
    view.wait_exact(widget.value)
    np.testing.assert_array_equal(page.pixels(), decoded(widget))
    view.slider.press("End")
    view.wait_exact(1.0)
    for reached in (31 / 32, 30 / 32):  # a step of the key is shorter than the way
        view.slider.press("ArrowLeft")
        view.wait_exact(reached)
    page.page.get_by_role("button", name="Play").click()
    page.page.wait_for_function("(one) => one.value < 0.9", arg=view.slider.element_handle())
    assert page.page.get_by_role("button", name="Copy as code").count() == 0
    assert "needs no kernel" in page.page.locator("footer").inner_text()


def test_an_edit_is_made_of_both_directions_at_once(open_file: OpenFile, tmp_path: Path) -> None:
    digits = lw.demo.digits()
    found = lw.pca_directions(digits.latents, 3)
    editor = lw.DirectionEditor(digits, digits.latents[:2], found, value={"PC 3": 1})
    editor.save_html(tmp_path / "edit.html", directions=["PC 1", "PC 2"], positions=5)
    page = open_file(tmp_path / "edit.html")
    sliders = page.page.locator(".lw-slider")
    sliders.nth(1).wait_for()
    assert sliders.count() == 2
    sliders.nth(0).press("End")
    sliders.nth(1).press("Home")
    page.page.wait_for_function(
        "() => document.querySelector('.lw-picture').dataset.lwExact === 'true'"
    )
    low, high = found["PC 2"].limits[0], found["PC 1"].limits[1]
    page.page.wait_for_timeout(500)  # by then it would have gone elsewhere, if it had to
    values = [float(sliders.nth(i).input_value()) for i in (0, 1)]
    assert values == pytest.approx([high, low], abs=1e-3)
    editor.value = {"PC 1": high, "PC 2": low, "PC 3": 1}
    until(lambda: np.testing.assert_array_equal(page.pixels(), decoded(editor)))
    page.page.get_by_label("View").select_option("side by side")
    page.page.wait_for_function("() => document.querySelector('.lw-before').width > 1")
    editor.value = {}
    before = "canvas.lw-before"
    until(lambda: np.testing.assert_array_equal(page.pixels(before), decoded(editor)))


def test_a_cell_of_a_grid_is_chosen(open_file: OpenFile, tmp_path: Path) -> None:
    digits = lw.demo.digits()
    grid = lw.LatentGrid(digits.space, digits.latents[:10], columns=4)
    grid.save_html(tmp_path / "grid.html")
    page = open_file(tmp_path / "grid.html")
    view = GridView(page)
    view.wait_exact(0, 0)
    view.cell(0).focus()
    for key in ("ArrowDown", "ArrowRight"):
        page.page.keyboard.press(key)
    view.wait_exact(1, 1)
    shown = page.pixels("canvas.lw-picture")[..., 0]
    np.testing.assert_array_equal(shown, digits.space.decode(digits.latents[5:6])[0].squeeze())
