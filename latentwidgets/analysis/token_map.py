"""What directions read in the tokens of a text: as numbers for each token, and as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.heat_map import heat_map
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.directions.directions import Directions
from latentwidgets.errors import LatentTypeError
from latentwidgets.kinds.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from matplotlib.figure import Figure

    from latentwidgets.directions.direction import Direction

__all__ = ["token_map", "token_readings"]

# What the numbers are.
UNIT = "standard deviations from the mean of the data"
# Said where it is so.
SINK = "The first token lies beyond the colours: attention is parked there, whatever it says."


@checked_keywords
def token_readings(
    space: Any,
    text: Any,
    directions: Direction | Iterable[Direction],
    *,
    conditions: Mapping[str, Any] | None = None,
) -> list[Tokens]:
    """Measure every token of a text with directions of a language model's space.

    Parameters
    ----------
    space : LatentSpace
        Of a language model: ``as_space(model, tokenizer=..., prompt=..., layer=...)``.
    text : str or list of dict
        A text; or a chat, messages with "role" and "content".
    directions : Direction or iterable of Direction
        What to measure with, of the space's shape.
    conditions : mapping, optional
        The "layer" to read at, where latents are of one layer.

    Returns
    -------
    list of Tokens
        The text for each direction. Its numbers are what `Direction.measure` gives of the states of
        tokens, in standard deviations from the mean of the data that the direction was found from;
        of a direction that was given, without data, in the units of its readout.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the space is of another kind, or an argument cannot be used.

    References
    ----------
    The states of all tokens as a lens on a model: nostalgebraist 2020, "interpreting GPT: the logit
    lens".

    Examples
    --------
    >>> import latentwidgets as lw
    >>> demo = lw.demo.stories()
    >>> happy, sad = (
    ...     demo.space.encode(demo.write(50, seed=1, until="mood", mood=mood)[0])
    ...     for mood in ("happy", "sad")
    ... )
    >>> mood = lw.contrast_directions(sad, happy, name="happy")[0]
    >>> [tokens] = token_readings(demo.space, "A fox lived in the town. It felt happy.", mood)
    >>> str(tokens), tokens.numbers[-1] > 0
    ('A fox lived in the town. It felt happy.', True)
    """
    if not callable(getattr(space, "words", None)):
        raise LatentTypeError(
            f"space is a {type(space).__name__} whose latents are not of tokens; expected the "
            'space of a language model: lw.as_space(model, tokenizer=..., prompt="...", layer=...).'
        )
    found = Directions(directions)
    words = space.words(text)
    [states] = space.encode([text], conditions, pool="tokens")
    # The space before the first word is no part of the text.
    words = [words[0].lstrip(" "), *words[1:]] if isinstance(text, str) else words
    return [
        Tokens(
            tuple(zip(words, one.measure(states, standardized=True).tolist(), strict=True)),
            label=f"{one.name}: {UNIT}",
        )
        for one in found
    ]


@checked_keywords
def token_map(
    space: Any,
    text: Any,
    directions: Direction | Iterable[Direction],
    *,
    conditions: Mapping[str, Any] | None = None,
) -> Figure:
    """Draw what directions read in every token of a text: tokens across, directions down.

    Parameters
    ----------
    space, text, directions, conditions
        As `token_readings` takes them.

    Returns
    -------
    matplotlib.figure.Figure
        A heat map, orange above 0 and blue below it. Where it has few cells, each has its number.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the space is of another kind, or an argument cannot be used.

    References
    ----------
    The states of all tokens as a lens on a model: nostalgebraist 2020, "interpreting GPT: the logit
    lens".

    Examples
    --------
    >>> import latentwidgets as lw
    >>> demo = lw.demo.stories()
    >>> direction = lw.Direction("first number", np.eye(128)[0])
    >>> token_map(demo.space, "It felt happy.", direction).axes[0].get_title("left")
    'standard deviations from the mean of the data'
    """
    found = Directions(directions)
    readings = token_readings(space, text, found, conditions=conditions)
    numbers = np.array([one.numbers for one in readings], np.float64)
    # The state of the first token is unlike all others: models park attention there. Its number may
    # be so large that all others would be pale.
    most = float(np.abs(numbers[:, 1:]).max(initial=0.0))
    words = [word.replace("\n", "⏎") for word, _ in readings[0].pairs]
    drawn = heat_map(numbers, found.names, words, title=UNIT, most=most or None)
    if 0 < most < np.abs(numbers[:, 0]).max(initial=0.0):
        drawn.axes[0].set_xlabel(SINK, fontsize=7, loc="left")
    return drawn
