"""Stories of the grammar, as many as are asked for, with what is true of each."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import check_one_of, check_seed, check_whole
from latentwidgets.common.wording import brief, hint
from latentwidgets.demo.story_grammar import ATTRIBUTES, draw
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["draw_stories", "write_stories"]

# The attributes that the first sentence of some stories, or of all, leaves open.
LATER = ("mood", "weather")
# The most stories that can be asked for at once; to write these takes about a minute.
MOST = 1_000_000


def write_stories(
    count: int,
    *,
    seed: int = 0,
    until: str | None = None,
    before: str | None = None,
    **attributes: str | Sequence[str] | NDArray[np.str_],
) -> tuple[list[str], dict[str, NDArray[np.str_]]]:
    """Write stories, none of them among those that the model of the demo was trained on.

    Stories of one seed are the same but for the attributes that are chosen otherwise: those of two
    moods make pairs.

    Parameters
    ----------
    count : int
        How many, 1,000,000 at most.
    seed : int
        For the stories, and for the attributes that are not chosen.
    until : {"animal", "place", "mood", "tense", "weather"}, optional
        Where given, a story ends with the first sentence that tells this attribute.
    before : {"mood", "weather"}, optional
        Where given, a story ends before the first sentence that tells this attribute: what a model
        goes on with is its own choice.
    **attributes : str or sequence of str
        "animal", "place", "mood", "tense" and "weather": one value for all, or one for each story.
        ``latentwidgets.demo.story_grammar.ATTRIBUTES`` has the values.

    Returns
    -------
    texts : list of str
        The stories, or how they begin.
    truth : dict of str to ndarray
        For each attribute its values, ``(count,)``, also where the text does not tell it yet.

    Raises
    ------
    LatentTypeError, LatentValueError
        If there is no such attribute or value, or not one value for each story.

    Examples
    --------
    >>> texts, truth = write_stories(2, until="mood", mood=["happy", "sad"], animal="fox")
    >>> truth["mood"], truth["animal"]
    (array(['happy', 'sad'], dtype='<U5'), array(['fox', 'fox'], dtype='<U3'))
    """
    check_whole(count, "count", least=1, most=MOST)
    chosen = _checked(attributes, count)
    if until is not None:
        check_one_of(until, "until", ATTRIBUTES)
    if before is not None:
        check_one_of(before, "before", LATER)
    if until is not None and before is not None:
        raise LatentValueError(
            f"until is {until!r} and before is {before!r}; expected one of them. Leave one out."
        )
    # Another series than that of the same seed in training.
    state = random.Random(f"stories {check_seed(seed)}")
    return draw_stories(state, count, chosen, until=until, before=before)


def draw_stories(
    state: random.Random,
    count: int,
    chosen: Mapping[str, Sequence[str]] | None = None,
    *,
    until: str | None = None,
    before: str | None = None,
) -> tuple[list[str], dict[str, NDArray[np.str_]]]:
    """Write stories by a random state: see `write_stories`."""
    texts = []
    told: dict[str, list[str]] = {name: [] for name in ATTRIBUTES}
    for i in range(count):
        # Drawn also where they are chosen: what follows is then the same.
        values = {name: of[int(state.random() * len(of))] for name, of in ATTRIBUTES.items()}
        values.update({name: of[i] for name, of in (chosen or {}).items()})
        text = ""
        while not text:
            text = _cut([*draw(state, values)], until, before)
        texts.append(text)
        for name, value in values.items():
            told[name].append(value)
    return texts, {name: np.array(of) for name, of in told.items()}


def _cut(story: list[tuple[str, set[str]]], until: str | None, before: str | None) -> str:
    """Put the sentences of a story together, as far as it is to go."""
    attribute = until or before
    if attribute is not None:
        first = next(i for i, (_, told) in enumerate(story) if attribute in told)
        story = story[: first + (until is not None)]
    return " ".join(sentence for sentence, _ in story)


def _checked(attributes: Mapping[str, object], count: int) -> dict[str, list[str]]:
    """Give for each chosen attribute one value a story."""
    found = {}
    for name, given in attributes.items():
        if name not in ATTRIBUTES:
            raise LatentTypeError(
                f"stories have no attribute {brief(name)}. {hint(name, [*ATTRIBUTES])}"
            )
        try:
            values = [given] * count if isinstance(given, str) else [*given]  # type: ignore[misc]
        except Exception:  # nothing that holds several, or its own `__iter__` raises
            values = [given] * count
        if len(values) != count:
            raise LatentValueError(
                f"{name} has {len(values)} values for {count} stories; expected one for all, or "
                "one for each."
            )
        for value in values:
            check_one_of(value, name, ATTRIBUTES[name])
        found[name] = [str(value) for value in values]
    return found
