"""How two outputs are compared: by distance, and by how fast an output changes.

Outputs are the numbers of the model, float32 ``(n, ...)``, neither rounded nor cut off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets.adapters.perceptual import LearnedSimilarity
from latentwidgets.common.checks import check_function, detached, real_array
from latentwidgets.common.wording import brief, near_miss, short
from latentwidgets.errors import LatentTypeError, LatentValueError, LatentWidgetsError
from latentwidgets.kinds.shared.table import kind_named
from latentwidgets.routes.similarity import pictures_of, structural_dissimilarity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Float64 = NDArray[np.float64]
    Embed = Callable[[NDArray[Any]], Float64]
    Compare = Callable[[Any, Any], Float64]

__all__ = ["DISTANCES", "Distance", "distance_of"]

DISTANCES = ("l2", "cosine", "ssim", "lpips")
# How far an output is moved each way, in standard deviations of its numbers, to see how fast a
# function of it changes: about the cube root of float32's rounding.
STEP = 5e-3
# Differences of outputs by which it is seen whether a distance grows with their square.
NEAR = 0.02


@dataclass(frozen=True)
class Distance:
    """How two outputs are compared.

    Attributes
    ----------
    name : str
        What it is, in words.
    embed : callable or None
        Makes features of outputs; None takes the outputs as they are.
    compare : callable or None
        Takes two batches of features and returns what grows with their distance; None for the
        Euclidean distance.
    squared : bool
        Whether `compare` grows with the square of a small difference: then its root is taken.
    """

    name: str
    embed: Embed | None = None
    compare: Compare | None = None
    squared: bool = False

    def between(self, a: NDArray[Any], b: NDArray[Any]) -> Float64:
        """Give the distances of outputs, ``(n,)``, row by row."""
        first, second = (one if self.embed is None else self.embed(one) for one in (a, b))
        if self.compare is None:
            return _lengths(np.subtract(first, second, dtype=np.float64))
        found = self.compare(first, second)
        return np.sqrt(found) if self.squared else found

    def speeds(self, outputs: NDArray[Any], changes: NDArray[Any]) -> Float64:
        """Give how fast outputs go where they change like this, ``(n,)``."""
        if self.embed is None and self.compare is None:
            return _lengths(changes)
        lengths = _lengths(changes)
        rows = outputs.reshape(len(outputs), -1).astype(np.float64)
        size = math.sqrt(rows.shape[1])
        spread = np.maximum(rows.std(axis=1), 1e-3 * np.abs(rows).max(axis=1))
        reach = STEP * np.where(spread > 0, spread, 1.0) * size
        step = np.where(lengths > 0, reach / np.where(lengths > 0, lengths, 1.0), 0.0)
        moved = step.reshape(-1, *[1] * (outputs.ndim - 1)) * changes.astype(np.float64)
        ends = [np.asarray(outputs + sign * moved, np.float32) for sign in (1, -1)]
        apart = self.between(*ends)
        found: Float64 = np.where(lengths > 0, apart / np.where(step > 0, 2 * step, 1.0), 0.0)
        return found


def distance_of(
    space: Any, distance: Any, features: Any, conditions: Mapping[str, Any] | None = None
) -> Distance:
    """Read what a person passes as a distance and as features.

    Parameters
    ----------
    space : LatentSpace
        Whose outputs are compared.
    distance : str or callable
        One of `DISTANCES`, or a function of two batches of outputs.
    features : callable or None
        A function of a batch of outputs.
    conditions : mapping of str to value, optional
        Under which is decoded.

    Returns
    -------
    Distance
        How they are compared.

    Raises
    ------
    LatentTypeError, LatentValueError
        If they cannot be used, or outputs are no numbers.

    Examples
    --------
    >>> from latentwidgets import LatentSpace
    >>> space = LatentSpace(np.tanh, 4, kind="curve")
    >>> distance_of(space, lambda a, b: ((a - b) ** 2).sum(axis=1), None).name
    "root of a distance, a function of the person's own"
    """
    if not kind_named(space.kind).has_derivative:
        raise LatentValueError(
            f"{space.name} decodes to outputs of kind {brief(space.kind)}; expected outputs that "
            "are numbers, to say how far they are from each other. Compare latents instead, as "
            "lw.analysis.nearest does."
        )
    if not callable(distance) and (not isinstance(distance, str) or distance not in DISTANCES):
        raise LatentValueError(
            f"distance is {brief(distance)}; expected one of {', '.join(map(repr, DISTANCES))}, "
            f"or a function of two batches of outputs.{near_miss(distance, DISTANCES)}"
        )
    embed: Embed | None = None
    if features is not None:
        check_function(features, "features")
        embed = partial(_features, features)
    if distance in ("ssim", "lpips") and features is not None:
        raise LatentValueError(
            f"distance {distance!r} compares pictures; expected no features beside it. Take "
            "distance='l2' or 'cosine' for features of your own."
        )
    of = ""
    if features is not None:
        of = f" of {_named(features) or 'features'}"
    if distance == "l2":
        return Distance(f"Euclidean distance{of}", embed)
    if distance == "cosine":
        return Distance(f"cosine distance{of}, as a chord", partial(_unit, embed))
    if distance == "ssim":
        return Distance(
            "root of 1 - SSIM",
            pictures_of(space, conditions),
            structural_dissimilarity,
            squared=True,
        )
    if distance == "lpips":
        learned = LearnedSimilarity()
        pictures = pictures_of(space, conditions)
        return Distance("root of LPIPS", pictures, learned, squared=True)
    compare = partial(_compared, distance)
    squared = _grows_squared(space, Distance("", embed, compare), conditions)
    name = f"{_named(distance) or 'a distance'}{of}, a function of the person's own"
    return Distance("root of " * squared + name, embed, compare, squared)


def _grows_squared(space: Any, one: Distance, conditions: Mapping[str, Any] | None) -> bool:
    """See whether a function of two batches grows with the square of a small difference."""
    outputs = space.decode(space.sample(5), conditions, raw=True).astype(np.float64)
    steps = np.diff(outputs, axis=0)
    start = outputs[:-1]
    same, near, far = (
        one.between(start.astype(np.float32), (start + size * steps).astype(np.float32)).mean()
        for size in (0.0, NEAR, 2 * NEAR)
    )
    if near <= same:
        raise LatentValueError(
            f"distance is {same:.3g} between outputs and themselves, and {near:.3g} between others "
            "that are near; expected one that grows with their difference."
        )
    if same > 0.1 * near:
        raise LatentValueError(
            f"distance is {same:.3g} between outputs and themselves, and {near:.3g} between others "
            "that are near; expected 0. Take off what it gives for an output and itself."
        )
    return bool((far - same) / (near - same) > 2**1.5)


def _compared(function: Callable[[Any, Any], Any], a: Any, b: Any) -> Float64:
    wanted = f"for {len(a)} pairs of outputs; expected one number each"
    found = _called(function, "distance", wanted, a, b)
    if found.shape != (len(a),):
        raise LatentValueError(
            f"distance returned shape {found.shape} {wanted}. Add up or average along the others, "
            "such as with .reshape(len(a), -1).mean(axis=1)."
        )
    if not (fine := np.isfinite(found) & (found >= -1e-6)).all():
        raise LatentValueError(
            f"distance returned {brief(float(found[~fine][0]))} for {(~fine).sum()} of {len(a)} "
            f"pairs of outputs, which have shape {np.shape(a)[1:]}; expected finite numbers of at "
            "least 0. Look at what it makes of such outputs, or take distance='l2'."
        )
    return np.maximum(found, 0.0)


def _features(function: Callable[[Any], Any], outputs: NDArray[Any]) -> Float64:
    wanted = f"for {len(outputs)} outputs; expected (n, ...), a row of features for each"
    found = _called(function, "features", wanted, outputs)
    if found.ndim < 2 or len(found) != len(outputs):
        raise LatentValueError(f"features returned shape {found.shape} {wanted}.")
    if not np.isfinite(found).all():
        raise LatentValueError(
            f"features returned NaN or infinity for outputs of shape {np.shape(outputs)[1:]}; "
            "expected finite numbers. Look at what it makes of such outputs."
        )
    return found


def _called(function: Callable[..., Any], what: str, wanted: str, *batches: Any) -> Float64:
    try:
        found = function(*batches)
    except LatentWidgetsError:
        raise
    except Exception as error:  # a function of the person's own may raise anything
        raise LatentTypeError(
            f"{what} failed: {type(error).__name__}: {short(str(error)).rstrip('.')}. It got "
            f"float32 outputs of shape {np.shape(batches[0])}, as the model returns them."
        ) from error
    # One number for all of them, or none.
    if found is None or isinstance(found, Number) or getattr(found, "shape", None) == ():
        raise LatentTypeError(
            f"{what} returned {brief(found)} {wanted}. It takes batches: keep the first axis."
        )
    return real_array(detached(found, what), f"the numbers of {what}").astype(np.float64)


def _unit(embed: Embed | None, outputs: NDArray[Any]) -> Float64:
    """Scale outputs, or features of them, to norm 1."""
    rows = outputs if embed is None else embed(outputs)
    rows = rows.reshape(len(rows), -1).astype(np.float64)
    lengths = _lengths(rows)
    if not lengths.all():
        raise LatentValueError(
            f"{(lengths == 0).sum()} of {len(rows)} outputs hold nothing but zeros, which have no "
            "cosine with others. Take distance='l2'."
        )
    unit: Float64 = rows / lengths[:, np.newaxis]
    return unit


def _lengths(rows: NDArray[Any]) -> Float64:
    flat = rows.reshape(len(rows), -1)
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", flat, flat, dtype=np.float64)))


def _named(function: Any) -> str:
    """Give the name of a function; an empty text for one that has none."""
    name = getattr(function, "__name__", type(function).__name__)
    return "" if name == "<lambda>" else short(name)
