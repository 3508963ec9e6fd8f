"""Progress bars in a notebook: gone when the work is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.conftest import OpenNotebook

SETUP = """
import time
from pathlib import Path
from latentwidgets.common.progress import progress
seen = Path({seen!r})
"""
# The first ends before a bar appears, the others after; the second one's stays until it was seen,
# the third one's is there at once. Of the last two one fails before a bar appears, one after.
WORK = """
for _ in progress(range(1), "work"):
    time.sleep(1.5)
for i in progress(range(4), "work"):
    time.sleep(0.4)
    while i == 3 and not seen.exists():
        time.sleep(0.1)
for _ in progress(range(2), "work", delay=0):
    time.sleep(0.1)
for delay in (1, 0):
    try:
        for _ in progress(range(2), "work", delay=delay):
            raise ValueError("there is another way")
    except ValueError:
        pass
"done"
"""


@pytest.mark.slow
def test_no_bar_is_left_when_the_work_is_done(open_notebook: OpenNotebook, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    notebook = open_notebook([SETUP.format(seen=str(seen)), WORK])
    notebook.run(0)
    notebook.start(1)
    notebook.output(1).get_by_text("work").first.wait_for()
    seen.touch()
    notebook.page.wait_for_function("() => window.lwRunDone")
    result = notebook.result(1)
    shown = [output["data"].get("text/plain") for output in result.outputs]
    assert shown == ["", "", "", "'done'"], "what a saved notebook would show"
    assert all("widget" not in kind for output in result.outputs for kind in output["data"])
    heights = (
        notebook.output(1)
        .locator(".jp-OutputArea-child")
        .evaluate_all("(outputs) => outputs.map((output) => output.offsetHeight)")
    )
    assert heights[:-1] == [0, 0, 0]
