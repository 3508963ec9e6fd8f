"""The latents that directions are found in: checked, flat, and with statistics along a vector."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets._version import __version__
from latentwidgets.common.checks import real_array, to_float32
from latentwidgets.common.wording import brief
from latentwidgets.directions.direction import USUAL_LIMITS, Direction
from latentwidgets.directions.evidence import Evidence
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "EQUAL_MEANS",
    "NO_WEIGHTS",
    "Data",
    "fingerprint",
    "plain",
    "provenance",
    "refuse_latents",
    "signed",
]

# The limits of a direction: percentiles of the data along it.
PERCENTILES = (0.5, 99.5)
# Where these are closer than so many sigmas, since nearly all latents have one value, the smallest
# and the largest value are taken instead.
LEAST_WIDTH = 1e-3
# Latents of larger numbers than this, and of numbers that are all below its inverse, are worked on
# in float64.
EXTREME = 1e15
# Why a method that subtracts two means finds nothing, and the way out.
EQUAL_MEANS = (
    "the means of the two sides are equal",
    "Look whether both have the same latents, or leave it out.",
)
# Why a fit with a penalty does; a probe of two classes moves along a difference of means, too.
NO_WEIGHTS = (
    "no number of the latents counts, as where means are equal or a penalty too strong",
    "Leave it out, or weaken the penalty.",
)
# The reason where the caller gives none.
NO_VECTOR = ("its vector is 0", "Leave it out.")


class Data:
    """Latents as the rows of a matrix.

    Parameters
    ----------
    latents : array_like
        Real and finite, ``(n, *latent_shape)``, n at least 2.
    name : str
        What to call them in messages.
    varied : bool
        Whether to refuse latents that are all the same.

    Attributes
    ----------
    rows : ndarray
        The latents less `shift`, float32 or float64, ``(n, latent_size)``. A column that varies by
        rounding alone is 0.
    shift : ndarray
        The mean of the latents, rounded to their dtype, as float64 ``(latent_size,)``.
    latent_shape : tuple of int
        Shape of one latent.
    mean : ndarray
        The mean of the latents, float64 ``(latent_size,)``.
    fingerprint : str
        A short name of the latents as they were given: the same for the same numbers.

    Raises
    ------
    LatentTypeError, LatentValueError
        If the latents cannot be used.

    Examples
    --------
    >>> data = Data([[1.0, 2.0], [3.0, 2.0]])
    >>> data.rows.tolist(), data.mean.tolist()
    ([[-1.0, 0.0], [1.0, 0.0]], [2.0, 2.0])
    """

    def __init__(self, latents: ArrayLike, name: str = "latents", *, varied: bool = True) -> None:
        array = real_array(latents, name)
        if array.ndim < 2 or len(array) < 2:
            raise LatentValueError(
                f"{name} have shape {array.shape}; expected two or more: (n, *latent_shape)."
            )
        to_float32(array, name)  # which refuses what is not finite, or no latent could hold
        # Of such numbers float32 cannot hold the squares.
        extent = float(np.abs(array).max())
        if array.dtype != np.float32 or not 1 / EXTREME < extent < EXTREME:
            array = array.astype(np.float64)
        given = np.ascontiguousarray(array.reshape(len(array), -1))
        # Differences whose squares are 0 are none that could be measured.
        spread = given.var(axis=0, dtype=np.float64)
        if varied and not ((given != given[0]).any() and spread.any()):
            raise LatentValueError(
                f"all {len(array)} {name} are the same; expected some that differ. Encode "
                "different items."
            )
        self.latent_shape = array.shape[1:]
        # In float32, so that latents are the same in whatever dtype they are passed.
        self.fingerprint = fingerprint(given.astype(np.float32, copy=False), self.latent_shape)
        # The mean is taken off: far from 0, products of float32 numbers would be mostly rounding.
        shift = given.mean(axis=0, dtype=np.float64).astype(given.dtype)
        self.rows = given - shift
        self.shift = shift.astype(np.float64)
        # A column whose spread is within the rounding of its values counts as constant.
        spread = self.rows.std(axis=0, dtype=np.float64)
        self.rows[:, spread <= 10 * np.finfo(given.dtype).eps * np.abs(self.shift)] = 0
        self.mean = self.shift + self.rows.mean(axis=0, dtype=np.float64)

    def __len__(self) -> int:
        return len(self.rows)

    def provenance(self, found_by: str, **parameters: Any) -> dict[str, Any]:
        """Make the provenance of something found in these latents; see `provenance`."""
        return provenance(found_by, self.fingerprint, **parameters)

    def direction(
        self,
        name: str,
        vector: NDArray[np.floating],
        *,
        readout: NDArray[np.floating] | None = None,
        offset: float | None = None,
        method: str,
        evidence: Evidence,
        provenance: Mapping[str, Any],
        paired: bool = False,
        if_zero: tuple[str, str] = NO_VECTOR,
    ) -> Direction:
        """Make a direction, with sigma, mean and limits taken from these latents.

        Parameters
        ----------
        name, method, evidence, provenance
            As `Direction` takes them.
        vector : ndarray
            What to move along, ``(latent_size,)``, of any norm.
        readout : ndarray, optional
            What to measure with, ``(latent_size,)``. The vector, scaled to norm 1, if None.
        offset : float, optional
            What is added where the readout measures `rows`. If None, the one with which the mean
            of the latents measures 0.
        paired : bool
            Whether the latents are the two sides of pairs, about one sigma to both sides of the
            mean: to move one of them to the other side and beyond, the limits are the usual ones at
            least.
        if_zero : tuple of str
            Why nothing was found where the vector is 0, and the way out.

        Returns
        -------
        Direction
            It moves and measures latents as they were given, not less `shift`.

        Raises
        ------
        LatentValueError
            If the latents do not vary along it.
        """
        norm = float(np.linalg.norm(vector))
        unit = np.asarray(vector, np.float64) / (norm or 1.0)
        along = (self.rows @ unit.astype(self.rows.dtype)).astype(np.float64)
        sigma = float(along.std())
        # The largest sigma that the rounding of the latents in their dtype can cause.
        rounding = 4 * np.finfo(self.rows.dtype).eps * float(np.abs(self.shift) @ np.abs(unit))
        if norm == 0:
            why, way = if_zero
            raise LatentValueError(f"nothing was found for {brief(name)}: {why}", way=way)
        if sigma <= rounding:
            raise LatentValueError(
                f"the latents do not vary along {brief(name)}: there is nothing to move by",
                way="Leave it out, or give latents that differ.",
            )
        weights = unit if readout is None else np.asarray(readout, np.float64)
        if offset is None:
            offset = -float((self.mean - self.shift) @ weights)
        measured = (self.rows @ weights.astype(self.rows.dtype)).astype(np.float64)
        along = (along - along.mean()) / sigma
        low, high = np.percentile(along, PERCENTILES)
        if high - low < LEAST_WIDTH:
            low, high = along.min(), along.max()
        if paired:
            low, high = min(low, USUAL_LIMITS[0]), max(high, USUAL_LIMITS[1])
        return Direction(
            name,
            unit.reshape(self.latent_shape),
            readout=weights.reshape(self.latent_shape),
            offset=offset - float(self.shift @ weights),
            sigma=sigma,
            mean=self.mean.reshape(self.latent_shape),
            limits=(float(low), float(high)),
            readout_mean=float(measured.mean()) + offset,
            readout_sigma=float(measured.std()),
            method=method,
            evidence=evidence,
            provenance=provenance,
        )


def signed(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Flip rows so that the entry of largest magnitude in each, the first of equals, is positive.

    The sign of a component is arbitrary. With this rule, a slider has the same way round in every
    run.

    Parameters
    ----------
    vectors : ndarray
        ``(n, latent_size)``.

    Returns
    -------
    ndarray
        float64 ``(n, latent_size)``.

    Examples
    --------
    >>> signed(np.array([[1.0, -2.0], [3.0, 1.0]])).tolist()
    [[-1.0, 2.0], [3.0, 1.0]]
    """
    rows = np.asarray(vectors, np.float64)
    peaks = np.take_along_axis(rows, np.abs(rows).argmax(axis=1)[:, None], axis=1)
    return rows * np.where(peaks < 0, -1.0, 1.0)


