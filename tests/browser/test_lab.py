"""What the other tests stand on."""

from __future__ import annotations

import pytest

from tests.browser import lab as its_file
from tests.browser.lab import Lab


@pytest.mark.slow
def test_a_notebook_that_jupyter_does_not_show_is_opened_once_more(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lab.open(["1 + 1"])
    first.page.evaluate("() => { window.jupyterapp.commands.execute = async () => {}; }")
    monkeypatch.setattr(its_file, "OPEN_SECONDS", 20.0)
    with pytest.warns(
        UserWarning, match=r"did not show a notebook: after 20 s .*'shown': 'notebook"
    ):
        second = lab.open(["2 + 2"], page=first.page)
    assert first.page.is_closed()
    assert second.run(0).text == "4"
    second.close()


def test_a_cell_that_comes_to_no_end_says_where_the_kernel_is(lab: Lab) -> None:
    notebook = lab.open(["import time\ndef wait_on():\n    time.sleep(30)\nwait_on()"])
    with pytest.raises(TimeoutError, match=r"'status': 'busy'.*'painted': True(?s:.*)in wait_on"):
        notebook.run(0, timeout=8)
    notebook.close()
