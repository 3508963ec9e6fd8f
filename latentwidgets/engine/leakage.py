"""What an edit moves: how it changes what each direction's readout says of the decoded output."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.directions.moving import (
    Measure,
    random_direction,
    read_outputs,
    sigmas_between,
)
from latentwidgets.directions.samples import Data
from latentwidgets.engine.layers import edit_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Change", "edit_leakage", "summed_up"]

# So many random moves are compared with, each from another to another of so many samples.
CONTROLS, SAMPLES = 8, 64
# Of several bases, at most so many are looked at.
MOST_BASES = 4

# Of which move, 0 for the edit and else a random one: what changes, direction by direction.
Change = tuple[int, "NDArray[np.float64]"]


def edit_leakage(space: LatentSpace, route: Route, at: Coordinates) -> Iterator[Change]:
    """Say how readings of the decoded output change: by an edit, and by random moves as long.

    What is decoded is encoded again, and each direction's readout measures it.

    Parameters
    ----------
    space : LatentSpace
        What decodes, and encodes again.
    route : Route
        An edit.
    at : tuple of float
        Its coordinates, those of conditions last. Of several bases the first four are used.

    Yields
    ------
    tuple
        Of which move it is, 0 for the edit, and the change of every reading, in standard
        deviations: one of each base, then of each random move of each base. Two latents are decoded
        in between, at most.

    Raises
    ------
    LatentValueError
        If it is no edit, or what is decoded cannot be encoded again.
    DecodeError
        If the decoder or the encoder fails.
    """
    edit, conditions = edit_at(route, at)
    measures = [
        Measure(one.name, partial(one.measure, standardized=True), encoded=True)
        for one in edit.directions
    ]
    every = edit.bases.reshape(-1, *space.latent_shape)
    bases, edited = every[:MOST_BASES], route.latents([at]).reshape(every.shape)[:MOST_BASES]

    def read(latents: list[NDArray[np.float32]]) -> NDArray[np.float64]:
        under = {name: [value] * len(latents) for name, value in (conditions or {}).items()}
        return read_outputs(space, np.stack(latents), under or None, measures)

    befores = []
    for base, moved in zip(bases, edited, strict=True):
        before, after = read([base, moved]).T
        befores.append(before)
        yield 0, after - before
    data = Data(space.sample(SAMPLES, seed=0))
    amounts = [sigmas_between(data, *pair) for pair in zip(bases, edited, strict=True)]
    if not any(amounts) or not np.isfinite(amounts).all():
        return
    rng = np.random.default_rng(0)
    moves = []
    for number in range(1, 1 + CONTROLS):
        one = random_direction(data, rng)
        for i, amount in enumerate(amounts):
            moves.append((number, befores[i], one.move(bases[i : i + 1], amount)[0]))
    for start in range(0, len(moves), 2):
        numbers, unmoved, ends = zip(*moves[start : start + 2], strict=True)
        for number, before, after in zip(numbers, unmoved, read(list(ends)).T, strict=True):
            yield number, after - before


def summed_up(found: Sequence[Change]) -> tuple[list[float], list[float]]:
    """Give the mean change by the edit, and the root mean square of those by random moves.

    Means are over the bases, for both.

    Examples
    --------
    >>> summed_up([(0, np.array([1.0])), (1, np.array([3.0])), (2, np.array([-4.0]))])
    ([1.0], [3.5355339059327378])
    >>> summed_up([(0, np.array([1.0])), (1, np.array([3.0])), (1, np.array([-1.0]))])  # two bases
    ([1.0], [1.0])
    >>> summed_up([(0, np.array([1.0]))])
    ([1.0], [])
    """
    means = [
        np.mean([change for one, change in found if one == number], axis=0)
        for number in sorted({one for one, _ in found})
    ]
    chance = np.sqrt(np.mean(np.square(means[1:]), axis=0)).tolist() if means[1:] else []
    return means[0].tolist(), chance
