"""What idle work costs a drag.

Run it with ``python -m benchmarks.idle [rounds]``. The slider of an editor of a face model is
dragged again and again, and then jumps, each time after a rest in which idle work has begun; every
other time the kernel puts idle work by, until it is switched on again. The two take turns in one
page, so that whatever else the machine does meets both. The steps that are done of it are counted,
to see that this is so, and how many while the thumb was held.

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

from benchmarks.measure import LIMIT_MS, STRIP, lags
from benchmarks.peers import CONTENDERS, SETUP
from benchmarks.session import DRAG, fresh_values, lab, show, step, wait_for_strip
from benchmarks.tables import Found, judged

# By then the strip of the new path is there, idle work has begun, and goes on.
REST_MS = 1500
# So many fewer pictures a drag may show, so much more a step may take, and so much further may a
# picture be behind the thumb: or by one frame of the screen, as those of a strip hardly are at all.
MOST_EXTRA, FRAME_MS = 0.05, 1000 / 60
# So many jumps follow on a drag, and then all places between those of a strip are used up.
STEPS = 2
MOST_ROUNDS = (STRIP - 1) // (1 + STEPS)
# The first does not count.
FEWEST_ROUNDS = 2
WIDGETS = 2
# What is measured of each drag, and of jumps.
PICTURES, HALF, MOST, LAST, STEP = (
    "pictures_per_s",
    "lag_p50_ms",
    "lag_p95_ms",
    "last_ms",
    "step_ms",
)
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

def steps():
    with between:
        return sum(done.values())

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
async (source) => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const request = { code: "", user_expressions: { answer: source }, store_history: false };
  const reply = await kernel.requestExecute(request).done;
  return reply.content.user_expressions.answer.data["text/plain"];
}
"""


