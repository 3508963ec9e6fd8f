"""A space is a value: it is copied, sent to other processes, and made anew with other options."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cloudpickle
import joblib
import numpy as np
import pytest
import torch
from sklearn.decomposition import NMF, PCA, KernelPCA
from torch import Tensor, nn

import latentwidgets as lw
from tests.unit.spaces import logit, sigmoid, space_of
from tests.unit.torch_models import decoder, encoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]
    Way = Callable[[Any], Any]

WAYS: dict[str, Way] = {
    "pickle": lambda one: pickle.loads(pickle.dumps(one)),
    "cloudpickle": lambda one: pickle.loads(cloudpickle.dumps(one)),
    "deepcopy": copy.deepcopy,
}


class Painter:
    """A model of one's own."""

    latent_dim = 5

    def __init__(self) -> None:
        self.gain = 1.0

    def decode(self, latents: Array) -> Array:
        return self.gain * sigmoid(latents)

    def encode(self, images: Array) -> Array:
        return logit(images / self.gain)


class Autoencoder(nn.Module):
    latent_dim = 6

    def __init__(self) -> None:
        super().__init__()
        self.to_latents, self.to_images = encoder(), decoder()

    def decode(self, latents: Tensor) -> Tensor:
        images: Tensor = self.to_images(latents)
        return images

    def encode(self, images: Tensor) -> tuple[Tensor, Tensor]:
        mean = self.to_latents(images)
        return mean, torch.zeros_like(mean)


def waves(latents: Array) -> Array:
    found: Array = np.sin(latents[:, :1] * np.linspace(0, 3, 50, dtype=np.float32))
    return found


def words(latents: Array) -> list[str]:
    return [f"{latent[0]:.3f}" for latent in latents]


def features() -> Array:
    return np.random.default_rng(0).random((40, 16), np.float32)


def kernel_pca() -> Any:
    return KernelPCA(3, kernel="rbf", fit_inverse_transform=True).fit(features())


MODELS: dict[str, Callable[[], lw.LatentSpace]] = {
    "function": lambda: space_of(sigmoid, encode=logit),
    "object": lambda: lw.as_space(Painter()),
    "texts": lambda: space_of(words),
    "curves": lambda: space_of(waves, kind="curve"),
    "sounds": lambda: space_of(waves, sample_rate=8000),
    "torch": lambda: lw.as_space(Autoencoder()),
    "torch, a method": lambda: lw.as_space(Autoencoder().decode),
    "PCA": lambda: lw.as_space(PCA(4).fit(features()), value_range=(0, 1)),
    "NMF": lambda: lw.as_space(NMF(4, init="random", random_state=0).fit(features())),
    "KernelPCA": lambda: lw.as_space(kernel_pca(), value_range=(0, 1)),
    "retrieval": lambda: lw.as_space(lw.adapters.Retrieval(np.eye(3), ["a", "b", "c"])),
    "retrieval, another metric": lambda: lw.as_space(
        lw.adapters.Retrieval(np.eye(3), ["a", "b", "c"], metric="manhattan")
    ),
    "changed": lambda: space_of(lambda z: 1 / 0).replace(decode=sigmoid),
}


def error_classes() -> set[type[BaseException]]:
    """All classes of errors that the modules of the package define."""
    found = set()
    for module in pkgutil.walk_packages(lw.__path__, "latentwidgets."):
        if module.name == "latentwidgets.widgets.map.scatter":
            pytest.importorskip("jscatter")
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, BaseException):
                found.add(value)
    return {one for one in found if one.__module__.startswith("latentwidgets.")}


@pytest.mark.filterwarnings("ignore::latentwidgets.kinds.reading.ranges.GuessWarning")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", MODELS)
def test_a_copy_decodes_and_encodes_alike(name: str, way: str) -> None:
    torch.manual_seed(0)
    space = MODELS[name]()
    latents = space.sample(6)
    expected = space.decode(latents)
    again = WAYS[way](space)
    assert again is not space
    assert repr(again) == repr(space)
    assert (again.kind, again.value_range) == (space.kind, space.value_range)
    assert np.array_equal(again.decode(latents), expected)
    assert np.array_equal(again.sample(3), space.sample(3))
    assert again.can_encode == space.can_encode
    if space.can_encode:
        assert np.array_equal(again.encode(expected), space.encode(expected))


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_has_a_model_of_its_own(way: str) -> None:
    model = Painter()
    space = lw.as_space(model, value_range=(0, 1))
    latents = space.sample(4)
    expected = space.decode(latents)
    again = WAYS[way](space)
    model.gain = 0.1
    assert np.array_equal(again.decode(latents), expected)
    assert space.decode(latents).max() < expected.max()


