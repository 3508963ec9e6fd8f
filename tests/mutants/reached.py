"""A plugin for pytest: which test reaches what mutmut mutates, and how long it takes.

mutmut finds that out in one process and ends at the first test that fails. Here several processes
share the tests, and one that fails on what is not mutated is told and left out: it would notice
every mutant. Each process leaves a file of its own; `together` puts them into the one that mutmut
reads.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path

import pytest
from mutmut.mutation import trampoline

NAME = "reached-{}.json"
KEPT = "mutmut-stats.json"

_reaching: dict[str, list[str]] = defaultdict(list)
_seconds: dict[str, float] = defaultdict(float)
_failed: set[str] = set()
_reached: set[str] = set()


def together(folder: Path) -> list[str]:
    """Write what mutmut reads out of what the processes left, and give the tests that failed."""
    reaching: dict[str, list[str]] = defaultdict(list)
    seconds: dict[str, float] = {}
    failed: set[str] = set()
    for path in sorted(folder.glob(NAME.format("*"))):
        left = json.loads(path.read_text("utf-8"))
        path.unlink()
        failed |= set(left["failed"])
        seconds |= left["seconds"]
        for function, tests in left["reaching"].items():
            reaching[function] += [test for test in tests if test not in failed]
    written = {
        "tests_by_mangled_function_name": reaching,
        "duration_by_test": seconds,
        "stats_time": sum(seconds.values()),
    }
    (folder / KEPT).write_text(json.dumps(written), "utf-8")
    return sorted(failed)


def _note(function: str, caller: str | None = None) -> None:
    _reached.add(function)


# What each mutated function calls as it begins.
trampoline.record_trampoline_hit = _note  # type: ignore[attr-defined, assignment]


def pytest_runtest_teardown(item: pytest.Item) -> None:
    for function in _reached:
        _reaching[function].append(item.nodeid)
    _reached.clear()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.failed:
        _failed.add(report.nodeid)
    _seconds[report.nodeid] += report.duration if report.when == "call" else 0


def pytest_sessionfinish() -> None:
    process = os.environ.get("PYTEST_XDIST_WORKER")
    if process is not None:  # what shares the tests out runs none
        left = {"reaching": _reaching, "seconds": _seconds, "failed": sorted(_failed)}
        Path(NAME.format(process)).write_text(json.dumps(left), "utf-8")
