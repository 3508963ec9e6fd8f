"""Torch decoders as graphs: what is copied to another process, what comes back, what ends it."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
import tracemalloc
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator
from torch import Tensor, nn

import latentwidgets as lw
from latentwidgets.adapters import torch_export
from latentwidgets.common.wanted import UnwantedError
from latentwidgets.engine import exports
from latentwidgets.engine.exports import export, has_changed
from latentwidgets.errors import LatentValueError
from latentwidgets.space.portable import (
    CHANGES_ITSELF,
    Network,
    PassingError,
    carried,
    state_of,
)
from tests.unit.test_forks import in_fork

MOST = 64 * 2**20
FORKS = pytest.mark.skipif(sys.platform != "linux", reason="forks are made on Linux")


class Net(nn.Module):
    """A decoder from 3 numbers to pictures of 8 x 8, with dropout."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(3, 32), nn.Dropout(), nn.Tanh(), nn.Linear(32, 64))

    def decode(self, z: Tensor) -> Tensor:
        wide: Tensor = self.layers(z)
        return wide.reshape(-1, 1, 8, 8)


class Autoencoder(Net):
    """A small decoder beside an encoder of 8 MB."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(2**21, 1)


class Tabled(Net):
    """A decoder with 2 MB of numbers that are neither parameters nor buffers."""

    def __init__(self) -> None:
        super().__init__()
        self.table = [torch.randn(2**19)]

    def decode(self, z: Tensor) -> Tensor:
        return super().decode(z) + (z[:, :1] * self.table[0]).mean(1)[:, None, None, None]


class Elsewhere(Net):
    """Does something in the process that exports it, and in no other."""

    def __init__(self, note: Path | None = None) -> None:
        super().__init__()
        self.home, self.note = os.getpid(), note

    def decode(self, z: Tensor) -> Tensor:
        if os.getpid() != self.home:
            if self.note is not None:
                self.note.write_text(str(os.getpid()), "utf-8")
            self.act()
        return super().decode(z)

    def act(self) -> None:
        raise NotImplementedError


class Hanging(Elsewhere):
    def act(self) -> None:
        while True:
            pass


class Killed(Elsewhere):
    def act(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Empty(Net):
    """Decodes to NaN beyond 6 standard deviations."""

    def decode(self, z: Tensor) -> Tensor:
        return super().decode(z) + torch.log(z[:, :1] + 6)[:, :, None, None]


@pytest.fixture(autouse=True)
def memory_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have decoders exported, however little memory others leave."""
    monkeypatch.setattr(torch_export, "FREE_BYTES", 0)


