"""The DirectionEditor in a real JupyterLab: driven by hand, judged by its pixels."""

from __future__ import annotations

import io
import os
import re
import signal
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import OpenNotebook
from tests.browser.editor_view import CARRIED, SPACE, WIDGET, EditorView
from tests.browser.notebook import Notebook, until

BASE = (0.1, 0.2)


def show(
    open_notebook: OpenNotebook, *, widget: str = WIDGET, own_page: bool = False
) -> tuple[Notebook, EditorView]:
    notebook = open_notebook([SPACE, widget], own_page=own_page)
    notebook.run(0)
    notebook.run(1)
    view = EditorView(notebook)
    view.wait_exact()
    return notebook, view


def after(x: float = 0, y: float = 0) -> list[Any]:
    """What the pixels should carry after an edit."""
    return [
        pytest.approx(BASE[0] + x + 0.6 * y, abs=2e-4),
        pytest.approx(BASE[1] + 0.8 * y, abs=2e-4),
    ]


def test_a_drag_paints_what_the_thumb_is_at(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    view.wait_strip("x", 65)
    seen = view.drag("x", 0, 2, steps=40)
    assert len(set(seen)) > 15, "the picture did not follow the thumb"
    assert seen == sorted(seen), "a picture from before came back"
    view.wait_exact()
    x = view.amount("x")
    assert x == pytest.approx(2, abs=0.1)
    assert list(view.shown) == after(x)
    assert view.value() == {"x": pytest.approx(x), "y": 0, "z": 0}
    notebook.wait_value("w.value", view.value())
    assert notebook.value("w.latent.tolist()")[:2] == after(x)
    assert notebook.console_errors == []


@pytest.mark.slow
def test_grabbing_a_slider_fetches_its_strip_through_the_edit(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("decoder.seconds = 0.02")
    view.drag("x", 0, 1)
    x = view.amount("x")
    view.page.mouse.move(*view.at("y", 0))
    view.page.mouse.down()
    view.wait_strip("y", 60)
    notebook.execute("decoder.seconds = 0.3")
    seen = view.drag("y", 0, -2, steps=30)
    assert len(set(seen)) > 10, "the picture did not follow the thumb"
    assert all(
        first - 0.75 * second == pytest.approx(BASE[0] + x - 0.15, abs=0.01)
        for first, second in seen
    )
    view.wait_exact()
    assert list(view.shown) == after(x, view.amount("y"))


@pytest.mark.slow
def test_strips_of_the_others_are_refreshed_while_idle(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    for name in ("y", "z"):
        view.wait_strip(name, 17)
    view.drag("x", 0, 1.5)
    view.wait_exact()
    for name in ("y", "z"):
        view.wait_strip(name, 17)

    def rests() -> bool:  # idle work may begin only now
        decoded = notebook.value("decoder.decoded")
        notebook.page.wait_for_timeout(500)
        return bool(notebook.value("decoder.decoded") == decoded)

    assert any(rests() for _ in range(20)), "it goes on without end"
    view.drag("y", 0, 1, steps=5, drop=False)
    assert view.shown[0] > 1.5, "a frame of the edit before was shown"
    view.page.mouse.up()


def test_keys_number_box_and_double_click(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    slider = view.slider("x")
    slider.focus()
    amount = 0.0
    for key, change in [
        ("ArrowRight", 0.1),
        ("ArrowUp", 0.1),
        ("Shift+ArrowRight", 0.01),
        ("ArrowLeft", -0.1),
        ("PageUp", 1),
        ("PageDown", -1),
        ("End", 9),
        ("Home", -9),
    ]:
        notebook.page.keyboard.press(key)
        amount = max(-3.0, min(3.0, round(amount + change, 3)))
        view.wait_exact(x=amount)
        assert list(view.shown) == after(amount)
    assert slider.get_attribute("aria-valuetext") == "x −3.0 σ"
    for key in ("0", "Delete"):
        notebook.page.keyboard.press("PageUp")
        view.wait_exact(x=1 if key == "Delete" else -2)
        notebook.page.keyboard.press(key)
        view.wait_exact(x=0)
    box = view.row("y").locator(".lw-number")
    box.fill("-1.25")
    box.press("Enter")
    view.wait_exact(y=-1.25)
    view.slider("y").dblclick()
    view.wait_exact(x=0, y=0)
    # The notebook took none of the keys for itself.
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == 2


def test_ticks_show_what_else_moves_and_holding_stops_it(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    assert view.readings("x") == [pytest.approx(0.1, abs=1e-6)]
    tick = view.row("x").locator(".lw-reading")
    before = tick.bounding_box()
    assert before is not None
    kernel = int(notebook.value("__import__('os').getpid()"))
    os.kill(kernel, signal.SIGSTOP)
    try:
        view.drag("y", 0, 2, drop=False)
        y = view.amount("y")

        def has_moved() -> None:
            assert view.readings("x") == [pytest.approx(0.1 + 0.6 * y, abs=1e-6)]
            moved = tick.bounding_box()
            assert moved is not None
            assert moved["x"] > before["x"] + 10

        until(has_moved)  # without a round trip
    finally:
        os.kill(kernel, signal.SIGCONT)
    view.page.mouse.up()
    view.wait_exact()
    expect(tick).to_have_attribute("title", f"reads +{0.1 + 0.6 * y:.1f} σ")
    view.row("x").locator(".lw-hold input").check(force=True)
    notebook.wait_value("w.hold", ["x"])

    def is_held() -> None:
        view.wait_exact()
        assert view.readings("x") == [pytest.approx(0.1, abs=1e-6)]
        assert list(view.shown) == pytest.approx([0.1, 0.2 + 0.8 * y], abs=2e-4)

    until(is_held)
    view.drag("x", 0, 1)
    view.wait_exact()
    assert view.shown[0] == pytest.approx(0.1 + view.amount("x"), abs=2e-4), "its own slider"


def test_before_side_by_side_and_difference(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("w.value = {'x': 1}")
    view.wait_exact(x=1)
    button = view.root.get_by_role("button", name="Before")
    assert not view.before.is_visible()
    button.hover()
    view.page.mouse.down()
    view.before.wait_for()
    view.page.wait_for_function(
        "(c) => c.dataset.lwExact === 'true'", arg=view.before.element_handle()
    )
    assert view.before.evaluate(CARRIED) == after()
    view.page.mouse.up()
    view.before.wait_for(state="hidden")
    for key in ("Space", "Enter"):
        button.focus()
        view.page.keyboard.down(key)
        expect(view.before).to_be_visible()
        view.page.keyboard.up(key)
        expect(view.before).to_be_hidden()
    menu = view.root.get_by_label("View")
    menu.select_option("side by side")

    def are_beside() -> None:
        left, right = view.before.bounding_box(), view.canvas.bounding_box()
        assert left is not None
        assert right is not None
        assert left["x"] + left["width"] <= right["x"]
        assert left["y"] == pytest.approx(right["y"], abs=1)

    until(are_beside)
    menu.select_option("difference")
    old, new = (
        np.array([round((x + 5) * 6000) // 256, round((x + 5) * 6000) % 256]) for x in (0.1, 1.1)
    )

    def is_difference() -> None:
        shot = Image.open(io.BytesIO(view.root.locator(".lw-frames").screenshot())).convert("RGB")
        height, width = np.asarray(shot).shape[:2]
        halves = [np.asarray(shot)[height // 2, int(width * x)].astype(int) for x in (0.25, 0.75)]
        assert np.abs(halves[0][:2] - (128 + (new - old) / 2)).max() <= 2
        assert np.abs(halves[1] - 128).max() <= 1, "mid-grey where nothing changed"

    until(is_difference)
    assert "mid-grey" in view.root.locator(".lw-caption:visible").inner_text()


@pytest.mark.slow
def test_search_sort_and_hide(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    search = view.root.get_by_label("Search directions")
    search.fill("Y")
    assert view.rows() == ["y"]
    search.fill("nose")
    assert view.root.get_by_text("No match").is_visible()
    search.fill("")
    notebook.execute("w.value = {'z': -2, 'y': 1}")
    view.wait_exact(z=-2)
    sort = view.root.get_by_label("Sort")
    sort.select_option("by amount")
    assert view.rows() == ["z", "y", "x"]
    sort.select_option("by score")
    assert view.rows() == ["y", "x", "z"]
    sort.select_option("as given")
    view.row("y").get_by_role("button", name="Hide y").click()
    assert view.rows() == ["x", "z"]
    view.root.get_by_role("button", name="Show hidden (1, 1 edited)").click()
    assert view.rows() == ["x", "y", "z"]
    view.row("y").get_by_role("button", name="Reset y").click()
    view.wait_exact(x=0, y=0, z=-2)
    view.root.get_by_role("button", name="Reset all").click()
    view.wait_exact(x=0, y=0, z=0)
    notebook.wait_value("w.value", {"x": 0, "y": 0, "z": 0})


@pytest.mark.slow
def test_the_evidence_is_told(open_notebook: OpenNotebook) -> None:
    _, view = show(open_notebook)
    assert view.row("x").locator(".lw-badge:not(.lw-change)").inner_text() == "30%"
    badge = view.row("y").locator(".lw-badge:not(.lw-change)")
    assert badge.inner_text() == "acc 0.52"
    assert "balanced accuracy 0.520 ± 0.030" in (badge.get_attribute("title") or "")
    warning = view.row("y").locator(".lw-warn")
    assert warning.get_attribute("title") == "No better than chance."
    tip = view.row("y").locator(".lw-tip")
    assert not tip.is_visible()
    warning.focus()
    assert tip.inner_text() == "No better than chance."
    assert not view.row("z").locator(".lw-badge:not(.lw-change)").is_visible()


@pytest.mark.slow
def test_modes_and_settings_from_python(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    view.drag("x", 0, 1)
    moved = view.amount("x")
    view.root.get_by_label("Mode").select_option("absolute")

    def is_absolute() -> None:
        view.wait_exact()
        x = view.amount("x")
        assert x == pytest.approx(moved + 0.1, abs=2e-4)
        assert x == pytest.approx(1.1, abs=0.1)
        assert view.shown[0] == pytest.approx(x, abs=2e-4)

    until(is_absolute)
    view.slider("x").dblclick()
    view.wait_exact(x=0.1)
    assert list(view.shown) == after()
    notebook.execute("w.mode = 'relative'; w.base = [[0.5, 0.5, 0], [1, 1, 0]]; w.value = {'x': 5}")

    def are_two() -> None:
        view.wait_exact(x=5)
        assert view.slider("x").get_attribute("max") == "5"
        assert view.readings("x") == [pytest.approx(5.5), pytest.approx(6)]
        assert view.canvas.evaluate("(canvas) => [canvas.width, canvas.height]") == [33, 16]

    until(are_two)
    notebook.execute("w.directions = found[1:]; w.latent = [0.3, 0.4, 0]")

    def has_others() -> None:
        view.wait_exact()
        assert view.rows() == ["y", "z"]
        assert list(view.shown) == pytest.approx([0.3, 0.4], abs=2e-4)

    until(has_others)
    assert notebook.console_errors == []


@pytest.mark.slow
def test_what_cannot_be_held_is_told(open_notebook: OpenNotebook) -> None:
    notebook, view = show(
        open_notebook,
        widget="found = found + [found['x'].replace(name='twin')]\n" + WIDGET,
    )
    view.row("x").locator(".lw-hold input").check(force=True)
    view.row("twin").locator(".lw-hold input").click(force=True)
    alert = view.root.get_by_role("alert")
    alert.wait_for()
    assert "cannot all be held still" in alert.inner_text()
    assert not view.row("twin").locator(".lw-hold input").is_checked()
    notebook.wait_value("w.hold", ["x"])
    view.drag("z", 0, 1)
    view.wait_exact()
    alert.wait_for(state="hidden")


def test_an_error_is_shown_as_text_and_the_widget_lives(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook, widget=WIDGET.replace("found)", "found, strip_length=2)"))
    view.page.wait_for_timeout(800)
    before = view.shown
    notebook.execute("decoder.fault = '<img src=x onerror=alert(1)> is no picture'")
    view.slider("x").focus()
    view.page.keyboard.press("ArrowRight")
    alert = view.root.get_by_role("alert")
    alert.wait_for()
    assert "<img src=x onerror=alert(1)> is no picture" in alert.inner_text()
    assert alert.locator("img").count() == 0
    assert view.shown == before, "the last good picture is kept"
    notebook.execute("decoder.fault = None")
    view.slider("x").focus()
    view.page.keyboard.press("ArrowRight")
    view.wait_exact(x=0.2)
    alert.wait_for(state="hidden")


@pytest.mark.slow
def test_two_views_stay_in_step(open_notebook: OpenNotebook) -> None:
    notebook, first = show(open_notebook)
    notebook.execute("display(w)")
    second = EditorView(notebook, 1)
    second.wait_exact()
    for mover, other, name, amount in ((first, second, "x", 1.2), (second, first, "y", -1)):
        mover.drag(name, 0, amount)
        mover.wait_exact()
        other.wait_exact()
        assert other.amount(name) == mover.amount(name)
        assert other.shown == mover.shown


@pytest.mark.slow
def test_the_latent_is_copied(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.execute("w.value = {'x': 1}")
    view.wait_exact(x=1)
    view.root.get_by_role("button", name="Copy as code").click()
    view.root.get_by_role("button", name="Copied").wait_for()
    copied = notebook.page.evaluate("() => navigator.clipboard.readText()")
    names: dict[str, Any] = {}
    exec(copied, names)
    assert names["amounts"] == {"x": 1.0}
    np.testing.assert_allclose(names["latent"], [1.1, 0.2, 0.3], rtol=1e-6)


@pytest.mark.slow
def test_it_fits_a_narrow_page_and_beside_an_interpolator(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook, own_page=True)
    notebook.execute("lw.Interpolator(space, [[0, 0, 0], [1, 0, 0]])")
    notebook.page.locator(".lw-interpolator").wait_for()
    notebook.page.evaluate(
        "() => window.jupyterapp.commands.execute('application:toggle-left-area')"
    )
    for width in (1280, 640, 480):
        notebook.page.set_viewport_size({"width": width, "height": 900})
        notebook.page.wait_for_timeout(300)
        for kind in (".lw-direction-editor", ".lw-interpolator"):

            def fits(width: int = width, kind: str = kind) -> None:
                box = notebook.page.locator(kind).bounding_box()
                assert box is not None
                assert box["x"] + box["width"] <= width, "the page is as wide as before"
                over = notebook.page.locator(kind).evaluate(
                    """(root) => [...root.querySelectorAll('*')].filter((one) =>
                        one.checkVisibility() && one.getBoundingClientRect().right
                            > root.getBoundingClientRect().right + 1).map((one) => one.className)"""
                )
                assert over == [], (width, kind)

            until(fits)
    view.drag("y", 0, 1)
    view.wait_exact()
    assert list(view.shown) == after(0, view.amount("y"))


@pytest.mark.slow
def test_closing_takes_it_off_the_page(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("w.close()")
    view.root.wait_for(state="detached")
    assert notebook.console_errors == []


# The two halves of a picture, encoded again to the numbers that they carry.
ENCODES = """
def encode(images):
    pixels = np.round(images.reshape(len(images), 16, 16, 3)[:, 8, [4, 12]]).astype(int)
    first, second = (pixels[..., 0] * 256 + pixels[..., 1]).T / 6000 - 5
    return np.stack([first, second, 0 * first], axis=1)

space = space.replace(encode=encode, encode_shape=(16, 16, 3), encode_range=(0, 255))
"""


@pytest.mark.slow
def test_what_else_moves_is_said_and_held_at_a_click(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACE + ENCODES, WIDGET])
    notebook.run(0)
    notebook.run(1)
    view = EditorView(notebook)
    view.wait_exact()
    line = view.root.locator(".lw-leakage")
    assert "Move a slider" in line.inner_text()
    view.drag("y", 0, 2)
    view.wait_exact()
    leak = line.locator(".lw-leak")
    leak.wait_for()
    # On a busy machine the thumb rests in mid-drag, and the line is of there for a moment.
    view.page.wait_for_function("(line) => !line.matches('.lw-old')", arg=line.element_handle())
    told = float(leak.inner_text().removeprefix("x +").removesuffix(" σ"))
    assert told == pytest.approx(0.6 * view.amount("y"), abs=0.01)
    assert "Not known whether it was held out: nothing says" in str(leak.get_attribute("title"))
    leak.click()
    notebook.wait_value("list(w.hold)", ["x"])
    view.page.wait_for_function(
        "(line) => line.innerText.includes('x held, 0.0 σ') && !line.matches('.lw-old')",
        arg=line.element_handle(),
    )
    row = view.root.locator(".lw-row").filter(has=view.page.get_by_label("Hold x still"))
    assert "lw-held" in str(row.get_attribute("class"))
    assert row.get_by_label("Hold x still").is_checked()
    assert leak.get_attribute("aria-pressed") == "true"
    leak.click()
    notebook.wait_value("list(w.hold)", [])
    assert not row.get_by_label("Hold x still").is_checked()
    # By keyboard alike: the button keeps the focus while its number changes.
    view.page.wait_for_function("(line) => !line.matches('.lw-old')", arg=line.element_handle())
    leak.focus()
    for key, text in (("Enter", "x held, 0.0 σ"), ("Space", "x +")):
        view.page.keyboard.press(key)
        view.page.wait_for_function(
            "([line, text]) => !line.matches('.lw-old')"
            " && line.querySelector(':focus')?.textContent.startsWith(text)",
            arg=[line.element_handle(), text],
        )
        assert row.get_by_label("Hold x still").is_checked() == ("held" in text)
    notebook.wait_value("list(w.hold)", [])  # which takes the focus
    notebook.execute("w.measures = {'sum': lambda images: encode(images).sum(axis=1)}")
    measure = line.locator("span.lw-leak")  # which nothing can hold
    measure.filter(has_text=re.compile(r"^sum \+\d+\.\d+ σ$")).wait_for()
    assert "Measured on the outputs, by a function." in str(measure.get_attribute("title"))
    assert notebook.console_errors == []
