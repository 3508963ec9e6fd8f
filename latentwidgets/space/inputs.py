"""What a person passes for latents: latents, or images and texts that the space encodes.

This is the only place that decides which of these something is, and whether it is one or several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image

from latentwidgets.common.checks import real_array
from latentwidgets.common.wording import repeating
from latentwidgets.errors import DecodeError, LatentValueError, LatentWidgetsError
from latentwidgets.kinds.text import holds_texts
from latentwidgets.space.latents import check_latents, repeated

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from numpy.typing import NDArray

    from latentwidgets.space.latent_space import LatentSpace

    # A space, or where there is none the shape of its latents: then nothing is encoded.
    Where: TypeAlias = LatentSpace | tuple[int, ...]
    Values: TypeAlias = Mapping[str, Any] | None

__all__ = ["anchors_from", "latents_from", "one_latent", "one_or_several", "shape_of"]


def latents_from(
    where: Where, given: Any, what: str, *, conditions: Values = None
) -> NDArray[np.float32]:
    """Take latents as they are, and encode what is images or texts.

    Parameters
    ----------
    where : LatentSpace or tuple of int
        The space the latents belong to; where there is none, the shape of a latent.
    given : array_like
        Latents, ``(n, *latent_shape)``; or, where the space encodes, what `LatentSpace.encode`
        takes, such as a list of PIL images, or of texts.
    what : str
        What to call them in messages.
    conditions : mapping of str to value, optional
        Under which what is no latent is encoded, one value each. Those that are left out have
        their default.

    Returns
    -------
    ndarray
        float32 ``(n, *latent_shape)``.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are neither.
    DecodeError
        If the encoder fails at images.

    Examples
    --------
    >>> latents_from((2,), [[1, 2], [3, 4]], "latents").shape
    (2, 2)
    """
    if isinstance(where, tuple):
        return _of_shape(where, given, what)
    if holds_texts(given) and where.can_encode:
        return where.encode(given, where.conditions.settled(conditions))
    array = _stacked(given, what)
    if array.shape[1:] == where.latent_shape or array.ndim < 2:
        return where.check(array, what)
    if not where.can_encode:
        try:
            return where.check(array, what)
        except LatentValueError as error:
            msg = f"{error} To pass images, make the space with encode=..."
            raise LatentValueError(msg) from error
    # Outside of `try`: a condition that is wrong says nothing about the images.
    under = where.conditions.settled(conditions)
    try:
        return where.encode(array, under)
    except DecodeError:
        raise  # the encoder took them for images, and what went wrong there is what counts
    except LatentWidgetsError as error:
        raise LatentValueError(
            f"{what} have shape {array.shape}: neither latents of this space, which have shape "
            f"{where.latent_shape}, nor images that it encodes. {error}"
        ) from error


def anchors_from(
    space: LatentSpace, given: Any, *, conditions: Values = None
) -> NDArray[np.float32]:
    """Take the anchors of a path, as `latents_from` takes latents; say so where it is a single one.

    Raises
    ------
    LatentTypeError, LatentValueError, DecodeError
        As `latents_from`.
    """
    if shape_of(given) == space.latent_shape and not holds_texts(given):
        raise LatentValueError(
            f"anchors have shape {space.latent_shape}: that is one latent; a path takes two or "
            "more. Stack them, np.stack([first, second])."
        )
    return latents_from(space, given, "anchors", conditions=conditions)


def one_latent(
    where: Where, given: Any, what: str = "latent", *, conditions: Values = None
) -> NDArray[np.float32]:
    """Take one latent as it is, and encode what is one image or text.

    Parameters
    ----------
    where : LatentSpace or tuple of int
        The space it belongs to; where there is none, the shape of a latent.
    given : array_like
        One latent, or, where the space encodes, one image or text.
    what : str
        What to call it in messages.
    conditions : mapping of str to value, optional
        Under which what is no latent is encoded, one value each. Those that are left out have
        their default.

    Returns
    -------
    ndarray
        float32 ``latent_shape``.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it is neither.
    DecodeError
        If the encoder fails at an image.

    Examples
    --------
    >>> one_latent((2,), [1, 2]).shape
    (2,)
    """
    alone = _alone(where, given, what, conditions)
    if alone is not None:
        return alone
    array = real_array(given, what)
    if array.shape[1:] == _latent_shape(where) or not _can_encode(where):
        raise LatentValueError(
            f"{what} has shape {array.shape}; expected one latent, {_latent_shape(where)}. Pass "
            f"one, such as latents[0].{_repeating(array.shape, _latent_shape(where), what)}"
        )
    images = array[np.newaxis]
    encoded: NDArray[np.float32] = latents_from(where, images, what, conditions=conditions)[0]
    return encoded


def one_or_several(
    where: Where, given: Any, what: str, *, conditions: Values = None
) -> NDArray[np.float32]:
    """Take one latent or several, or encode what is one image or text or several.

    Parameters
    ----------
    where : LatentSpace or tuple of int
        The space they belong to; where there is none, the shape of a latent.
    given : array_like
        What `one_latent` or `latents_from` takes.
    what : str
        What to call them in messages.
    conditions : mapping of str to value, optional
        Under which what is no latent is encoded, one value each. Those that are left out have
        their default.

    Returns
    -------
    ndarray
        float32 ``latent_shape`` where it is one, else ``(n, *latent_shape)``.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are none of these.
    DecodeError
        If the encoder fails at images.

    Examples
    --------
    >>> one_or_several((2,), [1, 2], "base").shape, one_or_several((2,), [[1, 2]], "base").shape
    ((2,), (1, 2))
    """
    alone = _alone(where, given, what, conditions)
    if alone is not None:
        return alone
    latent_shape, shape = _latent_shape(where), shape_of(given)
    images = _can_encode(where) and len(shape) > 1
    texts = _can_encode(where) and holds_texts(given)
    if len(shape) == len(latent_shape) and not images and not texts:
        raise LatentValueError(
            f"{what} have shape {shape}; expected one latent, {latent_shape}, or several, "
            f"(n, {', '.join(map(str, latent_shape))}).{_repeating(shape, latent_shape, what)}"
        )
    try:
        return latents_from(where, given, what, conditions=conditions)
    except DecodeError:
        raise
    except LatentWidgetsError:
        if images:
            try:
                image = real_array(given, what)[np.newaxis]
                one: NDArray[np.float32]
                [one] = latents_from(where, image, what, conditions=conditions)
                return one
            except DecodeError:
                raise  # it is one image, at which the encoder fails
            except LatentWidgetsError:
                pass  # the first error says more
        raise


def _alone(where: Where, given: Any, what: str, conditions: Values) -> NDArray[np.float32] | None:
    """Take what is certainly one latent, image or text; give None for anything else."""
    one: NDArray[np.float32]
    if isinstance(given, (PIL.Image.Image, str)):
        one = latents_from(where, [given], what, conditions=conditions)[0]
    elif shape_of(given) == _latent_shape(where) and not holds_texts(given):
        one = latents_from(where, real_array(given, what)[np.newaxis], what)[0]
    else:
        return None
    return one


def _of_shape(latent_shape: tuple[int, ...], given: Any, what: str) -> NDArray[np.float32]:
    """Take latents of one shape."""
    array = _stacked(given, what)
    if array.shape[1:] != latent_shape:
        raise LatentValueError(
            f"{what} has shape {array.shape}; expected (m, {', '.join(map(str, latent_shape))})."
            f"{repeated(array.shape, latent_shape, what)}"
        )
    return check_latents(array, latent_shape, what)


def _stacked(given: Any, what: str) -> NDArray[Any]:
    """Make one array of what is given, and say how the parts of a list differ in shape."""
    if isinstance(given, (list, tuple)) and any(hasattr(one, "__array__") for one in given):
        arrays = [real_array(one, what) for one in given]
        shapes = sorted({array.shape for array in arrays})
        if len(shapes) > 1:
            raise LatentValueError(f"{what} differ in shape: {shapes}. Give all of them one shape.")
        given = np.stack(arrays)
    return real_array(given, what)


def _latent_shape(where: Where) -> tuple[int, ...]:
    return where if isinstance(where, tuple) else where.latent_shape


def _can_encode(where: Where) -> bool:
    return not isinstance(where, tuple) and where.can_encode


def shape_of(given: Any) -> tuple[int, ...]:
    """Give the shape of something; an empty one where it has none."""
    try:
        return tuple(np.shape(given))
    except Exception:  # an object's own `__array__` may raise anything
        return ()


def _repeating(shape: tuple[int, ...], latent_shape: tuple[int, ...], what: str) -> str:
    return repeating(what if what.isidentifier() else "latent", shape, latent_shape)
