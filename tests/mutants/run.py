"""Mutate a copy of the package with mutmut, and count who is noticed, area by area."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mutmut.configuration import reset_config
from mutmut.stats import status_by_exit_code

from tests.mutants import reached
from tests.mutants.draw import draw, small_mutants

# What the tests read beside the package and themselves.
BESIDE = ("pyproject.toml", "README.md", "js", "notebooks", "tools")
UNNOTICED = ("survived", "no tests")
UNTRIED = ("not checked", "check was interrupted by user")


@dataclass(frozen=True)
class Project:
    """What is mutated, and the tests that should notice."""

    root: Path
    package: str
    areas: Mapping[str, Sequence[str]]
    pytest: Sequence[str] = ()
    tests: Sequence[str] = ("tests/unit",)
    # Files that only the copy has among its tests, and where they come from.
    added: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where the copy lies from one run to the next."""
        key = hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir(), f"mutants-{self.package}-{key}")


@dataclass
class Area:
    """The mutants that were drawn of one area, by what became of them."""

    name: str
    noticed: list[str]
    unnoticed: list[str]
    untried: list[str]

    @property
    def drawn(self) -> int:
        return len(self.noticed) + len(self.unnoticed) + len(self.untried)


def run(
    project: Project, areas: Sequence[str], count: int, seed: int, processes: int
) -> list[Area]:
    """Try what is drawn: what was noticed before stands, unless its function has changed."""
    update_copy(project)
    with _working_in(project.folder):
        drawn = {
            area: draw(_names(project.package, project.areas[area]), count, seed) for area in areas
        }
        before = _areas(project, drawn)
        waiting = [name for area in before for name in (*area.untried, *area.unnoticed)]
        if waiting:
            if not Path("mutants", reached.KEPT).is_file():
                _find_out_what_tests_reach(project, waiting, processes)
            # Where it fails it has said why, and what it has not tried is counted as that.
            _mutmut(waiting, processes)
        return _areas(project, drawn)


def _mutmut(names: Sequence[str], processes: int, **env: str) -> None:
    program = str(Path(sys.executable).with_name("mutmut"))
    command = [program, "run", "--max-children", str(processes), *names]
    subprocess.run(command, env=os.environ | {"OMP_NUM_THREADS": "1"} | env, check=False)


def _find_out_what_tests_reach(project: Project, names: Sequence[str], processes: int) -> None:
    # It makes the mutants, finds no test that ran, and stops.
    _mutmut(names, processes, PYTEST_ADDOPTS="--collect-only")
    print(f"Running all tests once, {processes} at a time", flush=True)
    command = [sys.executable, "-m", "pytest", "--rootdir=.", "-q", "--tb=line"]
    command += ["-p", "reached", "--numprocesses", str(processes)]
    command += [*project.tests, *project.pytest]
    found = os.pathsep.join([".", str(Path(reached.__file__).parent)])
    env = {"OMP_NUM_THREADS": "1", "MUTANT_UNDER_TEST": "stats", "PYTHONPATH": found}
    folder = Path("mutants")
    subprocess.run(command, cwd=folder, env=os.environ | env, check=False)
    for test in reached.together(folder):
        print(f"left out, since it fails on what is not mutated: {test}")


def update_copy(project: Project) -> None:
    """Bring the copy up to date; what has not changed keeps its time, and so its mutants."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=project.root,
        check=True,
        capture_output=True,
        text=True,
    )
    kept = (project.package, "tests", *BESIDE)
    wanted = {name for name in listed.stdout.splitlines() if name.split("/")[0] in kept}
    sources = {name: name for name in wanted} | dict(project.added)
    for name, source in sources.items():
        _write(project.folder / name, (project.root / source).read_bytes())
    for top in (project.package, "tests"):
        for path in (project.folder / top).rglob("*"):
            if path.is_file() and path.relative_to(project.folder).as_posix() not in sources:
                path.unlink()
    shutil.rmtree(project.folder / "mutants" / "tests", ignore_errors=True)
    settings = (project.root / "pyproject.toml").read_text("utf-8") + _settings(project)
    _write(project.folder / "pyproject.toml", settings.encode())


def difference(project: Project, name: str) -> str:
    """What a mutant changes, as a diff."""
    program = str(Path(sys.executable).with_name("mutmut"))
    shown = subprocess.run(
        [program, "show", name], cwd=project.folder, check=True, capture_output=True, text=True
    )
    return shown.stdout


def _settings(project: Project) -> str:
    mutated = [f"{project.package}/{name}" for names in project.areas.values() for name in names]
    # torch does not bear a fork of a process that has used it: tests run in forks of one that
    # has only loaded them.
    values = {
        "source_paths": [project.package],
        "only_mutate": mutated,
        "also_copy": list(BESIDE),
        "process_isolation": "forkserver",
        "pytest_add_cli_args": list(project.pytest),
        "pytest_add_cli_args_test_selection": list(project.tests),
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join(["", "[tool.mutmut]", "use_git_change_detection = false", *lines, ""])


def _names(package: str, patterns: Sequence[str]) -> list[str]:
    paths = {path for pattern in patterns for path in Path(package).glob(pattern)}
    if not paths:
        raise FileNotFoundError(f"no file of {package} is called {' or '.join(patterns)}")
    return [name for path in sorted(paths) for name in small_mutants(path)]


def _areas(project: Project, drawn: Mapping[str, Sequence[str]]) -> list[Area]:
    codes: dict[str, int | None] = {}
    for path in Path("mutants", project.package).rglob("*.meta"):
        codes |= json.loads(path.read_text("utf-8"))["exit_code_by_key"]
    areas = []
    for area, names in drawn.items():
        status = {name: status_by_exit_code[codes.get(name)] for name in names}
        unnoticed = [name for name in names if status[name] in UNNOTICED]
        untried = [name for name in names if status[name] in UNTRIED]
        noticed = [name for name in names if name not in {*unnoticed, *untried}]
        areas.append(Area(area, noticed, unnoticed, untried))
    return areas


def _write(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    reset_config()  # mutmut reads its settings where it works
    try:
        yield
    finally:
        os.chdir(before)
