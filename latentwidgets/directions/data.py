"""The latents that directions are found in: checked, flat, and measured along a vector."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

import latentwidgets
from latentwidgets.checks import check_finite, real_array
from latentwidgets.directions.direction import Direction, Evidence
from latentwidgets.errors import LatentValueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

__all__ = ["Data", "signed"]

# The ends of a slider: percentiles of the data along its direction.
PERCENTILES = (0.5, 99.5)


class Data:
    """Latents as the rows of a matrix.

    Parameters
    ----------
    latents : array_like
        ``(n, *latent_shape)``, finite, n at least 2.
    name : str
        What to call them in messages.

    Attributes
    ----------
    rows : ndarray
        float32 or float64, ``(n, latent_size)``.
    latent_shape : tuple of int
        Shape of one latent.
    mean : ndarray
        float64 ``(latent_size,)``.
    """

    def __init__(self, latents: ArrayLike, name: str = "latents") -> None:
        array = real_array(latents, name)
        if array.ndim < 2 or len(array) < 2:
            raise LatentValueError(
                f"{name} have shape {array.shape}; expected two or more: (n, *latent_shape)."
            )
        check_finite(array, name)
        if array.dtype not in (np.float32, np.float64):
            array = array.astype(np.float64)
        self.latent_shape = array.shape[1:]
        self.rows = np.ascontiguousarray(array.reshape(len(array), -1))
        self.mean = self.rows.mean(axis=0, dtype=np.float64)
        if not (self.rows != self.rows[0]).any():
            raise LatentValueError(
                f"all {len(array)} {name} are the same; expected some that differ. Encode "
                "different items."
            )

    def __len__(self) -> int:
        return len(self.rows)

    def provenance(self, found_by: str, **parameters: Any) -> dict[str, Any]:
        """Say how something was found in these latents, so that it can be found again."""
        digest = hashlib.blake2b(self.rows.data, digest_size=12)
        digest.update(str((self.rows.dtype.str, len(self.rows), self.latent_shape)).encode())
        return {
            "method": found_by,
            "parameters": json.loads(json.dumps(parameters, default=_plain)),
            "data": digest.hexdigest(),
            "latentwidgets": latentwidgets.__version__,
        }

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
            Of the readout. If None, the one with which the mean measures 0.

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
        if norm == 0 or sigma <= 1e-7 * max(1.0, float(np.abs(along).max())):
            raise LatentValueError(
                f"the latents do not vary along {name!r}: there is nothing to move by. Leave it "
                "out, or give latents that differ."
            )
        weights = unit if readout is None else np.asarray(readout, np.float64)
        if offset is None:
            offset = -float(self.mean @ weights)
        measured = self.rows @ weights.astype(self.rows.dtype)
        low, high = np.percentile(along - self.mean @ unit, PERCENTILES) / sigma
        return Direction(
            name,
            unit.reshape(self.latent_shape),
            readout=weights.reshape(self.latent_shape),
            offset=offset,
            sigma=sigma,
            mean=self.mean.reshape(self.latent_shape),
            limits=(float(low), float(high)),
            readout_mean=float(self.mean @ weights) + offset,
            readout_sigma=float(measured.std(dtype=np.float64)),
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


def _plain(value: Any) -> Any:
    """Give what JSON can hold in place of a number or an array of NumPy."""
    return value.tolist() if hasattr(value, "tolist") else str(value)
