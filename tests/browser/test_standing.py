"""How ordinary the latent is, as a person sees it: a gauge, shaded sliders, the nearest data."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenNotebook
from tests.browser.notebook import until, wait_still

PRIOR = """
import numpy as np, latentwidgets as lw
space = lw.LatentSpace(
    lambda z: np.clip(0.5 + z[:, :64].reshape(-1, 8, 8) / 5, 0, 1), 512, value_range=(0, 1),
    prior=lw.NormalPrior(np.ones(512)))
walk = lw.Interpolator(space, method="lerp", value=0.25); walk
"""
DATA = """
import numpy as np, latentwidgets as lw
digits = lw.demo.digits()
directions = lw.pca_directions(digits.latents, n=2)
editor = lw.DirectionEditor(digits, digits.latents[0], directions); editor
"""
FAR = """
import numpy as np, latentwidgets as lw
digits = lw.demo.digits()
data, labels = digits.latents[:300], digits.labels[:300]
space = lw.LatentSpace(digits.space.decode, 10, value_range=(0, 255), data=data)
far = np.stack([data[0], 9 * data[0]])
"""
# What each of these begins with, and what leads it to the far latent and back.
OTHERS = {
    "latent-grid": (
        "w = lw.LatentGrid(space, far)",
        ("w.value = 0, 1", "w.value = 0, 0"),
    ),
    "latent-map": (
        "w = lw.LatentMap(space, np.concatenate([far, data[1:]]))",
        ("w.index = 1", "w.index = 0"),
    ),
    "latent-explorer": (
        "w = lw.explore(space, data, labels, parts=['editor', 'grid'])",
        ("w.editor.base = far[1]", "w.editor.base = far[0]"),
    ),
}
SECONDS = 60_000
SOME = re.compile("[1-9]")


@pytest.mark.slow
def test_a_straight_path_through_a_normal_prior_is_shaded_in_its_middle(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([PRIOR])
    notebook.run(0)
    root = notebook.output(0).locator(".lw-interpolator")
    verdict, gauge = root.locator(".lw-verdict"), root.locator(".lw-gauge")
    expect(verdict).to_contain_text("rarer than any of 2,048: too near", timeout=SECONDS)
    assert "gaussian" in (verdict.get_attribute("title") or "")
    shadow = root.locator(".lw-astray")
    expect(shadow).to_have_attribute("data-lw-places", SOME, timeout=SECONDS)
    slider = root.locator(".lw-slider")
    wait_still(slider)
    box = slider.bounding_box()
    assert box is not None
    notebook.page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 14)
    expect(slider).to_have_attribute(
        "title",
        "Here the latent leaves what is ordinary: rarer than "
        "any of 2,048: too near the middle of the space.",
    )
    notebook.execute("walk.method = 'slerp'; walk.value = 0.0")
    expect(verdict).to_contain_text("typical: more so than", timeout=SECONDS)
    expect(shadow).to_have_attribute("data-lw-places", "0", timeout=SECONDS)
    assert "lw-odd" not in (gauge.get_attribute("class") or "")
    expect(root.get_by_role("button", name="Nearest data")).to_be_hidden()
    assert not notebook.console_errors


def test_the_nearest_data_are_shown_and_one_of_them_is_edited_at_a_click(
    open_notebook: OpenNotebook,
) -> None:
    notebook = open_notebook([DATA])
    notebook.run(0)
    root = notebook.output(0).locator(".lw-direction-editor")
    opener = root.get_by_role("button", name="Nearest data")
    opener.click()
    cells = root.locator(".lw-neighbour")
    expect(cells).to_have_count(6, timeout=SECONDS)
    expect(opener).to_have_attribute("aria-expanded", "true")
    latents = np.asarray(notebook.value("digits.latents.tolist()"))
    nearest = np.argsort(np.linalg.norm(latents - latents[0], axis=1))[:6].tolist()
    assert [int(cell.get_attribute("data-lw-row") or -1) for cell in cells.all()] == nearest
    darkest = cells.first.locator("canvas").evaluate(
        "canvas => [...canvas.getContext('2d').getImageData(0, 0, 32, 32).data].sort()[0]"
    )
    assert darkest == 0, "it is painted"
    expect(root.locator(".lw-chance")).to_contain_text("one of all 1,797 at random")
    cells.nth(2).click()
    notebook.wait_value(f"bool((editor.base == digits.latents[{nearest[2]}]).all())", expected=True)
    opener.scroll_into_view_if_needed()  # what is out of sight asks nothing
    expect(cells.first).to_have_attribute("data-lw-row", str(nearest[2]), timeout=SECONDS)
    opener.click()
    expect(cells.first).to_be_hidden()
    assert not notebook.console_errors


def needle_of(root: Locator) -> float:
    """Where the needle of a gauge stands, as a share of its meter."""
    meter, needle = (
        root.locator(name).first.bounding_box() for name in (".lw-meter", ".lw-needle")
    )
    assert meter is not None
    assert needle is not None
    return (needle["x"] + needle["width"] / 2 - meter["x"]) / meter["width"]


@pytest.mark.parametrize("name", OTHERS)
def test_the_gauge_says_what_is_wrong_with_a_latent_that_is_far_from_all_data(
    open_notebook: OpenNotebook, name: str
) -> None:
    made, (there, back) = OTHERS[name]
    notebook = open_notebook([f"{FAR}{made}; w"])
    notebook.run(0)
    root = notebook.output(0).locator(f".lw-{name}")
    if name == "latent-explorer":
        root = root.locator(".lw-looks [data-lw-part='editor']")
    verdict, gauge = root.locator(".lw-verdict"), root.locator(".lw-gauge")
    expect(verdict).to_have_text(re.compile(r"^typical: more so than \d+ of 100"), timeout=SECONDS)
    expect(gauge).not_to_have_class(re.compile("lw-odd"))
    assert needle_of(root) > 0.224  # where the mark of 5 % is
    notebook.execute(there)
    # The data of a map are all that it shows, and this one is among them.
    rank = "99.3 %" if name == "latent-map" else "any of 300"
    words = f"rarer than {rank}: too far from its neighbours"
    expect(verdict).to_have_text(words, timeout=SECONDS)
    expect(gauge).to_have_class(re.compile("lw-odd"))
    assert needle_of(root) < 0.1
    told = verdict.get_attribute("title") or ""
    assert re.search("Compared with 30[01] latents of the data", told)
    assert "mean distance to its neighbours" in told
    notebook.execute(back)
    expect(verdict).to_contain_text("typical: more so than", timeout=SECONDS)
    assert not notebook.console_errors


def test_a_slider_of_an_explorer_is_shaded_where_it_leaves_the_data(
    open_notebook: OpenNotebook,
) -> None:
    made = "w = lw.explore(space, data, labels, parts=['editor'])"
    notebook = open_notebook([f"{FAR}{made}; w"])
    notebook.run(0)
    row = notebook.output(0).locator(".lw-direction-editor .lw-row:not([hidden])").first
    shadow, slider = row.locator(".lw-astray"), row.locator(".lw-slider")
    expect(shadow).to_have_attribute("data-lw-places", SOME, timeout=SECONDS)
    drawn = re.compile("linear-gradient")
    expect(shadow).to_have_css("background-image", drawn, timeout=SECONDS)
    # In the middle of the data, and where the thumb would be at the very end.
    words = r"^Here the latent leaves what is ordinary: rarer than 9\d\.\d %: too far from"
    for share, said in ((0.5, ""), (0.0, re.compile(words))):

        def point(share: float = share, said: str | re.Pattern[str] = said) -> None:
            box = slider.bounding_box()  # which moves as more becomes known of the explorer
            assert box is not None
            x = box["x"] + max(4, share * box["width"])
            notebook.page.mouse.move(x, box["y"] + box["height"] / 2)
            expect(slider).to_have_attribute("title", said, timeout=1000)

        until(point)
    assert not notebook.console_errors
