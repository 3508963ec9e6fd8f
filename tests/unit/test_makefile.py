"""What `make` does in a fresh checkout, as it says itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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
needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm")


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


@pytest.mark.parametrize("missing", FILES_OF_RUNTIME)
def test_what_is_here_goes_on_where_a_page_can_decode_with_it(
    checkout: Path, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LATENTWIDGETS_CI", raising=False)
    have_runtime(checkout)
    folder = checkout / "latentwidgets/runtime"
    (folder / "version.txt").write_text("1.2.3\n", "utf-8")
    (folder / missing).unlink()
    npm = checkout / ".venv/bin/npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    npm.chmod(0o755)
    command = ["make", f"PYTHON={sys.executable}", "runtime"]
    done = subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True)
    version = "unknown" if missing == "version.txt" else "1.2.3"
    on = f"The onnxruntime-web that is here goes on: version {version}, and not all" in done.stdout
    assert on == (missing not in RUNTIME)
    assert ("the kernel decodes networks alone. Tests of pages" in done.stdout) == (not on)


def test_a_release_is_built_as_one(checkout: Path) -> None:
    assert "LATENTWIDGETS_RELEASE=1" in commands(checkout, "dist")


def test_clean_removes_the_runtime(checkout: Path) -> None:
    assert "latentwidgets/runtime" in commands(checkout, "clean")


def run_npm(checkout: Path, registry: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run npm with a registry of this machine, whatever proxy or settings the caller has."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().startswith("npm_config_") and not name.lower().endswith("_proxy")
    }
    env |= {"npm_config_registry": registry, "npm_config_cache": str(checkout / "cache")}
    env |= {"npm_config_userconfig": str(checkout / "none"), "NO_PROXY": "127.0.0.1"}
    how: Any = {"cwd": checkout, "check": False, "capture_output": True, "text": True}
    return subprocess.run(["npm", "--prefix", "js", *command], env=env, timeout=45, **how)


@pytest.fixture
def busy() -> Iterator[tuple[str, list[str]]]:
    """A registry that answers that it is busy, and what it was asked for."""
    asked: list[str] = []

    class Busy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(503)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@needs_npm
def test_where_there_is_no_registry_npm_says_so_in_seconds(
    checkout: Path, busy: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "npm_config_proxy"):
        monkeypatch.setenv(name, busy[0])
    monkeypatch.setenv("npm_config_fetch_retries", "9")
    # Nothing listens at this port. npm's own settings wait for more than a minute.
    found = run_npm(checkout, "http://127.0.0.1:9", "ci")
    assert found.returncode != 0
    assert "ECONNREFUSED" in found.stderr
    assert not busy[1], "the caller's proxy is left alone"


@needs_npm
def test_the_runtime_is_waited_for_as_js_npmrc_says(
    checkout: Path, busy: tuple[str, list[str]]
) -> None:
    settings = checkout / "js/.npmrc"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("fetch-retries=2", "fetch-retries=1"), "utf-8")
    assert text != settings.read_text("utf-8")
    found = run_npm(checkout, busy[0], "run", "runtime")
    assert found.returncode != 0
    assert busy[1] == ["/onnxruntime-web"] * 2, found.stderr


def test_what_npm_waits_for_is_said_before_it_waits(checkout: Path) -> None:
    told = commands(checkout, "js")
    assert told.index("registry cannot be reached") < told.index("npm --prefix js ci")
