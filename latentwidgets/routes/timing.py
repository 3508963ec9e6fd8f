"""The timing of a path: where it is at which t, if not every segment takes the same share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.checks import check_finite, real_array
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from latentwidgets.routes.segments import Float64

__all__ = ["check_timing", "pace", "placed"]


def check_timing(given: Any) -> Float64:
    """Take a row of t and a row of places, both rising from 0 to 1; give a read-only copy.

    Raises
    ------
    LatentTypeError, LatentValueError
        If it is anything else.

    Examples
    --------
    >>> check_timing([[0, 0.9, 1], [0, 0.5, 1]]).shape
    (2, 3)
    """
    rows = real_array(given, "timing").astype(np.float64)
    if rows.ndim != 2 or len(rows) != 2 or rows.shape[1] < 2:
        raise LatentValueError(
            f"timing has shape {rows.shape}; expected (2, k): a row of t, and a row of places."
        )
    check_finite(rows, "timing")
    ends = rows[:, [0, -1]]
    if (np.diff(rows) <= 0).any() or (ends != [0.0, 1.0]).any():
        raise LatentValueError(
            f"timing goes from {ends[:, 0].tolist()} to {ends[:, 1].tolist()}; expected two rows "
            "that rise from 0 to 1 without a pause."
        )
    rows.setflags(write=False)
    return rows


def placed(t: Float64, timing: Float64 | None) -> Float64:
    """Give the places at every t, ``(n,)``; beyond the ends they go on at the last pace.

    Examples
    --------
    >>> placed(np.array([-0.1, 0.45, 1.0]), np.array([[0, 0.9, 1], [0, 0.45, 1]])).tolist()
    [-0.05, 0.225, 1.0]
    """
    if timing is None:
        return t
    inside = np.clip(t, 0.0, 1.0)
    place: Float64 = np.interp(inside, *timing) + (t - inside) * pace(t, timing)
    return place


def pace(t: Float64, timing: Float64 | None) -> Float64:
    """Give how fast places change with t, at every t: that just after it.

    Examples
    --------
    >>> pace(np.array([0.0, 0.9, 1.0]), np.array([[0, 0.8, 1], [0, 0.4, 1]])).round(3).tolist()
    [0.5, 3.0, 3.0]
    """
    if timing is None:
        return np.ones_like(t)
    slopes = np.diff(timing[1]) / np.diff(timing[0])
    part = np.searchsorted(timing[0], t, side="right") - 1
    found: Float64 = slopes[np.clip(part, 0, len(slopes) - 1)]
    return found