def measure(rounds: int = 16) -> dict[str, Any]:
    """Drag a slider with idle work and without.

    Parameters
    ----------
    rounds : int
        How many drags of three seconds each, 2 to 21, followed by jumps; the first does not
        count.

    Returns
    -------
    dict
        ``on`` and ``off``, of each number its median over drags, or over jumps: pictures a second,
        the median and the 95th percentile of how many milliseconds the picture is behind the thumb,
        milliseconds from the last move to the exact picture, and those from a jump to its exact
        one; ``ratios``, on to off, each with 95 % of bootstrap samples, or None where it is none;
        how many steps of what each widget has done while they were on, how many of them in drags,
        and how many were done while they were off; and of each number whether it is `met`.

    Raises
    ------
    ValueError
        If there are fewer rounds, or more.
    RuntimeError
        If one of the widgets has done no idle work, none was done in a rest in which it should be,
        or some was done while it was off.
    """
    if not FEWEST_ROUNDS <= rounds <= MOST_ROUNDS:
        raise ValueError(f"rounds is {rounds}; expected {FEWEST_ROUNDS} to {MOST_ROUNDS}.")
    found: dict[bool, dict[str, list[float]]] = {True: {}, False: {}}
    held = 0
    places = np.reshape(fresh_values(MOST_ROUNDS * (1 + STEPS), 0), (MOST_ROUNDS, -1)).tolist()
    cell = replace(CONTENDERS[-1], source=EDITOR)
    with lab(extension=True, viewport=VIEWPORT) as opened:
        notebook = opened.open([SETUP.format(decoder="editor") + PREPARE, EDITOR, WALK])
        notebook.run(0)
        show(notebook, cell)
        notebook.run(2)
        wait_for_strip(notebook)
        wait_for_strip(notebook, ".lw-interpolator .lw-buffer")

        def ask(source: str) -> int:
            return int(eval(notebook.page.evaluate(ASK, source)))  # a number, True or False

        def turn(on: bool) -> None:
            before = ask("steps()")
            ask(f"switch({on})")
            notebook.page.wait_for_timeout(REST_MS)
            if on and ask("steps()") == before:
                raise RuntimeError(
                    f"no idle work was done in a rest of {REST_MS} ms: what follows would be "
                    "measured without it. Try again on a machine that does less meanwhile."
                )

        for number, row in enumerate(places[:rounds]):
            for on in (True, False) if number % 2 else (False, True):
                # Each at a place of its own: a picture that is kept would be there at once. Which
                # of them goes further changes, and not with which of them is first.
                further = 0.2 * (on == (number // 2 % 2 == 0)) / (STRIP - 1)
                end, *jumps = (value + further for value in row)
                turn(on)
                before = ask("steps()")
                drag = notebook.page.evaluate(
                    "(plan) => window.lwProbe.drag(plan)", {**DRAG, "travel": 2 + end}
                )
                done_in_it = ask("steps()") - before
                took = []
                for value in jumps:
                    turn(on)  # a jump ends the idle work before it
                    took.append(step(notebook, value))
                if not number:
                    continue
                held += done_in_it * on
                one = {**_numbers(drag), STEP: [LIMIT_MS if ms is None else ms for ms in took]}
                for name, seen in one.items():
                    found[on].setdefault(name, []).extend(seen)
                print(f"idle work {'on' if on else 'off'}: {one}", flush=True)
        done, late = notebook.value("told()")
        notebook.close()
    if len(done) < WIDGETS or late:
        raise RuntimeError(
            f"idle work of {len(done)} widgets was done while it was on, and {late} steps while it "
            f"was off; expected {WIDGETS} and none: this is no comparison."
        )
    return {"idle_steps": done, "held_steps": held, "off_steps": late, **compare(found)}


def _numbers(drag: dict[str, Any]) -> dict[str, list[float]]:
    """Give the numbers of one drag."""
    begin, end, paints = drag["begin"], drag["end"], drag["paints"]
    seen = sum(begin <= time <= end for time, _ in paints)
    behind = lags(drag["moves"], paints, begin, end)
    return {
        PICTURES: [1000 * seen / (end - begin)],
        HALF: [float(np.median(behind))],
        MOST: [float(np.percentile(behind, 95))],
        LAST: [LIMIT_MS if drag["settled"] is None else drag["settled"]],
    }


def compare(found: dict[bool, dict[str, list[float]]]) -> dict[str, Any]:
    """Compare drags with idle work and without, which took turns.

    Parameters
    ----------
    found : dict
        Under True, with idle work, and False: the numbers of each drag, in order.

    Returns
    -------
    dict
        ``drags``, how many each; ``on``, ``off``, ``ratios`` and ``met``, see `measure`.
    """
    medians = {on: {name: float(np.median(x)) for name, x in found[on].items()} for on in found}
    ratios, met = {}, {}
    for name in found[True]:
        work, rest = (np.asarray(found[on][name]) for on in (True, False))
        with_it, without = medians[True][name], medians[False][name]
        # Rounds are drawn: the jumps of one are alike.
        rounds = len(found[True][PICTURES])
        picked = np.random.default_rng(0).integers(rounds, size=(2000, rounds))
        many = np.arange(len(work)).reshape(rounds, -1)[picked].reshape(2000, -1)
        with np.errstate(all="ignore"):
            drawn = np.median(work[many], axis=1) / np.median(rest[many], axis=1)
            low, high = np.percentile(drawn, (2.5, 97.5)).tolist()
        known = without > 0 and bool(np.isfinite([low, high]).all())
        ratios[name] = [with_it / without, low, high] if known else None
        if name == PICTURES:
            met[name] = with_it >= (1 - MOST_EXTRA) * without
        else:
            frame = 0.0 if name == STEP else FRAME_MS
            met[name] = with_it - without <= max(MOST_EXTRA * without, frame)
    return {
        "drags": len(found[True][PICTURES]),
        "on": medians[True],
        "off": medians[False],
        "ratios": ratios,
        "met": met,
    }


def table(result: dict[str, Any]) -> str:
    """Lay out what `measure` found."""
    done = "; ".join(
        ", ".join(f"{count} of {what}" for what, count in sorted(widget.items()))
        for widget in result["idle_steps"]
    )
    both = len(result["idle_steps"]) >= WIDGETS and not result["off_steps"]
    told = f"{done}; {result['held_steps']} in drags. Without: {result['off_steps']}"
    rows: list[Found] = [
        ("idle steps of both widgets in turns with it", told, "some of each; none", both)
    ]
    times = f"at most {1 + MOST_EXTRA} times"
    behind = f"{times}, or {FRAME_MS:.0f} ms more"
    for name, words, unit, target in (
        (PICTURES, "drag, pictures a second", "", f"at least {1 - MOST_EXTRA} times"),
        (HALF, "drag, lag behind the thumb, p50", " ms", behind),
        (MOST, "drag, lag behind the thumb, p95", " ms", behind),
        (LAST, "last move of the drag to the exact picture", " ms", behind),
        (STEP, "one exact step", " ms", times),
    ):
        work, rest = (f"{result[on][name]:.0f}{unit}" for on in ("on", "off"))
        found = f"{work} with idle work, {rest} without"
        if result["ratios"][name] is not None:
            found += ": {:.3f} times ({:.3f} to {:.3f})".format(*result["ratios"][name])
        count = result["drags"] * (STEPS if name == STEP else 1)
        rows.append((f"{words}, median of {count}", found, target, result["met"][name]))
    return f"## A drag while the kernel has idle work\n\n{judged(rows)}"


if __name__ == "__main__":
    print(table(measure(*map(int, sys.argv[1:2]))))
