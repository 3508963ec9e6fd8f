"""Memory that runs out in the middle of drafts: the batch is halved, and nothing is lost."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import latentwidgets as lw
from latentwidgets.errors import DecodeError
from tests.unit.spaces import sigmoid, space_of

Array = NDArray[np.float32]
ERRORS = (
    MemoryError("no room"),
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
)


class Develop:
    """Yields the picture ever brighter; at a step batches of more than so many do not fit."""

    def __init__(self, error: BaseException, *, fits: int = 2, at: int = 3, steps: int = 5) -> None:
        self.error, self.fits, self.at, self.steps = error, fits, at, steps
        self.began: list[int] = []
        self.open = 0
        self.shorter = False

    def __call__(self, latents: Array) -> Iterator[Array]:
        self.began.append(len(latents))
        self.open += 1
        steps = 2 if self.shorter and len(latents) <= self.fits else self.steps
        try:
            for step in range(1, steps + 1):
                if step == self.at and len(latents) > self.fits:
                    raise self.error
                yield sigmoid(latents) * np.float32(step / steps)
        finally:
            self.open -= 1


def spaces(error: BaseException, **how: Any) -> tuple[Develop, lw.LatentSpace]:
    decode = Develop(error, **how)
    space = space_of(decode, value_range=(0, 1), batch_size=8)
    space.decode(space.sample(1))  # so that it is known how outputs are read
    decode.began.clear()
    return decode, space


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_drafts_are_halved_as_a_whole_decode_is(error: BaseException) -> None:
    decode, space = spaces(error)
    latents = space.sample(10)
    drafts = list(space.drafts(latents))
    # 8 at once do not fit, nor do 4; the last 2 did all along, and are not begun again.
    assert decode.began == [8, 2, 4, 4, 2, 2, 2, 2]
    assert space.batch_size == 2
    assert decode.open == 0
    brightness = np.array([images.astype(float).mean(axis=(1, 2, 3)) for images in drafts])
    assert (np.diff(brightness, axis=0) >= 0).all(), "no draft is worse than the one before"
    wanted = space_of(sigmoid, value_range=(0, 1)).decode(latents)
    np.testing.assert_array_equal(drafts[-1], wanted)


def test_what_was_made_is_shown_until_the_halves_are_as_far() -> None:
    decode, space = spaces(ERRORS[1], fits=4, at=4)
    latents = space.sample(8)
    drafts = space.drafts(latents)
    seen = [next(drafts).astype(float).mean() for _ in range(3)]
    assert decode.began == [8]
    seen += [images.astype(float).mean() for images in drafts]
    assert decode.began == [8, 4, 4]
    steps = np.array(seen) / seen[-1] * 5
    assert steps.round().tolist() == [1, 2, 3, 3, 3, 3, 4, 5]


def test_drafts_may_be_left_while_the_halves_catch_up() -> None:
    decode, space = spaces(ERRORS[1], fits=4, at=4)
    drafts = space.drafts(space.sample(8))
    for _ in range(4):
        next(drafts)
    assert decode.open == 2
    drafts.close()
    assert decode.open == 0


def test_one_that_does_not_fit_is_an_error() -> None:
    decode, space = spaces(ERRORS[1], fits=1)
    decode.fits = 0
    with pytest.raises(DecodeError, match="out of memory"):
        list(space.drafts(space.sample(4)))
    assert decode.open == 0
    assert decode.began == [4, 2, 2, 1, 1, 1, 1]


def test_other_errors_are_raised_as_before() -> None:
    decode, space = spaces(ValueError("no more"))
    with pytest.raises(DecodeError, match="no more"):
        list(space.drafts(space.sample(4)))
    assert (decode.began, decode.open) == ([4], 0)


def test_halves_that_end_sooner_give_their_answer() -> None:
    decode, space = spaces(ERRORS[0], fits=4, at=4)
    decode.shorter = True
    latents = space.sample(8)
    *_, answer = space.drafts(latents)
    wanted = space_of(sigmoid, value_range=(0, 1)).decode(latents)
    np.testing.assert_array_equal(answer, wanted)


def test_conditions_go_with_their_latents() -> None:
    def decode(latents: Any, gain: Any) -> Any:
        yield sigmoid(latents) * 0
        if len(latents) > 3:
            raise MemoryError
        yield sigmoid(latents) * gain[:, None, None, None]

    given = {"gain": (1.0, 0.0, 1.0)}
    space = lw.LatentSpace(decode, 5, value_range=(0, 1), conditions=given, batch_size=8)
    latents, gains = space.sample(9), np.linspace(0, 1, 9)
    *_, answer = space.drafts(latents, {"gain": gains})
    wanted = sigmoid(latents) * gains[:, None, None, None] * 255
    assert np.abs(answer - wanted.transpose(0, 2, 3, 1)).max() <= 1


def test_a_draft_that_cannot_be_made_for_want_of_memory_is_halved_too() -> None:
    class Large:
        """A draft that takes memory when it is read."""

        def __init__(self, images: Any) -> None:
            self.images = images

        def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
            if len(self.images) > 2:
                raise MemoryError
            return self.images

    def decode(latents: Array) -> Iterator[Any]:
        yield sigmoid(latents)
        yield Large(sigmoid(latents) / 2)
        yield sigmoid(latents)

    space = space_of(decode, value_range=(0, 1), batch_size=8)
    drafts = list(space.drafts(space.sample(4)))
    assert space.batch_size == 2
    assert len(drafts[-1]) == 4


def test_what_did_not_fit_is_let_go_before_it_is_begun_again() -> None:
    alive: weakref.WeakSet[Any] = weakref.WeakSet()
    most = 0

    class State:
        pass

    def decode(latents: Array) -> Iterator[Array]:
        nonlocal most
        state = State()
        alive.add(state)
        most = max(most, len(alive))
        yield sigmoid(latents)
        if len(latents) > 4:
            raise MemoryError
        yield sigmoid(latents)

    space = space_of(decode, value_range=(0, 1), batch_size=8)
    space.decode(space.sample(1))
    gc.collect()
    gc.disable()
    try:
        list(space.drafts(space.sample(8)))
    finally:
        gc.enable()
    assert most == 2, "the two halves, and no more what was too large"


def test_a_sampler_runs_out_of_memory_on_its_way() -> None:
    net = torch.nn.Linear(6, 6)
    asked: list[int] = []

    def denoise(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        asked.append(len(x))
        if len(x) > 2 and t[0] > 0.5:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        made: torch.Tensor = net(x)
        return made

    sampler = lw.adapters.Sampler(denoise, 6, predicts="velocity", schedule="flow", steps=6)
    space = lw.as_space(sampler, kind="curve", value_range=(-9, 9), batch_size=4)
    latents = space.sample(4)
    *_, answer = space.drafts(latents)
    assert space.batch_size == 2
    assert {2, 4} <= {*asked}
    alone = np.concatenate([space.decode(latents[i : i + 1]) for i in range(4)])
    np.testing.assert_allclose(answer, alone, atol=1e-5)
