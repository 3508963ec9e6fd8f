"""Decoders that yield drafts: what a space makes of them, and when it closes their generators."""

from __future__ import annotations

import copy
import pickle
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

import latentwidgets as lw
from latentwidgets.errors import DecodeError
from tests.unit.spaces import sigmoid, space_of

Array = NDArray[np.float32]
ONE = np.ones((1, 5), np.float32)


class Develop:
    """A generator decoder that yields the picture ever brighter, and notes what became of it."""

    def __init__(self, steps: int = 4, fault: int | None = None) -> None:
        self.steps, self.fault = steps, fault
        self.taken = 0
        self.closed = 0
        self.sizes: list[int] = []

    def __call__(self, latents: Array) -> Iterator[Array]:
        self.sizes.append(len(latents))
        try:
            for step in range(1, self.steps + 1):
                if step == self.fault:
                    raise ValueError("no more")
                self.taken += 1
                yield sigmoid(latents) * np.float32(step / self.steps)
        finally:
            self.closed += 1


def developing(**options: Any) -> tuple[Develop, lw.LatentSpace]:
    decode = Develop()
    return decode, space_of(decode, value_range=(0, 1), **options)


def test_decode_runs_to_the_end_and_returns_the_last() -> None:
    decode, space = developing()
    latents = space.sample(3)
    expected = space_of(sigmoid, value_range=(0, 1)).decode(latents)
    assert not space.gives_drafts, "nobody can know before the first decode"
    np.testing.assert_array_equal(space.decode(latents), expected)
    assert space.gives_drafts
    assert (decode.taken, decode.closed) == (4, 1)


def test_drafts_come_one_by_one_and_the_last_is_the_answer() -> None:
    decode, space = developing()
    latents = space.sample(3)
    answer = space.decode(latents)
    before = decode.taken
    drafts = space.drafts(latents)
    assert decode.taken == before, "nothing is decoded before it is asked for"
    brightness = []
    for number, images in enumerate(drafts, 1):
        assert decode.taken == before + number
        brightness.append(images.mean())
    assert brightness == sorted(brightness)
    assert len(brightness) == 4
    np.testing.assert_array_equal(images, answer)


def test_a_generator_is_closed_with_the_drafts() -> None:
    decode, space = developing()
    space.decode(ONE)
    drafts = space.drafts(ONE)
    next(drafts)
    assert decode.closed == 1
    drafts.close()
    assert decode.closed == 2
    assert list(drafts) == []
    drafts.close()
    for _ in space.drafts(ONE):
        break
    assert decode.closed == 3, "left alone, it is closed too"


def test_any_decoder_gives_its_one_answer_as_drafts() -> None:
    space = space_of(sigmoid)
    [images] = space.drafts(ONE)
    np.testing.assert_array_equal(images, space.decode(ONE))
    assert not space.gives_drafts


def test_batches_advance_together() -> None:
    decode, space = developing(batch_size=2)
    latents = space.sample(5)
    answer = space.decode(latents)
    decode.sizes.clear()
    drafts = list(space.drafts(latents))
    assert decode.sizes == [2, 2, 1]
    assert [len(images) for images in drafts] == [5, 5, 5, 5]
    np.testing.assert_array_equal(drafts[-1], answer)
    before = decode.closed
    some = space.drafts(latents)
    next(some)
    some.close()
    assert decode.closed == before + 3


def test_batches_that_do_not_fit_into_memory_are_halved() -> None:
    def decode(latents: Array) -> Iterator[Array]:
        yield sigmoid(latents)
        if len(latents) > 2:
            raise MemoryError
        yield sigmoid(latents)

    space = space_of(decode, value_range=(0, 1), batch_size=8)
    assert len(space.decode(space.sample(8))) == 8
    assert space.batch_size == 2


