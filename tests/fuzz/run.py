"""Runs workers, keeps what became of each call and message, and goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.fuzz.outcome import PACKAGE, Outcome

ROOT = Path(__file__).parents[2]
# A worker does so many; then a new one goes on, with memory of its own.
EACH_WORKER = 1000
# Of one cause so many are printed.
MOST_PRINTED = 3


def run(seed: int, wanted: dict[str, int], folder: Path = ROOT / "test-results") -> int:
    """Do what has not been done; print counts; give the status to exit with."""
    path = folder / f"fuzz-{seed}.jsonl"
    done = _done(path)
    if not done:
        folder.mkdir(exist_ok=True)
        path.write_text(json.dumps({"code": _code()}) + "\n", "utf-8")
    else:
        print(f"It goes on: {len(done)} calls and messages are done.")
    with path.open("a", encoding="utf-8", buffering=1) as log:
        for what, count in wanted.items():
            first = 1 + max((one.number for one in done if one.what == what), default=-1)
            for outcome in _work(what, seed, first, count):
                log.write(outcome.as_json() + "\n")
                done.append(outcome)
    print(*summary(done, seed), sep="\n")
    print(f"Each is in {path}, which is begun anew where the code has changed.")
    return int(any(one.found for one in done))


def summary(outcomes: Iterable[Outcome], seed: int) -> Iterator[str]:
    """Say what was counted, and how to repeat each finding."""
    every = list(outcomes)
    for what in ("call", "message"):
        counts = Counter(one.verdict for one in every if one.what == what)
        named = ", ".join(f"{counts[name]} {name}" for name in ("accepted", "refused"))
        yield f"{counts.total()} {what}s: {named}"
    found = Counter(one.verdict for one in every)
    yield (
        f"foreign exceptions {found['foreign']}, hangs {found['hang']}, silently wrong "
        f"{found['wrong']}, ended processes {found['died']}"
    )
    causes = Counter(one.cause for one in every if one.found)
    for cause, count in causes.most_common():
        yield f"\n{count} x {cause}"
        alike = [one for one in every if one.found and one.cause == cause]
        for one in alike[:MOST_PRINTED]:
            again = f"python -m tests.fuzz --repeat {one.what} {one.number} --seed {seed}"
            yield f"  {one.words}\n    {one.case}\n    {again}"


def _done(path: Path) -> list[Outcome]:
    """Read what was done with this code."""
    if not path.exists():
        return []
    first, *lines = path.read_text("utf-8").splitlines()
    if json.loads(first)["code"] != _code():
        print("The code has changed: it begins anew.")
        return []
    return [Outcome(**json.loads(line)) for line in lines]


def _code() -> str:
    """Name the code of the package and of this program."""
    found = hashlib.sha256()
    for folder in (PACKAGE, Path(__file__).parent):
        for path in sorted(folder.rglob("*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()


def _work(what: str, seed: int, first: int, last: int) -> Iterator[Outcome]:
    """Let workers do all; a worker that ends early ends one call or message, which is a finding."""
    while first < last:
        upto = min(last, (first // EACH_WORKER + 1) * EACH_WORKER)
        for outcome in _one_worker(what, seed, first, upto):
            yield outcome
            first = outcome.number + 1
        found = "" if sys.stderr.isatty() else "\n"
        print(f"\r{first} of {last} {what}s", end=found, file=sys.stderr, flush=True)


def _one_worker(what: str, seed: int, first: int, last: int) -> Iterator[Outcome]:
    command = [sys.executable, "-m", "tests.fuzz.worker", what, *map(str, (seed, first, last))]
    yield from watched(command, what, first)


def watched(command: list[str], what: str, first: int) -> Iterator[Outcome]:
    """Run a worker; where it ends early, what it did then is a finding."""
    # One thread each: many small things are computed.
    calm = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    with tempfile.TemporaryFile("w+") as errors:
        worker = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **calm},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        assert worker.stdout is not None
        begun = first
        try:
            for line in worker.stdout:
                read = json.loads(line)
                if "begins" in read:
                    begun = read["begins"]
                else:
                    yield Outcome(**read)
            status = worker.wait()
        finally:
            worker.kill()
            worker.wait()
            worker.stdout.close()
        if status:
            errors.seek(0)
            yield _ended(what, begun, status, errors.read())


def _ended(what: str, number: int, status: int, errors: str) -> Outcome:
    """Say that a worker ended while it did something: by its watchdog, or in another way."""
    names = re.findall(r'File ".*?latentwidgets/(\S+\.py)", line \d+ in (\S+)', errors)
    place = "{}, {}".format(*names[0]) if names else "the worker"
    if "Timeout (" in errors or status == -signal.SIGXCPU:
        return Outcome(what, number, "hang", "see how to repeat it", "too long", place)
    last = errors.strip().splitlines()[-1:] or [""]
    return Outcome(what, number, "died", last[0][:200], f"status {status}", place)
