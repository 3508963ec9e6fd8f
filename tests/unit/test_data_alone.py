"""Grid and map of what holds its data: nothing else is passed."""

from __future__ import annotations

import numpy as np
import pytest

import latentwidgets as lw


def test_grid_and_map_take_the_data_that_a_space_holds() -> None:
    digits = lw.demo.digits()
    grid = lw.LatentGrid(digits)
    np.testing.assert_array_equal(grid.latents, digits.latents)
    chart = lw.LatentMap(digits)
    np.testing.assert_array_equal(chart.latents, digits.latents)
    [labels] = chart.labels.values()
    np.testing.assert_array_equal(labels, digits.labels)
    own = lw.LatentMap(digits, labels={"even": digits.labels % 2 == 0})
    assert [*own.labels] == ["even"]
    for widget in (grid, chart, own):
        widget.close()


@pytest.mark.parametrize("kind", [lw.LatentGrid, lw.LatentMap])
def test_where_there_are_no_data_it_says_what_to_pass(kind: type) -> None:
    with pytest.raises(lw.LatentValueError, match=r"no data. Pass latents, such as space.sample"):
        kind(lw.LatentSpace(abs, 2))
