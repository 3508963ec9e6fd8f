"""The code of the widgets: sent to a page once, saved once, and found wherever it is shown."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import anywidget
import pytest
from nbconvert import HTMLExporter
from playwright.sync_api import Route, WebSocket

from latentwidgets.widgets.code import static
from tests.browser import view
from tests.browser.conftest import OpenMarimo, OpenNotebook
from tests.browser.editor_view import SPACE, EditorView
from tests.browser.grid_view import CELLS, GridView
from tests.browser.lab import Lab
from tests.browser.notebook import BrowserPage, Notebook
from tests.browser.test_kinds import SPACE as KINDS
from tests.browser.test_latent_explorer import EXPLORER
from tests.browser.view import View

Save = Callable[[Notebook], tuple[Path, dict[str, Any]]]

QUARTER = "lw.Interpolator(space, [[0.0], [1.0]], method='lerp', value=0.25)"
TEXT = "lw.Interpolator(spaces['text'], ends, method='lerp')"
STATE = "application/vnd.jupyter.widget-state+json"
SAVE = """async (saves) => {
    const { commands, shell } = window.jupyterapp;
    const name = '@jupyter-widgets/jupyterlab-manager:saveWidgetState';
    if (commands.isToggled(name) !== saves) await commands.execute(name);
    await commands.execute('docmanager:save');
    return shell.currentWidget.context.path;
}"""
# The bundles of what `EXPLORER` shows.
BUNDLES = ["latent_explorer", "latent_grid", "direction_editor", "interpolator"]
ONCE = dict.fromkeys(BUNDLES, 1)
# How many style sheets of widgets there are.
OURS = """() => document.adoptedStyleSheets.filter(
    ({ cssRules }) => [...cssRules].some((rule) => rule.selectorText?.startsWith('.lw-'))
).length"""
# What an exported page loads from a server of packages, and the packages it is taken from here.
PACKAGES = ("@jupyter-widgets/html-manager@1.0.15", "requirejs@2.3.8")
# A registry that stands still is asked once more; then the test is skipped.
PATIENCE = ("--fetch-timeout=15000", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")


def note(name: str) -> str:
    """The first line of a bundle, which names its source: no other holds it."""
    return static(f"{name}.js").partition("\n")[0]


class Received:
    """What a page has received from the kernel since this was made: how often each bundle."""

    def __init__(self, notebook: Notebook, names: Sequence[str] = BUNDLES) -> None:
        self.bundles: Counter[str] = Counter()
        self._names = names
        self._page = notebook.page
        self._page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._count)

    def _count(self, frame: str | bytes) -> None:
        data = frame.encode() if isinstance(frame, str) else frame
        for name in self._names:
            self.bundles[name] += data.count(note(name).encode())


@pytest.fixture
def saved(lab: Lab) -> Iterator[Save]:
    """Save a notebook with the states of its widgets: give its file, and these states."""
    notebooks = []

    def save(notebook: Notebook) -> tuple[Path, dict[str, Any]]:
        notebooks.append(notebook)
        path = lab.root / notebook.page.evaluate(SAVE, True)
        models = json.loads(path.read_text("utf-8"))["metadata"]["widgets"][STATE]["state"]
        return path, {key: model["state"] for key, model in models.items()}

    yield save
    for notebook in notebooks:
        notebook.page.evaluate(SAVE, False)


@pytest.fixture(scope="session")
def packages(pytestconfig: pytest.Config) -> dict[str, Path]:
    """Folders with what an exported page loads, by the names of the packages."""
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("packages")
    npm = Path(sys.executable).with_name("npm")
    found = {"anywidget": Path(anywidget.__file__).parent / "nbextension"}
    for package in PACKAGES:
        name, _, version = package.rpartition("@")
        place = folder / f"{name.replace('/', '-')}-{version}"
        if not place.exists():
            packed = folder / "packed"
            packed.mkdir(exist_ok=True)
            command = [str(npm), "pack", package, *PATIENCE, f"--pack-destination={packed}"]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"npm could not fetch {package}: {done.stderr[-300:]}")
            [archive] = packed.glob(f"*{version}.tgz")
            with tarfile.open(archive) as tar:
                tar.extractall(place, filter="data")
        found[name] = place / "package"
    return found


def _answer(route: Route, packages: dict[str, Path]) -> None:
    """Answer a request of an exported page; it reaches no server."""
    url = route.request.url
    if "/anywidget@" in url:
        route.fulfill(path=packages["anywidget"] / "index.js")
    elif "/html-manager@" in url:
        route.fulfill(path=packages["@jupyter-widgets/html-manager"] / url[url.index("dist/") :])
    elif "/require" in url:
        route.fulfill(path=packages["requirejs"] / "require.js")
    else:
        route.abort()


def is_styled(page: BrowserPage) -> bool:
    """Whether the style sheets of a view are there."""
    shown = page.page.locator(".lw-interpolator").last
    display: str = shown.evaluate("(one) => getComputedStyle(one).display")
    return display == "grid"


def wait_for_all(notebook: Notebook) -> None:
    """Wait until all parts of an explorer are painted."""
    GridView(notebook).wait_cells(*range(32))
    EditorView(notebook).wait_exact()


def reloaded(notebook: Notebook) -> None:
    """Load the page of a notebook anew, and wait for its kernel."""
    notebook.page.reload()
    notebook.page.wait_for_function(
        """() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel
            ?.connectionStatus === 'connected'"""
    )
    notebook.console_errors.clear()  # what the page that is gone has complained of


def bundles_in(states: dict[str, Any], kind: str) -> Counter[str]:
    """How often each file of code stands in the states of widgets."""
    texts = {static(f"{name}.{kind}"): name for name in BUNDLES}
    values = [value for state in states.values() for value in state.values()]
    return Counter(texts[value] for value in values if isinstance(value, str) and value in texts)


@pytest.mark.slow
def test_the_code_is_sent_once_and_saved_once(open_notebook: OpenNotebook, saved: Save) -> None:
    notebook = open_notebook([SPACE + CELLS, EXPLORER], own_page=True)
    received = Received(notebook)
    reloaded(notebook)
    notebook.run(0)
    for _ in range(3):
        notebook.run(1)
    wait_for_all(notebook)
    assert received.bundles == ONCE
    _, states = saved(notebook)
    assert sum("_esm" in state for state in states.values()) == 3 * len(BUNDLES)
    assert bundles_in(states, "js") == ONCE
    assert bundles_in(states, "css") == ONCE
    received.bundles.clear()
    reloaded(notebook)
    wait_for_all(notebook)
    assert received.bundles == ONCE
    assert notebook.console_errors == []


@pytest.mark.slow
def test_what_is_saved_is_shown_when_the_kernel_is_gone(
    open_notebook: OpenNotebook, saved: Save
) -> None:
    notebook = open_notebook([view.SPACE, QUARTER], own_page=True)
    notebook.run(0)
    notebook.run(1)
    View(notebook).wait_exact()
    saved(notebook)
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    reloaded(notebook)
    walk = View(notebook)
    walk.wait_exact(0.25)
    assert walk.shown == pytest.approx(0.25, abs=1e-4)
    assert is_styled(notebook)
    # The kernel is another now. What it is sent by itself is used from then on.
    notebook.run(0)
    notebook.run(1)
    walk = View(notebook)
    walk.wait_strip()
    assert len(set(walk.drag(0.25, 0.9))) > 5, "the picture did not follow the thumb"


@pytest.mark.slow
def test_a_page_shows_the_code_of_each_kernel(open_notebook: OpenNotebook, lab: Lab) -> None:
    first = open_notebook([view.SPACE, view.WIDGET], own_page=True)
    first.run(0)
    first.run(1)
    assert View(first).root.get_by_role("button", name="Copy as code").count() == 1
    other = "lw.Interpolator._esm = lw.Interpolator._esm.replace('Copy as code', 'Copy other')"
    second = lab.open([f"{view.SPACE}\n{other}", view.WIDGET], page=first.page)
    second.run(0)
    second.run(1)
    page = first.page
    page.get_by_role("button", name="Copy other").wait_for()
    assert page.get_by_role("button", name="Copy as code").count() == 0, "in a hidden notebook"
    page.evaluate(
        """async () => {
            const { currentWidget } = window.jupyterapp.shell;
            await currentWidget.sessionContext.shutdown();
            currentWidget.dispose();
        }"""
    )
    first.run(1)
    page.get_by_role("button", name="Copy as code").wait_for()


@pytest.mark.slow
def test_styles_go_with_the_last_view(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook([view.SPACE, view.WIDGET, view.WIDGET, "w.close()"], own_page=True)
    for index in range(3):
        notebook.run(index)
    View(notebook, 1).wait_exact()
    assert is_styled(notebook)
    assert notebook.page.evaluate(OURS) > 0
    notebook.run(3)
    notebook.page.wait_for_function("() => document.querySelectorAll('.lw-root').length === 1")
    assert is_styled(notebook), "the style sheet went with another view"
    notebook.page.evaluate(
        "() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"
    )
    notebook.page.wait_for_function(f"() => ({OURS})() === 0")


@pytest.mark.slow
def test_an_exported_page_finds_the_code(
    open_notebook: OpenNotebook,
    saved: Save,
    packages: dict[str, Path],
    lab: Lab,
    tmp_path: Path,
) -> None:
    walks = [QUARTER, QUARTER.replace("0.25", "0.5"), TEXT]
    notebook = open_notebook([view.SPACE, KINDS, *walks], own_page=True)
    for index in range(5):
        notebook.run(index)
    View(notebook, 2).root.locator(".lw-status", has_text="exact").wait_for()
    path, _ = saved(notebook)
    html, _ = HTMLExporter().from_filename(str(path))  # type: ignore[no-untyped-call]
    assert html.replace("\\/", "/").count(note("interpolator")) == 1
    (tmp_path / "exported.html").write_text(html, encoding="utf-8")
    page = lab.browser.new_page()
    exported = BrowserPage(page)
    page.route(re.compile("^http"), lambda route: _answer(route, packages))
    page.goto((tmp_path / "exported.html").as_uri())
    for index, value in enumerate([0.25, 0.5]):
        walk = View(exported, index)
        walk.wait_exact(value)
        assert walk.shown == pytest.approx(value, abs=1e-4)
    View(exported, 2).canvas.get_by_text("0.0000").wait_for()
    assert is_styled(exported)
    page.context.close()


@pytest.mark.slow
def test_what_paints_a_kind_comes_to_marimo(open_in_marimo: OpenMarimo) -> None:
    page = open_in_marimo([KINDS, TEXT], mode="run")
    walk = View(page)
    walk.canvas.get_by_text("0.0000").wait_for()
    walk.slider.press("End")
    walk.canvas.get_by_text("1.0000").wait_for()
    assert page.console_errors == []
