"""The messages between page and kernel: both sides of the code have the same ones."""

from __future__ import annotations

import dataclasses
import functools
import operator
import re
import time
import types
from collections.abc import Set
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from latentwidgets.engine import answers, messages, replies
from latentwidgets.engine.drawn import Drawn
from latentwidgets.export.animation import MOST_BYTES, Film
from latentwidgets.frames import Frame
from latentwidgets.routes.route import Coordinates

STAGE = Path(__file__).parents[2] / "js" / "src" / "stage"
SIZES = STAGE.parent / "parts" / "save" / "sizes.js"
FILM = SIZES.with_name("film.js")
QUESTIONS = (*get_args(messages.AnyQuestion), messages.StopMessage)
ANSWERS = get_args(replies.Answer)
# Fields that are one of a few words: the kernel's side gives them as a constant.
FEW_WORDS = {
    ("DecoderMessage", "part"): messages.DECODER_PARTS,
    ("ExplorerMessage", "type"): messages.EXPLORER_TYPES,
    ("FileMessage", "form"): messages.FILE_FORMS,
}
NAMES = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


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


def page_types() -> dict[str, dict[str, str]]:
    """The messages of the page's side: the type of every field, without spaces and labels."""
    bodies = re.findall(r"@typedef \{object\} (\w+)\n(.*?)\*/", page_side(), re.DOTALL)
    written = {
        name: {field: given for given, field in re.findall(r"@property \{(.*?)\} \[?(\w+)", body)}
        for name, body in bodies
    }

    def plain(given: str) -> str:
        given = re.sub(r"\{[^{}]*\}", "object", re.sub(r"\s+", "", given))
        given = re.sub(r'(\w+)\["(\w+)"\]', lambda one: plain(written[one[1]][one[2]]), given)
        given = re.sub(r"(?<=[\[,])\w+:", "", given)
        return in_order(re.sub(r"\(([^()]*)\)", lambda one: f"({in_order(one[1])})", given))

    return {
        name: {one: plain(given) for one, given in own.items()} for name, own in written.items()
    }


def in_order(given: str) -> str:
    """Alternatives in the order of their names, where they are no part of something else."""
    return given if set(given) & set("[]()") else "|".join(sorted(given.split("|")))


def spelled(hint: Any) -> str:
    """A type of the kernel's side as the page's side spells it."""
    kind, inner = get_origin(hint), get_args(hint)
    if kind is Literal:
        return in_order("|".join(f'"{one}"' for one in inner))
    if kind in (Union, types.UnionType):
        return in_order("|".join(map(spelled, inner)))
    if kind is list or (kind is tuple and inner[-1] is ...):
        one = spelled(inner[0])
        return f"({one})[]" if "|" in one else f"{one}[]"
    if kind is tuple:
        return f"[{','.join(map(spelled, inner))}]"
    if kind is dict:
        return "object"
    return hint.__name__ if is_typeddict(hint) else NAMES[hint]


def kernel_types(name: str, optional: Set[str] = frozenset()) -> dict[str, str]:
    """The same of one message of the kernel's side; of what is left out, None stands for that."""
    kind: Any = getattr(messages, name, None) or getattr(replies, name)
    known = {"Coordinates": Coordinates, "PicturePoint": messages.PicturePoint}
    hints = get_type_hints(kind, None, known)
    if kind in QUESTIONS:
        hints["type"] = Literal[kind.type]
    for (owner, field), few in FEW_WORDS.items():
        if owner == name:
            hints[field] = Literal[few]
    hints |= {field: without_none(hints[field]) for field in optional}
    return {field: spelled(hint) for field, hint in hints.items()}


def without_none(hint: Any) -> Any:
    """A type without None, where that is one of its alternatives."""
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    return functools.reduce(operator.or_, (one for one in get_args(hint) if one is not type(None)))


