"""The Interpolator in a real JupyterLab: driven with mouse and keyboard, judged by its pixels."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser.all_widgets import set_room
from tests.browser.conftest import OpenNotebook
from tests.browser.lab import reload
from tests.browser.notebook import IS_DONE, Notebook, until
from tests.browser.view import SPACE, WIDGET, View

# A step at a quarter of the way, and a bend: the straight way through latents is not the shortest.
STEEP = """
import numpy as np
import latentwidgets as lw

def decode(z):
    steep = np.tanh(40 * (z[:, 0] - 0.25))
    waves = np.stack([z[:, 0] + 0.2 * steep, (z[:, 1] + 1) * np.sin(3 * z[:, 0]), z[:, 1]], axis=1)
    return 0.5 + 0.2 * np.repeat(np.repeat(waves[:, :, None], 8, axis=1), 24, axis=2)

space = lw.LatentSpace(decode, 2, value_range=(0, 1))
w = lw.Interpolator(space, [[0.0, 0.0], [1.0, 0.5]], method="lerp", filmstrip=3)
w
"""
# Lets the decoder decode nothing until `release` is set.
HOLD = """
import threading
release, began, decode = threading.Event(), threading.Event(), Decoder.__call__
def wait(self, latents):
    began.set()
    assert release.wait(60)
    return decode(self, latents)
