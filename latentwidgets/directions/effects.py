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
from latentwidgets.errors import LatentValueError, LatentWidgetsError
from latentwidgets.space.as_space import as_space

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

__all__ = ["measure_effects"]

# How many samples of the prior random directions are drawn from.
SAMPLES = 512


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
    latents are moved both ways, decoded, and what is decoded is measured.

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
        ``(m, *latent_shape)``: where to move from. Samples of the space's prior if None.
    n : int
        From how many of these, drawn at random where there are more.
    amount : float
        How far to move each way, in sigmas.
    controls : int
        How many random directions, from one latent to another, are measured likewise: what they do
        is what chance gives. 0 for none.
    conditions : mapping of str to value, optional
        Under which latents are decoded, and encoded again, one value each. Those that are left out
        have their default.
    seed : int
        For all that is drawn.

    Returns
    -------
    Directions
        The same. The evidence has the `effect`, the mean change of the measure per sigma, and as
        `effect_chance` the root mean square of what random directions do. Where the effect is not
        twice as large, the warning says so.

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
    under = space.conditions.settled(conditions)
    n, controls = check_whole(n, "n", least=2), check_whole(controls, "controls", least=0)
    data = Data(space.sample(max(SAMPLES, n), seed=seed) if latents is None else latents)
    every = space.check(
        (data.rows + data.shift).reshape(-1, *data.latent_shape), "latents"
    )  # which refuses latents of another shape
    rng = np.random.default_rng(seed)
    points = every[rng.permutation(len(every))[:n]]
    random = [_random(data, rng) for _ in range(controls)]
    made: list[Direction] = []
    for one in progress([*given], "effects"):
        read = one.measure if measure is None else measure
        effect_of = partial(_effect, space, points, amount, read, under, encode=measure is None)
        if measure is None or not made:
            # A measure of the person's own is the same for all directions: so is its chance.
            by_chance = [effect_of(other) for other in random]
        chance = float(np.sqrt(np.mean(np.square(by_chance)))) if random else None
        made.append(_with_effect(one, effect_of(one), chance, f"{name or one.name} per sigma"))
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


def _effect(
    space: Any,
    points: NDArray[np.float32],
    amount: float,
    read: Callable[[Any], ArrayLike],
    conditions: Mapping[str, Any],
    one: Direction,
    *,
    encode: bool,
) -> float:
    """Give the mean change of what is read of outputs, per sigma of a direction."""
    ends = []
    for sign in (1, -1):
        outputs = space.decode(one.move(points, sign * amount), conditions)
        seen = space.encode(outputs, conditions) if encode else outputs
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
        if numbers.shape != (len(points),):
            raise LatentValueError(
                f"measure returned shape {numbers.shape} for {len(points)} outputs; expected one "
                "number each."
            )
        check_finite(numbers, "measures")
        ends.append(numbers.astype(np.float64))
    return float((ends[0] - ends[1]).mean() / (2 * amount))


def _with_effect(one: Direction, effect: float, chance: float | None, name: str) -> Direction:
    """Give a direction the evidence of its effect, beside what it has."""
    found = replace(
        without_effect(one.evidence), effect=effect, effect_name=name, effect_chance=chance
    )
    return one.replace(evidence=replace(found, warning=joined(found.warning, effect_doubt(found))))
