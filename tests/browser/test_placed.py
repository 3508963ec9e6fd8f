"""What Python sets while the page plays or drags stays set, and both agree on it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.editor_view import SPACE as EDITOR_SPACE
from tests.browser.editor_view import WIDGET as EDITOR
from tests.browser.editor_view import EditorView
from tests.browser.notebook import Notebook
from tests.browser.view import SPACE, View

QUICKSTART = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
TIMES = 8
# Reports come every 100 ms, and go back and forth: by then, none is on its way.
SETTLED_MS = 600


def quickstart() -> list[str]:
    """The first two cells of code of the quickstart, as they stand."""
    cells = json.loads(QUICKSTART.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert "playing=True" in code[0]
    assert "playing = False\nwalk.value = 0.25" in code[1]
    return code[:2]


def agree(notebook: Notebook, view: View, name: str, value: float) -> None:
    notebook.page.wait_for_timeout(SETTLED_MS)
    assert notebook.value(f"({name}.value, {name}.playing)") == [value, False]
    view.wait_exact(value)
    assert view.value == pytest.approx(value, abs=1e-9), "a slider rounds its own value"


def test_the_second_cell_of_the_quickstart_ends_where_it_says(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(quickstart())
    notebook.run(0)
    view = View(notebook)
    for i in range(2):
        notebook.execute("walk.playing = True")
        # So that it stops at other times within a report's interval.
        notebook.page.wait_for_timeout(300 + 50 * i)
        assert notebook.value("walk.playing") is True
        notebook.run(1)
        agree(notebook, view, "walk", 0.25)
    assert notebook.console_errors == []


@pytest.mark.slow
def test_python_sets_a_value_while_it_plays_on(open_notebook: OpenNotebook) -> None:
    widget = "w = lw.Interpolator(space, [[0.0], [1.0]], method='lerp', speed=0.01)\nw"
    notebook = open_notebook([SPACE, widget])
    notebook.run(0)
    notebook.run(1)
    view = View(notebook)
    view.wait_exact()
    view.root.locator(".lw-play").click()
    for i in range(TIMES):
        value = (0.7, 0.2)[i % 2]
        start = time.monotonic()
        notebook.execute(f"w.value = {value}")
        notebook.page.wait_for_timeout(SETTLED_MS + 37 * i)
        found = notebook.value("w.value"), view.value
        # From anchor to anchor in 2 s: at its speed of 0.01 that is 0.005 a second.
        far = max(0.02, 0.005 * (time.monotonic() - start))
        assert found == pytest.approx((value, value), abs=far), "it plays on from there"
    # A value that the kernel has already, set where the page may have played on.
    for _ in range(TIMES):
        notebook.execute("w.playing = True")
        notebook.page.wait_for_timeout(150)
        notebook.execute("w.playing = False; w.value = w.value; set_to = w.value")
        agree(notebook, view, "w", notebook.value("set_to"))


@pytest.mark.slow
def test_an_amount_that_python_sets_in_a_drag(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([EDITOR_SPACE, EDITOR])
    notebook.run(0)
    notebook.run(1)
    view = EditorView(notebook)
    view.wait_exact()
    for i in range(3):
        amount = (-1.0, -0.5)[i % 2]
        view.drag("x", i / 10, 1.5, steps=10 + i, drop=False)
        notebook.execute(f"w.value = {{**w.value, 'x': {amount}}}; kept = w.value['x']")
        assert notebook.value("kept") == amount
        deadline = time.monotonic() + 20
        while view.amount("x") != amount and time.monotonic() < deadline:
            notebook.page.wait_for_timeout(50)
        notebook.page.wait_for_timeout(SETTLED_MS)
        # The hand has not moved since.
        assert notebook.value("w.value['x']") == view.amount("x") == amount
        view.wait_exact(x=amount)
        assert view.value()["x"] == amount
        # What it does now is what it did last.
        view.page.mouse.move(*view.at("x", 1 + i / 20))
        view.page.mouse.up()
        last = view.amount("x")
        view.wait_exact(x=last)
        assert last == pytest.approx(1 + i / 20, abs=0.1)
        notebook.wait_value("w.value", view.value())
        notebook.page.wait_for_timeout(SETTLED_MS)
        assert view.amount("x") == last
    assert notebook.console_errors == []


@pytest.mark.slow
def test_python_moves_one_slider_while_a_hand_drags_another(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([EDITOR_SPACE, EDITOR])
    notebook.run(0)
    notebook.run(1)
    view = EditorView(notebook)
    view.wait_exact()
    notebook.execute(
        "import threading\n"
        "def turn():\n"
        "    for i in range(60):\n"
        "        w.value = {**w.value, 'z': i / 60}\n"
        "        time.sleep(0.05)\n"
        "turning = threading.Thread(target=turn)\n"
        "turning.start()"
    )
    view.drag("x", 0, 1.5, steps=40)
    x = view.amount("x")
    assert x == pytest.approx(1.5, abs=0.1)
    notebook.execute("turning.join()")
    notebook.page.wait_for_timeout(SETTLED_MS)
    assert view.amount("x") == x, "the hand was not moved"
    view.wait_exact(**notebook.value("w.value"))
    assert notebook.value("w.value") == view.value()
    assert notebook.value("w.value['z']") == pytest.approx(59 / 60)
