"""Ways between two latents or more: `lerp`, `slerp`, `nlerp`, and what a `Path` is made of.

Plain NumPy, and nothing about models or widgets. Everything is computed in float64. Latents have
the dtype of those given if that is float32 or float64, else float32. At t = 0 and t = 1 the latent
is the one that was given, bit for bit.
"""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from latentwidgets.common.checks import check_alone, check_container, plain_array, way_to_numbers
from latentwidgets.common.keywords import checked_keywords
from latentwidgets.common.wording import brief, said
from latentwidgets.errors import LatentTypeError, LatentValueError
from latentwidgets.kinds.reading.ranges import warn_guess
from latentwidgets.space.latents import repeated

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import EllipsisType
    from typing import Any, TypeAlias

    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float32] | NDArray[np.float64]
    Float64: TypeAlias = NDArray[np.float64]
    # Which segments of a path are meant: their numbers, or all.
    Rows: TypeAlias = EllipsisType | NDArray[np.intp]
    # From the fraction of a segment before a point, and which segment, to the latent there.
    Piece: TypeAlias = Callable[[Float64, Rows], Float64]


INTERPOLATIONS = ("slerp", "lerp", "nlerp", "spline", "gaussian")


ROUNDING = float(np.finfo(np.float64).eps)


@checked_keywords
def lerp(a: ArrayLike, b: ArrayLike, t: ArrayLike, *, latent_ndim: int | None = None) -> Floats:
    """Go straight from `a` to `b`: ``(1 - t) * a + t * b``.

    Shapes, dtypes and errors are those of `slerp`.

    Examples
    --------
    >>> lerp([0.0, 0.0], [4.0, 8.0], [0.0, 0.25, 1.5]).tolist()
    [[0.0, 0.0], [1.0, 2.0], [6.0, 12.0]]
    """
    return _between("lerp", a, b, t, latent_ndim)


@checked_keywords
def slerp(a: ArrayLike, b: ArrayLike, t: ArrayLike, *, latent_ndim: int | None = None) -> Floats:
    """Go along the great circle from `a` to `b`, row by row; the norm changes linearly.

    Parameters
    ----------
    a, b : array_like
        Latents, real and finite. They broadcast against each other.
    t : array_like
        Where to be, of any shape: 0 is `a`, 1 is `b`; values outside [0, 1] extrapolate.
    latent_ndim : int, optional
        How many of the last axes are one latent. The axes before them are rows. 1 if None, so that
        (18, 512) is 18 latents: of one latent of 18 layers, which it is for `Path` and the widgets,
        pass 2. With a warning where `a` and `b` have three axes or more, and several rows.

    Returns
    -------
    ndarray
        Shape ``t.shape + broadcast(a, b).shape``; float64 if `a` or `b` is, else float32.

    Raises
    ------
    LatentTypeError
        If an argument does not hold real numbers.
    LatentValueError
        If one holds NaN or infinity, shapes do not fit, or t leads beyond what the dtype holds.

    Warns
    -----
    GuessWarning
        If `latent_ndim` is left out of arrays of three axes or more. `lerp` is the same for all,
        and does not warn.

    Notes
    -----
    - Unequal norms: the direction turns evenly, the norm is ``(1 - t) * |a| + t * |b|``. Outside
      [0, 1] both go on at the same speed; a norm that would turn negative stays 0.
    - Opposite latents (``b = -k * a`` to the dtype's rounding) lie on many great circles. We pick
      the circle through the coordinate axis where they are smallest (the first of equals), made
      perpendicular to them: the same circle for (a, b), (b, a) and (-a, -b).
    - A zero latent has no direction and takes the other's. Two zeros give zeros.
    - A latent of one number has no circle to go along: slerp and nlerp are lerp there.

    References
    ----------
    Shoemake 1985, "Animating rotation with quaternion curves", SIGGRAPH 19(3). The angle is
    Kahan's ``2 * atan2(|u - v|, |u + v|)``, accurate for every pair of directions.

    Examples
    --------
    >>> slerp([2.0, 0.0], [0.0, 4.0], 0.5).round(3).tolist()
    [2.121, 2.121]
    >>> slerp([1.0, 0.0], [-1.0, 0.0], 0.5).round(3).tolist()
    [0.0, 1.0]
    """
    return _between("slerp", a, b, t, latent_ndim)