Decoder.__call__ = wait
"""
SHORT = WIDGET.replace("method=", "strip_length=2, method=")


def show(
    open_notebook: OpenNotebook, *, widget: str = WIDGET, own_page: bool = False
) -> tuple[Notebook, View]:
    notebook = open_notebook([SPACE, widget], own_page=own_page)
    notebook.run(0)
    notebook.run(1)
    view = View(notebook)
    view.wait_exact()
    return notebook, view


def test_a_drag_paints_what_the_thumb_is_at(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    view.wait_strip()
    seen = view.drag(0.0, 0.9, steps=40)
    assert len(set(seen)) > 20, "the picture did not follow the thumb"
    assert seen == sorted(seen), "a picture from before came back"
    view.wait_exact()
    assert view.shown == pytest.approx(view.value, abs=1e-4)
    assert view.value == pytest.approx(0.9, abs=0.02)
    notebook.wait_value("w.value", pytest.approx(view.value, abs=1e-12))
    assert notebook.value("w.latent.tolist()") == [pytest.approx(view.value, abs=1e-6)]
    assert notebook.console_errors == []


@pytest.mark.slow
def test_a_slow_decoder_does_not_hold_the_picture_back(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("decoder.seconds = 0.15")
    notebook.execute("w.anchors = [[0.2], [0.6]]")
    view.wait_strip()
    seen = view.drag(0.0, 1.0, steps=40)
    assert len(set(seen)) > 20
    view.wait_exact()
    assert view.shown == pytest.approx(0.2 + 0.4 * view.value, abs=1e-4)


def test_the_newest_question_is_answered_and_no_backlog_builds_up(
    open_notebook: OpenNotebook,
) -> None:
    notebook, view = show(
        open_notebook, widget=WIDGET.replace("method=", "strip_length=2, filmstrip=0, method=")
    )
    notebook.execute(
        f"{HOLD}\ndecoder.decoded = 0; asked = []\n"
        "w.on_msg(lambda _, content, __: asked.append(content['type']))"
    )
    view.drag(0.0, 0.7, steps=60)
    notebook.execute("release.set()")
    view.wait_exact()
    assert int(notebook.execute("print(decoder.decoded)").text) < 60, "not every step was asked"
    assert notebook.value("asked.count('ask')") < 10, "it asked at every step"
    assert view.shown == pytest.approx(view.value, abs=1e-4)


def test_keys_number_box_and_double_click(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    view.slider.focus()
    value = 0.0
    for key, change in [
        ("ArrowRight", 0.01),
        ("ArrowUp", 0.01),
        ("Shift+ArrowRight", 0.001),
        ("ArrowLeft", -0.01),
        ("PageUp", 0.1),
        ("PageDown", -0.1),
        ("End", 1),
    ]:
        notebook.page.keyboard.press(key)
        value = min(1.0, round(value + change, 3))
        view.wait_exact(value)
        assert view.shown == pytest.approx(value, abs=1e-4)
    assert view.slider.get_attribute("aria-valuetext") == "t = 1.000"
    box = view.root.locator(".lw-number")
    box.fill("0.125")
    box.press("Enter")
    view.wait_exact(0.125)
    box.fill("7")
    box.press("Enter")
    refused = view.root.get_by_role("alert").filter(has_text="t goes from 0 to 1, not to 7.")
    refused.wait_for()
    assert view.shown == pytest.approx(0.125, abs=1e-4)
    box.fill("0.5")
    box.press("Escape")
    assert box.input_value() == "0.125"
    refused.wait_for(state="hidden")
    view.slider.dblclick()
    view.wait_exact(0)
    # The notebook took none of the keys for itself.
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == 2


def test_marks_and_filmstrip_lead_there(open_notebook: OpenNotebook) -> None:
    _, view = show(open_notebook)
    assert view.root.locator(".lw-mark").count() == 3
    view.root.locator(".lw-mark").nth(1).click()
    view.wait_exact(0.5)
    films = view.root.locator(".lw-film")
    assert films.count() == 9
    films.nth(6).click()
    view.wait_exact(0.75)
    assert view.shown == pytest.approx(0.75, abs=1e-4)
    films.nth(6).press("ArrowRight")
    view.wait_exact(0.875)
    view.wait_strip()
    colours = films.locator("canvas").evaluate_all(
        """(all) => all.map((canvas) => {
            const [red, green] = canvas.getContext('2d').getImageData(0, 0, 1, 1).data;
            return (red * 256 + green) / 60000;
        })"""
    )
    assert colours == pytest.approx([i / 8 for i in range(9)], abs=1e-4)


@pytest.mark.slow
def test_the_method_menu_changes_the_path(open_notebook: OpenNotebook) -> None:
    notebook, view = show(
        open_notebook, widget="w = lw.Interpolator(space, [[0.1], [0.8], [0.3]], value=0.25)\nw"
    )
    menu = view.root.locator(".lw-menu").first
    for method in ("spline", "lerp"):
        menu.select_option(method)
        notebook.wait_value("w.method", method)
        latent = notebook.value("float(w.latent[0])")

        def is_there(latent: float = latent) -> None:
            view.wait_exact(0.25)
            assert view.shown == pytest.approx(latent, abs=1e-4)

        until(is_there)
    assert view.shown == pytest.approx(0.45, abs=1e-4)


def test_playing_moves_the_picture_and_pausing_makes_it_exact(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    view.wait_strip()
    play = view.root.locator(".lw-play")
    play.click()
    seen = set()

    def moves() -> None:
        seen.add(view.shown)
        assert len(seen) > 10

    until(moves)
    play.click()
    view.wait_exact()
    assert view.shown == pytest.approx(view.value, abs=1e-4)
    rest = view.value
    notebook.page.wait_for_timeout(200)
    assert view.value == rest
    notebook.wait_value("w.value", pytest.approx(rest, abs=1e-12))


@pytest.mark.slow
def test_playing_without_loop_stops_at_the_end(open_notebook: OpenNotebook) -> None:
    notebook, view = show(
        open_notebook, widget=WIDGET.replace("\nw", "\nw.loop = False; w.speed = 20\nw")
    )
    view.slider.focus()
    notebook.page.keyboard.press("Space")
    view.wait_exact(1)
    view.root.get_by_role("button", name="Play").wait_for()
    notebook.wait_value("w.playing", False)


def test_python_moves_the_page_and_the_page_moves_python(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("seen = []; w.observe(lambda change: seen.append(change['new']), 'value')")
    notebook.execute("w.value = 0.3")
    view.wait_exact(0.3)
    assert view.value == 0.3
    assert view.shown == pytest.approx(0.3, abs=1e-4)
    view.slider.focus()
    notebook.page.keyboard.press("ArrowRight")
    view.wait_exact(0.31)
    notebook.wait_value("seen", [0.3, 0.31])
    notebook.execute("w.latent = [0.75]")
    view.wait_exact(0.75)
    notebook.execute("w.anchors = [[1.0], [0.0]]")

    def is_reversed() -> None:
        view.wait_exact(0.75)
        assert view.shown == pytest.approx(0.25, abs=1e-4)
        assert view.root.locator(".lw-mark").count() == 2

    until(is_reversed)


@pytest.mark.slow
def test_a_move_on_another_page_is_followed(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    # What another page sends: also what this one sent, where the kernel has moved on meanwhile.
    notebook.execute("w.value = 0.3\nw.set_state({'value': 0.8})")
    view.wait_exact(0.8)
    assert view.value == 0.8
    notebook.wait_value("w.value", 0.8)


@pytest.mark.slow
def test_two_views_stay_in_step(open_notebook: OpenNotebook) -> None:
    notebook, first = show(open_notebook)
    notebook.execute("display(w)")
    second = View(notebook, 1)
    second.wait_exact()
    for mover, other, t in ((first, second, 0.4), (second, first, 0.8)):
        mover.drag(mover.value, t)
        mover.wait_exact()
        other.wait_exact()
        assert other.value == mover.value
        assert other.shown == pytest.approx(mover.value, abs=1e-4)


@pytest.mark.parametrize("first", ["", "w.value = 0.2; "], ids=["at once", "that moves it"])
def test_it_works_while_a_cell_runs(
    first: str, open_notebook: OpenNotebook, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    busy = f"""from pathlib import Path
{first}
while not Path({str(seen)!r}).exists():
    time.sleep(0.05)
