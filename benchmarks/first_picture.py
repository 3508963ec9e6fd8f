"""How long the first picture takes after torch: a path through digits, in fresh interpreters.

The page's part, from the message to the screen, is left out.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from typing import Any

from benchmarks.tables import judged

TARGET_SECONDS = 0.6
RUNS = 11

# What an idle kernel holds is there before the clock starts. torch is imported first, so that what
# it costs alone is known; whatever else the widget needs is imported where it is needed. What a
# cell gives to the page holds the picture.
STEPS = """
import json, time
import IPython, comm, ipykernel.ipkernel

times = [time.perf_counter()]
import torch
times.append(time.perf_counter())
import latentwidgets as lw
digits = lw.demo.digits()
times.append(time.perf_counter())
walk = lw.Interpolator(digits)
times.append(time.perf_counter())
data, _ = walk._repr_mimebundle_()
times.append(time.perf_counter())
assert data["image/png"]
assert "sklearn" not in __import__("sys").modules
print(json.dumps([after - before for before, after in zip(times, times[1:])]))
"""


def measure(runs: int = RUNS) -> dict[str, Any]:
    """Time a first cell in fresh interpreters that hold what an idle kernel does; give medians.

    Returns
    -------
    dict
        In seconds: `torch`, that import alone; `digits`, importing the package and loading its
        digits; `widget`, making the widget; `shown`, what it gives to the page; `beyond`, the last
        three together, which should be at most `target`.
    """
    _times()  # writes bytecode and warms the disk cache
    times = [_times() for _ in range(runs)]
    columns = zip(*times, strict=True)
    torch, digits, widget, shown = map(statistics.median, columns)
    return {
        "torch": torch,
        "digits": digits,
        "widget": widget,
        "shown": shown,
        "beyond": statistics.median(sum(after) for _, *after in times),
        "target": TARGET_SECONDS,
    }


def table(found: dict[str, Any]) -> str:
    """Lay out what was found in Markdown."""
    parts = (
        ("import torch, alone", "torch"),
        ("the package and its digits", "digits"),
        ("lw.Interpolator(digits)", "widget"),
        ("its first picture, for the page", "shown"),
    )
    rows = [(what, f"{found[name]:.2f} s", "", None) for what, name in parts]
    beyond, most = found["beyond"], found["target"]
    last = ("all beyond torch", f"{beyond:.2f} s", f"at most {most:.1f} s", beyond <= most)
    return "## The first picture, in a fresh kernel, without the page's part\n\n" + judged(
        [*rows, last]
    )


def _times() -> list[float]:
    command = [sys.executable, "-c", STEPS]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return [float(seconds) for seconds in json.loads(printed)]


if __name__ == "__main__":
    print(table(measure()))
