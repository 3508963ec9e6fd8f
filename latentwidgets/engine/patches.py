"""Patches of pictures: what is around a point, shifted, and found again in another picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Point = NDArray[np.float64]
    Pixel = NDArray[np.int64]

__all__ = ["Patch", "found_at", "shift_wanted"]

# How far around its middle a patch reaches, as a share of the shorter side of the picture, and in
# how many of its own spreads its weights fade out on the way.
REACH, SPREADS = 0.2, 2.0
FEWEST_PIXELS = 3


class Patch:
    """The pixels around a point, weighted by a bell: those in the middle count most.

    Parameters
    ----------
    middle : ndarray
        x and y of the point, in pixels; 0, 0 is the middle of the first one.
    picture_shape : tuple of int
        Height, width and channels.

    Attributes
    ----------
    middle : ndarray of int
        x and y of the pixel in the middle.
    weights : ndarray
        ``(side, side, 1)``, at most 1.

    Examples
    --------
    >>> patch = Patch(np.array([2.0, 0.0]), (8, 8, 1))
    >>> patch.cut(np.arange(64.0).reshape(8, 8, 1))[3, :, 0].tolist()
    [0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    """

    def __init__(self, middle: Point | Pixel, picture_shape: tuple[int, ...]) -> None:
        height, width = picture_shape[:2]
        reach = max(FEWEST_PIXELS, round(REACH * min(height, width)))
        self.middle: Pixel = np.rint(middle).astype(np.int64)
        offsets = np.arange(-reach, reach + 1)
        bell = np.exp(-0.5 * (SPREADS * offsets / reach) ** 2)
        self.weights: NDArray[np.float64] = (bell[:, np.newaxis] * bell)[..., np.newaxis]
        # Beyond its border a picture goes on as it ends.
        self._rows = np.clip(self.middle[1] + offsets, 0, height - 1)
        self._columns = np.clip(self.middle[0] + offsets, 0, width - 1)

    def cut(self, pictures: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cut the patch out of pictures, ``(..., height, width, channels)``."""
        return pictures[..., self._rows[:, np.newaxis], self._columns, :]


def shift_wanted(picture: NDArray[np.float64], patch: Patch, step: Point) -> NDArray[np.float64]:
    """Give how a patch has to change for what is in it to move by a step, in pixels.

    From half a step behind to half a step ahead: of that, nothing is left of how a picture is bent,
    which would be taken for brightness.

    Examples
    --------
    >>> ramp = np.tile(np.arange(16.0), (16, 1))[..., np.newaxis]
    >>> shift_wanted(ramp, Patch(np.array([8.0, 8.0]), ramp.shape), np.array([0.5, 0.0]))[0, 3]
    array([-0.5])
    """
    from scipy.ndimage import shift

    half = np.array([step[1], step[0], 0]) / 2
    ahead, behind = (shift(picture, way, order=1, mode="nearest") for way in (half, -half))
    return patch.cut(ahead - behind)


def found_at(
    before: NDArray[np.float64], grabbed: Point, now: NDArray[np.float64], guess: Point, most: float
) -> tuple[Point, float]:
    """Find again, in another picture, what lay around a point.

    Parameters
    ----------
    before, now : ndarray
        Pictures, ``(height, width, channels)``.
    grabbed : ndarray
        The point in `before`: x and y, in pixels.
    guess : ndarray
        Where it may be by now.
    most : float
        How far from there it is looked for, in pixels.

    Returns
    -------
    point : ndarray
        Where it looks most alike, by the squared differences of weighted pixels.
    unlike : float
        How unlike it is there: 0 for the same, 1 for as unlike as its own mean colour.

    Examples
    --------
    >>> row = np.arange(32)
    >>> def spot(x):
    ...     return np.exp(-((row - x) ** 2 + (row[:, None] - 16) ** 2) / 18)[..., None]
    >>> grabbed, guess = np.array([14.0, 16.0]), np.array([15.0, 16.0])
    >>> point, unlike = found_at(spot(14), grabbed, spot(16.5), guess, 4)
    >>> point.round(1).tolist(), unlike < 0.1
    ([16.5, 16.0], True)
    """
    first = Patch(grabbed, before.shape)
    pattern, weights = first.cut(before), first.weights
    mean = (weights * pattern).sum((0, 1)) / weights.sum()
    spread = float((weights * (pattern - mean) ** 2).sum())
    middle = np.rint(guess + first.middle - grabbed).astype(np.int64)
    reach = int(np.ceil(most)) + 1
    side = 2 * reach + 1
    costs = np.empty((side, side))
    for row in range(side):
        for column in range(side):
            there = Patch(middle + np.array([column - reach, row - reach]), now.shape)
            costs[row, column] = (weights * (there.cut(now) - pattern) ** 2).sum()
    inside = costs[1:-1, 1:-1]
    best = np.array(np.unravel_index(inside.argmin(), inside.shape)) + 1
    row, column = (int(one) for one in best)
    fine = (_lowest(costs[row, column - 1 : column + 2]), _lowest(costs[row - 1 : row + 2, column]))
    point = middle + (column - reach, row - reach) + fine - (first.middle - grabbed)
    return point, float(costs[row, column] / spread) if spread > 0 else np.inf


def _lowest(three: NDArray[np.float64]) -> float:
    """Say where a parabola through three neighbouring numbers is lowest, from the middle one."""
    left, here, right = three.tolist()
    bend = left - 2 * here + right
    return 0.5 * (left - right) / bend if bend > 0 else 0.0
