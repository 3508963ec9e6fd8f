"""Drafts in a real JupyterLab: shown as they come, never called exact, replaced by what is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.editor_view import EditorView
from tests.browser.grid_view import GridView
from tests.browser.notebook import BrowserPage
from tests.browser.view import View
from tests.models import models_missing

ROOT = Path(__file__).parents[2]

# A decoder of 20 steps: pictures carry the latent in red and green, and in blue how far they are.
SPACE = """
import time
import numpy as np
import latentwidgets as lw

class Decoder:
    seconds = 0.02
    fault = None
    def __init__(self):
        self.log = []
    def __call__(self, latents):
        value = np.round(latents[:, 0].astype(float) * 60000).astype(int)
        for step in range(1, 21):
            self.log.append((float(latents[0, 0]), step))
            time.sleep(self.seconds)
            if step == self.fault:
                raise RuntimeError("no more")
            colours = np.stack([value // 256, value % 256, value * 0 + 12 * step], axis=-1)
            yield np.broadcast_to(
                colours[:, None, None].astype(np.uint8), (len(value), 16, 16, 3)
            )

decoder = Decoder()
space = lw.LatentSpace(decoder, 1)
"""
WIDGET = """w = lw.Interpolator(
    space, [[0.0], [0.5], [1.0]], method='lerp', filmstrip=5, strip_length={length}
)
w"""
# Everything that the picture and the dot have said since, in order.
WATCH = """(root) => {
    const canvas = root.querySelector('.lw-picture');
    const status = root.querySelector('.lw-status');
    window.lwSeen = [];
    const note = () => {
        const { lwValue, lwExact, lwDraft } = canvas.dataset;
        const blue = canvas.getContext('2d').getImageData(8, 8, 1, 1).data[2];
        window.lwSeen.push([lwValue, lwExact, Number(lwDraft), blue / 12, status.textContent]);
    };
    new MutationObserver(note).observe(canvas, { attributes: true });
    new MutationObserver(note).observe(status, { childList: true, attributes: true });
}"""
# A quick machine decodes all cells before anyone could ask for one that is a draft.
WATCH_CELLS = """(root) => {
    const look = () => { window.lwRough ||= root.querySelector('.lw-box.lw-rough') !== null; };
    new MutationObserver(look).observe(root, { subtree: true, attributes: true, childList: true });
}"""
BAR = ".lw-buffer"


def show(open_notebook: OpenNotebook, *, length: int = 5, seconds: float = 0.02) -> View:
    source = SPACE.replace("seconds = 0.02", f"seconds = {seconds}")
    notebook = open_notebook([source, WIDGET.format(length=length)])
    notebook.run(0)
    notebook.run(1)
    view = View(notebook)
    view.notebook = notebook  # type: ignore[attr-defined]
    view.wait_exact()
    return view


def wait_bar(view: View | EditorView, frames: int, drafts: int, *, seconds: float = 60) -> None:
    """Wait until the first bar has so many frames, and so many of them are drafts."""
    view.page.wait_for_function(
        """([bar, frames, drafts]) => Number(bar.dataset.lwFrames) >= frames
            && Number(bar.dataset.lwDrafts) === drafts""",
        arg=[view.root.locator(BAR).first.element_handle(), frames, drafts],
        timeout=seconds * 1000,
    )


def wait_draft(view: View, t: float) -> None:
    """Wait until the picture is a draft of this place."""
    view.page.wait_for_function(
        """([canvas, t]) => Number(canvas.dataset.lwDraft) > 0
            && Number(canvas.dataset.lwValue) === t""",
        arg=[view.canvas.element_handle(), t],
    )


def click(view: View, t: float) -> None:
    view.slider.scroll_into_view_if_needed()
    view.page.mouse.click(*view.at(t))


def test_a_jump_shows_drafts_and_then_the_exact_picture(open_notebook: OpenNotebook) -> None:
    view = show(open_notebook)
    wait_bar(view, 5, 0)
    view.root.evaluate(WATCH)
    click(view, 0.33)
    view.wait_exact(view.value)
    view.page.wait_for_timeout(100)
    seen = view.page.evaluate("() => window.lwSeen")
    here = [one for one in seen if float(one[0]) == view.value]
    drafts = [number for _, _, number, _, _ in here if number]
    assert len(set(drafts)) > 3, "hardly any drafts were shown"
    assert drafts == sorted(drafts), "a worse draft took the place of a better one"
    for _, exact, number, blue, _ in here:
        assert (exact == "true") == (number == 0), "a draft was called exact"
        assert blue == pytest.approx(number or 20), "it shows another step than it says"
    assert any(text.startswith("draft ") for *_, text in here)
    assert view.root.locator(".lw-status").inner_text().startswith("exact")
    assert view.shown == pytest.approx(view.value, abs=1e-4)
    assert view.notebook.console_errors == []  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_strip_of_drafts_is_there_soon_and_becomes_exact(open_notebook: OpenNotebook) -> None:
    view = show(open_notebook, length=17, seconds=0.05)
    view.page.wait_for_function(
        "(bar) => Number(bar.dataset.lwFrames) >= 17 && Number(bar.dataset.lwDrafts) >= 10",
        arg=view.root.locator(BAR).element_handle(),
    )
    track = view.root.locator(".lw-track")
    assert "dotted one where they are drafts" in str(track.get_attribute("title"))
    assert view.root.locator(".lw-film.lw-unfinished").count() > 0
    seen = view.drag(0.0, 0.9, steps=20)
    assert len(set(seen)) > 10, "the drafts did not follow the thumb"
    view.wait_exact()
    wait_bar(view, 17, 0)
    words = "Place on the path: drag, or arrow keys; double-click goes back"
    assert track.get_attribute("title") == words
    assert view.root.locator(".lw-film.lw-unfinished").count() == 0


@pytest.mark.slow
def test_the_decoder_stops_when_the_thumb_moves_on(open_notebook: OpenNotebook) -> None:
    view = show(open_notebook, length=2)
    wait_bar(view, 2, 0)
    notebook = view.notebook  # type: ignore[attr-defined]
    notebook.execute("decoder.seconds = 0.3")  # the thumb has moved long before twelve of these
    click(view, 0.3)
    first = view.value
    wait_draft(view, first)
    click(view, 0.7)
    view.wait_exact(view.value)
    taken = f"print(sum(abs(at - {first}) < 1e-6 for at, _ in decoder.log))"
    assert int(notebook.execute(taken).text) < 12
    assert view.shown == pytest.approx(view.value, abs=1e-4)


@pytest.mark.slow
def test_an_error_on_the_way_leaves_the_draft(open_notebook: OpenNotebook) -> None:
    view = show(open_notebook, length=2)
    wait_bar(view, 2, 0)
    notebook = view.notebook  # type: ignore[attr-defined]
    notebook.execute("decoder.fault = 10")
    click(view, 0.3)
    alert = view.root.locator(".lw-alert")
    alert.wait_for()
    assert "no more" in alert.inner_text()
    wait_draft(view, view.value)  # which is painted after the alert on a page that is busy
    assert view.canvas.get_attribute("data-lw-exact") == "false"
    assert view.shown == pytest.approx(view.value, abs=1e-4)
    notebook.execute("decoder.fault = None")
    click(view, 0.6)
    view.wait_exact(view.value)
    alert.wait_for(state="hidden")


# One thread: on a machine that is busy, several wait for one another at every small layer. So many
# steps are slow on any machine: a quick decode is never shown half-done.
FLOW = """
import os, sys
os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, {root!r})
import numpy as np
import latentwidgets as lw
from tests.models import StepwiseFlow

flow = StepwiseFlow(steps=160)
space = lw.as_space(flow, conditions=flow.conditions)
letter = {{"class": "R", "guidance": 3.0}}
noise = space.sample(12, seed=3)
vectors = np.random.default_rng(0).normal(size=(3, 1, 7, 7))
found = lw.Directions([lw.Direction(name, vector) for name, vector in zip("abc", vectors)])
"""


@pytest.mark.slow
@pytest.mark.skipif(bool(models_missing), reason=models_missing)
@pytest.mark.parametrize("kind", ["interpolator", "editor", "grid"])
def test_a_flow_wrapped_by_hand_shows_its_drafts(kind: str, open_notebook: OpenNotebook) -> None:
    widgets = {
        "interpolator": (
            "lw.Interpolator(space, noise[:3], strip_length=5, filmstrip=3, conditions=letter)"
        ),
        "editor": "lw.DirectionEditor(space, noise[0], found, strip_length=5, conditions=letter)",
        "grid": "lw.LatentGrid(space, noise, columns=4, conditions=letter)",
    }
    notebook = open_notebook([FLOW.format(root=str(ROOT)), f"w = {widgets[kind]}\nw"])
    notebook.run(0)
    notebook.run(1)
    if kind == "grid":
        grid = GridView(notebook)
        grid.wait_cells(*range(12))  # decoded to the end, for the picture that is saved
        grid.root.evaluate(WATCH_CELLS)
        notebook.execute("w.latents = space.sample(12, seed=4)")
        grid.page.wait_for_function("() => window.lwRough")
        grid.page.wait_for_function(
            "(root) => root.querySelectorAll('.lw-box.lw-rough').length === 0",
            arg=grid.root.element_handle(),
            timeout=60_000,
        )
        grid.cell(7).click()
        grid.wait_exact(1, 3)
    elif kind == "editor":
        editor = EditorView(notebook)
        editor.wait_exact()
        editor.slider("b").focus()
        editor.page.keyboard.press("PageUp")
        editor.wait_exact(b=1.0)
    else:
        view = View(notebook)
        view.wait_exact()
        view.root.evaluate(WATCH)
        click(view, 0.4)
        view.wait_exact(view.value)
        assert any(number for _, _, number, *_ in view.page.evaluate("() => window.lwSeen"))
    assert painted(notebook).std() > 20, "there is no character"
    latent = "w.latents[7]" if kind == "grid" else "w.latent"  # the large one is of the chosen cell
    expected = notebook.execute(
        f"image = space.decode({latent}[None], letter)[0, ..., 0]; print(image.ravel().tolist())"
    )
    difference = painted(notebook) - np.array(eval(expected.text)).reshape(28, 28)
    assert np.abs(difference).max() <= 1
    assert notebook.console_errors == []


def painted(notebook: BrowserPage) -> np.ndarray:
    return notebook.pixels("canvas.lw-picture:not(.lw-before)")[..., 0].astype(int)
