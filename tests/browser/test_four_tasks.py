"""Four tasks, done by somebody who has only the explorer, counted in clicks and keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, TypeAlias

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import latentwidgets as lw
from latentwidgets.export import code
from tests.browser.conftest import OpenNotebook
from tests.browser.notebook import Notebook, wait_still

pytest.importorskip("jscatter", reason="needs the extra map")

CELL = "import latentwidgets as lw\nlw.explore(lw.demo.digits())"
Record: TypeAlias = Callable[[str, object], None]
# Round the upper left of the map, in shares of its width and height.
CORNERS = [(0.15, 0.15), (0.45, 0.15), (0.45, 0.5), (0.15, 0.5)]


# Whether nothing lies over something, neither in its middle nor near its ends.
SEEN = """(one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return [0.1, 0.5, 0.9].every((share) => one.contains(document.elementFromPoint(
        left + share * (right - left), top + share * (bottom - top))));
}"""


@dataclass
class Hand:
    """What a person does, counted: clicks, drags, and what is typed, a word or a key as one."""

    notebook: Notebook
    clicks: int = 0
    drags: int = 0
    typed: int = 0
    begun: float = field(default_factory=perf_counter)

    def sees(self, what: Locator) -> None:
        """Look for something, which has to stand still in sight: nobody scrolls the page for it."""
        wait_still(what)
        expect(what).to_be_in_viewport(ratio=1)
        assert what.evaluate(SEEN), "something lies over it"

    def click(self, what: Locator) -> None:
        """Click something."""
        self.clicks += 1
        self.sees(what)
        what.click()

    def hover(self, what: Locator) -> None:
        """Bring the mouse to something."""
        self.sees(what)
        what.hover()

    def drag(self, what: Locator, *shares: tuple[float, float]) -> None:
        """Drag through places of something, in shares of its width and height."""
        self.drags += 1
        self.sees(what)
        box: Any = what.bounding_box()
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in shares]
        mouse = self.notebook.page.mouse
        mouse.move(*places[0])
        mouse.down()
        for x, y in places[1:]:
            mouse.move(x, y, steps=8)
        mouse.up()

    def type(self, words: str) -> None:
        """Type a word, or press a key."""
        self.typed += 1
        keyboard = self.notebook.page.keyboard
        keyboard.press(words) if words in ("Enter", "PageUp") else keyboard.type(words)

    def has_needed(self, clicks: int, drags: int, typed: int, record: Record) -> None:
        """Hold the task to its clicks, drags, and words or keys; keep how many seconds it took."""
        seconds = perf_counter() - self.begun
        record("seconds", round(seconds, 1))
        assert (self.clicks, self.drags, self.typed) == (clicks, drags, typed)


@pytest.fixture
def shown(open_notebook: OpenNotebook) -> tuple[Notebook, Locator]:
    """The explorer, as it is after the first cell of a notebook."""
    notebook = open_notebook([CELL], own_page=True)
    page = notebook.page
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    page.set_viewport_size({"width": 1400, "height": 1000})
    notebook.run(0)
    root = page.locator(".lw-latent-explorer")
    root.locator(".lw-ground[data-lw-ready='true']").wait_for(timeout=45_000)
    root.locator(".lw-looks .lw-seen canvas[data-lw-exact='true']").wait_for()
    wait_still(root)
    return notebook, root


@pytest.mark.slow
def test_what_does_axis_3_do(shown: tuple[Notebook, Locator], record_property: Record) -> None:
    notebook, root = shown
    hand = Hand(notebook)
    hand.click(root.get_by_role("button", name="Add axes"))
    name = root.locator('.lw-row[aria-label="axis 3"] .lw-name')
    name.wait_for()
    hand.hover(name)
    within = """(one) => one.getBoundingClientRect().bottom
        <= one.closest('.lw-list').getBoundingClientRect().bottom - 14"""
    assert name.evaluate(within), "it does not fade out with the end of the list"
    pictures = root.locator(".lw-preview:visible canvas")
    expect(pictures).to_have_count(7)
    notebook.page.wait_for_function(
        "(all) => new Set(all.map((one) => one.toDataURL())).size === 7",
        arg=[one.element_handle() for one in pictures.all()],
    )
    hand.has_needed(1, 0, 0, record_property)


@pytest.mark.slow
def test_a_slider_from_a_lasso_is_named_and_used(
    shown: tuple[Notebook, Locator], record_property: Record
) -> None:
    notebook, root = shown
    hand = Hand(notebook)
    hand.click(root.get_by_role("button", name="Lasso"))
    hand.drag(root.locator(".lw-ground"), *CORNERS, CORNERS[0])
    entry = root.locator(".lw-selection input:enabled")
    expect(entry).to_be_focused()
    hand.sees(entry)
    hand.type("mine")
    hand.type("Enter")
    row = root.locator('.lw-row[aria-label="mine"]')
    row.wait_for()
    hand.sees(row)
    picture = root.locator(".lw-looks .lw-seen canvas").first
    before = picture.evaluate("(one) => one.toDataURL()")
    hand.drag(row.locator(".lw-slider"), (0.5, 0.5), (0.8, 0.5))
    hand.sees(picture)
    notebook.page.wait_for_function(
        "([one, before]) => one.dataset.lwExact === 'true' && one.toDataURL() !== before",
        arg=[picture.element_handle(), before],
    )
    hand.has_needed(1, 2, 2, record_property)


@pytest.mark.slow
def test_the_odd_ones_are_found(shown: tuple[Notebook, Locator], record_property: Record) -> None:
    notebook, root = shown
    hand = Hand(notebook)
    hand.click(root.get_by_role("button", name="Outliers first"))
    first = root.locator(".lw-part-grid [role=gridcell][data-lw-index='0']")
    expect(root.locator(".lw-part-grid .lw-said").first).to_have_text(
        re.compile(r"^\d\.\d\d away$")
    )
    expect(root.locator(".lw-part-grid")).to_contain_text("90 % of latents have")
    hand.sees(first)
    said = root.locator(".lw-part-grid .lw-said").first
    assert said.evaluate("(one) => one.scrollWidth <= one.clientWidth"), "no letter of it is cut"
    hand.has_needed(1, 0, 0, record_property)


@pytest.mark.slow
def test_another_script_comes_to_the_same_picture(
    shown: tuple[Notebook, Locator], record_property: Record
) -> None:
    notebook, root = shown
    page = notebook.page
    root.locator('.lw-row[aria-label="PC 1"] .lw-slider').press("PageUp")
    picture = ".lw-looks .lw-seen canvas[data-lw-exact='true']"
    root.locator(picture).wait_for()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hand = Hand(notebook)
    hand.click(root.locator(".lw-seen").get_by_role("button", name="Copy as code"))
    root.get_by_role("button", name="Copied").wait_for()
    *lines, space, shows = page.evaluate("navigator.clipboard.readText()").splitlines()
    hand.has_needed(1, 0, 0, record_property)
    # In the script that line names the model; the other gives the picture.
    assert space == code.SPACE
    names: dict[str, Any] = {"space": lw.as_space(lw.demo.digits())}
    exec("\n".join(lines), names)
    [made] = eval(shows.partition(": ")[2], names)
    shown_now = notebook.pixels(picture)[..., 0]
    assert np.abs(made[..., 0].astype(int) - shown_now).max() <= 1
