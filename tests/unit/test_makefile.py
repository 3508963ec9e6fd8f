"""What `make` does in a fresh checkout, as it says itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from latentwidgets.engine.exports import GPU_RUNTIME, RUNTIME

ROOT = Path(__file__).parents[2]
FILES = (
    "Makefile",
    "js/.npmrc",
    "constraints.txt",
    "pyproject.toml",
    "js/package.json",
    "js/package-lock.json",
    "js/runtime.mjs",
)
FETCHED = "npm --prefix js run runtime"
FILES_OF_RUNTIME = (*RUNTIME, *GPU_RUNTIME, "LICENSE", "version.txt")

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in FILES:
        to = tmp_path / name
        to.parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, to)
    return tmp_path


def commands(checkout: Path, target: str) -> str:
    """List what `make` would run."""
    command = ["make", "--dry-run", f"PYTHON={sys.executable}", target]
    return subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    "target", ["demo", "unit", "browser", "slow", "bench", "wheel", "build", "dist"]
)
def test_what_needs_the_runtime_fetches_it_first(checkout: Path, target: str) -> None:
    found = commands(checkout, target)
    assert FETCHED in found
    others = {
        "build": "run build",
        "bench": "-m benchmarks",
        "demo": "tools/demo.py",
        "dist": "-m build",
    }
    assert found.index(FETCHED) < found.index(others.get(target, "-m pytest"))


def have_runtime(checkout: Path) -> None:
    """Lay out all that makes `make` fetch nothing."""
    fetched = [f"latentwidgets/runtime/{name}" for name in FILES_OF_RUNTIME]
    for i, name in enumerate((".venv/torch.stamp", ".venv/dev.stamp", *fetched)):
        file = checkout / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        os.utime(file, (2e9 + i, 2e9 + i))


def test_the_runtime_is_fetched_again_once_another_is_named(checkout: Path) -> None:
    have_runtime(checkout)
    assert FETCHED not in commands(checkout, "unit")
    os.utime(checkout / ".venv/dev.stamp", (3e9, 3e9))  # another environment, the same runtime
    assert FETCHED not in commands(checkout, "unit")
    os.utime(checkout / "js/runtime.mjs", (3e9, 3e9))
    assert FETCHED in commands(checkout, "unit")


@pytest.mark.parametrize("missing", FILES_OF_RUNTIME)
def test_the_runtime_is_fetched_again_where_some_of_it_is_missing(
    checkout: Path, missing: str
) -> None:
    have_runtime(checkout)
    (checkout / "latentwidgets/runtime" / missing).unlink()
    assert FETCHED in commands(checkout, "unit")
    assert FETCHED in commands(checkout, "dist")


@pytest.mark.parametrize(("ci", "goes_on"), [("", True), ("true", False)])
def test_where_it_cannot_be_fetched_all_goes_on_but_in_ci(
    checkout: Path, ci: str, goes_on: bool
) -> None:
    files = (".venv/torch.stamp", ".venv/dev.stamp", ".venv/bin/npm")
    for i, name in enumerate(files):
        file = checkout / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#!/bin/sh\necho npm cannot be reached\nexit 1\n", "utf-8")
        file.chmod(0o755)
        os.utime(file, (2e9 + i, 2e9 + i))
    command = ["make", f"PYTHON={sys.executable}", "runtime"]
    how: Any = {"cwd": checkout, "check": False, "capture_output": True, "text": True}
    how["env"] = {**os.environ, "LATENTWIDGETS_CI": ci}
    done = subprocess.run(command, **how)
    assert "npm cannot be reached" in done.stdout
    assert (done.returncode == 0) == goes_on
    assert ("no onnxruntime-web here" in done.stdout) == goes_on
    assert ("Tests of pages are skipped" in done.stdout) == goes_on
    if goes_on:
        told = subprocess.run([*command, "SKIPPED="], **how).stdout
        assert "the kernel decodes networks alone" in told
        assert "Tests" not in told
        assert "SKIPPED= runtime" in (ROOT / "Makefile").read_text("utf-8")
        version = checkout / "latentwidgets/runtime/version.txt"
        version.parent.mkdir(parents=True)
        version.write_text("1.2.3\n", "utf-8")
        os.utime(version, (1e9, 1e9))
        told = subprocess.run(command, **how).stdout
        assert "The onnxruntime-web that is here goes on: version 1.2.3" in told
        assert "skipped" not in told


def test_a_release_is_built_as_one(checkout: Path) -> None:
    assert "LATENTWIDGETS_RELEASE=1" in commands(checkout, "dist")


def test_clean_removes_the_runtime(checkout: Path) -> None:
    assert "latentwidgets/runtime" in commands(checkout, "clean")


@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm")
def test_where_there_is_no_registry_npm_says_so_in_seconds(checkout: Path) -> None:
    # Nothing listens at this port. npm's own settings wait for more than a minute.
    npm = {"npm_config_registry": "http://127.0.0.1:9", "npm_config_cache": str(checkout / "cache")}
    found = subprocess.run(
        ["npm", "--prefix", "js", "ci"],
        cwd=checkout,
        env={**os.environ, **npm},
        capture_output=True,
        text=True,
        timeout=45,
    )
    assert found.returncode != 0
    assert "ECONNREFUSED" in found.stderr


def test_what_npm_waits_for_is_said_before_it_waits(checkout: Path) -> None:
    told = commands(checkout, "js")
    assert told.index("registry cannot be reached") < told.index("npm --prefix js ci")
