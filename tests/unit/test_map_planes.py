"""What a map draws where its plane, or what lies on it, is another than before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from tests.unit.page import Page

pytest.importorskip("jscatter", reason="needs the extra map")

LATENTS = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)


class Inverse:
    """Places latents where their numbers say, and finds this much brighter ones there."""

    def __init__(self, more: float) -> None:
        self.more = more

    def transform(self, rows: np.ndarray) -> np.ndarray:
        return rows

    def inverse_transform(self, points: np.ndarray) -> np.ndarray:
        return points + self.more


def decode(latents: np.ndarray) -> np.ndarray:
    return np.broadcast_to(latents[:, :1, None].clip(0, 1), (len(latents), 4, 4))


def make(**options: Any) -> Any:
    return lw.LatentMap(lw.LatentSpace(decode, 2, value_range=(0, 1)), LATENTS, **options)


def test_another_inverse_of_the_same_points_has_pictures_of_its_own() -> None:
    chart = make(projection=Inverse(0.25), value=(0.5, 0.5))
    page = Page(chart.comm)
    line, pixels = page.state["_route"], []
    for _ in range(2):
        assert page.asked(at=[-1, 0.5, 0.5])["type"] == "frames"
        pixels.append(chart.image().getpixel((0, 0)))
        chart.projection = Inverse(0.5)
        chart.value = (0.5, 0.5)
    assert page.state["_route"] != line
    assert pixels == [191, 255]


def test_a_row_that_is_none_of_the_items_is_stale() -> None:
    chart = make(items=np.zeros((20, 4, 4), np.uint8))
    assert Page(chart.comm).asked(at=[1e6, 0.0, 0.0])["type"] == "stale"
