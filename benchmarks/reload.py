"""How long a page takes to show `lw.explore` again when it is loaded anew.

Run it with ``python -m benchmarks --only reload``. In a real JupyterLab and Chromium: one cell with
`lw.explore` of the MNIST test set is run once, and the page is loaded anew; then it is run until it
has been run eight times, and the page is loaded anew. The kernel goes on all the while, and holds
the widgets of every run. The time goes from the start of loading to the repaint after all parts of
the explorer are painted; JupyterLab's own start is in it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import WebSocket

from benchmarks.explorer import PAINTED, SETUP, VIEWPORT, WIDGET
from benchmarks.session import ROOT, lab
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook

RUNS = 8
REPEATS, LOADS = 2, 3
LIMIT_S = 90
# The target: how many times as long as after one run.
MOST = 1.3
STATE = "application/vnd.jupyter.widget-state+json"
SAVE_STATE = "@jupyter-widgets/jupyterlab-manager:saveWidgetState"

# Seconds from the start of loading to the repaint after all parts are painted.
SINCE_LOADING = f"""
async (limit) => {{
  const isPainted = () => {{
    const area = document.querySelectorAll(".jp-Notebook .jp-Cell")[1];
    return area && Object.values(({PAINTED})(area)).every((isPartPainted) => isPartPainted());
  }};
  while (!isPainted()) {{
    if (performance.now() > 1000 * limit) throw new Error("not all was painted");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }}
  await new Promise(requestAnimationFrame);
  return performance.now() / 1000;
}}
"""

# Resolves once nothing is said to be going on, and has not been for a while.
QUIET = """
async (limit) => {
  const end = performance.now() + 1000 * limit;
  const isBusy = () => {
    const doing = document.querySelector(".lw-doing");
    return !doing || doing.textContent || document.querySelector(".lw-root[aria-busy=true]");
  };
  for (let quiet = 0; quiet < 30 && performance.now() < end; quiet += 1) {
    if (isBusy()) quiet = 0;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
"""


def measure() -> dict[str, Any]:
    """Load the page anew after one run and after eight, in fresh kernels.

    Returns
    -------
    dict
        `once` and `often`, each with the median seconds, the megabytes that the page was sent, how
        many models of widgets there are, the megabytes of code in the saved notebook, and how often
        one file of code stands there at most; the `ratio` of the seconds, and the target for it.
    """
    with lab(extension=True, viewport=VIEWPORT) as opened:
        runs = [_in_fresh_kernel(opened) for _ in range(REPEATS)]
    once, often = (_medians([run[i] for run in runs]) for i in range(2))
    ratio = often["seconds"] / once["seconds"]
    return {"once": once, "often": often, "ratio": ratio, "target": MOST, "met": ratio <= MOST}


def _in_fresh_kernel(opened: Lab) -> list[dict[str, float]]:
    notebook = opened.open([SETUP, WIDGET])
    notebook.page.evaluate(
        """async (name) => {
            const { commands } = window.jupyterapp;
            if (!commands.isToggled(name)) await commands.execute(name);
        }""",
        SAVE_STATE,
    )
    found = []
    notebook.run(0)
    notebook.run(1)
    found.append(_loaded_anew(opened, notebook))
    for _ in range(RUNS - 1):
        notebook.run(1)
    found.append(_loaded_anew(opened, notebook))
    for one in found:
        print(f"reload: {one}", flush=True)
    notebook.close()
    return found


def _loaded_anew(opened: Lab, notebook: Notebook) -> dict[str, float]:
    page = notebook.page
    page.evaluate(QUIET, LIMIT_S)
    name = page.evaluate(
        """async () => {
            await window.jupyterapp.commands.execute('docmanager:save');
            return window.jupyterapp.shell.currentWidget.context.path;
        }"""
    )
    seconds, received = [], []
    for _ in range(LOADS):
        sizes: list[int] = []
        listener = _adder(sizes)
        page.on("websocket", listener)
        page.reload(wait_until="commit")
        seconds.append(page.evaluate(SINCE_LOADING, LIMIT_S))
        page.remove_listener("websocket", listener)
        received.append(sum(sizes) / 2**20)
        page.wait_for_timeout(1000)
    return {
        "seconds": median(seconds),
        "received_mb": median(received),
        **_saved(opened.root / name),
    }


def _adder(sizes: list[int]) -> Callable[[WebSocket], None]:
    """Give what adds the size of everything that a socket receives to a list."""

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: sizes.append(len(frame)))

    return listen


def _saved(path: Path) -> dict[str, float]:
    """Count what a saved notebook holds: models, and how often each file of code."""
    models = json.loads(path.read_text("utf-8"))["metadata"]["widgets"][STATE]["state"]
    code = _code()
    values = [value for model in models.values() for value in model["state"].values()]
    texts = Counter(value for value in values if isinstance(value, str) and value in code)
    return {
        "models": len(models),
        "code_mb": sum(len(text.encode()) * count for text, count in texts.items()) / 2**20,
        "most_copies": max(texts.values()),
    }


def _code() -> frozenset[str]:
    """Give the text of all files that are sent to a page."""
    from jscatter.widget import JupyterScatter

    files = (ROOT / "latentwidgets" / "static").iterdir()
    texts = [file.read_text("utf-8") for file in files if file.stem != "loader"]
    return frozenset([*texts, str(JupyterScatter._esm)])


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: median(run[name] for run in runs) for name in runs[0]}
