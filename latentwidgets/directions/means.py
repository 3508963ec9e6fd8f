"""Differences of means: what leads from one group of latents to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from latentwidgets.directions.scoring import cosine, resampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["bootstrap_cosines", "mean_differences"]


def bootstrap_cosines(
    rows: NDArray[np.floating], values: NDArray[np.bool_], bootstraps: int, seed: int
) -> list[float]:
    """Give the cosines between the difference of means and those of bootstrap samples.

    Parameters
    ----------
    rows : ndarray
        Flat latents, ``(n, latent_size)``.
    values : ndarray
        Which are in the group that the difference leads to: bool ``(n,)``.
    bootstraps : int
        How many samples, each with as many of either group as there are.
    seed : int
        For drawing.
    """
    labels = values[:, None].astype(np.float64)
    step = mean_differences(rows, labels)[0][:, 0]
    return [
        cosine(step, mean_differences(rows[sample], labels[sample])[0][:, 0])
        for sample in resampled(values, bootstraps, seed)
    ]


def mean_differences(
    rows: NDArray[np.floating], labels: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the difference between the means of both classes, and the middle between them.

    Parameters
    ----------
    rows : ndarray
        Flat latents, ``(n, latent_size)``.
    labels : ndarray
        0 and 1, ``(n, columns)``.

    Returns
    -------
    difference, middle : ndarray
        One a column of labels, ``(latent_size, columns)``.
    """
    yes = np.maximum(labels.sum(axis=0), 1)
    no = np.maximum((1 - labels).sum(axis=0), 1)
    above = rows.T @ (labels / yes)
    below = rows.T @ ((1 - labels) / no)
    return above - below, (above + below) / 2
