"""Every widget with all that it can show, for what must hold of all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.notebook import wait_still

if TYPE_CHECKING:
    from playwright.sync_api import Locator

    from tests.browser.notebook import BrowserPage, Notebook

SPACES = """
import threading
import numpy as np, torch
from sklearn import manifold
import latentwidgets as lw
from latentwidgets.widgets.explorer import label_probes
label_probes.PATIENCE_SECONDS = 0.0
torch.set_num_threads(1)
digits = lw.demo.digits()
latents, labels = digits.latents[:200], digits.labels[:200]
def decode(z, shift, kind):
    if (np.abs(z) > 50).any():
        raise ValueError("too far")
    return np.clip(0.5 + z.reshape(-1, 3, 2, 1) / 6 + shift[:, None, None, None], 0, 1)
layered = lw.LatentSpace(decode, (3, 2), layers=["a", "b", "c"], value_range=(0, 1),
    conditions={"shift": (0.0, -0.5, 0.5), "kind": ["mug", "owl"]})
found = lw.probe_directions(latents, labels, shuffles=0, bootstraps=0)
corners, far = np.eye(6).reshape(6, 3, 2)[:3], np.full((3, 2), 99.0)
edited, zero = {"axis 3": 1.5}, {"zero": labels == 0}
texts = [f"the digit number {i}" for i in range(200)]
axes = [*lw.axis_directions(digits.space), *found[:3]]
stories, unsteered = lw.demo.stories(), np.zeros(128)
space = stories.space
moods = [space.encode(stories.write(20, until="mood", mood=one)[0]) for one in ("sad", "happy")]
mood = lw.contrast_directions(*moods, name="happy", folds=2, shuffles=0)[0]
curve = lw.analysis.steering_curve(
    space, mood, [-1.0, 1.0, 2.0], prompts=["One day a fox walked in the forest."],
    effect=lambda texts: ["happy" in text for text in texts], randoms=0, bootstraps=0)
coloured = lw.LatentSpace(lambda z: [lw.token_damage(space, [one])[0] for one in z], 128)
class Model:
    mode = "works"
    def __call__(self, z):
        if self.mode == "fails":
            raise MemoryError("Unable to allocate 3.12 GiB for an array of shape (20000, 20000)")
        if self.mode == "waits":
            threading.Event().wait(600)
        return digits.space.decode(z) * (np.nan if self.mode == "nan" else 1.0)
models = [Model() for _ in range(3)]
fails, waits, nan = [lw.LatentSpace(one, 10, value_range=(0, 255)) for one in models]
def fit(*args):
    raise np.linalg.LinAlgError("SVD did not converge")
