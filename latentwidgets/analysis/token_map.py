"""What directions read in the tokens of a text: as numbers for each token, and as a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.keywords import checked_keywords
from latentwidgets.directions.directions import Directions
from latentwidgets.errors import LatentTypeError
from latentwidgets.kinds.tokens import Tokens, colour_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from matplotlib.figure import Figure

    from latentwidgets.directions.direction import Direction

__all__ = ["token_map", "token_readings"]

# What the numbers are.
UNIT = "standard deviations from the mean of the data"
SINK = "The first token lies beyond the colours: attention is parked there, whatever it says."
# The size of a cell in inches, of the letters in points, and how many cells have their number.
WIDE, HIGH, POINTS, MOST_WRITTEN = 0.36, 0.3, 7, 400


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
    import matplotlib.pyplot as plt
    from matplotlib.colors import LinearSegmentedColormap

    found = Directions(directions)
    readings = token_readings(space, text, found, conditions=conditions)
    numbers = np.array([one.numbers for one in readings], np.float64)
    # The state of the first token is unlike all others: models park attention there. Its number may
    # be so large that all others would be pale.
    most = float(np.abs(numbers[:, 1:]).max(initial=0.0)) or float(np.abs(numbers).max()) or 1.0
    beyond = bool(np.abs(numbers[:, 0]).max(initial=0.0) > most) if numbers.size else False
    steps = np.linspace(-1, 1, 65)
    colours = LinearSegmentedColormap.from_list("tokens", [colour_of(x, (-1, 1)) for x in steps])
    rows, columns = numbers.shape
    drawn, axes = plt.subplots(
        figsize=(1.6 + WIDE * max(columns, 8), 1.2 + HIGH * rows), layout="constrained"
    )
    picture = axes.imshow(numbers, cmap=colours, vmin=-most, vmax=most, aspect="auto")
    words = [word.replace("\n", "⏎") for word, _ in readings[0].pairs]
    plain: dict[str, Any] = {"parse_math": False, "fontsize": POINTS + 1}
    slanted: dict[str, Any] = {"rotation": 60, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(range(columns), words, **plain, **slanted)
    axes.set_yticks(range(rows), found.names, **plain)
    axes.tick_params(length=0)
    axes.set_title(UNIT, fontsize=POINTS + 1, loc="left")
    if beyond:
        axes.set_xlabel(SINK, fontsize=POINTS, loc="left")
    axes.spines[:].set_visible(False)
    if numbers.size <= MOST_WRITTEN:
        for row, column in np.ndindex(numbers.shape):
            number = f"{round(float(numbers[row, column]), 1) + 0.0:.1f}".replace(
                "-", "−"
            )  # never −0.0
            axes.text(column, row, number, ha="center", va="center", fontsize=POINTS - 1)
    bar = drawn.colorbar(picture, ax=axes, pad=0.01, aspect=10)
    bar.ax.tick_params(labelsize=POINTS)
    bar.outline.set_visible(False)
    plt.close(drawn)  # else a notebook shows it twice: here, and where it is returned
    return drawn
