"""Ways that are bent: between two anchors a spline through latents of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.wording import brief, near_miss
from latentwidgets.errors import LatentValueError
from latentwidgets.routes.segments import INTERPOLATIONS, real_floats, spline

if TYPE_CHECKING:
    from latentwidgets.routes.segments import Float64, Floats, Piece, Rows

__all__ = ["METHODS", "bent", "check_bends", "check_method"]

# How a path can run: as a person names it, or as `latentwidgets.analysis.geodesic` has found it.
METHODS = (*INTERPOLATIONS, "geodesic")


def check_method(method: Any, bends: Any) -> None:
    """Refuse what is no way to join anchors, and bends that are too few or too many.

    Raises
    ------
    LatentValueError
        If it is so.
    """
    if not isinstance(method, str) or method not in METHODS:
        meant = near_miss(method.lower() if isinstance(method, str) else "", METHODS)
        raise LatentValueError(
            f"unknown method {brief(method)}.{meant} "
            f"Expected one of {', '.join(map(repr, INTERPOLATIONS))}."
        )
    if (method == "geodesic") != (bends is not None):
        raise LatentValueError(
            f"method {method!r} comes {'without' if bends is None else 'with'} bends; a geodesic "
            "needs them, and no other method takes them. Take the path that "
            "lw.analysis.geodesic(space, a, b) returns."
        )


def check_bends(given: Any, segments: int, latent_shape: tuple[int, ...]) -> Floats:
    """Take the latents that bend each segment; give a read-only copy.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they are anything else.

    Examples
    --------
    >>> check_bends([[[0.5, 1.0]], [[1.0, 0.5]]], 2, (2,)).shape
    (2, 1, 2)
    """
    bends = real_floats(given, "bends")
    if bends.shape[:1] + bends.shape[2:] != (segments, *latent_shape) or not bends.size:
        wanted = ", ".join(map(str, (segments, "k", *latent_shape)))
        raise LatentValueError(
            f"bends have shape {bends.shape}; expected ({wanted}), as many latents between any two "
            "anchors that follow each other. lw.analysis.geodesic makes such paths."
        )
    bends.setflags(write=False)
    return bends


def bent(points: Floats, bends: Floats) -> Piece:
    """Join rows of `points` by natural splines, each through as many bends, evenly spaced.

    Examples
    --------
    >>> piece = bent(np.array([[0.0], [2.0]]), np.array([[[3.0]]]))
    >>> piece(np.array([[0.0], [0.5], [1.0]]), np.zeros(3, int)).tolist()
    [[0.0], [3.0], [2.0]]
    """
    segments, count = len(bends), bends.shape[1] + 1
    flat = bends.reshape(segments, count - 1, -1)
    ways = [
        spline(np.concatenate([points[i : i + 1], flat[i], points[i + 1 : i + 2]]), closed=False)
        for i in range(segments)
    ]

    def piece(t: Float64, rows: Rows) -> Float64:
        which = np.broadcast_to(np.arange(segments)[rows], t.shape[:-1])
        place = t * count
        part = np.clip(np.floor(place), 0, count - 1).astype(np.intp)
        found = np.empty((*which.shape, points.shape[-1]))
        for i in np.unique(which):
            here = which == i
            found[here] = ways[i]((place - part)[here], part[here][..., 0])
        return found

    return piece
