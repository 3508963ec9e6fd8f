"""Memory after minutes of continuous dragging: of the kernel, and of the page."""

from __future__ import annotations

import time
from typing import Any

import psutil

from benchmarks.peers import CONTENDERS, OURS_NAME, SETUP
from benchmarks.session import DRAG, lab, show, wait_for_strip
from tests.browser.lab import Lab

DECODER = "vae"
SWEEP_SECONDS = 20
TARGET_MB = 20.0
MEGABYTE = 2**20
MEASURES = ("kernel_mb", "page_mb", "heap_mb")

# JupyterLab switches its favicon whenever the kernel gets busy or idle, which loads it anew. The
# debugger that drives the browser keeps what is loaded, up to 200 MB: without the links it is the
# page that is measured, and not the debugger.
DROP_FAVICONS = "() => document.querySelectorAll('link.favicon').forEach((link) => link.remove())"


def measure(minutes: int) -> dict[str, Any]:
    """Drag without a pause, and take memory every minute.

    Returns
    -------
    dict
        `samples`: at each minute the resident memory of the kernel and of the page's process, and
        the page's JavaScript heap, in MB, the page's after a garbage collection. `growth`: of
        each, from the first minute to the last. `target`, the most that it should be; `met`.
    """
    with lab(extension=True) as opened:
        samples = _samples(opened, minutes)
    growth = {name: samples[-1][name] - samples[0][name] for name in MEASURES}
    return {
        "decoder": DECODER,
        "minutes": minutes,
        "samples": samples,
        "growth": growth,
        "target": TARGET_MB,
        "met": all(grown <= TARGET_MB for grown in growth.values()),
    }


def _samples(opened: Lab, minutes: int) -> list[dict[str, float]]:
    ours = next(one for one in CONTENDERS if one.name == OURS_NAME)
    notebook = opened.open([SETUP.format(decoder=DECODER), ours.source])
    notebook.run(0)
    kernel = psutil.Process(int(notebook.execute("os.getpid()").text))
    show(notebook, ours)
    wait_for_strip(notebook)
    notebook.page.evaluate(DROP_FAVICONS)
    console = notebook.page.context.new_cdp_session(notebook.page)
    renderer = psutil.Process(renderer_of(opened))
    # Where the thumb stops is a little different each time, so that new exact frames are decoded.
    plan = {**DRAG, "seconds": SWEEP_SECONDS}
    samples = []
    begin = time.monotonic()
    for minute in range(1, minutes + 1):
        while time.monotonic() - begin < 60 * minute:
            plan["travel"] = SWEEP_SECONDS + 0.1 + 0.8 * (0.37 * time.monotonic() % 1)
            notebook.page.evaluate("async (plan) => { await window.lwProbe.drag(plan); }", plan)
        console.send("HeapProfiler.collectGarbage")
        heap = console.send("Runtime.getHeapUsage")["usedSize"]
        sizes = [kernel.memory_info().rss, renderer.memory_info().rss, heap]
        megabytes = [size / MEGABYTE for size in sizes]
        samples.append(dict(zip(MEASURES, megabytes, strict=True)))
        print(f"soak, minute {minute}: {megabytes} MB", flush=True)
    return samples


def renderer_of(opened: Lab) -> int:
    """Give the process of the only page that is open."""
    console = opened.browser.new_browser_cdp_session()
    processes = console.send("SystemInfo.getProcessInfo")["processInfo"]
    pids = [int(one["id"]) for one in processes if one["type"] == "renderer"]
    return max(pids, key=lambda pid: psutil.Process(pid).memory_info().rss)
