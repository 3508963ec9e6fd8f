"""A map stays where it is as texts beside it come and go."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenNotebook
from tests.browser.map_view import SPACE, MapView

pytest.importorskip("jscatter", reason="needs the extra map")

# Some latents have a label of many lines, and some have a short one.
LONG = """
labels = np.where(x < 0, "short", "a long label of many words, " * 12)
w = lw.LatentMap(space, latents, labels)
w
"""


def shade(alert: Locator) -> int:
    """How much the lower edge of a message differs from its middle, where it has no text."""
    pixels = np.asarray(Image.open(io.BytesIO(alert.screenshot())).convert("L"), int)
    return int(abs(pixels[-3, -5] - pixels[len(pixels) // 2, -5]))


@pytest.mark.slow
def test_no_point_moves_as_texts_of_other_lengths_come_and_go(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([SPACE, LONG])
    notebook.run(0)
    notebook.run(1)
    view = MapView(notebook)
    view.root.locator(".lw-gauge").wait_for()
    heights = set()
    for x, y, row in [(-4, 2, 134), (8, -6, 56), (-4, 2, 134)]:
        view.hover(x, y)
        view.wait_exact(row)
        heights.add(view.root.evaluate("(one) => one.offsetHeight"))
    assert view.caption.evaluate("(one) => one.scrollHeight <= one.clientHeight"), "it has room"
    notebook.execute("decoder.fault = 'one of the many words, ' * 20")
    view.hover(6, -6)
    view.alert.wait_for()
    heights.add(view.root.evaluate("(one) => one.offsetHeight"))
    expect(view.root.locator(".lw-gauge")).to_be_visible()  # there is room for both
    expect(view.alert).to_have_attribute("tabindex", "0")
    assert shade(view.alert) > 30, "there is more to scroll to"
    view.alert.evaluate("(one) => one.scrollTo(0, one.scrollHeight)")
    assert shade(view.alert) <= 1, "that was all"
    high = view.alert.evaluate("(one) => one.clientHeight")
    notebook.execute("decoder.fault = 'one word'")
    view.hover(2, -6)
    expect(view.alert).to_contain_text("one word")
    assert view.alert.evaluate("(one) => one.clientHeight") == high, "only its text is another"
    expect(view.alert).not_to_have_attribute("tabindex", "0")
    assert shade(view.alert) <= 1
    assert len(heights) == 1
