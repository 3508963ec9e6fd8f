"""Every notebook runs from top to bottom, as `jupyter execute` would run it."""

from __future__ import annotations

import base64
import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from PIL import Image

from tests import warm_kernel
from tests.models import SHARED, models_missing

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
# A cell that has run for so long hangs, however busy the machine is.
SECONDS = 240
# These train, steer or compare models for half a minute each.
# What comes with extras alone.
OPTIONAL = {"diffusers", "faiss", "imageio_ffmpeg", "lpips", "onnx", "peft", "tokenizers", "umap"}
OPTIONAL |= {"accelerate", "cloudpickle", "jscatter", "pandas", "torchvision", "transformers"}
LONG = ("assignment", "chat", "diffusion", "evaluate", "language")


def test_there_are_notebooks() -> None:
    assert FOLDER / "quickstart.ipynb" in NOTEBOOKS


def test_the_notebook_of_the_demo_begins_with_a_picture_in_colour() -> None:
    title, cell, *_ = nbformat.read(FOLDER / "quickstart.ipynb", as_version=4).cells
    assert title.cell_type == "markdown"
    assert title.source.startswith("# ")
    assert cell.cell_type == "code"
    [output] = cell.outputs
    assert cell.execution_count == output.execution_count == 1
    with Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))) as picture:
        pixels = np.asarray(picture.convert("RGB"), float)
    assert np.ptp(pixels, axis=2).max() > 50  # of a grey picture it would be 0


def test_the_demo_installs_what_every_notebook_needs() -> None:
    """`make demo` opens a folder of notebooks: all of them run there."""
    text = (FOLDER.parent / "pyproject.toml").read_text("utf-8")
    [listed] = re.findall(r"^demo = \[.*latentwidgets\[(.*?)\]", text, re.MULTILINE)
    demo = {*listed.split(",")}
    # Who needs an extra says how to install it, here and in the error where it is missing.
    asked = {
        path.stem: {
            extra
            for names in re.findall(r"latentwidgets\[([\w,]+)\]", path.read_text("utf-8"))
            for extra in names.split(",")
        }
        for path in NOTEBOOKS
    }
    assert asked["language"] == {"language"}
    assert asked["diffusion"] == {"diffusion"}
    assert {name: extras - demo for name, extras in asked.items() if extras - demo} == {}
    # Of the libraries that only an extra brings.
    extras = dict(re.findall(r"^(\w+) = \[(.*)\]$", text, re.MULTILINE))
    brought = {name for one in demo for name in re.findall(r'"([\w-]+)', extras[one])}
    for path in NOTEBOOKS:
        sources = [cell.source for cell in nbformat.read(path, as_version=4).cells]
        used = re.findall(r"^ *(?:import|from) (\w+)", "\n".join(sources), re.MULTILINE)
        assert not {*used} & OPTIONAL - brought, path.name


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
    notebook = nbformat.read(path, as_version=4)
    if asked := ASKED.get(path.stem):
        notebook.cells.append(nbformat.v4.new_code_cell(asked))
    outputs = outputs_of(notebook)
    assert outputs, f"{path.name} shows nothing"
    if says := SAY.get(path.stem):
        says("".join(map(text_of, outputs)))


def text_of(output: Any) -> str:
    """Give what a cell printed, or the last line's value as text, such as the table of a result."""
    return str(output.get("text", "")) or f"{output.get('data', {}).get('text/plain', '')}\n"


def language_says(texts: str) -> None:
    """See that the notebook on steering prints what its words say."""
    [(share, layer, sigmas)] = re.findall(r"^best: +(\S+), layer (\d), (\S+) sigma$", texts, re.M)
    [unsteered] = re.findall(r"^unsteered: +(\S+) of the stories", texts, re.M)
    assert float(share) > float(unsteered) + 0.4
    assert int(layer) in range(6)
    assert float(sigmas) > 0
    [low] = re.findall(r"not chosen on: \S+ \[(\S+),", texts)
    assert float(low) > 0
    [(two, one)] = re.findall(r"the two differ by (\S+), by a random direction (\S+)", texts)
    assert float(two) > 2 * float(one)
    price = r"perplexity: +(\S+), unsteered (\S+),\s+damage begins at (\S+)"
    [numbers] = re.findall(price, texts)
    steered, plain, limit = map(float, numbers)
    assert plain < limit
    assert steered <= limit
    [asked] = re.findall(r"asked in words: (\S+)", texts)
    assert float(asked) >= float(share) - 0.05  # "words do the same here"
    rows = re.findall(r"^(last|generated|all) +(\S+) +(\S+) +(\S+)$", texts, re.M)
    happy = {(steer, float(sigma)): float(one) for steer, sigma, one, _ in rows}
    parses = {(steer, float(sigma)): float(one) for steer, sigma, _, one in rows}
    assert len(happy) == 9
    for steer in ("generated", "all"):
        for sigma in (0.5, 1.0):
            assert happy[steer, sigma] > happy["last", sigma]
        assert parses[steer, 2.0] < 0.8
    assert parses["last", 2.0] > 0.95


