"""Decoders of torch as graphs of ONNX, made in another process: nothing waits for it."""

from __future__ import annotations

import hashlib
import importlib.util
import pickle
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import torch
from torch import Tensor, nn

from latentwidgets.adapters.torch_copy import bytes_of, numbers_used
from latentwidgets.adapters.torch_graph import error_in, graph_of
from latentwidgets.adapters.torch_modes import modules_of, owner_of
from latentwidgets.common.apart import WorkError, WorkTimeoutError, apart
from latentwidgets.common.forks import in_child
from latentwidgets.common.free_memory import free_bytes
from latentwidgets.common.wanted import in_turn
from latentwidgets.common.wording import said
from latentwidgets.errors import LatentValueError
from latentwidgets.space.locks import ModelLock
from latentwidgets.space.portable import CHANGES_ITSELF, Network, PassingError, too_large

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from latentwidgets.space.conditions import Conditions
    from latentwidgets.space.portable import Wish

__all__ = ["exported", "state_of"]

# After so long an export counts as one that hangs; a fork, before it is tried in a new interpreter.
MOST_SECONDS, FORK_SECONDS = 120.0, 60.0
# What copies code of a notebook, and what PyTorch needs to write a graph of ONNX.
NEEDS = ("cloudpickle", "onnx", "onnxscript")
# Where less memory is free, no other process is started.
FREE_BYTES = 2**30
# So many values of a condition are tried.
TRIED = 3
# Within this time a model that is being trained is written to.
TRAINED_SECONDS = 0.05
# A copy has code beside numbers, which may be float64 in it: so many bytes more.
CODE_BYTES = 2**20

# Graphs by what they were made of, as long as a space has them: two of one model share one.
_kept: WeakValueDictionary[bytes, Network] = WeakValueDictionary()
_exporting = threading.Lock()


def exported(
    decode: Callable[..., Any],
    module: nn.Module,
    models: tuple[object, ...],
    call: Callable[..., Any],
    wish: Wish,
) -> Network:
    """Write a decoder as a graph of ONNX.

    The decoder is copied to another process, of low priority, and computes in float32 there.

    Parameters
    ----------
    decode : callable
        A module, a method of one, or a function from a tensor to what array it holds.
    module : Module
        What is in evaluation mode for a function that is no method.
    models : tuple of object
        What runs, for its lock.
    call : callable
        ``call(latents, **conditions)`` decodes arrays here.
    wish : Wish
        What is wanted.

    Raises
    ------
    LatentValueError
        If it cannot be written as one; the message is the reason. A `PassingError` where it may be
        at another time.
    UnwantedError
        If nobody wants it any more.
    """
    _check_ready(wish)
    lock = ModelLock(models)
    owner = owner_of(decode)
    evaluated = [module] if owner is None else [owner]
    some = _some(wish.conditions, len(wish.samples))
    numbers = _numbers(_run(decode, module))
    used = numbers
    if _size(numbers) > wish.most_bytes:  # a module may hold much else, such as an encoder
        first = {name: values[:1] for name, values in some.items()}
        watched = partial(call, wish.samples[:1], **first)
        used = lock.run(partial(numbers_used, watched), numbers)
        if _size(used) > wish.most_bytes:
            raise LatentValueError(too_large(_size(used), wish.most_bytes))
    if _changes_itself(decode, module, lock, call, wish):
        raise LatentValueError(CHANGES_ITSELF)
    kept = {id(one) for one in used}
    decoder = decode, evaluated, wish.samples, some
    copy = partial(
        bytes_of,
        most_bytes=2 * wish.most_bytes + CODE_BYTES,
        left_out=[one for one in numbers if id(one) not in kept],
    )
    with in_turn(_exporting, wish.unwanted):  # one process at a time: two would take twice as long
        made_of = lock.run(copy, decoder)
        name = hashlib.sha256(made_of).digest()
        found = _kept.get(name)
        if found is None:
            # What drives another device cannot be used in a fork, and some of it is asked there
            # for a decoder on the processor too, once this process has used it.
            may_fork = all(one.device.type == "cpu" for one in numbers)
            may_fork &= not any(one.is_initialized() for one in (torch.cuda, torch.xpu))
            found = _kept[name] = Network(_asked(made_of, may_fork, wish.unwanted))
    if found.nbytes > wish.most_bytes:
        raise LatentValueError(too_large(found.nbytes, wish.most_bytes))
    return found


