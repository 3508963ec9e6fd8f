"""A path that leaves the points of a map is seen whole, unless a person looks at a part of it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.map_view import SPACE, MapView

pytest.importorskip("jscatter", reason="needs the extra map")

QUICKLY = """
import time

for k in (4, 5, 6, 7):
    w.path = k * latents[[0, 230]]
    time.sleep(0.08)
"""
PATH = "w = lw.LatentMap(space, latents)\nw.path = 3 * latents[[0, 230]]\nw"


@pytest.mark.slow
def test_all_of_a_path_is_in_view(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACE, PATH])
    notebook.run(0)
    notebook.run(1)
    view = MapView(notebook)

    def is_inside() -> bool:
        box = view.ground.bounding_box()
        assert box is not None
        places = view.drawn("path")
        return len(places) == 2 and all(
            0 < x < box["width"] and 0 < y < box["height"] for x, y in places
        )

    def wait(*, inside: bool) -> None:
        for _ in range(100):
            if is_inside() == inside:
                return
            view.page.wait_for_timeout(100)
        raise AssertionError(view.drawn("path"))

    wait(inside=True)
    notebook.execute("w.path = 5 * latents[[0, 230]]")
    wait(inside=True)
    for _ in range(3):  # again and again before the camera has arrived
        notebook.execute(QUICKLY)
        view.page.wait_for_timeout(600)
        wait(inside=True)
        notebook.execute("w.path = 3 * latents[[0, 230]]")
        wait(inside=True)
    view.page.mouse.move(*view.at(0, 0))
    view.page.mouse.wheel(0, -600)  # closer
    wait(inside=False)
    before = view.drawn("path")
    notebook.execute("w.path = 2 * latents[[0, 230]]")
    for _ in range(100):
        if view.drawn("path") != before:
            break
        view.page.wait_for_timeout(100)
    view.page.wait_for_timeout(600)  # longer than the camera is on its way
    assert not is_inside(), "who looks at a part goes on to"
    shorter, longer = np.subtract(*view.drawn("path")), np.subtract(*before)
    assert shorter == pytest.approx(2 / 3 * longer, abs=1), "the camera stands"
    view.root.get_by_role("button", name="Whole map").click()
    wait(inside=True)
    assert not notebook.console_errors
