"""What a map is given: what to show, and where to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentwidgets.common.checks import real_array, to_float32
from latentwidgets.errors import LatentTypeError
from latentwidgets.space.as_space import as_space
from latentwidgets.space.held import held_by
from latentwidgets.space.inputs import latents_from
from latentwidgets.widgets.map.fitted_projections import takes_long

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["WHERE", "shown_in", "start_in"]

# Three ways to say where on the map to begin.
WHERE = ("index", "value", "latent")


def start_in(traits: dict[str, Any], projection: Any) -> tuple[Any, dict[str, Any]]:
    """Say how a map begins.

    Parameters
    ----------
    traits : dict
        Traits that a person passed. The one that says where to begin is taken out.
    projection : object
        The projection that they passed.

    Returns
    -------
    projection : object
        The one to open with: "pca" in place of one that takes long, unless where to begin is said
        in its own units.
    start : dict
        What to set once the map is open: where to begin, the first latent unless it is said, and a
        projection that takes long.

    Raises
    ------
    LatentTypeError
        If where to begin is said twice.
    """
    given = [name for name in WHERE if traits.get(name) is not None]
    start = {name: traits.pop(name) for name in given} or {"index": 0}
    if len(start) > 1:
        raise LatentTypeError(f"{' and '.join(start)} say one thing; pass one of them.")
    if takes_long(projection) and "value" not in start:
        return "pca", {**start, "projection": projection}
    return projection, start


def shown_in(
    space: Any, latents: Any, labels: Any, conditions: Any
) -> tuple[LatentSpace | None, NDArray[np.float32], Any]:
    """Say what a map shows, of what a person passed.

    Parameters
    ----------
    space, latents, labels, conditions : object
        As `LatentMap` takes them.

    Returns
    -------
    space : LatentSpace or None
        What decodes; None where nothing does.
    latents : ndarray of float32, shape (n, *latent_shape)
        A copy that nobody can change.
    labels : object
        As they were passed, or else those of the space's data; None where there are none.

    Raises
    ------
    LatentTypeError, LatentValueError
        If one of these cannot be used.
    """
    if latents is None:
        held = held_by(space)
        latents, labels = held.rows("latents"), held.labels if labels is None else labels
    if space is not None:
        space = as_space(space)
        latents = latents_from(space, latents, "latents", conditions=conditions)
    copied = to_float32(real_array(latents, "latents"), "latents").copy()
    copied.flags.writeable = False
    return space, copied, labels
