from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.browser.front_ends import run_marimo
from tests.browser.lab import Lab
from tests.browser.notebook import BrowserPage, Notebook

SCREENSHOTS = Path(__file__).parents[2] / "test-results"

OpenNotebook = Callable[..., Notebook]
OpenMarimo = Callable[..., BrowserPage]
passed = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """One JupyterLab and one Chromium for all tests."""
    with Lab() as lab:
        yield lab


@pytest.fixture(scope="session")
def notebook_7(lab: Lab) -> Iterator[Lab]:
    """Notebook 7, shown in the Chromium of all tests."""
    with Lab(app="notebook", browser=lab.browser) as app:
        yield app


@pytest.fixture
def open_notebook(lab: Lab, request: pytest.FixtureRequest) -> Iterator[OpenNotebook]:
    """Open notebooks as `Lab.open` does; they are closed after the test.

    Where the test fails, a screenshot of each is left in test-results/.
    """
    yield from _opener(lab, request)


@pytest.fixture
def open_in_notebook_7(notebook_7: Lab, request: pytest.FixtureRequest) -> Iterator[OpenNotebook]:
    """Do as `open_notebook` does, in Notebook 7."""
    yield from _opener(notebook_7, request)


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


def _opener(lab: Lab, request: pytest.FixtureRequest) -> Iterator[OpenNotebook]:
    opened: list[Notebook] = []

    def open_notebook(*args: object, **options: object) -> Notebook:
        opened.append(lab.open(*args, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield open_notebook
    for index, notebook in enumerate(opened):
        _keep_screenshot(notebook, request, index)
        notebook.close()


def _keep_screenshot(page: BrowserPage, request: pytest.FixtureRequest, index: int) -> None:
    if not request.node.stash.get(passed, False):
        SCREENSHOTS.mkdir(exist_ok=True)
        page.screenshot(SCREENSHOTS / f"{request.node.name}-{index}.png")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[passed] = report.passed
    return report
