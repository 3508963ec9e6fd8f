"""How much the output changes along each direction of an edit, beside a random direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.engine.layers import edit_at
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.shared.table import kind_named
from latentwidgets.routes.edit import Edit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.common.pieces import Steps
    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["Change", "decodes_of", "output_changes"]

# So many random directions say what chance would change.
RANDOM = 4

# What one sigma of a direction changes, and what one as long of a random direction does: root mean
# square over the numbers of the output, as shares of its range.
Change = tuple[float, float]


def decodes_of(edit: Edit) -> int:
    """Say how many latents `output_changes` decodes."""
    return 1 + 2 * (RANDOM + len(edit.directions))


def output_changes(
    space: LatentSpace, route: Route, at: Coordinates, seed: int = 0
) -> Steps[list[Change]]:
    """Say how much one sigma of each direction changes the output, two decodes a step.

    Parameters
    ----------
    space : LatentSpace
        What decodes.
    route : Route
        An edit. Of several bases only the first is used.
    at : tuple of float
        From where, coordinates of conditions last.
    seed : int
        For the random directions.

    Returns
    -------
    list of tuple of float
        Of each direction the mean of what a sigma more and a sigma less change, and the same of
        random directions, scaled to its length from the median length. Outputs have a range from
        black to white, from bottom to top, or of full scale.

    Raises
    ------
    LatentValueError
        If the route is no edit, or outputs are no numbers that have a range.
    DecodeError
        If the decoder fails.
    """
    edit, conditions = edit_at(route, at)
    here = np.asarray(at[: len(edit.directions)])

    def decoded(latents: NDArray[np.float32]) -> NDArray[np.float64]:
        found = space.decode(latents.reshape(-1, *space.latent_shape), conditions, raw=True)
        return np.asarray(found, np.float64).reshape(len(latents), -1)

    def first_base(amounts: NDArray[np.float64]) -> NDArray[np.float32]:
        latents = edit.latents([tuple(row) for row in amounts])
        return latents.reshape(len(amounts), -1, *space.latent_shape)[:, 0]

    [base] = first_base(here[np.newaxis])
    if not kind_named(space.kind).has_derivative:
        raise LatentValueError(f"outputs of the kind {space.kind!r} are no numbers.")
    [origin] = decoded(base[np.newaxis])
    if space.value_range is None:
        raise LatentValueError("it is not known from where to where outputs reach.")
    full = abs(space.value_range[1] - space.value_range[0])
    yield

    def change(latents: NDArray[np.float32]) -> float:
        squares = np.square(decoded(latents) - origin).mean(axis=1)
        return float(np.sqrt(squares).mean() / full)

    lengths = np.linalg.norm(edit.moves, axis=1)
    usual = float(np.median(lengths))
    if not usual:
        raise LatentValueError("most directions move nothing.")
    steps = np.random.default_rng(seed).normal(size=(RANDOM, base.size))
    steps *= usual / np.linalg.norm(steps, axis=1, keepdims=True)
    random = []
    for step in steps.reshape(-1, *base.shape):
        random.append(change(np.stack([base + step, base - step]).astype(np.float32)))
        yield
    chance, found = float(np.mean(random)), []
    for axis, length in enumerate(lengths.tolist()):
        sigma = np.eye(len(lengths))[axis]
        one = change(first_base(np.stack([here + sigma, here - sigma])))
        found.append((one, chance * length / usual))
        yield
    return found
