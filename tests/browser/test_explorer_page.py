"""Pages of an explorer, opened from disk with the network off."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import latentwidgets as lw
from tests.browser.conftest import OpenFile
from tests.browser.grid_view import GridView
from tests.browser.notebook import BrowserPage

PARTS = ("grid", "editor", "path")
# Longer than the explorer waits for a picture before it shows another: PATIENCE_MS of looks.js.
LATER_MS = 2500
# Of the look that is seen, the picture itself.
SEEN = ".lw-look.lw-seen canvas.lw-picture:not(.lw-before)"


@pytest.fixture(scope="module")
def explorer() -> lw.LatentExplorer:
    digits = lw.demo.digits()
    found = lw.pca_directions(digits.latents, 2)
    return lw.LatentExplorer(digits.space, digits.latents[:30], directions=found, parts=PARTS)


IS_SEEN = """([selector, part, value]) => {
    const seen = document.querySelectorAll(selector);
    return seen.length === 1 && seen[0].closest('.lw-look').dataset.lwPart === part
        && seen[0].dataset.lwExact === 'true' && seen[0].dataset.lwValue === value;
}"""


def wait_seen(page: BrowserPage, part: str, value: str) -> None:
    """Wait until the one picture is that of a part, exact, and of coordinates."""
    page.page.wait_for_function(IS_SEEN, arg=[SEEN, part, value])


def assert_stays(page: BrowserPage, part: str, value: str) -> None:
    """Wait until that picture is seen, and look again when another would have come back."""
    wait_seen(page, part, value)
    page.page.wait_for_timeout(LATER_MS)
    assert page.page.evaluate(IS_SEEN, [SEEN, part, value])


def marked(page: BrowserPage) -> list[str]:
    """Say which headings or tabs that are in sight say that the picture is theirs."""
    found = page.page.locator(':is(.lw-fold, .lw-tab)[aria-current="true"]')
    return [one.inner_text() for one in found.all() if one.is_visible()]


def assert_shows(page: BrowserPage, explorer: lw.LatentExplorer, latent: np.ndarray) -> None:
    shown = page.pixels(SEEN)[..., 0].astype(int)
    decoded = explorer.space.decode(latent[None].astype(np.float32))[0].squeeze().astype(int)
    assert np.abs(shown - decoded).max() <= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 400])
def test_one_picture_is_that_of_the_part_which_is_used(
    scheme: str, width: int, open_file: OpenFile, tmp_path: Path, explorer: lw.LatentExplorer
) -> None:
    explorer.save_html(tmp_path / "all.html", positions=5)
    page = open_file(tmp_path / "all.html")
    page.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.page.set_viewport_size({"width": width, "height": 1000})
    wait_seen(page, "editor", '{"PC 1":0,"PC 2":0}')
    back = page.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert (back == "rgb(255, 255, 255)") == (scheme == "light")
    tabs = page.page.get_by_role("tab")
    assert tabs.first.is_visible() == (width == 400)

    slider = page.page.locator(".lw-part-editor .lw-slider").first
    assert marked(page) == ["Directions"]
    slider.press("End")
    high = explorer.editor.directions["PC 1"].limits[1]
    moved = str(page.page.evaluate("at => JSON.stringify({'PC 1': at, 'PC 2': 0})", high))
    assert_stays(page, "editor", moved)
    assert float(slider.input_value()) == pytest.approx(high, abs=1e-3)
    explorer.editor.value = {"PC 1": high}
    assert_shows(page, explorer, explorer.editor.latent)
    explorer.editor.value = {}

    if width == 400:
        tabs.filter(has_text="Grid").click()
        assert_stays(page, "grid", "[0,0]")
    grid = GridView(page)
    grid.cell(4).click()
    page.page.mouse.move(2, 2)
    assert_stays(page, "grid", "[0,4]")
    assert marked(page) == ["Grid"]
    assert_shows(page, explorer, explorer.grid.latents[4])
    grid.cell(4).focus()
    page.page.keyboard.press("ArrowRight")
    wait_seen(page, "grid", "[0,5]")
    assert_shows(page, explorer, explorer.grid.latents[5])

    if width == 400:
        tabs.filter(has_text="Path").click()
        assert_stays(page, "path", "0")
    page.page.locator(".lw-part-path .lw-slider").press("End")
    wait_seen(page, "path", "1")
    assert_shows(page, explorer, explorer.path.anchors[-1])
    wide = page.page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= width


def test_what_only_a_kernel_does_is_not_there(
    open_file: OpenFile, tmp_path: Path, explorer: lw.LatentExplorer
) -> None:
    explorer.save_html(tmp_path / "all.html", positions=3)
    page = open_file(tmp_path / "all.html")
    page.page.locator(".lw-part-grid").wait_for()
    assert page.page.get_by_role("button", name="Full screen").is_visible()
    for name in ("Undo", "Redo", "Bookmark", "Add axes", "Outliers first"):
        found = page.page.get_by_role("button", name=name, include_hidden=True)
        assert found.count() > 0
        assert not any(one.is_visible() for one in found.all())
    # A file is dropped on nothing that could read it; the page complains of nothing.
    page.page.locator(".lw-latent-explorer").dispatch_event("dragenter")
    head = page.page.get_by_role("button", name="Path")
    head.press("Enter")
    assert head.get_attribute("aria-expanded") == "false"
    splitter = page.page.locator(".lw-splitter")
    assert splitter.get_attribute("aria-valuenow") == "50"
    splitter.press("ArrowRight")
    assert splitter.get_attribute("aria-valuenow") == "52"
    assert "not linked" in page.page.locator("footer").inner_text()


def test_a_part_that_cannot_begin_leaves_the_others(
    open_file: OpenFile, tmp_path: Path, explorer: lw.LatentExplorer
) -> None:
    explorer.save_html(tmp_path / "all.html", positions=3)
    text = (tmp_path / "all.html").read_text("utf-8")
    begin = '<script type="application/json" id="lw-recording">'
    before, _, rest = text.partition(begin)
    held, _, after = rest.partition("</script>")
    recording = json.loads(held)
    recording["parts"]["grid"]["js"] = "throw Error('no such number')"
    held = json.dumps(recording).replace("<", "\\u003c")
    (tmp_path / "broken.html").write_text(f"{before}{begin}{held}</script>{after}", "utf-8")
    page = open_file(tmp_path / "broken.html")
    wait_seen(page, "editor", '{"PC 1":0,"PC 2":0}')
    assert page.page.locator(".lw-part-grid [role=alert]").inner_text() == "Error: no such number"
    page.page.locator(".lw-part-path .lw-slider").press("End")
    wait_seen(page, "path", "1")