manifold.TSNE.fit = manifold.TSNE.fit_transform = fit
same = {"same": np.zeros(200)}
steered = {"happy": 2.0}
states = np.stack([unsteered, mood.move([unsteered], 3.0)[0]])
"""
# One cell each, by what it shows.
CELLS = {
    "path": "lw.Interpolator(digits)",
    "named path": "lw.Interpolator(layered, corners, names=['a', 'b', 'c'])",
    "editor": "lw.DirectionEditor(digits, latents[0], axes, hold=['axis 1'], value=edited)",
    "layers": "lw.DirectionEditor(layered, np.zeros((2, 3, 2)), profiles={'axis 0': [1, 0.5, 0]})",
    "grid": "lw.LatentGrid(digits, latents[:30], row_names='abcde', columns=6, selection=[2, 9])",
    "plane": "lw.LatentGrid.plane(digits, latents[0], axes[0], axes[1])",
    "map": "lw.LatentMap(digits, latents, {'digit': labels.astype(str)}, selection=[1, 2, 3])",
    "clusters": "lw.LatentMap(digits, latents, clusters=4, color='cluster', items=texts)",
    "explorer": "e = lw.explore(digits, latents, zero); e.history.bookmark('one'); e",
    "few parts": "lw.explore(layered, parts=['grid', 'path'])",
    "steered text": "lw.DirectionEditor(space, unsteered, [mood], curves=curve, value=steered)",
    "texts by layer": "lw.LatentGrid.plane(space, unsteered, mood, 'layer', amounts=[-2, 0, 2])",
    "coloured words": "lw.Interpolator(coloured, states, filmstrip=3)",
    "editor that fails": "lw.DirectionEditor(fails, latents[0], axes)",
    "editor that waits": "lw.DirectionEditor(waits, latents[0], axes)",
    "grid that waits": "slow_grid = lw.LatentGrid(waits, latents[:12], columns=6); slow_grid",
    "map that waits": "lw.LatentMap(waits, latents, same)",
    "path that waits": "slow_path = lw.Interpolator(waits, latents[:3]); slow_path",
    "grid that fails": "odd = lw.LatentGrid(nan, latents, columns=6, height=200); odd",
    "map that fails": "lw.LatentMap(fails, latents, same)",
    "no fit": "no_fit = lw.LatentMap(digits, latents, items=texts); no_fit",
    "explorer that fails": "failed = lw.explore(fails, latents, same); failed",
    "broken": "broken = lw.Interpolator(layered, [far * 0, far]); broken",
}
KINDS = ("interpolator", "direction-editor", "latent-grid", "latent-map", "latent-explorer")


def show_all(notebook: Notebook) -> None:
    """Run the cells that were opened, `SPACES` and `CELLS`, and wait for what they show."""
    for index in range(len(CELLS) + 1):
        notebook.run(index)
    page = notebook.page
    page.locator(".lw-change:not(:empty)").first.wait_for()
    for ground in page.locator(".lw-ground").all():
        ground.scroll_into_view_if_needed()
        ground.and_(page.locator("[data-lw-ready='true']")).wait_for(timeout=45_000)
    bring_trouble(notebook)


def bring_trouble(notebook: Notebook) -> None:
    """Let models fail, or stand still, that have worked up to now; ask them for more."""
    notebook.execute("models[0].mode, models[1].mode, models[2].mode = 'fails', 'waits', 'nan'")
    notebook.execute("broken.value = 1.0; no_fit.projection = 'tsne'; odd.refresh()")
    notebook.execute("slow_path.value = 0.8; slow_grid.refresh()")
    every = roots(notebook)
    for name in ("editor that fails", "editor that waits", "explorer that fails"):
        every[name].locator(".lw-row .lw-slider").first.press("PageUp")
    every["grid that fails"].scroll_into_view_if_needed()  # who is unseen asks nothing
    every["grid that fails"].locator(".lw-alert:visible").wait_for()
    for name in ("map that fails", "map that waits"):
        row = every[name].get_by_role("spinbutton").first
        row.fill("7")
        row.press("Enter")
    every["no fit"].get_by_role("searchbox").fill("no such text")
    for name in ("editor that fails", "map that fails", "explorer that fails", "no fit", "broken"):
        every[name].locator(".lw-alert:visible").first.wait_for()
    for name in ("editor that waits", "map that waits", "path that waits"):
        status = every[name].locator(".lw-status").first
        expect(status).to_have_text(re.compile("^(nearest: |decoding…)"))
    expect(every["grid that waits"].locator(".lw-late, .lw-blank")).to_have_count(12)


def open_panels(notebook: BrowserPage) -> None:
    """Open what opens: keys, what is saved, neighbours, fields for names; and pull at a picture."""
    page = notebook.page
    page.evaluate(
        """(names) => {
            const seen = (one) => one.checkVisibility({ visibilityProperty: true });
            for (const button of document.querySelectorAll(".lw-root button")) {
                if (names.includes(button.textContent) && seen(button)) button.click();
            }
        }""",
        ["?", "Save…", "Nearest data", "Rename", "Pull"],
    )
    for kind in KINDS:
        page.locator(f".lw-{kind} .lw-keys").first.wait_for(state="attached")
    page.locator(".lw-saver").first.wait_for(state="attached")
    page.locator(
        ".lw-interpolator"
    ).first.scroll_into_view_if_needed()  # who is unseen asks nothing
    page.locator(".lw-neighbour").first.wait_for(state="attached", timeout=60_000)
    page.locator(".lw-class-name").first.wait_for(state="attached")


def roots(notebook: Notebook) -> dict[str, Locator]:
    """Give the widgets by the names of their cells."""
    found = {name: notebook.output(i + 1) for i, name in enumerate(CELLS)}
    return {name: output.locator(".lw-root").first for name, output in found.items()}


def set_room(notebook: Notebook, width: int) -> None:
    """Make the page so wide that outputs are as wide as this, in CSS pixels.

    From 816 to 840 an explorer stays laid out as it was: pass no such width.
    """
    page = notebook.page
    height = page.viewport_size["height"] if page.viewport_size else 900
    layout = "columns" if width >= 840 else "tabs"
    for _ in range(2):  # scroll bars may come and go
        now = page.evaluate("document.querySelector('.lw-root').parentElement.clientWidth")
        page.set_viewport_size(
            {"width": page.evaluate("innerWidth") + width - now, "height": height}
        )
        for explorer in page.locator(".lw-latent-explorer").all():
            expect(explorer).to_have_attribute("data-lw-layout", layout)
        wait_still(page.locator(".lw-root").last)
