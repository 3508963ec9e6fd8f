"""Drive one contender with one decoder in a notebook of a real JupyterLab."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import LIMIT_MS, STRIP, Run, run
from benchmarks.peers import OURS_NAME, SETUP, Contender
from tests.browser.lab import Lab
from tests.browser.notebook import Notebook

ROOT = Path(__file__).parents[1]
PROBE = (ROOT / "benchmarks" / "probe.js").read_text(encoding="utf-8").strip().rstrip(";")
EXTENSION = "latentwidgets.server"

# To and fro and on to 0.637 in 3 s: more than the range a second, and an end that no strip has.
DRAG = {"travel": 2.637, "seconds": 3, "hz": 125, "limit": LIMIT_MS}
REST_MS = 400
STRIP_LIMIT_MS = 120_000
WARM_UP = 2
# Pictures that lie side by side, for decoders of several.
TILES = {"editor16": 4}


# Asks the kernel beside the notebook, so that no cell is added and nothing scrolls.
DECODE_ALONE = """
async () => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const expressions = { seconds: "decoder.seconds(3)" };
  const request = { code: "", user_expressions: expressions, store_history: false };
  const reply = await kernel.requestExecute(request).done;
  return reply.content.user_expressions.seconds.data["text/plain"];
}
"""


@contextlib.contextmanager
def lab(*, extension: bool, viewport: tuple[int, int] = (1280, 960)) -> Iterator[Lab]:
    """Start JupyterLab with or without our server extension; kernels can import this package."""
    env = {"PYTHONPATH": str(ROOT)}
    with Lab(env=env, extensions={EXTENSION: extension}, viewport=viewport) as started:
        yield started


def measure(opened: Lab, decoder: str, contender: Contender, *, steps: int, seed: int) -> Run:
    """Show a contender in a fresh kernel, and take its steps and its drag."""
    notebook = opened.open([SETUP.format(decoder=decoder), contender.source])
    notebook.run(0)
    notebook.execute("decoder.seconds()")  # the first calls of a model take longer
    begin = time.perf_counter()
    show(notebook, contender, tiles=TILES.get(decoder, 1))
    strip_s = None
    if contender.name == OURS_NAME:
        wait_for_strip(notebook)
        strip_s = time.perf_counter() - begin
    values = fresh_values(steps + WARM_UP, seed)
    latencies, decodes = [], []
    for value in values:
        decodes.append(decode_ms(notebook))
        latencies.append(step(notebook, value))
    latencies, decodes = latencies[WARM_UP:], decodes[WARM_UP:]
    drag = notebook.page.evaluate("(plan) => window.lwProbe.drag(plan)", DRAG)
    notebook.close()
    return run(float(np.median(decodes)), latencies, drag, strip_s)


def decode_ms(notebook: Notebook) -> float:
    """Time the decoder alone, now: what it takes changes from minute to minute on a busy host."""
    text: str = notebook.page.evaluate(DECODE_ALONE)
    notebook.page.wait_for_timeout(REST_MS)
    return 1000 * float(text)


def show(notebook: Notebook, contender: Contender, *, tiles: int = 1) -> None:
    """Run the contender's cell, and wait until the probe reads a picture."""
    notebook.run(1)
    page = notebook.page
    spec = {**contender.spec, "tiles": tiles}
    page.evaluate(f"(spec) => {{ window.lwProbe = ({PROBE})(spec); }}", spec)
    page.wait_for_function("() => window.lwProbe.shown() !== null")
    page.locator(contender.picture).first.scroll_into_view_if_needed()


def wait_for_strip(notebook: Notebook, buffer: str = ".lw-buffer") -> None:
    """Wait until the widget has a frame for every position of its strip."""
    notebook.page.wait_for_function(
        "([n, buffer]) => Number(document.querySelector(buffer)?.dataset.lwFrames) >= n",
        arg=[STRIP, buffer],
        timeout=STRIP_LIMIT_MS,
    )


def step(notebook: Notebook, value: float) -> float | None:
    """Jump to a value, and give the milliseconds until its exact picture; rest afterwards."""
    result: dict[str, Any] = notebook.page.evaluate(
        "([value, limit]) => window.lwProbe.step(value, limit)", [value, LIMIT_MS]
    )
    notebook.page.wait_for_timeout(REST_MS)
    latency = result["latency"]
    return None if latency is None else float(latency)


def fresh_values(n: int, seed: int) -> list[float]:
    """Give values that are on no position of a strip, and well apart from each other."""
    cells = np.random.default_rng(seed).permutation(STRIP - 1)[:n]
    return [float((cell + 0.37) / (STRIP - 1)) for cell in cells]
