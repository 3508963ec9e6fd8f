"""What people pass for latents: latents, or images and texts that the space encodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image

from latentwidgets.common.checks import real_array
from latentwidgets.errors import LatentValueError, LatentWidgetsError
from latentwidgets.kinds.text import holds_texts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from latentwidgets.space.latent_space import LatentSpace

__all__ = ["latents_from", "one_latent"]


def latents_from(space: LatentSpace, given: Any, what: str) -> NDArray[np.float32]:
    """Take latents as they are, and encode what is images or texts.

    Parameters
    ----------
    space : LatentSpace
        The space the latents belong to.
    given : array_like
        Latents, ``(n, *latent_shape)``; or, where the space encodes, what `LatentSpace.encode`
        takes, such as a list of PIL images, or of texts.
    what : str
        What to call them in messages.

    Returns
    -------
    ndarray
        float32 ``(n, *latent_shape)``.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are neither.
    """
    if holds_texts(given) and space.can_encode:
        return space.encode(given)
    if isinstance(given, (list, tuple)) and any(hasattr(one, "__array__") for one in given):
        arrays = [real_array(one, what) for one in given]
        shapes = sorted({array.shape for array in arrays})
        if len(shapes) > 1:
            raise LatentValueError(f"{what} differ in shape: {shapes}. Give all of them one shape.")
        given = np.stack(arrays)
    given = real_array(given, what)
    shape = given.shape
    if shape[1:] == space.latent_shape or len(shape) < 2:
        return space.check(given, what)
    if not space.can_encode:
        try:
            return space.check(given, what)
        except LatentValueError as error:
            msg = f"{error} To pass images, make the space with encode=..."
            raise LatentValueError(msg) from error
    try:
        return space.encode(given)
    except LatentWidgetsError as error:
        raise LatentValueError(
            f"{what} have shape {shape}: neither latents of this space, which have shape "
            f"{space.latent_shape}, nor images that it encodes. {error}"
        ) from error


def one_latent(space: LatentSpace, given: Any, what: str = "latent") -> NDArray[np.float32]:
    """Take one latent as it is, and encode what is one image or text.

    Parameters
    ----------
    space : LatentSpace
        The space it belongs to.
    given : array_like
        One latent, or, where the space encodes, one image or text.
    what : str
        What to call it in messages.

    Returns
    -------
    ndarray
        float32 ``latent_shape``.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it is neither.
    """
    if isinstance(given, (PIL.Image.Image, str)):
        alone: NDArray[np.float32] = latents_from(space, [given], what)[0]
        return alone
    array = real_array(given, what)
    if array.shape == space.latent_shape:
        checked: NDArray[np.float32] = space.check(array[np.newaxis], what)[0]
        return checked
    if array.shape[1:] == space.latent_shape or not space.can_encode:
        raise LatentValueError(
            f"{what} has shape {array.shape}; this space takes one of shape "
            f"{space.latent_shape}. Pass one latent, such as latents[0]."
        )
    encoded: NDArray[np.float32] = latents_from(space, array[np.newaxis], what)[0]
    return encoded
