"""Conditions: what can be passed as one, how a decoder gets it, and what is refused."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn

import latentwidgets as lw
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.passing import passing
from tests.models import load_sketches, models_missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

NAMES = ["owl", "mug", "pants", "bee"]
GIVEN = {"class": NAMES, "sharpness": (1.0, 0.0, 2.0), "depth": range(2, 9, 3)}


def picture(latents: Array, kind: Array, sharpness: Array, depth: Array) -> Array:
    """Pictures of 1 by 4 that hold the first number of the latent and the three conditions."""
    columns = (latents[:, 0], kind, sharpness, depth)
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=1)[:, np.newaxis]


def make(decode: Callable[..., Any] = picture, **options: Any) -> lw.LatentSpace:
    given = {"value_range": (0, 255), "conditions": GIVEN, **options}
    return lw.as_space(decode, latent_shape=2, **given)


def read(space: lw.LatentSpace, latents: Array, conditions: Any = None) -> list[list[int]]:
    numbers: list[list[int]] = space.decode(latents, conditions)[:, 0, :, 0].tolist()
    return numbers


def test_the_three_forms_and_the_defaults() -> None:
    space = make()
    assert list(space.conditions) == ["class", "sharpness", "depth"]
    assert space.conditions["class"] == lw.Condition(choices=NAMES)
    assert space.conditions["sharpness"] == lw.Condition(1.0, 0.0, 2.0)
    assert space.conditions["depth"].choices == range(2, 9, 3)
    assert [one.default for one in space.conditions.values()] == ["owl", 1.0, 2]
    assert read(space, np.zeros((1, 2))) == [[0, 0, 1, 2]]
    given = {"class": lw.Condition("mug", choices=NAMES), "sharpness": lw.Condition(2, 0, 2)}
    assert read(make(conditions={**given, "depth": range(3)}), np.zeros((1, 2))) == [[0, 1, 2, 0]]


def test_one_value_for_all_or_one_a_latent() -> None:
    space = make()
    three = np.zeros((3, 2))
    assert read(space, three, {"class": "mug", "depth": 8}) == [[0, 1, 1, 8]] * 3
    rows = read(space, three, {"class": ["owl", "bee", 2], "sharpness": np.array([0.0, 1.0, 2.0])})
    assert rows == [[0, 0, 0, 2], [0, 3, 1, 2], [0, 2, 2, 2]]
    assert read(space, three, {"class": torch.tensor([1, 0, 3])})[2][1] == 3
    assert read(space, three[:1], {"class": np.str_("pants"), "sharpness": np.float32(2)}) == [
        [0, 2, 2, 2]
    ]


def test_what_the_decoder_gets() -> None:
    seen: list[Any] = []

    def decode(latents: Array, *, sharpness: Array, **more: Array) -> Array:
        seen.append((sharpness, more))
        return np.zeros((len(latents), 4, 4))

    space = make(decode)
    space.decode(np.zeros((3, 2)), {"class": "mug"})
    sharpness, more = seen[-1]
    assert (sharpness.dtype, sharpness.shape) == (np.float32, (3,))
    assert {name: (one.dtype, one.tolist()) for name, one in more.items()} == {
        "class": (np.int64, [1, 1, 1]),
        "depth": (np.int64, [2, 2, 2]),
    }


def test_batches_split_conditions_with_their_latents() -> None:
    sizes: list[int] = []

    def decode(latents: Array, kind: Array, sharpness: Array, depth: Array) -> Array:
        sizes.append(len(latents))
        assert len(kind) == len(sharpness) == len(latents)
        if len(latents) > 5:
            raise MemoryError
        return picture(latents, kind, sharpness, depth)

    space = make(decode, batch_size=11)
    latents = np.arange(40.0).reshape(20, 2)
    classes = np.arange(20) % 4
    rows = read(space, latents, {"class": classes})
    assert [row[:2] for row in rows] == [[2 * i, i % 4] for i in range(20)]
    assert max(sizes) == 11
    assert space.batch_size == 5


def f_named(z: Any, sharpness: Any, y: Any) -> None: ...
def f_only(z: Any, /, y: Any, *, sharpness: Any = 1) -> None: ...
def f_any(z: Any, **more: Any) -> None: ...
def f_both(z: Any, y: Any, **more: Any) -> None: ...
def f_more(z: Any, *more: Any) -> None: ...
def f_optional(z: Any, y: Any = None) -> None: ...


@pytest.mark.parametrize(
    ("function", "names", "args", "kwargs"),
    [
        (f_named, ["class", "sharpness"], (), {"y": 1, "sharpness": 2}),
        (f_only, ["class", "sharpness"], (1,), {"sharpness": 2}),
        (f_any, ["class", "two words"], (), {"class": 1, "two words": 2}),
        (f_both, ["class", "sharpness"], (1,), {"sharpness": 2}),
        (f_more, ["class", "sharpness"], (1, 2), {}),
        (f_optional, ["class"], (1,), {}),
        (np.add, ["class"], (1,), {}),
    ],
)
def test_by_keyword_where_it_is_named_else_by_position(
    function: Any, names: list[str], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    way = passing(function, names)
    seen: list[Any] = []
    values = {name: i + 1 for i, name in enumerate(names)}
    way.call(lambda z, *a, **k: seen.append((z, a, k)), "z", values=values)
    assert seen == [("z", args, kwargs)]


@pytest.mark.parametrize(
    ("function", "names", "message"),
    [
        (f_named, ["class"], r"needs 'y' beside latents|needs 'y' beside latents and 'class'"),
        (f_named, [], r"needs 'sharpness' and 'y' beside latents.*conditions=\{\"sharpness\": "),
        (f_optional, ["class", "sharpness"], r"takes no 'sharpness'.*\(z, y\)"),
        (lambda z, *, y: z, ["class"], r"needs 'y' beside latents"),
    ],
)
def test_a_decoder_that_cannot_be_called_so(function: Any, names: list[str], message: str) -> None:
    with pytest.raises(LatentValueError, match=message):
        passing(function, names)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (["class"], LatentTypeError, "conditions are a list"),
        ({1: NAMES}, LatentTypeError, "name of a condition is 1"),
        ({" ": NAMES}, LatentValueError, "name of a condition is empty"),
        ({"latents": NAMES}, LatentValueError, "named 'latents'"),
        ({"class": []}, LatentValueError, r"conditions\['class'\]: there are 0 choices"),
        ({"class": range(0)}, LatentValueError, "there are 0 choices"),
        ({"class": range(10**6)}, LatentValueError, "1,000,000 choices"),
        ({"class": ["owl", ""]}, LatentValueError, "name of a choice is empty"),
        ({"class": ["owl", "owl"]}, LatentValueError, "two choices are named 'owl'"),
        ({"class": "owl"}, LatentTypeError, "it is 'owl'"),
        ({"class": [1.0, 0.0, 2.0]}, LatentTypeError, r"is a tuple, \(default, low, high\)"),
        ({"x": (1.0, 0.0)}, LatentValueError, r"it is \(1.0, 0.0\)"),
        ({"x": (1.0, 2.0, 0.0)}, LatentValueError, "low is 2 and high is 0"),
        ({"x": (5.0, 0.0, 2.0)}, LatentValueError, "default is 5"),
        ({"x": (float("nan"), 0.0, 2.0)}, LatentValueError, "default is nan"),
        ({"x": (1.0, 0.0, float("inf"))}, LatentValueError, "high is inf"),
        ({"x": None}, LatentTypeError, "it is None"),
        ({"x": 3.0}, LatentTypeError, "it is 3.0"),
    ],
)
def test_what_is_no_condition(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make(conditions=given)


def test_a_condition_is_numbers_or_choices() -> None:
    with pytest.raises(LatentTypeError, match="one or the other"):
        lw.Condition(1.0, 0.0, 2.0, choices=NAMES)
    with pytest.raises(LatentTypeError, match="no low"):
        lw.Condition(1.0)
    with pytest.raises(LatentTypeError, match="no default"):
        lw.Condition(low=0.0, high=1.0)
    with pytest.raises(LatentValueError, match="which is no choice. Did you mean 'owl'"):
        lw.Condition("owll", choices=NAMES)
    for name in ("truncation", "seed", "steps", "layer"):
        assert name in make(lambda z, **more: z, conditions={name: (1.0, 0.0, 2.0)}).conditions


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"clas": "owl"}, LatentValueError, "name 'clas'. Did you mean 'class'"),
        ("owl", LatentTypeError, "conditions are 'owl'"),
        ({"class": "owll"}, LatentValueError, "Did you mean 'owl'"),
        ({"class": 4}, LatentValueError, "number from 0 to 3"),
        ({"class": -1}, LatentValueError, "number from 0 to 3"),
        ({"class": 1.5}, LatentValueError, "is 1.5"),
        ({"class": float("nan")}, LatentValueError, "is nan"),
        ({"class": True}, LatentTypeError, "is True"),
        ({"class": None}, LatentTypeError, "is None"),
        ({"class": ["owl", "mug", "bee"]}, LatentValueError, "3 values for 2 latents"),
        ({"class": ["owl"]}, LatentValueError, "1 values for 2 latents"),
        ({"class": [["owl", "mug"], ["owl", "mug"]]}, LatentTypeError, "expected a choice"),
        ({"sharpness": 2.1}, LatentValueError, "from 0 to 2"),
        ({"sharpness": [0.5, float("nan")]}, LatentValueError, "is nan"),
        ({"sharpness": "sharp"}, LatentTypeError, "is 'sharp'"),
        ({"depth": 3}, LatentValueError, "from 2 to 8 in steps of 3"),
    ],
)
def test_what_is_no_value(given: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make().decode(np.zeros((2, 2)), given)


def test_a_space_without_conditions_says_so() -> None:
    space = lw.as_space(PCA(2).fit(np.random.default_rng(0).normal(size=(20, 16))))
    assert space.conditions == {}
    with pytest.raises(LatentValueError, match="this space has none"):
        space.decode(np.zeros((1, 2)), {"class": 1})
    with pytest.raises(LatentValueError, match="takes no 'class'"):
        space.replace(conditions={"class": NAMES})


class ConditionalVAE(nn.Module):
    """A decoder and an encoder that take the class, as published ones do."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.latent_dim = 3
        self.embedding = nn.Embedding(4, 3)
        self.layers = nn.Linear(6, 64)
        self.back = nn.Linear(67, 3)
        self.seen: list[Any] = []

    def decode(self, z: Tensor, y: Tensor, scale: Tensor | None = None) -> Tensor:
        self.seen.append((y, scale))
        pictures = torch.sigmoid(self.layers(torch.cat([z, self.embedding(y)], 1)))
        if scale is not None:
            pictures = pictures * scale[:, None]
        return pictures.view(-1, 1, 8, 8)

    def encode(self, x: Tensor, y: Tensor) -> Tensor:
        found: Tensor = self.back(torch.cat([x.flatten(1), self.embedding(y)], 1))
        return found


