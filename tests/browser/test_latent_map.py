"""The LatentMap in a real JupyterLab: driven by hand, judged by its pixels."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import PIL.Image
import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.map_view import SPACE, WIDGET, MapView
from tests.browser.notebook import Notebook, until

pytest.importorskip("jscatter", reason="needs the extra map")


def show(open_notebook: OpenNotebook, *, widget: str = WIDGET) -> tuple[Notebook, MapView]:
    notebook = open_notebook([SPACE, widget])
    notebook.run(0)
    notebook.run(1)
    return notebook, MapView(notebook)


def row_of(x: int, y: int) -> int:
    """The row of the latent at a point of the grid; see `SPACE`."""
    return (y // 2 + 5) * 21 + x // 2 + 10


def pixel(view: MapView, x: float, y: float) -> list[int]:
    """The colour that a person sees at a point of the overlay, in CSS pixels."""
    with PIL.Image.open(io.BytesIO(view.overlay.screenshot())) as picture:
        colour: list[int] = np.asarray(picture.convert("RGB"))[round(y), round(x)].tolist()
    return colour


def near(x: float, y: float) -> list[Any]:
    return [pytest.approx(x, abs=0.3), pytest.approx(y, abs=0.3)]


def test_hovering_shows_the_decode_and_the_label_as_its_characters(
    open_notebook: OpenNotebook,
) -> None:
    notebook, view = show(open_notebook)
    view.wait_exact(0)
    assert list(view.shown) == near(-20, -10)
    assert "<b>left</b>" in view.caption.inner_text()
    for x, y in [(-4, 2), (8, -6)]:
        view.hover(x, y)
        view.wait_exact(row_of(x, y))
        assert list(view.shown) == near(x, y)
        label = "<b>left</b>" if x < 0 else "<script>window.lwBad = 1</script>"
        assert label in view.caption.inner_text()
    legend = view.root.locator(".lw-map-legend").inner_text()
    assert "<b>left</b>" in legend
    assert "<script>window.lwBad = 1</script>" in legend
    assert notebook.page.evaluate("() => window.lwBad") is None
    assert view.root.locator(".lw-map-legend b, .lw-caption b, .lw-root script").count() == 0
    notebook.wait_value("(w.hovered, w.index)", [row_of(8, -6), 0])
    view.page.mouse.move(5, 5)
    view.wait_exact(0)
    assert notebook.console_errors == []


@pytest.mark.slow
def test_a_click_on_a_point_takes_it(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("w.selection = [1, 2, 3]")
    view.click(6, 4)
    view.wait_exact(row_of(6, 4))
    assert list(view.shown) == near(6, 4)
    notebook.wait_value("w.index", row_of(6, 4))
    assert notebook.value("w.latent.tolist()")[:2] == [6, 4]
    assert notebook.value("w.selection.tolist()") == [1, 2, 3], "a click lost the selection"


def test_a_click_on_empty_ground_decodes_there(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    view.click(5, 13)
    view.wait_exact(-1)
    assert list(view.shown) == near(5, 13)
    notebook.wait_value("w.index", None)
    assert notebook.value("w.latent.tolist()")[:2] == near(5, 13)
    assert "between the points" in view.caption.inner_text()
    x, y = view.at(5, 13)
    box = view.overlay.bounding_box()
    assert box is not None
    spot = view.drawn("spot")
    assert [box["x"] + spot[0], box["y"] + spot[1]] == pytest.approx([x, y], abs=2)
    # The ring is there in pixels.
    colour = pixel(view, spot[0] + 8, spot[1])
    assert max(colour) < 100, "it is as dark as text is"


@pytest.mark.slow
def test_where_nothing_can_be_inverted_the_map_says_so(open_notebook: OpenNotebook) -> None:
    widget = "w = lw.LatentMap(space, latents, labels, projection=latents[:, :2])\nw"
    notebook, view = show(open_notebook, widget=widget)
    view.click(5, 13)
    view.page.wait_for_function(
        "(note) => note.textContent.includes('click a point instead')",
        arg=view.note.element_handle(),
    )
    notebook.wait_value("w.index", 0)
    view.click(6, 4)
    view.wait_exact(row_of(6, 4))
    assert "click a point" not in view.note.inner_text()


def test_a_lasso_selects_and_two_selections_make_a_direction(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    view.lasso([(-19, -9), (-1, -9), (-1, 9), (-19, 9)])
    chosen = view.root.locator(".lw-chosen")
    view.page.wait_for_function("(one) => one.textContent !== ''", arg=chosen.element_handle())
    inside = [row_of(x, y) for y in range(-8, 9, 2) for x in range(-18, -1, 2)]
    notebook.wait_value("w.selection.tolist()", sorted(inside))
    assert chosen.inner_text() == f"{len(inside)} selected"
    assert notebook.value("w.index") == 0, "a lasso that ends where it began is no click"
    notebook.execute("first = w.selection")
    view.root.get_by_role("button", name="Clear").click()
    view.page.wait_for_function("(one) => one.textContent === ''", arg=chosen.element_handle())
    notebook.wait_value("w.selection.tolist()", [])
    view.root.locator(".lw-class").nth(0).click()
    view.page.wait_for_function("(one) => one.textContent !== ''", arg=chosen.element_handle())
    notebook.wait_value("len(w.selection)", 110)
    found = notebook.value(
        "w.direction_between(first, x >= 0, shuffles=0).vector.round(2).tolist()"
    )
    assert found[0] == pytest.approx(1, abs=0.05)


@pytest.mark.slow
def test_what_python_sets_is_drawn(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("w.latent = [7.0, -3.0, 0.0]\nw.path = latents[[0, 115, 230]]")
    view.page.wait_for_function(
        "(canvas) => JSON.parse(canvas.dataset.lwPath).length === 3",
        arg=view.overlay.element_handle(),
    )
    box = view.overlay.bounding_box()
    assert box is not None
    expected = [view.at(-20, -10), view.at(0, 0), view.at(20, 10)]
    path = [[box["x"] + x, box["y"] + y] for x, y in view.drawn("path")]
    np.testing.assert_allclose(path, expected, atol=2)
    spot = view.drawn("spot")
    assert [box["x"] + spot[0], box["y"] + spot[1]] == pytest.approx(view.at(7, -3), abs=2)
    view.page.wait_for_function(
        """(canvas) => canvas.dataset.lwExact === 'true'
            && JSON.parse(canvas.dataset.lwValue)[0] < -1""",
        arg=view.canvas.element_handle(),
    )
    assert list(view.shown) == near(7, -3)
    # Both follow the map when it is moved.
    x, y = view.at(0, 13)
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + 60, y + 30, steps=6)
    view.page.mouse.up()

    def has_moved() -> None:
        assert view.at(0, 13) == pytest.approx([x + 60, y + 30], abs=5)
        box = view.overlay.bounding_box()
        assert box is not None
        spot = view.drawn("spot")
        assert [box["x"] + spot[0], box["y"] + spot[1]] == pytest.approx(view.at(7, -3), abs=2)

    until(has_moved)
    view.page.wait_for_timeout(300)  # by then it would be a click, if it were one
    assert notebook.value("w.latent.tolist()") == [7, -3, 0], "a drag is no click"


@pytest.mark.slow
def test_marks_follow_the_theme(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("w.latent = [7.0, -3.0, 0.0]")
    for theme, bright in [("dark", True), ("light", False)]:
        notebook.set_theme(theme)

        def follows(bright: bool = bright) -> None:
            box = view.overlay.bounding_box()
            assert box is not None
            x, y = view.drawn("spot")
            assert [box["x"] + x, box["y"] + y] == pytest.approx(view.at(7, -3), abs=2)
            assert (min(pixel(view, x + 8, y)) > 150) is bright

        until(follows)  # without its style sheet a page is of another width


@pytest.mark.slow
def test_the_whole_map_is_in_view_however_narrow_it_is(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("w.layout.width = '300px'")

    def is_whole() -> None:
        box = view.overlay.bounding_box()
        assert box is not None
        assert box["width"] < box["height"]
        fitted = pytest.approx(box["width"] / 1.06, abs=1)
        assert view.at(20, 0)[0] - view.at(-20, 0)[0] == fitted
        for end in (-20, 20):
            assert box["x"] < view.at(end, 0)[0] < box["x"] + box["width"]

    until(is_whole)
    # What a person has moved stays as they moved it.

    def gap() -> float:
        return view.at(2, 0)[0] - view.at(0, 0)[0]

    whole = gap()
    x, y = view.at(0, 13)
    view.page.mouse.move(x, y)
    view.page.mouse.wheel(0, -300)

    def is_nearer() -> None:
        now = gap()
        assert now > 1.2 * whole
        view.page.wait_for_timeout(300)
        assert gap() == now, "it still comes nearer"

    until(is_nearer)
    near_by, wide = gap(), view.overlay.evaluate("(one) => one.clientWidth")
    notebook.execute("w.layout.width = '280px'")

    def is_narrower() -> None:
        assert view.overlay.evaluate("(one) => one.clientWidth") < wide
        assert gap() == pytest.approx(near_by, abs=0.5)

    until(is_narrower)
    view.page.wait_for_timeout(500)
    is_narrower()
    view.root.get_by_role("button", name="Whole map").click()
    until(is_whole)
    for shown in ("none", ""):  # as behind another tab
        view.root.evaluate("(root, shown) => { root.style.display = shown; }", shown)
        view.page.wait_for_timeout(300)
    until(is_whole)


@pytest.mark.slow
def test_a_projection_is_chosen_on_the_page(open_notebook: OpenNotebook) -> None:
    # The map can be used while it is fitted, which takes as long as the test wants.
    setup = """
