"""What idle work costs a drag.

Run it with ``python -m benchmarks.idle [rounds]``. An editor of a face model is moved again and
again, each time after a rest in which idle work has begun; every other time the kernel puts idle
work by, until it is switched on again. The two take turns in one page, so that whatever else the
machine does meets both. The steps that are done of it are counted, to see that this is so.

The model encodes, and there are data: the editor finds out what else an edit moves, what each
direction changes, how ordinary the latent is, and its nearest data. Below it stands an Interpolator
of the same space, which gets other anchors in every rest: it looks for a geodesic, and measures the
speed along it, and by chance. That takes seconds, so that it goes on while the editor is moved.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.measure import run
from benchmarks.peers import CONTENDERS, SETUP
from benchmarks.session import DRAG, WARM_UP, fresh_values, lab, show, step, wait_for_strip
from benchmarks.tables import Found, judged

# By then the strip of the new path is there, idle work has begun, and goes on.
REST_MS = 1500
# So much more a step may take, and so much further a picture be behind the thumb: or by one frame
# of the screen, as pictures of a strip are hardly behind at all.
MOST_EXTRA, FRAME_MS = 0.05, 1000 / 60
WIDGETS = 2
# In sight are both widgets: what is out of sight is not asked about.
VIEWPORT = (1280, 2200)
PREPARE = """
import threading
import latentwidgets as lw
from benchmarks.decoders import face_encoder
from latentwidgets.engine.scheduler import Scheduler

fresh = np.random.default_rng(10)
latents = fresh.standard_normal((5000, 10)).astype(np.float32)
options = {"encode": face_encoder(), "encode_range": (0, 1), "data": latents}
begin_idle = Scheduler.do_while_idle
put_by, done, on_now, between = {}, {}, [True], threading.Lock()

def counted(self, client, steps):
    # The same in every step: work that has begun is put by, too, once it is switched off. No lock
    # is held in a step: the thread of another widget would wait for it, and answer nothing.
    while True:
        with between:
            on = on_now[0]
            if not on:
                put_by[self, client] = steps
                return
        more = next(steps, client) is not client
        with between:
            key = client.partition("-")[0], client.rpartition("-")[2], on
            done[key] = done.get(key, 0) + 1
        if not more:
            return
        yield

def do_while_idle(self, client, steps):
    begin_idle(self, client, counted(self, client, steps))

Scheduler.do_while_idle = do_while_idle

def switch(on):
    with between:
        on_now[0] = on
    for self, client in [*put_by] if on else ():
        do_while_idle(self, client, put_by.pop((self, client)))
    walk.anchors = fresh.standard_normal((3, 10)).astype(np.float32)
    return on

def told():
    # Steps while it is on, of each widget by what they find out; and all while it is off.
    found = {}
    for (widget, what, on), count in done.items():
        if on:
            found.setdefault(widget, {})[what] = count
    return list(found.values()), sum(count for (*_, on), count in done.items() if not on)
