"""Messages to widgets, as a page sends them, and states that a page sets: right ones and others.

Ten messages go to one widget. A message is the same for the same seed and number, and so is what
came before it.
"""

from __future__ import annotations

import base64
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import traitlets.log

import latentwidgets as lw
from latentwidgets.engine.messages import DECODER_PARTS, EXPLORER_TYPES, FILE_FORMS
from latentwidgets.errors import LatentWidgetsError
from tests.fuzz import judged
from tests.fuzz import world as worlds
from tests.fuzz.judged import check
from tests.fuzz.outcome import Outcome, alone, found
from tests.fuzz.world import World, widget
from tests.unit.page import Page, state_of

# So many messages go to one widget, one after the other.
EACH = 10
# How long an answer may take.
SECONDS = 20.0

LONG = "x" * 10**6
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 0.5, -0.0, 1e308, -1e308, 5e-324, 2**31, 2**53, 2**64),
    *(10**400, "", " ", "x", "0", "PC 1", "NaN", "a\0b", "\u202e", "<b>", "\ud800", LONG),
    *([], [0], [[]], [0, 0], [0.5], [None], [[0, 1]], [1, 2, 3], ["a"], list(range(10**5))),
    *({}, {"a": 1}, {"": None}, {"PC 1": 0.5}, {"PC 1": "x"}, {LONG: 1}),
    *([[[[[[[[[]]]]]]]]], {"a": {"b": {"c": [{}]}}}, [1e39] * 3),
)
TYPES = (
    "ask",
    "strip",
    "stop",
    "latent",
    "picture",
    "layers",
    "changes",
    "leakage",
    "speeds",
    "typicality",
    "neighbours",
    "visit",
    "recipe",
    "pull",
    "decoder",
)
KINDS: dict[str, Callable[[World, random.Random], Any]] = {
    **{
        name: lambda world, rng, name=name: widget(name, world, rng)  # type: ignore[misc]
        for name in ("Interpolator", "LatentGrid", "DirectionEditor", "LatentMap", "LatentExplorer")
    },
    "plane": lambda world, _: lw.LatentGrid.plane(
        world.space, world.latents[0], *world.directions[:2]
    ),
}


