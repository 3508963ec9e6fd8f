"""A real Jupyter and a real Chromium, driven from Python.

`Lab` starts both and ends both; `Lab.open` gives a `Notebook`, one browser page showing one
notebook. The interpreter that runs this file runs the server and its kernels, with a home of their
own, so that nothing of the person's set-up is read or written.

>>> with Lab() as lab:                                             # doctest: +SKIP
...     notebook = lab.open(["1 + 1"])
...     notebook.run(0).text
'2'
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests import warm_kernel
from tests.browser.notebook import STATE, Notebook
from tools.chromium import find

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LABEXTENSIONS = Path(__file__).parents[2] / "labextensions"
# Keeps widgets from exporting their decoders to the page, of which only its own tests are.
KERNELS_DECODE = {"LATENTWIDGETS_RUN": "kernel"}
START_SECONDS = 90.0
OPEN_SECONDS = 45.0
STOP_SECONDS = 20.0

IS_OPEN = """(name) => {
    const { context, sessionContext } = window.jupyterapp?.shell.currentWidget ?? {};
    const kernel = sessionContext?.session?.kernel;
    return context?.path === name && sessionContext.isReady
        && kernel?.status === 'idle' && kernel.connectionStatus === 'connected';
}"""
# Saves the notebook that is shown; done once the server has it.
SAVE = """async () => {
    const { commands, shell } = window.jupyterapp;
    await commands.execute('docmanager:save');
    return shell.currentWidget.context.path;
}"""

# What would otherwise open a dialog, or take a cell that is out of view out of the page.
SETTINGS: dict[str, dict[str, Any]] = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
    "docmanager-extension/plugin": {"autosave": False},
}


class App(NamedTuple):
    """A front end of Jupyter: what starts it, its name in options, where it shows notebooks."""

    module: str
    name: str
    path: str


# What nbgrader, which a test of notebooks needs, adds to Jupyter wherever it is installed.
FOREIGN_ON_THE_SERVER = [
    f"nbgrader.server_extensions.{name}"
    for name in ("assignment_list", "course_list", "formgrader", "validate_assignment")
]
FOREIGN_IN_THE_PAGE = "@jupyter/nbgrader"


APPS = {
    "lab": App("jupyterlab", "LabApp", "lab/tree"),
    "notebook": App("notebook", "JupyterNotebookApp", "notebooks"),
}


class Lab:
    """JupyterLab and Chromium, started on entry and ended on exit.

    Parameters
    ----------
    env
        Environment variables for the server and its kernels, on top of this process's own.
    settings
        JupyterLab settings by "extension/plugin", on top of `SETTINGS`.
    extensions
        Server extensions to switch on or off, whatever the environment says.
    viewport
        Width and height of the pages in CSS pixels.
    app
        Which front end to start: a name in `APPS`.
    browser
        A Chromium that runs already, and is left running; one of its own if None.
    warm
        Whether kernels are forks of a process that has imported what notebooks import, where the
        system can: see `warm_kernel`.
    policy
        A Content-Security-Policy that the server sends with its pages, in place of its own.
    """

    def __init__(
        self,
        *,
        env: Mapping[str, str] | None = None,
        settings: Mapping[str, dict[str, Any]] | None = None,
        extensions: Mapping[str, bool] | None = None,
        viewport: tuple[int, int] = (1280, 960),
        app: str = "lab",
        browser: Browser | None = None,
        warm: bool = False,
        policy: str = "",
    ) -> None:
        self.token = secrets.token_hex(16)
        self.url = ""
        self._env = dict(env or {})
        self._settings = {**SETTINGS, **(settings or {})}
        self._extensions = dict(extensions or {})
        self._viewport = viewport
        self._app = APPS[app]
        self._browser = browser
        self._warm = warm
        self._policy = policy
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Lab:
        """Start JupyterLab and Chromium."""
        with contextlib.ExitStack() as stack:
            temporary = tempfile.TemporaryDirectory(prefix="lw-lab-", ignore_cleanup_errors=True)
            self.folder = Path(stack.enter_context(temporary))
            self.root = self.folder / "root"
            stack.enter_context(self._server())
            self.browser = self._browser or stack.enter_context(_chromium())
            self._exit = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        """End both, and remove their folder."""
        self._exit.close()

    def open(
        self, sources: Sequence[str], *, theme: str = "light", page: Page | None = None
    ) -> Notebook:
        """Write a notebook with one code cell a source, and open it as `visit` does.

        Where Jupyter does not come to show it, which has nothing to do with what is tested, it is
        written and opened once more, in a page of its own; a warning says so.
        """
        try:
            return self.visit(self._write(sources), theme=theme, page=page)
        except TimeoutError as error:
            warnings.warn(f"Jupyter did not show a notebook: {error}", stacklevel=2)
            return self.visit(self._write(sources), theme=theme)

    def _write(self, sources: Sequence[str]) -> str:
        name = f"notebook-{secrets.token_hex(4)}.ipynb"
        (self.root / name).write_text(json.dumps(_notebook(sources)), encoding="utf-8")
        return name

    def visit(self, name: str, *, theme: str = "light", page: Page | None = None) -> Notebook:
        """Open a notebook that already lies in `root`, and wait for its kernel.

        It gets a page of its own, or the one given: of this JupyterLab, left by another notebook.

        Raises
        ------
        TimeoutError
            If Jupyter does not show it with a kernel that answers; the page is closed.
        """
        if page is None:
            width, height = self._viewport
            page = self.browser.new_page(viewport={"width": width, "height": height})
            notebook = Notebook(page, stacks=self._stacks)
            notebook.page.goto(f"{self.url}/{self._app.path}/{name}?reset&token={self.token}")
        else:
            notebook = Notebook(page, stacks=self._stacks)
            page.evaluate(
                """async (path) => {
                    await window.jupyterapp.commands.execute('docmanager:open', { path });
                }""",
                name,
            )
        try:
            notebook.page.wait_for_function(IS_OPEN, arg=name, timeout=OPEN_SECONDS * 1000)
        except Error as error:
            state = notebook.page.evaluate(STATE)
            notebook.page.close()
            raise TimeoutError(f"after {OPEN_SECONDS:g} s it is {state}") from error
        notebook.set_theme(theme)
        return notebook

    @contextlib.contextmanager
    def _server(self) -> Iterator[None]:
        """Run Jupyter until the block ends."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        env = self._environment()
        command = [sys.executable, "-m", self._app.module, "--no-browser", "--allow-root"]
        command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
        command += [f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.root}"]
        command += [f"--{self._app.name}.expose_app_in_browser=True"]
        kernels = warm_kernel.kernels(self.folder / "first", env=env)
        with (
            kernels if self._warm else contextlib.nullcontext(),
            running(command, f"{self.url}/api/status?token={self.token}", cwd=self.root, env=env),
        ):
            yield

    def _stacks(self) -> str:
        return warm_kernel.stacks(self.folder / "first")

    def _environment(self) -> dict[str, str]:
        """Make the folders that Jupyter reads and writes, and point everything at them."""
        env = {**os.environ, "HOME": str(self.folder / "home")}
        for kind in ("config", "data", "runtime"):
            env[f"JUPYTER_{kind.upper()}_DIR"] = str(self.folder / kind)
        settings = self.folder / "settings"
        env["JUPYTERLAB_SETTINGS_DIR"] = str(settings)
        env["JUPYTERLAB_WORKSPACES_DIR"] = str(self.folder / "workspaces")
        env["JUPYTER_PATH"] = str(self.folder / "first")  # before what the interpreter has
        for name in ("home", "config", "data", "runtime", "root", "workspaces", "first"):
            (self.folder / name).mkdir()
        shutil.copytree(LABEXTENSIONS, self.folder / "first" / "labextensions")
        for plugin, values in self._settings.items():
            path = settings / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values), encoding="utf-8")
        extensions = {**dict.fromkeys(FOREIGN_ON_THE_SERVER, False), **self._extensions}
        options: dict[str, Any] = {"jpserver_extensions": extensions}
        if self._policy:
            options["tornado_settings"] = {"headers": {"Content-Security-Policy": self._policy}}
        config = {"ServerApp": options}
        path = self.folder / "config" / "jupyter_server_config.json"
        path.write_text(json.dumps(config), encoding="utf-8")
        path = self.folder / "config" / "labconfig" / "page_config.json"
        path.parent.mkdir()
        disabled = {"disabledExtensions": {FOREIGN_IN_THE_PAGE: True}}
        path.write_text(json.dumps(disabled), encoding="utf-8")
        return {**env, **self._env}


def reload(notebook: Notebook) -> None:
    """Save a notebook, load its page anew, and wait for its kernel, which goes on."""
    name = notebook.page.evaluate(SAVE)
    notebook.page.reload()
    notebook.page.wait_for_function(IS_OPEN, arg=name, timeout=OPEN_SECONDS * 1000)


@contextlib.contextmanager
def running(
    command: Sequence[str], url: str, *, cwd: Path, env: Mapping[str, str]
) -> Iterator[None]:
    """Run a server until the block ends; it is up once it answers at `url`."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            if not _answers(url, process):
                log.seek(0)
                said = log.read().decode("utf-8", errors="replace")
                raise RuntimeError(f"{' '.join(command[:4])} did not start:\n{said[-4000:]}")
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(url, timeout=5)
            return True
        time.sleep(0.2)
    return False


@contextlib.contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=CHROMIUM_ARGS)
        try:
            yield browser
        finally:
            browser.close()


def free_port() -> int:
    """Find a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _notebook(sources: Sequence[str]) -> dict[str, Any]:
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{i}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for i, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells}
