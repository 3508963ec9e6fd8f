"""A grid between four latents, as a person asks for one."""

from __future__ import annotations

import numpy as np
import pytest

import latentwidgets as lw


def test_as_many_cells_as_any_grid_has_are_the_most() -> None:
    space = lw.LatentSpace(lambda z: np.zeros((len(z), 4, 4)), 2, value_range=(0, 1))
    with pytest.raises(lw.LatentValueError, match=r"n is 317.*316"):
        lw.LatentGrid.corners(space, np.eye(4, 2), n=317)
