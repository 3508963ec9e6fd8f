"""What became of one call or message."""

from __future__ import annotations

import contextlib
import json
import os
import random
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import comm
import ipywidgets
import matplotlib.pyplot as plt

import latentwidgets
import latentwidgets as lw
from tests.fuzz import calls, judged
from tests.fuzz.judged import WrongError
from tests.unit.page import Wire

PACKAGE = Path(latentwidgets.__file__).parent
# Of calls that were accepted one in so many is made again, and must give the same.
AGAIN = 3
# A call or message hangs that takes so many seconds of the processor's time, or so many by the
# clock: other programs on a busy machine add to the clock, not to the processor's time.
LIMIT, PATIENCE = 60.0, 600.0
FINDINGS = ("foreign", "wrong", "hang", "died")


@dataclass
class Outcome:
    """What became of a call or a message.

    Attributes
    ----------
    what : {"call", "message"}
        Which it was.
    number : int
        Its number.
    verdict : str
        "accepted" or "refused"; or a finding: "foreign", "wrong", "hang", or "died" with its
        process.
    case : str
        What was called or sent; empty unless something was found.
    words : str
        What was found, in a line.
    where : str
        The innermost function of the package, or what was called: findings of one place have one
        cause, as a rule.
    error : BaseException or None
        What was raised; it is not written.
    """

    what: str
    number: int
    verdict: str
    case: str = ""
    words: str = ""
    where: str = ""
    error: BaseException | None = field(default=None, repr=False)

    @property
    def found(self) -> bool:
        """Whether it is a finding."""
        return self.verdict in FINDINGS

    @property
    def cause(self) -> str:
        """What findings of one cause have in common."""
        kind = self.words.split(":")[0] if self.verdict == "foreign" else self.words
        return f"{self.verdict}, {kind}, in {self.where}"

    def as_json(self) -> str:
        """Write it in one line."""
        written = {name: value for name, value in vars(self).items() if name != "error"}
        return json.dumps({name: value for name, value in written.items() if value != ""})


def found(what: str, number: int, case: object, error: BaseException, target: str) -> Outcome:
    """Say what was found, and where: in the package, or else in the result of a target."""
    wrong = isinstance(error, WrongError)
    text = str(error) if wrong else f"{type(error).__name__}: {in_short(error)}"
    place = place_of((error.__cause__ or error) if wrong else error) or target
    verdict = "wrong" if wrong else "foreign"
    return Outcome(what, number, verdict, str(case), text, place, error)


def in_short(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception as other:
        text = f"({type(other).__name__} as it is written)"
    return text if len(text) <= 160 else f"{text[:157]}..."


def place_of(error: BaseException) -> str:
    """Name the innermost function of the package that an exception went through, if any."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(PACKAGE)
    ]
    if not frames:
        return ""
    path = Path(frames[-1].filename).relative_to(PACKAGE)
    return f"{path.as_posix()}, {frames[-1].name}"


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Do something in an empty folder, with kernel's comms, and leave no widget and no figure."""
    before = os.getcwd()
    made = comm.create_comm
    comm.create_comm = Wire
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)
            comm.create_comm = made
            plt.close("all")
            close_all()


def close_all() -> None:
    """Close the widgets that were made and not closed."""
    ipywidgets.Widget.close_all()


def outcome_of_call(seed: int, number: int) -> Outcome:
    """Make one call, and judge what becomes of it."""
    with alone():
        call = calls.call_of(seed, number)
        lw.Directions([lw.Direction("a", [1.0])]).save("found.safetensors")
        try:
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                verdict = _judged(call, seed, number)
            for one in warned:
                if isinstance(one.message, lw.GuessWarning):
                    judged.check_error(one.message)
        except Exception as error:
            return found("call", number, call, error, call.target.name)
        return Outcome("call", number, verdict)


def _judged(call: calls.Call, seed: int, number: int) -> str:
    plain = {name: one for name, one in call.arguments.items() if judged.is_plain(one)}
    before = judged.digest(plain)
    shown = judged.state_of(call.instance) if call.target.trait else ""
    files = sorted(Path().iterdir())
    try:
        result = call.run()
    except Exception as error:
        if not calls.refused(error, call.target):
            raise
        judged.check_error(error)
        if call.target.trait:
            judged.check(judged.state_of(call.instance) == shown, "refused, and changed")
        judged.check(sorted(Path().iterdir()) == files, "refused, and left a file behind")
        judged.check(judged.digest(plain) == before, "an argument was changed")
        return "refused"
    judged.check(judged.digest(plain) == before, "an argument was changed")
    passed = judged.passes_for_numbers(call.no_numbers)
    judged.check(not passed, "what holds no number passed for numbers")
    judged.check_result(result, call.arguments, call.target.name)
    if random.Random(number).randrange(AGAIN) == 0:
        once = judged.digest(result)
        other = calls.call_of(seed, number)
        if call.target.trait:  # what is looked at first says in which range all is drawn
            judged.state_of(other.instance)
        judged.check(judged.digest(other.run()) == once, "called again: something else")
    return "accepted"
