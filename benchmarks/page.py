"""The decoder in the page beside the kernel's: a step, a drag, and how soon the page takes over.

Run it with ``python -m benchmarks.page``. One face model, in an Interpolator and in editors of one
face and of sixteen, and in an Interpolator behind a slow link; the kernel and the page take turns,
each in a fresh kernel and a fresh page. And what six widgets of one space take of memory.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, cast

import numpy as np
import torch
from playwright.sync_api import TimeoutError as TookTooLong

from benchmarks import page_memory
from benchmarks.decoders import BITS, STEPS, Decoder, anchors_of
from benchmarks.measure import Run, exact_share, lags, run
from benchmarks.peers import CONTENDERS, Contender
from benchmarks.session import DRAG, WARM_UP, fresh_values, lab, show, step, wait_for_strip
from benchmarks.slow_link import MEGABYTES_A_SECOND, THERE_AND_BACK_MS, slow_link
from tests.models import load_vae

# A repaint of the screen, in milliseconds: what a step may take beside decoding.
REPAINT_MS = 16.7
# How far the picture may be behind the thumb, in milliseconds; how soon the page takes over.
LAG_MS, MOST_SECONDS = 33.0, 8.0
# How soon it does for a second widget of the same space; and all pictures in a drag are exact.
MOST_SECONDS_AGAIN, LEAST_EXACT = 2.0, 1.0
LEAST_PICTURES = {"interpolator": 55, "editor": 55, "editor of 16": 30}
TAKEN_OVER_MS = 150_000
# Where the first move goes.
FIRST = 0.4321

# A short drag, again and again while the page takes over, and the rests in between.
SHORT_DRAG, REST_MS = {**DRAG, "travel": 0.9, "seconds": 1}, 1500

NAMES = (
    "decode_ms",
    "step_ms",
    "pictures_per_s",
    "lag_ms",
    "last_ms",
    "seconds",
    "exact",
    "lag_before_ms",
    "again",
)

SETUP = """
import numpy as np
import latentwidgets as lw
from benchmarks.page import made
"""
CELL = "widget = made({what!r}, {run!r})\nwidget"
TAKEN_OVER = "() => document.querySelector('.lw-status')?.title.includes(', in the page')"
# Notes when that is so first.
WATCH = f"""
() => {{
  const begin = performance.now();
  const timer = setInterval(() => {{
    if (!({TAKEN_OVER})()) return;
    window.lwTakenOver = (performance.now() - begin) / 1000;
    clearInterval(timer);
  }}, 20);
}}
"""
AGAIN = (
    "again = lw.Interpolator(widget.space, np.eye(10, dtype='float32')[:2], method='lerp')\nagain"
)


class Barred(torch.nn.Module):
    """Faces that say in their own pixels, by the barcode of `decoders`, which t they stand for."""

    def __init__(self, anchors: np.ndarray) -> None:
        super().__init__()
        self.faces = load_vae("celeba_vae").eval()
        start, along = torch.from_numpy(anchors[0]), torch.from_numpy(anchors[1] - anchors[0])
        self.start = torch.nn.Parameter(start)
        self.along = torch.nn.Parameter(along / along.square().sum())
        self.powers = torch.nn.Parameter(2.0 ** torch.arange(BITS - 1, -1, -1))

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """Decode latents to pictures from 0 to 1, ``(n, 3, 64, 64)``."""
        t = ((z - self.start) @ self.along).clamp(0, 1)
        number = (t * STEPS + 0.5).floor()
        halves = (number[:, None] / self.powers).floor()
        bits = torch.nn.functional.pad(halves - 2 * (halves / 2).floor(), (1, 1))
        pictures = self.faces.decode(z)
        block = pictures.shape[-1] // (BITS + 2)
        row = bits.repeat_interleave(block, 1)[:, None, None].expand(-1, 3, block, -1)
        return torch.cat([row, 1 - row, pictures[:, :, 2 * block :]], 2)


def made(what: str, where: str) -> Any:
    """Make the widget that is measured."""
    import latentwidgets as lw

    anchors = anchors_of(10)
    space = lw.as_space(Barred(anchors), value_range=(0, 1))
    if what == "interpolator":
        return lw.Interpolator(space, anchors, method="lerp", run=where)
    decoder = Decoder(what, anchors, cast("Any", None), bases=16 if "16" in what else 1)
    editor = decoder.editor(space)
    editor.run = where
    return editor


def measure(repeats: int = 3, steps: int = 15) -> dict[str, Any]:
    """Take steps and a drag of each widget, decoded in the kernel and in the page.

    Parameters
    ----------
    repeats : int
        How many fresh kernels each.
    steps : int
        How many steps in each.

    Returns
    -------
    dict
        `here`, and `far` behind a slow link: by widget, and by "kernel" and "page", the medians of
        what `measure.Run` holds, NaN where none was read, and `exact`, the share of pictures in
        the drag that are of where the thumb had been. Of the page also: `seconds`, how long after
        first sight, with a first move at once, it took over; `lag_before_ms`, the 95th percentile
        of the lag in short drags until then; `again`, how many seconds it took for a second widget
        of the space. `memory`: what `page_memory.measure` gives. `load`: the load average before
        it all.
    """
    load = os.getloadavg()[0]
    here = in_turns(LEAST_PICTURES, repeats, steps)
    far = in_turns(["interpolator"], repeats, steps, far=True)
    return {"here": here, "far": far, "memory": page_memory.measure(), "load": load}


def in_turns(
    widgets: Iterable[str], repeats: int, steps: int, *, far: bool = False
) -> dict[str, Any]:
    """Measure widgets, decoded in the kernel and in the page."""
    contender = CONTENDERS[-1]
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    with lab(extension=True) as opened, slow_link(opened) if far else contextlib.nullcontext():
        for repeat in range(repeats):
            for what in widgets:
                for where in ("kernel", "page"):
                    one = _one(opened, contender, what, where, steps, repeat)
                    found.setdefault(what, {}).setdefault(where, []).append(one)
                    print(what, where, {k: v for k, v in one.items() if k != "steps"}, flush=True)
    return {
        what: {
            where: {name: _median([one[name] for one in several]) for name in NAMES}
            for where, several in both.items()
        }
        for what, both in found.items()
    }


def _median(numbers: list[float]) -> float:
    """Give the median of those that were read; NaN where none was."""
    read = [one for one in numbers if not math.isnan(one)]
    return float(np.median(read)) if read else float("nan")


def _one(
    opened: Any, contender: Contender, what: str, where: str, steps: int, seed: int
) -> dict[str, Any]:
    run_as = "auto" if where == "page" else "kernel"
    notebook = opened.open([SETUP, CELL.format(what=what, run=run_as), AGAIN])
    notebook.run(0)
    tiles = 4 if "16" in what else 1
    show(notebook, contender, tiles=tiles)
    seconds, before = 0.0, math.nan
    if where == "page":
        notebook.page.evaluate(WATCH)
        step(notebook, FIRST)  # only a decoder that somebody uses is exported
        before = _lag_until_taken_over(notebook)
        try:
            notebook.page.wait_for_function(TAKEN_OVER, timeout=TAKEN_OVER_MS)
        except TookTooLong:  # as where the page is slower than the kernel
            print(
                what, notebook.page.locator(".lw-status").first.get_attribute("title"), flush=True
            )
            notebook.close()
            return dict.fromkeys(NAMES, math.nan)
        notebook.page.wait_for_function("() => window.lwTakenOver")
        seconds = notebook.page.evaluate("() => window.lwTakenOver")
    else:
        wait_for_strip(notebook)
    latencies, decodes = [], []
    for value in fresh_values(steps + WARM_UP, seed):
        latencies.append(step(notebook, value))
        decodes.append(_decode_ms(notebook))
    drag = notebook.page.evaluate("(plan) => window.lwProbe.drag(plan)", DRAG)
    again = _seconds_again(notebook) if where == "page" else math.nan
    notebook.close()
    taken: Run = run(_median(decodes[WARM_UP:]), latencies[WARM_UP:], drag, None)
    exact = exact_share(drag["moves"], drag["paints"], drag["begin"], drag["end"])
    more = {"seconds": seconds, "exact": exact, "lag_before_ms": before, "again": again}
    return {**asdict(taken), **more}


def _lag_until_taken_over(notebook: Any) -> float:
    """Drag again and again until the page decodes; give the 95th percentile of the lag."""
    found: list[np.ndarray] = []
    end = time.perf_counter() + TAKEN_OVER_MS / 1000
    while not notebook.page.evaluate(TAKEN_OVER) and time.perf_counter() < end:
        drag = notebook.page.evaluate("(plan) => window.lwProbe.drag(plan)", SHORT_DRAG)
        found.append(lags(drag["moves"], drag["paints"], drag["begin"], drag["end"]))
        notebook.page.wait_for_timeout(REST_MS)
    return float(np.percentile(np.concatenate(found), 95)) if found else math.nan


def _seconds_again(notebook: Any) -> float:
    """Show a second widget of the space, and give the seconds until the page decodes for it."""
    notebook.run(2)
    root = notebook.page.locator(".lw-root").nth(1)
    root.locator("canvas[data-lw-exact=true]").first.wait_for()
    begin = time.perf_counter()
    root.locator("input.lw-slider").first.press("ArrowRight")
    root.locator(".lw-status[title*=', in the page']").wait_for(timeout=TAKEN_OVER_MS)
    return time.perf_counter() - begin


def _decode_ms(notebook: Any) -> float:
    """Read how long decoding took, as the widget itself says it."""
    text = notebook.page.locator(".lw-status").first.inner_text()
    number = text.rpartition("·")[2].strip().removesuffix("ms").strip()
    return float(number) if number.replace(".", "").isdigit() else float("nan")


def table(result: dict[str, Any]) -> str:
    """Lay out what `measure` found, and judge it."""
    parts = [
        "## The decoder in the page, beside the kernel",
        "The page alone is judged: a step by what it takes to decode there, and one repaint. Load "
        f"average before it: {result['load']:.1f}.",
        _drags(result["here"]),
        f"The same behind a link of {THERE_AND_BACK_MS:.0f} ms there and back and "
        f"{MEGABYTES_A_SECOND:.0f} MB/s; to take over, all that decodes comes through it.",
        _drags(result["far"], soon=False),
        page_memory.table(result["memory"]),
    ]
    return "\n\n".join(parts)


def _drags(result: dict[str, Any], *, soon: bool = True) -> str:
    """Lay out steps and drags; without `soon`, it is not judged how soon the page takes over."""
    lines = [
        "| widget | what | kernel | page | target | met |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for what, both in result.items():
        kernel, page = both["kernel"], both["page"]
        step, pictures = page["decode_ms"] + REPAINT_MS, LEAST_PICTURES[what]
        rows = [
            ("decoding alone", "decode_ms", " ms", None),
            ("one exact step, p50", "step_ms", " ms", (f"decode + 16.7 = {step:.1f}", step)),
            ("drag, pictures a second", "pictures_per_s", "", (f"at least {pictures}", -pictures)),
            ("of them exact, a share", "exact", "", (f"{LEAST_EXACT:g}", -LEAST_EXACT)),
            ("lag behind the thumb, p95", "lag_ms", " ms", (f"under {LAG_MS:.0f}", LAG_MS)),
            (
                "the same while it takes over",
                "lag_before_ms",
                " ms",
                (f"under {LAG_MS:.0f}", LAG_MS),
            ),
            (
                "takes over after",
                "seconds",
                " s",
                (f"{MOST_SECONDS:.0f}", MOST_SECONDS) if soon else None,
            ),
            (
                "for a second widget of the space after",
                "again",
                " s",
                (f"{MOST_SECONDS_AGAIN:.0f}", MOST_SECONDS_AGAIN),
            ),
        ]
        for words, name, unit, target in rows:
            said, met = "", ""
            if target:
                said, most = target
                # Of a goal from below both are negative. NaN meets nothing.
                met = "yes" if math.copysign(1, most) * page[name] <= most else "**no**"
            here = (
                "" if math.isnan(kernel[name]) or name == "seconds" else f"{kernel[name]:.1f}{unit}"
            )
            lines.append(f"| {what} | {words} | {here} | {page[name]:.1f}{unit} | {said} | {met} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(measure(*(int(one) for one in sys.argv[1:]))))
