"""Measure latentwidgets beside what people use today: `python -m benchmarks`, or `make bench`.

A whole run takes more than an hour and writes `results.md` and `results.json` beside this file. A
quick or partial one is printed, and written only where `--out` says so. Of geodesics, anomalies,
leakage and steered tokens a whole run measures fewer: all of them where they are named, as in
`--only geodesics`.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import (
    anomalies,
    cells,
    diffusion,
    drafts,
    evidence,
    explorer,
    first_picture,
    geodesics,
    idle,
    import_time,
    language,
    leakage,
    map,
    million,
    overhead,
    page,
    reload,
    report,
    sampler,
    saved_page,
    soak,
    steered_tokens,
)
from benchmarks.decoders import DECODERS
from benchmarks.measure import Run
from benchmarks.peers import CONTENDERS, OURS_NAME
from benchmarks.session import lab, measure
from tests.models import models_missing

HERE = Path(__file__).parent
PACKAGES = ("anywidget", "ipympl", "ipykernel", "ipywidgets", "jupyterlab", "matplotlib", "torch")
OTHERS = (
    "overhead",
    "import_time",
    "first_picture",
    "evidence",
    "geodesics",
    "anomalies",
    "leakage",
    "million",
    "cells",
    "map",
    "explorer",
    "idle",
    "page",
    "reload",
    "saved_page",
    "drafts",
    "sampler",
    "diffusion",
    "language",
    "steered_tokens",
    "soak",
)
NEED_MODELS = (
    "vae",
    "grid",
    "editor",
    "editor16",
    "overhead",
    "geodesics",
    "anomalies",
    "leakage",
    "cells",
    "explorer",
    "idle",
    "page",
    "language",
    "reload",
    "saved_page",
    "sampler",
    "soak",
)


def main() -> None:
    """Measure what the command line asks for."""
    options = _options()
    chosen = options.only or [*DECODERS, *OTHERS]
    if models_missing and any(name in NEED_MODELS for name in chosen):
        sys.exit(
            f"{models_missing}. Without them there is --only trivial slow import_time "
            "first_picture million map drafts diffusion steered_tokens."
        )
    results: dict[str, Any] = {"repeats": options.repeats, "steps": options.steps}
    load = os.getloadavg()[0]
    if "import_time" in chosen:
        results["import_time"] = import_time.measure()
    if "first_picture" in chosen:
        results["first_picture"] = first_picture.measure()
    if "overhead" in chosen:
        results["overhead"] = overhead.measure()
    if "evidence" in chosen:
        results["evidence"] = evidence.measure()
    named = options.only is not None and not options.quick
    if "geodesics" in chosen:
        results["geodesics"] = geodesics.measure(geodesics.PAIRS if named else geodesics.FEW_PAIRS)
    if "anomalies" in chosen:
        pictures = anomalies.PICTURES if named else anomalies.FEW_PICTURES
        results["anomalies"] = anomalies.measure(pictures)
    if "leakage" in chosen:
        results["leakage"] = leakage.measure(leakage.RUNS if named else leakage.FEW_RUNS)
    if "million" in chosen:
        results["million"] = million.measure()
    if "cells" in chosen:
        results["cells"] = cells.measure()
    if "map" in chosen:
        results["map"] = map.measure()
    if "explorer" in chosen:
        results["explorer"] = explorer.measure()
    if "idle" in chosen:
        results["idle"] = idle.measure(**({"rounds": 3} if options.quick else {}))
    if "page" in chosen:
        results["page"] = page.measure(options.repeats, options.steps)
    if "reload" in chosen:
        results["reload"] = reload.measure()
    if "saved_page" in chosen:
        results["saved_page"] = saved_page.measure()
    if "drafts" in chosen:
        results["drafts"] = drafts.measure()
    if "sampler" in chosen:
        fewer = {"batches": sampler.FEW_ROUNDS} if options.quick else {}
        results["sampler"] = sampler.measure(**fewer)
    if "diffusion" in chosen:
        fewer = {"batches": diffusion.FEW_ROUNDS} if options.quick else {}
        results["diffusion"] = diffusion.measure(**fewer)
    if "language" in chosen:
        rounds = {"rounds": 3, "jumps": 3} if options.quick else {}
        results["language"] = language.measure(**rounds)
    if "steered_tokens" in chosen:
        results["steered_tokens"] = steered_tokens.measure(whole=named)
    runs = _drags([name for name in DECODERS if name in chosen], options)
    if "soak" in chosen and options.soak:
        results["soak"] = soak.measure(options.soak)
    judged = report.rows(runs)
    results["machine"] = _machine(load)
    results["rows"] = [asdict(row) for row in judged]
    results["runs"] = {
        decoder: {name: [asdict(run) for run in repeats] for name, repeats in found.items()}
        for decoder, found in runs.items()
    }
    text = report.text(results, judged, runs)
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "results.md").write_text(text, encoding="utf-8")
        (options.out / "results.json").write_text(_json(results), encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one repeat, few steps, no soak")
    parser.add_argument("--only", nargs="+", choices=[*DECODERS, *OTHERS], help="parts to run")
    parser.add_argument("--repeats", type=int, help="fresh kernels a contender (3)")
    parser.add_argument("--steps", type=int, help="steps a repeat (15)")
    parser.add_argument("--soak", type=int, metavar="MINUTES", help="length of the soak (10)")
    parser.add_argument("--out", type=Path, help="folder for the results")
    options = parser.parse_args()
    defaults = (1, 5, 0) if options.quick else (3, 15, 10)
    for name, default in zip(("repeats", "steps", "soak"), defaults, strict=True):
        if getattr(options, name) is None:
            setattr(options, name, default)
    if options.out is None and not (options.quick or options.only):
        options.out = HERE
    return options


def _drags(decoders: list[str], options: argparse.Namespace) -> dict[str, dict[str, list[Run]]]:
    """Run all contenders; repeats are outermost, so that a noisy minute meets all alike."""
    runs: dict[str, dict[str, list[Run]]] = {name: {} for name in decoders}
    for repeat in range(options.repeats):
        for decoder in decoders:
            # Two servers, one after the other: peers do without our server extension.
            for ours in (False, True):
                with lab(extension=ours) as opened:
                    for contender in CONTENDERS:
                        if (contender.name == OURS_NAME) is not ours:
                            continue
                        run = measure(opened, decoder, contender, steps=options.steps, seed=repeat)
                        runs[decoder].setdefault(contender.name, []).append(run)
                        print(_progress(decoder, contender.name, run), flush=True)
    return runs


def _progress(decoder: str, name: str, run: Run) -> str:
    return (
        f"{decoder}, {name}: decode {run.decode_ms:.1f} ms, step {run.step_ms:.0f} ms, "
        f"{run.pictures_per_s:.0f} pictures/s, lag {run.lag_ms:.0f} ms, last {run.last_ms:.0f} ms"
        + ("" if run.strip_s is None else f", strip {run.strip_s:.1f} s")
    )


def _machine(load: float) -> dict[str, Any]:
    with lab(extension=False) as opened:
        chromium = opened.browser.version
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "chromium": chromium,
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "load": load,
        "date": datetime.date.today().isoformat(),
    }


def _cpu() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _json(results: dict[str, Any]) -> str:
    """Write numbers to a tenth of a unit where that is all they are worth."""
    rounded = json.loads(json.dumps(results), parse_float=lambda digits: round(float(digits), 4))
    return json.dumps(rounded, indent=1) + "\n"


if __name__ == "__main__":
    main()
