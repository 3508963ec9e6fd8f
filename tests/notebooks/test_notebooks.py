"""Every notebook runs from top to bottom, as `jupyter execute` would run it."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests import warm_kernel
from tests.models import SHARED, models_missing

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SECONDS = 60
# These train, steer or compare models for half a minute each.
LONG = ("chat", "diffusion", "evaluate", "language")


def test_there_are_notebooks() -> None:
    assert FOLDER / "quickstart.ipynb" in NOTEBOOKS


@pytest.fixture(scope="module", autouse=True)
def warm_kernels() -> Iterator[None]:
    """Have kernels that need not import torch, transformers and diffusers one by one."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", folder)
        with warm_kernel.kernels(Path(folder), also=["transformers", "diffusers"]):
            yield


@pytest.fixture(autouse=True)
def plain_ipython(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run no start-up files of the person's own."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))


@pytest.mark.timeout(2 * SECONDS)
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * (path.stem in LONG))
        for path in NOTEBOOKS
    ],
)
def test_notebook_runs(path: Path) -> None:
    assert outputs_of(nbformat.read(path, as_version=4)), f"{path.name} shows nothing"


@pytest.mark.slow
@pytest.mark.skipif(bool(models_missing), reason=models_missing)
@pytest.mark.timeout(2 * SECONDS)
def test_the_notebook_of_chats_takes_another_model_by_name() -> None:
    notebook = nbformat.read(FOLDER / "chat.ipynb", as_version=4)
    [named] = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    named.source += f"\nname, layer = {str(SHARED / 'stories260k')!r}, 2"
    texts = "".join(output.get("text", "") for output in outputs_of(notebook))
    assert "(8, 64)" in texts  # turns, and the width of that model
    score, chance = map(float, re.findall(r"sad: (.+) held out, (.+) by chance", texts)[0])
    assert score > chance + 0.15


def outputs_of(notebook: Any) -> list[Any]:
    """Execute a notebook, and give what its cells put out."""
    NotebookClient(notebook, timeout=SECONDS, resources={"metadata": {"path": FOLDER}}).execute()
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


class Course:
    """A course of nbgrader with one assignment, as a teacher would set it up."""

    name = "glasses"

    def __init__(self, root: Path) -> None:
        from nbgrader.apps import NbGraderAPI  # nbgrader loads slowly, and this test alone needs it
        from traitlets.config import Config

        config = Config()
        config.CourseDirectory.root = str(root)
        self._root, self._api = root, NbGraderAPI(config=config)
        source = self._path("source")
        source.parent.mkdir(parents=True)
        shutil.copy(FOLDER / "assignment.ipynb", source)
        self.solutions = self.cells(source)
        self._done(self._api.generate_assignment(self.name))
        self.released = self.cells(self._path("release"))

    def graded(self, student: str, answers: dict[str, str]) -> tuple[float, float, dict[str, Any]]:
        """Hand in a notebook, grade it, and give the score, the most, and the cells as graded."""
        from nbgrader.api import Gradebook

        notebook = nbformat.read(self._path("release"), as_version=4)
        for cell in notebook.cells:
            name = cell.metadata.nbgrader.grade_id
            cell.source = answers.get(name, cell.source)
        handed_in = self._path("submitted", student)
        handed_in.parent.mkdir(parents=True)
        nbformat.write(notebook, handed_in)
        self._done(self._api.autograde(self.name, student))
        with Gradebook(self._api.coursedir.db_url) as book:
            found = book.find_submission(self.name, student)
            score, most = found.score, found.max_score
        return score, most, self.cells(self._path("autograded", student))

    def cells(self, path: Path) -> dict[str, Any]:
        """Give the cells of a notebook by what nbgrader calls them."""
        notebook = nbformat.read(path, as_version=4)
        return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells}

    def _path(self, step: str, student: str = "") -> Path:
        return self._root / step / student / self.name / "assignment.ipynb"

    def _done(self, result: dict[str, Any]) -> None:
        assert result["success"], f"{result.get('error')} {result['log']}"


