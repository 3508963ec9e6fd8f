"""`measure_effects`: what moving along directions does to what is decoded."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import (
    check_finite,
    check_function,
    check_positive,
    check_seed,
    check_text,
    check_whole,
    real_array,
)
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.progress import progress
from latentwidgets.common.wording import short
from latentwidgets.directions.direction import Direction
from latentwidgets.directions.directions import Directions
from latentwidgets.directions.evidence import (
    Evidence,
    effect_doubt,
    joined,
    without_effect,
)
from latentwidgets.directions.fitting import fitted
from latentwidgets.directions.samples import Data
from latentwidgets.errors import LatentTypeError, LatentValueError, LatentWidgetsError
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

__all__ = ["measure_effects"]

# How many samples of the prior random directions are drawn from.
SAMPLES = 512
# And how many where the latents to move from are given, and are but one.
AROUND = 64


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
        is what chance gives. 0 for none.
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
    >>> from latentwidgets import LatentSpace
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
    given = fitted(directions, space)
    if name is not None:
        check_text(name, "name")
    if given.latent_shape != space.latent_shape:
        raise LatentValueError(
            f"the directions move latents of shape {given.latent_shape}; this space's have "
            f"{space.latent_shape}."
        )
    if measure is not None:
        check_function(measure, "measure")
    elif not space.can_encode:
        raise LatentValueError(
            "this space does not encode, so that what it decodes cannot be read again. Pass "
            "measure=..., a function from outputs to numbers, or make the space with encode=..."
        )
    amount, seed = check_positive(amount, "amount"), check_seed(seed)
    several, under = space.conditions.each(conditions)
    n, controls = check_whole(n, "n", least=2), check_whole(controls, "controls", least=0)
    starts = space.sample(max(SAMPLES, n), seed=seed) if latents is None else space.check(latents)
    rng = np.random.default_rng(seed)
    points = starts[rng.permutation(len(starts))[:n]]
    random: list[Direction] = []
    if controls:
        data = Data(starts if len(starts) > 1 else space.sample(AROUND, seed=seed))
        random = [_random(data, rng) for _ in range(controls)]
    slopes = partial(_slopes, space, points, amount, under, encode=measure is None)
    # The interval is over the values of the condition that has several, else over the latents.
    averaged = 0 if several is None else 1
    made: list[Direction] = []
    for one in progress([*given], "effects"):
        read = one.measure if measure is None else measure
        if measure is None or not made:
            # A measure of the person's own is the same for all directions: so is its chance.
            by_chance = [slopes(read, other).mean() for other in random]
        found = slopes(read, one).mean(axis=averaged)
        evidence = replace(
            without_effect(one.evidence),
            effect=float(found.mean()),
            effect_name=f"{name or one.name} per sigma",
            effect_chance=float(np.sqrt(np.mean(np.square(by_chance)))) if random else None,
            effect_margin=_margin(found),
        )
        doubts = joined(evidence.warning, effect_doubt(evidence))
        made.append(one.replace(evidence=replace(evidence, warning=doubts)))
    return Directions(made)


def _random(data: Data, rng: np.random.Generator) -> Direction:
    """Draw a direction from one latent to another."""
    for _ in range(100):
        first, second = rng.choice(len(data), 2, replace=False)
        step = data.rows[second].astype(np.float64) - data.rows[first]
        if step.any():
            break
    return data.direction(
        "random", step, method="random", evidence=Evidence(), provenance={"method": "random"}
    )


def _slopes(
    space: Any,
    points: NDArray[np.float32],
    amount: float,
    under: list[dict[str, Any]],
    read: Callable[[Any], ArrayLike],
    one: Direction,
    *,
    encode: bool,
) -> NDArray[np.float64]:
    """Give the change of what is read, per sigma of a direction: ``(conditions, latents)``."""
    ends = one.move(points, amount), one.move(points, -amount)
    at_once = max(1, space.batch_size // len(points))
    parts = []
    for start in range(0, len(under), at_once):
        some = under[start : start + at_once]
        conditions = {name: [one[name] for one in some for _ in points] for name in some[0]}
        up, down = (
            _measured(space, np.concatenate([end] * len(some)), conditions, read, encode=encode)
            for end in ends
        )
        parts.append((up - down).reshape(len(some), len(points)))
    changes: NDArray[np.float64] = np.concatenate(parts) / (2 * amount)
    return changes


def _measured(
    space: Any,
    latents: NDArray[np.float32],
    conditions: Mapping[str, Any],
    read: Callable[[Any], ArrayLike],
    *,
    encode: bool,
) -> NDArray[np.float64]:
    """Decode latents, and measure what is decoded: one number each."""
    outputs = space.decode(latents, conditions)
    try:
        seen = space.encode(outputs, conditions) if encode else outputs
    except (LatentTypeError, LatentValueError) as error:
        raise LatentValueError(
            "this space does not encode what it decodes, so that it cannot be read again. Pass "
            "measure=..., a function from outputs to numbers."
        ) from error
    try:
        measured = read(seen)
    except LatentWidgetsError:
        raise
    except Exception as error:  # a function of the person's own may raise anything
        raise LatentValueError(
            f"measure failed: {type(error).__name__}: {short(str(error)).rstrip('.')}. It got "
            f"outputs of shape {np.shape(seen)}."
        ) from error
    numbers = real_array(measured, "measures")
    if numbers.shape != (len(latents),):
        raise LatentValueError(
            f"measure returned shape {numbers.shape} for {len(latents)} outputs; expected one "
            "number each."
        )
    check_finite(numbers, "measures")
    return numbers.astype(np.float64)


def _margin(numbers: NDArray[np.float64]) -> float | None:
    """Give half the width of the 95 % confidence interval of a mean; None of one number."""
    from scipy.special import stdtrit

    count = len(numbers)
    if count == 1:
        return None
    return float(stdtrit(count - 1, 0.975) * numbers.std(ddof=1) / np.sqrt(count))
