from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from tests.browser.lab import Lab
from tests.browser.notebook import Notebook

SCREENSHOTS = Path(__file__).parents[2] / "test-results"

OpenNotebook = Callable[..., Notebook]
passed = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """One JupyterLab and one Chromium for all tests."""
    with Lab() as lab:
        yield lab


@pytest.fixture
def open_notebook(lab: Lab, request: pytest.FixtureRequest) -> Iterator[OpenNotebook]:
    """Open notebooks as `Lab.open` does; they are closed after the test.

    Where the test fails, a screenshot of each is left in test-results/.
    """
    opened: list[Notebook] = []

    def open_notebook(*args: object, **options: object) -> Notebook:
        opened.append(lab.open(*args, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield open_notebook
    for index, notebook in enumerate(opened):
        if not request.node.stash.get(passed, False):
            SCREENSHOTS.mkdir(exist_ok=True)
            notebook.screenshot(SCREENSHOTS / f"{request.node.name}-{index}.png")
        notebook.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[passed] = report.passed
    return report
