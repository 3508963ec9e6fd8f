"""Kernels that are there at once: forks of one process that has imported what notebooks import.

To start Python, torch and scikit-learn anew took a test longer than to look at its widget. Jupyter
starts this file in place of a kernel (`start`); it asks the process that waits (`serve`) for a
fork, which is an ipykernel like any other, and stays until that ends.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

IMPORTED = [
    "ipykernel.kernelapp",
    "IPython.core.completer",
    "torch",
    "scipy.ndimage",
    "scipy.optimize",
    "sklearn.cluster",
    "sklearn.covariance",
    "sklearn.decomposition",
    "sklearn.linear_model",
    "sklearn.model_selection",
    "latentwidgets.analysis.typicality",
    "latentwidgets.demo",
    "latentwidgets.widgets.latent_explorer",
    "matplotlib.figure",
]

# How the file is called, after a kernel's number, to which it writes where its threads are.
STACKS = ".stacks"


@contextlib.contextmanager
def kernels(
    folder: Path, *, env: Mapping[str, str] | None = None, also: Sequence[str] = ()
) -> Iterator[None]:
    """Make the kernel "python3" of a Jupyter data folder one that is forked, until the block ends.

    `also` names what its notebooks import beside the usual. Does nothing where the system cannot.
    """
    if sys.platform != "linux":
        yield
        return
    kernel = folder / "kernels" / "python3"
    kernel.mkdir(parents=True)
    path = str(folder / "sock")
    spec = {
        "argv": [sys.executable, "-S", __file__, "start", path, "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
        # A signal would reach what Jupyter started, which is not the kernel.
        "interrupt_mode": "message",
    }
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    command = [sys.executable, __file__, "serve", path, *also]
    with (folder / "kernels.log").open("wb") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            while not Path(path).exists() and process.poll() is None:
                time.sleep(0.02)
            yield
        finally:
            process.kill()
            process.wait()


def serve(path: str, *also: str) -> None:
    """Import, then fork a kernel for each that asks at the socket `path`."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        for name in (*IMPORTED, *also):
            importlib.import_module(name)
        gc.freeze()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            asked, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                _become_kernel(asked, Path(path).parent)
            asked.close()


def start(path: str, connection_file: str) -> None:
    """Ask for a kernel, and stay until it ends; when this process is ended, so is the kernel."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    question = {"file": connection_file, "cwd": os.getcwd(), "env": dict(os.environ)}
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        server.sendall(json.dumps(question).encode() + b"\n")
        server.recv(1)


def stacks(folder: Path) -> str:
    """Say where the threads of all kernels that were forked in a folder are, and run, now.

    What a kernel that answers nobody waits for is not to be learnt in another way.
    """
    for path in folder.glob("*" + STACKS):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(path.name.removesuffix(STACKS)), signal.SIGUSR1)
    time.sleep(1)
    found = {path.name: path.read_text("utf-8") for path in folder.glob("*" + STACKS)}
    return "\n".join(f"{name}:\n{text}" for name, text in found.items() if text)


def _become_kernel(asked: socket.socket, folder: Path) -> None:
    with asked.makefile() as lines:
        question = json.loads(lines.readline())
    os.setsid()
    os.chdir(question["cwd"])
    os.environ.clear()
    os.environ.update(question["env"])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    file = (folder / f"{os.getpid()}{STACKS}").open("w", encoding="utf-8")
    faulthandler.register(signal.SIGUSR1, file, all_threads=True)
    threading.Thread(target=_end_with, args=(asked,), daemon=True).start()
    sys.argv = ["ipykernel_launcher", "-f", question["file"]]
    importlib.import_module("ipykernel.kernelapp").launch_new_instance()
    _end()


def _end_with(asked: socket.socket) -> None:
    asked.recv(1)
    _end()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)  # at once: torch takes a second to say goodbye


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(*sys.argv[2:])
    else:
        start(sys.argv[2], sys.argv[3])
