"""What the page shows of each direction of an editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.directions.tables import badge, note

if TYPE_CHECKING:
    from collections.abc import Mapping

    from latentwidgets.directions import Direction
    from latentwidgets.routes.edit import Edit
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["row", "units"]


def row(one: Direction, space: LatentSpace) -> dict[str, Any]:
    """Say what the page shows of a direction; of layers, the numbers of those it can act at."""
    layers = space.layers
    acting = np.flatnonzero(one.vector.reshape(len(layers), -1).any(axis=1)) if layers else ()
    return {
        "name": one.name,
        "badge": badge(one),
        "note": note(one),
        "score": one.evidence.score,
        "warning": one.evidence.warning or "",
        "layers": [int(i) for i in acting],
    }


def units(edit: Edit, space: LatentSpace, conditions: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Say of each direction how long one sigma of it is, under the conditions in force."""
    steps = edit.moves.reshape(-1, *space.latent_shape)
    found = [space.size_of_step(step, conditions) for step in steps]
    return [{"size": size, "words": words} for size, words in found]