import threading
from latentwidgets.widgets.map import fitted_projections
held, project = threading.Event(), fitted_projections.project
def slow(latents, how, **options):
    if how == "tsne":
        held.wait(60)
        how = latents[:, [1, 0]]
    return project(latents, how, **options)
fitted_projections.project = slow
"""
    notebook, view = show(open_notebook, widget=setup + WIDGET)
    menu = view.root.get_by_role("combobox", name="Projection")
    assert menu.locator("option").all_inner_texts()[:2] == ["PCA", "t-SNE"]
    menu.select_option("tsne")
    view.root.locator(".lw-map-note", has_text="t-SNE of 231 latents is on its way").wait_for()
    assert view.root.locator(".lw-ground[aria-busy='true']").count() == 1
    view.click(6, 4)
    view.wait_exact(row_of(6, 4))
    notebook.wait_value("(w.projection.name, w.index)", ["pca", row_of(6, 4)])
    notebook.execute("held.set()")
    view.root.locator(".lw-map-note", has_text="points as given").wait_for()
    assert view.root.locator(".lw-ground[aria-busy='false']").count() == 1
    assert notebook.value("w.index") == row_of(6, 4)
    assert menu.input_value() == "points"
    # What was said of the projection before is said no longer.
    view.click(5, 13)
    view.root.locator(".lw-map-note", has_text="click a point instead").wait_for()
    menu.select_option("pca")
    view.root.locator(".lw-map-note", has_text="PCA").wait_for()
    view.root.get_by_text("PC 1 (", exact=False).first.wait_for()  # at its axis
    notebook.execute("del fitted_projections.project")
    menu.select_option("tsne")
    view.alert.wait_for()
    assert menu.input_value() == "pca"


def test_by_keys_alone(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    number = view.root.locator(".lw-number")
    number.focus()
    number.fill("17")
    number.press("Enter")
    view.wait_exact(17)
    number.press("ArrowUp")
    view.wait_exact(18)
    notebook.wait_value("w.index", 18)
    number.fill("5000")
    number.press("Enter")
    assert "numbered from 0 to 230" in view.note.inner_text()
    notebook.wait_value("w.index", 18)
    colours = view.root.get_by_role("combobox", name="Colour")
    colours.select_option("density")
    view.page.wait_for_function(
        "(legend) => legend.textContent.includes('dense')",
        arg=view.root.locator(".lw-map-legend").element_handle(),
    )
    notebook.wait_value("w.color", "density")


def test_an_error_is_shown_in_place_and_leaves_a_working_map(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("decoder.fault = 'out of <i>memory</i>'")
    view.hover(-4, 2)
    view.alert.wait_for()
    assert "out of <i>memory</i>" in view.alert.inner_text()
    # The alert may be about a point that the mouse came by.
    view.root.locator(".lw-caption", has_text="<b>left</b>").wait_for()
    notebook.execute("decoder.fault = None")
    view.hover(8, -6)
    view.wait_exact(row_of(8, -6))
    assert view.alert.is_hidden()


@pytest.mark.slow
def test_two_views_show_one_map(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("w")
    other = MapView(notebook, 1)
    view.click(6, 4)
    view.wait_exact(row_of(6, 4))
    other.wait_exact(row_of(6, 4))
    assert list(other.shown) == near(6, 4)


@pytest.mark.slow
def test_a_closed_map_leaves_the_page(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("w.close()")
    view.root.wait_for(state="detached")