def state_of(decode: Callable[..., Any], module: nn.Module) -> object:
    """Give what differs once a decoder computes with other numbers, or has got another hook.

    What writes to the numbers behind PyTorch's back, and what a function computes otherwise, shows
    in what it decodes alone.

    Examples
    --------
    >>> layer = nn.Linear(2, 3)
    >>> before = state_of(layer.forward, layer)
    >>> state_of(layer.forward, layer) == before
    True
    >>> with torch.no_grad():
    ...     _ = layer.weight.add_(1)
    >>> state_of(layer.forward, layer) == before
    False
    """
    # By hand: of a thousand modules, PyTorch's own ways to list them take many times as long.
    state: list[object] = []
    waiting, seen = [*_run(decode, module)], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        # Each hook has a number of its own.
        state += (id(one), vars(one).get("forward"), *one._forward_pre_hooks, 0)
        state += one._forward_hooks
        for number in (*one._parameters.values(), *one._buffers.values()):
            state += (None,) if number is None else _written(number)
        waiting += [part for part in one._modules.values() if part is not None]
    return state


def _changes_itself(
    decode: Callable[..., Any],
    module: nn.Module,
    lock: ModelLock,
    call: Callable[..., Any],
    wish: Wish,
) -> bool:
    """Tell whether to decode is enough for `state_of` to differ, as of what counts its calls."""

    def run(count: int) -> None:
        call(wish.samples[:count], **_some(wish.conditions, count))

    def is_trained(seconds: float) -> bool:
        """Tell whether it changes although nothing is decoded: `export` sees that by itself."""
        before = state_of(decode, module)
        time.sleep(seconds)
        return state_of(decode, module) != before

    with suppress(Exception):  # such as of a batch of another size than it takes
        lock.run(run, 1)  # which may make what is kept from then on
        if lock.run(is_trained, TRAINED_SECONDS):
            return False
        before = state_of(decode, module)
        lock.run(run, 2)  # some make it anew for each size
        lock.run(run, 1)
        return state_of(decode, module) != before
    return False


def _written(number: Tensor) -> tuple[int, ...]:
    """Say where in memory a tensor is, and how often it was written to, as far as it is known."""
    place = 0
    try:
        place = number.data_ptr()  # which some have not that are in no memory
        return place, number._version  # which those have not that were made for inference alone
    except Exception:  # whatever subclasses raise, such as parameters that have no shape yet
        return (place,)


def _run(decode: Callable[..., Any], module: nn.Module) -> list[nn.Module]:
    """Give the modules that a decoder runs."""
    owner = owner_of(decode)
    return [module if owner is None else owner, *modules_of(decode)]


def _check_ready(wish: Wish) -> None:
    """See that a decoder can be exported now, before anything is done for it."""
    if wish.no_network:
        raise PassingError(wish.no_network)
    missing = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        *most, last = missing
        packages = f"packages {', '.join(most)} and {last}" if most else f"package {last}"
        raise PassingError(
            f"this needs the {packages}: pip install 'latentwidgets[page]', and restart the kernel."
        )
    if sys.platform == "win32" and not wish.insists:
        raise PassingError(
            "on Windows nobody has tried yet to export a torch model; run='page' tries it."
        )
    free = free_bytes()
    if free is not None and free < FREE_BYTES:
        raise PassingError(
            f"only {free / 2**20:.0f} MB of memory are free, and its export may take "
            f"{FREE_BYTES / 2**20:.0f} MB."
        )


def _numbers(modules: list[nn.Module]) -> list[Tensor]:
    """Give all parameters and buffers, each once."""
    each = {id(one): one for module in modules for one in (*module.parameters(), *module.buffers())}
    return [*each.values()]


def _size(numbers: list[Tensor]) -> int:
    """Say how many bytes some numbers take as float32."""
    return sum(4 * one.numel() for one in numbers)


def _asked(made_of: bytes, may_fork: bool, unwanted: Callable[[], bool]) -> bytes:
    """Have another process write the graph."""
    fork_seconds = FORK_SECONDS if may_fork else 0
    try:
        done = apart(
            graph_of,
            made_of,
            seconds=MOST_SECONDS,
            fork_seconds=fork_seconds,
            unwanted=unwanted,
        )
    except WorkTimeoutError as error:
        raise PassingError(f"its export to ONNX took longer than {MOST_SECONDS:.0f} s.") from error
    except WorkError as error:
        how, _, words = str(error).partition(":")
        raise PassingError(f"its export to ONNX {how}{_because(how, words)}") from error
    except (OSError, RuntimeError) as error:  # of processes, and of threads
        raise PassingError(f"no other process can be started here: {said(error)}.") from error
    graph, reason = pickle.loads(done)
    if reason:
        raise LatentValueError(reason)
    data: bytes = graph
    return data


def _because(how: str, words: str) -> str:
    """Say why a process ended, as far as it is known."""
    said = error_in(words)
    if said:
        return f": {said}"
    if "SIGKILL" in how:
        return ", perhaps as there is no memory left."
    return ", without a word."


def _some(conditions: Conditions, count: int) -> dict[str, NDArray[Any]]:
    """Give values of conditions, one for each latent."""
    values = {name: ([*one.even(TRIED)] * count)[:count] for name, one in conditions.items()}
    return conditions.arrays(values, count)


def _note_child() -> None:
    global _exporting
    _exporting = threading.Lock()  # which a thread of the process that was forked may hold


in_child(_note_child)
