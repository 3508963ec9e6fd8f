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
from tests.unit.page import Page
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


def frames_of(page: Page) -> list[bytes]:
    """The finished frames of an answer, however many messages it takes."""
    found: list[bytes] = []
    more = True
    while more:
        content, data = page.answer()
        assert content["type"] == "frames"
        more = content["more"]
        kept = [
            one for one, frame in zip(data, content["frames"], strict=True) if not frame["draft"]
        ]
        found += kept
    return found


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
    words = r"raised OutOfMemoryError: CUDA out of memory.*for one beside others.*fewer cells.*half"
    with pytest.raises(DecodeError, match=words) as raised:
        list(space.drafts(space.sample(4)))
    assert raised.value.__cause__ is ERRORS[1]
    assert decode.open == 0
    assert decode.began == [4, 2, 2, 1, 1, 1, 1]


def test_the_last_that_is_at_work_is_alone() -> None:
    decode, space = spaces(MemoryError(), fits=1)
    decode.fits = 0
    words = (
        r"raised MemoryError\. It ran out for one alone, so smaller batches do not help\. Ask for"
    )
    with pytest.raises(DecodeError, match=words):
        list(space.drafts(space.sample(1)))
    with pytest.raises(DecodeError, match=words):
        space.decode(space.sample(4))
    assert decode.open == 0


def test_a_batch_that_cannot_be_begun_beside_others_is_not_alone() -> None:
    alive = 0

    def decode(latents: Array) -> Iterator[Array]:
        nonlocal alive
        alive += 1
        if alive > 2:
            raise MemoryError
        try:
            yield sigmoid(latents)
            yield sigmoid(latents)
        finally:
            alive -= 1

    space = space_of(decode, value_range=(0, 1), batch_size=1)
    assert len(space.decode(space.sample(1))) == 1
    assert len(space.decode(space.sample(4))) == 4, "one after another they fit"
    with pytest.raises(DecodeError, match=r"MemoryError\. It ran out for one beside others"):
        list(space.drafts(space.sample(4)))


def test_a_model_of_whole_batches_is_not_told_that_one_was_alone() -> None:
    full = False

    def decode(latents: Array) -> Array:
        if len(latents) != 4:
            raise ValueError(f"got {len(latents)}; expected 4")
        if full:
            raise MemoryError
        return sigmoid(latents)

    space = space_of(decode, value_range=(0, 1), batch_size=4)
    assert len(space.decode(space.sample(6))) == 6
    full = True
    with pytest.raises(DecodeError, match=r"MemoryError\. The model takes 4 at a time, and no few"):
        space.decode(space.sample(2))
    with pytest.raises(DecodeError, match=r"MemoryError\. The model takes 4 at a time, and no few"):
        list(space.drafts(space.sample(2)))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_one_that_does_not_fit_says_the_way_out_without_drafts(error: BaseException) -> None:
    """Of a decoder, and of an encoder, that answers at once."""

    def full(_: Array) -> Array:
        raise error

    space = space_of(sigmoid, encode=full, value_range=(0, 1))
    images = space.decode(space.sample(2))
    for run in (
        lambda: space.encode(images),
        lambda: space_of(full, value_range=(0, 1)).decode(space.sample(2)),
    ):
        with pytest.raises(DecodeError, match=r"for one alone.*smaller outputs") as raised:
            run()
        assert str(raised.value).count("for one alone") == 1


def test_a_walk_on_which_memory_runs_out_keeps_its_frames_and_goes_on() -> None:
    full = False

    def decode(latents: Array) -> Iterator[Array]:
        yield sigmoid(latents) * np.float32(0.5)
        if full:
            raise ERRORS[1]
        yield sigmoid(latents)

    space = space_of(decode, value_range=(0, 1))
    walk = lw.Interpolator(space, space.sample(2))
    page = Page(walk.comm)
    strip = [[0.25], [0.75]]
    page.ask(type="strip", positions=strip, drafts=False)
    before = frames_of(page)
    full = True
    page.ask(at=[0.5], seq=2)
    content, _ = page.answer()
    while content["type"] == "frames":  # a draft may come first
        content, _ = page.answer()
    assert content["type"] == "error"
    assert "CUDA out of memory" in content["message"]
    assert "half precision" in content["message"]
    page.ask(type="strip", seq=3, positions=strip, drafts=False)
    assert frames_of(page) == before, "what was decoded is kept"
    full = False
    page.ask(at=[0.5], seq=4)
    assert [len(frames_of(page)), walk.value] == [1, 0.0], "and it works on"


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
