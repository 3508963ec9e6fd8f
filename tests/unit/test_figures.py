"""Figures can be read: in a dark notebook, and in a style with a dark ground."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from PIL import Image

import latentwidgets as lw
from latentwidgets.frames.ink import DARK, ink
from tests.unit.test_results import DIRECTIONS, LATENTS, MADE, result, words

PICTURES = lw.LatentSpace(
    lambda z: 1 / (1 + np.exp(-z[:, :4].reshape(-1, 2, 2))), 5, value_range=(0, 1)
)
CURVES = lw.LatentSpace(lambda z: np.cumsum(z, axis=1), 5, kind="curve")
TEXTS = lw.LatentSpace(lambda z: [f"it is {one[0]:.1f}" for one in z], 5)
TOKENS = lw.LatentSpace(
    lambda z: [lw.Tokens((("it", None), (" is", float(one[0])), (".", 0.1))) for one in z], 5
)
FIGURES: dict[str, Callable[[], Figure]] = {
    **{name: lambda name=name: result(name).plot() for name in MADE},  # type: ignore[misc]
    "directions": lambda: lw.probe_directions(
        LATENTS, {"a": LATENTS[:, 0] > 1, "b": LATENTS[:, 4]}, bootstraps=2
    ).plot(),
    "token map": lambda: lw.token_map(words(), "the cat", lw.Direction("one", np.eye(16)[0])),
    "path": lambda: lw.Interpolator(PICTURES, LATENTS[:2]).figure(),
    "edit": lambda: lw.DirectionEditor(PICTURES, LATENTS[0], DIRECTIONS).figure(),
    "grid": lambda: lw.LatentGrid(PICTURES, LATENTS[:6], row_names="ab", columns=3).figure(),
    "map of classes": lambda: lw.LatentMap(PICTURES, LATENTS, np.arange(60) % 3).figure(),
    "map of numbers": lambda: lw.LatentMap(PICTURES, LATENTS, LATENTS[:, 0]).figure(),
    "curves": lambda: lw.Interpolator(CURVES, LATENTS[:2]).figure(),
    "texts": lambda: lw.Interpolator(TEXTS, LATENTS[:2]).figure(),
    "tokens": lambda: lw.Interpolator(TOKENS, LATENTS[:2]).figure(),
}


def pixels(figure: Figure) -> Any:
    """Draw a figure as a notebook does: ``(height, width, 4)``, uint8."""
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


def contrast(one: Any, other: Any) -> float:
    """Give the contrast of two colours as WCAG 2.2 defines it: 1 of equal ones, 21 at most."""

    def light(colour: Any) -> float:
        parts = np.asarray(to_rgb(colour))
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("style", ["default", "dark_background"])
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_a_ground_of_its_own_on_which_all_of_it_is_seen(name: str, style: str) -> None:
    with plt.style.context(style):
        figure = FIGURES[name]()
        assert (pixels(figure)[..., 3] == 255).all(), "what a dark notebook is seen through"
        texts = [one for one in figure.findobj(Text) if one.get_text() and one.get_visible()]
        places = [one.get_window_extent() for one in texts]
        figure.set_layout_engine("none")  # all stays where it is
        for one in texts:
            one.set_visible(False)
        ground = pixels(figure)[::-1, :, :3] / 255
    seen = 0
    for one, place in zip(texts, places, strict=True):
        left, low, right, top = (round(max(0, end)) for end in place.extents)
        behind = ground[low : top + 1, left : right + 1].reshape(-1, 3)
        if len(behind):
            seen += 1
            assert contrast(one.get_color(), np.median(behind, axis=0)) > 4, one.get_text()
    assert seen or name == "path"
    lines: Any = figure.findobj(Line2D)
    for line in lines:
        if line.axes is not None and len(line.get_xdata()) and line.get_linestyle() != "None":
            behind = line.axes.get_facecolor()
            assert contrast(line.get_color(), behind) > 1.6, line
    for drawn in (one for axes in figure.axes for one in axes.containers):
        ends = getattr(drawn, "errorbar", None)
        for bar in ends.lines[2] if ends else ():
            [colour] = bar.get_colors()
            assert contrast(colour, bar.axes.get_facecolor()) > 4


@pytest.mark.parametrize("space", [CURVES, TEXTS, TOKENS], ids=lambda one: one.kind)
def test_a_picture_that_is_saved_is_the_same_in_a_light_and_a_dark_style(
    space: lw.LatentSpace, tmp_path: Path
) -> None:
    saved = []
    for style in ("default", "dark_background"):
        with plt.style.context(style):
            to = tmp_path / f"{style}.png"
            lw.Interpolator(space, LATENTS[:2]).save_image(to)
            saved.append(np.asarray(Image.open(to)))
    assert np.array_equal(saved[0], saved[1])


def test_lines_have_the_colour_that_is_seen_best_on_their_ground() -> None:
    grounds = np.random.default_rng(0).uniform(size=(1000, 3))
    for ground in (*grounds, (0.10, 0.77, 0.03)):
        drawn = ink(Figure().add_subplot(facecolor=tuple(ground)))
        other = {DARK: "white", "white": DARK}[drawn]
        assert contrast(drawn, ground) >= contrast(other, ground)


def test_the_ground_of_a_part_is_that_of_the_figure() -> None:
    for ground, drawn in (("black", "white"), ("white", DARK)):
        figure = Figure(facecolor=ground)
        parts: Any = figure.subfigures(1, 2)
        part, beside = parts
        assert ink(part.add_subplot(facecolor="none")) == drawn
        beside.set_facecolor({"black": "white", "white": "black"}[ground])
        assert ink(beside.add_subplot(facecolor="none")) != drawn


def test_what_is_seen_through_is_taken_for_the_ground_of_the_style() -> None:
    for style, drawn in (("default", DARK), ("dark_background", "white")):
        with plt.style.context(style):
            figure = Figure(facecolor="none")
            assert ink(figure.add_subplot(facecolor="none")) == drawn
            assert ink(figure.add_subplot(facecolor=(0.5, 0.5, 0.5, 0.2))) == drawn