def differences(page: dict[str, dict[str, str]]) -> dict[str, dict[str, tuple[str, str]]]:
    """Types that the page's side gives and the kernel's side does not, by message and field."""
    optional = {
        name: {one for one, left in own.items() if left} for name, own in typedefs().items()
    }
    found = {}
    for name, own in page.items():
        kernel = kernel_types(name, optional[name])
        if kernel.get("of") == "string":
            kernel["of"] = own["of"]  # compared below
        fields = {one: (kernel.get(one, ""), own.get(one, "")) for one in {*kernel, *own}}
        found[name] = {one: both for one, both in fields.items() if both[0] != both[1]}
    return {name: fields for name, fields in found.items() if fields}


def test_both_sides_have_the_same_messages_with_the_same_fields() -> None:
    page = typedefs()
    kernel = {
        name: fields(getattr(messages, name, None) or getattr(replies, name)) for name in page
    }
    kernel["ExplorerMessage"] |= {
        "name": True,
        "at": True,
        "data": True,
    }  # None stands for what is left out
    assert kernel == page
    assert len(page) == 37


def test_both_sides_give_every_field_the_same_type() -> None:
    assert not differences(page_types())


def test_every_answer_says_to_which_questions_it_belongs() -> None:
    types_of_questions = {one.type for one in QUESTIONS} - {messages.StopMessage.type}
    frames = {messages.AskMessage.type, messages.StripMessage.type}
    told = {one.__name__: words(one.__name__, "of") for one in ANSWERS}
    assert told.pop("ErrorAnswer") == told.pop("StaleAnswer") == types_of_questions
    assert told.pop("FramesAnswer") == frames
    assert {*map(frozenset, told.values())} == {
        frozenset({one}) for one in types_of_questions - frames
    }
    assert all(words(name, "type") == of for name, of in told.items())


def test_types_that_differ_are_seen() -> None:
    pairs = [
        (float | None, "null|number"),
        (list[float | None], "(null|number)[]"),
        (tuple[tuple[float, ...], ...], "number[][]"),
        (list[tuple[str, list[int], int]], "[string,number[],number][]"),
        (Literal["b", "a"], '"a"|"b"'),
        (replies.Said, "Said"),
        (dict[str, object], "object"),
    ]
    assert [spelled(hint) for hint, _ in pairs] == [given for _, given in pairs]
    assert spelled(without_none(Literal["a"] | None)) == '"a"'
    for name, field in (("AskMessage", "at"), ("SpeedsAnswer", "curve"), ("PullAnswer", "here")):
        changed = {one: dict(fields) for one, fields in page_types().items()}
        before, changed[name][field] = changed[name][field], "boolean[]"
        assert differences(changed) == {name: {field: (before, "boolean[]")}}


def test_both_sides_have_the_same_types_of_messages() -> None:
    for kind in QUESTIONS:
        assert words(kind.__name__, "type") == {kind.type}
    assert words("ExplorerMessage", "type") == set(messages.EXPLORER_TYPES)
    assert words("DecoderMessage", "part") == set(messages.DECODER_PARTS)
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


def test_the_page_offers_films_of_as_many_pixels_as_the_kernel_makes() -> None:
    given = dict(re.findall(r"^const (FILM_\w+) = ([\d *]+);$", SIZES.read_text("utf-8"), re.M))
    base, power = given["FILM_PIXELS"].split(" ** ")
    assert int(base) ** int(power) * 4 == MOST_BYTES
    lengths = re.search(r"^const LENGTHS = \[(.*)\];$", FILM.read_text("utf-8"), re.M)
    assert lengths is not None
    for seconds in map(int, lengths[1].split(", ")):
        frames = len(Film("film.gif", seconds).checked().times())
        assert frames == 2 * int(given["FILM_RATE"]) * seconds - 2
    usual = re.search(r'^const USUAL = "(\d+)";$', FILM.read_text("utf-8"), re.M)
    assert usual is not None
    assert int(usual[1]) == Film("film.gif").seconds == messages.FileMessage.seconds
