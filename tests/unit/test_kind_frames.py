"""Frames of texts, curves, sounds and registered kinds: bytes that the page can read."""

from __future__ import annotations

import io
import json
import struct
import wave
from typing import Any

import numpy as np
import pytest
from PIL import Image

from latentwidgets.frames import Quality
from latentwidgets.frames.tiles import Tiling
from latentwidgets.kinds.shared.figure import grid_figure
from latentwidgets.kinds.shared.kind import Framer
from latentwidgets.kinds.shared.table import framer_for, kind_named, register_kind

MARKUP = '<img src=x onerror="alert(1)">'


def framer(kind: str, limits: tuple[float, float] = (-1, 1)) -> Framer:
    return framer_for(kind, sample_rate=8000 if kind == "sound" else None, value_range=limits)


def curves(count: int) -> Any:
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, (count, 2, 30)).astype(np.float32)


def test_texts_are_sent_as_text() -> None:
    texts = [MARKUP, "línea\n二", "\ud800 \x00"]
    frame = framer("text").frame(texts, (0.5,), Quality.STRIP)
    assert (frame.at, frame.mime, frame.lossless) == ((0.5,), "application/json", True)
    assert json.loads(frame.data) == texts


def test_curves_are_sent_with_their_range() -> None:
    given = curves(3)
    frame = framer("curve", (-2, 1.5)).frame(given, (), Quality.LOSSLESS)
    assert struct.unpack_from("<4I2d", frame.data) == (3, 2, 30, 0, -2, 1.5)
    points = np.frombuffer(frame.data, "<f4", offset=32).reshape(3, 2, 30)
    np.testing.assert_array_equal(points, given)
    assert frame.lossless


@pytest.mark.parametrize("count", [1, 3])
def test_sounds_are_sent_as_wav(count: int) -> None:
    given = curves(count)
    frame = framer("sound").frame(given, (), Quality.LOSSLESS)
    assert frame.mime == "audio/wav"
    with wave.open(io.BytesIO(frame.data)) as file:
        assert file.getframerate() == 8000
        assert file.getnchannels() == 2
        assert file.getsampwidth() == 2
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    heard = samples.reshape(count, 30, 2).transpose(0, 2, 1) / 32767
    np.testing.assert_allclose(heard, given, atol=1 / 32767)
    # What the page reads, see js/src/kinds/sound.js.
    assert struct.unpack_from("<H", frame.data, 22) == (2,)
    assert struct.unpack_from("<I", frame.data, 24) == (8000,)
    assert struct.unpack_from("<I", frame.data, 44) == (count,)


def test_a_sound_at_full_scale_does_not_wrap_round() -> None:
    loud = np.array([[[1, -1]]], np.float32)
    frame = framer("sound").frame(loud, (), Quality.LOSSLESS)
    assert np.frombuffer(frame.data, "<i2", offset=56).tolist() == [32767, -32767]


@pytest.mark.parametrize("kind", ["text", "curve", "sound"])
@pytest.mark.parametrize("count", [1, 5])
def test_pictures_of_outputs_show_them(kind: str, count: int) -> None:
    made = framer(kind)
    outputs = ["$a text$ " + MARKUP] * count if kind == "text" else curves(count)
    picture = made.picture(outputs)
    assert picture.mode == "RGB"
    assert picture.width == 576
    pixels = np.asarray(picture.convert("L"))
    assert pixels.max() == 255
    assert (pixels < 128).mean() > 0.001, "there is nothing on it"
    frame = made.frame(outputs, (), Quality.LOSSLESS)
    again = Image.open(io.BytesIO(made.png(frame)))
    assert again.size == picture.size
    assert np.abs(np.asarray(again, int) - np.asarray(picture, int)).mean() < 1


def test_many_outputs_are_drawn_as_tiles_of_one_size() -> None:
    picture = framer("curve").picture(curves(64), 8)
    assert picture.size == (8 * 192, 8 * 128)
    pixels = np.asarray(picture.convert("L")).reshape(8, 128, 8, 192)
    assert ((pixels < 200).mean(axis=(1, 3)) > 0.02).all(), "there is a tile with nothing on it"
    # More rows than matplotlib could draw at that size.
    assert max(framer("curve").picture(curves(600), 1).size) <= 32_000