def test_a_cheaper_function_comes_first() -> None:
    def cheap(latents: Array) -> Array:
        return np.full((len(latents), 3, 4, 4), 0.5)

    space = space_of(sigmoid, value_range=(0, 1), draft=cheap)
    assert space.gives_drafts
    first, last = space.drafts(space.sample(2))
    assert (first == 128).all()
    np.testing.assert_array_equal(last, space.decode(space.sample(2)))
    _, plain = developing(draft=cheap)
    assert len(list(plain.drafts(ONE))) == 5
    assert not space.replace(decode=Develop()).gives_drafts
    assert space.replace(name="other").gives_drafts


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda latents: np.zeros((len(latents), 3, 8, 8)), "draft must return.*shape"),
        (lambda latents: np.zeros((7, 3, 4, 4)), "draft must return.*batch"),
        (lambda latents: 1 / 0, "draft raised ZeroDivisionError"),
    ],
)
def test_a_cheaper_function_that_is_wrong_is_named(wrong: Any, message: str) -> None:
    space = space_of(sigmoid, draft=wrong)
    with pytest.raises(DecodeError, match=message):
        next(space.drafts(ONE))
    assert len(space.decode(ONE)) == 1
    with pytest.raises(lw.LatentTypeError, match="draft"):
        space_of(sigmoid, draft=3)


def test_a_generator_that_yields_nothing() -> None:
    def decode(_latents: Array) -> Iterator[Array]:
        yield from ()

    with pytest.raises(DecodeError, match="yielded nothing"):
        space_of(decode).decode(ONE)
    with pytest.raises(DecodeError, match="yielded nothing"):
        next(space_of(decode).drafts(ONE))


def test_a_decoder_that_never_ends_is_stopped() -> None:
    def decode(latents: Array) -> Iterator[Array]:
        while True:
            yield latents

    with pytest.raises(DecodeError, match="yielded 100,000 batches of outputs.*endless loop"):
        space_of(decode).decode(ONE)


def test_a_generator_that_fails_on_the_way() -> None:
    decode, space = developing()
    space.decode(ONE)
    decode.fault = 3
    drafts = space.drafts(ONE)
    assert [len(next(drafts)) for _ in range(2)] == [1, 1]
    with pytest.raises(DecodeError, match="decode raised ValueError: no more"):
        next(drafts)
    assert list(drafts) == []
    with pytest.raises(DecodeError, match="no more"):
        space.decode(ONE)
    assert decode.closed == 3


@pytest.mark.parametrize("shape", [(1, 3, 8, 8), (2, 3, 4, 4)])
def test_a_draft_of_the_wrong_shape_is_left_out(shape: tuple[int, ...]) -> None:
    closed = []

    def decode(latents: Array) -> Iterator[Array]:
        try:
            yield sigmoid(latents)
            yield np.zeros(shape, np.float32)
            yield sigmoid(latents)
        finally:
            closed.append(True)

    space = space_of(decode, value_range=(0, 1))
    assert len(space.decode(ONE)) == 1, "what is skipped is not looked at"
    with pytest.warns(UserWarning, match="a draft is left out: .*shape"):
        first, second, answer = space.drafts(ONE)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, answer)
    assert closed == [True, True]


def test_drafts_do_not_say_how_outputs_are_read() -> None:
    def decode(latents: Array) -> Iterator[Array]:
        yield sigmoid(latents) * 9 - 4  # as noise that leaves the range does
        yield sigmoid(latents)

    space = space_of(decode)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(space.drafts(ONE))) == 2
    assert space.value_range == (0, 1)

    def curve(latents: Array) -> Iterator[Array]:
        yield latents * 100
        yield latents

    curves = space_of(curve, kind="curve")
    list(curves.drafts(ONE))
    assert curves.value_range is not None
    assert curves.value_range[1] < 10


