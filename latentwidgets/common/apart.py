"""`apart`: work in a process of its own, which ends with this one and leaves nothing behind."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
import warnings
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from latentwidgets.common.forks import beside_ipython, computes_in_threads
from latentwidgets.common.wanted import LOOK_SECONDS, UnwantedError, never

if TYPE_CHECKING:
    from collections.abc import Callable

    Work = Callable[[bytes], bytes]

__all__ = ["WorkError", "WorkTimeoutError", "apart", "serve"]

# The line of Python that a new interpreter runs to do the work.
COMMAND = "import sys; from latentwidgets.common.apart import serve; serve(*sys.argv[1:])"
# So much less than this process the other is worth to the processor.
NICE = 5
PIECE = 2**20
# A fork whose threads have all slept for so long waits for what nobody will give it. Work that
# waits for the processor, for memory or for a file does not count as asleep.
STUCK_SECONDS = 1.0
# What Windows takes to wait for the end of a process.
SYNCHRONIZE, FOR_EVER = 0x0010_0000, 0xFFFF_FFFF
# How often the work is tried in a fork before it is done otherwise.
FORKS = 2
# After the other process was ended, what it had written is read for so long.
JOIN_SECONDS = 1.0
# Have no library of the other process use a GPU, whose memory belongs to this one.
NO_GPU = {"CUDA_VISIBLE_DEVICES": "", "HIP_VISIBLE_DEVICES": "", "ROCR_VISIBLE_DEVICES": ""}
# A process that has more memory of its own is not forked: that takes some 40 ms a gigabyte, while
# all its threads stand still, and whatever they write afterwards is copied first.
MOST_BYTES = 2**30


class WorkError(Exception):
    """The other process ended without an answer; the message is the end of what it said."""


class WorkTimeoutError(WorkError):
    """The other process took too long, and was ended."""


class StuckError(WorkError):
    """A fork waits for what a thread of this process held, and was ended."""


def apart(
    work: Work,
    given: bytes,
    *,
    seconds: float,
    fork_seconds: float = 0,
    unwanted: Callable[[], bool] = never,
) -> bytes:
    """Have another process do some work, at a low priority.

    It ends by itself at its limit, and as soon as this process has ended, however that did.

    Parameters
    ----------
    work : callable
        A function of a module, from bytes to bytes.
    given : bytes
        What it is called with.
    seconds : float
        After so long, all attempts together, the work is ended.
    fork_seconds : float
        If over 0, the work is first tried in a fork of this process, for so long, where the system
        is Linux, this process is no larger than `MOST_BYTES`, and NumPy computes in one thread. It
        has all modules already: it begins at once, and shares their memory. Elsewhere, as on macOS,
        whose own libraries may not be used after a fork, a new interpreter does it.
    unwanted : callable
        Says whether nobody wants the work any more; asked every 0.1 s.

    Raises
    ------
    WorkTimeoutError
        If it took too long.
    WorkError
        If it failed otherwise.
    UnwantedError
        If nobody wants it any more: the other process was ended.
    OSError
        If no other process can be started.
    """
    end = time.monotonic() + seconds
    # A fork has one thread, and the locks of all: one that another thread held at that moment is
    # never let go of. Of 83 exports in forks of a process that trained, and decoded in two threads,
    # two stood still so, for a module that was just being imported. It is soon seen, since a fork
    # that works uses the processor; the next one is made once that moment is over.
    small = sys.platform == "linux" and _own_bytes() <= MOST_BYTES
    if fork_seconds > 0 and small and not computes_in_threads():
        fork_end = min(end, time.monotonic() + fork_seconds)
        for _ in range(FORKS):
            try:
                return _forked(work, given, fork_end, unwanted)
            except StuckError:
                continue
            except (OSError, WorkError):
                break
    return _spawned(work, given, end, unwanted)


def serve(module: str, name: str, seconds: str, parent: str) -> None:
    """Do work in a new interpreter: read what is given from standard input, write the answer."""
    _limit(float(seconds))
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no answer
    source = sys.stdin.buffer
    given = source.read(int(source.readline()))
    if sys.platform == "win32":
        # There a thread that waits to read from a pipe of standard input may keep libraries, such
        # as those of NumPy, from ever being loaded (numpy issue 24290).
        _beside(partial(_end_after, int(parent)))
    else:
        _live_no_longer_than(source.fileno())
    with answers:
        answers.write(getattr(import_module(module), name)(given))
    os._exit(0)


def _spawned(work: Work, given: bytes, end: float, unwanted: Callable[[], bool]) -> bytes:
    _check_time(end, unwanted)
    if not sys.executable:
        raise OSError("nobody knows which interpreter runs this one")
    paths = os.pathsep.join(filter(None, sys.path))
    left, parent = str(end - time.monotonic()), str(os.getpid())
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, work.__module__, work.__name__, left, parent],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,  # closing it would wait for what was never read
        env={**os.environ, **NO_GPU, "PYTHONPATH": paths},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # on Windows, where one opens
        start_new_session=True,  # so that what it has started can be ended with it
    ) as process:
        # Written and read beside, so that neither side waits for the other, and the limit holds all
        # the while. Standard input stays open: that it is closed tells the other process that this
        # one has ended.
        answer: list[bytes] = []
        said: list[bytes] = []
        beside = (
            _beside(partial(_write, process.stdin, given)),
            _beside(partial(_read, process.stdout, answer)),
            _beside(partial(_read, process.stderr, said)),
        )
        try:
            code = None
            while code is None:
                _check_time(end, unwanted)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    code = process.wait(LOOK_SECONDS)
            if code == 0:  # it has written all of its answer, which may be large
                _kill(process)  # what it has started and left may hold the pipe open
                while beside[1].is_alive():
                    _check_time(end, unwanted)
                    beside[1].join(LOOK_SECONDS)
        finally:
            _kill(process)
            for thread in beside:  # what has left its session may keep the pipes open
                thread.join(JOIN_SECONDS)
    if code or not any(answer):
        raise _ending(code, b"".join(said).decode("utf-8", "replace"))
    return answer[0]


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process, and what it has started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):  # all have ended
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _check_time(end: float, unwanted: Callable[[], bool]) -> None:
    """Raise where it is too late, or nobody wants the work any more."""
    if unwanted():
        raise UnwantedError
    if time.monotonic() > end:
        raise WorkTimeoutError


def _ending(code: int, words: str) -> WorkError:
    """Say how a process ended: with its number, or for negative ones the signal, and its words."""
    how = str(code)
    with contextlib.suppress(ValueError):
        how = signal.Signals(-code).name
    late = how == "SIGALRM"  # its own limit may end it before this process has looked at the time
    return (WorkTimeoutError if late else WorkError)(f"ended with {how}: {words}")


def _beside(act: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def _write(file: BinaryIO | Any, given: bytes) -> None:
    with contextlib.suppress(OSError):  # it has ended: how, it says itself
        for part in (b"%d\n" % len(given), given):
            left = memoryview(part)
            while left:
                left = left[file.write(left) :]


def _read(file: BinaryIO | Any, into: list[bytes]) -> None:
    into.append(file.read())


def _forked(work: Work, given: bytes, end: float, unwanted: Callable[[], bool]) -> bytes:
    _check_time(end, unwanted)
    answers, to = os.pipe()
    life, alive = os.pipe()
    try:
        child = _fork(lambda: _work_in_fork(work, given, end, life, to))
    except BaseException:
        os.close(answers)
        os.close(alive)
        raise
    finally:
        os.close(to)
        os.close(life)
    try:
        with open(answers, "rb", buffering=0) as file:
            answer = _read_until(file, child, end, unwanted)
    finally:
        os.close(alive)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        code = _status_of(child)
    if not answer:
        raise WorkError("ended") if code is None else _ending(code, "")
    return answer


def _status_of(child: int) -> int | None:
    """Wait until a child has ended, and give its number, or signal; None where nobody knows it."""
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except ChildProcessError:  # this process ignores SIGCHLD: the system has taken note
        return None


def _fork(work: Callable[[], None]) -> int:
    """Fork from a thread that has done nothing yet, and return which process the child is.

    GNU's OpenMP keeps threads for every thread that has computed in parallel. They are not there in
    a fork, which would wait for them for ever, if it came from such a thread.
    """
    made: list[int] = []
    failed: list[OSError] = []
    # Python warns of forks in a process with threads, and so do other libraries, such as JAX, of
    # whoever forks: here, where a person has no part in it. To catch warnings instead is not for
    # threads: it would bring back the filters of a moment ago, whatever others have set since.
    warnings.filterwarnings("ignore", module=re.escape(__name__))

    def fork() -> None:
        try:
            with beside_ipython():
                child = os.fork()
        except OSError as error:
            failed.append(error)
            return
        if child == 0:
            try:
                work()
            finally:  # not even the exits of this process are the child's
                os._exit(1)
        made.append(child)

    thread = threading.Thread(target=fork, daemon=True)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return made[0]


def _work_in_fork(work: Work, given: bytes, end: float, life: int, to: int) -> None:
    """Do the work in the child, and end it."""
    gc.disable()  # which would touch, and so copy, all that the two processes share
    os.environ.update(NO_GPU)
    _limit(end - time.monotonic())
    with open(os.devnull, "r+b") as nothing:
        for number in (0, 1, 2):
            os.dup2(nothing.fileno(), number)
    # What is open here stays open: where a kernel listens, the one that replaces it could not.
    for number in map(int, os.listdir("/proc/self/fd")):
        if number > 2 and number not in (life, to):
            with contextlib.suppress(OSError):  # that by which they were listed
                os.close(number)
    _live_no_longer_than(life)
    # The streams of a notebook would send what is printed to its cell.
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    answer = work(given)
    with os.fdopen(to, "wb") as file:
        file.write(answer)
    os._exit(0)


def _read_until(
    file: BinaryIO | Any, child: int, end: float, unwanted: Callable[[], bool]
) -> bytes:
    """Read all that a child writes, or raise once it is stuck, too late or unwanted."""
    read: list[bytes] = []
    reading = select.poll()  # of files with large numbers too
    reading.register(file, select.POLLIN)
    used, woke = -1, time.monotonic()
    while True:
        if reading.poll(1000 * LOOK_SECONDS):
            piece = file.read(PIECE)
            if not piece:
                return b"".join(read)
            read.append(piece)
        _check_time(end, unwanted)
        now = time.monotonic()
        before, used, asleep = used, *_use_of(child)
        if used != before or not asleep:
            woke = now
        elif now - woke > STUCK_SECONDS:
            raise StuckError


def _use_of(child: int) -> tuple[int, bool]:
    """Say how much of the processor a process has used, and whether all its threads sleep."""
    used, asleep = 0, True
    try:
        for thread in Path(f"/proc/{child}/task").iterdir():
            state, *numbers = thread.joinpath("stat").read_text("utf-8").rpartition(")")[2].split()
            used += int(numbers[10]) + int(numbers[11])
            asleep = asleep and state == "S"
    except OSError:  # a thread that has just ended, or a system that does not say
        asleep = False
    return used, asleep


def _own_bytes() -> int:
    """Say how much memory this process has of its own; more than any, where nobody says it."""
    try:
        numbers = Path("/proc/self/statm").read_text("ascii").split()
    except OSError:
        return sys.maxsize
    _, resident, shared, *_ = numbers
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


def _limit(seconds: float) -> None:
    """Have this process end at a limit, and give way to others until then."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    # Where memory runs out, Linux is to end this process, and not the one that started it.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "wb", buffering=0) as file:
        file.write(b"1000")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # which stops cells, and is sent to all at once
    if hasattr(signal, "alarm"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(max(1, int(seconds) + 1))  # even in the middle of code that is not Python's


def _live_no_longer_than(life: int) -> None:
    """Have this process end once the one that started it has."""
    threading.Thread(target=_end_with, args=(life,), daemon=True).start()


def _end_with(life: int) -> None:
    os.read(life, 1)  # of which nothing comes but its end
    os._exit(1)


def _end_after(process: int) -> None:
    """Have this process end once another has, on Windows."""
    if sys.platform == "win32":
        import ctypes

        system = ctypes.WinDLL("kernel32", use_last_error=True)
        system.OpenProcess.restype = ctypes.c_void_p
        system.WaitForSingleObject.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
        handle = system.OpenProcess(SYNCHRONIZE, False, process)
        if handle:
            system.WaitForSingleObject(handle, FOR_EVER)
        os._exit(1)
