"""`LatentSpace` on plain NumPy functions: what goes in, what comes out, what is refused."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.ranges import GuessWarning
from latentwidgets.space.latent_space import LatentSpace
from latentwidgets.widgets.interpolator import Interpolator
from tests.unit.spaces import logit, sigmoid, space_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float32]
pytestmark = pytest.mark.usefixtures("no_unexpected_warning")


def test_decode_gives_pictures(space: LatentSpace) -> None:
    latents = space.sample(7)
    images = space.decode(latents)
    assert images.dtype == np.uint8
    assert images.shape == (7, 4, 4, 3)
    assert np.abs(images - 255 * sigmoid(latents).transpose(0, 2, 3, 1)).max() <= 0.501


def test_encode_goes_back(space: LatentSpace) -> None:
    latents = space.sample(7)
    assert space.can_encode
    back = space.encode(space.decode(latents))
    assert back.dtype == np.float32
    assert np.abs(back - latents).max() < 0.05
    assert np.abs(space.encode(sigmoid(latents)) - latents).max() < 0.05


def test_encode_before_any_decode() -> None:
    images = (255 * sigmoid(np.ones((2, 5), np.float32))).astype(np.uint8)
    assert LatentSpace(sigmoid, 5, logit).encode(images) == pytest.approx(np.ones((2, 5)), abs=0.1)


@pytest.mark.parametrize("latent_shape", [(5,), (2, 3), (1, 2, 2)])
def test_any_latent_shape(latent_shape: tuple[int, ...]) -> None:
    space = LatentSpace(
        lambda z: np.tanh(z.reshape(len(z), -1, 1) * np.ones(4)), latent_shape, value_range=(-1, 1)
    )
    size = int(np.prod(latent_shape))
    assert space.decode(space.sample(3)).shape == (3, size, 4, 1)


def test_batches_are_joined_in_order() -> None:
    sizes = []

    def decode(latents: Array) -> Array:
        sizes.append(len(latents))
        return sigmoid(latents)

    space = space_of(decode, batch_size=4, value_range=(0, 1))
    latents = space.sample(10)
    assert np.array_equal(space.decode(latents), LatentSpace(sigmoid, 5).decode(latents))
    assert sizes == [4, 4, 2]


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("not enough memory: you tried to allocate 7 bytes"),
        RuntimeError("MPS backend out of memory"),
    ],
)
def test_batches_are_halved_when_memory_runs_out(error: Exception) -> None:
    tried = []

    def decode(latents: Array) -> Array:
        tried.append(len(latents))
        if len(latents) > 10:
            raise error
        return sigmoid(latents)

    space = space_of(decode, value_range=(0, 1))
    latents = space.sample(100)
    assert np.array_equal(space.decode(latents), LatentSpace(sigmoid, 5).decode(latents))
    assert tried[:4] == [64, 32, 16, 8]
    assert space.batch_size == 8
    tried.clear()
    space.decode(latents)
    assert max(tried) == 8


def test_memory_that_never_suffices_is_an_error() -> None:
    def decode(latents: Array) -> Array:
        raise MemoryError("no")

    with pytest.raises(DecodeError, match="decode raised MemoryError: no") as caught:
        space_of(decode).decode(np.zeros((9, 5)))
    assert isinstance(caught.value.__cause__, MemoryError)


def test_other_errors_are_not_tried_again() -> None:
    calls = []

    def decode(latents: Array) -> Array:
        calls.append(len(latents))
        raise RuntimeError("broken")

    with pytest.raises(DecodeError, match="decode raised RuntimeError: broken"):
        space_of(decode).decode(np.zeros((9, 5)))
    assert calls == [9]


def test_a_decoder_may_write_to_its_batch(space: LatentSpace) -> None:
    def decode(latents: Array) -> Array:
        latents *= 2
        return sigmoid(latents)

    latents = space.sample(3)
    before = latents.copy()
    space_of(decode).decode(latents)
    assert np.array_equal(latents, before)
    latents.flags.writeable = False
    space_of(decode).decode(latents)


# Value range and layout


def test_a_picture_in_0_1_does_not_hide_a_range_of_minus_1_1() -> None:
    space = space_of(lambda z: np.tanh(z[:, :, np.newaxis] * np.ones(4)))
    images = space.decode(np.full((1, 5), 0.5))
    assert np.abs(images - 127.5 * (1 + np.tanh(0.5))).max() < 1


def test_the_prior_is_asked_once_and_only_where_it_helps() -> None:
    calls = []

    def counting(function: Callable[[Array], Any]) -> Callable[[Array], Any]:
        def decode(latents: Array) -> Any:
            calls.append(len(latents))
            return function(latents)

        return decode

    def as_uint8(latents: Array) -> Any:
        return (255 * sigmoid(latents)).astype(np.uint8)

    latents = np.ones((2, 5))
    for function, options, expected in [
        (sigmoid, {}, [2, 4, 2]),
        (sigmoid, {"value_range": (0, 1)}, [2, 2]),
        (as_uint8, {}, [2, 2]),
        (lambda z: 2 * sigmoid(-z) - 1, {}, [2, 2]),
    ]:
        calls.clear()
        space = space_of(counting(function), **options)
        space.decode(latents)
        space.decode(latents)
        assert calls == expected


@pytest.mark.parametrize(
    ("latents", "batch_size", "expected"),
    [(1, 1, [1, 1, 1, 1, 1]), (2, 3, [2, 3, 1]), (4, 4, [4]), (9, 64, [9])],
)
def test_the_prior_is_asked_in_batches_unless_just_decoded(
    latents: int, batch_size: int, expected: list[int]
) -> None:
    sizes = []

    def decode(latents: Array) -> Array:
        sizes.append(len(latents))
        return sigmoid(latents)

    space = space_of(decode, batch_size=batch_size)
    space.decode(space.sample(latents))
    assert sizes == expected


@pytest.mark.parametrize("low", [-0.3, -0.7])
def test_an_undershoot_is_no_range_of_minus_1_1_without_a_word(low: float) -> None:
    calls = []

    def decode(latents: Array) -> Any:
        calls.append(len(latents))
        return np.where(latents > 0, 1.0, low)[:, :, np.newaxis] * np.ones(4)

    with pytest.warns(GuessWarning, match=f"from {low} to 1; .*value_range="):
        space_of(decode).decode(-np.ones((1, 5)))
    assert calls == [1, 4]


def no_negative(latents: Array) -> Array:
    """Decode only latents that no sample of a normal prior is like."""
    if latents.min() < 0:
        raise ValueError("negative.")
    return sigmoid(latents)


@pytest.mark.parametrize(
    ("decode", "options", "fault"),
    [
        (no_negative, {}, "decode raised ValueError: negative"),
        (no_negative, {"kind": "curve"}, "decode raised ValueError: negative"),
        (lambda z: sigmoid(np.where(z < 0, np.nan, z)), {}, "returned NaN or infinity in rows"),
        (sigmoid, {"prior": lambda rng, n: 1 / 0}, "ZeroDivisionError: division by zero"),
        (sigmoid, {"prior": lambda rng, n: np.ones((n, 6))}, "samples of the prior have shape"),
    ],
)
def test_a_prior_that_cannot_be_decoded_is_told_once_and_does_no_harm(
    decode: Any, options: dict[str, Any], fault: str
) -> None:
    def of_one_kind(latents: Array) -> Any:
        return decode(latents).reshape(len(latents), -1) if "kind" in options else decode(latents)

    space = space_of(of_one_kind, name="mine", **options)
    latents = np.ones((2, 5), np.float32)
    with pytest.warns(GuessWarning) as told:
        outputs = space.decode(latents)
    assert len(outputs) == 2
    assert space.value_range is not None
    [warning] = told
    words = str(warning.message)
    assert words.startswith("mine: samples of the prior could not be decoded: ")
    assert fault in words
    assert re.search(r"guessed from outputs that reach from [\d.]+ to [\d.]+ alone", words)
    assert "Pass value_range=(low, high), or a prior" in words
    assert warning.filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(space.decode(latents), outputs)
        space_of(of_one_kind, **{**options, "value_range": (0, 1)}).decode(latents)


def test_what_samples_gave_before_one_failed_counts() -> None:
    calls = []

    def decode(latents: Array) -> Any:
        calls.append(len(latents))
        if len(calls) == 3:
            raise RuntimeError("the second sample")
        return np.full((len(latents), 4, 4), [0.5, -0.9][len(calls) - 1])

    space = space_of(decode, batch_size=1)
    with pytest.warns(GuessWarning, match="the second sample.* reach from -0.9"):
        space.decode(np.ones((1, 5)))
    assert calls == [1, 1, 1]
    assert space.value_range == (-1, 1)


def test_an_interrupt_while_the_prior_is_asked_gets_through() -> None:
    def decode(latents: Array) -> Array:
        if latents.min() < 0:
            raise KeyboardInterrupt
        return sigmoid(latents)

    space = space_of(decode)
    with pytest.raises(KeyboardInterrupt):
        space.decode(np.ones((1, 5)))
    assert space.value_range is None, "half of what was to be looked at has settled the range"


def test_an_unsafe_range_warns_once_and_clips() -> None:
    space = space_of(lambda z: 1.1 * sigmoid(z) - 0.05)
    latents = 5 * space.sample(20)
    with pytest.warns(GuessWarning, match=r"<lambda>: outputs reach from -0.0\d+ to 1.0.*\(0, 1\)"):
        images = space.decode(latents)
    assert {0, 255} <= set(images.ravel().tolist())
    space.decode(latents)


def test_a_range_that_turns_out_wrong_warns_once() -> None:
    space = space_of(
        lambda z: z[:, :, np.newaxis] * np.ones(4), prior=lambda rng, n: np.ones((n, 5))
    )
    space.decode(np.full((1, 5), 0.5))
    space.decode(np.full((1, 5), 1.1))
    with pytest.warns(GuessWarning, match="outputs now reach from -3 to -3, outside of"):
        assert space.decode(np.full((1, 5), -3.0)).max() == 0
    space.decode(np.full((1, 5), -3.0))


def test_a_stated_range_is_taken_without_a_word() -> None:
    space = space_of(lambda z: z[:, :, np.newaxis] * np.ones(4), value_range=(-2, 2))
    assert space.decode(np.full((1, 5), 9.0)).min() == 255
    assert space.decode(np.zeros((1, 5))).max() == 128


def test_an_ambiguous_layout_warns_unless_stated() -> None:
    def decode(latents: Array) -> Array:
        return sigmoid(latents)[:, :, :, :3]

    with pytest.warns(GuessWarning, match="channels first or last"):
        images = space_of(decode).decode(np.ones((1, 5)))
    stated = space_of(decode, layout="channels_first").decode(np.ones((1, 5)))
    assert np.array_equal(images, stated)
    last = space_of(decode, layout="channels_last").decode(np.ones((1, 5)))
    assert np.array_equal(last, stated.transpose(0, 3, 1, 2))


def test_flat_outputs_get_their_image_shape() -> None:
    def flat(latents: Array) -> Array:
        return sigmoid(latents).reshape(-1, 48)

    latents = np.ones((2, 5))
    expected = space_of(sigmoid).decode(latents)
    assert np.array_equal(space_of(flat, image_shape=(3, 4, 4)).decode(latents), expected)


def test_float_images_that_cannot_be_in_range_warn(space: LatentSpace) -> None:
    with pytest.warns(GuessWarning, match=r"images reach from 0 to 255.*\(0, 1\)"):
        space.encode(np.linspace(0, 255, 48).reshape(1, 4, 4, 3))


# Bad outputs


class Unreadable:
    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        raise OSError("lost")


@pytest.mark.parametrize(
    ("decode", "message"),
    [
        (lambda z: sigmoid(z)[:-1], r"returned shape \(2, 3, 4, 4\) for a batch of 3; expected"),
        (lambda z: sigmoid(z)[0, :2], r"returned shape \(2, 4, 4\) for a batch of 3"),
        (lambda z: np.float32(1), r"returned shape \(\) for a batch of 3"),
        (lambda z: 1.0, "returned a float; expected one array"),
        (lambda z: sigmoid(z).tolist(), r"returned a list.*np.stack"),
        (lambda z: None, "returned a NoneType.*Is there a return"),
        (lambda z: {"images": 3}, "returned a dict.*It holds no array: return one"),
        (lambda z: Unreadable(), "returned a Unreadable that NumPy cannot read: OSError: lost"),
        (lambda z: np.zeros((3, 5, 8, 8)), r"shape \(5, 8, 8\); a picture is"),
        (lambda z: np.zeros((3, 0, 8)), r"returned shape \(3, 0, 8\)"),
        (lambda z: np.where(z[:, :1, None] > 1, np.nan, np.ones(4)), "NaN or infinity in row 1 "),
        (lambda z: np.where(z[:, :1, None] > 1, np.inf, np.ones(4)), "NaN or infinity in row 1 "),
    ],
)
def test_bad_outputs_are_named(decode: Callable[[Array], Any], message: str) -> None:
    latents = np.zeros((3, 5))
    latents[1] = 2
    with pytest.raises(DecodeError, match=message):
        space_of(decode).decode(latents)


def test_outputs_that_change_their_shape_are_named() -> None:
    space = space_of(lambda z: np.zeros((len(z), 4 if z.max() < 1 else 5, 4)), value_range=(0, 1))
    space.decode(np.zeros((1, 5)))
    with pytest.raises(DecodeError, match=r"\(5, 4\); earlier ones had shape \(4, 4\)"):
        space.decode(np.ones((1, 5)))


def test_a_decoder_that_failed_once_works_again() -> None:
    failures = [ValueError("first"), KeyboardInterrupt()]

    def decode(latents: Array) -> Array:
        if failures:
            raise failures.pop(0)
        return sigmoid(latents)

    space = space_of(decode)
    with pytest.raises(DecodeError, match="decode raised ValueError: first"):
        space.decode(np.zeros((1, 5)))
    with pytest.raises(KeyboardInterrupt):
        space.decode(np.zeros((1, 5)))
    assert space.decode(np.zeros((1, 5))).shape == (1, 4, 4, 3)


@pytest.mark.parametrize(
    ("encode", "message"),
    [
        (lambda x: 1 / 0, "encode raised ZeroDivisionError"),
        (lambda x: np.zeros((len(x), 10)), r"encode returned shape \(2, 10\).*\(2, 5\).*encode="),
        (lambda x: np.zeros((1, 5)), r"encode returned shape \(1, 5\) for a batch of 2"),
        (lambda x: [0], "encode returned a list"),
        (lambda x: np.full((len(x), 5), np.nan), "encode returned NaN or infinity in rows 0, 1"),
    ],
)
def test_bad_encoders_are_named(encode: Callable[[Array], Any], message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        LatentSpace(sigmoid, 5, encode).encode(np.zeros((2, 4, 4, 3), np.uint8))


# Bad input


@pytest.mark.parametrize(
    ("shape", "way_out"),
    [
        ((5,), r"\(5,\): that is one latent; expected several.*pass anchors\[None\]"),
        ((3, 4, 64), r"\(3, 4, 64\).*Pass \(n, 5\), or make .* with latent_shape=\(4, 64\)"),
        ((3, 5, 1), r"Reshape them: anchors.reshape\(-1, 5\)"),
        ((3, 6), r"latent_shape=\(6,\)"),
        ((), r"at least one row.*Pass a batch, \(n, \.\.\.\)"),
        ((0, 5), "at least one row"),
        ((5, 0), "at least one number in each"),
    ],
)
def test_wrong_latent_shapes(space: LatentSpace, shape: tuple[int, ...], way_out: str) -> None:
    with pytest.raises(LatentValueError, match=f"(?i)anchors have shape.*{way_out}|{way_out}"):
        space.check(np.zeros(shape), "anchors")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_latents_that_are_not_finite(space: LatentSpace, bad: float) -> None:
    latents = np.zeros((9, 5))
    latents[[2, 5], 1] = bad
    with pytest.raises(LatentValueError, match="NaN or infinity in rows 2, 5 of 9 of the latents"):
        space.decode(latents)


@pytest.mark.parametrize("latents", ["abc", [[1, 2], [3]], [[1j] * 5], [[None] * 5], {"a": 1}])
def test_latents_that_are_no_numbers(space: LatentSpace, latents: Any) -> None:
    with pytest.raises(LatentTypeError, match="latents are"):
        space.decode(latents)


def test_check_copies_only_what_it_must(space: LatentSpace) -> None:
    latents = np.ones((2, 5), np.float32)
    assert space.check(latents) is latents
    assert space.check(latents.tolist()).dtype == np.float32


def test_encode_without_encoder() -> None:
    with pytest.raises(LatentValueError, match="sigmoid has no encoder.*encode="):
        space_of(sigmoid).encode(np.zeros((2, 4, 4, 3)))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 5, 5, 3), np.uint8), "takes 4x4 pictures"),
        (np.full((2, 4, 4, 3), np.nan), "NaN or infinity in rows 0, 1 of 2 of the images"),
        (np.zeros((0, 4, 4, 3)), "at least one row"),
        (np.zeros((2, 0, 8)), "at least one number in each"),
        (3, r"images have shape \(\)"),
    ],
)
def test_bad_images(space: LatentSpace, images: Any, message: str) -> None:
    with pytest.raises(LatentValueError, match=message):
        space.encode(images)


def test_a_warning_points_at_the_line_that_makes_a_widget() -> None:
    space = LatentSpace(lambda z: 3 * z[:, :1, None] * np.ones((8, 8)), 2)
    with pytest.warns(GuessWarning) as caught:
        Interpolator(space, np.eye(2))  # ipywidgets opens it, which decodes the first picture
    lines = Path(__file__).read_text("utf-8").splitlines()
    assert caught[0].filename == __file__
    assert "Interpolator(space" in lines[caught[0].lineno - 1]
