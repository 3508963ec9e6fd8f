"""Work in another process: its answer, its limits, and that nothing of it is left behind."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from latentwidgets.common.apart import WorkError, WorkTimeoutError, apart
from latentwidgets.common.wanted import UnwantedError

FORKS = pytest.mark.skipif(sys.platform != "linux", reason="forks are made on Linux")
WAYS = [pytest.param(0.0, id="new"), pytest.param(20.0, id="fork", marks=FORKS)]
LARGE = 3 * 2**20  # more than a pipe holds
LOADED_IN = os.getpid()
# A process that is forked beside a thread, where another library warns of it.
WARNED = """
import os, threading, warnings
from latentwidgets.common import apart
from tests.unit import test_apart
apart.MOST_BYTES = 2**50

def warn():
    warnings.warn("os.fork() was called", RuntimeWarning, stacklevel=2)

os.register_at_fork(before=warn)
threading.Thread(target=threading.Event().wait, daemon=True).start()
print(apart.apart(test_apart.is_fork_with, b"os", seconds=60, fork_seconds=50).decode())
"""
# A process that has work done, and says which process does it.
KERNEL = """
import sys
from latentwidgets.common.apart import apart
from tests.unit import test_apart
apart(test_apart.noted, sys.argv[1].encode(), seconds=60, fork_seconds=float(sys.argv[2]))
"""
# A process that multiplies matrices in two threads while another thread of it has work done.
MULTIPLIES = """
import threading
import numpy as np
from latentwidgets.common import apart
from tests.unit import test_apart
apart.MOST_BYTES = 2**50
some = np.ones((300, 300))
some @ some
done = []

def work():
    done.append(apart.apart(test_apart.doubled, b"a", seconds=60, fork_seconds=50))

thread = threading.Thread(target=work, daemon=True)
thread.start()
while thread.is_alive():
    some @ some
print(done)
"""
# A cell that looks for the thread which writes down what was typed, and a fork as soon as it has
# looked so many times: nothing of it may change under the cell.
TYPED = """
import sys, threading
from IPython.core.history import HistoryManager, HistorySavingThread
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Instance
from traitlets.config import Config
from latentwidgets.common import apart
from tests.unit import test_apart
apart.MOST_BYTES = 2**50

class Thread(Instance):
    looks = 0

    def get(self, obj, cls=None):
        found = super().get(obj, cls)
        if threading.current_thread() is threading.main_thread():
            Thread.looks -= 1
            if Thread.looks == 0:
                print(apart.apart(test_apart.doubled, b"forked ", seconds=60, fork_seconds=50))
        return found

class History(HistoryManager):
    save_thread = Thread(HistorySavingThread, allow_none=True)

shell = InteractiveShell(config=Config(HistoryManager={"hist_file": ":memory:"}))
history = History(shell=shell, hist_file=sys.argv[1])
first = history.save_thread
for looks in (1, 2, 3):
    Thread.looks = looks
    history.store_inputs(looks, "typed", "typed")
print(history.save_thread is first, first.is_alive(), Thread.looks < 0)
"""


@pytest.fixture(autouse=True)
def forks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process forked, however much memory other tests have left it with.

    Nobody multiplies matrices here meanwhile.
    """
    monkeypatch.setattr("latentwidgets.common.apart.MOST_BYTES", 2**50)
    monkeypatch.setattr("latentwidgets.common.apart.computes_in_threads", lambda: False)


def doubled(given: bytes) -> bytes:
    print("what is printed is no answer")
    return 2 * given


def numbered(given: bytes) -> bytes:
    return str(os.getpid()).encode()


def refused(given: bytes) -> bytes:
    raise ValueError(given.decode())


def asleep(given: bytes) -> bytes:
    time.sleep(60)
    return b""


def busy(given: bytes) -> bytes:
    """Write into a file which process this is, and compute for ever."""
    Path(given.decode()).write_text(str(os.getpid()), "utf-8")
    while True:
        pass


def noted(given: bytes) -> bytes:
    """Write into a file which process this is, and stay."""
    Path(given.decode()).write_text(str(os.getpid()), "utf-8")
    return asleep(given)


def stuck_in_fork(given: bytes) -> bytes:
    """Wait for ever in a fork of the process of the tests, as for a lock that was held there."""
    return asleep(given) if os.getpid() != LOADED_IN else b"done"


def is_fork_with(given: bytes) -> bytes:
    """Import a module, and say whether this is a fork of the process of the tests."""
    importlib.import_module(given.decode())
    return str(os.getppid() == LOADED_IN).encode()


