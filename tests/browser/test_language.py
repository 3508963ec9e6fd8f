"""Widgets over a language model in a real JupyterLab: texts stream, or stand side by side.

Once on the model of stories that ships, and once on a public model.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator

from tests.browser.conftest import SCREENSHOTS, OpenNotebook
from tests.browser.editor_view import EditorView
from tests.browser.notebook import Notebook
from tests.models import models_missing

ROOT = Path(__file__).parents[2]
needs_models = pytest.mark.skipif(bool(models_missing), reason=models_missing)
MODELS = ["stories", pytest.param("stories260k", marks=needs_models)]

# Each gives `space`, the direction `happy` and two texts; a call of the model takes `slow` seconds
# longer than it does, as one of a large model would.
STORIES = """
import numpy as np
import latentwidgets as lw
demo = lw.demo.stories()
model, space = demo.model, demo.space
pairs = [demo.write(20, until="mood", mood=one)[0] for one in ("sad", "happy")]
texts = [one[0] for one in pairs]
"""
PUBLIC = f"""
import os, sys
os.environ["OMP_NUM_THREADS"] = "1"
sys.path.insert(0, {str(ROOT)!r})
import numpy as np
import latentwidgets as lw
from tests.models import load_stories
model, tokenizer = load_stories()
space = lw.as_space(model, tokenizer=tokenizer, prompt="Tim lost his dog. Tim was very", layer=1)
names = ("Tim", "Lily", "Ben", "Mia", "Sam", "Tom")
pairs = [[f"{{name}} was very {{mood}}" for name in names] for mood in ("sad", "happy")]
texts = ["He was sad", "He was happy"]
"""
REST = """
import time
happy = lw.contrast_directions(*map(space.encode, pairs), name="happy", folds=2, shuffles=0)[0]
nothing = np.zeros(space.latent_shape)
slow = 0.0

def before_a_call(*_):
    time.sleep(slow)

model.register_forward_pre_hook(before_a_call)

def read(amount, **conditions):
    return space.decode(happy.move([nothing], amount), conditions)[0]
