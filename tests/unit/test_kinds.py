"""Kinds of output: what a decoder may return, how it is read, and what is refused."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from torch import Tensor, nn

import latentwidgets as lw
from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.ranges import GuessWarning, round_out
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace

Array = np.ndarray[Any, Any]


def words(latents: Array) -> list[str]:
    return [f"{x:.2f}" for x in latents[:, 0]]


def waves(latents: Array) -> Array:
    """Two channels of 50 points, as high as the latent says."""
    t = np.linspace(0, 2 * np.pi, 50)
    both: Array = np.stack([np.sin(t), np.cos(t)])
    return np.asarray(latents[:, :1, np.newaxis] * both)


def png(colour: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(buffer, "PNG")
    return buffer.getvalue()


# Texts


@pytest.mark.parametrize("wrap", [list, tuple, np.array, lambda texts: np.array(texts, object)])
def test_texts_are_found_out(wrap: Any) -> None:
    space = LatentSpace(lambda latents: wrap(words(latents)), 2)
    assert space.decode([[0.5, 0], [1.5, 0]]) == ["0.50", "1.50"]
    assert all(type(text) is str for text in space.decode([[0.5, 0]]))
    assert space.kind == "text"
    assert space.value_range is None


def test_the_kind_is_known_after_one_decode() -> None:
    calls = []

    def decode(latents: Array) -> list[str]:
        calls.append(len(latents))
        return words(latents)

    space = LatentSpace(decode, 2)
    assert space.kind == space.kind == "text"
    assert calls == [1]
    assert LatentSpace(decode, 2, kind="text").kind == "text"
    assert calls == [1]


def test_many_texts_come_in_order() -> None:
    space = LatentSpace(words, 1, batch_size=3)
    latents = np.arange(10, dtype=np.float32)[:, np.newaxis]
    assert space.decode(latents) == words(latents)


@pytest.mark.parametrize(
    ("returned", "complaint"),
    [
        (["a", "b"], "list of 2; expected a list of 3"),
        (["a", "b", 3], "entry 2 is a int; expected a str"),
        (["a", None, "c"], "entry 1 is a NoneType"),
        ("abc", "decode returned a str; expected a list of 3.*Return \\[text\\]"),
        (None, "NoneType; expected a list of 3"),
        ({"a": 1}, "dict; expected a list of 3"),
        (np.array("a"), "ndarray; expected a list of 3"),
        (np.zeros(3), "entry 0 is a float64"),
    ],
)
def test_ragged_texts_are_refused(returned: Any, complaint: str) -> None:
    space = LatentSpace(lambda _: returned, 1, kind="text")
    with pytest.raises(DecodeError, match=complaint):
        space.decode(np.zeros((3, 1)))


@pytest.mark.parametrize(
    ("returned", "complaint"),
    [
        ([None, "b"], "entry 0 is a NoneType; expected a str"),
        ("ab", "decode returned a str; .* Return a list of texts"),
        ([{}, {}], "pass its name as kind"),
        (np.zeros((2, 30)), "flat outputs of 30 values.*for curves kind='curve', for sounds"),
    ],
)
def test_what_was_meant_is_hinted_at_where_no_kind_was_said(returned: Any, complaint: str) -> None:
    with pytest.raises(DecodeError, match=complaint):
        LatentSpace(lambda _: returned, 1).decode(np.zeros((2, 1)))


def test_texts_that_stop_coming_are_refused() -> None:
    space = LatentSpace(lambda z: words(z) if z[0, 0] >= 0 else np.zeros((len(z), 8, 8)), 1)
    assert space.decode([[1.0]]) == ["1.00"]
    with pytest.raises(DecodeError, match="entry 0 is a ndarray; expected a str"):
        space.decode([[-1.0]])
    assert space.decode([[1.0]]) == ["1.00"]


def test_texts_can_be_encoded_and_have_no_derivative() -> None:
    def encode(texts: list[str]) -> Array:
        return np.array([[float(text)] for text in texts], np.float32)

    space = LatentSpace(words, 1, encode)
    assert space.encode(("0.25", "1.5")).tolist() == [[0.25], [1.5]]
    for wrong in ("0.25", 3, b"a"):
        with pytest.raises(LatentTypeError, match="expected a list, one text an entry"):
            space.encode(wrong)
    with pytest.raises(LatentTypeError, match="no str"):
        space.encode([0.25])
    with pytest.raises(LatentValueError, match="empty list"):
        space.encode([])
    with pytest.raises(LatentValueError, match="kind 'text', which have no derivative"):
        space.derivative([1.0], [[1.0]])
    with pytest.raises(LatentValueError, match="kind 'text', which have no derivative"):
        LatentSpace(words, 1).derivative([1.0], [[1.0]])


class Speaker(nn.Module):
    """A torch decoder of texts."""

    def __init__(self, wrap: Any = list) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)
        self.wrap = wrap

    def forward(self, latents: Tensor) -> Any:
        return self.wrap("ab"[i] for i in self.layer(latents).argmax(1).tolist())


@pytest.mark.parametrize("wrap", [list, tuple])
def test_a_torch_module_may_return_texts(wrap: Any) -> None:
    space = as_space(Speaker(wrap))
    assert space.latent_shape == (3,)
    texts = space.decode(space.sample(5))
    assert len(texts) == 5
    assert set(texts) <= {"a", "b"}


# Curves


def test_curves_have_channels() -> None:
    space = as_space(waves, latent_shape=1, kind="curve")
    curves = space.decode([[1.0], [0.5]])
    assert curves.dtype == np.float32
    assert curves.shape == (2, 2, 50)
    np.testing.assert_allclose(curves, waves(np.array([[1.0], [0.5]])), atol=1e-6)
    flat = as_space(lambda z: waves(z)[:, 0], latent_shape=1, kind="curve")
    assert flat.decode([[1.0]]).shape == (1, 1, 50)


def test_the_range_of_curves_is_settled_and_only_widens() -> None:
    space = as_space(waves, latent_shape=1, kind="curve")
    assert space.value_range is None
    space.decode([[0.01]])
    settled = space.value_range
    assert settled is not None
    low, high = settled
    assert low <= -0.1, "samples of the prior were not looked at"
    assert high >= 0.1
    space.decode([[0.02]])
    assert space.value_range == settled
    space.decode([[100.0]])
    assert space.value_range is not None
    assert space.value_range[1] >= 100
    wide = space.value_range
    space.decode([[0.01]])
    assert space.value_range == wide


def test_the_range_of_curves_can_be_said() -> None:
    space = as_space(waves, latent_shape=1, kind="curve", value_range=(-2, 2))
    assert space.value_range == (-2, 2)
    space.decode([[100.0]])
    assert space.value_range == (-2, 2)


@example(-720576.0, 1e-10)
@given(st.floats(-1e6, 1e6, allow_subnormal=False), st.floats(0, 1e6, allow_subnormal=False))
def test_a_range_is_rounded_outwards(low: float, width: float) -> None:
    high = low + width
    least, most = round_out(low, high)
    assert least < most
    slack = 1e-9 * max(abs(low), abs(high))
    assert least <= low + slack
    assert most >= high - slack
    assert most - least <= 1.6 * (high - low) + abs(high) / 2 + 2 + slack


@pytest.mark.parametrize(
    ("returned", "complaint"),
    [
        (np.full((2, 9), np.nan), "NaN or infinity in rows 0, 1"),
        (np.array([[0, 1], [0, np.inf]]), "NaN or infinity in row 1"),
        (np.zeros((2, 1)), "at least 2 points"),
        (np.zeros((2, 3, 4, 5)), "a curve is \\(points,\\) or \\(channels, points\\)"),
        (np.zeros((2, 100, 9)), "at most 64 channels"),
        (np.zeros((3, 9)), "shape \\(3, 9\\) for a batch of 2"),
        ([[0, 1], [0, 1, 2]], "expected one array"),
        (["a", "b"], "expected one array"),
        (np.zeros((2, 9), complex), "expected real numbers"),
    ],
)
def test_what_is_no_curve_is_refused(returned: Any, complaint: str) -> None:
    space = LatentSpace(lambda _: returned, 1, kind="curve")
    with pytest.raises(DecodeError, match=complaint):
        space.decode(np.zeros((2, 1)))


def test_curves_of_another_shape_are_refused() -> None:
    space = LatentSpace(lambda z: np.zeros((len(z), 9 if z[0, 0] else 8)), 1, kind="curve")
    space.decode([[1.0]])
    with pytest.raises(DecodeError, match="shape \\(8,\\); earlier ones had shape \\(9,\\)"):
        space.decode([[0.0]])


def test_curves_can_be_encoded() -> None:
    space = LatentSpace(waves, 1, lambda curves: curves.max(axis=(1, 2))[:, None], kind="curve")
    curves = space.decode([[0.5], [2.0]])
    np.testing.assert_allclose(space.encode(curves), [[0.5], [2.0]], rtol=1e-3)
    with pytest.raises(LatentValueError, match="takes \\(n, 2, 50\\)"):
        space.encode(curves[:, :, :10])
    with pytest.raises(LatentValueError, match="NaN or infinity in row 0 of 2 of the curves"):
        space.encode(np.where([[[True]], [[False]]], np.nan, curves))
    flat = LatentSpace(lambda z: waves(z)[:, 0], 1, lambda c: c[:, 12:13], kind="curve")
    assert flat.encode(flat.decode([[0.5]])).shape == (1, 1)


def test_curves_have_a_derivative() -> None:
    space = LatentSpace(waves, 1, kind="curve")
    changes, _ = space.derivative([0.3], [[1.0]])
    np.testing.assert_allclose(changes, waves(np.ones((1, 1))), atol=1e-3)


# Sounds


def test_sounds_are_in_full_scale() -> None:
    space = LatentSpace(waves, 1, sample_rate=8000)
    assert space.kind == "sound"
    assert space.sample_rate == 8000
    assert space.value_range == (-1, 1)
    sounds = space.decode([[0.5], [1.1]])
    assert sounds.shape == (2, 2, 50)
    assert sounds.dtype == np.float32
    assert abs(sounds).max() == 1
    levels = as_space(space, decode=lambda z: 20000 * waves(z), value_range=(-32768, 32768))
    wanted = 20000 / 32768 * waves(np.ones((1, 1)))
    np.testing.assert_allclose(levels.decode([[1.0]]), wanted, atol=1e-6)


def test_sounds_out_of_scale_are_warned_of_once(no_unexpected_warning: None) -> None:
    space = LatentSpace(lambda z: 20000 * waves(z), 1, sample_rate=8000)
    with pytest.warns(GuessWarning, match="sounds reach from -2.*clipped"):
        space.decode([[1.0]])
    space.decode([[1.0]])


@pytest.mark.parametrize(
    ("options", "error", "complaint"),
    [
        ({"kind": "sound"}, LatentValueError, "Pass sample_rate"),
        ({"sample_rate": 0}, LatentValueError, "at least 1"),
        ({"sample_rate": 44.1}, LatentTypeError, "whole number"),
        ({"sample_rate": True}, LatentTypeError, "whole number"),
        ({"sample_rate": 100}, LatentValueError, "expected 3000 to 384000"),
        ({"kind": "curve", "sample_rate": 8000}, LatentValueError, "sample_rate.*kind='sound'"),
        ({"kind": "text", "value_range": (0, 1)}, LatentValueError, "value_range is \\(0, 1\\)"),
        ({"kind": "curve", "layout": "channels_last"}, LatentValueError, "layout.*for image"),
        ({"sample_rate": 8000, "image_shape": (8, 8)}, LatentValueError, "image_shape is"),
        ({"kind": "curves"}, LatentValueError, "image, curve, sound, text.*Did you mean 'curve'"),
        ({"kind": "molecule"}, LatentValueError, "expected 'auto' or one of.*lw.register_kind"),
        ({"kind": 3}, LatentTypeError, "kind is 3"),
        ({"kind": "curve", "value_range": (1, 1)}, LatentValueError, "value_range"),
    ],
)
def test_options_that_cannot_be_are_refused_at_once(
    options: dict[str, Any], error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        LatentSpace(waves, 1, **options)


def test_a_space_changes_its_kind() -> None:
    space = as_space(waves, latent_shape=1, kind="curve")
    assert as_space(space, kind="sound", sample_rate=8000).kind == "sound"
    assert space.kind == "curve"
    assert as_space(space, batch_size=2).kind == "curve"


# Kinds of a person's own


def test_a_kind_is_registered_in_one_function() -> None:
    lw.register_kind("colour", png)
    space = as_space(lambda z: ["red"] * len(z), latent_shape=1, kind="colour")
    assert space.kind == "colour"
    assert space.decode([[0.0], [1.0]]) == ["red", "red"]
    image = lw.Interpolator(space, [[0.0], [1.0]]).image()
    assert image.size == (8, 8)
    assert image.convert("RGB").getpixel((4, 4)) == (255, 0, 0)


@pytest.mark.parametrize("name", ["image", "text", "auto", "", " "])
def test_a_name_that_is_taken_cannot_be_registered(name: str) -> None:
    with pytest.raises(LatentValueError, match="one of your own"):
        lw.register_kind(name, png)


def test_what_is_registered_is_a_name_and_a_function() -> None:
    with pytest.raises(LatentTypeError, match="expected a text"):
        lw.register_kind(3, png)  # type: ignore[arg-type]
    with pytest.raises(LatentTypeError, match="to_png is a str"):
        lw.register_kind("colour", "png")  # type: ignore[arg-type]


def broken(_: object) -> bytes:
    raise RuntimeError("out of ink")


@pytest.mark.parametrize(
    ("to_png", "complaint"),
    [
        (broken, "'odd' raised RuntimeError: out of ink"),
        (
            lambda _: b"GIF89a",
            "'odd' returned 6 bytes that are no PNG; expected the bytes of a PNG",
        ),
        (lambda _: png("red")[:-20], "'odd' returned a broken PNG"),
        (lambda _: Image.new("L", (8, 8)), "'odd' returned a Image; expected the bytes of a PNG"),
        (lambda _: None, "'odd' returned a NoneType"),
    ],
)
def test_a_kind_that_cannot_be_drawn_says_so(to_png: Any, complaint: str) -> None:
    lw.register_kind("odd", to_png)
    space = as_space(lambda z: list(z), latent_shape=1, kind="odd")
    with pytest.raises(DecodeError, match=complaint):
        lw.Interpolator(space, [[0.0], [1.0]])


def test_objects_that_are_too_few_are_refused() -> None:
    lw.register_kind("colour", png)
    space = as_space(lambda z: ["red"], latent_shape=1, kind="colour")
    with pytest.raises(DecodeError, match="list of 1; expected a list of 2: one colour for each"):
        space.decode([[0.0], [1.0]])


def test_objects_may_be_arrays() -> None:
    lw.register_kind("colour", png)
    space = as_space(lambda z: np.zeros((len(z), 3)), latent_shape=1, kind="colour")
    assert [one.shape for one in space.decode([[0.0], [1.0]])] == [(3,), (3,)]
