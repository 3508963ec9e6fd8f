"""The table: what was measured, what was wanted, and whether it was met."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks import (
    anomalies,
    diffusion,
    first_picture,
    geodesics,
    idle,
    language,
    leakage,
    page,
    sampler,
    saved_page,
    steered_tokens,
)
from benchmarks.measure import LIMIT_MS, Run
from benchmarks.peers import BASELINE, CONTENDERS, OURS_NAME

Runs = Mapping[str, Mapping[str, Sequence[Run]]]  # decoder, contender, repeats

NAMES = [contender.name for contender in CONTENDERS]
LAG_MS = 33.0
PICTURES_PER_S = 50.0

DEFINITIONS = """
All of it is read from painted pixels: every picture carries its t as a barcode, which is read
once in every frame that the browser makes, right before that frame is painted.

- **Step**: the thumb jumps to a value that was never shown; until its exact picture is painted.
  For latentwidgets the strip is whole by then, and the value is on none of its positions: it is a
  round trip to the kernel.
- **Drag**: 125 moves a second for 3 s, to and fro over 2.637 times the range.
- **Pictures a second**: how often the painted picture changed in the drag.
- **Lag**: at every millisecond of the drag, the time since the thumb was last within 1/32 of the
  range of the picture that is painted then.
- **Last move**: from the last move of the drag to the picture for exactly that value. For
  latentwidgets the widget has to call it exact as well.
- **editor**, **editor16**: the first of twelve sliders of a DirectionEditor, one face and sixteen
  at once; peers have one slider and draw the same pictures.
- **Decode alone**: the decoder called in the same kernel, one latent, nothing else going on, in
  turns with the steps. A busy host is faster in one minute than in the next, so targets count the
  time that it took in the kernel of latentwidgets, between the steps that they judge.

