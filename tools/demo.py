"""Open JupyterLab on the quickstart notebook, in a browser where one can be opened.

The server keeps its settings in the environment's own folder: the person's Jupyter is neither read
nor changed.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = "notebooks/quickstart.ipynb"
HOME = Path(sys.prefix, "demo")
START_SECONDS = 120
# A dialog over the notebook is not what a newcomer should see first.
QUIET = {"fetchNews": "false", "checkForUpdates": False}


def main() -> int:
    """Start the server, show the address, and stay until it ends or Ctrl-C is pressed."""
    port, token = free_port(), secrets.token_hex(16)
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--log-level=WARN"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={ROOT}", f"--IdentityProvider.token={token}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    # A session of its own, so that Ctrl-C reaches this process alone and the server ends in order.
    server = subprocess.Popen(command, env=environment(), start_new_session=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if wait_until_up(server, f"{address}/api/status?token={token}"):
            show(f"{address}/lab/tree/{NOTEBOOK}?token={token}")
        return server.wait()
    except KeyboardInterrupt:
        print("\nStopping JupyterLab.", flush=True)
        server.terminate()
        server.wait()
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
    folders = {
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "config/lab/user-settings",
        "JUPYTERLAB_WORKSPACES_DIR": "config/lab/workspaces",
    }
    return {**os.environ, **{name: str(HOME / folder) for name, folder in folders.items()}}


def wait_until_up(server: subprocess.Popen[bytes], address: str) -> bool:
    """Wait until the server answers; False if it ended or never did."""
    end = time.monotonic() + START_SECONDS
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            direct.open(address, timeout=5).close()
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