class Conversation:
    """A widget and its page, and whatever is logged or left unanswered meanwhile."""

    def __init__(self, kind: str, world: World, rng: random.Random) -> None:
        self.kind = kind
        self.words = f"{kind} in the world {world.name!r}"
        self.widget = KINDS[kind](world, rng)
        self.page = Page(self.widget.comm)
        # Pages of the widgets in it, and their traits that are set: of the map's ground, which is
        # jupyter-scatter's, those that the map follows.
        self.parts = {
            name: self.page.child(name)
            for name in ("_ground", "grid", "editor", "path", "map")
            if isinstance(self.page.state.get(name), str) and self.page.state[name]
        }
        self._seq = 0
        self._first = self.widget.recipe().to_json()
        self._seen = self._look()

    @classmethod
    def of(cls, seed: int, number: int) -> Conversation:
        """Begin that of some messages: the same for the same seed."""
        rng = random.Random(f"widget {seed} {number // EACH}")
        world = worlds.a_world(rng)
        return cls(rng.choice(list(KINDS)), world, rng)

    def tell(self, message: dict[str, Any]) -> str:
        """Send a message, and judge what becomes of it."""
        before = self._seen
        self.page.messages.clear()
        with logged() as records:
            page = self.parts.get(message.get("to", ""), self.page)
            if "set" in message:
                page.set(**message["set"])
            else:
                page.say(message["say"])
            self._ask()
        self._seen = self._look()
        for record in records:
            error = record.exc_info[1] if record.exc_info else None
            if error is not None and not isinstance(error, LatentWidgetsError):
                raise error
            check(len(record.getMessage()) <= judged.MOST_LETTERS, "a log line of many letters")
        answers = [answer for answer, _ in list(self.page.messages)]
        answers = [answer for answer in answers if answer.get("client") != "good"]
        for answer in answers:
            check(
                len(answer.get("message", "")) <= judged.MOST_LETTERS, "an answer of many letters"
            )
        # An answer to an earlier question may come only now: it says nothing of what was set.
        sets = "set" in message
        refused = any(one["type"] == "error" and (one["of"] == "state") == sets for one in answers)
        refused = refused or any("refused" in record.getMessage() for record in records)
        ignored = any("ignored" in record.getMessage() for record in records)
        # Of two that are set one may be refused alone; an explorer's buttons change something.
        alone = len(message.get("set", "1")) == 1
        said = message.get("say")
        visits = isinstance(said, dict) and said.get("type") in ("visit", "recipe")
        explores = self.kind == "LatentExplorer"
        changes = "set" in message or explores or visits or "to" in message
        if "to" in message:
            judged.check_widget(self.widget)
        elif ((refused or ignored) and alone) or not changes:
            check(self._seen[0] == before[0], "refused, and changed")
            check(self._seen[1] == before[1], "refused, and another picture")
        return "refused" if refused or ignored else "accepted"

    def place(self) -> list[float]:
        """Tell the page anew where the widget is."""
        self.widget.send_state("_picture")
        shown = self.page.state["_picture"]
        first = shown[0] if isinstance(shown, list) else shown  # a grid shows more than one
        at: list[float] = first["at"]
        return at

    def file(self, rng: random.Random) -> str:
        """Give what is dropped: its recipe as it began; that with a letter changed; none."""
        text = self._first
        at = rng.randrange(len(text))
        given = rng.choice([text, f"{text[:at]}7{text[at + 1 :]}", "{}", "<!doctype html>", ""])
        return base64.b64encode(given.encode()).decode()

    def _ask(self) -> None:
        """Whatever came before, a good question is answered."""
        if "_route" not in self.page.state:  # an explorer: its parts are asked
            return
        at = self.place()
        self._seq += 1
        self.page.ask(at=at, client="good", seq=self._seq)
        deadline = time.monotonic() + SECONDS
        while not any(
            answer.get("client") == "good" and answer.get("seq") == self._seq
            for answer, _ in list(self.page.messages)
        ):
            check(time.monotonic() < deadline, "a good question is not answered")
            time.sleep(0.001)

    def _look(self) -> tuple[str, str]:
        """Write what the page is told, but for what is found out meanwhile; name the picture."""
        if hasattr(self.widget, "image"):
            judged.check_latent(self.widget)
        state = self.widget.get_state()
        told = {name: value for name, value in state.items() if name not in ("_picture", "_note")}
        return json.dumps(told, default=repr, sort_keys=True), judged.picture_of(self.widget)


def message_of(seed: int, number: int, conversation: Conversation) -> dict[str, Any]:
    """Make a message for a widget: the same for the same seed, number and state."""
    rng = random.Random(f"message {seed} {number}")
    if conversation.parts and rng.random() < 0.3:
        name = rng.choice(list(conversation.parts))
        part = conversation.parts[name]
        given = {"selection": _rows(rng)} if name == "_ground" else _state(part, rng)
        return {"to": name, "set": given}
    if rng.random() < 0.45:
        return {"set": _state(conversation.page, rng)}
    return {"say": _question(conversation, rng)}


def _state(page: Page, rng: random.Random) -> dict[str, Any]:
    names = [name for name in page.state if not name.startswith(("_esm", "_css", "_model"))]
    ours = [name for name in names if not name.startswith(("_view", "_dom", "_anywidget"))]
    chosen = rng.sample(ours, rng.choices([1, 2], [9, 1])[0])
    if rng.random() < 0.05:
        chosen.append(rng.choice(["nothing", "", "_trait_values", "comm", "space"]))
    spoilt = {name: _spoilt(page.state.get(name), rng) for name in chosen}
    if rng.random() < 0.05:
        spoilt[rng.choice(chosen)] = {"view": b"abc"}
    if rng.random() < 0.2:  # which counts a page knew, as pages say with all that they set
        known = page.state.get("_placed") or [0]
        counts = {name: rng.choice([known[0], known[0] - 1, *VALUES[:16]]) for name in spoilt}
        spoilt["_seen"] = counts if rng.random() < 0.8 else rng.choice(VALUES)
    return spoilt


def _rows(rng: random.Random) -> Any:
    """Give rows as jupyter-scatter's page does, or others."""
    rows = rng.choice([[], [0], [5, 1], [3, 3], [23], [24], [2**32 - 1], [-1], [0.5], [[1, 2]]])
    state = state_of(np.array(rows).astype(rng.choice(["u4", "u4", "i8", "f4", "u1"])))
    return _spoilt(state, rng) if rng.random() < 0.3 else state


