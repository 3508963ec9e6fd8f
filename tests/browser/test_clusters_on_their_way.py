"""Clusters that take long to find, in JupyterLab: the map stays in use, and Cancel puts it back."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenNotebook
from tests.browser.map_view import MapView

pytest.importorskip("jscatter", reason="needs the extra map")

# k-means that takes as long as the test says.
SLOW = """
import threading, time
import numpy as np
import latentwidgets as lw
from latentwidgets.widgets.map import groups

latents = np.random.default_rng(0).normal(size=(20_000, 64)).astype(np.float32)
latents[:8_000, 0] += 12
find, go = groups.k_means, threading.Event()

def slowly(*args, fit, **options):
    for i in range(100_000):
        if go.wait(0.01):
            break
        fit.reach(min(0.3, i / 100))
    return find(*args, fit=fit, **options)

groups.k_means, groups.LONG = slowly, 2**20
w = lw.LatentMap(None, latents, {"half": np.arange(20_000) // 10_000}, clusters=2)
"""


@pytest.mark.slow
def test_a_map_is_in_use_while_its_clusters_are_found(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([SLOW, "w"])
    notebook.run(0)
    notebook.run(1)
    chart = MapView(notebook)
    page, menu = notebook.page, chart.root.get_by_role("combobox", name="Colour")
    cancel = chart.root.get_by_role("button", name="Cancel")
    names = chart.root.locator(".lw-map-legend .lw-class")
    bar = chart.root.locator("progress")
    told = "k-means (2 clusters) of 20,000 latents is on its way; it may take a minute."
    menu.select_option("cluster")
    chart.root.get_by_text(told).wait_for()
    page.wait_for_function("(bar) => bar.value > 0.1", arg=bar.element_handle())
    assert names.all_text_contents() == ["0", "1"], "the legend of what is drawn"
    number = chart.root.get_by_role("spinbutton", name="Number of the latent")
    number.fill("77")
    number.press("Enter")
    notebook.wait_value("w.index", 77)
    cancel.click()
    page.wait_for_function("(menu) => menu.value === 'half'", arg=menu.element_handle())
    assert cancel.is_hidden()
    notebook.wait_value("w.color", "half")
    menu.select_option("cluster")
    chart.root.get_by_text(told).wait_for()
    notebook.execute("go.set()")
    chart.root.get_by_role("button", name="cluster 1").wait_for()
    assert names.all_text_contents() == ["cluster 1", "cluster 2"]
    assert menu.input_value() == "cluster"
    assert cancel.is_hidden()
    notebook.wait_value("[one['count'] for one in w._legend['entries']]", [12_000, 8_000])
    assert notebook.console_errors == []
