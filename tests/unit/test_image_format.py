"""How outputs are read as pictures: shape, layout, value range, and the way back."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.arrays import NumpyOutputs, as_outputs
from latentwidgets.kinds.reading.image_format import ImageFormat, check_layout, guess_shape
from latentwidgets.kinds.reading.ranges import (
    GuessWarning,
    check_range,
    guess_range,
    round_out,
    warn_guess,
)
from latentwidgets.space.latent_space import LatentSpace

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray


def image_format(
    shape: tuple[int, ...], value_range: tuple[float, float] = (0.0, 1.0)
) -> ImageFormat:
    stored, first, _ = guess_shape(shape)
    return ImageFormat(shape, stored, first, value_range)


@pytest.mark.parametrize(
    ("output_shape", "layout", "stored", "channels_first"),
    [
        ((28, 30), "auto", (28, 30, 1), False),
        ((28, 30), "channels_first", (28, 30, 1), False),
        ((1, 28, 30), "auto", (1, 28, 30), True),
        ((3, 28, 30), "auto", (3, 28, 30), True),
        ((4, 28, 30), "auto", (4, 28, 30), True),
        ((28, 30, 1), "auto", (28, 30, 1), False),
        ((28, 30, 3), "auto", (28, 30, 3), False),
        ((28, 30, 4), "auto", (28, 30, 4), False),
        ((3, 28, 3), "channels_last", (3, 28, 3), False),
        ((3, 28, 3), "channels_first", (3, 28, 3), True),
        ((784,), "auto", (28, 28, 1), False),
        ((3072,), "channels_first", (3, 32, 32), True),
        ((3072,), "channels_last", (32, 32, 3), False),
    ],
)
def test_safe_shapes(
    output_shape: tuple[int, ...], layout: str, stored: tuple[int, ...], channels_first: bool
) -> None:
    assert guess_shape(output_shape, layout=layout) == (stored, channels_first, None)


@pytest.mark.parametrize(
    ("output_shape", "stored"), [((3, 28, 3), (3, 28, 3)), ((3072,), (3, 32, 32))]
)
def test_ambiguous_shapes_are_doubted(
    output_shape: tuple[int, ...], stored: tuple[int, ...]
) -> None:
    shape, channels_first, doubt = guess_shape(output_shape)
    assert (shape, channels_first) == (stored, True)
    assert doubt is not None
    assert "Pass" in doubt


@pytest.mark.parametrize(
    ("image_shape", "channels_first"), [((4, 6), False), ((3, 2, 4), True), ((2, 4, 3), False)]
)
def test_image_shape_unfolds_flat_outputs(
    image_shape: tuple[int, ...], channels_first: bool
) -> None:
    stored, first, doubt = guess_shape((24,), image_shape=image_shape)
    assert (stored[: len(image_shape)], first, doubt) == (image_shape, channels_first, None)


@pytest.mark.parametrize(
    "output_shape", [(), (30,), (5, 64, 64), (2, 64, 64), (64, 64, 5), (1, 3, 64, 64), (0, 4)]
)
def test_no_picture(output_shape: tuple[int, ...]) -> None:
    with pytest.raises(DecodeError, match="decode returned"):
        guess_shape(output_shape)


def test_layout_that_does_not_fit_is_named() -> None:
    with pytest.raises(DecodeError, match='layout="channels_last"'):
        guess_shape((3, 64, 64), layout="channels_last")


def test_image_shape_that_does_not_fit() -> None:
    with pytest.raises(DecodeError, match="30 values each"):
        guess_shape((30,), image_shape=(5, 5))


@pytest.mark.parametrize("image_shape", [(8, 8, 3), (3, 4, 16), (24, 8)])
def test_image_shape_scrambles_nothing(image_shape: tuple[int, ...]) -> None:
    with pytest.raises(DecodeError, match=r"\(3, 8, 8\); image_shape=.*scramble.*layout="):
        guess_shape((3, 8, 8), image_shape=image_shape)


@pytest.mark.parametrize(
    ("output_shape", "image_shape"),
    [((3, 8, 8), (3, 8, 8)), ((1, 6, 8), (6, 8)), ((6, 8), (6, 8, 1)), ((48, 1, 1), (6, 8))],
)
def test_image_shape_may_differ_in_axes_of_1(
    output_shape: tuple[int, ...], image_shape: tuple[int, ...]
) -> None:
    assert guess_shape(output_shape, image_shape=image_shape) == guess_shape(image_shape)


@pytest.mark.parametrize(
    ("low", "high", "guess"),
    [(0, 1, (0, 1)), (0.2, 0.8, (0, 1)), (0, 0, (0, 1)), (-1, 1, (-1, 1)), (-0.8, 0.1, (-1, 1))],
)
def test_safe_ranges(low: float, high: float, guess: tuple[float, float]) -> None:
    assert guess_range(low, high) == (guess, None)


@pytest.mark.parametrize(
    ("low", "high", "guess"),
    [
        (-0.05, 1.04, (0, 1)),
        (-0.05, 0.9, (0, 1)),
        (-1.2, 1.1, (-1, 1)),
        (0, 255, (0, 255)),
        (-12, 270, (0, 255)),
        (-63.75, 200, (0, 255)),
        (-100, 200, (-100, 200)),
        (0, 400, (0, 400)),
        (-3, 18, (-3, 18)),
        (-0.6, 0.1, (-1, 1)),
        (40, 40, (40, 41)),
        (1e30, 1e30, (1e30, np.nextafter(1e30, np.inf))),
    ],
)
def test_unsafe_ranges_are_doubted(low: float, high: float, guess: tuple[float, float]) -> None:
    value_range, doubt = guess_range(low, high)
    assert value_range == guess
    assert doubt is not None
    assert "value_range=" in doubt


def test_the_range_to_pass_is_told_with_enough_digits() -> None:
    _, doubt = guess_range(1e6, 1e6 + 0.5)
    assert doubt is not None
    assert "Pass value_range=(1000000, 1000000.5)" in doubt


@given(st.floats(-300, 300, allow_nan=False), st.floats(0, 300, allow_nan=False))
def test_every_guess_is_a_range(low: float, width: float) -> None:
    (black, white), _ = guess_range(low, low + width)
    assert black < white


def test_a_range_of_one_value_gets_a_sixth_of_room_to_both_sides() -> None:
    assert round_out(7, 7) == (5.5, 8.5)


@pytest.mark.parametrize("value_range", ["uint8", "0-1", 1, (0, 1, 2), None, ("a", "b"), "01"])
def test_no_range(value_range: Any) -> None:
    with pytest.raises(LatentTypeError, match=r"expected 'auto'.*\(0, 255\)"):
        check_range(value_range)


def test_a_range_may_stand_upright() -> None:
    assert check_range([[0], [1]]) == (0, 1)


@pytest.mark.parametrize("value_range", [(1, 0), (0, 0), (0, float("nan")), (-np.inf, 1)])
def test_empty_range(value_range: tuple[float, float]) -> None:
    with pytest.raises(LatentValueError, match="value_range is"):
        check_range(value_range)


def test_unknown_layout() -> None:
    with pytest.raises(LatentValueError, match="'channels_first', 'channels_last'"):
        check_layout("NCHW")


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0), (-3.0, 18.0)])
def test_floats_become_the_nearest_level(
    dtype: type[np.floating[Any]], value_range: tuple[float, float]
) -> None:
    low, high = value_range
    levels = np.arange(256).reshape(1, 16, 16)
    outputs = as_outputs((low + levels / 255 * (high - low)).astype(dtype))
    images, _ = outputs.to_uint8(image_format((16, 16), value_range))
    assert images.dtype == np.uint8
    assert np.array_equal(images[..., 0], levels)


@pytest.mark.parametrize("dtype", [np.float64, np.int64])
def test_levels_far_from_0_are_kept(dtype: type[np.generic]) -> None:
    levels = np.arange(256).reshape(1, 16, 16)
    black = 2**40
    fmt = image_format((16, 16), (float(black), black + 510.0))
    images, extent = as_outputs((black + 2 * levels).astype(dtype)).to_uint8(fmt)
    assert np.array_equal(images[..., 0], levels)
    assert extent == pytest.approx(fmt.value_range, rel=1e-15)


def test_constant_outputs_far_from_0_are_black() -> None:
    space = LatentSpace(lambda latents: np.full((len(latents), 4, 4), 1e30), 2)
    with pytest.warns(GuessWarning, match=r"from 1e\+30 to 1e\+30"):
        assert space.decode(np.zeros((1, 2))).max() == 0


@given(st.integers(0, 2**32 - 1), st.sampled_from([(3, 5, 7), (5, 7, 3), (5, 7), (35,)]))
def test_values_are_rounded_and_clipped(seed: int, shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(seed).uniform(-1.5, 1.5, (4, *shape)).astype(np.float32)
    way_back = {(3, 5, 7): (0, 2, 3, 1), (5, 7, 3): (0, 1, 2, 3)}
    stored, first, _ = guess_shape(shape, image_shape=(5, 7) if shape == (35,) else None)
    images, extent = as_outputs(values).to_uint8(ImageFormat(shape, stored, first, (-1.0, 1.0)))
    assert extent == pytest.approx((values.min(), values.max()), abs=1e-5)
    exact = np.clip((values.astype(float) + 1) * 127.5, 0, 255)
    exact = exact.transpose(way_back[shape]) if shape in way_back else exact.reshape(4, 5, 7, 1)
    assert images.shape == exact.shape
    assert np.abs(images - exact).max() <= 0.501


@pytest.mark.parametrize("shape", [(64, 64), (600, 600)])
def test_many_blocks_are_joined(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).uniform(0, 1, (70, 3, *shape))[: 70 if shape[0] < 99 else 3]
    values[1, 2, 3, 4], values[-1, 0, 0, 0] = -0.5, 1.75
    images, extent = as_outputs(values).to_uint8(image_format((3, *shape)))
    exact = np.clip(255 * values, 0, 255).transpose(0, 2, 3, 1)
    assert np.abs(images - exact).max() <= 0.501
    assert extent == pytest.approx((-0.5, 1.75), abs=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_extent_tells_what_is_not_finite(bad: float) -> None:
    values = np.zeros((70, 3, 64, 64), np.float32)
    values[60, 1, 2, 3] = bad
    outputs = as_outputs(values)
    _, extent = outputs.to_uint8(image_format((3, 64, 64)))
    assert not np.isfinite(extent).all()
    assert np.flatnonzero(~outputs.finite_rows()).tolist() == [60]


def test_uint8_is_kept_and_not_shared() -> None:
    values = np.arange(48, dtype=np.uint8).reshape(1, 4, 4, 3)
    outputs = NumpyOutputs(values)
    assert outputs.dtype_range == (0, 255)
    images, _ = outputs.to_uint8(image_format((4, 4, 3), (0.0, 255.0)))
    assert np.array_equal(images, values)
    assert not np.shares_memory(images, values)


def test_uint8_in_a_range_of_as_many_values_is_moved() -> None:
    values = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    images, _ = NumpyOutputs(values).to_uint8(image_format((16, 16), (10.0, 265.0)))
    assert np.array_equal(images[..., 0], np.maximum(values, 10) - 10)


def test_bool_is_black_and_white() -> None:
    outputs = NumpyOutputs(np.eye(4, dtype=bool)[np.newaxis])
    assert outputs.dtype_range == (0, 1)
    images, _ = outputs.to_uint8(image_format((4, 4)))
    assert np.array_equal(images[0, ..., 0], np.eye(4) * 255)


@pytest.mark.parametrize("raw", [[np.zeros((4, 4))], {"image": 1}, None, 3.0, "picture"])
def test_what_is_no_array_is_refused(raw: object) -> None:
    with pytest.raises(DecodeError, match=f"decode returned a {type(raw).__name__}"):
        as_outputs(raw)


@pytest.mark.parametrize("raw", [np.zeros((2, 4, 4), complex), np.array(["a", "b"])])
def test_arrays_without_real_numbers_are_refused(raw: NDArray[Any]) -> None:
    with pytest.raises(DecodeError, match="expected real numbers"):
        as_outputs(raw)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_matrix_is_an_array() -> None:
    outputs = as_outputs(np.asmatrix(np.eye(4)))
    stored, first, _ = guess_shape((4,))
    assert outputs.to_uint8(ImageFormat((4,), stored, first, (0.0, 1.0)))[0].shape == (4, 2, 2, 1)


def test_anything_with_array_is_taken() -> None:
    class Lazy:
        def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[np.float64]:
            return np.ones((2, 4, 4))

    assert as_outputs(Lazy()).shape == (2, 4, 4)


@pytest.mark.parametrize("shape", [(3, 6, 8), (6, 8, 3), (1, 6, 8), (6, 8), (4, 6, 8)])
@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
def test_pictures_go_back_to_the_model(
    shape: tuple[int, ...], value_range: tuple[float, float]
) -> None:
    low, high = value_range
    values = np.random.default_rng(0).uniform(low, high, (5, *shape)).astype(np.float32)
    fmt = image_format(shape, value_range)
    back = fmt.to_model(as_outputs(values).to_uint8(fmt)[0])
    assert back.dtype == np.float32
    assert back.shape == values.shape
    assert np.abs(back - values).max() <= 0.51 * (high - low) / 255


def test_the_models_own_format_is_kept() -> None:
    values = np.random.default_rng(0).normal(size=(5, 3, 6, 8)).astype(np.float32)
    assert np.array_equal(image_format((3, 6, 8)).to_model(values), values)
    stored, first, _ = guess_shape((144,), image_shape=(6, 8, 3))
    flat = ImageFormat((144,), stored, first, (0.0, 1.0))
    assert np.array_equal(flat.to_model(values.reshape(5, 144)), values.reshape(5, 144))


def test_layouts_mean_the_same() -> None:
    fmt = image_format((3, 6, 8))
    last = np.random.default_rng(0).integers(0, 256, (5, 6, 8, 3)).astype(np.uint8)
    assert np.array_equal(fmt.to_model(last), fmt.to_model(last.transpose(0, 3, 1, 2)))
    fmt = image_format((6, 8, 3))
    assert np.array_equal(fmt.to_model(last), fmt.to_model(last.transpose(0, 3, 1, 2)))
    with pytest.raises(LatentValueError, match="this space takes 6x8 pictures"):
        fmt.to_model(np.zeros((5, 7, 6, 8)))  # seven are no channels
    with pytest.raises(LatentValueError, match="Resize .* Latents are no pictures"):
        fmt.to_model(np.zeros((5, 10)))


def test_channels_are_converted() -> None:
    rgb, grey, rgba = image_format((3, 6, 8)), image_format((6, 8)), image_format((4, 6, 8))
    red = np.zeros((1, 6, 8, 3), np.uint8)
    red[..., 0] = 255
    assert grey.to_model(red) == pytest.approx(np.full((1, 6, 8), 0.299))
    assert np.array_equal(rgba.to_model(red)[:, 3], np.ones((1, 6, 8)))
    assert np.array_equal(rgba.to_model(red)[:, :3], rgb.to_model(red))
    assert np.array_equal(rgb.to_model(np.ones((1, 6, 8), bool)), np.ones((1, 3, 6, 8)))
    see_through = np.concatenate([red, red[..., 1:2]], axis=-1)
    assert np.array_equal(rgb.to_model(see_through), rgb.to_model(red))


@pytest.mark.parametrize("shape", [(5, 7, 8, 3), (5, 9), (5, 6, 8, 2), (5,)])
def test_images_of_another_size_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(LatentValueError, match="takes 6x8 pictures.*Resize"):
        image_format((3, 6, 8)).to_model(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [(5, 144), (5, 8, 6, 3), (5, 2, 3, 24)])
def test_images_of_as_many_pixels_are_told_to_reshape(shape: tuple[int, ...]) -> None:
    with pytest.raises(LatentValueError, match=r"Reshape them: images.reshape\(-1, 3, 6, 8\)"):
        image_format((3, 6, 8)).to_model(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [(6, 8), (6, 8, 3), (6, 8, 1), (6, 8, 4)])
def test_a_single_image_is_told_the_way_out(shape: tuple[int, ...]) -> None:
    with pytest.raises(LatentValueError, match=r"Pass images\[None\]"):
        image_format((3, 6, 8)).to_model(np.zeros(shape, np.uint8))


def test_warnings_point_to_the_persons_own_line() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_guess("hm")
    assert [(each.category, each.filename) for each in caught] == [(GuessWarning, __file__)]


def test_a_few_values_beyond_a_usual_range_do_not_widen_it() -> None:
    rng = np.random.default_rng(0)
    for black, guess in ((-1, "(-1, 1)"), (0, "(0, 1)")):
        images = rng.uniform(black, 1, (4, 8, 8, 1)).astype(np.float32)
        images[0, :2, 0, 0] = -1.75, 1.6
        space = LatentSpace(lambda z, images=images: images[: len(z)], 2)
        with pytest.warns(GuessWarning, match=re.escape(f"value_range={guess}")):
            space.decode(np.zeros((4, 2)))
    assert guess_range(-1.75, 1.46, (-1.4, 1.2))[0] == (-1.75, 1.46)


@pytest.mark.parametrize(("least", "decoded"), [(-0.75, 1), (-0.74, 5)])
def test_more_outputs_are_looked_at_where_no_value_is_near_minus_1(
    least: float, decoded: int
) -> None:
    seen: list[Any] = []

    def decode(z: NDArray[np.float32]) -> NDArray[np.float32]:
        seen.extend(z)
        return np.tile(np.array([least, 0.5], np.float32), (len(z), 4, 4))

    space = LatentSpace(decode, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        space.decode(np.ones((1, 2)))
    assert (space.value_range, len(seen)) == ((-1, 1), decoded)
