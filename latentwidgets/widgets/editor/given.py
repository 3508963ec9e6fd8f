"""What an editor is given to move along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from latentwidgets.common.items import check_items
from latentwidgets.directions import Direction, Directions
from latentwidgets.directions.fitting import fitted
from latentwidgets.errors import LatentTypeError, LatentValueError

if TYPE_CHECKING:
    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["directions_of"]

MOST_DIRECTIONS = 256


def directions_of(given: Any, space: LatentSpace) -> Directions:
    """Check that these are directions of a space, and spread those of one layer over all of them.

    Parameters
    ----------
    given : Direction or iterable of Direction
        What was given.
    space : LatentSpace
        The space.

    Returns
    -------
    Directions
        At most `MOST_DIRECTIONS`.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are something else, or of another space.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> space = lw.LatentSpace(lambda z: z, 2, value_range=(0, 1))
    >>> directions_of(Direction("x", [1.0, 0.0]), space).names
    ('x',)
    """
    if isinstance(given, Direction):
        given = [given]
    if not isinstance(given, Iterable) or isinstance(given, (str, Mapping)):
        raise LatentTypeError(
            f"directions are a {type(given).__name__}; expected what pca_directions or "
            "probe_directions return, or a list of Direction."
        )
    if hasattr(given, "__array__"):
        shape = getattr(given, "shape", ())
        raise LatentTypeError(
            f"directions are an array of shape {tuple(shape)}; expected directions, after "
            "the base. Of a vector of your own make one: Direction('name', vector)."
        )
    if not isinstance(given, Directions):
        given = check_items(given, "directions are", "directions")
    directions = fitted(given, space)
    if directions.latent_shape != space.latent_shape:
        raise LatentValueError(
            f"directions move latents of shape {directions.latent_shape}; this space takes "
            f"latents of shape {space.latent_shape}. Find them in latents of this space, "
            "or in weights of (outputs, latent_size)."
        )
    if len(directions) > MOST_DIRECTIONS:
        raise LatentValueError(
            f"there are {len(directions)} directions; expected {MOST_DIRECTIONS} at most. Pass "
            f"some, such as directions[:{MOST_DIRECTIONS}]."
        )
    return directions
