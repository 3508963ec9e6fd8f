"""A Chromium that nobody listens in on.

Playwright has every message of a page's sockets copied into two processes more. Where megabytes of
frames arrive, that takes the cores that are to be measured. Here only a script is put to the page
now and then.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import websocket
from playwright.sync_api import sync_playwright

from tests.browser.lab import CHROMIUM_ARGS, Lab, free_port
from tests.browser.notebook import Notebook
from tools.chromium import find

START_SECONDS = 60.0
LIMIT_SECONDS = 300.0

# Whether the notebook is there and its kernel at rest; a page without focus has no current widget.
READY = """
() => {
  const [main] = window.jupyterapp?.shell.widgets("main") ?? [];
  if (!main) return false;
  window.jupyterapp.shell.activateById(main.id);
  const session = main.sessionContext;
  return Boolean(session?.isReady && session.session?.kernel?.status === "idle");
}
"""


class Page:
    """One page, by the browser's own debugging protocol."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(address, timeout=LIMIT_SECONDS)
        self._numbers = itertools.count(1)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") != number:
                continue
            if "error" in answer:
                raise RuntimeError(f"{method}: {answer['error']['message']}")
            result: dict[str, Any] = answer["result"]
            return result

    def close(self) -> None:
        """Leave the page alone."""
        self._socket.close()

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """Call a JavaScript function with one argument, and wait for what it resolves to."""
        answer = self.call(
            "Runtime.evaluate",
            expression=f"({function.strip()})({json.dumps(argument)})",
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"].get("exception")))
        return answer["result"].get("value")


@contextlib.contextmanager
def moved(opened: Lab, notebook: Notebook) -> Iterator[Page]:
    """Move a notebook, with its kernel, to a browser of its own."""
    name = notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.context.path")
    notebook.page.goto("about:blank")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="lw-page-", ignore_cleanup_errors=True) as profile:
        command = [
            _chromium(),
            "--headless=new",
            f"--remote-debugging-port={port}",
            "--remote-allow-origins=*",
            f"--user-data-dir={profile}",
            "--window-size=1280,960",
            *CHROMIUM_ARGS,
            "about:blank",
        ]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        try:
            page = Page(_wait(lambda: _address(port)))
            page.call("Emulation.setFocusEmulationEnabled", enabled=True)
            page.call(
                "Page.navigate", url=f"{opened.url}/lab/tree/{name}?reset&token={opened.token}"
            )
            _wait(lambda: page.evaluate(READY))
            yield page
            page.close()
        finally:
            process.terminate()
            process.wait()


def _chromium() -> str:
    found = find()
    if found is not None:
        return found
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def _address(port: int) -> str | None:
    with (
        contextlib.suppress(OSError),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as got,
    ):
        pages = [one for one in json.load(got) if one["type"] == "page"]
        return str(pages[0]["webSocketDebuggerUrl"]) if pages else None
    return None


def _wait(tried: Any) -> Any:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with contextlib.suppress(RuntimeError):  # a page that is on its way to another
            if found := tried():
                return found
        time.sleep(0.2)
    raise RuntimeError("the page did not become ready")