The sliders of ipywidgets get the mouse events that a drag of their handle makes, and ours, a native
range input, gets the input events. Peers run in JupyterLab as it comes; latentwidgets with its
server extension on, as installing it does.
"""


@dataclass(frozen=True)
class Row:
    """One line of a table: a number of every contender, and what ours should be."""

    what: str
    decoder: str
    unit: str
    values: dict[str, float]
    target: str
    met: bool


@dataclass(frozen=True)
class Summary:
    """The medians of the repeats of one decoder, by contender."""

    runs: Mapping[str, Sequence[Run]]

    def of(self, name: str, field: str) -> float:
        """Give the median of one number of one contender."""
        return float(median(getattr(one, field) for one in self.runs[name]))

    def all(self, field: str) -> dict[str, float]:
        """Give the medians of one number, by contender."""
        return {name: self.of(name, field) for name in NAMES if name in self.runs}


def rows(runs: Runs) -> list[Row]:
    """Judge all runs, decoder by decoder, in the order of the definitions."""
    summaries = {decoder: Summary(found) for decoder, found in runs.items()}
    judges: list[Callable[[str, Summary], Row]] = [_step, _pictures, _lag, _last]
    complete = {name: one for name, one in summaries.items() if set(NAMES) <= set(one.runs)}
    return [judge(decoder, one) for judge in judges for decoder, one in complete.items()]


def _step(decoder: str, summary: Summary) -> Row:
    values = summary.all("step_ms")
    most = summary.of(OURS_NAME, "decode_ms") + 40
    target = f"decode + 40 = {most:.0f}"
    if decoder in ("trivial", "vae"):
        share = 0.55 * values[BASELINE]
        target += f", and 0.55 x = {share:.0f}"
        most = min(most, share)
    return Row("one exact step, p50", decoder, "ms", values, target, values[OURS_NAME] <= most)


def _pictures(decoder: str, summary: Summary) -> Row:
    values = summary.all("pictures_per_s")
    crossed = summary.of(OURS_NAME, "crossed_per_s")
    reached = summary.of(OURS_NAME, "reached_per_s")
    target = f"{PICTURES_PER_S:.0f}, or all {crossed:.0f} strip positions crossed"
    met = values[OURS_NAME] >= PICTURES_PER_S or reached >= crossed
    return Row("drag, pictures a second", decoder, "", values, target, met)


def _lag(decoder: str, summary: Summary) -> Row:
    values = summary.all("lag_ms")
    met = values[OURS_NAME] <= LAG_MS
    return Row("lag behind the thumb, p95", decoder, "ms", values, f"{LAG_MS:.0f}", met)


def _last(decoder: str, summary: Summary) -> Row:
    values = summary.all("last_ms")
    most = summary.of(OURS_NAME, "decode_ms") + 80
    target = f"decode + 80 = {most:.0f}"
    met = values[OURS_NAME] <= most
    return Row("last move to the exact picture", decoder, "ms", values, target, met)


def text(results: Mapping[str, Any], judged: Sequence[Row], runs: Runs) -> str:
    """Write the whole report as Markdown."""
    parts = ["# Benchmarks", "Written by `make bench`. " + _machine(results["machine"])]
    if judged:
        parts += ["## A drag, side by side", f"Medians of {results['repeats']}.", _table(judged)]
        parts += [_decoders(runs), DEFINITIONS.strip()]
    writers = {
        "overhead": _overhead,
        "import_time": _import_time,
        "first_picture": first_picture.table,
        "evidence": _evidence,
        "geodesics": _geodesics,
        "anomalies": _anomalies,
        "leakage": _leakage,
        "million": _million,
        "cells": _cells,
        "map": _map,
        "explorer": _explorer,
        "idle": idle.table,
        "page": page.table,
        "reload": _reload,
        "saved_page": saved_page.table,
        "drafts": _drafts,
        "sampler": _sampler,
        "diffusion": _diffusion,
        "language": _language,
        "steered_tokens": steered_tokens.section,
        "soak": _soak,
    }
    parts += [write(results[name]) for name, write in writers.items() if name in results]
    return "\n\n".join(parts) + "\n"


def _machine(machine: Mapping[str, Any]) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return (
        f"{machine['cpu']}, {machine['cores']} cores; {machine['system']}, Python "
        f"{machine['python']}, Chromium {machine['chromium']}; {packages}. Load average before "
        f"the run: {machine['load']:.1f}."
    )


def _table(judged: Sequence[Row]) -> str:
    lines = _header(["what", "decoder", *NAMES, "target", "met"])
    for row in judged:
        values = [_number(row.values[name], row.unit) for name in NAMES]
        lines.append(_line([row.what, row.decoder, *values, row.target, _yes(row.met)]))
    return "\n".join(lines)


def _decoders(runs: Runs) -> str:
    lines = _header(["decoder", "decode alone", "in our kernel", "strip of 65 whole after"])
    for decoder, found in runs.items():
        everywhere = median(run.decode_ms for repeats in found.values() for run in repeats)
        ours = found.get(OURS_NAME, [])
        decode = f"{median(run.decode_ms for run in ours):.1f} ms" if ours else ""
        strips = [run.strip_s for run in ours if run.strip_s is not None]
        strip = f"{median(strips):.1f} s" if strips else ""
        lines.append(_line([decoder, f"{everywhere:.1f} ms", decode, strip]))
    return "\n".join(lines)


def _overhead(found: Mapping[str, Any]) -> str:
    lines = ["## LatentSpace.decode over the bare module", ""]
    lines += _header(["batch", "bare", "space", "extra", "target", "met"])
    for row in found["rows"]:
        extra = f"{row['extra_ms']:.3f} ms, {row['extra_relative']:.1%}"
        times = [f"{row['bare_ms']:.2f} ms", f"{row['space_ms']:.2f} ms", extra]
        target = "5 %" if row["batch"] > 1 else "0.3 ms"
        lines.append(_line([str(row["batch"]), *times, target, _yes(row["met"])]))
    return "\n".join(lines)


def _import_time(found: Mapping[str, float]) -> str:
    lines = ["## Import", ""]
    lines += _header(["import anywidget", "import latentwidgets adds", "target", "met"])
    added, most = found["latentwidgets"], found["target"]
    times = [f"{seconds:.3f} s" for seconds in (found["anywidget"], added, most)]
    lines.append(_line([*times, _yes(added <= most)]))
    return "\n".join(lines)


def _evidence(found: Mapping[str, Any]) -> str:
    lines = ["## Ten probe directions with all their evidence, 10,000 x 512 latents", ""]
    lines += _header(["ten bare cross-validated fits", "ours", "times", "target", "met"])
    seconds = [f"{found[name]:.1f} s" for name in ("bare_s", "ours_s")]
    times = [f"{found['times']:.1f}", f"{found['target']:.0f}", _yes(found["met"])]
    lines.append(_line([*seconds, *times]))
    return "\n".join(lines)


def _geodesics(found: Mapping[str, Any]) -> str:
    title = f"## Paths between {found['pairs']} random pairs of faces"
    return f"{title}\n\n{geodesics.table(found)}"


def _anomalies(found: Mapping[str, Any]) -> str:
    title = f"## A digit that was left out, of {found['pictures']:,}: area under the ROC curve"
    return f"{title}\n\n{anomalies.table(found)}"


def _leakage(found: Mapping[str, Any]) -> str:
    title = "## What moves with what: leakage of sprites, whose truth is known"
    return f"{title}\n\n{leakage.table(found)}"


def _million(found: Mapping[str, Any]) -> str:
    lines = ["## A million latents of 64 numbers", ""]
    lines += _header(
        ["nearest ten, by an index; clusters", "recall (95 %)", "laid out", "p50", "p95"]
        + ["target", "met"]
    )
    for row in found["rows"]:
        recall = f"{row['recall']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
        times = [f"{row['build_s']:.0f} s", f"{row['ms']:.1f} ms", f"{row['p95_ms']:.1f} ms"]
        target = f"{row['target']:.0f} ms"
        lines.append(_line([row["name"], recall, *times, target, _yes(row["met"])]))
    seconds, most = found["clusters_s"], f"{found['clusters_target']:.0f} s"
    cells = ["clusters of 200 kinds", "", "", f"{seconds:.0f} s", "", most]
    lines.append(_line([*cells, _yes(found["clusters_met"])]))
    return "\n".join(lines)


def _cells(found: Mapping[str, Any]) -> str:
    first, scroll = found["first"], found["scroll"]
    smooth = {name: f"{scroll[name]['per_s']:.0f} a second" for name in ("fresh", "decoded")}
    lines = ["## A LatentGrid of faces of 64 x 64", ""]
    lines += _header(["what", "module alone", "grid", "target", "met"])
    rows = [
        (
            "from running the cell to 8 x 8 painted, module: one batch",
            f"{first['bare_ms']:.0f} ms",
            f"{first['ms']:.0f} ms",
            f"1.3 x module + 150 = {first['target']:.0f} ms",
            first["met"],
        ),
        _filling("on cores that decoder, server and page share", found["fill"]),
        *([_filling("on a core of the kernel's own", found["apart"])] if found["apart"] else []),
        (
            "scrolling 2,000 cells: frames while they are decoded, and after",
            "",
            f"{smooth['fresh']}, {smooth['decoded']}",
            f"{scroll['target']:.0f} a second",
            scroll["met"],
        ),
    ]
    lines += [_line([*row[:-1], _yes(row[-1])]) for row in rows]
    return "\n".join(lines)


def _filling(where: str, fill: Mapping[str, Any]) -> tuple[str, str, str, str, bool]:
    return (
        f"filling 2,000 cells, same batch size, {where}",
        f"{fill['bare_per_s']:.0f} a second",
        f"{fill['per_s']:.0f} a second, {fill['share']:.0%}",
        f"{fill['target']:.0%}",
        fill["met"],
    )


def _map(found: Mapping[str, Any]) -> str:
    lines = ["## LatentMap: from cell run to all points drawn, and from mouse to exact picture", ""]
    lines += _header(["points", "open", "hover, p50", "hover, p95", "target", "met"])
    for row in found["rows"]:
        target = f"open {row['open_target']:.0f} s" if row["open_target"] else ""
        target = target or f"hover {row['hover_target']:.0f} ms"
        hovers = [f"{row[name]:.0f} ms" for name in ("hover_ms", "hover_p95_ms")]
        cells = [f"{row['count']:,}", f"{row['open_s']:.1f} s", *hovers, target, _yes(row["met"])]
        lines.append(_line(cells))
    return "\n".join(lines)


def _explorer(found: Mapping[str, Any]) -> str:
    lines = ["## lw.explore of the MNIST test set, from running the cell to painted", ""]
    names = ("map", "grid", "editor", "path", "all", "evidence")
    lines += _header(["", *names, "target for all", "met"])
    for title, row in (("first in a kernel", found["first"]), ("later", found["later"])):
        met = _yes(row["all"] <= found["target"])
        times = [f"{row[name]:.1f} s" for name in names]
        lines.append(_line([title, *times, f"{found['target']:.0f} s", met]))
    return "\n".join(lines)


def _reload(found: Mapping[str, Any]) -> str:
    lines = ["## The page loaded anew with lw.explore in it, from loading to painted", ""]
    columns = ["sent to the page", "widget models", "code in the saved notebook", "copies of it"]
    lines += _header(["", "painted", *columns, "target", "met"])
    target, met = f"{found['target']} x once", _yes(found["met"])
    judged = ["", ""], [f"{target}; {found['ratio']:.2f} x", met]
    for name, verdict in zip(("once", "often"), judged, strict=True):
        row = found[name]
        sizes = [f"{row[size]:.1f} MB" for size in ("received_mb", "code_mb")]
        counts = [f"{row[count]:.0f}" for count in ("models", "most_copies")]
        cells = [f"{row['seconds']:.1f} s", sizes[0], counts[0], sizes[1], counts[1], *verdict]
        lines.append(_line([f"cell run {'once' if name == 'once' else 'eight times'}", *cells]))
    return "\n".join(lines)


def _drafts(found: Mapping[str, Any]) -> str:
    labels = {
        "idle_ms": "first picture of a jump from idle, p50",
        "busy_ms": "first picture of a jump while another step runs, p50",
        "exact_ms": "exact picture of a jump, p50",
        "wasted": "steps wasted after the thumb moved on, most",
        "lag_ms": "lag behind the thumb over a strip of drafts, p95",
        "settled_ms": "last move of the drag to the exact picture",
    }
    lines = ["## A decoder of 20 steps of 100 ms that yields at each", ""]
    lines += _header(["what", "latentwidgets", "target", "met"])
    for name, label in labels.items():
        row, unit = found[name], "" if name == "wasted" else "ms"
        numbers = [_number(row[one], unit) for one in ("value", "target")]
        lines.append(_line([label, *numbers, _yes(row["met"])]))
    return "\n".join(lines)


def _soak(found: Mapping[str, Any]) -> str:
    labels = {"kernel_mb": "kernel", "page_mb": "page's process", "heap_mb": "page's heap"}
    lines = [f"## Memory in {found['minutes']} minutes of continuous dragging", ""]
    lines += _header(["memory", "at 1 minute", "at the end", "growth", "target", "met"])
    for name, label in labels.items():
        first, last = found["samples"][0][name], found["samples"][-1][name]
        sizes = [f"{size:.1f} MB" for size in (first, last, last - first, found["target"])]
        lines.append(_line([label, *sizes, _yes(last - first <= found["target"])]))
    return "\n".join(lines)


def _sampler(found: Mapping[str, Any]) -> str:
    title = "## A sampler of one's own: a latent flow of 47 characters"
    return f"{title}\n\n{sampler.table(found)}"


def _language(found: Mapping[str, Any]) -> str:
    title = "## A language model of stories, steered: 25 rows of 30 tokens"
    return f"{title}\n\n{language.table(found)}"


def _diffusion(found: Mapping[str, Any]) -> str:
    title = f"## The diffusion model that ships: {diffusion.STEPS} steps with guidance"
    return f"{title}\n\n{diffusion.table(found)}"


def _header(cells: Sequence[str]) -> list[str]:
    return [_line(cells), _line(["---"] * len(cells))]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _number(value: float, unit: str) -> str:
    if value >= LIMIT_MS:
        return f"over {LIMIT_MS:.0f}"
    return f"{value:.0f} {unit}".strip()


def _yes(met: bool) -> str:
    return "yes" if met else "**no**"