# What was tried to pass without doing the task, and what the graded cell says of it.
CHEATS = {
    "what grades written over": (
        "lw.check = graded = lambda *_, **__: type('R', (), {'raise_if_failed': print})()\n"
        "measures = components\nanswer = first_try.recipe()",
        "CheckFailedError",
        "not yet: skin rose by",
    ),
    "the start of another": (
        "start = lw.student_start(space, 'bob, glasses', among=bare)\n"
        "answer = lw.DirectionEditor(space, start, components).recipe()",
        "LatentValueError",
        "starts elsewhere",
    ),
    "the probes that grade": (
        "answer = lw.DirectionEditor(space, start, measures, value={'glasses': 1.5}).recipe()",
        "AssertionError",
        "shares their errors",
    ),
    "a path to another face": (
        "other = latents[faces.labels['glasses']][0]\n"
        "answer = lw.Interpolator(space, [start, other], value=1.0).recipe()",
        "LatentValueError",
        "of an Interpolator, which does not count here",
    ),
}


@pytest.mark.slow
@pytest.mark.timeout(5 * SECONDS)
def test_the_assignment_can_be_solved_from_every_start_and_is_not_by_the_first_try() -> None:
    notebook = nbformat.read(FOLDER / "assignment.ipynb", as_version=4)
    cells = {cell.metadata.nbgrader.grade_id: cell.source for cell in notebook.cells}
    names: dict[str, Any] = {}
    exec(cells["model"], names)
    solved, first = [], []
    for i in range(12):
        names["student"] = f"student {i}"
        for cell in ("start", "measure", "answer"):
            exec(cells[cell], names)
        solved.append(names["graded"](names["answer"]).passed)
        first.append(names["graded"](names["first_try"].recipe()).passed)
    # Measured: 12 of 12, and 0 of 12.
    assert all(solved)
    assert not any(first)


@pytest.mark.slow
@pytest.mark.timeout(5 * SECONDS)
@pytest.mark.filterwarnings("ignore::Warning:nbgrader")
def test_an_autograder_grades_the_assignment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # nbgrader calls a program that lies beside the interpreter.
    here = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", os.pathsep.join([here, os.environ["PATH"]]))
    course = Course(tmp_path)
    assert not [name for name, cell in course.released.items() if "BEGIN SOLUTION" in cell.source]
    assert "raise NotImplementedError" in course.released["answer"].source
    assert course.released["glasses"].source == course.solutions["glasses"].source

    right = {name: course.solutions[name].source for name in ("student", "answer")}
    score, most, cells = course.graded("ada", right)
    assert (score, most) == (3, 3)
    assert not failures(cells)

    wrong = {"student": 'student = "bob"', "answer": "answer = first_try.recipe()"}
    # What a student writes into a locked cell is put back.
    score, most, cells = course.graded("bob", {**wrong, "glasses": "pass"})
    assert (score, most) == (0, 3)
    [(name, error)] = failures(cells)
    assert (name, error.ename) == ("glasses", "CheckFailedError")
    assert "- not yet: skin rose by" in error.evalue
    assert "too much" in error.evalue

    for i, (what, (answer, kind, said)) in enumerate(CHEATS.items()):
        cheat = {"student": 'student = "ada"', "answer": answer, "look": "pass"}
        score, most, cells = course.graded(f"cheat{i}", cheat)
        assert (score, most) == (0, 3), what
        name, error = failures(cells)[-1]
        assert (name, error.ename) == ("glasses", kind), what
        assert said in error.evalue, what


def failures(cells: dict[str, Any]) -> list[tuple[str, Any]]:
    """Give the errors among what cells put out, each with the name of its cell."""
    return [
        (name, output)
        for name, cell in cells.items()
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]
