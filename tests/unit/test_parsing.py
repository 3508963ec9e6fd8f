"""Messages of a page, one field at its limit and just beyond it at a time."""

from __future__ import annotations

from typing import Any

import pytest

import latentwidgets as lw
from latentwidgets.engine.messages import (
    MOST_DROPPED,
    AskMessage,
    ChangesMessage,
    DecoderMessage,
    ExplorerMessage,
    LatentMessage,
    LayersMessage,
    LeakageMessage,
    NeighboursMessage,
    PullMessage,
    RecipeMessage,
    SpeedsMessage,
    StopMessage,
    StripMessage,
    TypicalityMessage,
    VisitMessage,
)
from latentwidgets.engine.parsing import parse, parse_explorer

BOUNDS = ((0.0, 1.0), (-2.0, 3.0))
AT = [0.5, -1]
ASK = {"client": "page", "route": "path", "seq": 1, "type": "ask", "at": AT, "fast": True}
STRIP = {**ASK, "type": "strip", "positions": [AT, [1, 3]], "drafts": False}
LAYERS = {**ASK, "type": "layers", "axis": 1}
POINTS = {"grabbed": [0.5, 0.25], "to": [1, 0], "here": [0.5, 0.5]}
FILE = {**ASK, "type": "file", "form": "gif"}
PULL = {**ASK, "type": "pull", "start": [0, 0], **POINTS}


def read(message: dict[str, Any], **changed: Any) -> Any:
    return parse({**message, **changed}, bounds=BOUNDS)