def test_a_torch_module_gets_tensors() -> None:
    model = ConditionalVAE().double()
    space = lw.as_space(model, conditions={"class": NAMES, "scale": (1.0, 0.0, 1.0)})
    assert space.latent_shape == (3,)
    latents = space.sample(4)
    pictures = space.decode(latents, {"class": ["owl", "mug", "bee", 2], "scale": 0.5})
    y, scale = model.seen[-1]
    assert (y.dtype, y.tolist()) == (torch.int64, [0, 1, 3, 2])
    assert scale.dtype == torch.float64
    z = torch.from_numpy(latents).double()
    with torch.no_grad():
        expected = model.decode(z, torch.tensor([0, 1, 3, 2]), torch.full((4,), 0.5))
    np.testing.assert_allclose(pictures[..., 0], 255 * expected[:, 0].numpy(), atol=1)


def test_encoders_get_what_they_take() -> None:
    model = ConditionalVAE()
    space = lw.as_space(model, conditions={"class": NAMES, "scale": (1.0, 0.0, 1.0)})
    pictures = space.decode(space.sample(2))
    latents = space.encode(pictures, {"class": ["mug", "bee"]})
    x = torch.from_numpy(pictures.astype(np.float32) / 255).permute(0, 3, 1, 2)
    with torch.no_grad():
        expected = model.encode(x, torch.tensor([1, 3]))
    np.testing.assert_allclose(latents, expected.numpy(), atol=1e-5)

    def only_images(images: Array) -> Array:
        return images.reshape(len(images), -1)[:, :2]

    plain = make(encode=only_images)
    assert plain.encode(plain.decode(np.zeros((2, 2))), {"class": "mug"}).shape == (2, 2)