def test_in_a_figure_curves_are_lines_each_in_its_tile() -> None:
    given = np.stack([np.full((2, 30), value) for value in (-1, 0, 0.5, 9)]).astype(np.float32)
    given[:, 1] = 1
    axes: Any = grid_figure(framer("curve", (-1, 1)), given, 2).axes[0]
    tiling = Tiling(4, 2, 300, 200)
    first, second = (line.get_xydata().reshape(4, 31, 2) for line in axes.lines[-2:])
    for i, (left, top) in enumerate(tiling.corners):
        np.testing.assert_allclose(first[i, [0, 29], 0], [left, left + 300])
        np.testing.assert_allclose(second[i, :30, 1], top)
    np.testing.assert_allclose(first[:3, 0, 1], tiling.corners[:3, 1] + [200, 100, 50])
    assert np.isnan(first[3, :, 1]).all(), "what leaves the range is in another tile"
    assert np.isnan(first[:, 30, 1]).all(), "a line leads from one tile to the next"


def test_in_a_figure_the_channels_of_a_sound_stand_apart_and_peaks_stay() -> None:
    given = np.zeros((2, 2, 100_000), np.float32)
    given[1, 0, 55_555] = 1
    axes: Any = grid_figure(framer("sound"), given, 2).axes[0]
    first, second = (line.get_xydata() for line in axes.lines[-2:])
    assert len(first) < 2000
    assert np.nanmin(first[:, 1]) == 0
    np.testing.assert_allclose(np.nanmax(first[:, 1]), 150 / 4)
    np.testing.assert_allclose(second[~np.isnan(second[:, 1]), 1], 150 * 3 / 4)


def test_in_a_figure_texts_are_text_in_letters_of_one_size() -> None:
    texts = ["$a$ " + MARKUP, "b", "word " * 400, "<b>"]
    figure: Any = grid_figure(
        framer("text"), texts, 2, row_names=["one", "two"], marks={(0, 1): "marked"}
    )
    drawn = figure.axes[0].texts[:4]
    assert drawn[0].get_text().replace("\n", " ") == texts[0]
    assert drawn[1].get_text() == "b"
    assert drawn[2].get_text().endswith("\n…")
    assert not any(text.get_parse_math() for text in drawn)
    assert len({text.get_fontsize() for text in drawn}) == 1
    assert len(figure.axes[0].texts) == 4, "a cell is named although rows have names"
    figure.savefig(io.BytesIO())


@pytest.mark.parametrize("kind", ["image", "curve"])
def test_long_headings_are_within_the_figure(kind: str) -> None:
    outputs = curves(14) if kind == "curve" else np.zeros((14, 8, 8, 3), np.uint8)
    names = ["a rather long name of a direction", "short"]
    figure: Any = grid_figure(framer(kind), outputs, 7, row_names=names)
    figure.savefig(io.BytesIO())
    for text in figure.axes[0].get_yticklabels():
        assert text.get_window_extent().x0 >= 0


def test_the_picture_of_a_long_text_is_cut() -> None:
    made = framer("text")
    long = made.picture(["word " * 5000])
    assert long.size == made.picture(["word"]).size
    assert made.picture([""]).size == long.size


def test_a_registered_kind_is_sent_as_it_was_drawn() -> None:
    def to_png(side: int) -> bytes:
        buffer = io.BytesIO()
        Image.new("RGB", (side, side), "red").save(buffer, "PNG")
        return buffer.getvalue()

    register_kind("square", to_png)
    made = framer("square")
    frame = made.frame([8], (0.5,), Quality.STRIP)
    assert frame.data == to_png(8)
    assert (frame.mime, frame.lossless) == ("image/png", True)
    assert kind_named("square").painter == ""
    assert made.png(frame) == frame.data
    tiled = made.picture([8, 4, 8, 8, 2])
    assert tiled.size == (24, 16)
    assert tiled.getpixel((12, 4)) == (255, 0, 0, 255)
    assert tiled.getpixel((9, 1)) == (0, 0, 0, 0)
