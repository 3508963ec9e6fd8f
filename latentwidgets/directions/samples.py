"""The latents that directions are found in: checked, flat, and measured along a vector."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from latentwidgets._version import __version__
from latentwidgets.common.checks import check_finite, real_array
from latentwidgets.directions.direction import Direction
from latentwidgets.directions.evidence import Evidence
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Data", "fingerprint", "plain", "provenance", "signed"]

# The ends of a slider: percentiles of the data along its direction.
PERCENTILES = (0.5, 99.5)
# Where these are nearer than so many sigmas, as in sparse latents: least and most of the data.
SLIT = 1e-3


class Data:
    """Latents as the rows of a matrix.

    Parameters
    ----------
    latents : array_like
        ``(n, *latent_shape)``, finite, n at least 2.
    name : str
        What to call them in messages.
    varied : bool
        Whether to refuse latents that are all the same.

    Attributes
    ----------
    rows : ndarray
        The latents less `shift`, float32 or float64, ``(n, latent_size)``.
    shift : ndarray
        Their mean to the rounding of their dtype, float64 ``(latent_size,)``.
    latent_shape : tuple of int
        Shape of one latent.
    mean : ndarray
        float64 ``(latent_size,)``.
    fingerprint : str
        Of the latents as they came.
    """

    def __init__(self, latents: ArrayLike, name: str = "latents", *, varied: bool = True) -> None:
        array = real_array(latents, name)
        if array.ndim < 2 or len(array) < 2:
            raise LatentValueError(
                f"{name} have shape {array.shape}; expected two or more: (n, *latent_shape)."
            )
        check_finite(array, name)
        if array.dtype not in (np.float32, np.float64):
            array = array.astype(np.float64)
        given = np.ascontiguousarray(array.reshape(len(array), -1))
        if varied and not (given != given[0]).any():
            raise LatentValueError(
                f"all {len(array)} {name} are the same; expected some that differ. Encode "
                "different items."
            )
        self.latent_shape = array.shape[1:]
        self.fingerprint = fingerprint(given, self.latent_shape)
        # Far from 0, products of float32 would be mostly rounding.
        shift = given.mean(axis=0, dtype=np.float64).astype(given.dtype)
        self.rows = given - shift
        self.shift = shift.astype(np.float64)
        # What varies by rounding alone does not vary.
        spread = self.rows.std(axis=0, dtype=np.float64)
        self.rows[:, spread <= 10 * np.finfo(given.dtype).eps * np.abs(self.shift)] = 0
        self.mean = self.shift + self.rows.mean(axis=0, dtype=np.float64)

    def __len__(self) -> int:
        return len(self.rows)

    def provenance(self, found_by: str, **parameters: Any) -> dict[str, Any]:
        """Say how something was found in these latents, so that it can be found again."""
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
    ) -> Direction:
        """Make a direction, with its statistics over these latents.

        Parameters
        ----------
        name, method, evidence, provenance
            As of `Direction`.
        vector : ndarray
            What to move along, flat, of any norm.
        readout : ndarray, optional
            What to measure with, flat. The unit vector if None.
        offset : float, optional
            Of the readout of `rows`. If None, the one with which the mean measures 0.

        Returns
        -------
        Direction
            The direction.

        Raises
        ------
        LatentValueError
            If the latents do not vary along it.
        """
        norm = float(np.linalg.norm(vector))
        unit = np.asarray(vector, np.float64) / (norm or 1.0)
        along = (self.rows @ unit.astype(self.rows.dtype)).astype(np.float64)
        sigma = float(along.std())
        # Numbers that hardly vary beside what their dtype can tell apart do so by rounding.
        rounding = 4 * np.finfo(self.rows.dtype).eps * float(np.abs(self.shift) @ np.abs(unit))
        if norm == 0:
            raise LatentValueError(
                f"nothing was found for {name!r}: no number of the latents counts, as where means "
                "are equal or a penalty is too strong. Leave it out, or pass a weaker penalty."
            )
        if sigma <= rounding:
            raise LatentValueError(
                f"the latents do not vary along {name!r}: there is nothing to move by. Leave it "
                "out, or give latents that differ."
            )
        weights = unit if readout is None else np.asarray(readout, np.float64)
        if offset is None:
            offset = -float((self.mean - self.shift) @ weights)
        measured = (self.rows @ weights.astype(self.rows.dtype)).astype(np.float64)
        along = (along - along.mean()) / sigma
        low, high = np.percentile(along, PERCENTILES)
        if high - low < SLIT:
            low, high = along.min(), along.max()
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
    """Turn rows so that the entry of largest magnitude is positive (the first of equals).

    The sign of a component is arbitrary; by a rule, a slider does not flip between runs.
    """
    rows = np.asarray(vectors, np.float64)
    peaks = np.take_along_axis(rows, np.abs(rows).argmax(axis=1)[:, None], axis=1)
    return rows * np.where(peaks < 0, -1.0, 1.0)


def fingerprint(*arrays: Any) -> str:
    """Give a short name of some arrays: the same for the same numbers, on any day."""
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
    """Say how something was found, so that it can be found again."""
    return {
        "method": found_by,
        "parameters": json.loads(json.dumps(parameters, default=plain)),
        "data": data,
        "latentwidgets": __version__,
    }


def plain(value: Any) -> Any:
    """Give what JSON can hold in place of a number or an array of NumPy."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
