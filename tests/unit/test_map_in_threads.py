"""Maps that several threads change at once."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw

pytest.importorskip("jscatter", reason="needs the extra map")

from latentwidgets.widgets.map import points
from latentwidgets.widgets.map.coloring import by_clusters

LATENTS = (np.random.default_rng(0).normal(size=(60, 4)) * [4, 2, 1, 1]).astype(np.float32)


def decode(latents: np.ndarray) -> np.ndarray:
    """Pictures of 8 x 8 whose grey is the first number of the latent."""
    return np.broadcast_to((latents[:, :1, None] / 20 + 0.5).clip(0, 1), (len(latents), 8, 8))


def make(**options: Any) -> Any:
    return lw.LatentMap(lw.LatentSpace(decode, 4, value_range=(0, 1)), LATENTS, **options)


class Mirror:
    """A transformer that halts, when it is told to, while it finds what lies at a point."""

    def __init__(self) -> None:
        self.halt = self.at_work = threading.Event()
        self.halt.set()

    def transform(self, rows: np.ndarray) -> np.ndarray:
        return -rows[:, :2]

    def inverse_transform(self, points: np.ndarray) -> np.ndarray:
        self.at_work.set()
        self.halt.wait(20)
        return np.pad(-points, ((0, 0), (0, 2)))


def test_a_map_laid_out_anew_while_a_latent_is_found_stays_so() -> None:
    mirror = Mirror()
    chart = make(projection=mirror)
    mirror.halt, mirror.at_work = threading.Event(), threading.Event()
    click = threading.Thread(target=chart.set_state, args=[{"_spot": [-1, 1.0, 2.0]}])
    click.start()
    assert mirror.at_work.wait(20)
    chart.projection = "pca"
    line = chart._route
    mirror.halt.set()
    click.join(20)
    assert chart._route == line
    np.testing.assert_array_equal(chart.latent, [-1, -2, 0, 0])
    np.testing.assert_allclose(chart.value, chart.projection.place([chart.latent])[0])
    np.testing.assert_array_equal(chart.image(), chart.space.decode([chart.latent])[0, ..., 0])


def test_a_map_laid_out_anew_while_colours_are_found_stays_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chart = make()
    halt, at_work, found = threading.Event(), threading.Event(), by_clusters

    def slow(*args: Any, **options: Any) -> Any:
        at_work.set()
        halt.wait(20)
        return found(*args, **options)

    monkeypatch.setattr(f"{points.__name__}.by_clusters", slow)
    coloring = threading.Thread(target=setattr, args=[chart, "color", "cluster"])
    coloring.start()
    assert at_work.wait(20)
    monkeypatch.setattr(f"{points.__name__}.by_clusters", found)
    chart.projection = LATENTS[:, 2:]
    halt.set()
    coloring.join(20)
    for drawn, given in zip(chart._ground.points[:, :2].T, LATENTS[:, 2:].T, strict=True):
        np.testing.assert_array_equal(np.argsort(drawn), np.argsort(given))
