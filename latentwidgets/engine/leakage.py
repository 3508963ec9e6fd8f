"""What an edit moves: how it changes what each direction's readout says of the decoded output."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.directions.moving import Measure, random_direction, read_outputs
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

# Of the edit, or of a random move: what changes, direction by direction.
Change = tuple[bool, "NDArray[np.float64]"]


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
        Whether it is of the edit, and the change of every reading, in standard deviations: one of
        each base, then of each random move. Two latents are decoded in between, at most.

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
    bases = edit.bases.reshape(-1, *space.latent_shape)
    edited = route.latents([at]).reshape(bases.shape)

    def read(latents: list[NDArray[np.float32]]) -> NDArray[np.float64]:
        under = {name: [value] * len(latents) for name, value in (conditions or {}).items()}
        return read_outputs(space, np.stack(latents), under or None, measures)

    first: NDArray[np.float64] | None = None
    for base, moved in zip(bases[:MOST_BASES], edited, strict=False):
        before, after = read([base, moved]).T
        first = before if first is None else first
        yield True, after - before
    step = edited[0].astype(np.float64) - bases[0]
    length = float(np.linalg.norm(step))
    if not length or first is None:
        return
    data = Data(space.sample(SAMPLES, seed=0))
    along = (data.rows @ (step.ravel() / length).astype(data.rows.dtype)).std()
    if not along > 0:  # the prior does not go that way: nothing says how far this is
        return
    rng = np.random.default_rng(0)
    for _ in range(CONTROLS // 2):
        ends = [
            random_direction(data, rng).move(bases[:1], float(length / along))[0] for _ in range(2)
        ]
        for after in read(ends).T:
            yield False, after - first


def summed_up(found: Sequence[Change]) -> tuple[list[float], list[float]]:
    """Give the mean change by the edit, and the root mean square of changes by random moves.

    Examples
    --------
    >>> summed_up([(True, np.array([1.0])), (False, np.array([3.0])), (False, np.array([-4.0]))])
    ([1.0], [3.5355339059327378])
    >>> summed_up([(True, np.array([1.0]))])
    ([1.0], [])
    """
    effects = np.mean([change for is_edit, change in found if is_edit], axis=0)
    random = [change for is_edit, change in found if not is_edit]
    chance = np.sqrt(np.mean(np.square(random), axis=0)).tolist() if random else []
    return effects.tolist(), chance
