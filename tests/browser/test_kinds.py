"""Texts, curves, sounds and a registered kind in a real JupyterLab: dragged, and read."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator

from tests.browser.conftest import OpenNotebook
from tests.browser.editor_view import EditorView
from tests.browser.notebook import Notebook, until
from tests.browser.view import View

MARKUP = "<img src=x onerror='window.lwRan = 1'><script>window.lwRan = 1</script> & <b>$x$</b>"
POINTS = 64
SPACE = f"""
import io
import numpy as np
import latentwidgets as lw
from PIL import Image

MARKUP = {MARKUP!r}
RATE = 8000
ragged = False

def text(z):
    return [3 if ragged else f"{{MARKUP}} {{x:.4f}}" for x in z[:, 0]]

def curve(z):
    return z[:, :1, None] * np.stack([np.sin(np.linspace(0, 6, {POINTS})), np.ones({POINTS})])

def sound(z):
    return z[:, :1] * np.sin(np.arange(RATE // 2))

def dot(z):
    return list(z[:, 0].astype(float))

def to_png(value):
    buffer = io.BytesIO()
    code = round(min(max(value, 0), 1) * 60000)
    Image.new("RGB", (16, 16), (code // 256, code % 256, 128)).save(buffer, "PNG")
    return buffer.getvalue()

lw.register_kind("dot", to_png)
spaces = {{
    "text": lw.LatentSpace(text, 2),
    "curve": lw.LatentSpace(curve, 2, kind="curve"),
    "sound": lw.LatentSpace(sound, 2, sample_rate=RATE),
    "dot": lw.LatentSpace(dot, 2, kind="dot"),
}}
ends = [[0.0, 1.0], [1.0, 0.0]]
found = lw.Directions([
    lw.Direction("<i>x</i>", [1.0, 0.0], sigma=0.25), lw.Direction("y", [0.0, 1.0])
])
"""
WALK = "w = lw.Interpolator(spaces[{!r}], ends, method='lerp')\nw"
EDIT = "w = lw.DirectionEditor(spaces[{!r}], {}, found)\nw"
KINDS = ["text", "curve", "sound", "dot"]


def show(open_notebook: OpenNotebook, widget: str, *, own_page: bool = False) -> Notebook:
    notebook = open_notebook([SPACE, widget], own_page=own_page)
    notebook.run(0)
    notebook.run(1)
    return notebook


def heights(picture: Locator, line: int = 0) -> list[float]:
    """The y coordinates of a line that is drawn, from 0 at the top to 1000."""
    path = picture.locator(".lw-line").nth(line).get_attribute("d") or ""
    return [float(point.split()[1]) for point in re.split("[ML]", path) if point]


def carried(kind: str, picture: Locator) -> float:
    """The number that what is shown was decoded from."""
    if kind == "text":
        return float(picture.inner_text().split()[-1])
    if kind == "dot":
        red, green = picture.evaluate(
            "(canvas) => [...canvas.getContext('2d').getImageData(8, 8, 1, 1).data].slice(0, 2)"
        )
        return float(red * 256 + green) / 60000
    if kind == "sound":
        return (1000 - 2 * min(heights(picture))) / 1000
    low, high = (label(picture, place) for place in ("last", "first"))
    return high - heights(picture, 1)[0] / 1000 * (high - low)


def label(picture: Locator, place: str) -> float:
    text = getattr(picture.locator(".lw-limit"), place).text_content()
    return float(text.replace("−", "-"))


def near(kind: str, value: float) -> Any:
    return pytest.approx(value, abs={"text": 6e-5, "dot": 2e-5}.get(kind, 4e-3))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_shown_follows_the_thumb(open_notebook: OpenNotebook, kind: str) -> None:
    notebook = show(open_notebook, WALK.format(kind))
    view = View(notebook)
    view.wait_exact(0)
    view.wait_strip()
    view.slider.scroll_into_view_if_needed()
    mouse = notebook.page.mouse
    mouse.move(*view.at(0.1))
    mouse.down()
    seen = []
    for i in range(1, 31):
        mouse.move(*view.at(0.1 + 0.7 * i / 30))
        seen.append(carried(kind, view.canvas))
    mouse.up()
    assert len(set(seen)) > 15, "it did not follow the thumb"
    assert seen == sorted(seen), "one from before came back"
    view.wait_exact()
    t = view.value
    assert t == pytest.approx(0.8, abs=0.02)
    assert carried(kind, view.canvas) == near(kind, t)
    assert float(view.canvas.get_attribute("data-lw-value") or "") == pytest.approx(t)
    assert int(view.canvas.get_attribute("data-lw-seq") or "") > 0
    notebook.wait_value("w.value", t)
    strip = notebook.page.locator(".lw-film .lw-cell")
    assert strip.count() == 9
    if kind != "curve":  # whose labels are too small for the strip
        for i in range(9):
            assert carried(kind, strip.nth(i)) == near(kind, i / 8)
    assert notebook.console_errors == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_is_shown_beside_what_was_before(open_notebook: OpenNotebook, kind: str) -> None:
    notebook = show(open_notebook, EDIT.format(kind, "[0.2, 0.0]"))
    view = EditorView(notebook)
    view.wait_exact()
    assert carried(kind, view.canvas) == near(kind, 0.2)
    view.root.get_by_label("View").select_option("side by side")
    mouse = notebook.page.mouse
    name = "<i>x</i>"
    slider = view.root.locator(".lw-slider").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] / 2, y)
    mouse.down()
    for i in range(1, 21):
        mouse.move(box["x"] + box["width"] * (0.5 + 0.3 * i / 20), y)
    mouse.up()
    view.wait_exact()
    amount = view.value()[name]
    assert amount > 1
    assert carried(kind, view.canvas) == near(kind, 0.2 + 0.25 * amount)
    notebook.page.wait_for_function(
        "(one) => one.dataset.lwExact === 'true'", arg=view.before.element_handle()
    )
    assert carried(kind, view.before) == near(kind, 0.2)
    offered = view.root.get_by_label("View").locator("option").all_text_contents()
    assert ("difference" in offered) == (kind == "dot")
    # The name of a direction is its characters too.
    assert view.root.locator(".lw-name").first.text_content() == name
    assert view.root.locator("i, b, img").count() == 0
    assert notebook.console_errors == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_several_latents_are_shown_together(open_notebook: OpenNotebook, kind: str) -> None:
    notebook = show(open_notebook, EDIT.format(kind, "[[0.1 * i, 0.0] for i in range(6)]"))
    view = EditorView(notebook)
    view.wait_exact()
    if kind == "dot":
        assert view.canvas.evaluate("(canvas) => [canvas.width, canvas.height]") == [48, 32]
        return
    tiles = view.canvas.locator(".lw-tile")
    assert tiles.count() == 6
    if kind != "curve":
        for i in range(6):
            assert carried(kind, tiles.nth(i)) == near(kind, 0.1 * i)


@pytest.mark.slow
def test_markup_is_shown_as_its_characters(open_notebook: OpenNotebook) -> None:
    notebook = show(open_notebook, WALK.format("text"))
    view = View(notebook)
    view.wait_exact(0)
    view.wait_strip()
    assert view.canvas.inner_text() == f"{MARKUP} 0.0000"
    assert view.root.locator("img, script, b").count() == 0
    assert notebook.page.evaluate("window.lwRan") is None
    # It is text to a screen reader, and to whoever wants to copy it.
    assert view.canvas.get_attribute("role") == "group"
    letters = view.canvas.locator(".lw-letters")
    letters.click(click_count=3)
    assert MARKUP in notebook.page.evaluate("getSelection().toString()")
    notebook.execute("html = w._repr_mimebundle_()[0]['text/html']")
    notebook.execute("from IPython.display import HTML, display; display(HTML(html))")
    assert notebook.page.evaluate("window.lwRan") is None


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_it_keeps_within_a_narrow_place(open_notebook: OpenNotebook, kind: str) -> None:
    notebook = show(open_notebook, WALK.format(kind))
    view = View(notebook)
    view.wait_exact(0)
    view.wait_strip()
    view.root.evaluate("(root) => { root.parentElement.style.width = '250px'; }")

    def keeps_within() -> None:
        beyond = view.root.evaluate(
            """(root) => {
                const { right } = root.getBoundingClientRect();
                const inside = root.querySelectorAll('.lw-picture, .lw-cell, .lw-number');
                const over = (one) => one.getBoundingClientRect().right > right;
                return [...inside].filter(over).length;
            }"""
        )
        assert beyond == 0
        if kind == "text":  # too long for a cell, and cut between two lines
            over = view.root.locator(".lw-cell .lw-letters").first.evaluate(
                """(one) => {
                    const { clientHeight, scrollHeight } = one;
                    const line = parseFloat(getComputedStyle(one).lineHeight);
                    return [scrollHeight > clientHeight, (clientHeight - 2) % line, line];
                }"""
            )
            assert over[0]
            assert min(over[1], over[2] - over[1]) <= 1

    until(keeps_within)


@pytest.mark.slow
def test_ragged_texts_are_complained_of_in_place(open_notebook: OpenNotebook) -> None:
    notebook = show(open_notebook, WALK.format("text"))
    view = View(notebook)
    view.wait_exact(0)
    view.wait_strip()
    notebook.execute("ragged = True")
    view.slider.focus()
    for _ in range(3):
        notebook.page.keyboard.press("ArrowRight")
    alert = view.root.locator(".lw-alert")
    alert.wait_for()
    assert "entry 0 is a int; expected a str" in alert.inner_text()
    assert carried("text", view.canvas) == pytest.approx(0.03, abs=0.02)
    notebook.execute("ragged = False")
    view.slider.focus()
    notebook.page.keyboard.press("ArrowRight")
    view.wait_exact(0.04)
    alert.wait_for(state="hidden")


@pytest.mark.slow
def test_curves_are_drawn_in_one_range_that_only_widens(open_notebook: OpenNotebook) -> None:
    notebook = show(open_notebook, WALK.format("curve"))
    view = View(notebook)
    view.wait_exact(0)
    view.wait_strip()
    ranges = set()
    for i in range(9):
        view.slider.evaluate("(slider) => slider.focus()")
        notebook.execute(f"w.value = {i / 8}")
        view.wait_exact(i / 8)
        ranges.add((label(view.canvas, "last"), label(view.canvas, "first")))
        low, high = next(iter(ranges))
        drawn = high - np.array(heights(view.canvas)) / 1000 * (high - low)
        wanted = i / 8 * np.sin(np.linspace(0, 6, POINTS))
        np.testing.assert_allclose(drawn, wanted, atol=1e-3 * (high - low))
    assert len(ranges) == 1, "the range changed while nothing left it"
    before = heights(view.root.locator(".lw-cell").nth(8), 1)[0]
    notebook.execute("w.anchors = [[0.0, 1.0], [30.0, 0.0]]")

    def is_wider() -> None:
        view.wait_exact(1)
        assert label(view.canvas, "first") >= 30
        assert carried("curve", view.canvas) == pytest.approx(30, abs=0.1)

    until(is_wider)
    notebook.execute("w.anchors = ends")

    def stays_wide() -> None:
        view.wait_exact(1)
        assert carried("curve", view.canvas) == pytest.approx(1, abs=0.1)
        assert label(view.canvas, "first") >= 30
        assert heights(view.root.locator(".lw-cell").nth(8), 1)[0] > before + 100

    until(stays_wide)


# Writes down what a button says whenever that changes: a sound of half a second soon ends.
WATCHED = """(button) => {
    button.changes = [];
    const note = () => button.changes.push(`${button.dataset.lwPlaying} ${button.ariaLabel}`);
    button.watcher?.disconnect();
    button.watcher = new MutationObserver(note);
    button.watcher.observe(button, { attributeFilter: ['aria-label'] });
}"""
CHANGES = "(button) => button.changes"
ENDLESS = """() => {
    const context = BaseAudioContext.prototype, make = context.createBufferSource;
    context.createBufferSource = function () {
        const source = make.call(this);
        source.loop = true;
        return source;
    };
}"""


@pytest.mark.slow
def test_a_sound_plays_until_it_ends_or_another_is_shown(open_notebook: OpenNotebook) -> None:
    notebook = show(open_notebook, WALK.format("sound"), own_page=True)
    view = View(notebook)
    view.wait_exact(0)
    view.wait_strip()
    button = view.canvas.locator("button")
    assert view.root.locator(".lw-hear").count() == 1, "a small picture has a button"
    assert button.get_attribute("data-lw-playing") == "false"
    button.evaluate(WATCHED)
    button.click()
    notebook.page.wait_for_function(
        "(button) => button.dataset.lwPlaying === 'false'", arg=button.element_handle()
    )
    assert button.evaluate(CHANGES) == ["true Stop", "false Play the sound"]
    notebook.page.evaluate(ENDLESS)  # from now on none ends by itself
    button.click()
    assert button.get_attribute("data-lw-playing") == "true"
    view.slider.focus()
    notebook.page.keyboard.press("End")
    view.wait_exact(1)
    assert button.get_attribute("data-lw-playing") == "false"
    notebook.execute("w")
    other = View(notebook, 1)
    other.wait_exact(1)
    button.evaluate(WATCHED)
    button.click()
    assert button.get_attribute("data-lw-playing") == "true"
    other.canvas.locator("button").click()
    assert button.evaluate(CHANGES) == ["true Stop", "false Play the sound"]
    assert notebook.console_errors == []


@pytest.mark.slow
def test_a_retrieval_walks_from_word_to_word(open_notebook: OpenNotebook) -> None:
    words = "lw.adapters.Retrieval([[0.0], [1.0], [2.0]], ['one', 'two', 'three'])"
    notebook = show(
        open_notebook, f"w = lw.Interpolator({words}, ['one', 'three'], method='lerp')\nw"
    )
    view = View(notebook)
    view.wait_exact(0)
    for t, word in [(0, "one"), (0.5, "two"), (1, "three")]:
        notebook.execute(f"w.value = {t}")
        view.wait_exact(t)
        assert view.canvas.inner_text() == word


@pytest.mark.slow
def test_an_empty_text_says_that_it_is_one(open_notebook: OpenNotebook) -> None:
    words = "lw.adapters.Retrieval([[0.0], [1.0]], ['', 'two'])"
    notebook = show(open_notebook, f"w = lw.Interpolator({words}, ['', 'two'], method='lerp')\nw")
    view = View(notebook)
    for t, said in [(0, '"(no text)"'), (1, "none")]:
        notebook.execute(f"w.value = {t}")
        view.wait_exact(t)
        seen = view.canvas.locator(".lw-letters").evaluate(
            "(one) => getComputedStyle(one, '::before').content"
        )
        assert seen == said
