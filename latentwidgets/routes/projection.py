"""Projections: latents on a plane, and back where that can be done."""

from __future__ import annotations

import importlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from latentwidgets.common.checks import check_finite, check_whole, listed, near_miss, real_array
from latentwidgets.common.progress import progress
from latentwidgets.errors import LatentValueError, LatentWidgetsError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Rows = NDArray[np.float32]  # flat latents, (n, latent_size)
    Points = NDArray[np.float64]  # (n, 2)

__all__ = ["METHODS", "Projection", "project"]

METHODS = ("pca", "tsne", "umap")
# Of more latents than this a random sample is fitted, and the others are placed by it: t-SNE of
# 10,000 takes about a minute.
MOST_FITTED = {"tsne": 10_000, "umap": 50_000}
# What has no transform is placed by so many of its nearest latents.
NEIGHBOURS = 5
# Distances are computed for about so many pairs at once.
PAIRS = 2**24


@dataclass(frozen=True)
class Projection:
    """A map of latents, fitted.

    Attributes
    ----------
    name : str
        What it is called: "pca", "tsne", "umap", "points" or the name of a transformer's class.
    points : ndarray of float64, shape (n, 2)
        Where the latents are that it was made for.
    axes : tuple of str
        What the axes are called; empty where they mean nothing.
    note : str
        What a person must know to read it; empty where that is nothing.
    inverse_error : str
        Why no point can be turned into a latent; empty where that can be done.
    near : bool
        Whether a latent that is not one of these is placed near those most like it, since there
        is no exact place for it.
    """

    name: str
    points: Points
    _latent_shape: tuple[int, ...]
    _place: Callable[[Rows], Any]
    _invert: Callable[[Points], Any] | None = None
    axes: tuple[str, ...] = ()
    note: str = ""
    inverse_error: str = ""
    near: bool = False

    def place(self, latents: ArrayLike) -> Points:
        """Say where latents are.

        Parameters
        ----------
        latents : array_like
            ``(m, *latent_shape)``, of the shape that it was fitted to.

        Returns
        -------
        ndarray
            float64 ``(m, 2)``.

        Raises
        ------
        LatentValueError
            If they cannot be projected.
        """
        array = np.asarray(latents, np.float32)
        if array.shape[1:] != self._latent_shape:
            raise LatentValueError(
                f"latents have shape {array.shape}; this projection takes "
                f"{('m', *self._latent_shape)}."
            )
        if not len(array):
            return np.empty((0, 2))
        return _called(self.name, "place latents", self._place, _flat(array), len(array))

    def invert(self, points: ArrayLike) -> NDArray[np.float32]:
        """Say which latents lie at points.

        Parameters
        ----------
        points : array_like
            ``(m, 2)``.

        Returns
        -------
        ndarray
            float32 ``(m, *latent_shape)``.

        Raises
        ------
        LatentValueError
            If there is no inverse, or it fails there.
        """
        if self._invert is None:
            raise LatentValueError(self.inverse_error)
        given = np.asarray(points, np.float64)
        size = int(np.prod(self._latent_shape))
        rows = _called(self.name, "decode a point", self._invert, given, len(given), size)
        return rows.astype(np.float32).reshape(-1, *self._latent_shape)


