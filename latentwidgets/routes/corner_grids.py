"""Grids between four latents: corners and analogies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.common.checks import check_one_of, check_whole
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.gaussian import check_law, combined, known, prior_in, quarter_turn
from latentwidgets.routes.grid import MOST_CELLS, Axis, Grid
from latentwidgets.routes.segments import lerp, slerp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from latentwidgets.routes.grid import Latents, Places
    from latentwidgets.space.latent_source import LatentSource

__all__ = ["analogy", "corners"]

# How to go between two corners.
BETWEEN_CORNERS = {"slerp": slerp, "lerp": lerp}


def corners(
    latents: Latents,
    *,
    n: int = 7,
    method: str = "slerp",
    names: Sequence[str] = "ABCD",
    space: LatentSource | None = None,
) -> Grid:
    """Fill the space between four latents.

    Parameters
    ----------
    latents : ndarray of float32, shape (4, *latent_shape)
        Top left, top right, bottom left, bottom right.
    n : int
        How many rows and columns.
    method : {"slerp", "lerp", "gaussian"}
        How to go between two, along the rows first, then between them; "lerp" is bilinear.
        "gaussian" takes all four at once, as `Path` takes two.
    names : sequence of str
        What to call the four.
    space : LatentSource, optional
        Whose prior "gaussian" keeps; standard normals if None.

    Returns
    -------
    Grid
        Continuous.

    Examples
    --------
    >>> four = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
    >>> corners(four, method="lerp").latents([[3, 3]]).tolist()
    [[0.5, 0.5]]
    """
    if len(latents) != 4:
        raise LatentValueError(f"there are {len(latents)} latents; expected one for each corner.")
    check_one_of(method, "method", (*BETWEEN_CORNERS, "gaussian"))
    count = check_whole(n, "n", least=2, most=math.isqrt(MOST_CELLS))
    last = count - 1
    where = ((0, 0), (0, last), (last, 0), (last, last))
    ticks = tuple(float(i / last) for i in range(count))
    latents_at: Corners | GaussianCorners = Corners(latents, method, count)
    if method == "gaussian":
        prior = known(prior_in(space, latents.shape[1:]), "method 'gaussian'")
        check_law(latents, prior, closed=False, every=True)
        latents_at = GaussianCorners(latents, prior.mean, count)
    return Grid(
        Axis(count, title="down", ticks=ticks),
        Axis(count, title="across", ticks=ticks),
        latents_at,
        continuous=True,
        marks=dict(zip(where, names, strict=True)),
    )


def analogy(a: Latents, b: Latents, c: Latents, *, n: int = 5) -> Grid:
    """Fill the space between a, b, c and what is to c as b is to a: ``c + b - a``.

    Parameters
    ----------
    a, b, c : ndarray of float32, shape latent_shape
        Top left, top right, bottom left.
    n : int
        How many rows and columns; 2 for the four alone.

    Returns
    -------
    Grid
        Continuous.

    References
    ----------
    White 2016, "Sampling generative networks" (arXiv 1609.04468), calls it a J-diagram.

    Examples
    --------
    >>> a, b, c = np.float32([[0, 0], [1, 0], [0, 1]])
    >>> analogy(a, b, c, n=2).latents()[-1].tolist()
    [1.0, 1.0]
    """
    four = np.stack([a, b, c, c + b - a])
    return corners(four, n=n, method="lerp", names=("a", "b", "c", "c + b − a"))


@dataclass(frozen=True, eq=False)
class Corners:
    """What lies between four latents: along the upper and lower edge first, then between them."""

    latents: Latents
    method: str
    count: int

    def __call__(self, places: Places) -> NDArray[np.floating]:
        """Return the latents at some places."""
        between = partial(BETWEEN_CORNERS[self.method], latent_ndim=self.latents.ndim - 1)
        found = np.empty((len(places), *self.latents.shape[1:]))
        for i, (down, across) in enumerate(places / (self.count - 1)):
            top = between(self.latents[0], self.latents[1], across)
            bottom = between(self.latents[2], self.latents[3], across)
            found[i] = between(top, bottom, down)
        return found


@dataclass(frozen=True, eq=False)
class GaussianCorners:
    """What lies between four normal latents: all four at once, by weights whose norm is 1."""

    latents: Latents
    mean: NDArray[np.float64]
    count: int

    def __call__(self, places: Places) -> NDArray[np.floating]:
        """Return the latents at some places."""
        down, across = (
            (places / (self.count - 1)).reshape(-1, 2, *(1,) * self.mean.ndim).swapaxes(0, 1)
        )
        (top, bottom), (left, right) = quarter_turn(down), quarter_turn(across)
        weights = (top * left, top * right, bottom * left, bottom * right)
        found: NDArray[np.floating] = combined(weights, self.latents, self.mean)
        for weight, corner in zip(weights, self.latents, strict=True):
            found[weight.ravel() == 1] = corner  # exactly, whatever rounding the mean brings
        return found