@checked_keywords
def nlerp(a: ArrayLike, b: ArrayLike, t: ArrayLike, *, latent_ndim: int | None = None) -> Floats:
    """Take the directions of `lerp` and let the norm change linearly, so that it does not sag.

    Shapes, dtypes, errors and edges (opposite, zero, one number, norms below 0) are as in `slerp`.
    Source: Blow 2004, "Understanding Slerp, Then Not Using It", The Inner Product.

    Examples
    --------
    >>> nlerp([3.0, 0.0], [0.0, 3.0], [0.0, 0.2]).round(3).tolist()
    [[3.0, 0.0], [2.91, 0.728]]
    """
    return _between("nlerp", a, b, t, latent_ndim)


def _between(
    method: str, a: ArrayLike, b: ArrayLike, t: ArrayLike, latent_ndim: int | None
) -> Floats:
    first, last, times = real_floats(a, "a"), real_floats(b, "b"), real_floats(t, "t", np.float64)
    given = f"a has shape {first.shape}, b {last.shape}"
    axes = min(first.ndim, last.ndim)
    doubtful = latent_ndim is None and method != "lerp"
    latent_ndim = 1 if latent_ndim is None else latent_ndim
    allowed = range(1, 1 + axes)
    if not isinstance(latent_ndim, numbers.Integral) or latent_ndim not in allowed:
        raise LatentValueError(
            f"{given}, and latent_ndim is {brief(latent_ndim)}; it must be a whole number, at "
            "least 1 and at most the axes of each. Pass latent_ndim=len(latent_shape)."
        )
    try:
        shape = np.broadcast_shapes(first.shape, last.shape)
    except (ValueError, RuntimeError):  # the latter of more axes than NumPy broadcasts
        line = ""
        if len({len(first), len(last)} - {1}) < 2:
            line = repeated(first.shape, last.shape[1:], "a")
            line += repeated(last.shape, first.shape[1:], "b")
        raise LatentValueError(
            f"{given}: they do not broadcast. Give both one latent shape, and as many rows, or "
            f"one.{line}"
        ) from None
    # Of a single row it is the same whether the row or all is one latent.
    if doubtful and axes > 2 and math.prod(shape[-axes:-1]) > 1:
        warn_guess(
            f"{method}: {given}; each row along the last axis was taken for a latent of its own. "
            f"Pass latent_ndim={axes} where {shape[-axes:]} is one latent, latent_ndim={axes - 1} "
            "where the first axis is rows, or latent_ndim=1 to say so."
        )
    flat = (*shape[:-latent_ndim], math.prod(shape[-latent_ndim:]))
    dtype = np.result_type(first, last)
    if flat[-1] == 0:
        raise LatentValueError(f"{given}: latents of no numbers. Give them at least one.")
    first, last = (np.broadcast_to(x, shape).astype(dtype).reshape(flat) for x in (first, last))
    steps = times.reshape(times.shape + (1,) * first.ndim)
    with np.errstate(over="ignore", invalid="ignore"):
        between = arc(method, first, last)
        latents = between(steps, ...).astype(dtype)  # an Ellipsis, for all rows
    latents = np.where(steps == 0, first, np.where(steps == 1, last, latents))
    return finite_latents(latents).reshape(times.shape + shape)


def arc(method: str, a: Floats, b: Floats) -> Piece:
    """Join rows of `a` to rows of `b`, measuring angles from the middle of the two directions.

    A direction is ``cos(angle) * middle + sin(angle) * across``, the angle going from -half to
    half: both ends are treated alike, and nothing is divided by the sine of a small angle.
    """
    first, last = a.astype(np.float64), b.astype(np.float64)
    if method == "lerp" or a.shape[-1] == 1:
        return lambda t, rows: (1 - t) * first[rows] + t * last[rows]
    start, stop, half, opposite, middle, across = arcs(a, b)

    def piece(t: Float64, rows: Rows) -> Float64:
        begin, end, turn = (1 - t) * start[rows], t * stop[rows], half[rows]
        angle = (2 * t - 1) * turn
        if method == "nlerp":
            straight = np.arctan2(np.sin(turn) * (end - begin), np.cos(turn) * (end + begin))
            angle = np.where(opposite[rows], angle, straight)
        norm = np.maximum(begin + end, 0.0)
        latents: Float64 = norm * np.cos(angle) * middle[rows] + norm * np.sin(angle) * across[rows]
        return latents

    return piece


