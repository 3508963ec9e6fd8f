"""Every widget in a real JupyterLab, light and dark: axe finds nothing against WCAG 2.1 AA."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.browser.conftest import OpenNotebook

AXE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
SPACES = """
import numpy as np, torch
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
axes = [*lw.axis_directions(digits.space), *found[:3]]
"""
# Every widget, with all that it can show.
CELLS = (
    "lw.Interpolator(digits)",
    "lw.DirectionEditor(digits, latents[0], axes, hold=['axis 1'], value={'axis 3': 1.5})",
    "lw.DirectionEditor(layered, np.zeros((2, 3, 2)), profiles={'axis 0': [1, 0.5, 0]})",
    "lw.LatentGrid(digits, latents[:30], row_names=list('abcde'), columns=6, selection=[2, 9])",
    "lw.LatentGrid.plane(digits, latents[0], axes[0], axes[1])",
    "lw.LatentMap(digits, latents, {'digit': labels.astype(str)}, selection=[1, 2, 3])",
    "e = lw.explore(digits, latents, {'zero': labels == 0}); e.history.bookmark('one'); e",
    "broken = lw.Interpolator(layered, [np.zeros((3, 2)), np.full((3, 2), 99.0)]); broken",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
RUN = """async (tags) => {
  const roots = [...document.querySelectorAll(".lw-root")];
  const how = { runOnly: tags, resultTypes: ["violations"] };
  const { violations } = await axe.run({ include: roots }, how);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary }) =>
      [id, target.join(" "), html.slice(0, 160), failureSummary].join("\\n")));
}"""


@pytest.mark.slow
def test_no_widget_violates_wcag_in_any_theme(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SPACES, *CELLS], own_page=True)
    page = notebook.page
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    for index in range(len(CELLS) + 1):
        notebook.run(index)
    notebook.execute("broken.value = 1.0")
    page.locator(".lw-alert:visible").first.wait_for()
    for button in page.get_by_role("button", name="?", exact=True).all():
        button.click()
    page.locator(".lw-change:not(:empty)").first.wait_for()
    page.get_by_role("button", name="Nearest data", exact=True).first.click()
    page.locator(".lw-neighbour").first.wait_for(timeout=60_000)
    kinds = ("interpolator", "direction-editor", "latent-grid", "latent-map", "latent-explorer")
    for kind in kinds:
        page.locator(f".lw-{kind} .lw-keys").first.wait_for(state="attached")
    page.add_script_tag(path=AXE)
    for theme in ("light", "dark"):
        notebook.set_theme(theme)
        page.wait_for_timeout(300)
        found = page.evaluate(RUN, RULES)
        assert not found, f"{theme}\n" + textwrap.indent("\n\n".join(found), "  ")
