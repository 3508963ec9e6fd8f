"""Change the numeric core a little, and see whether the tests notice.

    python -m tests.mutants [--count 40] [--seed 0] [--processes 2] [--area evidence]

Of each area so many small mutants are drawn (an operator, a comparison, a number), and each is run
against the unit tests that reach its function. It goes on where it stopped: what was noticed
stands while its function stays as it is, all else is tried again; `--afresh` forgets all. It prints
what was drawn, noticed and not, and what each unnoticed mutant changes. It exits with 1 where less
than nine in ten are noticed; those that `equivalent.py` names do not count: they change nothing,
take more time or memory for the same answer, or are noticed by a test that is left out. The package
is mutated in a copy, in the folder for temporary files.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.mutants import areas
from tests.mutants.equivalent import COSTLIER, ELSEWHERE, EQUIVALENT
from tests.mutants.run import Area, Project, difference, run

ENOUGH = 0.9
# What mutants are that no test here can notice, and which these are.
NAMED = {"equivalent": EQUIVALENT, "costlier": COSTLIER, "elsewhere": ELSEWHERE}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--count", type=int, default=40, help="how many mutants an area")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--area", action="append", choices=areas.AREAS, help="only this, or these")
    parser.add_argument("--afresh", action="store_true", help="forget what was tried before")
    given = parser.parse_args()
    root = Path(__file__).resolve().parents[2]
    # All areas are mutated, tried or not: mutmut finds out once which tests reach what is mutated.
    project = Project(root, areas.PACKAGE, areas.AREAS, areas.PYTEST, added=areas.EXAMPLES)
    if given.afresh:
        shutil.rmtree(project.folder, ignore_errors=True)
    try:
        names = given.area or list(areas.AREAS)
        tried = run(project, names, given.count, given.seed, given.processes)
    except KeyboardInterrupt:
        print("\nStopped: the same command goes on from here.")
        return 130
    return report(project, tried)


def report(
    project: Project, tried: list[Area], named: Mapping[str, Mapping[str, str]] = NAMED
) -> int:
    """Print what became of the mutants; 1 where too few were noticed, or some were not tried."""
    known: dict[str, str] = {}
    for name in (name for area in tried for name in area.unnoticed):
        shown = difference(project, name)
        lines = [line[1:].strip() for line in shown.splitlines() if line.startswith("+ ")]
        what = next((one for one in named if "\n".join(lines) in named[one]), "")
        if what:
            known[name] = what
        else:
            print(shown)
    everything = Area(
        "all",
        [name for area in tried for name in area.noticed],
        [name for area in tried for name in area.unnoticed],
        [name for area in tried for name in area.untried],
    )
    head = ["drawn", "noticed", "unnoticed", *named, "untried"]
    print(" " * 12 + "".join(f"{one:>11}" for one in head))
    for area in [*tried, everything]:
        counts = Counter(known.get(name, "") for name in area.unnoticed)
        of_each = [counts[one] for one in named]
        groups = (area.drawn, len(area.noticed), counts[""], *of_each, len(area.untried))
        print(f"{area.name:12}" + "".join(f"{number:11}" for number in groups))
    enough = len(everything.noticed) >= ENOUGH * (everything.drawn - len(known))
    return 0 if enough and not everything.untried else 1


if __name__ == "__main__":
    sys.exit(main())
