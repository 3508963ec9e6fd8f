from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.front_ends import run_marimo
from tests.browser.lab import KERNELS_DECODE, Lab
from tests.browser.notebook import BrowserPage, Notebook

# How long a page may take to show what is expected of it, however busy the machine is: less than
# the 30 s after which it asks again for a strip of which an answer was lost.
expect.set_options(timeout=25_000)

SCREENSHOTS = Path(__file__).parents[2] / "test-results"

OpenNotebook = Callable[..., Notebook]
OpenMarimo = Callable[..., BrowserPage]
OpenFile = Callable[..., BrowserPage]
passed = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """One JupyterLab and one Chromium for all tests."""
    with Lab(warm=True, env=KERNELS_DECODE) as lab:
        yield lab


@pytest.fixture(scope="session")
def notebook_7(lab: Lab) -> Iterator[Lab]:
    """Notebook 7, shown in the Chromium of all tests."""
    with Lab(app="notebook", browser=lab.browser, env=KERNELS_DECODE) as app:
        yield app


@pytest.fixture(scope="session")
def free_pages() -> list[Page]:
    """Pages with JupyterLab that show no notebook: to load one takes as long as a test."""
    return []


@pytest.fixture
def open_notebook(
    lab: Lab, free_pages: list[Page], request: pytest.FixtureRequest
) -> Iterator[OpenNotebook]:
    """Open notebooks as `Lab.open` does; they are closed after the test.

    Each has a kernel of its own. Tests share a page, one after the other; who changes more of it
    than the notebook asks for one of their own: `open_notebook(sources, own_page=True)`. Where a
    test fails, a screenshot of each is left in test-results/, and the page is not used again.
    """
    yield from _opener(lab, request, free_pages)


@pytest.fixture
def open_in_notebook_7(notebook_7: Lab, request: pytest.FixtureRequest) -> Iterator[OpenNotebook]:
    """Open notebooks in pages of Notebook 7, as `open_notebook` does in JupyterLab."""
    yield from _opener(notebook_7, request)


@pytest.fixture
def open_without_extension(lab: Lab, request: pytest.FixtureRequest) -> Iterator[OpenNotebook]:
    """Open notebooks in a JupyterLab whose server does not load `latentwidgets.server`."""
    off = {"latentwidgets.server": False}
    with Lab(browser=lab.browser, env=KERNELS_DECODE, extensions=off) as bare:
        yield from _opener(bare, request)


@pytest.fixture
def open_file(lab: Lab) -> Iterator[OpenFile]:
    """Open files in a browser that reaches nothing else; nothing may be complained about."""
    context = lab.browser.new_context(offline=True)
    pages: list[BrowserPage] = []

    def open_file(path: Path, before: str = "") -> BrowserPage:
        pages.append(BrowserPage(context.new_page()))
        if before:
            pages[-1].page.add_init_script(before)
        pages[-1].page.goto(path.as_uri())
        return pages[-1]

    yield open_file
    for page in pages:
        assert page.console_errors == []
    context.close()


@pytest.fixture
def open_in_marimo(
    lab: Lab, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[OpenMarimo]:
    """Open a notebook as `run_marimo` does; it is closed after the test, as in `open_notebook`."""
    with contextlib.ExitStack() as stack:

        def open_in_marimo(*args: object, **options: object) -> BrowserPage:
            started = run_marimo(lab.browser, tmp_path, *args, **options)  # type: ignore[arg-type]
            page = stack.enter_context(started)
            stack.callback(_keep_screenshot, page, request, 0)
            return page

        yield open_in_marimo


def _opener(
    lab: Lab, request: pytest.FixtureRequest, free_pages: list[Page] | None = None
) -> Iterator[OpenNotebook]:
    opened: list[tuple[Notebook, list[Page] | None]] = []

    def open_notebook(*args: object, own_page: bool = False, **options: object) -> Notebook:
        pages = None if own_page else free_pages
        page = pages.pop() if pages else None
        notebook = lab.open(*args, page=page, **options)  # type: ignore[arg-type]
        opened.append((notebook, pages))
        return notebook

    yield open_notebook
    for index, (notebook, pages) in enumerate(opened):
        _keep_screenshot(notebook, request, index)
        if pages is None or not request.node.stash.get(passed, False):
            notebook.close()
        else:
            pages.append(notebook.leave())


def _keep_screenshot(page: BrowserPage, request: pytest.FixtureRequest, index: int) -> None:
    if not request.node.stash.get(passed, False):
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(SCREENSHOTS / f"{request.node.name}-{index}.png")
        print("The page's console:", *page.console_errors, sep="\n")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[passed] = report.passed
    return report
