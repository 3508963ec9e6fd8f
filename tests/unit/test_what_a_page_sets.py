"""What a page may set and what is the kernel's: no page breaks a widget."""

from __future__ import annotations

import logging
import time
from typing import Any

import ipywidgets
import numpy as np
import pytest

import latentwidgets as lw

LATENTS = np.random.default_rng(0).normal(size=(9, 6)).astype(np.float32)
DIRECTIONS = lw.pca_directions(LATENTS, 2)
# The page's own counts, what is refused only when it is looked up, and names that nothing has.
PAGES_OWN = (
    *(("_picks", 5), ("_cancels", 5), ("_projection", "x"), ("_projection", "")),
    *(("_full", "x"), ("_full", "")),
)
# Of other types, of other lengths, and what would be right for some traits.
GIVEN: tuple[Any, ...] = ("x", "", 5, None, [], [0], [[0, 1]], {"a": 1}, [0, [1], 2])


def space() -> lw.LatentSpace:
    return lw.as_space(
        lambda z: 0.5 + 0.1 * z[:, :4, None] * np.ones(4), latent_shape=6, value_range=(0, 1)
    )


WIDGETS: dict[str, Any] = {
    "interpolator": lambda: lw.Interpolator(space(), LATENTS[:3], value=0.25),
    "grid": lambda: lw.LatentGrid(space(), LATENTS, value=(0, 1)),
    "editor": lambda: lw.DirectionEditor(space(), LATENTS[0], DIRECTIONS, value={"PC 1": 1}),
    "map": lambda: lw.LatentMap(space(), LATENTS, index=2),
}


def private(widget: Any) -> list[str]:
    """The synced traits that are private to this package."""
    theirs = ipywidgets.DOMWidget.class_trait_names()
    return [name for name in widget.keys if name.startswith("_") and name not in theirs]


@pytest.mark.parametrize("kind", WIDGETS)
def test_private_traits_are_the_kernels(kind: str) -> None:
    widget = WIDGETS[kind]()
    before, names = widget.image().tobytes(), private(widget)
    assert len(names) > 4
    for name in names:
        for given in GIVEN:
            if (name, given) in PAGES_OWN:
                continue
            state = widget.get_state([name])
            widget.set_state({name: given})
            assert widget.get_state([name]) == state, (name, given)
    assert widget.image().tobytes() == before


def test_what_was_ignored_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    widget = WIDGETS["interpolator"]()
    with caplog.at_level(logging.WARNING):
        widget.set_state({"_marks": [0.5], "value": 0.75})
    assert "ignored what a page set: _marks" in caplog.text
    assert widget.value == 0.75, "the rest is taken"


def test_an_explorer_keeps_its_parts() -> None:
    explorer = lw.explore(space(), LATENTS, parts=["grid", "editor"])
    grid = explorer.grid
    explorer.set_state({"grid": None, "_note": "all is lost"})
    assert explorer.grid is grid
    assert "lost" not in explorer.get_state(["_note"])["_note"]


def test_a_projection_that_is_none_leaves_the_menu_where_it_was() -> None:
    chart = WIDGETS["map"]()
    chart.set_state({"_projection": "nonsense"})
    deadline = time.monotonic() + 20
    while chart.get_state(["_projection"])["_projection"] != chart.projection.name == "pca":
        assert time.monotonic() < deadline, "it says what it is not"
        time.sleep(0.01)


def test_a_colour_that_is_none_leaves_the_menu_where_it_was() -> None:
    chart = WIDGETS["map"]()
    chart.set_state({"_color": "nonsense"})
    assert chart.get_state(["_color"])["_color"] == chart.color == "density"
    chart.set_state({"_color": "cluster"})
    assert chart.get_state(["_color"])["_color"] == chart.color == "cluster"
