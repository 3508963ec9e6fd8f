"""What directions read in the tokens of a text: as numbers for each token, and as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.analysis.heat_map import heat_map
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.directions.directions import Directions
from latentwidgets.errors import LatentTypeError
from latentwidgets.kinds.tokens import Tokens
from latentwidgets.space.as_space import within
from latentwidgets.space.latent_space import LatentSpace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from latentwidgets.directions.direction import Direction

__all__ = ["token_map", "token_readings"]

# The unit of the numbers that colour tokens.
UNIT = "standard deviations from the mean of the data"
# Said where it is so. Attention is said to be parked at the first token only where its state is at
# least so many times as far from the median state as those of the others typically are.
BEYOND = "The first token lies beyond the colours"
SINK = 5.0


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
    found = Directions(directions)
    return _read(space, text, found, conditions)[0]


def _read(
    space: Any, text: Any, found: Directions, conditions: Mapping[str, Any] | None
) -> tuple[list[Tokens], float]:
    """Measure every token, and say how far out the first is: see `farness`."""
    space = within(space)
    ours = isinstance(space, LatentSpace)  # a stand-in for anything has words too
    if not (ours and callable(getattr(space, "words", None))):
        raise LatentTypeError(
            f"space is a {type(space).__name__} whose latents are not of tokens; expected the "
            'space of a language model: lw.as_space(model, tokenizer=..., prompt="...", layer=...).'
        )
    words = space.words(text)
    [states] = space.encode([text], conditions, pool="tokens")
    # The space before the first word is no part of the text.
    words = [words[0].lstrip(" "), *words[1:]] if isinstance(text, str) else words
    readings = [
        Tokens(
            tuple(zip(words, one.measure(states, standardized=True).tolist(), strict=True)),
            label=f"{one.name}: {UNIT}",
        )
        for one in found
    ]
    return readings, farness(states)


def farness(states: NDArray[np.float32]) -> float:
    """Say how many times as far the first state is from the median of all as the others are.

    Parameters
    ----------
    states : ndarray
        ``(tokens, *latent_shape)``.

    Returns
    -------
    float
        Its distance over the median of the others' distances; NaN of fewer than three tokens, or
        where the others are all alike.

    Examples
    --------
    >>> farness(np.array([[9.0], [1.0], [-1.0], [0.0]])), farness(np.zeros((2, 1)))
    (17.0, nan)
    """
    rows = np.asarray(states, np.float64).reshape(len(states), -1)
    distances = np.linalg.norm(rows - np.median(rows, axis=0), axis=1)
    typical = float(np.median(distances[1:])) if len(rows) > 2 else 0.0
    return float(distances[0]) / typical if typical > 0 else float("nan")


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
    >>> token_map(demo.space, "It felt happy.", direction).get_suptitle()
    'standard deviations from the mean of the data'
    """
    found = Directions(directions)
    readings, far = _read(space, text, found, conditions)
    numbers = np.array([one.numbers for one in readings], np.float64)
    # The state of the first token may be unlike all others, as models park attention there: its
    # number may be so large that all others would be pale.
    most = float(np.abs(numbers[:, 1:]).max(initial=0.0))
    words = [word.replace("\n", "⏎") for word, _ in readings[0].pairs]
    drawn = heat_map(numbers, found.names, words, title=UNIT, most=most or None)
    if 0 < most < np.abs(numbers[:, 0]).max(initial=0.0):
        said = f"{BEYOND}."
        if far >= SINK:
            said = (
                f"{BEYOND}: its state is {far:.0f} times as far from the median one as others "
                "are. Attention is likely parked there, whatever it says."
            )
        drawn.axes[0].set_xlabel(said, fontsize=7, loc="left")
    return drawn
