"""What keys and marks there are, as a person reads it in a notebook."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenNotebook

# Left and right ends of every key and of what it does, row by row.
ROWS = """(list) => {
    const ends = (one) => [one.getBoundingClientRect().left, one.getBoundingClientRect().right];
    const tops = (one) => one.getBoundingClientRect().top;
    return [...list.querySelectorAll('dt')].map((key) =>
        [...ends(key), ...ends(key.nextElementSibling), tops(key.nextElementSibling) - tops(key)]);
}"""


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 700])
def test_keys_and_what_they_do_stand_in_two_columns(
    open_notebook: OpenNotebook, width: int
) -> None:
    notebook = open_notebook(
        ["import latentwidgets as lw\nlw.Interpolator(lw.demo.digits())"], own_page=True
    )
    notebook.page.set_viewport_size({"width": width, "height": 900})
    notebook.run(0)
    notebook.page.get_by_role("button", name="?", exact=True).first.click()
    keys = notebook.page.locator(".lw-keys")
    keys.first.wait_for()
    rows = keys.first.evaluate(ROWS)
    assert len(rows) > 8
    for left, right, other, _, down in rows:
        assert left == pytest.approx(rows[0][0], abs=0.5)
        assert other == pytest.approx(rows[0][2], abs=0.5)
        assert right <= other
        assert abs(down) < 1, "a key and what it does are in one line"
