"""What is built can be installed: a wheel made from the source distribution, tried on its own.

The environment is clean: it shares no package with the one that runs the tests, and does not see
the repository.
"""

from __future__ import annotations

import email
import gzip
import json
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from latentwidgets.engine.exports import GPU_RUNTIME, RUNTIME
from tests.browser.lab import Lab
from tests.runtime import need_runtime
from tools.chromium import find

ROOT = Path(__file__).parents[2]
CONFIG = "etc/jupyter/jupyter_server_config.d/latentwidgets.json"
LABEXTENSION = "share/jupyter/labextensions/latentwidgets/static/remoteEntry.js"

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

# What only the extras of a demo can do.
DEMOS = """
import json

import latentwidgets as lw

demos = [lw.demo.digits(), lw.demo.faces(), lw.demo.diffusion(), lw.demo.stories()]
shown = [len(one.space.decode(one.space.sample(1))) for one in demos]
print(json.dumps({"file": lw.__file__, "shown": shown, "map": repr(lw.LatentMap(demos[0]))}))
"""

# What an installation from a clone shows, and why its page leaves a network to the kernel.
WITHOUT = """
import json

import latentwidgets as lw

digits = lw.demo.digits()
widget = lw.Interpolator(digits.space, digits.latents[:2], value=0.5)
assert min(widget.image().size) >= 8
try:
    widget.run = "page"
    lw.Interpolator(digits.space, digits.latents[:2], run="page")
except lw.errors.LatentValueError as error:
    print(json.dumps({"file": lw.__file__, "reason": str(error)}))
"""

pytestmark = pytest.mark.timeout(900)


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build what is released."""
    need_runtime()
    folder = tmp_path_factory.mktemp("dist")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LATENTWIDGETS_RELEASE", "1")
        run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Copy what git has of the package: no onnxruntime-web."""
    folder = tmp_path / "clone"
    listed = run("git", "ls-files", "-z", "--", ROOT / "latentwidgets", cwd=ROOT).split("\0")
    others = [
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "tools/build_hook.py",
        "jupyter-config",
        "labextensions",
    ]
    for name in (*filter(None, listed), *others):
        to = folder / name
        to.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile)(ROOT / name, to)
    return folder


def installed(what: str, folder: Path) -> Path:
    """Interpreter of a new environment that has something, and JupyterLab."""
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
    run(*pip, "--constraint", ROOT / "constraints.txt", what, "jupyterlab", cwd=folder)
    return python


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Interpreter of a new environment that has the wheel alone, and JupyterLab."""
    return installed(str(wheel), tmp_path_factory.mktemp("clean"))


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


def test_wheel_carries_what_runs_decoders_in_a_page(wheel: Path) -> None:
    names = ("LICENSE", "version.txt", *RUNTIME, *GPU_RUNTIME)
    with zipfile.ZipFile(wheel) as file:
        licence, version, *runtimes = (file.read(f"latentwidgets/runtime/{name}") for name in names)
    for code, wasm in (runtimes[:2], runtimes[2:]):
        assert gzip.decompress(wasm).startswith(b"\0asm")
        assert b"InferenceSession" in gzip.decompress(code)
    assert licence.startswith(b"onnxruntime-web " + version.strip())
    assert b"MIT License" in licence


def test_the_extra_of_the_demo_asks_for_all_that_its_parts_do(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        (name,) = [one for one in file.namelist() if one.endswith(".dist-info/METADATA")]
        told = email.message_from_bytes(file.read(name))
    lines = [line.replace('"', "'").partition(";") for line in told.get_all("Requires-Dist", [])]
    needs = {
        extra: {what.strip() for what, _, when in lines if f"extra == '{extra}'" in when}
        for extra in told.get_all("Provides-Extra", [])
    }
    for part in ("diffusion", "language", "map", "page"):
        assert needs[part], part
        assert needs[part] <= needs["demo"], part
    assert any(what.startswith("jupyterlab>=") for what in needs["demo"])


@pytest.mark.slow
def test_no_release_is_built_of_a_clone_that_lacks_it(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENTWIDGETS_RELEASE", "1")
    command = [sys.executable, "-m", "build", "--outdir", str(clone / "dist"), str(clone)]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "latentwidgets/runtime lacks ort.mjs.gz" in done.stdout + done.stderr


@pytest.mark.slow
def test_a_clone_is_installed_without_it(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LATENTWIDGETS_RELEASE", raising=False)
    to = clone.parent / "installed"
    pip = (sys.executable, "-m", "pip", "install", "--no-deps", "--no-compile", "--target")
    run(*pip, to, clone, cwd=clone.parent)
    monkeypatch.setenv("PYTHONPATH", str(to))
    done = json.loads(run(sys.executable, "-c", WITHOUT, cwd=clone.parent))
    assert Path(done["file"]).is_relative_to(to)
    assert "lacks onnxruntime-web" in done["reason"]


def test_installed_wheel_makes_a_widget(python: Path, tmp_path: Path) -> None:
    shown = json.loads(run(python, "-I", "-c", MAKE, cwd=tmp_path))
    assert Path(shown["file"]).is_relative_to(python.parents[1])
    assert "application/vnd.jupyter.widget-view+json" in shown["mimes"]
    assert "image/png" in shown["mimes"]
    assert min(shown["size"]) >= 8


def test_installed_wheel_is_loaded_by_the_server(python: Path, tmp_path: Path) -> None:
    assert (python.parents[1] / CONFIG).is_file()
    assert (python.parents[1] / LABEXTENSION).is_file()
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


@pytest.mark.slow
def test_the_extra_of_the_demo_brings_all_that_they_need(wheel: Path, tmp_path: Path) -> None:
    python = installed(f"{wheel}[demo]", tmp_path / "clean")
    shown = json.loads(run(python, "-I", "-c", DEMOS, cwd=tmp_path))
    assert Path(shown["file"]).is_relative_to(python.parents[1])
    assert shown["shown"] == [1, 1, 1, 1]
    assert shown["map"] == "LatentMap(digits, 1,797 latents)"
