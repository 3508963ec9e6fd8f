"""One notebook in one page of a real Jupyter: run cells, read outputs, look at pixels."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import ConsoleMessage, Error, Locator, Page

# Written before a value that is read out of the kernel.
MARK = "value: "
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# Less than a test may take.
CELL_SECONDS = 60.0
IS_DONE = "() => window.lwRunDone"
# What Jupyter says of the notebook it shows, and whether the page is painted.
STATE = """async () => {
    const { context, sessionContext } = window.jupyterapp?.shell.currentWidget ?? {};
    const kernel = sessionContext?.session?.kernel;
    const painted = new Promise((done) => { requestAnimationFrame(() => done(true)); });
    const late = new Promise((done) => { setTimeout(() => done(false), 2000); });
    return {
        shown: context?.path, ready: sessionContext?.isReady,
        status: kernel?.status, connection: kernel?.connectionStatus,
        asks: [...document.querySelectorAll('.jp-Dialog')].map((one) => one.textContent),
        painted: await Promise.race([painted, late]),
    };
}"""
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


@dataclass(frozen=True)
class Result:
    """The outputs of one cell, as nbformat writes them."""

    outputs: list[dict[str, Any]]

    @property
    def error(self) -> str | None:
        """The traceback as plain text, or None where the cell raised nothing."""
        for output in self.outputs:
            if output["output_type"] == "error":
                return ANSI.sub("", "\n".join(output["traceback"])) or str(output["evalue"])
        return None

    @property
    def text(self) -> str:
        """What the cell printed and what its last line shows as text, stripped."""
        parts = []
        for output in self.outputs:
            shown = output.get("text") or output.get("data", {}).get("text/plain", "")
            parts.append(shown if isinstance(shown, str) else "".join(shown))
        return "".join(parts).strip()


def wait_repaints(page: Page) -> None:
    """Wait for two repaints of a page: by then it has painted what the mouse and keys did."""
    page.evaluate(
        """() => new Promise((done) => {
            requestAnimationFrame(() => requestAnimationFrame(done));
        })"""
    )


def until(attempt: Callable[[], None], *, seconds: float = 25) -> None:
    """Try until an attempt asserts nothing that is wrong, for some time."""
    end = time.monotonic() + seconds
    while True:
        try:
            return attempt()
        except AssertionError:
            if time.monotonic() > end:
                raise
        time.sleep(0.05)


def wait_still(what: Locator, seconds: float = 0.4) -> None:
    """Wait until something has stood still for so long: a notebook scrolls to what has grown."""
    what.evaluate(
        """(one, wanted) => new Promise((done) => {
            let place = null, since = 0;
            const look = (now) => {
                const { left, top } = one.getBoundingClientRect();
                const here = `${left} ${top}`;
                if (here !== place) [place, since] = [here, now];
                if (now - since >= wanted) done();
                else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
        })""",
        seconds * 1000,
    )


@dataclass
class BrowserPage:
    """One page of the browser, that shows widgets.

    `page` is Playwright's page; `console_errors` holds what the page's console complained about.
    """

    page: Page
    console_errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Listen to the page's console from the start."""
        self.page.on("console", self._collect)
        self.page.on("pageerror", self._collect_uncaught)

    def _collect(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console_errors.append(f"{message.text} ({message.location['url']})")

    def _collect_uncaught(self, error: Error) -> None:
        self.console_errors.append(str(error))

    def screenshot(self, path: str | Path, *, selector: str | None = None) -> Path:
        """Save the page, or the first element that `selector` finds, as PNG."""
        if selector is None:
            self.page.screenshot(path=path)
        else:
            self.page.locator(selector).first.screenshot(path=path)
        return Path(path)

    def pixels(self, selector: str = "canvas.lw-picture") -> np.ndarray:
        """Read the backing store of the first canvas found: uint8 `(height, width, 4)`."""
        data = self.page.locator(selector).first.evaluate(
            """(canvas) => {
                const { width, height } = canvas;
                const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
                const parts = [];
                for (let i = 0; i < data.length; i += 32768) {
                    parts.push(String.fromCharCode(...data.subarray(i, i + 32768)));
                }
                return { width, height, base64: btoa(parts.join('')) };
            }"""
        )
        flat = np.frombuffer(base64.b64decode(data["base64"]), np.uint8)
        return flat.reshape(data["height"], data["width"], 4)


@dataclass
class Notebook(BrowserPage):
    """One notebook of Jupyter in one page of the browser.

    `stacks` says where the threads of its kernel are: for when a cell comes to no end.
    """

    stacks: Callable[[], str] = str

    def run(
        self, index: int, *, timeout: float = CELL_SECONDS, allow_error: bool = False
    ) -> Result:
        """Run one cell, wait until it is done, and give its outputs.

        Raises
        ------
        AssertionError
            If the cell raised and `allow_error` is false.
        TimeoutError
            If it is not done in time; says in what state the kernel is, and where its threads are.
        """
        self.start(index)
        try:
            # Asked by the clock: a page that is not painted would never say so.
            self.page.wait_for_function(IS_DONE, timeout=timeout * 1000, polling=20)
        except Error as error:
            state = f"{self.page.evaluate(STATE)}; its threads:\n{self.stacks()}"
            raise TimeoutError(f"after {timeout:g} s cell {index} runs; it is {state}") from error
        result = self.result(index)
        if result.error and not allow_error:
            raise AssertionError(f"cell {index} raised:\n{result.error}")
        return result

    def start(self, index: int) -> None:
        """Run one cell and return at once."""
        self.page.evaluate(
            """(index) => {
                const { commands, shell } = window.jupyterapp;
                shell.currentWidget.content.activeCellIndex = index;
                shell.currentWidget.content.deselectAll();
                window.lwRunDone = false;
                commands.execute('notebook:run-cell').finally(() => { window.lwRunDone = true; });
            }""",
            index,
        )

    def result(self, index: int) -> Result:
        """Give the outputs that a cell has now."""
        outputs = self.page.evaluate(
            """(index) => {
                const { content } = window.jupyterapp.shell.currentWidget;
                return content.widgets[index].model.outputs.toJSON();
            }""",
            index,
        )
        return Result(outputs)

    def execute(
        self, source: str, *, timeout: float = CELL_SECONDS, allow_error: bool = False
    ) -> Result:
        """Add a cell at the end, run it, and give its outputs."""
        index = self.page.evaluate(
            """(source) => {
                const { model } = window.jupyterapp.shell.currentWidget.content;
                model.sharedModel.addCell({ cell_type: 'code', source });
                return model.cells.length - 1;
            }""",
            source,
        )
        return self.run(index, timeout=timeout, allow_error=allow_error)

    def value(self, expression: str) -> Any:
        """Give the value of a Python expression in the kernel, as JSON has it.

        A progress bar, or a warning, that the expression shows is no part of it.
        """
        result = self.execute(f"import json; print({MARK!r} + json.dumps({expression}))")
        return json.loads(result.text.rpartition(MARK)[2].splitlines()[0])

    def wait_value(self, expression: str, expected: Any, *, seconds: float = 25) -> None:
        """Wait until an expression has a value: what a page sets comes to the kernel by itself."""
        end = time.monotonic() + seconds
        while (found := self.value(expression)) != expected:
            assert time.monotonic() < end, f"{expression} is {found}; expected {expected}"

    def output(self, index: int) -> Locator:
        """Give the element that shows the outputs of a cell."""
        cell = self.page.locator(".jp-Notebook .jp-Cell").nth(index)
        return cell.locator(".jp-Cell-outputArea")

    def set_theme(self, theme: str) -> None:
        """Switch JupyterLab to its "light" or its "dark" theme."""
        self.page.evaluate(
            "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })",
            THEMES[theme],
        )
        light = json.dumps(theme == "light")
        self.page.wait_for_selector(f"body[data-jp-theme-light='{light}']", state="attached")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def leave(self) -> Page:
        """Shut the kernel down and close the notebook; its page can show another."""
        self.page.evaluate(
            """async () => {
                const { currentWidget } = window.jupyterapp.shell;
                // jupyter-scatter tells its kernel up to 250 ms later how far it is zoomed.
                const map = currentWidget.node.querySelector('.lw-ground');
                if (map) await new Promise((done) => { setTimeout(done, 300); });
                await currentWidget.sessionContext.shutdown();
                currentWidget.dispose(); // asks nobody whether to save
            }"""
        )
        self.page.context.clear_permissions()
        self.page.mouse.move(0, 0)
        self.page.remove_listener("console", self._collect)
        self.page.remove_listener("pageerror", self._collect_uncaught)
        return self.page

    def close(self) -> None:
        """Shut the kernel down and close the page."""
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.context.close()