class Arcs(NamedTuple):
    """Great circles from rows to rows, measured from the middle of the two directions.

    Attributes
    ----------
    start, stop : ndarray of float64, shape (..., 1)
        The norms at both ends.
    half : ndarray of float64, shape (..., 1)
        Half the angle between them.
    opposite : ndarray of bool, shape (..., 1)
        Whether they lie on many great circles, of which one was picked.
    middle, across : ndarray of float64, shape (..., size)
        Unit vectors: a direction is ``cos(angle) * middle + sin(angle) * across``.
    """

    start: Float64
    stop: Float64
    half: Float64
    opposite: NDArray[np.bool_]
    middle: Float64
    across: Float64


def arcs(a: Floats, b: Floats) -> Arcs:
    """Give the great circles from rows of `a` to rows of `b`.

    Examples
    --------
    >>> float(arcs(np.array([[1.0, 0.0]]), np.array([[0.0, 2.0]])).half[0, 0] / np.pi)
    0.25
    """
    (u, start), (v, stop) = polar(a.astype(np.float64)), polar(b.astype(np.float64))
    u, v = np.where(start > 0, u, v), np.where(stop > 0, v, u)
    across, middle = v - u, v + u
    span = norm(across)
    across /= np.where(span > 0, span, 1.0)
    wide = span > 1.5  # here the middle is short, and rounding may lean it to one end
    middle -= np.where(wide, (middle * across).sum(axis=-1, keepdims=True), 0.0) * across
    reach = norm(middle)
    opposite = wide & (reach <= 2 * np.finfo(a.dtype).eps)
    middle = np.where(opposite, _perpendicular(across), middle / np.where(reach > 0, reach, 1.0))
    half = np.where(opposite, np.pi / 2, np.arctan2(span, reach))
    return Arcs(start, stop, half, opposite, middle, across)


def spline(points: Floats, closed: bool) -> Piece:
    """Join rows of `points` by the natural or periodic cubic spline with evenly spaced knots."""
    knots, count = points.astype(np.float64), len(points) - 1
    if closed:
        laid = knots[np.arange(-31, count + 32) % count]
    else:  # point symmetry leaves no curvature at the ends
        laid = np.pad(knots, ((31, 31), (0, 0)), "reflect", reflect_type="odd")
    # slopes[i - 1] + 4 * slopes[i] + slopes[i + 1] = 3 * (knots[i + 1] - knots[i - 1]), solved
    # for endless knots: a weighted sum. Each further knot counts 0.27 times as much: 30 suffice.
    weights = np.sqrt(0.75) * (np.sqrt(3) - 2) ** np.abs(np.arange(-30, 31))
    slopes = np.lib.stride_tricks.sliding_window_view(laid[2:] - laid[:-2], 61, axis=0) @ weights

    def piece(t: Float64, rows: Rows) -> Float64:
        start, left, right = knots[:-1][rows], slopes[:-1][rows], slopes[1:][rows]
        rise, x = knots[1:][rows] - start, np.clip(t, 0.0, 1.0)
        bend = 3 * rise - 2 * left - right + x * (left + right - 2 * rise)
        latents: Float64 = start + x * (left + x * bend) + (t - x) * np.where(t < 0, left, right)
        return latents

    return piece


def nearest_place(gaps_at: Callable[[Float64], Float64], segments: int) -> float:
    """Find in [0, 1] where a way of so many segments, each of the same share, is nearest.

    `gaps_at` says how far off it is at places, of any shape.
    """
    marks = np.arange(segments + 1) / segments
    grid = np.linspace(0.0, 1.0, 64 * segments + 1)
    gaps = gaps_at(grid)
    walls = np.pad(gaps, 1, constant_values=np.inf)
    dips = np.flatnonzero((gaps <= walls[:-2]) & (gaps <= walls[2:]))
    dips = dips[gaps[dips].argsort(kind="stable")[:8]]
    best, step = grid[dips], grid[1]
    while step > ROUNDING:
        tries = np.linspace(np.maximum(best - step, 0.0), np.minimum(best + step, 1.0), 17)
        gaps = gaps_at(tries)
        best = np.take_along_axis(tries, gaps.argmin(axis=0)[None], axis=0)[0]
        step /= 8
    ends = np.concatenate([marks, best])  # a mark wins a tie
    return float(ends[gaps_at(ends).argmin()])


