"""How far a model's reconstruction of an item is from the item itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.progress import progress
from latentwidgets.errors import LatentValueError
from latentwidgets.kinds.shared.table import kind_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from latentwidgets.routes.distances import Distance

__all__ = ["numbers_of", "reconstruction_errors"]

# So many are decoded at a time, so that large pictures fit in memory.
BLOCK = 256


def reconstruction_errors(
    space: Any,
    items: Any,
    latents: NDArray[np.float32],
    how: Distance,
    conditions: Mapping[str, Any],
) -> NDArray[np.float64]:
    """Measure how far what latents decode to is from the items that were encoded to them.

    Parameters
    ----------
    space : LatentSpace
        What decodes.
    items : sequence
        As ``space.encode`` takes them.
    latents : ndarray
        What it encodes them to, ``(n, *latent_shape)``.
    how : Distance
        How two outputs are compared.
    conditions : mapping of str to value
        Under which is decoded, one value each.

    Returns
    -------
    ndarray
        float64 ``(n,)``.

    Raises
    ------
    LatentValueError
        If the encoder takes items of another shape than the decoder returns.
    DecodeError
        If the decoder raises.
    """
    found: list[NDArray[np.float64]] = []
    levels = None
    for i in progress(range(0, len(latents), BLOCK), "reconstructing"):
        decoded = space.decode(latents[i : i + BLOCK], conditions, raw=True)
        seen = _as_decoded(space, items[i : i + BLOCK], decoded.shape[1:])
        levels = levels if found else _levels(space)
        given = _scaled(space, seen, levels)
        found.append(how.between(given, decoded))
    return np.concatenate(found)


def numbers_of(space: Any, items: Any, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Give items that a space encodes as the numbers that its decoder would have returned for them.

    Parameters
    ----------
    space : LatentSpace
        Whose kind of output is made of numbers.
    items : sequence
        As ``space.encode`` takes them.
    shape : tuple of int
        The shape of one output of ``space.decode(..., raw=True)``.

    Returns
    -------
    ndarray
        float32 ``(n, *shape)``.

    Raises
    ------
    LatentValueError
        If the encoder takes items of another shape.

    Examples
    --------
    >>> from latentwidgets import LatentSpace
    >>> space = LatentSpace(
    ...     lambda z: 2 * z - 1, (8, 8), lambda x: x, value_range=(-1, 1), encode_range=(0, 1)
    ... )
    >>> numbers_of(space, np.full((1, 8, 8), 0.75), (8, 8))[0, 0, 0]
    np.float32(0.5)
    """
    return _scaled(space, _as_decoded(space, items, shape), _levels(space))


def _as_decoded(space: Any, items: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Give items as the encoder takes them, in the shape of outputs."""
    seen = _as_encoded(space, items)
    flat = 1 in (seen.ndim - 1, len(shape)) and seen[0].size == np.prod(shape)
    if seen.shape[1:] != shape and not flat:
        raise LatentValueError(
            f"{space.name} encodes items of shape {seen.shape[1:]} and decodes to {shape}; "
            "expected one shape, to compare them. Pass distance=None to leave reconstruction out."
        )
    return seen.reshape(len(seen), *shape)


def _scaled(
    space: Any, seen: NDArray[np.float64], levels: tuple[float, float] | None
) -> NDArray[np.float32]:
    if levels is not None:
        black, white = levels
        low, high = space.value_range
        if (black, white) != (low, high):
            seen = (seen - black) * ((high - low) / (white - black)) + low
    return seen.astype(np.float32)


def _levels(space: Any) -> tuple[float, float] | None:
    """Say what the encoder takes for black and white; None where outputs are no pictures.

    It need not be what the decoder returns for them.
    """
    if not kind_named(space.kind).has_pixels:
        return None
    height, width = space.decode(space.sample(1)).shape[1:3]
    pictures = [np.full((1, height, width), level, np.uint8) for level in (0, 255)]
    black, white = (float(_as_encoded(space, one).mean()) for one in pictures)
    return black, white


def _as_encoded(space: Any, items: Any) -> NDArray[np.float64]:
    """Give items as the encoder of a space takes them."""
    taken: list[NDArray[np.float64]] = []

    def take(batch: Any, **_conditions: Any) -> NDArray[np.float32]:
        taken.append(np.asarray(batch, np.float64))
        return np.zeros((len(batch), *space.latent_shape), np.float32)

    # What an encoder of the same space would get is read, and laid out, by the space itself.
    space.replace(encode=take, batch_size=max(1, len(items))).encode(items)
    return np.concatenate(taken)[: len(items)]