def _spoilt(value: Any, rng: random.Random) -> Any:
    """Leave a value as it is, change a part of it, or put another in its place."""
    way = rng.random()
    if way < 0.1:
        return value
    if way < 0.5 and isinstance(value, dict) and value:
        name = rng.choice(list(value))
        return {**value, name: _spoilt(value[name], rng)}
    if way < 0.5 and isinstance(value, list) and value:
        place = rng.randrange(len(value))
        return [*value[:place], _spoilt(value[place], rng), *value[place + 1 :]]
    small = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9
    if way < 0.5 and small:
        return rng.choice([-value, value + 1, value - 1, value + 0.25, value * 1e30, str(value)])
    if way < 0.5 and isinstance(value, str):
        return rng.choice([value.upper(), value[:-1], value * 2, [value], value + LONG])
    return rng.choice(VALUES)


def _question(conversation: Conversation, rng: random.Random) -> Any:
    page = conversation.page
    if rng.random() < 0.1:
        return rng.choice(VALUES)
    if "_route" not in page.state:  # an explorer's buttons
        message: dict[str, Any] = {"type": rng.choice(EXPLORER_TYPES)}
        if message["type"] in ("bookmark", "open", "remove", "show", "slider", "name"):
            message["name"] = rng.choice([None, "one", "two", "some", "oddest", "selected"])
        if message["type"] == "walk":
            message["at"] = rng.choice([0, 0.5, 1, 2])
        if message["type"] == "apply":
            message["data"] = conversation.file(rng)
    else:
        at = conversation.place()
        message = {
            "type": rng.choice(TYPES),
            "client": rng.choice(["page", "cell"]),
            "seq": rng.randrange(100),
            "route": page.state["_route"],
            "at": at,
            "positions": [at, [round(one) for one in at]][: rng.choice([1, 2])],
            "axis": 0,
            "part": rng.choice(DECODER_PARTS),
            "chance": rng.random() < 0.5,
            "row": rng.choice([0, 1, 10**6]),
            "data": conversation.file(rng),
            "start": at,
            **{name: [rng.random(), rng.random()] for name in ("grabbed", "to", "here")},
            "width": rng.choice([None, 1, 96]),
            "along": rng.choice([None, "PC 1", "one"]),
            "form": rng.choice(FILE_FORMS),
            "fast": False,
            "drafts": rng.random() < 0.5,
        }
    for name in rng.sample(list(message), min(len(message), rng.choice([0, 1, 1, 2]))):
        message[name] = _spoilt(message[name], rng)
    if rng.random() < 0.05:
        del message[rng.choice(list(message))]
    return message


@contextmanager
def logged() -> Iterator[list[logging.LogRecord]]:
    """Keep what widgets log, in whatever thread."""
    records: list[logging.LogRecord] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    log = traitlets.log.get_logger()
    assert isinstance(log, logging.Logger)
    handler = Handler()
    log.addHandler(handler)
    passed, log.propagate = log.propagate, False
    try:
        yield records
    finally:
        log.removeHandler(handler)
        log.propagate = passed


def outcomes_of_messages(seed: int, first: int, last: int) -> Iterator[Outcome]:
    """Send messages, and judge what becomes of each; those before the first of a widget go too."""
    for start in range(first // EACH * EACH, last, EACH):
        threads = threading.active_count()
        with alone():
            conversation = Conversation.of(seed, start)
            for number in range(start, min(start + EACH, last)):
                outcome = _outcome(conversation, seed, number)
                if number >= first:
                    yield outcome
                if outcome.found:  # what follows would follow from it: begin anew
                    conversation = Conversation.of(seed, start)
            conversation.widget.close()
            _wait_for_threads(threads)


def _outcome(conversation: Conversation, seed: int, number: int) -> Outcome:
    message: Any = "nothing yet"
    try:
        message = message_of(seed, number, conversation)
        return Outcome("message", number, conversation.tell(message))
    except Exception as error:
        case = f"{conversation.words} is sent {in_words(message)}"
        return found("message", number, case, error, conversation.kind)


def in_words(message: Any) -> str:
    text = repr(message)
    return text if len(text) <= 400 else f"{text[:397]}..."


def _wait_for_threads(count: int) -> None:
    """Wait a moment for threads of a closed widget."""
    deadline = time.monotonic() + 1
    while threading.active_count() > count and time.monotonic() < deadline:
        time.sleep(0.001)