def fingerprint(*arrays: Any) -> str:
    """Give a short name of some arrays: the same for the same numbers, on any day.

    Examples
    --------
    >>> fingerprint([1, 2]) == fingerprint([1, 2]), fingerprint([1, 2]) == fingerprint([2, 1])
    (True, False)
    """
    digest = hashlib.blake2b(digest_size=12)
    for given in arrays:
        array = np.ascontiguousarray(given)
        digest.update(f"{array.dtype} {array.shape}".encode())
        if array.dtype == object:
            digest.update(repr(array.tolist()).encode())
        else:
            digest.update(array.tobytes())
    return digest.hexdigest()


def provenance(found_by: str, data: str | None, **parameters: Any) -> dict[str, Any]:
    """Say how something was found, so that it can be found again.

    Parameters
    ----------
    found_by : str
        The method.
    data : str or None
        The fingerprint of the latents; None where none were needed.
    **parameters
        With which arguments, the seed among them.

    Returns
    -------
    dict
        What JSON can hold: "method", "parameters", "data", and the version of this package as
        "latentwidgets".
    """
    return {
        "method": found_by,
        "parameters": json.loads(json.dumps(parameters, default=plain)),
        "data": data,
        "latentwidgets": __version__,
    }


def refuse_latents(latents: Any, labels: Any) -> None:
    """Refuse a second group of latents in the place of labels, and say how to pass it.

    Raises
    ------
    LatentValueError
        If labels have no names and are of the shape of latents, and cannot be a table of labels.

    Examples
    --------
    >>> refuse_latents(np.zeros((9, 2)), np.zeros((9, 2), int))  # two columns of labels
    >>> refuse_latents(np.zeros((9, 2)), np.zeros((7, 2)))
    Traceback (most recent call last):
    latentwidgets.errors.LatentValueError: labels have the shape of latents, (7, 2). If they are the
    group that the direction leads from, pass it by name: difference_directions(latents,
    other=...), and name=... to call the direction something.
    """
    if isinstance(labels, Mapping) or hasattr(labels, "columns"):
        return
    try:
        shapes = np.shape(latents), np.shape(labels)
    except Exception:  # rows of different length, or what no array can be made of: others refuse it
        return
    ours, theirs = shapes
    if len(theirs) < 2 or ours[1:] != theirs[1:]:
        return
    if len(theirs) > 2 or ours[0] != theirs[0]:
        raise LatentValueError(
            f"labels have the shape of latents, {theirs}. If they are the group that the direction "
            "leads from, pass it by name: difference_directions(latents, other=...), and name=... "
            "to call the direction something."
        )


def plain(value: Any) -> Any:
    """Turn a number or an array of NumPy, or anything else, into what JSON can hold."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