@pytest.fixture(autouse=True)
def forks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process forked, however much memory other tests have left it with."""
    monkeypatch.setattr("latentwidgets.common.apart.MOST_BYTES", 2**50)
    monkeypatch.setattr("latentwidgets.common.apart.computes_in_threads", lambda: False)


def space_of(module: nn.Module, **options: Any) -> lw.LatentSpace:
    return lw.as_space(module, latent_shape=3, value_range=(0, 1), kind="image", **options)


def check_graph(space: lw.LatentSpace, most_bytes: int = MOST) -> Network:
    """Export a space, and see that the graph decodes what the space does."""
    found = carried(space, most_bytes)
    assert isinstance(found, Network)
    latents = space.sample(5, seed=7)
    graph = ReferenceEvaluator(onnx.load_from_string(found.data))
    ran: Any = graph.run(None, {"latents": latents})
    np.testing.assert_allclose(ran[0], space.decode(latents, raw=True), atol=1e-5)
    return found


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_a_function_over_a_module_is_exported_as_it_decodes(dtype: torch.dtype) -> None:
    net = Net().to(dtype).train()
    check_graph(space_of(net, decode=lambda z: net.decode(z)))
    assert net.training
    assert net.layers[0].weight.dtype == dtype


def test_two_spaces_of_one_model_share_a_graph_that_ends_with_them() -> None:
    net = Net()
    spaces = [space_of(net), space_of(net)]
    first, second = (carried(space, MOST) for space in spaces)
    assert first is second
    gone = weakref.ref(first)
    del first, second
    gc.collect()
    assert gone() is None


def test_only_what_decodes_counts() -> None:
    found = check_graph(space_of(Autoencoder()), 2**20)
    assert found.nbytes < 2**16
    net = Autoencoder()
    space = space_of(net, decode=lambda z: net.decode(z) + net.encoder.weight.mean())
    with pytest.raises(LatentValueError, match=r"takes 8 MB, .* at most 1 MB; set page_memory"):
        carried(space, 2**20)


def test_a_graph_is_no_larger_than_it_may_be() -> None:
    with pytest.raises(LatentValueError, match="takes 2 MB, and the page is sent at most 1 MB"):
        carried(space_of(Tabled()), 2**20)


def test_what_code_names_is_not_copied_without_end() -> None:
    net, data = Net(), np.zeros(2**25)  # 256 MB, of which no page is touched
    space = space_of(net, decode=lambda z: net.decode(z) + float(data[0]))
    tracemalloc.start()
    try:
        with pytest.raises(LatentValueError, match="refers to it takes more than 3 MB; set page_m"):
            carried(space, 2**20)
        assert tracemalloc.get_traced_memory()[1] < 2**26, "it was copied before it was refused"
    finally:
        tracemalloc.stop()


def test_nan_has_a_reason_of_its_own() -> None:
    space = lw.as_space(Empty(), latent_shape=3, value_range=(0, 1), data=-9 * np.eye(3))
    with pytest.raises(LatentValueError, match="decodes ordinary latents to NaN or infinity"):
        carried(space, MOST)


@FORKS
def test_an_export_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(torch_export, "MOST_SECONDS", 1.5)
    note = tmp_path / "process"
    with pytest.raises(LatentValueError, match="its export to ONNX took longer than 2 s"):
        carried(space_of(Hanging(note)), MOST)
    check_ended(note)


@FORKS
def test_an_export_that_nobody_wants_any_more_is_ended(tmp_path: Path) -> None:
    note, told = tmp_path / "process", list[float]()

    def unwanted() -> bool:
        if not (note.exists() and note.read_text("utf-8")):
            return False
        told.append(time.monotonic())
        return True

    with pytest.raises(UnwantedError):
        carried(space_of(Hanging(note)), MOST, unwanted)
    assert time.monotonic() - told[0] < 10
    check_ended(note)


def check_ended(note: Path) -> None:
    """See that the decoder ran in another process, which is gone."""
    process = int(note.read_text("utf-8"))
    assert process != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@FORKS
@pytest.mark.slow
def test_a_fork_waits_for_no_export_of_the_process_that_was_forked(tmp_path: Path) -> None:
    space, note, over = space_of(Net()), tmp_path / "process", threading.Event()

    def export() -> None:
        with suppress(UnwantedError):
            carried(space_of(Hanging(note)), MOST, over.is_set)

    thread = threading.Thread(target=export)
    thread.start()
    while not note.exists():
        time.sleep(0.01)
    try:
        assert in_fork(lambda: carried(space, MOST).nbytes) > 1000
    finally:
        over.set()
        thread.join()


@pytest.mark.slow
def test_a_process_that_is_killed_says_so() -> None:
    with pytest.raises(
        LatentValueError, match="to ONNX ended with SIGKILL, perhaps as there is no memory left"
    ):
        carried(space_of(Killed()), MOST)


def test_an_error_says_what_it_is() -> None:
    class Broken(Elsewhere):
        def act(self) -> None:
            raise KeyError("no such layer\n\nSee the manual.")

    with pytest.raises(LatentValueError) as caught:
        carried(space_of(Broken()), MOST)
    assert "KeyError" in str(caught.value)
    assert "no such layer" in str(caught.value)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU: torch sees no CUDA device")
def test_a_module_on_a_gpu_is_exported_without_one() -> None:
    check_graph(space_of(Net().cuda()))


def test_where_no_process_can_be_started_the_reason_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "")
    monkeypatch.setattr("latentwidgets.common.apart.MOST_BYTES", 0)  # no fork either
    with pytest.raises(PassingError, match="no other process can be started here: nobody knows"):
        carried(space_of(Net()), MOST)


def test_nothing_is_exported_where_memory_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_export, "FREE_BYTES", 2**30)
    monkeypatch.setattr(torch_export, "free_bytes", lambda: 300 * 2**20)
    with pytest.raises(PassingError, match="only 300 MB of memory are free, and its export may"):
        carried(space_of(Net()), MOST)


def test_on_windows_nobody_is_made_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    space = space_of(Net())
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(PassingError, match="on Windows nobody has tried yet .* run='page' tries"):
        carried(space, MOST)


def test_what_changes_while_it_is_copied_may_be_copied_later() -> None:
    class Changing(Net):
        def __reduce__(self) -> Any:
            raise RuntimeError("dictionary changed size during iteration")

    class Fixed(Net):
        def __reduce__(self) -> Any:
            raise TypeError("cannot pickle a generator")

    with pytest.raises(PassingError, match="cannot be copied .*: dictionary changed size"):
        carried(space_of(Changing()), MOST)
    with pytest.raises(LatentValueError, match="cannot be copied .*: cannot pickle") as caught:
        carried(space_of(Fixed()), MOST)
    assert not isinstance(caught.value, PassingError)


class Counter(Net):
    """Counts its calls in a buffer."""

    calls: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))

    def decode(self, z: Tensor) -> Tensor:
        self.calls += 1
        return super().decode(z)


class Sized(Counter):
    """Makes a buffer anew for each size of a batch, and one at its first call."""

    def decode(self, z: Tensor) -> Tensor:
        if self.calls.ndim == 0 or len(self.calls) != len(z):
            self.calls = torch.zeros(len(z))
        return Net.decode(self, z)


@pytest.mark.parametrize("kind", [Counter, Sized])
def test_what_writes_to_its_own_buffers_stays(kind: type[Net]) -> None:
    with pytest.raises(LatentValueError, match="its forward changes its own buffers") as caught:
        carried(space_of(kind()), MOST)
    assert not isinstance(caught.value, PassingError)


@pytest.mark.parametrize("kind", [Counter, Sized])
def test_what_writes_to_its_own_buffers_is_not_looked_at_again(
    kind: type[Net], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "LOOK_SECONDS", 0.0)
    space = space_of(kind())
    assert export(space, MOST).reason == CHANGES_ITSELF
    for count in (1, 2):
        space.decode(np.zeros((count, *space.latent_shape), np.float32))
        assert not has_changed(space)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lw.LatentSpace, "decode", None)  # nobody may call it
        assert export(space, MOST).reason == CHANGES_ITSELF


class Once(Counter):
    """Makes a buffer at its first call, and keeps it."""

    def decode(self, z: Tensor) -> Tensor:
        if self.calls.ndim == 0:
            self.calls = torch.zeros(1)
        return Net.decode(self, z)


def test_what_is_made_at_the_first_call_is_no_change() -> None:
    check_graph(space_of(Once()))


def test_parameters_without_a_shape_are_as_good_as_unchanged() -> None:
    lazy = nn.LazyLinear(3)
    assert torch_export.state_of(lazy.forward, lazy) == torch_export.state_of(lazy.forward, lazy)


def test_numbers_that_nobody_counts_are_as_good_as_unchanged() -> None:
    with torch.inference_mode():  # which leaves tensors without a count of changes
        net = Net()
    space = space_of(net, decode=lambda z: net.decode(z))
    assert state_of(space) == state_of(space)


@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
def test_scripted_modules_are_as_they_were_between_two_looks() -> None:
    space = space_of(torch.jit.script(nn.Sequential(nn.Linear(3, 64), nn.Unflatten(1, (8, 8)))))
    before = state_of(space)
    space.decode(space.sample(2))
    assert state_of(space) == before


def train(net: Net) -> None:
    weights = [*net.parameters()]
    found = torch.autograd.grad(net.decode(torch.ones(1, 3)).sum(), weights)
    with torch.no_grad():
        for one, change in zip(weights, found, strict=True):
            one.sub_(0.1 * change)


def load(net: Net) -> None:
    net.load_state_dict({name: one + 1 for name, one in net.state_dict().items()})


def replace(net: Net) -> None:
    net.layers[0] = nn.Linear(3, 32)


def assign(net: Net) -> None:
    net.layers[0].bias.data = torch.ones(32)


def hook(net: Net) -> None:
    net.layers[0].register_forward_hook(lambda _module, _inputs, output: output + 1)


@pytest.mark.parametrize("change", [train, load, replace, assign, hook])
def test_a_change_of_the_model_is_seen(change: Callable[[Net], object]) -> None:
    net = Net()
    space = space_of(net, decode=lambda z: net.decode(z))
    before = state_of(space)
    space.decode(space.sample(2))
    assert state_of(space) == before, "a decode counts as a change"
    change(net)
    assert state_of(space) != before