def test_derivatives_are_under_conditions() -> None:
    space = lw.as_space(ConditionalVAE(), conditions={"class": NAMES, "scale": (1.0, 0.0, 1.0)})
    point = space.sample(1)[0]
    whole, how = space.derivative(point, np.eye(3), conditions={"class": "mug"})
    half, _ = space.derivative(point, np.eye(3), conditions={"class": "mug", "scale": 0.5})
    assert how == "forward mode"
    np.testing.assert_allclose(half, whole / 2, atol=1e-6)

    def scaled(z: np.ndarray, y: np.ndarray, s: np.ndarray) -> np.ndarray:
        return np.stack([by * np.tanh(one) for one, by in zip(z, s, strict=True)])

    numeric = make(scaled, image_shape=(1, 2), conditions={"y": NAMES, "s": (1.0, 0.0, 2.0)})
    changes, how = numeric.derivative([0.0, 0.0], np.eye(2), conditions={"s": 2.0})
    assert how == "central differences"
    np.testing.assert_allclose(changes, 2 * np.eye(2), atol=1e-3)


def test_a_module_that_needs_more_names_it_and_shows_the_line() -> None:
    with pytest.raises(LatentValueError, match=r"needs 'y' beside latents.*conditions=\{\"y\": "):
        lw.as_space(ConditionalVAE(), latent_shape=3)

    class Generator(nn.Module):
        def forward(self, z: Tensor, label: Tensor, truncation: Tensor) -> Tensor:
            return z

    with pytest.raises(LatentValueError, match="Generator: its forward needs 'truncation' beside"):
        lw.as_space(Generator(), latent_shape=3, conditions={"label": NAMES})
    with pytest.raises(LatentValueError, match="decode needs 'y' beside latents"):
        lw.as_space(lambda z, y: z, latent_shape=3)


