"""What the kernel answers is made here: `messages` says what is in it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from latentwidgets.analysis.tables import plain

if TYPE_CHECKING:
    from latentwidgets.engine.drawn import Drawn
    from latentwidgets.engine.messages import (
        AnyQuestion,
        AskMessage,
        ChangesMessage,
        FileMessage,
        LatentMessage,
        LayersMessage,
        LeakageMessage,
        NeighboursMessage,
        PullMessage,
        RecipeMessage,
        SpeedsMessage,
        StripMessage,
        TypicalityMessage,
        VisitMessage,
    )
    from latentwidgets.engine.pull import Pulled
    from latentwidgets.engine.replies import (
        About,
        Beside,
        ChangesAnswer,
        ErrorAnswer,
        FileAnswer,
        FramesAnswer,
        LatentAnswer,
        LayersAnswer,
        LeakageAnswer,
        Neighbour,
        NeighboursAnswer,
        PullAnswer,
        RecipeAnswer,
        SpeedCurve,
        SpeedsAnswer,
        StaleAnswer,
        Standing,
        StateRefusal,
        TypicalityAnswer,
        VisitAnswer,
    )

# No answer repeats more of an error: a decoder may put whole arrays into its words.
MOST_LETTERS = 1000


def frames_answer(question: AskMessage | StripMessage, drawn: Drawn) -> FramesAnswer:
    """Answer with frames; their bytes are sent beside the answer, in the same order."""
    return {
        **_beside(question),
        "type": "frames",
        "frames": [
            {
                "at": frame.at,
                "mime": frame.mime,
                "lossless": frame.lossless,
                "draft": frame.draft,
            }
            for frame in drawn.frames
        ],
        "ms": 1000 * drawn.seconds / drawn.decoded if drawn.decoded else None,
        "more": drawn.more,
        "sent": 1000 * time.time(),
    }


def latent_answer(question: LatentMessage, code: str) -> LatentAnswer:
    """Answer with code that makes a latent."""
    return {**about(question), "type": "latent", "text": code}


def file_answer(question: FileMessage, size: tuple[int, int] | None) -> FileAnswer:
    """Answer with a file to keep; its bytes are sent beside the answer."""
    return {**about(question), "type": "file", "size": size}


def layers_answer(question: LayersMessage, effects: list[float]) -> LayersAnswer:
    """Answer with how much each layer changes the output."""
    return {**about(question), "type": "layers", "effects": effects}


def changes_answer(question: ChangesMessage, changes: list[tuple[float, float]]) -> ChangesAnswer:
    """Answer with how much each direction changes the output."""
    return {**about(question), "type": "changes", "changes": changes}


def leakage_answer(
    question: LeakageMessage,
    effects: list[float],
    chance: list[float],
    *,
    names: list[str],
    notes: list[str],
) -> LeakageAnswer:
    """Answer with how an edit changes what is read."""
    return {
        **about(question),
        "type": "leakage",
        "names": names,
        "effects": [*map(plain, effects)],
        "chance": [*map(plain, chance)],
        "notes": notes,
    }


def speeds_answer(question: SpeedsMessage, curve: SpeedCurve) -> SpeedsAnswer:
    """Answer with how fast the output changes along a path."""
    return {**about(question), "type": "speeds", "curve": curve}


def typicality_answer(
    question: TypicalityMessage, places: list[Standing], words: str
) -> TypicalityAnswer:
    """Answer with where latents stand."""
    return {**about(question), "type": "typicality", "places": places, "words": words}


def neighbours_answer(
    question: NeighboursMessage,
    neighbours: list[Neighbour],
    *,
    chance: float = 0.0,
    searched: int = 0,
    goes: bool = False,
) -> NeighboursAnswer:
    """Answer with the nearest of the data; their pictures are sent beside the answer."""
    return {
        **about(question),
        "type": "neighbours",
        "neighbours": neighbours,
        "chance": chance,
        "searched": searched,
        "goes": goes,
    }


def visit_answer(question: VisitMessage) -> VisitAnswer:
    """Answer that the widget has gone there."""
    return {**about(question), "type": "visit"}


def recipe_answer(question: RecipeMessage) -> RecipeAnswer:
    """Answer that the widget shows what the file says."""
    return {**about(question), "type": "recipe"}


def pull_answer(question: PullMessage, pulled: Pulled) -> PullAnswer:
    """Answer with one step of a pull."""
    return {
        **about(question),
        "type": "pull",
        "at": pulled.at,
        "here": pulled.here,
        "share": pulled.share,
        "done": pulled.done,
        "words": pulled.why,
    }


def error_answer(question: AnyQuestion, error: BaseException, under: str = "") -> ErrorAnswer:
    """Answer with what went wrong, and under which conditions."""
    message = words_of(error)
    if under:
        message = f"{under}: {message}"
    return {**_beside(question), "type": "error", "message": message}


def stale_answer(question: AnyQuestion) -> StaleAnswer:
    """Answer that the question is out of date."""
    return {**_beside(question), "type": "stale"}


def refusal(error: BaseException) -> StateRefusal:
    """Say why a value that the page had set was refused."""
    return {"of": "state", "type": "error", "message": words_of(error)}


def words_of(error: BaseException) -> str:
    """Write what went wrong, cut short where it is long.

    Examples
    --------
    >>> words_of(ValueError("no such name")), words_of(KeyError())
    ('no such name', 'KeyError')
    """
    try:
        text = str(error)
    except Exception:  # a value in it has a `repr` that raises
        text = ""
    text = text or type(error).__name__
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 3]}..."


def about(question: AnyQuestion) -> About:
    """Say which question is answered."""
    return {
        "client": question.client,
        "seq": question.seq,
        "route": question.route,
        "of": question.type,
    }


def _beside(question: AnyQuestion) -> Beside:
    """Say the same, where a map may add to it."""
    return cast("Beside", about(question))