@pytest.mark.parametrize("way", WAYS)
def test_what_is_settled_goes_with_a_copy(way: str) -> None:
    space = space_of(sigmoid)
    space.decode(np.full((1, 5), 0.1))  # all of it in [0, 1], as are the samples of the prior
    assert WAYS[way](space).value_range == (0, 1)
    curves = space_of(waves, kind="curve")
    curves.decode(curves.sample(5))
    assert WAYS[way](curves).value_range == curves.value_range is not None


# What each demo gives beside its space, and what of it needs to be installed.
DEMOS = {
    "digits": ("images", "labels", "latents"),
    "faces": ("labels", "latents"),
    "diffusion": ("images", "labels", "pipe"),
    "stories": ("texts", "truth", "model", "tokenizer"),
}
NEEDS = {"diffusion": "diffusers", "stories": "transformers"}


def alike(one: Any, other: Any) -> bool:
    """Whether two arrays or lists are equal, or two dicts of these, or what two models hold."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    # Of a pipeline its parts, of a network its weights, of a scheduler its settings.
    for inside in ("components", "state_dict", "config", "get_vocab"):
        if hasattr(one, inside):
            held = [getattr(each, inside) for each in (one, other)]
            return alike(*(each() if callable(each) else dict(each) for each in held))
    return np.array_equal(one, other)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        pytest.param(name, way, marks=[pytest.mark.slow] * (name in NEEDS and way != "pickle"))
        for name in DEMOS
        for way in WAYS
    ],
)
def test_what_the_demos_give_is_copied(name: str, way: str) -> None:
    pytest.importorskip(NEEDS.get(name, "numpy"))
    given = getattr(lw.demo, name)()
    again = WAYS[way](given)
    assert type(again) is type(given)
    assert again.space is not given.space
    for one in DEMOS[name]:
        assert getattr(again, one) is not getattr(given, one), one
        assert alike(getattr(again, one), getattr(given, one)), one
    some = given.space.sample(2)
    assert np.array_equal(again.space.decode(some), given.space.decode(some))


def test_models_of_other_weights_are_not_alike() -> None:
    one, other = nn.Linear(2, 2), nn.Linear(2, 2)
    assert alike(one, copy.deepcopy(one))
    assert not alike(one, other)
    assert not alike({"a": one}, {"a": other})
    assert not alike(one, one.weight)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", sorted(error_classes(), key=str))
def test_errors_are_copied(kind: type[BaseException], way: str) -> None:
    error = kind("map", "LatentMap") if kind is lw.MissingExtraError else kind("what went wrong")
    if hasattr(error, "add_note"):  # from Python 3.11 on
        error.add_note("and where")
    again = WAYS[way](error)
    assert type(again) is kind
    assert str(again) == str(error) != ""
    assert getattr(again, "__notes__", None) == getattr(error, "__notes__", None)


def test_there_are_more_errors_than_those_in_one_file() -> None:
    names = {kind.__name__ for kind in error_classes()}
    assert {"DecodeError", "MissingExtraError", "UnfittedError", "GuessWarning"} <= names


@pytest.mark.parametrize("model", ["function", "torch"])
@pytest.mark.slow
def test_workers_decode(model: str) -> None:
    gain = 0.5
    if model == "torch":
        space = lw.as_space(nn.Sequential(nn.Linear(5, 16), nn.Sigmoid(), nn.Unflatten(1, (4, 4))))
    else:
        space = lw.as_space(lambda z: gain * sigmoid(z), latent_shape=5, value_range=(0, 1))
    latents = space.sample(6)
    expected = space.decode(latents)
    with joblib.parallel_config("loky", n_jobs=2):
        shown = joblib.Parallel()(joblib.delayed(space.decode)(latents) for _ in range(2))
    assert len(shown) == 2
    assert all(np.array_equal(one, expected) for one in shown)


def test_an_error_in_a_worker_arrives() -> None:
    decode = joblib.delayed(space_of(sigmoid).decode)
    message = "this space takes latents of shape"
    with (
        joblib.parallel_config("loky", n_jobs=2),
        pytest.raises(lw.LatentValueError, match=message),
    ):
        joblib.Parallel()(decode(np.zeros((1, 4))) for _ in range(2))


# With other options


def counted(calls: list[int]) -> Callable[[Array], Array]:
    def decode(latents: Array) -> Array:
        calls.append(len(latents))
        return sigmoid(latents)

    return decode


def test_replace_leaves_the_space_as_it_is() -> None:
    space = space_of(sigmoid, encode=logit, value_range=(0, 1))
    changed = space.replace(value_range=(0, 2), name="dark")
    assert (space.name, space.value_range) == ("sigmoid", (0, 1))
    assert (changed.name, changed.value_range) == ("dark", (0, 2))
    assert changed.can_encode
    latents = space.sample(3)
    assert changed.decode(latents).mean() < 0.6 * space.decode(latents).mean()


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ({"name": "other"}, True),
        ({"encode": logit}, True),
        ({"batch_size": 3}, True),
        ({"layout": "channels_first"}, False),
        ({"prior": lambda rng, n: np.ones((n, 5))}, False),
        ({"kind": "image"}, False),
    ],
)
def test_replace_keeps_what_is_settled_where_no_option_bears_on_it(
    options: dict[str, Any], kept: bool
) -> None:
    calls: list[int] = []
    space = space_of(counted(calls))
    latents = 2 * np.ones((2, 5))
    space.decode(latents)
    changed = space.replace(**options)
    calls.clear()
    changed.decode(latents)
    assert changed.value_range == (0, 1)
    assert sum(calls) == (2 if kept else 6)  # else four samples of the prior too


def test_what_a_changed_space_sees_later_does_not_change_the_first() -> None:
    space = space_of(lambda z: z[:, :1] * np.linspace(0, 1, 9), kind="curve")
    space.decode(np.ones((1, 5)))
    before = space.value_range
    changed = space.replace(name="other")
    changed.decode(np.full((1, 5), 1000.0))
    assert changed.value_range != before
    assert space.value_range == before


def test_replace_keeps_how_many_fit_into_memory_for_the_same_decoder() -> None:
    def decode(latents: Array) -> Array:
        if len(latents) > 10:
            raise MemoryError
        return sigmoid(latents)

    space = space_of(decode)
    space.decode(space.sample(30))
    assert space.batch_size == 7 or space.batch_size == 8
    assert space.replace(name="other").batch_size == space.batch_size
    assert space.replace(batch_size=3).batch_size == 3
    assert space.replace(decode=sigmoid).batch_size == 64


def test_another_decoder_has_another_derivative() -> None:
    space = space_of(np.square, derivative=lambda latent, moves: moves * 2 * latent)
    point, move = np.full(5, 3.0), np.eye(5)[:1]
    assert space.derivative(point, move)[1] == "forward mode"
    changed = space.replace(decode=lambda z: -z)
    assert changed.derivative(point, move)[1] == "central differences"
    assert changed.derivative(point, move)[0][0, 0] == pytest.approx(-1, abs=1e-3)


def test_replace_keeps_a_class_of_ones_own() -> None:
    class Loud(lw.LatentSpace):
        def __init__(self, volume: int) -> None:
            super().__init__(sigmoid, 5)
            self.volume = volume

    changed = Loud(11).replace(name="quiet")
    assert isinstance(changed, Loud)
    assert (changed.volume, changed.name) == (11, "quiet")


def test_a_space_keeps_latents_of_its_data() -> None:
    latents = np.ones((3, 5), np.float32)
    space = lw.LatentSpace(sigmoid, 5, value_range=(0, 1), data=latents)
    latents[:] = 7
    assert space.data is not None
    np.testing.assert_array_equal(space.data, np.ones((3, 5)))
    with pytest.raises(ValueError, match="read-only"):
        space.data[:] = 7
    renamed = space.replace(name="other")
    assert renamed.data is space.data, "which nobody can change is not copied"
    for way in WAYS.values():
        np.testing.assert_array_equal(way(space).data, space.data)
    assert space.replace(latent_shape=(5, 1)).data is None
    with pytest.raises(lw.LatentValueError, match=r"data .*\(3, 4\)"):
        space.replace(data=np.ones((3, 4)))


def test_replace_refuses_what_no_space_takes() -> None:
    with pytest.raises(lw.LatentTypeError, match="Did you mean 'layout'"):
        space_of(sigmoid).replace(layuot="auto")  # type: ignore[call-arg]
    with pytest.raises(lw.LatentTypeError, match="decode is a int; expected a function"):
        space_of(sigmoid).replace(decode=3)
