"""A real marimo, driven from Python as `Lab` drives Jupyter."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.lab import KERNELS_DECODE, free_port, running
from tests.browser.notebook import BrowserPage

# All cells run at once, and the theme is what the browser says.
CONFIG = """
[runtime]
auto_instantiate = true
[display]
theme = "system"
"""


@contextlib.contextmanager
def run_marimo(
    browser: Browser, folder: Path, sources: Sequence[str], *, mode: str = "edit"
) -> Iterator[BrowserPage]:
    """Run a marimo notebook with one cell a source, and show it in a page of its own.

    Parameters
    ----------
    browser
        The Chromium to show it in.
    folder
        An empty folder, for the notebook and a home of marimo's own.
    sources
        The cells.
    mode
        "edit", or "run" for an app that shows outputs alone.
    """
    notebook = folder / "notebook.py"
    notebook.write_text(_notebook(sources), encoding="utf-8")
    config = folder / "home" / ".config" / "marimo" / "marimo.toml"
    config.parent.mkdir(parents=True)
    config.write_text(CONFIG, encoding="utf-8")
    env = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    env |= {"HOME": str(folder / "home"), **KERNELS_DECODE}
    token, port = secrets.token_hex(16), free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "marimo", "--yes", mode, str(notebook), "--headless"]
    command += ["--host=127.0.0.1", f"--port={port}", f"--token-password={token}"]
    with running(command, f"{url}/health", cwd=folder, env=env):
        page = browser.new_page(viewport={"width": 1280, "height": 960})
        shown = BrowserPage(page)
        page.goto(f"{url}/?access_token={token}")
        try:
            yield shown
        finally:
            page.context.close()


def _notebook(sources: Sequence[str]) -> str:
    cells = [f"@app.cell\ndef _():\n{textwrap.indent(one.strip(), '    ')}\n" for one in sources]
    return "\n".join(["import marimo\n\napp = marimo.App(width='full')\n", *cells])
