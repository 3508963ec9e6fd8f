"""How ordinary the latent is, as a person sees it: a gauge, shaded sliders, the nearest data."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenNotebook
from tests.browser.notebook import wait_still

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
SECONDS = 60_000


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
    expect(shadow).not_to_have_attribute("data-lw-places", "0", timeout=SECONDS)
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
