"""A text that nobody wants any more is written no further: the calls of the model are counted."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import latentwidgets as lw
from latentwidgets.engine import renderer
from tests.unit.page import Page
from tests.unit.writers import PROMPT, tokenizer, writer

# So many tokens has every text here, since nothing ends one. A call of the model writes each, and
# one more reads the prompt up to the token that is steered.
TOKENS = 24
CALLS = TOKENS + 1
# Which call of a text is held, where one is.
HELD = 5


class Calls:
    """Counts the calls of a model, text by text, and holds one of them until it is let go.

    Attributes
    ----------
    texts : list of int
        How many calls each text has taken.
    held : threading.Event
        Set as soon as a call is held.
    gate : threading.Event
        Lets it go on; open at first.
    """

    def __init__(self, model: Any) -> None:
        self.texts: list[int] = []
        self.held, self.gate = threading.Event(), threading.Event()
        self.gate.set()
        self._writing: dict[int, int] = {}  # the text of each thread
        model.register_forward_pre_hook(self)

    def __call__(self, _model: object, given: tuple[Any, ...]) -> None:
        thread = threading.get_ident()
        if given[0].shape[1] > 1:  # several tokens at once: those of the prompt
            self._writing[thread] = len(self.texts)
            self.texts.append(0)
        number = self._writing[thread]
        self.texts[number] += 1
        if self.texts[number] == HELD and not self.gate.is_set():
            self.held.set()
            assert self.gate.wait(20)

    def hold(self) -> None:
        """Count anew, and hold the next text on its way."""
        self.texts.clear()
        self.gate.clear()


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every decoder count as slow, and every draft made a frame."""
    monkeypatch.setattr(renderer, "SLOW_SECONDS", -1.0)
    monkeypatch.setattr(renderer, "DRAFT_SECONDS", 0.0)


@pytest.fixture
def made() -> tuple[Any, Calls]:
    """A space, and what counts the calls of its model."""
    model = writer(eos_token_id=None)
    options = {"prompt": PROMPT, "layer": 1, "max_new_tokens": TOKENS}
    space = lw.as_space(model, tokenizer=tokenizer(), **options)
    space.decode(np.zeros((1, 16)))  # what it writes is known from here on
    return space, Calls(model)


def asked(page: Page, at: float, seq: int) -> None:
    """Ask for a place on a path, under the conditions as they are at first."""
    numbers = {"strength": 1.0, "layer": 1.0, "temperature": 0.0, "seed": 0.0}
    page.ask(seq=seq, at=[at, *(numbers[one["name"]] for one in page.state["_conditions"])])


def answered(page: Page, seq: int) -> dict[str, Any]:
    """Wait for the last answer to a question."""
    while (content := page.answer()[0])["seq"] != seq or content["more"]:
        pass
    return content


@pytest.mark.parametrize("end", ["elsewhere", "stop", "close"])
def test_a_text_is_left_where_the_thumb_moves_on(made: tuple[Any, Calls], end: str) -> None:
    space, calls = made
    widget = lw.Interpolator(space, np.stack([np.zeros(16), np.full(16, 3.0)]), method="lerp")
    page = Page(widget.comm)
    calls.texts.clear()
    asked(page, 0.25, seq=1)
    answered(page, seq=1)
    assert calls.texts == [CALLS], "one that is not left is written to its end"

    calls.hold()
    asked(page, 0.5, seq=2)
    assert calls.held.wait(20)
    if end == "elsewhere":
        asked(page, 0.75, seq=3)
    elif end == "stop":
        page.ask(type="stop", seq=3)
    else:
        widget.close()
    calls.gate.set()
    if end == "elsewhere":
        [frame] = answered(page, seq=3)["frames"]
        assert frame["lossless"]
    else:
        space.decode(np.ones((1, 16)))  # the model is free for others
    first, *others = calls.texts
    assert first - HELD in (0, 1), "at most one call more"
    assert others == [CALLS]


def test_drafts_that_are_closed_call_the_model_no_more(made: tuple[Any, Calls]) -> None:
    space, calls = made
    latents = np.ones((2, 16))
    drafts = space.drafts(latents)
    for _ in range(3):
        next(drafts)
    [before] = calls.texts
    assert before - 4 in (0, 1), "a call a token and one for the prompt, and at most one more"
    drafts.close()
    assert list(drafts) == []
    assert calls.texts == [before]
    assert len([*space.drafts(latents)]) == TOKENS
    assert calls.texts == [before, CALLS]
