"""What idle work costs a drag: how ordinary the latent is, what else an edit moves, speeds.

Run it with ``python -m benchmarks.idle [rounds]``. One editor of a face model is moved again and
again, each time after a rest in which idle work has begun; every other time the kernel leaves idle
work alone. The two take turns in one page, so that whatever else the machine does meets both.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from benchmarks.measure import run
from benchmarks.peers import CONTENDERS, SETUP
from benchmarks.session import DRAG, fresh_values, lab, show, step, wait_for_strip

# Idle work has begun by then, and goes on: it takes seconds in all.
REST_MS = 400
MOST_EXTRA = 0.05
SWITCH = """
from latentwidgets.engine.scheduler import Scheduler
begin_idle = Scheduler.do_while_idle

def switch(on):
    Scheduler.do_while_idle = begin_idle if on else lambda *_: None
    return on
"""
# Asks the kernel beside the notebook, so that no cell is added and nothing scrolls.
ASK = """
async (on) => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const user_expressions = { on: `switch(${on})` };
  await kernel.requestExecute({ code: "", user_expressions, store_history: false }).done;
}
"""


def measure(rounds: int = 40, decoder: str = "editor") -> dict[str, Any]:
    """Move a slider with idle work and without.

    Parameters
    ----------
    rounds : int
        How often each; a tenth as many are drags of three seconds.
    decoder : str
        One of `benchmarks.decoders.DECODERS`.

    Returns
    -------
    dict
        Of both the median milliseconds from a move to the exact picture, and the 95th percentile of
        how far the picture is behind the thumb in a drag; the ratio of the first, on to off, with
        95 % of bootstrap samples; and whether the ratio is 1.05 at most.
    """
    steps: dict[bool, list[float]] = {True: [], False: []}
    drags: dict[bool, list[float]] = {True: [], False: []}
    with lab(extension=True) as opened:
        notebook = opened.open([SETUP.format(decoder=decoder) + SWITCH, CONTENDERS[-1].source])
        notebook.run(0)
        show(notebook, CONTENDERS[-1])
        wait_for_strip(notebook)
        for number, value in enumerate(fresh_values(min(rounds, 60), 0) * (1 + rounds // 60)):
            order = (True, False) if number % 2 else (False, True)
            for on in order:
                notebook.page.evaluate(ASK, str(on))
                # Each to a place of its own: a picture that is kept would be there at once.
                took = step(notebook, value + (1e-4 if on else 0.0))
                notebook.page.wait_for_timeout(REST_MS)
                if took is not None and number >= 2:
                    steps[on].append(took)
                if number % 10 == 2:
                    drag = notebook.page.evaluate("(plan) => window.lwProbe.drag(plan)", DRAG)
                    drags[on].append(run(0.0, [took], drag, None).lag_ms)
                    notebook.page.wait_for_timeout(REST_MS)
        notebook.close()
    work, rest = (np.asarray(steps[which]) for which in (True, False))
    count = min(len(work), len(rest))
    rng = np.random.default_rng(0)
    ratios = []
    for _ in range(2000):
        rows = rng.integers(count, size=count)
        ratios.append(np.median(work[rows]) / np.median(rest[rows]))
    low, high = np.percentile(ratios, (2.5, 97.5)).tolist()
    ratio = float(np.median(work) / np.median(rest))
    return {
        "decoder": decoder,
        "rounds": count,
        "on_ms": float(np.median(work)),
        "off_ms": float(np.median(rest)),
        "on_lag_ms": float(np.median(drags[True])),
        "off_lag_ms": float(np.median(drags[False])),
        "ratio": ratio,
        "interval": [low, high],
        "met": ratio <= 1 + MOST_EXTRA,
    }


def table(result: dict[str, Any]) -> str:
    """Lay out what `measure` found."""
    low, high = result["interval"]
    return "\n".join(
        [
            "## A drag while the kernel has idle work",
            "",
            "| decoder | with | without | ratio (95 %) | lag with | without | target | met |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            f"| {result['decoder']} | {result['on_ms']:.0f} ms | {result['off_ms']:.0f} ms "
            f"| {result['ratio']:.3f} ({low:.3f} to {high:.3f}) | {result['on_lag_ms']:.0f} ms "
            f"| {result['off_lag_ms']:.0f} ms | 1.05 | {'yes' if result['met'] else 'no'} |",
        ]
    )


if __name__ == "__main__":
    print(table(measure(int((sys.argv[1:] or ["40"])[0]))))
