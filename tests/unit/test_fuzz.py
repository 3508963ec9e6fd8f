"""A small part of `make fuzz`; and that it finds what it looks for, each fault planted here."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.engine.conversation import Conversation
from tests.fuzz import adapted, calls, messages, returned, run, worker, world
from tests.fuzz.messages import outcomes_of_messages
from tests.fuzz.outcome import Outcome, alone, outcome_of_call

SEED = 1
COUNTS = [100, pytest.param(400, marks=pytest.mark.slow)]
SLERP = lw.slerp


def findings(outcomes: Iterator[Outcome]) -> list[str]:
    found = [one for one in outcomes if one.found]
    return [f"{one.what} {one.number}: {one.words}, in {one.where}, {one.case}" for one in found]


@pytest.fixture(autouse=True)
def folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave what is saved on the way where nobody finds it."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("count", COUNTS)
def test_calls_are_accepted_or_refused(count: int) -> None:
    every = [outcome_of_call(SEED, number) for number in range(count)]
    assert not findings(iter(every))
    assert {"accepted", "refused"} <= {one.verdict for one in every}


@pytest.mark.parametrize("count", COUNTS)
def test_messages_are_accepted_or_refused(count: int) -> None:
    every = list(outcomes_of_messages(SEED, 0, count))
    assert not findings(iter(every))
    assert {"accepted", "refused"} == {one.verdict for one in every}


def test_every_parameter_has_what_is_right_for_it() -> None:
    """A new public function, method or trait is called as soon as it is there."""
    plain = world.world_of("plain")
    for target in calls.targets():
        for name in target.parameters:
            calls.right_for(target, name, plain, calls.rng_of(0))  # or it says what is missing
    names = {target.name for target in calls.targets()}
    assert names >= {"slerp", "LatentSpace.decode", "LatentMap.index =", "LatentGrid.samples"}
    assert names >= {"Retrieval.encode", "History.undo", "digits", "Directions.__getitem__"}
    assert names >= {"Faces.draw", "Stories.write", "Fitting.wait", "SteeringCurve.at"}
    assert not {*returned.results(), *adapted.spaces()} - {*calls.INSTANCES}
    assert names >= {"pipeline_space", "language_space", "ResidualSpace.encode"}


@pytest.mark.slow
@pytest.mark.timeout(900)  # some hundred calls, two minutes where cores are free
def test_what_is_right_is_accepted() -> None:
    """Else a right value is that of a namesake, and whatever is called is refused at once."""
    every = calls.targets()
    never = {target.name for target in every if not any(map(accepts(target), range(25)))}
    assert never == calls.ALWAYS_REFUSED


def accepts(target: calls.Target) -> Callable[[int], bool]:
    def accepted(number: int) -> bool:
        with alone():
            lw.Directions([lw.Direction("a", [1.0])]).save("found.safetensors")
            rng = calls.rng_of(f"right {target.name} {number}")
            try:
                calls.call_to(target, rng, spoil=False).run()
            except lw.LatentWidgetsError:
                return False
        return True

    return accepted


def call_of(name: str) -> int:
    """Find the number of a call with arguments that are all right."""
    for number in itertools.count():
        if calls.target_of(SEED, number).name == name:
            call = calls.call_of(SEED, number)
            if {*call.words.values()} == {"right"}:
                return number
    raise AssertionError


def changing(a: Any, b: Any, t: Any, **_: Any) -> Any:
    result = SLERP(a, b, t)
    a += 1
    return result


def raising(error: Exception) -> Callable[..., Any]:
    def slerp(*_args: Any, **_options: Any) -> Any:
        raise error

    return slerp


RNG = np.random.default_rng()
FAULTS: dict[str, tuple[Callable[..., Any], str, str]] = {
    "another exception": (raising(KeyError("k")), "foreign", "KeyError: 'k'"),
    "memory": (raising(MemoryError("no")), "foreign", "MemoryError: no"),
    "a file": (raising(OSError("no")), "foreign", "OSError: no"),
    "many words": (raising(lw.LatentValueError("x" * 3000)), "wrong", "a message of many letters"),
    "no words": (raising(lw.LatentValueError("")), "wrong", "a message of none"),
    "NaN": (lambda *_, **__: np.full(6, np.nan), "wrong", "an array that is not finite"),
    "objects": (lambda *_, **__: np.array([None]), "wrong", "an array of object"),
    "an argument changed": (changing, "wrong", "an argument was changed"),
    "another each time": (lambda *_, **__: RNG.random(6), "wrong", "called again: something else"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_function_is_found(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function, verdict, words = FAULTS[fault]
    number = call_of("slerp")
    monkeypatch.setattr("tests.fuzz.outcome.AGAIN", 1)
    assert outcome_of_call(SEED, number).verdict == "accepted"
    monkeypatch.setattr(lw, "slerp", function)
    found = outcome_of_call(SEED, number)
    assert (found.verdict, found.words) == (verdict, words)
    assert "slerp(a=right" in found.case


def test_what_holds_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt = (call_of_numbers(number) for number in itertools.count())
    number = next(number for number in spoilt if number is not None)
    assert outcome_of_call(SEED, number).verdict == "refused"
    monkeypatch.setattr(lw, "slerp", lambda *_, **__: np.zeros(6))
    assert outcome_of_call(SEED, number).words == "what holds no number passed for numbers"


def call_of_numbers(number: int) -> int | None:
    if calls.target_of(SEED, number).name != "slerp":
        return None
    return number if calls.call_of(SEED, number).no_numbers else None


@pytest.mark.parametrize("fault", ["values", "names", "sigma"])
def test_what_is_made_is_looked_at(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    number = call_of("pca_directions")  # before it is another function: worlds are made with it
    found = lw.pca_directions(np.eye(6), 2)
    if fault == "values":
        vars(found[0])["vector"] = found[0].vector * 2
    elif fault == "names":
        monkeypatch.setattr(lw.Directions, "load", classmethod(lambda *_: found.flip("PC 1")))
    else:
        vars(found[0])["sigma"] = np.inf
    monkeypatch.setattr(lw, "pca_directions", lambda *_, **__: found)
    words = {"values": "a vector that is no unit vector", "names": "saved and loaded: others"}
    outcome = outcome_of_call(SEED, number)
    assert outcome.words == words.get(fault, "a sigma of inf")


@pytest.mark.parametrize("fault", ["NaN", "a file"])
def test_what_is_measured_and_what_is_written_is_looked_at(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = call_of("mig")
    monkeypatch.setattr("tests.fuzz.outcome.AGAIN", 1)
    assert outcome_of_call(SEED, number).verdict == "accepted"
    found = lw.analysis.mig(RNG.random((9, 2)), RNG.random(9), shuffles=0)
    if fault == "NaN":
        monkeypatch.setattr(type(found), "to_dict", lambda _: {"score": np.nan})
        assert outcome_of_call(SEED, number).words == "a result that is no JSON"
        return

    def leave(*_: Any, **__: Any) -> None:
        Path("half").write_text("done")
        raise lw.LatentValueError("no")

    monkeypatch.setattr(lw.analysis, "mig", leave)
    assert outcome_of_call(SEED, number).words == "refused, and left a file behind"


PLANTED = """
import os, time
import latentwidgets as lw
from tests.fuzz import outcome, worker
outcome.outcome_of_call({seed}, {number})  # which loads what takes long
lw.slerp = lambda *_, **__: {fault}
worker.main("call", {seed}, {number}, {number} + 2, 5.0, 10.0)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "verdict"),
    [("time.sleep(60)", "hang"), ("sum(iter(int, 1))", "hang"), ("os._exit(3)", "died")],
)
def test_what_ends_no_more_is_found(fault: str, verdict: str) -> None:
    number = call_of("slerp")
    code = PLANTED.format(fault=fault, seed=SEED, number=number)
    [found] = run.watched([sys.executable, "-c", code], "call", number)
    assert (found.verdict, found.number) == (verdict, number)


