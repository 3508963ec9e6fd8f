"""What `import latentwidgets` adds to `import anywidget`, in fresh interpreters."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

TARGET_SECONDS = 0.15
RUNS = 11

# Each interpreter times all steps, one after another, so that what else the machine does falls on
# all alike.
STEPS = """
import json, time

times = [time.perf_counter()]
import anywidget
times.append(time.perf_counter())
import latentwidgets
times.append(time.perf_counter())
latentwidgets.Interpolator
times.append(time.perf_counter())
print(json.dumps([after - before for before, after in zip(times, times[1:])]))
"""


def measure(runs: int = RUNS) -> dict[str, float]:
    """Time imports in fresh interpreters, and give medians.

    Returns
    -------
    dict
        In seconds: `anywidget`, that import alone; `latentwidgets`, what importing the package
        adds to it, which should be at most `target`; and `interpolator`, what the first use of
        `Interpolator` adds to both.
    """
    _times()  # writes bytecode and warms the disk cache
    columns = zip(*(_times() for _ in range(runs)), strict=True)
    anywidget, latentwidgets, interpolator = map(statistics.median, columns)
    return {
        "anywidget": anywidget,
        "latentwidgets": latentwidgets,
        "interpolator": interpolator,
        "target": TARGET_SECONDS,
    }


def _times() -> list[float]:
    command = [sys.executable, "-c", STEPS]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return [float(seconds) for seconds in json.loads(printed)]


if __name__ == "__main__":
    for name, seconds in measure().items():
        print(f"{name:14} {seconds:.3f} s")