def project(
    latents: ArrayLike, how: Literal["pca", "tsne", "umap"] | Any = "pca", *, seed: int = 0
) -> Projection:
    """Lay latents out on a plane.

    Parameters
    ----------
    latents : array_like
        ``(n, *latent_shape)``, finite, n at least 2.
    how : {"pca", "tsne", "umap"}, array_like of shape (n, 2), transformer or Projection
        "pca" has an exact inverse: a point is where its latent is projected to. "umap" (extra
        ``umap``) has an approximate one, "tsne" none. An array says where every latent is. A
        fitted transformer has `transform` from ``(n, latent_size)`` to ``(n, 2)``; where it has
        `inverse_transform` too, points can be decoded.
    seed : int
        For t-SNE, UMAP, and the sample that they are fitted to where there are many latents.

    Returns
    -------
    Projection
        The points, and the way there and back.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents or the projection cannot be used, or it fails; the message says how.
    MissingExtraError
        If umap-learn is not installed.

    Examples
    --------
    >>> latents = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    >>> plane = project(latents)
    >>> plane.points.shape, plane.axes
    ((50, 2), ('PC 1 (36 %)', 'PC 2 (28 %)'))
    >>> back = plane.invert(plane.points[:1])
    >>> bool(np.allclose(plane.place(back), plane.points[:1], atol=1e-5))
    True
    """
    array = real_array(latents, "latents")
    if array.ndim < 2 or len(array) < 2 or array[0].size < 2:
        raise LatentValueError(
            f"latents have shape {array.shape}; a map needs two latents or more, of two numbers "
            "or more: (n, *latent_shape)."
        )
    check_finite(array, "latents")
    array = array.astype(np.float32, copy=False)
    seed = check_whole(seed, "seed", least=0)
    if isinstance(how, Projection):
        _check_points(how.points, len(array), "the projection's points")
        if how._latent_shape != array.shape[1:]:
            raise LatentValueError(
                f"this projection was fitted to latents of shape {how._latent_shape}; these have "
                f"shape {array.shape[1:]}. Fit one to them."
            )
        return how
    if isinstance(how, str):
        if how not in METHODS:
            raise LatentValueError(
                f"projection is {how!r}; expected one of {', '.join(map(repr, METHODS))}, an array "
                f"of shape ({len(array)}, 2), or a fitted transformer.{near_miss(how, METHODS)}"
            )
        return _pca(array, seed) if how == "pca" else _embedded(how, array, seed)
    if callable(getattr(how, "transform", None)):
        return _transformed(how, array)
    points = real_array(how, "projection points").astype(np.float64)
    _check_points(points, len(array), "projection points")
    return Projection(
        "points",
        points,
        array.shape[1:],
        _neighbours(_flat(array), points),
        inverse_error="These points came as they are, without an inverse: click a point instead.",
        near=True,
    )


