"""The messages between page and kernel: both sides of the code have the same ones."""

from __future__ import annotations

import dataclasses
import re
import time
from pathlib import Path
from typing import Any

from latentwidgets.engine import answers, messages, replies
from latentwidgets.engine.drawn import Drawn
from latentwidgets.frames import Frame

STAGE = Path(__file__).parents[2] / "js" / "src" / "stage"
QUESTIONS = (
    messages.AskMessage,
    messages.StripMessage,
    messages.LatentMessage,
    messages.StopMessage,
    messages.LayersMessage,
    messages.ChangesMessage,
    messages.LeakageMessage,
    messages.SpeedsMessage,
    messages.TypicalityMessage,
    messages.NeighboursMessage,
    messages.VisitMessage,
    messages.PullMessage,
)


def page_side() -> str:
    """The page's side: what it says, and what it is answered."""
    return "".join((STAGE / name).read_text("utf-8") for name in ("messages.js", "replies.js"))


def typedefs() -> dict[str, dict[str, bool]]:
    """The messages of the page's side: fields by name, and whether they may be left out."""
    found = re.findall(r"@typedef \{object\} (\w+)\n(.*?)\*/", page_side(), re.DOTALL)
    field = re.compile(r"@property \{.*?\} (\[?)(\w+)\]?")
    return {
        name: {field: bool(optional) for optional, field in field.findall(body)}
        for name, body in found
    }


def words(name: str, field: str) -> set[str]:
    """What the page's side says that a field may be, where it is one of a few words."""
    body = page_side().split(f"@typedef {{object}} {name}\n")[1]
    found = re.search(rf"@property \{{(.*?)\}} \[?{field}\b", body)
    assert found is not None
    return set(re.findall(r'"(\w+)"', found[1]))


def fields(kind: Any) -> dict[str, bool]:
    """The same of the kernel's side."""
    if dataclasses.is_dataclass(kind):
        names = {field.name: False for field in dataclasses.fields(kind)}
        return {**names, "type": False}
    return {name: name in kind.__optional_keys__ for name in kind.__annotations__}


def test_both_sides_have_the_same_messages_with_the_same_fields() -> None:
    page = typedefs()
    kernel = {
        name: fields(getattr(messages, name, None) or getattr(replies, name)) for name in page
    }
    kernel["ExplorerMessage"] |= {"name": True, "at": True}  # None stands for what is left out
    assert kernel == page
    assert len(page) == 33


def test_both_sides_have_the_same_types_of_messages() -> None:
    for kind in QUESTIONS:
        assert words(kind.__name__, "type") == {kind.type}
    assert words("ExplorerMessage", "type") == set(messages.EXPLORER_TYPES)
    question = messages.AskMessage("page", 1, "route", (0.5,), fast=False)
    for answer, name in (
        (answers.stale_answer(question), "StaleAnswer"),
        (answers.error_answer(question, ValueError("no")), "ErrorAnswer"),
        (answers.refusal(ValueError("no")), "StateRefusal"),
    ):
        assert words(name, "type") == {answer["type"]}
        assert answer["of"] in words(name, "of")
        assert set(answer) == {field for field, left in typedefs()[name].items() if not left}


def test_frames_are_said_to_have_taken_their_share_of_the_time_of_those_decoded() -> None:
    question = messages.AskMessage("page", 1, "route", (0.5,), fast=False)
    frames = [Frame((t,), b"", "image/png", lossless=True) for t in (0.0, 0.5, 1.0)]
    for drawn, ms in ((Drawn(frames, 2, 0.5, more=True), 250.0), (Drawn(frames, 0, 0.0), None)):
        answer = answers.frames_answer(question, drawn)
        assert answer["ms"] == ms
        assert answer["more"] is drawn.more
        assert [one["at"] for one in answer["frames"]] == [(0.0,), (0.5,), (1.0,)]
    assert abs(answer["sent"] / 1000 - time.time()) < 60


def test_an_error_is_cut_where_it_is_too_long() -> None:
    most = answers.MOST_LETTERS
    assert answers.words_of(ValueError("x" * most)) == "x" * most
    assert answers.words_of(ValueError("x" * (most + 1))) == "x" * (most - 3) + "..."
