"""A cell that cannot be decoded is named where it is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.unit.page import Page

LATENTS = np.eye(12, dtype=np.float32)
BAD = 7  # from this one on


def decode(latents: np.ndarray, gain: Any = 1.0) -> np.ndarray:
    if latents[:, BAD:].any():
        raise ValueError("too far")
    return np.zeros((len(latents), 4, 4))


def told(grid: lw.LatentGrid, at: list[list[float]], **question: Any) -> str:
    page = Page(grid.comm)
    page.ask(type="strip", positions=at, **question)
    answer, _ = page.answer()
    assert answer["type"] == "error"
    return str(answer["message"])


def test_the_message_of_one_cell_names_it_and_that_of_several_none() -> None:
    grid = lw.LatentGrid(lw.LatentSpace(decode, 12, value_range=(0, 1)), LATENTS, columns=6)
    assert told(grid, [[1.0, 1.0]]).startswith("cell 7: decode raised ValueError: too far")
    assert told(grid, [[1.0, 1.0], [1.0, 2.0]]).startswith("decode raised ValueError")
    page = Page(grid.comm)
    assert page.asked(at=[1.0, 1.0])["message"].startswith("cell 7: ")


@pytest.mark.parametrize("form", ["page", "picture"])
def test_the_message_of_a_file_of_all_cells_names_none(form: str) -> None:
    grid = lw.LatentGrid(lw.LatentSpace(decode, 12, value_range=(0, 1)), LATENTS, columns=6)
    told = Page(grid.comm).asked(type="file", form=form, at=[0.0, 0.0])
    assert told["type"] == "error"
    assert told["message"].startswith("decode raised ValueError: too far")


@pytest.mark.parametrize("conditions", [None, {"gain": (1.0, 0.0, 2.0)}], ids=["", "conditions"])
def test_it_has_the_names_of_its_row_and_column_and_its_conditions(conditions: Any) -> None:
    space = lw.LatentSpace(decode, 12, value_range=(0, 1), conditions=conditions)
    grid = lw.LatentGrid(space, LATENTS, columns=6, row_names="ab", column_names="uvwxyz")
    at, under = ([1.0, 1.0, 0.5], ", gain 0.5") if conditions else ([1.0, 1.0], "")
    assert told(grid, [at]).startswith(f"b, v{under}: decode raised")
