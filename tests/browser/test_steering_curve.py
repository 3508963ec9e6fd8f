"""A measured curve under the slider of an editor, in a real JupyterLab: by mouse and keys."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.conftest import SCREENSHOTS, OpenNotebook
from tests.browser.editor_view import EditorView
from tests.browser.notebook import Notebook

SPACE = """
import numpy as np
import latentwidgets as lw
demo = lw.demo.stories()
space = demo.space.at(steer="all")
pairs = [space.encode(demo.write(20, until="mood", mood=one)[0]) for one in ("sad", "happy")]
happy = lw.contrast_directions(*pairs, name="happy", folds=2, shuffles=0)[0]
other = lw.Direction("other", np.eye(128)[3], sigma=happy.sigma)
w = lw.DirectionEditor(space, np.zeros(128), [happy, other])
w
"""
# What is damaged is set here: where it begins is the model's matter.
MEASURE = """
from dataclasses import replace
curve = lw.analysis.steering_curve(
    space, happy, [-1.0, 0.5, 1.0, 1.5], [3, 4], randoms=1, bootstraps=20,
    prompts=["One day a fox walked in the forest.", "One day a bear walked in the park."],
    effect=lambda texts: ["happy" in text for text in texts],
)
settings = [replace(one, damaged=one.strength > 1) for one in curve.settings]
w.curves = replace(curve, settings=tuple(settings))
"""


def show(open_notebook: OpenNotebook, **options: Any) -> tuple[Notebook, EditorView]:
    notebook = open_notebook([SPACE], **options)
    notebook.run(0)
    view = EditorView(notebook)
    view.wait_exact()
    assert view.root.locator(".lw-curve").count() == 0
    notebook.execute(MEASURE)
    view.row("happy").locator(".lw-curve").wait_for()
    return notebook, view


def wait_end(view: EditorView, most: float) -> None:
    """Wait until the slider of the curve ends there."""
    view.page.wait_for_function(
        "([slider, most]) => Math.abs(Number(slider.max) - most) < 1e-6",
        arg=[view.slider("happy").element_handle(), most],
    )


@pytest.mark.slow
def test_the_slider_ends_where_damage_begins_and_goes_on_where_asked(
    open_notebook: OpenNotebook,
) -> None:
    notebook, view = show(open_notebook)
    row, keys = view.row("happy"), view.page.keyboard
    numbers = row.locator(".lw-numbers")
    wait_end(view, 1.25)
    assert "without steering" in numbers.inner_text()
    # By keys: what was measured nearest to the thumb is said, also to who cannot see it.
    slider = view.slider("happy")
    slider.focus()
    keys.press("End")
    view.wait_exact(happy=1.25)
    assert numbers.inner_text().startswith("nearest: +1 σ: ")
    assert numbers.inner_text() in (slider.get_attribute("aria-description") or "")
    assert "of the median norm of the stream after layer 4" in (
        slider.get_attribute("aria-valuetext") or ""
    )
    # An amount is drawn below the place where the thumb is for it.
    line = row.locator(".lw-thumb-line").bounding_box()
    assert line is not None
    assert line["x"] + line["width"] / 2 == pytest.approx(view.at("happy", 1.25)[0], abs=1)
    # By mouse: what was measured nearest to the pointer.
    row.locator(".lw-measured").hover(position={"x": 2, "y": 20})
    assert numbers.inner_text().startswith("nearest: −1 σ: ")
    row.get_by_role("button", name="Full range").click()
    wait_end(view, max(1.5, notebook.value("happy.limits[1]")))
    assert row.locator(".lw-damaged").count() == 1
    mouse = view.page.mouse
    mouse.move(*view.at("happy", 1))
    mouse.down()
    mouse.move(*view.at("happy", 1.5), steps=5)
    mouse.up()
    notebook.wait_value("round(w.value['happy'], 1)", 1.5)
    assert "damaged" in numbers.inner_text()
    slider.focus()
    keys.press("0")
    keys.press("Tab")
    row.get_by_role("button", name="Up to damage").focus()
    keys.press("Enter")
    wait_end(view, 1.25)
    assert notebook.console_errors == []


@pytest.mark.slow
def test_another_layer_is_said_to_be_another(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    row = view.row("happy")
    wait_end(view, 1.25)
    layer = view.root.locator(".lw-conditions select").last
    layer.select_option("2")
    row.locator(".lw-curve.lw-doubted").wait_for()
    assert "Measured at layers 3 and 4, not at layer 2." in row.locator(".lw-numbers").inner_text()
    assert row.get_by_role("button", name="Full range").count() == 0
    assert row.locator(".lw-name[title*='stream after layer 2']").count() == 1
    layer.select_option("3")
    row.locator(".lw-curve:not(.lw-doubted)").wait_for()
    wait_end(view, 1.25)
    view.slider("other").press("PageUp")
    row.locator(".lw-curve.lw-doubted").wait_for()
    assert "other sliders are moved" in row.locator(".lw-numbers").inner_text()
    notebook.execute("w.curves = {}")
    row.locator(".lw-curve").wait_for(state="hidden")
    assert notebook.console_errors == []


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_a_curve_has_room_in_every_theme_and_width(open_notebook: OpenNotebook, theme: Any) -> None:
    notebook, view = show(open_notebook, own_page=True)
    notebook.set_theme(theme)
    row = view.row("happy")
    for width in (800, 400):
        view.root.evaluate(f"(root) => {{ root.parentElement.style.width = '{width}px'; }}")
        view.root.scroll_into_view_if_needed()
        SCREENSHOTS.mkdir(exist_ok=True)
        view.root.screenshot(path=SCREENSHOTS / f"steering-curve-{theme}-{width}.png")
        assert view.root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
        track, plot = (row.locator(one).bounding_box() for one in (".lw-track", ".lw-measured"))
        assert track is not None
        assert plot is not None
        # As wide as the way of the thumb's centre.
        assert plot["x"] == pytest.approx(track["x"] + 8, abs=1)
        assert plot["width"] == pytest.approx(track["width"] - 16, abs=1)
        assert re.search(r"perplexity \d", row.locator(".lw-numbers").inner_text())