"""
SOURCES = {"stories": STORIES + REST, "stories260k": PUBLIC + REST}
EDITOR = "w = lw.DirectionEditor(space, nothing, [happy], strip_length=2)\nw"
WALK = "w = lw.Interpolator(space, texts, method='lerp', strip_length=2, filmstrip=0)\nw"
PLANE = "w = lw.LatentGrid.plane(space, nothing, happy, 'layer', amounts=[-2, 0, 2])\nw"

# Everything that was written on the picture since, in order.
WATCH = """(picture) => {
    window.lwSeen = [];
    const note = () => {
        const { lwValue, lwExact, lwDraft } = picture.dataset;
        const letters = picture.querySelector('.lw-letters').textContent;
        window.lwSeen.push([lwValue, lwExact, Number(lwDraft), letters]);
    };
    new MutationObserver(note).observe(picture, { attributes: true });
}"""
CELLS_EXACT = """(root) => {
    const boxes = [...root.querySelectorAll('.lw-box')];
    return boxes.length > 0 && boxes.every((box) => box.dataset.lwExact === 'true');
}"""


def show(open_notebook: OpenNotebook, model: str, widget: str, **options: Any) -> Notebook:
    notebook = open_notebook([SOURCES[model], widget], **options)
    notebook.run(0)
    notebook.run(1)
    return notebook


def letters(picture: Locator) -> str:
    return picture.locator(".lw-letters").first.text_content() or ""


def wait_cells(root: Locator) -> None:
    """Wait until all cells show their texts to the end: those out of sight are not written."""
    root.scroll_into_view_if_needed()
    root.page.wait_for_function(CELLS_EXACT, arg=root.element_handle(), timeout=60_000)


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_a_text_streams_while_it_is_written(open_notebook: OpenNotebook, model: str) -> None:
    notebook = show(open_notebook, model, EDITOR)
    view = EditorView(notebook)
    view.wait_exact(happy=0)
    assert letters(view.canvas) == notebook.value("read(0)")
    notebook.execute("slow = 0.06")
    view.canvas.evaluate(WATCH)
    slider = view.slider("happy")
    slider.focus()
    for key in ("PageUp", "PageUp"):  # of the first the kernel learns how long a text takes
        before = view.amount("happy")
        view.page.keyboard.press(key)
        assert view.amount("happy") > before
        view.wait_exact(happy=view.amount("happy"))
    amount = view.amount("happy")
    wanted = notebook.value(f"read({amount})")
    assert letters(view.canvas) == wanted
    seen = [
        (exact, draft, text)
        for value, exact, draft, text in view.page.evaluate("() => window.lwSeen")
        if abs(json.loads(value)["happy"] - amount) < 1e-9
    ]
    drafts = list(dict.fromkeys((draft, text) for _, draft, text in seen if draft))
    assert len(drafts) > 3, "hardly any drafts were shown"
    assert drafts == sorted(drafts), "a shorter text took the place of a longer one"
    assert all(wanted.startswith(text) for _, text in drafts)
    assert all((exact == "true") == (draft == 0) for exact, draft, _ in seen)
    assert notebook.console_errors == []


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_cells_of_layer_by_strength_are_live(open_notebook: OpenNotebook, model: str) -> None:
    notebook = show(open_notebook, model, PLANE)
    root = notebook.page.locator(".lw-latent-grid")
    wait_cells(root)
    layers = notebook.value("[int(name.split()[0]) for name in w.grid.rows.names]")
    boxes = root.locator(".lw-box")
    assert boxes.count() == 3 * len(layers) == 9

    def wanted(strength: float) -> list[str]:
        # Together, as the grid has them: alone, a near tie of two words may end the other way.
        rows = "np.concatenate([happy.move([nothing], a) for a in (-2, 0, 2)] * 3)"
        each = f"{{'layer': np.repeat({layers}, 3), 'strength': {strength}}}"
        texts: list[str] = notebook.value(f"list(space.decode({rows}, {each}))")
        return texts

    shown = [letters(boxes.nth(i)) for i in range(boxes.count())]
    assert shown == wanted(1.0)
    assert len({*shown}) > 3
    assert len({*shown[1::3]}) == 1  # where nothing is added, all layers are alike
    slider = root.locator(".lw-conditions .lw-slider").first
    slider.focus()
    for _ in range(5):
        notebook.page.keyboard.press("ArrowRight")
    notebook.wait_value("round(w.conditions['strength'], 6)", 1.5)
    wait_cells(root)
    assert [letters(boxes.nth(i)) for i in range(boxes.count())] == wanted(1.5)
    assert notebook.console_errors == []


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_have_room_in_every_theme_and_width(
    open_notebook: OpenNotebook, model: str, theme: Any
) -> None:
    notebook = show(open_notebook, model, EDITOR, own_page=True)
    notebook.set_theme(theme)
    view = EditorView(notebook)
    notebook.execute("w.value = {'happy': 2.0}")
    view.wait_exact(happy=2)
    view.root.get_by_label("View").select_option("side by side")
    view.before.locator("mark").first.wait_for()
    unsteered, steered = notebook.value("[read(0), read(2)]")
    assert (letters(view.before), letters(view.canvas)) == (unsteered, steered)
    marked = view.canvas.locator("mark").all_text_contents()
    assert marked
    assert "".join(marked) in steered or len(marked) > 1
    snapshot = view.root.locator(".lw-frames").aria_snapshot()
    assert snapshot.count("mark") >= 2
    assert '"Text before the edit"' in snapshot
    for index, widget in enumerate((WALK, PLANE)):
        notebook.execute(widget)
        if index:
            wait_cells(notebook.page.locator(".lw-latent-grid"))
    names = (".lw-direction-editor", ".lw-interpolator", ".lw-latent-grid")
    SCREENSHOTS.mkdir(exist_ok=True)
    for name in names:
        root = notebook.page.locator(name)
        for width in (800, 400):
            root.evaluate(f"(root) => {{ root.parentElement.style.width = '{width}px'; }}")
            root.scroll_into_view_if_needed()
            notebook.page.wait_for_timeout(500)
            path = f"language-{model}-{name[4:]}-{theme}-{width}.png"
            root.screenshot(path=SCREENSHOTS / path)
            assert root.evaluate("(root) => root.scrollWidth <= root.clientWidth")
    assert notebook.console_errors == []