def test_a_first_decode_that_fails_says_how_conditions_arrive() -> None:
    def decode(latents: Any, y: Any) -> Any:  # as a conditional VAE with one-hot classes
        if wrong:
            return np.concatenate([latents, y], 1)
        return np.ones((len(latents), 4, 4)) * y[:, None, None]

    space = lw.LatentSpace(decode, 2, conditions={"y": ["a", "b"]}, value_range=(0, 1))
    wrong = True
    with pytest.raises(lw.DecodeError, match=r"it got y, int64 \(3,\).*decode=lambda z, y"):
        space.decode(np.ones((3, 2)))
    wrong = False
    space.decode(np.ones((3, 2)))
    wrong = True
    with pytest.raises(lw.DecodeError) as later:
        space.decode(np.ones((3, 2)))
    assert "it got" not in str(later.value)


def test_spaces_with_conditions_are_values() -> None:
    space = lw.as_space(ConditionalVAE(), conditions={"class": NAMES, "scale": (1.0, 0.0, 1.0)})
    latents = space.sample(2)
    expected = space.decode(latents, {"class": "bee"})
    for twin in (copy.deepcopy(space), pickle.loads(pickle.dumps(space)), space.replace(name="x")):
        assert twin.conditions == space.conditions
        np.testing.assert_array_equal(twin.decode(latents, {"class": "bee"}), expected)
    other = lw.as_space(space, conditions={"class": range(4)})
    np.testing.assert_array_equal(other.decode(latents, {"class": 3}), expected)
    with pytest.raises(LatentTypeError, match="cannot be changed in place"):
        space.conditions["class"] = lw.Condition(choices=NAMES)


def test_a_space_of_a_traced_decoder_is_copied() -> None:
    module = nn.Sequential(nn.Linear(3, 16), nn.Sigmoid())
    traced = torch.jit.trace(module, torch.zeros(1, 3))  # type: ignore[no-untyped-call]
    space = lw.as_space(traced, latent_shape=3, image_shape=(4, 4), value_range=(0, 1))
    latents = space.sample(2)
    np.testing.assert_array_equal(copy.deepcopy(space).decode(latents), space.decode(latents))


@pytest.mark.skipif(bool(models_missing), reason=models_missing)
def test_fifty_classes_of_one_latent_in_one_batch() -> None:
    space, model = load_sketches()
    latents = np.repeat(space.sample(1), 50, axis=0)
    pictures = space.decode(latents, {"class": space.conditions["class"].choices})
    assert pictures.shape == (50, 28, 28, 1)
    assert len({one.tobytes() for one in pictures}) == 50
    with torch.no_grad():
        expected = model(torch.from_numpy(latents), model.onehot(list(model.labels)))
    np.testing.assert_allclose(pictures[..., 0], 255 * expected[:, 0].numpy(), atol=1)


@pytest.mark.parametrize(
    "condition", [lw.Condition(1.0, 0.0, 2.0), lw.Condition(choices=["a", "b"])]
)
@pytest.mark.parametrize("wrong", ["c", 7, None, [1], float("nan"), np.ones(2)])
def test_a_condition_refuses_wrong_values_wherever_they_come_in(condition: Any, wrong: Any) -> None:
    for method in (condition.check, condition.number, condition.coordinate, condition.value_at):
        with pytest.raises(lw.LatentWidgetsError):
            method(wrong)
    with pytest.raises(lw.LatentWidgetsError):
        condition.even(0)


@pytest.mark.parametrize(
    ("condition", "count", "values"),
    [
        (lw.Condition(1.0, 0.0, 2.0), 5, [0, 0.5, 1, 1.5, 2]),
        (lw.Condition(1.0, 0.0, 10.0), 7, [0, 1, 2, 3, 4, 5, 6]),
        (lw.Condition(7.5, 0.0, 10.0), 7, [2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5]),
        (lw.Condition(9.0, 0.0, 10.0), 7, [3, 4, 5, 6, 7, 8, 9]),
        (lw.Condition(0.123, 0.0, 3.0), 4, [0, 1, 2, 3]),
        (lw.Condition(1.0, 0.0, 10.0), 1, [1]),
        (lw.Condition(50, choices=range(1, 101)), 7, [1, 17, 34, 50, 67, 83, 100]),
        (lw.Condition(3, choices=range(0, 10, 3)), 7, [0, 3, 6, 9]),
        (lw.Condition("b", choices=["a", "b", "c"]), 2, ["a", "b"]),
    ],
)
def test_even_values_are_round_and_hold_the_default(
    condition: Any, count: int, values: list[Any]
) -> None:
    assert condition.even(count) == values