print('done')"""
    notebook = open_notebook([SPACE, WIDGET, busy])
    notebook.run(0)
    notebook.run(1)
    notebook.start(2)  # before the page has asked for anything
    view = View(notebook)
    notebook.page.wait_for_timeout(500)
    view.drag(0, 0.337)
    view.wait_exact()
    assert view.shown == pytest.approx(view.value, abs=1e-4)
    assert view.value > 0.3
    assert notebook.result(2).text == ""
    seen.touch()
    notebook.page.wait_for_function(IS_DONE)
    assert notebook.result(2).text == "done", "the cell went on meanwhile"


@pytest.mark.slow
def test_cells_run_while_it_decodes(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook, widget=SHORT)
    view.wait_strip(9)  # else the decoder may have begun for that
    notebook.execute(HOLD)
    view.slider.focus()
    notebook.page.keyboard.press("PageUp")
    notebook.wait_value("began.is_set()", True)
    assert notebook.execute("1 + 1").text == "2"
    assert view.canvas.get_attribute("data-lw-exact") == "false", "the cell came after the picture"
    notebook.execute("release.set()")
    view.wait_exact(0.1)


def test_an_error_is_shown_as_text_and_the_widget_lives(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook, widget=SHORT)
    view.wait_strip(9)
    before = view.shown
    notebook.execute("decoder.fault = '<img src=x onerror=alert(1)> is no picture'")
    view.slider.focus()
    notebook.page.keyboard.press("ArrowRight")
    alert = view.root.get_by_role("alert")
    alert.wait_for()
    assert "<img src=x onerror=alert(1)> is no picture" in (alert.text_content() or "")
    assert alert.locator("img").count() == 0
    assert view.shown == before, "the last good picture is kept"
    notebook.execute("decoder.fault = None")
    view.slider.focus()
    notebook.page.keyboard.press("ArrowRight")
    view.wait_exact(0.02)
    alert.wait_for(state="hidden")
    assert view.shown == pytest.approx(0.02, abs=1e-4)


@pytest.mark.slow
def test_garbage_from_the_page_changes_nothing(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    view.wait_strip()
    model = notebook.execute("print(w.model_id)").text
    notebook.execute(
        "refused = []\nw.log.warning = lambda text, *args: refused.append(text % args)"
    )
    notebook.page.evaluate(
        """(id) => {
            const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
            const comm = kernel._comms.get(id);
            for (const content of [7, {}, { type: 'ask', at: [0.5] }, { type: 'rm -rf' }, [[]]])
                comm.send({ method: 'custom', content });
        }""",
        model,
    )
    notebook.wait_value("[len(refused), w.value]", [5, 0.0])
    notebook.page.wait_for_timeout(300)
    assert notebook.execute("print(len(refused), w.value)").text == "5 0.0"
    view.slider.focus()
    notebook.page.keyboard.press("PageUp")
    view.wait_exact(0.1)


@pytest.mark.slow
def test_the_latent_is_copied(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.execute("w.value = 0.3")
    view.wait_exact(0.3)
    view.root.get_by_role("button", name="Copy as code").click()
    view.root.get_by_role("button", name="Copied").wait_for()
    copied = notebook.page.evaluate("() => navigator.clipboard.readText()")
    names: dict[str, Any] = {}
    exec(copied, names)
    assert names["latent"].tolist() == [np.float32(0.3)]


@pytest.mark.slow
def test_closing_takes_it_off_the_page(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook)
    notebook.execute("w.close()")
    view.root.wait_for(state="detached")
    assert notebook.console_errors == []


def test_it_fits_a_narrow_page(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook, own_page=True)
    notebook.page.evaluate(
        "() => window.jupyterapp.commands.execute('application:toggle-left-area')"
    )
    notebook.page.set_viewport_size({"width": 480, "height": 900})
    notebook.page.wait_for_timeout(300)

    def fits() -> None:
        box = view.root.bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= 480, "the page is as wide as before"
        over = view.root.evaluate(
            """(root) => {
                const right = (one) => one.getBoundingClientRect().right;
                const inside = [...root.querySelectorAll('*')];
                return inside.filter((one) => right(one) > right(root) + 1).length;
            }"""
        )
        assert over == 0

    until(fits)


@pytest.mark.slow
def test_a_reloaded_page_shows_the_widget_as_it_is(open_notebook: OpenNotebook) -> None:
    notebook, view = show(open_notebook, own_page=True)
    notebook.execute("w.value = 0.6")
    view.wait_exact(0.6)
    reload(notebook)
    again = View(notebook)
    again.wait_exact(0.6)
    assert again.shown == pytest.approx(0.6, abs=1e-4)


def place_of_films(view: View) -> float:
    """How far below the top of the widget the small pictures are."""
    top, films = (one.bounding_box() for one in (view.root, view.root.locator(".lw-film").first))
    assert top is not None
    assert films is not None
    return films["y"] - top["y"]


@pytest.mark.slow
def test_the_speed_is_drawn_and_a_way_is_found_while_nobody_moves(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([STEEP])
    notebook.run(0)
    view = View(notebook)
    view.wait_exact()
    curve, numbers = view.root.locator(".lw-measured"), view.root.locator(".lw-numbers")
    curve.wait_for()
    assert view.root.locator(".lw-abrupt").count() == 1
    mark, track = view.root.locator(".lw-abrupt").bounding_box(), view.at(0.25)
    assert mark is not None
    assert mark["x"] + mark["width"] / 2 == pytest.approx(track[0], abs=4)
    view.drag(0.0, 0.25)
    view.wait_exact()
    below = place_of_films(view)
    box = view.root.locator(".lw-number")
    for at, where in (("0.25", ""), ("0.255", "nearest: ")):
        box.fill(at)
        box.press("Enter")
        view.wait_exact(float(at))
        said = numbers.inner_text()
        assert re.fullmatch(rf"{where}t = 0\.250: \d+\.\d+ × the mean speed, abrupt", said)
    assert numbers.inner_text() == view.slider.get_attribute("aria-description")
    view.root.locator('.lw-measured[title*="4 lerp paths at their own speed between"]').wait_for()
    thumb = view.root.locator(".lw-thumb-line").bounding_box()
    assert thumb is not None
    assert thumb["x"] + thumb["width"] / 2 == pytest.approx(view.at(view.value)[0], abs=1)
    view.root.get_by_label("Even speed").check()
    gained = view.root.locator(".lw-gained")
    gained.filter(has_text="Even speed of the output.").wait_for()
    notebook.wait_value("w.path.timing is not None", True)
    view.root.locator(".lw-abrupt").wait_for(state="detached")
    curve.wait_for()
    assert place_of_films(view) == below, "what is below the curve has moved"
    view.root.locator(".lw-menu").first.select_option("geodesic")
    gained.filter(has_text=re.compile(r"\d+% shorter than|No shorter than")).wait_for()
    assert notebook.value("w.path.method") == "geodesic"
    view.root.locator(
        '.lw-gained[title^="What 4 geodesics between samples of the prior"]'
    ).wait_for()
    view.wait_exact()
    assert notebook.console_errors == []


# How far a slider moves as words about the path come, in CSS pixels.
MOVED = """(root) => {
    const slider = root.querySelector('.lw-walk .lw-slider');
    const said = root.querySelector('.lw-gained');
    const place = () => slider.getBoundingClientRect().top - root.getBoundingClientRect().top;
    const before = place();
    said.hidden = false;
    said.textContent = 'Looking for the geodesic while you rest. '.repeat(3);
    const moved = place() - before;
    said.hidden = true;
    return moved;
}"""


@pytest.mark.slow
def test_words_that_come_and_go_move_nothing_under_the_hand(open_notebook: OpenNotebook) -> None:
    start = "import latentwidgets as lw\ndigits = lw.demo.digits()"
    shown = ["lw.Interpolator(digits)", "lw.explore(digits, parts=['path', 'grid'])"]
    notebook = open_notebook([start, *shown], own_page=True)
    notebook.page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    for index in range(3):
        notebook.run(index)
    alone, explorer = (notebook.output(index).locator(".lw-root").first for index in (1, 2))
    explorer.locator(".lw-looks .lw-seen canvas[data-lw-exact='true']").wait_for()
    for width in (1200, 800, 420):
        set_room(notebook, width)
        assert alone.evaluate(MOVED) == pytest.approx(0, abs=0.5), width
        if width < 840:
            explorer.get_by_role("tab", name="Path").click()
        assert explorer.evaluate(MOVED) == pytest.approx(0, abs=0.5), width
