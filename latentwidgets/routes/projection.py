"""Projections: latents as points of a plane, and points as latents where there is an inverse."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from latentwidgets.common.attributes import attribute, has, raised_by
from latentwidgets.common.checks import check_seed, real_array, to_float32
from latentwidgets.common.wording import brief, listed, near_miss, raised
from latentwidgets.errors import LatentTypeError, LatentValueError, LatentWidgetsError
from latentwidgets.routes.embedding import TITLES, embed
from latentwidgets.routes.neighbours import NEIGHBOURS, Neighbours
from latentwidgets.space.locks import ModelLock

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from latentwidgets.routes.watched import Fit

    Rows = NDArray[np.float32]  # flat latents, (n, latent_size)
    Points = NDArray[np.float64]  # (n, 2)

__all__ = ["PROJECTIONS", "Projection", "project"]

# The projections that `project` fits by name.
PROJECTIONS = ("pca", "tsne", "umap")
# Large arrays are worked on in parts of about so many numbers each.
PART_SIZE = 2**24


@dataclass(frozen=True)
class Projection:
    """Two functions, fitted to some latents: from latents to points of a plane, and back.

    `project` makes one.

    Attributes
    ----------
    name : str
        What it is called: "pca", "tsne", "umap", "points" or the name of a transformer's class.
    points : ndarray of float64, shape (n, 2)
        Where the latents lie that it was fitted to.
    latent_shape : tuple of int
        Shape of one latent.
    to_points : callable
        From flat latents, float32 ``(m, latent_size)``, to points, ``(m, 2)``; `place` calls it.
    to_latents : callable or None
        From points, float64 ``(m, 2)``, to flat latents; `invert` calls it. None where there is no
        inverse.
    axes : tuple of str
        What the axes are called; empty where they mean nothing.
    note : str
        What a person must know to read the map; empty where that is nothing.
    inverse_error : str
        Why no point can be turned into a latent; empty where that can be done.
    near : bool
        Whether a latent that it was not fitted to is placed near those most like it, since there is
        no exact place for it.
    models : tuple of object
        What the two functions call: one thread at a time may.
    """

    name: str
    points: Points
    latent_shape: tuple[int, ...]
    to_points: Callable[[Rows], Any]
    to_latents: Callable[[Points], Any] | None = None
    axes: tuple[str, ...] = ()
    note: str = ""
    inverse_error: str = ""
    near: bool = False
    models: tuple[object, ...] = ()

    def place(self, latents: ArrayLike) -> Points:
        """Give the points where latents lie.

        Parameters
        ----------
        latents : array_like
            ``(m, *latent_shape)``.

        Returns
        -------
        ndarray
            float64 ``(m, 2)``.

        Raises
        ------
        LatentValueError
            If latents are of another shape or not finite, or the projection fails for them.

        Examples
        --------
        >>> project(np.eye(3), [[0, 0], [1, 0], [0, 1]]).place([[0, 1, 0]])
        array([[1., 0.]])
        """
        if np.shape(latents) == (0, *self.latent_shape):
            return np.empty((0, 2))
        array = to_float32(real_array(latents, "latents"), "latents")
        if array.shape[1:] != self.latent_shape:
            raise LatentValueError(
                f"latents have shape {array.shape}; this projection takes "
                f"{('m', *self.latent_shape)}."
            )
        return _called(self.name, "place latents", self.to_points, _flat(array), len(array))

    def invert(self, points: ArrayLike) -> NDArray[np.float32]:
        """Give the latents that lie at points.

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
            If there is no inverse, points are not finite, or it fails there.

        Examples
        --------
        >>> project(np.eye(3)[:2]).invert([[0, 0]])
        array([[0.5, 0.5, 0. ]], dtype=float32)
        """
        if self.to_latents is None:
            raise LatentValueError(self.inverse_error)
        given = real_array(points, "points").astype(np.float64)
        _check_points(given, len(given), "points")
        size = int(np.prod(self.latent_shape))
        rows = _called(self.name, "decode a point", self.to_latents, given, len(given), size)
        return to_float32(rows, "latents at these points").reshape(-1, *self.latent_shape)


def project(
    latents: ArrayLike,
    how: Literal["pca", "tsne", "umap"] | Any = "pca",
    *,
    seed: int = 0,
    fit: Fit | None = None,
) -> Projection:
    """Place latents on a plane.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(n, *latent_shape)``, n at least 2, of at least two numbers each.
    how : {"pca", "tsne", "umap"}, array_like of shape (n, 2), transformer or Projection
        "pca" has an exact inverse: the latent that it gives for a point is projected to that point
        again. "umap" (extra ``umap``) has an approximate inverse, "tsne" has none. An array gives
        the point of every latent. A fitted transformer has `transform` from ``(n, latent_size)`` to
        ``(n, 2)``, and `inverse_transform` back if points are to be decoded. A `Projection` is
        returned as it is if it fits the latents.
    seed : int
        For t-SNE, UMAP, and the sample that they are fitted to where there are many latents.
    fit : Fit, optional
        What watches t-SNE or UMAP from another thread, and can cancel it.

    Returns
    -------
    Projection
        The points of the latents, and the functions from latents to points and back.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents or the projection cannot be used, or it fails; the message says how.
    MissingExtraError
        If umap-learn is not installed.
    FitCancelledError
        If the fit was cancelled.

    References
    ----------
    van der Maaten & Hinton 2008, "Visualizing data using t-SNE", JMLR 9. McInnes, Healy & Melville
    2018, "UMAP" (arXiv 1802.03426).

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
    array = to_float32(array, "latents")
    seed = check_seed(seed)
    if isinstance(how, Projection):
        _check_points(how.points, len(array), "the projection's points")
        if how.latent_shape != array.shape[1:]:
            raise LatentValueError(
                f"this projection was fitted to latents of shape {how.latent_shape}; these have "
                f"shape {array.shape[1:]}. Fit one to them."
            )
        return how
    if isinstance(how, str):
        if how not in PROJECTIONS:
            raise LatentValueError(
                f"projection is {brief(how)}; expected one of {', '.join(map(repr, PROJECTIONS))}, "
                f"an array of shape ({len(array)}, 2), or a fitted transformer."
                f"{near_miss(how, PROJECTIONS)}"
            )
        return _pca(array, seed) if how == "pca" else _embedded(how, array, seed, fit)
    # A DataFrame of points has a `transform` too.
    if callable(attribute(how, "transform")) and not has(how, "__array__"):
        return _transformed(how, array)
    if cannot := raised_by(how, "transform"):
        raise LatentTypeError(
            f"projection is a {type(how).__name__} whose transform cannot be had.{cannot} "
            "Mend it, or pass points, (n, 2)."
        )
    points = real_array(how, "projection points").astype(np.float64)
    _check_points(points, len(array), "projection points")
    return Projection(
        "points",
        points,
        array.shape[1:],
        Neighbours.of(_flat(array), points),
        inverse_error="These points came as they are, without an inverse: click a point instead.",
        near=True,
    )