def surroundings(given: bytes) -> bytes:
    """Say how likely the system ends this process where memory runs out, and which GPUs it sees."""
    adjusted = Path("/proc/self/oom_score_adj")
    score = adjusted.read_text("utf-8").strip() if adjusted.exists() else "1000"
    return f"{score} {os.environ.get('CUDA_VISIBLE_DEVICES')}".encode()


def alarmed(given: bytes) -> bytes:
    """End as a process does that meets its limit before the one that waits for it looks."""
    signal.raise_signal(signal.SIGALRM)
    return given


def leaves_another(given: bytes) -> bytes:
    """Start a process that keeps the pipes, in the session of this one or in one of its own."""
    own = given == b"own session"
    code = "import time; time.sleep(30)"
    subprocess.Popen([sys.executable, "-c", code], start_new_session=own)
    return b"done"


def is_open(given: bytes) -> bytes:
    try:
        os.fstat(int(given))
    except OSError:
        return b"False"
    return b"True"


def ended(process: int) -> bool:
    """Say whether a process is gone; one that waits to be taken note of is."""
    try:
        state = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


@pytest.mark.parametrize("fork_seconds", WAYS)
def test_work_of_any_size_is_answered_by_another_process(fork_seconds: float) -> None:
    how = partial(apart, seconds=60.0, fork_seconds=fork_seconds)
    assert how(doubled, b"ab" * LARGE) == b"ab" * 2 * LARGE
    assert int(how(numbered, b"")) != os.getpid()


def test_an_answer_is_read_to_its_end_once_it_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latentwidgets.common.apart.JOIN_SECONDS", 0.0)
    given = os.urandom(LARGE)
    assert apart(doubled, given, seconds=60) == 2 * given


def test_work_that_fails_says_why() -> None:
    with pytest.raises(WorkError, match="ended with 1: (.|\n)*ValueError: no such luck"):
        apart(refused, b"no such luck", seconds=60)


@pytest.mark.parametrize("fork_seconds", [0.0, pytest.param(0.2, marks=FORKS)])
def test_work_that_hangs_is_ended(fork_seconds: float) -> None:
    start = time.monotonic()
    with pytest.raises(WorkTimeoutError):
        apart(asleep, b"", seconds=0.5, fork_seconds=fork_seconds)
    assert time.monotonic() - start < 20


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="a limit of its own is a signal")
def test_a_process_that_ends_at_its_own_limit_took_too_long() -> None:
    with pytest.raises(WorkTimeoutError, match="SIGALRM"):
        apart(alarmed, b"", seconds=60)


@FORKS
def test_one_limit_holds_for_all_attempts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Each attempt may itself take all of the time: the last ends before it has begun.
    note = tmp_path / "process"
    monkeypatch.setattr("latentwidgets.common.apart.FORKS", 50)
    monkeypatch.setattr("latentwidgets.common.apart.STUCK_SECONDS", 0.5)
    start = time.monotonic()
    with pytest.raises(WorkTimeoutError):
        apart(noted, str(note).encode(), seconds=2, fork_seconds=60)
    assert time.monotonic() - start < 20, "every attempt had a limit of its own"
    assert ended(int(note.read_text("utf-8")))


