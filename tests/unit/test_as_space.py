"""Options and priors of `LatentSpace`, `as_space`, and threads that share a space."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

import latentwidgets as lw
from latentwidgets.errors import DecodeError, LatentTypeError, LatentValueError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.latent_space import LatentSpace
from tests.unit.spaces import logit, sigmoid, space_of
from tests.unit.torch_models import decoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]
pytestmark = pytest.mark.usefixtures("no_unexpected_warning")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"layout": "NCHW"}, LatentValueError, "layout is 'NCHW'"),
        ({"layout": np.array(["a", "b"])}, LatentValueError, "layout is array"),
        ({"value_range": (1, 0)}, LatentValueError, "value_range"),
        ({"value_range": "uint8"}, LatentTypeError, "value_range"),
        ({"image_shape": (4,)}, LatentValueError, "image_shape is .*expected 2 or 3 positive"),
        ({"image_shape": (4, 4.5)}, LatentTypeError, "image_shape"),
        ({"batch_size": 0}, LatentValueError, "batch_size is 0"),
        ({"batch_size": 2.5}, LatentTypeError, "batch_size is 2.5"),
        ({"batch_size": True}, LatentTypeError, "batch_size is True"),
        ({"prior": 3}, LatentTypeError, "prior is a int"),
        ({"encode": 3}, LatentTypeError, "encode is a int"),
        (
            {"value_rang": (0, 1)},
            LatentTypeError,
            "no option 'value_rang'.*Did you mean 'value_range'",
        ),
        ({"colour": 1}, LatentTypeError, "no option 'colour'. There are 'decode', 'latent_shape'"),
    ],
)
def test_bad_options(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        LatentSpace(sigmoid, 5, **options)
    with pytest.raises(error, match=message):
        as_space(sigmoid, latent_shape=5, **options)


@pytest.mark.parametrize("latent_shape", [0, -3, (), (4, 0)])
def test_latent_shapes_must_be_positive(latent_shape: Any) -> None:
    with pytest.raises(LatentValueError, match="latent_shape is"):
        LatentSpace(sigmoid, latent_shape)


@pytest.mark.parametrize("latent_shape", [2.5, True, "5", None])
def test_latent_shapes_must_be_whole(latent_shape: Any) -> None:
    with pytest.raises(LatentTypeError, match="latent_shape is"):
        LatentSpace(sigmoid, latent_shape)


# Samples


def test_samples_are_standard_normal_and_repeat() -> None:
    space = LatentSpace(sigmoid, (4, 25))
    latents = space.sample(100, seed=3)
    assert latents.dtype == np.float32
    assert latents.shape == (100, 4, 25)
    assert latents.tobytes() == space.sample(100, seed=3).tobytes()
    assert not np.array_equal(latents, space.sample(100, seed=4))
    assert abs(latents.mean()) < 0.05
    assert abs(latents.std() - 1) < 0.05


@given(st.floats(1e-6, 5), st.integers(0, 1000))
def test_truncation_bounds_every_entry(truncation: float, seed: int) -> None:
    latents = LatentSpace(sigmoid, 5).sample(20, seed=seed, truncation=truncation)
    assert np.abs(latents).max() <= np.float32(truncation)


@pytest.mark.parametrize("truncation", [0.3, 0.99, 1.01, 2.0])
def test_truncated_samples_have_the_variance_of_the_truncated_normal(truncation: float) -> None:
    from scipy.stats import truncnorm

    latents = LatentSpace(sigmoid, 1000).sample(200, truncation=truncation)
    expected = truncnorm(-truncation, truncation).std()
    assert float(latents.std()) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    ("truncation", "error"),
    [(0, LatentValueError), (-1, LatentValueError), (np.nan, LatentValueError)]
    + [(np.inf, LatentValueError), ("0.7", LatentTypeError), (True, LatentTypeError)],
)
def test_bad_truncation(space: LatentSpace, truncation: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="truncation is"):
        space.sample(2, truncation=truncation)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"n": 0}, LatentValueError),
        ({"n": 2.0}, LatentTypeError),
        ({"n": 1, "seed": -1}, LatentValueError),
        ({"n": 1, "seed": None}, LatentTypeError),
    ],
)
def test_bad_samples(space: LatentSpace, arguments: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="expected"):
        space.sample(**arguments)


def test_a_prior_of_ones_own() -> None:
    space = space_of(sigmoid, prior=lambda rng, n: rng.uniform(2, 3, (n, 5)))
    latents = space.sample(50, seed=1)
    assert latents.dtype == np.float32
    assert 2 <= latents.min() < latents.max() <= 3
    with pytest.raises(LatentValueError, match="prior of its own"):
        space.sample(2, truncation=0.5)


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        (lambda rng, n: np.zeros((n, 4)), r"samples of the prior have shape \(3, 4\)"),
        (lambda rng, n: np.zeros((1, 5)), "prior returned 1 latents; expected 3"),
        (lambda rng, n: np.full((n, 5), np.nan), "NaN .* of the samples of the prior"),
    ],
)
def test_bad_priors(prior: Any, message: str) -> None:
    with pytest.raises(LatentValueError, match=message):
        space_of(sigmoid, prior=prior).sample(3)


# as_space


def test_a_function_needs_its_latent_shape() -> None:
    with pytest.raises(LatentValueError, match="sigmoid does not say.*Pass latent_shape"):
        as_space(sigmoid)
    space = as_space(sigmoid, latent_shape=5, encode=logit, name="toy")
    assert repr(space) == "LatentSpace(toy, latent_shape=(5,), can_encode=True)"


def test_an_object_with_decode() -> None:
    class Model:
        latent_dim = 5

        def decode(self, latents: Array) -> Array:
            return sigmoid(latents)

        def encode(self, images: Array) -> Array:
            return logit(images)

    space = as_space(Model())
    assert repr(space) == "LatentSpace(Model, latent_shape=(5,), can_encode=True)"
    assert as_space(Model().decode, latent_shape=5).can_encode is False


def test_a_space_is_kept_or_changed(space: LatentSpace) -> None:
    assert as_space(space) is space
    changed = as_space(space, value_range=(0, 2), name="dark")
    assert changed.can_encode
    assert changed.name == "dark"
    latents = space.sample(3)
    assert changed.decode(latents).mean() < 0.6 * space.decode(latents).mean()
    with pytest.raises(LatentTypeError, match="Did you mean 'layout'"):
        as_space(space, layuot="auto")  # type: ignore[call-arg]


@pytest.mark.parametrize("model", [sigmoid, decoder(), PCA()])
def test_a_misspelt_shape_is_named_before_one_is_looked_for(model: Any) -> None:
    with pytest.raises(LatentTypeError, match="'latent_shpae'.*Did you mean 'latent_shape'"):
        as_space(model, latent_shpae=5)  # type: ignore[call-arg]


@pytest.mark.parametrize("model", [sigmoid, decoder().forward, PCA()])
def test_a_second_decoder_is_refused(model: Any) -> None:
    with pytest.raises(LatentTypeError, match="decode=.* beside a model that decodes.*Leave"):
        as_space(model, latent_shape=5, decode=sigmoid)


@pytest.mark.parametrize(
    ("latent_shape", "error"),
    [(0, LatentValueError), ((), LatentValueError), (np.array([2, 3]), LatentTypeError)],
)
@pytest.mark.parametrize("model", [sigmoid, PCA(2).fit(np.eye(4))])
def test_a_latent_shape_that_is_given_is_used(
    model: Any, latent_shape: Any, error: type[Exception]
) -> None:
    with pytest.raises(error, match="latent_shape is .*expected"):
        as_space(model, latent_shape=latent_shape)


class Exotic:
    """A model that no adapter knows."""


def test_a_class_can_be_taught() -> None:
    @as_space.register
    def _(model: Exotic, **options: Any) -> LatentSpace:
        return LatentSpace(sigmoid, 5, **options)

    class Child(Exotic):
        pass

    assert as_space(Exotic(), name="mine").name == "mine"
    assert as_space(Child()).latent_shape == (5,)


@pytest.mark.parametrize("obj", ["model.pt", b"model", Path("model.pt")])
def test_a_file_of_a_model_is_to_be_loaded_first(obj: object) -> None:
    with pytest.raises(LatentTypeError, match=r"as_space got .*model.*; expected a model. Load it"):
        as_space(obj, latent_shape=5)


@pytest.mark.parametrize("obj", [3, None, object(), [sigmoid]])
def test_what_is_no_model_is_told_what_is(obj: object) -> None:
    with pytest.raises(LatentTypeError, match=r"as_space got a .*torch module.*as_space.register"):
        as_space(obj, latent_shape=5)


def test_a_class_is_no_model() -> None:
    class Model:
        def decode(self, latents: Array) -> Array:
            return sigmoid(latents)

    with pytest.raises(LatentTypeError, match=r"the class Model; pass a model: Model\(...\)"):
        as_space(Model, latent_shape=5)


# Threads, memory, imports


def test_one_thread_at_a_time_is_let_in() -> None:
    inside, most = [0], [0]

    def decode(latents: Array) -> Array:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.001)
        inside[0] -= 1
        return sigmoid(latents)

    space = space_of(decode, batch_size=1, value_range=(0, 1))
    latents = space.sample(10)
    expected = LatentSpace(sigmoid, 5).decode(latents)
    results: list[Any] = []
    threads = [
        threading.Thread(target=lambda: results.append(space.decode(latents))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]
    assert len(results) == 4
    assert all(np.array_equal(result, expected) for result in results)


def test_long_work_lets_others_through() -> None:
    started, order = threading.Event(), []

    def decode(latents: Array) -> Array:
        started.set()
        time.sleep(0.01)
        return sigmoid(latents)

    space = space_of(decode, batch_size=1, value_range=(0, 1))

    def long() -> None:
        space.decode(space.sample(100))
        order.append("long")

    thread = threading.Thread(target=long)
    thread.start()
    started.wait()
    space.decode(space.sample(1))
    order.append("short")
    thread.join()
    assert order == ["short", "long"]


def test_a_space_frees_its_model() -> None:
    class Model:
        def __call__(self, latents: Array) -> Array:
            if latents.max() > 9:
                raise ValueError("too far")
            return sigmoid(latents)

    model = Model()
    gone = weakref.ref(model)
    space = LatentSpace(model, 5)
    space.decode(space.sample(3))
    with pytest.raises(DecodeError):
        space.decode(np.full((1, 5), 10))
    del model, space
    assert gone() is None


def test_the_space_loads_no_model_library() -> None:
    script = (
        "import sys, numpy as np\n"
        "from latentwidgets.space.as_space import as_space\n"
        "as_space(lambda z: np.ones((len(z), 4, 4)), latent_shape=5).decode(np.zeros((1, 5)))\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules}\n"
        "    & {'torch', 'sklearn', 'scipy', 'matplotlib', 'ipywidgets', 'tqdm'}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# What holds a space


def test_what_holds_a_space_is_taken_for_it() -> None:
    space = LatentSpace(sigmoid, 5)
    for holder in (SimpleNamespace(space=space), lw.Interpolator(space, space.sample(2))):
        assert as_space(holder) is space
        assert as_space(holder, name="mine").name == "mine"
    with pytest.raises(LatentTypeError, match="got a SimpleNamespace"):
        as_space(SimpleNamespace(space="no space"))


def test_every_door_takes_what_digits_returns() -> None:
    digits = lw.demo.digits()
    latents = digits.latents[:4]
    assert as_space(digits) is digits.space
    directions = lw.axis_directions(digits)
    assert len(directions) == 10
    doors: list[Any] = [
        lw.Interpolator(digits, latents[:2]),
        lw.DirectionEditor(digits, latents[0], directions),
        lw.LatentExplorer(digits),
        lw.LatentGrid(digits, latents),
        lw.LatentGrid.samples(digits, 4),
        lw.LatentMap(digits, digits.latents[:50]),
    ]
    for widget in doors:
        assert widget.space is digits.space
        assert as_space(widget) is digits.space
    assert len(lw.local_directions(digits, latents[0], 2)) == 2
