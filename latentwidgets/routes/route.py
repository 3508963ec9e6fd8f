"""`Route`: what paths, grids, edits and maps are, a function from coordinates to latents.

A widget's controls hold coordinates; its route says which latents they stand for. A route is a
value: it never changes, so that a widget replaces it as a whole and threads may share it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from latentwidgets.errors import LatentWidgetsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Bounds", "Coordinates", "Route", "StaleError", "digest_of"]

# The numbers that a widget's controls hold, such as (t,) for a path.
Coordinates: TypeAlias = tuple[float, ...]
# The least and the most of each coordinate.
Bounds: TypeAlias = tuple[tuple[float, float], ...]


class StaleError(LatentWidgetsError):
    """Coordinates that mean nothing any more: their route was replaced, or has forgotten them."""


class Route(Protocol):
    """A function from coordinates to latents."""

    @property
    def bounds(self) -> Bounds:
        """The least and the most of each coordinate."""

    @property
    def takes_empty(self) -> bool:
        """Whether no coordinates, ``()``, stand for the latents before any control was moved."""

    @property
    def digest(self) -> str:
        """Names the route: the same in every session for equal routes, another for any other."""

    def latents(self, positions: Sequence[Coordinates], /) -> NDArray[np.float32]:
        """Return the latents at p positions.

        Parameters
        ----------
        positions : sequence of tuple of float
            Coordinates within the bounds.

        Returns
        -------
        ndarray
            float32 ``(p, *latent_shape)``; ``(p, n, *latent_shape)`` where n latents are shown
            together at each position.

        Raises
        ------
        StaleError
            If the route does not know a position any more.
        """

    def words(self, at: Coordinates, /) -> str:
        """Say in words where some coordinates are."""


def digest_of(*parts: NDArray[np.generic] | str) -> str:
    """Name contents by a short digest, the same in every session and on every machine.

    Parameters
    ----------
    *parts : ndarray or str
        What is named: arrays with their shape and dtype, and words.

    Returns
    -------
    str
        24 hexadecimal digits.

    Examples
    --------
    >>> digest_of(np.zeros(2), "slerp")
    'ffe038f1a5022ca1d88eff19'
    """
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        if isinstance(part, str):
            digest.update(f"{part};".encode())
        else:
            digest.update(f"{part.dtype.str}{part.shape};".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()
