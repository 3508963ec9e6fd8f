"""Memory of kernel and page with six widgets of one space, which the one or the other decodes."""

from __future__ import annotations

from typing import Any

import numpy as np
import psutil
from playwright.sync_api import TimeoutError as TookTooLong

from benchmarks.session import lab
from benchmarks.soak import DROP_FAVICONS, MEGABYTE, renderer_of
from tests.browser.notebook import Notebook

WIDGETS = 6
MOVES = 20
SETUP = """
import os
import ipywidgets
import latentwidgets as lw
from benchmarks.decoders import anchors_of
from benchmarks.page import Barred
anchors = anchors_of(10)
space = lw.as_space(Barred(anchors), value_range=(0, 1))
space.decode(anchors)
"""
CELL = """
size = dict(size=64, filmstrip=0, run={run!r})
widgets = [lw.Interpolator(space, anchors, method="lerp", **size) for _ in range({count})]
ipywidgets.VBox(widgets)
"""
EXACT = "(n) => document.querySelectorAll('.lw-status[data-lw-state=exact]').length === n"
TAKEN_OVER = """(n) => [...document.querySelectorAll('.lw-status')]
    .filter(({ title }) => title.includes(', in the page')).length === n"""
WAIT_MS = 150_000
REST_MS = 3000

Sizes = dict[str, tuple[float, float]]


def measure() -> dict[str, Sizes]:
    """Read resident memory before and after the widgets are shown and used.

    Returns
    -------
    dict
        By where they decode, "kernel" or "page", the memory of kernel and page, in MB: before,
        when the decoder has decoded once, and after all were moved. Each is the mean of two, of
        which the one came first and the other second; NaN where one took too long.
    """
    found: dict[str, list[Sizes]] = {"kernel": [], "page": []}
    for order in (("kernel", "page"), ("page", "kernel")):
        # All have to be in sight.
        with lab(extension=True, viewport=(1280, 2600)) as opened:
            for where in order:
                found[where].append(_sizes(opened, where))
    return {where: _mean(sizes) for where, sizes in found.items()}


def _mean(found: list[Sizes]) -> Sizes:
    means = {name: np.mean([one[name] for one in found], axis=0) for name in found[0]}
    return {name: (float(before), float(after)) for name, (before, after) in means.items()}


def _sizes(opened: Any, where: str) -> Sizes:
    run = "auto" if where == "page" else "kernel"
    notebook: Notebook = opened.open([SETUP, CELL.format(run=run, count=WIDGETS)])
    page = notebook.page
    notebook.run(0)
    processes = {
        "kernel": psutil.Process(int(notebook.execute("os.getpid()").text)),
        "page": psutil.Process(renderer_of(opened)),
    }
    page.evaluate(DROP_FAVICONS)
    console = page.context.new_cdp_session(page)

    def read() -> dict[str, float]:
        page.wait_for_timeout(REST_MS)
        console.send("HeapProfiler.collectGarbage")
        return {name: one.memory_info().rss / MEGABYTE for name, one in processes.items()}

    before = read()
    notebook.run(1)
    try:
        page.wait_for_function(EXACT, arg=WIDGETS, timeout=WAIT_MS)
        for _ in range(2):  # then again where they decode
            for i in range(WIDGETS):
                for _ in range(MOVES):
                    page.locator(".lw-slider").nth(i).press("ArrowRight")
            if where == "page":
                page.wait_for_function(TAKEN_OVER, arg=WIDGETS, timeout=WAIT_MS)
        page.wait_for_function(EXACT, arg=WIDGETS, timeout=WAIT_MS)
        after = read()
    except TookTooLong as error:
        print("memory", where, "took too long:", error, flush=True)
        after = dict.fromkeys(processes, float("nan"))
    notebook.close()
    found = {name: (before[name], after[name]) for name in processes}
    print("memory", where, found, flush=True)
    return found


def table(result: dict[str, Sizes]) -> str:
    """Lay out what `measure` found."""
    lines = [
        f"Resident memory with {WIDGETS} Interpolators of one space, each moved; before they are "
        "made, its decoder has decoded once.",
        "",
        "| decoded in | of | before | after | more |",
        "| --- | --- | --- | --- | --- |",
    ]
    for where, sizes in result.items():
        for name, (before, after) in sizes.items():
            cells = [f"{one:.0f} MB" for one in (before, after, after - before)]
            lines.append(f"| {where} | {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
