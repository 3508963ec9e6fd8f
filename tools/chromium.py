"""A Chromium for the browser tests: found where there is one, installed where there is none.

Run as a script it makes sure that there is one, and says which.
"""

from __future__ import annotations

import contextlib
import functools
import os
import platform
import shutil
import subprocess
import sys

VARIABLE = "LATENTWIDGETS_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "There is no Chromium for the browser tests, and none could be installed: that takes root on "
    "Debian or Ubuntu, or a network that lets Playwright download its own. Install Chromium or "
    f"Google Chrome, or set {VARIABLE} to the path of one."
)
INSTALL_SECONDS = 600

# The same interpreter for every trial, whatever a test sets sys.executable to later. A process of
# its own, since Playwright's API for scripts cannot be entered twice in one.
TRIAL = (
    sys.executable,
    "-c",
    "import sys; from playwright.sync_api import sync_playwright\n"
    "with sync_playwright() as playwright:\n"
    "    path = sys.argv[1] or None\n"
    "    playwright.chromium.launch(executable_path=path, args=['--no-sandbox']).close()",
)


class ChromiumMissingError(RuntimeError):
    """There is no Chromium that starts."""


@functools.cache
def find() -> str | None:
    """Give the path of a Chromium that starts, or None for the one Playwright installed itself.

    The answer is what Playwright takes as `executable_path`. First comes the path in the variable
    LATENTWIDGETS_CHROMIUM, then Playwright's own, then what is on the PATH.

    Raises
    ------
    ChromiumMissingError
        If there is none. The message says what to do.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if _starts(named):
            return named
        raise ChromiumMissingError(f"{VARIABLE} is {named!r}, which does not start as a Chromium.")
    if _starts(None):
        return None
    for path in map(shutil.which, NAMES):
        if path and _starts(path):
            return path
    raise ChromiumMissingError(MISSING)


def ensure() -> str | None:
    """Give what `find` gives, after installing a Chromium where there is none.

    Raises
    ------
    ChromiumMissingError
        If there is none and none of the ways to install one works.
    """
    try:
        return find()
    except ChromiumMissingError:
        if os.environ.get(VARIABLE):
            raise
    for command in _installers():
        if _succeeds(command):
            with contextlib.suppress(ChromiumMissingError):
                return find()
    raise ChromiumMissingError(MISSING)


def _installers() -> list[list[str]]:
    """List the commands that may install a Chromium here, best first."""
    commands = []
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if root and platform.system() == "Linux" and shutil.which("apt-get"):
        apt_get = "DEBIAN_FRONTEND=noninteractive apt-get"
        packages = "chromium fonts-liberation"
        install = f"{apt_get} update && {apt_get} install -y --no-install-recommends {packages}"
        commands.append(["sh", "-c", install])
    commands.append([sys.executable, "-m", "playwright", "install", "chromium"])
    return commands


def _starts(path: str | None) -> bool:
    trial = subprocess.run([*TRIAL, path or ""], capture_output=True, check=False)
    return trial.returncode == 0


def _succeeds(command: list[str]) -> bool:
    print(f"No Chromium yet. Trying: {' '.join(command)}", flush=True)
    try:
        run = subprocess.run(command, capture_output=True, check=False, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


if __name__ == "__main__":
    try:
        print(f"Browser tests use {ensure() or 'the Chromium that Playwright installed'}.")
    except ChromiumMissingError as error:
        sys.exit(str(error))
