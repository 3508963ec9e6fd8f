"""What `make demo` does around its server: what it trusts, and that nothing is left running."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from threading import Thread
from types import ModuleType

import nbformat
import pytest
from nbformat.sign import NotebookNotary

from tools import demo

ROOT = Path(__file__).parents[2]
# A server that does not end by itself. It holds the end of this pipe as long as it runs.
STOPS = """
import subprocess, sys
from tools import demo

server = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
demo.stop(server, sys.argv[1])
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of two notebooks, as the demo's own."""
    root = tmp_path / "clone"
    (root / "notebooks").mkdir(parents=True)
    for name in ("one", "two"):
        write(root / f"notebooks/{name}.ipynb", name)
    monkeypatch.setattr(demo, "ROOT", root)
    monkeypatch.setattr(demo, "HOME", tmp_path / "home")
    return root


def write(path: Path, text: str) -> None:
    cell = nbformat.v4.new_code_cell(text, id="cell")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)


def committed(root: Path) -> None:
    person = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], [*person, "commit", "-qm", "first"]):
        subprocess.run(["git", "-C", str(root), *command], check=True)


def trusted(demo: ModuleType) -> list[str]:
    """Name the notebooks that Jupyter trusts, once the demo was started."""
    demo.trust_notebooks()
    notary = NotebookNotary(data_dir=str(demo.HOME / "data"))
    found = []
    for path in sorted(demo.ROOT.glob("notebooks/*.ipynb")):
        try:
            if notary.check_signature(nbformat.read(path, as_version=4)):
                found.append(path.stem)
        except ValueError:
            assert path.stem == "broken"
    notary.store.close()
    return found


@pytest.mark.skipif(not shutil.which("git"), reason="there is no git")
def test_only_notebooks_that_are_as_they_were_committed_are_trusted(checkout: Path) -> None:
    write(checkout / "notebooks/broken.ipynb", "")
    (checkout / "notebooks/broken.ipynb").write_text("no notebook", "utf-8")
    committed(checkout)
    write(checkout / "notebooks/sent.ipynb", "import os")
    assert trusted(demo) == ["one", "two"]
    write(checkout / "notebooks/two.ipynb", "something else")
    assert trusted(demo) == ["one"]


def test_without_a_repository_none_is_trusted(checkout: Path) -> None:
    assert trusted(demo) == []


def test_without_git_none_is_trusted(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert trusted(demo) == []


def hears_ctrl_c() -> None:
    """Take what a terminal's process has: one in the background ignores it, and so do its own."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_ctrl_c_while_the_server_is_asked_to_end_ends_it() -> None:
    with socket.socket() as never_answers:
        never_answers.bind(("127.0.0.1", 0))
        never_answers.listen()
        address = f"http://127.0.0.1:{never_answers.getsockname()[1]}/"
        command = [sys.executable, "-c", STOPS, address]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            preexec_fn=hears_ctrl_c,
        )
        connection, _ = never_answers.accept()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)  # until nobody holds the pipe
        connection.close()
    assert process.returncode != 0


@pytest.mark.parametrize("answer", [b"no HTTP\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_answers_anything_is_ended(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "STOP_SECONDS", 0.1)
    with socket.socket() as odd:
        odd.bind(("127.0.0.1", 0))
        odd.listen()
        address = f"http://127.0.0.1:{odd.getsockname()[1]}/"
        server = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])

        def reply() -> None:
            connection, _ = odd.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = Thread(target=reply)
        thread.start()
        demo.stop(server, address)
        thread.join()
    assert server.poll() is not None
