"""Frames hold what was decoded: every pixel where they say so, nearly every one elsewhere."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from latentwidgets.frames import Frame, Quality, grid, image_frame, tiled, to_pil, to_png
from latentwidgets.kinds.image import ImageFramer


def picture(side: int, channels: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (8, 8, channels), dtype=np.uint8)
    return np.repeat(np.repeat(coarse, side // 8, axis=0), side // 8, axis=1)


def pixels(frame: Frame, channels: int) -> np.ndarray:
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[channels]
    shown = Image.open(io.BytesIO(ImageFramer().png(frame)))
    return np.asarray(shown.convert(mode)).reshape(-1, channels)


@pytest.mark.parametrize("quality", [Quality.LOSSLESS, Quality.RAW])
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("side", [8, 64, 512])
def test_a_lossless_frame_holds_every_pixel(side: int, channels: int, quality: Quality) -> None:
    image = picture(side, channels)
    frame = image_frame(image, (0.5,), quality)
    assert frame.lossless
    assert frame.at == (0.5,)
    np.testing.assert_array_equal(pixels(frame, channels), image.reshape(-1, channels))


def test_transparent_pixels_keep_their_colour_in_a_lossless_frame() -> None:
    image = picture(512, 4)
    image[..., 3] = 0
    frame = image_frame(image, (0.0,), Quality.LOSSLESS)
    np.testing.assert_array_equal(pixels(frame, 4), image.reshape(-1, 4))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_large_frame_of_a_strip_is_small_and_close(channels: int) -> None:
    image = picture(512, channels)
    exact = image_frame(image, (0.0,), Quality.LOSSLESS)
    frame = image_frame(image, (0.0,), Quality.STRIP)
    assert not frame.lossless
    assert frame.mime == ("image/webp" if channels == 4 else "image/jpeg")
    # Colours are what a person sees, so transparent pixels do not count.
    seen = image.reshape(-1, channels)
    close = np.abs(pixels(frame, channels).astype(int) - seen)
    if channels == 4:
        close = close[seen[:, 3] > 0]
    assert close.mean() < 6
    assert exact.lossless


def test_a_small_frame_of_a_strip_is_lossless_too() -> None:
    frame = image_frame(picture(128, 3), (0.0,), Quality.STRIP)
    assert frame.lossless
    assert frame.mime == "image/png"


def test_a_frame_too_long_for_webp_is_a_png() -> None:
    frame = image_frame(np.zeros((2, 20_000, 3), np.uint8), (0.0,), Quality.LOSSLESS)
    assert (frame.mime, frame.lossless) == ("image/png", True)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB"), (4, "RGBA")])
def test_pictures_have_the_mode_of_their_channels(channels: int, mode: str) -> None:
    image = picture(16, channels)
    assert to_pil(image).mode == mode
    assert Image.open(io.BytesIO(to_png(image))).mode == mode


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, (1, 1)), (4, (1, 4)), (5, (2, 3)), (7, (2, 4)), (9, (3, 3)), (16, (4, 4))],
)
def test_tiles_are_laid_out_in_rows(count: int, expected: tuple[int, int]) -> None:
    assert grid(count) == expected
    images = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones(
        (1, 64, 32, 3), np.uint8
    )
    picture = tiled(images)
    rows, columns = expected
    assert picture.shape == (rows * 65 - 1, columns * 33 - 1, 3)
    for i in range(count):
        top, left = i // columns * 65, i % columns * 33
        assert (picture[top : top + 64, left : left + 32] == i).all()
    if count == 5:
        assert (picture[65:, 66:] == 128).all()
