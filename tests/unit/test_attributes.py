"""Objects that raise when they are asked for an attribute: they are refused as all others are."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw

LATENTS = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
SPACE = lw.LatentSpace(lambda z: z.reshape(-1, 2, 2), 4, value_range=(-3, 3))
PAIR = lw.pca_directions(LATENTS, 2)
FAST: dict[str, Any] = {"shuffles": 0, "bootstraps": 0}


class Away:
    """A stand-in for what is not there yet, as a request outside of its server is."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"working outside of context: {name}")


class Closed:
    @property
    def space(self) -> Any:
        raise KeyError("closed")


class Odd:
    shape = ("a",)


CALLS = {
    "as_space": lambda given: lw.as_space(given),
    "Interpolator": lambda given: lw.Interpolator(given),
    "anchors": lambda given: lw.Interpolator(SPACE, given),
    "grid": lambda given: lw.LatentGrid(SPACE, given),
    "base": lambda given: lw.DirectionEditor(SPACE, given, PAIR),
    "labels of a map": lambda given: lw.LatentMap(None, LATENTS, given),
    "items": lambda given: lw.LatentMap(None, LATENTS, items=given),
    "projection": lambda given: lw.LatentMap(None, LATENTS, projection=given),
    "labels": lambda given: lw.probe_directions(LATENTS, given, **FAST),
    "a label": lambda given: lw.probe_directions(LATENTS, {"a": given}, **FAST),
    "estimator": lambda given: lw.probe_directions(
        LATENTS, LATENTS[:, 0] > 0, estimator=given, **FAST
    ),
    "latents": lambda given: lw.pca_directions(given),
    "axes": lambda given: lw.axis_directions(given),
    "weight": lambda given: lw.weight_directions(given),
    "control vector": lambda given: lw.control_vector_directions(given),
    "amount": lambda given: PAIR[0].move(LATENTS, given),
    "a path's space": lambda given: lw.Path(LATENTS[:2], space=given),
    "a space to compare": lambda given: lw.analysis.compare_spaces(given, LATENTS),
    "next tokens": lambda given: lw.analysis.next_tokens(given, "x"),
    "a prior's scale": lambda given: lw.NormalPrior(given),
    "nearest": lambda given: lw.analysis.nearest(given, LATENTS),
}


@pytest.mark.parametrize("given", [Away(), Closed(), Odd()], ids=["away", "closed", "odd"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_object_that_raises_is_refused(call: Any, given: Any) -> None:
    with pytest.raises(lw.LatentWidgetsError):
        call(given)


class Broken:
    """An object whose properties raise: of what it has, and of what it merely lacks."""

    @property
    def decode(self) -> Any:
        raise OSError("the weights are gone")

    fit = transform = stream = weight = directions = space = inverse_transform = decode


TOLD = ["as_space", "Interpolator", "projection", "estimator", "weight", "control vector"]
TOLD += ["a path's space", "next tokens", "axes"]


@pytest.mark.parametrize("name", TOLD)
def test_what_an_attribute_raises_is_told(name: str) -> None:
    with pytest.raises(lw.LatentTypeError, match=r"Its attribute \w+ raises OSError: the weights"):
        CALLS[name](Broken())  # type: ignore[no-untyped-call]


def test_an_object_that_can_be_called_is_not_called_in_place_of_its_decoder() -> None:
    class Callable(Broken):
        def __call__(self, latents: Any) -> Any:
            return latents

    with pytest.raises(lw.LatentTypeError, match="attribute decode raises OSError: the weights"):
        lw.as_space(Callable(), latent_shape=(4, 4))


def test_an_object_that_decodes_is_taken_whatever_else_it_lacks() -> None:
    class Settings(dict):  # type: ignore[type-arg]
        """Its items are its attributes, and what is none raises KeyError."""

        __getattr__ = dict.__getitem__

        def decode(self, latents: Any) -> Any:
            return latents.reshape(-1, 2, 2)

    class Hidden:
        decode = staticmethod(SPACE.decoder)

        @property
        def space(self) -> Any:
            raise RuntimeError("not drawn yet")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for model in (Settings(), Hidden()):
            space = lw.as_space(model, latent_shape=4, value_range=(-3, 3))
            assert np.array_equal(space.decode(LATENTS), SPACE.decode(LATENTS))
            assert not space.can_encode


def test_an_encoder_that_raises_is_told() -> None:
    class Half:
        decode = staticmethod(SPACE.decoder)

        @property
        def encode(self) -> Any:
            return self.missing.encode  # type: ignore[attr-defined]

    told = "attribute encode raises AttributeError: 'Half' object has no attribute 'missing'"
    with pytest.warns(lw.GuessWarning, match=told):
        assert not lw.as_space(Half(), latent_shape=4).can_encode
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lw.as_space(Half(), latent_shape=4, encode=None)


def test_a_shape_that_raises_is_told() -> None:
    class Shapeless:
        decode = staticmethod(SPACE.decoder)

        @property
        def latent_dim(self) -> Any:
            raise RuntimeError("not built yet")

    with pytest.raises(lw.LatentValueError, match="latent_dim raises RuntimeError: not built yet"):
        lw.as_space(Shapeless())


@pytest.mark.parametrize("error", [RuntimeError, AttributeError])
def test_properties_of_a_module_that_raise_are_told(error: type[Exception]) -> None:
    torch = pytest.importorskip("torch")

    class Module(torch.nn.Module):  # type: ignore[misc, name-defined]
        @property
        def decoder(self) -> Any:
            raise error("no checkpoint")

    class Encoding(Module):
        encoder = Module.decoder

    told = f"{error.__name__}: no checkpoint"
    with pytest.raises(lw.LatentTypeError, match=f"attribute decoder raises {told}"):
        lw.as_space(Module(), latent_shape=4)
    with pytest.warns(lw.GuessWarning, match=f"attribute encoder raises {told}"):
        lw.as_space(Encoding(), decode=torch.sigmoid, latent_shape=(4, 4))


def test_a_transformer_whose_inverse_raises_is_told() -> None:
    from sklearn.base import BaseEstimator

    class Inverse(BaseEstimator):  # type: ignore[misc]
        inverse_transform = Broken.decode

    with pytest.raises(lw.LatentTypeError, match="inverse_transform raises OSError: the weights"):
        lw.as_space(Inverse())


def test_a_metric_without_words_is_refused() -> None:
    class Wordless:
        def __repr__(self) -> str:
            raise RuntimeError("no words")

    with pytest.raises(lw.LatentValueError, match="metric is <Wordless"):
        lw.analysis.nearest(LATENTS[0], LATENTS, metric=Wordless())


def test_what_this_package_makes_is_no_model_because_it_can_be_called() -> None:
    with pytest.raises(lw.LatentTypeError, match="as_space got a Path"):
        lw.as_space(lw.Path(LATENTS[:2]))
