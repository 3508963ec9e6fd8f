"""A fork leaves nobody waiting, whatever other threads do meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

import latentwidgets as lw
from latentwidgets.adapters.torch_modes import evaluating
from latentwidgets.common.progress import progress
from tests.unit.spaces import sigmoid, space_of
from tests.unit.test_locks import Module

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

ZEROS = np.zeros((1, 5), np.float32)
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
# A child that takes longer than this waits for ever.
PATIENCE = 60


def in_fork(function: Callable[[], Any]) -> Any:
    """What a function returns in the child of a fork, or the message of what it raises."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)

    def answer() -> None:
        try:
            sender.send(function())
        except Exception as error:
            sender.send(f"{type(error).__name__}: {error}")

    child = context.Process(target=answer)
    child.start()
    try:
        if not receiver.poll(PATIENCE):
            pytest.fail(f"the child still waits after {PATIENCE} s")
        return receiver.recv()
    finally:
        child.kill()
        child.join()


@contextmanager
def while_decoding(space: lw.LatentSpace, began: threading.Event) -> Iterator[None]:
    """Decode in another thread while the block runs."""
    thread = threading.Thread(target=space.decode, args=(ZEROS,))
    thread.start()
    assert began.wait(PATIENCE)
    try:
        yield
    finally:
        thread.join(PATIENCE)


@needs_fork
def test_a_child_of_a_fork_during_a_decode_decodes() -> None:
    began, hold = threading.Event(), threading.Event()

    def decode(latents: Array) -> Array:
        began.set()
        if threading.current_thread() is not threading.main_thread():
            hold.wait(PATIENCE)
        return sigmoid(latents)

    space = space_of(decode)
    expected = space_of(sigmoid).decode(ZEROS)
    began.clear()
    with while_decoding(space, began):
        try:
            assert np.array_equal(in_fork(lambda: space.decode(ZEROS)), expected)
        finally:
            hold.set()
    assert np.array_equal(space.decode(ZEROS), expected)


# A process of its own for each: which threads there are depends on what ran before.
THREADS = """
import multiprocessing
import numpy as np
import latentwidgets as lw

{model}
latents = space.sample(300)
space.decode(latents)  # from here on there are threads
expected = as_in_child(space.decode, latents)

def decode(answers):
    answers.put(np.array_equal(space.decode(latents), expected))

if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=decode, args=(answers,), daemon=True)
    child.start()
    child.join({patience})
    if child.is_alive():
        child.kill()
        raise SystemExit("the child still waits")
    print(answers.get())
"""
TORCH = """
import torch

def as_in_child(decode, latents):  # which has one thread, and sums in another order
    torch.set_num_threads(1)
    outputs = decode(latents)
    torch.set_num_threads(2)
    return outputs

torch.set_num_threads(2)
torch.manual_seed(0)
layers = [torch.nn.Linear(5, 2048), torch.nn.ReLU(), torch.nn.Linear(2048, 4096)]
module = torch.nn.Sequential(*layers, torch.nn.Unflatten(1, (64, 64)))
"""
USERS_OF_THREADS = {
    "torch": TORCH + "space = lw.as_space(module, value_range=(-1, 1))",
    "torch in a function": TORCH
    + """
def decode_(latents):
    with torch.inference_mode():
        return module(torch.from_numpy(latents)).numpy()

space = lw.as_space(decode_, latent_shape=5, value_range=(-1, 1))
""",
    "scikit-learn": """
as_in_child = lambda decode, latents: decode(latents)
points = np.random.default_rng(0).normal(size=(5000, 64))
texts = [str(i) for i in range(len(points))]
space = lw.as_space(lw.adapters.Retrieval(points, texts, metric="manhattan"))
""",
}


@needs_fork
@pytest.mark.parametrize("user", USERS_OF_THREADS)
@pytest.mark.slow
def test_a_child_does_not_wait_for_the_threads_of_its_parent(user: str) -> None:
    script = THREADS.format(model=USERS_OF_THREADS[user], patience=PATIENCE)
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "2"},
    )
    assert (done.stdout, done.returncode) == ("True\n", 0), done.stderr


@needs_fork
def test_a_child_that_decodes_nothing_keeps_its_threads() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert in_fork(torch.get_num_threads) == 2
    finally:
        torch.set_num_threads(before)


@needs_fork
def test_training_mode_comes_back_in_a_child() -> None:
    module, began, hold = Module(), threading.Event(), threading.Event()

    def borrow() -> None:
        with evaluating(module.layer):
            began.set()
            hold.wait(PATIENCE)

    thread = threading.Thread(target=borrow)
    thread.start()
    began.wait(PATIENCE)
    try:
        assert not module.layer.training
        assert in_fork(lambda: module.layer.training)
        with evaluating(module):  # which the child's own call still needs
            assert in_fork(lambda: [module.training, module.layer.training]) == [False, False]
    finally:
        hold.set()
        thread.join(PATIENCE)
    assert module.layer.training


@needs_fork
def test_a_bar_that_another_thread_draws_during_a_fork_stops_no_child() -> None:
    from tqdm.auto import tqdm  # type: ignore[import-untyped, unused-ignore]

    holding, hold = threading.Event(), threading.Event()

    def draw() -> None:
        with tqdm.get_lock():
            holding.set()
            hold.wait(PATIENCE)

    thread = threading.Thread(target=draw)
    thread.start()
    holding.wait(PATIENCE)
    try:
        assert in_fork(lambda: list(progress(range(3)))) == [0, 1, 2]
    finally:
        hold.set()
        thread.join(PATIENCE)
