"""What a newcomer reads in the terminal of `make demo`: an address, and nothing alarming."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from websocket import create_connection

from tests.browser.lab import FOREIGN_ON_THE_SERVER

ROOT = Path(__file__).parents[2]
# What runs in the background may have been told to ignore Ctrl-C, which a terminal has not.
START = """
import pathlib, signal, sys
from tools import demo

signal.signal(signal.SIGINT, signal.default_int_handler)
demo.HOME = pathlib.Path(sys.argv[1])
sys.exit(demo.main())
"""
SECONDS = 100


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_terminal_of_the_demo_shows_nothing_but_the_address(tmp_path: Path) -> None:
    config = tmp_path / "home" / "config" / "jupyter_server_config.json"
    config.parent.mkdir(parents=True)
    extensions = dict.fromkeys(FOREIGN_ON_THE_SERVER, False)  # which the demo does not install
    config.write_text(json.dumps({"ServerApp": {"jpserver_extensions": extensions}}), "utf-8")
    log = tmp_path / "log"
    unset = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
    env = {name: value for name, value in os.environ.items() if name not in unset}
    command = [sys.executable, "-c", START, str(tmp_path / "home")]
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=file, stderr=file)
        try:
            server, token = address_in(log, process)
            asked(f"{server}/api/contents/notebooks/quickstart.ipynb?token={token}")
            kernel = asked(f"{server}/api/kernels?token={token}", b"{}")["id"]
            # As a page does, which a server may have something to say of.
            url = f"{server}/api/kernels/{kernel}/channels?session_id=one&token={token}".replace(
                "http", "ws", 1
            )
            connection = create_connection(url, timeout=SECONDS)
            assert json.loads(connection.recv()) is not None
            connection.close()
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(SECONDS)
    assert code == 0
    said = [line for line in log.read_text("utf-8").splitlines() if line.strip()]
    assert len(said) == 4, "\n".join(said)
    assert [said[0], *said[2:]] == [
        "Open this address:",
        "Ctrl-C stops it.",
        "Stopping JupyterLab.",
    ]


def address_in(log: Path, process: subprocess.Popen[bytes]) -> tuple[str, str]:
    """Wait for the address, and give what of it is the server's, and the token."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(r"(http://\S+)/lab/tree/\S+token=(\w+)", log.read_text("utf-8")):
            return found[1], found[2]
        time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8"))


def asked(url: str, data: bytes | None = None) -> Any:
    with urllib.request.urlopen(url, data, timeout=SECONDS) as answer:
        return json.load(answer)
