"""A decoder of 20 steps of 100 ms that yields at each: how soon it is seen, and what is lost.

Run it with ``python -m benchmarks --only drafts``. Every picture carries its t as a barcode, drafts
too, so that what is painted is read from pixels; exact is what the widget calls exact besides. What
the decoder did, step by step, is its own log. Page and kernel are on one machine, with one clock.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np

from benchmarks.decoders import trivial
from benchmarks.measure import LIMIT_MS, lags
from benchmarks.session import DRAG, PROBE, lab
from tests.browser.notebook import Notebook

STEPS, STEP_SECONDS = 20, 0.1
JUMPS = 10
# The targets, in milliseconds and in steps.
IDLE_MS, BUSY_MS, EXACT_MS, LAG_MS, WASTED = 150.0, 250.0, 2300.0, 33.0, 1

SETUP = """
import latentwidgets as lw
from benchmarks.drafts import Steps

decoder = Steps()
space = lw.LatentSpace(decoder, 2)
"""
WIDGET = """lw.Interpolator(
    space, decoder.anchors, method="lerp", filmstrip=0, strip_length={strip}
)"""

# Two probes of one widget: one for any picture, one for those that are called exact.
WATCH = f"""
() => {{
  const spec = {{ picture: "canvas.lw-picture", slider: "native", tiles: 1 }};
  window.lwFirst = ({PROBE})({{ ...spec, exact: false }});
  window.lwExact = ({PROBE})({{ ...spec, exact: true }});
}}
"""
# Jumps, and jumps again after a while if that is not 0: when, and after how many milliseconds the
# first picture and the exact one were painted for where it went last.
JUMP = """
async ([first, after, last, limit]) => {
  const { lwFirst, lwExact } = window;
  if (after) {
    await lwFirst.step(first, limit);
    await new Promise((resolve) => setTimeout(resolve, after));
  }
  const exact = lwExact.painted(last, limit);
  const { begin, latency } = await lwFirst.step(last, limit);
  const end = await exact;
  const at = (performance.timeOrigin + begin) / 1000;
  return { at, first: latency ?? limit, exact: end === null ? limit : end - begin };
}
"""
# What the decoder has done, asked for beside the notebook.
LOG = """
async () => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const expressions = { log: "decoder.log" };
  const request = { code: "", user_expressions: expressions, store_history: false };
  const reply = await kernel.requestExecute(request).done;
  return reply.content.user_expressions.log.data["text/plain"];
}
"""
FRAMES = """
([frames, drafts]) => {
  const { lwFrames, lwDrafts } = document.querySelector(".lw-buffer").dataset;
  return Number(lwFrames) >= frames && Number(lwDrafts) <= drafts;
}
"""


class Steps:
    """The trivial decoder, developed in steps; every draft carries its t.

    Attributes
    ----------
    log : list of tuple of float
        When each step began, by the clock, and t.
    """

    def __init__(self) -> None:
        self._decoder = trivial()
        self.anchors = self._decoder.anchors
        self.log: list[tuple[float, float]] = []

    def __call__(self, latents: np.ndarray) -> Iterator[np.ndarray]:
        """Decode latents in 20 steps, of which each darkens all but the barcode less."""
        pictures = self._decoder(latents)
        t = float(self._decoder.position(latents)[0])
        for step in range(1, STEPS + 1):
            self.log.append((time.time(), round(t, 6)))
            time.sleep(STEP_SECONDS)
            draft = pictures.copy()
            draft[:, 8:] = draft[:, 8:] * (step / STEPS)
            yield draft


def measure() -> dict[str, Any]:
    """Jump and drag in JupyterLab.

    Returns
    -------
    dict
        `idle` and `busy`: milliseconds to the first picture of jumps from idle, and while another
        jump's steps run; `exact`: to the exact one; `wasted`: the most steps that were begun for a
        place after the thumb had left it; `lag_ms`: the 95th percentile in a drag over a strip of
        drafts; each with its target, and whether it was met.
    """
    with lab(extension=True) as opened:
        jumped = jumps(opened.open([SETUP, WIDGET.format(strip=2)]))
        drag = _drag(opened.open([SETUP, WIDGET.format(strip=65)]))
    found = {**jumped, **drag}
    return {
        name: {"value": value, "target": target, "met": value <= target}
        for name, value, target in (
            ("idle_ms", found["idle_ms"], IDLE_MS),
            ("busy_ms", found["busy_ms"], BUSY_MS),
            ("exact_ms", found["exact_ms"], EXACT_MS),
            ("wasted", found["wasted"], WASTED),
            ("lag_ms", found["lag_ms"], LAG_MS),
            ("settled_ms", found["settled_ms"], EXACT_MS),
        )
    } | {"all": found}


def _show(notebook: Notebook, *, frames: int, drafts: int) -> None:
    """Show the widget, and wait for so many frames, of which no more are drafts."""
    notebook.run(0)
    notebook.run(1)
    page = notebook.page
    page.evaluate(WATCH)
    page.wait_for_function("() => window.lwFirst.shown() !== null")
    page.locator(".lw-root").first.scroll_into_view_if_needed()
    page.wait_for_function(FRAMES, arg=[frames, drafts], timeout=120_000)


def jumps(notebook: Notebook) -> dict[str, Any]:
    """Jump from idle, and while another jump's steps run, in turns.

    The first cell of the notebook has `decoder` with a `log` as of `Steps`, the second its widget.
    """
    _show(notebook, frames=2, drafts=0)
    values = [float(value) for value in np.linspace(0.05, 0.95, 3 * JUMPS)]
    np.random.default_rng(0).shuffle(values)
    idle, busy = [], []
    left: list[tuple[float, float]] = []
    pauses = np.random.default_rng(1).uniform(150, 1200, JUMPS)
    for i in range(JUMPS):
        alone, first, last = values[3 * i : 3 * i + 3]
        idle.append(notebook.page.evaluate(JUMP, [0, 0, alone, LIMIT_MS]))
        notebook.page.wait_for_timeout(300)
        busy.append(notebook.page.evaluate(JUMP, [first, float(pauses[i]), last, LIMIT_MS]))
        left.append((busy[-1]["at"], first))
        notebook.page.wait_for_timeout(300)
        print(f"drafts: from idle {idle[-1]}, while busy {busy[-1]}", flush=True)
    log = eval(notebook.page.evaluate(LOG))  # a list of pairs of numbers
    wasted = [sum(begun > at and abs(t - value) < 1e-3 for begun, t in log) for at, value in left]
    notebook.close()
    return {
        "idle_ms": median(one["first"] for one in idle),
        "busy_ms": median(one["first"] for one in busy),
        "exact_ms": median(one["exact"] for one in idle + busy),
        "wasted": max(wasted),
        "idle": idle,
        "busy": busy,
        "wasted_each": wasted,
    }


def _drag(notebook: Notebook) -> dict[str, Any]:
    """Drag over a strip of drafts, which are being refined meanwhile."""
    _show(notebook, frames=65, drafts=65)
    begin = time.perf_counter()
    drag = notebook.page.evaluate("(plan) => window.lwFirst.drag(plan)", DRAG)
    final = drag["moves"][-1][1]
    settled = notebook.page.evaluate(
        """([value, since, limit]) => window.lwExact.painted(value, limit).then((end) =>
            end === null ? limit : end - since)""",
        [final, drag["end"], LIMIT_MS],
    )
    drafts = int(
        notebook.page.locator(".lw-buffer").evaluate("(bar) => Number(bar.dataset.lwDrafts)")
    )
    lag = float(np.percentile(lags(drag["moves"], drag["paints"], drag["begin"], drag["end"]), 95))
    print(
        f"drafts: lag {lag:.0f} ms over {drafts} drafts, exact {settled:.0f} ms after", flush=True
    )
    notebook.close()
    return {"lag_ms": lag, "settled_ms": settled, "seconds": time.perf_counter() - begin}
