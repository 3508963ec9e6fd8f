"""What an editor is given: what to move, and along what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from latentwidgets.common.items import check_items
from latentwidgets.common.wording import brief, hint
from latentwidgets.directions import Direction, Directions
from latentwidgets.directions.fitting import fitted
from latentwidgets.directions.layered import line_between
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.space.inputs import one_or_several

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["bases_of", "check_names", "directions_of"]

MOST_DIRECTIONS, MOST_BASES = 256, 16


def bases_of(
    given: Any, space: LatentSpace, what: str, conditions: Mapping[str, Any]
) -> NDArray[np.float32]:
    """Check latents to edit; images and texts are encoded.

    Parameters
    ----------
    given : array_like, image, text or list of these
        One or several.
    space : LatentSpace
        The space.
    what : str
        What they are called in messages.
    conditions : mapping of str to value
        Under which is encoded.

    Returns
    -------
    ndarray
        ``latent_shape``, or ``(n, *latent_shape)`` of at most `MOST_BASES`.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they cannot be used.

    Examples
    --------
    >>> import latentwidgets as lw
    >>> space = lw.LatentSpace(lambda z: z, 2, value_range=(0, 1))
    >>> bases_of([[0.0, 1.0]], space, "latents", {}).shape
    (1, 2)
    """
    latents = one_or_several(space, given, what, conditions=conditions)
    if latents.shape != space.latent_shape and len(latents) > MOST_BASES:
        raise LatentValueError(
            f"there are {len(latents)} {what}; expected {MOST_BASES} at most. Pass some, such "
            f"as latents[:{MOST_BASES}]."
        )
    return latents


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
            f"{line_between('direction', directions.latent_shape, space.latent_shape)}"
        )
    if len(directions) > MOST_DIRECTIONS:
        raise LatentValueError(
            f"there are {len(directions)} directions; expected {MOST_DIRECTIONS} at most. Pass "
            f"some, such as directions[:{MOST_DIRECTIONS}]."
        )
    return directions


def check_names(given: Iterable[Any], directions: Directions | None, what: str) -> None:
    """Refuse what is no name of a direction.

    Parameters
    ----------
    given : iterable of str
        The names.
    directions : Directions or None
        The directions; None where there are none yet.
    what : str
        What the names are of, in messages.

    Raises
    ------
    LatentValueError
        If one is no name; it says which is near.
    """
    names = () if directions is None else directions.names
    for name in given:
        if not isinstance(name, str) or name not in names:
            raise LatentValueError(
                f"{what} names {brief(name)}; expected names of directions. {hint(name, names)}"
            )
