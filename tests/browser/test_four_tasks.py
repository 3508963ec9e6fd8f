"""Four tasks, done by somebody who has only the explorer, counted in clicks and keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import latentwidgets as lw
from tests.browser.conftest import OpenNotebook
from tests.browser.notebook import Notebook, wait_still

pytest.importorskip("jscatter", reason="needs the extra map")

CELL = "import latentwidgets as lw\nlw.explore(lw.demo.digits())"
# Round the upper left of the map, in shares of its width and height.
CORNERS = [(0.15, 0.15), (0.45, 0.15), (0.45, 0.5), (0.15, 0.5)]


@dataclass
class Hand:
    """What a person does, counted: clicks, drags, and what is typed, a word or a key as one."""

    notebook: Notebook
    clicks: int = 0
    drags: int = 0
    typed: int = 0

    def click(self, what: Locator) -> None:
        """Click what can be seen without scrolling the page."""
        self.clicks += 1
        expect(what).to_be_in_viewport()
        what.click()

    def choose(self, menu: Locator, words: str) -> None:
        """Open a menu, and click a line of it."""
        self.clicks += 2
        menu.select_option(label=words)

    def drag(self, places: list[tuple[float, float]]) -> None:
        """Drag through places of the page."""
        self.drags += 1
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

    @property
    def counts(self) -> tuple[int, int, int]:
        """Clicks, drags, and words or keys."""
        return self.clicks, self.drags, self.typed


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
def test_what_does_axis_3_do(shown: tuple[Notebook, Locator]) -> None:
    notebook, root = shown
    hand = Hand(notebook)
    hand.click(root.get_by_role("button", name="Add axes"))
    name = root.locator('.lw-row[aria-label="axis 3"] .lw-name')
    name.wait_for()
    wait_still(name)
    within = """(one) => one.getBoundingClientRect().bottom
        <= one.closest('.lw-list').getBoundingClientRect().bottom - 14"""
    assert name.evaluate(within), "it is in sight with the first new row"
    name.hover()
    pictures = root.locator(".lw-preview:visible canvas")
    expect(pictures).to_have_count(7)
    notebook.page.wait_for_function(
        "(all) => new Set(all.map((one) => one.toDataURL())).size === 7",
        arg=[one.element_handle() for one in pictures.all()],
    )
    assert hand.counts == (1, 0, 0)


@pytest.mark.slow
def test_a_slider_from_a_lasso_is_named_and_used(shown: tuple[Notebook, Locator]) -> None:
    notebook, root = shown
    hand = Hand(notebook)
    hand.click(root.get_by_role("button", name="Lasso"))
    box: Any = root.locator(".lw-ground").bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in CORNERS]
    hand.drag([*at, at[0]])
    entry = root.locator(".lw-selection input:enabled")
    hand.click(entry)
    hand.type("mine")
    hand.type("Enter")
    row = root.locator('.lw-row[aria-label="mine"]')
    row.wait_for()
    wait_still(row)
    expect(row).to_be_in_viewport(ratio=1)
    picture = root.locator(".lw-looks .lw-seen canvas").first
    before = picture.evaluate("(one) => one.toDataURL()")
    thumb: Any = row.locator(".lw-slider").bounding_box()
    middle = thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2
    hand.drag([middle, (middle[0] + 60, middle[1])])
    notebook.page.wait_for_function(
        "([one, before]) => one.dataset.lwExact === 'true' && one.toDataURL() !== before",
        arg=[picture.element_handle(), before],
    )
    assert hand.counts == (2, 2, 2)


@pytest.mark.slow
def test_the_odd_ones_are_found(shown: tuple[Notebook, Locator]) -> None:
    notebook, root = shown
    hand = Hand(notebook)
    hand.choose(root.locator(".lw-shown select"), "outliers first")
    first = root.locator(".lw-part-grid [role=gridcell]").first
    expect(root.locator(".lw-part-grid .lw-said").first).to_have_text("at 3.21")
    expect(root.locator(".lw-part-grid")).to_contain_text("90 % of latents have")
    wait_still(first)
    expect(first).to_be_in_viewport(ratio=1)
    assert hand.counts == (2, 0, 0)


@pytest.mark.slow
def test_another_script_comes_to_the_same_picture(shown: tuple[Notebook, Locator]) -> None:
    notebook, root = shown
    page = notebook.page
    root.locator('.lw-row[aria-label="PC 1"] .lw-slider').press("PageUp")
    picture = ".lw-looks .lw-seen canvas[data-lw-exact='true']"
    root.locator(picture).wait_for()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hand = Hand(notebook)
    hand.click(root.locator(".lw-seen").get_by_role("button", name="Copy as code"))
    root.get_by_role("button", name="Copied").wait_for()
    *code, space, shows = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert hand.counts == (1, 0, 0)
    # In the script that line names the model; the other gives the picture.
    assert space.startswith("# space = lw.as_space(...)")
    names: dict[str, Any] = {"space": lw.as_space(lw.demo.digits())}
    exec("\n".join(code), names)
    [made] = eval(shows.partition(": ")[2], names)
    shown_now = notebook.pixels(picture)[..., 0]
    assert np.abs(made[..., 0].astype(int) - shown_now).max() <= 1