def test_every_question_is_read_field_by_field() -> None:
    assert read(ASK) == AskMessage("page", 1, "path", (0.5, -1.0), fast=True)
    assert read(ASK, fast=False) == AskMessage("page", 1, "path", (0.5, -1.0), fast=False)
    positions = ((0.5, -1.0), (1.0, 3.0))
    assert read(STRIP) == StripMessage("page", 1, "path", positions, drafts=False)
    assert read(ASK, type="stop") == StopMessage("page", 1, "path")
    speeds = SpeedsMessage("page", 1, "path", (0.5, -1.0), chance=True)
    assert read(ASK, type="speeds", chance=True) == speeds
    assert read(ASK, type="latent") == LatentMessage("page", 1, "path", (0.5, -1.0))
    assert read(ASK, type="changes") == ChangesMessage("page", 1, "path", (0.5, -1.0))
    where = ("page", 1, "path", (0.5, -1.0))
    assert read(ASK, type="decoder", part="offer") == DecoderMessage(*where, "offer", "")
    named = DecoderMessage(*where, "network", "7f")
    assert read(ASK, type="decoder", part="network", name="7f") == named
    assert read(ASK, type="leakage") == LeakageMessage("page", 1, "path", (0.5, -1.0))
    assert read(ASK, type="neighbours") == NeighboursMessage("page", 1, "path", (0.5, -1.0))
    assert read(ASK, type="visit", row=7) == VisitMessage("page", 1, "path", 7)
    assert read(ASK, type="recipe", data="YQ==") == RecipeMessage("page", 1, "path", "YQ==")
    most = "a" * (4 * MOST_DROPPED // 3)
    assert read(ASK, type="recipe", data=most).data == most
    judged = TypicalityMessage("page", 1, "path", (0.5, -1.0), positions)
    assert read(STRIP, type="typicality") == judged
    assert read(STRIP, type="typicality", positions=[]).positions == ()
    assert read(LAYERS) == LayersMessage("page", 1, "path", (0.5, -1.0), 1)
    points = ((0.5, 0.25), (1.0, 0.0), (0.5, 0.5))
    assert read(PULL) == PullMessage("page", 1, "path", (0.5, -1.0), (0.0, 0.0), *points)


@pytest.mark.parametrize(
    ("message", "changed"),
    [
        (ASK, {"seq": 0}),
        (ASK, {"client": "p", "route": "r" * 64}),
        (ASK, {"client": "p" * 64, "route": "r"}),
        (ASK, {"at": [0, -2]}),
        (ASK, {"at": [1, 3.0]}),
        (STRIP, {"positions": [AT]}),
        (STRIP, {"positions": [AT] * 2048}),
        (LAYERS, {"axis": 0}),
        (PULL, {"to": [-1, 2], "here": [2, -1]}),
        (FILE, {"width": 1}),
        (FILE, {"width": 16_384}),
    ],
)
def test_what_is_at_the_limit_is_taken(message: dict[str, Any], changed: dict[str, Any]) -> None:
    read(message, **changed)


@pytest.mark.parametrize(
    ("message", "changed", "words"),
    [
        (ASK, {"seq": -1}, "a whole number from 0"),
        (ASK, {"seq": 1.0}, "a whole number from 0"),
        (ASK, {"seq": True}, "a whole number from 0"),
        (ASK, {"client": ""}, "client is ''; expected a text of 1 to 64 characters"),
        (ASK, {"route": "r" * 65}, "a text of 1 to 64 characters"),
        (ASK, {"route": 7}, "route is '7'"),
        (ASK, {"at": [0.5]}, "2 numbers within 0 to 1, -2 to 3"),
        (ASK, {"at": (0.5, -1)}, "2 numbers within"),
        (ASK, {"at": [True, -1]}, "2 numbers within"),
        (ASK, {"at": [-1e-9, -1]}, "2 numbers within"),
        (ASK, {"at": [0.5, 3.0001]}, "2 numbers within"),
        (ASK, {"at": [0.5, float("nan")]}, "2 numbers within"),
        (ASK, {"at": []}, "2 numbers within"),
        (ASK, {"fast": 1}, "true or false"),
        (ASK, {"type": "asks"}, "type is 'asks'"),
        (STRIP, {"positions": []}, "a list of 1 to 2048"),
        (STRIP, {"positions": [AT] * 2049}, "a list of 1 to 2048"),
        (STRIP, {"positions": (AT,)}, "a list of 1 to 2048"),
        (STRIP, {"positions": [AT, [2, 0]]}, "2 numbers within"),
        (ASK, {"type": "visit", "row": -1}, "row is '-1'; expected a whole number from 0"),
        (ASK, {"type": "visit", "row": True}, "a whole number from 0"),
        (ASK, {"type": "recipe"}, "a file of at most 6,000,000 bytes in base64"),
        (ASK, {"type": "recipe", "data": "a" * 8_000_001}, "at most 6,000,000 bytes"),
        (STRIP, {"type": "typicality", "positions": None}, "a list of 0 to 2048"),
        (STRIP, {"type": "typicality", "at": None}, "2 numbers within"),
        (ASK, {"type": ["ask"]}, "expected one of ask, strip"),
        (LAYERS, {"axis": 2}, "the number of a coordinate"),
        (ASK, {"type": "decoder", "part": "kernel"}, "one of offer, check, network, runtime"),
        (ASK, {"type": "decoder", "part": ["check"]}, "one of offer, check, network, runtime"),
        (LAYERS, {"axis": -1}, "the number of a coordinate"),
        (LAYERS, {"axis": True}, "the number of a coordinate"),
        (PULL, {"start": [0.5]}, "2 numbers within 0 to 1, -2 to 3"),
        (PULL, {"to": [2.1, 0]}, "2 numbers within -1 to 2"),
        (PULL, {"here": [0.5]}, "2 numbers within -1 to 2"),
        (PULL, {"grabbed": None}, "2 numbers within -1 to 2"),
        (FILE, {"width": 0}, "a whole number from 1 to 16,384, or nothing"),
        (FILE, {"width": 16_385}, "a whole number from 1 to 16,384, or nothing"),
    ],
)
def test_what_is_beyond_is_refused(
    message: dict[str, Any], changed: dict[str, Any], words: str
) -> None:
    with pytest.raises(lw.LatentValueError, match=words):
        read(message, **changed)


def test_a_message_is_cut_to_eighty_characters() -> None:
    with pytest.raises(lw.LatentValueError) as raised:
        read(ASK, fast="x" * 200)
    assert "x" * 80 in str(raised.value)
    assert "x" * 81 not in str(raised.value)


def test_coordinates_of_another_route_do_not_count() -> None:
    stale = parse({**LAYERS, "at": "anything", "axis": 7}, bounds=BOUNDS, route="grid")
    assert stale == LayersMessage("page", 1, "path", (), 7)
    with pytest.raises(lw.LatentValueError, match="the number of a coordinate"):
        parse({**LAYERS, "axis": -1}, bounds=BOUNDS, route="grid")
    with pytest.raises(lw.LatentValueError, match="2 numbers within"):
        parse({**ASK, "at": "anything"}, bounds=BOUNDS, route="path")


def test_no_coordinates_are_taken_where_the_picture_may_be_empty() -> None:
    empty = AskMessage("page", 1, "path", (), fast=True)
    assert parse({**ASK, "at": []}, bounds=BOUNDS, takes_empty=True) == empty
    assert parse(ASK, bounds=BOUNDS, takes_empty=True) == read(ASK)


def test_buttons_of_an_explorer() -> None:
    assert parse_explorer({"type": "undo"}) == ExplorerMessage("undo", None)
    assert parse_explorer({"type": "open", "name": "a"}) == ExplorerMessage("open", "a")
    for wrong in ("undo", {"type": "do"}, {"type": "open", "name": 1}):
        with pytest.raises(lw.LatentValueError):
            parse_explorer(wrong)