def test_a_process_that_reads_nothing_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.joinpath("sitecustomize.py").write_text("import time; time.sleep(60)", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    start = time.monotonic()
    with pytest.raises(WorkTimeoutError):
        apart(doubled, b"a" * LARGE, seconds=1)
    assert time.monotonic() - start < 30


@pytest.mark.parametrize("fork_seconds", WAYS)
def test_work_that_nobody_wants_any_more_is_ended(fork_seconds: float, tmp_path: Path) -> None:
    note = tmp_path / "process"

    def unwanted() -> bool:
        return note.exists() and bool(note.read_text("utf-8"))

    given = str(note).encode()
    with pytest.raises(UnwantedError):
        apart(busy, given, seconds=60, fork_seconds=fork_seconds, unwanted=unwanted)
    assert ended(int(note.read_text("utf-8")))


@FORKS
@pytest.mark.parametrize("fork_seconds", [0.0, 20.0])
def test_it_is_the_first_to_end_where_memory_runs_out(fork_seconds: float) -> None:
    score, _ = apart(surroundings, b"", seconds=60, fork_seconds=fork_seconds).split(b" ")
    assert score == b"1000"
    assert Path("/proc/self/oom_score_adj").read_text("utf-8").strip() != "1000"


@pytest.mark.parametrize("fork_seconds", WAYS)
def test_it_sees_no_gpu(fork_seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert apart(surroundings, b"", seconds=60, fork_seconds=fork_seconds).endswith(b" ")
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "0"


@pytest.mark.parametrize("session", [b"same", b"own session"])
def test_what_it_leaves_behind_is_not_waited_for(session: bytes) -> None:
    start = time.monotonic()
    assert apart(leaves_another, session, seconds=60) == b"done"
    assert time.monotonic() - start < 20, "a process that it had started was waited for"


@FORKS
def test_an_answer_holds_where_the_end_of_children_is_ignored() -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        assert apart(doubled, b"ab", seconds=60, fork_seconds=50) == b"abab"
        assert apart(is_fork_with, b"os", seconds=60, fork_seconds=50) == b"True"
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_where_nobody_knows_the_interpreter_it_cannot_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(OSError, match="which interpreter"):
        apart(doubled, b"", seconds=60)


@FORKS
def test_a_person_is_not_warned_of_forks() -> None:
    command = [sys.executable, "-W", "always", "-c", WARNED]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.stdout == "True\n"
    assert "fork" not in done.stderr


@FORKS
def test_no_process_that_computes_in_threads_stands_still() -> None:
    np.ones((2, 2)) @ np.ones((2, 2))
    if not any(one["internal_api"] == "openblas" for one in threadpool_info()):
        pytest.skip("NumPy multiplies without OpenBLAS here: nothing stands still")
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "2"}
    how = {"env": env, "capture_output": True, "text": True, "check": False, "timeout": 100}
    done = subprocess.run([sys.executable, "-c", MULTIPLIES], **how)  # type: ignore[call-overload]
    assert done.stderr == ""
    assert done.stdout == "[b'aa']\n"


@FORKS
def test_a_cell_that_begins_while_this_process_is_forked_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TYPED, str(tmp_path / "history.sqlite")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.stderr == ""
    assert done.stdout == 3 * "b'forked forked '\n" + "True True True\n"


@FORKS
def test_a_fork_that_waits_for_ever_is_replaced_long_before_its_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("latentwidgets.common.apart.STUCK_SECONDS", 0.3)
    start = time.monotonic()
    assert apart(stuck_in_fork, b"", seconds=60, fork_seconds=50) == b"done"
    assert time.monotonic() - start < 40


@FORKS
def test_a_fork_that_waits_for_what_another_thread_imports_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A module has a lock until it is there: this one is as soon as this process was forked.
    module = "import os, threading; forked = threading.Event()\n"
    module += "os.register_at_fork(after_in_parent=forked.set); forked.wait(30)"
    tmp_path.joinpath("there_once_forked.py").write_text(module, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with ThreadPoolExecutor() as pool:
        importing = pool.submit(importlib.import_module, "there_once_forked")
        while "there_once_forked" not in sys.modules:
            time.sleep(0.01)
        assert apart(is_fork_with, b"there_once_forked", seconds=60, fork_seconds=50) == b"True"
        importing.result()


@FORKS
def test_a_fork_keeps_nothing_open_where_others_would_listen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        number = str(listening.fileno()).encode()
        assert apart(is_open, number, seconds=60, fork_seconds=20) == b"False"


@FORKS
def test_a_large_process_is_not_forked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert apart(is_fork_with, b"os", seconds=60, fork_seconds=50) == b"True"
    monkeypatch.setattr("latentwidgets.common.apart.MOST_BYTES", 2**20)
    assert apart(is_fork_with, b"os", seconds=60, fork_seconds=50) == b"False"


@FORKS
@pytest.mark.parametrize("fork_seconds", ["0", "20"])
def test_it_ends_with_a_kernel_that_is_killed(fork_seconds: str, tmp_path: Path) -> None:
    note = tmp_path / "process"
    kernel = subprocess.Popen([sys.executable, "-c", KERNEL, str(note), fork_seconds])
    try:
        deadline = time.monotonic() + 60
        while not (note.exists() and note.read_text("utf-8")):
            assert time.monotonic() < deadline, "the work did not begin"
            time.sleep(0.05)
        worker = int(note.read_text("utf-8"))
        assert not ended(worker)
        os.kill(worker, signal.SIGINT)  # as of a cell that is interrupted: the work goes on
        time.sleep(0.2)
        assert not ended(worker)
    finally:
        kernel.kill()
        kernel.wait()
    deadline = time.monotonic() + 30  # by itself it would end after 60 s
    while not ended(worker):
        assert time.monotonic() < deadline, "the other process was left behind"
        time.sleep(0.05)
