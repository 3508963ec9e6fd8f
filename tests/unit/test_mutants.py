"""The runner of mutants: what is drawn, who is noticed, and what the report says of it."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from tests.mutants.__main__ import report
from tests.mutants.areas import AREAS, LEFT_OUT, PACKAGE
from tests.mutants.draw import draw
from tests.mutants.run import BESIDE, Project, run

ROOT = Path(__file__).parents[2]
UNIT = Path(__file__).parent
SOURCE = '''\
def double(x):
    """A test looks closely at this one."""
    return x * 2


def half(x):
    """And only calls this one."""
    return x / 2


def words(x, y):
    text = "some words"
    return print(text, x, y)
'''
TESTS = """\
import toy

def test_double():
    assert toy.double(3) == 6

def test_half():
    toy.half(3)

def test_that_fails_as_it_is():
    assert toy.double(3) == toy.half(3)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    root = tmp_path / "project"
    for name, text in {
        "toy/__init__.py": SOURCE,
        "tests/unit/test_toy.py": TESTS,
        "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['.']\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Project(root, "toy", {"numbers": ["__init__.py"]})


def test_a_seed_draws_the_same_whatever_else_there_is() -> None:
    names = [f"toy.x_f__mutmut_{number}" for number in range(100)]
    drawn = draw(names, 10, seed=0)
    assert drawn == draw(reversed(names), 10, seed=0)
    assert drawn == draw(names, 20, seed=0)[:10]
    assert drawn != draw(names, 10, seed=1)
    without = [name for name in names if name != drawn[0]]
    assert draw(without, 9, seed=0) == drawn[1:]


@pytest.mark.slow
def test_who_is_noticed_is_told_from_who_is_not(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    areas = run(project, ["numbers"], count=10, seed=0, processes=1)
    (area,) = areas  # of operators and numbers, none of words
    assert {name.rpartition("__mutmut_")[0] for name in area.noticed} == {"toy.x_double"}
    assert {name.rpartition("__mutmut_")[0] for name in area.unnoticed} == {"toy.x_half"}
    assert (area.drawn, len(area.noticed), area.untried) == (4, 2, [])
    told = capsys.readouterr().out
    assert "not mutated: tests/unit/test_toy.py::test_that_fails_as_it_is" in told
    assert report(project, areas) == 1
    told = capsys.readouterr().out
    assert "+    return x * 2" in told
    assert told.splitlines()[-1].split() == ["all", "4", "2", "2", "0", "0", "0", "0"]
    named = {
        "equivalent": {"return x * 2": "for a reason"},
        "costlier": {"return x / 3": "for another"},
    }
    assert report(project, areas, named) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[-1].split() == ["all", "4", "2", "0", "1", "1", "0"]
    assert (project.root / "toy/__init__.py").read_text("utf-8") == SOURCE

    # It goes on from there: the test that was missing is written, and the rest is tried again.
    tests = project.root / "tests/unit/test_toy.py"
    tests.write_text(TESTS.replace("    toy.half(3)", "    assert toy.half(3) == 1.5"), "utf-8")
    areas = run(project, ["numbers"], count=10, seed=0, processes=1)
    assert (len(areas[0].noticed), areas[0].unnoticed) == (4, [])
    assert report(project, areas) == 0


def missing_in_the_copy(path: Path) -> list[str]:
    """What a file of tests wants of the repository that the copy lacks: each file, each import.

    A file of the root is found as `Path(__file__).parents[2] / "README.md"`. Where the root goes on
    under another name, into a loop or into a command, nobody can tell what is read: "?".
    """
    tree = ast.parse(path.read_text("utf-8"))
    joined = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp)]
    files = {
        node.left: node.right.value.split("/")[0]
        for node in joined
        if isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)
    }
    found = [
        files.get(node, "?")
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "parents"
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found.append(str(node.module).split(".")[0])
        elif isinstance(node, ast.Import):
            found += [one.name.split(".")[0] for one in node.names]
    own = {one.name for one in ROOT.iterdir()} - {PACKAGE, "tests", *BESIDE}
    return [name for name in found if name in {"?", *own}]


def test_tests_that_run_in_the_copy_find_there_what_they_read() -> None:
    lacks = {path.stem: missing_in_the_copy(path) for path in UNIT.glob("*.py")}
    left_out = {f"test_{name}": lacks.pop(f"test_{name}") for name in LEFT_OUT}
    assert {name: lacked for name, lacked in lacks.items() if lacked} == {}
    assert left_out["test_readme"] == left_out["test_makefile"] == ["?"]
    assert left_out["test_benchmark_tables"] == ["benchmarks", "benchmarks"]


def test_every_file_of_an_area_is_there() -> None:
    patterns = [pattern for names in AREAS.values() for pattern in names]
    assert [one for one in patterns if not list((ROOT / PACKAGE).glob(one))] == []
    assert len(patterns) == len(set(patterns))
