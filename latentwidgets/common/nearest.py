"""Which rows of a matrix are nearest to others, exactly."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.common.wording import brief, near_miss, short
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Rows = NDArray[np.float32]
    Matrix = NDArray[np.float64]
    Indices = NDArray[np.intp]
    Search = Callable[[Rows, int], tuple[Indices, Matrix]]

__all__ = ["Nearest", "in_double", "nearest_of", "searcher"]

# About so many numbers are worked on at once.
PART_SIZE = 2**24
# How many more rows than are wanted are measured exactly at first.
SPARE = 8


class Nearest:
    """Finds the rows nearest to others, by distance or by angle.

    A first look, one product of float32 matrices, tells which rows may be among the nearest: all
    that its rounding does not exclude. These are measured again, in float64. scikit-learn's
    `NearestNeighbors` measures all rows anew with every question, which for a single one takes
    several times as long, and takes a second to load.

    Parameters
    ----------
    rows : ndarray
        Finite, float32 ``(n, size)``.
    angles : bool
        Whether rows are near where the angle between them is small, however long they are. A row
        of zeros has no direction: as in scikit-learn it counts as perpendicular to every other.

    Examples
    --------
    >>> rows = np.array([[0.0, 0.0], [3.0, 4.0], [1.0, 0.0]], np.float32)
    >>> nearest, gaps = Nearest(rows)(np.zeros((1, 2), np.float32), 2)
    >>> nearest.tolist(), gaps.tolist()
    ([[0, 2]], [[0.0, 1.0]])
    """

    def __init__(self, rows: Rows, *, angles: bool = False) -> None:
        self._rows, self._angles = rows, angles
        step = max(1, PART_SIZE // rows.shape[1])
        starts = range(0, len(rows), step)
        # Far from 0, products would be mostly rounding; of very large numbers they would overflow.
        total = sum(self._ready(rows[i : i + step]).sum(axis=0) for i in starts)
        self._centre = np.asarray(total / len(rows), np.float64)
        squares = np.concatenate(
            [((self._ready(rows[i : i + step]) - self._centre) ** 2).sum(axis=1) for i in starts]
        )
        self._scale = float(np.sqrt(squares.mean())) or 1.0
        self._coarse = np.concatenate([self._placed(rows[i : i + step]) for i in starts])
        squares /= self._scale**2
        self._halves = (squares / 2).astype(np.float32)
        # How far off the first look may be: the rounding of a product of so many numbers, which
        # grows with the root of their count (Higham & Mary 2019, SIAM J. Sci. Comput. 41), and of
        # what is multiplied.
        rounding = float(np.finfo(np.float32).eps) * (2 * np.sqrt(rows.shape[1]) + 8)
        self._errors = (rounding * (squares + np.sqrt(squares))).astype(np.float32)

    def __call__(self, queries: Rows, n: int) -> tuple[Indices, Matrix]:
        """Find the n nearest rows to each of some others.

        Parameters
        ----------
        queries : ndarray
            Finite, float32 ``(k, size)``.
        n : int
            At most as many as there are rows.

        Returns
        -------
        nearest : ndarray of int, shape (k, n)
            The nearest first; of equally near ones the one that comes first.
        gaps : ndarray of float64, shape (k, n)
            Their distances; for angles, those between vectors of norm 1 of the same directions.
        """
        if not len(queries):
            return np.empty((0, n), np.intp), np.empty((0, n))
        size = max(1, PART_SIZE // max(len(self._rows), (n + SPARE) * self._rows.shape[1]))
        parts = [self._find(queries[i : i + size], n) for i in range(0, len(queries), size)]
        nearest, gaps = zip(*parts, strict=True)
        return np.concatenate(nearest), np.concatenate(gaps)

    def _find(self, queries: Rows, n: int) -> tuple[Indices, Matrix]:
        placed = self._ready(queries) - self._centre
        placed /= self._scale
        # Half the squared distance, less what is the same for all rows, and in a unit in which no
        # query is long: one from far away would overflow.
        units = np.maximum(np.linalg.norm(placed, axis=1, keepdims=True), 1)
        seen = (placed / units).astype(np.float32) @ self._coarse.T
        np.subtract(self._halves / units.astype(np.float32), seen, out=seen)
        kept = min(n + SPARE, len(self._rows))
        few = np.sort(np.argpartition(seen, kept - 1, axis=1)[:, :kept], axis=1)
        # The n-th nearest is no further than this; what may be as near is looked at as well.
        furthest = np.take_along_axis(seen, few, axis=1) + self._errors[few]
        bound = np.partition(furthest, n - 1, axis=1)[:, n - 1, np.newaxis]
        seen -= self._errors
        near = seen <= bound
        nearest, gaps = nearest_of(self._rows, few, queries, n, angles=self._angles)
        missed = near.sum(axis=1) > np.take_along_axis(near, few, axis=1).sum(axis=1)
        for i in np.flatnonzero(missed):
            every = np.flatnonzero(near[i])[np.newaxis]
            found = nearest_of(self._rows, every, queries[i : i + 1], n, angles=self._angles)
            nearest[i], gaps[i] = (one[0] for one in found)
        return nearest, gaps

    def _ready(self, rows: Rows) -> Matrix:
        return in_double(rows, angles=self._angles)

    def _placed(self, rows: Rows) -> Rows:
        return ((self._ready(rows) - self._centre) / self._scale).astype(np.float32)


def nearest_of(
    rows: Rows, few: Indices, queries: Rows, n: int, *, angles: bool
) -> tuple[Indices, Matrix]:
    """Find the n nearest of a few rows to each of some others, and their distances, exactly.

    Which few says `few` of each query, an int array ``(k, at least n)``; all else is as `Nearest`
    has it. Of equally near rows the one is taken that comes first there.

    Examples
    --------
    >>> rows = np.array([[0.0, 0.0], [3.0, 4.0], [1.0, 0.0]], np.float32)
    >>> nearest_of(rows, np.array([[1, 2]]), rows[:1], 1, angles=False)
    (array([[2]]), array([[1.]]))
    """
    size = max(1, PART_SIZE // (len(queries) * rows.shape[1]))
    points = in_double(queries, angles=angles)[:, np.newaxis]
    parts = (few[:, i : i + size] for i in range(0, few.shape[1], size))
    gaps = np.concatenate(
        [np.linalg.norm(in_double(rows[part], angles=angles) - points, axis=2) for part in parts],
        axis=1,
    )
    order = np.argsort(gaps, axis=1, kind="stable")[:, :n]
    return np.take_along_axis(few, order, axis=1), np.take_along_axis(gaps, order, axis=1)


def in_double(rows: Rows, *, angles: bool) -> Matrix:
    """Give rows in float64; for angles as vectors of norm 1, with a number more.

    That number is 1 for a row of zeros, which makes it perpendicular to all others.

    Examples
    --------
    >>> in_double(np.array([[3, 4], [0, 0]], np.float32), angles=True).tolist()
    [[0.6, 0.8, 0.0], [0.0, 0.0, 1.0]]
    """
    found = rows.astype(np.float64)
    if not angles:
        return found
    lengths = np.linalg.norm(found, axis=-1, keepdims=True)
    nothing = lengths == 0
    return np.concatenate([found / np.where(nothing, 1, lengths), nothing], axis=-1)


def searcher(rows: Rows, metric: Any) -> Search:
    """Make what finds the rows nearest to others, by any metric.

    Parameters
    ----------
    rows : ndarray
        Finite, float32 ``(n, size)``.
    metric : str or callable
        "euclidean", "cosine", or another metric of `sklearn.neighbors.NearestNeighbors`.

    Returns
    -------
    callable
        Takes queries, ``(k, size)``, and a number n; gives the n nearest rows to each and their
        distances, ``(k, n)`` both.

    Raises
    ------
    LatentValueError
        If scikit-learn cannot use the metric.

    Examples
    --------
    >>> search = searcher(np.eye(3, dtype=np.float32), "cosine")
    >>> search(np.array([[2, 1, 0]], np.float32), 1)[0].tolist()
    [[0]]
    """
    if isinstance(metric, str) and metric == "euclidean":
        return Nearest(rows)
    if isinstance(metric, str) and metric == "cosine":
        return partial(_by_cosine, Nearest(rows, angles=True))
    from sklearn.neighbors import VALID_METRICS, NearestNeighbors

    known = [*VALID_METRICS["brute"], *VALID_METRICS["ball_tree"]]
    if not callable(metric) and (not isinstance(metric, str) or metric not in known):
        raise LatentValueError(
            f"metric is {brief(metric)}; expected 'euclidean', 'cosine', another metric of "
            "scikit-learn's NearestNeighbors, or a function of two flat latents to a number."
            f"{near_miss(metric, known)}"
        )
    try:
        model = NearestNeighbors(metric=metric).fit(rows)
    except _failures(metric) as error:
        raise _unusable(metric, error) from error
    return partial(_by_model, model, metric)


def _failures(metric: Any) -> tuple[type[Exception], ...]:
    """Give what is raised where a metric cannot be used.

    A function of the person's own may raise anything. By name it is what scikit-learn refuses, and
    all else, as too little memory, is no fault of the metric.
    """
    return (Exception,) if callable(metric) else (TypeError, ValueError)


def _unusable(metric: Any, error: Exception) -> LatentValueError:
    """Make the error for a metric that fails."""
    words = short(str(error)).rstrip(".")
    if callable(metric):
        return LatentValueError(
            f"metric failed: {type(error).__name__}: {words}. It gets two flat latents, and must "
            "return a number."
        )
    return LatentValueError(
        f"metric is {brief(metric)}, which scikit-learn cannot use: {words}. Take 'euclidean' or "
        "'cosine', or a function of two flat latents to a number."
    )


def _by_cosine(nearest: Nearest, queries: Rows, n: int) -> tuple[Indices, Matrix]:
    found, chords = nearest(queries, n)
    return found, chords**2 / 2  # of vectors of norm 1: 1 less the cosine


def _by_model(model: Any, metric: Any, queries: Rows, n: int) -> tuple[Indices, Matrix]:
    try:
        gaps, found = model.kneighbors(queries, n)
    except _failures(metric) as error:
        raise _unusable(metric, error) from error
    if not np.isfinite(gaps).all():
        raise LatentValueError(
            f"metric {brief(getattr(metric, '__name__', metric))} gives NaN or infinity between "
            "some latents; expected finite numbers. Look at what it makes of them, or take "
            "'euclidean'."
        )
    return found, gaps
