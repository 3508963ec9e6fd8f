"""What a map draws where its plane, or what lies on it, is another than before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.routes.map_plane import MapPlane
from latentwidgets.routes.projection import project
from latentwidgets.routes.route import StaleError
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


class FirstTwo:
    def transform(self, rows: np.ndarray) -> np.ndarray:
        return rows[:, :2]


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


def test_the_first_latent_is_a_row_as_any_other() -> None:
    data = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    pca, first_two = (MapPlane.of(data, project(data, how)) for how in ("pca", FirstTwo()))
    for row in (0, 19):
        spot = pca.spot(row)
        assert np.array_equal(pca.latents([spot])[0], data[row])
        there = first_two.following(pca.to_row(row), 1).here
        assert there is not None
        assert there[0] == first_two.spot(row)
        here = pca.to_spot(spot).here
        assert here is not None
        assert here[0] == spot


def test_all_points_lie_in_the_square_with_a_little_room() -> None:
    places = MapPlane.of(LATENTS, project(LATENTS)).places()
    assert np.abs(places).max() == pytest.approx(1 / 1.06, rel=1e-5)


def test_a_spot_is_said_in_words() -> None:
    plane = MapPlane.of(LATENTS, project(LATENTS))
    assert plane.words((3.0, 0.5, 0.25)) == "latent 3"
    assert plane.words((-1.0, 0.5, 0.25)) == "(0.5, 0.25)"


def test_rows_end_before_their_count() -> None:
    plane = MapPlane.of(LATENTS, project(LATENTS))
    np.testing.assert_array_equal(plane.latents([(19.0, 0.0, 0.0)])[0], LATENTS[19])
    with pytest.raises(StaleError):
        plane.latents([(20.0, 0.0, 0.0)])