def chat_says(texts: str) -> None:
    """See that the notebook on drift prints what its words say."""
    lines = re.findall(r"^ *(\S.*): (\S+) held out, (\S+) by chance$", texts, re.M)
    scores = {name: (float(score), float(chance)) for name, score, chance in lines}
    assert scores["sad"][0] > 0.95  # "nearly always right"
    assert scores["forest"][0] == pytest.approx(0.7, abs=0.05)  # "in seven of ten turns"
    score, chance = scores["forest at ends"]
    assert score < chance + 0.15  # "hardly better than chance"
    found = {}
    for part in re.split(r"^(?=\w+ changes, read by )", texts, flags=re.M)[1:]:
        [name] = re.findall(r'^(\w+ changes, read by ".+")$', part, re.M)
        turns = re.findall(r"^  turn (\d): (\S+)  \[(\S+), (\S+)\]$", part, re.M)
        found[name] = {int(turn): tuple(map(float, numbers)) for turn, *numbers in turns}
        assert [*found[name]] == [4, 5, 6, 7, 8]
        assert found[name][4][0] == 0.5, "before the drift chats are the same"
    drifted = range(5, 9)
    for name in ('persona changes, read by "sad"', 'topic changes, read by "forest"'):
        for turn in drifted:
            value, _, high = found[name][turn]
            assert value > high, (name, turn)
    for turn in drifted:  # "where the topic changes it stays where it was"
        assert found['topic changes, read by "sad"'][turn][0] == pytest.approx(0.5, abs=0.04)
    for turn in drifted[1:]:  # "a little but beyond chance from the sixth turn on"
        value, low, _ = found['persona changes, read by "forest"'][turn]
        assert 0.35 < value < low
    topic, persona = (
        np.mean([found[f'{what} changes, read by "forest at ends"'][turn][0] for turn in drifted])
        for what in ("topic", "persona")
    )
    assert 0.5 < topic < persona  # "the topic weakly, and the persona more than that"


