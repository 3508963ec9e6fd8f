"""One thread at a time runs a model, whichever spaces it is in."""

from __future__ import annotations

import copy
import functools
import itertools
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import latentwidgets as lw
from latentwidgets.space.locks import ModelLock
from tests.unit.spaces import sigmoid

if TYPE_CHECKING:
    from types import FrameType

    from numpy.typing import NDArray

    Array = NDArray[np.float32]

ZEROS = np.zeros((1, 5), np.float32)
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
# A child that takes longer than this waits for ever.
PATIENCE = 60


class Watch:
    """Counts the threads that are in models at once; one that has company leaves early."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self._changed = threading.Condition()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._changed:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.most > 1, timeout=0.2)
        yield
        with self._changed:
            self.inside -= 1


watch = Watch()


@pytest.fixture(autouse=True)
def fresh_watch() -> None:
    global watch
    watch = Watch()


def most_at_once(*calls: Callable[[], Any]) -> int:
    """Start calls in threads of their own; say how many were in a model at once."""
    problems: list[BaseException] = []

    def attempt(call: Callable[[], Any]) -> None:
        try:
            call()
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=attempt, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not problems
    assert not any(thread.is_alive() for thread in threads)
    return watch.most


def watched(latents: Array) -> Array:
    with watch():
        return sigmoid(latents)


class Model:
    """A model that can neither be hashed nor weakly referenced."""

    __hash__ = None  # type: ignore[assignment]
    __slots__ = ("gain",)

    def __init__(self) -> None:
        self.gain = 1.0

    def __eq__(self, other: object) -> bool:
        return True

    def decode(self, latents: Array) -> Array:
        return watched(latents) * self.gain

    def encode(self, images: Array) -> Array:
        with watch():
            return np.zeros((len(images), 5), np.float32)


class Module(nn.Module):
    latent_dim = 5

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(5, 16)

    def decode(self, latents: Tensor) -> Tensor:
        with watch():
            return torch.sigmoid(self.layer(latents)).reshape(-1, 4, 4)

    def encode(self, images: Tensor) -> Tensor:
        with watch():
            return torch.zeros(len(images), 5)


def space_of(model: Any, **options: Any) -> lw.LatentSpace:
    return lw.as_space(model, **{"latent_shape": 5, "value_range": (0, 1), **options})


def two_of_one_function() -> list[lw.LatentSpace]:
    return [space_of(watched), space_of(watched)]


def two_of_one_object() -> list[lw.LatentSpace]:
    model = Model()
    return [space_of(model), space_of(model.decode)]


def two_of_one_partial_function() -> list[lw.LatentSpace]:
    return [space_of(functools.partial(watched)), space_of(functools.partial(watched))]


def two_of_one_module() -> list[lw.LatentSpace]:
    module = Module()
    return [space_of(module), space_of(module, decode=module.decode)]


def a_module_and_a_function_beside_it() -> list[lw.LatentSpace]:
    module = Module()
    return [space_of(module), space_of(module, decode=lambda latents: module.decode(latents))]


def a_space_and_one_with_other_options() -> list[lw.LatentSpace]:
    space = space_of(watched)
    return [space, space.replace(name="other")]


def a_space_and_one_with_another_decoder() -> list[lw.LatentSpace]:
    space = space_of(watched)
    return [space, space.replace(decode=lambda latents: watched(-latents))]


def spaces_that_share_the_encoder() -> list[lw.LatentSpace]:
    model = Model()
    first, second = (lambda z: watched(z)), (lambda z: watched(-z))
    return [space_of(one, encode=model.encode) for one in (first, second)]


def a_model_in_two_copies_of_a_space() -> list[lw.LatentSpace]:
    space = space_of(watched)  # a copy of a function is the function itself
    return [space, copy.deepcopy(space)]


@pytest.mark.parametrize(
    "make",
    [
        two_of_one_function,
        two_of_one_object,
        two_of_one_partial_function,
        two_of_one_module,
        a_module_and_a_function_beside_it,
        a_space_and_one_with_other_options,
        a_space_and_one_with_another_decoder,
        spaces_that_share_the_encoder,
        a_model_in_two_copies_of_a_space,
    ],
)
def test_one_thread_at_a_time_runs_a_model(make: Callable[[], list[lw.LatentSpace]]) -> None:
    spaces = make()
    assert most_at_once(*(functools.partial(space.decode, ZEROS) for space in spaces)) == 1


@pytest.mark.parametrize("make", [Model, Module])
def test_a_model_does_not_encode_while_it_decodes(make: Callable[[], Any]) -> None:
    model = make()
    first, second = space_of(model), space_of(model)
    images = second.decode(ZEROS)
    watch.most = 0
    assert most_at_once(lambda: first.decode(ZEROS), lambda: second.encode(images)) == 1


def test_a_model_does_not_decode_while_its_latent_shape_is_sought() -> None:
    module = Module()
    space = space_of(module)
    assert most_at_once(lambda: space.decode(ZEROS), lambda: lw.as_space(module)) == 1


@pytest.mark.parametrize(
    "spaces",
    [
        lambda: [space_of(Model()), space_of(Model())],
        lambda: [space_of(Module()), space_of(Module())],
        lambda: [one := space_of(Model()), copy.deepcopy(one)],
        lambda: [one := space_of(Module()), copy.deepcopy(one)],
        lambda: [one := space_of(Module()), pickle.loads(pickle.dumps(one))],
    ],
)
def test_two_models_run_at_once(spaces: Callable[[], list[lw.LatentSpace]]) -> None:
    assert most_at_once(*(functools.partial(one.decode, ZEROS) for one in spaces())) == 2


def test_a_decoder_may_call_a_space_of_its_own_model() -> None:
    inner = space_of(watched)

    def outer(latents: Array) -> Any:
        return inner.decode(latents) if latents.max() < 1 else watched(latents)

    space = inner.replace(decode=outer)
    done: list[Any] = []
    calls = [functools.partial(lambda one: done.append(one.decode(ZEROS)), space)] * 3
    # Others wait for the inner one meanwhile: it goes ahead of them.
    calls += [functools.partial(lambda one: done.append(one.decode(ZEROS)), inner)] * 3
    assert most_at_once(*calls) == 1
    assert len(done) == 6


def test_threads_get_their_turns_in_order() -> None:
    lock = ModelLock((watched,))
    order: list[int] = []
    threads: list[threading.Thread] = []

    def hold(_: object) -> None:
        for number in range(5):
            thread = threading.Thread(target=lock.run, args=(order.append, number))
            threads.append(thread)
            thread.start()
            time.sleep(0.05)  # so that it has asked before the next one does

    lock.run(hold, None)
    for thread in threads:
        thread.join(PATIENCE)
    assert order == [0, 1, 2, 3, 4]


def test_another_thread_gets_in_between_two_steps_of_a_decode() -> None:
    order: list[tuple[int, int]] = []
    threads: list[threading.Thread] = []

    def decode(latents: Array) -> Iterator[Any]:
        for step in range(3):
            order.append((len(latents), step))
            if order == [(2, 0)]:
                threads[0].start()
                time.sleep(1)  # so that it has asked before this step ends
            yield np.zeros((len(latents), 4, 4))

    space = lw.LatentSpace(decode, 5, value_range=(0, 1))
    threads.append(threading.Thread(target=space.decode, args=(ZEROS,)))
    space.decode(np.zeros((2, 5)))
    threads[0].join(PATIENCE)
    assert order.index((1, 0)) < order.index((2, 2))
    assert sorted(order) == [(count, step) for count in (1, 2) for step in range(3)]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers")
def test_who_is_interrupted_while_waiting_is_waited_for_no_longer() -> None:
    lock, holding, release = ModelLock((watched,)), threading.Event(), threading.Event()

    def hold(_: object) -> None:
        holding.set()
        release.wait(PATIENCE)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    holder = threading.Thread(target=lock.run, args=(hold, None))
    holder.start()
    holding.wait(PATIENCE)
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            lock.run(watched, ZEROS)
    finally:
        signal.signal(signal.SIGALRM, before)
    release.set()
    holder.join(PATIENCE)
    done: list[int] = []
    other = threading.Thread(target=lock.run, args=(done.append, 3), daemon=True)
    other.start()
    other.join(PATIENCE)
    assert done == [3]


def test_a_call_that_fails_lets_others_in() -> None:
    lock = ModelLock((watched,))
    with pytest.raises(ZeroDivisionError):
        lock.run(lambda _: 1 / 0, None)
    assert most_at_once(lambda: lock.run(abs, -3)) == 0


def test_an_interrupt_while_a_turn_ends_leaves_nobody_waiting() -> None:
    lines = itertools.count()
    while interrupt_the_end_of_a_turn(next(lines)):
        pass
    assert next(lines) > 5, "the end of a turn was not interrupted"


def interrupt_the_end_of_a_turn(after: int) -> bool:
    """Interrupt it once, after so many lines, while another thread waits; say whether it was."""
    lock, asked, came = ModelLock((object(),)), threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        lock.run(lambda _: came.set(), 0)

    other = threading.Thread(target=wait, daemon=True)
    # Not on a line that it comes back to: Python itself never interrupts where `with` ends.
    left = after
    passed: set[int] = set()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if frame.f_code.co_name != "leave":
            return None
        if frame.f_lineno in passed:
            return trace
        passed.add(frame.f_lineno)
        left -= 1
        if left < 0:
            sys.settrace(None)
            raise KeyboardInterrupt
        return trace

    def run(_: object) -> None:
        other.start()
        asked.wait()
        time.sleep(0.01)
        sys.settrace(trace)

    before = sys.gettrace()
    try:
        lock.run(run, 0)
        interrupted = False
    except KeyboardInterrupt:
        interrupted = True
    finally:
        sys.settrace(before)
    assert came.wait(PATIENCE), f"a thread waits for ever after an interrupt at line {after}"
    other.join()
    return interrupted
