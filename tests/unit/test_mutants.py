"""The runner of mutants: what is drawn, who is noticed, and what the report says of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.mutants.__main__ import report
from tests.mutants.draw import draw
from tests.mutants.run import Project, run

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
    capsys.readouterr()
    assert report(project, areas) == 1
    told = capsys.readouterr().out
    assert "+    return x * 2" in told
    assert told.splitlines()[-1].split() == ["all", "4", "2", "2", "0", "0"]
    named = dict.fromkeys(("return x * 2", "return x / 3"), "for a reason")
    assert report(project, areas, named) == 0
    told = capsys.readouterr().out
    assert told.splitlines()[-1].split() == ["all", "4", "2", "0", "2", "0"]
    assert (project.root / "toy/__init__.py").read_text("utf-8") == SOURCE

    # It goes on from there: the test that was missing is written, and the rest is tried again.
    tests = project.root / "tests/unit/test_toy.py"
    tests.write_text(TESTS.replace("toy.half(3)", "assert toy.half(3) == 1.5"), "utf-8")
    areas = run(project, ["numbers"], count=10, seed=0, processes=1)
    assert (len(areas[0].noticed), areas[0].unnoticed) == (4, [])
    assert report(project, areas) == 0