def evaluate_says(texts: str) -> None:
    """See that the notebook on how good a space is prints what its words say."""
    spaces = re.findall(r"^(\w+): error (\S+), path length (\S+) \((\S+) to (\S+)\)$", texts, re.M)
    error, path = ({one[0]: one[at] for one in spaces} for at in (1, slice(3, None)))
    assert float(error["PCA"]) / float(error["VAE"]) == pytest.approx(
        2, abs=0.25
    )  # "twice as near"
    assert float(path["PCA"][1]) < float(path["VAE"][0])  # "their short paths"
    row = r"^digit, (nearest neighbours|linear): (\w+) +(\S+) +(\S+) to \S+ +(\S+)$"
    named = {
        (by, name): [*map(float, numbers)] for by, name, *numbers in re.findall(row, texts, re.M)
    }
    assert len(named) == 4
    for score, low, chance in named.values():
        assert score > low > 5 * chance
    # "By nearest neighbours, principal components at least as many; by a line, the autoencoder"
    assert named["nearest neighbours", "PCA"][0] >= named["nearest neighbours", "digits"][0]
    assert named["linear", "digits"][0] >= named["linear", "PCA"][0]
    greys = dict(re.findall(r"^grey share of (\w+): (\S+)$", texts, re.M))
    grey = {name: float(share) for name, share in greys.items()}
    # "its samples are digits": no blurs, which is all that a share of grey tells.
    assert grey["VAE"] == pytest.approx(grey["digits"], rel=0.25)
    assert grey["PCA"] > 1.6 * grey["digits"]  # "blurs"

    number = r"(\d[\d.]*)"
    spread = rf"{number} \({number} to {number}\)"
    row = rf"^(\w+\*?) +{spread} +{spread} +{number} +{spread} +{number} +{spread} +(\S.*)$"
    ways = {name: numbers for name, *numbers in re.findall(row, texts, re.M)}
    assert [*ways] == ["lerp", "slerp", "geodesic*"]  # the shortest is bold
    length, typical, speed, speeds = (
        {name: float(numbers[at]) for name, numbers in ways.items()} for at in (0, 3, 10, 13)
    )
    short = {name: one for name, one in length.items() if name != "geodesic*"}
    here = 1 - length["geodesic*"] / min(short.values())
    assert here == pytest.approx(1 / 6, abs=0.02)
    usual = 1 - typical["geodesic*"] / min(typical["lerp"], typical["slerp"])
    assert 0 < usual < here  # "between two pairs of samples of the prior it saves less"
    assert speed["geodesic*"] < 1.05  # "and even"
    assert ways["geodesic*"][-1] == "nowhere"
    for name in short:
        assert speed[name] > max(2, speeds[name])
        assert 0 < float(ways[name][-1]) < 1  # "abruptly"

    [called] = re.findall(r"^(\d+) of 100 are called odd$", texts, re.M)
    assert int(called) - 3 > 0.05 * 97  # "of these digits more are"
    assert re.findall(r"^strange among the oddest six: (.+)$", texts, re.M) == ["[0, 1, 2]"]

    what = ("ink", "lean", "width")
    # Each cell: its effect, both ends of its interval, and "*" where it is bold.
    tables = texts.replace("−", "-")
    row = r"^(ink|lean|width)" + 3 * r" +(\S+) \((\S+) to ([^\s)]+)\)(\*?)" + " *$"
    rows = [(name, np.reshape(cells, (3, 4))) for name, *cells in re.findall(row, tables, re.M)]
    assert [name for name, _ in rows] == [*what, "width"]  # free, and held
    *free, (_, held) = [(name, dict(zip(what, cells, strict=True))) for name, cells in rows]
    by_chance = re.findall(r"^random directions +± (\S+) +± (\S+) +± (\S+) *$", texts, re.M)
    random, random_held = (dict(zip(what, map(float, one), strict=True)) for one in by_chance)
    assert random["lean"] == pytest.approx(0.46, abs=0.01)
    for name, cells in free:
        for of, (effect, *_, bold) in cells.items():
            assert bold == "*" * ((name, of) != ("lean", "ink"))
            if name not in (of, "width"):  # "less than a random direction moves"
                assert abs(float(effect)) < random[of]
    width = dict(free)["width"]
    assert {one[3] for one in held.values()} == {"*"}  # "They stay bold"

    row = r"^(free|held): width moves (\w+) by (\S+) \((\S+) to (\S+)\)$"
    told = {(when, of): [*map(float, n)] for when, of, *n in re.findall(row, texts, re.M)}
    for when, cells in (("free", width), ("held", held)):
        for of, cell in cells.items():
            assert told[when, of] == [*map(float, cell[:3])]
    size = {which: abs(effect) for which, (effect, _, _) in told.items()}
    left = {of: size["held", of] / size["free", of] for of in what}
    assert size["free", "lean"] > size["free", "ink"] > 0.2  # "a good deal of lean, and some ink"
    assert size["free", "width"] > size["free", "lean"]  # "The diagonal is what was meant"
    assert size["free", "lean"] == pytest.approx(random["lean"], rel=0.15)  # "about as much"
    assert left["lean"] == pytest.approx(1 / 8, abs=0.03)
    assert left["ink"] < 0.5 < 0.8 < left["width"]
    for of in ("ink", "lean"):
        assert size["held", of] < random_held[of]
        assert told["held", of][1] * told["held", of][2] > 0


# What the words of a notebook say of its numbers.
SAY = {"language": language_says, "chat": chat_says, "evaluate": evaluate_says}
# Asked at the end of a notebook, of what its pictures show.
ASKED = {
    "evaluate": """
print("strange among the oddest six:", sorted(
    i for i, one in enumerate(strange) if any((mixed[j] == one).all() for j in odd.order[:6])))
drawn = {"VAE": space.decode(samples["VAE"]), "PCA": linear.decode(samples["PCA"])}
for name, shown in {**drawn, "digits": digits.images}.items():
    print(f"grey share of {name}: {np.mean((shown > 50) & (shown < 205)):.3f}")
"""
}


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
    resources = {"metadata": {"path": FOLDER}}
    # A kernel on a busy machine was seen to need more than the minute that it is given by default.
    NotebookClient(notebook, timeout=SECONDS, startup_timeout=240, resources=resources).execute()
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
