"""Directions found in one layer's latents, on spaces of several layers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from latentwidgets.common.wording import brief, repeating
from latentwidgets.directions.direction import Direction
from latentwidgets.directions.directions import Directions, several
from latentwidgets.directions.layered import line_between, may_be_a_layer, row_shapes
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["fitted", "fitted_one", "of_space"]


def fitted(directions: Direction | Iterable[Direction], space: LatentSpace) -> Directions:
    """Spread directions of one layer over all layers of a space; leave others as they are.

    Parameters
    ----------
    directions : Direction or iterable of Direction
        At least one.
    space : LatentSpace
        The space.

    Returns
    -------
    Directions
        All of one shape: the space's, unless they fit it in no way.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are no directions, or would fit a space that says that it has layers.
    """
    given = several(directions)
    made = [fitted_one(one, space) for one in given]
    same = all(a is b for a, b in zip(made, given, strict=True))
    return directions if isinstance(directions, Directions) and same else Directions(made)


def of_space(directions: Direction | Iterable[Direction], space: LatentSpace) -> Directions:
    """Do as `fitted` does, and refuse directions that move latents of another shape.

    Raises
    ------
    LatentTypeError, LatentValueError
        As of `fitted`, and if they do not fit the space.
    """
    given = fitted(directions, space)
    if given.latent_shape != space.latent_shape:
        raise LatentValueError(
            f"the directions move latents of shape {given.latent_shape}; this space's have "
            f"{space.latent_shape}. Find them in latents of this space."
            f"{line_between('direction', given.latent_shape, space.latent_shape)}"
        )
    return given


def fitted_one(one: Any, space: LatentSpace) -> Any:
    """Do the same with one direction; give back what is none."""
    shape = space.latent_shape
    if not isinstance(one, Direction) or one.latent_shape == shape:
        return one
    if space.layers and one.latent_shape in row_shapes(shape):
        return one.on_layers(shape)
    if not may_be_a_layer(one.latent_shape, shape):
        if one.vector.size == math.prod(shape):
            raise LatentValueError(
                f"{brief(one.name)} moves latents of shape {one.latent_shape}; this space takes "
                f"latents of shape {shape}, as many numbers in other axes. Reshape it: direction."
                f"replace(**{{name: getattr(direction, name).reshape({shape}) for name in "
                "('vector', 'readout', 'mean')})."
            )
        if line := repeating("vector", one.latent_shape, shape):
            raise LatentValueError(
                f"{brief(one.name)} moves latents of shape {one.latent_shape}; this space takes "
                f"latents of shape {shape}. Make it a direction of such latents.{line}"
            )
        return one
    raise LatentValueError(
        f"{brief(one.name)} moves latents of shape {one.latent_shape}; this space takes latents of "
        f"shape {shape}. If these are {shape[0]} layers of such latents, say so when you make the "
        "space, as_space(..., layers=True), and it acts on all of them. Or broadcast it by hand: "
        f"direction.on_layers({shape})."
    )