"""
EDITOR = """
widget = decoder.editor(**options)
widget
"""
WALK = """
walk = lw.Interpolator(widget.space, latents[:3], method="geodesic")
walk
"""
# Asks the kernel beside the notebook, so that no cell is added and nothing scrolls.
ASK = """
async (on) => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const user_expressions = { on: `switch(${on})` };
  await kernel.requestExecute({ code: "", user_expressions, store_history: false }).done;
}
"""


def measure(rounds: int = 40) -> dict[str, Any]:
    """Move a slider with idle work and without.

    Parameters
    ----------
    rounds : int
        How often each; a tenth as many are drags of three seconds.

    Returns
    -------
    dict
        Of both the median milliseconds from a move to the exact picture, and the 95th percentile of
        how far the picture is behind the thumb in a drag; the ratio of the first, on to off, with
        95 % of bootstrap samples; how many steps of what each widget has done while they were on,
        and how many were done while they were off; and whether the ratio is 1.05 at most, and the
        second no further behind than that, or a frame of the screen.

    Raises
    ------
    RuntimeError
        If one of the widgets has done no idle work, or some was done while it was off.
    """
    steps: dict[bool, list[float]] = {True: [], False: []}
    drags: dict[bool, list[float]] = {True: [], False: []}
    cell = replace(CONTENDERS[-1], source=EDITOR)
    with lab(extension=True, viewport=VIEWPORT) as opened:
        notebook = opened.open([SETUP.format(decoder="editor") + PREPARE, EDITOR, WALK])
        notebook.run(0)
        show(notebook, cell)
        notebook.run(2)
        wait_for_strip(notebook)
        wait_for_strip(notebook, ".lw-interpolator .lw-buffer")

        def turn(on: bool) -> None:
            notebook.page.evaluate(ASK, str(on))
            notebook.page.wait_for_timeout(REST_MS)

        for number, value in enumerate(fresh_values(min(rounds, 60), 0) * (1 + rounds // 60)):
            order = (True, False) if number % 2 else (False, True)
            for on in order:
                turn(on)
                # Each to a place of its own: a picture that is kept would be there at once.
                took = step(notebook, value + (1e-4 if on else 0.0))
                if took is not None and number >= WARM_UP:
                    steps[on].append(took)
                if number % 10 == WARM_UP:
                    turn(on)
                    drag = notebook.page.evaluate("(plan) => window.lwProbe.drag(plan)", DRAG)
                    drags[on].append(run(0.0, [took], drag, None).lag_ms)
        done, late = notebook.value("told()")
        notebook.close()
    if len(done) < WIDGETS or late:
        raise RuntimeError(
            f"idle work of {len(done)} widgets was done while it was on, and {late} steps while it "
            f"was off; expected {WIDGETS} and none: this is no comparison."
        )
    work, rest = (np.asarray(steps[which]) for which in (True, False))
    count = min(len(work), len(rest))
    rng = np.random.default_rng(0)
    ratios = []
    for _ in range(2000):
        rows = rng.integers(count, size=count)
        ratios.append(np.median(work[rows]) / np.median(rest[rows]))
    low, high = np.percentile(ratios, (2.5, 97.5)).tolist()
    ratio = float(np.median(work) / np.median(rest))
    lags = {on: float(np.median(found)) for on, found in drags.items()}
    return {
        "rounds": count,
        "idle_steps": done,
        "off_steps": late,
        "on_ms": float(np.median(work)),
        "off_ms": float(np.median(rest)),
        "on_lag_ms": lags[True],
        "off_lag_ms": lags[False],
        "ratio": ratio,
        "interval": [low, high],
        "met": ratio <= 1 + MOST_EXTRA and _keeps_up(lags[True], lags[False]),
    }


def _keeps_up(work: float, rest: float) -> bool:
    """Tell whether a picture is hardly further behind the thumb, in milliseconds, than without."""
    return work - rest <= max(MOST_EXTRA * rest, FRAME_MS)


def table(result: dict[str, Any]) -> str:
    """Lay out what `measure` found."""
    low, high = result["interval"]
    work, rest = result["on_lag_ms"], result["off_lag_ms"]
    done = "; ".join(
        ", ".join(f"{count} of {what}" for what, count in sorted(widget.items()))
        for widget in result["idle_steps"]
    )
    rows: list[Found] = [
        (
            "idle steps of both widgets in rounds with it",
            f"{done}. Without: {result['off_steps']}",
            "some of each; none",
            len(result["idle_steps"]) >= WIDGETS and not result["off_steps"],
        ),
        (
            f"one exact step, p50: {result['on_ms']:.0f} ms with idle work, "
            f"{result['off_ms']:.0f} ms without",
            f"{result['ratio']:.3f} times ({low:.3f} to {high:.3f})",
            f"{1 + MOST_EXTRA}",
            result["ratio"] <= 1 + MOST_EXTRA,
        ),
        (
            "lag behind the thumb, p95",
            f"{work:.0f} ms with idle work, {rest:.0f} ms without",
            f"{1 + MOST_EXTRA} times, or {FRAME_MS:.0f} ms more",
            _keeps_up(work, rest),
        ),
    ]
    return f"## A drag while the kernel has idle work\n\n{judged(rows)}"


if __name__ == "__main__":
    print(table(measure(int((sys.argv[1:] or ["40"])[0]))))