def _pca(latents: Rows, seed: int) -> Projection:
    from latentwidgets.directions.components import pca_directions

    found = None
    with suppress(LatentValueError):
        found = pca_directions(latents, 2, seed=seed)
    found = found or pca_directions(latents, 1, seed=seed)
    vectors = [one.vector.reshape(-1).astype(np.float64) for one in found]
    shares = [one.evidence.score or 0.0 for one in found]
    if len(found) < 2:  # they lie on a line, as two latents do: none is above another
        vectors, shares = [*vectors, _across(vectors[0])], [*shares, 0.0]
    plane = np.stack(vectors)
    mean = found[0].mean.reshape(-1).astype(np.float64)

    def place(rows: Rows) -> Points:
        # Less the mean first: far from 0, the products of float32 would be mostly rounding.
        parts = np.array_split(rows, 1 + rows.size // PAIRS)
        return np.concatenate([(part - mean) @ plane.T for part in parts])

    return Projection(
        "pca",
        place(_flat(latents)),
        latents.shape[1:],
        place,
        lambda points: mean + points @ plane,
        axes=tuple(f"PC {i + 1} ({100 * share:.0f} %)" for i, share in enumerate(shares)),
    )


def _across(unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give a unit vector at a right angle to one."""
    other = np.zeros_like(unit)
    other[np.abs(unit).argmin()] = 1.0
    other -= (other @ unit) * unit
    return np.asarray(other / np.linalg.norm(other))


def _embedded(how: str, latents: Rows, seed: int) -> Projection:
    """Fit t-SNE or UMAP, to a sample where there are many latents."""
    rows = _flat(latents)
    fitted = np.arange(len(rows))
    if len(rows) > MOST_FITTED[how]:
        fitted = np.random.default_rng(seed).permutation(len(rows))[: MOST_FITTED[how]]
        fitted.sort()
    title = {"tsne": "t-SNE", "umap": "UMAP"}[how]
    fit = {"tsne": _tsne, "umap": _umap}[how]
    with progress(what=f"{title} of {len(fitted):,}", total=len(rows), delay=0) as bar:
        found, model = _guarded(how, "fit", lambda: fit(rows[fitted], seed))
        near = _neighbours(rows[fitted], found)
        points = np.empty((len(rows), 2))
        points[fitted] = found
        bar.update(len(fitted))
        others = np.setdiff1d(np.arange(len(rows)), fitted, assume_unique=True)
        for part in np.array_split(others, -(-len(others) * len(fitted) // PAIRS) or 1):
            points[part] = near(rows[part])
            bar.update(len(part))
    _check_points(points, len(rows), f"{title} points")
    note = ""
    if len(others):
        note = (
            f"{title} of a sample of {len(fitted):,}; each of the other {len(others):,} lies "
            f"between the {NEIGHBOURS} nearest of these."
        )
    if model is None:
        error = f"{title} has no inverse: click a point instead."
        return Projection(
            how, points, latents.shape[1:], near, note=note, inverse_error=error, near=True
        )
    note = f"{note} A click between points decodes an approximate inverse.".strip()
    return Projection(
        how, points, latents.shape[1:], model.transform, model.inverse_transform, note=note
    )


def _tsne(rows: Rows, seed: int) -> tuple[Points, Any]:
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    # A perplexity must stay below the number of latents; 30 is the usual one.
    model = TSNE(2, perplexity=min(30.0, (len(rows) - 1) / 3), random_state=seed)
    # Its many short steps wait for the slowest thread: on a busy machine, several take far longer.
    with threadpool_limits(1):
        return model.fit_transform(rows).astype(np.float64), None


def _umap(rows: Rows, seed: int) -> tuple[Points, Any]:
    try:
        umap = importlib.import_module("umap")
    except ImportError as error:
        raise MissingExtraError("umap", 'projection="umap"') from error
    # The same seed gives the same map on one thread only.
    neighbours = min(15, len(rows) - 1)
    model = umap.UMAP(n_neighbors=neighbours, random_state=seed, n_jobs=1)
    return model.fit_transform(rows).astype(np.float64), model


def _transformed(model: Any, latents: Rows) -> Projection:
    name = type(model).__name__
    rows = _flat(latents)
    points = _called(name, "place latents", model.transform, rows, len(rows))
    invert = getattr(model, "inverse_transform", None)
    error = "" if callable(invert) else f"{name} has no inverse: click a point instead."
    return Projection(name, points, latents.shape[1:], model.transform, invert, inverse_error=error)


def _neighbours(rows: Rows, points: Points) -> Callable[[Rows], Points]:
    """Place latents at the weighted mean of the nearest ones: a latent of these on its own."""
    norms = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    count = min(NEIGHBOURS, len(rows))

    def place(queries: Rows) -> Points:
        square = (
            norms - 2.0 * (queries @ rows.T) + (queries.astype(np.float64) ** 2).sum(1)[:, None]
        )
        nearest = np.argpartition(square, count - 1, axis=1)[:, :count]
        # Products of float32 say which are nearest; how near they are is computed anew.
        gaps = np.linalg.norm(rows[nearest].astype(np.float64) - queries[:, None], axis=2)
        least = gaps.min(axis=1, keepdims=True)
        weights = np.where(least == 0, gaps == 0, 1 / np.maximum(gaps, np.finfo(float).tiny))
        weights /= weights.sum(axis=1, keepdims=True)
        return np.asarray(np.einsum("ij,ijk->ik", weights, points[nearest]))

    return place


def _called(
    name: str, task: str, call: Callable[[Any], Any], given: Any, count: int, size: int = 2
) -> NDArray[np.float64]:
    """Call foreign code, and check that it gave finite rows of a size."""
    result = _guarded(name, task, lambda: np.asarray(call(given)).astype(np.float64))
    if result.shape != (count, size):
        raise LatentValueError(
            f"projection {name!r} could not {task}: it gave shape {result.shape} for "
            f"{given.shape}; expected {(count, size)}."
        )
    if not np.isfinite(result).all():
        raise LatentValueError(f"projection {name!r} could not {task}: it gave NaN or infinity.")
    return np.asarray(result)


def _guarded(name: str, task: str, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except (LatentWidgetsError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise LatentValueError(
            f"projection {name!r} could not {task}: {type(error).__name__}: {error}"
        ) from error


def _check_points(points: Any, count: int, what: str) -> None:
    if points.shape != (count, 2):
        raise LatentValueError(
            f"{what} have shape {points.shape}; there are {count} latents: expected ({count}, 2)."
        )
    bad = np.flatnonzero(~np.isfinite(points).all(axis=1))
    if len(bad):
        raise LatentValueError(
            f"there is NaN or infinity in {listed(bad)} of {count} of the {what}; expected a place "
            "for every latent. Leave these latents out."
        )


def _flat(latents: NDArray[np.float32]) -> Rows:
    return latents.reshape(len(latents), -1)