def distances_along(
    latents_at: Callable[[Float64], Float64], point: Floats, knots: Floats, place: Float64
) -> Float64:
    """Give distances from `point` at places, all divided by one scale, block by block."""
    scale = max(np.abs(knots).max(), np.abs(point).max())  # squares must not overflow
    gaps = [
        norm((latents_at(block) - point.astype(np.float64)) / scale)[:, 0]
        for block in np.array_split(place.ravel(), 1 + place.size * point.size // 2**20)
    ]
    return np.concatenate(gaps).reshape(place.shape)


def norm(x: Float64) -> Float64:
    """Return the norm of each row, ``(..., 1)``."""
    return np.asarray(np.sqrt((x * x).sum(axis=-1, keepdims=True)))


def polar(x: Float64) -> tuple[Float64, Float64]:
    """Split rows into directions and norms without overflow; the direction of zero is zero."""
    peak = np.abs(x).max(axis=-1, keepdims=True)
    scaled = x / np.where(peak > 0, peak, 1.0)
    length = norm(scaled)
    return scaled / np.where(length > 0, length, 1.0), length * peak


def _perpendicular(axis: Float64) -> Float64:
    """Make the basis vector along which `axis` is smallest perpendicular to it, with norm 1."""
    place = np.abs(axis).argmin(axis=-1, keepdims=True)
    part = np.take_along_axis(axis, place, axis=-1)
    across = -part * axis
    np.put_along_axis(across, place, 1 - part**2, axis=-1)
    return across / np.sqrt(1 - part**2)


def real_floats(value: ArrayLike, name: str, dtype: type[np.float64] | None = None) -> NDArray[Any]:
    """Copy finite real numbers to an array of `dtype`; without it, float64 stays, else float32."""
    check_alone(value, name)
    check_container(value, name)
    try:
        array = plain_array(value)
    except ValueError as error:
        words = said(error).rstrip(".")
        raise LatentValueError(f"{name} is no array: {words}. Give rows of one shape.") from error
    except Exception as error:  # an object's own `__array__` may raise anything
        raise LatentTypeError(
            f"{name} is a {type(value).__name__} that NumPy cannot read: {said(error)}. Give an "
            "array; from a torch tensor, tensor.detach().float().cpu().numpy()."
        ) from error
    if array.dtype.kind not in "fiu":
        way = way_to_numbers(value, array, name)
        way = way or f" Convert first, such as np.asarray({name}, dtype=np.float32)."
        raise LatentTypeError(f"{name} holds {array.dtype}; expected real numbers.{way}")
    wide = array.dtype.kind == "f" and array.dtype.itemsize >= 8
    array = array.astype(dtype or (np.float64 if wide else np.float32))
    if not (fine := np.isfinite(array)).all():
        raise LatentValueError(
            f"{name} holds {array.size - fine.sum()} NaN or infinite numbers of {array.size}, "
            f"first at {np.argwhere(~fine)[0].tolist()}; expected finite ones. Drop or mend those."
            if array.ndim
            else f"{name} is {array:g}; expected a finite number."
        )
    return array


def times_of(positions: Sequence[tuple[float, ...]]) -> Float64:
    """Take coordinates ``(t,)``, one a latent; give their t, ``(p,)``."""
    times = real_floats(positions, "positions", np.float64)
    if times.shape[:1] != (0,) and times.shape[1:] != (1,):
        raise LatentValueError(
            f"positions have shape {times.shape}; expected one number each, (p, 1). To walk "
            "along times, call the path: path([0.0, 0.5])."
        )
    return times.ravel()


def finite_latents(latents: NDArray[Any]) -> Floats:
    """Refuse latents that are too large for their dtype."""
    if not np.isfinite(latents).all():
        raise LatentValueError(
            f"t leads to latents that {latents.dtype} cannot hold. Keep t nearer to [0, 1]."
        )
    return latents
