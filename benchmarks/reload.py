"""How long a page takes to show `lw.explore` again when it is loaded anew.

Run it with ``python -m benchmarks --only reload``. In a real JupyterLab and Chromium: a cell with
`lw.explore` of the MNIST test set is run once in one notebook and eight times in another, and
their pages are loaded anew in turns. The kernels run all the while, and hold the widgets of every
run. The time goes from the start of loading to the repaint after all parts of the explorer are
painted; JupyterLab's own start is in it.
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

RUNS = 8
LOADS = 9
LIMIT_S = 90
REST_MS = 1500
# The target: how many times as long as after one run.
MOST = 1.3
STATE = "application/vnd.jupyter.widget-state+json"

# Saves the notebook with the states of its widgets, and gives its name.
SAVE = """
async () => {
  const { commands, shell } = window.jupyterapp;
  const name = "@jupyter-widgets/jupyterlab-manager:saveWidgetState";
  if (!commands.isToggled(name)) await commands.execute(name);
  await commands.execute("docmanager:save");
  return shell.currentWidget.context.path;
}
"""

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
    """Load two pages anew, in turns: one with a cell that was run once, one with eight runs of it.

    Returns
    -------
    dict
        `once` and `often`, each with the median seconds, the megabytes that the page was sent, how
        many models of widgets there are, the megabytes of code in the saved notebook, and how often
        one file of code stands there at most; the `ratio` of the seconds, and the target for it.
    """
    with lab(extension=True, viewport=VIEWPORT) as opened:
        pages = [Loaded(opened, runs) for runs in (1, RUNS)]
        for number in range(LOADS):
            for page in pages:
                page.load()
                print(f"reload: {number}, {page.runs} runs, {page.seconds[-1]:.2f} s", flush=True)
        once, often = (page.summary() for page in pages)
    ratio = often["seconds"] / once["seconds"]
    return {"once": once, "often": often, "ratio": ratio, "target": MOST, "met": ratio <= MOST}


class Loaded:
    """A page with a cell that was run some times, and what loading it anew has taken."""

    def __init__(self, opened: Lab, runs: int) -> None:
        self.runs = runs
        self.seconds: list[float] = []
        self._received: list[float] = []
        notebook = opened.open([SETUP, WIDGET])
        self._page = notebook.page
        notebook.run(0)
        for _ in range(runs):
            notebook.run(1)
        self._page.evaluate(QUIET, LIMIT_S)
        name = self._page.evaluate(SAVE)
        self._saved = _saved(opened.root / name)
        # Nothing but this notebook, whatever the other page shows.
        self._url = f"{opened.url}/lab/tree/{name}?reset&token={opened.token}"

    def load(self) -> None:
        """Load the page anew, and wait until all is painted."""
        sizes: list[int] = []
        listener = _adder(sizes)
        self._page.on("websocket", listener)
        self._page.goto(self._url, wait_until="commit")
        self.seconds.append(self._page.evaluate(SINCE_LOADING, LIMIT_S))
        self._page.remove_listener("websocket", listener)
        self._received.append(sum(sizes) / 2**20)
        self._page.wait_for_timeout(REST_MS)

    def summary(self) -> dict[str, float]:
        """Give the medians, and what the saved notebook holds."""
        taken = {"seconds": median(self.seconds), "received_mb": median(self._received)}
        return {**taken, **self._saved}


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