@dataclass(frozen=True)
class _Plane:
    """The plane of two principal components.

    Attributes
    ----------
    mean : ndarray
        The latent at the point (0, 0), flat: float64 ``(latent_size,)``.
    axes : ndarray
        Two perpendicular unit vectors, ``(2, latent_size)``.
    """

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]

    def place(self, rows: Rows) -> Points:
        # The mean is taken off first: far from 0, products of float32 would be mostly rounding.
        parts = np.array_split(rows, 1 + rows.size // PART_SIZE)
        return np.concatenate([(part - self.mean) @ self.axes.T for part in parts])

    def invert(self, points: Points) -> NDArray[np.float64]:
        return self.mean + points @ self.axes


def _pca(latents: Rows, seed: int) -> Projection:
    from latentwidgets.directions.components import principal_plane

    found, note = principal_plane(latents, seed=seed)
    vectors = [one.vector.reshape(-1).astype(np.float64) for one in found]
    shares = [one.evidence.score or 0.0 for one in found]
    if len(found) < 2:  # along the second axis, all latents lie at 0
        vectors, shares = [*vectors, _across(vectors[0])], [*shares, 0.0]
    plane = _Plane(found[0].mean.reshape(-1).astype(np.float64), np.stack(vectors))
    return Projection(
        "pca",
        plane.place(_flat(latents)),
        latents.shape[1:],
        plane.place,
        plane.invert,
        axes=tuple(f"PC {i + 1} ({100 * share:.0f} %)" for i, share in enumerate(shares)),
        note=note,
    )


def _across(unit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give a unit vector that is perpendicular to another."""
    other = np.zeros_like(unit)
    other[np.abs(unit).argmin()] = 1.0
    other -= (other @ unit) * unit
    return np.asarray(other / np.linalg.norm(other))


def _embedded(how: str, latents: Rows, seed: int, fit: Fit | None) -> Projection:
    """Fit t-SNE or UMAP."""
    title = TITLES[how]
    points, near, model, count = _guarded(how, "fit", lambda: embed(how, _flat(latents), seed, fit))
    _check_points(points, len(latents), f"{title} points")
    note = ""
    if count < len(latents):
        note = (
            f"{title} of a sample of {count:,}; each of the other {len(latents) - count:,} lies "
            f"between the {NEIGHBOURS} nearest of these."
        )
    if model is None:
        error = f"{title} has no inverse: click a point instead."
        return Projection(
            how, points, latents.shape[1:], near, note=note, inverse_error=error, near=True
        )
    note = f"{note} A click between points decodes an approximate inverse.".strip()
    place, invert = _taken_in_turn(model)
    return Projection(how, points, latents.shape[1:], place, invert, note=note, models=(model,))


def _transformed(model: Any, latents: Rows) -> Projection:
    """Make a projection of a fitted transformer."""
    name = type(model).__name__
    rows = _flat(latents)
    place, invert = _taken_in_turn(model)
    points = _called(name, "place latents", place, rows, len(rows))
    error = f"{name} has no inverse: click a point instead." if invert is None else ""
    return Projection(
        name,
        points,
        latents.shape[1:],
        place,
        invert,
        inverse_error=error,
        models=(model,),
    )


def _taken_in_turn(model: Any) -> tuple[Callable[[Rows], Any], Callable[[Points], Any] | None]:
    """Give how a transformer places and inverts: never in two threads at once."""
    lock = ModelLock((model,))
    invert = getattr(model, "inverse_transform", None)
    found = partial(lock.run, invert) if callable(invert) else None
    return partial(lock.run, model.transform), found


def _called(
    name: str, task: str, call: Callable[[Any], Any], given: Any, count: int, size: int = 2
) -> NDArray[np.float64]:
    """Call a function that may be somebody else's; check that it gives finite rows of a size."""
    result = _guarded(name, task, lambda: real_array(call(given), "results").astype(np.float64))
    if result.shape != (count, size):
        raise LatentValueError(
            f"projection {brief(name)} could not {task}: it gave shape {result.shape} for "
            f"{given.shape}; expected {(count, size)}."
        )
    if not np.isfinite(result).all():
        raise LatentValueError(
            f"projection {brief(name)} could not {task}: it gave NaN or infinity."
        )
    return np.asarray(result)


def _guarded(name: str, task: str, call: Callable[[], Any]) -> Any:
    """Call a function; whatever it raises is told as the failure of a task of the projection."""
    try:
        return call()
    except (LatentWidgetsError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise LatentValueError(
            f"projection {brief(name)} could not {task}: {raised(error)}"
        ) from error


def _check_points(points: Any, count: int, what: str) -> None:
    """Refuse points that are not one a latent, or not finite."""
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
