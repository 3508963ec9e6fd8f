"""What steering costs at each token that is written: divergence, or surprise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.adapters.readings import check_language, continuations_of
from latentwidgets.common.checks import check_one_of
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.kinds.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

__all__ = ["token_damage"]

# What the numbers are, by what is measured.
LABELS = {
    "divergence": "divergence from the unsteered model, in nats",
    "surprise": "surprise of the unsteered model, in nats",
}


@checked_keywords
def token_damage(
    space: Any,
    latents: ArrayLike,
    conditions: Mapping[str, Any] | None = None,
    *,
    measure: str = "divergence",
) -> list[Tokens]:
    """Give each token that a steered model writes a number: what steering costs there.

    How much steering changed the odds there, or how unlikely the unsteered model finds it.

    Parameters
    ----------
    space : LatentSpace
        A space of a causal model of transformers.
    latents : array_like
        What is added, ``(n, *latent_shape)``.
    conditions : mapping, optional
        As `LatentSpace.decode` takes them: the same texts are written.
    measure : {"divergence", "surprise"}
        "divergence": the Kullback-Leibler divergence of what the model as it is would write next
        from what the steered model would, after the same tokens; 0 where steering changes nothing.
        "surprise": minus the log of the probability that the model as it is gives the token. Both
        are of temperature 1, in nats, and never below 0.

    Returns
    -------
    list of Tokens
        Of each latent what is written, with a number for each token. That of a token without text,
        such as the first of several that make one character, is added to the next token's; at the
        end, such as of the token that ends a text, it is left out.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the space is of another kind, or an argument cannot be used.
    DecodeError
        If the model gives NaN, such as where a strength is too large for its dtype.

    See Also
    --------
    token_readings : What directions read in the tokens of a text.
    token_changes : Which words of two texts differ.
    latentwidgets.analysis.steering_curve : The same over prompts, layers and strengths.

    References
    ----------
    Kullback & Leibler 1951, "On information and sufficiency". Surprise by token is surprisal: Hale
    2001, "A probabilistic Earley parser as a psycholinguistic model".

    Examples
    --------
    >>> import numpy as np
    >>> import latentwidgets as lw
    >>> demo = lw.demo.stories()
    >>> happy, sad = (
    ...     demo.space.encode(demo.write(50, seed=1, until="mood", mood=mood)[0])
    ...     for mood in ("happy", "sad")
    ... )
    >>> mood = lw.contrast_directions(sad, happy, name="happy")[0]
    >>> plain, steered = token_damage(demo.space, mood.move(np.zeros((2, 128)), [0.0, 3.0]))
    >>> max(plain.numbers), max(steered.numbers) > 0.1
    (0.0, True)
    >>> str(steered) == demo.space.decode(mood.move(np.zeros((1, 128)), 3.0))[0]
    True
    """
    space = check_language(space, "token_damage")
    check_one_of(measure, "measure", (*LABELS,))
    model = space.stream
    every = []
    for one in continuations_of(space, latents, conditions):
        words = model.words([*model.prompt, *one.ids])[len(model.prompt) :]
        pairs, carried = [], 0.0
        for word, number in zip(words, getattr(one, measure).tolist(), strict=True):
            carried += number
            if word:
                pairs.append((word, carried))
                carried = 0.0
        every.append(Tokens(tuple(pairs), label=LABELS[measure]))
    return every
