"""What the colours of a map mean, in a picture of it."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PIL import Image, ImageColor

from latentwidgets.export.captions import captioned, fitted, letters_of
from latentwidgets.widgets.map.coloring import Coloring, by_values
from latentwidgets.widgets.map.legend import GAP, PATCH, WIDEST, with_legend

FONT = letters_of(12)


def legend_of(coloring: Coloring, height: int, title: str = "grey") -> np.ndarray:
    """The pixels beside the points."""
    points = Image.new("RGBA", (120, height))
    return np.asarray(with_legend(points, coloring, title))[:, points.width + GAP :]


def scale_of(*more: float) -> Coloring:
    return by_values(np.array([*np.linspace(1000.2, 2003.4, 30), *more]))


@pytest.mark.parametrize("height", [120, 160, 200, 420])
def test_both_ends_of_a_scale_are_seen_however_low_the_map_is(height: int) -> None:
    coloring = scale_of(np.nan)
    drawn = legend_of(coloring, height)
    bar = {tuple(pixel) for pixel in drawn[:, 0]}
    for end in (coloring.colors[0], coloring.colors[-2]):
        assert (*ImageColor.getrgb(end), 255) in bar
    # Of title, both ends and note every letter is there.
    whole = legend_of(coloring, 1000)
    texts = slice(PATCH + 1, None)
    assert (drawn[:, texts, 3] > 0).sum() == (whole[:, texts, 3] > 0).sum()


def test_a_name_is_cut_where_it_is_too_long_and_only_there() -> None:
    for text in ("", "a", "a short name", "i" * 40, "W" * 40, "two\n words  of " * 9, "…" * 50):
        line = " ".join(text.split())
        for width in (-5, 0, 3, 30, 198, 1000):
            shown = fitted(text, FONT, width)
            if FONT.getlength(line) <= width:
                assert shown == line
                continue
            assert FONT.getlength(shown) <= max(0, width)
            if shown:
                assert line.startswith(shown[:-1])
                assert FONT.getlength(f"{line[: len(shown)]}…") > width, "no letter more fits"


def test_names_of_any_length_take_no_time() -> None:
    names = [f"{letter * 5000} {i}" for letter in "iW" for i in range(5)]
    coloring = by_values(np.array(names, object))
    start = time.perf_counter()
    assert legend_of(coloring, 420, "title " * 5000).shape[1] <= WIDEST
    captioned([Image.new("L", (4096, 64))], ["i" * 1_000_000])
    assert time.perf_counter() - start < 2
