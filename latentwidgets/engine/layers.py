"""Where a direction acts: how much each layer of an edit changes the output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.errors import LatentValueError
from latentwidgets.routes.conditioned import own_of, values_at
from latentwidgets.routes.edit import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from latentwidgets.routes.route import Coordinates, Route
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["edit_at", "layer_effects"]

# Layers per step: between two steps, frames that were asked for are decoded.
AT_A_TIME = 2


def edit_at(route: Route, at: Coordinates) -> tuple[Edit, dict[str, Any]]:
    """Give the edit that a route is, and the conditions at some coordinates of it.

    Raises
    ------
    LatentValueError
        If it is no edit.
    """
    edit = own_of(route)
    if not isinstance(edit, Edit):
        raise LatentValueError("there is no edit here.")
    return edit, values_at(route, at)


def layer_effects(
    space: LatentSpace, route: Route, at: Coordinates, axis: int
) -> Iterator[list[float]]:
    """Say how much each layer of a direction changes the output, some layers at a time.

    Parameters
    ----------
    space : LatentSpace
        What decodes.
    route : Route
        An edit of latents with layers.
    at : tuple of float
        Its coordinates, those of conditions last. Of several bases only the first is used.
    axis : int
        Which of its directions.

    Yields
    ------
    list of float
        For each layer the root mean square change of the output, in the decoder's own units, per
        sigma of the direction, whose profile is ignored.

    Raises
    ------
    LatentValueError
        If there is no edit, there are no layers, `axis` is that of a condition, or outputs are
        not numbers.
    DecodeError
        If the decoder fails.
    """
    edit, conditions = edit_at(route, at)
    if not space.layers:
        raise LatentValueError("there are no layers here.")
    if axis >= len(edit.directions):
        raise LatentValueError(f"coordinate {axis} is a condition, which has no layers.")
    latent = route.latents([at]).reshape(-1, *space.latent_shape)[0]
    direction = edit.directions[axis]
    lengths = np.linalg.norm(direction.vector.reshape(len(space.layers), -1), axis=1)
    for start in range(0, len(lengths), AT_A_TIME):
        effects = np.zeros(len(lengths[start : start + AT_A_TIME]))
        acting = np.flatnonzero(lengths[start : start + AT_A_TIME])
        if len(acting):
            numbers = start + acting
            tangents = np.zeros((len(numbers), *space.latent_shape), np.float32)
            units = direction.vector[numbers].reshape(len(numbers), -1)
            units = units / lengths[numbers, np.newaxis]
            tangents[range(len(numbers)), numbers] = units.reshape(-1, *space.latent_shape[1:])
            steps = direction.sigma * lengths[numbers]
            changes, _ = space.derivative(
                latent, tangents, scale=float(steps.max()), conditions=conditions
            )
            squares = np.square(changes.reshape(len(numbers), -1), dtype=np.float64)
            effects[acting] = steps * np.sqrt(squares.mean(axis=1))
        yield effects.tolist()