def in_order(command: list[str]) -> tuple[str, int, int, int]:
    what, *numbers = command[-4:]
    seed, first, last = map(int, numbers)
    return what, seed, first, last


def test_it_goes_on_where_it_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests above start processes; here the same is done in this one.
    monkeypatch.setattr(run, "watched", lambda command, *_: worker.outcomes(*in_order(command)))
    wanted = {"call": 3}
    run.run(SEED, wanted, tmp_path)
    [path] = tmp_path.iterdir()
    whole = path.read_text("utf-8")
    path.write_text("".join(whole.splitlines(keepends=True)[:3]), "utf-8")
    capsys.readouterr()
    assert run.run(SEED, wanted, tmp_path) == 0
    assert path.read_text("utf-8") == whole
    printed = capsys.readouterr().out
    assert "It goes on: 2 calls and messages are done." in printed
    assert "3 calls: " in printed
    assert "foreign exceptions 0, hangs 0, silently wrong 0, ended processes 0" in printed


def test_a_finding_says_how_to_repeat_it() -> None:
    outcome = Outcome("call", 7, "foreign", "slerp(a=NaN)", "KeyError: 'k'", "segments.py, slerp")
    printed = "\n".join(run.summary([outcome], 5))
    assert "1 x foreign, KeyError, in segments.py, slerp" in printed
    assert "python -m tests.fuzz --repeat call 7 --seed 5" in printed
    assert "foreign exceptions 1, hangs 0, silently wrong 0, ended processes 0" in printed


def test_faults_of_widgets_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    place = world.world_of("plain")
    talk = messages.Conversation("Interpolator", place, calls.rng_of(0))
    assert talk.tell({"set": {"value": 0.5}}) == "accepted"
    assert talk.tell({"set": {"value": 5}}) == "refused"

    with monkeypatch.context() as patched:
        patched.setattr(Conversation, "hear", lambda *_: dict[str, int]()["k"])
        with pytest.raises(KeyError):
            talk.tell({"say": {}})
    with monkeypatch.context() as patched:
        patched.setattr(Conversation, "hear", lambda *_: None)
        patched.setattr(messages, "SECONDS", 0.1)
        with pytest.raises(AssertionError, match="a good question is not answered"):
            talk.tell({"say": {}})
    with monkeypatch.context() as patched:

        def set_state(widget: Any, state: dict[str, Any]) -> None:
            widget.value = 0.25
            widget.log.warning("%s refused what the page set", "Interpolator")

        patched.setattr(lw.Interpolator, "set_state", set_state)
        with pytest.raises(AssertionError, match="refused, and changed"):
            talk.tell({"set": {"value": 5}})
    with monkeypatch.context() as patched:
        patched.setattr(
            lw.Interpolator,
            "set_state",
            lambda widget, state: widget.log.warning("refused %s", "x" * 3000),
        )
        with pytest.raises(AssertionError, match="a log line of many letters"):
            talk.tell({"set": {"value": 5}})
    assert talk.tell({"set": {"value": 0.75}}) == "accepted"
