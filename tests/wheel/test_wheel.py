"""What is built can be installed: a wheel made from the source distribution, tried on its own.

The environment is clean: it shares no package with the one that runs the tests, and does not see
the repository.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.browser.lab import Lab
from tools.chromium import find

ROOT = Path(__file__).parents[2]
CONFIG = "etc/jupyter/jupyter_server_config.d/latentwidgets.json"

SHOW = """
import latentwidgets as lw

digits = lw.demo.digits()
lw.Interpolator(digits.space, digits.latents[:2], value=0.5)
"""
MAKE = """
import json

import latentwidgets as lw

digits = lw.demo.digits()
widget = lw.Interpolator(digits.space, digits.latents[:2], value=0.5)
data, _ = widget._repr_mimebundle_()
print(json.dumps({"file": lw.__file__, "mimes": [*data], "size": widget.image().size}))
"""

pytestmark = pytest.mark.timeout(900)


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Interpreter of a new environment that has the wheel and JupyterLab."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder)
    python = folder / "bin" / "python"
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-compile",
    ]
    run(*pip, "--constraint", ROOT / "constraints.txt", f"{wheel}[demo]", cwd=folder)
    return python


def demo_files() -> list[Path]:
    """Files of the bundled models."""
    demo = ROOT / "latentwidgets" / "demo"
    kinds = {".safetensors", ".npz", ".json", ".md"}
    return [path for path in demo.rglob("*") if path.suffix in kinds]


def test_wheel_carries_what_is_not_python(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    widgets = {path.parent.name for path in ROOT.glob("js/src/*/index.js")}
    assert widgets
    for widget in widgets:
        assert f"latentwidgets/static/{widget}.js" in names
    assert "latentwidgets/py.typed" in names
    made = {path.relative_to(ROOT).as_posix() for path in demo_files()}
    assert any(name.endswith(".safetensors") for name in made)
    assert made <= {*names}
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "tools/"))]


def test_installed_wheel_makes_a_widget(python: Path, tmp_path: Path) -> None:
    shown = json.loads(run(python, "-I", "-c", MAKE, cwd=tmp_path))
    assert Path(shown["file"]).is_relative_to(python.parents[1])
    assert "application/vnd.jupyter.widget-view+json" in shown["mimes"]
    assert "image/png" in shown["mimes"]
    assert min(shown["size"]) >= 8


def test_installed_wheel_is_loaded_by_the_server(python: Path, tmp_path: Path) -> None:
    assert (python.parents[1] / CONFIG).is_file()
    code = "import sys; from jupyter_server.extension.serverextension import main; main()"
    listed = run(python, "-I", "-c", code, "list", cwd=tmp_path)
    assert re.search(r"latentwidgets\.server\b.*OK", listed, re.DOTALL), listed


def test_installed_wheel_shows_a_widget_in_jupyterlab(
    python: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find()  # which Chromium: found by this environment, not by the clean one
    # `Lab` runs JupyterLab with the interpreter it runs in.
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with Lab() as lab:
        notebook = lab.open([SHOW, "import sys; print(sys.prefix)"])
        notebook.run(0)
        notebook.page.wait_for_selector("canvas.lw-picture[data-lw-exact='true']", timeout=60_000)
        picture = notebook.pixels()[..., :3]
        assert picture.min() < picture.max()
        assert Path(notebook.run(1).text) == python.parents[1]
        notebook.close()