def test_texts_and_derivatives_of_a_generator() -> None:
    def tell(latents: Array) -> Iterator[list[str]]:
        for words in ("once", "once upon", "once upon a time"):
            yield [words] * len(latents)

    assert list(space_of(tell).drafts(ONE))[-1] == ["once upon a time"]
    assert space_of(tell).kind == "text"

    def square(latents: Array) -> Iterator[Array]:
        yield latents * 0
        yield latents**2

    changes, how = space_of(square).derivative(3 * ONE[0], np.eye(5)[:1])
    assert changes[0] == pytest.approx([6, 0, 0, 0, 0], abs=1e-2)
    assert how == "central differences"


def test_other_threads_run_the_model_between_two_steps() -> None:
    _, space = developing()
    space.decode(ONE)
    drafts = space.drafts(ONE)
    next(drafts)
    other = threading.Thread(target=space.decode, args=(ONE,), daemon=True)
    other.start()
    other.join(20)
    assert not other.is_alive(), "the model stayed locked while nobody took a step"
    assert len(list(drafts)) == 3


def test_a_space_that_gives_drafts_is_a_value() -> None:
    _, space = developing()
    space.decode(ONE)
    for other in (copy.deepcopy(space), pickle.loads(pickle.dumps(space)), space.replace(name="x")):
        assert other.gives_drafts
        assert len(list(other.drafts(ONE))) == 4


class Flow(nn.Module):
    """A module whose decode is a generator, which takes gradients for its own use."""

    latent_dim = 5

    def __init__(self, *, gradients: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.drop = nn.Linear(5, 48), nn.Dropout()
        self.gradients = gradients
        self.modes: list[tuple[bool, bool]] = []  # of training, and of taking gradients

    def decode(self, latents: torch.Tensor) -> Iterator[torch.Tensor]:
        if not self.gradients:
            yield from self.steps(latents)
            return
        with torch.enable_grad():
            point = latents.clone().requires_grad_(True)
            for images in self.steps(point):
                images.sum().backward()  # type: ignore[no-untyped-call]
                yield images

    def steps(self, latents: torch.Tensor) -> Iterator[torch.Tensor]:
        for step in (1, 2, 3):
            self.modes.append((self.training, torch.is_grad_enabled()))
            images = torch.sigmoid(self.drop(self.layer(latents)) * step)
            yield images.view(-1, 3, 4, 4)


def state(module: nn.Module) -> tuple[bool, bool, bool]:
    return module.training, torch.is_grad_enabled(), torch.is_inference_mode_enabled()


@pytest.mark.parametrize("gradients", [False, True])
def test_a_torch_generator_is_in_the_right_mode_step_by_step(gradients: bool) -> None:
    module = Flow(gradients=gradients)
    space = lw.as_space(module)
    assert space.latent_shape == (5,)
    assert state(module) == (True, True, False)
    module.modes.clear()
    states = [state(module) for _ in space.drafts(ONE)]
    assert states == [(True, True, False)] * 3, "between steps nobody's mode is changed"
    assert set(module.modes) == {(False, gradients)}
    np.testing.assert_array_equal(space.decode(ONE), space.decode(ONE))


@pytest.mark.parametrize("how", ["close", "drop"])
def test_a_torch_generator_that_is_left_changes_no_mode(how: str) -> None:
    module = Flow(gradients=True)
    space = lw.as_space(module)
    drafts = space.drafts(ONE)
    next(drafts)
    if how == "close":
        drafts.close()
    del drafts
    assert state(module) == (True, True, False)


def test_a_cheaper_function_of_tensors() -> None:
    module = nn.Sequential(nn.Linear(5, 48), nn.Sigmoid(), nn.Unflatten(1, (3, 4, 4)))

    def cheap(latents: torch.Tensor) -> torch.Tensor:
        assert not torch.is_grad_enabled()
        return torch.full((len(latents), 3, 4, 4), 0.5)

    space = lw.as_space(module, draft=cheap)
    first, last = space.drafts(ONE)
    assert (first == 128).all()
    np.testing.assert_array_equal(last, space.decode(ONE))
