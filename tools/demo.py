"""Open JupyterLab on the quickstart notebook, in a browser where one can be opened.

The server keeps its settings in the environment's own folder: the person's Jupyter is neither read
nor changed. What it would warn of without need is set right or, of one line, left out, so that what
does appear is worth reading.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import webbrowser
from pathlib import Path

import nbformat
from nbformat.sign import NotebookNotary

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = "notebooks/quickstart.ipynb"
HOME = Path(sys.prefix, "demo")
START_SECONDS = 120
STOP_SECONDS = 20
# A dialog over the notebook is not what a newcomer should see first.
QUIET = {"fetchNews": "false", "checkForUpdates": False}
# How the server would set its own pings, after a warning: in milliseconds.
PINGS = {"ws_ping_timeout": 30_000}
# ipykernel 7.4 warns each time that messages are not encrypted: they never leave this machine, and
# with `KernelManager.transport_encryption` a server was seen not to end any more.
KERNEL_CONFIG = """import logging

logging.getLogger("IPKernelApp").addFilter(
    lambda record: "running over TCP without encryption" not in record.getMessage()
)
"""


def main() -> int:
    """Start the server, show the address, and stay until it ends or Ctrl-C is pressed."""
    port, token = free_port(), secrets.token_hex(16)
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--log-level=WARN"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={ROOT}", f"--IdentityProvider.token={token}"]
    command += ["--LabApp.log_level=WARN", f"--ServerApp.tornado_settings={PINGS}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    trust_notebooks()
    # A session of its own, so that Ctrl-C reaches this process alone and the server ends in order.
    server = subprocess.Popen(command, env=environment(), start_new_session=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if wait_until_up(server, f"{address}/api/status?token={token}"):
            show(f"{address}/lab/tree/{NOTEBOOK}?token={token}")
        return server.wait()
    except KeyboardInterrupt:
        print("\nStopping JupyterLab.", flush=True)
        with contextlib.suppress(KeyboardInterrupt):  # pressed once more
            stop(server, f"{address}/api/shutdown?token={token}")
        return 0


def free_port() -> int:
    """Give Jupyter's usual port if it is free, else any that is."""
    for port in (8888, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OSError("No port is free on 127.0.0.1.")


def environment() -> dict[str, str]:
    """Give the variables that keep Jupyter and IPython in a folder of the environment."""
    notification = Path("lab", "user-settings", "@jupyterlab", "apputils-extension")
    settings = HOME / "config" / notification / "notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps(QUIET), encoding="utf-8")
    kernel = HOME / "ipython" / "profile_default" / "ipython_kernel_config.py"
    kernel.parent.mkdir(parents=True, exist_ok=True)
    kernel.write_text(KERNEL_CONFIG, encoding="utf-8")
    folders = {
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "config/lab/user-settings",
        "JUPYTERLAB_WORKSPACES_DIR": "config/lab/workspaces",
    }
    return {**os.environ, **{name: str(HOME / folder) for name, folder in folders.items()}}


def trust_notebooks() -> None:
    """Tell Jupyter that the notebooks of this checkout are from whoever wrote its code.

    What else lies in their folder, or was changed, may be from anybody.
    """
    (HOME / "data").mkdir(parents=True, exist_ok=True)
    notary = NotebookNotary(data_dir=str(HOME / "data"))
    with contextlib.closing(notary.store):
        for path in as_committed("notebooks/*.ipynb"):
            with contextlib.suppress(Exception):  # that cannot be read: it is just not trusted
                notary.sign(nbformat.read(path, as_version=4))


def as_committed(pattern: str) -> list[Path]:
    """List files that git tracks and that are as they were committed; none where git cannot tell.

    Examples
    --------
    >>> len(as_committed("*.no such ending"))
    0
    """

    def named(*command: str) -> set[str]:
        asked = ["git", "-C", str(ROOT), *command, "-z", "--", pattern]
        said = subprocess.run(asked, check=True, capture_output=True, text=True, encoding="utf-8")
        return {*said.stdout.split("\0")} - {""}

    with contextlib.suppress(OSError, subprocess.CalledProcessError, UnicodeDecodeError):
        changed = named("diff", "HEAD", "--name-only", "--relative", "--no-ext-diff")
        return [ROOT / name for name in sorted(named("ls-files") - changed)]
    return []


def stop(server: subprocess.Popen[bytes], address: str) -> None:
    """Ask the server to end in order; tell it to, where it does not answer or nobody waits."""
    try:
        with contextlib.suppress(OSError, http.client.HTTPException, subprocess.TimeoutExpired):
            _direct().open(urllib.request.Request(address, method="POST"), timeout=5).close()
            server.wait(STOP_SECONDS)
    finally:
        if server.poll() is None:
            server.terminate()
    server.wait()


def _direct() -> urllib.request.OpenerDirector:
    """Open addresses of this machine, past any proxy."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def wait_until_up(server: subprocess.Popen[bytes], address: str) -> bool:
    """Wait until the server answers; False if it ended or never did."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            _direct().open(address, timeout=5).close()
            return True
        time.sleep(0.2)
    return False


def show(address: str) -> None:
    """Print the address, and open it where there is a browser with a window."""
    opened = has_window() and webbrowser.open(address)
    print("\nThe demo is open in your browser. Its address:" if opened else "\nOpen this address:")
    print(f"\n    {address}\n\nCtrl-C stops it.\n", flush=True)


def has_window() -> bool:
    """Tell whether a browser would open in a window, not as text in this terminal."""
    if sys.platform in ("darwin", "win32") or os.environ.get("BROWSER"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
