"""Every notebook runs from top to bottom, as `jupyter execute` would run it."""

from __future__ import annotations

import re
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
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
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
