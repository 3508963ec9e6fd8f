"""`measure_effects`: what moving along directions does to what is decoded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_function, check_text
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.progress import progress
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.evidence import effect_doubt, joined, without_effect
from latentwidgets.directions.fitting import of_space
from latentwidgets.directions.moving import Measure, Moves, check_encodes
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.directions.direction import Direction

__all__ = ["measure_effects"]


@checked_keywords
def measure_effects(
    space: Any,
    directions: Direction | Iterable[Direction],
    measure: Callable[[Any], ArrayLike] | None = None,
    *,
    name: str | None = None,
    latents: ArrayLike | None = None,
    n: int = 64,
    amount: float = 1.0,
    controls: int = 8,
    conditions: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> Directions:
    """Measure what moving along directions does to what is decoded.

    A score says how well a readout reads latents, and not what a decoder makes of a move. Here
    latents are moved both ways, decoded, and what is decoded is measured. Where pictures depend on
    a seed beside the latent, one picture says little: give several seeds, and each latent is moved
    under each of them, with the same noise at both ends of the move.

    Parameters
    ----------
    space : LatentSpace or object
        The space, or anything that `as_space` takes.
    directions : Direction or iterable of Direction
        What to move along.
    measure : callable, optional
        Takes what `LatentSpace.decode` returns for k latents, and returns k numbers. If None, what
        is decoded is encoded again, and each direction's own readout measures it: the space must
        encode.
    name : str, optional
        What is measured, such as "width in px". Each direction's own name if None.
    latents : array_like, optional
        ``(m, *latent_shape)``: where to move from. Samples of the space's prior if None. From one
        latent alone, random directions lead between samples of the prior.
    n : int
        From how many of these, drawn at random where there are more.
    amount : float
        How far to move each way, in sigmas.
    controls : int
        How many random directions, from one latent to another, are measured likewise: what they do
        is what chance gives. 0 for none, 10,000 at most.
    conditions : mapping of str to value, optional
        Under which latents are decoded, and encoded again. One of them may have several values,
        such as ``{"seed": range(16)}``. Those that are left out have their default.
    seed : int
        For all that is drawn.

    Returns
    -------
    Directions
        The same. The evidence has the `effect`, the mean change of the measure per sigma, and as
        `effect_chance` the root mean square of what random directions do under the same conditions.
        `effect_margin` is the margin of error, half the width of the 95 % confidence interval of
        that mean: over the values of the condition that has several, else over the latents. The
        warning says so where the effect is not twice as large as chance, or the interval holds 0.

    Raises
    ------
    LatentTypeError, LatentValueError
        If an argument cannot be used, or measure does not return one finite number each.
    DecodeError
        If the decoder or the encoder raises.

    Examples
    --------
    >>> from latentwidgets import Direction, LatentSpace
    >>> space = LatentSpace(lambda z: np.tanh(z[:, :, None]) * np.ones(8), 4, value_range=(-1, 1))
    >>> up = Direction("up", [1.0, 0, 0, 0])
    >>> first_row = lambda images: images[:, 0].mean(axis=(1, 2))
    >>> found = measure_effects(space, up, first_row, name="grey")
    >>> found["up"].evidence.effect_name, bool(found["up"].evidence.effect > 40)
    ('grey per sigma', True)

    Two directions, one of which does the same for each seed:

    >>> def draw(z, seed):
    ...     signs = seed % 2 * 2 - 1
    ...     return (z[:, :1] + z[:, 1:] * signs[:, None])[:, :, None] * np.ones((8, 8))
    >>> space = LatentSpace(draw, 2, value_range=(-4, 4), conditions={"seed": range(100)})
    >>> both = [Direction("same", [1.0, 0]), Direction("by seed", [0, 1.0])]
    >>> found = measure_effects(space, both, first_row, conditions={"seed": range(16)})
    >>> [round(one.evidence.effect_margin) for one in found]
    [0, 17]
    """
    space = as_space(space)
    given = of_space(directions, space)
    if name is not None:
        check_text(name, "name")
    if measure is not None:
        check_function(measure, "measure")
    else:
        check_encodes(space, "measure=...")
    moves = Moves(
        space,
        latents=latents,
        n=n,
        amount=amount,
        controls=controls,
        conditions=conditions,
        seed=seed,
    )
    measures = [Measure("measure", one.measure, encoded=True) for one in given]
    if measure is not None:
        # A measure of the person's own is the same for all directions: so is its chance.
        measures = [Measure("measure", measure, encoded=False)]
        moves.try_out(measures)
    by_chance = moves.by_chance(measures)
    made: list[Direction] = []
    for i, one in enumerate(progress([*given], "effects")):
        own = 0 if measure is not None else i
        [found] = moves.changes(one, [measures[own]])
        evidence = replace(
            without_effect(one.evidence),
            effect=float(found.mean()),
            effect_name=f"{name or one.name} per sigma",
            effect_chance=None if by_chance is None else float(by_chance[own]),
            effect_margin=_margin(found),
        )
        doubts = joined(evidence.warning, effect_doubt(evidence))
        made.append(one.replace(evidence=replace(evidence, warning=doubts)))
    return Directions(made)


def _margin(numbers: NDArray[np.float64]) -> float | None:
    """Give half the width of the 95 % confidence interval of a mean; None of one number."""
    from scipy.special import stdtrit

    count = len(numbers)
    if count == 1:
        return None
    return float(stdtrit(count - 1, 0.975) * numbers.std(ddof=1) / np.sqrt(count))
